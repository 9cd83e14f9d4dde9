//! Documents that name the version: those of `docs`.

use semver::Version;

use super::files::Files;
use crate::app::Project;
use crate::domain::failure::Result;
use crate::domain::plan::{Change, FileChange};
use crate::domain::version_file::{Format, pattern};

/// Where documents still name an older release when `changes` are made for `new`, or the minor version of the `previous` one:
/// `path:line`.
pub fn stale(
    project: &Project,
    base: &str,
    previous: &Version,
    new: &Version,
    changes: &[FileChange],
) -> Result<Vec<String>> {
    let files = Files::empty(project, base, false);
    let documents = documents(project, &files)?;
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let tags = project.release_tags()?;
    let released = tags.into_values().map(|tag| tag.version);
    let old: Vec<Version> = released.filter(|version| version < new).collect();
    let is_left = (previous.major, previous.minor) != (new.major, new.minor);
    let line = is_left.then_some((previous.major, previous.minor));
    let mut places = Vec::new();
    for path in documents {
        let changed = changes.iter().find(|file| file.path == path);
        let text = match changed.map(|file| &file.change) {
            Some(Change::Write { after }) => String::from_utf8(after.clone()).ok(),
            _ => files.text(&path)?,
        };
        let lines = pattern::lines_naming(&text.unwrap_or_default(), &old, line);
        places.extend(lines.into_iter().map(|line| format!("{path}:{line}")));
    }
    Ok(places)
}

/// The documents of `docs`: neither the changelog nor specs, nor files whose format tells where their version stands.
pub(super) fn documents(project: &Project, files: &Files<'_>) -> Result<Vec<String>> {
    let config = &project.config;
    if config.docs.files.is_empty() {
        return Ok(Vec::new());
    }
    let is_document = |path: &&String| {
        config.docs.hold(path)
            && **path != config.changelog
            && Format::of_path(path).is_none()
            && !config.specs.0.iter().any(|source| source.holds(path))
    };
    Ok(files.paths()?.iter().filter(is_document).cloned().collect())
}
