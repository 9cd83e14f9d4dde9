//! Everything that happened since the previous release: commits, specs, tags.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::commit::range::{self, Range};
use crate::domain::entry::model::Entries;
use crate::domain::failure::Result;
use crate::domain::spec::Spec;
use crate::history::commits::{CachePolicy, CommitReader};
use crate::history::snapshot::Snapshot;
use crate::project::{self, Project};
use crate::sys::git::{Head, ReleaseTag, ReleaseTags, Repo};
use crate::sys::state;
use crate::ui::busy;

/// What is said where read ends early.
pub const SHALLOW: &str =
    "the clone is shallow, changes may be missing; run `git fetch --unshallow --tags`";

const BUSY: &str = "reading commits and specs";

/// Everything that happened since the last release.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub head: Head,
    pub commits: Vec<Commit>,
    /// Released commits that the walk has seen.
    pub released: Vec<Commit>,
    /// The newest release that HEAD contains: commit and tag.
    pub last: Option<(CommitId, ReleaseTag)>,
    /// The release tags that there were.
    pub tags: Rc<ReleaseTags>,
    pub specs: Vec<Spec>,
    pub released_specs: HashSet<String>,
    pub warnings: Vec<String>,
    /// Taken before anything was read, so that what changes meanwhile is noticed next time.
    pub basis: state::Basis,
}

impl History {
    /// The same with other commits.
    pub fn with_commits(&self, commits: Vec<Commit>) -> History {
        History {
            commits,
            ..self.clone()
        }
    }

    /// The same without these specs.
    pub fn without(&self, ids: &HashSet<String>) -> History {
        let mut rest = self.clone();
        rest.specs.retain(|spec| !ids.contains(&spec.id));
        rest
    }

    /// The same without the specs that are none of the component's: what a release of it may take along.
    pub fn own(&self, project: &Project, gathered: &Entries) -> History {
        let mut own = self.clone();
        own.specs.retain(|spec| {
            if spec.is_labelled("release") {
                project::is_own(project, spec)
            } else {
                !gathered.is_outside(&spec.id)
            }
        });
        own
    }
}

/// Where specs are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpecsFrom {
    WorkTree,
    /// In HEAD, if it has them.
    Head,
}

/// Reads commits and specs since the last release.
pub fn read(project: &Project) -> Result<History> {
    read_at(project, project.repo.head()?)
}

/// The same where the caller knows where HEAD is.
pub fn read_at(project: &Project, head: Head) -> Result<History> {
    read_from(project, head, SpecsFrom::WorkTree)
}

/// The same for a release: it is made of committed bytes alone.
pub fn read_committed(project: &Project, head: Head) -> Result<History> {
    read_from(project, head, SpecsFrom::Head)
}

/// The same from a snapshot.
pub fn since_release(snapshot: Snapshot<'_>) -> Result<History> {
    of_snapshot(snapshot, SpecsFrom::WorkTree)
}

fn read_from(project: &Project, head: Head, place: SpecsFrom) -> Result<History> {
    let _busy = busy::with(BUSY);
    of_snapshot(Snapshot::take_to_read(project, head)?, place)
}

fn of_snapshot(snapshot: Snapshot<'_>, place: SpecsFrom) -> Result<History> {
    let _busy = busy::with(BUSY);
    let Snapshot {
        project,
        head,
        basis,
        listed,
        specs,
    } = snapshot;
    let mut spec_reader = specs.ahead();
    let tags = project.release_tags()?;
    let mut reader = CommitReader::new(project, CachePolicy::Yes);
    let Walked { range, last } = match walked(&project.repo, head.commit, &tags, &mut reader) {
        Ok(walked) => walked,
        Err(late) => return Err(reader.stopped(late)),
    };
    let mut commits = reader.read(&[range.commits.as_slice(), &range.released].concat())?;
    let released = commits.split_off(range.commits.len());
    let mut warnings = Vec::new();
    if project.repo.ends_early(&range.commits) {
        warnings.push(SHALLOW.to_owned());
    }
    let at = last.as_ref().map(|(commit, _)| *commit);
    let mut specs = match spec_reader.read(&listed, head.commit, at, &mut warnings) {
        Ok(specs) => specs,
        Err(late) => {
            spec_reader.save();
            return Err(late);
        }
    };
    if let (SpecsFrom::Head, Some(head)) = (place, head.commit) {
        specs = spec_reader.as_committed(specs, head)?;
    }
    let released_specs = spec_reader.released(&specs, at)?;
    spec_reader.save();
    tracing::debug!(
        "{} unreleased commits; {} specs; last release {}",
        commits.len(),
        specs.len(),
        last.as_ref().map_or("none", |(_, tag)| &tag.name),
    );
    Ok(History {
        head,
        commits,
        released,
        last,
        tags: Rc::new(tags),
        specs,
        released_specs,
        warnings,
        basis,
    })
}

/// What a walk from HEAD back to releases finds.
struct Walked {
    range: Range<CommitId>,
    /// The newest release of those that end it.
    last: Option<(CommitId, ReleaseTag)>,
}

fn walked(
    repo: &Repo,
    head: Option<CommitId>,
    tags: &ReleaseTags,
    reader: &mut CommitReader<'_>,
) -> Result<Walked> {
    let mut tags = tags.by_commit();
    let mut walk = |tags: &HashMap<CommitId, ReleaseTag>| match head {
        None => Ok(Range::default()),
        Some(id) => range::walk(id, |id| tags.contains_key(&id), |id| reader.link(id)),
    };
    let mut range = walk(&tags)?;
    // A release that was merged as another commit ends where it was offered: what came between is not in its notes.
    let mut offered: HashMap<CommitId, CommitId> = HashMap::new();
    for id in &range.edge {
        let tag = tags.get(id).map(|tag| repo.release_base(&tag.name));
        if let Some(base) = tag.transpose()?.flatten() {
            offered.insert(base, *id);
        }
    }
    if !offered.is_empty() {
        for (base, id) in &offered {
            if let Some(tag) = tags.remove(id) {
                tags.insert(*base, tag);
            }
        }
        range = walk(&tags)?;
        let merged = |id: &CommitId| offered.values().any(|offered| offered == id);
        let (released, commits) = range.commits.into_iter().partition(merged);
        range.commits = commits;
        range.released.extend::<Vec<CommitId>>(released);
    }
    let found = range
        .edge
        .iter()
        .filter_map(|id| Some((*offered.get(id).unwrap_or(id), tags.get(id)?.clone())));
    let last = found.max_by(|a, b| a.1.version.cmp(&b.1.version));
    Ok(Walked { range, last })
}
