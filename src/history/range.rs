//! Everything that happened since the previous release: commits, specs, tags.

use std::collections::HashSet;
use std::rc::Rc;

use semver::Version;

use crate::config::FILE;
use crate::domain::commit::graph::{Graph, Sides};
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::model::Entries;
use crate::domain::failure::Result;
use crate::domain::release::selection::{Selecting, Selection};
use crate::domain::spec::Spec;
use crate::domain::spec::source::Source;
use crate::domain::text::terminal;
use crate::history::commits::{CachePolicy, CommitReader};
use crate::history::previous::{self, PreviousRelease};
use crate::history::selected_specs::{self, FoundSpecs, SpecsFrom, SpecsRead};
use crate::history::snapshot::Snapshot;
use crate::history::unread_tags;
use crate::project::{self, Project};
use crate::sys::git::{Head, ReleaseTags};
use crate::sys::state;
use crate::ui::{self, busy};

/// The warning for a shallow clone.
pub const SHALLOW: &str =
    "the clone is shallow, changes may be missing; run `git fetch --unshallow --tags`";

const BUSY: &str = "reading commits and specs";

/// Everything that happened since the last release.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub head: Head,
    pub commits: Vec<Commit>,
    /// Commits of the previous release that were read: all that HEAD lacks, and some that both have.
    pub released: Vec<Commit>,
    /// Number of them that HEAD lacks.
    pub behind: usize,
    /// The previous release.
    pub last: Option<PreviousRelease>,
    /// The release tags when the history was read.
    pub tags: Rc<ReleaseTags>,
    pub specs: Vec<Spec>,
    pub released_specs: HashSet<String>,
    /// The completed specs that the next release contains.
    pub selection: Selection,
    /// Whether the project records its changes in fragments: there is one now, or there was one in the commit before the last release.
    pub has_fragments: bool,
    pub warnings: Vec<String>,
    /// Recorded before anything was read, so that the next run notices concurrent changes.
    pub basis: state::Basis,
}

impl History {
    /// A warning about parts of the unreleased commits that could not be read. It is also among the warnings.
    pub fn left_out(&self) -> Option<String> {
        left_out(&self.commits)
    }

    /// Commits that only the previous release has: their authors with dates, and the commits they were picked from.
    pub fn apart(&self) -> Vec<String> {
        let apart = self.released.iter().take(self.behind);
        let names = apart.flat_map(|commit| {
            let picked = commit.message.picked_from.clone();
            picked.into_iter().chain([commit.author.clone()])
        });
        names.collect()
    }

    /// The same history with other commits.
    pub fn with_commits(&self, commits: Vec<Commit>) -> History {
        History {
            commits,
            ..self.clone()
        }
    }

    /// The same history without these specs.
    pub fn without(&self, ids: &HashSet<String>) -> History {
        let mut rest = self.clone();
        rest.specs.retain(|spec| !ids.contains(&spec.id));
        rest
    }

    /// The same history without the specs of other components: what a release of this component may include.
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

/// Reads commits and specs since the last release.
pub fn read(project: &Project) -> Result<History> {
    read_at(project, project.repo.head()?)
}

/// The same as [`read`], for a known HEAD.
pub fn read_at(project: &Project, head: Head) -> Result<History> {
    read_from(project, head, SpecsFrom::WorkTree)
}

/// The same as [`read_at`], for a release: it is made from committed bytes only.
pub fn read_committed(project: &Project, head: Head) -> Result<History> {
    read_from(project, head, SpecsFrom::Head)
}

/// The same as [`read`], from a snapshot.
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
    let spec_reader = specs.ahead();
    let tags = project.release_tags()?;
    let mut reader = CommitReader::new(project, CachePolicy::Yes);
    let found = |head| previous::find(project, head, &tags, &mut reader);
    let (last, sides) = match head.commit.map(found).transpose() {
        Ok(found) => found.unwrap_or_default(),
        Err(late) => return Err(reader.stopped(late)),
    };
    let sides = CommitSides::read(reader, sides)?;
    let mut warnings = warnings(project, &tags, head.commit, &sides.ahead)?;
    let found = SpecsRead {
        listed: &listed,
        head: head.commit,
        since: last.as_ref().map(|last| last.commit),
        last: last.as_ref(),
        place,
    }
    .read(project, spec_reader, &mut warnings)?;
    let history = History {
        basis,
        ..settled(project, head, last, tags, sides, found, warnings)
    };
    tracing::debug!(
        "{} unreleased commits; {} specs; last release {:?}",
        history.commits.len(),
        history.specs.len(),
        history.last.as_ref().map(|last| &last.tag.name)
    );
    Ok(history)
}

/// The history of a commit since its last release, from committed bytes only.
pub fn at(project: &Project, commit: CommitId) -> Result<History> {
    of_snapshot(Snapshot::of_commit(project, commit), SpecsFrom::Commit)
}

/// The commits of two sides, with their messages.
pub(super) struct CommitSides {
    pub(super) ahead: Vec<Commit>,
    /// Commits that only the other side has, then commits that both have, as far as they were read.
    pub(super) others: Vec<Commit>,
    /// Number of commits that only the other side has.
    pub(super) behind: usize,
}

impl CommitSides {
    fn read(reader: CommitReader<'_>, sides: Sides<CommitId>) -> Result<CommitSides> {
        let Sides {
            ahead,
            behind,
            common,
        } = sides;
        let mut commits = reader.read(&[ahead.as_slice(), &behind, &common].concat())?;
        let others = commits.split_off(ahead.len());
        Ok(CommitSides {
            ahead: commits,
            others,
            behind: behind.len(),
        })
    }

    /// The commits that `to` has and `from` lacks, and the reverse.
    pub(super) fn between(project: &Project, from: CommitId, to: CommitId) -> Result<CommitSides> {
        let (reader, sides) = walked(project, Some(from), to)?;
        CommitSides::read(reader, sides)
    }
}

/// The sides of two commits, and the reader of their messages. Without `from`, all commits are ahead.
pub(super) fn walked(
    project: &Project,
    from: Option<CommitId>,
    to: CommitId,
) -> Result<(CommitReader<'_>, Sides<CommitId>)> {
    let mut reader = CommitReader::new(project, CachePolicy::Yes);
    let walked = Graph::new(|id| reader.link(id)).sides(to, from);
    match walked {
        Ok(sides) => Ok((reader, sides)),
        Err(failure) => Err(reader.stopped(failure)),
    }
}

/// Builds a history from what was read.
pub(super) fn settled(
    project: &Project,
    head: Head,
    last: Option<PreviousRelease>,
    tags: ReleaseTags,
    sides: CommitSides,
    found: FoundSpecs,
    warnings: Vec<String>,
) -> History {
    let history = History {
        has_fragments: found.has_fragments,
        head,
        commits: sides.ahead,
        released: sides.others,
        behind: sides.behind,
        last,
        tags: Rc::new(tags),
        specs: found.specs,
        released_specs: found.released,
        selection: Selection {
            held_back: found.held_back,
            ..Selection::default()
        },
        warnings,
        basis: state::Basis::default(),
    };
    History {
        selection: selection(project, &history, None),
        ..history
    }
}

/// The completed specs that the release of `cut` contains, or the next release if its version is not chosen yet.
pub fn selection(project: &Project, history: &History, cut: Option<&Version>) -> Selection {
    let source = |spec: &Spec| project.source_of(spec);
    let last = history.last.as_ref().map(|last| &last.tag.version);
    Selecting {
        specs: &history.specs,
        is_released: &|id| history.released_specs.contains(id),
        is_fragment: &|spec| source(spec).is_some_and(Source::is_of_fragments),
        version_of: &|label| selected_specs::version_of(project, label),
        last,
    }
    .select(cut, history.selection.held_back.clone())
}

/// The warning for commits whose changed files are unknown.
fn left_out(commits: &[Commit]) -> Option<String> {
    let lacking = commits.iter().filter(|commit| commit.lacks_paths).count();
    let lacking = Some(lacking).filter(|count| *count > 0)?;
    let commits = ui::counted(lacking, "commit", "commits");
    Some(format!(
        "this partial clone does not know which files {commits} changed, and omits what depends on that; run `relwatch update`, which fetches it"
    ))
}

/// Warnings about commits that may be missing or misread, up to a release that has `before` in its history.
pub(super) fn warnings(
    project: &Project,
    tags: &ReleaseTags,
    before: Option<CommitId>,
    commits: &[Commit],
) -> Result<Vec<String>> {
    let mut warnings = Vec::from_iter(left_out(commits));
    let since = project.config.since.as_ref();
    if let Some(since) = since.filter(|since| project.repo.resolved(since).is_none()) {
        let since = terminal::printable(since);
        warnings.push(format!(
            "{FILE}: since: there is no {since} here; run `git fetch --tags`, or correct it"
        ));
    }
    if project
        .repo
        .ends_early(commits.iter().map(|commit| commit.id))
    {
        warnings.push(SHALLOW.to_owned());
    } else {
        warnings.extend(unread_tags::hint(project, tags, before)?);
    }
    Ok(warnings)
}
