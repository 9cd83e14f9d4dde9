//! Several changes in one message: the list that a forge writes into the body of a squash merge, and further conventional paragraphs.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::commit::bookkeeping::Bookkeeping;
use crate::domain::commit::quoted::{BodyLine, OwnBody};
use crate::domain::commit::{footer, header};
use crate::domain::entry::reference;

/// A change described in a message's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SquashPart {
    /// The Conventional Commits type, lower case; `None` for a plain commit that `git merge --squash` lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Description without type, scope and the number at its end.
    pub description: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breaking: bool,
    /// Text of the change's own `BREAKING CHANGE:` footer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The numbers in the change's title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// The kind of the change's title, if it describes no change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookkeeping: Option<Bookkeeping>,
    /// Whether it is an item of a list, such as GitHub and GitLab make from the titles of the squashed commits; else it is a paragraph that
    /// someone wrote on purpose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
}

/// Types that count in a body, besides any word with a `!`: prose and footers also look like `word: text`.
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

/// The parsed body of a message.
#[derive(Debug, Default)]
pub struct MessageBody<'t> {
    /// The lines before the first change.
    pub lead: Vec<BodyLine<'t>>,
    /// The changes, in order.
    pub parts: Vec<SquashPart>,
    /// Whether a list of commits also contains some without a type.
    pub is_mixed: bool,
}

/// Reads a body. An item `Revert "…"` removes the item that it names.
pub fn read<'t>(body: &'t OwnBody<'_>) -> MessageBody<'t> {
    let mut found = MessageBody::default();
    // The changes with the lines below them; `None` for the reverted ones. The last one is never `None`.
    let mut told: Vec<Option<(SquashPart, Vec<BodyLine<'_>>)>> = Vec::new();
    // Places of the changes of a title that were not reverted.
    let mut standing: HashMap<&str, Vec<usize>> = HashMap::new();
    // A paragraph begins after a blank line, another paragraph, or release-please's mark.
    let mut begins = true;
    for of_body in body.lines() {
        let line = of_body.said;
        let item = line.strip_prefix("* ").or_else(|| line.strip_prefix("- "));
        let item = item.filter(|_| !of_body.is_code());
        let part = match item {
            _ if of_body.is_code() => None,
            Some(text) => header(text, HeaderPlace::Item),
            None if begins => header(line, HeaderPlace::Paragraph),
            None => None,
        };
        begins = part.is_some() || line.trim().is_empty() || footer::is_mark(line);
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
            Some(Some((_, lines))) => lines.push(of_body),
            _ => found.lead.push(of_body),
        }
    }
    let parts = told.into_iter().flatten().map(with_migration);
    found.parts = each_once(parts);
    found
}

/// The changes without duplicates of an earlier one, ignoring the case of type and scope and the number at the end. Their further data is
/// added to the earlier one.
pub fn each_once(parts: impl Iterator<Item = SquashPart>) -> Vec<SquashPart> {
    let mut known: HashMap<(String, String, String), usize> = HashMap::new();
    let mut once: Vec<SquashPart> = Vec::new();
    for part in parts {
        let lower = |text: &Option<String>| text.as_deref().unwrap_or("").to_lowercase();
        let text = part.description.trim_end_matches('.').to_lowercase();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let key = (lower(&part.kind), lower(&part.scope), text);
        let Some(first) = known.get(&key).and_then(|at| once.get_mut(*at)) else {
            known.insert(key, once.len());
            once.push(part);
            continue;
        };
        first.breaking |= part.breaking;
        first.migration = first.migration.take().or(part.migration);
        let fresh = part.issues.into_iter();
        let fresh: Vec<String> = fresh
            .filter(|issue| !first.issues.contains(issue))
            .collect();
        first.issues.extend(fresh);
    }
    once
}

/// Reads the footer from the lines below a change, which GitLab indents below an item.
fn with_migration((part, lines): (SquashPart, Vec<BodyLine<'_>>)) -> SquashPart {
    let indented =
        |line: &BodyLine<'_>| line.said.starts_with("  ") && line.plain.starts_with("  ");
    let lines = lines.into_iter().map(|line| {
        let cut = if indented(&line) { 2 } else { 0 };
        BodyLine {
            said: &line.said[cut..],
            plain: &line.plain[cut..],
        }
    });
    SquashPart {
        migration: footer::breaking(lines, false),
        ..part
    }
}

/// The place of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeaderPlace {
    /// In an item of a list.
    Item,
    /// At the beginning of a paragraph.
    Paragraph,
}

/// Reads `type(scope)!: description` (Conventional Commits 1.0, items 1 to 5 and 13).
fn header(line: &str, place: HeaderPlace) -> Option<SquashPart> {
    let listed = place == HeaderPlace::Item;
    if !line.contains(": ") {
        return None; // nearly every line
    }
    let line = line.trim();
    let commit = if listed {
        header::read(line)?
    } else {
        header::typed(line)?
    };
    // A paragraph of prose may begin with `Fix: …`; types are written in lower case.
    let known = TYPES.contains(&commit.kind.as_str()) && (listed || line.starts_with(&commit.kind));
    if !(known || commit.breaking && listed) {
        return None;
    }
    let (description, issues) = without_number(&commit.description);
    // `fix: #5` closes an issue.
    if !listed && issues.contains(&description) {
        return None;
    }
    Some(SquashPart {
        kind: Some(commit.kind),
        scope: commit.scope,
        description,
        breaking: commit.breaking,
        migration: None,
        issues,
        bookkeeping: None,
        listed,
    })
}

/// The text without the `(#12)` at its end, and the issues of the change: that one, else all in the text.
pub fn without_number(text: &str) -> (String, Vec<String>) {
    let all: Vec<String> = reference::issues(&reference::without_spans(text)).collect();
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

    fn parts(body: &str) -> Vec<SquashPart> {
        read(&OwnBody::read(body, false)).parts
    }

    fn told(body: &str) -> Vec<String> {
        let parts = parts(body).into_iter();
        let told = parts.map(|p| {
            format!(
                "{}|{}|{}",
                p.kind.unwrap_or_default(),
                p.description,
                p.listed
            )
        });
        told.collect()
    }

    #[test]
    fn the_lists_of_forges() {
        let github = "* feat: add login\n\n* Fix(ui): typo (#3)\n\nmore\n\n* wip\n* Note: nothing\n\n---------\n\nCo-authored-by: A <a@b>";
        assert_eq!(told(github), ["feat|add login|true", "fix|typo|true"]);
        let gitlab =
            "- feat: a\n\n- fix!: b\n\n  BREAKING CHANGE: call c\n\nSee merge request g/p!4";
        let all = parts(gitlab);
        assert_eq!(all[1].description, "b");
        assert_eq!(all[1].migration.as_deref(), Some("call c"));
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
        let own = OwnBody::read("Reviewed-by: Z\nRefs: #12\n\nnote: x", false);
        let prose = read(&own);
        assert!(prose.parts.is_empty() && prose.lead.len() == 4);
        assert_eq!(
            told("* feat: a (#1)\n* fix: b\n* Revert \"fix: b\""),
            ["feat|a|true"]
        );
        assert_eq!(
            told("fix: a\nfeat(x): b\n  c"),
            ["fix|a|false", "feat|b|false"]
        );
        let is_mixed = |body| read(&OwnBody::read(body, false)).is_mixed;
        assert!(is_mixed("* feat: a\n* wip") && !is_mixed("* feat: a\n* fix: b"));
    }

    #[test]
    fn items_that_read_the_same_are_one() {
        let body =
            "* fix: a\n* Fix: A.\n* fix: a (#3)\n* fix(UI): a\n* fix(ui)!: a\n* feat: a\n* fix: b";
        let parts = parts(body);
        let told: Vec<_> = parts.iter().map(|p| p.description.as_str()).collect();
        assert_eq!(told, ["a", "a", "a", "b"]);
        assert_eq!(parts[0].issues, ["#3"]);
        assert!(parts[1].breaking && !parts[0].breaking);
    }
}
