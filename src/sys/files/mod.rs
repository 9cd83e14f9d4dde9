//! Files: read within bounds, replaced whole.

pub mod git_lock;
pub mod glob;

use std::fs;
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use twox_hash::XxHash3_128;

use crate::domain::failure::{Failure, Result};

/// The most that is read of a changelog, a spec or a hook; more is refused by name.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// For what it is: no regular file, too large, closed to us.
    Refused(Failure),
    /// The system failed.
    Failed(Failure),
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Failure {
        match unread {
            Unread::Refused(failure) | Unread::Failed(failure) => failure,
        }
    }
}

/// The bytes of a regular file, `None` if it is not there. Refuses symbolic links, devices and pipes:
/// a repository must not make us read or replace something outside of it.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    read_at_most(path, MAX_BYTES).map_err(Failure::from)
}

/// As [`read`], with a bound of its own.
pub fn read_at_most(path: &Path, bound: u64) -> std::result::Result<Option<Vec<u8>>, Unread> {
    let Some((file, length)) = open(path, bound)? else {
        return Ok(None);
    };
    let mut bytes = Vec::with_capacity(length as usize + 1);
    let read = file.take(bound).read_to_end(&mut bytes);
    read.map_err(|error| unread(path, &error))?;
    Ok(Some(bytes))
}

/// As [`read_at_most`], for what is read in pieces: the file, and how many bytes it has.
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

/// How the names of temporary files begin.
pub const TEMPORARY: &str = ".relwatch-tmp-";

/// How much a write must survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// A user's file: on disk before the old one goes.
    Yes,
    /// Rebuilt at will.
    No,
}

/// Replaces a file whole if its bytes differ: temporary file in the same folder, flushed, renamed over the old
/// one; the mode stays. Says whether anything was written.
pub fn replace(path: &Path, bytes: &[u8], durable: Durable) -> Result<bool> {
    if durable == Durable::Yes && read(path)?.as_deref() == Some(bytes) {
        return Ok(false);
    }
    prepare(path, bytes, durable)?.commit()?;
    Ok(true)
}

/// A file's new bytes, written beside it; dropped without a trace unless committed.
#[derive(Debug)]
pub struct Prepared {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Prepared {
    /// What [`fingerprint`] will say of the file once it is committed.
    pub fn fingerprint(&self) -> String {
        fingerprint(self.file.path())
    }

    /// As if written a moment ago: git and others compare the content of a file that is not older than the index, each time they
    /// look (racy-git.txt), git through our filter, libgit2 without it.
    pub fn aged(self) -> Result<Prepared> {
        const MOMENT: Duration = Duration::from_secs(1); // git looks at whole seconds unless it was built with USE_NSEC
        let file = self.file.as_file();
        let set = || file.set_modified(file.metadata()?.modified()? - MOMENT);
        match set() {
            Ok(()) => Ok(self),
            Err(error) => Err(cannot("write", &self.path, &error)),
        }
    }

    /// Puts the new file in the old one's place.
    pub fn commit(self) -> Result<()> {
        let Prepared { file, path } = self;
        file.persist(&path)
            .map(drop)
            .map_err(|error| cannot("write", &path, &error.error))
    }
}

/// Writes the bytes that shall replace a file into a temporary file beside it, with its mode.
pub fn prepare(path: &Path, bytes: &[u8], durable: Durable) -> Result<Prepared> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mode = fs::metadata(path).ok().map(|meta| meta.permissions());
    let write = || -> std::io::Result<tempfile::NamedTempFile> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .permissions(mode.clone().unwrap_or_else(default_mode))
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        if durable == Durable::Yes {
            file.as_file().sync_data()?;
        }
        if let Some(mode) = mode {
            // The umask may have taken bits from the mode asked for above.
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

#[expect(clippy::disallowed_methods, reason = "files of our own change places")]
pub fn renamed(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::rename(from, to)
}

/// A folder of ours in the system's temporary place; it goes when dropped.
pub type TemporaryFolder = tempfile::TempDir;

/// Makes one.
pub fn temporary_folder() -> Result<TemporaryFolder> {
    let folder = tempfile::Builder::new().prefix("relwatch-").tempdir();
    folder.map_err(|error| cannot("make a folder in", &std::env::temp_dir(), &error))
}

/// Makes one in a folder of ours.
pub fn temporary_folder_in(folder: &Path) -> Result<TemporaryFolder> {
    let made = fs::create_dir_all(folder)
        .and_then(|()| tempfile::Builder::new().prefix("sign-").tempdir_in(folder));
    made.map_err(|error| cannot("make a folder in", folder, &error))
}

/// Renames a file of our own.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    renamed(from, to).map_err(|error| cannot("rename", from, &error))
}

/// Makes the folder that a file will be in.
pub fn make_parent(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| cannot("make", folder, &error))
}

/// Removes the folders below `root` that a file left empty, as git does.
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

/// As [`replace`], and the file may be run.
pub fn replace_script(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes, Durable::Yes)?;
    set_executable(path)
}

/// Appends to a file of our own.
#[expect(
    clippy::disallowed_methods,
    reason = "caches and logs grow at their end"
)]
pub fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?;
        file.write_all(bytes)
    };
    write().map_err(|error| cannot("write", path, &error))
}

/// Appends to a file of our own that has `size` bytes; what follows those goes.
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

/// Removes a file; one that is not there is fine.
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

/// Removes a folder of our own with all that is in it; one that is not there is fine.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that removes folders"
)]
pub fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if !is_absent(&error) => Err(cannot("remove", path, &error)),
        _ => Ok(()),
    }
}

/// Where a path leads, links followed; `None` if nothing is there.
fn resolved(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// Whether two paths lead to the same file.
pub fn same(a: &Path, b: &Path) -> bool {
    resolved(a).is_some_and(|a| Some(a) == resolved(b))
}

/// Whether a path, of which the last name may be new, leads into a folder.
pub fn is_below(folder: &Path, path: &Path) -> bool {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = resolved(parent.unwrap_or(Path::new(".")));
    let is_in = |parent: PathBuf| resolved(folder).is_some_and(|folder| parent.starts_with(folder));
    parent.is_some_and(is_in)
}

/// The folder of a path from `root` that is a symbolic link: what is below it may be anywhere.
pub fn link_above(root: &Path, path: &str) -> Option<String> {
    let ends = path.match_indices('/').map(|(at, _)| &path[..at]);
    let is_link =
        |folder: &&str| fs::symlink_metadata(at(root, folder)).is_ok_and(|meta| meta.is_symlink());
    ends.into_iter().find(is_link).map(str::to_owned)
}

/// Whether a plain file is at this path.
pub fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file())
}

/// What a symbolic link says, as git stores it; `None` if it is none.
pub fn link(path: &Path) -> Option<Vec<u8>> {
    let target = fs::read_link(path).ok()?;
    Some(target.to_string_lossy().into_owned().into_bytes())
}

/// Whether there is anything at this path, a dangling link included.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether a file's owner may run it.
#[cfg(unix)]
pub fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o100 != 0)
}

/// Windows has no such bit.
#[cfg(not(unix))]
pub fn is_executable(_: &Path) -> bool {
    true
}

/// Tells whether a file or folder changed: size, time, and which file it is; empty if it is not there. A rename
/// does not change it.
#[cfg(unix)]
pub fn fingerprint(path: &Path) -> String {
    fs::symlink_metadata(path).map_or_else(|_| String::new(), |meta| fingerprint_of(&meta))
}

/// As [`fingerprint`], of what was found already.
#[cfg(unix)]
pub fn fingerprint_of(meta: &fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    let (size, inode) = (meta.len(), meta.ino());
    let (seconds, nanoseconds) = (meta.mtime(), meta.mtime_nsec());
    format!("{size} {inode} {seconds}.{nanoseconds}")
}

/// Tells whether a file or folder changed: size and time; empty if it is not there.
#[cfg(not(unix))]
pub fn fingerprint(path: &Path) -> String {
    fs::symlink_metadata(path).map_or_else(|_| String::new(), |meta| fingerprint_of(&meta))
}

/// As [`fingerprint`], of what was found already.
#[cfg(not(unix))]
pub fn fingerprint_of(meta: &fs::Metadata) -> String {
    format!("{} {:?}", meta.len(), meta.modified().ok())
}

/// Whether a file was written long enough ago: what is written after that has another time.
pub fn is_settled(path: &Path) -> bool {
    const MOMENT: Duration = Duration::from_secs(2); // the coarsest clock of a file system (FAT)
    let modified = fs::symlink_metadata(path).and_then(|meta| meta.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|since| since > MOMENT))
}

/// When a file was written, in seconds since 1970; 0 if it is not there.
pub fn modified(path: &Path) -> u64 {
    let modified = fs::symlink_metadata(path).and_then(|meta| meta.modified());
    let since = modified.map(|time| time.duration_since(UNIX_EPOCH).unwrap_or_default());
    since.map_or(0, |since| since.as_secs())
}

/// A file's size; 0 if it is not there.
pub fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

/// Stands for bytes that we wrote ourselves: XXH3, 128 bits in hexadecimal digits.
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

/// `folder/path` with `/` as it is written in git.
pub fn at(folder: &Path, path: &str) -> PathBuf {
    let mut at = folder.to_owned();
    at.extend(path.split('/'));
    at
}

#[cfg(unix)]
fn default_mode() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o666) // less the umask, like any new file
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "hooks must be executable")]
fn set_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let meta = fs::metadata(path).map_err(|error| cannot("read", path, &error))?;
    let mode = meta.permissions().mode();
    if mode & 0o111 == 0o111 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o755 & 0o111))
        .map_err(|error| cannot("change the mode of", path, &error))
}

#[cfg(not(unix))]
fn set_executable(_: &Path) -> Result<()> {
    Ok(())
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

pub(in crate::sys) fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot {what} {}: {error}", path.display()))
}
