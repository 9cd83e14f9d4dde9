//! Effects of pull request labels and titles on commits, and the entries that moved because of them. A hand-written entry, a spec and a
//! `Changelog:` trailer of the commit have priority over labels and titles.

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::{Commit, LabelWord, Message, Reading};
use crate::domain::entry::model::{Entries, Entry, Rules};
use crate::domain::entry::reason::Reason;
use crate::domain::forge_facts::facts::{self, ForgeFacts};
use crate::domain::forge_facts::labels::{Labelled, Labels};
use crate::domain::forge_facts::provider::Provider;

/// A commit that a label or a title applies to.
struct Marked {
    id: CommitId,
    pull: String,
    /// Whether a label applies; if not, the title moved the entry.
    has_label: bool,
}

/// Rules by which labels and titles change commits.
pub struct LabelRules<'a> {
    pub facts: &'a ForgeFacts,
    pub labels: &'a Labels,
    /// Whether entries are worded by the titles of pull requests.
    pub titles: bool,
    pub provider: Provider<'a>,
    pub rules: &'a Rules,
    pub reading: &'a Reading,
}

/// Commits as their pull requests describe them.
pub struct LabelledCommits {
    pub commits: Vec<Commit>,
    marked: Vec<Marked>,
}

impl LabelRules<'_> {
    /// Commits with labels and titles applied; `plain` are the entries without them. In a pull request with several commits, the label
    /// applies only to commits that are listed anyway: it does not list a commit that only adds a test, for example. Titles apply only to
    /// pull requests with one commit.
    pub fn apply(&self, commits: &[Commit], plain: &Entries) -> LabelledCommits {
        let pulls = self.facts.pulls_of(commits, self.provider.marks());
        let counts = facts::counts(&pulls, commits);
        let listed: HashSet<&str> = plain.entries.iter().flat_map(references).collect();
        let mut out = LabelledCommits {
            commits: commits.to_vec(),
            marked: Vec::new(),
        };
        for (commit, pull) in out.commits.iter_mut().zip(pulls) {
            let Some(pull) = pull else {
                continue;
            };
            let is_only = facts::is_only(pull, &counts) && !commit.is_merge();
            let title = pull.title.as_deref().filter(|_| self.titles && is_only);
            if let Some(title) = title {
                retitle(&mut commit.message, title, self.reading);
            }
            let Rules {
                categories, types, ..
            } = self.rules;
            let labelled = self.labels.read(&pull.labels, categories, types);
            let has_label =
                labelled != Labelled::default() && (is_only || listed.contains(&*commit.short()));
            if has_label {
                mark(&mut commit.message, labelled);
            }
            if has_label || title.is_some() {
                let pull = format!(
                    "{}{}",
                    self.provider.mark(),
                    pull.number.unwrap_or_default()
                );
                out.marked.push(Marked {
                    id: commit.id,
                    pull,
                    has_label,
                });
            }
        }
        out.marked.reverse(); // as entries are: oldest first
        out
    }
}

impl LabelledCommits {
    /// Changes that labels and titles made, in words: each pull request once per change.
    pub fn changes(&self, plain: &Entries, labelled: &Entries) -> Vec<String> {
        let mut changes: Vec<String> = Vec::new();
        for marked in &self.marked {
            let short = marked.id.short().to_string();
            let find = |all: &Entries| {
                let mut entries = all.entries.iter();
                let entry = entries.find(|entry| references(entry).any(|one| one == short));
                entry.map(place)
            };
            let pull = &marked.pull;
            let change = match (find(plain), find(labelled)) {
                (was, is) if was == is => {
                    let mut covered = labelled.covered.iter().filter(|one| one.reference == short);
                    let is_by_hand = covered.any(|one| one.reason == Reason::HandWritten);
                    let words = format!("{pull} stays where it is written by hand");
                    Some(words).filter(|_| is_by_hand && marked.has_label)
                }
                (Some(was), Some(is)) => Some(format!("{pull} to {is} (was {was})")),
                (Some(was), None) => Some(format!("{pull} excluded (was {was})")),
                (None, Some(is)) => Some(format!("{pull} to {is} (was excluded)")),
                (None, None) => None,
            };
            let by = if marked.has_label {
                ""
            } else {
                " by its title"
            };
            let change = change.map(|change| format!("{change}{by}"));
            changes.extend(change.filter(|change| !changes.contains(change)));
        }
        changes
    }
}

/// Commits that an entry names; the entry of a part of a commit names the whole commit.
fn references(entry: &Entry) -> impl Iterator<Item = &str> {
    let refs = entry.line.refs.iter();
    refs.map(|one| one.split('/').next().unwrap_or(one))
}

/// Where an entry is.
fn place(entry: &Entry) -> String {
    let category = match entry.line.category.as_str() {
        "" => "the list",
        category => category,
    };
    let breaking = if entry.breaking { ", breaking" } else { "" };
    format!("{category}{breaking}")
}

fn mark(message: &mut Message, labelled: Labelled) {
    let Labelled {
        breaking,
        hide,
        word,
    } = labelled;
    message.breaking |= breaking;
    // A plain title above a list of commits is not an entry; the items of the list are.
    if message.kind.is_none() {
        for part in &mut message.parts {
            part.breaking |= breaking;
        }
    }
    if message.changelog.is_none() {
        let hides = hide && !message.breaking;
        let listed = word.map(LabelWord::Listed);
        message.label = listed.or(hides.then_some(LabelWord::Hides));
    }
}

/// Replaces the subject by the title of a pull request: its words, and its type and scope if it has a type.
fn retitle(message: &mut Message, title: &str, reading: &Reading) {
    let first = title.lines().next().unwrap_or_default();
    let read = Message::read(first, &[], reading);
    if read.description.trim().is_empty() {
        return;
    }
    message.description = read.description;
    message.breaking |= read.breaking;
    message.is_security |= read.is_security;
    if read.kind.is_some() {
        message.kind = read.kind;
        message.scope = read.scope;
        message.prefix = read.prefix;
    }
}
