//! Three-way merge by meaning, for git's merge driver.
//!
//! The merge starts from ours and applies the changes of theirs since the base to it, entry by entry. Entries are identified by their text
//! or, once edited, by their references and words; sections by version, categories by name, links by label. So two notes at one place are
//! no conflict, and a note stays in Unreleased although its neighbours have been released meanwhile. Only an entry that both sides changed
//! differently is a conflict for the user. A line-wise merge (diff3) sees none of that; git falls back to it if this merge gives up.

mod additions;
pub mod arguments;
mod options;
mod placing;
mod replaced;
mod result;
mod wording;

use self::result::{Merging, three};
use super::lines::{has_crlf, with_crlf, with_lf};
use super::matching::{is_readable, matched};
use super::outline::BlockKind;
use super::tail::Tail;

pub use self::options::{ConflictShape, Favor, IgnoredSpace, MergeOptions};
pub use self::result::{ConflictLabels, Style};

/// A merged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedFile {
    pub bytes: Vec<u8>,
    /// Entries that both sides changed differently, marked in the text.
    pub conflicts: usize,
}

/// Merges the changes of `theirs` since `base` into `ours`. Returns `None` if the files are not changelogs that it understands: no section
/// with a known heading, several Unreleased ones, conflict markers, bytes that are not text. It also returns `None` if the merged text
/// would not parse as the blocks that it is made of.
pub fn merge(base: &[u8], ours: &[u8], theirs: &[u8], style: &Style<'_>) -> Option<MergedFile> {
    let clean = |bytes: &[u8]| {
        Some(MergedFile {
            bytes: bytes.to_vec(),
            conflicts: 0,
        })
    };
    if ours == theirs {
        return clean(ours);
    }
    if base == ours {
        return clean(theirs);
    }
    // Line endings are no edit of an entry: they are merged separately.
    let ends = [base, ours, theirs].map(has_crlf);
    let whole = [base, ours, theirs].map(with_lf);
    let [base, ours, theirs] = whole.each_ref().map(Vec::as_slice);
    if !(is_readable(ours) && is_readable(theirs)) {
        return None;
    }
    let all = || Merging::new(base, ours, theirs, style)?.run();
    let mut merged = heads([base, ours, theirs], style).or_else(all)?;
    if three(ends[0], ends[1], ends[2]) {
        merged.bytes = with_crlf(&merged.bytes);
    }
    Some(merged)
}

/// Merges without parsing the common part of all sides from an older version on; `None` if that part cannot be separated.
fn heads(sides: [&[u8]; 3], style: &Style<'_>) -> Option<MergedFile> {
    let tail = Tail::find(sides)?;
    let [base, ours, theirs] = sides.map(|side| &side[..side.len() - tail.rest.len()]);
    let merging = Merging::new(base, ours, theirs, style)?;
    let heads = [&merging.base, &merging.ours, &merging.theirs];
    if !heads.into_iter().all(|head| tail.fits(head)) {
        return None;
    }
    let mut merged = merging.run().filter(|m| tail.is_end_of(&m.bytes))?;
    merged.bytes.extend_from_slice(tail.rest);
    Some(merged)
}

/// A block that ours removed and the merge restores.
struct Restored {
    theirs: usize,
    /// Text of the conflict that replaces the block's text.
    conflict: Option<Vec<u8>>,
}

impl Merging<'_> {
    fn run(mut self) -> Option<MergedFile> {
        let mut in_ours = matched(&self.base, &self.ours, &self.theirs);
        let mut in_theirs = matched(&self.base, &self.theirs, &self.ours);
        self.pair_replacements(&mut in_ours, &mut in_theirs);
        let mut ours_known = vec![false; self.ours.outline.blocks.len()];
        let mut theirs_known = vec![false; self.theirs.outline.blocks.len()];
        for ours in in_ours.iter().flatten() {
            ours_known[*ours] = true;
            self.pieces[*ours].in_base = true;
        }
        for theirs in in_theirs.iter().flatten() {
            theirs_known[*theirs] = true;
        }
        // Counterparts first: everything else is placed relative to them.
        for (ours, theirs) in in_ours.iter().zip(&in_theirs) {
            if let Some(theirs) = theirs {
                self.piece_of[*theirs] = *ours;
            }
        }
        self.unite_additions(&ours_known, &theirs_known);
        let restored = self.settle(&in_ours, &in_theirs);
        self.take_theirs(&theirs_known, &restored);
        self.adopt_their_headings();
        self.adopt_their_order();
        self.drop_empty_rooms(&in_ours, &in_theirs);
        let bytes = self.render();
        let merged = MergedFile {
            bytes,
            conflicts: self.conflicts,
        };
        self.reads_back(&merged.bytes).then_some(merged)
    }

    /// Decides about each block of the base. Returns the blocks that ours removed and the merge restores.
    fn settle(&mut self, in_ours: &[Option<usize>], in_theirs: &[Option<usize>]) -> Vec<Restored> {
        let mut moved = Vec::new();
        let mut restored = Vec::new();
        for block in 0..in_ours.len() {
            match (in_ours[block], in_theirs[block]) {
                (Some(ours), None) => self.deleted_by_theirs(block, ours),
                (None, Some(theirs)) => restored.extend(self.deleted_by_ours(block, theirs)),
                (Some(ours), Some(theirs)) => {
                    self.unite_texts(block, ours, theirs);
                    if self.moves(block, ours, theirs) {
                        moved.push((ours, theirs));
                    }
                }
                (None, None) => {}
            }
        }
        for (ours, theirs) in moved {
            self.pieces[ours].gone = true;
            let mut piece = self.piece_from(theirs);
            piece.text.clone_from(&self.pieces[ours].text);
            piece.in_base = true;
            self.piece_of[theirs] = None;
            self.put(theirs, piece);
        }
        restored
    }

    /// Inserts the additions of theirs and the restored blocks into the result.
    fn take_theirs(&mut self, known: &[bool], restored: &[Restored]) {
        for (theirs, known) in known.iter().enumerate() {
            if self.piece_of[theirs].is_some() || *self.theirs.kind(theirs) == BlockKind::Heading {
                continue;
            }
            let restored = restored.iter().find(|one| one.theirs == theirs);
            if *known && restored.is_none() {
                continue; // ours took it out
            }
            let mut piece = self.piece_from(theirs);
            if let Some(conflict) = restored.and_then(|one| one.conflict.as_ref()) {
                piece.text.clone_from(conflict);
                self.conflicts += 1;
            }
            self.put(theirs, piece);
        }
    }

    fn deleted_by_theirs(&mut self, base: usize, ours: usize) {
        if *self.base.kind(base) == BlockKind::Heading {
            return; // goes at the end, if nothing is left below it
        }
        if self.base.is_unreleased(base) && self.ours.is_released(ours) {
            return; // released meanwhile: what a release says stays said
        }
        if self.ours.text(ours) == self.base.text(base) {
            self.pieces[ours].gone = true;
        } else if !matches!(self.base.kind(base), BlockKind::Link(_)) {
            match self.style.options.favor {
                Some(Favor::Theirs) => self.pieces[ours].gone = true,
                Some(Favor::Ours | Favor::Union) => {}
                None => {
                    let before = self.base.text(base);
                    let conflict = self.conflict(Some(before), Some(self.ours.text(ours)), None);
                    self.set(ours, Err(conflict));
                }
            }
        }
    }

    /// Restores a block that ours removed if theirs released or edited it meanwhile.
    fn deleted_by_ours(&self, base: usize, theirs: usize) -> Option<Restored> {
        if *self.base.kind(base) == BlockKind::Heading {
            return None;
        }
        let (before, after) = (self.base.text(base), self.theirs.text(theirs));
        let released = self.base.is_unreleased(base) && self.theirs.is_released(theirs);
        let is_link = matches!(self.base.kind(base), BlockKind::Link(_));
        if before == after && !released {
            return None;
        }
        let conflict = match self.style.options.favor {
            _ if released || is_link => None,
            Some(Favor::Ours) => return None,
            Some(Favor::Theirs | Favor::Union) => None,
            None => Some(self.conflict(Some(before), None, Some(after))),
        };
        Some(Restored { theirs, conflict })
    }

    /// Whether the block moves to its place in theirs.
    fn moves(&self, base: usize, ours: usize, theirs: usize) -> bool {
        if *self.base.kind(base) == BlockKind::Heading {
            return false;
        }
        let (b, o, t) = (
            self.base.key(base),
            self.ours.key(ours),
            self.theirs.key(theirs),
        );
        if t == b || t == o {
            return false;
        }
        if o == b {
            return true;
        }
        // Both moved it: a move into a release wins, else the order makes the result the same whichever side is ours.
        match (self.ours.is_released(ours), self.theirs.is_released(theirs)) {
            (false, true) => true,
            (true, false) => false,
            _ => t < o,
        }
    }

    /// Drops headings that one side removed, unless the other side has put something below them.
    fn drop_empty_rooms(&mut self, in_ours: &[Option<usize>], in_theirs: &[Option<usize>]) {
        // Deeper rooms first.
        for block in (0..in_ours.len()).rev() {
            let (Some(ours), None) = (in_ours[block], in_theirs[block]) else {
                continue;
            };
            if *self.base.kind(block) != BlockKind::Heading {
                continue;
            }
            let place = self.ours.outline.blocks[ours].room;
            let edited = self.ours.text(ours) != self.base.text(block);
            if !edited && !self.holds_something(place) {
                self.pieces[ours].gone = true;
            }
        }
    }

    fn holds_something(&self, place: usize) -> bool {
        let place = &self.places[place];
        place.pieces.iter().any(|p| !self.pieces[*p].gone)
            || place.places.iter().any(|inner| {
                let heading = self.places[*inner].heading;
                heading.is_some_and(|h| !self.pieces[h].gone) || self.holds_something(*inner)
            })
    }
}
