//! What people made of a file in the working tree, by what relwatch wrote there.

use std::collections::{HashMap, HashSet};

use crate::domain::changelog::clean::clean;
use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::merge::{self, Style};
use crate::domain::changelog::verdict::{Known, Verdict};
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::sys::files;
use crate::sys::git::Repo;
use crate::sys::state::{FoundState, Inserted};

/// A file without generated lines, and what became of those that are missing.
#[derive(Debug, Default)]
pub struct Judged {
    /// What people wrote.
    pub doc: Vec<u8>,
    /// What became of the lines of the last view.
    verdict: Verdict,
    /// Lines are missing that a copy of the file from another commit does not have.
    is_another: bool,
    /// What skip comments name that an older copy of the file lacked: they are in `doc` again.
    pub skips: Vec<String>,
}

/// What explains that lines are missing that nobody deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SavedCopy {
    /// The file has none of our lines: it is as git stores it, perhaps with typed text.
    #[default]
    Stored,
    /// It lacks the newest lines, or has lines that are gone since.
    Older,
    /// It lacks lines of commits that the commits of its own lines do not contain.
    Another,
}

impl Judged {
    /// The references of lines that a person deleted, or reworded so that they name the change no more.
    pub fn missing(&self) -> Vec<Vec<String>> {
        [&self.verdict.deleted[..], &self.verdict.edited].concat()
    }

    /// The references of lines that are missing because the file was saved from a copy that does not have them.
    pub fn newer(&self) -> &[Vec<String>] {
        &self.verdict.newer
    }

    /// Whether lines are missing that a person has deleted, or another copy of the file lacks: [`Judged::excused`] says which it is.
    pub fn lacks_lines(&self) -> bool {
        !self.verdict.deleted.is_empty() || !self.verdict.edited.is_empty()
    }

    /// What explains the newer lines.
    pub fn copy(&self) -> SavedCopy {
        match self.verdict.ours.is_empty() {
            _ if self.is_another => SavedCopy::Another,
            true => SavedCopy::Stored,
            false => SavedCopy::Older,
        }
    }

    /// The same where a copy of the file from another branch or clone explains that several lines are missing: the commits of those that
    /// are there, among `commits`, do not contain the commits of those. One line alone is taken for deleted. So nothing is lost.
    pub fn excused(mut self, commits: &[Commit]) -> Judged {
        let verdict = &mut self.verdict;
        if verdict.deleted.len() < 2 || verdict.is_emptied {
            return self;
        }
        let names = commits.iter().map(|c| (c.short().to_string(), c));
        let names: HashMap<String, &Commit> = names.collect();
        let commit_of = |refs: &Vec<String>| {
            let name = refs.last()?.split('/').next()?;
            names.get(name).copied()
        };
        let there = verdict.there.iter().filter_map(commit_of);
        let contained = contained(there.collect(), commits);
        let is_apart = |refs: &Vec<String>| {
            let commit = commit_of(refs);
            commit.is_some_and(|commit| !contained.contains(&commit.id))
        };
        let apart = verdict.deleted.iter().filter(|refs| is_apart(refs)).count();
        if contained.is_empty() || apart < 2 {
            return self;
        }
        // A spec is part of no commit's history: it goes with the others.
        let is_kept = |refs: &Vec<String>| commit_of(refs).is_some() && !is_apart(refs);
        for list in [&mut verdict.deleted, &mut verdict.edited] {
            let (kept, excused) = std::mem::take(list).into_iter().partition(is_kept);
            *list = kept;
            verdict.newer.extend::<Vec<_>>(excused);
        }
        self.is_another = true;
        self
    }
}

/// These commits and those that they contain, among `commits`.
fn contained(from: Vec<&Commit>, commits: &[Commit]) -> HashSet<CommitId> {
    let known: HashMap<CommitId, &Commit> = commits.iter().map(|c| (c.id, c)).collect();
    let mut contained = HashSet::new();
    let mut open = from;
    while let Some(commit) = open.pop() {
        if contained.insert(commit.id) {
            open.extend(
                commit
                    .parents
                    .iter()
                    .filter_map(|id| known.get(id).copied()),
            );
        }
    }
    contained
}

/// What people wrote, if the file is as relwatch wrote it last, to the byte.
pub fn as_written(present: &[u8], found: &FoundState) -> Option<Vec<u8>> {
    let state = found.state();
    let is_whole = found.is_settled() && state.whole == files::digest(present);
    is_whole.then(|| state.places.cut_from(present)).flatten()
}

/// Judges a file. `stored` is git's version of it, where that may be read; `order` is that of categories. `None` if no record says which
/// lines are ours.
pub fn judge(
    stored: Option<(&Repo, &[u8])>,
    order: &[String],
    present: &[u8],
    found: &FoundState,
) -> Option<Judged> {
    let Inserted { record, before } = found.inserted()?;
    let earlier = found.earlier();
    let known = Known {
        record,
        earlier: &earlier.lines,
        blob: stored.map(|(_, blob)| blob),
    };
    // What git wrote, in the middle of a rebase for example, holds no lines of ours: what looks like one is a person's.
    let once = clean(present, &known);
    if let Some(before) = before {
        let known = Known {
            record: before,
            ..known
        };
        // A crash, not a person, may be why a line is not there.
        return Some(Judged {
            doc: clean(&once.doc, &known).doc,
            ..Judged::default()
        });
    }
    let verdict = once.verdict;
    let base = verdict.older_view.and_then(|view| earlier.blob(view));
    let carried = base.and_then(|base| carried_over(stored?, order, base, &once.doc));
    let doc = carried.unwrap_or(once.doc);
    // A copy with lines that a skip comment took out is older than that comment.
    let skips = if verdict.has_gone_lines {
        lacked(&earlier.skips, &doc)
    } else {
        Vec::new()
    };
    Some(Judged {
        doc: Exclusion::Skip.add(&doc, &skips),
        verdict,
        is_another: false,
        skips,
    })
}

/// Those of the skips that a file has no comment for.
fn lacked(skips: &[String], doc: &[u8]) -> Vec<String> {
    if skips.is_empty() {
        return Vec::new();
    }
    let there = Exclusion::Skip.named(&Document::parse(doc));
    let lacked = skips.iter().filter(|skip| !there.contains(skip));
    lacked.cloned().collect()
}

/// What a person typed into a copy that was made from an older blob, in the present one. `None` where the copy stays as it is: it is
/// made from the present one, or both changed one line.
fn carried_over(
    (repo, blob): (&Repo, &[u8]),
    order: &[String],
    base: &str,
    doc: &[u8],
) -> Option<Vec<u8>> {
    let base = repo.blob_named(base).ok()?;
    if base == blob {
        return None;
    }
    let merged = merge::merge(&base, blob, doc, &Style::plain(order))?;
    (merged.conflicts == 0).then_some(merged.bytes)
}
