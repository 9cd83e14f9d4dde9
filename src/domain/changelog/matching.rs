//! Matching of the blocks of one version of a file with those of another.
//!
//! Headings and links are matched by name, everything else by text. The remaining blocks are matched by the similarity of their words.
//! Similarity is a guess. It only decides whether a difference is an edit, or a removal and an addition: nothing that a merge keeps depends
//! on it.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use memchr::memmem;

use crate::domain::changelog::outline::{BlockKind, Outline, Room};
use crate::domain::changelog::title::Title;
use crate::domain::entry::reference;
use crate::domain::order;

/// One of the three files.
pub(super) struct Side<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) outline: Outline,
}

impl<'a> Side<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Side<'a> {
        Side {
            bytes,
            outline: Outline::parse(bytes),
        }
    }

    /// The lines of a block, without the final line ending.
    pub(super) fn text(&self, block: usize) -> &'a [u8] {
        let text = &self.bytes[self.outline.blocks[block].text.clone()];
        text.strip_suffix(b"\n").unwrap_or(text)
    }

    pub(super) fn gap(&self, block: usize) -> &'a [u8] {
        &self.bytes[self.outline.blocks[block].gap.clone()]
    }

    /// The text after the last block: its line ending and blank lines.
    pub(super) fn end(&self) -> &'a [u8] {
        let Some(last) = self.outline.blocks.len().checked_sub(1) else {
            return &self.bytes[self.bytes.len()..];
        };
        &self.bytes[self.outline.blocks[last].text.start + self.text(last).len()..]
    }

    pub(super) fn kind(&self, block: usize) -> &BlockKind {
        &self.outline.blocks[block].kind
    }

    pub(super) fn key(&self, block: usize) -> &str {
        &self.outline.rooms[self.outline.blocks[block].room].key
    }

    pub(super) fn section(&self, block: usize) -> Option<&Title> {
        let room = self.outline.blocks[block].room;
        self.outline.rooms[room].section.as_ref()
    }

    pub(super) fn is_unreleased(&self, block: usize) -> bool {
        self.section(block) == Some(&Title::Unreleased)
    }

    pub(super) fn is_released(&self, block: usize) -> bool {
        matches!(self.section(block), Some(Title::Version(_)))
    }

    fn has_section(&self, title: Option<&Title>) -> bool {
        let mut rooms = self.outline.rooms.iter();
        rooms.any(|room| room.section.as_ref() == title)
    }

    /// Whether the title of the file, or another heading at the top that is no section, differs from `base`.
    pub(super) fn renames(&self, base: &Side<'_>) -> bool {
        fn titles<'s>(side: &'s Side<'_>) -> Vec<&'s str> {
            let rooms = side.outline.rooms.iter();
            let is_title =
                |room: &&Room| room.heading.is_some() && room.section.is_none() && room.parent == 0;
            rooms
                .filter(is_title)
                .map(|room| room.key.as_str())
                .collect()
        }
        let (here, there) = (titles(self), titles(base));
        there.iter().any(|key| !here.contains(key)) && here.iter().any(|key| !there.contains(key))
    }

    pub(super) fn understood(&self) -> bool {
        let rooms = &self.outline.rooms;
        let is_head = |room: &&Room| room.parent == 0 && room.section.is_some();
        let unreleased = rooms.iter().filter(is_head);
        let unreleased = unreleased.filter(|r| r.section == Some(Title::Unreleased));
        unreleased.count() <= 1
    }
}

/// Whether a file is text without conflict markers of another merge.
pub(super) fn is_readable(bytes: &[u8]) -> bool {
    let begins_line = |at: usize| at == 0 || bytes[at - 1] == b'\n';
    let marked = |mark: &[u8]| memmem::find_iter(bytes, mark).any(begins_line);
    !bytes.contains(&0) && !marked(b"<<<<<<<") && !marked(b">>>>>>>")
}

/// The counterpart in `side` of each block of `base`. A block that `other` has word for word is no edit: both sides wrote it.
pub(super) fn matched(base: &Side<'_>, side: &Side<'_>, other: &Side<'_>) -> Vec<Option<usize>> {
    let mut matching = Matching {
        found: vec![None; base.outline.blocks.len()],
        taken: vec![false; side.outline.blocks.len()],
    };
    matching.by_room(base, side);
    // Headings and links have names.
    matching.by(base, side, |s, b| name(s, b));
    let content = |s: &Side<'_>, block: usize| name(s, block).is_none();
    matching.by(base, side, |s, b| {
        content(s, b).then(|| (s.key(b), s.text(b)))
    });
    matching.by(base, side, |s, b| {
        content(s, b).then(|| (s.section(b), s.text(b)))
    });
    // Blocks move from one section to another by a release or its revert. Two sections with the same text are no reason.
    let movable = |b: usize, other: usize| {
        *base.kind(b) == *side.kind(other)
            && (base.is_unreleased(b)
                || side.is_unreleased(other)
                || !side.has_section(base.section(b))
                || !base.has_section(side.section(other)))
    };
    for b in matching.free(content, base) {
        let fits = |other: &usize| {
            !matching.taken[*other]
                && content(side, *other)
                && side.text(*other) == base.text(b)
                && movable(b, *other)
        };
        if let Some(other) = (0..matching.taken.len()).find(fits) {
            matching.pair(b, other);
        }
    }
    let left = (0..matching.taken.len()).filter(|block| !matching.taken[*block]);
    let left: HashSet<&[u8]> = left.map(|block| side.text(block)).collect();
    if !left.is_empty() {
        let texts = (0..other.outline.blocks.len()).map(|block| other.text(block));
        let texts: HashSet<&[u8]> = texts.filter(|text| left.contains(text)).collect();
        for block in 0..matching.taken.len() {
            matching.taken[block] |= texts.contains(side.text(block));
        }
    }
    let same_room =
        |b: usize, other: usize| base.key(b) == side.key(other) && base.kind(b) == side.kind(other);
    matching.by_likeness(base, side, 0.5, &same_room);
    let items = |b: usize, other: usize| *base.kind(b) == BlockKind::Item && movable(b, other);
    matching.by_likeness(base, side, 0.6, &items);
    matching.found
}

/// The name of a heading or a link.
fn name<'s>(side: &'s Side<'_>, block: usize) -> Option<(bool, &'s str)> {
    match side.kind(block) {
        BlockKind::Heading => Some((true, side.key(block))),
        BlockKind::Link(label) => Some((false, label)),
        _ => None,
    }
}

struct Matching {
    found: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Matching {
    fn pair(&mut self, base: usize, other: usize) {
        self.found[base] = Some(other);
        self.taken[other] = true;
    }

    fn free(&self, wanted: impl Fn(&Side<'_>, usize) -> bool, base: &Side<'_>) -> Vec<usize> {
        let blocks = 0..self.found.len();
        blocks
            .filter(|b| self.found[*b].is_none() && wanted(base, *b))
            .collect()
    }

    /// Pairs blocks of equal text in rooms that are the same on both sides, as most are. Looks them up by room.
    fn by_room(&mut self, base: &Side<'_>, side: &Side<'_>) {
        let there = side.outline.rooms.iter();
        let there: HashMap<&str, &Room> = there.map(|room| (room.key.as_str(), room)).collect();
        for here in &base.outline.rooms {
            let Some(there) = there.get(here.key.as_str()) else {
                continue;
            };
            let pairs = || here.blocks.iter().zip(&there.blocks);
            let same = |(b, other): (&usize, &usize)| {
                base.kind(*b) == side.kind(*other) && base.text(*b) == side.text(*other)
            };
            if here.blocks.len() != there.blocks.len() || !pairs().all(same) {
                continue;
            }
            for (b, other) in pairs().filter(|(b, _)| name(base, **b).is_none()) {
                self.pair(*b, *other);
            }
        }
    }

    /// Pairs blocks with equal keys, in order.
    fn by<'k, 'a, K: Eq + Hash>(
        &mut self,
        base: &'k Side<'a>,
        side: &'k Side<'a>,
        key: impl Fn(&'k Side<'a>, usize) -> Option<K>,
    ) {
        let mut there: HashMap<K, Vec<usize>> = HashMap::new();
        for other in (0..self.taken.len()).rev().filter(|o| !self.taken[*o]) {
            if let Some(key) = key(side, other) {
                there.entry(key).or_default().push(other);
            }
        }
        for b in 0..self.found.len() {
            if self.found[b].is_some() {
                continue;
            }
            let other = key(base, b).and_then(|key| there.get_mut(&key)?.pop());
            if let Some(other) = other {
                self.pair(b, other);
            }
        }
    }

    /// Pairs the remaining blocks by similarity, the most similar first.
    fn by_likeness(
        &mut self,
        base: &Side<'_>,
        side: &Side<'_>,
        threshold: f64,
        may: &dyn Fn(usize, usize) -> bool,
    ) {
        /// Most pairs to compare. A file with more was rewritten, and nothing in it is an edit.
        const MOST: usize = 40_000;
        let content =
            |s: &Side<'_>, b: usize| matches!(s.kind(b), BlockKind::Item | BlockKind::Other);
        let left = self.free(content, base);
        let right: Vec<usize> = (0..self.taken.len())
            .filter(|o| !self.taken[*o] && content(side, *o))
            .collect();
        if left.len() * right.len() > MOST {
            return;
        }
        let bags: Vec<_> = right
            .iter()
            .map(|o| (words(side.text(*o)), EntryNames::read(side.text(*o))))
            .collect();
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for b in left {
            let (bag, names) = (words(base.text(b)), EntryNames::read(base.text(b)));
            for (at, other) in right.iter().enumerate() {
                if !may(b, *other) {
                    continue;
                }
                let same = !names.is_empty() && names == bags[at].1;
                let score = likeness(&bag, &bags[at].0) + if same { 0.25 } else { 0.0 };
                if score >= threshold {
                    pairs.push((score, b, *other));
                }
            }
        }
        order::by(&mut pairs, |x, y| {
            y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2)))
        });
        for (_, b, other) in pairs {
            if self.found[b].is_none() && !self.taken[other] {
                self.pair(b, other);
            }
        }
    }
}

fn words(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.sort_unstable();
    words
}

/// The share of words that both texts have in common (the Sørensen–Dice coefficient over multisets).
fn likeness(a: &[String], b: &[String]) -> f64 {
    let (mut at, mut of, mut common) = (0, 0, 0usize);
    while at < a.len() && of < b.len() {
        match a[at].cmp(&b[of]) {
            Ordering::Less => at += 1,
            Ordering::Greater => of += 1,
            Ordering::Equal => {
                common += 1;
                at += 1;
                of += 1;
            }
        }
    }
    match a.len() + b.len() {
        0 => 0.0,
        all => 2.0 * common as f64 / all as f64,
    }
}

/// References in an entry: issues, commits, specs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntryNames(Vec<String>);

impl EntryNames {
    pub(super) fn read(text: &[u8]) -> EntryNames {
        let mut names = reference::tokens(&String::from_utf8_lossy(text));
        names.sort_unstable();
        EntryNames(names)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the references include a commit, which identifies one change for certain.
    pub(super) fn has_commit(&self) -> bool {
        let mut names = self.0.iter();
        names.any(|name| name.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

/// Whether one text may be an edit of the other.
pub(super) fn alike(a: &[u8], b: &[u8]) -> bool {
    likeness(&words(a), &words(b)) >= 0.5
}

/// The similarity of two entries if one may be the other reworded, else `None`. The references of the old entry do not count, because users
/// remove those first.
pub(super) fn resemblance(old: &str, new: &str, refs: &[String]) -> Option<f64> {
    let names: Vec<String> = refs.iter().flat_map(|r| words(r.as_bytes())).collect();
    let mut old = words(old.as_bytes());
    old.retain(|word| !names.contains(word));
    let new = words(new.as_bytes());
    let alike = likeness(&old, &new);
    // All the old words and many new ones: an entry with more detail.
    let common = alike * (old.len() + new.len()) as f64 / 2.0;
    let is_longer = old.len() > 1 && common >= 0.75 * old.len() as f64;
    (alike >= 0.5 || is_longer).then_some(alike)
}

/// Whether a new entry has every word of an old one, apart from the old one's references.
pub(super) fn says_all(old: &str, new: &str, refs: &[String]) -> bool {
    let names: Vec<String> = refs.iter().flat_map(|r| words(r.as_bytes())).collect();
    let new = words(new.as_bytes());
    let mut old = words(old.as_bytes())
        .into_iter()
        .filter(|word| !names.contains(word))
        .peekable();
    old.peek().is_some() && old.all(|word| new.contains(&word))
}

/// Whether an entry has references, but none of these.
pub(super) fn names_others(text: &str, refs: &[String]) -> bool {
    let names = reference::tokens(&reference::running_text(text));
    !names.is_empty() && !names_one(text, refs)
}

/// Whether an entry has one of these references.
pub(super) fn names_one(text: &str, refs: &[String]) -> bool {
    let text = reference::running_text(text);
    let tokens = reference::tokens(&text);
    let said = reference::SaidWords::new(&text);
    refs.iter()
        .any(|one| tokens.contains(one) || said.says(one))
}
