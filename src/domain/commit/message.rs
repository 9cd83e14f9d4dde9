//! Commits and what their messages say.
//!
//! Conventional Commits 1.0 through git-conventional; the numbers and lists that forges write; git's own `This reverts commit`
//! and `(cherry picked from commit`; trailers as git parses them (the caller gets them from git).

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::domain::commit::footer;
use crate::domain::commit::id::{CommitId, Short};
use crate::domain::commit::squash::{self, SquashPart};
use crate::domain::commit::subject::{cuts_release, is_ticket, merged_request, reverting};
use crate::domain::entry::reference;
use crate::domain::pattern::Pattern;

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
    /// Whether the paths of commits are needed.
    pub paths: bool,
}

impl Reading {
    /// All of it as one line: messages that were read in another way must be read again.
    pub fn key(&self) -> String {
        let all = [&self.issues, &self.specs, &self.noise];
        let patterns = all.map(|list| list.iter().map(Pattern::as_str).collect::<Vec<_>>());
        // The number changes whenever the same message is read in another way.
        let line = format!("3 {:?} {patterns:?} {}", self.closers, self.paths);
        line.replace('\n', " ")
    }
}

/// What a commit message says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// The first line.
    pub subject: String,
    /// The Conventional Commits type, lower case; `None` for a plain message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The subject without type, scope and the number at its end.
    pub description: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub breaking: bool,
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
}

impl Commit {
    /// Reads a raw commit. Never fails: a message without any form is a plain one.
    pub fn read(raw: RawCommit, reading: &Reading) -> Commit {
        let message = Message::read(&raw.message, &raw.trailers, reading);
        Commit {
            id: raw.id,
            parents: raw.parents,
            author: raw.author,
            time: raw.time,
            message,
            paths: raw.paths,
        }
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
    /// Reads a message; `trailers` are what git finds in it.
    pub fn read(text: &str, trailers: &[(String, String)], reading: &Reading) -> Message {
        let text = if text.contains('\r') {
            Cow::Owned(text.replace("\r\n", "\n"))
        } else {
            Cow::Borrowed(text)
        };
        let text = text.trim();
        let subject = text.lines().next().unwrap_or("").trim().to_owned();
        let mut message = Message {
            description: subject.clone(),
            ..Message::default()
        };
        let body = &text[text.find('\n').unwrap_or(text.len())..];
        message.read_convention(text, &subject);
        message.read_changes(body);
        message.read_numbers(&subject, body, reading);
        message.read_merged_title(&subject, body);
        let refers = ["This reverts commit", "(cherry picked from commit "];
        let refers = refers.iter().any(|words| body.contains(words));
        for line in body.lines() {
            message.read_body_line(line.trim(), refers, reading);
        }
        for (token, value) in trailers {
            message.read_trailer(token, value.trim(), reading);
        }
        // `Closes !7` below it is no footer of the convention's, so it came along.
        if let Some(migration) = message.migration.take() {
            let own = migration
                .lines()
                .filter(|line| !closes_issues(line.trim(), reading));
            message.migration = Some(own.collect::<Vec<_>>().join("\n").trim().to_owned());
        }
        message.read_spec(&subject, reading);
        message.read_reverted_subject(&subject);
        let lists = [
            &mut message.issues,
            &mut message.specs,
            &mut message.co_authors,
        ];
        lists.into_iter().for_each(keep_first_of_each);
        message.subject = subject;
        message
    }

    fn read_convention(&mut self, text: &str, subject: &str) {
        if let Ok(header) = git_conventional::Commit::parse(subject)
            && footer::has_space_after_colon(subject)
            && !is_ticket(header.type_().as_str())
        {
            self.kind = Some(header.type_().as_str().to_lowercase());
            self.scope = header.scope().map(|s| s.as_str().to_owned());
            self.description = header.description().trim().to_owned();
            self.breaking = header.breaking();
            if self.kind.as_deref() == Some("revert") {
                self.description = reverting(&self.description);
            }
        }
        // A body that does not follow the convention does not make the subject unconventional. Footers of the convention beside a
        // `BREAKING CHANGE:` are no trailers to git (git-interpret-trailers). Most bodies hold none of ours.
        let holds_own = text.lines().skip(1).any(begins_with_own_trailer);
        if holds_own && let Ok(commit) = git_conventional::Commit::parse(text) {
            for footer in commit.footers().iter().filter(|f| !f.breaking()) {
                self.read_own_trailer(footer.token().as_str(), footer.value().trim());
            }
        }
    }

    /// The changes in the body, and what users have to do for that of the subject.
    fn read_changes(&mut self, body: &str) {
        let mut found = squash::read(body);
        self.migration = footer::breaking(found.lead.into_iter(), self.kind.is_some());
        if let Some(last) = found.parts.last_mut().filter(|last| !last.breaking)
            && self.breaking
            && self.migration.is_none()
        {
            // The footer at the very end is that of the whole message.
            self.migration = last.migration.take();
        }
        for part in &mut found.parts {
            part.breaking |= part.migration.is_some();
        }
        self.breaking |= self.migration.is_some();
        self.parts = found.parts;
        self.is_mixed = found.is_mixed;
    }

    fn read_numbers(&mut self, subject: &str, body: &str, reading: &Reading) {
        let (description, issues) = squash::without_number(&self.description);
        let ends_with_number = description != self.description;
        self.description = description;
        self.issues = issues;
        if ends_with_number {
            self.pull = self.issues.first().cloned();
        }
        self.pull = merged_request(subject, body).or(self.pull.take());
        if let Some(pull) = &self.pull
            && !self.issues.contains(pull)
        {
            self.issues.push(pull.clone());
        }
        self.name_issues(reading.issues.iter().flat_map(|p| p.all(subject)));
    }

    /// Forges put the title of a request below `Merge pull request #12 from …` and `Merge branch '…'`.
    fn read_merged_title(&mut self, subject: &str, body: &str) {
        let title = body.lines().map(str::trim).find(|line| !line.is_empty());
        if let (true, Some(title)) = (subject.starts_with("Merge ") && self.pull.is_some(), title) {
            let header = git_conventional::Commit::parse(title);
            let title = header.as_ref().map_or(title, |header| header.description());
            self.description = squash::without_number(title.trim()).0;
        }
    }

    fn name_issues<'t>(&mut self, found: impl Iterator<Item = &'t str>) {
        self.issues.extend(found.map(str::to_owned));
    }

    /// `refers` says whether any line may name a commit that is reverted or picked.
    fn read_body_line(&mut self, line: &str, refers: bool, reading: &Reading) {
        let after = |words: &str| if refers { after(line, words) } else { None };
        let reverted = after("This reverts commit ");
        if let Some(rest) = reverted.or_else(|| after("This reverts commits ")) {
            // `…, reversing changes made to …` names what stays.
            let list = rest.split("revers").next().unwrap_or(rest);
            self.reverts.extend(hex_words(list));
        } else if let Some(rest) = after("(cherry picked from commit ") {
            self.picked_from.extend(hex_words(rest).next());
        } else if let Some(rest) = line.strip_prefix("Reverts ") {
            let numbers = rest.split(' ').next().unwrap_or("");
            let number = numbers.find(['#', '!']).map(|at| &numbers[at..]);
            let issues = number.map(|n| reference::issues(n).collect::<Vec<_>>());
            self.reverts_issues.extend(issues.unwrap_or_default());
        } else if closes_issues(line, reading) {
            self.name_all_issues(line, reading);
        }
    }

    fn name_all_issues(&mut self, line: &str, reading: &Reading) {
        let own: Vec<String> = reference::issues(line)
            .chain(reference::foreign_issues(line))
            .collect();
        self.name_issues(own.iter().map(String::as_str));
        self.name_issues(reading.issues.iter().flat_map(|p| p.all(line)));
    }

    fn read_trailer(&mut self, token: &str, value: &str, reading: &Reading) {
        match token.to_lowercase().as_str() {
            // Conventional Commits 1.0, "how does it handle reverts": `revert:` names commits in `Refs:`.
            "refs" if self.kind.as_deref() == Some("revert") => {
                self.reverts.extend(hex_words(value));
            }
            "co-authored-by" if !value.is_empty() => {
                self.co_authors.push(value.to_owned());
            }
            word if reading.closers.iter().any(|closer| closer == word) => {
                self.name_all_issues(value, reading);
            }
            _ => self.read_own_trailer(token, value),
        }
    }

    fn read_own_trailer(&mut self, token: &str, value: &str) {
        match token.to_lowercase().as_str() {
            "changelog" => self.changelog = Some(value.to_lowercase()),
            "release-note" if !value.is_empty() => match &mut self.note {
                Some(known) if known == value => {}
                Some(known) => known.extend([" ", value]),
                None => self.note = Some(value.to_owned()),
            },
            "spec" => {
                let ids = value.split(',').map(str::trim).filter(|id| !id.is_empty());
                self.specs.extend(ids.map(str::to_owned));
            }
            _ => {}
        }
    }

    fn read_spec(&mut self, subject: &str, reading: &Reading) {
        self.noise = reading.noise.iter().any(|p| p.matches(subject));
        let Some(found) = reading.specs.iter().find_map(|p| p.captures(subject)) else {
            return;
        };
        if let (Some(id), true) = (found.name("id"), self.specs.is_empty()) {
            self.specs.push(id.as_str().to_owned());
            self.scope = None;
        }
        if let Some(title) = found.name("title") {
            let (description, _) = squash::without_number(title.as_str().trim());
            self.description = description;
        }
    }

    /// `Revert "subject"` and `revert: subject` without the name of a commit.
    fn read_reverted_subject(&mut self, subject: &str) {
        if !self.reverts.is_empty() || !self.reverts_issues.is_empty() {
            return;
        }
        let quoted = subject.strip_prefix("Revert \"");
        let quoted = quoted.and_then(|rest| rest.rsplit_once('"').map(|(inside, _)| inside));
        let typed = || subject.strip_prefix("revert: ").map(str::trim);
        self.reverts_subject = quoted.or_else(typed).map(str::to_owned);
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
        let scoped = self.scope.as_deref() == Some("release")
            && matches!(self.kind.as_deref(), Some("chore" | "build" | "ci"));
        cuts_release(&self.description) || scoped || self.kind.as_deref() == Some("release")
    }
}

fn closes_issues(line: &str, reading: &Reading) -> bool {
    let word = line.split([' ', ':']).next().unwrap_or("");
    // Closers are in lower case; those of other alphabets are few.
    let is_word = |closer: &String| {
        if word.is_ascii() {
            closer.eq_ignore_ascii_case(word)
        } else {
            *closer == word.to_lowercase()
        }
    };
    reading.closers.iter().any(is_word)
}

/// Whether a line may be one of the footers that [`Message::read_own_trailer`] knows.
fn begins_with_own_trailer(line: &str) -> bool {
    let line = line.trim_start().as_bytes();
    let begins = |word: &str| {
        let start = line.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    ["changelog", "release-note", "spec"]
        .into_iter()
        .any(begins)
}

fn after<'t>(line: &'t str, start: &str) -> Option<&'t str> {
    line.find(start).map(|at| &line[at + start.len()..])
}

/// Abbreviated commits in a list such as `1a2b3c4, 5d6e7f8 and 9a8b7c6`.
fn hex_words(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(str::to_lowercase)
}

/// Each text once, where it stood first. A message may name thousands.
fn keep_first_of_each(list: &mut Vec<String>) {
    if list.len() > 1 {
        let mut known = HashSet::new();
        list.retain(|text| known.insert(text.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        crate::domain::spec::source::chant_reading()
    }

    fn read(text: &str) -> Message {
        Message::read(text, &[], &reading())
    }

    #[test]
    fn the_convention() {
        let m =
            read("feat(api)!: drop v1 (#12)\n\nbody\n\nBREAKING CHANGE: use v2\nReviewed-by: Z");
        assert_eq!(m.kind.as_deref(), Some("feat"));
        assert_eq!(m.scope.as_deref(), Some("api"));
        assert_eq!(m.description, "drop v1");
        assert!(m.breaking);
        assert_eq!(m.migration.as_deref(), Some("use v2"));
        assert_eq!(m.issues, ["#12"]);
        let m = read("fix!: x");
        assert!(m.breaking && m.migration.is_none());
        let m = read("Merge it all\n\nBREAKING CHANGE: use v2\n\nmore");
        assert!(m.breaking);
        assert_eq!(m.migration.as_deref(), Some("use v2"));
    }

    #[test]
    fn plain_messages_reverts_and_picks() {
        let m = read("Add a thing\nno blank line");
        assert_eq!((m.kind, m.description.as_str()), (None, "Add a thing"));
        let m = read("Revert \"feat: x\"\n\nThis reverts commit 1a2b3c4d5e6f.");
        assert_eq!(m.reverts, ["1a2b3c4d5e6f"]);
        let m = read("Revert \"x\"\n\nReverts owner/repo#12");
        assert_eq!(m.reverts_issues, ["#12"]);
        let m = read("fix: x\n\n(cherry picked from commit 1a2b3c4d5e6f)");
        assert_eq!(m.picked_from, ["1a2b3c4d5e6f"]);
        let m = read("fix: x\n\nCloses #3, #4");
        assert_eq!(m.issues, ["#3", "#4"]);
    }

    #[test]
    fn chant_and_trailers_name_specs() {
        let m = read("chant(2026-01-28-00b-sjc): Add a guide");
        assert_eq!(m.specs, ["2026-01-28-00b-sjc"]);
        assert_eq!((m.description.as_str(), m.noise), ("Add a guide", false));
        assert!(read("chant: Record agent transcript for 001-x").noise);
        assert!(read("chant(001-x): Mark spec as completed").noise);
        let trailers = [("Spec".to_owned(), "001-x".to_owned())];
        let m = Message::read("feat: x\n\nSpec: 001-x", &trailers, &reading());
        assert_eq!(m.specs, ["001-x"]);
    }

    #[test]
    fn footers_to_the_letter() {
        // Conventional Commits 1.0, items 8 to 16.
        let m =
            read("feat: x\n\nbody\n\nBREAKING-CHANGE: call y\n  and z\nReviewed-by: Z\nRefs #12");
        assert_eq!(m.migration.as_deref(), Some("call y\n  and z"));
        assert!(m.breaking);
        assert!(!read("feat: x\n\nbreaking change: y").breaking);
        assert_eq!(read("FEAT(Api): X").kind.as_deref(), Some("feat"));
        assert_eq!(read("feat:x").kind, None);
        // A footer beside a breaking one is no trailer to git, but one to the convention.
        let m = read("feat: x\n\nBREAKING CHANGE: y\nChangelog: Removed\nRelease-Note: Said well.");
        assert_eq!(m.changelog.as_deref(), Some("removed"));
        assert_eq!(m.note.as_deref(), Some("Said well."));
    }

    #[test]
    fn numbers_of_forges_and_trackers() {
        let pull = |text: &str| read(text).pull.unwrap_or_default();
        assert_eq!(pull("feat: x (#12)"), "#12");
        assert_eq!(pull("Merge pull request #12 from o/b\n\nfeat: x"), "#12");
        assert_eq!(
            pull("Merge pull request 'Fix it' (#9) from b into main"),
            "#9"
        );
        assert_eq!(
            pull("Merge branch 'b' into 'main'\n\nFix it\n\nSee merge request g/s/p!12"),
            "!12"
        );
        assert_eq!(pull("Merged in feature/x (pull request #12)"), "#12");
        assert_eq!(pull("Merged PR 12: Fix it"), "#12");
        assert_eq!(pull("fix #5: x"), "");
        let mut reading = reading();
        reading.issues = vec![Pattern::new(r"JIRA-\d+").unwrap()];
        let trailers = [("Refs".to_owned(), "JIRA-123, #4".to_owned())];
        let m = Message::read(
            "fix: x (#12)\n\nCloses o/r#3\n\nRefs: JIRA-123, #4",
            &trailers,
            &reading,
        );
        assert_eq!(m.issues, ["#12", "o/r#3", "#4", "JIRA-123"]);
    }

    #[test]
    fn reverts_in_every_form() {
        let m = read("Revert x\n\nThis reverts commits 1a2b3c4, 2b3c4d5 and 3c4d5e6.");
        assert_eq!(m.reverts.len(), 3);
        let m =
            read("Revert x\n\nThis reverts commit 1a2b3c4, reversing\nchanges made to 2b3c4d5.");
        assert_eq!(m.reverts, ["1a2b3c4"]);
        let m = read("Revert x\n\nThis reverts commit 1a2b3c4 and 2b3c4d5.");
        assert_eq!(m.reverts.len(), 2);
        let m = read("Revert \"feat: a \"b\" c\"");
        assert_eq!(m.reverts_subject.as_deref(), Some("feat: a \"b\" c"));
        let m = read("Reapply \"feat: a\"\n\nThis reverts commit 1a2b3c4d.");
        assert_eq!(m.reverts, ["1a2b3c4d"]);
        let m = read("revert: feat: a\n\nRefs: 1a2b3c4, 2b3c4d5");
        assert_eq!(m.reverts_subject.as_deref(), Some("feat: a"));
    }

    #[test]
    fn release_commits_are_known() {
        for subject in [
            "chore(release): v1.2.0",
            "Release v1.2.0",
            "chore: release 1.2.0",
            "chore: bump version to 0.2.0",
            "chant(2026-01-28-00a-vot): Release v0.5.0",
        ] {
            assert!(read(subject).is_release(), "{subject}");
        }
        assert!(!read("feat: release the lock early").is_release());
    }

    /// What other parsers found out: conventional-commits-parser and release-please.
    #[test]
    fn footers_that_others_stumbled_over() {
        let m = read("feat!: x\n\nBREAKING CHANGE: replaced.\n\nFixes #1476.");
        assert_eq!(
            (m.migration.as_deref(), m.issues.as_slice()),
            (Some("replaced."), &["#1476".to_owned()][..])
        );
        let m = read("feat!: x\n\nBREAKING CHANGE: replaced.\nThis fixes #4.\nMore.");
        assert_eq!(
            m.migration.as_deref(),
            Some("replaced.\nThis fixes #4.\nMore.")
        );
        assert_eq!(
            read("feat(@org/hello-world): x").scope.as_deref(),
            Some("@org/hello-world")
        );
        let m = read(
            "docs(repo): x\nbreaking changes #D-2\n\n- the breaking changes\n  breaking-change footers",
        );
        assert!(!m.breaking && m.migration.is_none());
        assert!(!read("feat: x\n\nBREAKING CHANGE was discussed.").breaking);
        let m = read("fix: x\n\nbody\nSource-Link: https://a.example/b\nBREAKING CHANGE: y");
        assert_eq!(m.migration.as_deref(), Some("y"));
    }
}
