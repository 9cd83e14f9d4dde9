//! Commits and what their messages say; [`super::reading`] reads them.

use serde::{Deserialize, Serialize};

use crate::domain::commit::bookkeeping::Bookkeeping;
use crate::domain::commit::id::{CommitId, Short};
use crate::domain::commit::quoted;
use crate::domain::commit::squash::SquashPart;
use crate::domain::pattern::Pattern;
use crate::domain::release::texts::TextTemplate;

/// A commit as git stores it.
#[derive(Debug, Clone)]
pub struct RawCommit {
    pub id: CommitId,
    pub parents: Vec<CommitId>,
    /// `Name <address> seconds`: what a rebase or an amend keeps.
    pub author: String,
    /// Committer time, seconds since the epoch.
    pub time: i64,
    pub message: String,
    pub trailers: Vec<(String, String)>,
    /// Paths that differ from the first parent; empty unless they were asked for.
    pub paths: Vec<String>,
}

/// A commit with its message read. Unless all paths are asked for, it has those that matter, see [`super::touched::matter`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    pub id: CommitId,
    pub parents: Vec<CommitId>,
    pub author: String,
    pub time: i64,
    pub message: Message,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// The paths are not known, since a partial clone lacks the trees. Not written into the cache: they may be fetched later.
    #[serde(skip)]
    pub lacks_paths: bool,
}

/// What a repository's configuration adds to the reading of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Words that begin a line which names issues: `fixes`, `closes`, `refs`; lower case.
    pub closers: Vec<String>,
    /// References beside `#12`, such as `JIRA-\d+`.
    pub issues: Vec<Pattern>,
    /// Subjects that name a spec: groups `id` and `title`.
    pub specs: Vec<Pattern>,
    /// Subjects of commits that a spec tool makes for itself.
    pub noise: Vec<Pattern>,
    /// The text of release commits, if it is the project's own.
    pub release: Option<TextTemplate>,
    /// Whether the paths of commits are needed.
    pub paths: bool,
}

impl Reading {
    /// All of it as one line: messages that were read in another way must be read again.
    pub fn key(&self) -> String {
        let all = [&self.issues, &self.specs, &self.noise];
        let patterns = all.map(|list| list.iter().map(Pattern::as_str).collect::<Vec<_>>());
        // The number changes whenever the same message is read in another way.
        let line = format!("7 {:?} {patterns:?} {}", self.closers, self.paths);
        // Most projects have the usual text: what was read by it stays in the cache.
        let own = self.release.iter().map(|own| format!(" {own:?}"));
        let line: String = std::iter::once(line).chain(own).collect();
        line.replace('\n', " ")
    }
}

/// What a commit message says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// git's title, see [`super::title`].
    pub subject: String,
    /// The Conventional Commits type, lower case; `None` for a plain message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What stands before the colon, as it is written, if it is none of the usual types: `http` in `http: add trailers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The code of the gitmoji that the title begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// The subject without type, scope and the number at its end.
    pub description: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub breaking: bool,
    /// A line below the title looks like the footer of a breaking change and is none; the change breaks nothing otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_misspelled: bool,
    /// Text of the `BREAKING CHANGE:` footer: what a user has to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The pull or merge request that this commit is, or merges: the number at the subject's end, of `Merge pull request #12`
    /// or of `See merge request group/project!12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull: Option<String>,
    /// The issues that stand for this change: the pull request at the subject's end, without one every number in the subject,
    /// and those of lines that close or name issues.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// `Spec: ID` trailers, or the spec that the subject names, as in `chant(ID): …`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<String>,
    /// A spec tool made it for itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub noise: bool,
    /// Its title tells no change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookkeeping: Option<Bookkeeping>,
    /// Its scope, its title or a footer says that it is about security.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_security: bool,
    /// Its title says nothing but that a list of commits follows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_list: bool,
    /// Further changes that the body tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<SquashPart>,
    /// The list of commits in its body also holds some without a type.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_mixed: bool,
    /// Commits that this one reverts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverts: Vec<String>,
    /// Pull requests that this one reverts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverts_issues: Vec<String>,
    /// The subject that this one says it reverts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverts_subject: Option<String>,
    /// The commits that this one says it was picked from (git-cherry-pick, `-x`): a pick of a pick names both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub picked_from: Vec<String>,
    /// `Changelog:` trailer, lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changelog: Option<String>,
    /// `Release-Note:` trailer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// `Co-authored-by:` trailers, `Name <address>`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub co_authors: Vec<String>,
    /// What the labels of its pull request say, in commands that ask for them; no commit has it.
    #[serde(skip)]
    pub label: Option<LabelWord>,
}

/// What labels say of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelWord {
    /// It is not listed.
    Hides,
    /// It is of this kind, or of this commit type.
    Listed(String),
}

impl Commit {
    /// Reads a raw commit. Never fails: a message without any form is a plain one.
    pub fn read(raw: RawCommit, reading: &Reading) -> Commit {
        let is_bot = quoted::is_dependency_bot(&raw.author);
        let message = Message::read_by(&raw.message, &raw.trailers, reading, is_bot);
        Commit {
            id: raw.id,
            parents: raw.parents,
            author: raw.author,
            time: raw.time,
            message,
            paths: raw.paths,
            lacks_paths: false,
        }
    }

    /// Sets the paths that the commit touches; `None` if they are not known.
    pub fn take_paths(&mut self, paths: Option<Vec<String>>) {
        self.lacks_paths = paths.is_none();
        self.paths = paths.unwrap_or_default();
    }

    /// Whether the commit joins two lines of history; those are not entries.
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }

    /// The abbreviation shown in entries.
    pub fn short(&self) -> Short {
        self.id.short()
    }

    /// When its author wrote it, in seconds since 1970; `None` if the commit does not tell.
    pub fn written(&self) -> Option<i64> {
        self.author.rsplit_once(' ')?.1.parse().ok()
    }

    /// The author without the time.
    pub fn author_name(&self) -> &str {
        self.author.rsplit_once(' ').map_or("", |(name, _)| name)
    }
}

impl Message {
    /// The kind or the commit type that the labels of its pull request say.
    pub fn label_word(&self) -> Option<&str> {
        match self.label.as_ref()? {
            LabelWord::Hides => None,
            LabelWord::Listed(word) => Some(word),
        }
    }

    /// `fixup!`, `squash!`, `amend!`: meant to disappear in a rebase (git-rebase, `--autosquash`).
    pub fn is_fixup(&self) -> bool {
        ["fixup!", "squash!", "amend!"]
            .iter()
            .any(|mark| self.subject.starts_with(mark))
    }

    /// Whether it reverts something.
    pub fn is_revert(&self) -> bool {
        let by_name = !self.reverts.is_empty() || !self.reverts_issues.is_empty();
        by_name || self.reverts_subject.is_some()
    }

    /// A commit that only cuts a release, whoever wrote it.
    pub fn is_release(&self) -> bool {
        let kind = self.kind.as_deref();
        let scoped = self.scope.as_deref() == Some("release")
            && matches!(kind, Some("chore" | "build" | "ci"));
        self.bookkeeping == Some(Bookkeeping::Release) || scoped || kind == Some("release")
    }
}
