//! The files that hold the version: which they are, what they say, and the same with another version.

use std::cell::OnceCell;

use semver::Version;
use serde::Deserialize;

use crate::app::Project;
use crate::config::{VersionFile, VersionFiles};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::plan::{Change, FileChange};
use crate::domain::spec::source::PathGlob;
use crate::domain::version_file::npm::Member;
use crate::domain::version_file::pattern::{self, Template};
use crate::domain::version_file::{Format, cargo, joined, npm, python};
use crate::domain::yaml;

/// The files in which packages name their version.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "pyproject.toml", "package.json"];

/// How deep below the root a Python module may be that is found without being listed.
const MODULE_DEPTH: usize = 3;

/// A file and the version that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub path: String,
    pub version: Version,
}

/// What a commit's files say.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Those that a release bumps.
    pub held: Vec<Held>,
    /// Lock files, which follow them.
    pub locked: Vec<Held>,
    /// Files that were found with a version of their own: they stay as they are.
    pub apart: Vec<Held>,
    pub warnings: Vec<String>,
}

impl Found {
    /// The version that all files name, and the first of them; `None` if there is none, or they differ.
    pub fn agreed(&self) -> Option<&Held> {
        let first = self.held.first()?;
        let same = self.held.iter().all(|one| one.version == first.version);
        same.then_some(first)
    }

    /// All files that name a version.
    pub fn all(&self) -> impl Iterator<Item = &Held> {
        self.held.iter().chain(&self.locked).chain(&self.apart)
    }
}

/// The files of a commit that name the version. `last` is the newest release: where manifests of several languages differ, the one
/// that names it counts.
///
/// # Errors
/// A listed file that is missing or names no version.
pub fn found(project: &Project, commit: &str, last: Option<&Version>) -> Result<Found> {
    let files = Files::of(project, commit, last)?;
    Ok(Found {
        held: held(&files.units),
        locked: files.locked()?,
        apart: files.apart,
        warnings: files.warnings,
    })
}

/// The version that all files of a commit name, and the first of them.
///
/// # Errors
/// As [`found`].
pub fn agreed(project: &Project, commit: &str, last: Option<&Version>) -> Result<Option<Held>> {
    let found = Found {
        held: held(&Files::of(project, commit, last)?.units),
        ..Found::default()
    };
    Ok(found.agreed().cloned())
}

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Bump<'v> {
    pub to: &'v Version,
    /// The newest release.
    pub last: Option<&'v Version>,
    /// What `to` stands for in the documents of `docs`; `None` if they stay as they are.
    pub docs: Option<&'v Version>,
}

/// Each file with the new version in it, as far as that changes it.
///
/// # Errors
/// A listed file that is missing or names no version, or a version that a format has no spelling for.
pub fn bumped(
    project: &Project,
    base: &str,
    bump: Bump<'_>,
    warnings: &mut Vec<String>,
) -> Result<Vec<FileChange>> {
    let Bump { to, last, docs } = bump;
    let mut files = Files::of(project, base, last)?;
    let mut texts = Texts::default();
    let crates = files.crates();
    for unit in &files.units {
        let before = texts.now(&files, &unit.path)?;
        let (path, version) = (unit.path.as_str(), unit.version.as_ref());
        let after = match &unit.kind {
            Kind::Pattern(template) => Ok(template.bumped(&before, to)),
            Kind::Own(Format::Cargo) => cargo::bump_manifest(&before, version, to, &crates).map(
                |bumped| {
                    for (name, requirement) in bumped.odd {
                        warnings.push(format!(
                            "{path}: the requirement `{requirement}` on {name} does not admit {to}; change it by hand"
                        ));
                    }
                    bumped.text
                },
            ),
            Kind::Own(Format::Npm) => {
                npm::bump_package(&before, version.is_none(), to, &files.packages(""))
            }
            Kind::Own(Format::Pyproject) => python::bump_project(&before, to),
            Kind::Own(Format::Module) => python::bump_module(path, &before, to),
            Kind::Own(Format::Lock) => Ok(before),
        };
        let after =
            after.map_err(|why| Failure::new(Exit::Precondition, format!("{path}: {why}")))?;
        texts.set(path, after);
    }
    for path in files.locks.clone() {
        let Some(before) = files.text(&path)? else {
            continue;
        };
        let after = match is_cargo_lock(&path) {
            true => cargo::bump_lock(&before, to, &crates),
            false => npm::bump_lock(&before, to, &files.packages(folder_of(&path))),
        };
        texts.now(&files, &path)?;
        match after {
            Ok(after) => texts.set(&path, after),
            Err(why) => files.trouble(&path, &why)?,
        }
    }
    if let Some(previous) = docs {
        for path in documents(project, &files)? {
            // What is not text names no version.
            let Some(before) = texts.text(&files, &path)? else {
                continue;
            };
            let after = pattern::replaced(&before, previous, to);
            if after != before {
                texts.now(&files, &path)?;
                texts.set(&path, after);
            }
        }
    }
    let own_way = files
        .apart
        .iter()
        .filter(|one| Format::of_path(&one.path) == Some(Format::Module));
    for Held { path, version } in own_way {
        files.warnings.push(format!(
            "{path} says {version} and stays as it is; list it under `version_files` to bump it too"
        ));
    }
    warnings.append(&mut files.warnings);
    Ok(texts.changes())
}

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
fn documents(project: &Project, files: &Files<'_>) -> Result<Vec<String>> {
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

enum Kind {
    Own(Format),
    Pattern(Template),
}

/// A file to bump.
struct Unit {
    path: String,
    kind: Kind,
    /// Of its package; `None` if that goes its own way.
    name: Option<String>,
    /// `None` if it inherits one, or goes its own way: then it may depend on others still.
    version: Option<Version>,
}

impl Unit {
    fn own(path: &str, format: Format, name: Option<String>, version: Option<Version>) -> Unit {
        Unit {
            path: path.to_owned(),
            kind: Kind::Own(format),
            name,
            version,
        }
    }

    /// Of a package that goes its own way.
    fn apart(self) -> Unit {
        Unit {
            name: None,
            version: None,
            ..self
        }
    }

    fn is(&self, format: Format) -> bool {
        matches!(self.kind, Kind::Own(own) if own == format)
    }
}

/// A manifest and what belongs to it.
struct Family {
    version: Option<Version>,
    units: Vec<Unit>,
    apart: Vec<Held>,
    locks: Vec<String>,
}

impl Family {
    /// Of a manifest with its members: those with another version go their own way, but for what they require of the others. If the
    /// manifest has none, what all members agree on is the version.
    fn new(root: Unit, members: Vec<(Unit, bool)>, locks: Vec<String>) -> Family {
        let version = root.version.clone().or_else(|| {
            let mut named = members.iter().filter_map(|(unit, _)| unit.version.clone());
            let first = named.next()?;
            named.all(|other| other == first).then_some(first)
        });
        let mut family = Family {
            version,
            units: vec![root],
            apart: Vec::new(),
            locks,
        };
        for (unit, inherits) in members {
            match &unit.version {
                Some(own) if !inherits && Some(own) != family.version.as_ref() => {
                    family.apart.push(Held {
                        path: unit.path.clone(),
                        version: own.clone(),
                    });
                    if !unit.is(Format::Module) {
                        family.units.push(unit.apart());
                    }
                }
                _ => family.units.push(unit),
            }
        }
        family
    }
}

/// The version files of a commit.
struct Files<'p> {
    project: &'p Project,
    commit: &'p str,
    /// Whether the user listed them: then what is wrong is an error, else a warning.
    listed: bool,
    paths: OnceCell<Vec<String>>,
    units: Vec<Unit>,
    locks: Vec<String>,
    apart: Vec<Held>,
    warnings: Vec<String>,
}

impl<'p> Files<'p> {
    fn empty(project: &'p Project, commit: &'p str, listed: bool) -> Files<'p> {
        Files {
            project,
            commit,
            listed,
            paths: OnceCell::new(),
            units: Vec::new(),
            locks: Vec::new(),
            apart: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn of(project: &'p Project, commit: &'p str, last: Option<&Version>) -> Result<Files<'p>> {
        match &project.config.version_files {
            VersionFiles::Auto => {
                let mut files = Files::empty(project, commit, false);
                match project.name() {
                    Some(_) => files.find_beside_changelog()?,
                    None => files.find(last)?,
                }
                Ok(files)
            }
            VersionFiles::Listed(list) => {
                let mut files = Files::empty(project, commit, true);
                for file in list {
                    files.take(file)?;
                }
                files.add_relatives()?;
                Ok(files)
            }
        }
    }

    /// The manifests of the root and what belongs to them.
    fn find(&mut self, last: Option<&Version>) -> Result<()> {
        let mut families = Vec::new();
        for path in MANIFESTS {
            families.extend(self.family(path)?);
        }
        let named = families.iter().filter_map(|family| family.version.clone());
        let named: Vec<Version> = named.collect();
        // 0.0.0 is what tools write where the version is of no interest.
        let first = named.iter().find(|v| **v > Version::new(0, 0, 0));
        let released = last.filter(|last| named.contains(last));
        let chosen = released.or(first).or(named.first());
        for family in families {
            self.apart.extend(family.apart);
            if family.version.is_none() || family.version.as_ref() == chosen {
                self.units.extend(family.units);
                self.locks.extend(family.locks);
            } else {
                self.apart.extend(held(&family.units));
            }
        }
        Ok(())
    }

    /// The manifests of a component, with what belongs to them elsewhere.
    fn find_beside_changelog(&mut self) -> Result<()> {
        let folder = folder_of(&self.project.config.changelog);
        for name in MANIFESTS {
            let path = match folder {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            };
            if self.text(&path)?.is_some() {
                self.take(&VersionFile {
                    path,
                    pattern: None,
                })?;
            }
        }
        self.add_relatives()
    }

    /// A file that the user listed.
    fn take(&mut self, file: &VersionFile) -> Result<()> {
        let path = file.path.as_str();
        let format = Format::of_path(path);
        let Some(text) = self.text(path)? else {
            return self.trouble(
                path,
                "listed under `version_files`, but not there as text in git",
            );
        };
        let without = |why: &str| format!("listed under `version_files`, but {why}");
        if let Some(template) = &file.pattern {
            let Some((_, version)) = template.find(&text).into_iter().next() else {
                return self.trouble(path, &without("its pattern finds no version"));
            };
            self.units.push(Unit {
                path: path.to_owned(),
                kind: Kind::Pattern(template.clone()),
                name: None,
                version: Some(version),
            });
            return Ok(());
        }
        let mut units = match format {
            Some(Format::Lock) => return Ok(()), // it follows its manifest
            Some(Format::Pyproject) => {
                let version = python::read(&text)
                    .map_err(|why| self.broken(path, &why))?
                    .version;
                vec![Unit::own(path, Format::Pyproject, None, version)]
            }
            Some(Format::Module) => {
                let version = python::read_module(path, &text);
                vec![Unit::own(path, Format::Module, None, version)]
            }
            _ => match self.family(path)? {
                Some(family) => {
                    self.locks.extend(family.locks);
                    if family.version.is_none() {
                        Vec::new()
                    } else {
                        family.units
                    }
                }
                None => Vec::new(),
            },
        };
        let first = units.first();
        let is_one_of_many = units.len() > 1;
        if first.is_none_or(|unit| unit.version.is_none() && !is_one_of_many) {
            return self.trouble(path, &without("it names no version"));
        }
        units.retain(|unit| {
            let known =
                |other: &Unit| other.path == unit.path && !matches!(other.kind, Kind::Pattern(_));
            !self.units.iter().any(known)
        });
        self.units.extend(units);
        self.locks.sort();
        self.locks.dedup();
        Ok(())
    }

    /// Whether a file is there by its format.
    fn has(&self, path: &str) -> bool {
        let is_it = |unit: &Unit| unit.path == path && !matches!(unit.kind, Kind::Pattern(_));
        self.units.iter().any(is_it)
    }

    /// The other packages of a workspace of which one is listed: they may depend on it.
    fn add_relatives(&mut self) -> Result<()> {
        let listed: Vec<String> = self.units.iter().map(|unit| unit.path.clone()).collect();
        for path in listed {
            let format = Format::of_path(&path);
            if !matches!(format, Some(Format::Cargo | Format::Npm)) {
                continue;
            }
            let name = path.rsplit('/').next().unwrap_or("");
            let mut folder = folder_of(&path);
            while !folder.is_empty() {
                folder = folder_of(folder);
                let manifest = format!("{folder}{}{name}", slash(folder));
                let Some(family) = self.family(&manifest)? else {
                    continue;
                };
                if family.units.iter().any(|unit| unit.path == path) {
                    for unit in family.units {
                        if !self.has(&unit.path) {
                            self.units.push(unit.apart());
                        }
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    /// The family of a manifest; `None` if it is not there, cannot be read, or its version is computed elsewhere.
    fn family(&mut self, path: &str) -> Result<Option<Family>> {
        let Some(text) = self.text(path)? else {
            if self.project.repo.file_at(self.commit, path)?.is_some() {
                self.trouble(path, "not UTF-8")?;
            }
            return Ok(None);
        };
        let family = match Format::of_path(path) {
            Some(Format::Cargo) => self.cargo(path, &text)?,
            Some(Format::Npm) => self.npm(path, &text)?,
            Some(Format::Pyproject) => self.python(path, &text)?,
            _ => None,
        };
        Ok(family)
    }

    fn cargo(&mut self, path: &str, text: &str) -> Result<Option<Family>> {
        let Some(root) = self.read(path, cargo::read(text))? else {
            return Ok(None);
        };
        let folder = folder_of(path);
        let mut members = Vec::new();
        if root.is_workspace {
            let resolved = |folder: &str, paths: &[String]| -> Vec<String> {
                paths
                    .iter()
                    .filter_map(|path| joined(folder, path))
                    .collect()
            };
            let mut paths = resolved("", &root.paths);
            let mut left = self.below(folder, "Cargo.toml")?;
            // A member brings its own dependencies by path: again until none is new.
            loop {
                let (new, others): (Vec<String>, Vec<String>) = left
                    .into_iter()
                    .partition(|one| root.has_member(one, &paths));
                left = others;
                if new.is_empty() {
                    break;
                }
                for one in new {
                    let path = format!("{folder}{}{one}/Cargo.toml", slash(folder));
                    let text = self.text(&path)?.unwrap_or_default();
                    if let Some(member) = self.read(&path, cargo::read(&text))? {
                        paths.extend(resolved(&one, &member.paths));
                        let unit = Unit::own(&path, Format::Cargo, member.name, member.version);
                        members.push((unit, member.inherits));
                    }
                }
            }
            members.sort_by(|a, b| a.0.path.cmp(&b.0.path));
        }
        let locks = self.nearest(folder, &["Cargo.lock"])?;
        let root = Unit::own(path, Format::Cargo, root.name, root.version);
        Ok(Some(Family::new(root, members, locks)))
    }

    fn npm(&mut self, path: &str, text: &str) -> Result<Option<Family>> {
        let Some(root) = self.read(path, npm::read(text))? else {
            return Ok(None);
        };
        let folder = folder_of(path);
        let mut patterns = root.workspaces;
        let pnpm = format!("{folder}{}pnpm-workspace.yaml", slash(folder));
        if let Some(text) = self.text(&pnpm)? {
            #[derive(Default, Deserialize)]
            #[serde(default)]
            struct Pnpm {
                packages: Vec<String>,
            }
            let read = yaml::read::<Pnpm>(&text).map_err(|error| error.message);
            patterns.extend(self.read(&pnpm, read)?.unwrap_or_default().packages);
        }
        let globs = |of: fn(&str) -> Option<&str>| -> Vec<PathGlob> {
            let words = patterns.iter().filter_map(|pattern| of(pattern));
            let bare = words.map(|word| word.trim_start_matches("./").trim_end_matches('/'));
            bare.filter_map(|word| PathGlob::new(word).ok()).collect()
        };
        let wanted = globs(|pattern| (!pattern.starts_with('!')).then_some(pattern));
        let unwanted = globs(|pattern| pattern.strip_prefix('!'));
        let mut members = Vec::new();
        if !wanted.is_empty() {
            for one in self.below(folder, "package.json")? {
                let any = |globs: &[PathGlob]| globs.iter().any(|glob| glob.matches(&one));
                let is_foreign = one.split('/').any(|part| part == "node_modules");
                if !any(&wanted) || any(&unwanted) || is_foreign {
                    continue;
                }
                let path = format!("{folder}{}{one}/package.json", slash(folder));
                let text = self.text(&path)?.unwrap_or_default();
                if let Some(member) = self.read(&path, npm::read(&text))? {
                    let unit = Unit::own(&path, Format::Npm, member.name, member.version);
                    members.push((unit, false));
                }
            }
        }
        let locks = self.nearest(folder, &["package-lock.json", "npm-shrinkwrap.json"])?;
        let root = Unit::own(path, Format::Npm, root.name, root.version);
        Ok(Some(Family::new(root, members, locks)))
    }

    /// The project's file and the modules that name the same version.
    fn python(&mut self, path: &str, text: &str) -> Result<Option<Family>> {
        let Some(project) = self.read(path, python::read(text))? else {
            return Ok(None);
        };
        if project.version.is_none() {
            return Ok(None);
        }
        let mut modules = Vec::new();
        for path in self.paths()? {
            let is_near = path.split('/').count() <= MODULE_DEPTH;
            if is_near
                && Format::of_path(path) == Some(Format::Module)
                && let Some(text) = self.text(path)?
                && let Some(version) = python::read_module(path, &text)
            {
                let unit = Unit::own(path, Format::Module, None, Some(version));
                modules.push((unit, false));
            }
        }
        let root = Unit::own(path, Format::Pyproject, None, project.version);
        Ok(Some(Family::new(root, modules, Vec::new())))
    }

    /// What the lock files have for the packages beside them.
    fn locked(&self) -> Result<Vec<Held>> {
        let crates = self.crates();
        let mut locked: Vec<Held> = Vec::new();
        for path in &self.locks {
            let text = self.text(path)?.unwrap_or_default();
            let versions = match is_cargo_lock(path) {
                true => cargo::locked(&text, &crates),
                false => npm::locked(&text).map(|version| version.into_iter().collect()),
            };
            for version in versions.unwrap_or_default() {
                let held = Held {
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

    /// The names of the crates.
    fn crates(&self) -> Vec<String> {
        let units = self.units.iter().filter(|unit| unit.is(Format::Cargo));
        units.filter_map(|unit| unit.name.clone()).collect()
    }

    /// The npm packages below a folder.
    fn packages(&self, folder: &str) -> Vec<Member> {
        let units = self.units.iter().filter(|unit| unit.is(Format::Npm));
        let members = units.filter_map(|unit| {
            let rest = folder_of(&unit.path).strip_prefix(folder)?;
            Some(Member {
                name: unit.name.clone(),
                folder: rest.trim_start_matches('/').to_owned(),
                from: unit.version.clone(),
            })
        });
        members.collect()
    }

    /// The folders below one, from there, that hold a file of this name.
    fn below(&self, folder: &str, name: &str) -> Result<Vec<String>> {
        let folders = self.paths()?.iter().filter_map(|path| {
            let rest = path.strip_suffix(name)?.strip_suffix('/')?;
            let below = rest.strip_prefix(folder)?;
            let is_below = folder.is_empty() || below.starts_with('/');
            let below = below.trim_start_matches('/');
            (is_below && !below.is_empty()).then(|| below.to_owned())
        });
        Ok(folders.collect())
    }

    /// The files of these names in the nearest folder upwards that has one.
    fn nearest(&self, folder: &str, names: &[&str]) -> Result<Vec<String>> {
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

    /// Every regular file of the commit.
    fn paths(&self) -> Result<&[String]> {
        if let Some(paths) = self.paths.get() {
            return Ok(paths);
        }
        let paths = self.project.repo.regular_files(self.commit)?;
        Ok(self.paths.get_or_init(|| paths))
    }

    /// `None` if it is not there or not UTF-8.
    fn text(&self, path: &str) -> Result<Option<String>> {
        let bytes = self.project.repo.file_at(self.commit, path)?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    fn read<T>(&mut self, path: &str, read: std::result::Result<T, String>) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(why) => self.trouble(path, &why).map(|()| None),
        }
    }

    fn trouble(&mut self, path: &str, why: &str) -> Result<()> {
        let failure = self.broken(path, why);
        if self.listed {
            return Err(failure);
        }
        let words = failure.message;
        self.warnings
            .push(format!("{words}; its version stays as it is"));
        Ok(())
    }

    fn broken(&self, path: &str, why: &str) -> Failure {
        let first = why.lines().next().unwrap_or("");
        let words = match self.listed {
            true => format!("{path}: {first}"),
            false => format!("{path} cannot be read ({first})"),
        };
        Failure::new(Exit::Precondition, words)
    }
}

/// Texts before and after; several changes of one follow each other.
#[derive(Default)]
struct Texts(Vec<(String, String, String)>);

impl Texts {
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

fn held(units: &[Unit]) -> Vec<Held> {
    let held = units.iter().filter_map(|unit| {
        Some(Held {
            path: unit.path.clone(),
            version: unit.version.clone()?,
        })
    });
    held.collect()
}

fn is_cargo_lock(path: &str) -> bool {
    path.ends_with("Cargo.lock")
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn slash(folder: &str) -> &'static str {
    if folder.is_empty() { "" } else { "/" }
}
