//! The merge of a release into another branch. Both sides say a version of their own, in the same lines: relwatch wrote them, so people
//! have nothing to decide there. Before git merges them, all three trees are brought to the higher version.

use semver::Version;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::release::manifest::ReleaseRecord;
use crate::domain::release::plan::FileChange;
use crate::project::Project;
use crate::release::support_block;
use crate::release::version_files::{self, Base, Bump};
use crate::sys::clock;
use crate::sys::git::MergeOutcome;
use crate::transition;

/// The tree of both, made in the object database. Where branches have parted at several places git merges them as they are.
pub fn merge(project: &Project, ours: CommitId, theirs: CommitId) -> Result<MergeOutcome> {
    let repo = &project.repo;
    let Some(base) = repo.merge_base(ours, theirs)? else {
        return repo.merged_tree(ours, theirs);
    };
    let mut sides = [base, ours, theirs].map(MergedSide::at);
    for part in project.components() {
        level(&part, &mut sides)?;
    }
    let mut told = project.releases_at(ours)?;
    told.extend(project.releases_at(theirs)?);
    for side in &mut sides {
        side.show_support(project, &told)?;
    }
    if sides.iter().all(|side| side.changes.is_empty()) {
        return repo.merged_tree(ours, theirs);
    }
    let [base, ours, theirs] = &sides;
    let trees = [
        base.tree(project)?,
        ours.tree(project)?,
        theirs.tree(project)?,
    ];
    repo.merged_from(trees.each_ref().map(String::as_str))
}

/// Lets all sides say the higher one of the versions of ours and theirs.
fn level(part: &Project, [base, ours, theirs]: &mut [MergedSide; 3]) -> Result<()> {
    let (Some(here), Some(there)) = (ours.version(part), theirs.version(part)) else {
        return Ok(());
    };
    if here == there {
        return Ok(());
    }
    let to = here.clone().max(there.clone());
    let tagged = part.release_tags()?.versions;
    let before = base.version(part);
    let says = [(base, before), (ours, Some(here)), (theirs, Some(there))];
    for (side, version) in says {
        if let Some(version) = version.filter(|version| *version != to) {
            side.bump(part, &version, &to, &tagged)?;
        }
    }
    Ok(())
}

/// A commit of the merge, and what is changed of it before.
struct MergedSide {
    commit: CommitId,
    changes: Vec<FileChange>,
}

impl MergedSide {
    fn at(commit: CommitId) -> MergedSide {
        MergedSide {
            commit,
            changes: Vec::new(),
        }
    }

    /// The version that its files agree on. A listed file that this commit did not have yet is not missed.
    fn version(&self, part: &Project) -> Option<Version> {
        let agreed = version_files::agreed(part, self.commit, None);
        Some(agreed.ok()??.version)
    }

    fn bump(
        &mut self,
        part: &Project,
        from: &Version,
        to: &Version,
        tagged: &[Version],
    ) -> Result<()> {
        let base = Base {
            commit: self.commit,
            changes: &self.changes,
        };
        let bump = Bump {
            to,
            last: Some(from),
            tagged,
            docs: to.pre.is_empty(), // as in a release
        };
        let bumped = version_files::bumped(part, base, bump, &mut Vec::new())?;
        self.changes.extend(bumped);
        Ok(())
    }

    /// The table of supported versions, with the releases of both sides.
    fn show_support(&mut self, project: &Project, told: &[ReleaseRecord]) -> Result<()> {
        let (at, today) = (self.commit, clock::today());
        support_block::refresh(project, at, &today, told, &mut self.changes)?;
        Ok(())
    }

    fn tree(&self, project: &Project) -> Result<String> {
        let edits = transition::edits(&self.changes);
        project.repo.build_tree(self.commit, &edits)
    }
}
