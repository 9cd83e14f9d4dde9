//! What a spec tells users: a `## Release Notes` section with category headings, items or plain text.

use super::Note;
use crate::domain::kind::Kind;
use crate::domain::text;

/// The five things that users want to know of a breaking change.
const PARTS: &[&str] = &[
    "what changed",
    "why",
    "who is affected",
    "migration",
    "rollback",
];

/// Lines of Markdown with what stands in fences told apart.
fn outside_fences<'t>(
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

/// The part of a body that is read: up to a line that is one of `stop`. What follows quotes whole conversations; its fences
/// are not to be trusted.
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

/// The first heading of level one outside of fences, and the text after it.
pub fn titled(body: &str) -> Option<(String, String)> {
    let mut lines = outside_fences(body.lines());
    let title = lines.find_map(|(plain, line)| line.strip_prefix("# ").filter(|_| plain))?;
    let rest: Vec<&str> = lines.map(|(_, line)| line).collect();
    Some((title.trim().to_owned(), rest.join("\n").trim().to_owned()))
}

/// The lines below a heading such as `## Release Notes`, up to the next of its level or above.
pub fn section<'t>(body: &'t str, heading: &str) -> Option<Vec<&'t str>> {
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
    found.filter(|lines| lines.iter().any(|line| !line.trim().is_empty()))
}

/// The notes in a section's lines.
pub fn read(lines: &[&str]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut open = Open::default();
    for (plain, line) in outside_fences(lines.iter().copied()) {
        let level = if plain { heading_level(line) } else { 0 };
        let category = (level == 3).then(|| category_of(line)).flatten();
        if let Some((kind, breaking, title)) = category {
            open.close(&mut notes);
            open = Open {
                kind,
                breaking,
                own_title: title.is_some(),
                title,
                ..Open::default()
            };
        } else if level >= 3 && is_part(name_of(line)) {
            open.lines
                .push(format!("**{}:**", name_of(line).trim_end_matches(':')));
        } else if level == 4 && !open.own_title {
            // `#### title` below a category begins a change of its own.
            open.close(&mut notes);
            open.title = Some(name_of(line).to_owned());
        } else {
            open.lines.push(line.to_owned());
        }
    }
    open.close(&mut notes);
    notes
}

/// A note that is still being read.
#[derive(Default)]
struct Open {
    kind: Option<Kind>,
    breaking: bool,
    title: Option<String>,
    /// The category heading carries the title: `### Fixed: title`.
    own_title: bool,
    lines: Vec<String>,
}

impl Open {
    fn close(&mut self, notes: &mut Vec<Note>) {
        let lines = std::mem::take(&mut self.lines);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let run = trimmed(&lines);
        match self.title.take() {
            Some(title) if run.is_empty() => self.add(notes, &title),
            Some(title) => self.add(notes, &format!("{title}\n\n{}", run.join("\n"))),
            None => match items(run) {
                Some(items) => items.iter().for_each(|item| self.add(notes, item)),
                None => self.add(notes, &run.join("\n")),
            },
        }
    }

    fn add(&self, notes: &mut Vec<Note>, raw: &str) {
        let text = text::block(&by_parts(raw.trim()));
        if !text.is_empty() {
            notes.push(Note {
                kind: self.kind,
                breaking: self.breaking || is_marked_breaking(&text),
                text,
            });
        }
    }
}

/// `**Breaking:** …`, `**BREAKING** …`.
pub fn is_marked_breaking(text: &str) -> bool {
    text.get(..10)
        .is_some_and(|start| start.eq_ignore_ascii_case("**breaking"))
}

/// Whether a breaking change says what its users must do: by a part of that name; where it has none of the five parts, by
/// anything beyond its title.
pub fn tells_migration(text: &str) -> bool {
    let labelled: Vec<(String, String)> = parts(text);
    if labelled.is_empty() {
        return text.lines().filter(|line| !line.trim().is_empty()).count() > 1;
    }
    labelled
        .iter()
        .any(|(name, said)| name == "migration" && !said.is_empty())
}

/// The parts of a breaking change that its text labels, as in `**Migration:** …`: name in lower case, text. What stands before the
/// first label tells what changed.
pub fn parts(text: &str) -> Vec<(String, String)> {
    let (lead, mut found) = labelled(text);
    let lead = lead.trim_start_matches("**Breaking:**").trim();
    let told = found.iter().any(|(name, _)| name == PARTS[0]);
    if !found.is_empty() && !told && !lead.is_empty() {
        found.insert(0, (PARTS[0].to_owned(), lead.to_owned()));
    }
    found
}

/// The text before the first label, and the labelled parts.
fn labelled(text: &str) -> (String, Vec<(String, String)>) {
    let mut lead = String::new();
    let mut found: Vec<(String, String)> = Vec::new();
    for (plain, line) in outside_fences(text.lines()) {
        let label = plain.then(|| label_of(line)).flatten();
        let said = match (label, found.last_mut()) {
            (Some((name, rest)), _) => {
                found.push((name, rest.to_owned()));
                continue;
            }
            (None, Some((_, said))) => said,
            (None, None) => &mut lead,
        };
        said.push('\n');
        said.push_str(line);
    }
    for (_, said) in &mut found {
        *said = said.trim().to_owned();
    }
    (lead.trim().to_owned(), found)
}

/// A text with labelled parts laid out for readers: what changed leads, without its label, and every other part is a paragraph.
fn by_parts(text: &str) -> String {
    let (lead, mut found) = labelled(text);
    if found.is_empty() {
        return text.to_owned();
    }
    let mut paragraphs = Vec::new();
    if !lead.is_empty() {
        paragraphs.push(lead);
    } else if found[0].0 == PARTS[0] {
        paragraphs.push(found.remove(0).1);
    }
    for (name, said) in found {
        let begins_block = said.starts_with(['`', '~', '-', '*', '+', '|', '>', '#', '1']);
        let gap = if begins_block { "\n\n" } else { " " };
        let label = name[..1].to_uppercase() + &name[1..];
        paragraphs.push(format!("**{label}:**{gap}{said}").trim_end().to_owned());
    }
    paragraphs.join("\n\n")
}

fn label_of(line: &str) -> Option<(String, &str)> {
    let inside = line.trim_start().strip_prefix("**")?;
    let (name, rest) = inside.split_once("**")?;
    let name = name.trim_end_matches(':').to_lowercase();
    is_part(&name).then(|| (name, rest.trim_start_matches(':').trim()))
}

fn is_part(name: &str) -> bool {
    let name = name.trim_end_matches(':').to_lowercase();
    PARTS.contains(&name.as_str())
}

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

/// `### Fixed: title (#12)`, `### Added`, `### Breaking Changes`.
fn category_of(line: &str) -> Option<(Option<Kind>, bool, Option<String>)> {
    let text = name_of(line);
    let (name, title) = match text.split_once(':') {
        Some((name, title)) => (name.trim(), Some(title.trim().to_owned())),
        None => (text, None),
    };
    let breaking = name.to_lowercase().starts_with("breaking");
    let kind = Kind::of_word(name);
    (breaking || kind.is_some()).then(|| (kind, breaking, title.filter(|t| !t.is_empty())))
}

fn trimmed<'a, 'b>(mut run: &'b [&'a str]) -> &'b [&'a str] {
    while let [first, rest @ ..] = run
        && first.trim().is_empty()
    {
        run = rest;
    }
    while let [rest @ .., last] = run
        && last.trim().is_empty()
    {
        run = rest;
    }
    run
}

/// The items of a run that is nothing but one list; `None` if there is other text at the margin.
fn items(run: &[&str]) -> Option<Vec<String>> {
    let mut items: Vec<Vec<&str>> = Vec::new();
    for line in run {
        let bulleted = ["- ", "* ", "+ "].iter().find_map(|b| line.strip_prefix(b));
        match (bulleted, items.last_mut()) {
            (Some(text), _) => items.push(vec![text]),
            (None, Some(item)) if line.is_empty() || line.starts_with("  ") => {
                item.push(line.strip_prefix("  ").unwrap_or(line));
            }
            _ => return None,
        }
    }
    Some(items.into_iter().map(|item| item.join("\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(section: &str) -> Vec<Note> {
        read(&section.lines().collect::<Vec<_>>())
    }

    #[test]
    fn the_five_parts_of_a_breaking_change() {
        let text = "### Breaking Changes\n\n#### `write()` now blocks\n\n**What changed:** it waits.\n\n**Why:** data loss.\n\n**Migration:**\n\n1. Use `write_async()`:\n   ```rust\n   // **Rollback:** no\n   ```\n\n#### Rollback\n\nPin 0.6.\n\n#### Second\n\nno help\n\n### Added\n\n- a\n- b\n";
        let all = notes(text);
        assert_eq!(all.len(), 4, "{all:#?}");
        let names: Vec<String> = parts(&all[0].text).into_iter().map(|(n, _)| n).collect();
        assert_eq!(names, ["what changed", "why", "migration", "rollback"]);
        assert!(all[0].text.starts_with("`write()` now blocks\n\n**What"));
        assert!(all[0].breaking && tells_migration(&all[0].text));
        assert!(all[1].breaking && all[1].text == "Second\n\nno help");
        assert!(!tells_migration("x\n\n**Why:** y") && !tells_migration("x\n\n**Migration:**"));
        assert_eq!(
            (all[2].kind, all[3].text.as_str()),
            (Some(Kind::Added), "b")
        );
    }

    #[test]
    fn sections_end_at_their_level_and_fences_hide_headings() {
        let body = "# T\n\n```\n## Release Notes\n```\n\n## release notes\n\n### Fixed: a (#1)\n\nlost\n\n#### Details\n\nx\n\n## Notes\n";
        let lines = section(body, "## Release Notes").unwrap();
        let all = read(&lines);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].text, "a (#1)\n\nlost\n\n**Details**\n\nx");
        assert!(section("## Release Notes\n\n## X", "## Release Notes").is_none());
        assert_eq!(
            until("a\n## Agent Output\nb", &["## Agent Output".into()]),
            "a\n"
        );
    }
}
