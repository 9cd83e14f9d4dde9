//! Three-way merge by meaning, for git's merge driver.
//!
//! Ours is the ground: what theirs changed since the base is carried over to it, entry by entry. Entries are told
//! apart by their text and, once edited, by what they name and by their words; sections by version, categories
//! by name, links by label. So two notes at one place are no conflict, a note stays in Unreleased although its
//! neighbours have been released meanwhile, and only one entry changed in two ways is left to a person.
//! A line-wise merge (diff3) sees none of that; it is what git does where this one gives up.

use std::cmp::Ordering;
use std::collections::HashMap;

use semver::Version;

use super::document::{Title, category_key, same_category};
use super::lines::{has_crlf, loses_line_of_both, merged_lines, with_crlf, with_lf};
use super::matching::{Names, Side, alike, is_readable, matched};
use super::outline::Kind;
use super::tail::Tail;

/// What git and the project say about a merge.
#[derive(Debug, Clone)]
pub struct Style<'a> {
    /// Length of conflict markers (git's `%L`).
    pub marker_size: usize,
    /// Show the base in conflicts, too (`merge.conflictStyle` diff3).
    pub with_base: bool,
    /// The order of categories, for those that only theirs has.
    pub order: &'a [String],
}

/// A merged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub bytes: Vec<u8>,
    /// Entries that both sides changed differently, marked in the text.
    pub conflicts: usize,
}

/// Merges what `theirs` did since `base` into `ours`. `None` where the files are not changelogs that it
/// understands: no section with a known heading, several Unreleased ones, conflict markers, bytes that are not
/// text; or where the merged text would not read as what it is made of.
pub fn merge(base: &[u8], ours: &[u8], theirs: &[u8], style: &Style<'_>) -> Option<Merged> {
    let clean = |bytes: &[u8]| {
        Some(Merged {
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
    // Line endings are no edit of an entry: they are merged by themselves.
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

/// The same without reading what all sides have in common from an older version on; `None` if that cannot be told apart.
fn heads(sides: [&[u8]; 3], style: &Style<'_>) -> Option<Merged> {
    let tail = Tail::of(sides)?;
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

/// The value that was changed, if one was.
fn three<T: PartialEq>(base: T, ours: T, theirs: T) -> T {
    if ours == base { theirs } else { ours }
}

/// A block of the result.
struct Piece {
    text: Vec<u8>,
    gap: Vec<u8>,
    kind: Kind,
    room: usize,
    /// Taken out, or moved to another place.
    gone: bool,
    /// Known to the base: what only one side has stands behind it.
    in_base: bool,
}

struct Place {
    key: String,
    section: Option<Title>,
    heading: Option<usize>,
    pieces: Vec<usize>,
    places: Vec<usize>,
}

struct Merging<'a> {
    base: Side<'a>,
    ours: Side<'a>,
    theirs: Side<'a>,
    style: &'a Style<'a>,
    pieces: Vec<Piece>,
    places: Vec<Place>,
    place_of: HashMap<String, usize>,
    /// For each block of theirs the piece that stands for it.
    piece_of: Vec<Option<usize>>,
    /// Blocks of theirs that ours has in better words.
    reworded: HashMap<usize, Vec<u8>>,
    conflicts: usize,
}

impl<'a> Merging<'a> {
    fn new(
        base: &'a [u8],
        ours: &'a [u8],
        theirs: &'a [u8],
        style: &'a Style<'a>,
    ) -> Option<Merging<'a>> {
        let [base, ours, theirs] = [base, ours, theirs].map(Side::parse);
        let any_section = |side: &Side<'_>| side.outline.rooms.iter().any(|r| r.section.is_some());
        let fits = |side: &Side<'_>| side.understood() && !side.renames(&base);
        if !(fits(&ours) && fits(&theirs) && (any_section(&ours) || any_section(&theirs))) {
            return None;
        }
        let mut pieces: Vec<Piece> = Vec::new();
        for (index, block) in ours.outline.blocks.iter().enumerate() {
            pieces.push(Piece {
                text: ours.text(index).to_vec(),
                gap: ours.gap(index).to_vec(),
                kind: block.kind.clone(),
                room: block.room,
                gone: false,
                in_base: false,
            });
        }
        let places: Vec<Place> = ours
            .outline
            .rooms
            .iter()
            .map(|room| Place {
                key: room.key.clone(),
                section: room.section.clone(),
                heading: room.heading,
                pieces: room.blocks.clone(),
                places: room.rooms.clone(),
            })
            .collect();
        let place_of = places
            .iter()
            .enumerate()
            .map(|(index, place)| (place.key.clone(), index))
            .collect();
        Some(Merging {
            piece_of: vec![None; theirs.outline.blocks.len()],
            base,
            ours,
            theirs,
            style,
            pieces,
            places,
            place_of,
            reworded: HashMap::new(),
            conflicts: 0,
        })
    }

    fn run(mut self) -> Option<Merged> {
        let in_ours = matched(&self.base, &self.ours, &self.theirs);
        let in_theirs = matched(&self.base, &self.theirs, &self.ours);
        let mut ours_known = vec![false; self.ours.outline.blocks.len()];
        let mut theirs_known = vec![false; self.theirs.outline.blocks.len()];
        for ours in in_ours.iter().flatten() {
            ours_known[*ours] = true;
            self.pieces[*ours].in_base = true;
        }
        for theirs in in_theirs.iter().flatten() {
            theirs_known[*theirs] = true;
        }
        // Counterparts first: they are where everything else is put.
        for (ours, theirs) in in_ours.iter().zip(&in_theirs) {
            if let Some(theirs) = theirs {
                self.piece_of[*theirs] = *ours;
            }
        }
        self.unite_additions(&ours_known, &theirs_known);
        let mut moved = Vec::new();
        let mut edited_away = Vec::new();
        for block in 0..in_ours.len() {
            match (in_ours[block], in_theirs[block]) {
                (Some(ours), None) => self.deleted_by_theirs(block, ours),
                (None, Some(theirs)) => edited_away.extend(self.deleted_by_ours(block, theirs)),
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
        for (theirs, known) in theirs_known.iter().enumerate() {
            if self.piece_of[theirs].is_some() || *self.theirs.kind(theirs) == Kind::Heading {
                continue;
            }
            let restored = edited_away.iter().find(|(block, _)| *block == theirs);
            if *known && restored.is_none() {
                continue; // ours took it out
            }
            let mut piece = self.piece_from(theirs);
            if let Some((_, Some(conflict))) = restored {
                piece.text.clone_from(conflict);
                self.conflicts += 1;
            }
            self.put(theirs, piece);
        }
        self.adopt_their_headings();
        self.adopt_their_order();
        self.drop_empty_rooms(&in_ours, &in_theirs);
        let bytes = self.render();
        let merged = Merged {
            bytes,
            conflicts: self.conflicts,
        };
        self.reads_back(&merged.bytes).then_some(merged)
    }

    /// What both sides added: the same words once; two wordings of one change are a conflict.
    fn unite_additions(&mut self, ours_known: &[bool], theirs_known: &[bool]) {
        let free = |side: &Side<'_>, known: &[bool]| -> Vec<usize> {
            let blocks = 0..known.len();
            blocks
                .filter(|b| !known[*b] && !side.text(*b).is_empty())
                .collect()
        };
        let (ours, theirs) = (&self.ours, &self.theirs);
        let mine = free(ours, ours_known);
        let mut others = free(theirs, theirs_known);
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        let mut taken = vec![false; ours_known.len()];
        let names = |side: &Side<'_>, blocks: &[usize]| -> HashMap<usize, Names> {
            let items = blocks.iter().filter(|b| *side.kind(**b) == Kind::Item);
            items.map(|b| (*b, Names::of(side.text(*b)))).collect()
        };
        let (our_names, their_names) = (names(ours, &mine), names(theirs, &others));
        let same_names = |o: usize, t: usize| -> Option<&Names> {
            let (ours, theirs) = (our_names.get(&o)?, their_names.get(&t)?);
            (ours == theirs && !ours.is_empty()).then_some(ours)
        };
        let mut pair = |others: &mut Vec<usize>, fits: &dyn Fn(usize, usize) -> bool| {
            others.retain(|t| {
                let found = mine.iter().find(|o| !taken[**o] && fits(**o, *t));
                if let Some(o) = found {
                    taken[*o] = true;
                    pairs.push((*o, *t));
                }
                found.is_none()
            });
        };
        let named = |o: usize, t: usize| match (ours.kind(o), theirs.kind(t)) {
            (Kind::Heading, Kind::Heading) => ours.key(o) == theirs.key(t),
            (Kind::Link(a), Kind::Link(b)) => a == b,
            _ => false,
        };
        let plain = |o: usize| !matches!(ours.kind(o), Kind::Heading | Kind::Link(_));
        let same = |o: usize, t: usize| {
            plain(o) && ours.kind(o) == theirs.kind(t) && ours.text(o) == theirs.text(t)
        };
        pair(&mut others, &named);
        pair(&mut others, &|o, t| {
            same(o, t) && ours.key(o) == theirs.key(t)
        });
        pair(&mut others, &|o, t| {
            // One side released what the other has picked.
            same(o, t)
                && *ours.kind(o) == Kind::Item
                && ((ours.is_unreleased(o) && theirs.section(t).is_some())
                    || (theirs.is_unreleased(t) && ours.section(o).is_some()))
        });
        pair(&mut others, &|o, t| {
            let both = ours.is_unreleased(o) && theirs.is_unreleased(t);
            both && same_names(o, t).is_some() && alike(ours.text(o), theirs.text(t))
        });
        pair(&mut others, &|o, t| {
            // One side released the generated line that the other has worded anew: a commit is one change, while two may
            // belong to one issue.
            let released = (ours.is_unreleased(o) && theirs.is_released(t))
                || (theirs.is_unreleased(t) && ours.is_released(o));
            released && same_names(o, t).is_some_and(Names::has_commit)
        });
        for (o, t) in pairs {
            let (mine, other) = (self.ours.text(o), self.theirs.text(t));
            self.piece_of[t] = Some(o);
            let (mine_is_out, other_is_out) =
                (self.ours.is_released(o), self.theirs.is_released(t));
            if mine != other && mine_is_out && self.theirs.is_unreleased(t) {
                self.pieces[o].text = other.to_vec();
            } else if mine != other && other_is_out && self.ours.is_unreleased(o) {
                self.pieces[o].gone = true;
                self.piece_of[t] = None;
                self.reworded.insert(t, mine.to_vec());
            } else if mine != other {
                let united = self.united(o, None, mine, other);
                self.set(o, united);
            } else if self.ours.is_unreleased(o) && self.theirs.is_released(t) {
                self.pieces[o].gone = true;
                self.piece_of[t] = None;
            }
        }
    }

    /// The text of a block that both sides have, or what to write as a conflict.
    fn united(
        &self,
        ours_block: usize,
        base: Option<&[u8]>,
        ours: &[u8],
        theirs: &[u8],
    ) -> Result<Vec<u8>, Vec<u8>> {
        if ours == theirs || base == Some(theirs) {
            return Ok(ours.to_vec());
        }
        if base == Some(ours) {
            return Ok(theirs.to_vec());
        }
        if let Kind::Link(_) = self.ours.kind(ours_block) {
            // Both sides cut a version: the link follows the newer one.
            match newest_version(theirs).cmp(&newest_version(ours)) {
                Ordering::Greater => return Ok(theirs.to_vec()),
                Ordering::Less => return Ok(ours.to_vec()),
                Ordering::Equal => {}
            }
        }
        // An entry of many lines, edited in two places.
        if let Some(merged) = base.and_then(|base| merged_lines(base, ours, theirs)) {
            return Ok(merged);
        }
        // Two people made one section or category, each in their way; about the date of a version they must agree.
        let made_twice = base.is_none() && *self.ours.kind(ours_block) == Kind::Heading;
        if made_twice && !self.is_version_heading(ours_block) {
            let said = [ours, theirs].map(|text| category_key(&String::from_utf8_lossy(text)));
            match [said[0].contains(&said[1]), said[1].contains(&said[0])] {
                [true, true] => return Ok(ours.max(theirs).to_vec()),
                [true, false] => return Ok(ours.to_vec()),
                [false, true] => return Ok(theirs.to_vec()),
                [false, false] => {}
            }
        }
        Err(self.conflict(base, Some(ours), Some(theirs)))
    }

    fn is_version_heading(&self, ours_block: usize) -> bool {
        let room = &self.ours.outline.rooms[self.ours.outline.blocks[ours_block].room];
        room.parent == 0 && matches!(room.section, Some(Title::Version(_)))
    }

    fn set(&mut self, piece: usize, text: Result<Vec<u8>, Vec<u8>>) {
        let piece = &mut self.pieces[piece];
        match text {
            Ok(text) => piece.text = text,
            Err(conflict) => {
                piece.text = conflict;
                self.conflicts += 1;
            }
        }
    }

    fn conflict(&self, base: Option<&[u8]>, ours: Option<&[u8]>, theirs: Option<&[u8]>) -> Vec<u8> {
        let marker = |c: &str, label: &str| {
            let run = c.repeat(self.style.marker_size);
            if label.is_empty() {
                run
            } else {
                format!("{run} {label}")
            }
        };
        let mut rows: Vec<Vec<u8>> = vec![marker("<", "ours").into_bytes()];
        rows.extend(ours.map(<[u8]>::to_vec));
        if self.style.with_base {
            rows.push(marker("|", "base").into_bytes());
            rows.extend(base.map(<[u8]>::to_vec));
        }
        rows.push(marker("=", "").into_bytes());
        rows.extend(theirs.map(<[u8]>::to_vec));
        rows.push(marker(">", "theirs").into_bytes());
        rows.join(&b'\n')
    }

    fn deleted_by_theirs(&mut self, base: usize, ours: usize) {
        if *self.base.kind(base) == Kind::Heading {
            return; // goes at the end, if nothing is left below it
        }
        if self.base.is_unreleased(base) && self.ours.is_released(ours) {
            return; // released meanwhile: what a release says stays said
        }
        if self.ours.text(ours) == self.base.text(base) {
            self.pieces[ours].gone = true;
        } else if !matches!(self.base.kind(base), Kind::Link(_)) {
            let conflict =
                self.conflict(Some(self.base.text(base)), Some(self.ours.text(ours)), None);
            self.set(ours, Err(conflict));
        }
    }

    /// The block of theirs to put back, and the conflict to put there instead.
    fn deleted_by_ours(&self, base: usize, theirs: usize) -> Option<(usize, Option<Vec<u8>>)> {
        if *self.base.kind(base) == Kind::Heading {
            return None;
        }
        let (before, after) = (self.base.text(base), self.theirs.text(theirs));
        let released = self.base.is_unreleased(base) && self.theirs.is_released(theirs);
        if released || (before != after && matches!(self.base.kind(base), Kind::Link(_))) {
            return Some((theirs, None));
        }
        (before != after).then(|| {
            let conflict = self.conflict(Some(before), None, Some(after));
            (theirs, Some(conflict))
        })
    }

    fn unite_texts(&mut self, base: usize, ours: usize, theirs: usize) {
        let texts = (
            self.base.text(base),
            self.ours.text(ours),
            self.theirs.text(theirs),
        );
        let united = self.united(ours, Some(texts.0), texts.1, texts.2);
        self.set(ours, united);
    }

    /// Whether the block goes to the place that theirs has it in.
    fn moves(&self, base: usize, ours: usize, theirs: usize) -> bool {
        if *self.base.kind(base) == Kind::Heading {
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
        // Both moved it: into a release rather than not, else the same way round whichever side is ours.
        match (self.ours.is_released(ours), self.theirs.is_released(theirs)) {
            (false, true) => true,
            (true, false) => false,
            _ => t < o,
        }
    }

    fn piece_from(&self, theirs: usize) -> Piece {
        let text = self.reworded.get(&theirs).cloned();
        Piece {
            text: text.unwrap_or_else(|| self.theirs.text(theirs).to_vec()),
            gap: Vec::new(),
            kind: self.theirs.kind(theirs).clone(),
            room: 0,
            gone: false,
            in_base: false,
        }
    }

    /// Puts a block of theirs behind the one that stands before it there.
    fn put(&mut self, theirs: usize, mut piece: Piece) {
        let room = self.theirs.outline.blocks[theirs].room;
        let place = self.ensure_place(room);
        let siblings = &self.theirs.outline.rooms[room].blocks;
        let own = siblings.iter().position(|b| *b == theirs).unwrap_or(0);
        let known = |block: &usize| {
            let piece = self.piece_of[*block]?;
            self.places[place].pieces.iter().position(|p| *p == piece)
        };
        let before = siblings[..own].iter().rev().find_map(known);
        let mut at = before.map_or(0, |position| position + 1);
        let follows_new = before.is_some_and(|position| {
            self.places[place].pieces[position] >= self.ours.outline.blocks.len()
        });
        if !follows_new {
            // Ours stands first where both added something.
            let added =
                |p: &&usize| !self.pieces[**p].in_base && **p < self.ours.outline.blocks.len();
            at += self.places[place].pieces[at..]
                .iter()
                .take_while(added)
                .count();
        }
        if let Kind::Link(label) = &piece.kind {
            let older = |p: &usize| matches!(&self.pieces[*p].kind, Kind::Link(other) if newer(label, other));
            at = self.places[place]
                .pieces
                .iter()
                .position(older)
                .unwrap_or(at);
        }
        let above = match at {
            0 => self.places[place].heading,
            _ => Some(self.places[place].pieces[at - 1]),
        };
        piece.room = place;
        let new = self.pieces.len();
        let theirs_above = match own {
            0 => self.theirs.outline.rooms[room].heading,
            _ => Some(siblings[own - 1]),
        };
        let between: Vec<u8> = match theirs_above {
            // As theirs has it, if it stands behind the same block there.
            Some(block) if above.is_some() && self.piece_of[block] == above => {
                self.theirs.gap(block).to_vec()
            }
            _ => match (above.map(|a| &self.pieces[a].kind), &piece.kind) {
                (Some(Kind::Item), Kind::Item) | (Some(Kind::Link(_)), Kind::Link(_)) => Vec::new(),
                _ => b"\n".to_vec(),
            },
        };
        let left = match above {
            Some(above) => std::mem::replace(&mut self.pieces[above].gap, between),
            None => b"\n".to_vec(),
        };
        let below = self.places[place].pieces.get(at).copied();
        let theirs_below = siblings
            .get(own + 1)
            .and_then(|block| self.piece_of[*block]);
        piece.gap = match below {
            Some(below) if theirs_below == Some(below) => self.theirs.gap(theirs).to_vec(),
            Some(below) if piece.kind == Kind::Item && self.pieces[below].kind == Kind::Item => {
                // The list goes on as it did.
                match above.map(|above| &self.pieces[above].kind) {
                    Some(Kind::Item) => left,
                    _ => Vec::new(),
                }
            }
            _ => left,
        };
        self.pieces.push(piece);
        self.places[place].pieces.insert(at, new);
        self.piece_of[theirs] = Some(new);
    }

    /// The place of the result for a room of theirs, made with its heading if it is not there.
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
        self.places.push(Place {
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

    /// Where among the places of `parent` a room that only theirs has belongs.
    fn position_in(&self, parent: usize, parent_room: usize, room: usize) -> usize {
        let there = &self.places[parent].places;
        let rooms = &self.theirs.outline.rooms;
        let own = &rooms[room];
        if parent == 0 && own.section.is_some() {
            let older = |place: &usize| match (&own.section, &self.places[*place].section) {
                (Some(Title::Unreleased), Some(_)) => true,
                (Some(Title::Version(new)), Some(Title::Version(old))) => newer(new, old),
                _ => false,
            };
            if let Some(at) = there.iter().position(older) {
                return at;
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
        // Between the rooms that stand around it there.
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

    /// Rooms that theirs made or whose heading it edited, even if they hold nothing, such as a fresh Unreleased.
    fn adopt_their_headings(&mut self) {
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

    /// Where theirs changed the order and ours did not, theirs holds.
    fn adopt_their_order(&mut self) {
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

    /// Headings that one side took out go, unless the other side has put something below them.
    fn drop_empty_rooms(&mut self, in_ours: &[Option<usize>], in_theirs: &[Option<usize>]) {
        // Deeper rooms first.
        for block in (0..in_ours.len()).rev() {
            let (Some(ours), None) = (in_ours[block], in_theirs[block]) else {
                continue;
            };
            if *self.base.kind(block) != Kind::Heading {
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

    fn in_order(&self, place: usize, out: &mut Vec<usize>) {
        out.extend(self.places[place].heading);
        out.extend(&self.places[place].pieces);
        for inner in &self.places[place].places {
            self.in_order(*inner, out);
        }
    }

    fn render(&self) -> Vec<u8> {
        let mut order = Vec::new();
        self.in_order(0, &mut order);
        let lead = |side: &Side<'a>| side.bytes[side.outline.lead.clone()].to_vec();
        let mut out = three(lead(&self.base), lead(&self.ours), lead(&self.theirs));
        let mut gap: &[u8] = b"";
        let mut above: Option<usize> = None;
        for index in order {
            let piece = &self.pieces[index];
            if piece.gone {
                // Of the blank lines before and after it one lot stays.
                if piece.gap.len() > gap.len() {
                    gap = &piece.gap;
                }
                continue;
            }
            if let Some(above) = above {
                out.push(b'\n');
                let needed = gap.is_empty() && self.must_stand_apart(above, index);
                out.extend_from_slice(if needed { b"\n" } else { gap });
                if !out.ends_with(b"\n") {
                    out.push(b'\n'); // white space at the end of a file had no line end
                }
            }
            out.extend_from_slice(&piece.text);
            gap = &piece.gap;
            above = Some(index);
        }
        // How the file ends is merged by itself.
        if above.is_some() {
            out.extend_from_slice(three(self.base.end(), self.ours.end(), self.theirs.end()));
        }
        out
    }

    /// Whether two blocks that no file had side by side would run into each other without a blank line.
    fn must_stand_apart(&self, above: usize, below: usize) -> bool {
        let neighbours = below == above + 1 && below < self.ours.outline.blocks.len();
        let [above, below] = [above, below].map(|p| &self.pieces[p]);
        let comment =
            |piece: &Piece| piece.text.starts_with(b"<!--") && piece.text.ends_with(b"-->");
        let alike = match (&above.kind, &below.kind) {
            (Kind::Item, Kind::Item) | (Kind::Link(_), Kind::Link(_)) => true,
            (Kind::Heading, Kind::Heading) => false,
            (Kind::Heading, _) => true,
            _ => comment(above) && comment(below),
        };
        !neighbours && !alike
    }

    /// Whether a reader of the result sees the blocks that it is made of.
    fn reads_back(&self, bytes: &[u8]) -> bool {
        let mut order = Vec::new();
        self.in_order(0, &mut order);
        let live = order.iter().map(|p| &self.pieces[*p]).filter(|p| !p.gone);
        // Both sides keep one of two equal lines, but not the same one.
        if loses_line_of_both(self.ours.bytes, self.theirs.bytes, bytes) {
            return false;
        }
        let result = Side::parse(bytes);
        if self.conflicts > 0 {
            // Markers are no Markdown; that every text is there must do.
            let mut rest = bytes;
            return live.into_iter().all(|piece| {
                let text = &piece.text;
                let at = (0..rest.len()).find(|at| rest[*at..].starts_with(text));
                rest = &rest[at.map_or(0, |at| at + text.len())..];
                at.is_some() || text.is_empty()
            });
        }
        let wanted: Vec<(&Kind, Option<&Title>, &[u8])> = live
            .map(|p| {
                (
                    &p.kind,
                    self.places[p.room].section.as_ref(),
                    p.text.as_slice(),
                )
            })
            .collect();
        let seen: Vec<(&Kind, Option<&Title>, &[u8])> = (0..result.outline.blocks.len())
            .map(|b| (result.kind(b), result.section(b), result.text(b)))
            .collect();
        wanted == seen
    }
}

/// Whether what both lists have stands in the same order in both.
fn in_order<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    if a == b {
        return true;
    }
    let common_a = a.iter().filter(|x| b.contains(x));
    let common_b = b.iter().filter(|x| a.contains(x));
    common_a.eq(common_b)
}

/// Puts those of `list` that `wanted` names into its order; the others keep their places.
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

fn newer(a: &str, b: &str) -> bool {
    match (Version::parse(a), Version::parse(b)) {
        (Ok(a), Ok(b)) => a > b,
        _ => false,
    }
}

/// The newest version that a link's text names.
fn newest_version(link: &[u8]) -> Option<Version> {
    let text = String::from_utf8_lossy(link);
    let apart = |c: char| !(c.is_ascii_alphanumeric() || ".-+".contains(c));
    text.split(apart)
        .flat_map(|word| word.split("..."))
        .map(|word| word.trim_start_matches(|c: char| !c.is_ascii_digit()))
        .filter_map(|word| Version::parse(word).ok())
        .max()
}
