//! Checks that the commits on a frozen branch are fixes. The commit-msg hook checks each commit, but a clone may lack the hook: so commits
//! that are on the branch but not on the main branch are checked again before the release. Commits from the main branch are never refused.

use crate::config::CheckLevel;
use crate::domain::commit::check;
use crate::domain::commit::id::{Abbreviation, CommitId};
use crate::domain::commit::message::Commit;
use crate::domain::failure::Result;
use crate::domain::ref_name::RefName;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::text::terminal;
use crate::project::Project;
use crate::release::plan::candidate::Candidate;
use crate::release::plan::frame::Frame;
use crate::ui;

/// Checks the branch's own commits since the last release. Returns what was skipped, for the tag and the manifest.
pub fn check(
    project: &Project,
    candidates: &[Candidate],
    frame: &Frame<'_>,
    checks: &mut Checks,
) -> Result<Option<String>> {
    let hooks = &project.config.hooks;
    if !hooks.freezes(frame.branch) {
        return Ok(None);
    }
    let mains = mains(project, frame)?;
    if mains.is_empty() {
        let why = "the main branch is not here to compare with";
        checks.skip(CheckId::Freeze, why);
        return Ok(None);
    }
    let mut own = Vec::new();
    for feature in features(project, candidates) {
        let mut is_own = true;
        for main in &mains {
            is_own &= !project.repo.contains(*main, feature.id)?;
        }
        if is_own {
            own.push(feature);
        }
    }
    let branch = frame.branch;
    if own.is_empty() {
        checks.ok(
            CheckId::Freeze,
            format!("{branch} has no feature of its own"),
        );
        return Ok(None);
    }
    let count = ui::counted(own.len(), "feature", "features");
    let skipped = frame.wanted.skipped(CheckId::Freeze, &count, checks);
    if skipped.is_some() {
        return Ok(skipped);
    }
    for commit in own {
        let subject = terminal::printable(&commit.message.subject);
        let short = commit.id.short();
        let what = format!("{branch} is frozen, but {short} is a feature: {subject}");
        match hooks.freeze {
            CheckLevel::Reject => {
                let remedy = format!(
                    "`git revert {short}`, or skip it with --skip-check freeze --reason TEXT"
                );
                checks.fail(CheckId::Freeze, what, remedy);
            }
            _ => checks.warn(CheckId::Freeze, what),
        }
    }
    Ok(None)
}

/// Commits of the main branch: here, and as last fetched from the remote. A single-branch clone has only the second.
fn mains(project: &Project, frame: &Frame<'_>) -> Result<Vec<CommitId>> {
    let repo = &project.repo;
    let names = project.config.branches.iter();
    let names = names.filter(|name| !name.ends_with('*') && **name != frame.branch);
    let mut found = Vec::new();
    for name in names {
        let mut places = vec![RefName::branch(name)];
        let remote = frame.remote.name.as_ref();
        places.extend(remote.map(|remote| RefName::full(&format!("refs/remotes/{remote}/{name}"))));
        for place in places {
            if repo.reference(&place)?.is_some() {
                found.extend(repo.resolved(&place));
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// The features among the commits to release, newest first, without reverted ones.
fn features<'c>(project: &Project, candidates: &'c [Candidate]) -> Vec<&'c Commit> {
    let mut found: Vec<&Commit> = Vec::new();
    let mut reverted: Vec<Abbreviation> = Vec::new();
    // A revert is read before the commit that it reverts.
    for commit in candidates.iter().flat_map(|one| &one.history.commits) {
        if reverted.iter().any(|id| id.names(&commit.id)) {
            continue;
        }
        let reverts = commit.message.reverts.iter();
        reverted.extend(reverts.filter_map(|id| Abbreviation::parse(id)));
        let is_feature = check::is_feature(&commit.message, &project.config.types);
        if is_feature && !commit.is_merge() && found.iter().all(|known| known.id != commit.id) {
            found.push(commit);
        }
    }
    found
}
