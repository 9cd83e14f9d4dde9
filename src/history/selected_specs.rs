//! The specs of the repository, those that a release contains, and those that the last one held back.

use std::collections::HashSet;

use semver::Version;

use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::spec::Spec;
use crate::domain::version;
use crate::history::fragments;
use crate::history::previous::PreviousRelease;
use crate::history::spec_files::{ListedFile, SpecReader};
use crate::project::Project;
use crate::sys::git::SPEC_HELD;

/// Where specs are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecsFrom {
    WorkTree,
    /// From HEAD, if it has them.
    Head,
    /// From a commit, regardless of the working tree.
    Commit,
}

/// The parameters for reading specs.
pub struct SpecsRead<'a> {
    pub listed: &'a [ListedFile<'a>],
    pub head: Option<CommitId>,
    /// Specs that were completed in this commit are not new: the commit of the last release, or the start of a range.
    pub since: Option<CommitId>,
    pub last: Option<&'a PreviousRelease>,
    pub place: SpecsFrom,
}

/// The specs that were found.
pub struct FoundSpecs {
    pub specs: Vec<Spec>,
    /// IDs of the specs that a release contains.
    pub released: HashSet<String>,
    /// IDs of the specs that the last release held back.
    pub held_back: HashSet<String>,
    /// Whether the project records its changes in fragments.
    pub has_fragments: bool,
}

impl SpecsRead<'_> {
    /// Reads the specs. What was read is cached, even if the time is up.
    pub fn read(
        self,
        project: &Project,
        mut reader: SpecReader<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<FoundSpecs> {
        let read = match (self.place, self.head) {
            (SpecsFrom::Commit, Some(commit)) => reader.of_commit(commit, self.since),
            _ => reader.read(self.listed, self.head, self.since, warnings),
        };
        let mut specs = match read {
            Ok(specs) => specs,
            Err(late) => {
                reader.save();
                return Err(late);
            }
        };
        if let (SpecsFrom::Head, Some(head)) = (self.place, self.head) {
            specs = reader.as_committed(specs, head)?;
        }
        narrow(project, &mut specs);
        self.sorted(project, reader, specs)
    }

    /// Sorts specs that are already read: which are released, and which the last release held back.
    pub fn sorted(
        &self,
        project: &Project,
        mut reader: SpecReader<'_>,
        specs: Vec<Spec>,
    ) -> Result<FoundSpecs> {
        let mut released = reader.released(&specs, self.since)?;
        reader.save();
        let mut kept = HashSet::new();
        // If the range begins later, specs that were held back belong to what came before.
        let last = self.last.filter(|last| self.since == Some(last.commit));
        if let Some((last, head)) = last.zip(self.head).filter(|_| !released.is_empty()) {
            kept = held_back(project, &specs, head, last)?;
            released.retain(|id| !kept.contains(id));
        }
        Ok(FoundSpecs {
            has_fragments: fragments::are_used(project, &specs, self.since)?,
            specs,
            released,
            held_back: kept,
        })
    }
}

/// The version that a label names: a tag of the project or, in a project without components, a version as users type it.
pub fn version_of(project: &Project, label: &str) -> Option<Version> {
    let own = project.config.tag.version(label);
    let is_version = label.contains('.') && project.name().is_none();
    let typed = || version::typed(&label.to_lowercase()).ok();
    own.or_else(|| typed().filter(|_| is_version))
}

/// The specs that the last release held back, from the trailers of its tag. Without trailers, as on a lightweight tag from continuous
/// integration, from the release manifest. If that does not list the release, from the comments in its changelog and the labels of specs.
fn held_back(
    project: &Project,
    specs: &[Spec],
    head: CommitId,
    last: &PreviousRelease,
) -> Result<HashSet<String>> {
    let tag = &last.tag.name;
    let said = project.repo.trailers(tag, SPEC_HELD)?;
    if !said.is_empty() {
        return Ok(said.into_iter().collect());
    }
    let mut records = project.releases_at(head)?.into_iter();
    if let Some(record) = records.find(|record| record.tag == *tag) {
        let held = record.skipped.iter();
        let held = held.filter_map(|trailer| trailer.strip_prefix(SPEC_HELD));
        return Ok(held.map(str::to_owned).collect());
    }
    let changelog = project
        .repo
        .file_at(last.commit, &project.config.changelog)?;
    let named = Exclusion::Hold.named_in(&changelog.unwrap_or_default());
    let is_later = |label: &String| {
        version_of(project, label).is_some_and(|version| version > last.tag.version)
    };
    let later = specs.iter().filter(|spec| spec.labels.iter().any(is_later));
    let later = later.map(|spec| spec.id.clone());
    Ok(named.into_iter().chain(later).collect())
}

/// Narrows specs that name packages to the component.
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
