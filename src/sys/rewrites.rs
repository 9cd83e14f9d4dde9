//! Which commit became which in amends and rebases, as git's post-rewrite hook tells: `OLD NEW` a line, appended,
//! shared by all worktrees. Losing it loses little: author, date and subject still tell.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::failure::Result;
use crate::sys::files;
use crate::sys::layout;

/// Past this size the older half goes.
const MAX_BYTES: usize = 1024 * 1024;

/// Adds what git says on the hook's standard input (githooks(5), post-rewrite).
pub fn add(common_dir: &Path, input: &str) -> Result<()> {
    let pairs: String = input
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let pair = (words.next()?, words.next()?);
            let is_id = |id: &str| id.len() >= 40 && id.bytes().all(|b| b.is_ascii_hexdigit());
            (is_id(pair.0) && is_id(pair.1)).then(|| format!("{} {}\n", pair.0, pair.1))
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

/// Old to new, full names.
pub fn load(common_dir: &Path) -> BTreeMap<String, String> {
    let text = read(&layout::rewritten(common_dir));
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs
        .map(|(old, new)| (old.to_owned(), new.to_owned()))
        .collect()
}

fn read(path: &Path) -> String {
    let bytes = files::read(path).ok().flatten().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
