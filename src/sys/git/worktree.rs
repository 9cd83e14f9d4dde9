//! A working tree beside the user's own, for as long as something runs in it.

use std::path::{Path, PathBuf};

use super::Repo;
use crate::domain::failure::Result;
use crate::sys::{files, process};

/// Checked out with a detached HEAD; gone when dropped.
#[derive(Debug)]
pub struct TemporaryWorktree<'r> {
    main: &'r Path,
    /// Removes what git leaves of the folder.
    folder: tempfile::TempDir,
}

impl TemporaryWorktree<'_> {
    /// Where the files are.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("tree")
    }
}

impl Drop for TemporaryWorktree<'_> {
    fn drop(&mut self) {
        let path = self.path();
        let args = [
            "worktree",
            "remove",
            "--force",
            "--force",
            &path.to_string_lossy(),
        ];
        if let Err(error) = process::git(self.main, &args, "") {
            tracing::warn!("a temporary worktree stays behind: {error}");
        }
    }
}

impl Repo {
    /// Checks a commit out beside the user's working tree.
    ///
    /// # Errors
    /// git's own, such as a full disk.
    pub fn temporary_worktree(&self, commit: &str) -> Result<TemporaryWorktree<'_>> {
        // What a killed run left behind, its folder gone with the system's next cleaning.
        process::try_git(&self.root, &["worktree", "prune"], "")?;
        let tree = TemporaryWorktree {
            main: &self.root,
            folder: files::temporary_folder()?,
        };
        let path = tree.path();
        let args = [
            "worktree",
            "add",
            "--quiet",
            "--detach",
            &path.to_string_lossy(),
            commit,
        ];
        // The user's post-checkout hook is not asked: nothing of the user's is checked out.
        let args = [&["-c", "core.hooksPath=/dev/null"], &args[..]].concat();
        process::git(&self.root, &args, "")?;
        Ok(tree)
    }
}
