//! Brings every section up to date, as after a commit.

use crate::domain::failure::{Exit, Result};
use crate::history::range;
use crate::project::{Project, leftovers, wiring, write_lock};
use crate::section::{retire, write};
use crate::sys::lock::{HOOK_WAIT, WriteLock};
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
    let held = hold_in_time(project)?;
    if transition::interrupted(project).is_some() {
        // A person's command finishes that, not a hook in the middle of git's own work.
        return Ok(());
    }
    let may_extend = way == Way::Extend && !project.repo.between_patches();
    let mut is_first = true;
    project.each(|part| {
        if may_extend && write::extend(part, &held)? {
            return Ok(());
        }
        // Only then may the configuration be another one.
        if std::mem::take(&mut is_first) {
            retire::retire(project, &held)?;
            leftovers::clear(project, &held);
        }
        refresh_one(part, &held)
    })
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

fn refresh_one(project: &Project, held: &WriteLock) -> Result<()> {
    let history = range::read(project)?;
    let (_, section) = write::write(project, held, &history)?;
    for warning in &history.warnings {
        tracing::warn!("{warning}");
    }
    if let Some(trouble) = section.and_then(|s| write::trouble(&s, &project.config.changelog)) {
        tracing::warn!("{trouble}");
    }
    Ok(())
}
