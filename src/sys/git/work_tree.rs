//! The working tree: its changes, git operations in progress, and how a release gets into it.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::sys::git::index::Indexed;
use crate::sys::git::repo::Repo;
use crate::sys::lock::WriteLock;
use crate::sys::{files, git_command};

impl Repo {
    /// Whether a merge, pick, revert, rebase or bisect is in progress.
    pub fn is_mid_operation(&self) -> bool {
        // If references are not files, these are not files either (gitrevisions(7)).
        let picks = ["CHERRY_PICK_HEAD", "REVERT_HEAD"];
        let is_there = |name: &&str| matches!(self.refs.find(&self.git, name), Ok(Some(_)));
        self.git.state() != git2::RepositoryState::Clean || picks.iter().any(is_there)
    }

    /// Moves a file as `git mv` does, also an untracked one. Directories are created and removed as needed.
    ///
    /// # Errors
    /// Fails, among other reasons, if `to` exists.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (old, new) = (files::at(&self.root, from), files::at(&self.root, to));
        if files::exists(&new) {
            return Err(Failure::failed(format!("{to} exists already")));
        }
        files::make_parent(&new)?;
        match self.indexed(from)? {
            Indexed::Untracked => files::rename(&old, &new)?,
            _ => drop(git_command::git(&self.root, &["mv", "--", from, to], "")?),
        }
        files::remove_empty_parents(&self.root, &old);
        Ok(())
    }

    /// Whether `git am` is between two patches: it compares only stat data, so nothing may be written then.
    pub fn between_patches(&self) -> bool {
        let folder = self.git_dir.join("rebase-apply");
        let number = |name: &str| -> Option<u32> {
            let bytes = files::read(&folder.join(name)).ok()??;
            String::from_utf8(bytes).ok()?.trim().parse().ok()
        };
        match (number("next"), number("last")) {
            (Some(next), Some(last)) => next < last,
            _ => false,
        }
    }

    /// Whether the next commit will be a merge (gitglossary(7), MERGE_HEAD).
    pub fn is_merging(&self) -> bool {
        files::exists(&self.git_dir.join("MERGE_HEAD"))
    }

    /// Whether a rebase is in progress, with either backend.
    pub fn is_rebasing(&self) -> bool {
        files::exists(&self.git_dir.join("rebase-merge"))
            || files::exists(&self.git_dir.join("rebase-apply").join("rebasing"))
    }

    /// Tracked files that differ from HEAD, as `git status` sees them, filters included.
    pub fn dirty(&self) -> Result<Vec<String>> {
        // `git` is not used because it trims its output, but the two status columns may begin with a space. Without optional locks the
        // index is not written: a concurrent commit would find it locked.
        let args = [
            "--no-optional-locks",
            "status",
            "--porcelain",
            "--untracked-files=no",
        ];
        let output = git_command::try_git(&self.root, &args, "")?;
        if !output.ok {
            return Err(Failure::failed(format!(
                "git status failed: {}",
                output.stderr.trim()
            )));
        }
        let paths = output.stdout.lines().filter_map(|line| line.get(3..));
        Ok(paths.map(str::to_owned).collect())
    }

    /// Updates index and working tree from commit `from` to commit `to`. If a file has local changes, it fails before anything is changed
    /// (git-read-tree, two-tree merge). A git that outlives us keeps the lock until it is done.
    pub fn checkout(&self, held: &WriteLock, from: CommitId, to: CommitId) -> Result<()> {
        // The result is ignored because it is about other files. The merge below checks for itself.
        git_command::try_git(&self.root, &["update-index", "-q", "--refresh"], "")?;
        let (from, to) = (from.hex(), to.hex());
        let args = ["read-tree", "-m", "-u", &from, &to];
        git_command::git_holding(&self.root, &args, None, held.lock()).map(drop)
    }

    /// Restores `paths` in index and working tree as in `commit`, regardless of their current content.
    pub fn restore(&self, commit: CommitId, paths: &[String]) -> Result<()> {
        for path in paths {
            if self.file_at(commit, path)?.is_some() {
                let literal = format!(":(top,literal){path}");
                git_command::git(
                    &self.root,
                    &["checkout", "-q", &commit.hex(), "--", &literal],
                    "",
                )?;
            } else {
                let literal = format!(":(top,literal){path}");
                let args = ["rm", "-q", "--cached", "--ignore-unmatch", "--", &literal];
                git_command::git(&self.root, &args, "")?;
                files::remove(&files::at(&self.root, path))?;
            }
        }
        Ok(())
    }
}
