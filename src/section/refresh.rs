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

/// How long a hook waits for a program that holds git's index: it cannot tell one that is soon done from one that waits for the hook.
const INDEX_WAIT: Duration = Duration::from_millis(200);

/// How a section is brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the new commits alone, if nothing else has happened.
    Extend,
    /// From the whole range: something else may have happened.
    Rebuild,
}

/// Brings the sections up to date, as after a commit. What the person who saved a changelog has to know of it.
pub fn refresh(project: &Project, way: Way) -> Result<Vec<String>> {
    let (mut told, mut left_out) = (Vec::new(), None);
    if !wiring::filter_is_set(project) {
        return Ok(told); // lines would get into commits
    }
    let held = hold_in_time(project)?;
    if transition::interrupted(project).is_some() {
        // A person's command finishes that, not a hook in the middle of git's own work.
        return Ok(told);
    }
    if project.repo.index_is_held(INDEX_WAIT) {
        // JGit holds it while it runs hooks (CommitCommand.java): waiting longer would be in vain.
        tracing::info!(
            "another program has locked the index; the next hook or update shows the entries"
        );
        return Ok(told);
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
        let (returned, missing) = refresh_one(snapshot, writer)?;
        told.extend(returned);
        left_out = left_out.take().or(missing);
        Ok(())
    })?;
    left_out.map_or(Ok(told), |words| Err(Failure::failed(words)))
}

/// Waits for other writers as long as there is time.
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

/// What to tell of lines that came back, and of what could not be read.
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
