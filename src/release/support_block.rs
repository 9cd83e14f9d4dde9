//! The table of supported versions that a release updates in documents. Symlinks, files that are not UTF-8 and shallow clones are not
//! written to; a warning is printed instead.

use semver::Version;
use serde::Serialize;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::release::manifest::{ReleaseKind, ReleaseRecord};
use crate::domain::release::plan::{FileAction, FileChange};
use crate::domain::report::deprecation::Deprecation;
use crate::domain::report::support::{self, MarkedBlock, ReleaseLine, SupportedRelease};
use crate::domain::text::words;
use crate::domain::version::form;
use crate::history::tagged::{self, Tagged};
use crate::project::Project;
use crate::sys::clock;
use crate::ui;

/// Values of the project or of one component.
#[derive(Serialize)]
pub struct Supported {
    pub component: Option<String>,
    pub lines: Vec<ReleaseLine>,
    pub deprecations: Vec<Deprecation>,
}

/// The release lines of a project or component; `told` are the releases about to be on the manifest.
pub fn lines(project: &Project, told: &[ReleaseRecord], today: &str) -> Result<Vec<ReleaseLine>> {
    let of_record = |version: Version, record: &ReleaseRecord| SupportedRelease {
        version,
        date: record.date.clone(),
        lts: record.is_lts(),
        until: record
            .support_until
            .clone()
            .filter(|day| clock::is_day(day)),
        withdrawn: record.withdrawn.is_some(),
    };
    let tagged = tagged::tagged(project)?;
    let own = told.iter().filter(|record| {
        let is_own = record.component.as_deref() == project.name();
        is_own && !tagged.iter().any(|one| one.tag.name == record.tag)
    });
    let coming = own.filter_map(|record| {
        let version = form::read(&record.version)?;
        let is_final = version.pre.is_empty();
        is_final.then(|| of_record(version, record))
    });
    let mut releases: Vec<SupportedRelease> = coming.collect();
    for one in tagged.into_iter().filter(Tagged::is_final) {
        let told = told.iter().find(|record| record.tag == one.tag.name);
        let by_tag = one.told(project.name());
        let record = told.or(one.record.as_ref()).unwrap_or(&by_tag);
        let release = of_record(one.tag.version.clone(), record);
        releases.push(SupportedRelease {
            date: Some(release.date)
                .filter(|day| clock::is_day(day))
                .unwrap_or(one.date),
            withdrawn: release.withdrawn || one.is_yanked,
            ..release
        });
    }
    let config = &project.config.support;
    let maintained = |day: &str| clock::later(day, config.maintained.as_deref()?);
    Ok(support::matrix(&releases, config.lines, today, maintained))
}

/// Updates the blocks in documents with the releases about to be on the manifest, on top of the other changes. Reports each block that has
/// markers but stays unchanged. Pre-releases change none.
pub fn refresh(
    project: &Project,
    base: CommitId,
    today: &str,
    told: &[ReleaseRecord],
    changes: &mut Vec<FileChange>,
) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    if told
        .iter()
        .all(|record| record.kind == ReleaseKind::Prerelease)
    {
        return Ok(warnings);
    }
    for path in &project.config.support.files {
        let bytes = match changes.iter().find(|other| other.path == *path) {
            None => project.repo.file_at(base, path)?.unwrap_or_default(),
            Some(FileChange {
                change: FileAction::Write { after },
                ..
            }) => after.clone(),
            Some(_) => continue,
        };
        if project.repo.is_link(base, path)? {
            warnings.extend(behind_link(project, base, path, &bytes)?);
            continue;
        }
        if let Some(after) = refreshed(project, path, bytes, today, told, &mut warnings)? {
            changes.retain(|known| known.path != *path);
            changes.push(FileChange::write(path.clone(), after.into_bytes()));
        }
    }
    Ok(warnings)
}

/// A document with its blocks updated; `None` if nothing changes.
fn refreshed(
    project: &Project,
    path: &str,
    bytes: Vec<u8>,
    today: &str,
    told: &[ReleaseRecord],
    warnings: &mut Vec<String>,
) -> Result<Option<String>> {
    let lossy = String::from_utf8_lossy(&bytes).into_owned();
    let found = support::blocks(&lossy);
    if found.is_empty() {
        return Ok(None);
    }
    let document = match words::decoded(bytes) {
        Ok(document) => document,
        Err(line) => {
            warnings.push(format!(
                "{path}:{line}: not UTF-8, so its support block stays as it is; save it as UTF-8"
            ));
            return Ok(None);
        }
    };
    if project.repo.is_shallow() {
        warnings.push(format!(
            "the clone is shallow, so the support block of {path} stays as it is; run `git fetch --unshallow --tags`"
        ));
        return Ok(None);
    }
    warnings.extend(
        found
            .iter()
            .filter_map(|block| unserved(project, path, block)),
    );
    let mut blocks = Vec::new();
    for part in project.components() {
        let lines = lines(&part, told, today)?;
        let block = ui::support::markdown(part.name(), &lines);
        blocks.push((support::marker(part.name()), block));
    }
    let after = support::refreshed(&document, |marker| {
        let block = blocks.iter().find(|(own, _)| own == marker);
        block.map(|(_, text)| text.clone())
    });
    Ok((after != document).then_some(after))
}

/// The reason why a block is not updated, if it is not.
fn unserved(project: &Project, path: &str, block: &MarkedBlock<'_>) -> Option<String> {
    let MarkedBlock { marker, line, .. } = block;
    if block.span.is_none() {
        let (lacks, other, place) = if *marker == support::END {
            ("beginning", support::marker(project.name()), "above")
        } else {
            ("end", support::END.to_owned(), "below")
        };
        return Some(format!(
            "{path}:{line}: `{marker}` has no {lacks}, so nothing is kept there; put `{other}` {place} it"
        ));
    }
    let config = &project.config;
    let names: Vec<&String> = match &config.component {
        Some(component) => component.names.iter().collect(),
        None => config.components.keys().collect(),
    };
    let known: Vec<String> = if names.is_empty() {
        vec![support::marker(None)]
    } else {
        names
            .iter()
            .map(|name| support::marker(Some(name)))
            .collect()
    };
    let is_known = known.iter().any(|known| known == marker);
    (!is_known).then(|| {
        format!(
            "{path}:{line}: `{marker}` names no component, so the block stays as it is; write `{}`",
            known.join("` or `")
        )
    })
}

/// Warns that documents with blocks are not written through symlinks, unless the target is updated under its own name.
fn behind_link(
    project: &Project,
    base: CommitId,
    path: &str,
    link: &[u8],
) -> Result<Option<String>> {
    let link = String::from_utf8_lossy(link);
    let files = &project.config.support.files;
    let target = support::target(path, &link).filter(|target| !files.contains(target));
    let Some(target) = target else {
        return Ok(None);
    };
    let bytes = project.repo.file_at(base, &target)?.unwrap_or_default();
    let has_blocks = !support::blocks(&String::from_utf8_lossy(&bytes)).is_empty();
    Ok(has_blocks.then(|| {
        format!(
            "{path} is a symlink, so the support block of {target} is unchanged; name {target} at `support: {{files: […]}}` in relwatch.yml"
        )
    }))
}
