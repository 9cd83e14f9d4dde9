//! Takes generated lines out of files that are no changelog any more.

use std::path::PathBuf;

use crate::config::Storage;
use crate::domain::failure::Result;
use crate::history::range;
use crate::project::Project;
use crate::section::compute;
use crate::sys::files::{self, Durable};
use crate::sys::lock::WriteLock;
use crate::sys::state;

/// Takes the generated lines out of every changelog. Says out of which.
pub fn remove_view(project: &Project, held: &WriteLock) -> Result<Vec<String>> {
    let mut all = kept(project)?;
    // One whose state was lost is known by the configuration.
    for part in project.components() {
        let changelog = part.config.changelog.clone();
        if !all.iter().any(|kept| kept.changelog == changelog) {
            all.push(Kept {
                folder: part.state_dir(),
                changelog,
                found: None,
            });
        }
    }
    let mut cleared = Vec::new();
    for kept in all {
        cleared.extend(clear(project, held, &kept)?.then_some(kept.changelog));
    }
    Ok(cleared)
}

/// Takes the generated lines out of changelogs that the configuration does not name any more.
pub fn retire(project: &Project, held: &WriteLock) -> Result<()> {
    for kept in retired(project)? {
        clear(project, held, &kept)?;
    }
    Ok(())
}

/// The changelogs that were kept when the configuration named others.
pub fn retired(project: &Project) -> Result<Vec<Kept>> {
    if project.name().is_some() {
        return Ok(Vec::new()); // the others are other components'
    }
    let parts = project.components();
    let mut kept = kept(project)?;
    let is_there = |path: &str| files::exists(&files::at(project.repo.root(), path));
    kept.retain(|kept| {
        // A component that has moved has taken its changelog along, with the lines in it.
        let has_moved = |to: &str| !is_there(&kept.changelog) && is_there(to);
        let is_its = |part: &Project| {
            let path = &part.config.changelog;
            part.state_dir() == kept.folder && (*path == kept.changelog || has_moved(path))
        };
        !parts.iter().any(is_its)
    });
    Ok(kept)
}

/// A changelog that has been written, with its state.
pub struct Kept {
    folder: PathBuf,
    changelog: String,
    found: Option<state::Found>,
}

fn kept(project: &Project) -> Result<Vec<Kept>> {
    let all = state::folders(project.repo.git_dir())?.into_iter();
    let kept = all.filter_map(|folder| {
        let found = state::load(&folder)?;
        Some(Kept {
            folder,
            changelog: found.state.changelog.clone(),
            found: Some(found),
        })
    });
    Ok(kept.collect())
}

fn clear(project: &Project, _held: &WriteLock, kept: &Kept) -> Result<bool> {
    let path = files::at(project.repo.root(), &kept.changelog);
    let present = files::read(&path)?;
    let mut written = false;
    // Stored lines are in commits: they are the repository's.
    if let Some(present) = present.filter(|_| project.config.storage == Storage::View) {
        let doc = match kept.found.as_ref().and_then(state::Found::inserted) {
            Some(inserted) => compute::cleaned(&present, &inserted),
            None => unrecorded(project, &kept.changelog, present)?,
        };
        written = files::replace(&path, &doc, Durable::Yes)?;
        let seen = files::content_fingerprint(&path);
        project.repo.refresh(&kept.changelog, &doc, &seen)?;
    }
    state::forget(&kept.folder)?;
    Ok(written)
}

fn unrecorded(project: &Project, changelog: &str, present: Vec<u8>) -> Result<Vec<u8>> {
    let blob = project.repo.indexed_bytes(changelog)?;
    if blob.as_deref() == Some(&present[..]) {
        return Ok(present); // git wrote it
    }
    let parts = project.components();
    let own = parts.iter().find(|p| p.config.changelog == changelog);
    let own = own.unwrap_or(project);
    let history = range::read(own)?;
    Ok(compute::unrecorded(own, &history, blob, &present))
}
