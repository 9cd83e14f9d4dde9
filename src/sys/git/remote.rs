//! Remotes: what they have, what is sent to them. Through the `git` command, so that the user's credentials apply.

use std::collections::HashMap;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::sys::git::repo::Repo;
use crate::sys::lock::ReleaseLock;
use crate::sys::{env, git_command, process};

/// The references of a remote, by name: those of branches and tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteRefs {
    /// Annotated tags unpeeled.
    objects: HashMap<RefName, String>,
    /// What annotated tags name in the end.
    peeled: HashMap<RefName, String>,
}

impl RemoteRefs {
    /// The object that a reference names there.
    pub fn get(&self, name: &RefName) -> Option<&str> {
        self.objects.get(name).map(String::as_str)
    }

    /// A reference there that keeps this one from being made.
    pub fn obstacle(&self, name: &RefName) -> Option<&RefName> {
        self.objects
            .keys()
            .filter(|known| known.conflicts(name))
            .min()
    }

    /// Whether a tag there names this commit. An annotated tag and a plain one may: actions/checkout makes the second of the first.
    pub fn tags_commit(&self, tag: &str, commit: CommitId) -> bool {
        self.tagged(tag) == Some(&*commit.hex())
    }

    /// The names of the tags.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().filter_map(RefName::as_tag)
    }

    /// What a tag names there, through the objects of annotated tags.
    pub fn tagged(&self, tag: &str) -> Option<&str> {
        let name = RefName::tag(tag);
        self.peeled
            .get(&name)
            .map(String::as_str)
            .or(self.get(&name))
    }
}

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    Yes,
    /// git's own words.
    No(String),
}

/// Configuration that makes even a fetch without references write some, or start work that outlives it (git-config(1)).
const LOOKS_ONLY: [&str; 3] = ["fetch.bundleURI=", "gc.auto=0", "maintenance.auto=false"];

/// Options of a fetch that brings objects alone (git-fetch(1)): each is stronger than `fetch.*` and `remote.NAME.*`. An empty map of
/// references keeps the configured one from being applied to what is named on the command line.
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

/// What a fetch brings.
#[derive(Clone, Copy)]
pub(super) enum Fetched<'a> {
    /// The commits of a branch, by its full name.
    Branch(&'a RefName),
    /// The objects of these names, one a line. A tree comes with the trees below it, without the contents of files.
    Objects(&'a str),
}

impl Repo {
    /// The address of the project's remote: that of the upstream, else `origin`.
    pub fn remote_url(&self, branch: Option<&str>) -> Option<String> {
        let remote = branch
            .and_then(|b| self.config(&format!("branch.{b}.remote")))
            .filter(|remote| remote != ".")
            .unwrap_or_else(|| "origin".into());
        self.config(&format!("remote.{remote}.url"))
    }

    /// The address of the project that this clone may be a fork of: that of a remote `upstream`, else as [`Repo::remote_url`].
    pub fn upstream_url(&self, branch: Option<&str>) -> Option<String> {
        let upstream = self.config("remote.upstream.url");
        upstream.or_else(|| self.remote_url(branch))
    }

    /// The remote that a branch follows, else the only one or `origin`.
    pub fn remote(&self, branch: &str) -> Option<String> {
        let names = self.remotes();
        self.config(&format!("branch.{branch}.remote"))
            .filter(|name| names.contains(name))
            .or_else(|| names.iter().find(|name| *name == "origin").cloned())
            .or_else(|| names.first().filter(|_| names.len() == 1).cloned())
    }

    /// The branch of a remote that a local branch follows; the one of the same name if it follows none there.
    pub fn upstream(&self, branch: &str, remote: &str) -> String {
        let follows = self.config(&format!("branch.{branch}.remote"));
        let merge = self.config(&format!("branch.{branch}.merge"));
        let there = merge.filter(|_| follows.as_deref() == Some(remote));
        let there = there.and_then(|name| ref_name::branch_of(&name).map(str::to_owned));
        there.unwrap_or_else(|| branch.to_owned())
    }

    /// The branch of a remote that its clones begin on, as `origin/main`, if the remote has told it (`refs/remotes/origin/HEAD`).
    pub fn default_branch(&self, remote: &str) -> Result<Option<String>> {
        let name = format!("refs/remotes/{remote}/HEAD");
        let found = self.refs.find(&self.git, &name)?;
        let branch = found.and_then(|found| found.symbolic);
        Ok(branch.and_then(|name| Some(name.strip_prefix("refs/remotes/")?.to_owned())))
    }

    /// Whether a remote is configured to give no tags, or one branch with its tags alone (`git clone --no-tags`, `--single-branch`).
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

    /// Remote-tracking branches that hold a commit.
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

    /// Brings the commits of a branch of a remote here, and nothing else: no reference comes, moves or goes, whatever the user has
    /// configured for fetches of their own. Nobody is asked for a password where nobody could answer.
    ///
    /// # Errors
    /// git's words if the remote does not answer.
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

    /// What a remote has now.
    ///
    /// # Errors
    /// git's words if the remote does not answer.
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

    /// Runs a git that asks a remote. Nobody is asked for a password where nobody could answer.
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

    /// Pushes references as one. A git that outlives us keeps the lock until it is done.
    ///
    /// # Errors
    /// Only if git cannot be started; that it pushed nothing is in the answer.
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
