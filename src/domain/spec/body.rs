//! Body of a spec: its beginning, its title, and the sections below headings.

use crate::domain::yaml::YamlError;

/// Front matter, body, and number of lines before the front matter.
pub fn split(text: &str) -> Result<(&str, &str, usize), YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first_end = text.find('\n').map_or(text.len(), |at| at + 1);
    if text[..first_end].trim_end() != "---" {
        return Ok(("", text, 0));
    }
    let mut at = first_end;
    for line in text[first_end..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Ok((&text[first_end..at], &text[at + line.len()..], 1));
        }
        at += line.len();
    }
    Err(YamlError {
        line: 1,
        message: "the front matter is not closed by a line `---`".into(),
    })
}

/// Lines of Markdown, each with whether it is outside of fences.
pub fn outside_fences<'t>(
    lines: impl Iterator<Item = &'t str>,
) -> impl Iterator<Item = (bool, &'t str)> {
    let mut fence: Option<String> = None;
    lines.map(move |line| {
        let bare = line.trim();
        let mark = bare.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run: String = mark.map_or(String::new(), |mark| {
            bare.chars().take_while(|c| *c == mark).collect()
        });
        match &fence {
            Some(open) if run.starts_with(open.as_str()) && run == bare => {
                fence = None;
                (false, line)
            }
            Some(_) => (false, line),
            None if run.len() >= 3 => {
                fence = Some(run);
                (false, line)
            }
            None => (true, line),
        }
    })
}

/// Part of a body that is read: up to a line that is one of `stop`. The text after that line quotes whole conversations, so its fences
/// cannot be relied on.
pub fn until<'t>(body: &'t str, stop: &[String]) -> &'t str {
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if stop.iter().any(|heading| heading == line.trim_end()) {
            return &body[..at];
        }
        at += line.len();
    }
    body
}

/// First heading of level one outside of fences, and the text after it.
pub fn titled(body: &str) -> Option<(String, String)> {
    let mut lines = outside_fences(body.lines());
    let title = lines.find_map(|(plain, line)| line.strip_prefix("# ").filter(|_| plain))?;
    let rest: Vec<&str> = lines.map(|(_, line)| line).collect();
    Some((title.trim().to_owned(), rest.join("\n").trim().to_owned()))
}

/// Lines below a heading such as `## Release Notes`, up to the next heading of the same or a higher level.
pub fn section(body: &str, heading: &str) -> Option<String> {
    let level = heading_level(heading);
    let mut found: Option<Vec<&str>> = None;
    for (plain, line) in outside_fences(body.lines()) {
        let here = if plain { heading_level(line) } else { 0 };
        match &mut found {
            Some(_) if (1..=level).contains(&here) => break,
            Some(lines) => lines.push(line),
            None if here == level && name_of(line).eq_ignore_ascii_case(name_of(heading)) => {
                found = Some(Vec::new());
            }
            None => {}
        }
    }
    let text = found.map(|lines| lines.join("\n"));
    text.filter(|text| !text.trim().is_empty())
}

/// Level of a heading; 0 for another line.
fn heading_level(line: &str) -> usize {
    let hashes = line.bytes().take_while(|b| *b == b'#').count();
    if line[hashes..].starts_with(' ') {
        hashes
    } else {
        0
    }
}

fn name_of(line: &str) -> &str {
    line.trim_start_matches('#').trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_end_at_their_level_and_fences_hide_headings() {
        let body = "# T\n\n```\n## Release Notes\n```\n\n## release notes\n\n### Fixed: a (#1)\n\nlost\n\n#### Details\n\nx\n\n## Notes\n";
        let found = section(body, "## Release Notes").unwrap();
        let all = super::super::notes::read(&found);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].text, "a (#1)\n\nlost\n\n**Details**\n\nx");
        assert!(section("## Release Notes\n\n## X", "## Release Notes").is_none());
        assert_eq!(
            until("a\n## Agent Output\nb", &["## Agent Output".into()]),
            "a\n"
        );
    }
}
