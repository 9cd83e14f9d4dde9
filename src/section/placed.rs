//! The sections of any commit, of a range, and of a branch once it is merged: the content of Unreleased there, regardless of the working
//! tree.

use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::merge::{self, Style};
use crate::domain::commit::id::CommitId;
use crate::domain::entry::category::Security;
use crate::domain::failure::Result;
use crate::history::between;
use crate::history::range::{self, History};
use crate::history::revisions::CommitRange;
use crate::project::Project;
use crate::section::compute;
use crate::section::contents::SectionContents;

/// A section, and the history that it is built from.
pub struct PlacedSection {
    pub history: History,
    pub section: SectionContents,
}

impl PlacedSection {
    /// The section of a commit.
    pub fn at(project: &Project, commit: CommitId) -> Result<PlacedSection> {
        let history = range::at(project, commit)?;
        let stored = stored(project, commit)?;
        PlacedSection::with(project, history, stored)
    }

    /// The section of a range, from its commits and specs. The lines of the changelog belong to another range and are ignored, but its
    /// comments count.
    pub fn between(project: &Project, range: &CommitRange) -> Result<PlacedSection> {
        let history = between::history(project, range)?;
        let stored = stored(project, range.to)?;
        let mut doc = Vec::new();
        for kind in [Exclusion::Skip, Exclusion::Hold] {
            doc = kind.add(&doc, &kind.named_in(&stored));
        }
        let section = compute::of_document(project, &history, doc);
        Ok(PlacedSection { history, section })
    }

    /// The section of a commit once another one is merged into it.
    pub fn merged(
        project: &Project,
        base: &PlacedSection,
        branch: &PlacedSection,
    ) -> Result<PlacedSection> {
        let history = between::merged(project, &base.history, &branch.history)?;
        let merged = match (base.history.head.commit, branch.history.head.commit) {
            (Some(base), Some(branch)) => changelog(project, base, branch)?,
            _ => Vec::new(),
        };
        PlacedSection::with(project, history, merged)
    }

    fn with(project: &Project, history: History, stored: Vec<u8>) -> Result<PlacedSection> {
        let section = compute::of_stored(project, &history, stored)?;
        Ok(PlacedSection { history, section })
    }
}

fn stored(project: &Project, commit: CommitId) -> Result<Vec<u8>> {
    let bytes = project.repo.file_at(commit, &project.config.changelog)?;
    Ok(bytes.unwrap_or_default())
}

/// The changelog after a merge, as the merge driver creates it. If the user has to resolve a conflict, the changelog of the branch.
fn changelog(project: &Project, base: CommitId, branch: CommitId) -> Result<Vec<u8>> {
    let theirs = stored(project, branch)?;
    let ancestor = project.repo.merge_base(base, branch)?;
    if ancestor == Some(base) {
        return Ok(theirs);
    }
    let before = match ancestor {
        Some(ancestor) => stored(project, ancestor)?,
        None => Vec::new(),
    };
    let order = project.config.categories.titles(Security::InOrder);
    let ours = stored(project, base)?;
    let merged = merge::merge(&before, &ours, &theirs, &Style::plain(&order));
    let clean = merged.filter(|merged| merged.conflicts == 0);
    Ok(clean.map_or(theirs, |merged| merged.bytes))
}
