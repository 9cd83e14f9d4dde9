//! Proposes the next version, with the reason. Never a tagged version, and never one of a newer line on a maintenance branch.

use std::collections::HashSet;

use semver::Version;

use crate::domain::changelog::document::Document;
use crate::domain::entry::kind::Kind;
use crate::domain::entry::model::Entry;
use crate::domain::entry::raise::{Evidence, Raise, RaisedBy, Weighed};
use crate::domain::order;
use crate::domain::release::release_body::without_mark;
use crate::domain::text::{emphasis, words};
use crate::domain::version::calendar::{self, Calendar};
use crate::domain::version::form;
use crate::domain::version::{self, Level, Weight, core, line};
use crate::history::range::History;
use crate::project::Project;
use crate::release::version_files;
use crate::release::version_files::held::VersionedFile;
use crate::section::contents::{self, SectionContents, WrittenEntry};
use crate::sys::clock;

/// Seconds per day.
const DAY: i64 = 24 * 60 * 60;

/// Next version and the reason for it.
#[derive(Debug, Clone)]
pub struct Next {
    pub version: Version,
    pub level: Level,
    pub because: String,
    /// Remarks for the user.
    pub remarks: Vec<String>,
    /// Two reasons for different versions: the release waits until the user names one.
    pub contradiction: Option<String>,
}

/// A change and the level that it requires.
struct Argument {
    raise: Raise,
    line: String,
}

/// The next version, by the generated and the hand-written entries. `tagged` are the versions that may not be reused.
pub fn next(
    project: &Project,
    history: &History,
    section: &SectionContents,
    tagged: &[Version],
) -> Next {
    let arguments = arguments(project, section);
    let last = last(history, section);
    let weight = weightiest(&arguments).map_or(Weight::Fix, |argument| argument.raise.weight);
    let named = named_by_files(project, history, last.as_ref());
    let Some(last) = last else {
        return first(named, weight);
    };
    let (mut version, kept) = line::proposed(&last, weight, tagged);
    let mut because = because(&arguments);
    if line::bound(&last, tagged).is_none()
        && let Some(calendar) = calendar(project, history)
    {
        version = calendar::of_day(calendar, &last, &newest_day(history, section));
        because = format!("{because}; releases are called by their {calendar}");
    }
    let mut remarks = Vec::new();
    if let Some(kept) = kept {
        let name = line::name(&last, kept.most);
        let before = kept.before;
        because = format!("{because}; {name} stays below {before}, which is tagged");
        if weight == Weight::Breaking {
            remarks.push(format!(
                "{version} has a breaking change: {before} is tagged, so that {name} has no room for a major version"
            ));
        }
    }
    // The files were bumped by hand for the coming release. On a maintenance line they may still have a version released elsewhere.
    let named = named.filter(|named| !tagged.contains(&core(&named.version)));
    if let Some(named) = named {
        let final_one = core(&named.version);
        if final_one > version && final_one > last {
            return Next {
                level: version::between(&last, &final_one),
                because: format!("{} says {}", named.path, named.version),
                version: final_one,
                remarks,
                contradiction: None,
            };
        }
    }
    let level = version::between(&last, &version);
    if version::level_for(Some(&last), Weight::Breaking) > level && kept.is_none() {
        remarks.extend(removals(project, &arguments, level));
    }
    Next {
        version,
        level,
        because,
        remarks,
        contradiction: None,
    }
}

/// The last release, else the newest version in the changelog.
fn last(history: &History, section: &SectionContents) -> Option<Version> {
    let released = history.last.as_ref().map(|last| last.tag.version.clone());
    released.or_else(|| {
        let doc = Document::parse(&section.doc);
        let is_old = |version: &&str| section.to_come.as_deref() != Some(*version);
        let mut old = doc.versions().filter(is_old);
        old.find_map(form::read)
    })
}

/// The first release: the version in the files, or 0.1.0.
fn first(named: Option<VersionedFile>, weight: Weight) -> Next {
    // 0.9.0-rc.1 precedes 0.9.0.
    let start = named.map(|named| core(&named.version));
    let level = version::level_for(None, weight);
    Next {
        version: version::next(None, level, start.as_ref()),
        level,
        because: "the first release".to_owned(),
        remarks: Vec::new(),
        contradiction: None,
    }
}

/// The calendar scheme, if the newest release and the dates of the tags show that the project uses one.
fn calendar(project: &Project, history: &History) -> Option<Calendar> {
    let finals = history.tags.named.iter().map(|(_, tag)| tag);
    let mut finals: Vec<_> = finals.filter(|tag| tag.version.pre.is_empty()).collect();
    order::by(&mut finals, |a, b| b.version.cmp(&a.version));
    let firsts = finals.iter().filter(|tag| tag.version.patch == 0);
    let firsts = firsts.take(calendar::EVIDENCE);
    let newest = finals.iter().take(calendar::EVIDENCE).chain(firsts);
    let dated = newest.filter_map(|tag| {
        let at = project.repo.tag_time(&tag.name).ok()??;
        let days = [-DAY, 0, DAY].map(|by| clock::day_of(at.saturating_add(by)));
        Some((tag.version.clone(), days.to_vec()))
    });
    let mut dated: Vec<(Version, Vec<String>)> = dated.collect();
    order::by(&mut dated, |a, b| a.0.cmp(&b.0));
    dated.dedup();
    calendar::shown_by(&dated)
}

/// The date of the newest listed change: so a calendar version is the same in every clone and on every day.
fn newest_day(history: &History, section: &SectionContents) -> String {
    let excluded = section.gathered.left_out.iter();
    let excluded: HashSet<&str> = excluded
        .map(|omission| omission.reference.as_str())
        .collect();
    let listed = history
        .commits
        .iter()
        .filter(|commit| !excluded.contains(&*commit.short()));
    listed
        .map(|commit| commit.time)
        .max()
        .map_or_else(clock::today, clock::day_of)
}

/// All changes: the generated entries, then the hand-written ones.
fn arguments(project: &Project, section: &SectionContents) -> Vec<Argument> {
    let entries = section.gathered.entries.iter().map(|entry| Argument {
        raise: entry.raise.clone(),
        line: first_line(entry),
    });
    let written = contents::hand_written(section).into_iter();
    let written = written.map(|entry| Argument {
        raise: raise_of(project, &entry),
        line: entry.title().to_owned(),
    });
    entries.chain(written).collect()
}

/// The level that a hand-written change requires, by its category.
fn raise_of(project: &Project, entry: &WrittenEntry) -> Raise {
    let categories = &project.config.categories;
    let words = categories.words_of(&entry.category).unwrap_or_default();
    let listed = words.first().map(String::as_str);
    let kind = listed.and_then(Kind::of_word);
    let kind = kind.or_else(|| Kind::of_category(&entry.category));
    project.config.bumps().raise(Weighed {
        word: listed,
        kind: kind.unwrap_or(Kind::Changed),
        breaking: entry.breaking || words.iter().any(|word| word == "breaking"),
        evidence: Evidence::Declared,
    })
}

/// The first of the changes that require the highest level.
fn weightiest(arguments: &[Argument]) -> Option<&Argument> {
    let most = arguments
        .iter()
        .map(|argument| argument.raise.weight)
        .max()?;
    let mut arguments = arguments.iter();
    arguments.find(|argument| argument.raise.weight == most)
}

/// The reason for the version, as text.
fn because(arguments: &[Argument]) -> String {
    let decisive = weightiest(arguments).filter(|argument| {
        let is_configured = matches!(argument.raise.cause, RaisedBy::Configured(_));
        argument.raise.weight > Weight::Fix || is_configured
    });
    match decisive {
        Some(Argument { raise, line }) => {
            let line = emphasis::unstressed(without_mark(line));
            format!("{}: {line}", raise.cause)
        }
        None if arguments.is_empty() => "no change for users".to_owned(),
        None => "fixes and changes only".to_owned(),
    }
}

/// A warning about changes that look like removals but are not marked as breaking.
fn removals(project: &Project, arguments: &[Argument], level: Level) -> Option<String> {
    let found = arguments
        .iter()
        .filter(|argument| argument.raise.cause == RaisedBy::LooksLikeRemoval);
    let lines: Vec<String> = found
        .map(|argument| format!("`{}`", emphasis::unstressed(&argument.line)))
        .collect();
    let (looks, it) = match lines.len() {
        0 => return None,
        1 => ("looks like a removal", "its line"),
        _ => ("look like removals", "their lines"),
    };
    Some(format!(
        "{} {looks}, by the first word alone; the release stays a {level} one. If users lose something, write {it} below `### Removed` in {}",
        words::shortlist(&lines),
        project.config.changelog
    ))
}

/// The version that the files at HEAD agree on, used for a first release.
fn named_by_files(
    project: &Project,
    history: &History,
    last: Option<&Version>,
) -> Option<VersionedFile> {
    let head = history.head.commit?;
    version_files::agreed(project, head, last).ok()? // a release says what is wrong
}

fn first_line(entry: &Entry) -> String {
    entry.line.text.lines().next().unwrap_or("").to_owned()
}
