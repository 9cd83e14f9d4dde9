//! The view: generated entries put into a document, and taken out again.
//!
//! [`view`] and [`clean`] are inverse, byte for byte, for every document and every set of entries; what
//! was inserted is written down in a [`Record`], because that is how a generated line is told from a
//! line of a person (nothing in the file itself marks it). [`clean`] is idempotent.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::domain::changelog::blocks::{line_end, line_start};
use crate::domain::changelog::document::{Document, Marker, Section, eol_of, same_category};
use crate::domain::changelog::lines::{strip_eol, terminated, with_crlf, with_lf};
use crate::domain::changelog::record::{self, InsertedRun, Line, Record};
use crate::domain::order;

/// Puts `lines` into the Unreleased section of `doc`. Categories that are missing are made, in the place
/// that `order` gives them; a missing section heading too. A line that the category already holds word
/// for word is left out: it is a person's. Where an unclosed fence or comment would swallow the entries,
/// the document comes back as it was, with an empty record.
pub fn view(doc: &[u8], lines: &[Line], order: &[String]) -> (Vec<u8>, Record) {
    let eol = eol_of(doc);
    let (source, stripped) = terminated(doc, eol);
    let parsed = Document {
        eol,
        ..Document::parse(&source)
    };
    // An open fence or comment would swallow what stands below it, a carriage return alone may have an entry swallow that.
    let risky = parsed
        .unreleased()
        .map_or(&source[..], |s| &source[s.body.clone()]);
    let mut returns = risky.split(|b| *b == b'\r').skip(1);
    let risky = risky.iter().any(|b| matches!(b, b'`' | b'~' | b'<'))
        || returns.any(|rest| !rest.starts_with(b"\n"));
    let mut inserts = inserts(&parsed, lines, order);
    order::by_key(&mut inserts, |insert| insert.offset); // stable: blocks at one place keep their order
    let added: usize = inserts.iter().map(|i| i.rendered.len()).sum();
    let mut out = Vec::with_capacity(source.len() + added);
    let mut blocks = Vec::with_capacity(inserts.len());
    let mut copied = 0;
    // Indented text behind an entry would become its own.
    let is_indented = |insert: &Insert| {
        let behind = source[insert.offset..].split(|b| matches!(b, b'\r' | b'\n'));
        let mut behind = behind.filter(|line| !line.trim_ascii().is_empty());
        behind
            .next()
            .is_some_and(|line| line.starts_with(b" ") || line.starts_with(b"\t"))
    };
    let risky = risky || inserts.iter().any(is_indented);
    for insert in inserts {
        out.extend_from_slice(&source[copied..insert.offset]);
        copied = insert.offset;
        blocks.push(InsertedRun {
            at: out.len(),
            ..insert.block
        });
        out.extend_from_slice(insert.rendered.as_bytes());
    }
    out.extend_from_slice(&source[copied..]);
    let record = Record {
        len: out.len(),
        eol: eol.to_owned(),
        blocks,
    };
    if risky && !record.all_readable(&out) {
        return (doc.to_vec(), Record::default());
    }
    if stripped {
        strip_eol(&mut out, eol);
    }
    (out, record)
}

/// A section of its own, with nothing but these lines: its heading, then each category that `order` lists.
pub fn section(heading: &str, lines: &[Line], order: &[String]) -> String {
    const EMPTY: &str = "## [Unreleased]\n";
    let (viewed, _) = view(EMPTY.as_bytes(), lines, order);
    let viewed = String::from_utf8_lossy(&viewed);
    format!(
        "{heading}\n{}",
        viewed.strip_prefix(EMPTY).unwrap_or_default()
    )
}

/// Takes every generated line out of `viewed`. A line that a person edited, or moved to another category,
/// stays; in a category whose order a person changed, all down to the last line that moved stay.
pub fn clean<'a>(viewed: &'a [u8], record: &Record) -> Cow<'a, [u8]> {
    if record.is_empty() {
        return Cow::Borrowed(viewed);
    }
    if let Some(same) = record.with_its_line_ends(viewed) {
        let doc = clean(&same, record).into_owned();
        return Cow::Owned(match record.eol.as_str() {
            "\n" => with_crlf(&doc),
            _ => with_lf(&doc),
        });
    }
    let (mut text, stripped) = terminated(viewed, &record.eol);
    let len = text.len();
    // Until nothing changes, so that cleaning twice is cleaning once.
    while let Some(shorter) =
        record::clean_exact(&text, record).or_else(|| clean_edited(&text, record))
    {
        text = Cow::Owned(shorter);
    }
    if text.len() == len {
        return Cow::Borrowed(viewed);
    }
    let mut text = text.into_owned();
    if stripped {
        strip_eol(&mut text, &record.eol);
    }
    Cow::Owned(text)
}

struct Insert {
    offset: usize,
    rendered: String,
    block: InsertedRun,
}

fn inserts(doc: &Document<'_>, lines: &[Line], order: &[String]) -> Vec<Insert> {
    let mut names: Vec<&str> = Vec::new();
    for line in lines {
        if !names.contains(&line.category.as_str()) {
            names.push(&line.category);
        }
    }
    let rank = |name: &str| order.iter().position(|o| same_category(o, name));
    order::by_key(&mut names, |name| rank(name).unwrap_or(order.len()));

    let mut inserts: Vec<Insert> = Vec::new();
    let section = doc.unreleased();
    let section_at = section.map_or_else(|| section_place(doc), |s| s.body.end);
    let mut heads = names
        .iter()
        .filter_map(|name| {
            let lines = lines.iter().filter(|line| line.category == *name);
            let existing =
                section.and_then(|s| s.categories.iter().find(|c| same_category(&c.name, name)));
            let block = match (section, existing) {
                (Some(_), Some(category)) => append_to(doc, category, lines),
                _ => {
                    let offset = section
                        .and_then(|s| place_of(s, rank(name), &rank))
                        .unwrap_or(section_at);
                    new_category(doc, section, offset, name, lines)
                }
            };
            (!block.1.items.is_empty()).then_some(block)
        })
        .collect::<Vec<_>>();
    if heads.is_empty() {
        return inserts;
    }
    if section.is_none() {
        heads.insert(
            0,
            (
                section_at,
                InsertedRun {
                    at: 0,
                    lead: 0,
                    trail: 0,
                    category: String::new(),
                    heading: Some(doc.unreleased_heading()),
                    items: Vec::new(),
                },
            ),
        );
    }
    let last_at_end = heads
        .iter()
        .rposition(|(offset, _)| *offset == doc.bytes.len());
    let mut seen: Option<usize> = None;
    let mut after_entries = false;
    for (index, (offset, mut block)) in heads.into_iter().enumerate() {
        if block.heading.is_some() {
            let first_here = seen != Some(offset);
            // Right behind entries of ours that end a category, or behind what the document has there.
            let touches = if first_here {
                !blank_before(doc.bytes, offset)
            } else {
                after_entries
            };
            block.lead = usize::from(touches);
            block.trail = usize::from(!block.is_section() && last_at_end != Some(index));
        }
        seen = Some(offset);
        after_entries = block.heading.is_none() && block.trail == 0;
        inserts.push(Insert {
            offset,
            rendered: block.render(doc.eol),
            block,
        });
    }
    inserts
}

/// Where an Unreleased section belongs that is not there: before the newest version, else at the end.
fn section_place(doc: &Document<'_>) -> usize {
    match doc.sections.first() {
        Some(section) => section.heading.start,
        None => {
            let mut end = doc.bytes.len();
            for link in doc.links.iter().rev() {
                let between = &doc.bytes[link.span.end..end];
                if !between.iter().all(u8::is_ascii_whitespace) {
                    break;
                }
                end = link.span.start;
            }
            end
        }
    }
}

/// Before the first existing category that comes later in the order.
fn place_of(
    section: &Section,
    rank: Option<usize>,
    rank_of: &impl Fn(&str) -> Option<usize>,
) -> Option<usize> {
    let rank = rank?;
    section
        .categories
        .iter()
        .find(|c| rank_of(&c.name).is_some_and(|other| other > rank))
        .map(|c| c.heading.start)
}

fn append_to<'l>(
    doc: &Document<'_>,
    category: &super::document::CategoryBlock,
    lines: impl Iterator<Item = &'l Line>,
) -> (usize, InsertedRun) {
    let last = category
        .items
        .iter()
        .rev()
        .find(|item| item.end <= category.own_end);
    let (offset, lead, marker) = match last {
        Some(item) => {
            let above = Marker::parse(&doc.text(item)).unwrap_or_else(|| doc.marker.clone());
            (item.end, 0, above.next())
        }
        None => {
            let mut end = category.own_end;
            while end > category.body.start {
                let start = line_start(doc.bytes, end - 1);
                if !doc.bytes[start..end].iter().all(u8::is_ascii_whitespace) {
                    break;
                }
                end = start;
            }
            (end, 1, doc.marker.clone())
        }
    };
    let alike = doc.unreleased().into_iter().flat_map(|s| &s.categories);
    let taken: HashSet<&[u8]> = alike
        .filter(|c| same_category(&c.name, &category.name))
        .flat_map(|c| &c.items)
        .map(|span| &doc.bytes[span.clone()])
        .collect();
    let mut marker = marker;
    let mut items = Vec::new();
    for line in lines {
        let item = record::item(line, &marker, doc.eol);
        if !taken.contains(&item.text.as_bytes()) {
            items.push(item);
            marker = marker.next();
        }
    }
    let followed = offset < doc.bytes.len() && !blank_after(doc.bytes, offset);
    let block = InsertedRun {
        at: 0,
        lead,
        trail: usize::from(last.is_none() && followed),
        category: category.name.clone(),
        heading: None,
        items,
    };
    (offset, block)
}

fn new_category<'l>(
    doc: &Document<'_>,
    section: Option<&Section>,
    offset: usize,
    name: &str,
    lines: impl Iterator<Item = &'l Line>,
) -> (usize, InsertedRun) {
    let level = section
        .and_then(|s| {
            s.categories
                .iter()
                .map(|c| c.level)
                .find(|level| *level > 0)
        })
        .or_else(|| section.map(|s| s.level + 1))
        .unwrap_or_else(|| doc.version_level() + 1);
    let block = InsertedRun {
        at: 0,
        lead: 0,
        trail: 0,
        category: name.to_owned(),
        heading: Some(format!("{} {name}", "#".repeat(level.min(6)))),
        items: lines
            .map(|line| record::item(line, &doc.marker, doc.eol))
            .collect(),
    };
    (offset, block)
}

fn blank_before(bytes: &[u8], offset: usize) -> bool {
    offset == 0
        || bytes[line_start(bytes, offset - 1)..offset]
            .iter()
            .all(u8::is_ascii_whitespace)
}

fn blank_after(bytes: &[u8], offset: usize) -> bool {
    let end = line_end(bytes, (offset + 1).min(bytes.len()));
    bytes[offset..end].iter().all(u8::is_ascii_whitespace)
}

/// Somebody edited the file: find our lines one by one. `None` if there are none.
fn clean_edited(viewed: &[u8], record: &Record) -> Option<Vec<u8>> {
    let doc = Document::parse(viewed);
    let section = doc.unreleased()?;
    let mut cuts: Vec<Range<usize>> = Vec::new();
    // Headings of ours that a person wrote below: what kept them apart from a heading above may be cut.
    let mut kept: Vec<usize> = Vec::new();
    for block in &record.blocks {
        for category in &section.categories {
            if !block.is_in(&category.name) {
                continue;
            }
            let found = block.find(&doc, &category.items);
            let ours = &found[theirs_by_order(&found)..];
            if let (Some(head), true) = (
                &block.heading,
                rest_is_blank(viewed, &category.body, ours.iter().map(|(span, _)| *span)),
            ) && doc.text(&category.heading).trim_end() == head
            {
                let last = ours
                    .last()
                    .map_or(category.heading.end, |(span, _)| span.end);
                // Blank lines of ours: below the heading if no entry is left there, and those that kept the next one apart.
                let blanks = usize::from(ours.is_empty()) + block.trail;
                let end = blanks_after(viewed, last, blanks).min(category.body.end);
                cuts.push(blanks_before(viewed, category.heading.start, block.lead)..end);
                continue;
            }
            if block.heading.is_some() {
                kept.push(category.heading.start);
            }
            for (index, (span, _)) in ours.iter().enumerate() {
                let start = if index == 0 && block.heading.is_none() {
                    blanks_before(viewed, span.start, block.lead)
                } else {
                    span.start
                };
                let end = if index + 1 == ours.len()
                    && block.heading.is_none()
                    && block.trail > 0
                    && blank_after(viewed, span.end)
                {
                    line_end(viewed, (span.end + 1).min(viewed.len()))
                } else {
                    span.end
                };
                cuts.push(start..end);
            }
        }
    }
    if let Some(block) = record.blocks.iter().find(|b| b.is_section()) {
        let body_is_ours = rest_is_blank(viewed, &section.body, cuts.iter());
        if body_is_ours && Some(doc.text(&section.heading).trim_end()) == block.heading.as_deref() {
            let start = blanks_before(viewed, section.heading.start, block.lead);
            cuts.clear();
            cuts.push(start..section.body.end);
        }
    }
    if cuts.is_empty() {
        return None;
    }
    order::by_key(&mut cuts, |cut| cut.start);
    let mut out = Vec::with_capacity(viewed.len());
    let mut copied = 0;
    for cut in cuts {
        out.extend_from_slice(&viewed[copied..cut.start.max(copied)]);
        copied = cut.end.max(copied);
        let blank = format!("{0}{0}", record.eol);
        if kept.contains(&copied) && !out.ends_with(blank.as_bytes()) {
            out.extend_from_slice(record.eol.as_bytes());
        }
    }
    out.extend_from_slice(&viewed[copied..]);
    Some(out)
}

/// How many of `found` (file order) belong to a person because they stand at or before the last line that
/// is out of our order. Lines in order after that are still ours.
fn theirs_by_order(found: &[(&Range<usize>, usize)]) -> usize {
    let mut highest = 0;
    let mut theirs = 0;
    for (position, (_, index)) in found.iter().enumerate() {
        if *index < highest {
            theirs = position + 1;
        }
        highest = highest.max(*index);
    }
    theirs
}

/// Whether nothing but blank lines is left of `body` without `cuts` (in file order).
fn rest_is_blank<'r>(
    bytes: &[u8],
    body: &Range<usize>,
    cuts: impl Iterator<Item = &'r Range<usize>>,
) -> bool {
    let mut at = body.start;
    let mut sorted: Vec<_> = cuts.collect();
    order::by_key(&mut sorted, |cut| cut.start);
    for cut in sorted {
        if cut.start > at && !bytes[at..cut.start].iter().all(u8::is_ascii_whitespace) {
            return false;
        }
        at = at.max(cut.end);
    }
    at >= body.end || bytes[at..body.end].iter().all(u8::is_ascii_whitespace)
}

/// The start of up to `count` blank lines right before `offset`.
fn blanks_before(bytes: &[u8], offset: usize, count: usize) -> usize {
    let mut start = offset;
    for _ in 0..count {
        if start == 0 || !blank_before(bytes, start) {
            break;
        }
        start = line_start(bytes, start - 1);
    }
    start
}

/// The end of up to `count` blank lines right after `offset`.
fn blanks_after(bytes: &[u8], offset: usize, count: usize) -> usize {
    let mut end = offset;
    for _ in 0..count {
        if end >= bytes.len() || !blank_after(bytes, end) {
            break;
        }
        end = line_end(bytes, end + 1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::changelog::places::Places;

    fn order() -> Vec<String> {
        ["Added", "Changed", "Fixed"].map(String::from).to_vec()
    }

    fn line(category: &str, text: &str) -> Line {
        Line {
            category: category.into(),
            text: text.into(),
            refs: vec![text.into()],
        }
    }

    fn shown(doc: &str, lines: &[Line]) -> (String, Record) {
        let (bytes, record) = view(doc.as_bytes(), lines, &order());
        assert_eq!(clean(&bytes, &record), doc.as_bytes(), "clean(view) == doc");
        assert_eq!(clean(doc.as_bytes(), &record), doc.as_bytes());
        if let Some(edited) = clean_edited(&terminated(&bytes, &record.eol).0, &record) {
            assert_eq!(
                String::from_utf8_lossy(&edited),
                String::from_utf8_lossy(&terminated(doc.as_bytes(), &record.eol).0),
                "line by line it comes back too"
            );
        }
        (String::from_utf8(bytes).unwrap(), record)
    }

    const DOC: &str = "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- first\n";

    #[test]
    fn entries_are_listed_in_the_order_of_the_categories() {
        let (text, _) = shown(
            DOC,
            &[line("Fixed", "b (#2)"), line("Added", "a (#1)\n\nmore")],
        );
        assert_eq!(
            text,
            "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a (#1)\n\n  more\n\n### Fixed\n\n- b (#2)\n\n## [0.1.0] - 2026-01-01\n\n- first\n"
        );
    }

    #[test]
    fn every_place_comes_back() {
        let lines = [line("Added", "a (#1)"), line("Fixed", "b (#2)")];
        for doc in [
            "",
            "\n",
            "# Changelog",
            "# Changelog\r\n\r\n## [Unreleased]\r\n",
            "\u{feff}## Unreleased",
            "## [Unreleased]\n## [0.1.0]\n",
            "## [Unreleased]\n\n### Added\n\n- mine\n",
            "## [Unreleased]\n\n### Added\n### Fixed\n\n* mine\n* other",
            "## [Unreleased]\n\n### Added\n\nprose\n### Fixed",
            "## 1.0.0\n\n- x\n\n[1.0.0]: https://example.org\n",
            "# Log\n\n[a]: https://example.org\n",
            "## [Unreleased]\n\n### Security\n\n- s\n\n[Unreleased]: https://example.org\n",
            "## [Unreleased]\n\n```\nunclosed\n",
            "## [Unreleased]\n\n<!-- unclosed\n",
            "## [Unreleased]\n\n\n\n## 1.0.0\n",
        ] {
            shown(doc, &lines);
        }
    }

    #[test]
    fn a_missing_section_is_made_before_the_newest_version() {
        let (text, _) = shown("# Log\n\n## 1.0.0\n\n- x\n", &[line("Added", "a (#1)")]);
        assert_eq!(
            text,
            "# Log\n\n## [Unreleased]\n\n### Added\n\n- a (#1)\n\n## 1.0.0\n\n- x\n"
        );
    }

    #[test]
    fn an_extended_view_is_the_view_of_all_lines() {
        for doc in [DOC, "## [Unreleased]\r\n\r\n* mine", "# Log"] {
            let lines = [
                line("Added", "a"),
                line("Fixed", "b"),
                line("Added", "c\n\nmore"),
            ];
            let (text, record) = shown(doc, &lines[..2]);
            let (all, whole) = view(doc.as_bytes(), &lines, &order());
            let places = Places::from_record(&record);
            let extended = places
                .extended(text.clone().into_bytes(), &lines[2..])
                .unwrap();
            assert_eq!(extended.viewed, all);
            assert_eq!(extended.places, Places::from_record(&whole));
            let known = record.items().map(|(number, item)| (number, item.clone()));
            let items = known.chain(extended.items);
            assert_eq!(extended.places.with_items(items), whole);
            assert_eq!(
                Places::from_record(&whole).cut_from(&all).unwrap(),
                doc.as_bytes()
            );
            assert_eq!(whole.untouched(&all).unwrap(), doc.as_bytes());
            assert_eq!(
                places.extended(text.clone().into_bytes(), &lines[..1]),
                None
            );
            let other = [line("Changed", "d")];
            assert_eq!(places.extended(text.clone().into_bytes(), &other), None);
        }
    }

    #[test]
    fn categories_stand_apart_from_what_is_above_and_below_them() {
        let doc = "## [Unreleased]\n\n### Added\n\n- mine\n";
        let (text, _) = shown(doc, &[line("Added", "a"), line("Fixed", "b")]);
        assert_eq!(
            text,
            "## [Unreleased]\n\n### Added\n\n- mine\n- a\n\n### Fixed\n\n- b\n"
        );
        let (text, record) = shown("## [Unreleased]\n", &[line("Added", "a")]);
        let typed = format!("{text}\n### Security\n\n- s\n");
        assert_eq!(
            String::from_utf8_lossy(&clean(typed.as_bytes(), &record)),
            "## [Unreleased]\n\n### Security\n\n- s\n"
        );
    }

    #[test]
    fn other_line_ends_are_no_edit() {
        let (text, record) = shown(DOC, &[line("Added", "a"), line("Fixed", "b\n\nmore")]);
        let dos = text.replace('\n', "\r\n");
        let (there, wanted) = (clean(dos.as_bytes(), &record), DOC.replace('\n', "\r\n"));
        assert_eq!(String::from_utf8_lossy(&there), wanted);
        let (dos, record) = shown(&wanted, &[line("Added", "a")]);
        let unix = dos.replace("\r\n", "\n");
        assert_eq!(
            String::from_utf8_lossy(&clean(unix.as_bytes(), &record)),
            DOC
        );
        assert!(record.removed_by_hand(unix.as_bytes()).is_empty());
    }

    #[test]
    fn an_edited_line_is_a_persons() {
        let (text, record) = shown(DOC, &[line("Added", "a (#1)"), line("Added", "b (#2)")]);
        let edited = text.replace("- a (#1)", "- better a (#1)");
        assert_eq!(
            String::from_utf8_lossy(&clean(edited.as_bytes(), &record)),
            "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- better a (#1)\n\n## [0.1.0] - 2026-01-01\n\n- first\n"
        );
        assert_eq!(
            record.removed_by_hand(edited.as_bytes()),
            [["a (#1)".to_owned()]]
        );
    }

    #[test]
    fn a_moved_line_is_a_persons_and_cleaning_twice_is_cleaning_once() {
        let lines = ["a", "b", "c"].map(|t| line("Added", t));
        let (text, record) = shown(DOC, &lines);
        let moved = text.replace("- a\n- b\n", "- b\n- a\n");
        let once = clean(moved.as_bytes(), &record).into_owned();
        assert!(String::from_utf8_lossy(&once).contains("### Added\n\n- b\n- a\n\n## [0.1.0]"));
        assert_eq!(clean(&once, &record), once.as_slice());
        let recategorised = text.replace("- c\n", "\n### Fixed\n\n- c\n");
        let once = clean(recategorised.as_bytes(), &record).into_owned();
        assert!(String::from_utf8_lossy(&once).contains("### Fixed\n\n- c\n"));
        assert!(!String::from_utf8_lossy(&once).contains("- a\n"));
    }

    #[test]
    fn only_a_person_deletes_some_of_the_lines() {
        let (text, record) = shown(DOC, &[line("Added", "a"), line("Added", "b")]);
        assert_eq!(record.removed_by_hand(text.as_bytes()).len(), 0);
        assert_eq!(
            record.removed_by_hand(DOC.as_bytes()).len(),
            0,
            "git restored the file"
        );
        let deleted = text.replace("- a\n", "");
        assert_eq!(
            record.removed_by_hand(deleted.as_bytes()),
            [["a".to_owned()]]
        );
        let all = text.replace("- a\n- b\n", "");
        assert_eq!(record.removed_by_hand(all.as_bytes()).len(), 2);
        assert_eq!(clean(all.as_bytes(), &record), DOC.as_bytes());
        let restored = DOC.replace("d]\n", "d]\n\n### Added\n\n- mine\n");
        assert_eq!(record.removed_by_hand(restored.as_bytes()).len(), 0);
    }
}
