//! One release at a time. Refuses to begin while another one is at work, or a command that it started.

use crate::domain::failure::{Exit, Failure, Result};
use crate::project::{Project, write_lock};
use crate::sys::lock::ReleaseLock;
use crate::transition;

/// Keeps other releases of this repository waiting; what a release starts shares it. A move that was interrupted is brought to its
/// end first.
///
/// # Errors
/// If another release is at work.
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
