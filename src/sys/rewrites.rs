//! Old and new names of commits after amends and rebases, from git's post-rewrite hook: `OLD NEW` per line, appended, shared by all
//! worktrees. Losing it costs little: author, date and subject still identify commits.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::sys::files;
use crate::sys::layout;

/// Maximum size in bytes. Beyond it, the older half is dropped.
const MAX_BYTES: usize = 1024 * 1024;

/// Adds the lines from the hook's standard input (githooks(5), post-rewrite).
pub fn add(common_dir: &Path, input: &str) -> Result<()> {
    let pairs: String = input
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let mut id = || CommitId::parse(words.next()?);
            Some(format!("{} {}\n", id()?, id()?))
        })
        .collect();
    if pairs.is_empty() {
        return Ok(());
    }
    let path = layout::rewritten(common_dir);
    let known = read(&path);
    if known.len() + pairs.len() <= MAX_BYTES {
        return files::append(&path, pairs.as_bytes());
    }
    let middle = known.len() / 2;
    let half = known[middle..]
        .find('\n')
        .map_or("", |at| &known[middle + at + 1..]);
    files::replace(
        &path,
        format!("{half}{pairs}").as_bytes(),
        files::Durable::No,
    )
    .map(drop)
}

/// The new name of each old one.
pub fn load(common_dir: &Path) -> BTreeMap<CommitId, CommitId> {
    let text = read(&layout::rewritten(common_dir));
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs
        .filter_map(|(old, new)| Some((CommitId::parse(old)?, CommitId::parse(new)?)))
        .collect()
}

fn read(path: &Path) -> String {
    let bytes = files::read(path).ok().flatten().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
