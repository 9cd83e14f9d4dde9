//! Brings every section up to date, as after a commit.

use std::time::Duration;

use crate::domain::failure::{Exit, Failure, Result};
use crate::history::range;
use crate::history::snapshot::Snapshot;
use crate::project::view::ViewObstacle;
use crate::project::{Project, leftovers, wiring, write_lock};
use crate::section::extend::extend;
use crate::section::retire;
use crate::section::write::{self, Writer};
use crate::sys::lock::{HOOK_WAIT, WriteLock};
use crate::sys::state;
use crate::transition;

/// How long a hook waits for a program that has locked git's index: that program may finish soon, or it may itself wait for the hook.
const INDEX_WAIT: Duration = Duration::from_millis(200);

/// How a section is brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the new commits alone, if nothing else has happened.
    Extend,
    /// From the whole range: something else may have happened.
    Rebuild,
}

/// Brings the sections up to date, as after a commit. Returns messages for the user who saved a changelog.
pub fn refresh(project: &Project, way: Way) -> Result<Vec<String>> {
    let (mut told, mut left_out) = (Vec::new(), None);
    if !wiring::filter_is_set(project) {
        return Ok(told); // lines would get into commits
    }
    let held = hold_in_time(project)?;
    if transition::interrupted(project).is_some() {
        // A command of the user completes it, not a hook in the middle of git's own work.
        return Ok(told);
    }
    if project.repo.index_is_held(INDEX_WAIT) {
        // JGit keeps the index locked while it runs hooks (CommitCommand.java): waiting longer would not help.
        tracing::info!(
            "another program has locked the index; the next hook or update shows the entries"
        );
        return Ok(told);
    }
    // HEAD is read under the lock: the process that had the lock may have moved it.
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
        // The configuration can only have changed if the section was not extended.
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
        let (returned, missing) = refresh_one(snapshot, writer)?;
        told.extend(returned);
        left_out = left_out.take().or(missing);
        Ok(())
    })?;
    left_out.map_or(Ok(told), |words| Err(Failure::failed(words)))
}

/// Waits for other writers until the deadline.
fn hold_in_time(project: &Project) -> Result<WriteLock> {
    let deadline = &project.deadline;
    deadline.check()?;
    let left = deadline.left().filter(|left| *left < HOOK_WAIT);
    let held = write_lock::hold_for(project, left.unwrap_or(HOOK_WAIT));
    held.map_err(|busy| match (left, busy.exit) {
        (Some(_), Exit::Pending) => deadline.over().unwrap_or(busy),
        _ => busy,
    })
}

/// Messages about lines that came back, and about what could not be read.
fn refresh_one(
    snapshot: Snapshot<'_>,
    writer: Writer<'_>,
) -> Result<(Vec<String>, Option<String>)> {
    let project = snapshot.project;
    let history = range::since_release(snapshot)?;
    let (_, section) = writer.write(&history)?;
    for warning in &history.warnings {
        tracing::warn!("{warning}");
    }
    let name = &project.config.changelog;
    if let Some(trouble) = section.as_ref().and_then(|s| write::trouble(s, name)) {
        tracing::warn!("{trouble}");
    }
    let returned = section.map_or(Vec::new(), |s| write::returned(&s, name));
    for words in &returned {
        tracing::info!("{words}");
    }
    Ok((returned, history.left_out()))
}
