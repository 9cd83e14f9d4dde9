//! The merge of a release into another branch. Both sides say a version of their own, in the same lines: relwatch wrote them, so people
//! have nothing to decide there. Before git merges them, all three trees are brought to the higher version.

use semver::Version;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::release::manifest::{self, ReleaseRecord};
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
    let mut sides = [
        MergedSide::at(project, base)?,
        MergedSide::at(project, ours)?,
        MergedSide::at(project, theirs)?,
    ];
    for part in project.components() {
        level(&part, &mut sides)?;
    }
    let told = unite_lists(project, &mut sides)?;
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

/// Lets all sides say the higher one of the versions of ours and theirs, and name the higher one of their last final releases in documents.
fn level(part: &Project, sides: &mut [MergedSide; 3]) -> Result<()> {
    let known = sides.each_ref().map(|side| side.versioned(part));
    let [_, Some((_, here)), Some((_, there))] = &known else {
        return Ok(());
    };
    if here == there {
        return Ok(());
    }
    let tagged = part.release_tags()?.versions;
    let named = [here, there].map(|version| last_final(version, &tagged));
    let docs = named.into_iter().max().flatten();
    for (side, known) in sides.iter_mut().zip(&known) {
        if let Some((part, version)) = known {
            side.bump(
                part,
                Bump {
                    to: here.max(there),
                    last: Some(version),
                    tagged: &tagged,
                    docs: docs.as_ref(),
                },
            )?;
        }
    }
    Ok(())
}

/// The release that documents name where files say this version.
fn last_final(version: &Version, tagged: &[Version]) -> Option<Version> {
    if version.pre.is_empty() {
        return Some(version.clone());
    }
    let finals = tagged.iter().filter(|one| one.pre.is_empty());
    finals.filter(|one| *one < version).max().cloned()
}

/// Lets all sides have one release manifest, with what either says of each. Its releases.
fn unite_lists(project: &Project, sides: &mut [MergedSide; 3]) -> Result<Vec<ReleaseRecord>> {
    let path = &project.config.manifest;
    let text = |side: &MergedSide| -> Result<String> {
        let bytes = match path.as_str() {
            "" => None,
            path => project.repo.file_at(side.commit, path)?,
        };
        Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned())
    };
    let [_, ours, theirs] = &*sides;
    let (ours, theirs) = (text(ours)?, text(theirs)?);
    // What cannot be read is left to git.
    let Ok(all) = manifest::read(&format!("{ours}\n{theirs}")) else {
        return Ok(Vec::new());
    };
    let mut united = if ours.is_empty() {
        theirs.clone()
    } else {
        ours
    };
    let known = manifest::read(&united).unwrap_or_default();
    for record in all.iter().filter(|record| !known.contains(record)) {
        united = manifest::changed(Some(&united), record);
    }
    for side in sides.iter_mut().filter(|_| !theirs.is_empty()) {
        side.change(FileChange::write(path.clone(), united.clone().into_bytes()));
    }
    Ok(all)
}

/// A commit of the merge, and what is changed of it before.
struct MergedSide {
    /// With the configuration that the commit has: files may have moved.
    project: Project,
    commit: CommitId,
    /// At most one for each path.
    changes: Vec<FileChange>,
}

impl MergedSide {
    fn at(project: &Project, commit: CommitId) -> Result<MergedSide> {
        Ok(MergedSide {
            project: project.as_of(commit)?,
            commit,
            changes: Vec::new(),
        })
    }

    /// The same component as this side has it, and the version that its files agree on. A listed file that this commit did not have yet
    /// is not missed.
    fn versioned(&self, part: &Project) -> Option<(Project, Version)> {
        let mut parts = self.project.components().into_iter();
        let own = parts.find(|own| own.name() == part.name())?;
        let agreed = version_files::agreed(&own, self.commit, None).ok()??;
        Some((own, agreed.version))
    }

    fn bump(&mut self, part: &Project, bump: Bump<'_>) -> Result<()> {
        let base = Base {
            commit: self.commit,
            changes: &self.changes,
        };
        for change in version_files::bumped(part, base, bump, &mut Vec::new())? {
            self.change(change);
        }
        Ok(())
    }

    fn change(&mut self, change: FileChange) {
        self.changes.retain(|known| known.path != change.path);
        self.changes.push(change);
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
