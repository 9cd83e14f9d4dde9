//! Whether the changelog has a place for the section of a version. Refuses a second section. Also refuses a version below one that is in
//! the changelog but not tagged, or above one whose notes wait, unless that check is skipped.

use semver::Version;

use crate::domain::changelog::document::Document;
use crate::domain::changelog::heading::{are_notes_of, released_as};
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::version::{Level, form, next};
use crate::release::plan::candidate::Candidate;
use crate::release::request::Wanted;

/// The place of a version in the changelog.
enum Place {
    /// No section yet.
    Free,
    /// Hand-written notes.
    Written { detail: String },
    /// Taken; the user has to change it.
    Taken { detail: String, remedy: String },
    /// Possibly intended by the user.
    Doubtful { detail: String, remedy: String },
}

/// Checks the existing sections. Returns what was skipped, for the tag and the manifest.
pub fn check(
    candidate: &Candidate,
    number: &Version,
    wanted: &Wanted,
    checks: &mut Checks,
) -> Option<String> {
    let (detail, remedy) = match place(candidate, number) {
        Place::Free => return None,
        Place::Written { detail } => {
            checks.ok(CheckId::Section, detail);
            return None;
        }
        Place::Taken { detail, remedy } => {
            checks.fail(CheckId::Section, detail, remedy);
            return None;
        }
        Place::Doubtful { detail, remedy } => (detail, remedy),
    };
    let skipped = wanted.skipped(CheckId::Section, &detail, checks);
    if skipped.is_some() {
        return skipped;
    }
    let remedy = format!("{remedy}, or give --skip-check section --reason TEXT");
    checks.fail(CheckId::Section, detail, remedy);
    None
}

fn place(candidate: &Candidate, number: &Version) -> Place {
    let doc = Document::parse(&candidate.doc);
    let tags = &candidate.history.tags.names;
    let version = tags.version(number);
    let at = |known: &str| {
        let section = doc.version(known);
        let line = section.map_or(0, |section| doc.line_number(section.heading.start));
        format!("{}:{line}", candidate.project.config.changelog)
    };
    let typed = |known: &str| released_as(known).map_or(known.to_owned(), |one| tags.version(&one));
    if let Some(known) = &candidate.section.to_come {
        let detail = format!("{} has the notes of {known}", at(known));
        if !are_notes_of(known, number) {
            let known = typed(known);
            let remedy = format!("release {known}, or put {version} into that heading");
            return Place::Taken { detail, remedy };
        }
        let Some(left) = left_below(candidate, known, number) else {
            return Place::Written { detail };
        };
        return Place::Doubtful {
            detail: format!(
                "{} has the notes of {left}, which is older than {version} and not released",
                at(left)
            ),
            remedy: format!(
                "run `relwatch release {}` first, or move its lines to {known}",
                typed(left)
            ),
        };
    }
    if doc.version(&version).is_some() {
        return Place::Taken {
            detail: format!("{} already has a section for {version}", at(&version)),
            remedy: "give it a date, or write TBD behind the version, if it has the notes of the release to come; tag that commit yourself if it is the release; else move its lines to Unreleased and remove its heading, or choose another version".to_owned(),
        };
    }
    let Some((newer, above)) = untagged_above(candidate, &doc, number) else {
        return Place::Free;
    };
    let higher = tags.version(&next(Some(&above), Level::Patch, None));
    Place::Doubtful {
        detail: format!(
            "{} has {newer}, which is newer than {version} and has no tag",
            at(&newer)
        ),
        remedy: format!(
            "fetch or make the tag {}, release a higher version (`relwatch release {higher}`)",
            tags.tag(&above)
        ),
    }
}

/// A lower version whose notes are in the changelog, too. It could not be released any more, because no release is made below a released
/// version.
fn left_below<'c>(candidate: &'c Candidate, its: &str, number: &Version) -> Option<&'c str> {
    let all = candidate.section.all_to_come.iter().map(String::as_str);
    let mut others = all.filter(|name| *name != its);
    others.find(|name| released_as(name).is_some_and(|one| one < *number))
}

/// A version that is above another one in the changelog that has no tag: that one was released without a tag, or its tag is missing here.
/// Versions below the newest tagged one are ignored: they are old, or of an earlier package of that name.
fn untagged_above(
    candidate: &Candidate,
    doc: &Document<'_>,
    number: &Version,
) -> Option<(String, Version)> {
    let tagged = &candidate.history.tags.versions;
    let read = doc
        .versions()
        .filter_map(|name| Some((name.to_owned(), form::read(name)?)));
    let mut untagged = read.take_while(|(_, other)| !tagged.contains(other));
    untagged.find(|(_, other)| other > number && other.pre.is_empty())
}
