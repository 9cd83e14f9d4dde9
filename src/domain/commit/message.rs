//! Commits and their parsed messages; [`super::reading`] parses them.

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
    /// `Name <address> seconds`, which a rebase or an amend keeps.
    pub author: String,
    /// Committer time, seconds since the epoch.
    pub time: i64,
    pub message: String,
    pub trailers: Vec<(String, String)>,
    /// Paths that differ from the first parent; empty unless they were requested.
    pub paths: Vec<String>,
}

/// A commit with its parsed message. Unless all paths are requested, it has only those that matter, see [`super::touched::matter`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    pub id: CommitId,
    pub parents: Vec<CommitId>,
    pub author: String,
    pub time: i64,
    pub message: Message,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Whether the paths are unknown because a partial clone lacks the trees. Not written into the cache: they may be fetched later.
    #[serde(skip)]
    pub lacks_paths: bool,
}

/// Settings of a repository for parsing messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Words at the beginning of lines that name issues: `fixes`, `closes`, `refs`; lower case.
    pub closers: Vec<String>,
    /// References besides `#12`, such as `JIRA-\d+`.
    pub issues: Vec<Pattern>,
    /// Patterns of subjects that name a spec: groups `id` and `title`.
    pub specs: Vec<Pattern>,
    /// Patterns of subjects of commits that a spec tool makes for itself.
    pub noise: Vec<Pattern>,
    /// The message template of release commits, if the project has its own.
    pub release: Option<TextTemplate>,
    /// Whether the paths of commits are needed.
    pub paths: bool,
}

impl Reading {
    /// All settings as one line: messages that were parsed with other settings must be parsed again.
    pub fn key(&self) -> String {
        let all = [&self.issues, &self.specs, &self.noise];
        let patterns = all.map(|list| list.iter().map(Pattern::as_str).collect::<Vec<_>>());
        // The number changes whenever the same message is parsed differently.
        let line = format!("7 {:?} {patterns:?} {}", self.closers, self.paths);
        // Most projects have the usual text: messages parsed with it stay in the cache.
        let own = self.release.iter().map(|own| format!(" {own:?}"));
        let line: String = std::iter::once(line).chain(own).collect();
        line.replace('\n', " ")
    }
}

/// A parsed commit message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// The title as git defines it, see [`super::title`].
    pub subject: String,
    /// The Conventional Commits type, lower case; `None` for a plain message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The text before the colon, as it is written, if it is none of the usual types: `http` in `http: add trailers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The code of the gitmoji at the beginning of the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// The subject without type, scope and the number at its end.
    pub description: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub breaking: bool,
    /// Whether a line below the title looks like the footer of a breaking change but is not, and the change is not breaking otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_misspelled: bool,
    /// Text of the `BREAKING CHANGE:` footer, which describes what users have to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The pull or merge request that this commit is, or merges. It is the number at the subject's end, of `Merge pull request #12` or of
    /// `See merge request group/project!12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull: Option<String>,
    /// Issues of this change: the pull request at the subject's end (without one, every number in the subject), and those of lines that
    /// close or name issues.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// `Spec: ID` trailers, or the spec that the subject names, as in `chant(ID): …`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<String>,
    /// Whether a spec tool made the commit for itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub noise: bool,
    /// The kind of the title, if it describes no change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookkeeping: Option<Bookkeeping>,
    /// Whether its scope, its title or a footer shows that it is about security.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_security: bool,
    /// Whether its title only announces a list of commits.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_list: bool,
    /// Further changes in the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<SquashPart>,
    /// Whether the list of commits in its body also contains some without a type.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_mixed: bool,
    /// Commits that this one reverts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverts: Vec<String>,
    /// Pull requests that this one reverts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverts_issues: Vec<String>,
    /// The subject of the commit that this one reverts, as its title quotes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverts_subject: Option<String>,
    /// The commits from which this one was picked, according to its message (git-cherry-pick, `-x`). A pick of a pick names both.
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
    /// The meaning of the labels of its pull request. Only commands that request labels set it; no commit has it by itself.
    #[serde(skip)]
    pub label: Option<LabelWord>,
}

/// The meaning of labels for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelWord {
    /// The change is not listed.
    Hides,
    /// The change has this kind, or this commit type.
    Listed(String),
}

impl Commit {
    /// Parses a raw commit. Never fails: a message without any form is a plain one.
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

    /// Whether the commit is a merge; merges are not entries.
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }

    /// The abbreviation shown in entries.
    pub fn short(&self) -> Short {
        self.id.short()
    }

    /// The author date in seconds since 1970; `None` if the commit has none.
    pub fn written(&self) -> Option<i64> {
        self.author.rsplit_once(' ')?.1.parse().ok()
    }

    /// The author without the time.
    pub fn author_name(&self) -> &str {
        self.author.rsplit_once(' ').map_or("", |(name, _)| name)
    }
}

impl Message {
    /// The kind or the commit type from the labels of its pull request.
    pub fn label_word(&self) -> Option<&str> {
        match self.label.as_ref()? {
            LabelWord::Hides => None,
            LabelWord::Listed(word) => Some(word),
        }
    }

    /// Whether it is `fixup!`, `squash!` or `amend!`: it will disappear in a rebase (git-rebase, `--autosquash`).
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

    /// Whether the commit only cuts a release, in any author's name.
    pub fn is_release(&self) -> bool {
        let kind = self.kind.as_deref();
        let scoped = self.scope.as_deref() == Some("release")
            && matches!(kind, Some("chore" | "build" | "ci"));
        self.bookkeeping == Some(Bookkeeping::Release) || scoped || kind == Some("release")
    }
}
