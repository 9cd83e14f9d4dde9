//! The index entries of files, and how they are updated when relwatch writes a file.

use std::path::PathBuf;
use std::time::Duration;

use memchr::{memchr, memmem};

use crate::domain::failure::{Failure, Result};
use crate::sys::files::git_lock;
use crate::sys::git::index::{IndexEntry, Indexed, Stat};
use crate::sys::git::object_name::Blob;
use crate::sys::git::repo::Repo;
use crate::sys::lock::WriteLock;
use crate::sys::{env, files, git_command, process};

impl Repo {
    /// The index entry of `path`, as it is on disk now. `None` for indexes that only git understands.
    fn index_entry(&self, path: &str) -> Result<Option<IndexEntry>> {
        match self.entry.take().filter(|known| known.is_of(path)) {
            Some(known) => Ok(Some(known)),
            None => IndexEntry::find(&self.git_dir, path, self.object_format()),
        }
    }

    /// Tag, mode, object and stage of a path's entry, according to git. Empty if there is none.
    fn listed_by_git(&self, path: &str) -> Result<Vec<String>> {
        let literal = format!(":(top,literal){path}");
        let args = [
            "ls-files",
            "-v",
            "--stage",
            "--full-name",
            "-z",
            "--",
            &literal,
        ];
        let out = git_command::git(&self.root, &args, "")?;
        // TAG SP MODE SP OBJECT SP STAGE TAB PATH (git-ls-files)
        let words = out.split([' ', '\t']).take(4);
        Ok(words.map(str::to_owned).collect())
    }

    fn indexed_by_git(&self, path: &str) -> Result<Indexed> {
        Ok(match self.listed_by_git(path)?.as_slice() {
            [_, _, id, stage] if stage == "0" => Indexed::Tracked(Blob::parse(id)?),
            [_, _, _, _] => Indexed::Conflicted,
            _ => Indexed::Untracked,
        })
    }

    /// Gives the index entry of `path` another blob. Mode and flags are kept. If the entry has neither of the two blobs, the user has
    /// staged something else: then it returns false and changes nothing. A git that outlives us keeps the lock until it is done.
    pub fn restage(&self, held: &WriteLock, path: &str, from: &str, to: &str) -> Result<bool> {
        let listed = self.listed_by_git(path)?;
        let (tag, mode) = match listed.as_slice() {
            [_, _, id, stage] if id == to && stage == "0" => return Ok(true),
            [tag, mode, id, stage] if id == from && stage == "0" => (tag, mode),
            _ => return Ok(false),
        };
        let entry = format!("{mode},{to},{path}");
        let mut args = vec!["update-index", "--cacheinfo", &entry];
        // A new entry has neither flag: `S` means outside a sparse checkout, lower case means assumed unchanged.
        if tag.eq_ignore_ascii_case("s") {
            args.extend(["--skip-worktree", "--", path]);
        } else if tag.chars().all(char::is_lowercase) {
            args.extend(["--assume-unchanged", "--", path]);
        }
        git_command::git_holding(&self.root, &args, None, held.lock())?;
        Ok(true)
    }

    /// The state of `path` in the index.
    pub fn indexed(&self, path: &str) -> Result<Indexed> {
        let Some(entry) = self.index_entry(path)? else {
            return self.indexed_by_git(path);
        };
        let indexed = entry.indexed.clone();
        self.entry.set(Some(entry));
        Ok(indexed)
    }

    /// The bytes of a file in the index. `None` if it is untracked or has a conflict.
    pub fn indexed_bytes(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.indexed(path)? {
            Indexed::Tracked(blob) => self.smudged(path, blob).map(Some),
            _ => Ok(None),
        }
    }

    /// Updates size and time in the index entry of the file at `path`, whose content git sees as `cleaned`, so that `git status` does not
    /// list it as modified. Does nothing if the content differs from the index: that is an edit of the user, which git should show.
    ///
    /// `seen` is the content fingerprint of the file with that content. If the file has another one, git handles it.
    pub fn refresh(&self, path: &str, cleaned: &[u8], seen: &str) -> Result<()> {
        let place = files::at(&self.root, path);
        let Some(entry) = self.index_entry(path)? else {
            let is_same = self.indexed_by_git(path)? == Indexed::Tracked(self.blob_name(cleaned));
            if is_same && files::content_fingerprint(&place) == seen {
                // The filter returns the blob that is already there: only size and time are new.
                git_command::git(&self.root, &["update-index", "--", path], "")?;
            }
            return Ok(());
        };
        let Indexed::Tracked(blob) = entry.indexed else {
            return Ok(());
        };
        let known = entry.stat();
        let now = if blob == self.blob_name(cleaned) {
            let meta = std::fs::symlink_metadata(&place)
                .map_err(|error| Failure::failed(format!("cannot read {path}: {error}")))?;
            if files::content_fingerprint_of(&meta) != seen {
                return Ok(()); // a person has saved it meanwhile
            }
            stat(&meta)
        } else if [
            lf(cleaned),
            without_ident(cleaned),
            without_ident(&lf(cleaned)),
        ]
        .iter()
        .any(|bytes| blob == self.blob_name(bytes))
        {
            // They differ at most in line endings and `$Id$`, which git may or may not convert here (gitattributes(5)). A size of zero
            // makes git compare the content itself (racy-git.txt).
            Stat { size: 0, ..known }
        } else {
            known
        };
        if now == known {
            Ok(())
        } else {
            entry.write(&now)
        }
    }

    /// Whether another program still has the index locked after this time: then index entries cannot be updated. The caller must have our
    /// lock.
    pub fn index_is_held(&self, patience: Duration) -> bool {
        git_lock::is_held(&self.git_dir.join("index"), patience)
    }

    /// Makes git compare the content of `path` the next time it looks, regardless of size and time (racy-git.txt).
    pub fn forget_stat(&self, path: &str) -> Result<()> {
        match self.index_entry(path)? {
            Some(entry) if matches!(entry.indexed, Indexed::Tracked(_)) => {
                let known = entry.stat();
                entry.write(&Stat { size: 0, ..known })
            }
            _ => Ok(()),
        }
    }
}

/// The index of a commit in progress, as the pre-commit hook finds it.
pub struct Staging<'r> {
    repo: &'r Repo,
    index: PathBuf,
}

impl<'r> Staging<'r> {
    /// The index of the commit. `None` for `git commit PATH`, which creates its commit from a separate index beside the real one
    /// (`next-index-PID.lock`): anything a hook adds there is missing from the real one afterwards.
    pub fn of_hook(repo: &'r Repo) -> Result<Option<Staging<'r>>> {
        let index = env::path("GIT_INDEX_FILE")
            .map_or_else(|| repo.git_dir.join("index"), |path| repo.root.join(path));
        let name = index.file_name().unwrap_or_default().to_string_lossy();
        let partial = name.starts_with("next-index-");
        Ok((!partial).then_some(Staging { repo, index }))
    }

    /// Whether the commit would contain any change.
    pub fn has_changes(&self) -> Result<bool> {
        if self.repo.head()?.commit.is_none() {
            return Ok(true);
        }
        let output = self.git(&["diff-index", "--cached", "--quiet", "HEAD", "--"])?;
        Ok(!output.ok)
    }

    /// The bytes of a staged file. `None` if it is missing or in conflict.
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let name = format!(":0:{path}");
        let output = self.git(&["rev-parse", "--verify", "--quiet", &name])?;
        if !output.ok {
            return Ok(None);
        }
        let blob = Blob::parse(output.stdout.trim())?;
        self.repo.smudged(path, blob).map(Some)
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

    fn git(&self, args: &[&str]) -> Result<process::CommandOutput> {
        let env = [("GIT_INDEX_FILE", &self.index)];
        git_command::try_git_with(&self.repo.root, args, "", &env)
    }
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

/// `$Id: …$` without the text that the attribute `ident` inserts at checkout.
fn without_ident(bytes: &[u8]) -> Vec<u8> {
    const BEGIN: &[u8] = b"$Id:";
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memmem::find(rest, BEGIN) {
        let (before, expanded) = rest.split_at(at);
        out.extend_from_slice(before);
        let line = memchr(b'\n', expanded).unwrap_or(expanded.len());
        rest = match memchr(b'$', &expanded[BEGIN.len()..line]) {
            Some(end) => {
                out.extend_from_slice(b"$Id$");
                &expanded[BEGIN.len() + end + 1..]
            }
            None => {
                out.extend_from_slice(BEGIN);
                &expanded[BEGIN.len()..]
            }
        };
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(unix)]
fn stat(meta: &std::fs::Metadata) -> Stat {
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

/// The stat of a file as in git for Windows (compat/mingw.c, `do_lstat`): the creation time is used as the time of the last change, and
/// device, inode, user and group are unknown.
#[cfg(windows)]
fn stat(meta: &std::fs::Metadata) -> Stat {
    use std::os::windows::fs::MetadataExt;
    const SECOND: u64 = 10_000_000; // in steps of 100 nanoseconds
    const UNIX_EPOCH: u64 = 11_644_473_600 * SECOND; // they are counted from 1601
    let time = |steps: u64| {
        let since = steps.saturating_sub(UNIX_EPOCH);
        [(since / SECOND) as u32, (since % SECOND * 100) as u32]
    };
    Stat {
        changed: time(meta.creation_time()),
        modified: time(meta.last_write_time()),
        size: meta.len() as u32,
        ..Stat::default()
    }
}
