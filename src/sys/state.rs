//! What relwatch wrote into the changelog last, per worktree. Losing it loses nothing: it is rebuilt.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::changelog::view::Record;
use crate::domain::failure::Result;
use crate::sys::files::{self, Durable};

/// The record of the view. While the changelog is being replaced both the old and the new record stand,
/// so that a crash in between leaves either file readable.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub record: Record,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Record>,
    /// What the section was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// What a section was computed from. Equal but for `head` means that only commits were added.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    pub head: String,
    /// The binary that computed it: another one may read messages in another way.
    pub version: String,
    pub tags: String,
    pub config: String,
    pub specs: String,
    /// The changelog in the working tree, and its blob in the index.
    pub file: String,
    pub blob: String,
}

/// Where a worktree's state is.
pub fn path(git_dir: &Path) -> PathBuf {
    git_dir.join("relwatch").join("view.json")
}

/// The state; `None` if there is none or it cannot be read as one.
pub fn load(git_dir: &Path) -> Option<State> {
    let bytes = files::read(&path(git_dir)).ok()??;
    serde_json::from_slice(&bytes).ok()
}

/// Writes the state.
pub fn save(git_dir: &Path, state: &State) -> Result<()> {
    let bytes = serde_json::to_vec(state).unwrap_or_default();
    files::replace(&path(git_dir), &bytes, Durable::No)?;
    Ok(())
}
