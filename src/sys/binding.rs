//! Working trees whose repository git does not find by searching upwards. Either `GIT_DIR` and `GIT_WORK_TREE` (git(1)) name it, as with
//! dotfiles in a bare repository, or the repository names the working tree in `core.worktree` (git-config(1)). Every git that relwatch
//! starts in such a working tree gets both variables.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::sys::{env, files};

/// The variables that bind a process to one repository (`git rev-parse --local-env-vars`). A hook inherits some of them. A git that
/// relwatch starts must not see them.
pub const LOCAL_ENV: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
];

/// A git directory and its working tree, for which a search upwards does not find it.
#[derive(Debug)]
pub struct Binding {
    pub git_dir: PathBuf,
    pub work_tree: PathBuf,
    /// The directory from which the repository was opened.
    start: PathBuf,
}

/// The bindings of this process.
struct Bindings {
    /// Whether a repository was opened. The environment applies only to the first one, which is opened where the process was started.
    has_started: bool,
    all: Vec<Arc<Binding>>,
}

static KNOWN: Mutex<Bindings> = Mutex::new(Bindings {
    has_started: false,
    all: Vec::new(),
});

/// The binding of a directory from which a repository is opened. `named` returns what the environment names.
pub fn from(
    folder: &Path,
    named: impl FnOnce() -> Option<(PathBuf, PathBuf)>,
) -> Option<Arc<Binding>> {
    let is_first = !std::mem::replace(&mut known().has_started, true);
    if is_first && let Some((git_dir, work_tree)) = named() {
        add(folder, &git_dir, &work_tree);
    }
    let is_it = |binding: &&Arc<Binding>| folder == binding.start || folder == binding.work_tree;
    known().all.iter().find(is_it).cloned()
}

/// Records the working tree of a repository that was opened from `start`.
pub fn add(start: &Path, git_dir: &Path, work_tree: &Path) {
    known().all.push(Arc::new(Binding {
        git_dir: git_dir.to_owned(),
        work_tree: work_tree.to_owned(),
        start: start.to_owned(),
    }));
}

/// Whether a search from this working tree fails to find its repository.
pub fn is_bound(work_tree: &Path) -> bool {
    let all = &known().all;
    all.iter().any(|binding| work_tree == binding.work_tree)
}

/// Removes the variables that `is_taken` accepts from the environment of a program that runs in `folder`, and sets those of the directory's
/// binding, if it has one.
pub fn leave_own(command: &mut Command, folder: &Path, is_taken: impl Fn(&str) -> bool) {
    for name in LOCAL_ENV.iter().filter(|name| is_taken(name)) {
        command.env_remove(name);
    }
    let known = known();
    let mut bindings = known.all.iter();
    if let Some(binding) = bindings.find(|binding| folder == binding.work_tree) {
        command.env("GIT_DIR", &binding.git_dir);
        command.env("GIT_WORK_TREE", &binding.work_tree);
    }
}

/// The repository that the environment names, if it differs from the one a search from `start` finds. `asked` returns the answers of `git
/// rev-parse` in this environment.
pub fn named(
    start: &Path,
    found: impl FnOnce() -> Option<PathBuf>,
    asked: impl Fn(&str) -> Option<PathBuf>,
) -> Option<(PathBuf, PathBuf)> {
    let git_dir = env::path("GIT_DIR");
    let work_tree = env::path("GIT_WORK_TREE");
    if git_dir.is_none() && work_tree.is_none() {
        return None;
    }
    // git passes hooks a repository that a search finds anyway.
    let is_found = |named: &PathBuf| found().is_some_and(|it| files::same(&start.join(named), &it));
    if work_tree.is_none() && git_dir.as_ref().is_some_and(is_found) {
        return None;
    }
    // Only git knows everything that decides this: core.worktree, core.bare, the start directory.
    Some((asked("--git-dir")?, asked("--show-toplevel")?))
}

fn known() -> MutexGuard<'static, Bindings> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
