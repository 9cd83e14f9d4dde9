//! git's configuration and attributes, hooks directory, worktrees, version, editor.

use std::path::PathBuf;

use crate::domain::failure::{Failure, Result};
use crate::domain::text::words::byte_lines;
use crate::sys::git::repo::Repo;
use crate::sys::{env, files, git_command};

const NO_EDITOR: &str =
    "git names no editor here; set GIT_EDITOR, or run `git config core.editor …`";

impl Repo {
    /// A configuration value of this repository, as git would read it here: libgit2 does not see values passed by `git -c` or
    /// `GIT_CONFIG_COUNT`.
    pub fn config(&self, key: &str) -> Option<String> {
        env::git_config(key).or_else(|| self.git.config().ok()?.get_string(key).ok())
    }

    /// The prefix of comments in a commit message. With `auto` git chooses a character that no line begins with, `#` if possible.
    pub fn comment_string(&self) -> String {
        let known = ["core.commentString", "core.commentChar"];
        let known = known.iter().find_map(|key| self.config(key));
        let known = known.filter(|known| !known.is_empty() && known != "auto");
        known.unwrap_or_else(|| "#".to_owned())
    }

    /// Whether git reads a configuration value as yes. git itself is asked, because libgit2 does not read the files of `GIT_CONFIG_GLOBAL`
    /// and of `includeIf.hasconfig` (git-config(1)), and guessing whether to sign is not acceptable.
    pub fn is_set(&self, key: &str) -> bool {
        let args = ["config", "--type=bool", "--get", key];
        let said = git_command::try_git(&self.root, &args, "");
        said.is_ok_and(|said| said.stdout.trim() == "true")
    }

    /// Sets a value in the configuration that all worktrees of this repository share.
    pub fn set_config(&self, key: &str, value: &str) -> Result<()> {
        git_command::git(&self.root, &["config", "--local", key, value], "")?;
        self.reread()
    }

    /// Makes libgit2 read a changed configuration now, where a failure is an error. When libgit2 looks up values by itself, an unreadable
    /// file crashes the process (`get_entry` in its config.c uses an uninitialized value).
    fn reread(&self) -> Result<()> {
        self.git.config()?.snapshot()?;
        Ok(())
    }

    /// Removes a value from the repository's configuration, if it exists, and its section, if that is empty then.
    pub fn unset_config(&self, key: &str) -> Result<()> {
        git_command::try_git(&self.root, &["config", "--local", "--unset-all", key], "")?;
        self.reread()
    }

    /// Removes a section from the repository's configuration, if it exists.
    pub fn remove_config_section(&self, section: &str) -> Result<()> {
        git_command::try_git(
            &self.root,
            &["config", "--local", "--remove-section", section],
            "",
        )?;
        self.reread()
    }

    /// The directory from which git runs hooks, as computed by git itself (worktrees, core.hooksPath).
    pub fn hooks_dir(&self) -> Result<PathBuf> {
        let args = ["rev-parse", "--path-format=absolute", "--git-path", "hooks"];
        git_command::path(&self.root, &args)
    }

    /// The directories of all working trees of this repository.
    pub fn worktrees(&self) -> Result<Vec<PathBuf>> {
        let listed = self.listed_worktrees()?.into_iter();
        Ok(listed.map(|(place, _)| place).collect())
    }

    /// The working trees, each with the full name of the branch that is checked out. The name is empty if HEAD is detached.
    pub(super) fn listed_worktrees(&self) -> Result<Vec<(PathBuf, String)>> {
        let out = git_command::bytes(&self.root, &["worktree", "list", "--porcelain"], b"")?;
        let mut all = Vec::new();
        for line in byte_lines(&out) {
            if let Some(path) = line.strip_prefix(b"worktree ") {
                all.push((files::path_from(path), String::new()));
            } else if let (Some(name), Some((_, branch))) =
                (line.strip_prefix(b"branch "), all.last_mut())
            {
                *branch = String::from_utf8_lossy(name).into_owned();
            }
        }
        Ok(all)
    }

    /// The version of the user's git: major and minor. `None` if git does not report it.
    pub fn git_version(&self) -> Option<(u32, u32)> {
        let said = git_command::git(&self.root, &["version"], "").ok()?;
        let mut numbers = said
            .split(' ')
            .nth(2)?
            .split('.')
            .map(|part| part.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    }

    /// The editor that git would open, as a shell command.
    pub fn editor(&self) -> Result<String> {
        git_command::git(&self.root, &["var", "GIT_EDITOR"], "")
            .map_err(|error| {
                tracing::debug!("{error}");
                Failure::failed(NO_EDITOR)
            })
            .and_then(|editor| match editor.trim() {
                "" => Err(Failure::failed(NO_EDITOR)),
                _ => Ok(editor),
            })
    }
}
