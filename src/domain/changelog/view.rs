//! The view: generated entries put into a document, and taken out again.
//!
//! [`view`] and [`clean`] are inverse, byte for byte, for every document and every set of entries; what
//! was inserted is written down in a [`Record`], because that is how a generated line is told from a
//! line of a person (nothing in the file itself marks it). [`clean`] is idempotent.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::changelog::blocks::{line_end, line_start};
use crate::domain::changelog::document::{
    Category, Document, Marker, Section, category_key, eol_of, same_category,
};
use crate::domain::changelog::lines::{strip_eol, terminated, with_crlf, with_lf};
use crate::domain::changelog::record::{self, Block, Line, Record};
use crate::domain::changelog::verdict::{self, Known, Stored, Verdict};
use crate::domain::order;

/// Puts `lines` into the Unreleased section of `doc`. Categories that are missing are made, in the place
/// that `order` gives them; a missing section heading too. A line that the category lists already, in the same
/// Markdown, is not inserted: it is a person's. Where an unclosed fence or comment would swallow the entries,
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
        blocks.push(Block {
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

/// A file without its generated lines, and what became of those that it lacks.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Cleaned {
    pub doc: Vec<u8>,
    pub verdict: Verdict,
}

/// Takes every generated line out of `viewed`; [`verdict`](super::verdict) says which those are.
pub fn clean(viewed: &[u8], known: &Known<'_>) -> Cleaned {
    let record = known.record;
    // What git wrote is a person's.
    let is_gits = known.blob == Some(viewed);
    if is_gits || record.is_empty() && known.earlier.is_empty() {
        return Cleaned {
            doc: viewed.to_vec(),
            verdict: Verdict::default(),
        };
    }
    if let Some(same) = record.with_its_line_ends(viewed) {
        let mut cleaned = clean(&same, known);
        cleaned.doc = match record.eol.as_str() {
            "\n" => with_crlf(&cleaned.doc),
            _ => with_lf(&cleaned.doc),
        };
        return cleaned;
    }
    let (text, stripped) = terminated(viewed, &record.eol);
    let (mut doc, verdict) = match record::clean_exact(&text, record) {
        Some(doc) => (doc, Verdict::default()),
        None => {
            let doc = Document::parse(&text);
            let stored = Stored::of(known.blob);
            let verdict = verdict::verdict(known, &stored, &doc);
            (without(&doc, known, &stored, &verdict.ours), verdict)
        }
    };
    if stripped {
        strip_eol(&mut doc, &record.eol);
    }
    Cleaned { doc, verdict }
}

struct Insert {
    offset: usize,
    rendered: String,
    block: Block,
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
                Block {
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
            let touches = match first_here {
                true => !blank_before(doc.bytes, offset),
                false => after_entries,
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
    category: &super::document::Category,
    lines: impl Iterator<Item = &'l Line>,
) -> (usize, Block) {
    let last = category
        .items
        .iter()
        .rev()
        .find(|item| item.end <= category.own_end);
    let (offset, lead, marker) = match last {
        Some(item) => {
            let above = Marker::of(&doc.text(item)).unwrap_or_else(|| doc.marker.clone());
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
    let taken = listed(doc, &category.name);
    let mut marker = marker;
    let mut items = Vec::new();
    for line in lines {
        let item = record::item(line, &marker, doc.eol);
        if taken.is_empty() || !taken.contains(&verdict::said(&item.text)) {
            items.push(item);
            marker = marker.next();
        }
    }
    let followed = offset < doc.bytes.len() && !blank_after(doc.bytes, offset);
    let block = Block {
        at: 0,
        lead,
        trail: usize::from(last.is_none() && followed),
        category: category.name.clone(),
        heading: None,
        items,
    };
    (offset, block)
}

/// What a document lists in a category.
fn listed(doc: &Document<'_>, category: &str) -> HashSet<String> {
    let all = doc.unreleased().into_iter().flat_map(|s| &s.categories);
    let own = all.filter(|c| same_category(&c.name, category));
    let items = own.flat_map(|c| &c.items);
    items.map(|item| verdict::said(&doc.text(item))).collect()
}

/// Whether a document lists one of these lines already, in the same Markdown.
pub fn lists_one_of(doc: &[u8], lines: &[Line]) -> bool {
    let doc = Document::parse(doc);
    lines.iter().any(|line| {
        let listed = listed(&doc, &line.category);
        !listed.is_empty() && {
            let item = record::item(line, &doc.marker, doc.eol);
            listed.contains(&verdict::said(&item.text))
        }
    })
}

fn new_category<'l>(
    doc: &Document<'_>,
    section: Option<&Section>,
    offset: usize,
    name: &str,
    lines: impl Iterator<Item = &'l Line>,
) -> (usize, Block) {
    let level = section
        .and_then(|s| {
            s.categories
                .iter()
                .map(|c| c.level)
                .find(|level| *level > 0)
        })
        .or_else(|| section.map(|s| s.level + 1))
        .unwrap_or_else(|| doc.version_level() + 1);
    let block = Block {
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

/// An edited file without those lines that are ours, and without headings of ours that are left with nothing below them.
fn without(
    doc: &Document<'_>,
    known: &Known<'_>,
    stored: &Stored,
    ours: &[(usize, Range<usize>)],
) -> Vec<u8> {
    let bytes = doc.bytes;
    let Some(section) = doc.unreleased() else {
        return bytes.to_vec();
    };
    let mut new_headings = stored.new_headings(section);
    let mut cuts: Vec<Range<usize>> = Vec::new();
    // Headings of ours that a person wrote below: what kept them apart from a heading above may be cut.
    let mut kept: Vec<usize> = Vec::new();
    for (number, category) in section.categories.iter().enumerate() {
        let own = ours.iter().filter(|(of, _)| *of == number);
        let own: Vec<&Range<usize>> = own.map(|(_, span)| span).collect();
        let block = known.record.blocks.iter().find(|b| b.is_in(&category.name));
        // A heading of an earlier view was kept apart by one blank line.
        let (lead, trail) = block.map_or((0, 1), |block| (block.lead, block.trail));
        let is_heading = is_our_heading(doc, known, block, category);
        let new = new_headings
            .entry(category_key(&category.name))
            .or_default();
        if is_heading && *new > 0 && rest_is_blank(bytes, &category.body, own.iter().copied()) {
            *new -= 1;
            let last = own.last().map_or(category.heading.end, |span| span.end);
            // Blank lines of ours: below the heading if no entry is left there, and those that kept the next one apart.
            let blanks = usize::from(own.is_empty()) + trail;
            let end = blanks_after(bytes, last, blanks).min(category.body.end);
            cuts.push(blanks_before(bytes, category.heading.start, lead)..end);
            continue;
        }
        let is_headed = block.is_some_and(|block| block.heading.is_some());
        if is_headed {
            kept.push(category.heading.start);
        }
        for (index, span) in own.iter().enumerate() {
            let start = match index == 0 && !is_headed {
                true => blanks_before(bytes, span.start, lead),
                false => span.start,
            };
            let is_last = index + 1 == own.len() && block.is_some() && !is_headed && trail > 0;
            let end = match is_last && blank_after(bytes, span.end) {
                true => line_end(bytes, (span.end + 1).min(bytes.len())),
                false => span.end,
            };
            cuts.push(start..end);
        }
    }
    let own_section = known.record.blocks.iter().find(|b| b.is_section());
    if let Some(block) =
        own_section.filter(|_| !stored.section && doc.several_unreleased().is_none())
    {
        let body_is_ours = rest_is_blank(bytes, &section.body, cuts.iter());
        if body_is_ours && Some(doc.text(&section.heading).trim_end()) == block.heading.as_deref() {
            let start = blanks_before(bytes, section.heading.start, block.lead);
            cuts.clear();
            cuts.push(start..section.body.end);
        }
    }
    cut_out(bytes, &mut cuts, &kept, &known.record.eol)
}

/// Whether we made the heading of a category, in the last view or in an earlier one.
fn is_our_heading(
    doc: &Document<'_>,
    known: &Known<'_>,
    block: Option<&Block>,
    category: &Category,
) -> bool {
    let heading = doc.text(&category.heading);
    match block {
        Some(block) => block.heading.as_deref() == Some(heading.trim_end()),
        None => {
            let name = category_key(&category.name);
            let mut earlier = known.earlier.iter();
            !name.is_empty() && earlier.any(|line| line.headed && line.category == name)
        }
    }
}

/// The bytes without some spans; a heading that loses what kept it apart gets a blank line.
fn cut_out(bytes: &[u8], cuts: &mut [Range<usize>], kept: &[usize], eol: &str) -> Vec<u8> {
    order::by_key(cuts, |cut| cut.start);
    let mut out = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    for cut in cuts.iter() {
        out.extend_from_slice(&bytes[copied..cut.start.max(copied)]);
        copied = cut.end.max(copied);
        let blank = format!("{eol}{eol}");
        if kept.contains(&copied) && !out.ends_with(blank.as_bytes()) {
            out.extend_from_slice(eol.as_bytes());
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out
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

    fn cleaned(viewed: &[u8], record: &Record) -> String {
        String::from_utf8(clean(viewed, &Known::by(record)).doc).unwrap()
    }

    fn shown(doc: &str, lines: &[Line]) -> (String, Record) {
        let (bytes, record) = view(doc.as_bytes(), lines, &order());
        assert_eq!(cleaned(&bytes, &record), doc, "clean(view) == doc");
        assert_eq!(cleaned(doc.as_bytes(), &record), doc);
        let (text, known) = (terminated(&bytes, &record.eol).0, Known::by(&record));
        let parsed = Document::parse(&text);
        let stored = Stored::default();
        let verdict = verdict::verdict(&known, &stored, &parsed);
        let edited = without(&parsed, &known, &stored, &verdict.ours);
        assert_eq!(
            String::from_utf8_lossy(&edited),
            String::from_utf8_lossy(&terminated(doc.as_bytes(), &record.eol).0),
            "line by line it comes back too"
        );
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
            let places = Places::of(&record);
            let extended = places
                .extended(text.clone().into_bytes(), &lines[2..])
                .unwrap();
            assert_eq!(extended.viewed, all);
            assert_eq!(extended.places, Places::of(&whole));
            let known = record.items().map(|(number, item)| (number, item.clone()));
            let items = known.chain(extended.items);
            assert_eq!(extended.places.with_items(items), whole);
            assert_eq!(Places::of(&whole).cut_from(&all).unwrap(), doc.as_bytes());
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
            cleaned(typed.as_bytes(), &record),
            "## [Unreleased]\n\n### Security\n\n- s\n"
        );
    }

    #[test]
    fn other_line_ends_are_no_edit() {
        let (text, record) = shown(DOC, &[line("Added", "a"), line("Fixed", "b\n\nmore")]);
        let dos = text.replace('\n', "\r\n");
        let wanted = DOC.replace('\n', "\r\n");
        assert_eq!(cleaned(dos.as_bytes(), &record), wanted);
        let (dos, record) = shown(&wanted, &[line("Added", "a")]);
        let unix = dos.replace("\r\n", "\n");
        let clean = clean(unix.as_bytes(), &Known::by(&record));
        assert_eq!(String::from_utf8_lossy(&clean.doc), DOC);
        assert_eq!(clean.verdict, Verdict::default());
    }
}
