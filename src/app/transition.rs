//! Moving references from one commit to another with index and files, so that a crash leaves before or after.
//! A release goes forward with it, an undo back.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::app::{Project, filter};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::plan::{Change, FileChange};
use crate::sys::files::{self, Durable};
use crate::sys::git::{RefChange, Signatures, TreeEdit};
use crate::sys::lock::Lock;

/// A move between its first and its last effect: what a crash leaves behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// What is being done, for messages and reflogs: `release v1.2.0`.
    pub what: String,
    /// The branch whose files move; empty for a detached HEAD.
    pub branch: String,
    pub from: String,
    pub to: String,
    /// Every reference that comes, goes or moves.
    pub refs: Vec<RefChange>,
    /// Every path that differs between the two commits.
    pub paths: Vec<String>,
}

/// What is under way: a move, and what is to follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    pub transition: Transition,
    /// Whether references and files have arrived.
    #[serde(default)]
    pub arrived: bool,
    /// What follows; nothing for an undo.
    #[serde(default)]
    pub onward: Option<Onward>,
}

/// What follows a release's commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onward {
    /// The branch to push to, on the remote.
    pub branch: String,
    pub tags: Vec<String>,
    pub remote: String,
}

impl Transition {
    /// Moves references in one transaction, then index and files. If the files cannot follow, the references go
    /// back. What is to follow stays in the journal.
    ///
    /// # Errors
    /// Exit 5 if a reference had moved meanwhile, or a file has changes; everything is as before then.
    pub fn carry_out(&self, project: &Project, held: &Lock, onward: Option<Onward>) -> Result<()> {
        let unchanged = |error: Failure| {
            let message = format!("nothing was changed: {}", error.message);
            Failure::new(Exit::Stale, message)
        };
        let mut journal = Journal {
            transition: self.clone(),
            arrived: false,
            onward,
        };
        write(project, &journal)?;
        let reason = format!("relwatch: {}", self.what);
        if let Err(error) = project.repo.transaction(held, &reason, &self.refs) {
            forget(project)?;
            return Err(unchanged(error));
        }
        if let Err(error) = project.repo.checkout(held, &self.from, &self.to) {
            let back = self.inverse();
            let reason = format!("relwatch: {}", back.what);
            project.repo.transaction(held, &reason, &back.refs)?;
            forget(project)?;
            return Err(unchanged(error));
        }
        journal.arrived = true;
        match journal.onward {
            Some(_) => write(project, &journal),
            None => forget(project),
        }
    }

    /// The same move backwards.
    pub fn inverse(&self) -> Transition {
        Transition {
            what: format!("take back {}", self.what),
            from: self.to.clone(),
            to: self.from.clone(),
            refs: self.refs.iter().map(RefChange::inverse).collect(),
            ..self.clone()
        }
    }
}

/// A commit of ours besides a release: a bump, a withdrawal, an archive.
pub struct Made<'a> {
    /// For messages and reflogs.
    pub what: String,
    pub message: String,
    pub base: &'a str,
    pub branch: &'a str,
}

impl Made<'_> {
    /// Makes it of these files: all of them, or nothing. Its name.
    ///
    /// # Errors
    /// Exit 5 if something moved meanwhile; everything is as before then.
    pub fn commit(&self, project: &Project, held: &Lock, files: &[FileChange]) -> Result<String> {
        let repo = &project.repo;
        let awaited = journal(project).filter(|j| j.arrived && j.onward.is_some());
        let commit = build(
            project,
            self.base,
            files,
            &repo.signatures()?,
            &self.message,
        )?;
        Transition {
            what: self.what.clone(),
            branch: self.branch.to_owned(),
            from: self.base.to_owned(),
            to: commit.clone(),
            refs: vec![RefChange::moves(
                &format!("refs/heads/{}", self.branch),
                self.base,
                &commit,
            )],
            paths: repo.changed_paths(self.base, &commit)?,
        }
        .carry_out(project, held, None)?;
        if let Some(awaited) = awaited {
            // A release that is not published yet waits on.
            write(project, &awaited)?;
        }
        Ok(commit)
    }
}

/// Builds a commit of these files on top of `base`. Nothing refers to it yet.
pub fn build(
    project: &Project,
    base: &str,
    files: &[FileChange],
    who: &Signatures,
    message: &str,
) -> Result<String> {
    let edits: Vec<TreeEdit<'_>> = files
        .iter()
        .map(|file| match &file.change {
            Change::Write { after } => TreeEdit::Write(&file.path, after),
            Change::Move { to } => TreeEdit::Move {
                from: &file.path,
                to,
            },
            Change::Delete => TreeEdit::Delete(&file.path),
        })
        .collect();
    project.repo.build_commit(base, &edits, who, message)
}

/// What is under way, if anything is.
pub fn journal(project: &Project) -> Option<Journal> {
    let bytes = files::read(&path(project)).ok()??;
    serde_json::from_slice(&bytes).ok()
}

/// The move that a crash interrupted, if there is one.
pub fn interrupted(project: &Project) -> Option<Transition> {
    let journal = journal(project).filter(|journal| !journal.arrived)?;
    Some(journal.transition)
}

/// A release that is not pushed or published as it should be: its name.
pub fn unfinished(project: &Project) -> Option<String> {
    let journal = journal(project).filter(|journal| journal.onward.is_some())?;
    Some(journal.transition.what)
}

fn write(project: &Project, journal: &Journal) -> Result<()> {
    let bytes = serde_json::to_vec(journal)
        .map_err(|error| Failure::failed(format!("the journal cannot be written: {error}")))?;
    files::replace(&path(project), &bytes, Durable::Yes).map(drop)
}

/// Ends what was under way.
pub fn forget(project: &Project) -> Result<()> {
    files::remove(&path(project))
}

/// Nothing follows any more for a tag.
pub fn forget_tag(project: &Project, tag: &str) -> Result<()> {
    let Some(mut journal) = journal(project).filter(|journal| journal.arrived) else {
        return Ok(());
    };
    let Some(onward) = &mut journal.onward else {
        return Ok(());
    };
    let before = onward.tags.len();
    onward.tags.retain(|other| other != tag);
    match onward.tags.len() {
        left if left == before => Ok(()),
        0 => forget(project),
        _ => write(project, &journal),
    }
}

/// Brings an interrupted move to its end: if a reference has moved, the others and the paths follow, else nothing
/// had happened. A path that somebody edited since stays as it is. What is to follow the move stays in the journal. The
/// caller holds the lock.
///
/// # Errors
/// Exit 7 if the branch is not checked out here: its files cannot be brought along.
pub fn finish_pending(project: &Project, held: &Lock) -> Result<()> {
    if !files::exists(&path(project)) {
        return Ok(());
    }
    let Some(mut journal) = journal(project) else {
        return forget(project); // written whole or not at all, so this is not ours
    };
    if journal.arrived {
        return Ok(());
    }
    let repo = &project.repo;
    let Transition {
        what,
        branch,
        from,
        to,
        refs,
        paths,
    } = &journal.transition;
    let mut left = Vec::new();
    for change in refs {
        if repo.reference(&change.name)? != change.to {
            left.push(change.clone());
        }
    }
    if left.len() == refs.len() {
        return forget(project);
    }
    let head = repo.head()?;
    let is_here = head.branch.as_deref() == Some(branch)
        || branch.is_empty()
            && head
                .commit
                .as_ref()
                .is_some_and(|at| at == from || at == to);
    if !is_here {
        return Err(Failure::new(
            Exit::Pending,
            format!(
                "{what} was interrupted; run `git switch {branch}` and `relwatch update` there to finish it"
            ),
        ));
    }
    if !left.is_empty() {
        // git was killed between two references of its transaction.
        repo.transaction(held, &format!("relwatch: {what}"), &left)?;
    }
    let parts = project.components();
    let is_changelog = |path: &String| parts.iter().any(|part| part.config.changelog == *path);
    let mut untouched = Vec::new();
    for path in paths {
        let present = files::read(&files::at(repo.root(), path))?;
        let present = match present {
            Some(bytes) if is_changelog(path) => Some(filter::clean(repo.root(), path, bytes)),
            present => present,
        };
        let (before, after) = (repo.file_at(from, path)?, repo.file_at(to, path)?);
        // git, killed as well, removes a file before it writes it anew, and may have written a part of it.
        let is_begun = match (&present, &after) {
            (None, _) => true,
            (Some(present), Some(after)) => after.starts_with(present),
            (Some(_), None) => false,
        };
        if is_begun || present == before {
            untouched.push(path.clone());
        } else {
            tracing::warn!("{path} was edited after an interrupted {what} and stays");
        }
    }
    repo.restore(to, &untouched)?;
    tracing::info!("finished an interrupted {what}");
    journal.arrived = true;
    match journal.onward {
        Some(_) => write(project, &journal),
        None => forget(project),
    }
}

fn path(project: &Project) -> PathBuf {
    let folder = project.repo.common_dir().join("relwatch");
    folder.join("release.json")
}
