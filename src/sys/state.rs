//! The record of what relwatch last wrote into a changelog, per worktree, in one directory per changelog. Losing it is harmless: it is
//! rebuilt.
//!
//! The state is written before the changelog is replaced. Meanwhile the old state is kept beside the new one, so that the file can be
//! interpreted whether or not a crash happens in between. The presence of the old state means that a write is in progress.
//!
//! The texts and references of the entries, possibly thousands, are in a separate file, one per line. New ones are appended. The file is
//! not read as long as the changelog is unchanged.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::changelog::earlier::EarlierViews;
use crate::domain::changelog::places::Places;
use crate::domain::changelog::record::{Item, Line, Record};
use crate::domain::commit::id::{CommitId, or_empty};
use crate::domain::failure::Result;
use crate::sys::files::{self, Durable, glob};
use crate::sys::layout;
use crate::sys::parallel;

/// One file of entries for each of two states, and one for writing.
const SLOTS: usize = 3;

/// What the changelog contains, and what it was built from.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Path of the changelog, relative to the repository's root.
    pub changelog: String,
    pub places: Places,
    /// With `storage: tracked`: the generated lines that are in the file or about to be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    pub basis: Basis,
    /// Number of the view. It increases with each view that has other lines than the previous one, or was made from another blob.
    #[serde(default)]
    pub view: u64,
    /// Whether the file has notes of an upcoming release: they may name a new commit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_notes_to_come: bool,
    /// Authors and picked commits that only the previous release has: a new commit that matches one may be released already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<String>,
    /// The digest of the whole file.
    pub whole: String,
}

/// A file as relwatch wrote it, for recognizing it.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct WrittenFile {
    pub whole: String,
    pub places: Places,
}

/// A state as it is stored.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    state: State,
    /// The file that was replaced.
    before: WrittenFile,
    /// The number of the entries file, and how many of its bytes belong to this state.
    slot: usize,
    bytes: u64,
}

/// The state as found, including that of an interrupted write, whose file may be the present one. Nobody else changes it under the write
/// lock, so a caller with the lock reads it once.
#[derive(Debug)]
pub struct FoundState {
    last: Stored,
    folder: PathBuf,
    interrupted: Option<Stored>,
    /// Its entries, read on demand.
    inserted: OnceCell<Option<Inserted>>,
    earlier: OnceCell<EarlierViews>,
}

/// The content that was inserted into the changelog.
#[derive(Debug)]
pub struct Inserted {
    pub record: Record,
    /// The record before an interrupted write.
    pub before: Option<Record>,
}

impl From<Record> for Inserted {
    fn from(record: Record) -> Inserted {
        Inserted {
            record,
            before: None,
        }
    }
}

impl FoundState {
    pub fn state(&self) -> &State {
        &self.last.state
    }

    /// The file that the present one replaced.
    pub fn before(&self) -> &WrittenFile {
        &self.last.before
    }

    /// The directory in which it is stored.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether more entries can be added: the last write was completed, and its entries file exists.
    pub fn can_grow(&self) -> bool {
        let Stored { slot, bytes, .. } = self.last;
        self.is_settled() && files::size(&layout::view_items(&self.folder, slot)) >= bytes
    }

    /// Whether the last write was completed.
    pub fn is_settled(&self) -> bool {
        self.interrupted.is_none()
    }

    /// The entries with their texts. `None` if they cannot be read.
    pub fn inserted(&self) -> Option<&Inserted> {
        let read = || {
            let before = match &self.interrupted {
                Some(stored) => Some(stored.record(&self.folder)?),
                None => None,
            };
            let record = self.last.record(&self.folder)?;
            Some(Inserted { record, before })
        };
        self.inserted.get_or_init(read).as_ref()
    }

    /// The record of earlier views. If it is lost, it is empty: then the lines of an old copy of the file count as hand-written.
    pub fn earlier(&self) -> &EarlierViews {
        self.earlier.get_or_init(|| {
            let text = files::read(&layout::earlier_views(&self.folder)).ok();
            text.flatten()
                .and_then(|text| unsealed(&text))
                .unwrap_or_default()
        })
    }
}

impl Stored {
    fn record(&self, folder: &Path) -> Option<Record> {
        let places = &self.state.places;
        if self.bytes == 0 {
            return Some(places.with_items([]));
        }
        let text = files::read(&layout::view_items(folder, self.slot)).ok()??;
        let own = text.get(..usize::try_from(self.bytes).ok()?)?;
        let lines = own.split_inclusive(|byte| *byte == b'\n');
        let items: Option<Vec<(usize, Item)>> = lines.map(unsealed).collect();
        Some(places.with_items(items?))
    }
}

/// A line with its checksum: damaged data is discarded and rebuilt.
fn sealed<T: Serialize>(value: &T) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    format!("{json}\t{}\n", files::digest(json.as_bytes()))
}

/// The value that was [`sealed`]. `None` if it is damaged.
fn unsealed<T: DeserializeOwned>(line: &[u8]) -> Option<T> {
    let line = std::str::from_utf8(line).ok()?;
    let (json, digest) = line.strip_suffix('\n')?.rsplit_once('\t')?;
    let is_whole = files::digest(json.as_bytes()) == digest;
    is_whole.then(|| serde_json::from_str(json).ok())?
}

/// The entries of a state to be written.
#[derive(Debug, Clone, Copy)]
pub enum Items<'a> {
    /// All entries.
    All(&'a Record),
    /// Entries in addition to the present ones.
    More(&'a [(usize, Item)]),
}

/// The inputs of a section. If only `head` differs, only commits were added.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    #[serde(with = "or_empty")]
    pub head: Option<CommitId>,
    /// The version of the binary that computed it: another version may read messages differently.
    pub version: String,
    pub tags: String,
    pub config: String,
    pub specs: String,
    /// Fingerprint of the changelog in the working tree, and its blob in the index.
    pub file: String,
    pub blob: String,
}

/// The state. `None` if it does not exist or cannot be read.
pub fn load(folder: &Path) -> Option<FoundState> {
    // Read in the order in which they are written, newest first: so a concurrent write hides neither.
    let now = files::read(&layout::view(folder)).ok()?;
    let before = files::read(&layout::previous_view(folder)).ok().flatten();
    let (now, interrupted) = match now {
        // An unreadable state is lost. An old one still means that the write was not completed.
        Some(now) => {
            let before = before.map(|text| unsealed(&text).unwrap_or_default());
            (unsealed::<Stored>(&now)?, before)
        }
        // The process was killed between the two steps of `begin`: the changelog is the old one.
        None => (unsealed(&before?)?, None),
    };
    Some(FoundState {
        last: now,
        folder: folder.to_owned(),
        interrupted,
        inserted: OnceCell::new(),
        earlier: OnceCell::new(),
    })
}

/// The state in a directory: from those that were already read, else read now.
pub fn of_folder(read: &mut Vec<FoundState>, folder: &Path) -> Option<FoundState> {
    match read.iter().position(|found| found.folder == folder) {
        Some(at) => Some(read.swap_remove(at)),
        None => load(folder),
    }
}

fn read(path: &Path) -> Option<Stored> {
    unsealed(&files::read(path).ok()??)
}

/// Writes the state that the changelog is about to have. The old one is kept until [`finish`]. `known` is the present state, if the caller
/// has read it under the lock.
pub fn begin(
    folder: &Path,
    known: Option<&FoundState>,
    state: State,
    items: Items<'_>,
) -> Result<()> {
    let (current, previous) = (layout::view(folder), layout::previous_view(folder));
    let stored = stored(folder, known, state, items)?;
    if read(&previous).is_none() {
        if files::exists(&current) {
            files::rename(&current, &previous)?;
        } else {
            files::replace(&previous, b"", Durable::No)?;
        }
    }
    write(&current, &stored)
}

/// Marks the write of [`begin`] as completed.
pub fn finish(folder: &Path) -> Result<()> {
    files::remove(&layout::previous_view(folder))
}

/// Restores the state before [`begin`]: the changelog was not replaced.
pub fn take_back(folder: &Path) -> Result<()> {
    let (current, previous) = (layout::view(folder), layout::previous_view(folder));
    if files::size(&previous) > 0 {
        return files::rename(&previous, &current);
    }
    files::remove(&current)?;
    files::remove(&previous)
}

/// Writes the state of an unchanged changelog. This also completes an interrupted write. `known` is the same as for [`begin`].
pub fn note(
    folder: &Path,
    known: Option<&FoundState>,
    state: State,
    items: Items<'_>,
) -> Result<()> {
    let stored = stored(folder, known, state, items)?;
    write(&layout::view(folder), &stored)?;
    files::remove(&layout::previous_view(folder))
}

/// Writes the entries where they do not overwrite those of other states.
fn stored(
    folder: &Path,
    known: Option<&FoundState>,
    state: State,
    items: Items<'_>,
) -> Result<Stored> {
    // Without `known` there may be a state that `load` considers lost, and whose entries must be kept.
    let read = |path: PathBuf| known.is_none().then(|| read(&path)).flatten();
    let (now, before) = (
        read(layout::view(folder)),
        read(layout::previous_view(folder)),
    );
    let now = known.map(|known| &known.last).or(now.as_ref());
    let before = known.map_or(before.as_ref(), |known| known.interrupted.as_ref());
    // git may have read the file just before it is written and run the filter just after.
    let replaced = match now.or(before) {
        Some(known) if known.state.whole == state.whole => known.before.clone(),
        Some(known) => WrittenFile {
            whole: known.state.whole.clone(),
            places: known.state.places.clone(),
        },
        None => WrittenFile::default(),
    };
    let (slot, bytes) = match items {
        Items::More(more) => {
            let none = Stored::default();
            let known = now.or(before).unwrap_or(&none);
            let more: String = more.iter().map(sealed).collect();
            if !more.is_empty() {
                // Bytes after the end are leftovers of an interrupted write.
                files::append_at(
                    &layout::view_items(folder, known.slot),
                    known.bytes,
                    more.as_bytes(),
                )?;
            }
            (known.slot, known.bytes + more.len() as u64)
        }
        Items::All(record) => {
            let taken = [now, before].map(|known| known.map(|known| known.slot));
            let mut slots = 0..SLOTS;
            let slot = slots
                .find(|slot| !taken.contains(&Some(*slot)))
                .unwrap_or(0);
            let items: Vec<(usize, &Item)> = record.items().collect();
            let all = parallel::map(&items, sealed).concat();
            if !all.is_empty() {
                let path = layout::view_items(folder, slot);
                files::replace(&path, all.as_bytes(), Durable::No)?;
            }
            (slot, all.len() as u64)
        }
    };
    Ok(Stored {
        state,
        before: replaced,
        slot,
        bytes,
    })
}

fn write(path: &Path, state: &Stored) -> Result<()> {
    files::replace(path, sealed(state).as_bytes(), Durable::No).map(drop)
}

/// Writes the record of earlier views, before the state. If it lists a line too early, the current record still has it, and takes
/// precedence.
pub fn keep_earlier(folder: &Path, earlier: &EarlierViews) -> Result<()> {
    let path = layout::earlier_views(folder);
    files::replace(&path, sealed(earlier).as_bytes(), Durable::No).map(drop)
}

/// Forgets the state.
pub fn forget(folder: &Path) -> Result<()> {
    files::remove(&layout::previous_view(folder))?;
    files::remove(&layout::view(folder))?;
    files::remove(&layout::earlier_views(folder))?;
    let mut slots = 0..SLOTS;
    slots.try_for_each(|slot| files::remove(&layout::view_items(folder, slot)))
}

/// The directories of all states: that of the repository, and those of its components.
pub fn folders(git_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![layout::folder(git_dir)];
    for path in glob::matching(git_dir, layout::COMPONENT_VIEWS)? {
        found.extend(files::at(git_dir, &path).parent().map(Path::to_owned));
    }
    found.dedup();
    Ok(found)
}
