//! The content of Unreleased.

use semver::Version;

use crate::domain::changelog::document::{CategoryBlock, Document, Section};
use crate::domain::changelog::heading::released_as;
use crate::domain::changelog::record::Record;
use crate::domain::changelog::template;
use crate::domain::changelog::title::announces_breaking;
use crate::domain::entry::likeness::are_alike;
use crate::domain::entry::model::{Entries, Origin};
use crate::domain::spec::notes;
use crate::domain::text::{terminal, words};
use crate::domain::version::{self, Weight};
use crate::section::coming::without_references;
use crate::section::judge::SavedCopy;
use crate::sys::git::TagNames;

/// The changelog, with and without its generated lines.
pub struct SectionContents {
    /// The content that git should see.
    pub doc: Vec<u8>,
    /// The content that users should see.
    pub viewed: Vec<u8>,
    pub record: Record,
    pub gathered: Entries,
    /// The unreleased version whose notes have a section of their own. If there are several, the lowest, until
    /// [`SectionContents::take_notes_of`] chooses another one.
    pub to_come: Option<String>,
    /// All such versions, lowest first.
    pub all_to_come: Vec<String>,
    /// Lines that were missing from the file although nobody deleted them.
    pub returned: Returned,
    /// Whether an open fence or comment in Unreleased leaves no room for entries.
    pub unplaceable: bool,
}

/// Lines and comments that were missing because another copy of the file was saved or restored, and that were added again.
#[derive(Debug, Default)]
pub struct Returned {
    /// One reference of each line.
    pub lines: Vec<String>,
    /// References of the skip comments.
    pub skips: Vec<String>,
    pub copy: SavedCopy,
}

impl SectionContents {
    /// Whether nothing is unreleased: no entry, no hand-written line, no notes of an upcoming release.
    pub fn is_empty(&self) -> bool {
        let is_silent = self.gathered.entries.is_empty() && hand_written(self).is_empty();
        is_silent && self.to_come.is_none()
    }

    /// Warnings about parts of the changelog `name` that are read differently from what its authors may expect.
    pub fn warnings(&self, name: &str) -> Vec<String> {
        let doc = Document::parse(&self.doc);
        let stale = doc.stale_unreleased().into_iter();
        let stale = stale.map(|line| {
            format!("{name}:{line}: an Unreleased heading below a version does not count; move what is below it up, or remove it")
        });
        let unknown = doc.unknown_above().map(|(line, text)| {
            format!("{name}:{line}: `{}` is above the newest version, but no name of the Unreleased section; rename it to Unreleased if it is, or name it in relwatch.yml: `unreleased: TITLE`", terminal::printable(&text))
        });
        let remarks = self.gathered.remarks.iter().cloned();
        let alike = self.alike().into_iter();
        stale.chain(unknown).chain(remarks).chain(alike).collect()
    }

    /// Entries of specs that a hand-written entry may describe in other words.
    fn alike(&self) -> Vec<String> {
        let written = hand_written(self);
        let specs = self.gathered.entries.iter();
        let specs = specs.filter(|entry| entry.source == Origin::Spec);
        let found = specs.filter_map(|entry| {
            let title = without_references(entry.line.text.lines().next()?);
            let own = written.iter().find(|own| are_alike(title, &own.text))?;
            let reference = entry.line.refs.last()?;
            Some(format!(
                "`{}` looks like `{}`, written by hand: if they are one change, put ({reference}) into your line",
                words::shortened(title, 60),
                words::shortened(own.title(), 60)
            ))
        });
        found.collect()
    }

    /// The version that users wrote for the unreleased changes: in the heading of its notes, or in that of Unreleased.
    pub fn version_written(&self) -> Option<String> {
        let doc = Document::parse(&self.doc);
        let in_heading = || doc.open_version(doc.unreleased()?);
        self.to_come.clone().or_else(in_heading)
    }

    /// Takes the notes written for a version, or for the final version of a pre-release, if there are any.
    pub fn take_notes_of(&mut self, version: &Version) {
        let numbers = [version.clone(), version::core(version)];
        let mut known = self.all_to_come.iter();
        let its = known.find(|name| released_as(name).is_some_and(|one| numbers.contains(&one)));
        self.to_come = its.cloned().or_else(|| self.to_come.take());
    }

    /// Whether the section of an upcoming release receives all unreleased changes: it has no date, or contains only a template.
    pub fn awaits_notes(&self) -> bool {
        let doc = Document::parse(&self.doc);
        let to_come = self.to_come.as_ref();
        let section = to_come.and_then(|version| doc.version(version));
        section.is_some_and(|section| {
            doc.is_in_preparation(section) || template::is_idle_whole(&doc, section)
        })
    }

    /// Whether any entry requires a release. Entries with `bump: none` in the configuration do not.
    pub fn asks_for_release(&self) -> bool {
        let mut entries = self.gathered.entries.iter();
        let asks = entries.any(|entry| entry.raise.weight > Weight::Nothing);
        asks || self.to_come.is_some() || !hand_written(self).is_empty()
    }
}

/// A hand-written change in Unreleased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenEntry {
    pub category: String,
    /// The text without its bullet.
    pub text: String,
    pub breaking: bool,
}

impl WrittenEntry {
    /// The first line.
    pub fn title(&self) -> &str {
        self.text.lines().next().unwrap_or("").trim()
    }
}

/// The hand-written entries, in Unreleased and in the notes of an upcoming release. Below a category, a paragraph or a heading with its
/// text is also an entry.
pub fn hand_written(section: &SectionContents) -> Vec<WrittenEntry> {
    let doc = Document::parse(&section.doc);
    let to_come = section.to_come.as_ref();
    let to_come = to_come.and_then(|version| doc.version(version));
    let sections = doc.unreleased().into_iter().chain(to_come);
    let sections = sections.flat_map(|section| written_in(&doc, section));
    sections.collect()
}

/// The tag of a release whose section has an entry with this first line in `after`, although `before` has no such section.
pub fn released_between(
    before: &SectionContents,
    after: &SectionContents,
    title: &str,
    names: &TagNames,
) -> Option<String> {
    let known = Document::parse(&before.doc);
    let doc = Document::parse(&after.doc);
    let mut new = doc.versions().filter(|name| known.version(name).is_none());
    let version = new.find(|name| {
        let entries = doc.version(name).map(|one| written_in(&doc, one));
        let mut entries = entries.into_iter().flatten();
        entries.any(|entry| terminal::printable(entry.title()) == title)
    })?;
    let number = released_as(version);
    Some(number.map_or_else(|| version.to_owned(), |number| names.tag(&number)))
}

/// The entries of one section of a changelog.
fn written_in(doc: &Document<'_>, section: &Section) -> Vec<WrittenEntry> {
    let mut entries = Vec::new();
    for category in &section.categories {
        let is_breaking = announces_breaking(&category.name);
        for text in changes_of(doc, category, is_breaking) {
            entries.push(WrittenEntry {
                category: terminal::printable(&category.name),
                breaking: is_breaking || notes::is_marked_breaking(&text),
                text,
            });
        }
    }
    entries
}

fn changes_of(doc: &Document<'_>, category: &CategoryBlock, is_breaking: bool) -> Vec<String> {
    let has_headings = category.own_end < category.body.end;
    if !(category.items.is_empty() || is_breaking && has_headings) {
        let items = category.items.iter();
        let texts = items.map(|item| notes::content(&doc.text(item)));
        // The content of a template is not an entry.
        return texts
            .filter(|text| !words::is_nothing(text) && !text.trim().is_empty())
            .collect();
    }
    // Text directly below the section's heading is about the whole section.
    if category.name.is_empty() {
        return Vec::new();
    }
    let notes = notes::read(&doc.text(&category.body)).into_iter();
    notes.map(|note| note.text).collect()
}
