//! The repository as a command finds it: HEAD, the specs in their directories, and fingerprints of all else that a section depends on.
//!
//! It is taken once and handed on. What may have changed since is never asked of it: after a command, an editor or a question, and
//! under a lock, another one is taken. Equal fingerprints mean that a section made of an earlier one is still right.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::history::spec_files::{self, ListedFile};
use crate::project::Project;
use crate::sys::files;
use crate::sys::git::{Head, Indexed};
use crate::sys::state::Basis;

/// What a section depends on, as it is at one moment.
pub struct Snapshot<'p> {
    pub project: &'p Project,
    pub head: Head,
    /// Fingerprints, taken before anything is read, so that what changes meanwhile is noticed next time.
    pub basis: Basis,
    /// The spec files, as they were listed for the fingerprint.
    pub listed: Vec<ListedFile<'p>>,
    pub specs: spec_files::SpecReader<'p>,
}

impl<'p> Snapshot<'p> {
    /// Takes it, for who may need no history. `head` is where HEAD is: all components of a command are looked at in one commit.
    pub fn take(project: &'p Project, head: Head) -> Result<Snapshot<'p>> {
        Snapshot::with(project, head, spec_files::SpecReader::new(project))
    }

    /// Takes it, for who reads the history next: a large cache of specs is opened while their directories are listed.
    pub fn take_to_read(project: &'p Project, head: Head) -> Result<Snapshot<'p>> {
        Snapshot::with(project, head, spec_files::SpecReader::new(project).ahead())
    }

    /// Takes it of any commit, which nothing changes: the working tree is not asked.
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
