//! Manifests, and what belongs to each: members of a workspace, modules, lock files.

use semver::Version;
use serde::Deserialize;

use super::Held;
use super::files::{Files, Unit, folder_of, slash};
use crate::domain::failure::Result;
use crate::domain::spec::source::PathGlob;
use crate::domain::version_file::{Format, cargo, joined, npm, python};
use crate::domain::yaml;

/// How deep below its project's folder a Python module may be that is found without being listed.
const MODULE_DEPTH: usize = 3;

/// A manifest and what belongs to it.
pub(super) struct Family {
    pub version: Option<Version>,
    pub units: Vec<Unit>,
    pub apart: Vec<Held>,
    pub locks: Vec<String>,
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

impl Files<'_> {
    /// The family of a manifest; `None` if it is not there, cannot be read, or its version is computed elsewhere.
    pub fn family(&mut self, path: &str) -> Result<Option<Family>> {
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
}
