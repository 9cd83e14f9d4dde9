//! Decides which repositories are opened. git's rule applies (git-config(1), `safe.directory`). Repositories of this user are opened
//! without asking git. For others git is asked, because it supports every form of its own rule: a trailing `/*`, symlinks,
//! `GIT_CONFIG_COUNT`, sudo. libgit2 supports only some. A repository that git would not touch is rejected: its hooks, filters and
//! configuration belong to another user.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use git2::{ErrorCode, Repository, RepositoryInitOptions, RepositoryOpenFlags};

use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::binding::{self, Binding};
use crate::sys::env;
use crate::sys::files;
use crate::sys::git::answer::Looked;
use crate::sys::git_command;

/// Variable used in git's own tests, and ours: it makes every repository appear to belong to another user.
const ASSUME_OTHER: &str = "GIT_TEST_ASSUME_DIFFERENT_OWNER";

/// Serializes opening: libgit2's own check is switched off and on for the whole process.
static OPENING: Mutex<()> = Mutex::new(());

/// Extensions of a repository (git-config(1)) that libgit2 does not know and that do not affect our use of it: the location of references,
/// objects that may be missing, the location of submodule data.
const EXTENSIONS: [&str; 3] = ["partialclone", "refstorage", "submodulepathconfig"];

/// Whether libgit2 checks the ownership of a repository itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnCheck {
    On,
    Off,
}

/// Opens the repository that `start` is in.
///
/// # Errors
/// Fails without a repository, or if git does not trust its owner.
pub(super) fn open(start: &Path) -> Result<Repository> {
    let asked = |option: &str| {
        let args = ["rev-parse", "--path-format=absolute", option];
        git_command::path_as_called(start, &args).ok()
    };
    let named = || binding::named(start, || git_dir(start), asked);
    let binding = binding::from(start, named);
    let opened = open_with(start, binding.as_deref(), OwnCheck::On);
    if let (None, Ok(git)) = (&binding, &opened)
        && let Some(root) = git.workdir()
        && !files::exists(&root.join(".git"))
    {
        binding::add(start, git.path(), root); // core.worktree leads away
    }
    match opened {
        Ok(git) if is_own(&git) || is_trusted(start, &git) => Ok(git),
        Ok(git) => Err(foreign(git.workdir().unwrap_or(git.path()))),
        Err(error) if error.code() == ErrorCode::Owner => {
            match open_with(start, binding.as_deref(), OwnCheck::Off) {
                Ok(git) if is_trusted(start, &git) => Ok(git),
                Ok(git) => Err(foreign(git.workdir().unwrap_or(git.path()))),
                Err(error) => Err(unopened(start, &error)),
            }
        }
        Err(error) => Err(unopened(start, &error)),
    }
}

/// The git directory of the repository that `start` is in, regardless of its owner. Nothing in it is read.
pub fn git_dir(start: &Path) -> Option<PathBuf> {
    let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    Repository::discover_path(start, ceilings()).ok()
}

/// The directories at which the search for a repository ends (git(1), `GIT_CEILING_DIRECTORIES`).
fn ceilings() -> Vec<PathBuf> {
    let list = env::path("GIT_CEILING_DIRECTORIES").unwrap_or_default();
    let list = std::env::split_paths(&list);
    list.filter(|place| place.is_absolute()).collect()
}

/// Creates a temporary empty repository of our own for looking something up.
pub(super) fn init(folder: &Path) -> Looked<Repository> {
    let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut options = RepositoryInitOptions::new();
    options.external_template(false);
    Repository::init_opts(folder, &options)
}

#[expect(
    unsafe_code,
    reason = "the options are plain variables of libgit2; everything that reads them runs under the same lock"
)]
fn open_with(start: &Path, binding: Option<&Binding>, check: OwnCheck) -> Looked<Repository> {
    let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    let set = |is_on: bool| {
        // SAFETY: libgit2 reads both only while it opens or creates a repository, which happens only in this file, under the lock.
        unsafe {
            git2::opts::set_extensions(&EXTENSIONS)?;
            git2::opts::set_verify_owner_validation(is_on)
        }
    };
    set(check == OwnCheck::On)?;
    let opened = match binding {
        None => {
            let flags = RepositoryOpenFlags::CROSS_FS;
            Repository::open_ext(start, flags, ceilings())
        }
        Some(binding) => Repository::open(&binding.git_dir).and_then(|git| {
            git.set_workdir(&binding.work_tree, false)?;
            Ok(git)
        }),
    };
    set(true)?;
    opened
}

/// Whether working tree and git directory belong to this user: then git does not check further either.
#[cfg(unix)]
fn is_own(git: &Repository) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    let link = git.workdir().map(|root| root.join(".git"));
    let places = [git.workdir(), link.as_deref(), Some(git.path())];
    let is_ours = |place: &Path| match std::fs::symlink_metadata(place) {
        Ok(meta) => meta.uid() == user,
        Err(_) => true, // a working tree that is elsewhere has no `.git`
    };
    env::var(ASSUME_OTHER).is_none() && places.into_iter().flatten().all(is_ours)
}

/// Always true unless a test says otherwise: libgit2 has already checked.
#[cfg(not(unix))]
fn is_own(_: &Repository) -> bool {
    env::var(ASSUME_OTHER).is_none()
}

/// Whether git opens this repository from here: without the variables that bind it to a repository, else in the environment of the call. A
/// user who names a repository by `GIT_DIR` trusts it. Then the variables must be passed to every git that we start.
fn is_trusted(start: &Path, git: &Repository) -> bool {
    let is_it = |answer: Result<PathBuf>| answer.is_ok_and(|it| files::same(&it, git.path()));
    let args = ["rev-parse", "--absolute-git-dir"];
    if is_it(git_command::path(start, &args)) {
        return true;
    }
    let is_named = is_it(git_command::path_as_called(start, &args));
    if let (true, Some(root)) = (is_named, git.workdir()) {
        binding::add(start, git.path(), root);
    }
    is_named
}

fn foreign(place: &Path) -> Failure {
    let shown = place.display().to_string();
    let folder = shown.trim_end_matches('/');
    Failure::failed(format!("{folder} belongs to another user")).with_remedy(format!(
        "`git config --global --add safe.directory '{folder}'` if you trust them"
    ))
}

fn unopened(start: &Path, error: &git2::Error) -> Failure {
    let start = start.display();
    let unknown = "unsupported extension name extensions.";
    if let Some(name) = error.message().strip_prefix(unknown) {
        return Failure::failed(format!(
            "{start} is a repository with the extension `{name}`, which relwatch does not know"
        ));
    }
    match error.code() {
        ErrorCode::NotFound => match env::path("GIT_DIR") {
            Some(named) => {
                let named = named.display();
                let what = format!(
                    "GIT_DIR is {named}, and git finds no repository with a working tree there"
                );
                Failure::new(Exit::Usage, what)
                    .with_remedy("unset it, or set GIT_WORK_TREE as well")
            }
            None => Failure::new(Exit::Usage, format!("{start} is not in a git repository"))
                .with_remedy("run `git init` first"),
        },
        _ => Failure::failed(format!("git cannot open {start}: {}", error.message())),
    }
}
