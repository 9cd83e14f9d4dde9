//! What relwatch wrote into a changelog last, per worktree, in a folder for each changelog. Losing it loses nothing: it is rebuilt.
//!
//! The state is written before the changelog is replaced. Meanwhile the old state stands beside the new one, so
//! that a crash in between leaves either file readable; that it is there says that a write is under way.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::changelog::view::{Line, Record};
use crate::domain::failure::Result;
use crate::sys::files::{self, Durable};

/// What stands in the changelog, and what it was made from.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Path of the changelog from the repository's root.
    #[serde(default)]
    pub changelog: String,
    pub record: Record,
    /// With `storage: tracked`: what relwatch says, in the file or about to be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    #[serde(default)]
    pub basis: Basis,
    /// The name that the whole file has as a blob.
    #[serde(default)]
    pub whole: String,
}

/// The state as found: with that of an interrupted write, whose file may be the one that is there.
#[derive(Debug, Default)]
pub struct Found {
    pub state: State,
    pub interrupted: Option<State>,
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

/// The state; `None` if there is none or it cannot be read as one.
pub fn load(folder: &Path) -> Option<Found> {
    let read = |path: PathBuf| -> Option<State> {
        let bytes = files::read(&path).ok()??;
        serde_json::from_slice(&bytes).ok()
    };
    // In the order in which they are written, from the newest: a write at the same time hides none of them.
    let now = read(current(folder));
    match (now, read(previous(folder))) {
        (Some(state), interrupted) => Some(Found { state, interrupted }),
        // Killed between the two steps of `begin`: the changelog is the old one.
        (None, Some(state)) => Some(Found {
            state,
            interrupted: None,
        }),
        (None, None) => None,
    }
}

/// Writes the state that the changelog is about to be in; the old one stays until [`finish`].
pub fn begin(folder: &Path, state: &State) -> Result<()> {
    let (current, previous) = (current(folder), previous(folder));
    if !files::exists(&previous) && files::exists(&current) {
        files::rename(&current, &previous)?;
    }
    write(&current, state)
}

/// Writes the state of a changelog that stays as it is. An interrupted write has ended with that.
pub fn note(folder: &Path, state: &State) -> Result<()> {
    write(&current(folder), state)?;
    files::remove(&previous(folder))
}

fn write(path: &Path, state: &State) -> Result<()> {
    let bytes = serde_json::to_vec(state).unwrap_or_default();
    files::replace(path, &bytes, Durable::No).map(drop)
}

/// The changelog is in the state that [`begin`] wrote. The one before it is kept: git may have read the file just before it was
/// written and ask the filter just after.
pub fn finish(folder: &Path) -> Result<()> {
    let previous = previous(folder);
    match files::exists(&previous) {
        true => files::rename(&previous, &replaced(folder)),
        false => Ok(()),
    }
}

/// The state that the present one replaced.
pub fn before(folder: &Path) -> Option<State> {
    let bytes = files::read(&replaced(folder)).ok()??;
    serde_json::from_slice(&bytes).ok()
}

/// Forgets the state.
pub fn forget(folder: &Path) -> Result<()> {
    files::remove(&replaced(folder))?;
    files::remove(&previous(folder))?;
    files::remove(&current(folder))
}

/// The folders in which states are: that of the repository, and those of its components.
pub fn folders(git_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![git_dir.join("relwatch")];
    for path in files::matching(git_dir, "relwatch/components/*/view*.json")? {
        found.extend(files::at(git_dir, &path).parent().map(Path::to_owned));
    }
    found.dedup();
    Ok(found)
}

fn current(folder: &Path) -> PathBuf {
    folder.join("view.json")
}

fn replaced(folder: &Path) -> PathBuf {
    folder.join("view.replaced.json")
}

fn previous(folder: &Path) -> PathBuf {
    folder.join("view.previous.json")
}
