//! Appends to files: our caches and logs, and git's files that users edit.

use std::fs;
use std::io::{Result, Write};
use std::path::Path;

#[expect(
    clippy::disallowed_methods,
    reason = "what is there stays, so the file need not be replaced whole"
)]
pub(super) fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    file.write_all(bytes)
}
