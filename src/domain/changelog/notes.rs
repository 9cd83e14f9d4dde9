//! The notes of a release as a person edits them: with a word of explanation, and back.

use super::document::Document;
use super::merge::{Style, merge};

/// How lines that relwatch adds for the reader begin; they are taken out again.
const HINT: &str = "<!-- relwatch: ";

/// The text to edit: what is going on, then the notes.
pub fn offered(tag: &str, notes: &str, hints: &[&str]) -> String {
    let mut text = String::new();
    let what = format!("these are the notes of {tag}; edit them, save and close to go on");
    let rules = "an empty text stops the release; lines like this one are taken out";
    for hint in [what.as_str(), rules].iter().chain(hints) {
        text.push_str(&format!("{HINT}{hint} -->\n"));
    }
    format!("{text}\n{notes}\n")
}

/// What was typed, without our own lines and without blank lines at either end.
pub fn typed(text: &str) -> String {
    let is_hint = |line: &str| line.starts_with(HINT) && line.trim_end().ends_with("-->");
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().filter(|line| !is_hint(line)).collect();
    let blank = |line: &&&str| line.trim().is_empty();
    let start = lines.iter().take_while(blank).count();
    let end = lines.len() - lines[start..].iter().rev().take_while(blank).count();
    lines[start..end].join("\n")
}

/// What was typed earlier, brought up to what the notes have become since. `None` if both changed the same entry.
pub fn caught_up(before: &str, now: &str, typed: &str) -> Option<String> {
    const HEAD: &str = "## [Unreleased]\n\n";
    let [before, now, typed] =
        [before, now, typed].map(|text| format!("{HEAD}{text}\n").into_bytes());
    let style = Style {
        marker_size: 7,
        with_base: false,
        order: &[],
    };
    let merged = merge(&before, &typed, &now, &style).filter(|m| m.conflicts == 0)?;
    let text = String::from_utf8(merged.bytes).ok()?;
    Some(text.strip_prefix(HEAD)?.trim_end().to_owned())
}

/// The changelog with `notes` as the text of a version's section.
///
/// # Errors
/// If it would not hold the same sections then: the text has a heading of a version, or an open fence or comment. Says which.
pub fn replaced(released: &[u8], version: &str, notes: &str) -> Result<Vec<u8>, String> {
    let doc = Document::parse(released);
    let Some(section) = doc.version(version) else {
        return Err(format!("there is no section for {version}"));
    };
    let eol = doc.eol;
    let rest = &released[section.body.end..];
    let mut out = released[..section.heading.end].to_vec();
    out.extend_from_slice(eol.as_bytes());
    for line in notes.lines() {
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(eol.as_bytes());
    }
    if !rest.is_empty() {
        out.extend_from_slice(eol.as_bytes());
    }
    out.extend_from_slice(rest);
    let titles =
        |doc: &Document<'_>| -> Vec<_> { doc.sections.iter().map(|s| s.title.clone()).collect() };
    let after = Document::parse(&out);
    // Links may stand at a section's end; a heading of its level would end it.
    let whole = after.version(version).is_some_and(|section| {
        let left = &out[section.body.end.min(out.len() - rest.len())..out.len() - rest.len()];
        let left = String::from_utf8_lossy(left);
        !left.lines().any(|line| line.starts_with(['#', '=']))
    });
    if whole && titles(&after) == titles(&doc) {
        return Ok(out);
    }
    let alone = Document::parse(notes.as_bytes());
    Err(match alone.sections.first() {
        Some(section) => format!(
            "its line {} is the heading of a section, `{}`",
            alone.line_number(section.heading.start),
            alone.text(&section.heading).trim()
        ),
        None => "it leaves a code fence or a comment open, or has a heading above the level of categories".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_come_and_go() {
        let text = offered("v1.0.0", "### Added\n\n- a", &["one more"]);
        assert_eq!(text.matches(HINT).count(), 3);
        assert_eq!(typed(&text), "### Added\n\n- a");
        assert_eq!(
            typed("\u{feff}\r\n<!-- mine -->\r\n\r\n- a\r\n\r\n"),
            "<!-- mine -->\n\n- a"
        );
        assert_eq!(typed(&offered("v1.0.0", "", &[])), "");
    }

    #[test]
    fn what_was_typed_earlier_gets_what_is_new() {
        let before = "### Added\n\n- a\n- b";
        let typed = "A theme.\n\n### Added\n\n- a, in other words\n- b";
        let now = "### Added\n\n- a\n- b\n- c\n\n### Fixed\n\n- d";
        assert_eq!(
            caught_up(before, now, typed).unwrap(),
            "A theme.\n\n### Added\n\n- a, in other words\n- b\n- c\n\n### Fixed\n\n- d"
        );
        assert_eq!(
            caught_up(before, &now.replace("- a\n", "- a, anew\n"), typed),
            None
        );
    }

    #[test]
    fn notes_take_the_place_of_the_section() {
        let text = b"# Log\r\n\r\n## [Unreleased]\r\n\r\n## [1.1.0] - 2026-01-30\r\n\r\n- a\r\n\r\n## 1.0.0\r\n\r\n[1.1.0]: x\r\n";
        assert_eq!(
            String::from_utf8(replaced(text, "1.1.0", "A\n\n- b").unwrap()).unwrap(),
            "# Log\r\n\r\n## [Unreleased]\r\n\r\n## [1.1.0] - 2026-01-30\r\n\r\nA\r\n\r\n- b\r\n\r\n## 1.0.0\r\n\r\n[1.1.0]: x\r\n"
        );
        let why = replaced(text, "1.1.0", "- b\n\n## [9.9.9]\n").unwrap_err();
        assert_eq!(why, "its line 3 is the heading of a section, `## [9.9.9]`");
        assert!(
            replaced(text, "1.1.0", "```\n")
                .unwrap_err()
                .contains("open")
        );
        assert!(replaced(text, "1.1.0", "# Whatever\n").is_err());
    }
}
