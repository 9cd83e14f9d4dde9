//! Everything that notes can be written from, as JSON: for `polish`, an agent or an author.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::domain::commit::message::Commit;
use crate::domain::entry::model::{Entries, Entry, Omission};
use crate::domain::spec::parts::parts;
use crate::history::range::History;
use crate::section::contents::{self, SectionContents};

/// The draft of what is unreleased: the current section (`notes`), the generated and the hand-written entries, every commit by its type,
/// and the changes without an entry of their own, with the reason. Texts are as their authors wrote them.
pub fn draft(
    history: &History,
    section: &SectionContents,
    version: Option<&str>,
    notes: &str,
) -> Value {
    let gathered = &section.gathered;
    let previous = history.last.as_ref().map(|last| &last.tag.name);
    let written = contents::hand_written(section)
        .into_iter()
        .map(|one| json!({"category": one.category, "text": one.text, "breaking": one.breaking}));
    json!({
        "schema": 1,
        "version": version,
        "previous": previous,
        "notes": notes,
        "hand_written": written.collect::<Vec<_>>(),
        "entries": gathered.entries.iter().map(entry).collect::<Vec<_>>(),
        "commits": commits(history, gathered),
        "superseded": gathered.covered,
        "left_out": gathered.left_out,
    })
}

fn entry(entry: &Entry) -> Value {
    json!({
        "category": entry.line.category,
        "text": entry.line.text,
        "refs": entry.line.refs,
        "source": entry.source,
        "breaking": entry.breaking,
        "for_users": entry.for_users,
        "parts": parts(&entry.line.text).into_iter().collect::<BTreeMap<_, _>>(),
    })
}

/// The commits by their Conventional Commits type, `other` for those without one; merges and commits of other components are excluded.
fn commits(history: &History, gathered: &Entries) -> BTreeMap<String, Vec<Value>> {
    let omissions = gathered.covered.iter().chain(&gathered.left_out);
    let reasons: HashMap<&str, &Omission> = omissions
        .map(|omission| (omission.reference.as_str(), omission))
        .collect();
    let mut by_type: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for commit in &history.commits {
        let id = commit.short();
        if commit.is_merge() || gathered.is_outside(&id) {
            continue;
        }
        let reason = reasons.get(&*id).map(|omission| &omission.reason);
        let of_type = commit.message.kind.as_deref().unwrap_or("other");
        let told = told(commit, reason.map(ToString::to_string));
        by_type.entry(of_type.to_owned()).or_default().push(told);
    }
    by_type
}

/// One commit; `not_listed` is the reason why it has no entry of its own.
fn told(commit: &Commit, not_listed: Option<String>) -> Value {
    let message = &commit.message;
    json!({
        "id": commit.id,
        "subject": message.subject,
        "scope": message.scope,
        "breaking": message.breaking,
        "migration": message.migration,
        "issues": message.issues,
        "specs": message.specs,
        "author": commit.author_name().split(" <").next(),
        "not_listed": not_listed,
    })
}
