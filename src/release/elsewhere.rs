//! Releases of this project on branches that are not merged here: their sections are missing from the changelog of this line. Only commands
//! look for them, never hooks, because it reads tags that HEAD cannot reach. Changes nothing.

use semver::Version;

use crate::domain::changelog::document::Document;
use crate::domain::changelog::port;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::version::{self, form};
use crate::history::range::History;
use crate::project::Project;
use crate::sys::git::ReleaseTag;

/// Most tags whose changelogs are read, newest versions first.
const MOST: usize = 20;

/// Final releases with a section at their tag but not in the changelog `doc`, newest first. Only releases that HEAD cannot reach, newer
/// than the oldest section here and older than `next`, this line's next release.
pub fn missing(
    project: &Project,
    history: &History,
    doc: &[u8],
    next: Option<&Version>,
) -> Result<Vec<(CommitId, ReleaseTag)>> {
    let doc = Document::parse(doc);
    let here: Vec<Version> = doc.versions().filter_map(form::read).collect();
    let last = history.last.as_ref().map(|last| &last.tag.version);
    let (Some(head), Some(oldest), Some(limit)) = (
        history.head.commit,
        here.iter().min(),
        next.or(last).map(version::core),
    ) else {
        return Ok(Vec::new());
    };
    let is_between = |version: &Version| oldest < version && *version < limit;
    let mut found = history.tags.named.clone();
    found.retain(|(_, tag)| {
        let version = &tag.version;
        version.pre.is_empty() && is_between(version) && !here.contains(version)
    });
    order::by(&mut found, |a, b| b.1.version.cmp(&a.1.version));
    found.truncate(MOST);
    let mut missing = Vec::new();
    for (commit, tag) in found {
        if has_section(project, commit, &tag)? && !project.repo.contains(head, commit)? {
            missing.push((commit, tag));
        }
    }
    Ok(missing)
}

/// Whether the changelog at a tag's commit has the section of its version.
fn has_section(project: &Project, commit: CommitId, tag: &ReleaseTag) -> Result<bool> {
    let bytes = changelog_at(project, commit)?;
    let version = tag.version.to_string();
    Ok(bytes.is_some_and(|bytes| port::has(&bytes, &version)))
}

/// The changelog at a commit: under its present name, else under the name in that commit's configuration.
pub fn changelog_at(project: &Project, commit: CommitId) -> Result<Option<Vec<u8>>> {
    let repo = &project.repo;
    if let Some(bytes) = repo.file_at(commit, &project.config.changelog)? {
        return Ok(Some(bytes));
    }
    let then = project.as_of(commit)?.config;
    let then = match project.name() {
        Some(name) => then.component(name),
        None => Some(then),
    };
    match then.filter(|then| then.changelog != project.config.changelog) {
        Some(then) => repo.file_at(commit, &then.changelog),
        None => Ok(None),
    }
}
