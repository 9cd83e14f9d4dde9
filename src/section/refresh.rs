//! Brings every section up to date, as after a commit.

use crate::domain::failure::Result;
use crate::history::range;
use crate::history::snapshot::Snapshot;
use crate::project::view::ViewObstacle;
use crate::project::{Project, leftovers, wiring, write_lock};
use crate::section::extend::extend;
use crate::section::retire;
use crate::section::write::{self, Writer};
use crate::sys::lock::HOOK_WAIT;
use crate::sys::state;
use crate::transition;

/// How a section is brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the new commits alone, if nothing else has happened.
    Extend,
    /// From the whole range: something else may have happened.
    Rebuild,
}

/// Brings the sections up to date, as after a commit.
pub fn refresh(project: &Project, way: Way) -> Result<()> {
    if !wiring::filter_is_set(project) {
        return Ok(()); // lines would get into commits
    }
    let held = write_lock::hold_for(project, HOOK_WAIT)?;
    if transition::interrupted(project).is_some() {
        // A person's command finishes that, not a hook in the middle of git's own work.
        return Ok(());
    }
    // Under the lock: what was waited for may have moved it.
    let head = project.repo.head()?;
    let may_extend = way == Way::Extend && !project.repo.between_patches();
    let mut is_first = true;
    let mut states = Vec::new();
    project.each(|part| {
        if let Some(obstacle) = ViewObstacle::find(part)? {
            retire::remove_unsafe_view(part, &held)?;
            let name = &part.config.changelog;
            tracing::info!("{name} is left alone: {obstacle}");
            return obstacle.failure(name).map_or(Ok(()), Err);
        }
        let folder = part.state_dir();
        let mut writer = Writer::knowing(part, &held, state::of_folder(&mut states, &folder));
        let mut snapshot = None;
        if let Some(found) = writer.extendable().filter(|_| may_extend) {
            let taken = Snapshot::take(part, head.clone())?;
            if extend(&writer, found.state(), &taken)? {
                return Ok(());
            }
            snapshot = Some(taken);
        }
        // Only then may the configuration be another one.
        if std::mem::take(&mut is_first) {
            states.extend(writer.into_found());
            let retired = retire::retire(project, &held, std::mem::take(&mut states))?;
            states = retired.states;
            writer = Writer::knowing(part, &held, state::of_folder(&mut states, &folder));
            snapshot = snapshot.filter(|_| !retired.any); // it may have been about the same file
            leftovers::clear(project, &held);
        }
        let snapshot = match snapshot {
            Some(taken) => taken,
            None => Snapshot::take_to_read(part, head.clone())?,
        };
        refresh_one(snapshot, writer)
    })
}

fn refresh_one(snapshot: Snapshot<'_>, writer: Writer<'_>) -> Result<()> {
    let project = snapshot.project;
    let history = range::since_release(snapshot)?;
    let (_, section) = writer.write(&history)?;
    for warning in &history.warnings {
        tracing::warn!("{warning}");
    }
    if let Some(trouble) = section.and_then(|s| write::trouble(&s, &project.config.changelog)) {
        tracing::warn!("{trouble}");
    }
    Ok(())
}
