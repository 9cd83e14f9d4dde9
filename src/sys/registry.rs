//! The list of watched repositories: one path per line, in the user's configuration directory.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::failure::{Failure, Result};
use crate::sys::files::{self, Durable};
use crate::sys::layout;
use crate::sys::lock;

/// The path of the list.
///
/// # Errors
/// Fails if the user has no home directory.
pub fn path() -> Result<PathBuf> {
    layout::watched_repositories().ok_or_else(no_home)
}

/// The lock of the user's single watcher. The file contains its process ID.
pub fn lock_path() -> Result<PathBuf> {
    layout::watcher_lock().ok_or_else(no_home)
}

/// The repositories, in the order in which they were added.
pub fn load() -> Result<Vec<PathBuf>> {
    let bytes = files::read(&path()?)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(PathBuf::from).collect())
}

/// Adds a repository. Returns false if it is already listed.
pub fn add(root: &Path) -> Result<bool> {
    let _lock = one_writer()?;
    let mut all = load()?;
    if all.iter().any(|known| known == root) {
        return Ok(false);
    }
    if root.to_str().is_none_or(|text| text.contains('\n')) {
        let root = root.display();
        return Err(
            Failure::failed(format!("{root} cannot be in a list of paths"))
                .with_remedy("rename it"),
        );
    }
    all.push(root.to_owned());
    store(&all)?;
    Ok(true)
}

/// Removes a repository. Returns false if it is not listed.
pub fn remove(root: &Path) -> Result<bool> {
    let _lock = one_writer()?;
    let mut all = load()?;
    let before = all.len();
    all.retain(|known| known != root);
    store(&all)?;
    Ok(all.len() < before)
}

fn one_writer() -> Result<lock::Lock> {
    lock::take(
        &lock_path()?.with_file_name("repositories.lock"),
        Duration::from_secs(3),
    )
}

fn store(all: &[PathBuf]) -> Result<()> {
    let lines: String = all
        .iter()
        .map(|root| format!("{}\n", root.display()))
        .collect();
    files::replace(&path()?, lines.as_bytes(), Durable::Yes).map(drop)
}

fn no_home() -> Failure {
    Failure::failed("there is no home directory").with_remedy("set HOME")
}
