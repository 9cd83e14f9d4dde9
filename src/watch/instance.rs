//! The one watcher of a user.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::failure::{Failure, Result};
use crate::sys::{files, lock, process, registry};

/// How long a watcher may take to end.
const END: Duration = Duration::from_secs(10);

/// The process ID of the running watcher.
pub fn running() -> Result<Option<String>> {
    if lock::take(&registry::lock_path()?, Duration::ZERO).is_ok() {
        return Ok(None);
    }
    let pid = files::read(&pid_path()?)?.unwrap_or_default();
    Ok(Some(String::from_utf8_lossy(&pid).trim().to_owned()))
}

/// Ends the running watcher, and waits until it has ended: what it writes then is written whole.
///
/// # Errors
/// If it may not be ended, or goes on.
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
