//! Moves references from one commit to another, together with index and files, so that a crash leaves either the old or the new state. Used
//! forwards by a release, and backwards by an undo. Fails if a reference is not where the move begins, or if a file has local changes.

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

/// A move between its first and its last effect. After a crash its journal remains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// The action, for messages and reflogs: `release v1.2.0`.
    pub what: String,
    /// The branch whose files are updated. Empty for a detached HEAD.
    pub branch: String,
    pub from: CommitId,
    pub to: CommitId,
    /// Every reference that is created, deleted or moved.
    pub refs: Vec<RefChange>,
    /// Every path that differs between the two commits, except the carried one.
    pub paths: Vec<String>,
    /// The path that is updated although the user has changes in it, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<CarriedFile>,
}

/// A release that waits to be pushed or published. It ends when everything is done, or when the release is undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub released: Transition,
    /// The branch on the remote to push to.
    pub branch: String,
    /// The tags that are not published yet.
    pub tags: Vec<String>,
    pub remote: String,
}

impl Pending {
    /// The tags, by full name, with the objects that were released under them.
    pub fn objects(&self) -> Vec<(RefName, String)> {
        let changes = self.released.refs.iter();
        let tags = changes.filter(|change| change.name.is_tag());
        tags.filter_map(|change| Some((change.name.clone(), change.to.clone()?)))
            .collect()
    }

    /// # Errors
    /// Exit 5 if a tag is not the released one: another one must not be published.
    pub fn check_tags(&self, project: &Project) -> Result<()> {
        for (name, object) in self.objects() {
            let (repo, now) = (&project.repo, project.repo.reference(&name)?);
            // A fetch of only the annotated tag may have left a lightweight one of the same commit (actions/checkout).
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
    /// Moves references in one transaction, then index and files. If the files cannot be updated, the references are moved back. If the
    /// release has further steps, it is recorded before anything moves.
    ///
    /// # Errors
    /// Exit 5 if a reference was moved meanwhile, or a file has changes; exit 1 for anything else. In all cases everything is unchanged.
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
        // The move is complete. The next command removes a remaining journal.
        if let Err(error) = files::remove(&under_way(project)) {
            tracing::warn!("{error}");
        }
        Ok(())
    }

    /// The error for an incomplete move. The journal stays: the next command completes the move.
    fn half_way(&self, error: &Failure) -> Failure {
        Failure::new(Exit::Pending, format!("{} is half-way: {error}", self.what))
            .with_remedy("fix that, then `relwatch release --resume` finishes it")
    }

    /// The reverse move, without the carried file: the change in it is known in one direction only.
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

/// A commit made by relwatch other than a release: a bump, a withdrawal, an archive, a port.
pub struct Made<'a> {
    /// The action, for messages and reflogs.
    pub what: String,
    pub message: String,
    pub base: CommitId,
    /// Empty for a detached HEAD.
    pub branch: &'a str,
}

impl Made<'_> {
    /// Commits these files: all of them, or nothing. Returns the commit's name.
    ///
    /// # Errors
    /// Exit 5 if something was changed meanwhile. Then everything is unchanged.
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

    /// Commits one file in which the user may have changes.
    ///
    /// # Errors
    /// The same as [`Made::commit`].
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

/// Changes of files as edits of a tree.
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

/// The release that waits to be pushed or published, if there is one.
pub fn pending(project: &Project) -> Option<Pending> {
    read(&waiting(project))
}

/// Ends the waiting of a release whose tags were removed: the user has undone it by hand.
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

/// Removes the record of a waiting release.
pub fn forget(project: &Project) -> Result<()> {
    files::remove(&waiting(project))
}

/// Removes a tag from the waiting release: it is done, or will not be done. The others remain.
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

/// Completes an interrupted move. If a reference has moved, the others and the paths follow. Otherwise nothing had happened. A path that
/// was edited since is kept.
///
/// # Errors
/// Exit 7 if the branch is not checked out here: its files cannot be updated.
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
        // A commit was made meanwhile, with the content of the index at that time. It belongs to the user.

        tracing::warn!("a commit on {what} came before its files; see `git diff {to} HEAD`")
    }
    tracing::info!("finished an interrupted {what}");
    files::remove(&journal)
}

impl Transition {
    /// The references that have not moved yet.
    fn left(&self, project: &Project) -> Result<Vec<RefChange>> {
        let repo = &project.repo;
        let mut left = Vec::new();
        for change in &self.refs {
            let now = repo.reference(&change.name)?;
            // A branch may have new commits since. In a backward move, the branch always contains its target: it has moved if it no longer
            // contains its origin.
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

    /// Whether HEAD is at the beginning or the end of the move.
    fn is_at_an_end(&self, head: &Head) -> bool {
        head.commit
            .is_some_and(|commit| commit == self.from || commit == self.to)
    }

    /// # Errors
    /// Exit 7 if the branch is not checked out here: its files cannot be updated.
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

/// The paths that later commits have reset to their content before a move. This happens after a crash before the files were written, if the
/// next command is `git commit -a`.
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

/// The command that restores paths from a commit. It replaces their current content.
pub fn bring_back(paths: &[String], commit: CommitId) -> String {
    let (short, paths) = (commit.short(), words::shell_words(paths));
    format!("git checkout --no-overlay {short} -- {paths}")
}

/// Abandons the interrupted move and the waiting release, if there are any.
pub fn abandon(project: &Project) -> Result<()> {
    files::remove(&under_way(project))?;
    forget(project)
}

/// The paths that were not edited since, according to git, including filters and line endings.
fn untouched(
    project: &Project,
    from: CommitId,
    to: CommitId,
    paths: &[String],
) -> Result<Vec<String>> {
    let repo = &project.repo;
    let mut untouched = Vec::new();
    for (path, present) in paths.iter().zip(repo.hashed(paths)?) {
        // git may have been killed as well: it removes a file before it rewrites it, and may have written only a part.
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

/// Whether a file is a prefix of the content that `to` has at its path.
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

/// The journal of a move, shared by all worktrees.
fn under_way(project: &Project) -> PathBuf {
    layout::move_journal(project.repo.common_dir())
}

/// The record of a waiting release.
fn waiting(project: &Project) -> PathBuf {
    layout::pending_release(project.repo.common_dir())
}
