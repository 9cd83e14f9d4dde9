//! The repository that the environment names (git(1), `GIT_DIR` and `GIT_WORK_TREE`), where it is not the one found from the folder: a bare
//! repository with a working tree elsewhere, as people keep their dotfiles. It is that of the whole process, and of every git that it
//! starts there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::sys::{env, files};

/// git's own list of variables that bind a process to one repository (`git rev-parse --local-env-vars`). A
/// hook inherits some of them; they must not leak into a git that shall look at the repository afresh.
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

/// A git directory and the working tree that belongs to it here.
#[derive(Debug)]
pub struct Binding {
    pub git_dir: PathBuf,
    pub work_tree: PathBuf,
    /// Where the process was started.
    start: PathBuf,
}

static BINDING: OnceLock<Option<Binding>> = OnceLock::new();

/// The binding of a folder that a repository is opened from: of where the process was started, which is opened first, and of the working
/// tree. `found` is the git directory that a search finds, `asked` what `git rev-parse` answers in this environment.
pub fn from(
    folder: &Path,
    found: impl FnOnce() -> Option<PathBuf>,
    asked: impl Fn(&str) -> Option<PathBuf>,
) -> Option<&'static Binding> {
    let named = || named(folder, found, asked);
    let binding = BINDING.get_or_init(named).as_ref();
    binding.filter(|binding| folder == binding.start || folder == binding.work_tree)
}

/// Takes what binds to another repository from the environment of a program that runs in `folder`, and leaves there what binds to its own.
pub fn leave_own(command: &mut Command, folder: &Path, bound: impl Fn(&str) -> bool) {
    for name in LOCAL_ENV.iter().filter(|name| bound(name)) {
        command.env_remove(name);
    }
    let binding = BINDING.get().and_then(Option::as_ref);
    if let Some(binding) = binding.filter(|binding| folder == binding.work_tree) {
        command.env("GIT_DIR", &binding.git_dir);
        command.env("GIT_WORK_TREE", &binding.work_tree);
    }
}

fn named(
    start: &Path,
    found: impl FnOnce() -> Option<PathBuf>,
    asked: impl Fn(&str) -> Option<PathBuf>,
) -> Option<Binding> {
    let git_dir = env::path("GIT_DIR");
    let work_tree = env::path("GIT_WORK_TREE");
    if git_dir.is_none() && work_tree.is_none() {
        return None;
    }
    // git gives hooks the repository that is found anyway.
    let is_found = |named: &PathBuf| found().is_some_and(|it| files::same(&start.join(named), &it));
    if work_tree.is_none() && git_dir.as_ref().is_some_and(is_found) {
        return None;
    }
    // Only git knows all that decides: core.worktree, core.bare, where it was started.
    Some(Binding {
        git_dir: asked("--git-dir")?,
        work_tree: asked("--show-toplevel")?,
        start: start.to_owned(),
    })
}
