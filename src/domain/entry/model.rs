//! Input and output of gathering entries.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::domain::changelog::record::Line;
use crate::domain::commit::message::Commit;
use crate::domain::commit::touched;
use crate::domain::entry::category::{Categories, Security};
use crate::domain::entry::component::Component;
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::entry::raise::{Bumps, Raise};
use crate::domain::entry::reason::Reason;
use crate::domain::entry::reference::References;
use crate::domain::entry::wording::Wording;
use crate::domain::pattern::Pattern;
use crate::domain::release::selection::{Selection, Wait};
use crate::domain::spec::Spec;
use crate::domain::spec::source::{PathGlob, Source};
use crate::domain::text::inert;

/// What to do with a commit whose message follows no convention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Unconventional {
    /// List it by its first verb, else under Changed.
    #[default]
    List,
    /// Leave it out.
    Skip,
}

/// Whether commits are listed that belong to no spec.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LooseCommits {
    /// Unless the project lists its changes in fragments: then a change without one is no news.
    #[default]
    Auto,
    /// All of them.
    List,
    /// Only those that say in a trailer or a footer that they are news.
    Skip,
}

/// What the list of commits in the body of a squash merge is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Squash {
    /// The way to the change in a conventional title; listed is only what weighs more than the title.
    #[default]
    Title,
    /// Changes of their own.
    Items,
}

/// Commits by what they touch and who made them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Scopes of their messages.
    pub scopes: Vec<String>,
    /// Globs of files that they touch.
    pub paths: Vec<PathGlob>,
    /// Regular expressions against `Name <address>`.
    pub authors: Vec<Pattern>,
}

/// Rules for classifying and wording changes.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The changelog that the entries are for.
    pub changelog: String,
    pub categories: Categories,
    pub bumps: Bumps,
    pub types: BTreeMap<String, Meaning>,
    pub unconventional: Unconventional,
    pub squash: Squash,
    /// Commits that count, if the filter is not empty.
    pub only: Filter,
    /// Commits that do not count.
    pub ignore: Filter,
    /// The component that the entries are for; without one, everything belongs.
    pub component: Option<Component>,
    pub wording: Wording,
}

impl Rules {
    /// Whether a commit writes only changelogs and does not say what it changes: its lines are the entries.
    pub fn is_of_changelog(&self, commit: &Commit) -> bool {
        let components = self.component.iter().flat_map(|own| &own.changelogs);
        let all: Vec<&String> = components.chain([&self.changelog]).collect();
        let mut paths = commit.paths.iter();
        touched::may_be_of_changelog(&commit.message)
            && !commit.paths.is_empty()
            && paths.all(|path| all.contains(&path))
    }

    /// The reason why the configured filters exclude a commit.
    pub fn filtered(&self, commit: &Commit) -> Option<Reason> {
        let Filter {
            scopes,
            paths,
            authors,
        } = &self.only;
        let scope = commit.message.scope.as_deref().unwrap_or("");
        if !scopes.is_empty() && !scopes.iter().any(|s| s == scope) {
            return Some(Reason::OtherScope(inert::inline(scope)));
        }
        if !authors.is_empty() && !authors.iter().any(|a| a.matches(commit.author_name())) {
            return Some(Reason::OtherAuthor);
        }
        let counts = |path: &String| paths.iter().any(|glob| glob.matches(path));
        if !paths.is_empty() && !commit.paths.iter().any(counts) {
            return Some(Reason::OtherPaths);
        }
        let Filter {
            scopes,
            paths,
            authors,
        } = &self.ignore;
        if !scope.is_empty() && scopes.iter().any(|s| s == scope) {
            return Some(Reason::IgnoredScope(inert::inline(scope)));
        }
        if authors
            .iter()
            .any(|author| author.matches(commit.author_name()))
        {
            return Some(Reason::IgnoredAuthor);
        }
        let ignored = |path: &String| paths.iter().any(|glob| glob.matches(path));
        if !commit.paths.is_empty() && !paths.is_empty() && commit.paths.iter().all(ignored) {
            return Some(Reason::IgnoredPaths);
        }
        None
    }
}

/// All input from which entries are made.
#[derive(Debug)]
pub struct Input<'a> {
    /// Unreleased commits, children before parents.
    pub commits: &'a [Commit],
    /// Available commits of the previous release, newer ones first.
    pub released: &'a [Commit],
    /// The tag of the previous release.
    pub previous: Option<&'a str>,
    pub specs: &'a [Spec],
    pub sources: &'a [Source],
    /// IDs of specs that are in an earlier release.
    pub released_specs: &'a HashSet<String>,
    /// The completed specs in the next release.
    pub selection: &'a Selection,
    /// References of the hand-written lines.
    pub named: &'a References,
    /// References of the skip comments.
    pub skipped: &'a References,
    /// Specs that `relwatch:hold` comments keep for later.
    pub held: &'a References,
    /// Whether commits are news only with a fragment or a spec.
    pub specs_only: bool,
    pub rules: &'a Rules,
}

/// The source of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Commit,
    Spec,
}

/// One change in the next release.
#[derive(Debug, Clone)]
pub struct Entry {
    pub line: Line,
    pub kind: Kind,
    pub breaking: bool,
    pub raise: Raise,
    /// Whether it is a breaking change with a text about what users have to do.
    pub has_migration: bool,
    pub source: Origin,
    /// Whether the text is for users. False for a spec without such a text: its title is for developers.
    pub for_users: bool,
    /// Whether it names a security advisory.
    pub advisory: bool,
}

/// A change that is not an entry of its own, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Omission {
    pub reference: String,
    pub subject: String,
    pub reason: Reason,
}

/// The entries, the changes that other entries list, and the excluded ones.
#[derive(Debug, Default)]
pub struct Entries {
    pub entries: Vec<Entry>,
    pub covered: Vec<Omission>,
    pub left_out: Vec<Omission>,
    /// Completed members of a spec that is not completed.
    pub unfinished: Vec<Omission>,
    /// Changes that do not belong to the component.
    pub outside: Vec<Omission>,
    /// Remarks on the entries for the user.
    pub remarks: Vec<String>,
    /// Marks of commits that only the previous release has: authors with their dates, and IDs from which commits were picked. A new commit
    /// with one of these marks may already be released.
    pub apart: Vec<String>,
}

impl Entries {
    /// The lines of the entries.
    pub fn into_lines(self) -> impl Iterator<Item = Line> {
        self.entries.into_iter().map(|entry| entry.line)
    }

    /// The place of the security category: first if an entry names an advisory.
    pub fn security(&self) -> Security {
        if self.entries.iter().any(|entry| entry.advisory) {
            Security::First
        } else {
            Security::InOrder
        }
    }

    /// The specs that wait for a later release, by ID.
    pub fn waiting(&self) -> impl Iterator<Item = (&str, &Wait)> {
        self.left_out
            .iter()
            .filter_map(|omission| match &omission.reason {
                Reason::Waits(wait) => Some((omission.reference.as_str(), wait)),
                _ => None,
            })
    }

    /// Whether a commit or a spec does not belong to the component.
    pub fn is_outside(&self, reference: &str) -> bool {
        let mut outside = self.outside.iter();
        outside.any(|omission| omission.reference == reference)
    }
}
