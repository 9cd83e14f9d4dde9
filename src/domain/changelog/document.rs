//! A changelog as spans over its own bytes.
//!
//! Parsing never fails and never copies: a [`Document`] records where the sections, categories, entries and link definitions are. Every
//! edit elsewhere in this module replaces only those spans.

use std::borrow::Cow;
use std::ops::Range;

use semver::Version;

use super::blocks::{BlockContent, blocks, line_end, line_start};
use super::date;
use super::heading::{self, HeadingRole};
use super::marker::Marker;
use super::marks::SectionMarks;
use super::names::own_unreleased;
use super::title::{Title, same_category};
use crate::domain::order;
use crate::domain::version::form;

/// One `##` section: the Unreleased one or a version.
#[derive(Debug, Clone)]
pub struct Section {
    pub title: Title,
    pub level: usize,
    /// Start of the section: its heading, or the anchor, comment or break right above the heading.
    pub start: usize,
    /// The heading's lines, including the final line ending.
    pub heading: Range<usize>,
    /// The range from the end of the heading to the next section or the trailing link definitions.
    pub body: Range<usize>,
    pub categories: Vec<CategoryBlock>,
}

/// A run of entries under one category heading, or those directly below the section heading.
#[derive(Debug, Clone)]
pub struct CategoryBlock {
    /// The heading's text; empty if the run has no heading.
    pub name: String,
    pub level: usize,
    pub heading: Range<usize>,
    pub body: Range<usize>,
    /// Each top-level list item: whole lines, without blank lines after it.
    pub items: Vec<Range<usize>>,
    /// End of the part above the first deeper heading: new entries are inserted above that heading.
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
    /// The bullet that the file uses for entries; `- ` if it has no entries yet.
    pub marker: Marker,
    /// The thematic break between sections, as cocogitto writes it, including its line ending.
    pub separator: Option<String>,
}

impl<'a> Document<'a> {
    /// Parses any bytes as a changelog.
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
                BlockContent::Other => parts.others.push(span),
                BlockContent::HiddenLink => {}
            }
        }
        parts.read_plain_headings(bytes);
        let sections = sections(bytes, &parts);
        // Unreleased decides the bullet, else the newest version: they come first.
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

    /// The Unreleased section; the first one if there are several.
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
                Title::Unreleased | Title::Other(_) => None,
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
        let bare = heading.replacen(version, "", 1);
        date::find(&bare)?.day
    }

    /// The heading for a new Unreleased section, at the level of the newest versions. It uses the file's own words, or brackets if the
    /// version headings have them.
    pub fn unreleased_heading(&self) -> String {
        let newest = self.newest();
        let is_bare = newest.is_some_and(|section| !self.text(&section.heading).contains('['));
        let name = own_unreleased().unwrap_or_else(|| {
            let name = if is_bare {
                "Unreleased"
            } else {
                "[Unreleased]"
            };
            name.to_owned()
        });
        format!("{} {name}", "#".repeat(self.section_level()))
    }

    /// The section of the newest version.
    pub fn newest(&self) -> Option<&Section> {
        self.released().next()
    }

    /// The sections of versions that are no longer being written.
    pub(super) fn released(&self) -> impl Iterator<Item = &Section> {
        let is_version = |section: &&Section| {
            matches!(section.title, Title::Version(_)) && self.open_version(section).is_none()
        };
        self.sections.iter().filter(is_version)
    }

    /// The version that a heading names as not yet released: `## [1.3.0] - TBD`, `## 1.3.0 (unreleased)`.
    pub fn open_version(&self, section: &Section) -> Option<String> {
        heading::open_version(&heading::without_marks(&self.text(&section.heading)))
    }

    /// Whether the section of an unreleased version is still being written. Either its heading shows that, or nothing follows the version
    /// in a file that dates its versions.
    pub fn is_in_preparation(&self, section: &Section) -> bool {
        let text = heading::without_marks(&self.text(&section.heading));
        heading::open_version(&text).is_some()
            || heading::is_bare(&text) && self.released().any(|other| self.is_dated(other))
    }

    /// Whether a heading contains a year, in any date format.
    pub fn is_dated(&self, section: &Section) -> bool {
        let heading = self.text(&section.heading);
        let mut words = heading.split(|c: char| !c.is_ascii_digit());
        words.any(|word| word.len() == 4 && matches!(&word[..2], "19" | "20"))
    }

    /// The level of an Unreleased section: that of the newest versions. Patches do not count, because standard-version puts them one level
    /// down.
    pub fn section_level(&self) -> usize {
        self.level_where(|version| version.patch == 0)
    }

    /// The level of a version's section: that of the newest version of the same kind.
    pub fn level_of(&self, version: &str) -> usize {
        let is_patch = form::read(version).is_some_and(|version| version.patch != 0);
        self.level_where(|other| (other.patch != 0) == is_patch)
    }

    fn level_where(&self, is_alike: impl Fn(&Version) -> bool) -> usize {
        // Older ones may have been written by another tool.
        const RECENT: usize = 15;
        let alike = |section: &&Section| match &section.title {
            Title::Version(version) => {
                form::read(version).is_some_and(|version| is_alike(&version))
            }
            _ => false,
        };
        let found = self.released().take(RECENT).find(alike);
        let found = found.or_else(|| self.newest()).or(self.sections.first());
        found.map_or(2, |section| section.level)
    }

    /// The level of a category in a new section: that of the newest categories. standard-version puts them at the level of a patch itself;
    /// there, only the usual category names are read as categories.
    pub fn category_level(&self, section_level: usize, name: &str) -> usize {
        let sections = self.sections.iter();
        let all = sections.flat_map(|s| s.categories.iter().map(|c| (s.level, c)));
        let mut named = all.filter(|(_, category)| !category.name.is_empty());
        let deeper = named
            .clone()
            .find(|(level, category)| category.level > *level);
        let beside = || named.find(|(level, category)| category.level == *level);
        let level = deeper
            .or_else(beside)
            .map_or(section_level + 1, |(_, category)| category.level);
        let is_beside = |section: &Section| {
            let mut categories = section.categories.iter();
            categories.any(|c| c.level == section.level && same_category(&c.name, name))
        };
        let is_read = heading::is_part(name) || self.sections.iter().any(is_beside);
        let least = section_level + usize::from(!is_read);
        level.clamp(least.clamp(1, 6), 6)
    }

    /// Lines of Unreleased headings that do not count because a newer version is above them.
    pub fn stale_unreleased(&self) -> Vec<usize> {
        self.stale()
            .map(|section| self.line_number(section.heading.start))
            .collect()
    }

    /// The sections of stale Unreleased headings.
    pub(super) fn stale(&self) -> impl Iterator<Item = &Section> {
        let is_stale = |section: &&Section| matches!(&section.title, Title::Other(text) if heading::is_section(text));
        self.sections.iter().filter(is_stale)
    }

    /// A heading that may be meant as Unreleased, by line and text, if the file has no such section. It has a list, the level of the newest
    /// version, and is above that version.
    pub fn unknown_above(&self) -> Option<(usize, String)> {
        let first = self
            .sections
            .first()
            .filter(|_| self.unreleased().is_none())?;
        let mut last: Option<(usize, usize, String)> = None;
        let mut has_list = false;
        for block in blocks(self.bytes) {
            if block.span.start >= first.heading.start {
                break;
            }
            match block.what {
                BlockContent::Heading { level, text } => {
                    last = Some((level, block.span.start, text));
                    has_list = false;
                }
                BlockContent::Item => has_list = true,
                _ => {}
            }
        }
        let (_, at, text) = last.filter(|(level, ..)| *level == first.level && has_list)?;
        (first.start > at).then(|| (self.line_number(at), text.trim().to_owned()))
    }

    /// Line of the first of several versions, if none of them is in a readable heading; `None` if there are headings.
    pub fn unread_versions(&self) -> Option<usize> {
        if !self.sections.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(self.bytes);
        let lines = text.lines().enumerate();
        let mut found = lines
            .filter(|(_, line)| heading::names_version(line))
            .map(|(at, _)| at + 1);
        let (first, second) = (found.next()?, found.next());
        second.map(|_| first)
    }

    /// The lines of all Unreleased headings, counted from 1, if there are several.
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

    /// The text of a span, for reading only: invalid UTF-8 is replaced, so never write it back.
    pub fn text(&self, span: &Range<usize>) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes[span.clone()])
    }

    /// 1-based line number of an offset, for messages.
    pub fn line_number(&self, offset: usize) -> usize {
        self.bytes[..offset].iter().filter(|b| **b == b'\n').count() + 1
    }
}

/// The line ending of the first line: `\r\n` or `\n`.
pub fn eol_of(bytes: &[u8]) -> &'static str {
    match bytes.iter().position(|b| *b == b'\n') {
        Some(at) if at > 0 && bytes[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
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
    /// Paragraphs, comments, tables, fences.
    others: Vec<Range<usize>>,
    links: Vec<Link>,
}

impl SectionBlocks {
    /// Reads lines of text as headings if they name a version and its date and no heading does.
    fn read_plain_headings(&mut self, bytes: &[u8]) {
        if self
            .headings
            .iter()
            .any(|heading| heading::has_version(&heading.text))
        {
            return;
        }
        let mut plain = Vec::new();
        for block in &self.others {
            let line = line_end(bytes, (block.start + 1).min(bytes.len()));
            let span = block.start..line.min(block.end);
            let text = String::from_utf8_lossy(&bytes[span.clone()]);
            if let Some(text) = heading::plain(&text) {
                plain.push(Heading {
                    level: 2,
                    text: text.to_owned(),
                    span,
                });
            }
        }
        if plain
            .iter()
            .all(|heading| heading::sure_version(&heading.text).is_none())
        {
            return;
        }
        self.others.retain(|block| {
            plain
                .iter()
                .all(|heading| heading.span.start != block.start)
        });
        self.headings.extend(plain);
        order::by_key(&mut self.headings, |heading| heading.span.start);
    }
}

fn sections(bytes: &[u8], parts: &SectionBlocks) -> Vec<Section> {
    let headings = &parts.headings;
    let texts = headings.iter().map(|h| (h.level, h.text.as_str()));
    let roles = heading::roles(&texts.collect::<Vec<_>>());
    let marks = SectionMarks {
        bytes,
        rules: &parts.rules,
        others: &parts.others,
    };
    let mut sections: Vec<Section> = Vec::new();
    for (index, heading) in headings.iter().enumerate() {
        let HeadingRole::Section(title) = &roles[index] else {
            continue;
        };
        // A section's heading ends the section above it whatever its level: some files put patches one level down.
        let ends = |i: &usize| match roles[*i] {
            HeadingRole::Section(_) => true,
            HeadingRole::Within => false,
            HeadingRole::Plain => headings[*i].level <= heading.level,
        };
        let next = (index + 1..headings.len()).find(ends);
        let limit = next.map_or(bytes.len(), |i| match roles[i] {
            HeadingRole::Section(_) => marks.start(headings[i].span.start, heading.span.end, None),
            _ => headings[i].span.start,
        });
        let end = before_links(bytes, &parts.links, heading.span.end, limit);
        let body = heading.span.end..marks.body_end(heading.span.end..end);
        let first = match title {
            _ if !sections.is_empty() => None,
            Title::Version(name) | Title::Other(name) => Some(name.as_str()),
            Title::Unreleased => Some("nreleased"),
        };
        let floor = sections.last().map_or(0, |above| above.body.end);
        let inner = &headings[index + 1..next.unwrap_or(headings.len())];
        sections.push(Section {
            title: title.clone(),
            level: heading.level,
            start: marks.start(heading.span.start, floor, first),
            heading: heading.span.clone(),
            categories: categories(heading.level, inner, &parts.items, &body),
            body,
        });
    }
    sections
}

/// The categories of a section. All are headings of one level; a level above the section's own is used only if there are no others.
fn categories(
    own: usize,
    inner: &[Heading],
    items: &[Range<usize>],
    body: &Range<usize>,
) -> Vec<CategoryBlock> {
    let levels = || inner.iter().map(|h| h.level);
    let below = levels().filter(|level| *level >= own).min();
    let level = below.or_else(|| levels().min()).unwrap_or(0);
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

/// The end of a section's body: the start of the link definitions at its end, if there are any.
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

#[cfg(test)]
mod tests {
    use super::*;

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
