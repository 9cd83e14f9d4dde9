//! Whose each line of Unreleased is, and what became of the lines that relwatch wrote there.
//!
//! A line is ours if a record shows that we wrote it into that category and it still says the same Markdown, whatever an editor or a formatter
//! made of bullets, wrapping and escapes. What git's own version of the file has is a person's, and so is a line of ours that somebody moved.
//!
//! A line of ours that is missing was edited (another line stands for it), or deleted, or the file was saved from an older copy that never had it. Nobody can
//! tell a copy from before the newest lines from a file without them, so those are not taken for deleted: where two explanations fit, the one
//! that loses nothing wins. Nothing here writes anything, and the same file gives the same verdict again.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use crate::domain::changelog::document::{Category, Document, Section, category_key};
use crate::domain::changelog::matching;
use crate::domain::changelog::record::{Item, Record};

/// What is known of a file besides its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// The lines of the last view.
    pub record: &'k Record,
    /// Lines of earlier views.
    pub earlier: &'k [Earlier],
    /// git's own version of the file, as the index has it.
    pub blob: Option<&'k [u8]>,
}

impl<'k> Known<'k> {
    /// A record, and nothing else.
    pub fn by(record: &'k Record) -> Known<'k> {
        Known {
            record,
            earlier: &[],
            blob: None,
        }
    }
}

/// What git has of Unreleased: a person's, all of it.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// How often each category has each line.
    lines: HashMap<(String, String), usize>,
    /// How often it has the heading of a category.
    categories: HashMap<String, usize>,
    pub(super) section: bool,
}

impl Stored {
    pub(super) fn of(blob: Option<&[u8]>) -> Stored {
        let mut stored = Stored::default();
        let Some(blob) = blob else { return stored };
        let doc = Document::parse(blob);
        let Some(section) = doc.unreleased() else {
            return stored;
        };
        stored.section = true;
        for category in &section.categories {
            let name = category_key(&category.name);
            for item in &category.items {
                let key = (name.clone(), said(&doc.text(item)));
                *stored.lines.entry(key).or_default() += 1;
            }
            *stored.categories.entry(name).or_default() += 1;
        }
        stored
    }

    /// How many headings of each category a section has that git does not have.
    pub(super) fn new_headings(&self, section: &Section) -> HashMap<String, usize> {
        let mut new: HashMap<String, usize> = HashMap::new();
        for category in &section.categories {
            *new.entry(category_key(&category.name)).or_default() += 1;
        }
        for (name, count) in &self.categories {
            let left = new.entry(name.clone()).or_default();
            *left = left.saturating_sub(*count);
        }
        new
    }
}

/// A line that an earlier view had and the last one has not. Views are counted: it came with one and went with another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// [`category_key`] of its category.
    pub category: String,
    /// [`said`] of its text.
    pub said: String,
    pub came: u64,
    pub went: u64,
    /// The heading of its category was ours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub headed: bool,
}

/// The verdict on a file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Lines of ours, those of earlier views among them, in file order, each with the place of its category.
    pub ours: Vec<(usize, Range<usize>)>,
    /// References of lines that a person reworded so that they name the change no more.
    pub edited: Vec<Vec<String>>,
    /// References of lines that a person deleted.
    pub deleted: Vec<Vec<String>>,
    /// References of lines that are missing because the file is older than they are.
    pub newer: Vec<Vec<String>>,
    /// The view that the file was made from, where it is not the last one.
    pub older_view: Option<u64>,
}

/// A line of the file that nobody has explained yet.
struct Line {
    category: usize,
    span: Range<usize>,
    said: String,
    whose: Whose,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// A person's, as far as is known.
    Theirs,
    /// git has it: a person's for sure.
    Stored,
    /// Ours: its place among all lines of the last view.
    Ours(usize),
    /// Ours of an earlier view.
    Earlier(usize),
    /// It was ours, and a person moved it.
    Moved(usize),
}

/// Judges a file. Its line ends must be those of the record.
pub(super) fn verdict(known: &Known<'_>, stored: &Stored, doc: &Document<'_>) -> Verdict {
    let blocks = known.record.blocks.iter().enumerate();
    let all: Vec<(usize, &Item)> = blocks
        .flat_map(|(block, own)| own.items.iter().map(move |item| (block, item)))
        .collect();
    let Some(section) = doc.unreleased() else {
        let newer = all.iter().map(|(_, item)| item.refs.clone()).collect();
        return Verdict {
            newer,
            ..Verdict::default()
        };
    };
    let mut lines = lines(doc, section);
    mark_ours(&mut lines, section, known, &all, doc);
    mark_stored(&mut lines, section, stored);
    mark_earlier(&mut lines, section, known.earlier);
    let view = view_of(&mut lines, known, &all);
    let edits = edits(&lines, section, known, &all, doc);

    let mut is_there: HashSet<usize> = lines
        .iter()
        .filter_map(|line| match line.whose {
            Whose::Ours(at) | Whose::Moved(at) => Some(at),
            _ => None,
        })
        .collect();
    let by_hand = lines.iter().filter(|line| line.whose == Whose::Stored);
    let by_hand: HashSet<&str> = by_hand.map(|line| line.said.as_str()).collect();
    if !by_hand.is_empty() {
        let is_by_hand = |at: &usize| by_hand.contains(said(&all[*at].1.text).as_str());
        is_there.extend((0..all.len()).filter(is_by_hand));
    }
    // A line that was reworded was in the view that the file was made from, and so was one whose heading is left.
    let view = view.max(edits.keys().map(|at| all[*at].1.came).max());
    let view = view.max(headed_view(section, known, stored, doc));
    let mut verdict = Verdict::default();
    for (at, (_, item)) in all.iter().enumerate() {
        if is_there.contains(&at) {
            continue;
        }
        let fate = match edits.get(&at) {
            Some(true) => continue,
            Some(false) => &mut verdict.edited,
            None if view.is_some_and(|view| item.came <= view) => &mut verdict.deleted,
            None => &mut verdict.newer,
        };
        fate.push(item.refs.clone());
    }
    let is_stale = |line: &Line| matches!(line.whose, Whose::Earlier(_));
    if lines.iter().any(is_stale) || !verdict.newer.is_empty() {
        verdict.older_view = Some(view.unwrap_or(0));
    }
    let is_ours = |line: &Line| matches!(line.whose, Whose::Ours(_) | Whose::Earlier(_));
    let ours = lines.into_iter().filter(is_ours);
    verdict.ours = ours.map(|line| (line.category, line.span)).collect();
    verdict
}

fn lines(doc: &Document<'_>, section: &Section) -> Vec<Line> {
    let categories = section.categories.iter().enumerate();
    categories
        .flat_map(|(category, own)| own.items.iter().map(move |span| (category, span)))
        .map(|(category, span)| Line {
            category,
            span: span.clone(),
            said: said(&doc.text(span)),
            whose: Whose::Theirs,
        })
        .collect()
}

/// Lines of the last view, each in its category. Of those that are out of order as few as possible were moved.
fn mark_ours(
    lines: &mut [Line],
    section: &Section,
    known: &Known<'_>,
    all: &[(usize, &Item)],
    doc: &Document<'_>,
) {
    for (block, own) in known.record.blocks.iter().enumerate() {
        let here = |line: &Line| own.is_in(&section.categories[line.category].name);
        let here: Vec<usize> = (0..lines.len()).filter(|at| here(&lines[*at])).collect();
        let mine: Vec<usize> = (0..all.len()).filter(|at| all[*at].0 == block).collect();
        let mut found: Vec<(usize, usize)> = Vec::new();
        // Of two that say the same, ours is the one with our bytes.
        let bytes = |number: usize| doc.bytes[lines[number].span.clone()].to_vec();
        let own_bytes = |at: usize| all[at].1.text.as_bytes().to_vec();
        let (here, mine) = match_up(&here, &mine, bytes, own_bytes, &mut found);
        let said_there = |number: usize| lines[number].said.clone();
        match_up(
            &here,
            &mine,
            said_there,
            |at| said(&all[at].1.text),
            &mut found,
        );
        found.sort_unstable();
        let order: Vec<usize> = found.iter().map(|(_, at)| *at).collect();
        let kept = longest_rise(&order);
        for (position, (number, at)) in found.into_iter().enumerate() {
            lines[number].whose = match kept.contains(&position) {
                true => Whose::Ours(at),
                false => Whose::Moved(at),
            };
        }
    }
}

/// Pairs lines of the file with lines of the record that have the same key, the first with the first; gives back what is left of both.
fn match_up<K: Eq + std::hash::Hash>(
    lines: &[usize],
    items: &[usize],
    key: impl Fn(usize) -> K,
    item_key: impl Fn(usize) -> K,
    found: &mut Vec<(usize, usize)>,
) -> (Vec<usize>, Vec<usize>) {
    if lines.is_empty() || items.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut places: HashMap<K, Vec<usize>> = HashMap::new();
    for at in items.iter().rev() {
        places.entry(item_key(*at)).or_default().push(*at);
    }
    let mut left = Vec::new();
    for number in lines {
        match places.get_mut(&key(*number)).and_then(Vec::pop) {
            Some(at) => found.push((*number, at)),
            None => left.push(*number),
        }
    }
    let missing: HashSet<usize> = places.into_values().flatten().collect();
    let missing = items.iter().filter(|at| missing.contains(at));
    (left, missing.copied().collect())
}

/// Lines that git's version has are a person's, as many of each as it has: first those that are a person's anyway.
fn mark_stored(lines: &mut [Line], section: &Section, stored: &Stored) {
    if stored.lines.is_empty() {
        return;
    }
    let mut counts = stored.lines.clone();
    for ours in [false, true] {
        for line in lines.iter_mut().rev() {
            if matches!(line.whose, Whose::Ours(_)) != ours || line.whose == Whose::Stored {
                continue;
            }
            let category = category_key(&section.categories[line.category].name);
            let left = counts.get_mut(&(category, line.said.clone()));
            if let Some(left) = left.filter(|left| **left > 0) {
                *left -= 1;
                line.whose = Whose::Stored;
            }
        }
    }
}

/// Lines of earlier views that are there once more.
fn mark_earlier(lines: &mut [Line], section: &Section, earlier: &[Earlier]) {
    if earlier.is_empty() {
        return;
    }
    let mut places: HashMap<(String, &str), Vec<usize>> = HashMap::new();
    for (at, line) in earlier.iter().enumerate() {
        let key = (line.category.clone(), line.said.as_str());
        places.entry(key).or_default().push(at);
    }
    for line in lines.iter_mut().filter(|l| l.whose == Whose::Theirs) {
        let category = category_key(&section.categories[line.category].name);
        let at = places.get_mut(&(category, line.said.as_str()));
        if let Some(at) = at.and_then(Vec::pop) {
            line.whose = Whose::Earlier(at);
        }
    }
}

/// The newest view that the file may be made from, by the lines that are there: none if no line of ours is. Lines of earlier views that
/// fit into no such view are a person's, who wrote or kept them beside what came later.
fn view_of(lines: &mut [Line], known: &Known<'_>, all: &[(usize, &Item)]) -> Option<u64> {
    let came = |line: &Line| match line.whose {
        Whose::Ours(at) | Whose::Moved(at) => Some(all[at].1.came),
        Whose::Earlier(at) => Some(known.earlier[at].came),
        Whose::Theirs | Whose::Stored => None,
    };
    let newest = |lines: &[Line]| lines.iter().filter_map(came).max();
    loop {
        let view = newest(lines)?;
        let gone = |line: &Line| match line.whose {
            Whose::Earlier(at) => known.earlier[at].went <= view,
            _ => false,
        };
        if !lines.iter().any(gone) {
            return Some(view);
        }
        for line in lines.iter_mut().filter(|line| gone(line)) {
            line.whose = Whose::Theirs;
        }
    }
}

/// The oldest view that had the lines below headings of ours that are still there, with nothing below them: git would have brought back no such heading.
fn headed_view(
    section: &Section,
    known: &Known<'_>,
    stored: &Stored,
    doc: &Document<'_>,
) -> Option<u64> {
    let new = stored.new_headings(section);
    let headed = known.record.blocks.iter().filter(|block| {
        let here = section.categories.iter().find(|c| block.is_in(&c.name));
        let is_new = |c: &&Category| new.get(&category_key(&c.name)).is_some_and(|new| *new > 0);
        let emptied = here.filter(is_new).filter(|c| c.items.is_empty());
        let heading = emptied.map(|category| doc.text(&category.heading).trim_end().to_owned());
        heading.is_some() && block.heading == heading
    });
    headed
        .filter_map(|block| block.items.iter().map(|item| item.came).min())
        .max()
}

/// Which missing lines a person has reworded, and whether the new words still name the change. The new line is in the place of the old one: in its
/// category, between the neighbours that are left; and it resembles it.
fn edits(
    lines: &[Line],
    section: &Section,
    known: &Known<'_>,
    all: &[(usize, &Item)],
    doc: &Document<'_>,
) -> HashMap<usize, bool> {
    let mut found = HashMap::new();
    for (block, own) in known.record.blocks.iter().enumerate() {
        let is_here = |line: &&Line| own.is_in(&section.categories[line.category].name);
        let here: Vec<&Line> = lines.iter().filter(is_here).collect();
        if !here.iter().any(|line| line.whose == Whose::Theirs) {
            continue;
        }
        let mine = (0..all.len()).filter(|at| all[*at].0 == block);
        let place = |at: usize| here.iter().position(|line| line.whose == Whose::Ours(at));
        let mut from = 0;
        let mut missing: Vec<usize> = Vec::new();
        let mut gaps: Vec<(Vec<usize>, Range<usize>)> = Vec::new();
        for at in mine {
            match place(at) {
                Some(position) => {
                    gaps.push((std::mem::take(&mut missing), from..position));
                    from = position + 1;
                }
                None => missing.push(at),
            }
        }
        gaps.push((missing, from..here.len()));
        for (missing, range) in gaps {
            let new = here.get(range).unwrap_or_default().iter();
            let new: Vec<&&Line> = new.filter(|line| line.whose == Whose::Theirs).collect();
            pair(&missing, &new, all, doc, &mut found);
        }
    }
    found
}

/// Pairs missing lines with new ones, the most alike first.
fn pair(
    missing: &[usize],
    new: &[&&Line],
    all: &[(usize, &Item)],
    doc: &Document<'_>,
    found: &mut HashMap<usize, bool>,
) {
    /// More than this is a file written anew; nothing in it is an edit of something.
    const MOST: usize = 40_000;
    if missing.len() * new.len() > MOST {
        return;
    }
    let mut pairs = Vec::new();
    for at in missing {
        for (number, line) in new.iter().enumerate() {
            let item = &all[*at].1;
            let score = matching::resemblance(&item.text, &doc.text(&line.span), &item.refs);
            pairs.extend(score.map(|score| (score, *at, number)));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken = HashSet::new();
    for (_, at, number) in pairs {
        if !found.contains_key(&at) && taken.insert(number) {
            let text = doc.text(&new[number].span);
            found.insert(at, matching::names_one(&text, &all[at].1.refs));
        }
    }
}

/// The positions of a longest strictly rising subsequence, of several the one whose last elements are smallest.
fn longest_rise(order: &[usize]) -> HashSet<usize> {
    // For each length the position where the best run of it ends; and what each position follows.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; order.len()];
    for (position, value) in order.iter().enumerate() {
        let length = ends.partition_point(|end| order[*end] < *value);
        before[position] = length.checked_sub(1).map(|shorter| ends[shorter]);
        match length == ends.len() {
            true => ends.push(position),
            false => ends[length] = position,
        }
    }
    let mut kept = HashSet::new();
    let mut next = ends.last().copied();
    while let Some(position) = next {
        kept.insert(position);
        next = before[position];
    }
    kept
}

/// What an entry says, in a form in which two texts are equal if they are the same Markdown: the same words, code, emphasis, links and blocks,
/// however they are wrapped, escaped and marked (CommonMark 0.31). An address says the same with and without angle brackets.
pub fn said(item: &str) -> String {
    let mut out = String::with_capacity(item.len());
    let mut links: Vec<(usize, String)> = Vec::new();
    for event in Parser::new_ext(item, Options::empty()) {
        match event {
            Event::Text(text) => push_words(&mut out, &text),
            Event::SoftBreak => push_words(&mut out, " "),
            Event::HardBreak => out.push('\u{b}'),
            Event::Code(code) => out.push_str(&format!("`{code}`")),
            Event::InlineHtml(html) | Event::Html(html) => push_words(&mut out, &html),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push((out.len(), dest_url.into_string()));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some((start, to)) = links.pop() {
                    let shown = out.split_off(start.min(out.len()));
                    let mailbox = to.strip_prefix("mailto:").unwrap_or(&to);
                    match shown == to || shown == mailbox {
                        true => out.push_str(&shown),
                        false => out.push_str(&format!("[{shown}]({to})")),
                    }
                }
            }
            Event::Start(Tag::Emphasis) | Event::End(TagEnd::Emphasis) => out.push('\u{1}'),
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) => out.push('\u{2}'),
            // The item itself, and what only wraps a paragraph, says nothing.
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => push_break(&mut out),
            Event::Start(Tag::List(_) | Tag::Item) => push_break(&mut out),
            Event::End(TagEnd::List(_)) => push_break(&mut out),
            Event::Start(other) => {
                push_break(&mut out);
                out.push_str(&format!("<{other:?}>"));
            }
            Event::Rule => out.push_str("<rule>"),
            _ => {}
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out
}

/// Text with its white space folded.
fn push_words(out: &mut String, text: &str) {
    for c in text.chars() {
        let is_blank = c.is_whitespace();
        if is_blank && (out.is_empty() || out.ends_with([' ', '\n'])) {
            continue;
        }
        out.push(if is_blank { ' ' } else { c });
    }
}

fn push_break(out: &mut String) {
    let end = out.trim_end_matches(' ').len();
    out.truncate(end);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// The lines of earlier views once a new one is written: those that it has no more join them. What a person took over is no line of ours; the oldest
/// are forgotten.
pub fn aged(
    earlier: &[Earlier],
    old: &Record,
    new: &Record,
    doc: &[u8],
    view: u64,
) -> Vec<Earlier> {
    /// An editor may be open for some days; a file that fits nothing of this is a person's.
    const MOST: usize = 500;
    let keys = |record: &Record| -> HashSet<(String, String)> {
        let blocks = record.blocks.iter();
        let key = |category: &str, item: &Item| (category_key(category), said(&item.text));
        blocks
            .flat_map(|block| {
                block
                    .items
                    .iter()
                    .map(move |item| key(&block.category, item))
            })
            .collect()
    };
    let parsed = Document::parse(doc);
    let by_hand = |category: &Category| {
        let name = category_key(&category.name);
        let said = category.items.iter().map(|item| said(&parsed.text(item)));
        said.map(move |said| (name.clone(), said))
            .collect::<Vec<_>>()
    };
    let mut there = keys(new);
    there.extend(
        parsed
            .unreleased()
            .iter()
            .flat_map(|s| &s.categories)
            .flat_map(by_hand),
    );
    let mut all: Vec<Earlier> = earlier
        .iter()
        .filter(|line| !there.contains(&(line.category.clone(), line.said.clone())))
        .cloned()
        .collect();
    for block in &old.blocks {
        for item in &block.items {
            let key = (category_key(&block.category), said(&item.text));
            if !there.contains(&key) {
                all.push(Earlier {
                    category: key.0,
                    said: key.1,
                    came: item.came,
                    went: view,
                    headed: block.heading.is_some(),
                });
            }
        }
    }
    let surplus = all.len().saturating_sub(MOST);
    all.drain(..surplus);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::changelog::record::Line as NewLine;
    use crate::domain::changelog::view::{clean, view};

    const DOC: &str = "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- first\n";

    fn line(category: &str, text: &str) -> NewLine {
        let name = text
            .rsplit_once(" (")
            .map_or(text, |(_, name)| name.trim_end_matches(')'));
        NewLine {
            category: category.to_owned(),
            text: text.to_owned(),
            refs: vec![name.to_owned()],
        }
    }

    /// A file over several views: in each, some lines come or go.
    struct File {
        doc: String,
        record: Record,
        earlier: Vec<Earlier>,
        view: u64,
        /// The file as it was written with each view.
        written: Vec<String>,
    }

    impl File {
        fn of(doc: &str, views: &[&[&str]]) -> File {
            let mut file = File {
                doc: doc.to_owned(),
                record: Record::default(),
                earlier: Vec::new(),
                view: 0,
                written: Vec::new(),
            };
            views.iter().for_each(|texts| file.update(texts));
            file
        }

        fn update(&mut self, texts: &[&str]) {
            let lines: Vec<NewLine> = texts.iter().map(|text| line("Added", text)).collect();
            let (viewed, mut record) = view(self.doc.as_bytes(), &lines, &["Added".to_owned()]);
            self.view += 1;
            record.date(&self.record, self.view);
            self.earlier = aged(
                &self.earlier,
                &self.record,
                &record,
                self.doc.as_bytes(),
                self.view,
            );
            self.record = record;
            self.written.push(String::from_utf8(viewed).unwrap());
        }

        fn judged(&self, text: &str) -> (String, Verdict) {
            let known = Known {
                record: &self.record,
                earlier: &self.earlier,
                blob: Some(self.doc.as_bytes()),
            };
            let cleaned = clean(text.as_bytes(), &known);
            // What git then stores says the same again.
            let stored = Known {
                blob: Some(&cleaned.doc),
                ..known
            };
            assert_eq!(
                clean(&cleaned.doc, &stored).doc,
                cleaned.doc,
                "cleaning twice"
            );
            (String::from_utf8(cleaned.doc).unwrap(), cleaned.verdict)
        }

        fn last(&self) -> &str {
            self.written.last().unwrap()
        }
    }

    /// The lines of Unreleased that are a person's; edited, deleted and newer references.
    fn short((doc, verdict): (String, Verdict)) -> (Vec<String>, String, String, String) {
        let end = doc.find("## [0.1.0]").unwrap();
        let lines = doc[..end]
            .lines()
            .filter(|line| line.starts_with(['-', '*', ' ']));
        let names = |list: &[Vec<String>]| list.concat().join(" ");
        let Verdict {
            edited,
            deleted,
            newer,
            ..
        } = &verdict;
        (
            lines.map(str::to_owned).collect(),
            names(edited),
            names(deleted),
            names(newer),
        )
    }

    fn expect(file: &File, text: &str, theirs: &[&str], edited: &str, deleted: &str, newer: &str) {
        let found = short(file.judged(text));
        let theirs: Vec<String> = theirs.iter().map(|line| (*line).to_owned()).collect();
        let expected = (
            theirs,
            edited.to_owned(),
            deleted.to_owned(),
            newer.to_owned(),
        );
        assert_eq!(found, expected, "{text}");
    }

    const ONE: &[&str] = &["Thing one (#1)"];
    const TWO: &[&str] = &["Thing one (#1)", "Other two (#2)"];
    const THREE: &[&str] = &["Thing one (#1)", "Other two (#2)", "Final three (#3)"];

    #[test]
    fn edits_are_edits() {
        let file = File::of(DOC, &[THREE]);
        let text = file.last();
        expect(&file, text, &[], "", "", "");
        // Reworded, the reference kept: the line names the change.
        let kept = text.replace("Other two", "Something else entirely");
        expect(
            &file,
            &kept,
            &["- Something else entirely (#2)"],
            "",
            "#2",
            "",
        );
        let reworded = text.replace("Thing one (#1)", "Thing one works for lists too");
        expect(
            &file,
            &reworded,
            &["- Thing one works for lists too"],
            "#1",
            "",
            "",
        );
        // Every line reworded; one reworded and one deleted.
        let all = reworded
            .replace("two (#2)", "two, better")
            .replace("three (#3)", "three and four");
        let lines = [
            "- Thing one works for lists too",
            "- Other two, better",
            "- Final three and four",
        ];
        expect(&file, &all, &lines, "#1 #2 #3", "", "");
        let both = reworded.replace("- Final three (#3)\n", "");
        expect(
            &file,
            &both,
            &["- Thing one works for lists too"],
            "#1",
            "#3",
            "",
        );
        // A new line that resembles nothing is only a new line.
        let typed = text.replace("- Other two (#2)\n", "- Quite unrelated words\n");
        expect(&file, &typed, &["- Quite unrelated words"], "", "#2", "");
    }

    #[test]
    fn only_what_was_moved_is_a_persons() {
        let texts: Vec<String> = (1..=10)
            .map(|n| format!("Change number {n} (#{n})"))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let file = File::of(DOC, &[&texts]);
        let line = |n: usize| format!("- {}\n", texts[n - 1]);
        let newest_first = file
            .last()
            .replace(&line(10), "")
            .replace(&line(1), &(line(10) + &line(1)));
        expect(&file, &newest_first, &[line(10).trim_end()], "", "", "");
        let oldest_last = file
            .last()
            .replace(&line(1), "")
            .replace(&line(10), &(line(10) + &line(1)));
        expect(&file, &oldest_last, &[line(1).trim_end()], "", "", "");
        let elsewhere = file.last().replace(&line(4), "").replace(
            "\n\n## [0.1.0]",
            &format!("\n\n### Fixed\n\n{}\n## [0.1.0]", line(4)),
        );
        let (doc, _) = file.judged(&elsewhere);
        assert!(
            doc.contains("### Fixed\n\n- Change number 4 (#4)\n") && !doc.contains("(#5)"),
            "{doc}"
        );
    }

    #[test]
    fn an_old_copy_deletes_nothing() {
        let file = File::of(DOC, &[ONE, TWO, THREE]);
        // An editor that held the first view saves it, with and without typed text.
        expect(&file, &file.written[0], &[], "", "", "#2 #3");
        let typed = file.written[0].replace("(#1)\n", "(#1)\n- typed by hand\n");
        expect(&file, &typed, &["- typed by hand"], "", "", "#2 #3");
        // The same bytes: a person who deletes the newest line. Nothing is lost.
        let without_newest = file.last().replace("- Final three (#3)\n", "");
        expect(&file, &without_newest, &[], "", "", "#3");
        // An older line that is missing while a newer one is there was deleted.
        let without_older = file.last().replace("- Other two (#2)\n", "");
        expect(&file, &without_older, &[], "", "#2", "");
        // From an old copy, and deleted in it.
        let both = file.written[1].replace("- Thing one (#1)\n", "");
        expect(&file, &both, &[], "", "#1", "#3");
        // git restored the file, a stash was popped: none of ours is there.
        expect(&file, DOC, &[], "", "", "#1 #2 #3");
        let stashed = DOC.replace("d]\n", "d]\n\n### Added\n\n- typed by hand\n");
        expect(&file, &stashed, &["- typed by hand"], "", "", "#1 #2 #3");
        // All of them deleted, the heading left: that was a person.
        let emptied = File::of(DOC, &[TWO]);
        let text = emptied
            .last()
            .replace("- Thing one (#1)\n- Other two (#2)\n", "");
        expect(&emptied, &text, &[], "", "#1 #2", "");
    }

    #[test]
    fn a_line_that_changed_since_is_still_ours() {
        // An amend gives the commit another name.
        let file = File::of(
            DOC,
            &[&["Thing one (abc1234)"], &["Thing one, better (def5678)"]],
        );
        expect(&file, &file.written[0], &[], "", "", "def5678");
        let (doc, _) = file.judged(&file.written[0]);
        assert_eq!(doc, DOC);
        // A reverted change, whose heading was ours, too.
        let file = File::of(DOC, &[ONE, &[]]);
        expect(&file, &file.written[0], &[], "", "", "");
        assert_eq!(file.judged(&file.written[0]).0, DOC);
        // Beside what came after it went, a person wrote it.
        let file = File::of(DOC, &[ONE, &["Other two (#2)"]]);
        let beside = file.last().replace("- Other", "- Thing one (#1)\n- Other");
        expect(&file, &beside, &["- Thing one (#1)"], "", "", "");
    }

    #[test]
    fn the_same_markdown_is_the_same_line() {
        let text = "see https://example.org/a_b and `x_y` in snake\\_case, *soon* (#1)";
        let file = File::of(
            DOC,
            &[&[
                text,
                "a line that is long enough to be wrapped by a formatter that has eighty columns only (#2)\n\nmore of it",
            ]],
        );
        for (from, to) in [
            ("- see", "* see"),
            ("https://example.org/a_b", "<https://example.org/a_b>"),
            ("snake\\_case", "snake_case"),
            ("*soon*", "_soon_"),
            ("long enough to", "long enough\n  to"),
        ] {
            let formatted = file.last().replace(from, to);
            assert_ne!(formatted, file.last(), "{from}");
            expect(&file, &formatted, &[], "", "", "");
        }
        let other = file.last().replace("`x_y`", "x_y");
        assert!(!short(file.judged(&other)).0.is_empty(), "code is not text");
    }

    #[test]
    fn what_git_has_is_a_persons() {
        let doc = DOC.replace("d]\n", "d]\n\n### Added\n\n* Thing one (#1)\n");
        let mut file = File::of(DOC, &[TWO]);
        // Another client stored the line, by hand or not: the index has it.
        file.doc = doc.clone();
        let (kept, verdict) = file.judged(&doc.replace("(#1)\n", "(#1)\n- Other two (#2)\n"));
        assert_eq!((kept, verdict.deleted.len()), (doc, 0));
    }
}
