//! Builds commits and tags that nothing refers to yet.

use std::collections::HashMap;

use git2::ObjectType;
use serde::{Deserialize, Serialize};

use crate::domain::commit::id::{CommitId, Hex};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::sys::git::object_name::commit_id;
use crate::sys::git::repo::Repo;
use crate::sys::layout;
use crate::sys::{clock, env, files, git_command, process};

/// One change of a tree to be built.
#[derive(Debug)]
pub enum TreeEdit<'a> {
    /// New content. The mode is kept, or that of a regular file.
    Write(&'a str, &'a [u8]),
    Delete(&'a str),
    Move {
        from: &'a str,
        to: &'a str,
    },
}

/// Author and committer of a commit, and the time: name, address, seconds and time zone, as git writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatures {
    pub author: String,
    pub committer: String,
}

/// The result of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeOutcome {
    Tree(String),
    /// The paths with conflicts.
    Conflicts(Vec<String>),
    /// The error of git, which before 2.38 cannot merge without files.
    Unknown(String),
}

impl Repo {
    /// Builds the tree of `base` with `edits` applied, and a commit of it on top of `base`. Nothing refers to it yet. git signs it if it is
    /// configured to sign commits.
    pub fn build_commit(
        &self,
        base: CommitId,
        edits: &[TreeEdit<'_>],
        who: &Signatures,
        message: &str,
    ) -> Result<CommitId> {
        let tree = self.build_tree(base, edits)?;
        self.commit_tree(&tree, &[base], who, message)
    }

    /// Builds the tree of `base` with `edits` applied.
    pub fn build_tree(&self, base: CommitId, edits: &[TreeEdit<'_>]) -> Result<String> {
        let tree = self.tree(base)?;
        let mut update = git2::build::TreeUpdateBuilder::new();
        for edit in edits {
            match edit {
                TreeEdit::Write(path, bytes) => {
                    let there = self.entry_at(&tree, path)?;
                    let mode = there.map_or(git2::FileMode::Blob, |it| file_mode(it.filemode()));
                    update.upsert(*path, self.cleaned(path, bytes)?, mode);
                }
                TreeEdit::Delete(path) => {
                    update.remove(*path);
                }
                TreeEdit::Move { from, to } => {
                    let entry = self.entry_at(&tree, from)?;
                    let gone = || Failure::failed(format!("{from} is not in {base}"));
                    let entry = entry.ok_or_else(gone)?;
                    update.remove(*from);
                    update.upsert(*to, entry.id(), file_mode(entry.filemode()));
                }
            }
        }
        let new = self.here(&[tree.id()], || update.create_updated(&self.git, &tree))?;
        Ok(new.to_string())
    }

    /// Commits exactly these files as they are in the working tree, as `git commit` does: hooks run.
    ///
    /// # Errors
    /// Fails with git's message, such as that of a hook that rejects the commit.
    pub fn commit_files(&self, paths: &[String], message: &str) -> Result<()> {
        let paths = paths.iter().map(|path| format!(":(top,literal){path}"));
        let paths: Vec<String> = paths.collect();
        let mut args = vec!["commit", "--quiet", "-m", message, "--"];
        args.extend(paths.iter().map(String::as_str));
        git_command::git(&self.root, &args, "")?;
        Ok(())
    }

    /// Builds a commit of a tree. Nothing refers to it yet. git signs it if it is configured to sign commits.
    pub fn commit_tree(
        &self,
        tree: &str,
        parents: &[CommitId],
        who: &Signatures,
        message: &str,
    ) -> Result<CommitId> {
        if self.is_set("commit.gpgsign") {
            let parents: Vec<Hex> = parents.iter().map(CommitId::hex).collect();
            let mut args = vec!["commit-tree", "-S"];
            args.extend(parents.iter().flat_map(|parent| ["-p", &**parent]));
            args.extend(["-F", "-", tree]);
            let env = [
                ("GIT_AUTHOR", who.author.as_str()),
                ("GIT_COMMITTER", who.committer.as_str()),
            ];
            return CommitId::expect(&self.signed(&args, message, &variables(&env))?);
        }
        self.unsigned_commit(tree, parents, who, message)
    }

    fn unsigned_commit(
        &self,
        tree: &str,
        parents: &[CommitId],
        who: &Signatures,
        message: &str,
    ) -> Result<CommitId> {
        let parents: String = parents.iter().map(|id| format!("parent {id}\n")).collect();
        let Signatures { author, committer } = who;
        let text =
            format!("tree {tree}\n{parents}author {author}\ncommitter {committer}\n\n{message}");
        commit_id(self.git.odb()?.write(ObjectType::Commit, text.as_bytes())?)
    }

    /// Merges two trees as [`merged_tree`](Repo::merged_tree) does, with `base` as their common base.
    pub fn merged_from(&self, [base, ours, theirs]: [&str; 3]) -> Result<MergeOutcome> {
        // Before 2.40 git accepts no base, and before 2.45 no trees: so these commits are needed, which nothing will ever refer to.
        let who = self.signatures()?;
        let commit = |tree, parents: &[CommitId]| self.unsigned_commit(tree, parents, &who, "");
        let base = commit(base, &[])?;
        self.merged_tree(commit(ours, &[base])?, commit(theirs, &[base])?)
    }

    /// Merges two commits as `git merge` does, merge drivers included, without touching any file.
    ///
    /// # Errors
    /// Fails only if git cannot be started.
    pub fn merged_tree(&self, ours: CommitId, theirs: CommitId) -> Result<MergeOutcome> {
        let names = [ours.hex(), theirs.hex()];
        let args = [
            "merge-tree",
            "--write-tree",
            "--name-only",
            "--no-messages",
            "-z",
            &names[0],
            &names[1],
        ];
        let output = git_command::try_git(&self.root, &args, "")?;
        // OID NUL (PATH NUL)* (git-merge-tree(1), output)
        let mut words = output.stdout.split('\0').map(str::to_owned);
        let tree = words.next().filter(|tree| !tree.is_empty());
        Ok(match tree {
            Some(tree) if output.ok => MergeOutcome::Tree(tree),
            Some(_) => MergeOutcome::Conflicts(words.filter(|word| !word.is_empty()).collect()),
            None => MergeOutcome::Unknown(process::in_one_line(&output.stderr)),
        })
    }

    /// The blob names that files of the working tree would have, after git's filters. `None` for missing files, an empty string if git
    /// cannot store the path as a blob, or if its name does not fit on a line of its own.
    pub fn hashed(&self, paths: &[String]) -> Result<Vec<Option<String>>> {
        let plain: Vec<&String> = paths.iter().filter(|path| self.is_plain(path)).collect();
        let input: String = plain.iter().map(|path| format!("{path}\n")).collect();
        let out = git_command::git(&self.root, &["hash-object", "--stdin-paths"], &input)?;
        let known: HashMap<&String, &str> = plain.into_iter().zip(out.lines()).collect();
        let name = |path: &String| -> Result<Option<String>> {
            let place = files::at(&self.root, path);
            if let Some(id) = known.get(path) {
                return Ok(Some((*id).to_owned()));
            }
            match files::link(&place) {
                _ if !files::exists(&place) => Ok(None),
                Some(target) => Ok(Some(self.blob_name(&target).to_string())),
                None => Ok(Some(String::new())),
            }
        };
        paths.iter().map(name).collect()
    }

    /// Whether the path can be passed to git on a line of its own.
    fn is_plain(&self, path: &str) -> bool {
        let is_word = !path.contains('\n') && !path.starts_with('"');
        is_word && files::is_file(&files::at(&self.root, path))
    }

    /// Builds an annotated tag object. Nothing refers to it yet. git signs it if it is configured to sign tags.
    pub fn build_tag(
        &self,
        name: &str,
        commit: CommitId,
        who: &Signatures,
        message: &str,
    ) -> Result<String> {
        if self.is_set("tag.gpgsign") || self.is_set("tag.forcesignannotated") {
            return self.signed_tag(name, commit, who, message);
        }
        let text = format!(
            "object {commit}\ntype commit\ntag {name}\ntagger {}\n\n{message}",
            who.committer
        );
        let id = self.git.odb()?.write(ObjectType::Tag, text.as_bytes())?;
        Ok(id.to_string())
    }

    /// Builds a signed tag. Only `git tag` signs tags, and it also creates the reference. So it runs with a reference-transaction hook
    /// (githooks(5)) that records the object's name and rejects the reference, which is created later, with the branch.
    fn signed_tag(
        &self,
        name: &str,
        commit: CommitId,
        who: &Signatures,
        message: &str,
    ) -> Result<String> {
        // Scripts can run where git keeps its own hooks. In the system's temporary directory that is not certain.
        let folder = files::temporary_folder_in(&layout::folder(&self.common_dir))?;
        let note = folder.path().join("object");
        let hook =
            b"#!/bin/sh\ntest \"$1\" = prepared || exit 0\ncat > \"$RELWATCH_NOTE\"\nexit 1\n";
        files::replace_script(&folder.path().join("reference-transaction"), hook)?;
        let hooks = format!("core.hooksPath={}", folder.path().display());
        let args = [
            "-c",
            &hooks,
            "tag",
            "-a",
            "--cleanup=verbatim",
            "-F",
            "-",
            name,
            &commit.hex(),
        ];
        let note_path = note.to_string_lossy().into_owned();
        let mut env = variables(&[("GIT_COMMITTER", who.committer.as_str())]);
        env.push(("RELWATCH_NOTE".to_owned(), note_path));
        let output = self.with_variables(&args, message, &env)?;
        if output.ok {
            // No hook was run. The reference is removed, and created again with the others.
            let name = RefName::tag(name);
            let object = self.reference(&name)?.unwrap_or_default();
            git_command::git(&self.root, &["update-ref", "-d", &name, &object], "")?;
            return Ok(object);
        }
        let noted = files::read(&note)?.unwrap_or_default();
        // OLD SP NEW SP NAME
        let noted = String::from_utf8_lossy(&noted).into_owned();
        let object = noted.split(' ').nth(1);
        object
            .map(str::to_owned)
            .ok_or_else(|| cannot_sign(&output.stderr))
    }

    fn signed(&self, args: &[&str], message: &str, env: &[(String, String)]) -> Result<String> {
        let output = self.with_variables(args, message, env)?;
        if output.ok {
            Ok(output.stdout.trim().to_owned())
        } else {
            Err(cannot_sign(&output.stderr))
        }
    }

    fn with_variables(
        &self,
        args: &[&str],
        input: &str,
        env: &[(String, String)],
    ) -> Result<process::CommandOutput> {
        let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        git_command::try_git_with(&self.root, args, input, &env)
    }

    /// Whether git would sign the commit or the tag.
    pub fn signs(&self) -> bool {
        let keys = ["commit.gpgsign", "tag.gpgsign", "tag.forcesignannotated"];
        keys.iter().any(|key| self.is_set(key))
    }

    /// Author and committer of a commit made now, from environment and configuration. `SOURCE_DATE_EPOCH` replaces the clock if git is not
    /// given a date.
    ///
    /// # Errors
    /// Exit 3 if git does not know who the user is.
    pub fn signatures(&self) -> Result<Signatures> {
        Ok(Signatures {
            author: self.identity("AUTHOR")?,
            committer: self.identity("COMMITTER")?,
        })
    }

    fn identity(&self, role: &str) -> Result<String> {
        let date = format!("GIT_{role}_DATE");
        let given = clock::fixed().filter(|_| env::var(&date).is_none());
        let given = given.map(|seconds| format!("{seconds} +0000"));
        let env: Vec<(&str, &str)> = given.iter().map(|g| (date.as_str(), g.as_str())).collect();
        let args = ["var", &format!("GIT_{role}_IDENT")];
        let output = git_command::try_git_with(&self.root, &args, "", &env)?;
        if output.ok {
            return Ok(output.stdout.trim_end().to_owned());
        }
        // The lines above are git's advice for its own users.
        let mut lines = output.stderr.lines().rev();
        let why = lines.find_map(|line| line.strip_prefix("fatal: "));
        let why = process::in_one_line(why.unwrap_or(&output.stderr));
        Err(Failure::new(
            Exit::Precondition,
            format!("git does not know who you are ({why})"),
        )
        .with_remedy("run `git config user.name …` and `git config user.email …`"))
    }
}

fn cannot_sign(words: &str) -> Failure {
    let words = process::in_one_line(words);
    Failure::failed(format!("nothing was changed: git cannot sign ({words})"))
        .with_remedy("fix `git config user.signingkey`, or try `git tag -s test` by hand")
}

/// `NAME <MAIL> SECONDS ZONE` as the environment variables that git reads.
fn variables(who: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut list = Vec::new();
    for (role, words) in who {
        let Some((name, rest)) = words.split_once(" <") else {
            continue;
        };
        let Some((mail, date)) = rest.rsplit_once("> ") else {
            continue;
        };
        for (what, value) in [("NAME", name), ("EMAIL", mail), ("DATE", date)] {
            list.push((format!("{role}_{what}"), value.to_owned()));
        }
    }
    list
}

fn file_mode(mode: i32) -> git2::FileMode {
    match mode {
        0o100755 => git2::FileMode::BlobExecutable,
        0o120000 => git2::FileMode::Link,
        _ => git2::FileMode::Blob,
    }
}
