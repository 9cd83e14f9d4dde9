//! The state of the repository for a command: HEAD, the specs in their directories, and fingerprints of everything else that a section
//! depends on.
//!
//! A snapshot is taken once and passed on. It is never used after something may have changed: after a command, an editor or a question, and
//! under a lock, a new one is taken. Equal fingerprints mean that a section built from an earlier snapshot is still correct.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::history::spec_files::{self, ListedFile};
use crate::project::Project;
use crate::sys::files;
use crate::sys::git::{Head, Indexed};
use crate::sys::state::Basis;

/// The inputs of a section at one moment.
pub struct Snapshot<'p> {
    pub project: &'p Project,
    pub head: Head,
    /// Fingerprints, taken before anything is read, so that the next run notices concurrent changes.
    pub basis: Basis,
    /// The spec files, as listed for the fingerprint.
    pub listed: Vec<ListedFile<'p>>,
    pub specs: spec_files::SpecReader<'p>,
}

impl<'p> Snapshot<'p> {
    /// Takes a snapshot, for callers that may need no history. `head` is passed in because all components of a command are read at one
    /// commit.
    pub fn take(project: &'p Project, head: Head) -> Result<Snapshot<'p>> {
        Snapshot::with(project, head, spec_files::SpecReader::new(project))
    }

    /// Takes a snapshot, for callers that read the history next: a large cache of specs is opened while the spec directories are listed.
    pub fn take_to_read(project: &'p Project, head: Head) -> Result<Snapshot<'p>> {
        Snapshot::with(project, head, spec_files::SpecReader::new(project).ahead())
    }

    /// Takes a snapshot of a commit, which never changes. The working tree is not read.
    pub fn of_commit(project: &'p Project, commit: CommitId) -> Snapshot<'p> {
        Snapshot {
            project,
            head: Head::detached(commit),
            basis: Basis::default(),
            listed: Vec::new(),
            specs: spec_files::SpecReader::new(project),
        }
    }

    fn with(
        project: &'p Project,
        head: Head,
        specs: spec_files::SpecReader<'p>,
    ) -> Result<Snapshot<'p>> {
        let (repo, config) = (&project.repo, &project.config);
        let listed = spec_files::list(project)?;
        let basis = Basis {
            head: head.commit,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            tags: repo.tags_fingerprint(&config.tag)?,
            config: project.configuration_fingerprint(),
            specs: spec_files::fingerprint(project, &listed, head.commit)?,
            file: files::content_fingerprint(&files::at(repo.root(), &config.changelog)),
            blob: match repo.indexed(&config.changelog)? {
                Indexed::Tracked(blob) => blob.to_string(),
                _ => String::new(),
            },
        };
        Ok(Snapshot {
            project,
            head,
            basis,
            listed,
            specs,
        })
    }
}
