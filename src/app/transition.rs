//! Moving a branch from one commit to another with its tag, its index and its files, so that a crash leaves
//! before or after. A release goes forward with it, an undo back.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::app::{Project, filter};
use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::files::{self, Durable};

/// A move between its first and its last effect: what a crash leaves behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// What is being done, for messages: `release v1.2.0`.
    pub what: String,
    pub branch: String,
    pub from: String,
    pub to: String,
    /// The tag that comes or goes.
    pub tag: String,
    pub tag_change: TagChange,
    /// Every path that differs between the two commits.
    pub paths: Vec<String>,
}

/// What happens to the tag; the object is that of the annotated tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagChange {
    Create(String),
    Delete(String),
    /// There is none.
    None,
}

impl Transition {
    /// Moves references in one transaction, then index and files. If the files cannot follow, the references go
    /// back.
    ///
    /// # Errors
    /// Exit 5 if a reference had moved meanwhile, or a file has changes; everything is as before then.
    pub fn carry_out(&self, project: &Project) -> Result<()> {
        let unchanged = |error: Failure| {
            let message = format!("nothing was changed: {}", error.message);
            Failure::new(Exit::Stale, message)
        };
        self.write_journal(project)?;
        let reason = format!("relwatch: {}", self.what);
        if let Err(error) = project.repo.transaction(&reason, &self.lines()) {
            files::remove(&journal_path(project))?;
            return Err(unchanged(error));
        }
        if let Err(error) = project.repo.checkout(&self.from, &self.to) {
            let back = self.inverse();
            project
                .repo
                .transaction(&format!("relwatch: {}", back.what), &back.lines())?;
            files::remove(&journal_path(project))?;
            return Err(unchanged(error));
        }
        files::remove(&journal_path(project))
    }

    fn inverse(&self) -> Transition {
        Transition {
            what: format!("take back {}", self.what),
            from: self.to.clone(),
            to: self.from.clone(),
            tag_change: match &self.tag_change {
                TagChange::Create(object) => TagChange::Delete(object.clone()),
                TagChange::Delete(object) => TagChange::Create(object.clone()),
                TagChange::None => TagChange::None,
            },
            ..self.clone()
        }
    }

    /// For `git update-ref --stdin`; old values make it fail if something moved.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "update refs/heads/{} {} {}",
            self.branch, self.to, self.from
        )];
        lines.extend(match &self.tag_change {
            TagChange::Create(object) => Some(format!("create refs/tags/{} {object}", self.tag)),
            TagChange::Delete(object) => Some(format!("delete refs/tags/{} {object}", self.tag)),
            TagChange::None => None,
        });
        lines
    }

    fn write_journal(&self, project: &Project) -> Result<()> {
        let bytes = serde_json::to_vec(self)
            .map_err(|error| Failure::failed(format!("the journal cannot be written: {error}")))?;
        files::replace(&journal_path(project), &bytes, Durable::Yes).map(drop)
    }
}

/// The move that a crash interrupted, if there is one.
pub fn pending(project: &Project) -> Option<Transition> {
    let bytes = files::read(&journal_path(project)).ok()??;
    serde_json::from_slice(&bytes).ok()
}

/// Brings an interrupted move to its end: if the references have moved, the paths are checked out, else nothing
/// had happened. A path that somebody edited since stays as it is. The caller holds the lock.
///
/// # Errors
/// Exit 7 if the branch is not checked out here: its files cannot be brought along.
pub fn finish_pending(project: &Project) -> Result<()> {
    let path = journal_path(project);
    if !files::exists(&path) {
        return Ok(());
    }
    let Some(journal) = pending(project) else {
        return files::remove(&path); // written whole or not at all, so this is not ours
    };
    let repo = &project.repo;
    let branch = repo.reference(&format!("refs/heads/{}", journal.branch))?;
    if branch.as_deref() == Some(&journal.to) {
        if repo.head()?.branch.as_deref() != Some(&journal.branch) {
            return Err(Failure::new(
                Exit::Pending,
                format!(
                    "{} was interrupted; run `git switch {}` and `relwatch update` there to finish it",
                    journal.what, journal.branch
                ),
            ));
        }
        let mut paths = Vec::new();
        for path in &journal.paths {
            let present = files::read(&files::at(repo.root(), path))?;
            let present = match present {
                Some(bytes) if path == &project.config.changelog => {
                    Some(filter::clean(repo.root(), path, bytes))
                }
                present => present,
            };
            let untouched = present == repo.file_at(&journal.from, path)?
                || present == repo.file_at(&journal.to, path)?;
            if untouched {
                paths.push(path.clone());
            } else {
                tracing::warn!(
                    "{path} was edited after an interrupted {} and stays",
                    journal.what
                );
            }
        }
        repo.restore(&journal.to, &paths)?;
        tracing::info!("finished an interrupted {}", journal.what);
    }
    files::remove(&path)
}

fn journal_path(project: &Project) -> PathBuf {
    project
        .repo
        .common_dir()
        .join("relwatch")
        .join("release.json")
}
