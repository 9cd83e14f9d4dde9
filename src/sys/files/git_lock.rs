//! Writes files of git under git's own lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::failure::Result;
use crate::sys::files;

/// Replaces a file of git by the content that `copy` creates from it, if its fingerprint is still `seen`. git's lock file beside it blocks
/// other writers meanwhile (git's lockfile.h). With `keep_time` the new file keeps the modification time of the old one. The caller must
/// have our lock.
///
/// The lock file is a second name of a complete file. So if the process is killed in between, the lock is recognized as ours: see
/// [`give_up`].
pub fn replace_locked(
    path: &Path,
    copy: impl FnOnce(&mut fs::File, u64, &mut fs::File) -> std::io::Result<()>,
    seen: &str,
    keep_time: bool,
) -> Result<()> {
    give_up(path);
    let (lock, own) = (path.with_extension("lock"), own_lock(path));
    let write = || -> std::io::Result<()> {
        let mut file = files::created(&own)?;
        let mut before = fs::File::open(path)?;
        let old = before.metadata()?;
        copy(&mut before, old.len(), &mut file)?;
        file.set_permissions(old.permissions())?;
        if keep_time {
            file.set_modified(old.modified()?)?;
        }
        drop((file, before)); // Windows replaces no file that is open
        fs::hard_link(&own, &lock)?;
        if files::fingerprint(path) != seen {
            return Err(std::io::Error::other("it has changed meanwhile"));
        }
        files::renamed(&lock, path)
    };
    let written = write().map_err(|error| files::cannot("write", path, &error));
    give_up(path);
    written
}

/// Removes the leftovers of a killed [`replace_locked`], including git's lock file if it is ours. The caller must have our lock.
pub fn give_up(path: &Path) {
    let (lock, own) = (path.with_extension("lock"), own_lock(path));
    let ours = files::fingerprint(&own); // holds the inode, which both names have
    if !ours.is_empty() {
        if files::fingerprint(&lock) == ours {
            let _ = files::remove(&lock); // what cannot be removed is told by git
        }
        let _ = files::remove(&own);
    }
}

/// Whether another program still has git's lock of the file after this time. The caller must have our lock.
#[expect(
    clippy::disallowed_methods,
    reason = "waits for a program that does not say when it is done"
)]
pub fn is_held(path: &Path, patience: Duration) -> bool {
    const PAUSE: Duration = Duration::from_millis(10);
    let lock = path.with_extension("lock");
    let is_there = || files::exists(&lock);
    if !is_there() {
        return false;
    }
    give_up(path);
    let mut left = patience;
    while is_there() && !left.is_zero() {
        std::thread::sleep(PAUSE.min(left));
        left = left.saturating_sub(PAUSE);
    }
    is_there()
}

fn own_lock(path: &Path) -> PathBuf {
    path.with_extension("relwatch")
}
