//! Everything that happened since the previous release: commits, specs, tags.

use std::collections::HashSet;
use std::rc::Rc;

use crate::config::FILE;
use crate::domain::commit::graph::Sides;
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::model::Entries;
use crate::domain::failure::Result;
use crate::domain::spec::Spec;
use crate::domain::text::{terminal, words};
use crate::domain::version::families::{self, TagFamily};
use crate::history::commits::{CachePolicy, CommitReader};
use crate::history::fragments;
use crate::history::previous::{self, PreviousRelease};
use crate::history::snapshot::Snapshot;
use crate::project::{self, Project};
use crate::sys::git::{Head, ReleaseTags};
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
    /// Commits of the previous release that were looked at: all that it has and HEAD lacks, and some that both have.
    pub released: Vec<Commit>,
    /// How many of them HEAD lacks.
    pub behind: usize,
    /// The previous release.
    pub last: Option<PreviousRelease>,
    /// The release tags that there were.
    pub tags: Rc<ReleaseTags>,
    pub specs: Vec<Spec>,
    pub released_specs: HashSet<String>,
    /// Whether the project tells its changes in fragments: there is one, or the commit before the last release has one.
    pub has_fragments: bool,
    pub warnings: Vec<String>,
    /// Taken before anything was read, so that what changes meanwhile is noticed next time.
    pub basis: state::Basis,
}

impl History {
    /// Whose commits only the previous release has: their authors with dates, and what they were picked from.
    pub fn apart(&self) -> Vec<String> {
        let apart = self.released.iter().take(self.behind);
        let names = apart.flat_map(|commit| {
            let picked = commit.message.picked_from.clone();
            picked.into_iter().chain([commit.author.clone()])
        });
        names.collect()
    }

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
    let found = head
        .commit
        .map(|head| previous::find(project, head, &tags, &mut reader));
    let (last, sides) = match found.transpose() {
        Ok(found) => found.unwrap_or_default(),
        Err(late) => return Err(reader.stopped(late)),
    };
    let Sides {
        ahead,
        behind,
        common,
    } = sides;
    let mut commits = reader.read(&[ahead.as_slice(), &behind, &common].concat())?;
    let released = commits.split_off(ahead.len());
    let mut warnings = warnings(project, &tags, &ahead)?;
    let at = last.as_ref().map(|last| last.commit);
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
    narrow(project, &mut specs);
    let released_specs = spec_reader.released(&specs, at)?;
    spec_reader.save();
    let (count, tag) = (commits.len(), last.as_ref().map(|last| &last.tag.name));
    tracing::debug!(
        "{count} unreleased commits; {} specs; last release {tag:?}",
        specs.len()
    );
    Ok(History {
        has_fragments: fragments::are_used(project, &specs, at)?,
        head,
        commits,
        released,
        behind: behind.len(),
        last,
        tags: Rc::new(tags),
        specs,
        released_specs,
        warnings,
        basis,
    })
}

/// Makes specs that name packages what they are for the component.
fn narrow(project: &Project, specs: &mut [Spec]) {
    let Some(component) = &project.config.component else {
        return;
    };
    for spec in specs {
        if let Some(source) = project.source_of(spec) {
            spec.narrow(source, |package| component.has_package(package));
        }
    }
}

/// What may be missing, or meant otherwise.
fn warnings(project: &Project, tags: &ReleaseTags, ahead: &[CommitId]) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let since = project.config.since.as_ref();
    if let Some(since) = since.filter(|since| project.repo.resolved(since).is_none()) {
        let since = terminal::printable(since);
        warnings.push(format!(
            "{FILE}: since: there is no {since} here; run `git fetch --tags`, or correct it"
        ));
    }
    if project.repo.ends_early(ahead) {
        warnings.push(SHALLOW.to_owned());
    } else {
        warnings.extend(unread_tags(project, tags)?);
    }
    Ok(warnings)
}

/// What to say where tags look like versions and `tag` reads none of them.
pub fn unread_tags(project: &Project, tags: &ReleaseTags) -> Result<Option<String>> {
    let is_whole = project.name().is_none() && project.config.components.is_empty();
    if !tags.versions.is_empty() || !is_whole {
        return Ok(None);
    }
    let all = project.repo.tags()?;
    if all.is_empty() && project.repo.fetches_no_tags() {
        return Ok(Some(
            "this clone was made without tags; run `git fetch --tags`".to_owned(),
        ));
    }
    let found = families::families(all.iter().map(|(tag, _)| (tag.as_str(), 0)));
    let packages = found.iter().filter_map(TagFamily::package);
    if packages.count() > 1 {
        let newest = found.iter().take(2).map(|family| family.newest.tag.clone());
        let newest = words::shortlist(&newest.collect::<Vec<_>>());
        let newest = terminal::printable(&newest);
        return Ok(Some(format!(
            "tags look like versions of packages ({newest}), and none is read: if they are releases, `components:` in {FILE} reads them (docs/components.md)"
        )));
    }
    Ok(found.first().map(|family| {
        let (format, newest) = (&project.config.tag, terminal::printable(&family.newest.tag));
        let template = terminal::printable(&family.template);
        format!("tags look like versions ({newest}), and `{format}` reads none: if they are releases, write `tag: \"{template}\"` into {FILE}")
    }))
}
