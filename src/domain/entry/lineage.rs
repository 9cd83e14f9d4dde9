//! Relations between unreleased commits: the commits that a merge brought or a revert undoes, and those that are the same change.

use std::cell::OnceCell;
use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::domain::commit::id::{Abbreviation, CommitId, may_name};
use crate::domain::commit::message::{Commit, Message, Reading};
use crate::domain::commit::squash::SquashPart;
use crate::domain::commit::subject;

/// The unreleased commits, and the released ones that the walk to them has visited.
pub struct Lineage<'a> {
    /// Children before parents.
    pub commits: &'a [Commit],
    released: &'a [Commit],
    /// Places by ID; released commits come after the others.
    by_id: HashMap<CommitId, usize>,
    /// IDs in order with their places, for abbreviations; sorted on first use.
    ids: OnceCell<Ids>,
    released_ids: OnceCell<Ids>,
    /// The places of commits by their bare subjects; read on first use.
    by_subject: OnceCell<HashMap<&'a str, Vec<usize>>>,
    /// The merge of a pull request that brought a commit.
    merged_by: Vec<Option<usize>>,
    /// Number of changes that each merge brought.
    brought_with: HashMap<usize, usize>,
}

impl<'a> Lineage<'a> {
    pub fn new(commits: &'a [Commit], released: &'a [Commit]) -> Lineage<'a> {
        let all = commits.iter().chain(released).enumerate();
        let mut lineage = Lineage {
            commits,
            released,
            by_id: all.map(|(at, commit)| (commit.id, at)).collect(),
            ids: OnceCell::new(),
            released_ids: OnceCell::new(),
            by_subject: OnceCell::new(),
            merged_by: vec![None; commits.len()],
            brought_with: HashMap::new(),
        };
        // Of nested merges, the innermost, oldest one is the pull request.
        for merge in (0..commits.len()).rev() {
            if !commits[merge].is_merge() || commits[merge].message.pull.is_none() {
                continue;
            }
            for at in lineage.brought(merge) {
                if lineage.merged_by[at].is_none() {
                    lineage.merged_by[at] = Some(merge);
                    *lineage.brought_with.entry(merge).or_default() += 1;
                }
            }
        }
        lineage
    }

    /// The unreleased commit that an abbreviation of seven digits or more names.
    pub fn find(&self, prefix: &str) -> Option<usize> {
        let unreleased = |at: &usize| *at < self.commits.len();
        let whole = CommitId::parse(prefix);
        if let Some(at) = whole.and_then(|id| self.by_id.get(&id)) {
            return Some(*at).filter(unreleased);
        }
        if !may_name(prefix) {
            return None;
        }
        let ids = self.ids.get_or_init(|| sorted(self.commits));
        let named = beginning(ids, &Abbreviation::parse(prefix)?);
        named.iter().map(|(_, at)| *at).min()
    }

    /// The place of an unreleased commit.
    pub fn place(&self, id: CommitId) -> Option<usize> {
        let place = self.by_id.get(&id).copied();
        place.filter(|at| *at < self.commits.len())
    }

    /// A released commit that the walk has visited.
    pub fn find_released(&self, prefix: &str) -> Option<&'a Commit> {
        if prefix.len() < 7 {
            return None;
        }
        let ids = self.released_ids.get_or_init(|| sorted(self.released));
        let named = beginning(ids, &Abbreviation::parse(prefix)?);
        let at = named.iter().map(|(_, at)| *at).min()?;
        Some(&self.released[at])
    }

    /// The commits that a merge brought into its first parent's line, without merges: git's `M^1..M`.
    pub fn brought(&self, merge: usize) -> Vec<usize> {
        let place = |id: &CommitId| self.by_id.get(id).copied();
        let mut parents = self.commits[merge].parents.iter();
        let Some(first) = parents.next() else {
            return Vec::new();
        };
        // Children come before parents, so the smallest place is never an ancestor of another one in the queue.
        let mut brought: HashMap<usize, bool> = HashMap::new();
        let mut queue = BinaryHeap::new();
        let mut waiting = 0;
        let of_branch = parents.filter_map(place).map(|at| (at, true));
        let of_main = place(first).map(|at| (at, false));
        for (at, is_new) in of_branch.chain(of_main) {
            if at < self.commits.len() {
                let known = brought.insert(at, is_new);
                waiting = waiting + usize::from(is_new) - usize::from(known == Some(true));
                if known.is_none() {
                    queue.push(std::cmp::Reverse(at));
                }
            }
        }
        while let Some(std::cmp::Reverse(at)) = queue.pop().filter(|_| waiting > 0) {
            let is_new = brought[&at];
            waiting -= usize::from(is_new);
            let parents = self.commits[at].parents.iter().filter_map(place);
            for parent in parents.filter(|parent| *parent < self.commits.len()) {
                match brought.get(&parent) {
                    None => {
                        brought.insert(parent, is_new);
                        queue.push(std::cmp::Reverse(parent));
                        waiting += usize::from(is_new);
                    }
                    Some(true) if !is_new => {
                        brought.insert(parent, false);
                        waiting -= 1;
                    }
                    Some(_) => {}
                }
            }
        }
        let mut list: Vec<usize> = brought
            .into_iter()
            .filter(|(at, is_new)| *is_new && !self.commits[*at].is_merge())
            .map(|(at, _)| at)
            .collect();
        list.sort_unstable();
        list
    }

    /// The merge of a pull request that brought a commit.
    pub fn merge_of(&self, at: usize) -> Option<usize> {
        self.merged_by[at]
    }

    /// The pull request that a commit is or belongs to, and whether it brought other commits, too.
    pub fn pull(&self, at: usize) -> Option<(&'a str, bool)> {
        if let Some(own) = self.commits[at].message.pull.as_deref() {
            return Some((own, false));
        }
        let merge = self.merged_by[at]?;
        let shared = self
            .brought_with
            .get(&merge)
            .is_some_and(|count| *count > 1);
        Some((self.commits[merge].message.pull.as_deref()?, shared))
    }

    /// The issues of a commit, including its pull request.
    pub fn issues(&self, at: usize) -> Vec<String> {
        let mut issues = self.commits[at].message.issues.clone();
        if let Some((pull, _)) = self.pull(at)
            && !issues.iter().any(|known| known == pull)
        {
            issues.push(pull.to_owned());
        }
        issues
    }

    /// Whether a commit has an issue or a pull request.
    pub fn has_issue(&self, at: usize, issue: &str) -> bool {
        let own = self.commits[at]
            .message
            .issues
            .iter()
            .any(|own| own == issue);
        own || self.pull(at).is_some_and(|(pull, _)| pull == issue)
    }

    /// The commits that a commit reverts; `None` for one that is not unreleased.
    pub fn reverted(&self, revert: usize) -> Vec<Option<usize>> {
        let message = &self.commits[revert].message;
        let mut targets = Vec::new();
        for id in &message.reverts {
            match self.find(id) {
                // `This reverts commit M, reversing changes made to …`: everything that the merge brought.
                Some(at) if self.commits[at].is_merge() => {
                    targets.extend(self.brought(at).into_iter().map(Some));
                }
                found => targets.push(found),
            }
        }
        // A commit that a rebase or a squash has given another ID is found by its subject.
        let is_lost = |id: &String| self.find(id).is_none() && self.find_released(id).is_none();
        let is_lost = message.reverts.len() == 1 && message.reverts.iter().all(is_lost);
        if let (true, Some(subject)) = (is_lost, &message.reverts_subject) {
            return vec![self.titled(subject, revert)];
        }
        if !message.reverts.is_empty() {
            return targets;
        }
        let older = revert + 1..self.commits.len();
        for issue in &message.reverts_issues {
            let pulls = older.clone().filter(|at| {
                let pull = self.pull(*at);
                pull.is_some_and(|(pull, _)| pull == issue) && !self.commits[*at].is_merge()
            });
            let mut found: Vec<usize> = pulls.collect();
            if found.is_empty() {
                found.extend(older.clone().find(|at| self.has_issue(*at, issue)));
            }
            if found.is_empty() {
                let subject = message.reverts_subject.as_ref();
                targets.push(subject.and_then(|subject| self.titled(subject, revert)));
            }
            targets.extend(found.into_iter().map(Some));
        }
        let by_pull = !message.reverts_issues.is_empty();
        if let Some(subject) = message.reverts_subject.as_ref().filter(|_| !by_pull) {
            targets.push(self.titled(subject, revert));
        }
        targets
    }

    /// The change in the body of an older commit that a revert names by its title, and that commit: a squashed commit has no ID.
    pub fn reverted_part(&self, revert: usize) -> Option<(usize, usize)> {
        let subject = self.commits[revert].message.reverts_subject.as_ref()?;
        let named = Message::read(subject, &[], &Reading::default());
        let is_it = |part: &SquashPart| {
            part.kind == named.kind
                && part.scope == named.scope
                && part.description == named.description
        };
        let mut older = revert + 1..self.commits.len();
        older.find_map(|at| {
            let parts = &self.commits[at].message.parts;
            Some((at, parts.iter().position(is_it)? + 1))
        })
    }

    /// The newest unreleased commit below another one with a subject: exactly this one, else the same without the number at its end.
    fn titled(&self, subject: &str, below: usize) -> Option<usize> {
        let by_subject = self.by_subject.get_or_init(|| {
            let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
            for (at, commit) in self.commits.iter().enumerate() {
                let bare = subject::bare(&commit.message.subject);
                places.entry(bare).or_default().push(at);
            }
            places
        });
        let same = by_subject.get(subject::bare(subject))?;
        let older = || {
            let after = same.partition_point(|at| *at <= below);
            same[after..].iter().copied()
        };
        let own = |at: usize| self.commits[at].message.subject.as_str();
        let exact = older().find(|at| own(*at) == subject);
        // Two numbers are two changes.
        let has_number = |text: &str| text.ends_with(')') && subject::bare(text).len() < text.len();
        exact.or_else(|| older().find(|at| !(has_number(own(*at)) && has_number(subject))))
    }

    /// The other unreleased commit that is the same change: with the same author, author date and subject, on a branch that this one does
    /// not contain. `gone` commits do not count.
    pub fn twin(&self, at: usize, twins: &Twins, gone: &[bool]) -> Option<&'a Commit> {
        let places = twins.places_of(at)?;
        // The oldest one is listed.
        let mut older = places.iter().rev().take_while(|place| **place != at);
        let found = older.find(|place| {
            let is_pick = self.original(**place, gone).is_some();
            !gone[**place] && !is_pick && !self.contains(at, **place)
        })?;
        Some(&self.commits[*found])
    }

    /// Unreleased commits whose change the previous release has under another ID. One names the other as the source of its cherry-pick, or
    /// they have the same author, author date and subject. Each commit of the release matches one at most. A released commit that was
    /// reverted matches none, nor does its revert.
    pub fn released_twins(&self) -> HashMap<usize, CommitId> {
        let undone = self.undone();
        let first = self.commits.len();
        let mut picks: HashMap<usize, usize> = HashMap::new();
        let mut alike: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (at, commit) in self.released.iter().enumerate() {
            if undone.contains(&commit.id) {
                continue;
            }
            for original in self.picked_from(commit) {
                picks.insert(original, first + at);
            }
            if let Some(key) = key(commit) {
                alike.entry(key).or_default().push(first + at);
            }
        }
        let mut taken: HashSet<usize> = HashSet::new();
        let mut twins = HashMap::new();
        for (at, commit) in self.commits.iter().enumerate().rev() {
            let from = commit.message.picked_from.iter();
            let mut from = from.filter_map(|id| self.find_released(id));
            let from = from.find(|from| !undone.contains(&from.id));
            let from = from.and_then(|from| self.by_id.get(&from.id)).copied();
            // Of those that look the same, the oldest is used first.
            let same = key(commit).and_then(|key| alike.get(&key));
            let mut same = same.into_iter().flatten().rev().copied();
            let same = || same.find(|place| !taken.contains(place) && !self.contains(at, *place));
            if let Some(twin) = from.or(picks.get(&at).copied()).or_else(same) {
                taken.insert(twin);
                twins.insert(at, self.released[twin - first].id);
            }
        }
        twins
    }

    /// The unreleased commits from which a commit was picked; for a merge, those that it brought.
    fn picked_from(&self, commit: &Commit) -> Vec<usize> {
        let found = commit.message.picked_from.iter();
        let found = found.filter_map(|id| self.find(id));
        let all = found.flat_map(|at| {
            let is_merge = self.commits[at].is_merge();
            if is_merge { self.brought(at) } else { vec![at] }
        });
        all.collect()
    }

    /// Released commits that were reverted, and their reverts.
    fn undone(&self) -> HashSet<CommitId> {
        let mut undone = HashSet::new();
        let mut by_subject: HashMap<&str, Vec<&Commit>> = HashMap::new();
        if self
            .released
            .iter()
            .any(|commit| commit.message.is_revert())
        {
            for commit in self.released {
                let subject = subject::bare(&commit.message.subject);
                by_subject.entry(subject).or_default().push(commit);
            }
        }
        for (at, commit) in self.commits.iter().chain(self.released).enumerate() {
            let message = &commit.message;
            if !message.is_revert() || undone.contains(&commit.id) {
                continue;
            }
            let ids = message.reverts.iter();
            let named = ids.filter_map(|id| self.find_released(id));
            let has_name = !message.reverts.is_empty() || !message.reverts_issues.is_empty();
            let by_subject_alone = at >= self.commits.len() && !has_name;
            let subject = message
                .reverts_subject
                .as_deref()
                .filter(|_| by_subject_alone);
            let same = subject.and_then(|subject| by_subject.get(subject::bare(subject)));
            let same = same.into_iter().flatten().copied();
            let targets: Vec<CommitId> = named.chain(same).map(|target| target.id).collect();
            if !targets.is_empty() {
                undone.insert(commit.id);
                undone.extend(targets);
            }
        }
        undone
    }

    /// The unreleased commit from which a commit was picked according to its message; it is listed instead.
    pub fn original(&self, at: usize, gone: &[bool]) -> Option<usize> {
        let mut from = self.commits[at].message.picked_from.iter();
        from.find_map(|from| self.find(from).filter(|original| !gone[*original]))
    }

    fn get(&self, at: usize) -> &'a Commit {
        match at.checked_sub(self.commits.len()) {
            None => &self.commits[at],
            Some(released) => &self.released[released],
        }
    }

    /// Unreleased commits that may be the same change, each with the places of the others.
    pub fn twins(&self) -> Twins {
        let all = self.commits.len();
        let mut firsts: HashMap<(&str, &str), usize> = HashMap::with_capacity(all);
        let mut twins = Twins {
            firsts: (0..all).collect(),
            places: HashMap::new(),
        };
        for at in 0..all {
            let Some(key) = key(&self.commits[at]) else {
                continue;
            };
            let first = *firsts.entry(key).or_insert(at);
            if first != at {
                twins.firsts[at] = first;
                let places = twins.places.entry(first).or_insert_with(|| vec![first]);
                places.push(at);
            }
        }
        twins
    }

    /// Whether a commit has another one in its history, as far as the walk has visited.
    fn contains(&self, descendant: usize, ancestor: usize) -> bool {
        let mut seen = HashSet::from([descendant]);
        let mut queue = vec![descendant];
        while let Some(at) = queue.pop() {
            for parent in &self.get(at).parents {
                match self.by_id.get(parent) {
                    Some(place) if *place == ancestor => return true,
                    Some(place) if seen.insert(*place) => queue.push(*place),
                    _ => {}
                }
            }
        }
        false
    }
}

/// IDs in order, each with its place.
pub type Ids = Vec<(CommitId, usize)>;

/// The IDs of commits, to find abbreviations in.
pub fn sorted(commits: &[Commit]) -> Ids {
    let ids = commits.iter().map(|commit| commit.id);
    let mut ids: Ids = ids.zip(0..).collect();
    ids.sort_unstable();
    ids
}

/// The IDs that begin with `prefix`.
pub fn beginning<'i>(ids: &'i Ids, prefix: &Abbreviation) -> &'i [(CommitId, usize)] {
    let first = prefix.first();
    let start = ids.partition_point(|(id, _)| *id < first);
    let rest = &ids[start..];
    &rest[..rest.partition_point(|(id, _)| prefix.names(id))]
}

/// The first tip that contains each commit, as indexes of the tips; every commit is in the history of one.
pub fn owners(commits: &[Commit], tips: impl Iterator<Item = usize>) -> Vec<usize> {
    let ids: HashMap<CommitId, usize> = commits.iter().map(|c| c.id).zip(0..).collect();
    let mut owners = vec![usize::MAX; commits.len()];
    for (owner, tip) in tips.enumerate() {
        let mut stack = vec![tip];
        while let Some(at) = stack.pop() {
            if owners[at] == usize::MAX {
                owners[at] = owner;
                let parents = commits[at].parents.iter();
                stack.extend(parents.filter_map(|id| ids.get(id)));
            }
        }
    }
    owners
}

/// Commits with the same author, author date and subject.
pub struct Twins {
    /// The first of each commit's twins, by its place: itself if it has none.
    firsts: Vec<usize>,
    /// The places of all twins, in order, by the first one.
    places: HashMap<usize, Vec<usize>>,
}

impl Twins {
    fn places_of(&self, at: usize) -> Option<&[usize]> {
        self.places.get(&self.firsts[at]).map(Vec::as_slice)
    }
}

/// The common data of commits that may be the same change; `None` for commits that cannot be.
pub fn key(commit: &Commit) -> Option<(&str, &str)> {
    let known = !commit.author.is_empty() && !commit.is_merge();
    known.then_some((commit.author.as_str(), commit.message.subject.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(digit: &str) -> CommitId {
        CommitId::expect(&digit.repeat(40)).unwrap()
    }

    fn commit(id: &str, parents: &[&str], subject: &str, pull: Option<&str>) -> Commit {
        let message = Message {
            subject: subject.into(),
            pull: pull.map(str::to_owned),
            ..Default::default()
        };
        Commit {
            id: name(id),
            parents: parents.iter().map(|digit| name(digit)).collect(),
            author: "A <a> 1".into(),
            time: 0,
            message,
            paths: vec![],
            lacks_paths: false,
        }
    }

    /// a - b - m - n; a - x - y - m; x - z - n
    fn history() -> Vec<Commit> {
        vec![
            commit("7", &["6", "5"], "Merge z", Some("#2")),
            commit("5", &["2"], "z", None),
            commit("6", &["4", "3"], "Merge y", Some("#1")),
            commit("3", &["2"], "y", None),
            commit("4", &["1"], "b", None),
            commit("2", &["1"], "x", None),
            commit("1", &[], "a", None),
        ]
    }

    #[test]
    fn a_merge_brings_what_its_first_parent_has_not() {
        let commits = history();
        let lineage = Lineage::new(&commits, &[]);
        assert_eq!(lineage.brought(2), [3, 5]);
        assert_eq!(lineage.brought(0), [1]);
        assert_eq!(lineage.pull(5), Some(("#1", true)));
        assert_eq!(lineage.pull(1), Some(("#2", false)));
        assert_eq!(lineage.pull(4), None);
    }

    #[test]
    fn twins_stand_on_different_branches() {
        let mut commits = history();
        commits[3].message.subject = "same".into();
        commits[4].message.subject = "same".into();
        commits[5].message.subject = "same".into();
        let lineage = Lineage::new(&commits, &[]);
        let twins = lineage.twins();
        let gone = vec![false; 7];
        // y is built on x, so they are two changes; b is on another branch, so it is the same.
        assert_eq!(lineage.twin(3, &twins, &gone).unwrap().id, commits[4].id);
        assert_eq!(lineage.twin(4, &twins, &gone).unwrap().id, commits[5].id);
        assert!(lineage.twin(5, &twins, &gone).is_none());
    }
}
