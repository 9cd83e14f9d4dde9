//! Remotes: reading their references, pushing to them. The `git` command is used, so that the user's credentials apply.

use std::collections::HashMap;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::sys::git::repo::Repo;
use crate::sys::lock::ReleaseLock;
use crate::sys::{env, git_command, process};

/// The branches and tags of a remote, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteRefs {
    /// The objects. Annotated tags are not peeled.
    objects: HashMap<RefName, String>,
    /// The objects that annotated tags finally name.
    peeled: HashMap<RefName, String>,
}

impl RemoteRefs {
    /// The object that a reference names on the remote.
    pub fn get(&self, name: &RefName) -> Option<&str> {
        self.objects.get(name).map(String::as_str)
    }

    /// A reference on the remote that prevents the creation of this one.
    pub fn obstacle(&self, name: &RefName) -> Option<&RefName> {
        self.objects
            .keys()
            .filter(|known| known.conflicts(name))
            .min()
    }

    /// Whether a tag on the remote names this commit. An annotated tag and a lightweight one may both do so: actions/checkout turns the
    /// first into the second.
    pub fn tags_commit(&self, tag: &str, commit: CommitId) -> bool {
        self.tagged(tag) == Some(&*commit.hex())
    }

    /// The names of the tags.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().filter_map(RefName::as_tag)
    }

    /// The object that a tag names on the remote, through annotated tags.
    pub fn tagged(&self, tag: &str) -> Option<&str> {
        let name = RefName::tag(tag);
        self.peeled
            .get(&name)
            .map(String::as_str)
            .or(self.get(&name))
    }
}

/// The result of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    Yes,
    /// The push failed, with git's message.
    No(String),
}

/// Configuration against side effects: some settings make even a fetch without references write some, or start work that outlives it
/// (git-config(1)).
const LOOKS_ONLY: [&str; 3] = ["fetch.bundleURI=", "gc.auto=0", "maintenance.auto=false"];

/// Options of a fetch that only brings objects (git-fetch(1)). Each overrides `fetch.*` and `remote.NAME.*`. An empty refmap prevents the
/// configured one from being applied to the names on the command line.
const FETCHES_OBJECTS: [&str; 9] = [
    "--quiet",
    "--refmap=",
    "--no-tags",
    "--no-prune",
    "--no-prune-tags",
    "--no-write-fetch-head",
    "--no-write-commit-graph",
    "--no-recurse-submodules",
    "--no-auto-gc",
];

/// The objects that a fetch brings.
#[derive(Clone, Copy)]
pub(super) enum Fetched<'a> {
    /// The commits of a branch, by its full name.
    Branch(&'a RefName),
    /// The objects with these names, one per line. A tree is fetched with the trees below it, without the contents of files.
    Objects(&'a str),
}

impl Repo {
    /// The URL of the project's remote: that of the upstream, else `origin`.
    pub fn remote_url(&self, branch: Option<&str>) -> Option<String> {
        let remote = branch
            .and_then(|b| self.config(&format!("branch.{b}.remote")))
            .filter(|remote| remote != ".")
            .unwrap_or_else(|| "origin".into());
        self.config(&format!("remote.{remote}.url"))
    }

    /// The URL of the project that this clone may be a fork of: that of a remote `upstream`, else that of [`Repo::remote_url`].
    pub fn upstream_url(&self, branch: Option<&str>) -> Option<String> {
        let upstream = self.config("remote.upstream.url");
        upstream.or_else(|| self.remote_url(branch))
    }

    /// The remote that a branch follows, else the only one, else `origin`.
    pub fn remote(&self, branch: &str) -> Option<String> {
        let names = self.remotes();
        self.config(&format!("branch.{branch}.remote"))
            .filter(|name| names.contains(name))
            .or_else(|| names.iter().find(|name| *name == "origin").cloned())
            .or_else(|| names.first().filter(|_| names.len() == 1).cloned())
    }

    /// The remote branch that a local branch follows. If it follows none there, the one with the same name.
    pub fn upstream(&self, branch: &str, remote: &str) -> String {
        let follows = self.config(&format!("branch.{branch}.remote"));
        let merge = self.config(&format!("branch.{branch}.merge"));
        let there = merge.filter(|_| follows.as_deref() == Some(remote));
        let there = there.and_then(|name| ref_name::branch_of(&name).map(str::to_owned));
        there.unwrap_or_else(|| branch.to_owned())
    }

    /// The default branch of a remote, such as `origin/main`, if the remote has reported it (`refs/remotes/origin/HEAD`).
    pub fn default_branch(&self, remote: &str) -> Result<Option<String>> {
        let name = format!("refs/remotes/{remote}/HEAD");
        let found = self.refs.find(&self.git, &name)?;
        let branch = found.and_then(|found| found.symbolic);
        Ok(branch.and_then(|name| Some(name.strip_prefix("refs/remotes/")?.to_owned())))
    }

    /// Whether a remote is configured to fetch no tags, or only one branch with its tags (`git clone --no-tags`, `--single-branch`).
    pub fn fetches_no_tags(&self) -> bool {
        self.remotes().iter().any(|remote| {
            let get = |key: &str| self.config(&format!("remote.{remote}.{key}"));
            let is_narrow = get("fetch").is_some_and(|fetch| !fetch.contains('*'));
            is_narrow || get("tagopt").as_deref() == Some("--no-tags")
        })
    }

    /// The names of all remotes.
    pub fn remotes(&self) -> Vec<String> {
        let names = self.git.remotes().ok();
        let names = names.iter().flat_map(|names| names.iter());
        names
            .filter_map(|name| name.ok().flatten())
            .map(str::to_owned)
            .collect()
    }

    /// Remote-tracking branches that contain a commit.
    pub fn published_in(&self, commit: CommitId) -> Result<Vec<String>> {
        let list = git_command::git(
            &self.root,
            &[
                "for-each-ref",
                "--format=%(refname:short)",
                "--contains",
                &commit.hex(),
                "refs/remotes",
            ],
            "",
        )?;
        Ok(list.lines().map(str::to_owned).collect())
    }

    /// Fetches the commits of a branch of a remote, and nothing else: no reference is created, moved or deleted, regardless of the user's
    /// fetch configuration. There is no password prompt if the session is not interactive.
    ///
    /// # Errors
    /// Fails with git's message if the remote does not answer.
    pub fn fetch_commits(&self, remote: &str, branch: &str) -> Result<()> {
        self.fetch(remote, Fetched::Branch(&RefName::branch(branch)))
    }

    pub(super) fn fetch(&self, remote: &str, what: Fetched<'_>) -> Result<()> {
        let follow = format!("remote.{remote}.followRemoteHEAD=never");
        let mut args: Vec<&str> = LOOKS_ONLY.iter().flat_map(|set| ["-c", set]).collect();
        args.extend(["-c", &follow]);
        if matches!(what, Fetched::Objects(_)) {
            args.extend(["-c", "fetch.negotiationAlgorithm=noop"]); // what we have says nothing of what is missing
        }
        args.push("fetch");
        args.extend(FETCHES_OBJECTS);
        let input = match what {
            Fetched::Branch(name) => {
                args.extend(["--", remote, name]);
                ""
            }
            Fetched::Objects(names) => {
                args.extend(["--filter=blob:none", "--stdin", "--", remote]);
                names
            }
        };
        self.ask(&args, input).map(drop)
    }

    /// The current references of a remote.
    ///
    /// # Errors
    /// Fails with git's message if the remote does not answer.
    pub fn remote_refs(&self, remote: &str) -> Result<RemoteRefs> {
        let out = self.ask(&["ls-remote", "--quiet", "--heads", "--tags", remote], "")?;
        let mut refs = RemoteRefs::default();
        for (id, name) in out.lines().filter_map(|line| line.split_once('\t')) {
            let (of, name) = match name.strip_suffix("^{}") {
                Some(name) => (&mut refs.peeled, name),
                None => (&mut refs.objects, name),
            };
            of.insert(RefName::full(name), id.to_owned());
        }
        Ok(refs)
    }

    /// Runs a git command that contacts a remote. There is no password prompt if the session is not interactive.
    fn ask(&self, args: &[&str], input: &str) -> Result<String> {
        let silent: &[(&str, &str)] = if env::is_interactive() {
            &[]
        } else {
            &[("GIT_TERMINAL_PROMPT", "0")]
        };
        let output = git_command::try_git_with(&self.root, args, input, silent)?;
        if output.ok {
            Ok(output.stdout)
        } else {
            Err(Failure::failed(process::in_one_line(&output.stderr)))
        }
    }

    /// Pushes references atomically. A git that outlives us keeps the lock until it is done.
    ///
    /// # Errors
    /// Fails only if git cannot be started. A failed push is part of the result.
    pub fn push(&self, held: &ReleaseLock, remote: &str, refspecs: &[String]) -> Result<Pushed> {
        let mut args = vec!["push", "--atomic", "--porcelain", remote];
        args.extend(refspecs.iter().map(String::as_str));
        let output = git_command::try_git_holding(&self.root, &args, None, held.lock())?;
        Ok(if output.ok {
            Pushed::Yes
        } else {
            let refused = output.stdout.lines().filter(|line| line.starts_with('!'));
            let refused: Vec<&str> = refused
                .filter_map(|line| line.rsplit('\t').next())
                .collect();
            let words = process::in_one_line(&output.stderr);
            Pushed::No(if refused.is_empty() {
                words
            } else {
                format!("{}: {words}", refused.join(", "))
            })
        })
    }
}
