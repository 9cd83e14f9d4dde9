//! Commits and what their messages say.
//!
//! Conventional Commits 1.0 through git-conventional; GitHub's `(#12)`, git's own `This reverts commit`
//! and `(cherry picked from commit`; trailers as git parses them (the caller gets them from git).

use serde::{Deserialize, Serialize};

use super::reference::issue_numbers;

/// A commit as git stores it.
#[derive(Debug, Clone)]
pub struct RawCommit {
    /// Full hexadecimal object name.
    pub id: String,
    pub parents: Vec<String>,
    /// Name, address and time: what a rebase or an amend keeps.
    pub author: String,
    /// Committer time, seconds since the epoch.
    pub time: i64,
    pub message: String,
    pub trailers: Vec<(String, String)>,
}

/// A commit with its message read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    pub id: String,
    pub parents: Vec<String>,
    pub time: i64,
    pub message: Message,
}

/// What a commit message says. Independent of configuration, so it can be cached by commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// The first paragraph's first line.
    pub subject: String,
    /// The Conventional Commits type, lower case; `None` for a plain message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The subject without type and scope.
    pub description: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub breaking: bool,
    /// Text of the `BREAKING CHANGE:` footer: what a user has to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The issue and pull request numbers that stand for this change: the `(#12)` at the end of the subject,
    /// without one every number in the subject, and those that the body closes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<u64>,
    /// `Spec: ID` trailer or the scope of `chant(ID): …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Commits that this one reverts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverts: Vec<String>,
    /// Pull requests that this one reverts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverts_issues: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picked_from: Option<String>,
    /// `Changelog:` trailer, lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changelog: Option<String>,
    /// `Release-Note:` trailer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Commit {
    /// Reads a raw commit. Never fails: a message without any form is a plain one.
    pub fn read(raw: RawCommit) -> Commit {
        let message = Message::read(&raw.message, &raw.trailers);
        Commit {
            id: raw.id,
            parents: raw.parents,
            time: raw.time,
            message,
        }
    }

    /// Whether the commit joins two lines of history; those are not entries.
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }

    /// The abbreviation shown in entries.
    pub fn short(&self) -> &str {
        self.id.get(..7).unwrap_or(&self.id)
    }
}

impl Message {
    /// Reads a message; `trailers` are what git finds in it.
    pub fn read(text: &str, trailers: &[(String, String)]) -> Message {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        let subject = text.lines().next().unwrap_or("").trim().to_owned();
        let mut message = Message {
            description: subject.clone(),
            ..Message::default()
        };
        // A body that does not follow the convention does not make the subject unconventional.
        let parsed = git_conventional::Commit::parse(text)
            .or_else(|_| git_conventional::Commit::parse(&subject));
        if let Ok(commit) = parsed {
            message.kind = Some(commit.type_().as_str().to_lowercase());
            message.scope = commit.scope().map(|s| s.as_str().to_owned());
            message.description = commit.description().trim().to_owned();
            message.breaking = commit.breaking();
            message.migration = commit
                .footers()
                .iter()
                .find(|f| f.breaking())
                .map(|f| f.value().trim().to_owned());
        }
        if message.migration.is_none() {
            message.migration = breaking_paragraph(text);
            message.breaking |= message.migration.is_some();
        }
        message.issues = issue_numbers(&subject).collect();
        if let (true, Some(last)) = (subject.ends_with(')'), message.issues.last().copied())
            && subject.ends_with(&format!("(#{last})"))
        {
            message.issues = vec![last];
        }
        let body = &text[subject.len().min(text.len())..];
        for line in body.lines() {
            read_body_line(&mut message, line.trim());
        }
        for (token, value) in trailers {
            read_trailer(&mut message, token, value.trim());
        }
        if message.spec.is_none() && message.kind.as_deref() == Some("chant") {
            message.spec.clone_from(&message.scope);
        }
        message.subject = subject;
        message
    }

    /// `fixup!`, `squash!`, `amend!`: meant to disappear in a rebase (git-rebase, `--autosquash`).
    pub fn is_fixup(&self) -> bool {
        ["fixup!", "squash!", "amend!"]
            .iter()
            .any(|mark| self.subject.starts_with(mark))
    }

    /// Whether it reverts something.
    pub fn is_revert(&self) -> bool {
        !self.reverts.is_empty() || !self.reverts_issues.is_empty()
    }

    /// A commit that only cuts a release, whoever wrote it.
    pub fn is_release(&self) -> bool {
        let scoped = self.scope.as_deref() == Some("release")
            && matches!(self.kind.as_deref(), Some("chore" | "build" | "ci"));
        cuts_release(&self.description) || scoped || self.kind.as_deref() == Some("release")
    }
}

/// `Release v1.2.0`, `bump version to 1.2.0`: a title that announces a version and nothing else.
pub fn cuts_release(title: &str) -> bool {
    let lower = title.to_lowercase();
    ["release", "bump version to", "bump version", "version"]
        .iter()
        .filter_map(|word| lower.strip_prefix(word))
        .map(str::trim_start)
        .map(|rest| rest.strip_prefix('v').unwrap_or(rest))
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A `BREAKING CHANGE:` paragraph that the convention's grammar did not reach, for example because prose
/// follows it.
fn breaking_paragraph(text: &str) -> Option<String> {
    let mut lines = text.lines().skip(1).skip_while(|line| {
        !line.starts_with("BREAKING CHANGE:") && !line.starts_with("BREAKING-CHANGE:")
    });
    let first = lines.next()?["BREAKING CHANGE:".len()..].trim();
    let rest = lines.take_while(|line| !line.trim().is_empty());
    let all: Vec<&str> = std::iter::once(first).chain(rest).collect();
    let joined = all.join("\n").trim().to_owned();
    (!joined.is_empty()).then_some(joined)
}

fn read_body_line(message: &mut Message, line: &str) {
    if let Some(at) = line.find("This reverts commit ") {
        let rest = &line[at + "This reverts commit ".len()..];
        message.reverts.extend(leading_hex(rest));
    } else if let Some(at) = line.find("(cherry picked from commit ") {
        let rest = &line[at + "(cherry picked from commit ".len()..];
        message.picked_from = leading_hex(rest);
    } else if let Some(rest) = line.strip_prefix("Reverts ") {
        message.reverts_issues.extend(any_issue_numbers(rest));
    } else if closes_issues(line) {
        for number in issue_numbers(line) {
            if !message.issues.contains(&number) {
                message.issues.push(number);
            }
        }
    }
}

/// `Reverts owner/repo#12` as GitHub writes it.
fn any_issue_numbers(text: &str) -> impl Iterator<Item = u64> + '_ {
    text.split('#').skip(1).filter_map(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest[..digits].parse().ok()
    })
}

fn closes_issues(line: &str) -> bool {
    let word = line.split([' ', ':']).next().unwrap_or("").to_lowercase();
    let words = [
        "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved",
    ];
    words.contains(&word.as_str()) && line.contains('#')
}

fn read_trailer(message: &mut Message, token: &str, value: &str) {
    match token.to_lowercase().as_str() {
        "changelog" => message.changelog = Some(value.to_lowercase()),
        "release-note" if !value.is_empty() => message.note = Some(value.to_owned()),
        "spec" if !value.is_empty() => message.spec = Some(value.to_owned()),
        // Conventional Commits 1.0, "how does it handle reverts": `revert:` names commits in `Refs:`.
        "refs" if message.kind.as_deref() == Some("revert") => {
            let commits = value.split(',').filter_map(|part| leading_hex(part.trim()));
            message.reverts.extend(commits);
        }
        _ => {}
    }
}

fn leading_hex(text: &str) -> Option<String> {
    let length = text.bytes().take_while(u8::is_ascii_hexdigit).count();
    (length >= 7).then(|| text[..length].to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Message {
        Message::read(text, &[])
    }

    #[test]
    fn the_convention() {
        let m =
            read("feat(api)!: drop v1 (#12)\n\nbody\n\nBREAKING CHANGE: use v2\nReviewed-by: Z");
        assert_eq!(m.kind.as_deref(), Some("feat"));
        assert_eq!(m.scope.as_deref(), Some("api"));
        assert_eq!(m.description, "drop v1 (#12)");
        assert!(m.breaking);
        assert_eq!(m.migration.as_deref(), Some("use v2"));
        assert_eq!(m.issues, [12]);
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
        assert_eq!(m.reverts_issues, [12]);
        let m = read("fix: x\n\n(cherry picked from commit 1a2b3c4d5e6f)");
        assert_eq!(m.picked_from.as_deref(), Some("1a2b3c4d5e6f"));
        let m = read("fix: x\n\nCloses #3, #4");
        assert_eq!(m.issues, [3, 4]);
    }

    #[test]
    fn chant_and_trailers_name_specs() {
        assert_eq!(
            read("chant(2026-01-28-00b-sjc): Add a guide")
                .spec
                .as_deref(),
            Some("2026-01-28-00b-sjc")
        );
        let trailers = [("Spec".to_owned(), "001-x".to_owned())];
        let m = Message::read("feat: x\n\nSpec: 001-x", &trailers);
        assert_eq!(m.spec.as_deref(), Some("001-x"));
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
}
