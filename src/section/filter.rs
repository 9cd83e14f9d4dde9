//! `relwatch filter clean PATH`: git's clean filter. Keeps generated lines out of blobs.

use std::path::Path;
use std::rc::Rc;

use crate::config::Storage;
use crate::domain::entry::category::Security;
use crate::history::range;
use crate::project::Project;
use crate::section::{compute, judge};
use crate::sys::deadline::Deadline;
use crate::sys::files;
use crate::sys::git::Repo;
use crate::sys::state::{self, FoundState};

/// The bytes that git should store for `present`. On any error the user's bytes are returned unchanged: a filter must never lose or block a
/// commit.
pub fn clean(repo: Rc<Repo>, deadline: Deadline, path: &str, present: Vec<u8>) -> Vec<u8> {
    let git_dir = repo.git_dir().to_owned();
    let Ok(project) = Project::in_time(repo, deadline) else {
        return by_record(&git_dir, path, present);
    };
    if project.config.storage == Storage::Tracked {
        return present;
    }
    let mut parts = project.components().into_iter();
    let Some(project) = parts.find(|part| part.config.changelog == path) else {
        return by_record(&git_dir, path, present);
    };
    let found = state::load(&project.state_dir());
    if let Some(doc) = found.as_ref().and_then(|f| judge::as_written(&present, f)) {
        return doc;
    }
    let inserted = found.as_ref().and_then(FoundState::inserted);
    if let Some(doc) = inserted.and_then(|i| i.record.untouched(&present)) {
        return doc;
    }
    if let Some(doc) = found
        .as_ref()
        .and_then(|f| just_replaced(&project, &present, f))
    {
        return doc;
    }
    let blob = project.repo.indexed_bytes(path).ok().flatten();
    let order = project.config.categories.titles(Security::InOrder);
    let stored = blob.as_deref().map(|blob| (&*project.repo, blob));
    let judge = |found| judge::judge(stored, &order, &present, found);
    let judged = found.as_ref().and_then(judge);
    let Some(judged) = judged else {
        if blob.as_deref() == Some(&present[..]) {
            return present; // git wrote it: no history need be read
        }
        return match range::read(&project) {
            Ok(history) => compute::unrecorded(&project, &history, blob.as_deref(), &present),
            Err(_) => present,
        };
    };
    if !judged.lacks_lines() {
        return judged.doc;
    }
    // The user deleted lines: the commit records that, as the next update would.
    let Ok(history) = range::read(&project) else {
        return judged.doc;
    };
    let judged = judged.excused(&history.commits);
    let missing = judged.missing();
    compute::hand_written(&project, &history, judged.doc, &missing).doc
}

/// The content that git should see, based on the record alone, also if the file was moved since. Generated lines stay out of commits even
/// if the configuration cannot be read (for example while it is edited), if it no longer names the file, if git does not trust the
/// repository, or if the work takes too long.
pub fn by_record(git_dir: &Path, path: &str, present: Vec<u8>) -> Vec<u8> {
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
    // Only files with `storage: tracked` have lines here.
    let found = found.filter(|found| found.state().lines.is_empty());
    let Some(found) = found else { return present };
    let judged = || judge::judge(None, &[], &present, found);
    let doc = judge::as_written(&present, found).or_else(|| Some(judged()?.doc));
    doc.unwrap_or(present)
}

/// Handles the case that git read the file just before the last update replaced it. If the file still has that content, the user restored
/// it.
fn just_replaced(project: &Project, present: &[u8], found: &FoundState) -> Option<Vec<u8>> {
    let before = found.before();
    let is_whole = before.whole == files::digest(present);
    let path = files::at(project.repo.root(), &project.config.changelog);
    if !is_whole || files::read(&path).ok()?.as_deref() == Some(present) {
        return None;
    }
    before.places.cut_from(present)
}
