//! Indexes of the relations of specs and commits, which avoid searching all of them.

use std::collections::{BTreeSet, HashMap};

use crate::domain::entry::inferred::Inferred;
use crate::domain::entry::lineage::Lineage;
use crate::domain::entry::model::Input;
use crate::domain::spec::ownership::OwnedBy;
use crate::domain::spec::{Spec, Status};

/// The place of a commit that belongs to a spec, and the rule for it if neither names the other.
pub type BelongingCommit = (usize, Option<OwnedBy>);

/// Specs and unreleased commits by their references. Commits are places in the list of commits, in its order.
#[derive(Debug, Default)]
pub struct Lookup<'a> {
    specs: HashMap<&'a str, &'a Spec>,
    members: HashMap<&'a str, Vec<&'a Spec>>,
    by_spec: HashMap<&'a str, Vec<usize>>,
    by_issue: HashMap<&'a str, Vec<usize>>,
    by_path: HashMap<&'a str, Vec<usize>>,
    by_merge: HashMap<usize, Vec<usize>>,
    inferred: Inferred<'a>,
}

impl<'a> Lookup<'a> {
    /// Builds the indexes. Costs nothing without specs, because only they use them.
    pub fn new(input: &Input<'a>, lineage: &Lineage<'a>) -> Lookup<'a> {
        let mut lookup = Lookup::default();
        if input.specs.is_empty() {
            return lookup;
        }
        lookup.inferred = Inferred::new(input, lineage);
        for spec in input.specs {
            lookup.specs.insert(&spec.id, spec);
            if let Some(driver) = &spec.driver {
                lookup.members.entry(driver).or_default().push(spec);
            }
        }
        for (at, commit) in input.commits.iter().enumerate() {
            let message = &commit.message;
            for id in &message.specs {
                lookup.by_spec.entry(id).or_default().push(at);
            }
            for issue in &message.issues {
                lookup.by_issue.entry(issue).or_default().push(at);
            }
            if let Some((pull, _)) = lineage.pull(at) {
                lookup.by_issue.entry(pull).or_default().push(at);
            }
            for path in &commit.paths {
                lookup.by_path.entry(path).or_default().push(at);
            }
            if let Some(merge) = lineage.merge_of(at) {
                lookup.by_merge.entry(merge).or_default().push(at);
            }
        }
        lookup
    }

    /// A spec by its ID.
    pub fn spec(&self, id: &str) -> Option<&'a Spec> {
        self.specs.get(id).copied()
    }

    /// The completed specs that a spec drives.
    pub fn members(&self, id: &str) -> impl Iterator<Item = &'a Spec> {
        let members = self.members.get(id).into_iter().flatten().copied();
        members.filter(|member| member.status == Status::Completed)
    }

    /// The commits that name a spec.
    pub fn naming(&self, id: &str) -> &[usize] {
        self.by_spec.get(id).map_or(&[], Vec::as_slice)
    }

    /// The commits that belong to a spec by a rule of its source.
    pub fn inferred(&self, id: &str) -> &[(usize, OwnedBy)] {
        self.inferred.of_spec(id)
    }

    /// The commits with any of these issues or pull requests.
    pub fn of_issues<'i>(&self, issues: impl IntoIterator<Item = &'i String>) -> BTreeSet<usize> {
        let found = issues
            .into_iter()
            .filter_map(|i| self.by_issue.get(i.as_str()));
        found.flatten().copied().collect()
    }

    /// The commits that touch a path.
    pub fn touching(&self, path: &str) -> &[usize] {
        self.by_path.get(path).map_or(&[], Vec::as_slice)
    }

    /// The commits that a merge of a pull request brought.
    pub fn of_merge(&self, merge: usize) -> &[usize] {
        self.by_merge.get(&merge).map_or(&[], Vec::as_slice)
    }
}
