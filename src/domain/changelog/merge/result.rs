//! The merged file under construction: the blocks of ours as pieces, at places to which other pieces are added.

use std::collections::HashMap;

use super::options::MergeOptions;
use crate::domain::changelog::lines::loses_line_of_both;
use crate::domain::changelog::matching::Side;
use crate::domain::changelog::outline::BlockKind;
use crate::domain::changelog::title::Title;

/// Settings of git and the project for a merge.
#[derive(Debug, Clone)]
pub struct Style<'a> {
    /// Length of conflict markers (git's `%L`).
    pub marker_size: usize,
    pub labels: ConflictLabels,
    pub options: MergeOptions,
    /// The order of categories, for those that only theirs has.
    pub order: &'a [String],
}

impl<'a> Style<'a> {
    /// git's style without any option or configuration.
    pub fn plain(order: &'a [String]) -> Style<'a> {
        Style {
            marker_size: 7,
            labels: ConflictLabels::default(),
            options: MergeOptions::default(),
            order,
        }
    }
}

/// Labels of the three versions in conflict markers. A marker with an empty label shows none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictLabels {
    pub base: String,
    pub ours: String,
    pub theirs: String,
}

impl Default for ConflictLabels {
    fn default() -> ConflictLabels {
        let [base, ours, theirs] = ["base", "ours", "theirs"].map(String::from);
        ConflictLabels { base, ours, theirs }
    }
}

/// The changed value, if one side changed it.
pub(super) fn three<T: PartialEq>(base: T, ours: T, theirs: T) -> T {
    if ours == base { theirs } else { ours }
}

/// A block of the result.
pub(super) struct MergePiece {
    pub(super) text: Vec<u8>,
    pub(super) gap: Vec<u8>,
    pub(super) kind: BlockKind,
    pub(super) room: usize,
    /// Removed, or moved to another place.
    pub(super) gone: bool,
    /// Whether the base has the block: blocks that only one side has come after it.
    pub(super) in_base: bool,
}

/// A heading of the result, and the pieces below it.
pub(super) struct MergeRoom {
    pub(super) key: String,
    pub(super) section: Option<Title>,
    pub(super) heading: Option<usize>,
    pub(super) pieces: Vec<usize>,
    pub(super) places: Vec<usize>,
}

/// A merge in progress.
pub(super) struct Merging<'a> {
    pub(super) base: Side<'a>,
    pub(super) ours: Side<'a>,
    pub(super) theirs: Side<'a>,
    pub(super) style: &'a Style<'a>,
    pub(super) pieces: Vec<MergePiece>,
    pub(super) places: Vec<MergeRoom>,
    pub(super) place_of: HashMap<String, usize>,
    /// The piece for each block of theirs.
    pub(super) piece_of: Vec<Option<usize>>,
    /// Blocks of theirs with the better words that ours has for them.
    pub(super) reworded: HashMap<usize, Vec<u8>>,
    pub(super) conflicts: usize,
}

impl<'a> Merging<'a> {
    pub(super) fn new(
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
        let mut pieces: Vec<MergePiece> = Vec::new();
        for (index, block) in ours.outline.blocks.iter().enumerate() {
            pieces.push(MergePiece {
                text: ours.text(index).to_vec(),
                gap: ours.gap(index).to_vec(),
                kind: block.kind.clone(),
                room: block.room,
                gone: false,
                in_base: false,
            });
        }
        let places: Vec<MergeRoom> = ours
            .outline
            .rooms
            .iter()
            .map(|room| MergeRoom {
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
    pub(super) fn piece_from(&self, theirs: usize) -> MergePiece {
        let text = self.reworded.get(&theirs).cloned();
        MergePiece {
            text: text.unwrap_or_else(|| self.theirs.text(theirs).to_vec()),
            gap: Vec::new(),
            kind: self.theirs.kind(theirs).clone(),
            room: 0,
            gone: false,
            in_base: false,
        }
    }

    fn in_order(&self, place: usize, out: &mut Vec<usize>) {
        out.extend(self.places[place].heading);
        out.extend(&self.places[place].pieces);
        for inner in &self.places[place].places {
            self.in_order(*inner, out);
        }
    }

    pub(super) fn render(&self) -> Vec<u8> {
        let mut order = Vec::new();
        self.in_order(0, &mut order);
        let lead = |side: &Side<'a>| side.bytes[side.outline.lead.clone()].to_vec();
        let mut out = three(lead(&self.base), lead(&self.ours), lead(&self.theirs));
        let mut gap: &[u8] = b"";
        let mut above: Option<usize> = None;
        for index in order {
            let piece = &self.pieces[index];
            if piece.gone {
                // Of the blank lines before and after it, only the larger group is kept.
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
        // The end of the file is merged separately.
        if let Some(last) = above {
            out.extend_from_slice(self.end_below(last));
        }
        out
    }

    /// The bytes after the last block. If the file ends with that block only in theirs, the end of ours was above it.
    fn end_below(&self, last: usize) -> &'a [u8] {
        let ends_ours = last + 1 == self.ours.outline.blocks.len();
        if self.piece_of.last() == Some(&Some(last)) && !ends_ours {
            self.theirs.end()
        } else {
            three(self.base.end(), self.ours.end(), self.theirs.end())
        }
    }

    /// Whether two blocks that are adjacent in no file would run into each other without a blank line.
    fn must_stand_apart(&self, above: usize, below: usize) -> bool {
        let neighbours = below == above + 1 && below < self.ours.outline.blocks.len();
        let [above, below] = [above, below].map(|p| &self.pieces[p]);
        let comment =
            |piece: &MergePiece| piece.text.starts_with(b"<!--") && piece.text.ends_with(b"-->");
        let alike = match (&above.kind, &below.kind) {
            (BlockKind::Item, BlockKind::Item) | (BlockKind::Link(_), BlockKind::Link(_)) => true,
            (BlockKind::Heading, BlockKind::Heading) => false,
            (BlockKind::Heading, _) => true,
            _ => comment(above) && comment(below),
        };
        !neighbours && !alike
    }

    /// Whether parsing the result gives the blocks that it is made of.
    pub(super) fn reads_back(&self, bytes: &[u8]) -> bool {
        let mut order = Vec::new();
        self.in_order(0, &mut order);
        let live = order.iter().map(|p| &self.pieces[*p]).filter(|p| !p.gone);
        // Both sides have one of two equal lines, but not the same one.
        if loses_line_of_both(self.ours.bytes, self.theirs.bytes, bytes) {
            return false;
        }
        let result = Side::parse(bytes);
        if self.conflicts > 0 {
            // Markers are not Markdown, so it must suffice that every text is present.
            let mut rest = bytes;
            return live.into_iter().all(|piece| {
                let text = &piece.text;
                let at = (0..rest.len()).find(|at| rest[*at..].starts_with(text));
                rest = &rest[at.map_or(0, |at| at + text.len())..];
                at.is_some() || text.is_empty()
            });
        }
        let wanted: Vec<(&BlockKind, Option<&Title>, &[u8])> = live
            .map(|p| {
                (
                    &p.kind,
                    self.places[p.room].section.as_ref(),
                    p.text.as_slice(),
                )
            })
            .collect();
        let seen: Vec<(&BlockKind, Option<&Title>, &[u8])> = (0..result.outline.blocks.len())
            .map(|b| (result.kind(b), result.section(b), result.text(b)))
            .collect();
        wanted == seen
    }
}
