//! File metadata on Unix: owner, group, mode, inode, and the time of the last change.

use std::ffi::OsStr;
use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::{NamedTempFile, PersistError};

/// The mode of a new file, before the umask.
pub fn new_mode() -> Option<Permissions> {
    Some(Permissions::from_mode(0o666))
}

/// Renames a temporary file to its final name.
pub fn persisted(file: NamedTempFile, path: &Path) -> Result<fs::File, PersistError> {
    file.persist(path)
}

#[expect(clippy::disallowed_methods, reason = "files of our own change places")]
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Swaps two files in one step (renameat2(2), `RENAME_EXCHANGE`). Returns false if the system cannot do that.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub fn swap(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub fn swap(_: &Path, _: &Path) -> bool {
    false
}

/// Whether two paths are on one file system.
pub fn is_same_system(a: &Path, b: &Path) -> bool {
    let system = |path: &Path| fs::metadata(path).map(|meta| meta.dev());
    matches!((system(a), system(b)), (Ok(a), Ok(b)) if a == b)
}

/// Gives a file the group that it would have had if created in its own directory: that of the previous file, else that of a directory that
/// passes its group on (inode(7), set-group-ID). Does nothing if that is not permitted.
pub fn take_group(file: &fs::File, before: Option<&Metadata>, folder: &Path) {
    const SET_GROUP_ID: u32 = 0o2000;
    let of_folder = || {
        let meta = fs::metadata(folder).ok()?;
        (meta.mode() & SET_GROUP_ID != 0).then(|| meta.gid())
    };
    let group = before.map(Metadata::gid).or_else(of_folder);
    let has = file.metadata().map(|meta| meta.gid()).ok();
    if let Some(group) = group.filter(|group| has != Some(*group)) {
        let _ = std::os::unix::fs::fchown(file, None, Some(group));
    }
}

/// Whether a file's owner may execute it.
pub fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o100 != 0)
}

#[expect(clippy::disallowed_methods, reason = "hooks must be executable")]
pub fn set_executable(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o111 == 0o111 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode | 0o755 & 0o111))
}

/// Size, inode, and time of the last write of the content.
pub fn written(meta: &Metadata) -> String {
    let (size, inode) = (meta.len(), meta.ino());
    let (seconds, nanoseconds) = (meta.mtime(), meta.mtime_nsec());
    format!("{size} {inode} {seconds}.{nanoseconds}")
}

/// The time of the last change, which cannot be reset: it reveals changes that `touch -r` or `cp -p` hides.
pub fn changed_as_text(_: &Path, meta: &Metadata) -> String {
    format!("{}.{}", meta.ctime(), meta.ctime_nsec())
}

/// The time of the last change of the file or its metadata.
pub fn changed(meta: &Metadata) -> Option<SystemTime> {
    let seconds = Duration::from_secs(meta.ctime().try_into().ok()?);
    UNIX_EPOCH.checked_add(seconds + Duration::from_nanos(meta.ctime_nsec().try_into().ok()?))
}

/// A path from arbitrary bytes.
pub fn path_from(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// A path as the system returns it.
pub fn plain(path: PathBuf) -> PathBuf {
    path
}

/// A path as it is: a `\` is part of a name.
pub fn slashed(path: &str) -> String {
    path.to_owned()
}
