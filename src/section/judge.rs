//! What people made of a file in the working tree, by what relwatch wrote there.

use crate::domain::changelog::clean::clean;
use crate::domain::changelog::merge::{self, Style};
use crate::domain::changelog::verdict::Known;
use crate::sys::files;
use crate::sys::git::Repo;
use crate::sys::state::{FoundState, Inserted};

/// A file without generated lines, and what became of those that are missing.
#[derive(Debug, Default)]
pub struct Judged {
    /// What people wrote.
    pub doc: Vec<u8>,
    /// The references of lines that a person deleted, or reworded so that they name the change no more.
    pub missing: Vec<Vec<String>>,
    /// The references of lines that are missing because the file was saved from a copy that is older than they are.
    pub newer: Vec<Vec<String>>,
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
    Some(Judged {
        doc: carried.unwrap_or(once.doc),
        missing: [verdict.deleted, verdict.edited].concat(),
        newer: verdict.newer,
    })
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
