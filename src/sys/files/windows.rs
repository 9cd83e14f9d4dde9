//! File metadata on Windows. There are no modes and no groups, an open file may refuse to be replaced for a moment, and no system call
//! swaps two files.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::windows::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::{NamedTempFile, PersistError};

/// `None`: new files get the system's default.
pub fn new_mode() -> Option<Permissions> {
    None
}

/// Renames a temporary file to its final name.
pub fn persisted(mut file: NamedTempFile, path: &Path) -> Result<fs::File, PersistError> {
    for pause in PAUSES {
        match file.persist(path) {
            Err(error) if is_busy(&error.error) => file = error.file,
            done => return done,
        }
        wait(pause);
    }
    file.persist(path)
}

#[expect(clippy::disallowed_methods, reason = "files of our own change places")]
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    for pause in PAUSES {
        match fs::rename(from, to) {
            Err(error) if is_busy(&error) => wait(pause),
            done => return done,
        }
    }
    fs::rename(from, to)
}

/// Pauses in milliseconds, as git waits for a scanner or an indexer that has just opened the file (compat/mingw.c, `mingw_rename`).
const PAUSES: [u64; 4] = [1, 10, 20, 40];

#[expect(
    clippy::disallowed_methods,
    reason = "waits for a program that does not say when it is done"
)]
fn wait(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

fn is_busy(error: &io::Error) -> bool {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    matches!(
        error.raw_os_error(),
        Some(ACCESS_DENIED | SHARING_VIOLATION)
    )
}

/// Always false: Windows cannot swap two files.
pub fn swap(_: &Path, _: &Path) -> bool {
    false
}

/// Always true: a rename fails if it is not so.
pub fn is_same_system(_: &Path, _: &Path) -> bool {
    true
}

/// Does nothing: there are no groups.
pub fn take_group(_: &fs::File, _: Option<&Metadata>, _: &Path) {}

/// Whether it is a file: every file counts as executable, because its name or first line determines how it is run.
pub fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file())
}

pub fn set_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Size, and time of the last write of the content.
pub fn written(meta: &Metadata) -> String {
    format!("{} {}", meta.len(), meta.last_write_time())
}

/// The identity of the file, and its creation time. A file that is written in place and gets its old time and size back is not noticed.
pub fn changed_as_text(path: &Path, meta: &Metadata) -> String {
    let handle = winapi_util::Handle::from_path_any(path);
    let known = handle.and_then(winapi_util::file::information);
    let index = known.map_or(0, |known| known.file_index());
    format!("{index} {}", meta.creation_time())
}

/// Always `None`: Windows does not provide it.
pub fn changed(_: &Metadata) -> Option<SystemTime> {
    None
}

/// A path from bytes. Paths are text here.
pub fn path_from(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).trim_end())
}

/// A path as users and git write it: `C:\folder` for `\\?\C:\folder`, in which `/` is no separator.
pub fn plain(path: PathBuf) -> PathBuf {
    let is_drive = |rest: &&str| rest.as_bytes().get(1) == Some(&b':');
    let text = path.to_str().and_then(|text| text.strip_prefix(r"\\?\"));
    match text.filter(is_drive) {
        Some(text) => PathBuf::from(text),
        None => path,
    }
}

/// A path with `/`: no name contains a `\`.
pub fn slashed(path: &str) -> String {
    path.replace('\\', "/")
}
