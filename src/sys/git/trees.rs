//! Files and directories in commits.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use git2::{ErrorClass, ObjectType, Oid, Tree, TreeEntry};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::sys::git::answer::{Looked, is_nothing};
use crate::sys::git::object_name::{Blob, object_id};
use crate::sys::git::repo::{Repo, path_of};
use crate::sys::git_command;

/// Paths of files that were added to a directory, or deleted from it.
#[derive(Debug, Default)]
pub struct FolderChange {
    pub added: Vec<String>,
    pub gone: Vec<String>,
}

impl Repo {
    /// The files that were added or deleted in a directory between two commits. The same bytes at another path in it count as moved.
    pub fn changed_below(
        &self,
        from: Option<CommitId>,
        to: CommitId,
        folder: &str,
    ) -> Result<FolderChange> {
        let tree = |commit: CommitId| -> Result<Option<Tree<'_>>> {
            let Some(id) = self.object_at(commit, folder)? else {
                return Ok(None);
            };
            let id = object_id(&id)?;
            self.here(&[id], || in_tree(self.git.find_tree(id)))
        };
        let before = from.map(tree).transpose()?.flatten();
        let Some(after) = tree(to)? else {
            return Ok(FolderChange::default());
        };
        let ends: Vec<Oid> = before.iter().chain([&after]).map(Tree::id).collect();
        let diff = self.here(&ends, || {
            self.git
                .diff_tree_to_tree(before.as_ref(), Some(&after), None)
        })?;
        let below = |path: String| match folder {
            "" => path,
            _ => format!("{folder}/{path}"),
        };
        let (mut gone, mut added) = (Vec::new(), Vec::new());
        for delta in diff.deltas() {
            let (files, file) = match delta.status() {
                git2::Delta::Deleted => (&mut gone, delta.old_file()),
                git2::Delta::Added => (&mut added, delta.new_file()),
                _ => continue,
            };
            let object = file.id();
            files.extend(path_of(file).map(|path| (below(path), object)));
        }
        let moved: HashSet<Oid> = gone.iter().map(|(_, object)| *object).collect();
        added.retain(|(_, object)| !moved.contains(object));
        let paths = |files: Vec<(String, Oid)>| files.into_iter().map(|(path, _)| path).collect();
        Ok(FolderChange {
            added: paths(added),
            gone: paths(gone),
        })
    }

    /// The object at a path in a commit. For an empty path, the root tree.
    pub fn object_at(&self, commit: CommitId, path: &str) -> Result<Option<String>> {
        let tree = self.tree(commit)?;
        if path.is_empty() {
            return Ok(Some(tree.id().to_string()));
        }
        let entry = self.entry_at(&tree, path)?;
        Ok(entry.map(|entry| entry.id().to_string()))
    }

    /// The objects in a directory of a commit, by name. Empty if the directory does not exist. A symbolic link to a file in the same
    /// directory counts as that file. Other symlinks are excluded, as in the working tree.
    pub fn files_in(&self, commit: CommitId, folder: &str) -> Result<HashMap<String, String>> {
        let mut tree = self.tree(commit)?;
        if !folder.is_empty() {
            let Some(entry) = self.entry_at(&tree, folder)? else {
                return Ok(HashMap::new());
            };
            let id = entry.id();
            let Some(below) = self.here(&[id], || in_tree(self.git.find_tree(id)))? else {
                return Ok(HashMap::new()); // a file
            };
            tree = below;
        }
        let behind = |link: &TreeEntry<'_>| {
            let target = self.blob(Blob(link.id())).ok()?;
            let beside = tree.get_name(std::str::from_utf8(&target).ok()?)?;
            let is_file = matches!(beside.filemode(), 0o100644 | 0o100755);
            is_file.then(|| beside.id())
        };
        let named = |entry: TreeEntry<'_>| {
            let object = match entry.filemode() {
                0o120000 => behind(&entry)?,
                _ => entry.id(),
            };
            Some((entry.name().ok()?.to_owned(), object.to_string()))
        };
        Ok(tree.iter().filter_map(named).collect())
    }

    /// The entry at a path below a tree.
    pub(super) fn entry_at(
        &self,
        tree: &Tree<'_>,
        path: &str,
    ) -> Result<Option<TreeEntry<'static>>> {
        self.here(&[tree.id()], || in_tree(tree.get_path(Path::new(path))))
    }

    /// Whether a path in a commit is a symbolic link.
    pub fn is_link(&self, commit: CommitId, path: &str) -> Result<bool> {
        let tree = self.tree(commit)?;
        let entry = self.entry_at(&tree, path)?;
        Ok(entry.is_some_and(|entry| entry.filemode() == 0o120000))
    }

    /// Paths of the files below a directory in a commit.
    pub fn files_below(&self, commit: CommitId, folder: &str) -> Result<Vec<String>> {
        Ok(self.changed_below(None, commit, folder)?.added)
    }

    /// The commit that introduced `text` into `path`: the newest one in HEAD's history that changed the number of its occurrences.
    /// Abbreviated name, author, date.
    pub fn introduced(&self, path: &str, text: &str) -> Result<Option<(String, String, String)>> {
        let search = format!("-S{text}");
        let format = "--format=%h%x00%an%x00%as";
        let args = [
            "log",
            "-1",
            format,
            "--abbrev=7",
            &search,
            "HEAD",
            "--",
            path,
        ];
        let output = git_command::try_git(&self.root, &args, "")?;
        if !output.ok && self.is_partial() {
            // The search failed because old commits cannot be read.
            return git_command::said(&args, output).map(|_| None);
        }
        let mut words = output.stdout.trim_end().split('\0').map(str::to_owned);
        Ok(match (words.next(), words.next(), words.next()) {
            (Some(id), Some(author), Some(date)) if output.ok => Some((id, author, date)),
            _ => None,
        })
    }

    /// Whether `path` had these bytes in some commit reachable from HEAD.
    pub fn had(&self, path: &str, bytes: &[u8]) -> Result<bool> {
        let blob = match self.other_filter(path)? {
            Some(_) => self.cleaned(path, bytes)?.to_string(),
            None => self.blob_name(bytes).to_string(),
        };
        let find = format!("--find-object={blob}");
        let args = ["log", "-1", "--format=%H", &find, "HEAD", "--", path];
        let output = git_command::try_git(&self.root, &args, "")?;
        Ok(output.ok && !output.stdout.trim().is_empty())
    }

    /// Whether a file of a commit other than `path` contains a text of one line.
    pub fn is_elsewhere(&self, commit: CommitId, text: &str, path: &str) -> Result<bool> {
        let (commit, others) = (commit.hex(), format!(":(top,exclude,literal){path}"));
        let args = [
            "grep", "-q", "-F", "-e", text, &commit, "--", ":(top)", &others,
        ];
        Ok(git_command::try_git(&self.root, &args, "")?.ok)
    }

    /// The bytes of a blob.
    pub fn blob(&self, blob: Blob) -> Result<Vec<u8>> {
        let found = self.here(&[blob.0], || self.git.find_blob(blob.0))?;
        Ok(found.content().to_vec())
    }

    /// The bytes of a blob that [`Repo::object_at`] returned.
    pub fn blob_named(&self, object: &str) -> Result<Vec<u8>> {
        self.blob(Blob::parse(object)?)
    }

    /// The bytes of a file in a commit's tree, as they are in the working tree: after the filter of another tool, if there is one.
    pub fn file_at(&self, commit: CommitId, path: &str) -> Result<Option<Vec<u8>>> {
        let tree = self.tree(commit)?;
        match self.entry_at(&tree, path)? {
            Some(entry) if entry.kind() == Some(ObjectType::Blob) => {
                self.smudged(path, Blob(entry.id())).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The paths that differ between two commits, including both sides of a rename.
    pub fn changed_paths(&self, from: CommitId, to: CommitId) -> Result<Vec<String>> {
        let names = [from.hex(), to.hex()];
        let args = [
            "diff-tree",
            "-r",
            "-z",
            "--no-renames",
            "--name-only",
            &names[0],
            &names[1],
        ];
        let out = git_command::git(&self.root, &args, "")?;
        let paths = out.split('\0').filter(|path| !path.is_empty());
        Ok(paths.map(str::to_owned).collect())
    }

    /// Visits the files that differ between two trees, until `look` has seen enough. Returns false if it has. Most commits touch a source
    /// at once, so this reads less than a whole diff.
    pub(super) fn differ_while(
        &self,
        before: Option<&Tree<'_>>,
        after: Option<&Tree<'_>>,
        folder: &str,
        look: &mut impl FnMut(String) -> bool,
    ) -> Looked<bool> {
        let entry = |tree: Option<&Tree<'_>>, name: &[u8]| {
            let entry = tree.and_then(|tree| tree.get_name_bytes(name));
            entry.map(|entry| (entry.id(), entry.filemode(), entry.kind()))
        };
        let names = |tree: Option<&Tree<'_>>| -> Vec<Vec<u8>> {
            let entries = tree.into_iter().flat_map(Tree::iter);
            entries.map(|entry| entry.name_bytes().to_vec()).collect()
        };
        let mut all = names(after);
        all.extend(
            names(before)
                .into_iter()
                .filter(|name| entry(after, name).is_none()),
        );
        for name in all {
            let sides = [entry(before, &name), entry(after, &name)];
            if sides[0] == sides[1] {
                continue;
            }
            let path = format!("{folder}{}", String::from_utf8_lossy(&name));
            let tree = |side: Option<(Oid, i32, Option<ObjectType>)>| {
                let id = side.filter(|(_, _, kind)| *kind == Some(ObjectType::Tree));
                id.map(|(id, ..)| self.git.find_tree(id)).transpose()
            };
            let trees: [Option<Tree<'_>>; 2] = [tree(sides[0])?, tree(sides[1])?];
            let files = sides.iter().zip(&trees);
            let has_file = files
                .filter(|(side, tree)| side.is_some() && tree.is_none())
                .count()
                > 0;
            if has_file && !look(path.clone()) {
                return Ok(false);
            }
            let [old, new] = &trees;
            let inner = format!("{path}/");
            let has_tree = old.is_some() || new.is_some();
            if has_tree && !self.differ_while(old.as_ref(), new.as_ref(), &inner, look)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Every regular file in a commit's tree: no symlinks, no submodules.
    pub fn regular_files(&self, commit: CommitId) -> Result<Vec<String>> {
        let tree = self.tree(commit)?;
        self.here(&[tree.id()], || {
            let mut found = Vec::new();
            tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
                let is_regular = matches!(entry.filemode(), 0o100644 | 0o100664 | 0o100755);
                if let (true, Ok(name)) = (is_regular, entry.name()) {
                    found.push(format!("{folder}{name}"));
                }
                git2::TreeWalkResult::Ok
            })?;
            Ok(found)
        })
    }
}

/// `None` for missing entries. A tree that a commit or another tree names must exist: if it is not found, it could not be read.
fn in_tree<T>(result: Looked<T>) -> Looked<Option<T>> {
    match result {
        Err(error) if error.class() == ErrorClass::Odb => Err(error),
        Err(error) if is_nothing(&error) => Ok(None),
        result => result.map(Some),
    }
}
