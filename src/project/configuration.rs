//! Finds and reads the configuration: in the working tree, and in a commit.

use crate::config::{self, ConfigPlace, WrittenConfig};
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::yaml;
use crate::sys::files::{self, Unread};
use crate::sys::git::Repo;

/// Maximum size in bytes of a manifest.
const MAX_MANIFEST: u64 = 4 * 1024 * 1024;

/// The configuration of the working tree.
///
/// # Errors
/// Exit 2 if it cannot be read, or if there are two configurations.
pub fn written(repo: &Repo) -> Result<WrittenConfig> {
    WrittenConfig::find(&|name| in_tree(repo, name))
}

/// The configuration of a commit.
pub fn written_at(repo: &Repo, commit: CommitId) -> Result<WrittenConfig> {
    WrittenConfig::find(&|name| repo.file_at(commit, name))
}

fn in_tree(repo: &Repo, name: &str) -> Result<Option<Vec<u8>>> {
    let path = repo.root().join(name);
    let is_ours = name == config::FILE;
    let bound = if is_ours {
        yaml::MAX_BYTES as u64
    } else {
        MAX_MANIFEST
    };
    match files::read_at_most(&path, bound) {
        Ok(bytes) => Ok(bytes),
        // A manifest that is a symlink or a device is skipped. It need not be read.
        Err(Unread::Refused(_)) if !is_ours => Ok(None),
        Err(unread) => Err(Failure::from(unread).with_exit(Exit::Usage)),
    }
}

/// A fingerprint that changes with the configuration, but not with other parts of the manifest that contains it.
pub fn fingerprint(repo: &Repo, written: &WrittenConfig) -> String {
    match &written.place {
        ConfigPlace::Table(table) => {
            let digest = files::digest(written.yaml.as_bytes());
            format!("{} {} {digest}", table.file, table.key)
        }
        _ => files::fingerprint(&repo.root().join(config::FILE)),
    }
}

/// The warning about a configuration in a manifest beside relwatch.yml, which takes precedence. `None` if there is none.
pub fn ignored(repo: &Repo, written: &WrittenConfig) -> Option<String> {
    if written.place != ConfigPlace::File {
        return None;
    }
    let ignored = WrittenConfig::ignored(&|name| in_tree(repo, name));
    let names: Vec<String> = ignored.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| {
        format!(
            "two configurations: {} is used, {} is ignored; keep one of them",
            config::FILE,
            names.join(" and ")
        )
    })
}
