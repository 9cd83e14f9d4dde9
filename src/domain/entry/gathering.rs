//! Entries while they are gathered: additions and removals by each source.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::domain::changelog::record::Line;
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::component::Component;
use crate::domain::entry::kind::Kind;
use crate::domain::entry::lineage::Lineage;
use crate::domain::entry::lookup::{BelongingCommit, Lookup};
use crate::domain::entry::model::{Entries, Entry, Input, Omission, Origin};
use crate::domain::entry::raise::Raise;
use crate::domain::entry::reason::Reason;
use crate::domain::entry::reference::References;
use crate::domain::entry::wording::{Said, names_advisory};
use crate::domain::spec::source::PathGlob;
use crate::domain::text::inert;

pub(super) struct Gathering<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) named: References,
    pub(super) out: Entries,
    pub(super) lineage: Lineage<'a>,
    pub(super) lookup: Lookup<'a>,
    /// The issues of each spec by its ID.
    pub(super) issues: HashMap<&'a str, Vec<String>>,
    /// The commits of each spec by its ID, see [`Gathering::own_commits`].
    pub(super) own_commits: HashMap<&'a str, OnceCell<Vec<BelongingCommit>>>,
    /// Number of specs with a text for each issue.
    pub(super) telling: HashMap<String, usize>,
    /// Commits whose change is in the previous release, with the commit there.
    pub(super) released: HashMap<usize, CommitId>,
    /// Whether a commit changes specs and nothing else, see [`Gathering::spec_commits`].
    pub(super) of_specs: Vec<bool>,
    /// Commits that a revert undid, and such reverts.
    pub(super) gone: Vec<bool>,
    /// Changes listed in bodies that a revert undoes, by commit and number, with the revert.
    pub(super) gone_parts: HashMap<(CommitId, usize), CommitId>,
    /// The revert that undid each commit.
    pub(super) reverted_by: HashMap<usize, CommitId>,
    /// Entries by category and text, to avoid duplicates.
    pub(super) seen: HashMap<(String, String), usize>,
    /// Entries of fragments by category and text, with the references after it: one text for several issues is one entry, as in towncrier.
    pub(super) of_fragments: HashMap<(String, String), (usize, Vec<String>)>,
}

/// A change that will become an entry.
pub(super) struct Change<'a> {
    pub(super) said: Said<'a>,
    pub(super) category: String,
    pub(super) kind: Kind,
    pub(super) breaking: bool,
    pub(super) raise: Raise,
    /// References from the most general to the most particular.
    pub(super) refs: Vec<String>,
    pub(super) has_migration: bool,
    pub(super) source: Origin,
    pub(super) for_users: bool,
    /// Whether it is the text of a fragment.
    pub(super) is_fragment: bool,
}

impl<'a> Gathering<'a> {
    /// Removes reverts together with the commits that they revert, if both are unreleased. It goes from the newest to the oldest, so that a
    /// reverted revert restores its target.
    pub(super) fn drop_reverted(&mut self) {
        for (index, commit) in self.input.commits.iter().enumerate() {
            if self.gone[index] || !commit.message.is_revert() || commit.is_merge() {
                continue;
            }
            if self.released.contains_key(&index) {
                continue; // the release has the revert, too
            }
            // A change that is released under another ID is released, so its revert is news.
            let is_open = |target: &usize| !self.released.contains_key(target);
            let targets = self.lineage.reverted(index).into_iter();
            let targets: Vec<_> = targets.map(|target| target.filter(is_open)).collect();
            let here: Vec<usize> = targets.iter().flatten().copied().collect();
            for target in &here {
                if !self.gone[*target] {
                    self.gone[*target] = true;
                    self.reverted_by.insert(*target, commit.id);
                    let target = &self.input.commits[*target];
                    self.leave_out(target, Reason::RevertedBy(commit.id));
                }
            }
            if here.is_empty() && self.drop_part(index) {
                self.gone[index] = true;
                self.leave_out(commit, Reason::RevertsUnreleased);
            }
            if !here.is_empty() && here.len() == targets.len() {
                self.gone[index] = true;
                self.leave_out(commit, Reason::RevertsUnreleased);
            }
        }
    }

    /// Drops the change of a squash merge that a revert names, if it would be listed.
    fn drop_part(&mut self, revert: usize) -> bool {
        let Some((at, number)) = self.lineage.reverted_part(revert) else {
            return false;
        };
        let commits = self.input.commits;
        let is_open = !self.gone[at] && !self.released.contains_key(&at);
        let is_listed = is_open && self.lists_part(&commits[at], number);
        if is_listed {
            let key = (commits[at].id, number);
            self.gone_parts.insert(key, commits[revert].id);
        }
        is_listed
    }

    pub(super) fn leave_out(&mut self, commit: &Commit, reason: Reason) {
        match self.not_of(|component| component.has(commit)) {
            Some(outside) => self.out.outside.push(omission(commit, outside)),
            None => self.out.left_out.push(omission(commit, reason)),
        }
    }

    /// For each commit, whether it changes only files of spec tools and breaks nothing.
    pub(super) fn spec_commits(&self) -> Vec<bool> {
        let within = self.input.sources.iter().flat_map(|source| &source.within);
        let within: Vec<&PathGlob> = within.collect();
        let is_inside = |path: &String| within.iter().any(|glob| glob.matches(path));
        let commits = self.input.commits.iter();
        let is_of_specs = |commit: &Commit| {
            !commit.paths.is_empty()
                && commit.paths.iter().all(is_inside)
                && !self.breaks(&commit.message)
        };
        commits.map(is_of_specs).collect()
    }

    /// The reason why something does not belong to the component, unless `holds` accepts it.
    pub(super) fn not_of(&self, holds: impl FnOnce(&'a Component) -> bool) -> Option<Reason> {
        let component = self.input.rules.component.as_ref()?;
        (!holds(component)).then(|| Reason::NotOf(component.name.clone()))
    }

    pub(super) fn push(&mut self, mut change: Change<'_>) {
        let rules = self.input.rules;
        let key = || (change.category.clone(), change.said.text.to_owned());
        let fragment = change.is_fragment.then(key);
        if let Some((at, shown)) = fragment
            .as_ref()
            .and_then(|one| self.of_fragments.get_mut(one))
        {
            let fresh = change.said.shown.iter().filter(|one| !shown.contains(one));
            shown.extend(fresh.cloned().collect::<Vec<_>>());
            change.said.shown = shown.clone();
            let known = &mut self.out.entries[*at].line;
            known.text = rules.wording.entry(&change.said, &rules.categories);
            known.refs.extend(change.refs);
            return;
        }
        let text = rules.wording.entry(&change.said, &rules.categories);
        let key = (change.category, text);
        if let Some(index) = self.seen.get(&key) {
            // Two commits may have the same text and different types.
            let known_raise = &mut self.out.entries[*index].raise;
            if known_raise.weight < change.raise.weight {
                *known_raise = change.raise;
            }
            let known = &mut self.out.entries[*index].line.refs;
            for reference in change.refs {
                if !known.contains(&reference) {
                    known.push(reference);
                }
            }
            return;
        }
        let at = self.out.entries.len();
        self.seen.insert(key.clone(), at);
        if let Some(fragment) = fragment {
            self.of_fragments.insert(fragment, (at, change.said.shown));
        }
        let (category, text) = key;
        self.out.entries.push(Entry {
            advisory: change.kind == Kind::Security && names_advisory(&text),
            line: Line {
                category,
                text,
                refs: change.refs,
            },
            kind: change.kind,
            breaking: change.breaking,
            raise: change.raise,
            has_migration: change.has_migration,
            source: change.source,
            for_users: change.for_users,
        });
    }
}

pub(super) fn omission(commit: &Commit, reason: Reason) -> Omission {
    Omission {
        reference: commit.short().to_string(),
        subject: inert::title(&commit.message.subject, 200),
        reason,
    }
}
