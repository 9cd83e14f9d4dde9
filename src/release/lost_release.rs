//! A release that is tagged but no longer in the changelog: it was reverted, or a commit made after a killed release undid it. Changes
//! nothing: the warning names the command that restores it.

use crate::domain::changelog::document::Document;
use crate::domain::changelog::port;
use crate::domain::commit::id::Abbreviation;
use crate::domain::failure::Result;
use crate::domain::ref_name::RefName;
use crate::history::previous::PreviousRelease;
use crate::history::range::History;
use crate::project::Project;
use crate::transition;

/// A warning about the last release, if its section was written and is missing now.
pub fn found(project: &Project, history: &History, doc: &[u8]) -> Result<Option<String>> {
    let last = history.last.as_ref().filter(|last| last.is_in_history());
    let Some(PreviousRelease { commit, tag, .. }) = last else {
        return Ok(None);
    };
    let (repo, name) = (&project.repo, &project.config.changelog);
    let version = tag.version.to_string();
    if port::has(doc, &version) || transition::interrupted(project).is_some() {
        return Ok(None);
    }
    let then = repo.file_at(*commit, name)?.unwrap_or_default();
    let then = Document::parse(&then);
    let Some(section) = then.version(&version) else {
        return Ok(None);
    };
    let named = repo.short_name(&RefName::tag(&tag.name));
    let tag = &tag.name;
    let gone = format!("{tag} is tagged, but {name} has no section of it any more");
    let if_nobody = format!("if nobody has the release, remove the tag with `git tag -d {tag}`");
    let reverts = |id: &String| Abbreviation::parse(id).is_some_and(|id| id.names(commit));
    let mut later = history.commits.iter();
    if let Some(revert) = later.find(|later| later.message.reverts.iter().any(reverts)) {
        let short = revert.short();
        return Ok(Some(format!("{gone}: {short} reverts it; {if_nobody}")));
    }
    let parents = repo.commit(*commit)?.parents;
    let undone = match parents.first() {
        Some(before) => transition::undone(project, *before, *commit)?,
        None => Vec::new(),
    };
    if !undone.contains(name) {
        let heading = then.text(&section.heading);
        if is_replaced(&then, doc) || is_elsewhere(project, history, &heading)? {
            return Ok(None);
        }
        return Ok(Some(format!("{gone}; `git show {named}:{name}` has it")));
    }
    let back = transition::bring_back(&undone, *commit);
    Ok(Some(format!(
        "{gone}: a later commit reverts it. Commit or stash your changes, run `{back}` and commit the result. If the revert was intended: {if_nobody}"
    )))
}

/// Whether the changelog lists none of the releases that it listed then: it was moved away, or `init` wrote a new one.
fn is_replaced(then: &Document<'_>, doc: &[u8]) -> bool {
    let now = Document::parse(doc);
    then.versions().count() > 1
        && !then
            .versions()
            .any(|version| now.version(version).is_some())
}

/// Whether another file contains the section's heading now.
fn is_elsewhere(project: &Project, history: &History, heading: &str) -> Result<bool> {
    let line = heading.lines().next().unwrap_or_default();
    match history.head.commit {
        Some(head) => project
            .repo
            .is_elsewhere(head, line, &project.config.changelog),
        None => Ok(false),
    }
}
