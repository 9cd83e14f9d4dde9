//! Several changes in one message: the list that a forge writes into the body of a squash merge, and further
//! conventional paragraphs.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::commit::footer;
use crate::domain::entry::reference;

/// A change that a message's body tells about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SquashPart {
    /// The Conventional Commits type, lower case.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Without type, scope and the number at its end.
    pub description: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breaking: bool,
    /// Text of its own `BREAKING CHANGE:` footer.
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

/// What a message's body tells.
#[derive(Debug, Default)]
pub struct MessageBody<'t> {
    /// The lines before the first change.
    pub lead: Vec<&'t str>,
    /// The changes, in their order.
    pub parts: Vec<SquashPart>,
    /// A list of commits also holds some without a type.
    pub is_mixed: bool,
}

/// Reads a body. An item `Revert "…"` takes the item that it names away.
pub fn read(body: &str) -> MessageBody<'_> {
    let mut found = MessageBody::default();
    // The changes with the lines below them; `None` for those that were taken back. The last one never was.
    let mut told: Vec<Option<(SquashPart, Vec<&str>)>> = Vec::new();
    // Where the changes of a title stand that were not taken back.
    let mut standing: HashMap<&str, Vec<usize>> = HashMap::new();
    // A paragraph begins below a blank line, another one, or release-please's mark.
    let mut begins = true;
    for line in body.lines() {
        let item = line.strip_prefix("* ").or_else(|| line.strip_prefix("- "));
        let part = match item {
            Some(text) => header(text, HeaderPlace::Item),
            None if begins => header(line, HeaderPlace::Paragraph),
            None => None,
        };
        begins = part.is_some() || matches!(line.trim(), "" | "BEGIN_NESTED_COMMIT");
        if let Some(part) = part {
            let raw = item.unwrap_or(line).trim();
            standing.entry(raw).or_default().push(told.len());
            told.push(Some((part, Vec::new())));
            continue;
        }
        let reverted =
            item.and_then(|text| text.trim().strip_prefix("Revert \"")?.strip_suffix('"'));
        if let Some(at) = reverted.and_then(|raw| standing.get_mut(raw)?.pop()) {
            told[at] = None;
            while told.pop_if(|last| last.is_none()).is_some() {}
            continue;
        }
        found.is_mixed |=
            item.is_some_and(|text| !text.trim().is_empty()) && line.starts_with("* ");
        match told.last_mut() {
            Some(Some((_, lines))) => lines.push(line),
            _ => found.lead.push(line),
        }
    }
    found.parts = told.into_iter().flatten().map(with_migration).collect();
    found
}

/// GitLab indents what stands below an item.
fn with_migration((part, lines): (SquashPart, Vec<&str>)) -> SquashPart {
    let lines = lines
        .iter()
        .map(|line| line.strip_prefix("  ").unwrap_or(line));
    SquashPart {
        migration: footer::breaking(lines, false),
        ..part
    }
}

/// Where a header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeaderPlace {
    /// In an item of a list.
    Item,
    /// At the beginning of a paragraph.
    Paragraph,
}

/// `type(scope)!: description` (Conventional Commits 1.0, items 1 to 5 and 13).
fn header(line: &str, place: HeaderPlace) -> Option<SquashPart> {
    let listed = place == HeaderPlace::Item;
    if !footer::has_space_after_colon(line) {
        return None; // nearly every line
    }
    let commit = git_conventional::Commit::parse(line.trim()).ok()?;
    let kind = commit.type_().as_str();
    let lower = kind.to_lowercase();
    // A paragraph in prose may begin with `Fix: …`; people write types in lower case.
    let known = TYPES.contains(&lower.as_str()) && (listed || lower == kind);
    if !(known || commit.breaking() && listed) {
        return None;
    }
    let (description, issues) = without_number(commit.description().trim());
    Some(SquashPart {
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
        read(body)
            .parts
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
        let all = read(gitlab).parts;
        assert_eq!(all[1].description, "b");
        assert_eq!(all[1].migration.as_deref(), Some("call c"));
        let one = read("* feat: a\n\nBREAKING CHANGE: call c\nand d\n\n* fix: b").parts;
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
        let prose = read("Reviewed-by: Z\nRefs: #12\n\nnote: x");
        assert!(prose.parts.is_empty() && prose.lead.len() == 4);
        assert_eq!(
            told("* feat: a (#1)\n* fix: b\n* Revert \"fix: b\""),
            ["feat|a|true"]
        );
        assert_eq!(
            told("fix: a\nfeat(x): b\n  c"),
            ["fix|a|false", "feat|b|false"]
        );
        assert!(read("* feat: a\n* wip").is_mixed && !read("* feat: a\n* fix: b").is_mixed);
    }
}
