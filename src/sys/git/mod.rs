//! The repository, through libgit2; what libgit2 cannot do (reference transactions, checkout with
//! filters) through the `git` command.

mod build;
mod commits;
mod index;
pub mod people;
mod references;
mod release_tree;
mod remote;

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid, Repository, RepositoryOpenFlags};
use sha1::{Digest, Sha1};

use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::lock::Lock;
use crate::sys::{env, files, process};

pub use build::{Merged, Signatures, TreeEdit};
pub use commits::{CommitId, CommitObject};
pub use index::{IndexEntry, Stat};
pub use references::{RELEASE_BASE, RefChange, ReleaseTag};
pub use release_tree::ReleaseTree;
pub use remote::{Pushed, RemoteRefs};

impl From<git2::Error> for Failure {
    fn from(error: git2::Error) -> Failure {
        Failure::failed(format!("git: {}", error.message()))
    }
}

/// An open repository with a working tree.
pub struct Repo {
    git: Repository,
    /// What was looked for last in the index.
    entry: Cell<Option<IndexEntry>>,
    /// Where history ends early (gitrepository-layout(5), `shallow`); read when it is needed.
    shallow: OnceCell<HashSet<CommitId>>,
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
}

/// Where HEAD is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// `None` before the first commit.
    pub commit: Option<String>,
    /// `None` if detached.
    pub branch: Option<String>,
}

/// What the index says about a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indexed {
    Untracked,
    Conflicted,
    Tracked(Blob),
}

/// A blob's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob(Oid);

impl std::fmt::Display for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Blob {
    /// The name that these bytes have as a blob.
    pub fn of(bytes: &[u8]) -> Blob {
        let head = format!("blob {}\0", bytes.len());
        let digest = Sha1::new_with_prefix(head).chain_update(bytes).finalize();
        Blob(Oid::from_bytes(&digest).unwrap_or(Oid::ZERO_SHA1)) // it has twenty bytes
    }
}

const NO_EDITOR: &str =
    "git names no editor here; set GIT_EDITOR, or run `git config core.editor …`";

/// The index that a commit under way is made from, as the pre-commit hook finds it.
pub struct Staging<'r> {
    repo: &'r Repo,
    index: String,
}

impl<'r> Staging<'r> {
    /// `None` for `git commit PATH`, which makes its commit from an index of its own beside the real one
    /// (`next-index-PID.lock`): what a hook adds there is missing from the real one afterwards.
    pub fn of_hook(repo: &'r Repo) -> Result<Option<Staging<'r>>> {
        let index = env::var("GIT_INDEX_FILE")
            .map_or_else(|| repo.git_dir.join("index"), |path| repo.root.join(path));
        let name = index.file_name().unwrap_or_default().to_string_lossy();
        let partial = name.starts_with("next-index-");
        let index = index.to_string_lossy().into_owned();
        Ok((!partial).then_some(Staging { repo, index }))
    }

    /// Whether the commit would hold anything.
    pub fn has_changes(&self) -> Result<bool> {
        if self.repo.head()?.commit.is_none() {
            return Ok(true);
        }
        let output = self.git(&["diff-index", "--cached", "--quiet", "HEAD", "--"])?;
        Ok(!output.ok)
    }

    /// The bytes of a staged file; `None` if it is not there or in conflict.
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let name = format!(":0:{path}");
        let output = self.git(&["rev-parse", "--verify", "--quiet", &name])?;
        if !output.ok {
            return Ok(None);
        }
        self.repo
            .blob(Blob(Oid::from_str(output.stdout.trim())?))
            .map(Some)
    }

    /// Stages a file as it is in the working tree.
    pub fn add(&self, path: &str) -> Result<()> {
        let output = self.git(&["add", "--", path])?;
        if output.ok {
            return Ok(());
        }
        let words = output.stderr.trim().replace('\n', "; ");
        Err(Failure::failed(format!("git add failed: {words}")))
    }

    fn git(&self, args: &[&str]) -> Result<process::Output> {
        let env = [("GIT_INDEX_FILE", self.index.as_str())];
        process::try_git_with(&self.repo.root, args, "", &env)
    }
}

impl Repo {
    /// Opens the repository that `start` is in.
    ///
    /// # Errors
    /// Without a repository, or without a working tree.
    pub fn open(start: &Path) -> Result<Repo> {
        // As git itself: objects are hashed when they are written and by fsck, not on every read.
        git2::opts::strict_hash_verification(false);
        let upward = RepositoryOpenFlags::CROSS_FS;
        let git = Repository::open_ext(start, upward, [""; 0]).map_err(|error| match error.code() {
            ErrorCode::NotFound => Failure::new(
                Exit::Usage,
                format!(
                    "{} is not in a git repository; run `git init` first",
                    start.display()
                ),
            ),
            // git-config(1), safe.directory: its hooks and filters are somebody else's.
            ErrorCode::Owner => Failure::failed(format!(
                "{} belongs to another user; `git config --global --add safe.directory FOLDER` if you trust them",
                start.display()
            )),
            _ => Failure::failed(format!(
                "git cannot open {}: {}",
                start.display(),
                error.message()
            )),
        })?;
        let root = git
            .workdir()
            .ok_or_else(|| {
                let place = git.path().display();
                Failure::new(
                    Exit::Usage,
                    format!("{place} is a bare repository; relwatch needs a working tree"),
                )
            })?
            .to_owned();
        Ok(Repo {
            root,
            git_dir: git.path().to_owned(),
            common_dir: git.commondir().to_owned(),
            entry: Cell::default(),
            shallow: OnceCell::new(),
            git,
        })
    }

    /// The top of the working tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// This worktree's own git directory.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The git directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// Where HEAD is now.
    pub fn head(&self) -> Result<Head> {
        let reference = self.git.find_reference("HEAD")?;
        let branch = reference
            .symbolic_target()
            .ok()
            .flatten()
            .and_then(|name| name.strip_prefix("refs/heads/"))
            .map(str::to_owned);
        let commit = match self.git.refname_to_id("HEAD") {
            Ok(id) => Some(id.to_string()),
            Err(error) if error.code() == ErrorCode::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Head { commit, branch })
    }

    /// Paths of files below `folder` that `to` has and `from` has not, but for those that were elsewhere below it.
    pub fn added_below(&self, from: Option<&str>, to: &str, folder: &str) -> Result<Vec<String>> {
        let tree = |commit: &str| -> Result<Option<git2::Tree<'_>>> {
            let Some(id) = self.object_at(commit, folder)? else {
                return Ok(None);
            };
            found(self.git.find_tree(Oid::from_str(&id)?))
        };
        let before = from.map(tree).transpose()?.flatten();
        let Some(after) = tree(to)? else {
            return Ok(Vec::new());
        };
        let diff = self
            .git
            .diff_tree_to_tree(before.as_ref(), Some(&after), None)?;
        let of = |status: git2::Delta| {
            let deltas = diff.deltas().filter(move |delta| delta.status() == status);
            deltas
                .flat_map(|d| [d.old_file(), d.new_file()].map(path_of))
                .flatten()
        };
        let name = |path: &str| path.rsplit('/').next().unwrap_or("").to_owned();
        let moved: HashSet<String> = of(git2::Delta::Deleted).map(|path| name(&path)).collect();
        let below = |path: String| match folder {
            "" => path,
            _ => format!("{folder}/{path}"),
        };
        let mut added: Vec<String> = of(git2::Delta::Added)
            .filter(|path| !moved.contains(&name(path)))
            .map(below)
            .collect();
        added.dedup();
        Ok(added)
    }

    /// The object that stands at a path in a commit; at an empty one the tree of its root.
    pub fn object_at(&self, commit: &str, path: &str) -> Result<Option<String>> {
        let tree = self.tree(commit)?;
        if path.is_empty() {
            return Ok(Some(tree.id().to_string()));
        }
        let entry = found(tree.get_path(Path::new(path)))?;
        Ok(entry.map(|entry| entry.id().to_string()))
    }

    /// The objects in a folder of a commit, by name; none if it is not there.
    pub fn files_in(&self, commit: &str, folder: &str) -> Result<HashMap<String, String>> {
        let mut tree = self.tree(commit)?;
        if !folder.is_empty() {
            let Some(entry) = found(tree.get_path(Path::new(folder)))? else {
                return Ok(HashMap::new());
            };
            let Some(below) = found(self.git.find_tree(entry.id()))? else {
                return Ok(HashMap::new()); // a file
            };
            tree = below;
        }
        let named = |entry: git2::TreeEntry<'_>| {
            Some((entry.name().ok()?.to_owned(), entry.id().to_string()))
        };
        Ok(tree.iter().filter_map(named).collect())
    }

    /// Whether a symbolic link stands at a path in a commit.
    pub fn is_link(&self, commit: &str, path: &str) -> Result<bool> {
        let tree = self.tree(commit)?;
        let entry = found(tree.get_path(Path::new(path)))?;
        Ok(entry.is_some_and(|entry| entry.filemode() == 0o120000))
    }

    /// Paths of the files below a folder in a commit.
    pub fn files_below(&self, commit: &str, folder: &str) -> Result<Vec<String>> {
        self.added_below(None, commit, folder)
    }

    /// The full name of the commit that an abbreviation of seven digits or more stands for, reachable or not; `None` if there is
    /// none or more than one.
    pub fn expanded(&self, abbreviation: &str) -> Option<String> {
        let odb = self.git.odb().ok()?;
        let prefix = Oid::from_str(abbreviation).ok()?;
        let id = odb.exists_prefix(prefix, abbreviation.len()).ok()?;
        let (_, kind) = odb.read_header(id).ok()?;
        (kind == ObjectType::Commit).then(|| id.to_string())
    }

    /// The full name of the commit that the user's words name, as git reads them (gitrevisions(7)).
    pub fn resolved(&self, words: &str) -> Option<String> {
        let found = self.git.revparse_single(words);
        match found.and_then(|object| object.peel_to_commit()) {
            Ok(commit) => Some(commit.id().to_string()),
            Err(error) if is_unread(&error) && !words.starts_with('-') => {
                let args = [
                    "rev-parse",
                    "--verify",
                    "--quiet",
                    &format!("{words}^{{commit}}"),
                ];
                let id = process::git(&self.root, &args, "").ok()?;
                let commit = CommitId::of(&id).ok()?.to_string();
                (commit == id).then_some(commit) // git takes `^HEAD` for more than a commit
            }
            Err(_) => None,
        }
    }

    /// Whether `descendant` is `ancestor` or comes after it.
    pub fn contains(&self, descendant: &str, ancestor: &str) -> Result<bool> {
        let [to, from] = [Oid::from_str(descendant)?, Oid::from_str(ancestor)?];
        let asked = || {
            let args = ["merge-base", "--is-ancestor", ancestor, descendant];
            Ok(process::try_git(&self.root, &args, "")?.ok)
        };
        Ok(to == from || known_or(self.git.graph_descendant_of(to, from), asked)?)
    }

    /// How many commits `to` has that `from` has not.
    pub fn count(&self, from: &str, to: &str) -> Result<usize> {
        let ids = [Oid::from_str(to)?, Oid::from_str(from)?];
        let asked = || {
            let args = ["rev-list", "--count", &format!("{from}..{to}")];
            let count = process::git(&self.root, &args, "")?;
            count
                .parse()
                .map_err(|_| Failure::failed(format!("git counts {count} commits")))
        };
        let known = self.git.graph_ahead_behind(ids[0], ids[1]);
        known_or(known.map(|(ahead, _)| ahead), asked)
    }

    /// Who brought `text` into `path`: the newest commit of HEAD's history that changed how often it stands there. Abbreviated
    /// name, author, date.
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
        let output = process::try_git(&self.root, &args, "")?;
        let mut words = output.stdout.trim_end().split('\0').map(str::to_owned);
        Ok(match (words.next(), words.next(), words.next()) {
            (Some(id), Some(author), Some(date)) if output.ok => Some((id, author, date)),
            _ => None,
        })
    }

    /// Whether `path` had these bytes in some commit that HEAD can reach.
    pub fn had(&self, path: &str, bytes: &[u8]) -> Result<bool> {
        let find = format!("--find-object={}", Blob::of(bytes));
        let args = ["log", "-1", "--format=%H", &find, "HEAD", "--", path];
        let output = process::try_git(&self.root, &args, "")?;
        Ok(output.ok && !output.stdout.trim().is_empty())
    }

    /// Whether a merge, pick, revert, rebase or bisect is under way.
    pub fn is_mid_operation(&self) -> bool {
        self.git.state() != git2::RepositoryState::Clean
    }

    /// Whether history ends early because the clone is shallow.
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow()
    }

    /// What the index says about `path`, as it is on disk now; `None` for what only git understands.
    fn index_entry(&self, path: &str) -> Result<Option<IndexEntry>> {
        match self.entry.take().filter(|known| known.is_of(path)) {
            Some(known) => Ok(Some(known)),
            None => IndexEntry::find(&self.git_dir, path),
        }
    }

    fn indexed_by_git(&self, path: &str) -> Result<Indexed> {
        let literal = format!(":(top,literal){path}");
        let args = ["ls-files", "--stage", "--full-name", "-z", "--", &literal];
        let out = process::git(&self.root, &args, "")?;
        // MODE SP OBJECT SP STAGE TAB PATH (git-ls-files)
        let words: Vec<&str> = out.split([' ', '\t']).take(3).collect();
        match words.as_slice() {
            [_, id, "0"] => Ok(Indexed::Tracked(Blob(Oid::from_str(id)?))),
            [_, _, _] => Ok(Indexed::Conflicted),
            _ => Ok(Indexed::Untracked),
        }
    }

    /// What the index says about `path`.
    pub fn indexed(&self, path: &str) -> Result<Indexed> {
        let Some(entry) = self.index_entry(path)? else {
            return self.indexed_by_git(path);
        };
        let indexed = entry.indexed.clone();
        self.entry.set(Some(entry));
        Ok(indexed)
    }

    /// Moves a file as `git mv` does, also one that git does not track; folders come and go with it.
    ///
    /// # Errors
    /// Also if `to` exists.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (old, new) = (files::at(&self.root, from), files::at(&self.root, to));
        if files::exists(&new) {
            return Err(Failure::failed(format!("{to} exists already")));
        }
        files::make_parent(&new)?;
        match self.indexed(from)? {
            Indexed::Untracked => files::rename(&old, &new)?,
            _ => drop(process::git(&self.root, &["mv", "--", from, to], "")?),
        }
        files::remove_empty_parents(&self.root, &old);
        Ok(())
    }

    /// The bytes that the index has of a file; `None` if it is untracked or has a conflict.
    pub fn indexed_bytes(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.indexed(path)? {
            Indexed::Tracked(blob) => self.blob(blob).map(Some),
            _ => Ok(None),
        }
    }

    /// A blob's bytes.
    pub fn blob(&self, blob: Blob) -> Result<Vec<u8>> {
        Ok(self.git.find_blob(blob.0)?.content().to_vec())
    }

    /// The bytes of a blob that [`Repo::object_at`] has named.
    pub fn blob_named(&self, object: &str) -> Result<Vec<u8>> {
        self.blob(Blob(Oid::from_str(object)?))
    }

    /// The bytes of a file in a commit's tree.
    pub fn file_at(&self, commit: &str, path: &str) -> Result<Option<Vec<u8>>> {
        let tree = self.tree(commit)?;
        match found(tree.get_path(Path::new(path)))? {
            Some(entry) if entry.kind() == Some(ObjectType::Blob) => {
                Ok(Some(self.git.find_blob(entry.id())?.content().to_vec()))
            }
            _ => Ok(None),
        }
    }

    /// The paths that differ between two commits, both sides of a rename.
    pub fn changed_paths(&self, from: &str, to: &str) -> Result<Vec<String>> {
        let args = [
            "diff-tree",
            "-r",
            "-z",
            "--no-renames",
            "--name-only",
            from,
            to,
        ];
        let out = process::git(&self.root, &args, "")?;
        let paths = out.split('\0').filter(|path| !path.is_empty());
        Ok(paths.map(str::to_owned).collect())
    }

    /// Every regular file in a commit's tree: no links, no submodules.
    pub fn regular_files(&self, commit: &str) -> Result<Vec<String>> {
        let tree = self.tree(commit)?;
        let mut found = Vec::new();
        tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            let is_regular = matches!(entry.filemode(), 0o100644 | 0o100664 | 0o100755);
            if let (true, Ok(name)) = (is_regular, entry.name()) {
                found.push(format!("{folder}{name}"));
            }
            git2::TreeWalkResult::Ok
        })?;
        Ok(found)
    }

    /// Tells the index that the file at `path`, whose content git sees as `cleaned`, is the one it has: then
    /// `git status` does not call it modified because size and time changed. Does nothing if the content
    /// is not what the index has: that is a person's edit, and git shall show it.
    ///
    /// `seen` is the fingerprint of the file whose content that is: another one is left to git.
    pub fn refresh(&self, path: &str, cleaned: &[u8], seen: &str) -> Result<()> {
        let place = files::at(&self.root, path);
        let Some(entry) = self.index_entry(path)? else {
            let is_same = self.indexed_by_git(path)? == Indexed::Tracked(Blob::of(cleaned));
            if is_same && files::fingerprint(&place) == seen {
                // The filter gives the blob that is there already: only size and time are new.
                process::git(&self.root, &["update-index", "--", path], "")?;
            }
            return Ok(());
        };
        let Indexed::Tracked(blob) = entry.indexed else {
            return Ok(());
        };
        let known = entry.stat();
        let now = if blob == Blob::of(cleaned) {
            let meta = std::fs::symlink_metadata(&place)
                .map_err(|error| Failure::failed(format!("cannot read {path}: {error}")))?;
            if files::fingerprint_of(&meta) != seen {
                return Ok(()); // a person has saved it meanwhile
            }
            stat(&known, &meta)
        } else if blob == Blob::of(&lf(cleaned)) {
            // Equal but for line endings, which git may or may not convert here: a size of zero makes
            // git compare the content itself (racy-git.txt).
            Stat { size: 0, ..known }
        } else {
            known
        };
        match now == known {
            true => Ok(()),
            false => entry.write(&now),
        }
    }

    /// Makes git compare the content of `path` at its next look, whatever size and time say (racy-git.txt).
    pub fn forget_stat(&self, path: &str) -> Result<()> {
        match self.index_entry(path)? {
            Some(entry) if matches!(entry.indexed, Indexed::Tracked(_)) => {
                let known = entry.stat();
                entry.write(&Stat { size: 0, ..known })
            }
            _ => Ok(()),
        }
    }

    /// Whether `git am` is between two patches: it compares stat data only, so nothing may be written then.
    pub fn between_patches(&self) -> bool {
        let folder = self.git_dir.join("rebase-apply");
        let number = |name: &str| -> Option<u32> {
            let bytes = files::read(&folder.join(name)).ok()??;
            String::from_utf8(bytes).ok()?.trim().parse().ok()
        };
        match (number("next"), number("last")) {
            (Some(next), Some(last)) => next < last,
            _ => false,
        }
    }

    /// Whether a rebase is under way, by either backend.
    pub fn is_rebasing(&self) -> bool {
        files::exists(&self.git_dir.join("rebase-merge"))
            || files::exists(&self.git_dir.join("rebase-apply").join("rebasing"))
    }

    /// A configuration value of this repository.
    pub fn config(&self, key: &str) -> Option<String> {
        self.git.config().ok()?.get_string(key).ok()
    }

    /// Sets a value in the configuration that all worktrees of this repository share.
    pub fn set_config(&self, key: &str, value: &str) -> Result<()> {
        process::git(&self.root, &["config", "--local", key, value], "").map(drop)
    }

    /// Removes a section from the repository's configuration, if it is there.
    pub fn remove_config_section(&self, section: &str) -> Result<()> {
        process::try_git(
            &self.root,
            &["config", "--local", "--remove-section", section],
            "",
        )
        .map(drop)
    }

    /// The folder that git runs hooks from, as git itself computes it (worktrees, core.hooksPath).
    pub fn hooks_dir(&self) -> Result<PathBuf> {
        let args = ["rev-parse", "--path-format=absolute", "--git-path", "hooks"];
        process::git(&self.root, &args, "").map(PathBuf::from)
    }

    /// What an attribute of a path is set to, as git finds it (gitattributes(5)); `None` if it is not set to a word.
    pub fn attribute(&self, path: &str, name: &str) -> Result<Option<String>> {
        let out = process::git(&self.root, &["check-attr", "-z", name, "--", path], "")?;
        let value = out.split('\0').nth(2).unwrap_or("");
        let is_word = !matches!(value, "" | "unspecified" | "set" | "unset");
        Ok(is_word.then(|| value.to_owned()))
    }

    /// The folders of all working trees of this repository.
    pub fn worktrees(&self) -> Result<Vec<PathBuf>> {
        let out = process::git(&self.root, &["worktree", "list", "--porcelain"], "")?;
        let paths = out
            .lines()
            .filter_map(|line| line.strip_prefix("worktree "));
        Ok(paths.map(PathBuf::from).collect())
    }

    /// The version of the user's git: major and minor; `None` if it does not say.
    pub fn git_version(&self) -> Option<(u32, u32)> {
        let said = process::git(&self.root, &["version"], "").ok()?;
        let mut numbers = said
            .split(' ')
            .nth(2)?
            .split('.')
            .map(|part| part.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    }

    /// Tracked files that differ from HEAD, as `git status` sees them, filters included.
    pub fn dirty(&self) -> Result<Vec<String>> {
        // Without the trim of `git`: the two status columns may begin with a space.
        let args = ["status", "--porcelain", "--untracked-files=no"];
        let output = process::try_git(&self.root, &args, "")?;
        if !output.ok {
            return Err(Failure::failed(format!(
                "git status failed: {}",
                output.stderr.trim()
            )));
        }
        let paths = output.stdout.lines().filter_map(|line| line.get(3..));
        Ok(paths.map(str::to_owned).collect())
    }

    /// The editor that git would open, as a piece of shell.
    pub fn editor(&self) -> Result<String> {
        process::git(&self.root, &["var", "GIT_EDITOR"], "")
            .map_err(|error| {
                tracing::debug!("{error}");
                Failure::failed(NO_EDITOR)
            })
            .and_then(|editor| match editor.trim() {
                "" => Err(Failure::failed(NO_EDITOR)),
                _ => Ok(editor),
            })
    }

    /// Takes index and working tree from commit `from` to commit `to`; files with local changes stop it
    /// before anything is touched (git-read-tree, two-tree merge). A git that outlives us keeps the lock until it is done.
    pub fn checkout(&self, held: &Lock, from: &str, to: &str) -> Result<()> {
        // Its answer tells about other files; the merge below judges by itself.
        process::try_git(&self.root, &["update-index", "-q", "--refresh"], "")?;
        let args = ["read-tree", "-m", "-u", from, to];
        process::git_holding(&self.root, &args, None, held).map(drop)
    }

    /// Puts `paths` as they are in `commit` into index and working tree, whatever is there now.
    pub fn restore(&self, commit: &str, paths: &[String]) -> Result<()> {
        for path in paths {
            if self.file_at(commit, path)?.is_some() {
                let literal = format!(":(top,literal){path}");
                process::git(&self.root, &["checkout", "-q", commit, "--", &literal], "")?;
            } else {
                let literal = format!(":(top,literal){path}");
                let args = ["rm", "-q", "--cached", "--ignore-unmatch", "--", &literal];
                process::git(&self.root, &args, "")?;
                files::remove(&files::at(&self.root, path))?;
            }
        }
        Ok(())
    }
}

/// `None` for what is not there, or is something else. That the system failed is neither.
fn found<T>(result: std::result::Result<T, git2::Error>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => match error.code() {
            ErrorCode::NotFound | ErrorCode::Peel | ErrorCode::InvalidSpec => Ok(None),
            _ => Err(error.into()),
        },
    }
}

/// Whether an object is there and libgit2 does not read it: git takes commits by an author without an address.
fn is_unread(error: &git2::Error) -> bool {
    error.code() == ErrorCode::GenericError
}

/// What libgit2 knows, else what git says if it is asked.
fn known_or<T>(
    known: std::result::Result<T, git2::Error>,
    asked: impl FnOnce() -> Result<T>,
) -> Result<T> {
    match known {
        Err(error) if is_unread(&error) => asked(),
        known => Ok(known?),
    }
}

fn path_of(file: git2::DiffFile<'_>) -> Option<String> {
    let path = file.path()?.to_str()?;
    (!file.id().is_zero()).then(|| path.to_owned())
}

fn lf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(index + 1) == Some(&b'\n')) {
            out.push(*byte);
        }
    }
    out
}

#[cfg(unix)]
fn stat(_: &Stat, meta: &std::fs::Metadata) -> Stat {
    use std::os::unix::fs::MetadataExt;
    // git truncates to 32 bits the same way (gitformat-index(5)).
    Stat {
        changed: [meta.ctime() as u32, meta.ctime_nsec() as u32],
        modified: [meta.mtime() as u32, meta.mtime_nsec() as u32],
        device: meta.dev() as u32,
        inode: meta.ino() as u32,
        user: meta.uid(),
        group: meta.gid(),
        size: meta.len() as u32,
    }
}

#[cfg(not(unix))]
fn stat(known: &Stat, _: &std::fs::Metadata) -> Stat {
    Stat { size: 0, ..*known } // git compares the content itself
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_endings_are_folded() {
        assert_eq!(lf(b"a\r\nb\rc\n"), b"a\nb\rc\n");
    }
}
