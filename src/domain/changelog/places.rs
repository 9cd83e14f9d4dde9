//! Places of the generated lines in a file that is unchanged since it was written. They suffice to remove those lines and to add more. The
//! cost depends on the number of categories, not on the number of entries.

use memchr::memmem;
use serde::{Deserialize, Serialize};

use crate::domain::changelog::lines::{strip_eol, terminate, terminated};
use crate::domain::changelog::marker::Marker;
use crate::domain::changelog::record::{InsertedRun, Item, Line, Record, item};
use crate::domain::changelog::title::same_category;

/// The blocks of a [`Record`] without the texts of their entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Length of the viewed document, including its final line ending.
    pub(super) len: usize,
    pub(super) eol: String,
    pub(super) blocks: Vec<RunPlace>,
}

/// One run of inserted lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunPlace {
    /// Offset in the viewed document.
    pub at: usize,
    pub size: usize,
    /// Length of the run's last entry; 0 for the section's own heading.
    pub last: usize,
    /// Blank lines inserted before and after.
    pub lead: usize,
    pub trail: usize,
    pub category: String,
    /// The heading line, if the document had none for this category.
    pub heading: Option<String>,
}

/// The result of [`Places::extended`].
#[derive(Debug, PartialEq, Eq)]
pub struct Extended {
    pub viewed: Vec<u8>,
    pub places: Places,
    /// The new entries, each with the index of its block.
    pub items: Vec<(usize, Item)>,
}

impl Extended {
    /// Sets the view that first listed the new entries.
    pub fn date(&mut self, view: u64) {
        for (_, item) in &mut self.items {
            item.came = view;
        }
    }
}

impl Places {
    /// The places of the lines of a record.
    pub fn from_record(record: &Record) -> Places {
        let place = |block: &InsertedRun| RunPlace {
            at: block.at,
            size: block.render(&record.eol).len(),
            last: block.items.last().map_or(0, |item| item.text.len()),
            lead: block.lead,
            trail: block.trail,
            category: block.category.clone(),
            heading: block.heading.clone(),
        };
        Places {
            len: record.len,
            eol: record.eol.clone(),
            blocks: record.blocks.iter().map(place).collect(),
        }
    }

    /// The document without the generated lines. `viewed` must be unchanged since it was written. Returns `None` if its length shows that
    /// it is not.
    pub fn cut_from(&self, viewed: &[u8]) -> Option<Vec<u8>> {
        let (text, stripped) = terminated(viewed, &self.eol);
        if text.len() != self.len {
            return None;
        }
        let mut doc = Vec::with_capacity(text.len());
        let mut copied = 0;
        for block in &self.blocks {
            doc.extend_from_slice(text.get(copied..block.at)?);
            copied = block.at + block.size;
        }
        doc.extend_from_slice(text.get(copied..)?);
        if stripped {
            strip_eol(&mut doc, &self.eol);
        }
        Some(doc)
    }

    /// Adds `lines` after the last entries of their categories. Returns `None` if [`view`](super::view::view) would do something else: for
    /// a category without generated entries yet, or for a line that is already listed.
    ///
    /// `viewed` must be unchanged since it was written; it is modified in place.
    pub fn extended(&self, mut viewed: Vec<u8>, lines: &[Line]) -> Option<Extended> {
        let mut places = self.clone();
        viewed.reserve_exact(lines.iter().map(|line| 2 * line.text.len() + 64).sum());
        let stripped = terminate(&mut viewed, &self.eol);
        if viewed.len() != self.len {
            return None;
        }
        let mut items = Vec::with_capacity(lines.len());
        for line in lines {
            let is_its = |b: &RunPlace| b.last > 0 && same_category(&b.category, &line.category);
            let number = places.blocks.iter().position(is_its)?;
            let block = &mut places.blocks[number];
            let end = block.at + block.size - block.trail * places.eol.len();
            let listed = viewed.get(block.at..end)?;
            let last = listed.get(listed.len().checked_sub(block.last)?..)?;
            let marker = Marker::parse(std::str::from_utf8(last).ok()?)?.next();
            let item = item(line, &marker, &places.eol);
            let mut alike = memmem::find_iter(listed, &item.text);
            if alike.any(|at| at == 0 || listed[at - 1] == b'\n') {
                return None;
            }
            let length = item.text.len();
            viewed.splice(end..end, item.text.bytes());
            items.push((number, item));
            block.size += length;
            block.last = length;
            places.len += length;
            for later in &mut places.blocks[number + 1..] {
                later.at += length;
            }
        }
        if stripped {
            strip_eol(&mut viewed, &places.eol);
        }
        Some(Extended {
            viewed,
            places,
            items,
        })
    }

    /// The record of the same lines, with their texts.
    pub fn with_items(&self, items: impl IntoIterator<Item = (usize, Item)>) -> Record {
        let block = |place: &RunPlace| InsertedRun {
            at: place.at,
            lead: place.lead,
            trail: place.trail,
            category: place.category.clone(),
            heading: place.heading.clone(),
            items: Vec::new(),
        };
        let mut blocks: Vec<InsertedRun> = self.blocks.iter().map(block).collect();
        for (number, item) in items {
            if let Some(block) = blocks.get_mut(number) {
                block.items.push(item);
            }
        }
        Record {
            len: self.len,
            eol: self.eol.clone(),
            blocks,
        }
    }
}
