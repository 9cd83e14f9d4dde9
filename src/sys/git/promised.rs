//! Objects that a partial clone left out (git-clone(1), `--filter`). As git does, they are fetched when they are needed; but only for a
//! command that a person started: a hook that waits for a network holds up every commit.

use std::collections::HashSet;

use git2::{ErrorClass, ErrorCode, ObjectType, Oid};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::sys::git::answer::{Looked, found};
use crate::sys::git::remote::FETCHES_OBJECTS;
use crate::sys::git::repo::Repo;
use crate::sys::{env, git_command};

impl Repo {
    /// The remotes that have what this clone left out; none for a clone with all of its objects.
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

    /// Whether this clone left objects out.
    pub(super) fn is_partial(&self) -> bool {
        !self.promisors().is_empty()
    }

    /// Looks at objects, or at what they lead to; fetches them if that is not here.
    ///
    /// # Errors
    /// Those of `look`; in a partial clone, what is missing and how to get it.
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

    /// Fetches the trees of commits, and of their first parents, as far as they are not here. False if nothing may be fetched.
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

    /// Fetches objects that are not here, with all that trees lead to but the contents of files, as git does for one that it misses
    /// (promisor-remote.c). False if this is no partial clone, or nothing may be fetched.
    fn bring(&self, objects: &[Oid]) -> Result<bool> {
        let remotes = self.promisors();
        if remotes.is_empty() || !git_command::may_fetch() {
            return Ok(false);
        }
        let (mut missing, mut seen) = (Vec::new(), HashSet::new());
        for object in objects {
            self.missing_below(*object, &mut seen, &mut missing)?;
        }
        let names: String = missing.iter().map(|id| format!("{id}\n")).collect();
        let mut refused = None;
        // git asks one after the other, too.
        for remote in remotes.iter().filter(|_| !missing.is_empty()) {
            tracing::debug!("fetching {} objects from {remote}", missing.len());
            let mut args = vec!["-c", "fetch.negotiationAlgorithm=noop", "fetch"];
            args.extend(FETCHES_OBJECTS);
            args.extend(["--filter=blob:none", "--stdin", "--", remote]);
            match self.ask(&args, &names) {
                Ok(_) => return Ok(true),
                Err(error) => refused = refused.or(Some((remote, error))),
            }
        }
        let Some((remote, error)) = refused else {
            return Ok(true);
        };
        // Behind its first words git prints what its own users are to check.
        let why = error.what.split("; ").next().unwrap_or_default();
        let why = why.trim_start_matches("fatal: ");
        let what = format!("what this partial clone left out cannot be fetched ({why})");
        Err(Failure::failed(what)
            .with_remedy(format!("`git fetch {remote}` must work, then run it again")))
    }

    /// The object if it is not here; else, of a tree, the trees below it that are not.
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

/// Whether an object is not here, rather than damaged.
fn is_missing(error: &git2::Error) -> bool {
    error.class() == ErrorClass::Odb && error.code() == ErrorCode::NotFound
}
