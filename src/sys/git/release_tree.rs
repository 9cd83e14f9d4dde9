//! Temporary checkouts of a commit beside the user's files, for commands that run in them.

use std::path::{Path, PathBuf};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::release::difference::{FileDifference, TreeFile};
use crate::sys::files::{self, Durable, TemporaryFolder, glob};
use crate::sys::git::repo::Repo;
use crate::sys::{git_command, layout};

/// A commit checked out in a separate repository that borrows the user's objects, references and configuration (gitrepository-layout(5),
/// objects/info/alternates). It is not a linked worktree: if git is killed while creating one, the user's repository is left broken.
/// Removed when dropped. The next release removes leftovers of a killed one.
#[derive(Debug)]
pub struct ReleaseTree {
    folder: TemporaryFolder,
    /// The file that records its location.
    note: PathBuf,
}

/// The files of a [`ReleaseTree`] at one moment, as git would commit them: the tree's name.
#[derive(Debug)]
pub struct TreeSnapshot(String);

impl ReleaseTree {
    /// The directory with the files.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    /// Records the current files, including untracked ones and excluding ignored ones. Two snapshots differ only by changes made between
    /// them, regardless of filters and line endings.
    ///
    /// # Errors
    /// Fails if git does.
    pub fn snapshot(&self) -> Result<TreeSnapshot> {
        let path = self.path();
        // Irreversible line endings are no reason to fail: these files are never delivered.
        let add = ["-c", "core.safecrlf=false", "add", "--all"];
        git_command::git(&path, &add, "")?;
        git_command::git(&path, &["write-tree"], "").map(TreeSnapshot)
    }

    /// The changes between two snapshots, by path.
    ///
    /// # Errors
    /// Fails if a path is not UTF-8.
    pub fn differences(
        &self,
        before: &TreeSnapshot,
        after: &TreeSnapshot,
    ) -> Result<Vec<FileDifference>> {
        let args = ["diff-tree", "-r", "-z", "--no-renames", &before.0, &after.0];
        let out = git_command::bytes(&self.path(), &args, b"")?;
        let mut words = out.split(|byte| *byte == 0).filter(|word| !word.is_empty());
        let mut found = Vec::new();
        // `:MODE MODE BLOB BLOB STATUS` NUL PATH NUL (git-diff-tree(1), raw output format)
        while let (Some(told), Some(path)) = (words.next(), words.next()) {
            let path = std::str::from_utf8(path).map_err(|_| {
                let shown = String::from_utf8_lossy(path);
                Failure::failed(format!("the name {shown} is not UTF-8"))
            })?;
            let told = String::from_utf8_lossy(told).into_owned();
            let told: Vec<&str> = told.trim_start_matches(':').split(' ').collect();
            let [old_mode, new_mode, old, new, _] = told.as_slice() else {
                continue; // git prints nothing else
            };
            found.push(FileDifference {
                path: path.to_owned(),
                before: tree_file(old_mode, old),
                after: tree_file(new_mode, new),
            });
        }
        Ok(found)
    }

    /// The symbolic links that are dangling or lead out of the tree.
    ///
    /// # Errors
    /// Fails if git does.
    pub fn links_out(&self) -> Result<Vec<String>> {
        let path = self.path();
        let listed = git_command::git(&path, &["ls-files", "--stage", "-z"], "")?;
        let links = listed.split('\0').filter(|line| line.starts_with("120000"));
        let links = links.filter_map(|line| Some(line.split_once('\t')?.1.to_owned()));
        let root = files::resolved(&path);
        let leads_out = |link: &String| {
            let place = files::resolved(&files::at(&path, link));
            !place.is_some_and(|place| root.as_ref().is_some_and(|root| place.starts_with(root)))
        };
        Ok(links.filter(leads_out).collect())
    }
}

impl Drop for ReleaseTree {
    fn drop(&mut self) {
        // If it cannot be removed now, the next release removes it.
        if files::remove_folder(self.folder.path()).is_ok() {
            let _ = files::remove(&self.note);
        }
    }
}

/// A path on its own line, in any encoding, in the form that git reads in lists of alternates (unquote_c_style in its quote.c) and in
/// configuration (git-config(1), "Syntax").
fn quoted(path: &Path) -> Vec<u8> {
    let mut out = vec![b'"'];
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            _ => out.push(*byte),
        }
    }
    out.extend_from_slice(b"\"\n");
    out
}

/// The file at a path. git represents a missing one by a mode of zeros.
fn tree_file(mode: &str, blob: &str) -> Option<TreeFile> {
    let is_there = mode.bytes().any(|digit| digit != b'0');
    is_there.then(|| TreeFile {
        mode: mode.to_owned(),
        blob: blob.to_owned(),
    })
}

impl Repo {
    /// The bytes of a file of a [`ReleaseTree`] as a planned change contains them: as git stores them, but before the filter of another
    /// tool, which is applied again when the commit is built.
    ///
    /// # Errors
    /// Fails if git does.
    pub fn released_bytes(&self, tree: &ReleaseTree, path: &str, blob: &str) -> Result<Vec<u8>> {
        if self.other_filter(path)?.is_none() {
            return git_command::bytes(&tree.path(), &["cat-file", "blob", blob], b"");
        }
        let bytes = files::read(&files::at(&tree.path(), path))?;
        bytes.ok_or_else(|| Failure::failed(format!("{path} is gone again")))
    }

    /// Removes the trees of killed releases. The caller must just have taken the release lock, so that none is in use.
    ///
    /// # Errors
    /// Fails if our records of them cannot be read.
    pub fn remove_left_trees(&self) -> Result<()> {
        let notes = layout::release_trees(&self.common_dir);
        for name in glob::matching(&notes, "*")? {
            let note = files::at(&notes, &name);
            let place = files::read(&note)?.unwrap_or_default();
            let place = PathBuf::from(String::from_utf8_lossy(&place).into_owned());
            if place.is_absolute() && place.file_name().is_some_and(|own| *own == *name) {
                let _ = files::remove_folder(&place); // another user's is in nobody's way
            }
            files::remove(&note)?;
        }
        Ok(())
    }

    /// Checks a commit out beside the user's working tree. The caller must have the release lock.
    ///
    /// # Errors
    /// Fails if git does, for example because the disk is full.
    pub fn release_tree(&self, commit: CommitId) -> Result<ReleaseTree> {
        let folder = files::temporary_folder()?;
        let place = folder.path().to_string_lossy().into_owned();
        let name = folder.path().file_name().unwrap_or_default();
        let note = layout::release_trees(&self.common_dir).join(name);
        files::replace(&note, place.as_bytes(), Durable::No)?;
        let tree = ReleaseTree { folder, note };
        let path = tree.path();
        let words = path.to_string_lossy();
        // Borrowed objects have the same hash. References are written below, as a file. Before 2.45 git supports no other format for them.
        let hash = self.object_format().to_string();
        let formats = [
            ("GIT_DEFAULT_HASH", hash.as_str()),
            ("GIT_DEFAULT_REF_FORMAT", "files"),
        ];
        let init = ["init", "-q", "--template=", &words];
        let made = git_command::try_git_with(tree.folder.path(), &init, "", &formats)?;
        git_command::said(&init, made)?;
        let write = |name: &str, bytes: &[u8]| {
            files::replace(&files::at(&path, name), bytes, Durable::No).map(drop)
        };
        let objects = self.common_dir.join("objects");
        write(".git/objects/info/alternates", &quoted(&objects))?;
        if let Some(ignored) = files::read(&self.common_dir.join("info/exclude"))? {
            write(".git/info/exclude", &ignored)?;
        }
        let list = "--format=%(objectname) %(refname)";
        let refs = git_command::git(
            &self.root,
            &["for-each-ref", list, "refs/heads", "refs/tags"],
            "",
        )?;
        if !refs.is_empty() {
            write(".git/packed-refs", format!("{refs}\n").as_bytes())?;
        }
        let shared = quoted(&self.common_dir.join("config"));
        let own = files::read(&path.join(".git/config"))?.unwrap_or_default();
        let include = [&own, b"[include]\n\tpath = ".as_slice(), &shared].concat();
        write(".git/config", &include)?;
        let git = |args: &[&str]| git_command::git(&path, args, "").map(drop);
        // These lines follow the include: settings for the user's own tree do not apply here, and a daemon would outlive this tree.
        for (key, value) in [
            ("core.bare", "false"),
            ("core.fsmonitor", "false"),
            ("core.worktree", words.as_ref()),
        ] {
            git(&["config", "--file", ".git/config", "--add", key, value])?;
        }
        git(&["update-ref", "--no-deref", "HEAD", &commit.hex()])?;
        git(&["-c", "advice.detachedHead=false", "reset", "-q", "--hard"])?;
        Ok(tree)
    }
}
