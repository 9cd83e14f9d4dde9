//! The files that contain the version: which they are, what they say, and the same with another version. Refuses a listed file that is
//! missing or names no version.

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

/// What a commit's files say.
#[derive(Debug, Clone, Default)]
pub struct FoundVersions {
    /// Those that a release bumps.
    pub held: Vec<VersionedFile>,
    /// Lock files, which follow them.
    pub locked: Vec<VersionedFile>,
    /// Files that were found with a version of their own: they stay as they are.
    pub apart: Vec<VersionedFile>,
    pub warnings: Vec<String>,
    /// The file of an ecosystem that reads versions off tags, where no file names one.
    pub by_tag: Option<&'static str>,
}

/// Files of packages whose version is their tag.
const BY_TAG: [&str; 3] = ["go.mod", "Package.swift", "composer.json"];

impl FoundVersions {
    /// The version that all files name, and the first of them; `None` if there is none, or they differ.
    pub fn agreed(&self) -> Option<&VersionedFile> {
        let first = self.held.first()?;
        let same = self.held.iter().all(|one| one.version == first.version);
        same.then_some(first)
    }

    /// All files that name a version.
    pub fn all(&self) -> impl Iterator<Item = &VersionedFile> {
        self.held.iter().chain(&self.locked).chain(&self.apart)
    }
}

/// The files of a commit that name the version. `last` is the newest release: where manifests of several languages differ, the one
/// that names it counts.
///
/// # Errors
/// A listed file that is missing or names no version.
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

/// The version that all files of a commit name, and the first of them; those that were left behind at the last release do not count.
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

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Bump<'v> {
    pub to: &'v Version,
    /// The newest release.
    pub last: Option<&'v Version>,
    /// Every version that a tag names.
    pub tagged: &'v [Version],
    /// The version that the documents of `docs` name; `None` leaves them as they are.
    pub docs: Option<&'v Version>,
}

/// Each file with the new version in it, as far as that changes it.
///
/// # Errors
/// A listed file that is missing or names no version, or a version that a format has no spelling for.
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

/// Bumps the manifests and whatever else holds the version itself.
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
            // A module of Maven without a version has that of its parent.
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

/// Brings the lock files along.
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

/// Puts the new version for the last one into the documents of `docs`.
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
        // What is not text names no version.
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

/// Files with a version of their own that nobody listed.
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

/// Places of listed patterns that do not have the current version.
fn left_places(files: &Files<'_>, to: Option<&Version>) -> Vec<String> {
    let left = files.left.iter().filter(|one| Some(&one.version) != to);
    let named = left.map(|VersionedFile { path, version }| {
        format!(
            "{path} says {version}, which is not the current version, and stays as it is; change it by hand, or write more of the text around the version in the pattern"
        )
    });
    named.collect()
}

/// Texts before and after; several changes of one follow each other.
#[derive(Default)]
struct EditedTexts(Vec<(String, String, String)>);

impl EditedTexts {
    /// As it is by now; `None` if it is not there as text.
    fn text(&self, files: &Files<'_>, path: &str) -> Result<Option<String>> {
        match self.0.iter().find(|(known, ..)| known == path) {
            Some((.., now)) => Ok(Some(now.clone())),
            None => files.text(path),
        }
    }

    /// The same, and it will be compared with what it becomes.
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
