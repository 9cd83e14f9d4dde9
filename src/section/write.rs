//! Writes the section into the working file.

use std::path::Path;
use std::time::Duration;

use crate::config::Storage;
use crate::domain::changelog::places::{Extended, Places};
use crate::domain::changelog::record::Record;
use crate::domain::failure::Result;
use crate::domain::text::words;
use crate::history::range::{self, History};
use crate::project::view::ViewObstacle;
use crate::project::{Project, wiring};
use crate::section::contents::{Returned, SectionContents};
use crate::section::judge::SavedCopy;
use crate::section::{compute, retire, tracked};
use crate::sys::files::{self, Durable, Prepared};
use crate::sys::git::Indexed;
use crate::sys::lock::WriteLock;
use crate::sys::signals;
use crate::sys::state::{self, Basis, FoundState, Items, State};
use crate::ui;

/// The outcome of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateOutcome {
    Written,
    Unchanged,
    /// The file was not written, for this reason.
    Deferred(String),
    /// The file was not written: it was saved meanwhile, and has to be read again.
    Saved,
    /// There is no changelog.
    Absent,
}

impl UpdateOutcome {
    /// Why the file was not written, if it was not.
    pub fn deferral(&self) -> Option<&str> {
        match self {
            UpdateOutcome::Deferred(why) => Some(why),
            UpdateOutcome::Saved => Some("it was saved in between"),
            _ => None,
        }
    }
}

/// Whether the file shows the section, or lacks only what it cannot contain yet.
pub fn is_current(
    project: &Project,
    history: &History,
    present: &[u8],
    section: &SectionContents,
) -> Result<bool> {
    match project.config.storage {
        _ if section.viewed == present => Ok(true),
        Storage::View => Ok(false),
        Storage::Tracked => tracked::is_fresh(project, history, present),
    }
}

/// Shows the section after a relwatch command has moved HEAD. Nothing is written if that would leave the tree dirty: if lines are stored,
/// the next commit adds them, and in a clone without the filter nothing would remove them.
pub fn show(project: &Project, held: &WriteLock) -> Result<()> {
    match project.config.storage {
        Storage::View if wiring::filter_is_set(project) => write_all(project, held),
        _ => Ok(()),
    }
}

/// Writes the section of every component, from the current state of the repository.
pub fn write_all(project: &Project, held: &WriteLock) -> Result<()> {
    let head = project.repo.head()?;
    project.each(|part| {
        let history = range::read_at(part, head.clone())?;
        Writer::new(part, held).write(&history).map(drop)
    })
}

/// Writes one changelog, once. Contains what the lock protects from others: the state that was read under it.
pub struct Writer<'a> {
    project: &'a Project,
    held: &'a WriteLock,
    found: Option<FoundState>,
}

impl<'a> Writer<'a> {
    /// Reads the state.
    pub fn new(project: &'a Project, held: &'a WriteLock) -> Writer<'a> {
        Writer::knowing(project, held, state::load(&project.state_dir()))
    }

    /// What relwatch wrote last.
    pub fn found(&self) -> Option<&FoundState> {
        self.found.as_ref()
    }

    /// A writer with a state that was read under the lock.
    pub fn knowing(
        project: &'a Project,
        held: &'a WriteLock,
        found: Option<FoundState>,
    ) -> Writer<'a> {
        Writer {
            project,
            held,
            found,
        }
    }

    /// The state, for callers that do not write after all.
    pub fn into_found(self) -> Option<FoundState> {
        self.found
    }

    /// The state, if the last write was completed, so that more can be added.
    pub fn extendable(&self) -> Option<&FoundState> {
        self.found.as_ref().filter(|found| found.can_grow())
    }

    /// Writes the section into the working file, the record first, and refreshes the index entry. If the file is saved meanwhile, it is
    /// read again.
    pub fn write(mut self, history: &History) -> Result<(UpdateOutcome, Option<SectionContents>)> {
        /// Maximum number of attempts. If an editor saves more often, the next commit updates the file.
        const MOST: usize = 5;
        let project = self.project;
        let path = files::at(project.repo.root(), &project.config.changelog);
        let mut tries = 0;
        loop {
            let Some(present) = files::read(&path)? else {
                return Ok((UpdateOutcome::Absent, None));
            };
            let (outcome, section) = self.write_over(history, &present, &present)?;
            tries += 1;
            if outcome != UpdateOutcome::Saved || tries == MOST {
                return Ok((outcome, section));
            }
            self.found = state::load(&project.state_dir());
        }
    }

    /// The same as [`Writer::write`], as if the user had changed the file from `present` to `edited`.
    pub fn write_over(
        &self,
        history: &History,
        present: &[u8],
        edited: &[u8],
    ) -> Result<(UpdateOutcome, Option<SectionContents>)> {
        let (project, repo) = (self.project, &self.project.repo);
        let name = &project.config.changelog;
        let deferred = |why: &str| Ok((UpdateOutcome::Deferred(why.to_owned()), None));
        if repo.between_patches() {
            return deferred("`git am` has more patches to apply");
        }
        if repo.index_is_held(Duration::ZERO) {
            // The index entry could not be updated: git would show the file as modified forever.
            return deferred(
                "another program has locked git's index; run `relwatch update` when it is done",
            );
        }
        let indexed = repo.indexed(name)?;
        if indexed == Indexed::Conflicted {
            return deferred("it has a merge conflict; resolve it first");
        }
        let found = self.found.as_ref();
        if project.config.storage == Storage::Tracked {
            let (written, section) = tracked::write(project, self.held, found, history, edited)?;
            let outcome = if written {
                UpdateOutcome::Written
            } else {
                UpdateOutcome::Unchanged
            };
            return Ok((outcome, Some(section)));
        }
        if let Some(obstacle) = ViewObstacle::find(project)?
            && obstacle != ViewObstacle::NotSetUp
        {
            retire::remove_unsafe_view(project, self.held)?;
            return deferred(&obstacle.to_string());
        }
        let mut section = compute::of_working_file(project, history, edited, &indexed, || found)?;
        let view = self.number(&mut section.record, &history.basis.blob);
        let written = Payload::All {
            present,
            section: &section,
            view,
        };
        let outcome = self.store(written, &section.doc, history.basis.clone())?;
        Ok((outcome, Some(section)))
    }

    /// Writes the section with `doc` as the hand-written content.
    pub fn rewrite(self, history: &History, present: &[u8], doc: Vec<u8>) -> Result<()> {
        let mut section = compute::of_document(self.project, history, doc);
        let view = self.number(&mut section.record, &history.basis.blob);
        let written = Payload::All {
            present,
            section: &section,
            view,
        };
        let basis = history.basis.clone();
        self.store(written, &section.doc, basis).map(drop)
    }

    /// The number of the next view, if it differs from the last.
    pub(super) fn next_view(&self) -> u64 {
        self.found.as_ref().map_or(0, |found| found.state().view) + 1
    }

    /// The number of the view with `record`, made from a blob. Also dates the record's lines.
    fn number(&self, record: &mut Record, blob: &str) -> u64 {
        let next = self.next_view();
        let last = self.found.as_ref();
        let known = last.and_then(FoundState::inserted);
        let none = Record::default();
        let old = known.map_or(&none, |inserted| &inserted.record);
        record.date(old, next);
        let same_blob = last.is_some_and(|found| found.state().basis.blob == blob);
        if same_blob && record.lists_the_same(old, next) {
            next - 1
        } else {
            next
        }
    }

    /// Records what the last view contained, in case the user saves an old copy of the file.
    fn keep_earlier(&self, section: &SectionContents, next: &State) -> Result<()> {
        let Some(found) = self.found.as_ref() else {
            return Ok(());
        };
        if found.state().view == next.view {
            return Ok(());
        }
        let none = Record::default();
        let known = found.inserted().map(|inserted| &inserted.record);
        let (earlier, number) = (found.earlier(), (next.view, next.basis.blob.as_str()));
        let old = known.unwrap_or(&none);
        let kept = earlier.followed_by(old, &section.record, &section.doc, number);
        if kept == *earlier {
            return Ok(());
        }
        state::keep_earlier(&self.project.state_dir(), &kept)
    }

    /// Replaces the working file, after its state, and refreshes the index entry.
    pub(super) fn store(
        &self,
        written: Payload<'_>,
        doc: &[u8],
        basis: Basis,
    ) -> Result<UpdateOutcome> {
        let (repo, name) = (&self.project.repo, &self.project.config.changelog);
        let path = files::at(repo.root(), name);
        let (viewed, changed) = (written.viewed(), written.changes_the_file());
        let prepare = || {
            // The hand-written content is already in git: the file can be rebuilt.
            let is_stored = basis.blob == repo.blob_name(doc).to_string();
            let durable = if is_stored { Durable::No } else { Durable::Yes };
            files::prepare(&path, viewed, durable)?.aged()
        };
        self.project.deadline.check()?;
        let prepared = changed.then(prepare).transpose()?;
        let there = files::content_fingerprint(&path);
        // The basis was taken before the file was read.
        if there != basis.file && !written.still_fits(&path)? {
            return Ok(UpdateOutcome::Saved);
        }
        let file = match &prepared {
            Some(prepared) => prepared.content_fingerprint(),
            None => there,
        };
        let basis = Basis {
            file: file.clone(),
            ..basis
        };
        // If interrupted between the file and its index entry, git would consider the file modified.
        let _whole = changed.then(signals::undisturbed);
        if !self.put(prepared, written, basis)? {
            return Ok(UpdateOutcome::Saved);
        }
        if let Err(error) = repo.refresh(name, doc, &file) {
            // git may have locked the index. The next update or `git status` reads the file itself.
            tracing::warn!("the index entry of {name} was not refreshed: {error}");
        }
        let did = if changed { "written" } else { "unchanged" };
        tracing::debug!("{name}: {} bytes, {did}", viewed.len());
        Ok(if changed {
            UpdateOutcome::Written
        } else {
            UpdateOutcome::Unchanged
        })
    }

    /// Puts the new file, if it differs, and its state into place. Returns false if the file was saved at that moment: it stays as saved.
    fn put(&self, prepared: Option<Prepared>, written: Payload<'_>, basis: Basis) -> Result<bool> {
        let known = self.found.as_ref().map(FoundState::state);
        let apart = match written {
            Payload::All { section, .. } => section.gathered.apart.clone(),
            Payload::More(_) => known.map_or(Vec::new(), |known| known.apart.clone()),
        };
        let (places, items, view) = match written {
            Payload::All { section, view, .. } => (
                Places::from_record(&section.record),
                Items::All(&section.record),
                view,
            ),
            Payload::More(extended) => {
                let is_new = !extended.items.is_empty();
                let view = self.next_view() - u64::from(!is_new);
                (extended.places.clone(), Items::More(&extended.items), view)
            }
        };
        let next = State {
            changelog: self.project.config.changelog.clone(),
            places,
            basis,
            lines: Vec::new(),
            view,
            has_notes_to_come: written.has_notes_to_come(),
            apart,
            whole: files::digest(written.viewed()),
        };
        if let Payload::All { section, .. } = written {
            self.keep_earlier(section, &next)?;
        }
        let (folder, found) = (self.project.state_dir(), self.found.as_ref());
        match prepared {
            Some(prepared) => {
                state::begin(&folder, found, next, items)?;
                if prepared.commit_over(&self.replaced(written))? {
                    state::finish(&folder)?;
                    return Ok(true);
                }
                // After an interrupted write both states stay: the file may have lines of either.
                if found.is_none_or(FoundState::is_settled) {
                    state::take_back(&folder)?;
                }
                return Ok(false);
            }
            None if self.is_known(&next, written) => {}
            None => state::note(&folder, found, next, items)?,
        }
        Ok(true)
    }

    /// The digest of the file that is replaced.
    fn replaced(&self, written: Payload<'_>) -> String {
        match written {
            Payload::All { present, .. } => files::digest(present),
            // The file was read as it had been written.
            Payload::More(_) => self
                .found
                .as_ref()
                .map_or(String::new(), |found| found.state().whole.clone()),
        }
    }

    /// Whether the state, including the references of its entries, would not change.
    fn is_known(&self, next: &State, written: Payload<'_>) -> bool {
        let found = self.found.as_ref();
        let found = found.filter(|found| found.is_settled() && found.state() == next);
        match written {
            Payload::More(extended) => found.is_some() && extended.items.is_empty(),
            Payload::All { section, .. } => {
                let inserted = found.and_then(|found| found.inserted());
                inserted.is_some_and(|inserted| inserted.record == section.record)
            }
        }
    }
}

/// The content that a write puts into the file.
#[derive(Clone, Copy)]
pub(super) enum Payload<'a> {
    /// All entries, into the file as it was read.
    All {
        present: &'a [u8],
        section: &'a SectionContents,
        /// The number of this view.
        view: u64,
    },
    /// More entries on top, into the file as it was written.
    More(&'a Extended),
}

impl Payload<'_> {
    fn viewed(&self) -> &[u8] {
        match self {
            Payload::All { section, .. } => &section.viewed,
            Payload::More(extended) => &extended.viewed,
        }
    }

    fn has_notes_to_come(&self) -> bool {
        match self {
            Payload::All { section, .. } => section.to_come.is_some(),
            Payload::More(_) => false, // `extend` refuses such a file
        }
    }

    fn changes_the_file(&self) -> bool {
        match self {
            Payload::All {
                present, section, ..
            } => section.viewed != *present,
            Payload::More(extended) => !extended.items.is_empty(),
        }
    }

    /// Whether a file whose fingerprint has changed still has the content that was read.
    fn still_fits(&self, path: &Path) -> Result<bool> {
        match self {
            Payload::All { present, .. } => Ok(files::read(path)?.as_deref() == Some(present)),
            Payload::More(_) => Ok(false),
        }
    }
}

/// Messages for a user who saved another copy of the file, or had git restore it. They say how to exclude lines and remove skip comments:
/// deleting the newest lines does not exclude them, and saving a file without the comments does not remove them.
pub fn returned(section: &SectionContents, name: &str) -> Vec<String> {
    let Returned { lines, skips, copy } = &section.returned;
    let lines = lines.last().map(|last| {
        let word = words::shell_word(last);
        let count = ui::counted(lines.len(), "line", "lines");
        let why = match copy {
            SavedCopy::Stored => "it was as git stores it",
            SavedCopy::Older => "it looked like a copy from before they came",
            SavedCopy::Another => "it looked like a copy from another branch or clone",
        };
        format!("{name} lacked {count}, back now: {why}; `relwatch skip {word}` excludes one")
    });
    let skips = skips.iter().map(|skip| {
        let word = words::shell_word(skip);
        format!(
            "{name} lacked the comment `relwatch:skip {skip}`, back now: it looked like a copy from before the comment; `relwatch skip --undo {word}` removes it"
        )
    });
    lines.into_iter().chain(skips).collect()
}

/// The problem that the user has to fix before entries can be shown.
pub fn trouble(section: &SectionContents, name: &str) -> Option<String> {
    section.unplaceable.then(|| {
        format!("{name}: the Unreleased section has an unclosed code fence or comment; close it and run `relwatch update`")
    })
}
