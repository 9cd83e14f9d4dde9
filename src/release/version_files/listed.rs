//! The files listed under `version_files`. Refuses a file that is missing or has no version.

use semver::Version;

use crate::config::VersionFile;
use crate::domain::failure::Result;
use crate::domain::version::file::pattern::LinePattern;
use crate::domain::version::file::{FileFormat, python};
use crate::release::version_files::files::{Files, Unit, UnitKind, folder_of, slash};
use crate::release::version_files::held::VersionedFile;

impl Files<'_> {
    /// Adds a file that the user listed.
    pub fn take(&mut self, file: &VersionFile) -> Result<()> {
        let path = file.path.as_str();
        let Some(text) = self.text(path)? else {
            return self.trouble(
                path,
                "listed under `version_files`, but not there as text in git",
            );
        };
        let without = |why: &str| format!("listed under `version_files`, but {why}");
        if let Some(template) = &file.pattern {
            if template.find(&text).is_empty() {
                return self.trouble(path, &without("its pattern finds no version"));
            }
            return self.take_pattern(path, template, &text);
        }
        let Some(units) = self.listed_units(path, &text)? else {
            return Ok(()); // a lock file follows its manifest
        };
        let first = units.first();
        let is_one_of_many = units.len() > 1;
        if first.is_none_or(|unit| unit.version.is_none() && !is_one_of_many) {
            return self.trouble(path, &without("it names no version"));
        }
        self.add(units);
        Ok(())
    }

    /// The units of a listed file, by its format; `None` for a lock file.
    fn listed_units(&mut self, path: &str, text: &str) -> Result<Option<Vec<Unit>>> {
        let units = match FileFormat::of_path(path) {
            Some(FileFormat::Lock) => return Ok(None),
            Some(FileFormat::Known(known)) if !known.is_pom() && !path.ends_with(".gemspec") => {
                vec![Unit::own(
                    path,
                    FileFormat::Known(known),
                    None,
                    known.read(text),
                )]
            }
            Some(FileFormat::Pyproject) => {
                let project = python::read(text).map_err(|why| self.broken(path, &why))?;
                let locks = self.nearest(folder_of(path), &["uv.lock"])?;
                self.add_locks(locks);
                vec![Unit::own(
                    path,
                    FileFormat::Pyproject,
                    project.name,
                    project.version,
                )]
            }
            Some(FileFormat::Module) => {
                let version = python::read_module(path, text);
                vec![Unit::own(path, FileFormat::Module, None, version)]
            }
            _ => match self.family(path)? {
                Some(mut family) => {
                    self.warnings.append(&mut family.warnings);
                    self.add_locks(family.locks);
                    if family.version.is_none() {
                        Vec::new()
                    } else {
                        family.units
                    }
                }
                None => Vec::new(),
            },
        };
        Ok(Some(units))
    }

    /// Adds the matches of a pattern that have the current version; records the others.
    fn take_pattern(&mut self, path: &str, template: &LinePattern, text: &str) -> Result<()> {
        let places = template.find(text);
        let own = self.units.iter().filter(|unit| !unit.is_pattern());
        let mut current: Vec<Version> = own.filter_map(|unit| unit.version.clone()).collect();
        current.extend(self.last.clone());
        let is_current = |version: &Version| current.contains(version);
        if !places.iter().any(|(_, version)| is_current(version)) {
            // Bumped since the release, in this file alone.
            let before = template.find(&self.at_release(path)?);
            let was = before
                .iter()
                .map(|(_, version)| Some(version) == self.last.as_ref());
            let now = places.iter().zip(was).filter(|(_, was)| *was);
            if before.len() == places.len() {
                current.extend(now.map(|((_, version), _)| version.clone()));
            }
            if current.is_empty() {
                current.extend(places.first().map(|(_, version)| version.clone())); // before the first release
            }
        }
        let mut version = None;
        for (at, said) in places {
            if current.contains(&said) {
                version = version.or(Some(said));
            } else {
                let line = text[..at.start].matches('\n').count() + 1;
                self.left.push(VersionedFile {
                    path: format!("{path}:{line}"),
                    version: said,
                });
            }
        }
        if version.is_some() {
            self.units.push(Unit {
                path: path.to_owned(),
                kind: UnitKind::Pattern(template.clone(), current),
                name: None,
                version,
            });
        }
        Ok(())
    }

    /// Whether a file with a known format exists.
    fn has(&self, path: &str) -> bool {
        let is_it = |unit: &Unit| unit.path == path && !unit.is_pattern();
        self.units.iter().any(is_it)
    }

    /// Adds the other packages of a workspace if one is listed: they may depend on it.
    pub fn add_relatives(&mut self) -> Result<()> {
        let listed: Vec<String> = self.units.iter().map(|unit| unit.path.clone()).collect();
        for path in listed {
            let format = FileFormat::of_path(&path);
            if !matches!(format, Some(FileFormat::Cargo | FileFormat::Npm)) {
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
}
