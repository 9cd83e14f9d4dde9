//! Several changes in one message: the list that a forge writes into the body of a squash merge, and further
//! conventional paragraphs.

use serde::{Deserialize, Serialize};

use super::reference;

/// A change that a message's body tells about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The Conventional Commits type, lower case.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Without type, scope and the number at its end.
    pub description: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breaking: bool,
    /// Text of its own `BREAKING CHANGE:` paragraph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The numbers in its title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// An item of a list, such as GitHub and GitLab make from the titles of the squashed commits; else a paragraph that
    /// somebody wrote on purpose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
}

/// Prose and footers also look like `word: text`; in a body only these count, and whatever carries a `!`.
const TYPES: &[&str] = &[
    "feat",
    "fix",
    "perf",
    "refactor",
    "docs",
    "style",
    "test",
    "tests",
    "build",
    "ci",
    "chore",
    "revert",
    "security",
    "deprecate",
    "remove",
    "deps",
];

/// The changes that a body tells, in its order.
pub fn parts(body: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut details: Vec<Vec<&str>> = Vec::new();
    let mut after_blank = true;
    for line in body.lines() {
        let bulleted = line.strip_prefix("* ").or_else(|| line.strip_prefix("- "));
        let found = match bulleted {
            Some(text) => header(text, true),
            None if after_blank => header(line, false),
            None => None,
        };
        after_blank = line.trim().is_empty();
        match (found, details.last_mut()) {
            (Some(part), _) => {
                parts.push(part);
                details.push(Vec::new());
            }
            (None, Some(lines)) => lines.push(line),
            (None, None) => {}
        }
    }
    for (part, lines) in parts.iter_mut().zip(&details) {
        part.migration = super::message::breaking_paragraph(lines.iter().copied());
        part.breaking |= part.migration.is_some();
    }
    parts
}

/// `type(scope)!: description` (Conventional Commits 1.0, items 1 to 5 and 13).
fn header(line: &str, listed: bool) -> Option<Part> {
    let commit = git_conventional::Commit::parse(line.trim()).ok()?;
    if !super::message::has_space_after_colon(line) {
        return None;
    }
    let kind = commit.type_().as_str();
    let lower = kind.to_lowercase();
    // A paragraph in prose may begin with `Fix: …`; people write types in lower case.
    let known = TYPES.contains(&lower.as_str()) && (listed || lower == kind);
    if !(known || commit.breaking() && listed) {
        return None;
    }
    let (description, issues) = without_number(commit.description().trim());
    Some(Part {
        kind: lower,
        scope: commit.scope().map(|scope| scope.as_str().to_owned()),
        description,
        breaking: commit.breaking(),
        migration: None,
        issues,
        listed,
    })
}

/// The text without the `(#12)` at its end, and the issues that stand for it: that one, else all that it names.
pub fn without_number(text: &str) -> (String, Vec<String>) {
    let all: Vec<String> = reference::issues(text).collect();
    let last = text.rsplit_once(" (").and_then(|(before, last)| {
        let inside = last.strip_suffix(')')?;
        let number = all.last().filter(|number| *number == inside)?;
        Some((before.trim_end().to_owned(), vec![number.clone()]))
    });
    last.unwrap_or_else(|| (text.to_owned(), all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Vec<String> {
        parts(body)
            .into_iter()
            .map(|p| format!("{}|{}|{}", p.kind, p.description, p.listed))
            .collect()
    }

    #[test]
    fn the_lists_of_forges() {
        let github = "* feat: add login\n\n* Fix(ui): typo (#3)\n\nmore\n\n* wip\n* Note: nothing\n\n---------\n\nCo-authored-by: A <a@b>";
        assert_eq!(told(github), ["feat|add login|true", "fix|typo|true"]);
        let gitlab =
            "- feat: a\n\n- fix!: b\n\n  BREAKING CHANGE: call c\n\nSee merge request g/p!4";
        let all = parts(gitlab);
        assert_eq!(all[1].description, "b");
        assert!(all[1].breaking && all[1].migration.is_none());
        let one = parts("* feat: a\n\nBREAKING CHANGE: call c\nand d\n\n* fix: b");
        assert_eq!(one[0].migration.as_deref(), Some("call c\nand d"));
    }

    #[test]
    fn paragraphs_that_are_changes_and_prose_that_is_not() {
        let body = "fix(utils): unicode no longer throws\n  PiperOrigin-RevId: 345\n\nfeat(utils): update encode\n\nFix: this is prose\nfix: so is this";
        assert_eq!(
            told(body),
            [
                "fix|unicode no longer throws|false",
                "feat|update encode|false"
            ]
        );
        assert!(parts("Reviewed-by: Z\nRefs: #12\n\nnote: x").is_empty());
    }
}
