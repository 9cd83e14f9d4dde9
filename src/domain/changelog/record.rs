//! Record of the lines inserted into a document. It distinguishes generated lines from hand-written ones, because nothing in the file marks
//! them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::domain::changelog::document::Document;
use crate::domain::changelog::lines::{has_crlf, strip_eol, terminated, with_crlf, with_lf};
use crate::domain::changelog::marker::Marker;
use crate::domain::changelog::title::same_category;

/// One change, ready to be listed: the name of its category, its Markdown without a bullet, and its references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub category: String,
    /// First line, then continuation lines without indentation.
    pub text: String,
    pub refs: Vec<String>,
}

/// Lines inserted by [`view`](super::view::view): everything that [`clean`](super::clean::clean) needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Length of the viewed document, including its final line ending.
    pub(super) len: usize,
    pub(super) eol: String,
    pub(super) blocks: Vec<InsertedRun>,
}

/// One run of inserted lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InsertedRun {
    /// Offset in the viewed document.
    pub(super) at: usize,
    /// Blank lines inserted before and after.
    pub(super) lead: usize,
    pub(super) trail: usize,
    pub(super) category: String,
    /// The heading line, if the document had none for this category.
    pub(super) heading: Option<String>,
    pub(super) items: Vec<Item>,
}

/// One inserted entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The item's lines as they are in the file.
    pub(super) text: String,
    pub(super) refs: Vec<String>,
    /// The view that first listed the entry; 0 if an older relwatch wrote the record.
    #[serde(default)]
    pub(super) came: u64,
}

impl Record {
    /// Sets the view of each entry: entries of the last record keep theirs, all others get `view`.
    pub fn date(&mut self, last: &Record, view: u64) {
        let known: HashMap<(&str, &str), u64> = last
            .runs_and_items()
            .map(|(run, item)| ((run.category.as_str(), item.text.as_str()), item.came))
            .collect();
        for block in &mut self.blocks {
            for item in &mut block.items {
                let known = known.get(&(block.category.as_str(), item.text.as_str()));
                item.came = known.copied().unwrap_or(view);
            }
        }
    }

    /// The references of each entry.
    pub fn references(&self) -> Vec<Vec<String>> {
        let items = self.runs_and_items();
        items.map(|(_, item)| item.refs.clone()).collect()
    }

    /// Whether every entry is older than `view` and none of the last record's entries is missing.
    pub fn lists_the_same(&self, last: &Record, view: u64) -> bool {
        self.runs_and_items().all(|(_, item)| item.came < view) && self.lacks_of(last).is_empty()
    }

    /// The entries of `other` that are not in this record.
    pub(super) fn lacks_of<'o>(&self, other: &'o Record) -> Vec<(&'o InsertedRun, &'o Item)> {
        let own: HashSet<(&str, &str)> = self
            .runs_and_items()
            .map(|(run, item)| (run.category.as_str(), item.text.as_str()))
            .collect();
        let all = other.runs_and_items();
        all.filter(|(run, item)| !own.contains(&(run.category.as_str(), item.text.as_str())))
            .collect()
    }

    /// The inserted entries, each with its run.
    pub(super) fn runs_and_items(&self) -> impl Iterator<Item = (&InsertedRun, &Item)> {
        let runs = self.blocks.iter();
        runs.flat_map(|run| run.items.iter().map(move |item| (run, item)))
    }

    /// The file with its original line endings, if an editor changed all of them: that does not count as an edit of a line.
    pub(super) fn with_its_line_ends(&self, viewed: &[u8]) -> Option<Vec<u8>> {
        let plain = |text: &[u8]| text.contains(&b'\n') && !text.contains(&b'\r');
        match self.eol.as_str() {
            "\n" if has_crlf(viewed) => Some(with_lf(viewed)).filter(|text| plain(text)),
            "\r\n" if plain(viewed) => Some(with_crlf(viewed)),
            _ => None,
        }
    }

    /// The document without the generated lines, if all of them are where they were inserted.
    pub fn untouched(&self, viewed: &[u8]) -> Option<Vec<u8>> {
        let (text, stripped) = terminated(viewed, &self.eol);
        let mut doc = clean_exact(&text, self)?;
        if stripped {
            strip_eol(&mut doc, &self.eol);
        }
        Some(doc)
    }

    /// The inserted entries, each with the index of its block.
    pub fn items(&self) -> impl Iterator<Item = (usize, &Item)> {
        let blocks = self.blocks.iter().enumerate();
        blocks.flat_map(|(number, block)| block.items.iter().map(move |item| (number, item)))
    }

    /// Whether every inserted entry is parsed as an entry again.
    pub(super) fn all_readable(&self, viewed: &[u8]) -> bool {
        let doc = Document::parse(viewed);
        let Some(section) = doc.unreleased() else {
            return self.is_empty();
        };
        self.blocks.iter().filter(|b| !b.is_section()).all(|block| {
            let found = section.categories.iter().filter(|c| block.is_in(&c.name));
            let found: usize = found.map(|c| block.find(&doc, &c.items).len()).sum();
            found >= block.items.len()
        })
    }

    /// The first line of every inserted entry without its bullet, together with its category.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.blocks.iter().flat_map(|block| {
            block.items.iter().map(|item| {
                let line = item.text.lines().next().unwrap_or("").trim_start();
                (
                    block.category.as_str(),
                    line.trim_start_matches(['-', '*', '+']).trim(),
                )
            })
        })
    }

    /// Whether nothing was inserted.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}

impl InsertedRun {
    pub(super) fn is_in(&self, category: &str) -> bool {
        !self.is_section() && same_category(&self.category, category)
    }

    /// Whether this is the block with the section's own heading.
    pub(super) fn is_section(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn render(&self, eol: &str) -> String {
        let mut out = eol.repeat(self.lead);
        if let Some(heading) = &self.heading {
            out.push_str(heading);
            out.push_str(eol);
            out.push_str(eol);
        }
        for item in &self.items {
            out.push_str(&item.text);
        }
        out.push_str(&eol.repeat(self.trail));
        out
    }

    /// Generated items among `spans`: the span, and the index of the item.
    pub(super) fn find<'d>(
        &self,
        doc: &Document<'_>,
        spans: &'d [Range<usize>],
    ) -> Vec<(&'d Range<usize>, usize)> {
        let index: HashMap<&[u8], usize> = self
            .items
            .iter()
            .enumerate()
            .map(|(i, item)| (item.text.as_bytes(), i))
            .collect();
        spans
            .iter()
            .filter_map(|span| Some((span, *index.get(&doc.bytes[span.clone()])?)))
            .collect()
    }
}

pub(super) fn item(line: &Line, marker: &Marker, eol: &str) -> Item {
    let (first, pad) = marker.lead();
    let mut text = String::with_capacity(line.text.len() + 8);
    for (index, row) in line.text.lines().enumerate() {
        if index == 0 {
            text.push_str(&format!("{first}{row}"));
        } else if !row.is_empty() {
            text.push_str(&format!("{pad}{row}"));
        }
        text.push_str(eol);
    }
    Item {
        text,
        refs: line.refs.clone(),
        came: 0,
    }
}

/// Cuts out the generated lines at the places where they were inserted, if nobody changed them.
pub fn clean_exact(viewed: &[u8], record: &Record) -> Option<Vec<u8>> {
    if viewed.len() != record.len {
        return None;
    }
    let mut out = Vec::with_capacity(viewed.len());
    let mut copied = 0;
    for block in &record.blocks {
        let rendered = block.render(&record.eol);
        let end = block.at + rendered.len();
        // The line ending before the block could pass for our first blank line.
        let whole_lines = block.at == 0 || viewed.get(block.at - 1) == Some(&b'\n');
        if !whole_lines || viewed.get(block.at..end)? != rendered.as_bytes() {
            return None;
        }
        out.extend_from_slice(&viewed[copied..block.at]);
        copied = end;
    }
    out.extend_from_slice(&viewed[copied..]);
    Some(out)
}
