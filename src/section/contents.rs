//! What Unreleased contains.

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
    /// What git is to see.
    pub doc: Vec<u8>,
    /// What people are to see.
    pub viewed: Vec<u8>,
    pub record: Record,
    pub gathered: Entries,
    /// The version whose notes people have written in a section of its own, although it is not released: of several the lowest, until
    /// [`SectionContents::take_notes_of`] says another one.
    pub to_come: Option<String>,
    /// All such versions, the lowest first.
    pub all_to_come: Vec<String>,
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
    /// Whether nothing is unreleased: neither an entry nor a line of a person, nor notes of a release to come.
    pub fn is_empty(&self) -> bool {
        let is_silent = self.gathered.entries.is_empty() && hand_written(self).is_empty();
        is_silent && self.to_come.is_none()
    }

    /// What of the changelog `name` is not read as its authors may think.
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

    /// Entries of specs that a hand-written one may tell, too, in other words.
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

    /// The version that people have written down for what is unreleased: in the heading of its notes, or in that of Unreleased.
    pub fn version_written(&self) -> Option<String> {
        let doc = Document::parse(&self.doc);
        let in_heading = || doc.open_version(doc.unreleased()?);
        self.to_come.clone().or_else(in_heading)
    }

    /// Takes the notes that are written for a version, or for that of a pre-release, if there are any.
    pub fn take_notes_of(&mut self, version: &Version) {
        let numbers = [version.clone(), version::core(version)];
        let mut known = self.all_to_come.iter();
        let its = known.find(|name| released_as(name).is_some_and(|one| numbers.contains(&one)));
        self.to_come = its.cloned().or_else(|| self.to_come.take());
    }

    /// Whether the section of a release to come gets all that is unreleased: it has no date, or nothing but a template.
    pub fn awaits_notes(&self) -> bool {
        let doc = Document::parse(&self.doc);
        let to_come = self.to_come.as_ref();
        let section = to_come.and_then(|version| doc.version(version));
        section.is_some_and(|section| {
            doc.is_in_preparation(section) || template::is_idle_whole(&doc, section)
        })
    }

    /// Whether anything in it asks for a release; `bump: none` of the configuration does not.
    pub fn asks_for_release(&self) -> bool {
        let mut entries = self.gathered.entries.iter();
        let asks = entries.any(|entry| entry.raise.weight > Weight::Nothing);
        asks || self.to_come.is_some() || !hand_written(self).is_empty()
    }
}

/// A change that a person wrote into Unreleased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenEntry {
    pub category: String,
    /// Without its bullet.
    pub text: String,
    pub breaking: bool,
}

impl WrittenEntry {
    /// Its first line.
    pub fn title(&self) -> &str {
        self.text.lines().next().unwrap_or("").trim()
    }
}

/// The entries that people wrote, in Unreleased and in the notes of a release to come. Below a category, a paragraph or a heading with its
/// text is one, too.
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
        // What a template holds says nothing.
        return texts
            .filter(|text| !words::is_nothing(text) && !text.trim().is_empty())
            .collect();
    }
    // Text right below the section's heading is about all of it.
    if category.name.is_empty() {
        return Vec::new();
    }
    let notes = notes::read(&doc.text(&category.body)).into_iter();
    notes.map(|note| note.text).collect()
}
