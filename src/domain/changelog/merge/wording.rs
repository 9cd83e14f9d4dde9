//! The words of a block that both sides have: one side's, both sides' lines together, or a conflict.

use std::cmp::Ordering;

use semver::Version;

use super::options::{ConflictShape, Favor};
use super::result::Merging;
use crate::domain::changelog::lines::merged_lines;
use crate::domain::changelog::outline::BlockKind;
use crate::domain::changelog::title::{Title, category_key};
use crate::domain::version::form;

impl Merging<'_> {
    /// The text of a block that both sides have, or what to write as a conflict.
    pub(super) fn united(
        &self,
        ours_block: usize,
        base: Option<&[u8]>,
        ours: &[u8],
        theirs: &[u8],
    ) -> Result<Vec<u8>, Vec<u8>> {
        if ours == theirs || base == Some(theirs) {
            return Ok(ours.to_vec());
        }
        let options = &self.style.options;
        if options.ignored.is_some() {
            // As in git, a side that changed only white space yields to the other, theirs first (merge-strategies(7)).
            let is_base = |side: &[u8]| base.is_some_and(|base| options.takes_for_same(base, side));
            if is_base(theirs) || options.takes_for_same(ours, theirs) {
                return Ok(ours.to_vec());
            } else if is_base(ours) {
                return Ok(theirs.to_vec());
            }
        }
        if base == Some(ours) {
            return Ok(theirs.to_vec());
        }
        if let BlockKind::Link(_) = self.ours.kind(ours_block) {
            // Both sides cut a version: the link is that of the newer one.
            match newest_version(theirs).cmp(&newest_version(ours)) {
                Ordering::Greater => return Ok(theirs.to_vec()),
                Ordering::Less => return Ok(ours.to_vec()),
                Ordering::Equal => {}
            }
        }
        // An entry of several lines, edited in two places.
        if let Some(merged) = base.and_then(|base| merged_lines(base, ours, theirs)) {
            return Ok(merged);
        }
        // Both sides created the same section or category, each in its own form; the date of a version must be the same.
        let made_twice = base.is_none() && *self.ours.kind(ours_block) == BlockKind::Heading;
        if made_twice && !self.is_version_heading(ours_block) {
            let said = [ours, theirs].map(|text| category_key(&String::from_utf8_lossy(text)));
            match [said[0].contains(&said[1]), said[1].contains(&said[0])] {
                [true, true] => return Ok(ours.max(theirs).to_vec()),
                [true, false] => return Ok(ours.to_vec()),
                [false, true] => return Ok(theirs.to_vec()),
                [false, false] => {}
            }
        }
        match self.style.options.favor {
            Some(Favor::Ours) => Ok(ours.to_vec()),
            Some(Favor::Theirs) => Ok(theirs.to_vec()),
            Some(Favor::Union) => Ok([ours, theirs].join(&b'\n')),
            None => Err(self.conflict(base, Some(ours), Some(theirs))),
        }
    }

    fn is_version_heading(&self, ours_block: usize) -> bool {
        let room = &self.ours.outline.rooms[self.ours.outline.blocks[ours_block].room];
        room.parent == 0 && matches!(room.section, Some(Title::Version(_)))
    }

    pub(super) fn set(&mut self, piece: usize, text: Result<Vec<u8>, Vec<u8>>) {
        let piece = &mut self.pieces[piece];
        match text {
            Ok(text) => piece.text = text,
            Err(conflict) => {
                piece.text = conflict;
                self.conflicts += 1;
            }
        }
    }

    pub(super) fn conflict<'t>(
        &self,
        base: Option<&'t [u8]>,
        ours: Option<&'t [u8]>,
        theirs: Option<&'t [u8]>,
    ) -> Vec<u8> {
        let marker = |c: &str, label: &str| {
            let run = c.repeat(self.style.marker_size);
            if label.is_empty() {
                run.into_bytes()
            } else {
                format!("{run} {label}").into_bytes()
            }
        };
        let (shape, labels) = (self.style.options.shape, &self.style.labels);
        let shape = shape.unwrap_or_default();
        let lines = |text: Option<&'t [u8]>| -> Vec<&'t [u8]> {
            text.map_or(Vec::new(), |text| {
                text.split(|byte| *byte == b'\n').collect()
            })
        };
        let (mut ours, mut theirs) = (lines(ours), lines(theirs));
        let (mut above, mut below) = (Vec::new(), Vec::new());
        if shape == ConflictShape::WithBaseTrimmed {
            let same =
                |a: &[&[u8]], b: &[&[u8]]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
            let at_start = same(&ours, &theirs);
            above = ours.drain(..at_start).collect();
            theirs.drain(..at_start);
            let ends = ours.iter().rev().zip(theirs.iter().rev());
            let at_end = ends.take_while(|(a, b)| a == b).count();
            below = ours.split_off(ours.len() - at_end);
            theirs.truncate(theirs.len() - at_end);
        }
        let mut rows: Vec<Vec<u8>> = Vec::new();
        let add = |rows: &mut Vec<Vec<u8>>, lines: &[&[u8]]| {
            rows.extend(lines.iter().map(|line| line.to_vec()));
        };
        add(&mut rows, &above);
        rows.push(marker("<", &labels.ours));
        add(&mut rows, &ours);
        if shape != ConflictShape::Sides {
            rows.push(marker("|", &labels.base));
            add(&mut rows, &lines(base));
        }
        rows.push(marker("=", ""));
        add(&mut rows, &theirs);
        rows.push(marker(">", &labels.theirs));
        add(&mut rows, &below);
        rows.join(&b'\n')
    }
    pub(super) fn unite_texts(&mut self, base: usize, ours: usize, theirs: usize) {
        let texts = (
            self.base.text(base),
            self.ours.text(ours),
            self.theirs.text(theirs),
        );
        let united = self.united(ours, Some(texts.0), texts.1, texts.2);
        self.set(ours, united);
    }
}

/// The newest version in a link's text.
fn newest_version(link: &[u8]) -> Option<Version> {
    let text = String::from_utf8_lossy(link);
    let apart = |c: char| !(c.is_ascii_alphanumeric() || ".-+".contains(c));
    text.split(apart)
        .flat_map(|word| word.split("..."))
        .map(|word| word.trim_start_matches(|c: char| !c.is_ascii_digit()))
        .filter_map(form::read)
        .max()
}
