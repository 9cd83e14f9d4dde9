//! Files: bounded reads, atomic replacement.

mod append;
pub mod git_lock;
pub mod glob;
pub mod staging;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs;
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::NamedTempFile;
use twox_hash::XxHash3_128;

use crate::domain::failure::{Failure, Result};

#[cfg(unix)]
use self::unix as system;
#[cfg(windows)]
use self::windows as system;

/// Maximum size in bytes of a changelog, a spec or a hook. Larger files are rejected by name.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The reason why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// The file is unsuitable: not a regular file, too large, or not readable by us.
    Refused(Failure),
    /// A system error.
    Failed(Failure),
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Failure {
        match unread {
            Unread::Refused(failure) | Unread::Failed(failure) => failure,
        }
    }
}

/// The bytes of a regular file. `None` if it does not exist. Rejects symbolic links, devices and pipes: a repository must not make us read
/// or replace anything outside it.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    read_at_most(path, MAX_BYTES).map_err(Failure::from)
}

/// The same as [`read`], with another size limit.
pub fn read_at_most(path: &Path, bound: u64) -> std::result::Result<Option<Vec<u8>>, Unread> {
    let Some((file, length)) = open(path, bound)? else {
        return Ok(None);
    };
    let mut bytes = Vec::with_capacity(length as usize + 1);
    let read = file.take(bound).read_to_end(&mut bytes);
    read.map_err(|error| unread(path, &error))?;
    Ok(Some(bytes))
}

/// Opens a file with the checks of [`read_at_most`], for reading it in pieces. Returns the file and its size in bytes.
pub fn open(path: &Path, bound: u64) -> std::result::Result<Option<(fs::File, u64)>, Unread> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(unread(path, &error)),
    };
    if !meta.is_file() {
        let what = format!("{} is not a regular file", path.display());
        let failure = Failure::failed(what).with_remedy("relwatch leaves it alone");
        return Err(Unread::Refused(failure));
    }
    if meta.len() > bound {
        let what = format!("{} has {} bytes", path.display(), meta.len());
        let remedy = format!("relwatch reads at most {bound}");
        return Err(Unread::Refused(Failure::failed(what).with_remedy(remedy)));
    }
    let file = fs::File::open(path).map_err(|error| unread(path, &error))?;
    Ok(Some((file, meta.len())))
}

fn unread(path: &Path, error: &std::io::Error) -> Unread {
    let failure = cannot("read", path, error);
    match error.kind() {
        ErrorKind::PermissionDenied => Unread::Refused(failure),
        _ => Unread::Failed(failure),
    }
}

/// The failures that a write must survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// For a user's file: the new one is on disk before the old one is removed.
    Yes,
    /// For a file that can be rebuilt.
    No,
}

/// Replaces a file as a whole if its bytes differ. A temporary file on the same file system, where git does not see it ([`staging`]), is
/// flushed and renamed over the old one. Mode and group are kept. Returns whether anything was written.
pub fn replace(path: &Path, bytes: &[u8], durable: Durable) -> Result<bool> {
    if durable == Durable::Yes && read(path)?.as_deref() == Some(bytes) {
        return Ok(false);
    }
    prepare(path, bytes, durable)?.commit()?;
    Ok(true)
}

/// New content of a file in a temporary file. It is removed when dropped, unless committed.
#[derive(Debug)]
pub struct Prepared {
    file: NamedTempFile,
    path: PathBuf,
}

impl Prepared {
    /// The [`content_fingerprint`] of the file after it is committed.
    pub fn content_fingerprint(&self) -> String {
        content_fingerprint(self.file.path())
    }

    /// Sets the modification time to a moment ago. git and other tools compare the content of a file that is not older than the index each
    /// time they look (racy-git.txt), git through our filter, libgit2 without it.
    pub fn aged(self) -> Result<Prepared> {
        const MOMENT: Duration = Duration::from_secs(1); // git looks at whole seconds unless it was built with USE_NSEC
        let file = self.file.as_file();
        let set = || file.set_modified(file.metadata()?.modified()? - MOMENT);
        match set() {
            Ok(()) => Ok(self),
            Err(error) => Err(cannot("write", &self.path, &error)),
        }
    }

    /// Replaces the old file by the new one.
    pub fn commit(self) -> Result<()> {
        let Prepared { file, path } = self;
        let moved = match system::persisted(file, &path) {
            Err(error) if error.error.kind() == ErrorKind::CrossesDevices => {
                copied(&error.file, &path)
            }
            moved => moved.map(drop).map_err(|error| error.error),
        };
        moved.map_err(|error| cannot("write", &path, &error))
    }

    /// Replaces the old file if it still has this [`digest`]. Otherwise returns false, and the file stays as it was just saved by someone
    /// else. If the file system cannot swap two files, a concurrent change is not detected.
    pub fn commit_over(self, expected: &str) -> Result<bool> {
        let ours = self.digest();
        if !self.swapped() {
            return self.commit().map(|()| true);
        }
        if self.digest().as_deref() == Some(expected) {
            return Ok(true); // the old file goes with the temporary name
        }
        self.swapped();
        if self.digest() != ours {
            self.swapped(); // saved once more, on top of ours: the last one wins, as with any two who save
        }
        Ok(false)
    }

    fn digest(&self) -> Option<String> {
        let bytes = fs::read(self.file.path()).ok()?;
        Some(digest(&bytes))
    }

    /// Swaps the temporary file and the file that it replaces.
    fn swapped(&self) -> bool {
        system::swap(self.file.path(), &self.path)
    }
}

/// Replaces a file by a copy of `file`, created beside it. This is needed because one file system can be mounted twice, and a rename
/// between the mounts fails.
fn copied(file: &NamedTempFile, path: &Path) -> std::io::Result<()> {
    let folder = folder_of(path);
    staging::hide_in(path, folder);
    let meta = file.as_file().metadata()?;
    let mut copy = temporary_in(folder, Some(meta.permissions()))?;
    std::io::copy(&mut file.reopen()?, copy.as_file_mut())?;
    let copied = copy.as_file();
    copied.set_permissions(meta.permissions())?;
    copied.set_modified(meta.modified()?)?;
    copied.sync_data()?;
    system::persisted(copy, path)
        .map(drop)
        .map_err(|error| error.error)
}

fn folder_of(path: &Path) -> &Path {
    let parent = path.parent();
    let parent = parent.filter(|folder| !folder.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn temporary_in(folder: &Path, mode: Option<fs::Permissions>) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new();
    file.prefix(staging::TEMPORARY);
    if let Some(mode) = mode {
        file.permissions(mode);
    }
    file.tempfile_in(folder)
}

/// Writes the bytes that will replace a file into a temporary file with the same mode.
pub fn prepare(path: &Path, bytes: &[u8], durable: Durable) -> Result<Prepared> {
    let folder = folder_of(path);
    let before = fs::metadata(path).ok();
    let mode = before.as_ref().map(fs::Metadata::permissions);
    let write = || -> std::io::Result<NamedTempFile> {
        fs::create_dir_all(folder)?;
        let place = staging::folder_for(path, folder);
        let mut file = temporary_in(&place, mode.clone().or_else(system::new_mode))?;
        file.write_all(bytes)?;
        if durable == Durable::Yes {
            file.as_file().sync_data()?;
        }
        if place != folder {
            system::take_group(file.as_file(), before.as_ref(), folder);
        }
        if let Some(mode) = mode {
            // The umask may have removed bits from the mode requested above.
            file.as_file().set_permissions(mode)?;
        }
        Ok(file)
    };
    let file = write().map_err(|error| cannot("write", path, &error))?;
    Ok(Prepared {
        file,
        path: path.to_owned(),
    })
}

#[expect(clippy::disallowed_methods, reason = "a lock file must be new")]
pub fn created(path: &Path) -> std::io::Result<fs::File> {
    fs::File::options().write(true).create_new(true).open(path)
}

pub fn renamed(from: &Path, to: &Path) -> std::io::Result<()> {
    system::rename(from, to)
}

/// A directory of ours in the system's temporary directory. It is removed when dropped.
pub type TemporaryFolder = tempfile::TempDir;

/// Creates a temporary directory.
pub fn temporary_folder() -> Result<TemporaryFolder> {
    let folder = tempfile::Builder::new().prefix("relwatch-").tempdir();
    folder.map_err(|error| cannot("create a directory in", &std::env::temp_dir(), &error))
}

/// Creates a temporary directory in one of our directories.
pub fn temporary_folder_in(folder: &Path) -> Result<TemporaryFolder> {
    let made = fs::create_dir_all(folder)
        .and_then(|()| tempfile::Builder::new().prefix("sign-").tempdir_in(folder));
    made.map_err(|error| cannot("create a directory in", folder, &error))
}

/// Renames a file of our own.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    renamed(from, to).map_err(|error| cannot("rename", from, &error))
}

/// Creates the parent directory of a file.
pub fn make_parent(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| cannot("make", folder, &error))
}

/// Removes the directories below `root` that became empty when a file was removed, as git does.
pub fn remove_empty_parents(root: &Path, path: &Path) {
    for folder in path
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != root)
    {
        if fs::remove_dir(folder).is_err() {
            return; // it holds something else
        }
    }
}

/// The same as [`replace`], and makes the file executable.
pub fn replace_script(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes, Durable::Yes)?;
    system::set_executable(path).map_err(|error| cannot("change the mode of", path, &error))
}

/// Appends to a file.
pub fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    append::append(path, bytes).map_err(|error| cannot("write", path, &error))
}

/// Appends to a file of our own at `size` bytes. Any content after that is removed.
#[expect(clippy::disallowed_methods, reason = "state files grow at their end")]
pub fn append_at(path: &Path, size: u64, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).open(path)?;
        file.set_len(size)?;
        file.seek(std::io::SeekFrom::End(0))?;
        file.write_all(bytes)
    };
    write().map_err(|error| cannot("write", path, &error))
}

/// Removes a file. It need not exist.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that removes files"
)]
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => Err(cannot("remove", path, &error)),
        _ => Ok(()),
    }
}

/// Removes a directory of our own with all its content. It need not exist.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that removes directories"
)]
pub fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if !is_absent(&error) => Err(cannot("remove", path, &error)),
        _ => Ok(()),
    }
}

/// The target of a path, with symlinks resolved. `None` if nothing exists there.
pub fn resolved(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok().map(system::plain)
}

/// Whether two paths lead to the same file.
pub fn same(a: &Path, b: &Path) -> bool {
    resolved(a).is_some_and(|a| Some(a) == resolved(b))
}

/// Whether a path leads into a directory. Its last name need not exist.
pub fn is_below(folder: &Path, path: &Path) -> bool {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = resolved(parent.unwrap_or(Path::new(".")));
    let is_in = |parent: PathBuf| resolved(folder).is_some_and(|folder| parent.starts_with(folder));
    parent.is_some_and(is_in)
}

/// The first parent of a path, relative to `root`, that is a symbolic link: anything below it may be anywhere.
pub fn link_above(root: &Path, path: &str) -> Option<String> {
    let ends = path.match_indices('/').map(|(at, _)| &path[..at]);
    let is_link =
        |folder: &&str| fs::symlink_metadata(at(root, folder)).is_ok_and(|meta| meta.is_symlink());
    ends.into_iter().find(is_link).map(str::to_owned)
}

/// Whether a regular file is at this path.
pub fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file())
}

/// The text of a symbolic link, as git stores it. `None` if the path is not one.
pub fn link(path: &Path) -> Option<Vec<u8>> {
    let target = fs::read_link(path).ok()?;
    Some(slashed(&target.to_string_lossy()).into_bytes())
}

/// Whether anything exists at this path, including a dangling symlink.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The regular file in the same directory that a symbolic link leads to. Rejects every other target: it may be outside the repository.
pub fn behind_link(path: &Path) -> Option<PathBuf> {
    let target = fs::read_link(path).ok()?;
    let name = target
        .file_name()
        .filter(|name| target.as_os_str() == *name)?;
    let beside = path.with_file_name(name);
    is_file(&beside).then_some(beside)
}

/// Whether a path is a symbolic link, regardless of its target.
pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink())
}

/// Whether a file is executable.
pub fn is_executable(path: &Path) -> bool {
    system::is_executable(path)
}

/// A fingerprint that changes with a file or directory, as in git (gitformat-index(5)): size, both times, and identity, as far as the
/// system has them. Empty if the file does not exist.
pub fn fingerprint(path: &Path) -> String {
    fs::symlink_metadata(path).map_or_else(
        |_| String::new(),
        |meta| {
            let changed = system::changed_as_text(path, &meta);
            format!("{} {changed}", content_fingerprint_of(&meta))
        },
    )
}

/// The same as [`fingerprint`], without the time that a rename changes: for a file of ours that is about to get its name. Callers that rely
/// on it must also compare the content.
pub fn content_fingerprint(path: &Path) -> String {
    let meta = fs::symlink_metadata(path);
    meta.map_or_else(|_| String::new(), |meta| content_fingerprint_of(&meta))
}

/// The same as [`content_fingerprint`], from metadata that was already read.
pub fn content_fingerprint_of(meta: &fs::Metadata) -> String {
    system::written(meta)
}

/// Whether a file was written and changed long enough ago that a later write gets another time.
pub fn is_settled(path: &Path) -> bool {
    const COARSE: Duration = Duration::from_secs(2); // the coarsest clock of a file system (FAT)
    const TICK: Duration = Duration::from_millis(10); // the coarsest clock of a kernel that counts less than seconds
    let is_past =
        |time: SystemTime, moment: Duration| time.elapsed().is_ok_and(|since| since > moment);
    let Ok(meta) = fs::symlink_metadata(path) else {
        return false;
    };
    let is_written = meta.modified().is_ok_and(|time| is_past(time, COARSE));
    is_written
        && system::changed(&meta).is_none_or(|time| {
            let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
            let moment = if since.subsec_nanos() == 0 {
                COARSE
            } else {
                TICK
            };
            is_past(time, moment)
        })
}

/// Modification time in seconds since 1970. 0 if the file does not exist.
pub fn modified(path: &Path) -> u64 {
    let modified = fs::symlink_metadata(path).and_then(|meta| meta.modified());
    let since = modified.map(|time| time.duration_since(UNIX_EPOCH).unwrap_or_default());
    since.map_or(0, |since| since.as_secs())
}

/// Size of a file in bytes. 0 if the file does not exist.
pub fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

/// Digest of bytes that we wrote ourselves: XXH3, 128 bits in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    format!("{:032x}", XxHash3_128::oneshot(bytes))
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = Vec::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
    String::from_utf8(out).unwrap_or_default() // digits are text
}

/// A path from the bytes that git has printed.
pub fn path_from(bytes: &[u8]) -> PathBuf {
    system::path_from(bytes)
}

/// A path with `/`, as git and shells write it on all systems.
pub fn slashed(path: &str) -> String {
    system::slashed(path)
}

/// `folder/path`, where `path` uses `/` as in git.
pub fn at(folder: &Path, path: &str) -> PathBuf {
    let mut at = folder.to_owned();
    at.extend(path.split('/'));
    at
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

pub(in crate::sys) fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot {what} {}: {error}", path.display()))
}
