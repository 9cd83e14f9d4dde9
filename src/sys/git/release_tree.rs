//! The files of a commit beside the user's own, for as long as something runs in them.

use std::path::PathBuf;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::sys::files::{self, Durable, TemporaryFolder};
use crate::sys::git::repo::Repo;
use crate::sys::git_command;

/// A commit checked out in a repository of its own that borrows the user's objects, references and configuration
/// (gitrepository-layout(5), objects/info/alternates). Not a linked worktree: git killed while it makes one leaves the user's
/// repository broken. Gone when dropped.
#[derive(Debug)]
pub struct ReleaseTree {
    folder: TemporaryFolder,
}

impl ReleaseTree {
    /// Where the files are.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("tree")
    }
}

impl Repo {
    /// Checks a commit out beside the user's working tree.
    ///
    /// # Errors
    /// git's own, such as a full disk.
    pub fn release_tree(&self, commit: CommitId) -> Result<ReleaseTree> {
        let tree = ReleaseTree {
            folder: files::temporary_folder()?,
        };
        let path = tree.path();
        let words = path.to_string_lossy();
        git_command::git(
            tree.folder.path(),
            &["init", "-q", "--template=", &words],
            "",
        )?;
        let write = |name: &str, text: String| {
            files::replace(&files::at(&path, name), text.as_bytes(), Durable::No).map(drop)
        };
        let objects = self.common_dir.join("objects");
        write(
            ".git/objects/info/alternates",
            format!("{}\n", objects.display()),
        )?;
        let list = "--format=%(objectname) %(refname)";
        let refs = git_command::git(
            &self.root,
            &["for-each-ref", list, "refs/heads", "refs/tags"],
            "",
        )?;
        if !refs.is_empty() {
            write(".git/packed-refs", format!("{refs}\n"))?;
        }
        let shared = self
            .common_dir
            .join("config")
            .to_string_lossy()
            .into_owned();
        let git = |args: &[&str]| git_command::git(&path, args, "").map(drop);
        git(&["config", "include.path", &shared])?;
        // Behind the include: what it says of the user's own tree does not hold here.
        git(&[
            "config",
            "--file",
            ".git/config",
            "--add",
            "core.bare",
            "false",
        ])?;
        git(&[
            "config",
            "--file",
            ".git/config",
            "--add",
            "core.worktree",
            &words,
        ])?;
        git(&["update-ref", "--no-deref", "HEAD", &commit.hex()])?;
        git(&["-c", "advice.detachedHead=false", "reset", "-q", "--hard"])?;
        Ok(tree)
    }
}
