//! Fast path for updating the section if the only change since the last update is new commits on top: the cost depends on the number of new
//! commits, not on the size of the section. Anything that may change the entries of older commits is left to a full update.

use crate::domain::changelog::record::Line;
use crate::domain::commit::message::{Commit, Message};
use crate::domain::failure::Result;
use crate::history::snapshot::Snapshot;
use crate::section::gather;
use crate::section::write::{Payload, Writer};
use crate::sys::files;
use crate::sys::state::{Basis, State};

/// Maximum number of commits. More at once are a pull or a rebase.
const MOST: usize = 16;

/// Adds the entries of the commits since `state`. Returns false and writes nothing if anything else happened.
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
    // The fingerprint says that the file is unchanged, unless size and time were reset.
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
    // If the file was saved meanwhile, it is read again.
    let outcome = writer.store(Payload::More(&extended), &doc, snapshot.basis.clone())?;
    Ok(outcome.deferral().is_none())
}

/// The commits since the last update, newest first. `None` if anything else happened.
fn new_commits(snapshot: &Snapshot<'_>, before: &Basis) -> Result<Option<Vec<Commit>>> {
    let (project, now) = (snapshot.project, &snapshot.basis);
    let same = Basis {
        head: before.head,
        ..now.clone()
    };
    // A branch without commits has its own history.
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

/// Whether a commit may change the entries of older commits, or be described by a spec that names its issue.
fn reaches_back(message: &Message, now: &Basis) -> bool {
    let has_specs = !now.specs.is_empty();
    message.is_revert()
        || !message.picked_from.is_empty()
        || !message.specs.is_empty()
        || (has_specs && !message.issues.is_empty())
}

/// The lines of commits, if all of them can be added below the others of their categories.
fn lines_below(snapshot: &Snapshot<'_>, commits: &[Commit], doc: &[u8]) -> Option<Vec<Line>> {
    let gathered = gather::of_commits(snapshot.project, commits, doc);
    // Resolving the commit that a line or comment means requires all commits.
    let mut covered = gathered.covered.iter().chain(&gathered.left_out);
    if covered.any(|omission| omission.reason.is_by_hand()) {
        return None;
    }
    let entries = gathered.entries;
    // These entries precede others.
    if entries.iter().any(|entry| entry.breaking || entry.advisory) {
        return None;
    }
    Some(entries.into_iter().map(|entry| entry.line).collect())
}
