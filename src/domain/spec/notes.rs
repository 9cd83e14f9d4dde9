//! Text for users in a spec: a `## Release Notes` section with category headings, items or plain text.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};
use serde::{Deserialize, Serialize};

use crate::domain::entry::kind::Kind;
use crate::domain::order;
use crate::domain::spec::parts::{by_parts, is_part, label_of};
use crate::domain::text::inert;
use crate::domain::text::words::is_nothing;

/// Notes in Markdown: each item of a list, each paragraph with what belongs to it, each heading with the text below it. Words for "nothing
/// to say" are not a note.
pub fn read(text: &str) -> Vec<Note> {
    let text = alone(text);
    let mut notes = Vec::new();
    let mut open = Open::default();
    for block in blocks(&text) {
        let raw = text[block.range.clone()].trim_end();
        match block.what {
            NotesBlockKind::Heading(level, name) => {
                let fits = level == 3 || (level > 3 && (open.level == 0 || level <= open.level));
                let category = category_of(&name).filter(|_| fits);
                if let Some((kind, breaking, title)) = category {
                    open.close(&mut notes);
                    let own_title = title.is_some();
                    let texts = title.into_iter().collect();
                    open = Open {
                        level,
                        kind,
                        breaking,
                        own_title,
                        texts,
                        is_lead: own_title,
                    };
                } else if level >= 3 && is_part(&name) {
                    open.go_on(&format!("**{}:**", name.trim_end_matches(':')));
                } else if level == 4 && !open.own_title {
                    // `#### title` below a category begins a separate change.
                    open.close(&mut notes);
                    open.begin(name);
                } else {
                    open.go_on(&format!("**{name}**"));
                }
            }
            NotesBlockKind::List(items) if !open.is_lead => {
                for item in items {
                    open.texts.push(content(&text[item]));
                }
            }
            // A paragraph after a list is a separate note, unless it is a part of a breaking change. A code block is not.
            NotesBlockKind::Paragraph if !open.is_lead && label_of(raw).is_none() => {
                open.begin(raw.to_owned());
            }
            NotesBlockKind::List(_) | NotesBlockKind::Paragraph | NotesBlockKind::Other => {
                open.go_on(raw)
            }
        }
    }
    open.close(&mut notes);
    notes
}

/// Notes while they are read.
#[derive(Default)]
struct Open {
    /// Level of the category heading; 0 before the first one.
    level: usize,
    kind: Option<Kind>,
    breaking: bool,
    /// Whether the category heading contains the title: `### Fixed: title`.
    own_title: bool,
    /// Text of each note; the last one may continue.
    texts: Vec<String>,
    /// Whether lists and paragraphs that follow belong to the last text, which is not an item.
    is_lead: bool,
}

impl Open {
    fn begin(&mut self, text: String) {
        self.texts.push(text);
        self.is_lead = true;
    }

    fn go_on(&mut self, text: &str) {
        match self.texts.last_mut() {
            Some(last) => *last = format!("{last}\n\n{text}"),
            None => self.begin(text.to_owned()),
        }
    }

    fn close(&mut self, notes: &mut Vec<Note>) {
        for raw in std::mem::take(&mut self.texts) {
            let text = inert::block(&by_parts(raw.trim()));
            if !text.is_empty() && !is_nothing(&text) && !breaks_nothing(&text) {
                notes.push(Note {
                    kind: self.kind,
                    word: None,
                    breaking: self.breaking || is_marked_breaking(&text),
                    text,
                });
            }
        }
        self.is_lead = false;
    }
}

/// Whether a text begins with `**Breaking:** …` or `**BREAKING** …`.
pub fn is_marked_breaking(text: &str) -> bool {
    text.get(..10)
        .is_some_and(|start| start.eq_ignore_ascii_case("**breaking"))
}

/// Text without its leading mark.
pub fn unmarked(text: &str) -> &str {
    let behind = |text: &'_ str| text[2..].find("**").map(|at| at + 4);
    match is_marked_breaking(text).then(|| behind(text)).flatten() {
        Some(at) => text[at..].trim_start_matches([':', ' ', '-', '–', '—']),
        None => text,
    }
}

/// Whether a text is a filled-in template line that breaks nothing: `**BREAKING**: None - additive only`.
fn breaks_nothing(text: &str) -> bool {
    let rest = is_marked_breaking(text)
        .then(|| text[2..].split_once("**"))
        .flatten();
    let Some((inside, behind)) = rest else {
        return false;
    };
    let (_, inside) = inside.split_once(':').unwrap_or(("", ""));
    let said = [inside, behind].concat();
    let said = said
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    let end = said
        .find(|c: char| !c.is_alphanumeric() && c != '/')
        .unwrap_or(said.len());
    let (first, more) = said.split_at(end);
    // `None of the old keys works` breaks something.
    let ends =
        more.trim_start().is_empty() || !more.trim_start().starts_with(char::is_alphanumeric);
    matches!(first, "none" | "n/a" | "nothing") && ends || is_nothing(&said)
}

enum NotesBlockKind {
    /// Level and text of a heading.
    Heading(usize, String),
    /// Bytes of each item.
    List(Vec<Range<usize>>),
    Paragraph,
    Other,
}

struct NotesBlock {
    what: NotesBlockKind,
    range: Range<usize>,
}

/// Blocks of Markdown that are not inside another one.
fn blocks(text: &str) -> Vec<NotesBlock> {
    let mut found: Vec<NotesBlock> = Vec::new();
    let mut depth = 0;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        let what = match &event {
            Event::Start(Tag::Heading { level, .. }) => {
                let line = text[range.clone()].lines().next().unwrap_or("");
                let name = line.trim().trim_matches('#').trim();
                Some(NotesBlockKind::Heading(*level as usize, name.to_owned()))
            }
            Event::Start(Tag::List(_)) => Some(NotesBlockKind::List(Vec::new())),
            Event::Start(Tag::Paragraph) => Some(NotesBlockKind::Paragraph),
            Event::Start(_) | Event::Rule => Some(NotesBlockKind::Other),
            _ => None,
        };
        if let Some(what) = what.filter(|_| depth == 0) {
            found.push(NotesBlock {
                what,
                range: range.clone(),
            });
        }
        if let (Event::Start(Tag::Item), 1, Some(block)) = (&event, depth, found.last_mut())
            && let NotesBlockKind::List(items) = &mut block.what
        {
            items.push(range);
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    found.retain(|block| {
        !matches!(block.what, NotesBlockKind::Other) || !text[block.range.clone()].trim().is_empty()
    });
    found
}

/// Text of a list item without its bullet, its indentation and its tick.
pub fn content(item: &str) -> String {
    let marked = unbulleted(item);
    without_tick(&marked).to_owned()
}

/// Text of a list item without its bullet and its indentation.
pub fn unbulleted(item: &str) -> String {
    let marker = item.len() - item.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = item[marker..].trim_start_matches(['-', '*', '+', '.', ')']);
    let text = rest.trim_start_matches([' ', '\t']);
    let width = item.len() - text.len();
    let lines = text.trim_end().lines().enumerate().map(|(at, line)| {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if at == 0 {
            line
        } else {
            &line[indent.min(width)..]
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `[x] a` as `a`.
pub fn without_tick(text: &str) -> &str {
    let ticks = ["[x] ", "[X] ", "[ ] "];
    let bare = ticks.iter().find_map(|tick| text.strip_prefix(tick));
    bare.unwrap_or(text)
}

/// Markdown that needs nothing else: without comments and definitions, links with their addresses.
pub fn alone(text: &str) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let parser = Parser::new_ext(text, Options::ENABLE_FOOTNOTES);
    let definitions = parser.reference_definitions().iter();
    edits.extend(definitions.map(|(_, definition)| (definition.span.clone(), String::new())));
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_)
                if is_comment(&text[range.clone()]) =>
            {
                edits.push((range, String::new()));
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                ..
            }) => {
                let raw = &text[range.clone()];
                let shown = match link_type {
                    LinkType::Reference => raw.rfind('[').map(|at| &raw[..at]),
                    LinkType::Collapsed => raw.strip_suffix("[]"),
                    LinkType::Shortcut => Some(raw),
                    _ => None,
                };
                if let Some(shown) = shown {
                    edits.push((range, format!("{shown}({dest_url})")));
                }
            }
            _ => {}
        }
    }
    order::by_key(&mut edits, |(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in edits {
        if range.start >= at {
            out.push_str(&text[at..range.start]);
            out.push_str(&new);
            at = range.end;
        }
    }
    out + &text[at..]
}

fn is_comment(html: &str) -> bool {
    let html = html.trim();
    html.starts_with("<!--") && html.ends_with("-->")
}

/// Category of a heading such as `Fixed: title (#12)`, `Added`, `✨ New Features`, `Breaking Changes`.
fn category_of(heading: &str) -> Option<(Option<Kind>, bool, Option<String>)> {
    let text = heading.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (name, title) = match text.split_once(':') {
        Some((name, title)) => (name.trim(), Some(title.trim().to_owned())),
        None => (text.trim(), None),
    };
    let breaking = name.to_lowercase().starts_with("breaking");
    let words: Vec<&str> = name.split_whitespace().collect();
    let by_word = || {
        words
            .iter()
            .find_map(|word| Kind::of_word(word))
            .filter(|_| words.len() == 2 && !breaking)
    };
    let kind = Kind::of_word(name).or_else(by_word);
    (breaking || kind.is_some()).then(|| (kind, breaking, title.filter(|t| !t.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::parts::parts;
    use crate::domain::spec::parts::tells_migration;

    #[test]
    fn the_five_parts_of_a_breaking_change() {
        let text = "### Breaking Changes\n\n#### `write()` now blocks\n\n**What changed:** it waits.\n\n**Why:** data loss.\n\n**Migration:**\n\n1. Use `write_async()`:\n   ```rust\n   // **Rollback:** no\n   ```\n\n#### Rollback\n\nPin 0.6.\n\n#### Second\n\nno help\n\n### Added\n\n- a\n- b\n";
        let all = read(text);
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
    fn lists_paragraphs_and_headings_of_every_shape() {
        for (section, expected) in [
            (
                "- a\n- **BREAKING** b\n\n```\ncode\n```\n",
                &["a", "**BREAKING** b\n\n```\ncode\n```"][..],
            ),
            (
                "- a\n\nSee the [docs][1].\n\n[1]: https://x.example\n",
                &["a", "See the [docs](https://x.example)."],
            ),
            ("1. a\n2. b\n   more\n\n   - c\n", &["a", "b\nmore\n\n- c"]),
            ("<!-- write here -->\n- a <!-- why -->\n", &["a"]),
            (
                "Writers wait:\n\n- a\n- b\n",
                &["Writers wait:\n\n- a\n- b"],
            ),
            ("one\n\ntwo\n", &["one\n\ntwo"]),
            ("- ```\n  code\n  ```\n- b\n", &["```\ncode\n```", "b"]),
            ("None.\n", &[]),
            (
                "- **BREAKING**: None - additive only\n- **Breaking:** none.\n- **BREAKING** N/A\n- a\n",
                &["a"],
            ),
            (
                "- **BREAKING**: None of the old keys works\n",
                &["**BREAKING**: None of the old keys works"],
            ),
            (
                "- **BREAKING**: No longer reads `x`\n",
                &["**BREAKING**: No longer reads `x`"],
            ),
            ("<!-- nothing -->\n", &[]),
        ] {
            let found: Vec<String> = read(section).into_iter().map(|note| note.text).collect();
            assert_eq!(found, expected, "{section}");
        }
        let kinds = |text: &str| read(text).iter().map(|n| n.kind).collect::<Vec<_>>();
        assert_eq!(
            kinds("#### Added\n\n- a\n\n#### Fixed\n\n- b\n"),
            [Some(Kind::Added), Some(Kind::Fixed)]
        );
        assert_eq!(kinds("### ✨ New Features\n\n- a\n"), [Some(Kind::Added)]);
        assert_eq!(
            kinds("### :bug: Bug Fixes\n\n- a\n\n### How to add a lock\n\nx\n").len(),
            1
        );
    }
}

/// One note for users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Kind from the category heading above it.
    pub kind: Option<Kind>,
    /// Key that its kind comes from: a category may list that word for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    pub breaking: bool,
    /// Markdown of several lines, safe inside a list item.
    pub text: String,
}
