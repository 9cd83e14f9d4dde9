//! A cache of what was read before, by key: one line per value, appended. Losing it is harmless.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use memchr::memchr2;

use crate::domain::failure::Result;
use crate::sys::files;

/// First word of the file.
const FORMAT: &str = "relwatch 5";

/// Maximum size in bytes. A larger cache is started again.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A cache as read from disk.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    header: String,
    text: String,
    hasher: RandomState,
    /// Start and end in `text` of each key's line, by the hash of the key, newest last. If two keys have the same hash, only one is found.
    lines: Vec<(u64, u32, u32)>,
}

impl Cache {
    /// Opens the cache at `path`. `way` describes how its values were read. A cache that was read in another way, or is damaged, counts as
    /// empty.
    pub fn open(path: &Path, way: &str) -> Cache {
        let header = format!("{FORMAT} {}\n", files::digest(way.as_bytes()));
        let bytes = files::read_at_most(path, MAX_BYTES as u64);
        let bytes = bytes.ok().flatten().unwrap_or_default();
        let mut text = String::from_utf8(bytes).unwrap_or_default();
        if !text.starts_with(&header) {
            text.clear();
        }
        let hasher = RandomState::new();
        let mut lines = Vec::with_capacity(text.len() / 300);
        let mut at = header.len().min(text.len());
        // Anything after the last line end was not written completely.
        while let Some(length) = text[at..].find('\n') {
            let end = at + length;
            if let Some((key, _)) = text[at..end].split_once('\t') {
                lines.push((hasher.hash_one(key), at as u32, end as u32));
            }
            at = end + 1;
        }
        lines.sort_unstable();
        Cache {
            path: path.to_owned(),
            header,
            text,
            hasher,
            lines,
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let hash = self.hasher.hash_one(key);
        let behind = self.lines.partition_point(|(of, ..)| *of <= hash);
        let (_, start, end) = *self.lines[..behind].last().filter(|(of, ..)| *of == hash)?;
        let line = self.text.get(start as usize..end as usize)?;
        line.strip_prefix(key)?.strip_prefix('\t')
    }

    /// Number of lines, including older ones of the same key.
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    /// Size in bytes.
    pub fn size(&self) -> usize {
        self.text.len()
    }

    /// A cache line, its value in parts. Empty if the key or value does not fit into one line.
    pub fn line(key: &str, value: &[&str]) -> String {
        let fits = memchr2(b'\t', b'\n', key.as_bytes()).is_none();
        if !fits || value.iter().any(|part| part.contains('\n')) {
            return String::new();
        }
        let size = value.iter().map(|part| part.len()).sum::<usize>();
        let mut line = String::with_capacity(key.len() + size + 2);
        line.extend([key, "\t"]);
        line.extend(value.iter().copied());
        line.push('\n');
        line
    }

    /// Adds lines made by [`Cache::line`].
    pub fn append(self, lines: &[String]) -> Result<()> {
        if lines.iter().all(String::is_empty) {
            return Ok(());
        }
        if self.text.is_empty() {
            return self.replace(lines);
        }
        files::append(&self.path, lines.concat().as_bytes())
    }

    /// Replaces the content with these lines.
    pub fn replace(self, lines: &[String]) -> Result<()> {
        let size = lines.iter().map(String::len).sum::<usize>();
        let mut all = String::with_capacity(self.header.len() + size);
        all.push_str(&self.header);
        all.extend(lines.iter().map(String::as_str));
        files::replace(&self.path, all.as_bytes(), files::Durable::No).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_is_not_known_and_another_way_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let open = |way: &str| Cache::open(&path, way);
        let add = |line: String| open("a").append(&[line]).unwrap();
        add(Cache::line("one", &["1"]));
        add(Cache::line("two words", &["", "2"]));
        add("three\t3".into());
        let cache = open("a");
        let found = ["one", "two words", "three", "two"].map(|key| cache.get(key));
        assert_eq!(found, [Some("1"), Some("2"), None, None]);
        assert_eq!(open("b").lines(), 0);
        assert_eq!(Cache::line("a\tb", &["c"]), "");
    }
}
