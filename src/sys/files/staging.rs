//! Where the temporary files are that replace files of a working tree: in git's own directory, where git never sees them. Only if that
//! is on another file system are they beside what they replace, and named in `info/exclude` before the first one is made: `git add -A`
//! at that moment must not stage them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::sys::files::append;
#[cfg(unix)]
use crate::sys::files::unix as system;
#[cfg(windows)]
use crate::sys::files::windows as system;
use crate::sys::layout;

/// How the names of temporary files begin.
pub const TEMPORARY: &str = ".relwatch-tmp-";

/// A working tree, and the git directories that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct WorkTree {
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
}

/// The working trees that this process has opened. Files are replaced by code that knows of no repository; which paths git looks at is a
/// fact about the disk, the same for all of it.
static OPENED: Mutex<Vec<WorkTree>> = Mutex::new(Vec::new());

/// Remembers a working tree.
pub fn opened(root: &Path, git_dir: &Path, common_dir: &Path) {
    let mut known = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tree) = known.iter().find(|tree| tree.root == root)
        && tree.git_dir == git_dir
    {
        return;
    }
    known.retain(|tree| tree.root != root);
    known.push(WorkTree {
        root: root.to_owned(),
        git_dir: git_dir.to_owned(),
        common_dir: common_dir.to_owned(),
    });
}

/// The folder for a temporary file that is to replace `path`, which is in `folder`.
pub(super) fn folder_for(path: &Path, folder: &Path) -> PathBuf {
    let Some(tree) = tree_of(path, folder) else {
        return folder.to_owned(); // git sees nothing there
    };
    let own = layout::temporary(&tree.git_dir);
    let is_there = own.is_dir() || fs::create_dir_all(&own).is_ok();
    if is_there && system::is_same_system(&own, folder) {
        own
    } else {
        exclude(&tree);
        folder.to_owned()
    }
}

/// Makes sure that git does not see a temporary file in a folder: for a rename that turns out to lead to another file system.
pub(super) fn hide_in(path: &Path, folder: &Path) {
    if let Some(tree) = tree_of(path, folder) {
        exclude(&tree);
    }
}

/// The working tree in which git would see a file; none for what is in a git directory.
fn tree_of(path: &Path, folder: &Path) -> Option<WorkTree> {
    let known = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let find = |path: &Path| {
        let of_git =
            |tree: &WorkTree| path.starts_with(&tree.git_dir) || path.starts_with(&tree.common_dir);
        if known.iter().any(of_git) {
            return Some(None);
        }
        let holding = known.iter().filter(|tree| path.starts_with(&tree.root));
        let closest = holding.max_by_key(|tree| tree.root.as_os_str().len());
        closest.map(|tree| Some(tree.clone()))
    };
    if let Some(found) = find(path) {
        return found;
    }
    // The user's own words: relative, or through a link.
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let folder = system::plain(fs::canonicalize(folder).ok()?);
    find(&folder.join(path.file_name()?))?
}

/// Names our temporary files in `info/exclude` (gitignore(5)), once. Where that cannot be written, they are seen for a moment.
fn exclude(tree: &WorkTree) {
    let path = tree.common_dir.join("info").join("exclude");
    let line = format!("{TEMPORARY}*");
    let known = fs::read(&path).unwrap_or_default();
    if known
        .split(|byte| *byte == b'\n')
        .any(|known| known == line.as_bytes())
    {
        return;
    }
    let gap = match known.last() {
        None | Some(b'\n') => "",
        Some(_) => "\n",
    };
    let text = format!("{gap}# relwatch: temporary files, for a moment\n{line}\n");
    if let Err(error) = append::append(&path, text.as_bytes()) {
        tracing::warn!("{} was not extended: {error}", path.display());
    }
}
