//! The lock that every writer of a repository takes.

use std::time::Duration;

use crate::domain::failure::Result;
use crate::project::{Project, leftovers};
use crate::sys::lock::{COMMAND_WAIT, WriteLock};

/// Waits until no other command or hook writes here, and removes leftovers of killed ones.
///
/// # Errors
/// Exit 7 if another one is still writing after [`COMMAND_WAIT`].
pub fn hold(project: &Project) -> Result<WriteLock> {
    let held = hold_for(project, COMMAND_WAIT)?;
    leftovers::clear(project, &held);
    Ok(held)
}

/// Waits at most `patience`, and removes nothing.
///
/// # Errors
/// Exit 7 if another command or hook is still writing.
pub fn hold_for(project: &Project, patience: Duration) -> Result<WriteLock> {
    WriteLock::take(project.repo.common_dir(), patience)
}
