//! Writes the section into the working file.

use std::path::Path;

use crate::config::Storage;
use crate::domain::changelog::places::{Extended, Places};
use crate::domain::changelog::record::Line;
use crate::domain::failure::Result;
use crate::history::basis;
use crate::history::range::{self, History};
use crate::project::{Project, wiring};
use crate::section::contents::Section;
use crate::section::{compute, gather, tracked};
use crate::sys::files::{self, Durable};
use crate::sys::git::{Blob, Indexed};
use crate::sys::lock::WriteLock;
use crate::sys::signals;
use crate::sys::state::{self, Basis, Items, State};

/// What an update did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Written,
    Unchanged,
    /// Left alone, and why.
    Deferred(&'static str),
    /// There is no changelog.
    Absent,
}

/// Whether the file shows the section, or lacks nothing but what it cannot hold yet.
pub fn is_current(
    project: &Project,
    history: &History,
    present: &[u8],
    section: &Section,
) -> Result<bool> {
    match project.config.storage {
        _ if section.viewed == present => Ok(true),
        Storage::View => Ok(false),
        Storage::Tracked => tracked::is_fresh(project, history, present),
    }
}

/// Writes the section into the working file, the record first, and refreshes the index entry.
pub fn write(
    project: &Project,
    held: &WriteLock,
    history: &History,
) -> Result<(Outcome, Option<Section>)> {
    let path = files::at(project.repo.root(), &project.config.changelog);
    match files::read(&path)? {
        Some(present) => write_over(project, held, history, &present, &present),
        None => Ok((Outcome::Absent, None)),
    }
}

/// The same as if a person had made `edited` of the file as it is at `present`.
pub fn write_over(
    project: &Project,
    held: &WriteLock,
    history: &History,
    present: &[u8],
    edited: &[u8],
) -> Result<(Outcome, Option<Section>)> {
    let repo = &project.repo;
    let name = &project.config.changelog;
    if repo.between_patches() {
        return Ok((
            Outcome::Deferred("`git am` has more patches to apply"),
            None,
        ));
    }
    let indexed = repo.indexed(name)?;
    if indexed == Indexed::Conflicted {
        return Ok((
            Outcome::Deferred("it has a merge conflict; resolve it first"),
            None,
        ));
    }
    if project.config.storage == Storage::Tracked {
        let (written, section) = tracked::write(project, held, history, edited)?;
        let outcome = if written {
            Outcome::Written
        } else {
            Outcome::Unchanged
        };
        return Ok((outcome, Some(section)));
    }
    // The configuration may name a changelog that `init` has not seen.
    if wiring::filter_is_set(project) && !wiring::has_filter_attribute(project)? {
        return Ok((
            Outcome::Deferred("no attribute gives it the filter; run `relwatch init`"),
            None,
        ));
    }
    let section = compute::of_working_file(project, history, edited, &indexed)?;
    let written = Written::All {
        present,
        section: &section,
    };
    let outcome = store(project, held, written, &section.doc, history.basis.clone())?;
    Ok((outcome, Some(section)))
}

/// Shows the section after a command of ours has moved HEAD. Stored lines are left to the next commit: writing them now would leave
/// the tree dirty.
pub fn show(project: &Project, held: &WriteLock) -> Result<()> {
    match project.config.storage {
        Storage::View => project.each(|part| write(part, held, &range::read(part)?).map(drop)),
        Storage::Tracked => Ok(()),
    }
}

/// Brings the section up to date when all that happened since the last time is new commits on top: then the
/// work is that of the new commits, however many there are in the section. False if it was something else.
pub fn extend(project: &Project, held: &WriteLock) -> Result<bool> {
    /// More commits than this at once are a pull or a rebase.
    const MOST: usize = 16;
    let repo = &project.repo;
    let Some(found) = state::load(&project.state_dir()).filter(state::Found::can_grow) else {
        return Ok(false);
    };
    let State { places, basis, .. } = &found.state;
    let now = basis::current(project)?;
    let same = Basis {
        head: basis.head,
        ..now.clone()
    };
    // A branch without commits has a history of its own.
    let Some(mut id) = now.head else {
        return Ok(false);
    };
    if same != *basis || now.blob.is_empty() {
        return Ok(false);
    }
    let reading = project.config.reading();
    if reading.paths && project.config.specs.speak_for_paths() {
        return Ok(false); // a spec may speak for any commit
    }
    let mut commits = Vec::new();
    while Some(id) != basis.head {
        let commit = repo.commit_read(id, &reading)?;
        let message = &commit.message;
        // These may change what older commits tell.
        let reaches_back =
            message.is_revert() || message.picked_from.is_some() || !message.specs.is_empty();
        // A spec may name its issue.
        let reaches_back = reaches_back || !(now.specs.is_empty() || message.issues.is_empty());
        let [parent] = commit.parents.as_slice() else {
            return Ok(false);
        };
        if reaches_back || commits.len() == MOST {
            return Ok(false);
        }
        id = *parent;
        commits.push(commit);
    }
    let path = files::at(repo.root(), &project.config.changelog);
    let Some(present) = files::read(&path)? else {
        return Ok(false);
    };
    // Its fingerprint says that it is as it was written, unless somebody has put size and time back.
    if files::digest(&present) != found.state.whole {
        return Ok(false);
    }
    let Some(doc) = places.cut_from(&present) else {
        return Ok(false);
    };
    let gathered = gather::of_commits(project, &commits, &doc);
    // Whom a line or a comment means is known when all commits are at hand.
    let covered = gathered.covered.iter().chain(&gathered.left_out);
    if covered
        .into_iter()
        .any(|omission| omission.reason.is_by_hand())
    {
        return Ok(false);
    }
    let entries = gathered.entries;
    // These stand before others.
    if entries.iter().any(|entry| entry.breaking || entry.advisory) {
        return Ok(false);
    }
    let lines: Vec<Line> = entries.into_iter().map(|entry| entry.line).collect();
    let Some(extended) = places.extended(present, &lines) else {
        return Ok(false);
    };
    // A file that was saved meanwhile is read again.
    let outcome = store(project, held, Written::More(&extended), &doc, now)?;
    Ok(!matches!(outcome, Outcome::Deferred(_)))
}

/// Writes the section with `doc` as what people wrote.
pub fn rewrite(
    project: &Project,
    held: &WriteLock,
    history: &History,
    present: &[u8],
    doc: Vec<u8>,
) -> Result<()> {
    let section = compute::of_document(project, history, doc);
    let written = Written::All {
        present,
        section: &section,
    };
    let basis = history.basis.clone();
    store(project, held, written, &section.doc, basis).map(drop)
}

/// What a write puts into the file.
#[derive(Clone, Copy)]
enum Written<'a> {
    /// All entries anew, into the file as it was read.
    All {
        present: &'a [u8],
        section: &'a Section,
    },
    /// More of them on top, into the file as it was written.
    More(&'a Extended),
}

impl Written<'_> {
    fn viewed(&self) -> &[u8] {
        match self {
            Written::All { section, .. } => &section.viewed,
            Written::More(extended) => &extended.viewed,
        }
    }

    fn changes_the_file(&self) -> bool {
        match self {
            Written::All { present, section } => section.viewed != *present,
            Written::More(extended) => !extended.items.is_empty(),
        }
    }

    /// Whether a file that has another fingerprint than when it was looked at holds what was read of it.
    fn still_fits(&self, path: &Path) -> Result<bool> {
        match self {
            Written::All { present, .. } => Ok(files::read(path)?.as_deref() == Some(present)),
            Written::More(_) => Ok(false),
        }
    }
}

/// Replaces the working file, its state before it, and refreshes the index entry.
fn store(
    project: &Project,
    _held: &WriteLock,
    written: Written<'_>,
    doc: &[u8],
    basis: Basis,
) -> Result<Outcome> {
    let repo = &project.repo;
    let name = &project.config.changelog;
    let path = files::at(repo.root(), name);
    let (viewed, changed) = (written.viewed(), written.changes_the_file());
    let prepare = || {
        // What people wrote is in git already: the file can be made again.
        let is_stored = basis.blob == Blob::of(doc).to_string();
        let durable = if is_stored { Durable::No } else { Durable::Yes };
        files::prepare(&path, viewed, durable)?.aged()
    };
    project.deadline.check()?;
    let prepared = changed.then(prepare).transpose()?;
    let there = files::content_fingerprint(&path);
    // The basis was taken before the file was read.
    if there != basis.file && !written.still_fits(&path)? {
        return Ok(Outcome::Deferred("it was saved in between"));
    }
    let file = match &prepared {
        Some(prepared) => prepared.content_fingerprint(),
        None => there,
    };
    let basis = Basis {
        file: file.clone(),
        ..basis
    };
    let (places, items) = match written {
        Written::All { section, .. } => (Places::of(&section.record), Items::All(&section.record)),
        Written::More(extended) => (extended.places.clone(), Items::More(&extended.items)),
    };
    let next = State {
        changelog: name.clone(),
        places,
        basis,
        lines: Vec::new(),
        whole: files::digest(viewed),
    };
    let folder = project.state_dir();
    // Between the file and its index entry git would take the file for a changed one.
    let _whole = changed.then(signals::undisturbed);
    match prepared {
        Some(prepared) => {
            state::begin(&folder, next, items)?;
            prepared.commit()?;
            state::finish(&folder)?;
        }
        None if is_known(&folder, &next, written) => {}
        None => state::note(&folder, next, items)?,
    }
    if let Err(error) = repo.refresh(name, doc, &file) {
        // git may hold the index; the next update or `git status` looks at the file itself.
        tracing::warn!("the index entry of {name} was not refreshed: {error}");
    }
    tracing::debug!(
        "{name}: {} bytes, {}",
        viewed.len(),
        if changed { "written" } else { "unchanged" }
    );
    Ok(if changed {
        Outcome::Written
    } else {
        Outcome::Unchanged
    })
}

/// Whether nothing of the state would change, the references of its entries included.
fn is_known(folder: &Path, next: &State, written: Written<'_>) -> bool {
    let found = state::load(folder).filter(|found| found.is_settled() && found.state == *next);
    match written {
        Written::More(extended) => found.is_some() && extended.items.is_empty(),
        Written::All { section, .. } => {
            let inserted = found.and_then(|found| found.inserted());
            inserted.is_some_and(|inserted| inserted.record == section.record)
        }
    }
}

/// What a person has to mend before entries can be shown.
pub fn trouble(section: &Section, name: &str) -> Option<String> {
    section.unplaceable.then(|| {
        format!("{name}: the Unreleased section has an unclosed code fence or comment; close it and run `relwatch update`")
    })
}
