//! Manifests, and what belongs to each: members of a workspace, modules, lock files.

use semver::Version;
use serde::Deserialize;

use crate::domain::failure::Result;
use crate::domain::spec::source::PathGlob;
use crate::domain::text::terminal;
use crate::domain::version::file::{FileFormat, cargo, joined, npm, python};
use crate::domain::{order, yaml};
use crate::release::version_files::files::{Files, Unit, folder_of, slash};
use crate::release::version_files::held::VersionedFile;

/// How deep below its project's folder a Python module may be that is found without being listed.
const MODULE_DEPTH: usize = 3;

/// The lock files of npm packages that relwatch writes.
const NPM_LOCKS: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "bun.lock",
    "pnpm-lock.yaml",
];

/// A manifest and what belongs to it.
#[derive(Default)]
pub(super) struct Family {
    pub version: Option<Version>,
    /// The manifest's version stands in that of a workspace above.
    pub inherits: bool,
    pub units: Vec<Unit>,
    pub apart: Vec<VersionedFile>,
    pub locks: Vec<String>,
    /// What is left behind.
    pub warnings: Vec<String>,
}

/// What belongs to a manifest.
struct Relative {
    unit: Unit,
    /// It has the version of the manifest.
    inherits: bool,
    /// It is another component's.
    is_others: bool,
    /// What it says instead of a version.
    odd: Option<String>,
}

impl Family {
    /// Of a manifest with its members: those with another version, and those of other components, go their own way, but for what
    /// they require of the others. If the manifest has none, what all members agree on is the version. Where the manifest is ahead of
    /// the `last` release, a member that still has that one's version is behind, and belongs.
    fn new(
        root: Unit,
        members: Vec<Relative>,
        locks: Vec<String>,
        last: Option<&Version>,
    ) -> Family {
        let version = root.version.clone().or_else(|| {
            let own = members.iter().filter(|one| !one.is_others);
            let mut named = own.filter_map(|one| one.unit.version.clone());
            let first = named.next()?;
            named.all(|other| other == first).then_some(first)
        });
        let behind = last.filter(|last| version.as_ref().is_some_and(|version| version > *last));
        let mut family = Family {
            version: version.clone(),
            warnings: members.iter().filter_map(Relative::warning).collect(),
            units: vec![root],
            locks,
            ..Family::default()
        };
        for Relative {
            unit,
            inherits,
            is_others,
            ..
        } in members
        {
            let said = unit.version.as_ref();
            let is_same = said.is_none() || said == version.as_ref() || said == behind;
            if inherits || is_same && !is_others {
                family.units.push(unit);
                continue;
            }
            if let Some(version) = unit.version.clone().filter(|_| !is_others) {
                let path = unit.path.clone();
                family.apart.push(VersionedFile { path, version });
            }
            if !unit.is(FileFormat::Module) {
                family.units.push(unit.apart());
            }
        }
        family
    }
}

impl Relative {
    fn warning(&self) -> Option<String> {
        let odd = self.odd.as_ref().filter(|_| !self.is_others)?;
        Some(odd_version(&self.unit.path, odd))
    }
}

fn odd_version(path: &str, said: &str) -> String {
    format!(
        "{path} says `{}`, which is no version like 1.2.3, and stays as it is; mend it by hand",
        terminal::printable(said)
    )
}

impl Files<'_> {
    /// The family of a manifest; `None` if it is not there or cannot be read.
    pub fn family(&mut self, path: &str) -> Result<Option<Family>> {
        let Some(text) = self.text(path)? else {
            if self.is_there(path)? {
                self.trouble(path, "not UTF-8")?;
            }
            return Ok(None);
        };
        let family = match FileFormat::of_path(path) {
            Some(FileFormat::Cargo) => self.cargo(path, &text)?,
            Some(FileFormat::Npm) => self.npm(path, &text)?,
            Some(FileFormat::Pyproject) => self.python(path, &text)?,
            _ => None,
        };
        Ok(family)
    }

    fn cargo(&mut self, path: &str, text: &str) -> Result<Option<Family>> {
        let Some(root) = self.read(path, cargo::read(text))? else {
            return Ok(None);
        };
        let folder = folder_of(path);
        // A package with another version than the workspace has for its members: one of both is released.
        let last = self.last.clone();
        let both = root.version.clone().zip(root.shared.clone());
        let is_shared = match &both {
            Some((own, shared)) if own != shared => self.is_shared(path, own, shared)?,
            _ => true,
        };
        let members = if root.is_workspace {
            self.members(folder, &root, is_shared)?
        } else {
            Vec::new()
        };
        let locks = self.nearest(folder, &["Cargo.lock"])?;
        let (name, version, other) = match both {
            Some((own, shared)) if own != shared && is_shared => (None, Some(shared), Some(own)),
            Some((own, shared)) if own != shared => (root.name, Some(own), Some(shared)),
            _ => (root.name, root.version.or(root.shared.clone()), None),
        };
        let unit = Unit::own(path, FileFormat::Cargo, name, version);
        let mut family = Family::new(unit, members, locks, last.as_ref());
        let odd = root.odd.iter().map(|said| odd_version(path, said));
        family.warnings.extend(odd);
        family.inherits = root.inherits && root.shared.is_none();
        family.apart.extend(other.map(|version| VersionedFile {
            path: path.to_owned(),
            version,
        }));
        Ok(Some(family))
    }

    /// The members of a workspace.
    fn members(
        &mut self,
        folder: &str,
        root: &cargo::Manifest,
        is_shared: bool,
    ) -> Result<Vec<Relative>> {
        let resolved = |folder: &str, paths: &[String]| -> Vec<String> {
            paths
                .iter()
                .filter_map(|path| joined(folder, path))
                .collect()
        };
        let mut members = Vec::new();
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
                    let unit = Unit::own(&path, FileFormat::Cargo, member.name, member.version);
                    members.push(Relative {
                        is_others: self.is_others(&path) || member.inherits && !is_shared,
                        inherits: member.inherits && is_shared,
                        odd: member.odd,
                        unit,
                    });
                }
            }
        }
        order::by(&mut members, |a, b| a.unit.path.cmp(&b.unit.path));
        Ok(members)
    }

    /// Whether it is the version that a workspace `shared` with its members that is released, and not that of its `own` package.
    fn is_shared(&self, path: &str, own: &Version, shared: &Version) -> Result<bool> {
        let is_last =
            |version: Option<&Version>| version.is_some() && version == self.last.as_ref();
        if is_last(Some(own)) || is_last(Some(shared)) {
            return Ok(!is_last(Some(own)));
        }
        let old = cargo::read(&self.at_release(path)?).unwrap_or_default();
        if is_last(old.version.as_ref()) || is_last(old.shared.as_ref()) {
            return Ok(!is_last(old.version.as_ref()));
        }
        Ok(*own == Version::new(0, 0, 0))
    }

    fn npm(&mut self, path: &str, text: &str) -> Result<Option<Family>> {
        let Some(root) = self.read(path, npm::read(text))? else {
            return Ok(None);
        };
        let folder = folder_of(path);
        let (mut patterns, odd) = (root.workspaces, root.odd);
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
                    let unit = Unit::own(&path, FileFormat::Npm, member.name, member.version);
                    members.push(Relative {
                        is_others: self.is_others(&path),
                        inherits: false,
                        odd: member.odd,
                        unit,
                    });
                }
            }
        }
        let locks = self.nearest(folder, NPM_LOCKS)?;
        let root = Unit::own(path, FileFormat::Npm, root.name, root.version);
        let mut family = Family::new(root, members, locks, self.last.as_ref());
        family
            .warnings
            .extend(odd.map(|said| odd_version(path, &said)));
        Ok(Some(family))
    }

    /// The project's file and the modules that name the same version.
    fn python(&mut self, path: &str, text: &str) -> Result<Option<Family>> {
        let Some(project) = self.read(path, python::read(text))? else {
            return Ok(None);
        };
        if project.version.is_none() {
            let mut family = Family::default();
            let odd = project.odd.iter().map(|said| odd_version(path, said));
            family.warnings.extend(odd);
            family.apart = self.computed_from(folder_of(path), &project)?;
            return Ok(Some(family));
        }
        let mut modules = Vec::new();
        for path in self.modules(folder_of(path))? {
            if let Some(text) = self.text(&path)?
                && let Some(version) = python::read_module(&path, &text)
            {
                modules.push(Relative {
                    is_others: self.is_others(&path),
                    inherits: false,
                    odd: None,
                    unit: Unit::own(&path, FileFormat::Module, None, Some(version)),
                });
            }
        }
        let root = Unit::own(path, FileFormat::Pyproject, project.name, project.version);
        let locks = self.nearest(folder_of(path), &["uv.lock"])?;
        let last = self.last.as_ref();
        Ok(Some(Family::new(root, modules, locks, last)))
    }

    /// What the files say that a project computes its version from.
    fn computed_from(
        &self,
        folder: &str,
        project: &python::PythonProject,
    ) -> Result<Vec<VersionedFile>> {
        let mut found = Vec::new();
        for place in &project.places {
            let Some(path) = joined(folder, place) else {
                continue;
            };
            let text = self.text(&path)?.unwrap_or_default();
            let said = python::read_module(&path, &text).or_else(|| python::version(&text));
            found.extend(said.map(|version| VersionedFile { path, version }));
        }
        Ok(found)
    }

    /// The Python modules near a folder that may name a version.
    fn modules(&self, folder: &str) -> Result<Vec<String>> {
        let is_near = |path: &&String| {
            let rest = path.strip_prefix(folder).unwrap_or("");
            let rest = match folder {
                "" => rest,
                _ => rest.strip_prefix('/').unwrap_or(""),
            };
            !rest.is_empty()
                && rest.split('/').count() <= MODULE_DEPTH
                && FileFormat::of_path(path) == Some(FileFormat::Module)
        };
        Ok(self.paths()?.iter().filter(is_near).cloned().collect())
    }
}
