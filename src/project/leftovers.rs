//! Leftovers of a command that was killed during a write: temporary files, and the lock of git's index.

use std::collections::BTreeSet;
use std::path::Path;

use crate::project::Project;
use crate::sys::files::{self, git_lock, glob, staging};
use crate::sys::layout;
use crate::sys::lock::WriteLock;

/// Removes the leftovers. The lock ensures that no other relwatch process is writing. Files that cannot be removed stay: they are harmless.
pub fn clear(project: &Project, _held: &WriteLock) {
    let repo = &project.repo;
    git_lock::give_up(&repo.git_dir().join("index"));
    let (root, common) = (repo.root(), repo.common_dir());
    let mut folders: BTreeSet<String> = ["".to_owned()].into();
    for part in project.components() {
        let config = &part.config;
        let parent = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        folders.extend(parent(&config.changelog));
        folders.extend(config.specs.0.iter().map(|s| s.files.folder().to_owned()));
        remove_from(&part.state_dir(), "");
    }
    for folder in folders {
        remove_from(root, &folder);
    }
    remove_from(&layout::temporary(repo.git_dir()), "");
    for folder in ["", "info", "relwatch", "hooks"] {
        remove_from(common, folder);
    }
}

fn remove_from(root: &Path, folder: &str) {
    let pattern = format!("{folder}/{}??????", staging::TEMPORARY);
    for path in glob::matching(root, &pattern).unwrap_or_default() {
        if let Err(error) = files::remove(&files::at(root, &path)) {
            tracing::warn!("{error}");
        }
    }
}
