//! What a branch brings: the section as it would be after a merge beside the section without it.

use std::collections::HashSet;

use serde_json::json;

use crate::domain::entry::model::{Omission, Origin};
use crate::domain::entry::reference::References;
use crate::domain::failure::Result;
use crate::domain::spec::Status;
use crate::domain::text::terminal;
use crate::project::Project;
use crate::release::proposal::Next;
use crate::section::contents;
use crate::section::listed::{self, ListedEntry};
use crate::section::placed::PlacedSection;

/// Everything that a branch brings.
pub struct BranchPreview {
    /// The range as people write it.
    pub words: String,
    pub commits: usize,
    /// One for each changelog.
    pub parts: Vec<BroughtChanges>,
}

/// What a branch brings to one changelog.
pub struct BroughtChanges {
    pub component: Option<String>,
    pub changelog: String,
    /// The next version without the branch, as the project writes it.
    pub version_without: Option<String>,
    /// What it would be released as with the branch; a failure says why not.
    pub next: Result<Option<Next>>,
    /// That version as the project writes it.
    pub version: Option<String>,
    /// What to know of that version, and what is not so without the branch.
    pub remarks: Vec<String>,
    pub added: Vec<ListedEntry>,
    /// Entries with other words or in another category, as they were and as they will be.
    pub changed: Vec<(ListedEntry, ListedEntry)>,
    /// Entries that go, and why.
    pub removed: Vec<(ListedEntry, String)>,
    pub covered: Vec<Omission>,
    pub left_out: Vec<Omission>,
    pub unfinished: Vec<Omission>,
    /// What labels of pull requests moved.
    pub labels: Vec<String>,
}

impl BranchPreview {
    /// The changelogs that it is about: of several those that it touches, or all if it touches none.
    pub fn told(&self) -> Vec<&BroughtChanges> {
        let touched = self.parts.iter().filter(|part| part.is_touched());
        let touched: Vec<_> = touched.collect();
        if touched.is_empty() {
            return self.parts.iter().collect();
        }
        touched
    }
}

impl BroughtChanges {
    pub fn compare(
        project: &Project,
        [before, after]: [&PlacedSection; 2],
        without: Option<Next>,
        next: Result<Option<Next>>,
        labels: Vec<String>,
    ) -> BroughtChanges {
        let old = listed::listed(project, &before.section);
        let new = listed::listed(project, &after.section);
        let mut removed = missing(&old, &new);
        let mut added = missing(&new, &old);
        let mut changed = Vec::new();
        removed.retain(|old| {
            let Some(at) = added.iter().position(|new| is_same_change(old, new)) else {
                return true;
            };
            changed.push((old.clone(), added.remove(at)));
            false
        });
        let removed = removed.into_iter().map(|entry| {
            let why = reason(project, &entry, [before, after]);
            (entry, why)
        });
        let names = &after.history.tags.names;
        let written = |next: &Next| names.version(&next.version);
        let known = without.as_ref().map_or(&[][..], |next| &next.remarks);
        let remarks = next.iter().flatten().flat_map(|next| &next.remarks);
        let remarks = remarks.filter(|remark| !known.contains(remark));
        let (old, new) = (&before.section.gathered, &after.section.gathered);
        BroughtChanges {
            component: project.name().map(str::to_owned),
            changelog: project.config.changelog.clone(),
            remarks: remarks.cloned().collect(),
            version_without: without.as_ref().map(written),
            version: next.as_ref().ok().and_then(Option::as_ref).map(written),
            next,
            added,
            changed,
            removed: removed.collect(),
            covered: brought(&old.covered, &new.covered),
            left_out: brought(&old.left_out, &new.left_out),
            unfinished: brought(&old.unfinished, &new.unfinished),
            labels,
        }
    }

    /// Whether nothing changes in the changelog.
    pub fn is_silent(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// Whether the branch has anything to do with it.
    fn is_touched(&self) -> bool {
        !self.is_silent()
            || self.omissions().next().is_some()
            || self.version != self.version_without
    }

    /// The next version, if there is one.
    pub fn next(&self) -> Option<&Next> {
        self.next.as_ref().ok().and_then(Option::as_ref)
    }

    /// What of the branch has no entry of its own.
    pub fn omissions(&self) -> impl Iterator<Item = &Omission> {
        let all = [&self.unfinished, &self.covered, &self.left_out];
        all.into_iter().flatten()
    }

    pub fn json(&self) -> serde_json::Value {
        let changed = self.changed.iter();
        let changed = changed.map(|(before, after)| json!({"before": before, "after": after}));
        let removed = self.removed.iter();
        let removed = removed.map(|(entry, why)| json!({"entry": entry, "reason": why}));
        json!({
            "changelog": self.changelog,
            "next": self.next().map(|next| json!({
                "version": self.version,
                "level": next.level.to_string(),
                "because": next.because,
                "remarks": self.remarks,
            })),
            "next_without": self.version_without,
            "added": self.added,
            "changed": changed.collect::<Vec<_>>(),
            "removed": removed.collect::<Vec<_>>(),
            "covered": self.covered,
            "left_out": self.left_out,
            "unfinished": self.unfinished,
            "labels": self.labels,
        })
    }
}

/// What one list has and the other one lacks. An entry that somebody wrote down in the same words is the same.
fn missing(these: &[ListedEntry], those: &[ListedEntry]) -> Vec<ListedEntry> {
    let known: HashSet<_> = those.iter().map(told).collect();
    let missing = these.iter().filter(|entry| !known.contains(&told(entry)));
    missing.cloned().collect()
}

/// What a reader sees of an entry. Of one that a person wrote the first line is known.
fn told(entry: &ListedEntry) -> (&str, &str) {
    let first = entry.text.lines().next().unwrap_or_default();
    (&entry.category, first)
}

/// Whether a change that was listed is still listed, with other words or elsewhere.
fn is_same_change(old: &ListedEntry, new: &ListedEntry) -> bool {
    match (old.refs.last(), new.refs.last()) {
        (Some(old), Some(new)) => old == new,
        (Some(_), None) => {
            let named = References::read(&new.text);
            let names =
                |word: &String| named.issue(word) || named.abbreviates(word) || named.word(word);
            old.refs.iter().any(names)
        }
        _ => false,
    }
}

/// Why an entry goes.
fn reason(project: &Project, entry: &ListedEntry, [before, after]: [&PlacedSection; 2]) -> String {
    let names = &after.history.tags.names;
    let sections = (&before.section, &after.section);
    let moved = contents::released_between(sections.0, sections.1, &entry.text, names);
    if let Some(tag) = moved.or_else(|| released_since(project, entry, after)) {
        return format!("released in {}", terminal::printable(&tag));
    }
    let Some(reference) = entry.refs.last() else {
        return "its line is deleted".to_owned();
    };
    let gathered = &after.section.gathered;
    let lists = [&gathered.covered, &gathered.left_out, &gathered.unfinished];
    let mut omissions = lists.into_iter().flatten();
    if let Some(omission) = omissions.find(|omission| omission.reference == *reference) {
        return omission.reason.to_string();
    }
    let mut specs = after.history.specs.iter();
    match specs.find(|spec| spec.id == *reference) {
        Some(spec) if spec.status != Status::Completed => "its spec is not completed any more",
        Some(_) => "its spec is in a release",
        None if entry.source.is_some()
            && after
                .history
                .commits
                .iter()
                .all(|commit| !reference.starts_with(&*commit.short())) =>
        {
            "it is released, or its spec is gone"
        }
        None => "it is not listed any more",
    }
    .to_owned()
}

/// The tag of the last release, if it has the commit that an entry is of.
fn released_since(project: &Project, entry: &ListedEntry, after: &PlacedSection) -> Option<String> {
    let last = after.history.last.as_ref()?;
    let name = entry
        .refs
        .last()
        .filter(|_| entry.source == Some(Origin::Commit));
    let commit = project.repo.resolved(name?)?;
    let is_released = project.repo.contains(last.commit, commit).unwrap_or(false);
    is_released.then(|| last.tag.name.clone())
}

/// The omissions that come with a branch.
fn brought(old: &[Omission], new: &[Omission]) -> Vec<Omission> {
    let is_new = |omission: &&Omission| !old.contains(omission);
    new.iter().filter(is_new).cloned().collect()
}
