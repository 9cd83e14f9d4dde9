//! References that follow their commits: an amend or a rebase gives a change another name, and lines and skip
//! comments that people wrote still mean that change.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::commit::message::Commit;
use crate::domain::entry::reference::Named;
use crate::history::range::History;
use crate::project::Project;
use crate::sys::git::Repo;
use crate::sys::rewrites;

/// Adds to `named` what the commits that it names have become.
pub fn extend(project: &Project, history: &History, named: &mut Named) {
    if named.commits().is_empty() {
        return;
    }
    let followed = Followed::new(project, history);
    let found: Vec<(String, String)> = named
        .commits()
        .iter()
        .filter_map(|old| Some((old.clone(), followed.successor(old)?)))
        .collect();
    for (old, new) in found {
        named.follow(&old, &new);
    }
}

/// What is needed to follow a commit to what it has become.
pub struct Followed<'a> {
    repo: &'a Repo,
    commits: &'a [Commit],
    /// The unreleased commits, in order.
    ids: BTreeSet<&'a str>,
    /// git's own old and new names.
    pairs: BTreeMap<String, String>,
}

impl<'a> Followed<'a> {
    pub fn new(project: &'a Project, history: &'a History) -> Followed<'a> {
        Followed {
            repo: &project.repo,
            commits: &history.commits,
            ids: history.commits.iter().map(|c| c.id.as_str()).collect(),
            pairs: rewrites::load(project.repo.common_dir()),
        }
    }

    /// The unreleased commit that the named one has become: by git's own old and new names, else the one with the same
    /// author, author date and subject. `None` if it is unreleased itself or nobody knows.
    pub fn successor(&self, abbreviation: &str) -> Option<String> {
        let mut from = self.ids.range(abbreviation..);
        if from.next().is_some_and(|id| id.starts_with(abbreviation)) {
            return None;
        }
        let mut from = self.pairs.range(abbreviation.to_owned()..);
        let first = from.next().map(|(old, _)| old);
        let mut old = first.filter(|old| old.starts_with(abbreviation));
        for _ in 0..self.pairs.len() {
            let Some(new) = old.and_then(|old| self.pairs.get(old)) else {
                break;
            };
            if self.ids.contains(new.as_str()) {
                return Some(new.clone());
            }
            old = Some(new);
        }
        let id = self.repo.expanded(abbreviation)?;
        let old = self.repo.commit(&id, false).ok()?;
        let subject = old.message.trim().lines().next().unwrap_or("").trim();
        let mut same = self.commits.iter();
        let same = same.find(|c| c.message.subject == subject && c.author == old.author);
        same.map(|c| c.id.clone())
    }
}
