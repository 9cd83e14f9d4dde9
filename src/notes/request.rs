//! Options of `relwatch notes`, and the part of the changelog that they choose.

use std::path::PathBuf;

use clap::ValueEnum;
use semver::Version;

use crate::domain::changelog::document::Document;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::terminal;
use crate::history::range::History;
use crate::history::revisions::{self, CommitRange, ends, tagged};
use crate::notes::announce::Announcement;
use crate::project::Project;
use crate::project::reach::Reach;
use crate::section::contents::SectionContents;

/// Options of the command.
#[derive(Debug, Clone, Default)]
pub struct NotesOptions {
    /// Version, or `A..B` of versions or git revisions; `None`: what is not released yet.
    pub version: Option<String>,
    /// Choose the newest version in the changelog.
    pub latest: bool,
    /// Choose the whole history, whatever the changelog contains.
    pub all: bool,
    /// Print the body of a release's page.
    pub full: bool,
    pub announce: Option<Announcement>,
    pub format: NotesFormat,
    pub output: Option<PathBuf>,
    pub no_polish: bool,
    /// Whether to ask the forge.
    pub reach: Reach,
    /// Template to use instead of the configured one.
    pub template: Option<PathBuf>,
}

/// Format of the notes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum NotesFormat {
    /// Markdown.
    #[default]
    Md,
    /// One page for a browser.
    Html,
    /// Everything that is known of them.
    Json,
    /// Plain text, for mails.
    Text,
}

/// Chooses the version that an announcement of unreleased changes names; this module does not choose one itself.
pub type NextVersion = fn(&Project, &History, &SectionContents) -> Result<String>;

/// Chosen part of the changelog.
pub(super) enum Chosen {
    Unreleased,
    Version(String),
    /// Versions after the first up to the second; without the second, up to what is not released.
    Range(Option<Version>, Option<Version>),
    /// Commits in one revision and not in another, whatever the changelog lists.
    Commits(CommitRange),
}

impl Chosen {
    pub(super) fn choose(
        project: &Project,
        doc: &Document<'_>,
        options: &NotesOptions,
    ) -> Result<Chosen> {
        let name = &project.config.changelog;
        if options.latest {
            let newest = doc.versions().next().map(str::to_owned).ok_or_else(|| {
                Failure::failed(format!("{name} has no version yet"))
                    .with_remedy("leave --latest out")
            })?;
            return Ok(Chosen::Version(newest));
        }
        let Some(words) = &options.version else {
            return Ok(Chosen::Unreleased);
        };
        // A range without a start must end at a version.
        let is_without_ends = |(first, last): (&str, &str)| first.is_empty() && is_open(last);
        if words.is_empty() || ends(words).is_some_and(is_without_ends) {
            return Err(revisions::no_beginning(words));
        }
        if let Some((first, last)) = ends(words) {
            if !is_of_versions(project, doc, first, last)? {
                return CommitRange::read(project, words).map(Chosen::Commits);
            }
            let from = match first {
                "" => None,
                word => Some(typed(project, word)?),
            };
            let to = match last {
                word if is_open(word) => None,
                word => Some(typed(project, word)?),
            };
            if let (Some(older), Some(newer)) = (&from, &to)
                && older >= newer
            {
                let next = if older == newer {
                    format!("give {newer} alone")
                } else {
                    format!("the older version comes first: {last}..{first}")
                };
                let what = terminal::printable(&format!("{words} contains nothing"));
                let next = terminal::printable(&next);
                return Err(Failure::new(Exit::Usage, what).with_remedy(next));
            }
            return Ok(Chosen::Range(from, to));
        }
        if words.eq_ignore_ascii_case("unreleased") {
            return Ok(Chosen::Unreleased);
        }
        let tagged = project.config.tag.version(words);
        Ok(Chosen::Version(match tagged {
            Some(version) => version.to_string(),
            None => words.strip_prefix('v').unwrap_or(words).to_owned(),
        }))
    }
}

/// Whether the end of a range is what is not released.
fn is_open(last: &str) -> bool {
    last.is_empty() || last == "HEAD" || last.eq_ignore_ascii_case("unreleased")
}

/// Whether the ends of a range are versions in the changelog or tags, or are unknown altogether.
fn is_of_versions(project: &Project, doc: &Document<'_>, first: &str, last: &str) -> Result<bool> {
    let ends = [(first, first.is_empty()), (last, is_open(last))];
    for (word, _) in ends.into_iter().filter(|(_, is_open)| !is_open) {
        let Some(version) = revisions::version(project, word) else {
            return Ok(false);
        };
        let version = version.to_string();
        let is_known = doc.version(&version).is_some() || tagged(project, &version)?.is_some();
        if !is_known && project.repo.resolved(word).is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The version of a tag or number on the command line.
pub(super) fn typed(project: &Project, word: &str) -> Result<Version> {
    revisions::version(project, word).ok_or_else(|| {
        let word = terminal::printable(word);
        Failure::new(Exit::Usage, format!("`{word}` is no version"))
            .with_remedy("give one like 1.2.3, or its tag")
    })
}
