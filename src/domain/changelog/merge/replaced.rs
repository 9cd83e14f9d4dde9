//! Entries that one side replaced by words so different that they do not look like an edit.

use super::result::Merging;
use crate::domain::changelog::matching::Side;
use crate::domain::changelog::outline::BlockKind;

/// The counterpart of each block of the base on one side.
type Counterparts = [Option<usize>];

impl Merging<'_> {
    /// Pairs a block of a release with its replacement on one side, if the other side edited or replaced it. Otherwise a conflict would
    /// show one side's words outside of its markers. The entries of a release are fixed; in Unreleased, one note was removed and another
    /// one added.
    pub(super) fn pair_replacements(
        &self,
        in_ours: &mut Counterparts,
        in_theirs: &mut Counterparts,
    ) {
        let found: Vec<_> = (0..in_ours.len())
            .filter(|block| in_ours[*block].is_none() || in_theirs[*block].is_none())
            .filter_map(|block| Some((block, self.replacement(block, in_ours, in_theirs)?)))
            .collect();
        for (block, (ours, theirs)) in found {
            in_ours[block] = Some(ours);
            in_theirs[block] = Some(theirs);
        }
    }

    fn replacement(
        &self,
        block: usize,
        in_ours: &Counterparts,
        in_theirs: &Counterparts,
    ) -> Option<(usize, usize)> {
        let (base, ours, theirs) = (&self.base, &self.ours, &self.theirs);
        let is_entry = matches!(base.kind(block), BlockKind::Item | BlockKind::Other);
        if !is_entry || !base.is_released(block) {
            return None;
        }
        let by_ours = || in_place_of(base, block, ours, in_ours);
        let by_theirs = || in_place_of(base, block, theirs, in_theirs);
        let pair = match (in_ours[block], in_theirs[block]) {
            (Some(o), None) if ours.text(o) != base.text(block) => (o, by_theirs()?),
            (None, Some(t)) if theirs.text(t) != base.text(block) => (by_ours()?, t),
            (None, None) => (by_ours()?, by_theirs()?),
            _ => return None,
        };
        let (o, t) = (ours.text(pair.0), theirs.text(pair.1));
        // A text that both sides wrote is no edit of either.
        let has = |side: &Side<'_>, text: &[u8]| {
            (0..side.outline.blocks.len()).any(|block| side.text(block) == text)
        };
        (o == t || !(has(theirs, o) || has(ours, t))).then_some(pair)
    }
}

/// The block of `side` at the place of a block of the base: between the same neighbours, if as many blocks were added as removed.
fn in_place_of(
    base: &Side<'_>,
    block: usize,
    side: &Side<'_>,
    found: &Counterparts,
) -> Option<usize> {
    let room = &base.outline.rooms[base.outline.blocks[block].room];
    let there = side.outline.rooms.iter().find(|r| r.key == room.key)?;
    let at = room.blocks.iter().position(|b| *b == block)?;
    let is_gone = |b: &&usize| found[**b].is_none();
    let before = room.blocks[..at].iter().rev().take_while(is_gone).count();
    let after = room.blocks[at..].iter().take_while(is_gone).count();
    let place = |neighbour: Option<&usize>| {
        let counterpart = found[*neighbour?]?;
        there.blocks.iter().position(|b| *b == counterpart)
    };
    let start = match at - before {
        0 => 0,
        first => place(room.blocks.get(first - 1))? + 1,
    };
    let end = match room.blocks.get(at + after) {
        None => there.blocks.len(),
        neighbour => place(neighbour)?,
    };
    let came = there.blocks.get(start..end)?;
    let is_new = came.iter().all(|b| !found.contains(&Some(*b)));
    let new = *came.get(before)?;
    let fits = is_new && came.len() == before + after && base.kind(block) == side.kind(new);
    fits.then_some(new)
}
