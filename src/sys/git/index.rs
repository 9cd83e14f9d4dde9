//! git's index file (gitformat-index(5)): finds one entry, and changes its time and size.
//!
//! libgit2 reads and writes all entries for that, which in a large repository takes most of a hook's time. It also drops the extensions
//! that it does not know: untracked cache, file system monitor. The file is streamed: memory use does not grow with it.

use std::fs::File;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result as IoResult, Write};
use std::path::{Path, PathBuf};

use git2::{ObjectFormat, Oid};

use crate::domain::failure::Result;
use crate::sys::files::{self, git_lock};
use crate::sys::git::object_name::{Blob, ObjectHash, id_length};

/// Size in bytes of times and sizes, which precede the blob name.
const STAT: usize = 40;
/// Maximum length in bytes of a blob name.
const MOST_ID: usize = 32;
/// Size in bytes of the flags after the blob name: length of the path, and stage of a conflict.
const FLAGS: usize = 2;
const HEADER: usize = 12;

/// Size in bytes of the part of the file in memory.
const PIECE: usize = 64 * 1024;

/// The state of a path in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indexed {
    Untracked,
    Conflicted,
    Tracked(Blob),
}

/// One entry of the index, and its position in the file.
pub struct IndexEntry {
    pub indexed: Indexed,
    path: String,
    file: PathBuf,
    /// The format of names and checksum.
    format: ObjectFormat,
    /// The fingerprint of the index file, which shows whether it has changed since.
    fingerprint: String,
    /// The offset of the entry.
    at: u64,
    /// The times and sizes of the entry.
    stat: [u8; STAT],
    /// Whether another file was written in the same second as the index, or later. Only these times make git compare its content, and a
    /// newer index would prevent that (racy-git.txt).
    has_racy: bool,
}

/// The data of a file in the index: seconds and nanoseconds of its last change and last write, and the rest of stat(2). git stores 32 bits
/// of each.
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

impl IndexEntry {
    /// Finds a path. A repository may have no index yet. `None` for indexes that only git understands: split, sparse or damaged ones.
    pub fn find(git_dir: &Path, path: &str, format: ObjectFormat) -> Result<Option<IndexEntry>> {
        let file = git_dir.join("index");
        let mut entry = IndexEntry {
            indexed: Indexed::Untracked,
            path: path.to_owned(),
            fingerprint: files::fingerprint(&file),
            file,
            format,
            at: 0,
            stat: [0; STAT],
            has_racy: false,
        };
        let written = files::modified(&entry.file) as u32;
        let Some((input, length)) = files::open(&entry.file, u64::MAX)? else {
            return Ok(Some(entry));
        };
        match entry.read(BufReader::with_capacity(PIECE, input), length, written) {
            Ok(()) => Ok(Some(entry)),
            Err(error) => match error.kind() {
                ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Ok(None),
                _ => Err(files::cannot("read", &entry.file, &error)),
            },
        }
    }

    fn read(&mut self, mut input: BufReader<File>, length: u64, written: u32) -> IoResult<()> {
        if length == 0 {
            return Ok(());
        }
        let header: [u8; HEADER] = array(&mut input)?;
        let (version, count) = (number(&header, 4), number(&header, 8));
        if !header.starts_with(b"DIRC") || !(2..=4).contains(&version) {
            return Err(ErrorKind::InvalidData.into());
        }
        let id = id_length(self.format);
        let mut name = Vec::new();
        let mut at = HEADER as u64;
        for _ in 0..count {
            let mut start = [0; STAT + MOST_ID + FLAGS];
            let start = &mut start[..STAT + id + FLAGS];
            input.read_exact(start)?;
            let flags = u16::from_be_bytes([start[STAT + id], start[STAT + id + 1]]);
            let fixed = start.len();
            let size = self.read_name(&mut input, version, (fixed, flags), &mut name)?;
            if name == self.path.as_bytes() {
                self.at = at;
                self.stat.copy_from_slice(&start[..STAT]);
                self.indexed = match flags >> 12 & 3 {
                    0 => Indexed::Tracked(blob(&start[STAT..STAT + id])?),
                    _ => Indexed::Conflicted,
                };
            } else {
                self.has_racy |= number(start, 8) >= written
            }
            at += size as u64;
        }
        let length = length.checked_sub(id as u64);
        skip_extensions(&mut input, at, length.ok_or(ErrorKind::InvalidData)?)
    }

    /// Reads the name of an entry after its fixed part of `size` bytes, or skips it if it is not as long as the path. Returns the length of
    /// the whole entry.
    fn read_name(
        &self,
        input: &mut BufReader<File>,
        version: u32,
        (mut size, flags): (usize, u16),
        name: &mut Vec<u8>,
    ) -> IoResult<usize> {
        if flags & 0x4000 != 0 {
            array::<FLAGS>(input)?; // more of them
            size += FLAGS;
        }
        if version == 4 {
            return Ok(size + compressed(input, name)?);
        }
        name.clear();
        let length = match usize::from(flags & 0xfff) {
            // A length that exceeds twelve bits is not stored.
            0xfff => through_nul(input, name)? - 1,
            length => length,
        };
        if length == self.path.len() && name.is_empty() {
            name.resize(length, 0);
            input.read_exact(name)?;
        }
        let read = name.len();
        name.truncate(length);
        // Padded by one to eight NULs.
        let padded = (size + length + 1).next_multiple_of(8);
        input.seek_relative((padded - size - read) as i64)?;
        Ok(padded)
    }

    /// Whether the entry is that of this path, and the index file is unchanged.
    pub fn is_of(&self, path: &str) -> bool {
        self.path == path && self.fingerprint == files::fingerprint(&self.file)
    }

    /// The stored data of the file.
    pub fn stat(&self) -> Stat {
        let number = |field: usize| number(&self.stat, 4 * field);
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

    /// Writes the index with another stat for the entry. All other bytes are unchanged.
    ///
    /// # Errors
    /// Fails if git has locked the index, or has changed it since it was read.
    pub fn write(self, stat: &Stat) -> Result<()> {
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
        let mut new = self.stat;
        for (field, value) in fields {
            new[4 * field..4 * field + 4].copy_from_slice(&value.to_be_bytes());
        }
        let copy = |input: &mut File, length: u64, output: &mut File| {
            let entry = self.at + STAT as u64;
            let rest = length.checked_sub(entry + id_length(self.format) as u64);
            let rest = rest.ok_or(ErrorKind::UnexpectedEof)?;
            let mut output = Summed {
                file: output,
                hash: ObjectHash::new(self.format),
            };
            let through = |input: &mut File, length: u64, output: &mut Summed<'_>| {
                let mut piece = BufReader::with_capacity(PIECE, input.take(length));
                std::io::copy(&mut piece, output)
            };
            through(input, self.at, &mut output)?;
            array::<STAT>(input)?;
            output.write_all(&new)?;
            through(input, rest, &mut output)?;
            // Without a checksum there are zeros (git-config, index.skipHash).
            let mut sum = Vec::new();
            input.read_to_end(&mut sum)?;
            if sum.iter().any(|byte| *byte != 0) {
                sum = output.hash.finish().as_bytes().to_vec();
            }
            output.file.write_all(&sum)
        };
        git_lock::replace_locked(&self.file, copy, &self.fingerprint, self.has_racy)
    }
}

/// A file, and the checksum of everything written to it.
struct Summed<'f> {
    file: &'f mut File,
    hash: ObjectHash,
}

impl Write for Summed<'_> {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> IoResult<()> {
        self.file.flush()
    }
}

/// Skips the extensions, from `at` to the checksum, which begins at `end`.
fn skip_extensions(input: &mut BufReader<File>, mut at: u64, end: u64) -> IoResult<()> {
    while at < end {
        let extension: [u8; 8] = array(input)?;
        if matches!(&extension[..4], b"link" | b"sdir") {
            return Err(ErrorKind::InvalidData.into());
        }
        let size = number(&extension, 4);
        input.seek_relative(size.into())?;
        at += 8 + u64::from(size);
    }
    if at == end {
        Ok(())
    } else {
        Err(ErrorKind::InvalidData.into())
    }
}

/// Reads the name of a version 4 entry: the number of bytes removed from the previous name, and their replacement. Returns the length in
/// the file.
fn compressed(input: &mut impl BufRead, name: &mut Vec<u8>) -> IoResult<usize> {
    let [mut byte] = array(input)?;
    let mut goes = usize::from(byte & 127);
    let mut size = 1;
    while byte & 128 != 0 {
        [byte] = array(input)?;
        size += 1;
        let more = goes.checked_add(1).and_then(|goes| goes.checked_mul(128));
        let more = more.and_then(|goes| goes.checked_add(usize::from(byte & 127)));
        goes = more.ok_or(ErrorKind::InvalidData)?;
    }
    let kept = name.len().checked_sub(goes);
    name.truncate(kept.ok_or(ErrorKind::InvalidData)?);
    size += through_nul(input, name)?;
    name.pop();
    Ok(size)
}

/// Adds all bytes up to and including the next NUL.
fn through_nul(input: &mut impl BufRead, name: &mut Vec<u8>) -> IoResult<usize> {
    let size = input.read_until(0, name)?;
    match name.last() {
        Some(0) => Ok(size),
        _ => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn array<const N: usize>(input: &mut impl Read) -> IoResult<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn blob(id: &[u8]) -> IoResult<Blob> {
    let id = Oid::from_bytes(id).map_err(Error::other)?;
    Ok(Blob(id))
}
