//! Brings the section up to date when all that happened since the last time is new commits on top: then the work is that of the new
//! commits, however many there are in the section. Refuses whatever may change what older commits tell; that is left to a full update.

use crate::domain::changelog::record::Line;
use crate::domain::commit::message::{Commit, Message};
use crate::domain::failure::Result;
use crate::history::snapshot::Snapshot;
use crate::section::gather;
use crate::section::write::{Payload, Writer};
use crate::sys::files;
use crate::sys::state::{Basis, State};

/// More commits than this at once are a pull or a rebase.
const MOST: usize = 16;

/// Adds the entries of the commits since `state`. False, with nothing written, if something else happened.
pub fn extend(writer: &Writer<'_>, state: &State, snapshot: &Snapshot<'_>) -> Result<bool> {
    let project = snapshot.project;
    let State {
        places,
        basis,
        whole,
        apart,
        ..
    } = state;
    if state.has_notes_to_come {
        return Ok(false); // they may name the new commits
    }
    let Some(commits) = new_commits(snapshot, basis)? else {
        return Ok(false);
    };
    let is_apart = |commit: &Commit| {
        let id = commit.id.hex();
        apart
            .iter()
            .any(|name| *name == commit.author || *id == **name)
    };
    if commits.iter().any(is_apart) {
        return Ok(false); // it may be in the previous release, as another commit
    }
    let path = files::at(project.repo.root(), &project.config.changelog);
    let Some(present) = files::read(&path)? else {
        return Ok(false);
    };
    // Its fingerprint says that it is as it was written, unless somebody has put size and time back.
    if files::digest(&present) != *whole {
        return Ok(false);
    }
    let Some(doc) = places.cut_from(&present) else {
        return Ok(false);
    };
    let Some(lines) = lines_below(snapshot, &commits, &doc) else {
        return Ok(false);
    };
    let Some(mut extended) = places.extended(present, &lines) else {
        return Ok(false);
    };
    extended.date(writer.next_view());
    // A file that was saved meanwhile is read again.
    let outcome = writer.store(Payload::More(&extended), &doc, snapshot.basis.clone())?;
    Ok(outcome.deferral().is_none())
}

/// The commits since the last time, newest first; `None` if there is more to it.
fn new_commits(snapshot: &Snapshot<'_>, before: &Basis) -> Result<Option<Vec<Commit>>> {
    let (project, now) = (snapshot.project, &snapshot.basis);
    let same = Basis {
        head: before.head,
        ..now.clone()
    };
    // A branch without commits has a history of its own.
    let Some(mut id) = now.head else {
        return Ok(None);
    };
    if same != *before || now.blob.is_empty() {
        return Ok(None);
    }
    let reading = project.config.reading();
    let specs = &project.config.specs;
    if specs.have_fragments() || !now.specs.is_empty() && specs.infer() {
        return Ok(None); // a commit may belong to any spec
    }
    let mut commits = Vec::new();
    while Some(id) != before.head {
        let commit = project.repo.commit_read(id, &reading)?;
        let [parent] = commit.parents.as_slice() else {
            return Ok(None);
        };
        if commit.lacks_paths || reaches_back(&commit.message, now) || commits.len() == MOST {
            return Ok(None);
        }
        id = *parent;
        commits.push(commit);
    }
    Ok(Some(commits))
}

/// Whether a commit may change what older commits tell, or be told by a spec that names its issue.
fn reaches_back(message: &Message, now: &Basis) -> bool {
    let has_specs = !now.specs.is_empty();
    message.is_revert()
        || !message.picked_from.is_empty()
        || !message.specs.is_empty()
        || (has_specs && !message.issues.is_empty())
}

/// The lines of commits, if all of them can stand below the others of their categories.
fn lines_below(snapshot: &Snapshot<'_>, commits: &[Commit], doc: &[u8]) -> Option<Vec<Line>> {
    let gathered = gather::of_commits(snapshot.project, commits, doc);
    // Whom a line or a comment means is known when all commits are at hand.
    let mut covered = gathered.covered.iter().chain(&gathered.left_out);
    if covered.any(|omission| omission.reason.is_by_hand()) {
        return None;
    }
    let entries = gathered.entries;
    // These stand before others.
    if entries.iter().any(|entry| entry.breaking || entry.advisory) {
        return None;
    }
    Some(entries.into_iter().map(|entry| entry.line).collect())
}
