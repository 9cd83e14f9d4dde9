//! Which hooks a configuration needs, and where git finds them: in its configuration, or as files.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::config::{CheckLevel, Config, Storage};
use crate::domain::failure::{Failure, Result};
use crate::domain::install::hook_script::Slot;
use crate::project::Project;
use crate::sys::files;
use crate::sys::git::Repo;

/// Every hook that relwatch may stand in (githooks(5)).
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

/// The hooks that a configuration needs: those of its way of storing, and those of checks that are on.
pub fn needed(config: &Config) -> Vec<&'static str> {
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

/// The first git with hooks in its configuration (githooks(5) of 2.54).
const CONFIGURED_SINCE: (u32, u32) = (2, 54);

/// The two ways in which git finds hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// `hook.NAME.command` in the repository's configuration.
    Config,
    /// Files in the hooks folder.
    Files,
}

/// The way that fits: configured hooks run beside every manager, where git knows them.
pub(super) fn fitting(project: &Project) -> By {
    match project.repo.git_version() {
        Some(version) if version >= CONFIGURED_SINCE => By::Config,
        _ => By::Files,
    }
}

pub(super) fn section_of(name: &str) -> String {
    format!("hook.relwatch-{name}")
}

/// Where hooks of the repository are files.
pub(super) struct HooksFolder {
    pub(super) folder: PathBuf,
    /// husky runs the scripts in `.husky` from shims of its own.
    pub(super) is_husky: bool,
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
            });
        }
        let inside = [root, project.repo.common_dir(), project.repo.git_dir()];
        if !inside.iter().any(|owner| folder.starts_with(owner)) {
            let what = format!(
                "core.hooksPath is {}, outside of this repository: others would run what is put there",
                folder.display()
            );
            return Err(Failure::failed(what)
                .with_remedy("`git config core.hooksPath .git/hooks` gives this one its own"));
        }
        Ok(HooksFolder {
            folder,
            is_husky: false,
        })
    }
}

pub(super) fn folder(repo: &Repo) -> Result<PathBuf> {
    let folder = repo.hooks_dir().map_err(|error| {
        Failure::failed(format!("git has no hooks folder ({error})"))
            .with_remedy("look at `git config core.hooksPath`")
    })?;
    Ok(folder)
}

/// Whether pre-commit runs our hook, which it found in its place.
pub(super) fn has_legacy(place: &HooksFolder, name: &str) -> bool {
    let shim = read_file(&place.folder.join(name));
    let legacy = read_file(&place.folder.join(format!("{name}.legacy")));
    matches!(shim, Ok((Slot::PreCommit, _))) && matches!(legacy, Ok((Slot::Ours | Slot::Shared, _)))
}

/// What stands in a hook's place. husky's scripts need no `#!` line.
pub(super) fn read_slot(path: &Path, place: &HooksFolder) -> Result<(Slot, Vec<u8>)> {
    let (slot, bytes) = read_file(path)?;
    let slot = match slot {
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
    // A link, a folder or a device: somebody else's arrangement.
    let Ok(Some(bytes)) = files::read(path) else {
        return Ok((Slot::Foreign, Vec::new()));
    };
    Ok((Slot::read(&bytes), bytes))
}
