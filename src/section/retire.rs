//! Removes generated lines from files that are no longer changelogs.

use std::path::PathBuf;

use crate::config::Storage;
use crate::domain::failure::Result;
use crate::history::range;
use crate::project::{Project, view};
use crate::section::{compute, judge};
use crate::sys::files::{self, Durable};
use crate::sys::lock::WriteLock;
use crate::sys::state::{self, FoundState};

/// Removes the generated lines from every changelog. Returns the changed files.
pub fn remove_view(project: &Project, held: &WriteLock) -> Result<Vec<String>> {
    let mut all = kept(project, Vec::new())?;
    // If a state was lost, the configuration still names the changelog.
    for part in project.components() {
        let changelog = part.config.changelog.clone();
        if !all.iter().any(|kept| kept.changelog == changelog) {
            all.push(WrittenChangelog {
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

/// Removes the generated lines, as far as they are recorded, from a changelog that git would not clean. Otherwise they would get into the
/// next commit.
pub fn remove_unsafe_view(project: &Project, held: &WriteLock) -> Result<()> {
    if view::other_filter(&project.repo, &project.config.changelog)?.is_some() {
        view::yield_to_others(&project.repo)?;
    }
    match state::load(&project.state_dir()) {
        Some(found) => clear(project, held, &found.into()).map(drop),
        None => Ok(()),
    }
}

/// The result of removing lines from former changelogs.
pub struct Retired {
    /// Whether there were former changelogs.
    pub any: bool,
    /// The states of the other changelogs, if they were read.
    pub states: Vec<FoundState>,
}

/// Removes the generated lines from changelogs that the configuration no longer names. `states` are those that were read under the lock. No
/// others are read if the project is one of several components.
pub fn retire(project: &Project, held: &WriteLock, states: Vec<FoundState>) -> Result<Retired> {
    let (retired, current) = sorted(project, states)?;
    for kept in &retired {
        clear(project, held, kept)?;
    }
    Ok(Retired {
        any: !retired.is_empty(),
        states: current.into_iter().filter_map(|kept| kept.found).collect(),
    })
}

/// Whether there is a former changelog that the configuration no longer names.
pub fn is_due(project: &Project) -> Result<bool> {
    let (retired, _) = sorted(project, Vec::new())?;
    Ok(!retired.is_empty())
}

/// The former changelogs, which the configuration no longer names, and the current ones.
fn sorted(
    project: &Project,
    states: Vec<FoundState>,
) -> Result<(Vec<WrittenChangelog>, Vec<WrittenChangelog>)> {
    if project.name().is_some() {
        // The other states belong to other components.
        return Ok((
            Vec::new(),
            states.into_iter().map(WrittenChangelog::from).collect(),
        ));
    }
    let parts = project.components();
    let is_there = |path: &str| files::exists(&files::at(project.repo.root(), path));
    let kept = kept(project, states)?.into_iter();
    Ok(kept.partition(|kept| {
        // A component that was moved has taken its changelog along, with the lines in it.
        let has_moved = |to: &str| !is_there(&kept.changelog) && is_there(to);
        let is_its = |part: &Project| {
            let path = &part.config.changelog;
            part.state_dir() == kept.folder && (*path == kept.changelog || has_moved(path))
        };
        !parts.iter().any(is_its)
    }))
}

/// A changelog that relwatch has written, with its state.
struct WrittenChangelog {
    folder: PathBuf,
    changelog: String,
    found: Option<FoundState>,
}

impl From<FoundState> for WrittenChangelog {
    fn from(found: FoundState) -> WrittenChangelog {
        WrittenChangelog {
            folder: found.folder().to_owned(),
            changelog: found.state().changelog.clone(),
            found: Some(found),
        }
    }
}

/// All written changelogs. States that are not among `states` are read from their directories.
fn kept(project: &Project, mut states: Vec<FoundState>) -> Result<Vec<WrittenChangelog>> {
    let all = state::folders(project.repo.git_dir())?.into_iter();
    let kept = all.filter_map(|folder| {
        let found = state::of_folder(&mut states, &folder)?;
        Some(WrittenChangelog::from(found))
    });
    Ok(kept.collect())
}

fn clear(project: &Project, _held: &WriteLock, kept: &WrittenChangelog) -> Result<bool> {
    let path = files::at(project.repo.root(), &kept.changelog);
    let present = files::read(&path)?;
    let mut written = false;
    // Stored lines are in commits: they belong to the repository.
    if let Some(present) = present.filter(|_| project.config.storage == Storage::View) {
        let doc = without_lines(project, kept, present)?;
        written = files::replace(&path, &doc, Durable::Yes)?;
        let seen = files::content_fingerprint(&path);
        // If another tool has a filter, git should see the content that its filter produces.
        if view::other_filter(&project.repo, &kept.changelog)?.is_none() {
            project.repo.refresh(&kept.changelog, &doc, &seen)?;
        }
    }
    state::forget(&kept.folder)?;
    Ok(written)
}

/// The hand-written content of a file.
fn without_lines(project: &Project, kept: &WrittenChangelog, present: Vec<u8>) -> Result<Vec<u8>> {
    let found = kept.found.as_ref();
    if let Some(doc) = found.and_then(|found| judge::as_written(&present, found)) {
        return Ok(doc);
    }
    // From the record alone: through another filter, generated lines may have got into git's version, too.
    if let Some(judged) = found.and_then(|found| judge::judge(None, &[], &present, found)) {
        return Ok(judged.doc);
    }
    let blob = project.repo.indexed_bytes(&kept.changelog)?;
    let parts = project.components();
    let own = parts.iter().find(|p| p.config.changelog == kept.changelog);
    let own = own.unwrap_or(project);
    let history = range::read(own)?;
    Ok(compute::unrecorded(
        own,
        &history,
        blob.as_deref(),
        &present,
    ))
}
