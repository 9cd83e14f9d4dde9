//! Allows one writer at a time, for all worktrees of a repository. No other file uses the lock library.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fs2::FileExt;

use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::layout;

/// How long a command waits for another writer.
pub const COMMAND_WAIT: Duration = Duration::from_secs(10);

/// How long a hook waits: a slower writer includes the hook's commit itself.
pub const HOOK_WAIT: Duration = Duration::from_secs(3);

/// A lock, released when dropped. The operating system releases it when the process dies.
#[derive(Debug)]
pub struct Lock(File);

/// Proof that no other relwatch command, hook or watcher writes in this repository.
#[derive(Debug)]
pub struct WriteLock(Lock);

/// Proof that no other release is running in this repository.
#[derive(Debug)]
pub struct ReleaseLock(Lock);

impl WriteLock {
    /// Waits at most `patience` for another writer.
    ///
    /// # Errors
    /// Exit 7 if it is still writing after that.
    pub fn take(common_dir: &Path, patience: Duration) -> Result<WriteLock> {
        take(&layout::write_lock(common_dir), patience).map(WriteLock)
    }

    pub(in crate::sys) fn lock(&self) -> &Lock {
        &self.0
    }
}

impl ReleaseLock {
    /// Waits a while for another release.
    ///
    /// # Errors
    /// Exit 7 if it, or a command that it started, is still running after that.
    pub fn take(common_dir: &Path) -> Result<ReleaseLock> {
        take(&layout::release_lock(common_dir), COMMAND_WAIT).map(ReleaseLock)
    }

    pub(in crate::sys) fn lock(&self) -> &Lock {
        &self.0
    }
}

impl Lock {
    /// The lock's file, whose content is irrelevant, for a child process. If we die before the child, the lock stays locked until the child
    /// ends (flock(2): a lock belongs to the open file, which the child shares).
    ///
    /// On Windows a lock belongs to a process, and prevents all others from reading and writing: the child gets nothing.
    pub(in crate::sys) fn shared(&self) -> Result<Stdio> {
        if cfg!(windows) {
            return Ok(Stdio::null());
        }
        let file = self.0.try_clone();
        file.map(Stdio::from)
            .map_err(|error| Failure::failed(format!("a lock cannot be shared: {error}")))
    }
}

/// Takes the lock at `path`, waiting up to `patience`.
#[expect(
    clippy::disallowed_methods,
    reason = "the lock file, and the wait for it"
)]
pub fn take(path: &Path, patience: Duration) -> Result<Lock> {
    let cannot =
        |error| Failure::failed(format!("cannot open the lock {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(cannot)?;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(cannot)?;
    let pause = Duration::from_millis(2);
    let mut left = patience;
    loop {
        match file.try_lock_exclusive() {
            Ok(()) => return Ok(Lock(file)),
            Err(error) if error.kind() == fs2::lock_contended_error().kind() => {}
            // Some network file systems do not support locks.
            Err(error) => {
                let what = format!(
                    "{} cannot be locked ({error}), and without a lock two machines could write at once",
                    path.display()
                );
                return Err(
                    Failure::failed(what).with_remedy("have the file system mounted with locks")
                );
            }
        }
        if left < pause {
            return Err(Failure::new(
                Exit::Pending,
                format!(
                    "another relwatch is at work in this repository ({})",
                    path.display()
                ),
            )
            .with_remedy("try again when it is done"));
        }
        std::thread::sleep(pause);
        left -= pause;
    }
}
