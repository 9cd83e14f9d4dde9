//! The view: generated entries inserted into a document.
//!
//! [`view`] and [`clean`](super::clean::clean) are inverse, byte for byte, for every document and every set of entries. A [`Record`] lists
//! the inserted lines, because nothing in the file itself distinguishes a generated line from a hand-written one. Cleaning twice gives the
//! same result as cleaning once.

use std::collections::HashSet;

use crate::domain::changelog::blocks::{blank_after, blank_before, line_start};
use crate::domain::changelog::document::{CategoryBlock, Document, Section, eol_of};
use crate::domain::changelog::lines::{strip_eol, terminated};
use crate::domain::changelog::marker::Marker;
use crate::domain::changelog::record::{self, InsertedRun, Line, Record};
use crate::domain::changelog::said::said;
use crate::domain::changelog::title::same_category;
use crate::domain::order;

/// Inserts `lines` into the Unreleased section of `doc`. Missing categories are created at the place that `order` gives them, and so is a
/// missing section heading. A line that the category already lists in the same Markdown is not inserted: it is hand-written. If an unclosed
/// fence or comment would swallow the entries, the document is returned unchanged, with an empty record.
pub fn view(doc: &[u8], lines: &[Line], order: &[String]) -> (Vec<u8>, Record) {
    let eol = eol_of(doc);
    let (source, stripped) = terminated(doc, eol);
    let parsed = Document {
        eol,
        ..Document::parse(&source)
    };
    // An open fence or comment would swallow the lines below it; because of a lone carriage return, an entry might.
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
    // Indented text after an entry would become part of it.
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

/// A whole section with only these lines: its heading, then the categories in the order of `order`.
pub fn section(heading: &str, lines: &[Line], order: &[String]) -> String {
    const EMPTY: &str = "## [Unreleased]\n";
    let (viewed, _) = view(EMPTY.as_bytes(), lines, order);
    let viewed = String::from_utf8_lossy(&viewed);
    format!(
        "{heading}\n{}",
        viewed.strip_prefix(EMPTY).unwrap_or_default()
    )
}

struct Insert {
    offset: usize,
    rendered: String,
    block: InsertedRun,
}

/// The runs of `lines`, each with its place.
fn inserts(doc: &Document<'_>, lines: &[Line], order: &[String]) -> Vec<Insert> {
    let mut names: Vec<&str> = Vec::new();
    for line in lines {
        if !names.contains(&line.category.as_str()) {
            names.push(&line.category);
        }
    }
    let rank = |name: &str| order.iter().position(|o| same_category(o, name));
    order::by_key(&mut names, |name| rank(name).unwrap_or(order.len()));

    let section = doc.unreleased();
    let section_at = section.map_or_else(|| section_place(doc), |s| s.body.end);
    let run = |name: &&str| {
        let lines = lines.iter().filter(|line| line.category == **name);
        let existing =
            section.and_then(|s| s.categories.iter().find(|c| same_category(&c.name, name)));
        let run = match existing {
            Some(category) => append_to(doc, category, lines),
            None => {
                let offset = section
                    .and_then(|s| place_of(s, rank(name), &rank))
                    .unwrap_or(section_at);
                new_category(doc, section, offset, name, lines)
            }
        };
        (!run.1.items.is_empty()).then_some(run)
    };
    let mut runs: Vec<(usize, InsertedRun)> = names.iter().filter_map(run).collect();
    if section.is_none() && !runs.is_empty() {
        let heading = InsertedRun {
            at: 0,
            lead: 0,
            trail: 0,
            category: String::new(),
            heading: Some(doc.unreleased_heading()),
            items: Vec::new(),
        };
        runs.insert(0, (section_at, heading));
    }
    spaced(doc, runs)
}

/// The runs with the blank lines that separate them from each other and from the text of the document.
fn spaced(doc: &Document<'_>, runs: Vec<(usize, InsertedRun)>) -> Vec<Insert> {
    let at_end = |(offset, _): &(usize, InsertedRun)| *offset == doc.bytes.len();
    let last_at_end = runs.iter().rposition(at_end);
    let mut inserts = Vec::with_capacity(runs.len());
    let mut seen: Option<usize> = None;
    let mut after_entries = false;
    for (index, (offset, mut block)) in runs.into_iter().enumerate() {
        if block.heading.is_some() {
            // Directly after generated entries that end a category, or after the document's own text there.
            let touches = if seen == Some(offset) {
                after_entries
            } else {
                !blank_before(doc.bytes, offset)
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

/// The place of a new Unreleased section: before the newest version, else at the end.
fn section_place(doc: &Document<'_>) -> usize {
    match doc.sections.first() {
        Some(section) => section.start,
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

/// The place before the first existing category that comes later in the order.
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
    category: &CategoryBlock,
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
    let taken = listed(doc, &category.name);
    let mut marker = marker;
    let mut items = Vec::new();
    for line in lines {
        let item = record::item(line, &marker, doc.eol);
        if taken.is_empty() || !taken.contains(&said(&item.text)) {
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

/// The entries that a document lists in a category.
fn listed(doc: &Document<'_>, category: &str) -> HashSet<String> {
    let all = doc.unreleased().into_iter().flat_map(|s| &s.categories);
    let own = all.filter(|c| same_category(&c.name, category));
    let items = own.flat_map(|c| &c.items);
    items.map(|item| said(&doc.text(item))).collect()
}

/// Whether a document already lists one of these lines in the same Markdown.
pub fn lists_one_of(doc: &[u8], lines: &[Line]) -> bool {
    let doc = Document::parse(doc);
    lines.iter().any(|line| {
        let listed = listed(&doc, &line.category);
        !listed.is_empty() && {
            let item = record::item(line, &doc.marker, doc.eol);
            listed.contains(&said(&item.text))
        }
    })
}

/// Adds entries to the section of a version. Returns `None` if there is no such section, or no place in it.
pub fn added_to(bytes: &[u8], version: &str, lines: &[Line], order: &[String]) -> Option<Vec<u8>> {
    let doc = Document::parse(bytes);
    let section = doc.version(version)?;
    // The section is treated as Unreleased in a file of its own.
    let heading = format!("{} Unreleased{}", "#".repeat(section.level.max(1)), doc.eol);
    let alone = [heading.as_bytes(), &bytes[section.body.clone()]].concat();
    let (viewed, record) = view(&alone, lines, order);
    if record.is_empty() {
        return None;
    }
    let body = viewed.strip_prefix(heading.as_bytes())?;
    let (before, after) = (&bytes[..section.body.start], &bytes[section.body.end..]);
    let blank = format!("{0}{0}", doc.eol);
    let gap = match after {
        [] => "",
        _ if body.ends_with(blank.as_bytes()) => "",
        _ => doc.eol,
    };
    Some([before, body, gap.as_bytes(), after].concat())
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
        .unwrap_or_else(|| {
            let own = section.map_or_else(|| doc.section_level(), |s| s.level);
            doc.category_level(own, name)
        });
    let heading = format!("{} {name}", "#".repeat(level.min(6)));
    let block = InsertedRun {
        at: 0,
        lead: 0,
        // A single list without categories: the next section follows.
        trail: usize::from(name.is_empty() && offset < doc.bytes.len()),
        category: name.to_owned(),
        heading: (!name.is_empty()).then_some(heading),
        items: lines
            .map(|line| record::item(line, &doc.marker, doc.eol))
            .collect(),
    };
    (offset, block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::changelog::clean::{clean, without};
    use crate::domain::changelog::places::Places;
    use crate::domain::changelog::stored::StoredLines;
    use crate::domain::changelog::verdict::{self, Known, Verdict};

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
        let stored = StoredLines::default();
        let verdict = verdict::verdict(&known, &stored, &parsed);
        let edited = without(&parsed, &known, &stored, &verdict);
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
            "# Log\n\n## Unreleased\n\n### Added\n\n- a (#1)\n\n## 1.0.0\n\n- x\n"
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
