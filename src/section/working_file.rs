//! A changelog in the working tree, with the history that its section is built from. This is the only place that reads both, in this order:
//! history, file, index. If the file changes meanwhile, its fingerprint differs from the one that the history recorded earlier.

use std::cell::OnceCell;

use crate::config::Storage;
use crate::domain::failure::{Failure, Result};
use crate::history::range::{self, History};
use crate::project::{Project, wiring};
use crate::section::compute;
use crate::section::contents::SectionContents;
use crate::section::write::{self, UpdateOutcome, Writer};
use crate::sys::files;
use crate::sys::git::{Head, Indexed};
use crate::sys::lock::WriteLock;
use crate::sys::state::{self, FoundState};

/// A changelog, and the data that its section is built from.
pub struct WorkingFile<'p> {
    project: &'p Project,
    pub history: History,
    /// The bytes of the file; `None` if it is missing.
    pub present: Option<Vec<u8>>,
    pub indexed: Indexed,
    /// What relwatch wrote there last, read on demand.
    found: OnceCell<Option<FoundState>>,
}

impl<'p> WorkingFile<'p> {
    /// Reads the file at HEAD.
    pub fn read(project: &'p Project) -> Result<WorkingFile<'p>> {
        WorkingFile::read_at(project, project.repo.head()?)
    }

    /// The same as [`WorkingFile::read`], for a known HEAD.
    pub fn read_at(project: &'p Project, head: Head) -> Result<WorkingFile<'p>> {
        let history = range::read_at(project, head)?;
        let name = &project.config.changelog;
        Ok(WorkingFile {
            project,
            history,
            present: files::read(&files::at(project.repo.root(), name))?,
            indexed: project.repo.indexed(name)?,
            found: OnceCell::new(),
        })
    }

    /// Uses the state that the caller has read under the lock.
    pub fn knowing(self, found: Option<FoundState>) -> WorkingFile<'p> {
        WorkingFile {
            found: OnceCell::from(found),
            ..self
        }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// Fails if the file is missing.
    pub fn required(&self) -> Result<&[u8]> {
        self.present.as_deref().ok_or_else(|| self.absent())
    }

    /// The error for a missing file.
    pub fn absent(&self) -> Failure {
        let name = &self.project.config.changelog;
        Failure::failed(format!("there is no {name}")).with_remedy("run `relwatch init`")
    }

    /// The section. A missing file counts as empty.
    pub fn section(&self) -> Result<SectionContents> {
        let present = self.present.as_deref().unwrap_or_default();
        let load = || state::load(&self.project.state_dir());
        let found = || self.found.get_or_init(load).as_ref();
        compute::of_working_file(self.project, &self.history, present, &self.indexed, found)
    }

    /// A warning if the file does not show the section: a tag of another tool, or git itself, changed one of the two and no hook ran. None
    /// for a clone that is not set up, whose file never shows it.
    pub fn stale(&self, section: &SectionContents) -> Result<Option<String>> {
        let project = self.project;
        let name = &project.config.changelog;
        let is_set_up = project.config.storage != Storage::View || wiring::filter_is_set(project);
        let present = self.present.as_deref().filter(|_| is_set_up);
        let is_current = match present {
            Some(present) => write::is_current(project, &self.history, present, section)?,
            None => true,
        };
        Ok((!is_current).then(|| format!("{name} is stale; run `relwatch update`")))
    }

    /// Brings the file up to date. The lock must be held since before the file was read.
    pub fn write(&mut self, held: &WriteLock) -> Result<(UpdateOutcome, Option<SectionContents>)> {
        let writer = self.writer(held);
        match &self.present {
            Some(present) => writer.write_over(&self.history, present, present),
            None => Ok((UpdateOutcome::Absent, None)),
        }
    }

    /// Brings the file up to date as if the user had changed it to `edited`.
    pub fn write_over(
        &mut self,
        held: &WriteLock,
        edited: &[u8],
    ) -> Result<(UpdateOutcome, Option<SectionContents>)> {
        let writer = self.writer(held);
        match &self.present {
            Some(present) => writer.write_over(&self.history, present, edited),
            None => Ok((UpdateOutcome::Absent, None)),
        }
    }

    /// The writer of the file. It changes the state, which is read again on demand afterwards.
    fn writer<'w>(&mut self, held: &'w WriteLock) -> Writer<'w>
    where
        'p: 'w,
    {
        match self.found.take() {
            Some(found) => Writer::knowing(self.project, held, found),
            None => Writer::new(self.project, held),
        }
    }
}
