//! Objects that a partial clone lacks (git-clone(1), `--filter`). They are fetched on demand, as git does, but only by a command that a
//! user started: a hook that waits for the network would delay every commit.

use std::collections::HashSet;

use git2::{ErrorClass, ErrorCode, ObjectType, Oid};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::sys::git::answer::{Looked, found};
use crate::sys::git::remote::Fetched;
use crate::sys::git::repo::Repo;
use crate::sys::{env, git_command};

impl Repo {
    /// The remotes that have the missing objects of this partial clone (git-config(1), `remote.<name>.promisor`). None for a full clone.
    fn promisors(&self) -> Vec<String> {
        let promises = |name: &String| {
            let value = self.config(&format!("remote.{name}.promisor"));
            value.is_some_and(|value| env::is_yes(&value))
        };
        let mut all: Vec<String> = self.remotes().into_iter().filter(promises).collect();
        let named = self.config("extensions.partialclone");
        all.extend(named.filter(|name| !all.contains(name)));
        all
    }

    /// Whether this is a partial clone.
    pub(super) fn is_partial(&self) -> bool {
        !self.promisors().is_empty()
    }

    /// The result of `look`, which reads `objects` or the objects below them. If one is missing, it is fetched, and `look` is called again.
    ///
    /// # Errors
    /// Fails if `look` does. In a partial clone where nothing may be fetched, the error names the command that fetches.
    pub(super) fn here<T>(
        &self,
        objects: &[Oid],
        mut look: impl FnMut() -> Looked<T>,
    ) -> Result<T> {
        match look() {
            Err(error) if is_missing(&error) && self.is_partial() => {
                if !self.bring(objects)? {
                    let remedy = if git_command::is_told_not_to_fetch() {
                        "unset GIT_NO_LAZY_FETCH, and run it again"
                    } else {
                        "run `relwatch update`, which fetches it"
                    };
                    let what = "this partial clone lacks what is needed";
                    return Err(Failure::failed(what).with_remedy(remedy));
                }
                Ok(look()?)
            }
            result => Ok(result?),
        }
    }

    /// Fetches the missing trees of commits and of their first parents, in one request. Returns false if nothing may be fetched.
    pub fn bring_trees(&self, commits: &[CommitId]) -> Result<bool> {
        let mut trees = Vec::new();
        for id in commits {
            let commit = self.commit_object(*id)?;
            trees.push(commit.tree()?);
            if let Some(parent) = commit.link.parents.first() {
                trees.push(self.commit_object(*parent)?.tree()?);
            }
        }
        self.bring(&trees)
    }

    /// Fetches the missing ones among these objects, as git does (promisor-remote.c). A tree is fetched with the trees below it. Returns
    /// false if this is not a partial clone, or if nothing may be fetched.
    fn bring(&self, objects: &[Oid]) -> Result<bool> {
        if !self.is_partial() || !git_command::may_fetch() {
            return Ok(false);
        }
        let (mut missing, mut seen) = (Vec::new(), HashSet::new());
        for object in objects {
            self.missing_below(*object, &mut seen, &mut missing)?;
        }
        if missing.is_empty() {
            return Ok(true);
        }
        let names: String = missing.iter().map(|id| format!("{id}\n")).collect();
        let mut failure = None;
        // The remotes are asked one after another, as in git.
        for remote in self.promisors() {
            tracing::debug!("fetching {} objects from {remote}", missing.len());
            match self.fetch(&remote, Fetched::Objects(&names)) {
                Ok(()) => return Ok(true),
                Err(error) => failure = failure.or(Some(cannot_fetch(&remote, &error))),
            }
        }
        failure.map_or(Ok(false), Err)
    }

    /// Adds the object to `missing` if it is missing. If it is a tree that exists, adds the missing trees below it.
    fn missing_below(
        &self,
        object: Oid,
        seen: &mut HashSet<Oid>,
        missing: &mut Vec<Oid>,
    ) -> Result<()> {
        if !seen.insert(object) {
            return Ok(());
        }
        if !self.git.odb()?.exists(object) {
            missing.push(object);
            return Ok(());
        }
        let Some(tree) = found(self.git.find_tree(object))? else {
            return Ok(()); // a file
        };
        let below = tree
            .iter()
            .filter(|entry| entry.kind() == Some(ObjectType::Tree));
        let below: Vec<Oid> = below.map(|entry| entry.id()).collect();
        for tree in below {
            self.missing_below(tree, seen, missing)?;
        }
        Ok(())
    }
}

/// The error of a fetch, with the first line of git's message: the others are advice for users who called git themselves.
fn cannot_fetch(remote: &str, error: &Failure) -> Failure {
    let why = error.what.split("; ").next().unwrap_or_default();
    let why = why.trim_start_matches("fatal: ");
    let what = format!("objects that this partial clone lacks cannot be fetched ({why})");
    Failure::failed(what).with_remedy(format!("`git fetch {remote}` must work, then run it again"))
}

/// Whether an object is missing, rather than damaged.
fn is_missing(error: &git2::Error) -> bool {
    error.class() == ErrorClass::Odb && error.code() == ErrorCode::NotFound
}
