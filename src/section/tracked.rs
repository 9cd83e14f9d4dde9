//! `storage: tracked`: generated lines are part of commits, so that the forge shows them between releases.
//!
//! Correct entries stay where they are, those of vanished changes are removed, new ones are added. Users' edits are recognized as with a
//! view: a line that is not exactly what relwatch would write is hand-written.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::record::Line;
use crate::domain::changelog::tracked::{self, TrackedEntry};
use crate::domain::changelog::view;
use crate::domain::commit::id::{CommitId, Short};
use crate::domain::commit::message::Commit;
use crate::domain::entry::model::Entry;
use crate::domain::entry::reference;
use crate::domain::failure::Result;
use crate::domain::release::title;
use crate::history::range::{self, History};
use crate::project::{Project, write_lock};
use crate::section::contents::{Returned, SectionContents};
use crate::section::{coming, gather};
use crate::sys::files::{self, Durable};
use crate::sys::git::Staging;
use crate::sys::lock::{COMMAND_WAIT, WriteLock};
use crate::sys::state::{self, FoundState, Items};

/// The section of a stored changelog. `head` is the file at HEAD: if a generated line is in it but not in `present`, the user deleted it.
/// `found` is what relwatch wrote last.
pub fn section(
    project: &Project,
    history: &History,
    present: &[u8],
    head: Option<&[u8]>,
    found: Option<&FoundState>,
) -> Result<SectionContents> {
    let could_say = could_say(project, history, present, found);
    let listed = tracked::listed(present);
    let generated: Vec<&TrackedEntry> = listed
        .iter()
        .filter(|entry| could_say.iter().any(|line| entry.says(line)))
        .collect();
    let spans: Vec<_> = generated.iter().map(|entry| entry.span.clone()).collect();
    let mut doc = tracked::without(present, &spans, &[]);
    let mut gathered = gather::gather(project, history, &Document::parse(&doc));

    let deleted = match head.filter(|head| *head != present) {
        Some(head) if !project.repo.is_mid_operation() && !restored(project, present)? => {
            deleted_since(head, &gathered.entries, &generated)
        }
        _ => Vec::new(),
    };
    let skips = gather::deleted(project, history, &deleted, &gathered.entries);
    if !skips.is_empty() {
        doc = Exclusion::Skip.add(&doc, &skips);
        gathered = gather::gather(project, history, &Document::parse(&doc));
    }

    let lines: Vec<&Line> = gathered.entries.iter().map(|e| &e.line).collect();
    let missing: Vec<Line> = lines
        .iter()
        .filter(|line| !generated.iter().any(|entry| entry.says(line)))
        .map(|line| (*line).clone())
        .collect();
    let needed: Vec<&str> = missing.iter().map(|line| line.category.as_str()).collect();
    let kept = tracked::without(present, &stale(&generated, &lines), &needed);
    let kept = Exclusion::Skip.add(&kept, &skips);
    let order = project.config.categories.titles(gathered.security());
    let (viewed, record) = view::view(&kept, &missing, &order);
    let unplaceable = record.is_empty() && !missing.is_empty();
    let to_come = coming::versions(history, &Document::parse(&kept));
    Ok(SectionContents {
        doc,
        viewed,
        record,
        gathered,
        to_come: to_come.first().cloned(),
        all_to_come: to_come,
        returned: Returned::default(),
        unplaceable,
    })
}

/// The references of entries that are in the file at HEAD and not among the generated lines.
fn deleted_since(head: &[u8], entries: &[Entry], generated: &[&TrackedEntry]) -> Vec<Vec<String>> {
    let before = tracked::listed(head);
    let lines = entries.iter().map(|e| &e.line);
    lines
        .filter(|line| before.iter().any(|l| l.says(line)))
        .filter(|line| !generated.iter().any(|l| l.says(line)))
        .map(|line| line.refs.clone())
        .collect()
}

/// The positions of generated lines that are outdated or duplicated.
fn stale(generated: &[&TrackedEntry], lines: &[&Line]) -> Vec<Range<usize>> {
    let mut said: Vec<&TrackedEntry> = Vec::new();
    let mut stale = Vec::new();
    for entry in generated {
        let twice = said
            .iter()
            .any(|s| s.text == entry.text && s.category == entry.category);
        if twice || !lines.iter().any(|line| entry.says(line)) {
            stale.push(entry.span.clone());
        } else {
            said.push(entry);
        }
    }
    stale
}

/// Number of entries in Unreleased.
pub fn entries(present: &[u8]) -> usize {
    tracked::listed(present).len()
}

/// Every line that relwatch may have written into the file: what it would write now, what it wrote last, and what it wrote about commits
/// that are no longer in the history but that git still has.
fn could_say(
    project: &Project,
    history: &History,
    present: &[u8],
    found: Option<&FoundState>,
) -> Vec<Line> {
    let mut lines: Vec<Line> = gather::of_history(project, history).into_lines().collect();
    if let Some(found) = found {
        lines.extend(found.state().lines.iter().cloned());
    }
    let known: HashSet<Short> = history.commits.iter().map(|c| c.short()).collect();
    let mut vanished = Vec::new();
    for entry in tracked::listed(present) {
        for token in reference::tokens(&entry.text) {
            let word = token.split('/').next().unwrap_or_default();
            if Short::parse(word).is_none_or(|word| !known.contains(&word)) {
                vanished.extend(gather::commit_named(project, word));
            }
        }
    }
    lines.extend(gather::each_alone(project, &vanished));
    lines
}

/// Whether these bytes are those of an earlier commit: then git restored them, and nobody deleted a line.
fn restored(project: &Project, present: &[u8]) -> Result<bool> {
    project.repo.had(&project.config.changelog, present)
}

/// Brings the working file up to date, and returns whether it changed. `found` is the state, read under the lock.
pub fn write(
    project: &Project,
    _held: &WriteLock,
    found: Option<&FoundState>,
    history: &History,
    present: &[u8],
) -> Result<(bool, SectionContents)> {
    let name = &project.config.changelog;
    let head = match history.head.commit {
        Some(head) => project.repo.file_at(head, name)?,
        None => None,
    };
    let section = section(project, history, present, head.as_deref(), found)?;
    remember(project, found, &section)?;
    let path = files::at(project.repo.root(), name);
    let written = files::replace(&path, &section.viewed, Durable::Yes)?;
    Ok((written, section))
}

fn remember(
    project: &Project,
    found: Option<&FoundState>,
    section: &SectionContents,
) -> Result<()> {
    let folder = project.state_dir();
    let lines = section.gathered.entries.iter().map(|e| e.line.clone());
    let next = state::State {
        changelog: project.config.changelog.clone(),
        lines: lines.collect(),
        ..state::State::default()
    };
    if found.is_some_and(|found| *found.state() == next) {
        return Ok(());
    }
    state::begin(&folder, found, next, Items::More(&[]))?;
    state::finish(&folder)
}

/// Whether the file contains everything it can contain. A commit contains the lines of the commits before it, so the lines of HEAD, and of
/// the tips that a merge has joined, may be missing. Commits that relwatch itself made only change what they are about: the same applies to
/// the commits before them.
pub fn is_fresh(project: &Project, history: &History, present: &[u8]) -> Result<bool> {
    let found = state::load(&project.state_dir());
    let now = section(project, history, present, None, found.as_ref())?;
    if now.viewed == present {
        return Ok(true);
    }
    let mut late: HashSet<CommitId> = HashSet::new();
    let mut tips: Vec<CommitId> = history.head.commit.into_iter().collect();
    while let Some(tip) = tips.pop() {
        let commit = history.commits.iter().find(|c| c.id == tip);
        if let Some(commit) = commit.filter(|_| late.insert(tip))
            && (commit.is_merge()
                || commit.message.is_release()
                || title::is_own(&commit.message.subject))
        {
            tips.extend(&commit.parents);
        }
    }
    let text = String::from_utf8_lossy(present);
    // The other side of a merge may contain it.
    let is_there = |commit: &Commit| {
        let entries = gather::of_commits(project, std::slice::from_ref(commit), b"").entries;
        !entries.is_empty() && entries.iter().all(|e| text.contains(&e.line.text))
    };
    let earlier: Vec<Commit> = history
        .commits
        .iter()
        .filter(|c| !late.contains(&c.id) || is_there(c))
        .cloned()
        .collect();
    let earlier = history.with_commits(earlier);
    Ok(section(project, &earlier, present, None, found.as_ref())?.viewed == present)
}

/// The pre-commit hook: adds the refreshed file to the commit, unless the user would not expect that.
pub fn pre_commit(project: &Project) -> Result<()> {
    let repo = &project.repo;
    let name = &project.config.changelog;
    if repo.is_mid_operation() {
        return Ok(()); // a merge or a pick concludes as it is; the next commit brings the lines
    }
    // `git commit PATH` commits only what it names.
    let Some(staging) = Staging::of_hook(repo)? else {
        return Ok(());
    };
    if !staging.has_changes()? {
        return Ok(()); // git refuses an empty commit, or was asked for one
    }
    let path = files::at(repo.root(), name);
    let (Some(present), Some(staged)) = (files::read(&path)?, staging.file(name)?) else {
        return Ok(());
    };
    let held = write_lock::hold_for(project, COMMAND_WAIT)?;
    let history = range::read(project)?;
    let found = state::load(&project.state_dir());
    let found = found.as_ref();
    let by_hand = |bytes: &[u8]| -> Result<Vec<u8>> {
        Ok(section(project, &history, bytes, None, found)?.doc)
    };
    let same = present == staged || by_hand(&present)? == by_hand(&staged)?;
    if !same {
        tracing::info!("{name} has edits that are not staged; it is left as it is");
        return Ok(());
    }
    write(project, &held, found, &history, &present)?;
    staging.add(name)
}
