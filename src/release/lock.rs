//! One release at a time. A release cannot begin while another one runs, or a command that it started.

use crate::domain::failure::{Exit, Failure, Result};
use crate::project::{Project, write_lock};
use crate::sys::lock::ReleaseLock;
use crate::transition;

/// Blocks other releases of this repository; commands that the release starts share the lock. First completes an interrupted move.
///
/// # Errors
/// Fails if another release is running.
pub fn begin(project: &Project) -> Result<ReleaseLock> {
    let release = wait(project)?;
    let held = write_lock::hold(project)?;
    transition::finish_pending(project, &held)?;
    transition::settle(project)?;
    Ok(release)
}

pub fn wait(project: &Project) -> Result<ReleaseLock> {
    let taken = ReleaseLock::take(project.repo.common_dir());
    let release = taken.map_err(|error| match error.exit {
        Exit::Pending => Failure::new(
            Exit::Pending,
            "another release is at work in this repository, or a command that it started",
        )
        .with_remedy("try again when it is done"),
        _ => error,
    })?;
    project.repo.remove_left_trees()?;
    Ok(release)
}
