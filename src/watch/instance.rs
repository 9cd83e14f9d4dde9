//! The one watcher of a user.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::failure::Result;
use crate::sys::{files, lock, registry};

/// The process ID of the running watcher.
pub fn running() -> Result<Option<String>> {
    if lock::take(&registry::lock_path()?, Duration::ZERO).is_ok() {
        return Ok(None);
    }
    let pid = files::read(&pid_path()?)?.unwrap_or_default();
    Ok(Some(String::from_utf8_lossy(&pid).trim().to_owned()))
}

pub fn pid_path() -> Result<PathBuf> {
    Ok(registry::lock_path()?.with_extension("pid"))
}
