//! References that follow their commits: an amend or a rebase gives a change another name, but hand-written lines and skip comments still
//! mean that change.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::commit::id::{Abbreviation, CommitId};
use crate::domain::commit::message::Commit;
use crate::domain::commit::title;
use crate::domain::entry::reference::References;
use crate::history::range::History;
use crate::project::Project;
use crate::sys::git::Repo;
use crate::sys::rewrites;

/// Adds to `named` the successors of the commits that it names.
pub fn extend(project: &Project, history: &History, named: &mut References) {
    if named.commits().is_empty() {
        return;
    }
    let followed = Rewrites::new(project, history);
    let found: Vec<(String, CommitId)> = named
        .commits()
        .iter()
        .filter_map(|old| Some((old.clone(), followed.successor(old)?)))
        .collect();
    for (old, new) in found {
        named.follow(&old, new);
    }
}

/// The data for finding the successor of a commit.
pub struct Rewrites<'a> {
    repo: &'a Repo,
    closers: &'a [String],
    commits: &'a [Commit],
    /// The unreleased commits, sorted.
    ids: BTreeSet<CommitId>,
    /// Old and new names as git recorded them.
    pairs: BTreeMap<CommitId, CommitId>,
}

impl<'a> Rewrites<'a> {
    pub fn new(project: &'a Project, history: &'a History) -> Rewrites<'a> {
        Rewrites {
            repo: &project.repo,
            closers: &project.config.issues.closers,
            commits: &history.commits,
            ids: history.commits.iter().map(|c| c.id).collect(),
            pairs: rewrites::load(project.repo.common_dir()),
        }
    }

    /// The unreleased commit that replaced the named one: by the names that git recorded, else the one with the same author, author date
    /// and subject. `None` if the named commit is itself unreleased or the successor is unknown.
    pub fn successor(&self, abbreviation: &str) -> Option<CommitId> {
        let prefix = Abbreviation::parse(abbreviation)?;
        let mut from = self.ids.range(prefix.first()..);
        if from.next().is_some_and(|id| prefix.names(id)) {
            return None;
        }
        let mut from = self.pairs.range(prefix.first()..);
        let first = from.next().map(|(old, _)| old);
        let mut old = first.filter(|old| prefix.names(old));
        for _ in 0..self.pairs.len() {
            let Some(new) = old.and_then(|old| self.pairs.get(old)) else {
                break;
            };
            if self.ids.contains(new) {
                return Some(*new);
            }
            old = Some(new);
        }
        let id = self.repo.expanded(abbreviation)?;
        let old = self.repo.commit(id).ok()?;
        let (subject, _) = title::split(old.message.trim(), self.closers);
        let mut same = self.commits.iter();
        let same = same.find(|c| c.message.subject == subject && c.author == old.author);
        same.map(|c| c.id)
    }
}
