//! git's index file (gitformat-index(5)): finds one entry, and gives it another time and size.
//!
//! libgit2 reads and writes all entries for that, which in a large repository is most of a hook's time, and it drops the extensions
//! that it does not know: untracked cache, file system monitor.

use std::path::{Path, PathBuf};

use git2::Oid;
use sha1::{Digest, Sha1};

use super::{Blob, Indexed};
use crate::domain::failure::Result;
use crate::sys::files;

/// Times and sizes before the name of the blob.
const STAT: usize = 40;
const ID: usize = 20;
const HEADER: usize = 12;

/// The file as it was read.
pub struct IndexFile {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Tells whether it has changed since.
    fingerprint: String,
    /// When it was written, in seconds.
    written: u32,
}

/// What the file says about a path.
pub struct Looked {
    pub indexed: Indexed,
    /// Where the entry begins.
    at: usize,
    /// Another file was written in the second in which the index was, or later: only that tells git to compare its content, and an
    /// index that is newer would make it forget (racy-git.txt).
    has_racy: bool,
}

/// What the index knows of a file: seconds and nanoseconds of its change and of its content's, and the rest of stat(2).
/// git keeps 32 bits of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stat {
    pub changed: [u32; 2],
    pub modified: [u32; 2],
    pub device: u32,
    pub inode: u32,
    pub user: u32,
    pub group: u32,
    pub size: u32,
}

impl IndexFile {
    /// Reads the index; a repository may have none yet.
    pub fn read(git_dir: &Path) -> Result<IndexFile> {
        let path = git_dir.join("index");
        let fingerprint = files::fingerprint(&path);
        let written = files::modified(&path) as u32;
        let bytes = files::read_at_most(&path, u64::MAX)?.unwrap_or_default();
        Ok(IndexFile {
            path,
            bytes,
            fingerprint,
            written,
        })
    }

    /// Whether the file has changed since.
    pub fn is_stale(&self) -> bool {
        self.fingerprint != files::fingerprint(&self.path)
    }

    /// What is said about `path`; `None` for what only git understands: split and sparse indexes, and damage.
    pub fn look(&self, path: &str) -> Option<Looked> {
        let mut looked = Looked {
            indexed: Indexed::Untracked,
            at: 0,
            has_racy: false,
        };
        if self.bytes.is_empty() {
            return Some(looked);
        }
        let version = self.number(4)?;
        if !self.bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
            return None;
        }
        let mut name = Vec::new();
        let mut at = HEADER;
        for _ in 0..self.number(8)? {
            let entry = at;
            let flags = u16::from_be_bytes(self.array(entry + STAT + ID)?);
            let extended = flags & 0x4000 != 0;
            let start = entry + STAT + ID + 2 + if extended { 2 } else { 0 };
            let is_it = if version == 4 {
                at = self.compressed(start, &mut name)?;
                name == path.as_bytes()
            } else {
                // A length that does not fit into twelve bits is not said.
                let length = match usize::from(flags & 0xfff) {
                    0xfff => self.bytes.get(start..)?.iter().position(|b| *b == 0)?,
                    length => length,
                };
                // Padded by one to eight NULs.
                at = entry + (start + length - entry + 8) / 8 * 8;
                length == path.len() && self.bytes.get(start..start + length)? == path.as_bytes()
            };
            looked.has_racy |= !is_it && self.number(entry + 8)? >= self.written;
            if is_it {
                let stage = flags >> 12 & 3;
                looked.at = entry;
                looked.indexed = match stage {
                    0 => Indexed::Tracked(self.blob(entry)?),
                    _ => Indexed::Conflicted,
                };
            }
        }
        while at + ID < self.bytes.len() {
            let kind = self.bytes.get(at..at + 4)?;
            if matches!(kind, b"link" | b"sdir") {
                return None;
            }
            at += 8 + self.number(at + 4)? as usize;
        }
        Some(looked)
    }

    /// The name of a version 4 entry: how much of the one before goes, and what comes instead. Returns its end.
    fn compressed(&self, start: usize, name: &mut Vec<u8>) -> Option<usize> {
        let mut at = start;
        let mut byte = *self.bytes.get(at)?;
        let mut goes = usize::from(byte & 127);
        while byte & 128 != 0 {
            at += 1;
            byte = *self.bytes.get(at)?;
            goes = (goes.checked_add(1)?.checked_mul(128)?) + usize::from(byte & 127);
        }
        let rest = self.bytes.get(at + 1..)?;
        let length = rest.iter().position(|b| *b == 0)?;
        name.truncate(name.len().checked_sub(goes)?);
        name.extend_from_slice(&rest[..length]);
        Some(at + 1 + length + 1)
    }

    /// What the index knows of an entry's file.
    pub fn stat(&self, looked: &Looked) -> Stat {
        let number = |field: usize| self.number(looked.at + 4 * field).unwrap_or_default();
        Stat {
            changed: [number(0), number(1)],
            modified: [number(2), number(3)],
            device: number(4),
            inode: number(5),
            user: number(7),
            group: number(8),
            size: number(9),
        }
    }

    /// Writes the file with another stat for one entry, all else to the byte as it was.
    ///
    /// # Errors
    /// If git holds the index, or has changed it since it was read.
    pub fn write(mut self, looked: &Looked, stat: &Stat) -> Result<()> {
        let fields = [
            (0, stat.changed[0]),
            (1, stat.changed[1]),
            (2, stat.modified[0]),
            (3, stat.modified[1]),
            (4, stat.device),
            (5, stat.inode),
            (7, stat.user),
            (8, stat.group),
            (9, stat.size),
        ];
        for (field, value) in fields {
            let at = looked.at + 4 * field;
            self.bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
        }
        let end = self.bytes.len() - ID;
        // Without a checksum there are zeros (git-config, index.skipHash).
        if self.bytes[end..].iter().any(|byte| *byte != 0) {
            let digest = Sha1::digest(&self.bytes[..end]);
            self.bytes[end..].copy_from_slice(&digest);
        }
        files::replace_locked(&self.path, &self.bytes, &self.fingerprint, looked.has_racy)
    }

    fn blob(&self, entry: usize) -> Option<Blob> {
        let id: [u8; ID] = self.array(entry + STAT)?;
        Oid::from_bytes(&id).ok().map(Blob)
    }

    fn number(&self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..at + N)?.try_into().ok()
    }
}
