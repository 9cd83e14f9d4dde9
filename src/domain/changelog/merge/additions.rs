//! Additions of both sides: a change that both added is kept once, in the newer words.

use std::collections::HashMap;

use super::result::Merging;
use crate::domain::changelog::matching::{EntryNames, Side, alike};
use crate::domain::changelog::outline::BlockKind;

/// Additions of both sides to the base.
struct Additions<'m, 'a> {
    ours: &'m Side<'a>,
    theirs: &'m Side<'a>,
    our_blocks: Vec<usize>,
    their_blocks: Vec<usize>,
    /// References of each item among them.
    our_names: HashMap<usize, EntryNames>,
    their_names: HashMap<usize, EntryNames>,
}

/// Whether a block of ours and one of theirs are the same change.
type Test<'m, 'a> = fn(&Additions<'m, 'a>, usize, usize) -> bool;

impl<'m, 'a> Additions<'m, 'a> {
    fn new(ours: (&'m Side<'a>, &[bool]), theirs: (&'m Side<'a>, &[bool])) -> Additions<'m, 'a> {
        let added = |(side, known): (&Side<'_>, &[bool])| -> Vec<usize> {
            let blocks = 0..known.len();
            blocks
                .filter(|b| !known[*b] && !side.text(*b).is_empty())
                .collect()
        };
        let names = |side: &Side<'_>, blocks: &[usize]| -> HashMap<usize, EntryNames> {
            let items = blocks.iter().filter(|b| *side.kind(**b) == BlockKind::Item);
            items
                .map(|b| (*b, EntryNames::read(side.text(*b))))
                .collect()
        };
        let (our_blocks, their_blocks) = (added(ours), added(theirs));
        Additions {
            our_names: names(ours.0, &our_blocks),
            their_names: names(theirs.0, &their_blocks),
            ours: ours.0,
            theirs: theirs.0,
            our_blocks,
            their_blocks,
        }
    }

    /// Blocks of ours and of theirs that are the same change, the most certain test first.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let tests: [Test<'m, 'a>; 5] = [
            Additions::have_one_name,
            Additions::are_one_line_in_one_room,
            Additions::are_one_line_that_one_side_released,
            Additions::are_two_wordings,
            Additions::are_two_wordings_and_one_side_released,
        ];
        let mut ours = self.our_blocks.clone();
        let mut theirs = self.their_blocks.clone();
        let mut pairs = Vec::new();
        for test in tests {
            theirs.retain(|t| {
                let found = ours.iter().position(|o| test(self, *o, *t));
                pairs.extend(found.map(|at| (ours.remove(at), *t)));
                found.is_none()
            });
        }
        pairs
    }

    /// Headings and links with the same name.
    fn have_one_name(&self, o: usize, t: usize) -> bool {
        match (self.ours.kind(o), self.theirs.kind(t)) {
            (BlockKind::Heading, BlockKind::Heading) => self.ours.key(o) == self.theirs.key(t),
            (BlockKind::Link(a), BlockKind::Link(b)) => a == b,
            _ => false,
        }
    }

    fn are_one_line(&self, o: usize, t: usize) -> bool {
        let kind = self.ours.kind(o);
        !matches!(kind, BlockKind::Heading | BlockKind::Link(_))
            && kind == self.theirs.kind(t)
            && self.ours.text(o) == self.theirs.text(t)
    }

    fn are_one_line_in_one_room(&self, o: usize, t: usize) -> bool {
        self.are_one_line(o, t) && self.ours.key(o) == self.theirs.key(t)
    }

    /// A line that one side released and the other picked.
    fn are_one_line_that_one_side_released(&self, o: usize, t: usize) -> bool {
        self.are_one_line(o, t)
            && *self.ours.kind(o) == BlockKind::Item
            && ((self.ours.is_unreleased(o) && self.theirs.section(t).is_some())
                || (self.theirs.is_unreleased(t) && self.ours.section(o).is_some()))
    }

    /// Two unreleased items with the same references and similar words.
    fn are_two_wordings(&self, o: usize, t: usize) -> bool {
        self.ours.is_unreleased(o)
            && self.theirs.is_unreleased(t)
            && self.shared_names(o, t).is_some()
            && alike(self.ours.text(o), self.theirs.text(t))
    }

    /// A generated line that one side released and the other reworded: a commit is one change, while two changes may belong to one issue.
    fn are_two_wordings_and_one_side_released(&self, o: usize, t: usize) -> bool {
        let released = (self.ours.is_unreleased(o) && self.theirs.is_released(t))
            || (self.theirs.is_unreleased(t) && self.ours.is_released(o));
        released && self.shared_names(o, t).is_some_and(EntryNames::has_commit)
    }

    /// References of two items, if they have the same ones.
    fn shared_names(&self, o: usize, t: usize) -> Option<&EntryNames> {
        let (ours, theirs) = (self.our_names.get(&o)?, self.their_names.get(&t)?);
        (ours == theirs && !ours.is_empty()).then_some(ours)
    }
}

impl Merging<'_> {
    /// Unites the additions of both sides: the same words once; two wordings of one change are a conflict.
    pub(super) fn unite_additions(&mut self, ours_known: &[bool], theirs_known: &[bool]) {
        let added = Additions::new((&self.ours, ours_known), (&self.theirs, theirs_known));
        for (o, t) in added.pairs() {
            self.unite_addition(o, t);
        }
    }

    fn unite_addition(&mut self, o: usize, t: usize) {
        let (ours, theirs) = (self.ours.text(o), self.theirs.text(t));
        let is_released = (self.ours.is_released(o), self.theirs.is_released(t));
        let is_unreleased = (self.ours.is_unreleased(o), self.theirs.is_unreleased(t));
        self.piece_of[t] = Some(o);
        if ours != theirs && is_released.0 && is_unreleased.1 {
            self.pieces[o].text = theirs.to_vec();
        } else if ours != theirs && is_released.1 && is_unreleased.0 {
            self.pieces[o].gone = true;
            self.piece_of[t] = None;
            self.reworded.insert(t, ours.to_vec());
        } else if ours != theirs {
            let united = self.united(o, None, ours, theirs);
            self.set(o, united);
        } else if is_unreleased.0 && is_released.1 {
            self.pieces[o].gone = true;
            self.piece_of[t] = None;
        }
    }
}
