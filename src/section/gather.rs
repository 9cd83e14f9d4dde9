//! The entries of a section, from history and hand-written lines.

use std::collections::{HashMap, HashSet};

use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::record::Line;
use crate::domain::commit::message::Commit;
use crate::domain::entry;
use crate::domain::entry::model::{Entries, Entry, Input, LooseCommits};
use crate::domain::entry::reference::{self, References};
use crate::domain::failure::Result;
use crate::history::range::History;
use crate::project::Project;
use crate::section::coming;
use crate::section::follow::{self, Rewrites};
use crate::sys::files;

/// The entries of `commits` alone.
pub fn of_commits(project: &Project, commits: &[Commit], doc: &[u8]) -> Entries {
    let history = History::default().with_commits(commits.to_vec());
    gather(project, &history, &Document::parse(doc))
}

/// The entries if there were no hand-written lines.
pub fn of_history(project: &Project, history: &History) -> Entries {
    gather(project, history, &Document::parse(b""))
}

/// The entries in addition to the comments and lines of the file in the working tree, including generated ones. For commands that ask what
/// waits or belongs elsewhere.
pub fn of_file(project: &Project, history: &History) -> Result<Entries> {
    let path = files::at(project.repo.root(), &project.config.changelog);
    let bytes = files::read(&path)?.unwrap_or_default();
    Ok(gather(project, history, &Document::parse(&bytes)))
}

/// The lines that each commit would have alone.
pub fn each_alone(project: &Project, commits: &[Commit]) -> Vec<Line> {
    let alone = commits.chunks(1);
    let alone = alone.map(|commit| of_commits(project, commit, b""));
    alone.flat_map(Entries::into_lines).collect()
}

/// The commit that a word of a line names, if git knows it: `1a2b3c4`, or `1a2b3c4/2` for a part of a commit.
pub fn commit_named(project: &Project, word: &str) -> Option<Commit> {
    let id = project.repo.expanded(word.split('/').next()?)?;
    project.repo.commit_read(id, &project.config.reading()).ok()
}

/// The entries for a changelog whose existing lines are all hand-written.
pub fn gather(project: &Project, history: &History, doc: &Document<'_>) -> Entries {
    let mut named = References::default();
    let to_come = coming::sections(history, doc);
    for section in doc.unreleased().into_iter().chain(to_come.iter().copied()) {
        // One entry at a time: a new entry begins with a bullet or after a blank line.
        let mut entry = String::new();
        for line in reference::running_text(&doc.text(&section.body)).lines() {
            let bare = line.trim_start();
            if bare.is_empty() || bare.starts_with(['-', '*', '+']) {
                named.add(&std::mem::take(&mut entry));
            }
            if !bare.starts_with("<!--") {
                entry.push_str(line);
                entry.push('\n');
            }
        }
        named.add(&entry);
    }
    let mut skipped = References::default();
    for reference in Exclusion::Skip.named(doc) {
        skipped.add(&reference);
    }
    let mut held = References::default();
    for reference in Exclusion::Hold.named(doc) {
        held.add(&reference);
    }
    follow::extend(project, history, &mut named);
    follow::extend(project, history, &mut skipped);
    let rules = project.config.rules();
    let mut gathered = entry::gather(&Input {
        commits: &history.commits,
        released: &history.released,
        previous: history.last.as_ref().map(|last| last.tag.name.as_str()),
        specs: &history.specs,
        sources: &project.config.specs.0,
        released_specs: &history.released_specs,
        named: &named,
        skipped: &skipped,
        held: &held,
        selection: &history.selection,
        specs_only: match project.config.commits {
            LooseCommits::Auto => history.has_fragments,
            LooseCommits::List => false,
            LooseCommits::Skip => true,
        },
        rules: &rules,
    });
    coming::leave_out(doc, &to_come, &mut gathered);
    gathered.apart = history.apart();
    gathered
}

/// The last reference of each entry that names one of these lines: a commit, or a spec if it has one.
pub fn returned(lines: &[Vec<String>], entries: &[Entry]) -> Vec<String> {
    let lines: HashSet<&String> = lines.iter().filter_map(|refs| refs.last()).collect();
    let named = entries.iter().filter_map(|entry| entry.line.refs.last());
    named
        .filter(|reference| lines.contains(reference))
        .cloned()
        .collect()
}

/// For each recorded entry that the user deleted: the reference to skip, if the entry would come back.
pub fn deleted(
    project: &Project,
    history: &History,
    missing: &[Vec<String>],
    entries: &[Entry],
) -> Vec<String> {
    if missing.is_empty() {
        return Vec::new();
    }
    let followed = Rewrites::new(project, history);
    let mut by_reference: HashMap<&str, Vec<&Entry>> = HashMap::new();
    for entry in entries {
        for reference in &entry.line.refs {
            by_reference.entry(reference).or_default().push(entry);
        }
    }
    let naming = |reference: &String| {
        let naming = by_reference.get(reference.as_str());
        naming.map_or(&[][..], Vec::as_slice)
    };
    let mut skip = Vec::new();
    for refs in missing {
        let mut refs = refs.clone();
        if let Some(last) = refs.last_mut() {
            let (commit, part) = last.split_at(last.find('/').unwrap_or(last.len()));
            if let Some(new) = followed.successor(commit) {
                *last = format!("{}{part}", new.short());
            }
        }
        let mut exact = refs.last().into_iter().flat_map(naming);
        let exact = exact.find(|e| e.line.refs.last() == refs.last());
        let entry = exact.copied().or_else(|| {
            // If the commit was amended or rebased meanwhile, the issue or spec still identifies the entry if only one entry has it.
            let mut candidates = refs.iter().flat_map(naming);
            let first = *candidates.next()?;
            candidates
                .all(|other| std::ptr::eq(*other, first))
                .then_some(first)
        });
        let Some(entry) = entry else { continue };
        let own = entry.line.refs.iter().find(|one| naming(one).len() == 1);
        skip.extend(own.or(entry.line.refs.last()).cloned());
    }
    skip.sort();
    skip.dedup();
    skip
}
