//! Parsed commits by ID, shared by all worktrees: one line a commit, appended. Losing it loses nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::domain::failure::Result;
use crate::domain::message::Commit;
use crate::sys::files;

/// First line, with how messages were read: another one is not read but replaced.
const HEADER: &str = "relwatch commits 3";

/// Past this size the cache starts anew.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The cache as it was on disk.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    header: String,
    text: String,
    /// Commit ID to the span of its line in `text`.
    lines: HashMap<[u8; 20], (u32, u32)>,
}

impl Cache {
    /// Opens the cache of a repository for messages that are read as `key` says; a damaged one is an empty one.
    pub fn open(common_dir: &Path, key_of_reading: &str) -> Cache {
        let header = format!("{HEADER} {key_of_reading}\n");
        let path = common_dir.join("relwatch").join("commits");
        let bytes = files::read(&path).ok().flatten().unwrap_or_default();
        let mut text = String::from_utf8(bytes).unwrap_or_default();
        if !text.starts_with(&header) || text.len() > MAX_BYTES {
            text.clear();
        }
        let mut lines = HashMap::with_capacity(text.len() / 200);
        let mut at = header.len().min(text.len());
        while let Some(length) = text[at..].find('\n') {
            if let Some(key) = text.get(at..at + 40).and_then(key) {
                lines.insert(key, ((at + 41) as u32, (at + length) as u32));
            }
            at += length + 1;
        }
        Cache {
            path,
            header,
            text,
            lines,
        }
    }

    /// A commit that was parsed before.
    pub fn get(&self, id: &str) -> Option<Commit> {
        let (start, end) = *self.lines.get(&key(id)?)?;
        serde_json::from_str(self.text.get(start as usize..end as usize)?).ok()
    }

    /// A commit as a line of the cache; nothing for one that has no place there.
    pub fn line(commit: &Commit) -> String {
        match serde_json::to_string(commit) {
            Ok(json) if commit.id.len() == 40 => format!("{} {json}\n", commit.id),
            _ => String::new(),
        }
    }

    /// Adds lines made by [`Cache::line`].
    pub fn save(self, lines: &str) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        if self.text.is_empty() {
            let all = format!("{}{lines}", self.header);
            files::replace(&self.path, all.as_bytes(), files::Durable::No)?;
            return Ok(());
        }
        files::append(&self.path, lines.as_bytes())
    }
}

fn key(id: &str) -> Option<[u8; 20]> {
    let mut key = [0; 20];
    if id.len() != 40 || !id.is_ascii() {
        return None;
    }
    for (index, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&id[index * 2..index * 2 + 2], 16).ok()?;
    }
    Some(key)
}
