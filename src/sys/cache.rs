//! What was read before, by key: one line each, appended. Losing it loses nothing.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use memchr::memchr2;

use crate::domain::failure::Result;
use crate::sys::files;

/// First word of the file.
const FORMAT: &str = "relwatch 5";

/// Past this size a cache starts anew.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A cache as it was on disk.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    header: String,
    text: String,
    hasher: RandomState,
    /// Where the line of each key begins and ends in `text`, by the hash of the key, the newest last: of two keys with one hash
    /// the other one is not known.
    lines: Vec<(u64, u32, u32)>,
}

impl Cache {
    /// Opens the cache at `path` of what is read as `way` says: one that was read in another way, or is damaged, is an empty one.
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
        // What follows the last line end was not written to its end.
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

    /// What was read under a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let hash = self.hasher.hash_one(key);
        let behind = self.lines.partition_point(|(of, ..)| *of <= hash);
        let (_, start, end) = *self.lines[..behind].last().filter(|(of, ..)| *of == hash)?;
        let line = self.text.get(start as usize..end as usize)?;
        line.strip_prefix(key)?.strip_prefix('\t')
    }

    /// How many lines it has, older ones of the same key included.
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        self.text.len()
    }

    /// A line of a cache, its value in parts; none for what does not fit into one.
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

    /// Holds these lines and no others.
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
