//! Finds the files of a commit that contain the version, and groups them.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use semver::Version;

use crate::config::{VersionFile, VersionFiles};
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::plan::{FileAction, FileChange};
use crate::domain::version::file::npm::{self, Member};
use crate::domain::version::file::paths::relative;
use crate::domain::version::file::pattern::LinePattern;
use crate::domain::version::file::{FileFormat, cargo, gem_lock, python};
use crate::project::Project;
use crate::release::version_files::held::VersionedFile;
use crate::sys::git::Repo;

pub(super) enum UnitKind {
    Own(FileFormat),
    /// A pattern, and the current versions where it matches.
    Pattern(LinePattern, Vec<Version>),
}

/// A file to bump.
pub(super) struct Unit {
    pub path: String,
    pub kind: UnitKind,
    /// Name of its package; `None` if that has a version of its own.
    pub name: Option<String>,
    /// Version; `None` if it inherits one, or has a separate one: then it may still depend on others.
    pub version: Option<Version>,
}

impl Unit {
    pub fn own(
        path: &str,
        format: FileFormat,
        name: Option<String>,
        version: Option<Version>,
    ) -> Unit {
        Unit {
            path: path.to_owned(),
            kind: UnitKind::Own(format),
            name,
            version,
        }
    }

    /// The unit of a package with a separate version.
    pub fn apart(self) -> Unit {
        Unit {
            name: None,
            version: None,
            ..self
        }
    }

    fn is_apart(&self) -> bool {
        self.name.is_none() && self.version.is_none()
    }

    pub fn is_pattern(&self) -> bool {
        matches!(self.kind, UnitKind::Pattern(..))
    }

    pub fn is_pom(&self) -> bool {
        matches!(self.kind, UnitKind::Own(FileFormat::Known(known)) if known.is_pom())
    }

    pub fn is(&self, format: FileFormat) -> bool {
        matches!(self.kind, UnitKind::Own(own) if own == format)
    }
}

/// A commit with changes on top, later ones over earlier ones, read without writing any object.
#[derive(Clone, Copy)]
pub struct Base<'c> {
    pub commit: CommitId,
    pub changes: &'c [FileChange],
}

impl<'c> Base<'c> {
    /// A commit without changes.
    pub fn at(commit: CommitId) -> Base<'c> {
        Base {
            commit,
            changes: &[],
        }
    }

    /// The bytes of a file; `None` if it does not exist.
    fn file(&self, repo: &Repo, path: &str) -> Result<Option<Vec<u8>>> {
        for FileChange { path: from, change } in self.changes.iter().rev() {
            match change {
                FileAction::Write { after } if from == path => return Ok(Some(after.clone())),
                FileAction::Move { to } if to == path => return repo.file_at(self.commit, from),
                FileAction::Move { .. } | FileAction::Delete if from == path => return Ok(None),
                _ => {}
            }
        }
        repo.file_at(self.commit, path)
    }

    /// Paths of all regular files.
    fn paths(&self, repo: &Repo) -> Result<Vec<String>> {
        let paths = repo.regular_files(self.commit)?;
        if self.changes.is_empty() {
            return Ok(paths);
        }
        let mut paths: BTreeSet<String> = paths.into_iter().collect();
        for FileChange { path, change } in self.changes {
            paths.remove(path);
            match change {
                FileAction::Write { .. } => paths.insert(path.clone()),
                FileAction::Move { to } => paths.insert(to.clone()),
                FileAction::Delete => false,
            };
        }
        Ok(paths.into_iter().collect())
    }
}

/// Version files of a commit.
pub(super) struct Files<'p> {
    pub project: &'p Project,
    base: Base<'p>,
    /// Newest release.
    pub last: Option<Version>,
    /// Whether the user listed them: if so, a problem is an error, else a warning.
    listed: bool,
    paths: OnceCell<Vec<String>>,
    pub units: Vec<Unit>,
    pub locks: Vec<String>,
    pub apart: Vec<VersionedFile>,
    /// Matches of patterns, as `path:line`, whose version is not the current one.
    pub left: Vec<VersionedFile>,
    pub warnings: Vec<String>,
}

impl<'p> Files<'p> {
    pub fn empty(project: &'p Project, base: Base<'p>, listed: bool) -> Files<'p> {
        Files {
            project,
            base,
            last: None,
            listed,
            paths: OnceCell::new(),
            units: Vec::new(),
            locks: Vec::new(),
            apart: Vec::new(),
            left: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub fn in_base(
        project: &'p Project,
        base: Base<'p>,
        last: Option<&Version>,
    ) -> Result<Files<'p>> {
        let list = &project.config.version_files;
        let mut files = Files::empty(project, base, matches!(list, VersionFiles::Listed(_)));
        files.last = last.cloned();
        match (list, &project.config.component) {
            (VersionFiles::Listed(list), _) => {
                let (whole, patterns): (Vec<_>, Vec<_>) =
                    list.iter().partition(|file| file.pattern.is_none());
                // Patterns come last: the other files define the current version.
                for file in whole.into_iter().chain(patterns) {
                    files.take(file)?;
                }
                for VersionFile { path, .. } in list {
                    let is_lock = FileFormat::of_path(path) == Some(FileFormat::Lock);
                    if is_lock && !files.locks.contains(path) {
                        files.warnings.push(format!(
                            "{path} follows its manifest, which is not listed, and stays as it is; list that under `version_files`"
                        ));
                    }
                }
                files.add_relatives()?;
            }
            (VersionFiles::Auto, Some(component)) => files.find_of(component)?,
            (VersionFiles::Auto, None) => files.find_in_root()?,
        }
        let mut known = HashSet::new();
        files
            .warnings
            .retain(|warning| known.insert(warning.clone()));
        Ok(files)
    }

    /// The text of a file at the last release; empty if there is none.
    pub fn at_release(&self, path: &str) -> Result<String> {
        let Some(last) = &self.last else {
            return Ok(String::new());
        };
        let tag = self.project.tag_of(last)?;
        let bytes = match self.project.repo.resolved(&RefName::tag(&tag)) {
            Some(commit) => self.project.repo.file_at(commit, path)?,
            None => None,
        };
        Ok(String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default())
    }

    /// Adds units that are new, or were added as separate.
    pub fn add(&mut self, units: Vec<Unit>) {
        for unit in units {
            let is_it = |known: &Unit| known.path == unit.path && !known.is_pattern();
            match self.units.iter().position(is_it) {
                None => self.units.push(unit),
                Some(at) if self.units[at].is_apart() => self.units[at] = unit,
                Some(_) => {}
            }
        }
        let units = &self.units;
        let is_bumped = |one: &VersionedFile| {
            let mut units = units.iter();
            units.any(|unit| unit.path == one.path && unit.version.as_ref() == Some(&one.version))
        };
        self.apart.retain(|one| !is_bumped(one));
    }

    pub fn add_locks(&mut self, locks: Vec<String>) {
        self.locks.extend(locks);
        self.locks.sort();
        self.locks.dedup();
    }

    /// Whether a file belongs to another component.
    pub fn is_others(&self, path: &str) -> bool {
        let component = self.project.config.component.as_ref();
        component.is_some_and(|component| component.is_others(path))
    }

    /// The versions in lock files for the packages beside them.
    pub fn locked(&self) -> Result<Vec<VersionedFile>> {
        let crates = self.crates();
        let mut locked: Vec<VersionedFile> = Vec::new();
        for path in &self.locks {
            let text = self.text(path)?.unwrap_or_default();
            let versions = match LockKind::of_path(path) {
                LockKind::Cargo => cargo::locked(&text, &crates),
                LockKind::Uv => python::locked(&text, &self.projects()),
                LockKind::Npm => npm::locked(&text, &self.packages(folder_of(path))),
                LockKind::Pnpm => Ok(Vec::new()), // it has requirements alone
                LockKind::Gem => Ok(gem_lock::locked(&text, &self.gems())),
            };
            for version in versions.unwrap_or_default() {
                let held = VersionedFile {
                    path: path.clone(),
                    version,
                };
                if !locked.contains(&held) {
                    locked.push(held);
                }
            }
        }
        Ok(locked)
    }

    /// Names of the crates.
    pub fn crates(&self) -> Vec<String> {
        let units = self.units.iter().filter(|unit| unit.is(FileFormat::Cargo));
        units.filter_map(|unit| unit.name.clone()).collect()
    }

    /// Names of the Python projects.
    pub fn projects(&self) -> Vec<String> {
        self.python_members()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    /// The Python projects to bump, with their current versions.
    pub fn python_members(&self) -> Vec<(String, Version)> {
        let is_one = |unit: &&Unit| unit.is(FileFormat::Pyproject);
        let units = self.units.iter().filter(is_one);
        let first = held(&self.units).into_iter().next().map(|one| one.version);
        let named = units.filter_map(|unit| {
            let version = unit.version.clone().or(first.clone())?;
            Some((unit.name.clone()?, version))
        });
        named.collect()
    }

    /// Names of the gems.
    pub fn gems(&self) -> Vec<String> {
        let is_gem = |unit: &&Unit| unit.path.ends_with(".gemspec");
        let units = self.units.iter().filter(is_gem);
        units.filter_map(|unit| unit.name.clone()).collect()
    }

    /// Names of the Maven artifacts.
    pub fn artifacts(&self) -> Vec<String> {
        let units = self.units.iter().filter(|unit| unit.is_pom());
        units.filter_map(|unit| unit.name.clone()).collect()
    }

    /// The npm packages, with paths relative to a lock file in this directory.
    pub fn packages(&self, folder: &str) -> Vec<Member> {
        let units = self.units.iter().filter(|unit| unit.is(FileFormat::Npm));
        let members = units.map(|unit| Member {
            name: unit.name.clone(),
            folder: relative(folder, folder_of(&unit.path)),
            from: unit.version.clone(),
        });
        members.collect()
    }

    /// The directories at and below a directory that contain a file with this name.
    pub fn below(&self, folder: &str, name: &str) -> Result<Vec<String>> {
        let folders = self.paths()?.iter().filter_map(|path| {
            let rest = path.strip_suffix(name)?.strip_suffix('/')?;
            let below = rest.strip_prefix(folder)?;
            let is_below = folder.is_empty() || below.starts_with('/');
            let below = below.trim_start_matches('/');
            (is_below && !below.is_empty()).then(|| below.to_owned())
        });
        Ok(folders.collect())
    }

    /// The files with these names in the nearest directory upwards that has one.
    pub fn nearest(&self, folder: &str, names: &[&str]) -> Result<Vec<String>> {
        let mut folder = folder;
        loop {
            let mut here = Vec::new();
            for name in names {
                let path = format!("{folder}{}{name}", slash(folder));
                if self.text(&path)?.is_some() {
                    here.push(path);
                }
            }
            if !here.is_empty() || folder.is_empty() {
                return Ok(here);
            }
            folder = folder_of(folder);
        }
    }

    /// The entries of a directory, files and directories, sorted by name.
    pub fn names_in(&self, folder: &str) -> Result<Vec<String>> {
        let names = self.project.repo.files_in(self.base.commit, folder)?;
        let mut names: Vec<String> = names.into_keys().collect();
        names.sort();
        Ok(names)
    }

    /// Whether a path is a symlink.
    pub fn is_link(&self, path: &str) -> Result<bool> {
        self.project.repo.is_link(self.base.commit, path)
    }

    /// Every regular file of the commit.
    pub fn paths(&self) -> Result<&[String]> {
        if let Some(paths) = self.paths.get() {
            return Ok(paths);
        }
        let paths = self.base.paths(&self.project.repo)?;
        Ok(self.paths.get_or_init(|| paths))
    }

    /// Whether a file exists, text or not.
    pub fn is_there(&self, path: &str) -> Result<bool> {
        Ok(self.base.file(&self.project.repo, path)?.is_some())
    }

    /// The text of a file; `None` if it does not exist or is not UTF-8.
    pub fn text(&self, path: &str) -> Result<Option<String>> {
        let bytes = self.base.file(&self.project.repo, path)?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    pub fn read<T>(
        &mut self,
        path: &str,
        read: std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(why) => self.trouble(path, &why).map(|()| None),
        }
    }

    pub fn trouble(&mut self, path: &str, why: &str) -> Result<()> {
        let failure = self.broken(path, why);
        if self.listed {
            return Err(failure);
        }
        self.warnings
            .push(format!("{failure}; its version stays as it is"));
        Ok(())
    }

    pub fn broken(&self, path: &str, why: &str) -> Failure {
        let first = why.lines().next().unwrap_or("");
        let words = if self.listed {
            format!("{path}: {first}")
        } else {
            format!("{path} cannot be read ({first})")
        };
        Failure::new(Exit::Precondition, words)
    }
}

pub(super) fn held(units: &[Unit]) -> Vec<VersionedFile> {
    let held = units.iter().filter_map(|unit| {
        Some(VersionedFile {
            path: unit.path.clone(),
            version: unit.version.clone()?,
        })
    });
    held.collect()
}

/// Package manager of a lock file.
pub(super) enum LockKind {
    Cargo,
    /// npm, or bun.lock.
    Npm,
    Pnpm,
    Uv,
    Gem,
}

impl LockKind {
    pub fn of_path(path: &str) -> LockKind {
        match path.rsplit('/').next() {
            Some("Cargo.lock") => LockKind::Cargo,
            Some("uv.lock") => LockKind::Uv,
            Some("pnpm-lock.yaml") => LockKind::Pnpm,
            Some("Gemfile.lock") => LockKind::Gem,
            _ => LockKind::Npm,
        }
    }
}

pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

pub(super) fn slash(folder: &str) -> &'static str {
    if folder.is_empty() { "" } else { "/" }
}
