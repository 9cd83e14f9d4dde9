//! Distinguishes users' edits of a working file from the lines that relwatch wrote there.

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

/// A file without generated lines, and what happened to the missing ones.
#[derive(Debug, Default)]
pub struct Judged {
    /// The hand-written content.
    pub doc: Vec<u8>,
    /// What happened to the lines of the last view.
    verdict: Verdict,
    /// Whether lines are missing because the file is a copy from another commit.
    is_another: bool,
    /// References of skip comments that an older copy of the file lacked. `doc` contains the comments again.
    pub skips: Vec<String>,
}

/// The reason why lines are missing that nobody deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SavedCopy {
    /// The file has no generated lines: it is as git stores it, perhaps with typed text.
    #[default]
    Stored,
    /// The file lacks the newest lines, or has lines that have been removed since.
    Older,
    /// The file lacks lines of commits that are not in the history of the commits of its own lines.
    Another,
}

impl Judged {
    /// The references of lines that the user deleted, or reworded so that they no longer name the change.
    pub fn missing(&self) -> Vec<Vec<String>> {
        [&self.verdict.deleted[..], &self.verdict.edited].concat()
    }

    /// The references of lines that are missing because the file was saved from a copy without them.
    pub fn newer(&self) -> &[Vec<String>] {
        &self.verdict.newer
    }

    /// Whether lines are missing that the user deleted or that another copy of the file lacks. [`Judged::excused`] decides which.
    pub fn lacks_lines(&self) -> bool {
        !self.verdict.deleted.is_empty() || !self.verdict.edited.is_empty()
    }

    /// The reason why the newer lines are missing.
    pub fn copy(&self) -> SavedCopy {
        match self.verdict.ours.is_empty() {
            _ if self.is_another => SavedCopy::Another,
            true => SavedCopy::Stored,
            false => SavedCopy::Older,
        }
    }

    /// Excuses missing lines if the file is a copy from another branch or clone: the commits of several missing lines are not in the
    /// history, within `commits`, of the commits of the present lines. A single missing line counts as deleted. So nothing is lost.
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
        // A spec is not part of any commit's history. It is treated like the other lines.
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

/// These commits and their ancestors, within `commits`.
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

/// The hand-written content, if the file is byte for byte as relwatch last wrote it.
pub fn as_written(present: &[u8], found: &FoundState) -> Option<Vec<u8>> {
    let state = found.state();
    let is_whole = found.is_settled() && state.whole == files::digest(present);
    is_whole.then(|| state.places.cut_from(present)).flatten()
}

/// Judges a file. `stored` is git's version of the file, if it may be read. `order` is the order of the categories. `None` if no record
/// says which lines are generated.
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
    // Content that git wrote, in the middle of a rebase for example, has no generated lines. A line that looks generated is hand-written.
    let once = clean(present, &known);
    if let Some(before) = before {
        let known = Known {
            record: before,
            ..known
        };
        // A line may be missing because of a crash rather than an edit.
        return Some(Judged {
            doc: clean(&once.doc, &known).doc,
            ..Judged::default()
        });
    }
    let verdict = once.verdict;
    let base = verdict.older_view.and_then(|view| earlier.blob(view));
    let carried = base.and_then(|base| carried_over(stored?, order, base, &once.doc));
    let doc = carried.unwrap_or(once.doc);
    // A copy with lines that a skip comment removed is older than that comment.
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

/// The skips for which a file has no comment.
fn lacked(skips: &[String], doc: &[u8]) -> Vec<String> {
    if skips.is_empty() {
        return Vec::new();
    }
    let there = Exclusion::Skip.named(&Document::parse(doc));
    let lacked = skips.iter().filter(|skip| !there.contains(skip));
    lacked.cloned().collect()
}

/// The text that the user typed into a copy made from an older blob, carried over to the present one. `None` if the copy stays unchanged:
/// it was made from the present blob, or both changed the same line.
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
