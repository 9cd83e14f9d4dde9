//! Locations of relwatch's own files. Losing them all is harmless: they are rebuilt from the repository.
//!
//! `<git-dir>/relwatch` belongs to one worktree, `<common-dir>/relwatch` to the whole repository, and the platform's directories to the
//! user.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// Our directory in a git directory: of a worktree in its own, of all worktrees in the common one.
pub fn folder(git_dir: &Path) -> PathBuf {
    git_dir.join("relwatch")
}

/// The directory with the state of a component's section. It is a single directory for any name: `@scope+name` for `@scope/name`.
pub fn component(git_dir: &Path, name: &str) -> PathBuf {
    folder(git_dir)
        .join("components")
        .join(name.replace('/', "+"))
}

/// The pattern, below a git directory, of the view files of all components; see [`component`].
pub const COMPONENT_VIEWS: &str = "relwatch/components/*/view*.json";

/// The directory of temporary files of a worktree.
pub fn temporary(git_dir: &Path) -> PathBuf {
    folder(git_dir).join("tmp")
}

/// The log of a worktree.
pub fn log(git_dir: &Path) -> PathBuf {
    folder(git_dir).join("log")
}

/// The last error that a hook printed.
pub fn last_error(git_dir: &Path) -> PathBuf {
    folder(git_dir).join("said")
}

/// The release notes in the editor, and the text that the editor started with.
pub fn drafts(git_dir: &Path) -> (PathBuf, PathBuf) {
    let folder = folder(git_dir);
    (
        folder.join("RELEASE_NOTES.md"),
        folder.join("RELEASE_NOTES.base.md"),
    )
}

/// The view that was written last, in a state directory.
pub fn view(state: &Path) -> PathBuf {
    state.join("view.json")
}

/// The view before that one.
pub fn previous_view(state: &Path) -> PathBuf {
    state.join("view.previous.json")
}

/// The texts of a view's entries. There are several files, used in turn.
pub fn view_items(state: &Path, slot: usize) -> PathBuf {
    state.join(format!("view.{slot}.items"))
}

/// The record of views before the last one, in a state directory.
pub fn earlier_views(state: &Path) -> PathBuf {
    state.join("view.earlier")
}

/// The cache of specs, in a state directory.
pub fn specs(state: &Path) -> PathBuf {
    state.join("specs")
}

/// The cache of commits.
pub fn commits(common_dir: &Path) -> PathBuf {
    folder(common_dir).join("commits")
}

/// Old and new names of commits that git rewrote.
pub fn rewritten(common_dir: &Path) -> PathBuf {
    folder(common_dir).join("rewritten")
}

/// The lock of all writers.
pub fn write_lock(common_dir: &Path) -> PathBuf {
    folder(common_dir).join("lock")
}

/// The lock of a release.
pub fn release_lock(common_dir: &Path) -> PathBuf {
    folder(common_dir).join("release.lock")
}

/// The record of commits that are checked out beside the user's files, while they are.
pub fn release_trees(common_dir: &Path) -> PathBuf {
    folder(common_dir).join("trees")
}

/// The journal of an update of references and files.
pub fn move_journal(common_dir: &Path) -> PathBuf {
    folder(common_dir).join("move.json")
}

/// The record of a release that is not pushed or published yet.
pub fn pending_release(common_dir: &Path) -> PathBuf {
    folder(common_dir).join("release.json")
}

/// Receipts of publish steps.
pub fn published(common_dir: &Path) -> PathBuf {
    folder(common_dir).join("published")
}

/// The user's list of watched repositories. `None` without a home directory.
pub fn watched_repositories() -> Option<PathBuf> {
    Some(of_user()?.config_dir().join("repositories"))
}

/// The lock of the user's single watcher. `None` without a home directory.
pub fn watcher_lock() -> Option<PathBuf> {
    Some(user_state()?.join("watcher.lock"))
}

/// The log for events before a repository is opened. `None` without a home directory.
pub fn user_log() -> Option<PathBuf> {
    Some(user_state()?.join("log"))
}

fn user_state() -> Option<PathBuf> {
    let dirs = of_user()?;
    let folder = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
    Some(folder.to_owned())
}

fn of_user() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "relwatch")
}
