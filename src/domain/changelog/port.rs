//! Copies the section of a version, as it was released, from one changelog into another one of the same project, with the link definitions
//! that it uses.
//!
//! This is not a merge: a merge unites the contents of both files, and here only the new section may change. The copy is refused if the
//! result would not parse as that section between the existing sections.

use std::ops::Range;

use super::blocks::blank_before;
use super::document::{Document, Link, Section};
use super::lines::{with_crlf, with_lf};
use super::rank::{is_above, is_newer};
use super::title::{Title, without_v};
use crate::domain::order;

/// A section as it was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedSection {
    version: String,
    /// The lines from the mark above its heading to its last line, with LF alone if the file had CR LF throughout.
    text: Vec<u8>,
    /// Definitions below the section, before the next one.
    below: Vec<Definition>,
    /// Definitions elsewhere in the file that the section uses.
    used: Vec<Definition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Definition {
    label: String,
    /// Lines of the definition, without white space around them.
    text: Vec<u8>,
}

impl Definition {
    fn read(bytes: &[u8], link: &Link) -> Definition {
        Definition {
            label: link.label.clone(),
            text: bytes[link.span.clone()].trim_ascii().to_vec(),
        }
    }

    /// Whether a document has this definition. Labels are compared without case (CommonMark 0.31, 4.7).
    fn is_in(&self, doc: &Document<'_>) -> bool {
        let label = self.label.to_lowercase();
        doc.links
            .iter()
            .any(|link| link.label.to_lowercase() == label)
    }
}

/// The section of a version; `None` if there is none.
pub fn released(bytes: &[u8], version: &str) -> Option<ReleasedSection> {
    let bytes = &with_lf(bytes);
    let doc = Document::parse(bytes);
    let section = doc.version(version)?;
    let start = start_of(&doc, section);
    let mut end = end_of(&doc, section);
    let mut below = Vec::new();
    while let Some(link) = ends_with_link(&doc, section.heading.end..end) {
        below.insert(0, Definition::read(bytes, link));
        end = link.span.start;
    }
    let text = bytes[start..end].trim_ascii_end();
    let words = String::from_utf8_lossy(text).to_lowercase();
    let is_used = |link: &&Link| {
        let label = format!("[{}]", link.label.to_lowercase());
        let is_here = (start..end).contains(&link.span.start);
        !is_here && words.contains(&label) && !below.iter().any(|d| d.label == link.label)
    };
    let used = doc.links.iter().filter(is_used);
    Some(ReleasedSection {
        version: version.to_owned(),
        used: used.map(|link| Definition::read(bytes, link)).collect(),
        text: text.to_vec(),
        below,
    })
}

/// The start of a section with its marks, below the rule that separates it from the one above.
fn start_of(doc: &Document<'_>, section: &Section) -> usize {
    let marks = &doc.bytes[section.start..section.heading.start];
    let rule = doc.separator.as_deref().unwrap_or_default().trim_end();
    let below = marks
        .strip_prefix(rule.as_bytes())
        .map_or(marks, <[u8]>::trim_ascii_start);
    section.heading.start - below.len()
}

/// The end of a section, including the definitions below it if another section follows. At the end of a file, definitions belong to all
/// sections.
fn end_of(doc: &Document<'_>, section: &Section) -> usize {
    let mut later = doc.sections.iter().map(|s| s.start);
    let Some(next) = later.find(|start| *start >= section.body.end) else {
        return section.body.end;
    };
    let mut end = section.body.end.min(next);
    let text = &doc.bytes[section.heading.end..end];
    end = section.heading.end + without_rule(doc, text).len();
    let follows = |end: usize, link: &Link| {
        end <= link.span.start && doc.bytes[end..link.span.start].trim_ascii().is_empty()
    };
    while let Some(link) = doc.links.iter().find(|link| follows(end, link)) {
        end = link.span.end;
    }
    end
}

/// The definition at the end of a range.
fn ends_with_link<'d>(doc: &'d Document<'_>, range: Range<usize>) -> Option<&'d Link> {
    let mut inside = doc.links.iter().rev();
    let link = inside.find(|link| range.contains(&link.span.start))?;
    let rest = doc.bytes.get(link.span.end..range.end).unwrap_or_default();
    rest.trim_ascii().is_empty().then_some(link)
}

/// Whether a changelog has a section of a version.
pub fn has(bytes: &[u8], version: &str) -> bool {
    Document::parse(bytes).version(version).is_some()
}

/// The title of the section right above that of `version`; `None` if it is the first one.
pub fn section_above(bytes: &[u8], version: &str) -> Option<String> {
    let doc = Document::parse(bytes);
    let names = doc.sections.iter().map(|section| match &section.title {
        Title::Unreleased => "Unreleased".to_owned(),
        Title::Version(name) | Title::Other(name) => name.clone(),
    });
    let names: Vec<String> = names.collect();
    let at = names.iter().position(|name| name == version)?;
    names.get(at.checked_sub(1)?).cloned()
}

/// Lines to insert into a file.
struct Insertion {
    at: usize,
    /// Whether a blank line has to be above them.
    is_apart: bool,
    text: Vec<u8>,
}

impl ReleasedSection {
    /// The file with the section in its place: above the first older version, never above Unreleased. A file that already has a section of
    /// the version is unchanged.
    ///
    /// Returns `None` if the section would not be parsed there, as below a code fence that is not closed.
    pub fn put_into(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let doc = Document::parse(bytes);
        if doc.version(&self.version).is_some() {
            return Some(bytes.to_vec());
        }
        let mut insertions = vec![self.section(&doc)];
        insertions.extend(self.links(&doc));
        order::by_key(&mut insertions, |insertion| insertion.at); // stable: the section before links at one place
        let eol = doc.eol.as_bytes();
        let mut out = Vec::with_capacity(bytes.len() + self.text.len() + 200);
        let mut copied = 0;
        for Insertion { at, is_apart, text } in insertions {
            out.extend_from_slice(&bytes[copied..at]);
            copied = at;
            if !out.is_empty() && !out.ends_with(b"\n") {
                out.extend_from_slice(eol);
            }
            if is_apart && !blank_before(&out, out.len()) {
                out.extend_from_slice(eol);
            }
            out.extend_from_slice(&in_form(&text, doc.eol));
        }
        out.extend_from_slice(&bytes[copied..]);
        self.is_seen(&doc, &out).then_some(out)
    }

    /// The section with its separator from the next one, and the place where it is inserted.
    fn section(&self, doc: &Document<'_>) -> Insertion {
        let (bytes, eol) = (doc.bytes, doc.eol);
        let rule = doc.separator.as_deref().map(str::trim_end);
        let mut text = self.text.clone();
        let missing: Vec<&Definition> = self.below.iter().filter(|d| !d.is_in(doc)).collect();
        if !missing.is_empty() {
            text.extend_from_slice(eol.as_bytes());
        }
        for definition in missing {
            text.extend_from_slice(eol.as_bytes());
            text.extend_from_slice(&definition.text);
        }
        text.extend_from_slice(eol.as_bytes());
        let new = Title::Version(self.version.clone());
        let mut below = doc.sections.iter();
        if let Some(unreleased) = doc.unreleased() {
            below.find(|section| section.heading == unreleased.heading);
        }
        match below.find(|section| is_above(&new, &section.title)) {
            Some(older) => {
                let at = start_of(doc, older);
                // The same blank lines as above the older one.
                let end = bytes[..at].trim_ascii_end().len();
                let gap = bytes[end..at].iter().filter(|b| **b == b'\n').count();
                let gap = eol.repeat(gap.saturating_sub(1).max(1));
                match rule {
                    Some(rule) => {
                        text.extend_from_slice(format!("{gap}{rule}{eol}{gap}").as_bytes())
                    }
                    None => text.extend_from_slice(gap.as_bytes()),
                }
                Insertion {
                    at,
                    is_apart: true,
                    text,
                }
            }
            None => {
                let last = doc.sections.last();
                let at = last.map_or(bytes.len(), |last| last.body.end);
                if let Some(rule) = rule {
                    text.splice(0..0, format!("{rule}{eol}{eol}").into_bytes());
                }
                if at < bytes.len() {
                    text.extend_from_slice(eol.as_bytes());
                }
                Insertion {
                    at,
                    is_apart: true,
                    text,
                }
            }
        }
    }

    /// The definitions that the file lacks. A version's definition goes above that of the first older version, others after the last one.
    fn links(&self, doc: &Document<'_>) -> Vec<Insertion> {
        let is_version = |label: &str| doc.versions().any(|version| version == without_v(label));
        let versions = || doc.links.iter().filter(|link| is_version(&link.label));
        let end = doc.sections.last().map_or(0, |last| last.body.end);
        let last = doc.links.iter().rfind(|link| link.span.start >= end);
        let mut is_first = last.is_none();
        let mut insertions = Vec::new();
        for definition in self.used.iter().filter(|d| !d.is_in(doc)) {
            let label = without_v(&definition.label);
            let is_its = label == self.version;
            let older = versions().find(|link| is_its && is_newer(label, without_v(&link.label)));
            let newer = versions().next_back().filter(|_| is_its);
            let place = older
                .map(|link| link.span.start)
                .or_else(|| Some(newer.or(last)?.span.end));
            let is_apart = place.is_none() && std::mem::take(&mut is_first);
            insertions.push(Insertion {
                at: place.unwrap_or(doc.bytes.len()),
                is_apart,
                text: [&definition.text, doc.eol.as_bytes()].concat(),
            });
        }
        insertions
    }

    /// Whether parsing `out` gives the file's previous sections, unchanged, and this one among them.
    fn is_seen(&self, before: &Document<'_>, out: &[u8]) -> bool {
        let after = Document::parse(out);
        let own = |title: &Title| matches!(title, Title::Version(v) if *v == self.version);
        let parts = |doc: &Document<'_>| -> Vec<(Title, Vec<u8>)> {
            let others = doc.sections.iter().filter(|s| !own(&s.title));
            let part = others.map(|s| {
                let text = &doc.bytes[s.heading.start..s.body.end];
                (s.title.clone(), without_rule(doc, text).to_vec())
            });
            part.collect()
        };
        let count = after.sections.iter().filter(|s| own(&s.title)).count();
        count == 1 && parts(before) == parts(&after)
    }
}

/// The text without white space at the end and without the rule that separates sections.
fn without_rule<'t>(doc: &Document<'_>, text: &'t [u8]) -> &'t [u8] {
    let text = text.trim_ascii_end();
    let rule = doc.separator.as_deref().unwrap_or_default().trim_end();
    match text.strip_suffix(rule.as_bytes()) {
        Some(bare) if !rule.is_empty() => bare.trim_ascii_end(),
        _ => text,
    }
}

/// The text with the line endings of the target file.
fn in_form(text: &[u8], eol: &str) -> Vec<u8> {
    let text = with_lf(text);
    if eol == "\r\n" {
        with_crlf(&text)
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASED: &str = "# Changelog\n\n## [Unreleased]\n\n## [1.0.3] - 2026-03-01\n\n### Fixed\n\n- Crash ([#7])\n\n## [1.0.0] - 2026-01-01\n\n- a\n\n[unreleased]: https://x/compare/v1.0.3...HEAD\n[1.0.3]: https://x/compare/v1.0.0...v1.0.3\n[1.0.0]: https://x/v1.0.0\n[#7]: https://x/7\n";

    const SECTION: &str = "## [1.0.3] - 2026-03-01\n\n### Fixed\n\n- Crash ([#7])\n";

    fn ported(from: &str, version: &str, into: &str) -> String {
        let section = released(from.as_bytes(), version).unwrap();
        String::from_utf8(section.put_into(into.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn it_comes_above_the_first_older_version_with_its_links() {
        let here = "# Changelog\n\n## [Unreleased]\n\n- new\n\n## [1.1.0] - 2026-02-01\n\n- b\n\n## [1.0.0] - 2026-01-01\n\n- a\n\n[unreleased]: https://x/compare/v1.1.0...HEAD\n[1.1.0]: https://x/compare/v1.0.0...v1.1.0\n[1.0.0]: https://x/v1.0.0\n";
        let expected = "# Changelog\n\n## [Unreleased]\n\n- new\n\n## [1.1.0] - 2026-02-01\n\n- b\n\n## [1.0.3] - 2026-03-01\n\n### Fixed\n\n- Crash ([#7])\n\n## [1.0.0] - 2026-01-01\n\n- a\n\n[unreleased]: https://x/compare/v1.1.0...HEAD\n[1.1.0]: https://x/compare/v1.0.0...v1.1.0\n[1.0.3]: https://x/compare/v1.0.0...v1.0.3\n[1.0.0]: https://x/v1.0.0\n[#7]: https://x/7\n";
        assert_eq!(ported(RELEASED, "1.0.3", here), expected);
        assert_eq!(ported(RELEASED, "1.0.3", expected), expected);
        assert_eq!(
            section_above(expected.as_bytes(), "1.0.3").as_deref(),
            Some("1.1.0")
        );
        let crlf = |text: &str| text.replace('\n', "\r\n");
        assert_eq!(ported(RELEASED, "1.0.3", &crlf(here)), crlf(expected));
        assert_eq!(ported(&crlf(RELEASED), "1.0.3", here), expected);
    }

    #[test]
    fn the_form_of_the_file_is_kept_in_each_place() {
        let cases = [
            // Nothing is older, and there are no links.
            (
                "## 2.0.0\n\n- x\n",
                format!(
                    "## 2.0.0\n\n- x\n\n{SECTION}\n[1.0.3]: https://x/compare/v1.0.0...v1.0.3\n[#7]: https://x/7\n"
                ),
            ),
            // An Unreleased heading below versions does not count.
            (
                "## 1.0.1\n\n- x\n\n## Unreleased\n\n## 1.0.0\n[1.0.3]: a\n[#7]: b\n",
                format!(
                    "{SECTION}\n## 1.0.1\n\n- x\n\n## Unreleased\n\n## 1.0.0\n[1.0.3]: a\n[#7]: b\n"
                ),
            ),
            // Two blank lines between sections, and anchors.
            (
                "<a name=\"1.1.0\"></a>\n## 1.1.0\n\n- x\n\n\n<a name=\"1.0.0\"></a>\n## 1.0.0\n\n[1.0.3]: a\n[#7]: b\n",
                format!(
                    "<a name=\"1.1.0\"></a>\n## 1.1.0\n\n- x\n\n\n{SECTION}\n\n<a name=\"1.0.0\"></a>\n## 1.0.0\n\n[1.0.3]: a\n[#7]: b\n"
                ),
            ),
            // Rules between sections.
            (
                "## 1.1.0\n\n- x\n\n- - -\n\n## 1.0.0\n\n- y\n\n[1.0.3]: a\n[#7]: b\n",
                format!(
                    "## 1.1.0\n\n- x\n\n- - -\n\n{SECTION}\n- - -\n\n## 1.0.0\n\n- y\n\n[1.0.3]: a\n[#7]: b\n"
                ),
            ),
            // No line end at the end.
            (
                "## Unreleased\n\n- x",
                format!(
                    "## Unreleased\n\n- x\n\n{SECTION}\n[1.0.3]: https://x/compare/v1.0.0...v1.0.3\n[#7]: https://x/7\n"
                ),
            ),
        ];
        for (here, expected) in cases {
            assert_eq!(ported(RELEASED, "1.0.3", here), expected, "{here}");
        }
    }

    #[test]
    fn the_mark_above_and_the_definitions_below_come_along() {
        let here = "## 1.0.0\n\n- z\n\n[1]: here\n";
        let anchors = "## 2.0.0\n\n<a name=\"1.0.3\"></a>\n## 1.0.3\n\n- y ([1], [2])\n\n[1]: one\n[2]: two\n\n<a name=\"1.0.0\"></a>\n## 1.0.0\n\n- z\n";
        assert_eq!(
            ported(anchors, "1.0.3", here),
            "<a name=\"1.0.3\"></a>\n## 1.0.3\n\n- y ([1], [2])\n\n[2]: two\n\n## 1.0.0\n\n- z\n\n[1]: here\n"
        );
        let rules = "## 2.0.0\n\n- - -\n\n## 1.0.3\n\n- y ([1], [2])\n\n[2]: two\n\n- - -\n\n## 1.0.0\n\n- z ([1])\n\n[1]: one\n";
        assert_eq!(
            ported(rules, "1.0.3", here),
            "## 1.0.3\n\n- y ([1], [2])\n\n[2]: two\n\n## 1.0.0\n\n- z\n\n[1]: here\n"
        );
    }

    #[test]
    fn what_a_reader_would_not_see_is_refused() {
        let section = released(RELEASED.as_bytes(), "1.0.3").unwrap();
        assert_eq!(section.put_into(b"## Unreleased\n\n```\n- x\n"), None);
        assert_eq!(released(RELEASED.as_bytes(), "1.0.4"), None);
    }
}
