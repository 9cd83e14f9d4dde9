//! Notes of an upcoming release: a section of a version that is newer than the last release, written before there is a tag. It has a date
//! or, below an Unreleased heading, words such as `TBD`. Changes that it names, by reference or in the same words, are part of it and not
//! listed again.

use std::collections::HashSet;

use semver::Version;

use crate::domain::changelog::document::{Document, Section};
use crate::domain::changelog::heading::released_as;
use crate::domain::changelog::said::said;
use crate::domain::changelog::title::Title;
use crate::domain::entry::model::{Entries, Omission};
use crate::domain::entry::reason::Reason;
use crate::domain::order;
use crate::domain::version;
use crate::history::range::History;
use crate::sys::clock;

/// The sections of upcoming releases, in file order.
pub(super) fn sections<'d>(history: &History, doc: &'d Document<'_>) -> Vec<&'d Section> {
    let Some(last) = &history.last else {
        return of_first_release(history, doc).into_iter().collect();
    };
    let is_new =
        |number: Version| number > last.tag.version && !history.tags.versions.contains(&number);
    let of_version = |section: &&Section| matches!(section.title, Title::Version(_));
    let new = |section: &&Section| match &section.title {
        Title::Version(name) => released_as(name).is_some_and(is_new),
        _ => false,
    };
    // If the file dates no version, a heading without a date is as final as any other. In other files the user has to say what it is,
    // unless nothing follows the version in the heading.
    let mut old = doc
        .sections
        .iter()
        .filter(of_version)
        .filter(|s| !new(s))
        .peekable();
    let dates_none = old.peek().is_some() && old.all(|section| !doc.is_dated(section));
    let is_clear =
        |section: &&Section| dates_none || doc.is_dated(section) || doc.is_in_preparation(section);
    // Sections above an Unreleased heading are ignored: they may be about a version in the far future, for example.
    let unreleased = doc
        .sections
        .iter()
        .position(|section| section.title == Title::Unreleased);
    let below = doc.sections.iter().skip(unreleased.map_or(0, |at| at + 1));
    // Sections below a released version are ignored: they may be about an earlier package of the same name, for example.
    let above = below.take_while(|section| !of_version(section) || new(section));
    above.filter(new).filter(is_clear).collect()
}

/// The section of the upcoming release before the first one. The date separates old notes from new ones: the only version of the file is
/// upcoming if its date is not before the newest commit.
fn of_first_release<'d>(history: &History, doc: &'d Document<'_>) -> Option<&'d Section> {
    let mut versions = doc
        .sections
        .iter()
        .filter_map(|section| match &section.title {
            Title::Version(name) => Some((section, name)),
            _ => None,
        });
    let (section, name) = versions.next().filter(|_| versions.next().is_none())?;
    let number = version::typed(name).ok()?;
    let newest = history.commits.iter().map(|commit| commit.time).max()?;
    let is_fresh = match doc.date_of(name) {
        Some(day) => day >= clock::day_of(newest),
        None => doc.open_version(section).is_some(),
    };
    (is_fresh && !history.tags.versions.contains(&number)).then_some(section)
}

/// The versions whose notes are already in the changelog, lowest first. The lowest is the next release.
pub(super) fn versions(history: &History, doc: &Document<'_>) -> Vec<String> {
    let titles = sections(history, doc).into_iter();
    let named = titles.filter_map(|section| match &section.title {
        Title::Version(name) => Some(name.clone()),
        _ => None,
    });
    let mut named: Vec<String> = named.collect();
    order::by_key(&mut named, |name| released_as(name));
    named
}

/// Excludes entries that such a section lists in the same words.
pub(super) fn leave_out(doc: &Document<'_>, sections: &[&Section], gathered: &mut Entries) {
    if sections.is_empty() {
        return;
    }
    let items = sections.iter().flat_map(|section| &section.categories);
    let items = items.flat_map(|category| &category.items);
    let said_there: HashSet<String> = items.map(|item| said(&doc.text(item))).collect();
    let entries = std::mem::take(&mut gathered.entries);
    let (told, left) = entries.into_iter().partition(|entry| {
        let text = entry.line.text.as_str();
        let mut forms = [text, without_references(text)].into_iter();
        forms.any(|text| said_there.contains(&said(&format!("- {text}"))))
    });
    gathered.entries = left;
    for entry in told {
        gathered.covered.push(Omission {
            reference: entry.line.refs.last().cloned().unwrap_or_default(),
            subject: entry
                .line
                .text
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
            reason: Reason::HandWritten,
        });
    }
}

/// A line without the parentheses at its end: hand-written entries often omit references.
pub(super) fn without_references(text: &str) -> &str {
    let mut text = text.trim_end();
    while let Some(rest) = text.strip_suffix(')') {
        let Some(open) = rest.rfind(" (") else { break };
        text = rest[..open].trim_end();
    }
    text
}
