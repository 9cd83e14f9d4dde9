//! What Unreleased contains.

use crate::domain::changelog::document::Document;
use crate::domain::changelog::record::Record;
use crate::domain::entry::model::Entries;
use crate::domain::text::terminal;
use crate::section::judge::SavedCopy;

/// The changelog, with and without its generated lines.
pub struct SectionContents {
    /// What git is to see.
    pub doc: Vec<u8>,
    /// What people are to see.
    pub viewed: Vec<u8>,
    pub record: Record,
    pub gathered: Entries,
    /// The version whose notes people have written, with a date, although it is not released.
    pub to_come: Option<String>,
    /// What the file lacked although nobody deleted it.
    pub returned: Returned,
    /// An open fence or comment in Unreleased leaves no room for entries.
    pub unplaceable: bool,
}

/// What a file lacked because another copy of it was saved or restored, and that it has again.
#[derive(Debug, Default)]
pub struct Returned {
    /// One reference of each line.
    pub lines: Vec<String>,
    /// What skip comments name.
    pub skips: Vec<String>,
    pub copy: SavedCopy,
}

impl SectionContents {
    /// Whether there is nothing to release: neither an entry nor a line of a person, nor notes of a release to come.
    pub fn is_empty(&self) -> bool {
        let is_silent = self.gathered.entries.is_empty() && hand_written(self).is_empty();
        is_silent && self.to_come.is_none()
    }
}

/// The entries that people wrote: category and first line.
pub fn hand_written(section: &SectionContents) -> Vec<(String, String)> {
    let doc = Document::parse(&section.doc);
    let categories = doc.unreleased().map(|s| s.categories.as_slice());
    let mut lines = Vec::new();
    for category in categories.unwrap_or_default() {
        for item in &category.items {
            let text = doc.text(item);
            let line = text.lines().next().unwrap_or("").trim();
            let line = line.trim_start_matches(['-', '*', '+']).trim();
            lines.push((
                terminal::printable(&category.name),
                terminal::printable(line),
            ));
        }
    }
    lines
}
