//! Parsed commits by ID, shared by all worktrees: one line a commit, appended. Losing it loses nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::domain::failure::Result;
use crate::domain::message::Commit;
use crate::domain::range::Link;
use crate::sys::files;
use crate::sys::git::CommitId;

/// First line, with how messages were read: another one is not read but replaced.
const HEADER: &str = "relwatch commits 4";

/// Past this size the cache starts anew.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The cache as it was on disk.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    header: String,
    text: String,
    /// The span in `text` of what follows a commit's ID.
    lines: HashMap<CommitId, (u32, u32)>,
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
        let mut lines = HashMap::with_capacity(text.len() / 300);
        let mut at = header.len().min(text.len());
        // What follows the last line end was not written to its end.
        while let Some(length) = text[at..].find('\n') {
            if let Some((id, rest)) = text[at..at + length].split_once(' ')
                && let Ok(id) = CommitId::of(id)
            {
                let end = at + length;
                lines.insert(id, ((end - rest.len()) as u32, end as u32));
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

    fn line_of(&self, id: CommitId) -> Option<&str> {
        let (start, end) = *self.lines.get(&id)?;
        self.text.get(start as usize..end as usize)
    }

    /// Time and parents of a commit that was parsed before.
    pub fn link(&self, id: CommitId) -> Option<Link<CommitId>> {
        let mut words = self.line_of(id)?.splitn(3, ' ');
        let time = words.next()?.parse().ok()?;
        let parents = words.next()?.split(',').filter(|id| !id.is_empty());
        let parents: Result<Vec<CommitId>> = parents.map(CommitId::of).collect();
        Some(Link {
            time,
            parents: parents.ok()?,
        })
    }

    /// A commit that was parsed before.
    pub fn get(&self, id: CommitId) -> Option<Commit> {
        serde_json::from_str(self.line_of(id)?.splitn(3, ' ').nth(2)?).ok()
    }

    /// A commit as a line of the cache.
    pub fn line(commit: &Commit) -> String {
        let json = serde_json::to_string(commit).unwrap_or_default();
        let parents = commit.parents.join(",");
        format!("{} {} {parents} {json}\n", commit.id, commit.time)
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
