//! The histories of arbitrary ranges: what one commit has and another one lacks, and what a branch will contain once it is merged. Reads
//! committed bytes only.

use std::collections::{HashMap, HashSet};

use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::failure::Result;
use crate::domain::spec::Spec;
use crate::history::commits::{CachePolicy, CommitReader};
use crate::history::previous;
use crate::history::range::{self, CommitSides, History};
use crate::history::revisions::CommitRange;
use crate::history::selected_specs::{SpecsFrom, SpecsRead};
use crate::history::spec_files::SpecReader;
use crate::project::Project;
use crate::sys::git::{Head, ReleaseTags};
use crate::ui::busy;

/// The commits that `to` has and `from` lacks, children before parents. Without `from`, all commits that `to` has.
pub fn commits(project: &Project, from: Option<CommitId>, to: CommitId) -> Result<Vec<Commit>> {
    let (reader, sides) = range::walked(project, from, to)?;
    reader.read(&sides.ahead)
}

/// The history of a range, as if nothing had been released after its start: its last release is the one before the start.
pub fn history(project: &Project, range: &CommitRange) -> Result<History> {
    let _busy = busy::with("reading commits and specs");
    let sides = CommitSides::between(project, range.from, range.to)?;
    let tags = tags_before(project, range.to, &sides.ahead)?;
    let mut reader = CommitReader::new(project, CachePolicy::Yes);
    let (last, _) = previous::find(project, range.from, &tags, &mut reader)?;
    let mut warnings = range::warnings(project, &tags, Some(range.from), &sides.ahead)?;
    warnings.extend(range.warning.clone());
    let found = SpecsRead {
        listed: &[],
        head: Some(range.to),
        since: Some(range.from),
        last: last.as_ref(),
        place: SpecsFrom::Commit,
    }
    .read(project, SpecReader::new(project), &mut warnings)?;
    let head = Head::detached(range.to);
    Ok(range::settled(
        project, head, last, tags, sides, found, warnings,
    ))
}

/// The release tags, without those that have commits of the range: a release before the start has none of them.
fn tags_before(project: &Project, to: CommitId, ahead: &[Commit]) -> Result<ReleaseTags> {
    let mut tags = project.release_tags()?;
    let own: HashSet<CommitId> = ahead.iter().map(|commit| commit.id).collect();
    // A tag that has any commit of the range also has one of its first commits.
    let is_first = |commit: &&Commit| !commit.parents.iter().any(|parent| own.contains(parent));
    let first = ahead.iter().filter(is_first).map(|commit| commit.id);
    let bounds: Vec<CommitId> = first
        .chain([to].into_iter().filter(|_| own.is_empty()))
        .collect();
    let later = project.repo.tags_containing(&bounds)?;
    let format = &project.config.tag;
    let gone: HashSet<_> = later
        .iter()
        .filter_map(|name| format.version(name))
        .collect();
    tags.named.retain(|(_, tag)| !gone.contains(&tag.version));
    tags.versions.retain(|version| !gone.contains(version));
    Ok(tags)
}

/// The history of `base` once `branch` is merged into it; both as [`range::at`] reads them.
pub fn merged(project: &Project, base: &History, branch: &History) -> Result<History> {
    let (Some(into), Some(from)) = (base.head.commit, branch.head.commit) else {
        return Ok(branch.clone());
    };
    let version = |history: &History| history.last.as_ref().map(|last| last.tag.version.clone());
    // A branch may bring a release with it, such as a hotfix.
    let (first, second, rest) = if version(branch) > version(base) {
        (branch, from, commits(project, Some(from), into)?)
    } else {
        (base, into, commits(project, Some(into), from)?)
    };
    let other = if second == into { from } else { into };
    let mut history = first.clone();
    history.commits = rest;
    history.commits.extend(first.commits.iter().cloned());
    let since = first.last.as_ref().map(|last| last.commit);
    if let Some(since) = since {
        // A commit that was cherry-picked from one side and released on the other is not new.
        let known: HashSet<CommitId> = history.released.iter().map(|commit| commit.id).collect();
        let mut apart = CommitSides::between(project, since, other)?;
        apart.others.truncate(apart.behind);
        let apart = apart.others.into_iter();
        history
            .released
            .extend(apart.filter(|commit| !known.contains(&commit.id)));
    }
    let ancestor = project.repo.merge_base(into, from)?;
    if ancestor == Some(into) {
        history.head = branch.head.clone();
    }
    let found = SpecsRead {
        listed: &[],
        head: history.head.commit,
        since,
        last: first.last.as_ref(),
        place: SpecsFrom::Commit,
    }
    .sorted(
        project,
        SpecReader::new(project),
        specs(project, base, branch, ancestor)?,
    )?;
    history.has_fragments = found.has_fragments;
    history.specs = found.specs;
    history.released_specs = found.released;
    history.selection.held_back = found.held_back;
    history.selection = range::selection(project, &history, None);
    history.warnings.extend(branch.warnings.iter().cloned());
    history.warnings.extend(base.warnings.iter().cloned());
    Ok(history)
}

/// The specs after a merge: those of the branch, and those of the base that the branch did not touch.
fn specs(
    project: &Project,
    base: &History,
    branch: &History,
    ancestor: Option<CommitId>,
) -> Result<Vec<Spec>> {
    if ancestor == base.head.commit {
        return Ok(branch.specs.clone());
    }
    let before = match ancestor {
        Some(ancestor) => range::at(project, ancestor)?.specs,
        None => Vec::new(),
    };
    let by_id = |specs: &[Spec]| -> HashMap<String, Spec> {
        specs
            .iter()
            .map(|spec| (spec.id.clone(), spec.clone()))
            .collect()
    };
    let (before, mut theirs) = (by_id(&before), by_id(&branch.specs));
    let mut all = Vec::new();
    for own in &base.specs {
        let was = before.get(&own.id);
        match theirs.remove(&own.id) {
            Some(their) if Some(&their) != was => all.push(their),
            None if was == Some(own) => {} // the branch deleted it
            _ => all.push(own.clone()),
        }
    }
    let new = branch
        .specs
        .iter()
        .filter(|spec| theirs.contains_key(&spec.id) && before.get(&spec.id) != Some(*spec));
    all.extend(new.cloned());
    Ok(all)
}
