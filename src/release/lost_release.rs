//! A release that is tagged, but that the changelog does not list any more: reverted, or undone by a commit that came after a
//! release that was killed. Changes nothing: the warning names the command that brings it back.

use crate::domain::changelog::document::Document;
use crate::domain::commit::id::Abbreviation;
use crate::domain::failure::Result;
use crate::history::previous::PreviousRelease;
use crate::history::range::History;
use crate::project::Project;
use crate::transition;

/// What became of the last release, if its section was written and is there no more.
pub fn found(project: &Project, history: &History, doc: &[u8]) -> Result<Option<String>> {
    let last = history.last.as_ref().filter(|last| last.is_in_history());
    let Some(PreviousRelease { commit, tag, .. }) = last else {
        return Ok(None);
    };
    let (repo, name) = (&project.repo, &project.config.changelog);
    let version = tag.version.to_string();
    let has = |bytes: &[u8]| Document::parse(bytes).version(&version).is_some();
    let then = repo.file_at(*commit, name)?;
    let is_lost = then.is_some_and(|then| has(&then)) && !has(doc);
    if !is_lost || transition::interrupted(project).is_some() {
        return Ok(None);
    }
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
        return Ok(Some(format!("{gone}; `git show {tag}:{name}` has it")));
    }
    let back = transition::bring_back(&undone, *commit);
    Ok(Some(format!(
        "{gone}: a later commit takes it back. Commit or stash what you have, then `{back}` brings it here again: commit that. Or it was meant: {if_nobody}"
    )))
}
