//! A changelog as spans over its own bytes.
//!
//! Parsing never fails and never copies: a [`Document`] says where the sections, categories, entries
//! and link definitions are, and every edit elsewhere in this module replaces only spans named here.

use crate::domain::version::form;
use std::borrow::Cow;
use std::ops::Range;

use super::blocks::{BlockContent, blocks, line_start};

/// What a section heading announces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    pub categories: Vec<CategoryBlock>,
}

/// A run of entries under one category heading, or those directly below the section heading.
#[derive(Debug, Clone)]
pub struct CategoryBlock {
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
    /// How the file marks entries; `- ` if it has none yet.
    pub marker: Marker,
    /// The thematic break that stands between sections, as cocogitto writes it, with its line end.
    pub separator: Option<String>,
}

/// What stands before an entry's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// White space before the bullet.
    indent: String,
    bullet: Bullet,
    /// White space after it.
    gap: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bullet {
    Sign(char),
    /// Number and delimiter.
    Number(u64, char),
}

impl Default for Marker {
    fn default() -> Self {
        Marker {
            indent: String::new(),
            bullet: Bullet::Sign('-'),
            gap: " ".into(),
        }
    }
}

impl Marker {
    /// The marker of a list item.
    pub fn parse(item: &str) -> Option<Marker> {
        let line = item.lines().next()?;
        let bare = line.trim_start();
        let indent = line[..line.len() - bare.len()].to_owned();
        let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
        let sign = bare[digits..].chars().next()?;
        let bullet = match (digits, sign) {
            (0, '-' | '*' | '+') => Bullet::Sign(sign),
            (1..=9, '.' | ')') => Bullet::Number(bare[..digits].parse().ok()?, sign),
            _ => return None,
        };
        let rest = &bare[digits + 1..];
        let gap = &rest[..rest.len() - rest.trim_start().len()];
        // Five columns and more would begin indented code (CommonMark 0.31, 5.2).
        let gap = if gap.is_empty() || gap.len() > 4 {
            " "
        } else {
            gap
        };
        Some(Marker {
            indent,
            bullet,
            gap: gap.to_owned(),
        })
    }

    /// Whether entries are counted; then each has a marker of its own.
    pub fn counts(&self) -> bool {
        matches!(self.bullet, Bullet::Number(..))
    }

    /// The marker of the entry after this one.
    pub fn next(&self) -> Marker {
        let bullet = match self.bullet {
            Bullet::Number(number, delimiter) => Bullet::Number(number + 1, delimiter),
            sign @ Bullet::Sign(_) => sign,
        };
        Marker {
            bullet,
            ..self.clone()
        }
    }

    /// The marker before a first line, and the white space before those that continue it.
    pub fn lead(&self) -> (String, String) {
        let bullet = match self.bullet {
            Bullet::Sign(sign) => sign.to_string(),
            Bullet::Number(number, delimiter) => format!("{number}{delimiter}"),
        };
        let first = format!("{}{bullet}{}", self.indent, self.gap);
        // A tab reaches to the next multiple of four (CommonMark 0.31, 2.2).
        let width = first.chars().fold(0, |at, c| match c {
            '\t' => at / 4 * 4 + 4,
            _ => at + 1,
        });
        (first, " ".repeat(width))
    }
}

impl<'a> Document<'a> {
    /// Reads any bytes at all as a changelog.
    pub fn parse(bytes: &'a [u8]) -> Self {
        let mut parts = SectionBlocks::default();
        for block in blocks(bytes) {
            let span = block.span;
            match block.what {
                BlockContent::Heading { level, text } => {
                    parts.headings.push(Heading { level, text, span })
                }
                BlockContent::Item => parts.items.push(span),
                BlockContent::Rule => parts.rules.push(span),
                BlockContent::Link { label, destination } => parts.links.push(Link {
                    label,
                    destination,
                    span,
                }),
                BlockContent::HiddenLink | BlockContent::Other => {}
            }
        }
        let sections = sections(bytes, &parts);
        // The file's way is that of Unreleased, else of the newest version: they come first.
        let items = sections
            .iter()
            .flat_map(|s| &s.categories)
            .flat_map(|c| &c.items);
        let marker = items
            .chain(&parts.items)
            .filter_map(|item| Marker::parse(&String::from_utf8_lossy(&bytes[item.clone()])))
            .find(|marker| !marker.counts())
            .unwrap_or_default();
        let separator = separator(bytes, &sections, &parts.rules);
        Document {
            bytes,
            sections,
            links: parts.links,
            eol: eol_of(bytes),
            marker,
            separator,
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
        self.sections.iter().find(
            |section| matches!(&section.title, Title::Version(v) if form::is_same(v, version)),
        )
    }

    /// The day in the heading of a version, `YYYY-MM-DD`.
    pub fn date_of(&self, version: &str) -> Option<String> {
        let heading = self.text(&self.version(version)?.heading);
        let words = heading.split(|c: char| !(c.is_ascii_digit() || c == '-'));
        let shape = |word: &&str| {
            let fits = |(at, byte): (usize, u8)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            };
            word.len() == 10 && word.bytes().enumerate().all(fits)
        };
        let mut days = words.filter(shape);
        days.next().map(str::to_owned)
    }

    /// The heading that an Unreleased section gets where there is none, at the level of the versions.
    pub fn unreleased_heading(&self) -> String {
        format!("{} [Unreleased]", "#".repeat(self.version_level()))
    }

    /// The level of the versions; some files put patches one level down.
    pub fn version_level(&self) -> usize {
        self.sections.iter().map(|s| s.level).min().unwrap_or(2)
    }

    /// The lines of all Unreleased headings, from 1, if there are several.
    pub fn several_unreleased(&self) -> Option<Vec<usize>> {
        let unreleased = self
            .sections
            .iter()
            .filter(|s| s.title == Title::Unreleased);
        let lines: Vec<usize> = unreleased
            .map(|s| self.line_number(s.heading.start))
            .collect();
        (lines.len() > 1).then_some(lines)
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

/// Category names compare by their letters and digits: `✨ Features:` and `:sparkles: Features` are `features`.
pub fn same_category(a: &str, b: &str) -> bool {
    category_key(a) == category_key(b)
}

/// Whether a category is about changes that break something, in whatever words: `⚠ BREAKING CHANGES`, `Breaking`, `API breaks`,
/// `Backwards incompatible changes`.
pub fn announces_breaking(name: &str) -> bool {
    let key = category_key(name);
    let is_other = ["non", "not", "no"]
        .iter()
        .any(|word| key.starts_with(word));
    let says = ["breaking", "apibreak", "incompatib"]
        .iter()
        .any(|word| key.contains(word));
    says && !is_other
}

/// What a heading says, without decoration; empty if it is nothing but that.
pub fn category_key(name: &str) -> String {
    let is_code = |word: &str| {
        let inner = word.strip_prefix(':').and_then(|w| w.strip_suffix(':'));
        inner.is_some_and(|w| {
            !w.is_empty()
                && w.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
        })
    };
    name.split_whitespace()
        .filter(|word| !is_code(word))
        .flat_map(str::chars)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

struct Heading {
    level: usize,
    text: String,
    span: Range<usize>,
}

/// The blocks that sections are made of, by kind.
#[derive(Default)]
struct SectionBlocks {
    headings: Vec<Heading>,
    items: Vec<Range<usize>>,
    rules: Vec<Range<usize>>,
    links: Vec<Link>,
}

fn sections(bytes: &[u8], parts: &SectionBlocks) -> Vec<Section> {
    let headings = &parts.headings;
    let texts = headings.iter().map(|h| (h.level, h.text.as_str()));
    let titles = titles(&texts.collect::<Vec<_>>());
    let mut sections = Vec::new();
    for (index, heading) in headings.iter().enumerate() {
        let Some(title) = titles[index].clone() else {
            continue;
        };
        // A version heading ends a section whatever its level: some files put patches one level down.
        let next = (index + 1..headings.len())
            .find(|i| headings[*i].level <= heading.level || titles[*i].is_some());
        let limit = next.map_or(bytes.len(), |i| headings[i].span.start);
        let end = before_links(bytes, &parts.links, heading.span.end, limit);
        let body = heading.span.end..before_rule(bytes, &parts.rules, heading.span.end, end);
        let inner = &headings[index + 1..next.unwrap_or(headings.len())];
        sections.push(Section {
            title,
            level: heading.level,
            heading: heading.span.clone(),
            categories: categories(inner, &parts.items, &body),
            body,
        });
    }
    sections
}

fn categories(
    inner: &[Heading],
    items: &[Range<usize>],
    body: &Range<usize>,
) -> Vec<CategoryBlock> {
    let level = inner.iter().map(|h| h.level).min().unwrap_or(0);
    let heads: Vec<&Heading> = inner
        .iter()
        .filter(|h| h.level == level && h.span.end <= body.end)
        .collect();
    let mut categories = Vec::with_capacity(heads.len() + 1);
    let first = heads.first().map_or(body.end, |h| h.span.start);
    categories.push(CategoryBlock {
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
        categories.push(CategoryBlock {
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

/// The end of a section's body when a thematic break stands at its end: it belongs to no section.
fn before_rule(bytes: &[u8], rules: &[Range<usize>], start: usize, end: usize) -> usize {
    let last = rules[..rules.partition_point(|rule| rule.end <= end)].last();
    match last {
        Some(rule) if rule.start >= start && bytes[rule.end..end].trim_ascii().is_empty() => {
            rule.start
        }
        _ => end,
    }
}

/// The break before a version's section.
fn separator(bytes: &[u8], sections: &[Section], rules: &[Range<usize>]) -> Option<String> {
    sections.iter().find_map(|section| {
        let start = section.heading.start;
        let rule = rules[..rules.partition_point(|rule| rule.end <= start)].last()?;
        let right_before = bytes[rule.end..start].trim_ascii().is_empty();
        (right_before && section.title != Title::Unreleased)
            .then(|| String::from_utf8_lossy(&bytes[rule.clone()]).into_owned())
    })
}

/// Reads headings, given by level and text. At the level of sections a name may stand before a version: `Version 1.2.3`,
/// `mdBook 0.5.4`.
pub(super) fn titles(headings: &[(usize, &str)]) -> Vec<Option<Title>> {
    let titles: Vec<_> = headings.iter().map(|(_, text)| title_of(text)).collect();
    // Deeper ones are prose, such as `### What is new in 2.0.0`.
    let named = |(level, text): &(usize, &str)| named_version(text).filter(|_| *level <= 2);
    let full = |title: &Title| matches!(title, Title::Version(v) if v.matches('.').count() >= 2);
    if !headings.iter().filter_map(named).any(|title| full(&title)) {
        return titles;
    }
    let headings = headings.iter().zip(titles);
    headings
        .map(|(heading, title)| title.or_else(|| named(heading)))
        .collect()
}

/// A version after one to three words that could be a name.
pub(super) fn named_version(text: &str) -> Option<Title> {
    const PROSE: &[&str] = &[
        "to", "from", "for", "in", "since", "with", "of", "and", "before", "after", "until", "on",
        "at",
    ];
    let words = text.split_inclusive(char::is_whitespace).take(3);
    let mut at = 0;
    words.map(str::len).find_map(|length| {
        at += length;
        let word = text[at - length..at].trim().trim_matches(['*', '_', '`']);
        let name = !word.starts_with(|c: char| c.is_ascii_digit()) && title_of(word).is_none();
        let rest = text[at..].trim_start_matches(['*', '_', '`']);
        let title = title_of(rest).filter(|title| *title != Title::Unreleased);
        title.filter(|_| name && !PROSE.contains(&word.to_lowercase().as_str()))
    })
}

/// Whether a heading of this text would be that of Unreleased or of a version.
pub fn is_section(text: &str) -> bool {
    title_of(text).is_some()
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
        let linked = b"## [1.0.0] [YANKED]\n\n[YANKED]: x\n";
        assert_eq!(
            Document::parse(linked).versions().collect::<Vec<_>>(),
            ["1.0.0"]
        );
        for text in ["Added", "2.0 migration", "Changelog", "", "[", "1"] {
            assert_eq!(title(text), None, "{text}");
        }
    }

    #[test]
    fn names_may_stand_before_versions_but_prose_may_not() {
        let text = b"# Log\n\n## Version 1.1.0\n\n## Upgrading to 2.0.0\n\n### tool 1.0.9\n\n## **tool** 1.0.0 (2026)\n\n## 0.9.0\n";
        let doc = Document::parse(text);
        assert_eq!(
            doc.versions().collect::<Vec<_>>(),
            ["1.1.0", "1.0.0", "0.9.0"]
        );
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
        assert_eq!(doc.marker.lead(), ("* ".into(), "  ".into()));
        assert_eq!(doc.links.len(), 2);
        assert_eq!(doc.text(&doc.version("1.0.0").unwrap().body), "\n- c\n\n");
    }
}
