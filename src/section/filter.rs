//! `relwatch filter clean PATH`: git's clean filter. Generated lines do not get into blobs.

use std::path::Path;

use crate::config::Storage;
use crate::history::range;
use crate::project::Project;
use crate::section::compute;
use crate::sys::deadline::Deadline;
use crate::sys::files;
use crate::sys::git::{Repo, ownership};
use crate::sys::state::{self, FoundState, State};

/// The bytes git is to store for `present`. Whatever goes wrong, the user's bytes come back unchanged: a filter
/// must never lose or block a commit.
///
/// `begin` says, once the repository is known, when the time is over.
pub fn clean(
    start: &Path,
    path: &str,
    present: Vec<u8>,
    begin: impl FnOnce(&Repo) -> Deadline,
) -> Vec<u8> {
    let opened = Repo::open(start).and_then(|repo| {
        let deadline = begin(&repo);
        Project::in_time(repo, deadline)
    });
    let Ok(project) = opened else {
        return by_record(start, path, present);
    };
    if project.config.storage == Storage::Tracked {
        return present;
    }
    let mut parts = project.components().into_iter();
    let Some(project) = parts.find(|part| part.config.changelog == path) else {
        return as_recorded(project.repo.git_dir(), path, present);
    };
    let found = state::load(&project.state_dir());
    let as_written = |state: &State| {
        let is_whole = state.whole == files::digest(&present);
        is_whole.then(|| state.places.cut_from(&present)).flatten()
    };
    let settled = found.as_ref().filter(|found| found.is_settled());
    if let Some(doc) = settled.and_then(|found| as_written(found.state())) {
        return doc;
    }
    let inserted = found.as_ref().and_then(|found| found.inserted());
    if let Some(doc) = inserted.and_then(|i| i.record.untouched(&present)) {
        return doc;
    }
    if let Some(doc) = just_replaced(&project, &present) {
        return doc;
    }
    // git wrote the file, in the middle of a rebase for example: blobs hold no generated lines, and what looks like ours
    // is a person's.
    let blob = project.repo.indexed_bytes(path).ok().flatten();
    if blob.as_deref() == Some(&present[..]) {
        return present;
    }
    let Some(inserted) = inserted else {
        return match range::read(&project) {
            Ok(history) => compute::unrecorded(&project, &history, blob, &present),
            Err(_) => present,
        };
    };
    let doc = compute::cleaned(&present, inserted);
    let missing = compute::missing(&present, inserted);
    if missing.is_empty() {
        return doc;
    }
    // A person deleted lines: the commit says so, as the next update will.
    match range::read(&project) {
        Ok(history) => compute::hand_written(&project, &history, doc, &missing).0,
        Err(_) => doc,
    }
}

/// What git is to see by what was recorded alone. Neither a configuration that cannot be read, for example while it is edited, nor a
/// repository whose settings are not to be read because git does not trust its owner, nor work that takes too long, brings generated lines into commits.
pub fn by_record(start: &Path, path: &str, present: Vec<u8>) -> Vec<u8> {
    match ownership::git_dir(start) {
        Some(git_dir) => as_recorded(&git_dir, path, present),
        None => present,
    }
}

/// What git is to see of a file that the configuration does not name, but did when it was written last; also if it was moved since.
fn as_recorded(git_dir: &Path, path: &str, present: Vec<u8>) -> Vec<u8> {
    let folders = state::folders(git_dir).unwrap_or_default();
    let all = folders.iter().filter_map(|folder| state::load(folder));
    let all: Vec<FoundState> = all.filter(|found| found.inserted().is_some()).collect();
    let is_its = |found: &&FoundState| found.state().changelog == path;
    let is_moved = |found: &&FoundState| {
        let record = found.inserted().map(|inserted| &inserted.record);
        let record = record.filter(|record| !record.is_empty());
        record.is_some_and(|record| record.untouched(&present).is_some())
    };
    let mut found = all.iter().find(is_its);
    found = found.or_else(|| all.iter().find(is_moved));
    // Lines are there in `storage: tracked` only.
    let found = found.filter(|found| found.state().lines.is_empty());
    match found.and_then(FoundState::inserted) {
        Some(inserted) => compute::cleaned(&present, inserted),
        None => present,
    }
}

/// git has read the file as it was before the last update, which came just then. If the file is still so, a person made it so.
fn just_replaced(project: &Project, present: &[u8]) -> Option<Vec<u8>> {
    let before = state::before(&project.state_dir())?;
    let is_whole = before.whole == files::digest(present);
    let path = files::at(project.repo.root(), &project.config.changelog);
    if !is_whole || files::read(&path).ok()?.as_deref() == Some(present) {
        return None;
    }
    before.places.cut_from(present)
}
