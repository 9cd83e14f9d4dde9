//! The notes of one version for editing: the text with explanations above it, the text without them, and its way back into the section.
//! Other bytes of the document are never changed.

use crate::domain::version::form;
use std::collections::HashSet;

use super::blocks::{line_end, line_start};
use super::document::{Document, Section};
use super::title::Title;

/// The beginning of relwatch's own comment lines. `<!-- relwatch:skip` is another kind, which users write.
const OURS: &str = "<!-- relwatch: ";

/// The entries that differ between two states of a section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    pub come: Vec<String>,
    pub gone: Vec<String>,
}

impl News {
    /// The entries added to `before` and removed from it to get `now`.
    pub fn between(before: &str, now: &str) -> News {
        let (before, now) = (entries(before), entries(now));
        let missing = |of: &[String], from: &[String]| {
            let from: HashSet<&String> = from.iter().collect();
            of.iter()
                .filter(|entry| !from.contains(entry))
                .cloned()
                .collect()
        };
        News {
            come: missing(&now, &before),
            gone: missing(&before, &now),
        }
    }
}

/// The notes of `version` in a changelog after the cut, in the form that [`typed`] returns; `None` if they are not UTF-8, or there is no
/// such section.
pub fn generated(released: &[u8], version: &str) -> Option<String> {
    let doc = Document::parse(released);
    let body = section_of(&doc, version)?.body.clone();
    std::str::from_utf8(&released[body]).ok().map(typed)
}

/// The text for the editor, with an explanation, and with the changes since it was typed.
pub fn explained(tag: &str, text: &str, news: &News) -> String {
    let mut out = String::new();
    let mut say = |what: &str| out.push_str(&format!("{OURS}{} -->\n", in_comment(what)));
    say(&format!(
        "these are the notes of {tag}; edit them, save and close to go on"
    ));
    say("an empty text stops the release; lines like this one are removed");
    for entry in &news.come {
        say(&format!("new since you typed this: {entry}"));
    }
    for entry in &news.gone {
        say(&format!("gone since you typed this: {entry}"));
    }
    format!("{out}\n{text}\n")
}

/// The text that the user typed: without relwatch's comment lines, without blank lines around it, with `\n` at line ends.
pub fn typed(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text); // some editors put one
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !(line.starts_with(OURS) && line.trim_end().ends_with("-->")))
        .skip_while(|line| line.trim().is_empty())
        .collect();
    lines.join("\n").trim_end().to_owned()
}

/// The changelog with `text` as the notes of `version`, the version that was just cut.
///
/// # Errors
/// Fails if the text would change the structure of the document around it; the error contains the line that does so.
pub fn replaced(released: &[u8], version: &str, text: &str) -> Result<Vec<u8>, String> {
    let before = Document::parse(released);
    let Some(section) = section_of(&before, version) else {
        return Err(format!("there is no section of {version} to put it into"));
    };
    let (start, end) = (section.body.start, section.body.end);
    let eol = before.eol;
    let close = match (end < released.len(), released.ends_with(b"\n")) {
        (true, _) => eol.repeat(2),
        (false, true) => eol.to_owned(),
        (false, false) => String::new(),
    };
    let body = format!("{eol}{}{close}", text.replace('\n', eol));
    let out = [&released[..start], body.as_bytes(), &released[end..]].concat();
    let after = Document::parse(&out);
    let text_end = start + body.len();
    if let Some(line) = ends_section(&after, version, text_end) {
        let level = section.level;
        return Err(format!(
            "`{line}` would end the section of {version}; a heading in it has more than {level} `#` and names no version"
        ));
    }
    if let Some(line) = lost(&before, end, &after, text_end) {
        return Err(format!(
            "`{line}` below it would no longer count; close every code fence and comment, and define no link that is defined there"
        ));
    }
    Ok(out)
}

/// The section right below Unreleased, where a cut puts it, or else the first one: a version may have a second section by mistake.
fn section_of<'d>(doc: &'d Document<'d>, version: &str) -> Option<&'d Section> {
    let unreleased = doc
        .sections
        .iter()
        .position(|s| s.title == Title::Unreleased);
    let section = doc.sections.get(unreleased.map_or(0, |at| at + 1))?;
    matches!(&section.title, Title::Version(v) if form::is_same(v, version)).then_some(section)
}

/// The line before `end` that ends the section. Link definitions do not end it: they may be below any text.
fn ends_section(doc: &Document<'_>, version: &str, end: usize) -> Option<String> {
    let mut at = section_of(doc, version).map_or(end, |section| section.body.end);
    while at < end {
        let next = line_end(doc.bytes, at + 1).min(end);
        let blank = doc.bytes[at..next].iter().all(u8::is_ascii_whitespace);
        if !blank && !doc.links.iter().any(|link| link.span.contains(&at)) {
            return Some(line_at(doc, at));
        }
        at = next;
    }
    None
}

/// The first heading or link definition from `before_end` on that is not one in `after`, where the same bytes begin at `after_end`.
fn lost(
    before: &Document<'_>,
    before_end: usize,
    after: &Document<'_>,
    after_end: usize,
) -> Option<String> {
    let headings: HashSet<usize> = after.sections.iter().map(|s| s.heading.start).collect();
    let links: HashSet<usize> = after.links.iter().map(|l| l.span.start).collect();
    let stays = |at: usize, found: &HashSet<usize>| found.contains(&(at - before_end + after_end));
    let heading = before
        .sections
        .iter()
        .map(|section| section.heading.start)
        .find(|at| *at >= before_end && !stays(*at, &headings));
    let link = before
        .links
        .iter()
        .map(|link| link.span.start)
        .find(|at| *at >= before_end && !stays(*at, &links));
    heading.or(link).map(|at| line_at(before, at))
}

fn line_at(doc: &Document<'_>, at: usize) -> String {
    let line = line_start(doc.bytes, at)..line_end(doc.bytes, at + 1);
    doc.text(&line).trim().to_owned()
}

/// Every list item in a section's text, on one line.
fn entries(notes: &str) -> Vec<String> {
    let text = format!("## [Unreleased]\n\n{notes}\n");
    let doc = Document::parse(text.as_bytes());
    let categories = doc.unreleased().map(|section| section.categories.iter());
    let items = categories.into_iter().flatten().flat_map(|c| &c.items);
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    items.map(|item| folded(&doc.text(item))).collect()
}

/// A text changed so that it does not end a comment and every HTML parser accepts it inside one.
fn in_comment(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("--") {
        text = text.replace("--", "- -");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOC: &str = "# Log\n\n## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n### Added\n\n- a\n\n## [0.1.0]\n\n- x\n\n[0.1.0]: https://example.org/v0.1.0\n";

    fn put(doc: &str, text: &str) -> Result<String, String> {
        replaced(doc.as_bytes(), "0.2.0", text).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn only_our_own_lines_are_removed() {
        let news = News {
            come: vec!["- a --> b --- c".into()],
            gone: vec!["- d".into()],
        };
        let text =
            "<!-- mine -->\n\n    code\n\n<!-- relwatch:skip #1 -->\n<!-- relwatch: two\nlines -->";
        let shown = explained("v0.2.0", text, &news);
        assert_eq!(
            shown,
            format!(
                "<!-- relwatch: these are the notes of v0.2.0; edit them, save and close to go on -->\n<!-- relwatch: an empty text stops the release; lines like this one are removed -->\n<!-- relwatch: new since you typed this: - a - -> b - - - c -->\n<!-- relwatch: gone since you typed this: - d -->\n\n{text}\n"
            )
        );
        assert_eq!(typed(&shown), text);
        assert_eq!(typed(&shown.replace('\n', "\r\n")), text);
        assert_eq!(typed("\u{feff}\n  \n  - a\n\n"), "  - a");
        assert_eq!(typed(&explained("v0.2.0", " \n\t", &News::default())), "");
    }

    #[test]
    fn the_text_takes_the_place_of_the_body_and_nothing_else_moves() {
        assert_eq!(
            generated(DOC.as_bytes(), "0.2.0").unwrap(),
            "### Added\n\n- a"
        );
        assert_eq!(generated(DOC.as_bytes(), "0.1.0"), None, "not the newest");
        assert_eq!(
            put(DOC, "One.\n\n- two").unwrap(),
            DOC.replace("### Added\n\n- a", "One.\n\n- two")
        );
        let windows = DOC.replace('\n', "\r\n");
        assert_eq!(
            put(&windows, "One.\n\n- two").unwrap(),
            windows.replace("### Added\r\n\r\n- a", "One.\r\n\r\n- two")
        );
        let last = "## Unreleased\n\n## 0.2.0\n- a";
        assert_eq!(put(last, "b").unwrap(), "## Unreleased\n\n## 0.2.0\n\nb");
        let linked = "## Unreleased\n\n## 0.2.0\n- a\n\n\n[x]: y\n";
        assert_eq!(
            put(linked, "b").unwrap(),
            "## Unreleased\n\n## 0.2.0\n\nb\n\n[x]: y\n"
        );
        assert_eq!(
            put(last, "b [z]\n\n[z]: w").unwrap(),
            "## Unreleased\n\n## 0.2.0\n\nb [z]\n\n[z]: w"
        );
    }

    #[test]
    fn a_text_that_breaks_the_document_is_refused_by_its_line() {
        for (text, line) in [
            ("a\n\n## [9.9.9]\n\nb", "`## [9.9.9]` would end"),
            ("### 9.9.9 - 2026-01-01", "`### 9.9.9 - 2026-01-01` would"),
            ("## [Unreleased]", "`## [Unreleased]` would end"),
            ("## [0.1.0]\n\n```", "`## [0.1.0]` would end"),
            ("[a]: b\n\n# More", "`# More` would end"),
            ("More\n===", "`More` would end"),
            ("a\n\n```\nb", "`## [0.1.0]` below it"),
            ("a\n\n<!-- b", "`## [0.1.0]` below it"),
            (
                "[0.1.0]: https://example.net",
                "`[0.1.0]: https://example.org/v0.1.0` below it",
            ),
        ] {
            let refused = put(DOC, text).unwrap_err();
            assert!(refused.starts_with(line), "{text:?}: {refused}");
        }
        put(DOC, "```\n## [9.9.9]\n```\n\n<!-- ## [8.8.8] -->").unwrap();
    }

    #[test]
    fn entries_that_came_and_went_are_found_wherever_they_stand() {
        let news = News::between(
            "### Added\n\n- a\n- b\n  more",
            "### Fixed\n\n- c\n\n  - inner\n- a\n\nprose",
        );
        assert_eq!(news.come, ["- c - inner"]);
        assert_eq!(news.gone, ["- b more"]);
    }
}
