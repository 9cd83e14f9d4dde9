//! Objects that a partial clone left out (git-clone(1), `--filter`). As git does, they are fetched when they are needed; but only for a
//! command that a person started: a hook that waits for a network holds up every commit.

use git2::{ErrorClass, ErrorCode, Oid};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::sys::git::answer::Looked;
use crate::sys::git::remote::FETCHES_OBJECTS;
use crate::sys::git::repo::Repo;
use crate::sys::git_command;

impl Repo {
    /// The remote that has what this clone left out; `None` for a clone with all of its objects.
    fn promisor(&self) -> Option<String> {
        let promises = |name: &String| {
            let value = self.config(&format!("remote.{name}.promisor"));
            value.is_some_and(|value| value != "false")
        };
        let named = || self.config("extensions.partialclone");
        self.remotes().into_iter().find(promises).or_else(named)
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
            Err(error) if is_missing(&error) && self.promisor().is_some() => {
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

    /// Fetches the trees of those commits, and of their first parents, that are not here. False if nothing may be fetched.
    pub fn bring_trees(&self, commits: &[CommitId]) -> Result<bool> {
        let odb = self.git.odb()?;
        let mut missing = Vec::new();
        for id in commits {
            let commit = self.commit_object(*id)?;
            let parent = commit.link.parents.first();
            let parent = parent.map(|id| self.commit_object(*id)).transpose()?;
            for commit in [Some(commit), parent].into_iter().flatten() {
                let tree = commit.tree()?;
                if !odb.exists(tree) && !missing.contains(&tree) {
                    missing.push(tree);
                }
            }
        }
        Ok(missing.is_empty() || self.bring(&missing)?)
    }

    /// Fetches objects with all that trees lead to but the contents of files, as git does for one that it misses (promisor-remote.c). False
    /// if this is no partial clone, or nothing may be fetched.
    fn bring(&self, objects: &[Oid]) -> Result<bool> {
        let Some(remote) = self.promisor().filter(|_| git_command::may_fetch()) else {
            return Ok(false);
        };
        let mut args = vec!["-c", "fetch.negotiationAlgorithm=noop", "fetch"];
        args.extend(FETCHES_OBJECTS);
        args.extend(["--filter=blob:none", "--stdin", "--", &remote]);
        let names: String = objects.iter().map(|id| format!("{id}\n")).collect();
        tracing::debug!("fetching {} objects from {remote}", objects.len());
        let fetched = self.ask(&args, &names);
        let words = |error: Failure| {
            // Behind its first words git prints what its own users are to check.
            let why = error.what.split("; ").next().unwrap_or_default();
            let why = why.trim_start_matches("fatal: ");
            let what = format!("what this partial clone left out cannot be fetched ({why})");
            Failure::failed(what)
                .with_remedy(format!("`git fetch {remote}` must work, then run it again"))
        };
        fetched.map_err(words).map(|_| true)
    }
}

/// Whether an object is not here, rather than damaged.
fn is_missing(error: &git2::Error) -> bool {
    error.class() == ErrorClass::Odb && error.code() == ErrorCode::NotFound
}
