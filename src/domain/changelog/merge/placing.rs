//! Places of their blocks in the result, and the order of the result.

use std::collections::HashMap;

use super::result::{MergePiece, MergeRoom, Merging};
use crate::domain::changelog::matching::Side;
use crate::domain::changelog::outline::BlockKind;
use crate::domain::changelog::rank::{is_above, is_newer};
use crate::domain::changelog::title::same_category;

/// The place of one of their blocks in the result.
struct Spot {
    place: usize,
    /// Index among the pieces of the place.
    at: usize,
    above: Option<usize>,
    below: Option<usize>,
}

impl<'a> Merging<'a> {
    /// Inserts a block of theirs after the block that precedes it there.
    pub(super) fn put(&mut self, theirs: usize, mut piece: MergePiece) {
        let spot = self.spot(theirs, &piece.kind);
        let between = self.gap_above(theirs, &piece.kind, &spot);
        let left = match spot.above {
            Some(above) => std::mem::replace(&mut self.pieces[above].gap, between),
            None => b"\n".to_vec(),
        };
        piece.gap = self.gap_below(theirs, &piece.kind, &spot).unwrap_or(left);
        piece.room = spot.place;
        let new = self.pieces.len();
        self.pieces.push(piece);
        self.places[spot.place].pieces.insert(spot.at, new);
        self.piece_of[theirs] = Some(new);
    }

    fn spot(&mut self, theirs: usize, kind: &BlockKind) -> Spot {
        let place = self.ensure_place(self.theirs.outline.blocks[theirs].room);
        let at = self.position_of(theirs, kind, place);
        let MergeRoom {
            heading, pieces, ..
        } = &self.places[place];
        Spot {
            place,
            at,
            above: match at {
                0 => *heading,
                _ => Some(pieces[at - 1]),
            },
            below: pieces.get(at).copied(),
        }
    }

    /// The index of one of their blocks among the pieces of a place.
    fn position_of(&self, theirs: usize, kind: &BlockKind, place: usize) -> usize {
        let pieces = &self.places[place].pieces;
        if let BlockKind::Link(label) = kind {
            let older = |p: &usize| matches!(&self.pieces[*p].kind, BlockKind::Link(other) if is_newer(label, other));
            if let Some(at) = pieces.iter().position(older) {
                return at;
            }
        }
        let (siblings, own) = self.siblings(theirs);
        let known = |block: &usize| {
            let piece = self.piece_of[*block]?;
            pieces.iter().position(|p| *p == piece)
        };
        let before = siblings[..own].iter().rev().find_map(known);
        let at = before.map_or(0, |position| position + 1);
        let is_ours = |piece: usize| piece < self.ours.outline.blocks.len();
        if before.is_some_and(|position| !is_ours(pieces[position])) {
            return at;
        }
        // Ours comes first if both added something.
        let added = |p: &&usize| !self.pieces[**p].in_base && is_ours(**p);
        at + pieces[at..].iter().take_while(added).count()
    }

    /// The blocks of theirs in the room of one of them, and where it is among them.
    fn siblings(&self, theirs: usize) -> (&[usize], usize) {
        let room = self.theirs.outline.blocks[theirs].room;
        let siblings = &self.theirs.outline.rooms[room].blocks;
        let own = siblings.iter().position(|b| *b == theirs);
        (siblings, own.unwrap_or(0))
    }

    /// The blank lines between a block of theirs and the block above it.
    fn gap_above(&self, theirs: usize, kind: &BlockKind, spot: &Spot) -> Vec<u8> {
        let (siblings, own) = self.siblings(theirs);
        let theirs_above = match own {
            0 => {
                let room = self.theirs.outline.blocks[theirs].room;
                self.theirs.outline.rooms[room].heading
            }
            _ => Some(siblings[own - 1]),
        };
        match theirs_above {
            // As in theirs, if the block follows the same block there.
            Some(block) if spot.above.is_some() && self.piece_of[block] == spot.above => {
                self.theirs.gap(block).to_vec()
            }
            _ => match (spot.above.map(|a| &self.pieces[a].kind), kind) {
                (Some(BlockKind::Item), BlockKind::Item)
                | (Some(BlockKind::Link(_)), BlockKind::Link(_)) => Vec::new(),
                _ => b"\n".to_vec(),
            },
        }
    }

    /// The blank lines after a block of theirs; `None` if the existing ones stay.
    fn gap_below(&self, theirs: usize, kind: &BlockKind, spot: &Spot) -> Option<Vec<u8>> {
        let below = spot.below?;
        let (siblings, own) = self.siblings(theirs);
        let next = siblings.get(own + 1);
        if next.and_then(|block| self.piece_of[*block]) == Some(below) {
            return Some(self.theirs.gap(theirs).to_vec());
        }
        let is_item = |piece: usize| self.pieces[piece].kind == BlockKind::Item;
        // A list continues unchanged.
        let begins_list =
            *kind == BlockKind::Item && is_item(below) && !spot.above.is_some_and(is_item);
        begins_list.then(Vec::new)
    }

    /// The place in the result for a room of theirs, created with its heading if it does not exist.
    fn ensure_place(&mut self, room: usize) -> usize {
        let key = self.theirs.outline.rooms[room].key.clone();
        if let Some(place) = self.place_of.get(&key) {
            return *place;
        }
        let (parent_room, heading, section) = {
            let room = &self.theirs.outline.rooms[room];
            (room.parent, room.heading, room.section.clone())
        };
        let parent = self.ensure_place(parent_room);
        let place = self.places.len();
        let heading = heading.map(|block| {
            let mut piece = self.piece_from(block);
            piece.gap = self.theirs.gap(block).to_vec();
            piece.room = place;
            self.pieces.push(piece);
            self.piece_of[block] = Some(self.pieces.len() - 1);
            self.pieces.len() - 1
        });
        let at = self.position_in(parent, parent_room, room);
        self.places.push(MergeRoom {
            key: key.clone(),
            section,
            heading,
            pieces: Vec::new(),
            places: Vec::new(),
        });
        self.places[parent].places.insert(at, place);
        self.place_of.insert(key, place);
        place
    }

    /// The index, among the places of `parent`, of a room that only theirs has.
    fn position_in(&self, parent: usize, parent_room: usize, room: usize) -> usize {
        let there = &self.places[parent].places;
        let rooms = &self.theirs.outline.rooms;
        let own = &rooms[room];
        if parent == 0 && own.section.is_some() {
            let older = |place: &usize| match (&own.section, &self.places[*place].section) {
                (Some(new), Some(other)) => is_above(new, other),
                _ => false,
            };
            if let Some(at) = there.iter().position(older) {
                return at;
            }
            // The oldest of all: below the last newer one.
            let newer = |place: &usize| match (&own.section, &self.places[*place].section) {
                (Some(new), Some(other)) => is_above(other, new),
                _ => false,
            };
            if let Some(at) = there.iter().rposition(newer) {
                return at + 1;
            }
        } else if let Some(rank) = self.rank(&own.key) {
            let later = |place: &usize| {
                let other = self.rank(&self.places[*place].key);
                other.is_some_and(|other| other > rank)
            };
            if let Some(at) = there.iter().position(later) {
                return at;
            }
        }
        // Between the rooms that surround it there.
        let siblings = &rooms[parent_room].rooms;
        let before = siblings.iter().position(|r| *r == room).unwrap_or(0);
        let known = |room: &usize| {
            let place = self.place_of.get(&rooms[*room].key)?;
            there.iter().position(|p| p == place)
        };
        let above = siblings[..before].iter().rev().find_map(known);
        let below = || siblings[before..].iter().find_map(known);
        let footer = || there.iter().position(|p| self.places[*p].heading.is_none());
        let at = above.map(|at| at + 1).or_else(below).or_else(footer);
        at.unwrap_or(there.len())
    }

    fn rank(&self, key: &str) -> Option<usize> {
        let name = key.rsplit('\0').next()?;
        self.style.order.iter().position(|o| same_category(o, name))
    }

    /// Adopts rooms that theirs created or whose heading it edited, even if they are empty, such as a fresh Unreleased.
    pub(super) fn adopt_their_headings(&mut self) {
        let headings = |side: &Side<'a>| -> HashMap<String, &'a [u8]> {
            let rooms = side.outline.rooms.iter();
            let rooms = rooms.filter_map(|r| Some((r.key.clone(), side.text(r.heading?))));
            rooms.collect()
        };
        let in_base = headings(&self.base);
        let new: Vec<usize> = (0..self.theirs.outline.rooms.len())
            .filter(|room| {
                let room = &self.theirs.outline.rooms[*room];
                let text = room.heading.map(|heading| self.theirs.text(heading));
                text.is_some() && text != in_base.get(&room.key).copied()
            })
            .collect();
        for room in new {
            self.ensure_place(room);
        }
    }

    /// Adopts the order of theirs if theirs changed it and ours did not.
    pub(super) fn adopt_their_order(&mut self) {
        for room in 0..self.theirs.outline.rooms.len() {
            let theirs = &self.theirs.outline.rooms[room];
            let Some(place) = self.place_of.get(&theirs.key).copied() else {
                continue;
            };
            let wanted: Vec<usize> = theirs
                .blocks
                .iter()
                .filter_map(|b| self.piece_of[*b])
                .collect();
            let wanted_rooms: Vec<usize> = theirs
                .rooms
                .iter()
                .filter_map(|r| {
                    self.place_of
                        .get(&self.theirs.outline.rooms[*r].key)
                        .copied()
                })
                .collect();
            let base = self.base.outline.rooms.iter().find(|r| r.key == theirs.key);
            let ours = self.ours.outline.rooms.iter().find(|r| r.key == theirs.key);
            let (Some(base), Some(ours)) = (base, ours) else {
                continue;
            };
            let text = |side: &Side<'a>, blocks: &[usize]| -> Vec<&'a [u8]> {
                blocks.iter().map(|b| side.text(*b)).collect()
            };
            let keys = |side: &Side<'_>, rooms: &[usize]| -> Vec<String> {
                rooms
                    .iter()
                    .map(|r| side.outline.rooms[*r].key.clone())
                    .collect()
            };
            let texts = text(&self.base, &base.blocks);
            if !in_order(&texts, &text(&self.theirs, &theirs.blocks))
                && in_order(&texts, &text(&self.ours, &ours.blocks))
            {
                reorder(&mut self.places[place].pieces, &wanted, &mut |a, b| {
                    // The blank lines belong to the place, not to the block.
                    let gap = std::mem::take(&mut self.pieces[a].gap);
                    self.pieces[a].gap = std::mem::replace(&mut self.pieces[b].gap, gap);
                });
            }
            let rooms = keys(&self.base, &base.rooms);
            if !in_order(&rooms, &keys(&self.theirs, &theirs.rooms))
                && in_order(&rooms, &keys(&self.ours, &ours.rooms))
            {
                reorder(
                    &mut self.places[place].places,
                    &wanted_rooms,
                    &mut |_, _| {},
                );
            }
        }
    }
}

/// Whether the common elements of both lists have the same order in both.
fn in_order<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    if a == b {
        return true;
    }
    let common_a = a.iter().filter(|x| b.contains(x));
    let common_b = b.iter().filter(|x| a.contains(x));
    common_a.eq(common_b)
}

/// Reorders those elements of `list` that are in `wanted`; the others keep their places.
fn reorder(list: &mut [usize], wanted: &[usize], swap: &mut dyn FnMut(usize, usize)) {
    let slots: Vec<usize> = (0..list.len())
        .filter(|at| wanted.contains(&list[*at]))
        .collect();
    let order: Vec<usize> = wanted
        .iter()
        .copied()
        .filter(|w| list.contains(w))
        .collect();
    for (slot, want) in slots.into_iter().zip(order) {
        if let Some(at) = list
            .iter()
            .position(|x| *x == want)
            .filter(|at| *at != slot)
        {
            swap(list[at], list[slot]);
            list.swap(at, slot);
        }
    }
}
