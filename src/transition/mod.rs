//! Moving references from one commit to another with index and files, so that a crash leaves before or after.
//! A release goes forward with it, an undo back. Refuses to move what is not where the move begins, and files with changes of their own.

mod carried;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::plan::{FileAction, FileChange};
use crate::domain::text::words;
use crate::project::Project;
use crate::sys::files::{self, Durable};
use crate::sys::git::{Head, RefChange, Signatures, TreeEdit};
use crate::sys::layout;
use crate::sys::lock::WriteLock;

pub use carried::{CarriedBytes, CarriedFile};

/// A move between its first and its last effect: what a crash leaves behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// What is being done, for messages and reflogs: `release v1.2.0`.
    pub what: String,
    /// The branch whose files move; empty for a detached HEAD.
    pub branch: String,
    pub from: CommitId,
    pub to: CommitId,
    /// Every reference that comes, goes or moves.
    pub refs: Vec<RefChange>,
    /// Every path that differs between the two commits, but for the carried one.
    pub paths: Vec<String>,
    /// The one path that differs, if it moves with the changes that somebody has in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<CarriedFile>,
}

/// A release that waits to be pushed or published. It ends when all of it is done, or is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub released: Transition,
    /// The branch to push to, on the remote.
    pub branch: String,
    /// What is left to publish.
    pub tags: Vec<String>,
    pub remote: String,
}

impl Pending {
    /// The tags, in full, with the objects that were released under them.
    pub fn objects(&self) -> Vec<(RefName, String)> {
        let changes = self.released.refs.iter();
        let tags = changes.filter(|change| change.name.is_tag());
        tags.filter_map(|change| Some((change.name.clone(), change.to.clone()?)))
            .collect()
    }

    /// # Errors
    /// Exit 5 if a tag is not the one that was released: nobody may publish another.
    pub fn check_tags(&self, project: &Project) -> Result<()> {
        for (name, object) in self.objects() {
            let (repo, now) = (&project.repo, project.repo.reference(&name)?);
            // A fetch of the annotated tag alone may have left a plain one of the same commit (actions/checkout).
            if now.as_ref() == Some(&object)
                || now.is_some() && repo.resolved(&name) == repo.resolved(&object)
            {
                continue;
            }
            let tag = name.as_tag().unwrap_or_default();
            let what = if now.is_some() {
                "was moved"
            } else {
                "is gone"
            };
            let what = format!("{tag} {what} since {}", self.released.what);
            return Err(Failure::new(Exit::Stale, what).with_remedy(format!(
                "`git update-ref {name} {object}` brings it back, `relwatch release --abandon` leaves all as it is"
            )));
        }
        Ok(())
    }
}

impl Transition {
    /// Moves references in one transaction, then index and files. If the files cannot follow, the references go
    /// back. A release that is to go on is noted before anything moves.
    ///
    /// # Errors
    /// Exit 5 if a reference had moved meanwhile, or a file has changes, exit 1 for anything else; everything is as before then.
    pub fn carry_out(
        &self,
        project: &Project,
        held: &WriteLock,
        onward: Option<&Pending>,
    ) -> Result<()> {
        let repo = &project.repo;
        let back = |error: Failure, exit: Exit| -> Result<()> {
            if onward.is_some() {
                forget(project)?;
            }
            files::remove(&under_way(project))?;
            Err(error.within("nothing was changed: ").with_exit(exit))
        };
        write(&under_way(project), self)?;
        if let Some(onward) = onward {
            write(&waiting(project), onward)?;
        }
        let reason = format!("relwatch: {}", self.what);
        if let Err(error) = repo.transaction(held, &reason, &self.refs) {
            let (mut moved, mut arrived) = (false, false);
            for change in &self.refs {
                let now = repo.reference(&change.name)?;
                moved |= now != change.from;
                arrived |= now != change.from && now == change.to;
            }
            if arrived {
                return Err(self.half_way(&error)); // git ended between two references
            }
            return back(error, if moved { Exit::Stale } else { Exit::Failed });
        }
        let brought = match &self.carried {
            Some(carried) => carried.bring(project, held),
            None => repo.checkout(held, self.from, self.to),
        };
        if let Err(error) = brought {
            let inverse = self.inverse();
            let reason = format!("relwatch: {}", inverse.what);
            if repo.transaction(held, &reason, &inverse.refs).is_err() {
                return Err(self.half_way(&error)); // no way is open, on a full disk for example
            }
            return back(error, Exit::Stale);
        }
        // It is done; a journal that stays is cleared by the next command.
        if let Err(error) = files::remove(&under_way(project)) {
            tracing::warn!("{error}");
        }
        Ok(())
    }

    /// The journal stays: the next command finishes.
    fn half_way(&self, error: &Failure) -> Failure {
        Failure::new(Exit::Pending, format!("{} is half-way: {error}", self.what))
            .with_remedy("fix that, then `relwatch release --resume` finishes it")
    }

    /// The same move backwards, without a carried file: what somebody has in it is known in one direction only.
    pub fn inverse(&self) -> Transition {
        Transition {
            carried: None,
            what: format!("undo {}", self.what),
            from: self.to,
            to: self.from,
            refs: self.refs.iter().map(RefChange::inverse).collect(),
            ..self.clone()
        }
    }
}

/// A commit of ours besides a release: a bump, a withdrawal, an archive, a port.
pub struct Made<'a> {
    /// For messages and reflogs.
    pub what: String,
    pub message: String,
    pub base: CommitId,
    /// Empty for a detached HEAD.
    pub branch: &'a str,
}

impl Made<'_> {
    /// Makes it of these files: all of them, or nothing. Its name.
    ///
    /// # Errors
    /// Exit 5 if something moved meanwhile; everything is as before then.
    pub fn commit(
        &self,
        project: &Project,
        held: &WriteLock,
        files: &[FileChange],
    ) -> Result<CommitId> {
        let commit = self.build(project, files)?;
        let paths = project.repo.changed_paths(self.base, commit)?;
        self.move_to(project, held, commit, paths, None)
    }

    /// Makes it of one file in which somebody may have changes of their own.
    ///
    /// # Errors
    /// As [`Made::commit`].
    pub fn commit_carried(
        &self,
        project: &Project,
        held: &WriteLock,
        file: &FileChange,
        carried: CarriedFile,
    ) -> Result<CommitId> {
        let commit = self.build(project, std::slice::from_ref(file))?;
        self.move_to(project, held, commit, Vec::new(), Some(carried))
    }

    fn build(&self, project: &Project, files: &[FileChange]) -> Result<CommitId> {
        let who = project.repo.signatures()?;
        build(project, self.base, files, &who, &self.message)
    }

    fn move_to(
        &self,
        project: &Project,
        held: &WriteLock,
        commit: CommitId,
        paths: Vec<String>,
        carried: Option<CarriedFile>,
    ) -> Result<CommitId> {
        let name = match self.branch {
            "" => RefName::head(),
            branch => RefName::branch(branch),
        };
        let moved = Transition {
            what: self.what.clone(),
            branch: self.branch.to_owned(),
            from: self.base,
            to: commit,
            refs: vec![RefChange::moves(name, self.base, commit)],
            paths,
            carried,
        };
        moved.carry_out(project, held, None)?;
        Ok(commit)
    }
}

/// Builds a commit of these files on top of `base`. Nothing refers to it yet.
pub fn build(
    project: &Project,
    base: CommitId,
    files: &[FileChange],
    who: &Signatures,
    message: &str,
) -> Result<CommitId> {
    let edits = edits(files);
    project.repo.build_commit(base, &edits, who, message)
}

/// Changes of files as changes of a tree.
pub fn edits(files: &[FileChange]) -> Vec<TreeEdit<'_>> {
    files
        .iter()
        .map(|file| match &file.change {
            FileAction::Write { after } => TreeEdit::Write(&file.path, after),
            FileAction::Move { to } => TreeEdit::Move {
                from: &file.path,
                to,
            },
            FileAction::Delete => TreeEdit::Delete(&file.path),
        })
        .collect()
}

/// The move that a crash interrupted, if there is one.
pub fn interrupted(project: &Project) -> Option<Transition> {
    read(&under_way(project))
}

/// The release that waits, if there is one.
pub fn pending(project: &Project) -> Option<Pending> {
    read(&waiting(project))
}

/// Ends the waiting of a release whose tags somebody has removed: it was taken back by hand.
pub fn settle(project: &Project) -> Result<()> {
    let Some(pending) = pending(project) else {
        return Ok(());
    };
    for (name, _) in pending.objects() {
        if project.repo.reference(&name)?.is_some() {
            return Ok(());
        }
    }
    forget(project)
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let bytes = files::read(path).ok()??;
    serde_json::from_slice(&bytes).ok()
}

fn write(path: &Path, what: &impl Serialize) -> Result<()> {
    let bytes = serde_json::to_vec(what)
        .map_err(|error| Failure::failed(format!("the journal cannot be written: {error}")))?;
    files::replace(path, &bytes, Durable::Yes).map(drop)
}

/// Nothing of a release waits any more.
pub fn forget(project: &Project) -> Result<()> {
    files::remove(&waiting(project))
}

/// A part of the release that waits is done, or will not be: the rest waits on.
pub fn forget_tag(project: &Project, tag: &str) -> Result<()> {
    let Some(mut pending) = pending(project) else {
        return Ok(());
    };
    pending.tags.retain(|known| known != tag);
    if pending.tags.is_empty() {
        forget(project)
    } else {
        write(&waiting(project), &pending)
    }
}

/// Brings an interrupted move to its end: if a reference has moved, the others and the paths follow, else nothing
/// had happened. A path that somebody edited since stays as it is.
///
/// # Errors
/// Exit 7 if the branch is not checked out here: its files cannot be brought along.
pub fn finish_pending(project: &Project, held: &WriteLock) -> Result<()> {
    let journal = under_way(project);
    if !files::exists(&journal) {
        return Ok(());
    }
    let Some(transition) = interrupted(project) else {
        return Err(Failure::new(
            Exit::Pending,
            format!("{} cannot be read by this relwatch", journal.display()),
        )
        .with_remedy(
            "run the one that wrote it, or `relwatch release --abandon`, which leaves all as it is",
        ));
    };
    let repo = &project.repo;
    let Transition {
        what, refs, paths, ..
    } = &transition;
    let Transition { from, to, .. } = transition;
    let left = transition.left(project)?;
    if left.len() == refs.len() {
        if pending(project).is_some_and(|pending| pending.released == transition) {
            forget(project)?; // it had not begun
        }
        return files::remove(&journal);
    }
    let head = repo.head()?;
    transition.is_here(project, &head)?;
    if !left.is_empty() {
        // git was killed between two references of its transaction.
        repo.transaction(held, &format!("relwatch: {what}"), &left)?;
    }
    if transition.is_at_an_end(&head) {
        repo.restore(to, &untouched(project, from, to, paths)?)?;
        if let Some(carried) = &transition.carried {
            carried.finish(project, held)?;
        }
    } else {
        // Somebody has committed on it, with what was in the index then: that is theirs.

        tracing::warn!("a commit on {what} came before its files; see `git diff {to} HEAD`")
    }
    tracing::info!("finished an interrupted {what}");
    files::remove(&journal)
}

impl Transition {
    /// The references that have not moved.
    fn left(&self, project: &Project) -> Result<Vec<RefChange>> {
        let repo = &project.repo;
        let mut left = Vec::new();
        for change in &self.refs {
            let now = repo.reference(&change.name)?;
            // A branch may have gone on since. One that is to go back always holds where it goes: it has moved if it has let go of
            // where it came from.
            let is_past = match (&now, &change.from, &change.to) {
                (Some(now), Some(from), Some(to)) if !change.name.is_tag() => {
                    let [now, from, to] = [now, from, to].map(|id| CommitId::expect(id));
                    let (now, from, to) = (now?, from?, to?);
                    let is_back = repo.contains(from, to)?;
                    repo.contains(now, to)? && !(is_back && repo.contains(now, from)?)
                }
                _ => false,
            };
            if now != change.to && !is_past {
                left.push(change.clone());
            }
        }
        Ok(left)
    }

    /// Whether HEAD is where the move begins or ends.
    fn is_at_an_end(&self, head: &Head) -> bool {
        head.commit
            .is_some_and(|commit| commit == self.from || commit == self.to)
    }

    /// # Errors
    /// Exit 7 if the branch is not checked out here: its files cannot be brought along.
    fn is_here(&self, project: &Project, head: &Head) -> Result<()> {
        let Transition { what, branch, .. } = self;
        let is_here = if branch.is_empty() {
            self.is_at_an_end(head)
        } else {
            head.branch.as_deref() == Some(branch)
        };
        if is_here {
            return Ok(());
        }
        let there = match project.repo.checked_out(branch)? {
            Some(place) => format!("`relwatch update` in {}", place.display()),
            None => format!("`git switch {branch}` and `relwatch update` there"),
        };
        Err(
            Failure::new(Exit::Pending, format!("{what} was interrupted"))
                .with_remedy(format!("run {there} to finish it")),
        )
    }
}

/// The paths that later commits have taken back to what they were before a move. A crash before the files were there and
/// `git commit -a` as the next command do that.
pub fn undone(project: &Project, from: CommitId, to: CommitId) -> Result<Vec<String>> {
    let repo = &project.repo;
    let Some(head) = repo.head()?.commit else {
        return Ok(Vec::new());
    };
    if head == to || !repo.contains(head, to)? {
        return Ok(Vec::new());
    }
    let mut undone = Vec::new();
    for path in repo.changed_paths(from, to)? {
        let [before, after, now] = [from, to, head].map(|commit| repo.object_at(commit, &path));
        let now = now?;
        if now == before? && now != after? {
            undone.push(path);
        }
    }
    Ok(undone)
}

/// The command that brings paths back as a commit has them. It replaces what stands there.
pub fn bring_back(paths: &[String], commit: CommitId) -> String {
    let (short, paths) = (commit.short(), words::shell_words(paths));
    format!("git checkout --no-overlay {short} -- {paths}")
}

/// Ends what was under way and what waits, wherever it is.
pub fn abandon(project: &Project) -> Result<()> {
    files::remove(&under_way(project))?;
    forget(project)
}

/// The paths that nobody has edited since: as git sees them, filters and line endings included.
fn untouched(
    project: &Project,
    from: CommitId,
    to: CommitId,
    paths: &[String],
) -> Result<Vec<String>> {
    let repo = &project.repo;
    let mut untouched = Vec::new();
    for (path, present) in paths.iter().zip(repo.hashed(paths)?) {
        // git, killed as well, removes a file before it writes it anew, and may have written a part of it.
        let is_same = match &present {
            None => true,
            Some(id) => {
                let ends = [repo.object_at(from, path)?, repo.object_at(to, path)?];
                ends.contains(&Some(id.clone())) || is_begun(project, to, path)?
            }
        };
        if is_same {
            untouched.push(path.clone())
        } else {
            tracing::warn!("{path} was edited after an interrupted move and stays")
        }
    }
    Ok(untouched)
}

/// Whether a file is the beginning of what `to` has at its path.
fn is_begun(project: &Project, to: CommitId, path: &str) -> Result<bool> {
    let without_cr =
        |bytes: Vec<u8>| -> Vec<u8> { bytes.into_iter().filter(|b| *b != b'\r').collect() };
    let present = files::read(&files::at(project.repo.root(), path))?.map(without_cr);
    let after = project.repo.file_at(to, path)?.map(without_cr);
    Ok(match (present, after) {
        (Some(present), Some(after)) => after.starts_with(&present),
        _ => false,
    })
}

/// The journal of a move, of all worktrees.
fn under_way(project: &Project) -> PathBuf {
    layout::move_journal(project.repo.common_dir())
}

/// The note of a release that waits.
fn waiting(project: &Project) -> PathBuf {
    layout::pending_release(project.repo.common_dir())
}
