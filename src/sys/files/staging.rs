//! The location of temporary files that replace files of a working tree: in git's own directory, where git never sees them. If that is on
//! another file system, they are beside the files that they replace, and `info/exclude` lists them before the first one is created: a
//! concurrent `git add -A` must not stage them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::sys::files::append;
#[cfg(unix)]
use crate::sys::files::unix as system;
#[cfg(windows)]
use crate::sys::files::windows as system;
use crate::sys::layout;

/// Prefix of the names of temporary files.
pub const TEMPORARY: &str = ".relwatch-tmp-";

/// A working tree, and the git directories that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct WorkTree {
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
}

/// The working trees that this process has opened. This is global because the code that replaces files does not know any repository, and
/// which paths git looks at is the same for the whole process.
static OPENED: Mutex<Vec<WorkTree>> = Mutex::new(Vec::new());

/// Records a working tree.
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

/// The directory for a temporary file that will replace `path`, which is in `folder`.
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

/// Makes sure that git does not see a temporary file in a directory: for a rename that turns out to cross file systems.
pub(super) fn hide_in(path: &Path, folder: &Path) {
    if let Some(tree) = tree_of(path, folder) {
        exclude(&tree);
    }
}

/// The working tree in which git would see a file. `None` for files in a git directory.
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
    // The path as the user wrote it: relative, or through a symlink.
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let folder = system::plain(fs::canonicalize(folder).ok()?);
    find(&folder.join(path.file_name()?))?
}

/// Lists our temporary files in `info/exclude` (gitignore(5)), once. If that cannot be written, git may see them for a moment.
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
