//! The previous release of a commit, and the commits between the two.

use std::collections::HashSet;

use semver::Version;

use crate::domain::commit::graph::{Graph, Sides};
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::{Commit, Reading};
use crate::domain::entry::kind::Kind;
use crate::domain::failure::{Failure, Result};
use crate::domain::release::previous::{self, Surroundings, TaggedCommit, Why};
use crate::domain::version::file::{cargo, npm, python};
use crate::history::commits::CommitReader;
use crate::project::Project;
use crate::sys::git::{ReleaseTag, ReleaseTags};

/// A release that comes before a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousRelease {
    pub commit: CommitId,
    pub tag: ReleaseTag,
    pub why: Why,
}

impl PreviousRelease {
    /// Whether the release commit is in the history of the commits after it.
    pub fn is_in_history(&self) -> bool {
        self.why == Why::Reachable
    }
}

/// The release before the one that `head` will become, and the commits that only one of the two has.
pub fn find(
    project: &Project,
    head: CommitId,
    tags: &ReleaseTags,
    reader: &mut CommitReader<'_>,
) -> Result<(Option<PreviousRelease>, Sides<CommitId>)> {
    let candidates = tags.named.iter().map(|(id, tag)| TaggedCommit {
        id: *id,
        version: tag.version.clone(),
    });
    let candidates: Vec<TaggedCommit<CommitId>> = candidates.collect();
    let mut graph = Graph::new(|id| reader.link(id));
    let mut around = Repository { project, head };
    let found = previous::previous(&mut graph, head, &candidates, &mut around)?;
    let mut sides = found.sides;
    let mut last = None;
    if let Some((at, why)) = found.release {
        let (commit, tag) = tags.named[at].clone();
        // A release that was merged as another commit ends at its base: commits made after it was proposed are not in its notes.
        if let Some(base) = project.repo.release_base(&tag.name)? {
            sides = graph.sides(head, Some(base))?;
            sides.ahead.retain(|id| *id != commit);
            sides.common.push(commit);
        }
        last = Some(PreviousRelease { commit, tag, why });
    }
    let since = project.config.since.as_ref();
    if let Some(since) = since.and_then(|since| project.repo.resolved(since)) {
        let later: HashSet<CommitId> = graph.sides(head, Some(since))?.ahead.into_iter().collect();
        sides.ahead.retain(|id| later.contains(id));
    }
    Ok((last, sides))
}

/// The release before a tagged one: one with a lower version that already existed at that time.
pub fn before(
    project: &Project,
    release: CommitId,
    version: Option<&Version>,
    reader: &mut CommitReader<'_>,
) -> Result<(Option<PreviousRelease>, Sides<CommitId>)> {
    let mut tags = project.release_tags()?;
    // If two versions are on one commit, neither precedes the other.
    tags.named
        .retain(|(id, tag)| *id != release && version.is_none_or(|version| tag.version < *version));
    let time = reader.link(release)?.time;
    loop {
        let (last, sides) = find(project, release, &tags, reader)?;
        match &last {
            Some(last) if reader.link(last.commit)?.time > time => {
                tags.named.retain(|(id, _)| *id != last.commit);
            }
            _ => return Ok((last, sides)),
        }
    }
}

/// Data about the commit to release, read from the repository.
struct Repository<'p> {
    project: &'p Project,
    head: CommitId,
}

impl Surroundings<CommitId> for Repository<'_> {
    type Error = Failure;

    fn own_version(&mut self) -> Result<Option<Version>> {
        type VersionReader = fn(&str) -> Option<Version>;
        let readers: [(&str, VersionReader); 3] = [
            ("Cargo.toml", |text| {
                let manifest = cargo::read(text).ok()?;
                manifest.version.or(manifest.shared)
            }),
            ("package.json", |text| npm::read(text).ok()?.version),
            ("pyproject.toml", |text| python::read(text).ok()?.version),
        ];
        let component = self.project.config.component.as_ref();
        let folders = component.map_or(&[][..], |component| &component.folders);
        let top = [String::new()];
        let folders = if folders.is_empty() { &top } else { folders };
        for folder in folders {
            for (name, read) in readers {
                let path = match folder.as_str() {
                    "" => name.to_owned(),
                    folder => format!("{folder}/{name}"),
                };
                let bytes = self.project.repo.file_at(self.head, &path)?;
                let text = String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default();
                if let Some(version) = read(&text) {
                    return Ok(Some(version));
                }
            }
        }
        Ok(None)
    }

    fn is_bookkeeping(&mut self, id: CommitId) -> Result<bool> {
        Ok(self.read(id)?.message.is_release())
    }

    fn has_feature(&mut self, ids: &[CommitId]) -> Result<bool> {
        for id in ids {
            let commit = self.read(*id)?;
            let message = &commit.message;
            let kind = match message.kind.as_deref() {
                Some(word) => Kind::of_word(word),
                None => Kind::of_title(&message.description),
            };
            let is_feature = message.breaking || kind == Some(Kind::Added);
            if is_feature && !commit.is_merge() && !message.is_release() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Repository<'_> {
    fn read(&self, id: CommitId) -> Result<Commit> {
        let reading = Reading {
            paths: false,
            ..self.project.config.reading()
        };
        self.project.repo.commit_read(id, &reading)
    }
}
