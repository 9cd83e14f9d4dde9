//! Whose each line of Unreleased is, and what became of the lines that relwatch wrote there.
//!
//! A line is ours if a record shows that we wrote it into that category and it still says the same Markdown, whatever an editor or a formatter
//! made of bullets, wrapping and escapes. What git's own version of the file has is a person's, and so is a line of ours that somebody moved,
//! put below a sub-heading, or kept apart from others by words between them: a view would put it elsewhere.
//!
//! A line of ours that is missing was edited (another line stands for it), or deleted, or the file was saved from an older copy that never had it. Nobody can
//! tell a copy from before the newest lines from a file without them, so those are not taken for deleted: where two explanations fit, the one
//! that loses nothing wins. Nothing here writes anything, and the same file gives the same verdict again.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::domain::changelog::document::{CategoryBlock, Document, Section};
use crate::domain::changelog::earlier::Earlier;
use crate::domain::changelog::matching;
use crate::domain::changelog::record::{Item, Record};
use crate::domain::changelog::said::said;
use crate::domain::changelog::stored::{StoredLines, heading_key};
use crate::domain::changelog::title::category_key;
use crate::domain::order;

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
    /// References of lines of the last view that are there, ours or not.
    pub there: Vec<Vec<String>>,
    /// Lines of earlier views are there, which the last one has not.
    pub has_gone_lines: bool,
    /// A heading of ours has nothing below it: a person deleted the lines, no other copy of the file explains that.
    pub is_emptied: bool,
    /// No line of ours is there, and headings with nothing below them are: a person typed them into git's version.
    pub is_typed: bool,
    /// The view that the file was made from, where it is not the last one.
    pub older_view: Option<u64>,
}

/// A line of the file that nobody has explained yet.
struct FileLine {
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
pub(super) fn verdict(known: &Known<'_>, stored: &StoredLines, doc: &Document<'_>) -> Verdict {
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

    let is_there = there(&lines, &all);
    // A line that was reworded was in the view that the file was made from, and so was one whose heading is left.
    let view = view.max(edits.keys().map(|at| all[*at].1.came).max());
    // Where no line of ours is left, git's version with typed headings explains the file, too, if one of them is none of ours.
    let is_typed = view.is_none() && has_typed_heading(section, known, stored);
    let emptied = if is_typed {
        None
    } else {
        headed_view(section, known, stored, doc)
    };
    let view = view.max(emptied);
    let mut verdict = Verdict {
        is_emptied: emptied.is_some(),
        is_typed,
        ..Verdict::default()
    };
    for (at, (_, item)) in all.iter().enumerate() {
        if is_there.contains(&at) {
            verdict.there.push(item.refs.clone());
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
    let is_stale = |line: &FileLine| matches!(line.whose, Whose::Earlier(_));
    verdict.has_gone_lines = lines.iter().any(is_stale);
    if verdict.has_gone_lines || !verdict.newer.is_empty() {
        verdict.older_view = Some(view.unwrap_or(0));
    }
    let is_ours = |line: &FileLine| matches!(line.whose, Whose::Ours(_) | Whose::Earlier(_));
    let ours = lines.into_iter().filter(is_ours);
    verdict.ours = ours.map(|line| (line.category, line.span)).collect();
    verdict
}

/// Which lines of the last view the file has, ours or by hand.
fn there(lines: &[FileLine], all: &[(usize, &Item)]) -> HashSet<usize> {
    let found = lines.iter().filter_map(|line| match line.whose {
        Whose::Ours(at) | Whose::Moved(at) => Some(at),
        _ => None,
    });
    let mut there: HashSet<usize> = found.collect();
    let by_hand = lines.iter().filter(|line| line.whose == Whose::Stored);
    let by_hand: HashSet<&str> = by_hand.map(|line| line.said.as_str()).collect();
    if !by_hand.is_empty() {
        let is_by_hand = |at: &usize| by_hand.contains(said(&all[*at].1.text).as_str());
        there.extend((0..all.len()).filter(is_by_hand));
    }
    there
}

fn lines(doc: &Document<'_>, section: &Section) -> Vec<FileLine> {
    let categories = section.categories.iter().enumerate();
    categories
        .flat_map(|(category, own)| own.items.iter().map(move |span| (category, span)))
        .map(|(category, span)| FileLine {
            category,
            span: span.clone(),
            said: said(&doc.text(span)),
            whose: Whose::Theirs,
        })
        .collect()
}

/// Lines of the last view, each in its category. Of those that are out of order as few as possible were moved.
fn mark_ours(
    lines: &mut [FileLine],
    section: &Section,
    known: &Known<'_>,
    all: &[(usize, &Item)],
    doc: &Document<'_>,
) {
    for (block, own) in known.record.blocks.iter().enumerate() {
        let here = |line: &FileLine| own.is_in(&section.categories[line.category].name);
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
        let grouped = grouped(lines, section, &found, doc);
        for (position, (number, at)) in found.into_iter().enumerate() {
            let stays = kept.contains(&position) && !grouped.contains(&number);
            lines[number].whose = if stays {
                Whose::Ours(at)
            } else {
                Whose::Moved(at)
            };
        }
    }
}

/// Those of our lines that a person has grouped: they are below a sub-heading, where no view puts a line, or in a category where words
/// are between lines of ours, which a view never parts.
fn grouped(
    lines: &[FileLine],
    section: &Section,
    found: &[(usize, usize)],
    doc: &Document<'_>,
) -> HashSet<usize> {
    let mut grouped = HashSet::new();
    for (number, category) in section.categories.iter().enumerate() {
        let ours = found.iter().map(|(line, _)| *line);
        let ours = ours.filter(|line| lines[*line].category == number);
        let (own, below): (Vec<usize>, Vec<usize>) =
            ours.partition(|line| lines[*line].span.start < category.own_end);
        grouped.extend(below);
        let (Some(first), Some(last)) = (own.first(), own.last()) else {
            continue;
        };
        let mut gaps = lines[*first..=*last].windows(2);
        let has_words = gaps.any(|pair| is_words(&doc.bytes[pair[0].span.end..pair[1].span.start]));
        if has_words {
            grouped.extend(own);
        }
    }
    grouped
}

/// Whether what is between two entries is more than blank lines and comments.
fn is_words(between: &[u8]) -> bool {
    let text = between.trim_ascii();
    !text.is_empty() && !text.starts_with(b"<!--")
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
fn mark_stored(lines: &mut [FileLine], section: &Section, stored: &StoredLines) {
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
fn mark_earlier(lines: &mut [FileLine], section: &Section, earlier: &[Earlier]) {
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
fn view_of(lines: &mut [FileLine], known: &Known<'_>, all: &[(usize, &Item)]) -> Option<u64> {
    let came = |line: &FileLine| match line.whose {
        Whose::Ours(at) | Whose::Moved(at) => Some(all[at].1.came),
        Whose::Earlier(at) => Some(known.earlier[at].came),
        Whose::Theirs | Whose::Stored => None,
    };
    let newest = |lines: &[FileLine]| lines.iter().filter_map(came).max();
    loop {
        let view = newest(lines)?;
        let gone = |line: &FileLine| match line.whose {
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
    stored: &StoredLines,
    doc: &Document<'_>,
) -> Option<u64> {
    let new = stored.new_headings(section);
    let headed = known.record.blocks.iter().filter(|block| {
        let here = section.categories.iter().find(|c| block.is_in(&c.name));
        let is_new = |c: &&CategoryBlock| new.get(&heading_key(c)).is_some_and(|new| *new > 0);
        let emptied = here.filter(is_new).filter(|c| c.items.is_empty());
        let heading = emptied.map(|category| doc.text(&category.heading).trim_end().to_owned());
        heading.is_some() && block.heading == heading
    });
    headed
        .filter_map(|block| block.items.iter().map(|item| item.came).min())
        .max()
}

/// Whether the file has a category with nothing below it that neither git's version nor the last view has.
fn has_typed_heading(section: &Section, known: &Known<'_>, stored: &StoredLines) -> bool {
    let new = stored.new_headings(section);
    let is_new = |c: &&CategoryBlock| new.get(&heading_key(c)).is_some_and(|new| *new > 0);
    let mut empty = section
        .categories
        .iter()
        .filter(|c| c.items.is_empty() && !c.name.is_empty());
    let is_ours = |c: &CategoryBlock| known.record.blocks.iter().any(|block| block.is_in(&c.name));
    empty.any(|category| is_new(&category) && !is_ours(category))
}

/// Which missing lines a person has reworded, and whether the new words still name the change. The new line is in the place of the old one: in its
/// category, between the neighbours that are left; and it resembles it. Where no line of ours is left, git's version with a typed line explains
/// the file, too: then the new one has all the words of the old one.
fn edits(
    lines: &[FileLine],
    section: &Section,
    known: &Known<'_>,
    all: &[(usize, &Item)],
    doc: &Document<'_>,
) -> HashMap<usize, bool> {
    let is_ours = |line: &FileLine| !matches!(line.whose, Whose::Theirs | Whose::Stored);
    let is_view = lines.iter().any(is_ours);
    let mut found = HashMap::new();
    for (block, own) in known.record.blocks.iter().enumerate() {
        let is_here = |line: &&FileLine| own.is_in(&section.categories[line.category].name);
        let here: Vec<&FileLine> = lines.iter().filter(is_here).collect();
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
            let new: Vec<&&FileLine> = new.filter(|line| line.whose == Whose::Theirs).collect();
            pair(&missing, &new, all, doc, is_view, &mut found);
        }
    }
    found
}

/// Pairs missing lines with new ones, the most alike first.
fn pair(
    missing: &[usize],
    new: &[&&FileLine],
    all: &[(usize, &Item)],
    doc: &Document<'_>,
    is_view: bool,
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
            let text = doc.text(&line.span);
            // Of several lines that are missing none was reworded to name another change: another copy of the file has that one.
            let is_another = missing.len() > 1 && matching::names_others(&text, &item.refs);
            let score = matching::resemblance(&item.text, &text, &item.refs)
                .filter(|_| !is_another)
                .filter(|_| is_view || matching::says_all(&item.text, &text, &item.refs));
            pairs.extend(score.map(|score| (score, *at, number)));
        }
    }
    order::by(&mut pairs, |a: &(f64, usize, usize), b| {
        b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2)))
    });
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
        if length == ends.len() {
            ends.push(position)
        } else {
            ends[length] = position
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

#[cfg(test)]
mod tests;
