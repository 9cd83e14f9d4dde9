//! Which version a release cuts.

use semver::Version;

use crate::app::Project;
use crate::app::plan::Wanted;
use crate::app::preconditions::Remote;
use crate::app::section::{self, History, Section};
use crate::app::version_files;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::version;

/// The version that a release of what is committed would have: the one asked for, or the one that the entries ask for.
pub fn version_for(project: &Project, history: &History, asked: Option<&str>) -> Result<Version> {
    let name = &project.config.changelog;
    let stored = match &history.head.commit {
        Some(head) => project.repo.file_at(head, name)?,
        None => None,
    };
    let section = section::of_stored(project, history, stored.unwrap_or_default())?;
    let wanted = Wanted {
        version: asked.map(str::to_owned),
        ..Wanted::default()
    };
    let branch = history.head.branch.as_deref().unwrap_or_default();
    choose(project, history, &section, &wanted, branch, None)
}

/// Which version it is: a level counts from the last release, a release or hotfix branch names it, else the entries ask for it.
/// What is tagged anywhere is never used again.
pub fn choose(
    project: &Project,
    history: &History,
    section: &Section,
    wanted: &Wanted,
    branch: &str,
    remote: Option<&Remote>,
) -> Result<Version> {
    let taken = taken(project, remote)?;
    let next = section::next(project, history, section);
    let last = history.last.as_ref().map(|(_, tag)| &tag.version);
    let named = named_by_branch(project, branch);
    let asked = wanted.version.as_deref();
    let level = asked.and_then(version::level);
    let (target, is_free) = match (asked, level, named) {
        (_, Some(level), _) => match last {
            None => (next.version.clone(), false),
            Some(last) => (
                version::free(version::next(Some(last), level, None), level, &taken),
                true,
            ),
        },
        (Some(asked), None, _) => (version::typed(asked)?, true),
        (None, None, Some(named)) => (named, true),
        (None, None, None) => (next.version.clone(), false),
    };
    let target = match is_free {
        true => target,
        false => {
            let reached = prepared(project, history)?.filter(|core| *core > target);
            reached.unwrap_or_else(|| version::free(target, next.level, &taken))
        }
    };
    if let Some(last) = last.filter(|last| target <= **last) {
        return Err(Failure::new(
            Exit::Precondition,
            format!(
                "{target} is not newer than {last}; the next version is {}",
                next.version
            ),
        ));
    }
    Ok(target)
}

/// Its next pre-release.
///
/// # Errors
/// Exit 2 if it is one already, or for a label that is none.
pub fn labelled(
    project: &Project,
    version: Version,
    label: &str,
    remote: Option<&Remote>,
) -> Result<Version> {
    if !version.pre.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            format!("{version} is a pre-release already; leave --pre out"),
        ));
    }
    let mut taken = taken(project, remote)?;
    taken.extend(named_by_files(project, &version)?);
    version::prerelease(&version, label, &taken)
}

/// The version that the files agree on: a pre-release that somebody bumped them to is used.
fn named_by_files(project: &Project, next: &Version) -> Result<Option<Version>> {
    let Some(head) = project.repo.head()?.commit else {
        return Ok(None);
    };
    let mut released = project
        .repo
        .tagged_versions(&project.config.tag_format()?)?;
    released.retain(|version| version.pre.is_empty() && version < next);
    // A release says what is wrong with them.
    let agreed = version_files::agreed(project, &head, released.iter().max());
    Ok(agreed.ok().flatten().map(|held| held.version))
}

/// Every version that a tag names, here or on the remote.
fn taken(project: &Project, remote: Option<&Remote>) -> Result<Vec<Version>> {
    let format = project.config.tag_format()?;
    let mut taken = project.repo.tagged_versions(&format)?;
    if let Some(refs) = remote.and_then(|remote| remote.refs.as_ref()) {
        taken.extend(refs.tags().filter_map(|tag| format.version(tag)));
    }
    Ok(taken)
}

/// `release/v0.2.0` and `hotfix/v0.1.1` are about one version.
fn named_by_branch(project: &Project, branch: &str) -> Option<Version> {
    let kinds = ["release/", "hotfix/"];
    let tag = kinds.iter().find_map(|kind| branch.strip_prefix(kind))?;
    let format = project.config.tag_format().ok()?;
    format.version(tag).or_else(|| version::typed(tag).ok())
}

/// The version that pre-releases in HEAD's history lead to.
fn prepared(project: &Project, history: &History) -> Result<Option<Version>> {
    let format = project.config.tag_format()?;
    let last = history.last.as_ref().map(|(_, tag)| tag.version.clone());
    let Some(head) = &history.head.commit else {
        return Ok(None);
    };
    let mut versions = project.repo.tagged_versions(&format)?;
    versions.retain(|v| !v.pre.is_empty() && last.as_ref().is_none_or(|last| v > last));
    versions.sort();
    for version in versions.into_iter().rev() {
        let at = project
            .repo
            .resolved(&format!("refs/tags/{}", format.tag(&version)));
        if let Some(at) = at
            && project.repo.contains(head, &at)?
        {
            return Ok(Some(version::core(&version)));
        }
    }
    Ok(None)
}
