//! Lines of Unreleased that a client without filters (libgit2, isomorphic-git) has committed. Each is exactly what relwatch would write
//! about a change, even if that change is reverted, skipped or released by now.
//!
//! Without a record such a line cannot be distinguished from one that a user copied. So it counts as hand-written until the user says
//! otherwise: it is reported, never removed.

use std::ops::Range;

use crate::domain::changelog::document::Document;
use crate::domain::changelog::record::Line;
use crate::domain::changelog::tracked::{self, TrackedEntry};
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::reference;
use crate::domain::failure::Result;
use crate::domain::text::terminal;
use crate::history::range::History;
use crate::project::Project;
use crate::section::gather;

/// A line that is identical to what relwatch would write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    /// The place, such as `CHANGELOG.md:7`.
    pub place: String,
    /// The first line of text.
    pub text: String,
    pub entry: TrackedEntry,
}

/// The explanation that follows the place and text of such a line in messages.
pub const EXPLANATION: &str = "is what relwatch would write itself; a client without filters may have committed it; `relwatch doctor --fix` asks about it";

/// The stored lines of the file at HEAD that are also in `doc`, the file without generated lines.
pub fn kept(project: &Project, history: &History, doc: &[u8]) -> Result<Vec<StoredLine>> {
    let committed = tracked::listed(&at_head(project, history)?);
    let is_committed = |line: &StoredLine| {
        let mut committed = committed.iter();
        committed.any(|e| e.text == line.entry.text && e.category == line.entry.category)
    };
    let mut all = as_generated(project, history, doc);
    all.retain(is_committed);
    Ok(all)
}

/// All stored lines of the file at HEAD.
pub fn committed(project: &Project, history: &History) -> Result<Vec<StoredLine>> {
    let stored = at_head(project, history)?;
    Ok(as_generated(project, history, &stored))
}

/// The file without these lines.
pub fn without(doc: &[u8], lines: &[StoredLine]) -> Vec<u8> {
    let spans: Vec<Range<usize>> = lines.iter().map(|line| line.entry.span.clone()).collect();
    tracked::without(doc, &spans, &[])
}

/// The file at HEAD. Empty if it does not exist.
pub fn at_head(project: &Project, history: &History) -> Result<Vec<u8>> {
    let head = history.head.commit;
    let stored = head.map(|head| project.repo.file_at(head, &project.config.changelog));
    Ok(stored.transpose()?.flatten().unwrap_or_default())
}

fn as_generated(project: &Project, history: &History, bytes: &[u8]) -> Vec<StoredLine> {
    let listed = tracked::listed(bytes);
    if listed.is_empty() || Document::parse(bytes).several_unreleased().is_some() {
        return Vec::new();
    }
    let could_say = could_say(project, history, &listed);
    let listed = listed.into_iter();
    let found = listed.filter(|entry| could_say.iter().any(|line| entry.says(line)));
    let found = found.filter(|entry| !is_of_its_author(project, history, entry));
    let doc = Document::parse(bytes);
    let found = found.map(|entry| StoredLine {
        place: format!(
            "{}:{}",
            project.config.changelog,
            doc.line_number(entry.span.start)
        ),
        text: terminal::printable(entry.text.lines().next().unwrap_or_default()),
        entry,
    });
    found.collect()
}

/// What relwatch would write now, and what it would write about each change that one of the lines names, taken alone.
fn could_say(project: &Project, history: &History, listed: &[TrackedEntry]) -> Vec<Line> {
    let mut lines: Vec<Line> = gather::of_history(project, history).into_lines().collect();
    let mut named: Vec<Commit> = Vec::new();
    for entry in listed {
        if !lines.iter().any(|line| entry.says(line)) {
            named.extend(named_by(project, history, entry));
        }
    }
    lines.extend(gather::each_alone(project, &named));
    lines
}

/// The commits that a line names, directly or by an issue.
fn named_by(project: &Project, history: &History, entry: &TrackedEntry) -> Vec<Commit> {
    let mut named: Vec<Commit> = Vec::new();
    for token in reference::tokens(&entry.text) {
        named.extend(gather::commit_named(project, &token));
        let issue = token.split('/').next().unwrap_or_default();
        let about = history.commits.iter();
        let about = about.filter(|c| c.message.issues.iter().any(|own| own == issue));
        named.extend(about.cloned());
    }
    named
}

/// Whether the commit that a line describes added the line itself: then its author wrote it, because relwatch writes the line only after
/// the commit.
fn is_of_its_author(project: &Project, history: &History, entry: &TrackedEntry) -> bool {
    let line = entry.text.lines().next().unwrap_or_default().trim();
    let has = |commit: CommitId| {
        let bytes = project.repo.file_at(commit, &project.config.changelog);
        let bytes = bytes.ok().flatten().unwrap_or_default();
        String::from_utf8_lossy(&bytes).contains(line)
    };
    let named = named_by(project, history, entry).into_iter();
    let mut own = named.filter(|commit| has(commit.id));
    own.any(|commit| !commit.parents.iter().copied().any(has))
}
