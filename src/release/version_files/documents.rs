//! Documents of `docs`, which name the version.

use semver::Version;

use crate::config;
use crate::domain::failure::Result;
use crate::domain::report::support;
use crate::domain::version;
use crate::domain::version::file::{FileFormat, pattern};
use crate::project::Project;
use crate::release::version_files::files::{Base, Files};

/// Places, as `path:line`, where documents still name a release older than `new`, or the minor version of `previous`.
/// `tagged` are all versions that a tag names.
pub fn stale(
    project: &Project,
    base: Base<'_>,
    previous: &Version,
    new: &Version,
    tagged: &[Version],
) -> Result<Vec<String>> {
    let files = Files::empty(project, base, false);
    let documents = documents(project, &files)?;
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let mut old = tagged.to_vec();
    old.retain(|version| version < new);
    let is_left = (previous.major, previous.minor) != (new.major, new.minor);
    let line = is_left.then_some((previous.major, previous.minor));
    let mut places = Vec::new();
    for path in documents {
        let text = files.text(&path)?.unwrap_or_default();
        let tables = support::blocks(&text);
        let is_in_table = |line: &usize| {
            let mut spans = tables.iter().filter_map(|table| {
                let lines = text[table.span.clone()?].lines().count();
                Some(table.line..table.line + lines)
            });
            spans.any(|span| span.contains(line))
        };
        let mut lines = pattern::lines_naming(&text, &old, line);
        lines.retain(|line| !is_in_table(line)); // tables of supported versions name older ones
        places.extend(lines.into_iter().map(|line| format!("{path}:{line}")));
    }
    Ok(places)
}

/// Versions in documents that `to` replaces: the `last` final release and every later one, including pre-releases. Before the first release
/// these are its own pre-releases.
pub(super) fn replaced_by(
    tagged: &[Version],
    last: Option<&Version>,
    to: &Version,
) -> Vec<Version> {
    let mut old = tagged.to_vec();
    let finals = old
        .iter()
        .filter(|v| v.pre.is_empty() && last.is_some_and(|last| *v <= last));
    let since = finals.max().cloned();
    old.retain(|version| {
        let is_since = match &since {
            Some(since) => version >= since,
            None => version::core(version) == version::core(to),
        };
        is_since && version < to
    });
    old
}

/// The documents of `docs`, without changelogs, specs, relwatch's own files, and files whose format defines the place of their version.
pub(super) fn documents(project: &Project, files: &Files<'_>) -> Result<Vec<String>> {
    let config = &project.config;
    if config.docs.files.is_empty() {
        return Ok(Vec::new());
    }
    let paths = files.paths()?;
    let sources = &config.specs.0;
    let archives: Vec<&str> = sources.iter().filter_map(|s| s.archive_root()).collect();
    let whole = sources.iter().filter(|source| source.whole_folder);
    let folders: Vec<&str> = whole
        .flat_map(|source| paths.iter().filter(|path| source.holds(path)))
        .filter_map(|path| Some(path.rsplit_once('/')?.0))
        .collect();
    let changelogs = match &config.component {
        Some(component) => component.changelogs.as_slice(),
        None => std::slice::from_ref(&config.changelog),
    };
    let is_below = |path: &str, folder: &str| {
        let rest = path.strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let is_document = |path: &&String| {
        let mut specs = archives.iter().chain(&folders);
        config.docs.hold(path)
            && FileFormat::of_path(path).is_none()
            && **path != config::FILE
            && **path != config.manifest
            && !changelogs.contains(path)
            && !sources.iter().any(|source| source.holds(path))
            && !specs.any(|folder| is_below(path, folder))
    };
    Ok(paths.iter().filter(is_document).cloned().collect())
}
