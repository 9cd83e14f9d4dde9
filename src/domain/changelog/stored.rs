//! Unreleased in git's version of the file.

use std::collections::HashMap;

use crate::domain::changelog::document::{CategoryBlock, Document, Section};
use crate::domain::changelog::said::said;
use crate::domain::changelog::title::category_key;

/// Lines of Unreleased in git's version: all of them are hand-written.
#[derive(Debug, Default)]
pub(super) struct StoredLines {
    /// Number of times that each category has each line.
    pub(super) lines: HashMap<(String, String), usize>,
    /// Number of headings of each category, by level: of two headings with one name, one level is generated and the other hand-written.
    categories: HashMap<(usize, String), usize>,
    /// The heading of the section, if git has one.
    pub(super) heading: Option<String>,
}

/// The key that distinguishes the headings of categories.
pub(super) fn heading_key(category: &CategoryBlock) -> (usize, String) {
    (category.level, category_key(&category.name))
}

impl StoredLines {
    pub(super) fn read(blob: Option<&[u8]>) -> StoredLines {
        let mut stored = StoredLines::default();
        let Some(blob) = blob else { return stored };
        let doc = Document::parse(blob);
        let Some(section) = doc.unreleased() else {
            return stored;
        };
        stored.heading = Some(doc.text(&section.heading).trim_end().to_owned());
        for category in &section.categories {
            let name = category_key(&category.name);
            for item in &category.items {
                let key = (name.clone(), said(&doc.text(item)));
                *stored.lines.entry(key).or_default() += 1;
            }
            *stored.categories.entry(heading_key(category)).or_default() += 1;
        }
        stored
    }

    /// Number of headings of each level and category in a section beyond those that git has.
    pub(super) fn new_headings(&self, section: &Section) -> HashMap<(usize, String), usize> {
        let mut new: HashMap<(usize, String), usize> = HashMap::new();
        for category in &section.categories {
            *new.entry(heading_key(category)).or_default() += 1;
        }
        for (heading, count) in &self.categories {
            let left = new.entry(heading.clone()).or_default();
            *left = left.saturating_sub(*count);
        }
        new
    }
}
