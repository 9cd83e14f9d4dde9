//! The changelog: nothing is lost, nothing is left behind, nothing is made up.

use relwatch::domain::changelog::cut::{self, Yanked};
use relwatch::domain::changelog::document::Document;
use relwatch::domain::changelog::exclusion::Exclusion;
use relwatch::domain::changelog::merge::{MergedFile, Style, merge as merged};
use relwatch::domain::changelog::notes;
use relwatch::domain::changelog::outline::Outline;
use relwatch::domain::changelog::tracked;
use relwatch::domain::changelog::{
    clean::clean,
    places::Places,
    record::Line,
    verdict::{Known, Verdict},
    view::view,
};
use relwatch::domain::text::inert;

use super::{fields, text_of};

fn order() -> Vec<String> {
    ["Added", "Changed", "Fixed"].map(String::from).to_vec()
}

/// Lines of a text, as `Category: words`; `|` stands for a line end within one.
fn listed(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for one in text.lines().take(20) {
        let (category, words) = one.split_once(": ").unwrap_or(("Added", one));
        let line = Line {
            category: order()[category.len() % 3].clone(),
            text: inert::block(words.replace('|', "\n").trim()),
            refs: vec![format!("#{}", lines.len() + 1)],
        };
        let known = |other: &Line| other.text == line.text && other.category == line.category;
        if !line.text.is_empty() && !lines.iter().any(known) {
            lines.push(line);
        }
    }
    lines
}

fn same(what: &str, is: &[u8], should: &[u8]) {
    assert!(
        is == should,
        "{what}\n    is: {}\nshould: {}",
        is.escape_ascii(),
        should.escape_ascii()
    );
}

/// Document, lines to insert, the file after somebody edited it.
pub fn changelog(bytes: &[u8]) {
    let [doc, lines, edited] = fields(bytes);
    let lines = listed(&text_of(lines));
    let (viewed, record) = view(doc, &lines, &order());
    same("clean(view)", &clean(&viewed, &Known::by(&record)).doc, doc);
    same("clean(doc)", &clean(doc, &Known::by(&record)).doc, doc);
    same("view again", &view(doc, &lines, &order()).0, &viewed);
    let places = Places::from_record(&record);
    // Below an open fence there is no place for lines.
    let is_shown = !record.is_empty();
    if is_shown {
        same("untouched", &record.untouched(&viewed).unwrap(), doc);
        same("cut from", &places.cut_from(&viewed).unwrap(), doc);
    }
    let items: Vec<_> = record
        .items()
        .map(|(at, item)| (at, item.clone()))
        .collect();
    assert_eq!(places.with_items(items), record);
    let verdict = clean(&viewed, &Known::by(&record)).verdict;
    assert_eq!(verdict, Verdict::default(), "nothing is missing");
    let once = clean(edited, &Known::by(&record)).doc;
    let stored = Known {
        blob: Some(&once),
        ..Known::by(&record)
    };
    same("clean twice", &clean(&once, &stored).doc, &once);
    let _ = record.untouched(edited);
    let _ = (
        places.cut_from(edited),
        places.extended(edited.to_vec(), &lines),
    );
    if is_shown && let Some(more) = places.extended(viewed.clone(), &lines) {
        same(
            "cut from more",
            &more.places.cut_from(&more.viewed).unwrap(),
            doc,
        );
    }

    document(doc);
    let all = tracked::listed(doc);
    let spans: Vec<_> = all.iter().map(|entry| entry.span.clone()).collect();
    let _ = tracked::without(doc, &spans, &["Added"]);
    for version in Document::parse(doc).versions() {
        assert!(cut::notes(doc, version).is_some());
        if let Yanked::Now(marked) = cut::yanked(doc, version) {
            assert_eq!(marked.len(), doc.len() + " [YANKED]".len());
            assert_eq!(cut::yanked(&marked, version), Yanked::Already);
        }
        let _ = notes::generated(doc, version);
        let _ = notes::replaced(doc, version, &text_of(edited));
    }
    let _ = notes::typed(&text_of(edited));
    let made = cut::cut(
        &viewed,
        &relwatch::domain::changelog::version_cut::Cut {
            version: "9.9.9",
            date: "2026-01-30",
            tag: "v9.9.9",
            previous_tag: Some("v1.0.0"),
            forge: None,
            stored: doc,
        },
    );
    document(&made);
    let skipped = Exclusion::Skip.add(doc, &["#77".into()]);
    let _ = Exclusion::Skip.remove(&skipped, |reference| reference == "#77");
}

/// The heading of the newest version, whatever it says: one line.
pub fn headings(bytes: &[u8]) {
    let text = text_of(bytes);
    let line = text.lines().next().unwrap_or("");
    let doc = format!("# Log\n\n## {line}\n\n- an old line\n\n## 0.1.0 - 2024-01-05\n\n- older\n");
    let lines = [Line {
        category: "Added".into(),
        text: "a new line (#7)".into(),
        refs: vec!["#7".into()],
    }];
    let (viewed, record) = view(doc.as_bytes(), &lines, &order());
    same(
        "clean(view)",
        &clean(&viewed, &Known::by(&record)).doc,
        doc.as_bytes(),
    );
    let made = cut::cut(
        &viewed,
        &relwatch::domain::changelog::version_cut::Cut {
            version: "9.9.9",
            date: "2026-01-30",
            tag: "v9.9.9",
            previous_tag: Some("v0.1.0"),
            forge: None,
            stored: doc.as_bytes(),
        },
    );
    document(&made);
    let text = String::from_utf8_lossy(&made).into_owned();
    for line in ["- an old line", "- older"] {
        assert!(
            text.lines().any(|other| other == line),
            "{line} is lost: {text}"
        );
    }
    if Document::parse(&viewed).unreleased().is_some() {
        let notes = cut::notes(&made, "9.9.9");
        let is_told = !record.is_empty() && !doc.contains("9.9.9");
        assert!(
            !is_told || notes.is_some_and(|notes| notes.contains("a new line (#7)")),
            "not read: {text}"
        );
    }
}

fn document(bytes: &[u8]) {
    let doc = Document::parse(bytes);
    for section in &doc.sections {
        assert!(section.heading.end <= section.body.start && section.body.end <= bytes.len());
    }
    let outline = Outline::parse(bytes);
    let mut all = bytes[outline.lead.clone()].to_vec();
    for block in &outline.blocks {
        all.extend_from_slice(&bytes[block.text.start..block.gap.end]);
    }
    same("an outline holds every byte", &all, bytes);
}

/// Base, ours, theirs.
pub fn merge(bytes: &[u8]) {
    let [base, ours, theirs] = fields(bytes);
    merges_by_the_laws(base, ours, theirs, false);
}

fn merging(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<MergedFile> {
    let order = order();
    let style = Style::plain(&order);
    merged(base, ours, theirs, &style)
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let text = text_of(bytes);
    let lines = text.lines().map(|l| l.trim().to_owned());
    let mut lines: Vec<String> = lines.filter(|l| !l.is_empty()).collect();
    lines.sort();
    lines
}

/// The laws of the merge. `kept`: the documents are changelogs as people keep them, not just any text.
pub fn merges_by_the_laws(b: &[u8], o: &[u8], t: &[u8], kept: bool) {
    for x in [o, t] {
        if let Some(found) = merging(b, x, b) {
            same("merge(b, x, b) = x", &found.bytes, x);
        }
        same("merge(b, b, x) = x", &merging(b, b, x).unwrap().bytes, x);
        same("merge(b, x, x) = x", &merging(b, x, x).unwrap().bytes, x);
    }
    let (one, other) = (merging(b, o, t), merging(b, t, o));
    if std::env::var("STRICT").is_ok() {
        let [o, t] = [o, t].map(String::from_utf8_lossy);
        assert!(
            one.is_some() && other.is_some(),
            "not understood: {o:?} {t:?}"
        );
    }
    let (Some(one), Some(other)) = (one, other) else {
        return; // left to git
    };
    if kept {
        assert_eq!(one.conflicts, other.conflicts);
    }
    let (before, ours, theirs, all) = (lines(b), lines(o), lines(t), lines(&one.bytes));
    for line in ours.iter().filter(|line| theirs.contains(line)) {
        assert!(all.contains(line), "lost from both: {line}");
    }
    let typed = |line: &&String| line.contains("typed by") && !before.contains(line);
    for line in ours.iter().chain(&theirs).filter(typed) {
        assert!(all.contains(line), "lost: {line}");
    }
    if one.conflicts == 0 {
        if kept {
            assert_eq!(
                all,
                lines(&other.bytes),
                "the same lines whichever side is ours"
            );
        }
        for line in &all {
            assert!(
                ours.contains(line) || theirs.contains(line),
                "made up: {line}"
            );
        }
    }
}
