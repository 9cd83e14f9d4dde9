//! The files that contain the version: finds them, reads them, and writes another version. Refuses a listed file that is missing or has no
//! version.

mod dependants;
mod documents;
mod families;
mod family;
mod files;
mod finding;
pub mod held;
mod known_family;
mod listed;
mod python_family;

use semver::Version;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::FileChange;
use crate::domain::version::file::edit::Bumped;
use crate::domain::version::file::{FileFormat, cargo, gem_lock, npm, pattern, python};
use crate::project::Project;
use crate::release::version_files::documents::documents;
use crate::release::version_files::files::{Files, LockKind, UnitKind, folder_of, held};
use crate::release::version_files::held::VersionedFile;

pub use crate::release::version_files::documents::stale;
pub use crate::release::version_files::files::Base;

/// Versions in the files of a commit.
#[derive(Debug, Clone, Default)]
pub struct FoundVersions {
    /// Files that a release bumps.
    pub held: Vec<VersionedFile>,
    /// Lock files, which are updated with them.
    pub locked: Vec<VersionedFile>,
    /// Found files with a separate version; they stay unchanged.
    pub apart: Vec<VersionedFile>,
    pub warnings: Vec<String>,
    /// File of an ecosystem that takes versions from tags, if no file has one.
    pub by_tag: Option<&'static str>,
}

/// Manifests of packages whose version is their tag.
const BY_TAG: [&str; 3] = ["go.mod", "Package.swift", "composer.json"];

impl FoundVersions {
    /// The version of all files, with the first of them; `None` if there is none, or they differ.
    pub fn agreed(&self) -> Option<&VersionedFile> {
        let first = self.held.first()?;
        let same = self.held.iter().all(|one| one.version == first.version);
        same.then_some(first)
    }

    /// All files that have a version.
    pub fn all(&self) -> impl Iterator<Item = &VersionedFile> {
        self.held.iter().chain(&self.locked).chain(&self.apart)
    }
}

/// The files of a commit that have the version. `last` is the newest release: if manifests of several languages differ, the one with its
/// version is used.
///
/// # Errors
/// Fails if a listed file is missing or has no version.
pub fn found(project: &Project, commit: CommitId, last: Option<&Version>) -> Result<FoundVersions> {
    let mut files = Files::in_base(project, Base::at(commit), last)?;
    files.add_dependants()?;
    let left = left_places(&files, None);
    files.warnings.extend(left);
    let held = held(&files.units);
    let is_without = held.is_empty() && files.apart.is_empty();
    let mut by_tag = BY_TAG.into_iter().filter(|_| is_without);
    Ok(FoundVersions {
        by_tag: by_tag.find(|path| files.is_there(path).unwrap_or(false)),
        held,
        locked: files.locked()?,
        apart: files.apart,
        warnings: files.warnings,
    })
}

/// The version of all files of a commit, with the first of them; files that the last release left behind are ignored.
///
/// # Errors
/// As [`found`].
pub fn agreed(
    project: &Project,
    commit: CommitId,
    last: Option<&Version>,
) -> Result<Option<VersionedFile>> {
    let mut held = held(&Files::in_base(project, Base::at(commit), last)?.units);
    if held.iter().any(|one| Some(&one.version) != last) {
        held.retain(|one| Some(&one.version) != last);
    }
    let found = FoundVersions {
        held,
        ..FoundVersions::default()
    };
    Ok(found.agreed().cloned())
}

/// Versions to write.
#[derive(Debug, Clone, Copy)]
pub struct Bump<'v> {
    pub to: &'v Version,
    /// Newest release.
    pub last: Option<&'v Version>,
    /// All versions that a tag names.
    pub tagged: &'v [Version],
    /// Version for the documents of `docs`; `None` leaves them unchanged.
    pub docs: Option<&'v Version>,
}

/// The files that the new version changes.
///
/// # Errors
/// Fails if a listed file is missing or has no version, or if a format cannot spell the version.
pub fn bumped(
    project: &Project,
    base: Base<'_>,
    bump: Bump<'_>,
    warnings: &mut Vec<String>,
) -> Result<Vec<FileChange>> {
    let mut files = Files::in_base(project, base, bump.last)?;
    files.add_dependants()?;
    let mut texts = EditedTexts::default();
    units(&files, bump.to, &mut texts, warnings)?;
    locks(&mut files, bump.to, &mut texts)?;
    named_in_documents(project, &files, bump, &mut texts)?;
    warnings.append(&mut files.warnings);
    warnings.extend(left_apart(&files, bump.to));
    warnings.extend(left_places(&files, Some(bump.to)));
    warnings.extend(files.left_locks(bump.to)?);
    Ok(texts.changes())
}

/// Bumps the manifests and all other files that contain the version itself.
fn units(
    files: &Files<'_>,
    to: &Version,
    texts: &mut EditedTexts,
    warnings: &mut Vec<String>,
) -> Result<()> {
    let crates = files.crates();
    let artifacts = files.artifacts();
    let mut poms = files.units.iter().filter(|unit| unit.is_pom());
    let pom = poms.find_map(|unit| unit.version.as_ref());
    for unit in &files.units {
        let before = texts.now(files, &unit.path)?;
        let (path, version) = (unit.path.as_str(), unit.version.as_ref());
        let plain = |text: String| Bumped {
            text,
            odd: Vec::new(),
        };
        let after = match &unit.kind {
            UnitKind::Pattern(template, from) => Ok(plain(template.bumped(&before, from, to))),
            UnitKind::Own(FileFormat::Cargo) => cargo::bump_manifest(&before, version, to, &crates),
            UnitKind::Own(FileFormat::Npm) => {
                npm::bump_package(&before, version.is_none(), to, &files.packages("")).map(plain)
            }
            UnitKind::Own(FileFormat::Pyproject) => {
                python::bump_project(&before, version.is_none(), to, &files.python_members())
            }
            UnitKind::Own(FileFormat::Module) => python::bump_module(path, &before, to).map(plain),
            // A Maven module without a version has that of its parent.
            UnitKind::Own(FileFormat::Known(known)) => {
                match version.or(pom.filter(|_| unit.is_pom())) {
                    Some(from) => known.bumped(&before, from, to, &artifacts).map(plain),
                    None => Ok(plain(before)),
                }
            }
            UnitKind::Own(FileFormat::Lock) => Ok(plain(before)),
        };
        let after =
            after.map_err(|why| Failure::new(Exit::Precondition, format!("{path}: {why}")))?;
        for (name, requirement) in after.odd {
            warnings.push(format!(
                "{path}: the requirement `{requirement}` on {name} does not admit {to}; change it by hand"
            ));
        }
        texts.set(path, after.text);
    }
    Ok(())
}

/// Updates the lock files.
fn locks(files: &mut Files<'_>, to: &Version, texts: &mut EditedTexts) -> Result<()> {
    let crates = files.crates();
    for path in files.locks.clone() {
        let Some(before) = files.text(&path)? else {
            continue;
        };
        let after = match LockKind::of_path(&path) {
            LockKind::Cargo => cargo::bump_lock(&before, to, &crates),
            LockKind::Uv => python::bump_lock(&before, to, &files.projects()),
            LockKind::Npm => npm::bump_lock(&before, to, &files.packages(folder_of(&path))),
            LockKind::Gem => Ok(gem_lock::bump(&before, to, &files.gems())),
            LockKind::Pnpm => Ok(npm::bump_pnpm(&before, to, &files.packages(""))),
        };
        texts.now(files, &path)?;
        match after {
            Ok(after) => texts.set(&path, after),
            Err(why) => files.trouble(&path, &why)?,
        }
    }
    Ok(())
}

/// Replaces the last version by the new one in the documents of `docs`.
fn named_in_documents(
    project: &Project,
    files: &Files<'_>,
    bump: Bump<'_>,
    texts: &mut EditedTexts,
) -> Result<()> {
    let Some(to) = bump.docs else {
        return Ok(());
    };
    let old = documents::replaced_by(bump.tagged, bump.last, to);
    if old.is_empty() {
        return Ok(());
    }
    for path in documents(project, files)? {
        // A file that is not text names no version.
        let Some(before) = texts.text(files, &path)? else {
            continue;
        };
        let after = pattern::replaced(&before, &old, to);
        if after != before {
            texts.now(files, &path)?;
            texts.set(&path, after);
        }
    }
    Ok(())
}

/// Warnings about unlisted files with a separate version.
fn left_apart(files: &Files<'_>, to: &Version) -> Vec<String> {
    let mut left = Vec::new();
    for VersionedFile { path, version } in &files.apart {
        let how = match FileFormat::of_path(path) {
            Some(FileFormat::Module | FileFormat::Known(_)) => "list it",
            None => "list it with a pattern",
            Some(_) => continue,
        };
        if version != to {
            left.push(format!(
                "{path} says {version} and stays as it is; {how} under `version_files` to bump it too"
            ));
        }
    }
    left
}

/// Warnings about matches of listed patterns that do not have the current version.
fn left_places(files: &Files<'_>, to: Option<&Version>) -> Vec<String> {
    let left = files.left.iter().filter(|one| Some(&one.version) != to);
    let named = left.map(|VersionedFile { path, version }| {
        format!(
            "{path} says {version}, which is not the current version, and stays as it is; change it by hand, or write more of the text around the version in the pattern"
        )
    });
    named.collect()
}

/// Texts before and after; several changes of one text are applied in order.
#[derive(Default)]
struct EditedTexts(Vec<(String, String, String)>);

impl EditedTexts {
    /// The current text; `None` if the file does not exist or is not text.
    fn text(&self, files: &Files<'_>, path: &str) -> Result<Option<String>> {
        match self.0.iter().find(|(known, ..)| known == path) {
            Some((.., now)) => Ok(Some(now.clone())),
            None => files.text(path),
        }
    }

    /// The current text, recorded for comparison with the final one.
    fn now(&mut self, files: &Files<'_>, path: &str) -> Result<String> {
        let now = self.text(files, path)?.unwrap_or_default();
        if !self.0.iter().any(|(known, ..)| known == path) {
            self.0.push((path.to_owned(), now.clone(), now.clone()));
        }
        Ok(now)
    }

    fn set(&mut self, path: &str, after: String) {
        if let Some((.., now)) = self.0.iter_mut().find(|(known, ..)| known == path) {
            *now = after;
        }
    }

    fn changes(self) -> Vec<FileChange> {
        let changed = self
            .0
            .into_iter()
            .filter(|(_, before, after)| before != after);
        changed
            .map(|(path, _, after)| FileChange::write(path, after.into_bytes()))
            .collect()
    }
}
