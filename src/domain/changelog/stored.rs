//! What git has of Unreleased.

use std::collections::HashMap;

use crate::domain::changelog::document::{CategoryBlock, Document, Section};
use crate::domain::changelog::said::said;
use crate::domain::changelog::title::category_key;

/// What git has of Unreleased: a person's, all of it.
#[derive(Debug, Default)]
pub(super) struct StoredLines {
    /// How often each category has each line.
    pub(super) lines: HashMap<(String, String), usize>,
    /// How often it has the heading of a category, by level: of two headings of one name, one level is ours and the other a person's.
    categories: HashMap<(usize, String), usize>,
    /// The heading of the section, if git has one.
    pub(super) heading: Option<String>,
}

/// What tells the headings of categories apart.
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

    /// How many headings of each level and category a section has that git does not have.
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
