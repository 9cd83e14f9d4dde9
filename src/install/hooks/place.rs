//! Which hooks a configuration needs, and where git finds them: in its configuration, or as files.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::config::{CheckLevel, Storage};
use crate::domain::failure::{Failure, Result};
use crate::domain::install::hook_script::{Slot, calls_relwatch};
use crate::project::Project;
use crate::sys::files;
use crate::sys::git::Repo;

/// Every hook that relwatch may use (githooks(5)).
pub(super) const ALL: [&str; 8] = [
    "pre-commit",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "post-applypatch",
    "post-checkout",
    "commit-msg",
    "pre-push",
];

/// Set by `init --no-hooks`: the watcher updates this clone.
pub(super) const NO_HOOKS: &str = "relwatch.nohooks";

/// The hooks that a project needs in this clone: those of its storage mode, and those of enabled checks.
pub fn needed(project: &Project) -> Vec<&'static str> {
    if project.repo.config(NO_HOOKS).as_deref() == Some("true") {
        return Vec::new();
    }
    let config = &project.config;
    let mut names = match config.storage {
        Storage::View => ALL[1..6].to_vec(),
        Storage::Tracked => vec!["pre-commit", "post-rewrite"],
    };
    if config.hooks.commit_msg != CheckLevel::Off || config.hooks.freeze != CheckLevel::Off {
        names.push("commit-msg");
    }
    if config.hooks.release_tags != CheckLevel::Off {
        names.push("pre-push");
    }
    names
}

/// First git version with hooks in its configuration (githooks(5) of 2.54).
const CONFIGURED_SINCE: (u32, u32) = (2, 54);

/// The two ways in which git finds hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// `hook.NAME.command` in the repository's configuration.
    Config,
    /// Files in the hooks directory.
    Files,
}

/// The preferred way: configured hooks, if git supports them, because they run beside every hook manager.
pub(super) fn fitting(project: &Project) -> By {
    match project.repo.git_version() {
        Some(version) if version >= CONFIGURED_SINCE => By::Config,
        _ => By::Files,
    }
}

pub(super) fn section_of(name: &str) -> String {
    format!("hook.relwatch-{name}")
}

/// Directory of a repository's hook files.
pub(super) struct HooksFolder {
    pub(super) folder: PathBuf,
    /// Whether husky runs the scripts in `.husky` through its own shims.
    pub(super) is_husky: bool,
    /// Whether it is in the working tree: others get its files, so they must not contain paths of this machine.
    pub(super) is_shared: bool,
}

impl HooksFolder {
    pub(super) fn find(project: &Project) -> Result<HooksFolder> {
        let folder = folder(&project.repo)?;
        let root = project.repo.root();
        if folder == root.join(".husky/_") {
            let folder = root.join(".husky");
            return Ok(HooksFolder {
                folder,
                is_husky: true,
                is_shared: true,
            });
        }
        let of_git = [project.repo.common_dir(), project.repo.git_dir()];
        let is_below = |owner: &&Path| folder.starts_with(owner) || files::is_below(owner, &folder);
        let is_shared = !of_git.iter().any(is_below);
        if is_shared && !folder.starts_with(root) {
            let what = format!(
                "core.hooksPath is {}, outside of this repository: others would run what is put there",
                folder.display()
            );
            return Err(Failure::failed(what).with_remedy(OUTSIDE));
        }
        Ok(HooksFolder {
            folder,
            is_husky: false,
            is_shared,
        })
    }
}

/// Remedy for a hooks directory that all repositories share.
pub(super) const OUTSIDE: &str = "`relwatch init --no-hooks && relwatch watch add` leaves the changelog to the watcher, or `git config core.hooksPath .git/hooks` gives this repository hooks of its own";

pub(super) fn folder(repo: &Repo) -> Result<PathBuf> {
    let folder = repo.hooks_dir().map_err(|error| {
        Failure::failed(format!("git has no hooks directory ({error})"))
            .with_remedy("look at `git config core.hooksPath`")
    })?;
    Ok(folder)
}

/// Whether pre-commit runs relwatch's hook, which was installed before it.
pub(super) fn has_legacy(place: &HooksFolder, name: &str) -> bool {
    let shim = read_file(&place.folder.join(name));
    let path = legacy(place, name);
    let slot = read_slot(&path, place, name).map(|(slot, _)| slot);
    let is_run = matches!(
        slot,
        Ok(Slot::Ours | Slot::Unmarked | Slot::Shared | Slot::Calls)
    );
    matches!(shim, Ok((Slot::PreCommit, _))) && is_run && files::is_executable(&path)
}

/// The file in which pre-commit keeps and runs the hook that it replaced.
pub(super) fn legacy(place: &HooksFolder, name: &str) -> PathBuf {
    place.folder.join(format!("{name}.legacy"))
}

/// The current content of a hook's path. husky's scripts need no `#!` line.
pub(super) fn read_slot(path: &Path, place: &HooksFolder, name: &str) -> Result<(Slot, Vec<u8>)> {
    let (slot, bytes) = read_file(path)?;
    let slot = match slot {
        Slot::Shell | Slot::Foreign | Slot::Linked if calls_relwatch(&bytes, name) => Slot::Calls,
        Slot::Foreign if place.is_husky && !bytes.is_empty() && !bytes.starts_with(b"#!") => {
            Slot::Shell
        }
        slot => slot,
    };
    Ok((slot, bytes))
}

pub(super) fn read_file(path: &Path) -> Result<(Slot, Vec<u8>)> {
    if !files::exists(path) {
        return Ok((Slot::Empty, Vec::new()));
    }
    // git runs the target of a symlink, which may belong to another tool or other hooks: it is read, and never written.
    if files::is_link(path) {
        let target = files::resolved(path);
        let bytes = target.and_then(|target| files::read(&target).ok().flatten());
        return Ok((Slot::Linked, bytes.unwrap_or_default()));
    }
    // A directory or a device was put there by someone else.
    let Ok(Some(bytes)) = files::read(path) else {
        return Ok((Slot::Foreign, Vec::new()));
    };
    Ok((Slot::read(&bytes), bytes))
}
