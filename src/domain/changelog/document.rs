//! A changelog as spans over its own bytes.
//!
//! Parsing never fails and never copies: a [`Document`] says where the sections, categories, entries
//! and link definitions are, and every edit elsewhere in this module replaces only spans named here.
//! Blocks come from pulldown-cmark, not from a line scanner of our own: it already knows that `## x`
//! inside a fence, a comment or a list is no heading, and its offsets are exact.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// What a section heading announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Title {
    /// `## [Unreleased]`, in any case, with or without brackets.
    Unreleased,
    /// A version, without a leading `v`; `## [1.2.3] - 2026-01-30` gives `1.2.3`.
    Version(String),
}

/// One `##` section: the Unreleased one or a version.
#[derive(Debug, Clone)]
pub struct Section {
    pub title: Title,
    pub level: usize,
    /// The heading's lines, final line ending included.
    pub heading: Range<usize>,
    /// From the end of the heading to the next section or the trailing link definitions.
    pub body: Range<usize>,
    pub categories: Vec<Category>,
}

/// A run of entries under one category heading, or those directly below the section heading.
#[derive(Debug, Clone)]
pub struct Category {
    /// The heading's text; empty for the run without a heading.
    pub name: String,
    pub level: usize,
    pub heading: Range<usize>,
    pub body: Range<usize>,
    /// Each top-level list item: whole lines, without blank lines after it.
    pub items: Vec<Range<usize>>,
    /// End of what stands before the first deeper heading: new entries stay above that.
    pub own_end: usize,
}

/// A link reference definition, `[label]: destination`.
#[derive(Debug, Clone)]
pub struct Link {
    pub label: String,
    pub destination: String,
    /// Whole lines.
    pub span: Range<usize>,
}

/// The parsed changelog. Offsets point into the bytes given to [`Document::parse`].
#[derive(Debug)]
pub struct Document<'a> {
    pub bytes: &'a [u8],
    pub sections: Vec<Section>,
    /// In file order.
    pub links: Vec<Link>,
    /// The line ending of the first line.
    pub eol: &'static str,
    /// The bullet the file uses, `-` if it has none yet.
    pub bullet: char,
}

impl<'a> Document<'a> {
    /// Reads any bytes at all as a changelog.
    pub fn parse(bytes: &'a [u8]) -> Self {
        let shadow = shadow(bytes);
        let blocks = blocks(&shadow, bytes);
        let links = blocks.links;
        let bullet = blocks
            .items
            .iter()
            .find_map(|item| bullet_of(&bytes[item.clone()]))
            .unwrap_or('-');
        let sections = sections(bytes, &blocks.headings, &blocks.items, &links);
        Document {
            bytes,
            sections,
            links,
            eol: eol_of(bytes),
            bullet,
        }
    }

    /// The Unreleased section, the first if there are several.
    pub fn unreleased(&self) -> Option<&Section> {
        self.sections
            .iter()
            .find(|section| section.title == Title::Unreleased)
    }

    /// The versions that the headings name, in file order.
    pub fn versions(&self) -> impl Iterator<Item = &str> {
        self.sections
            .iter()
            .filter_map(|section| match &section.title {
                Title::Version(version) => Some(version.as_str()),
                Title::Unreleased => None,
            })
    }

    /// The section of `version`.
    pub fn version(&self, version: &str) -> Option<&Section> {
        self.sections
            .iter()
            .find(|section| matches!(&section.title, Title::Version(v) if v == version))
    }

    /// The text of a span; invalid UTF-8 is replaced, so this is for reading, never for writing back.
    pub fn text(&self, span: &Range<usize>) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes[span.clone()])
    }

    /// 1-based line number of an offset, for messages.
    pub fn line_number(&self, offset: usize) -> usize {
        self.bytes[..offset].iter().filter(|b| **b == b'\n').count() + 1
    }
}

/// `\r\n` if the first line ends so, else `\n`.
pub fn eol_of(bytes: &[u8]) -> &'static str {
    match bytes.iter().position(|b| *b == b'\n') {
        Some(at) if at > 0 && bytes[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

/// Category names compare by their letters and digits: `✨ Features:` is `features`.
pub fn same_category(a: &str, b: &str) -> bool {
    fn key(name: &str) -> impl Iterator<Item = char> + '_ {
        name.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
    }
    key(a).eq(key(b))
}

/// The bullet character of an item, if it is one of `-`, `*`, `+`.
pub fn bullet_of(item: &[u8]) -> Option<char> {
    item.iter()
        .find(|b| **b != b' ')
        .map(|b| char::from(*b))
        .filter(|c| matches!(c, '-' | '*' | '+'))
}

/// The spaces before an item's bullet.
pub fn indent_of(item: &[u8]) -> usize {
    item.iter().take_while(|b| **b == b' ').count()
}

/// Same length, same line ends, always UTF-8: a byte that is not becomes a substitute, a byte order mark becomes
/// spaces so that a heading right after it is still one, and a carriage return alone, which git does not count as
/// a line end either, becomes a space. Only offsets leave this text.
pub(super) fn shadow(bytes: &[u8]) -> Cow<'_, str> {
    const BOM: &[u8] = b"\xEF\xBB\xBF";
    let lone_return = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.starts_with(BOM) && !(0..bytes.len()).any(lone_return) => {
            return Cow::Borrowed(text);
        }
        _ => {}
    }
    let mut plain: Vec<u8> = bytes.to_vec();
    if bytes.starts_with(BOM) {
        plain[..BOM.len()].fill(b' ');
    }
    for at in (0..bytes.len()).filter(|at| lone_return(*at)) {
        plain[at] = b' ';
    }
    let mut text = String::with_capacity(plain.len());
    for chunk in plain.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{1a}'));
    }
    Cow::Owned(text)
}

struct Heading {
    level: usize,
    text: String,
    span: Range<usize>,
}

struct Blocks {
    headings: Vec<Heading>,
    items: Vec<Range<usize>>,
    links: Vec<Link>,
}

fn blocks(shadow: &str, bytes: &[u8]) -> Blocks {
    let mut events = Parser::new_ext(shadow, Options::empty()).into_offset_iter();
    let mut headings: Vec<Heading> = Vec::new();
    let mut items = Vec::new();
    let mut depth = 0usize;
    let mut in_heading = false;
    for (event, range) in events.by_ref() {
        match event {
            Event::Start(tag) => {
                match tag {
                    Tag::Heading { level, .. } if depth == 0 => {
                        in_heading = true;
                        headings.push(Heading {
                            level: level_number(level),
                            text: String::new(),
                            span: whole_lines(bytes, range),
                        });
                    }
                    Tag::Item if depth == 1 => items.push(whole_lines(bytes, range)),
                    _ => {}
                }
                depth += 1;
            }
            Event::End(tag) => {
                depth -= 1;
                if matches!(tag, TagEnd::Heading(_)) {
                    in_heading = false;
                }
            }
            Event::Text(text) | Event::Code(text) if in_heading => {
                if let Some(heading) = headings.last_mut() {
                    heading.text.push_str(&text);
                }
            }
            _ => {}
        }
    }
    let mut links: Vec<Link> = events
        .reference_definitions()
        .iter()
        .map(|(label, link)| Link {
            label: label.to_string(),
            destination: link.dest.to_string(),
            span: whole_lines(bytes, link.span.clone()),
        })
        .collect();
    links.sort_by_key(|link| link.span.start);
    Blocks {
        headings,
        items,
        links,
    }
}

fn level_number(level: HeadingLevel) -> usize {
    level as usize
}

/// Widens a range to whole lines and drops blank lines at its end.
pub(super) fn whole_lines(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let mut end = range.end.min(bytes.len());
    while end > range.start && bytes[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    line_start(bytes, range.start)..line_end(bytes, end)
}

/// Start of the line that holds `at`.
pub fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |newline| newline + 1)
}

/// Just after the line ending of the line that holds `at`, or the end of the bytes.
pub fn line_end(bytes: &[u8], at: usize) -> usize {
    if at > 0 && bytes[at - 1] == b'\n' {
        return at;
    }
    bytes[at..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |newline| at + newline + 1)
}

fn sections(
    bytes: &[u8],
    headings: &[Heading],
    items: &[Range<usize>],
    links: &[Link],
) -> Vec<Section> {
    let titles: Vec<Option<Title>> = headings.iter().map(|h| title_of(&h.text)).collect();
    let mut sections = Vec::new();
    for (index, heading) in headings.iter().enumerate() {
        let Some(title) = titles[index].clone() else {
            continue;
        };
        // A version heading ends a section whatever its level: some files put patches one level down.
        let next = (index + 1..headings.len())
            .find(|i| headings[*i].level <= heading.level || titles[*i].is_some());
        let limit = next.map_or(bytes.len(), |i| headings[i].span.start);
        let body = heading.span.end..before_links(bytes, links, heading.span.end, limit);
        let inner = &headings[index + 1..next.unwrap_or(headings.len())];
        sections.push(Section {
            title,
            level: heading.level,
            heading: heading.span.clone(),
            categories: categories(inner, items, &body),
            body,
        });
    }
    sections
}

fn categories(inner: &[Heading], items: &[Range<usize>], body: &Range<usize>) -> Vec<Category> {
    let level = inner.iter().map(|h| h.level).min().unwrap_or(0);
    let heads: Vec<&Heading> = inner
        .iter()
        .filter(|h| h.level == level && h.span.end <= body.end)
        .collect();
    let mut categories = Vec::with_capacity(heads.len() + 1);
    let first = heads.first().map_or(body.end, |h| h.span.start);
    categories.push(Category {
        name: String::new(),
        level: 0,
        heading: body.start..body.start,
        body: body.start..first,
        items: Vec::new(),
        own_end: first,
    });
    for (index, head) in heads.iter().enumerate() {
        let end = heads.get(index + 1).map_or(body.end, |h| h.span.start);
        let own_end = inner
            .iter()
            .find(|h| h.span.start >= head.span.end && h.span.start < end)
            .map_or(end, |h| h.span.start);
        categories.push(Category {
            name: head.text.trim().to_owned(),
            level: head.level,
            heading: head.span.clone(),
            body: head.span.end..end,
            items: Vec::new(),
            own_end,
        });
    }
    let mut at = items.partition_point(|item| item.start < body.start);
    for category in &mut categories {
        while let Some(item) = items.get(at).filter(|item| item.start < category.body.end) {
            category.items.push(item.clone());
            at += 1;
        }
    }
    categories
}

/// The end of a section's body when link definitions stand at its end: the start of the first of them.
fn before_links(bytes: &[u8], links: &[Link], start: usize, limit: usize) -> usize {
    let mut end = limit;
    let mut at = limit;
    while at > start {
        let line = line_start(bytes, at - 1);
        let blank = bytes[line..at].iter().all(u8::is_ascii_whitespace);
        if !blank {
            let index = links.partition_point(|link| link.span.end <= line);
            match links.get(index) {
                Some(link) if link.span.start <= line && link.span.start >= start => {
                    end = link.span.start;
                    at = end;
                    continue;
                }
                _ => break,
            }
        }
        at = line;
    }
    end
}

/// Reads a heading as Unreleased or a version; anything else is an ordinary heading.
pub(super) fn title_of(text: &str) -> Option<Title> {
    let text = text.trim();
    let text = text.strip_prefix('[').unwrap_or(text);
    let word_end = text
        .find(|c: char| c.is_whitespace() || matches!(c, ']' | '(' | ','))
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    if word.eq_ignore_ascii_case("unreleased") {
        return Some(Title::Unreleased);
    }
    let version = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let core = version.split(['-', '+']).next().unwrap_or(version);
    let numbers: Vec<&str> = core.split('.').collect();
    let numeric = numbers
        .iter()
        .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let rest = rest.trim_start_matches(']').trim_start();
    // `### 2.0 migration` is prose; after a version comes a date, a mark or nothing.
    let tail = rest
        .chars()
        .next()
        .is_none_or(|c| c.is_ascii_digit() || !c.is_alphanumeric());
    ((2..=4).contains(&numbers.len()) && numeric && tail)
        .then(|| Title::Version(version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_versions_in_many_dialects() {
        let title = |text| title_of(text);
        for text in [
            "[1.2.3] - 2026-01-30",
            "1.2.3",
            "v1.2.3 (2026/01/30)",
            "[1.2.3] [YANKED]",
            "1.2.3 — 2026",
        ] {
            assert_eq!(title(text), Some(Title::Version("1.2.3".into())), "{text}");
        }
        assert_eq!(
            title("[2.0.0-rc.1]"),
            Some(Title::Version("2.0.0-rc.1".into()))
        );
        for text in ["[Unreleased]", "unreleased", "[UNRELEASED] - ReleaseDate"] {
            assert_eq!(title(text), Some(Title::Unreleased), "{text}");
        }
        for text in ["Added", "2.0 migration", "Changelog", "", "[", "1"] {
            assert_eq!(title(text), None, "{text}");
        }
    }

    #[test]
    fn fences_comments_and_setext_are_read_as_markdown_does() {
        let text = b"Changelog\n=========\n\n```\n## [9.9.9]\n```\n<!--\n## [8.8.8]\n-->\n\n[Unreleased]\n------------\n\n### Added\n\n* a\n\n  more\n* b\n\n[1.0.0] - 2020-01-01\n---\n\n- c\n\n[unreleased]: https://example.org/compare/v1.0.0...HEAD\n[1.0.0]: https://example.org/v1.0.0\n";
        let doc = Document::parse(text);
        assert_eq!(doc.versions().collect::<Vec<_>>(), ["1.0.0"]);
        let added = &doc.unreleased().unwrap().categories[1];
        assert_eq!(added.name, "Added");
        assert_eq!(doc.text(&added.items[0]), "* a\n\n  more\n");
        assert_eq!(doc.text(&added.items[1]), "* b\n");
        assert_eq!(doc.bullet, '*');
        assert_eq!(doc.links.len(), 2);
        assert_eq!(doc.text(&doc.version("1.0.0").unwrap().body), "\n- c\n\n");
    }
}
