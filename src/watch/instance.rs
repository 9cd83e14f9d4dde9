//! The single watcher of a user.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::failure::{Failure, Result};
use crate::sys::{files, lock, process, registry};

/// Maximum time for a watcher to end.
const END: Duration = Duration::from_secs(10);

/// The process ID of the running watcher.
pub fn running() -> Result<Option<String>> {
    if lock::take(&registry::lock_path()?, Duration::ZERO).is_ok() {
        return Ok(None);
    }
    let pid = files::read(&pid_path()?)?.unwrap_or_default();
    Ok(Some(String::from_utf8_lossy(&pid).trim().to_owned()))
}

/// Ends the running watcher, and waits until it has ended, so that its last writes are complete.
///
/// # Errors
/// Fails if that is not permitted, or if the watcher does not end.
pub fn stop(pid: &str) -> Result<()> {
    process::terminate(pid)?;
    lock::take(&registry::lock_path()?, END).map_err(|_| {
        Failure::failed(format!("the watcher, process {pid}, has not ended"))
            .with_remedy(format!("`{}` ends it", process::forced_end(pid)))
    })?;
    Ok(())
}

pub fn pid_path() -> Result<PathBuf> {
    Ok(registry::lock_path()?.with_extension("pid"))
}
