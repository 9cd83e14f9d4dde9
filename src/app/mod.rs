//! One file a command: it orders what `domain` decides and `sys` does.

pub mod archive;
pub mod branch;
pub mod check;
pub mod commit_hooks;
pub mod doctor;
pub mod edit;
pub mod explain;
pub mod filter;
pub mod finish;
pub mod follow;
pub mod gates;
pub mod hook;
pub mod hooks;
pub mod init;
pub mod merge_driver;
pub mod notes;
pub mod plan;
pub mod polish;
pub mod preconditions;
pub mod prepare;
pub mod publish;
pub mod push;
pub mod release;
pub mod releases;
pub mod section;
pub mod service;
pub mod skip;
pub mod spec_files;
pub mod specs;
pub mod status;
pub mod tracked;
pub mod transition;
pub mod undo;
pub mod update;
pub mod version;
pub mod version_files;
pub mod watch;
pub mod withdraw;

use std::collections::HashMap;
use std::path::Path;

use crate::config::release::Prerelease;
use crate::config::{self, Config};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::spec::Spec;
use crate::domain::spec::source::Source;
use crate::domain::text;
use crate::sys::files;
use crate::sys::git::{ReleaseTag, Repo};

/// A repository and its configuration: what every command starts from.
pub struct Project {
    pub repo: Repo,
    pub config: Config,
}

impl Project {
    /// Opens the repository that `start` is in and reads its configuration.
    pub fn open(start: &Path) -> Result<Project> {
        let repo = Repo::open(start)?;
        let path = repo.root().join(config::FILE);
        let text = match files::read_at_most(&path, crate::domain::yaml::MAX_BYTES as u64)? {
            None => String::new(),
            Some(bytes) => text::decoded(bytes).map_err(|line| {
                Failure::new(Exit::Usage, format!("{}:{line}: not UTF-8", config::FILE))
            })?,
        };
        let config = Config::read(&text)?;
        Ok(Project { repo, config })
    }

    /// The release tags that end the range of a section, by the commit they name.
    pub fn release_tags(&self) -> Result<HashMap<String, ReleaseTag>> {
        let with_prereleases = self.config.prerelease == Prerelease::Roll;
        self.repo
            .release_tags(&self.config.tag_format()?, with_prereleases)
    }

    /// The source that a spec was read by.
    pub fn source_of(&self, spec: &Spec) -> Option<&Source> {
        let mut sources = self.config.specs.0.iter();
        sources.find(|source| source.name == spec.source)
    }

    /// Path of the lock that serialises all writers of this repository.
    pub fn lock_path(&self) -> std::path::PathBuf {
        self.repo.common_dir().join("relwatch").join("lock")
    }
}
