//! The merge of a release into another branch. relwatch wrote a different version into the same lines of both sides, which would conflict
//! without need. So all three trees get the higher version before git merges them.

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

/// The merged tree, made in the object database. If the branches have several merge bases, git merges them unchanged.
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

/// Writes the higher version of both sides into all sides, and the higher of their last final releases into documents.
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

/// The release that documents name if files have this version.
fn last_final(version: &Version, tagged: &[Version]) -> Option<Version> {
    if version.pre.is_empty() {
        return Some(version.clone());
    }
    let finals = tagged.iter().filter(|one| one.pre.is_empty());
    finals.filter(|one| *one < version).max().cloned()
}

/// Gives all sides one release manifest, with the lines of both. Returns its releases.
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
    // If a manifest cannot be read, git merges it.
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

/// A commit of the merge, and the changes made to it before merging.
struct MergedSide {
    /// Project with the configuration of that commit: files may have moved.
    project: Project,
    commit: CommitId,
    /// Changes, at most one per path.
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

    /// The same component on this side, and the version that its files agree on. A listed file that did not exist at this commit is not an
    /// error.
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

    /// Updates the table of supported versions with the releases of both sides.
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
