//! Python projects: the file that describes one, the modules and files with its version, and the members of its uv workspace.

use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::spec::source::PathGlob;
use crate::domain::version::file::FileFormat;
use crate::domain::version::file::known::KnownFile;
use crate::domain::version::file::paths::{is_foreign, joined};
use crate::domain::version::file::python::{self, PythonProject};
use crate::release::version_files::family::{Family, Relative, odd_version};
use crate::release::version_files::files::{Files, Unit, folder_of, slash};

/// Depth below the project's directory, or its `src`, up to which Python modules are found without being listed: `acme/lamp/__init__.py`.
const MODULE_DEPTH: usize = 3;

/// Files that describe a project, in order of precedence.
pub(super) const PROJECTS: [&str; 3] = ["pyproject.toml", "setup.cfg", "setup.py"];

impl Files<'_> {
    /// The project that a pyproject.toml describes.
    pub fn python(&mut self, path: &str, text: &str) -> Result<Option<Family>> {
        match self.read(path, python::read(text))? {
            Some(project) => self.python_project(path, project),
            None => Ok(None),
        }
    }

    /// The project that a setup.cfg or setup.py describes, unless a file of higher precedence does.
    pub fn setup(&mut self, path: &str) -> Result<Option<Family>> {
        let folder = folder_of(path);
        for name in PROJECTS {
            let one = format!("{folder}{}{name}", slash(folder));
            if one == path {
                break;
            }
            if self.text(&one)?.is_some() {
                return Ok(None);
            }
        }
        self.python_project(path, PythonProject::default())
    }

    fn python_project(&mut self, path: &str, project: PythonProject) -> Result<Option<Family>> {
        let folder = folder_of(path);
        let (sources, unread) = self.sources(path, &project)?;
        let computed = sources.iter().find_map(|one| one.unit.version.clone());
        let members = self.uv_members(folder, &project)?;
        let version = match project.version.clone().or(computed) {
            None => self.version_of_members(&members)?,
            own => own,
        };
        let mut warnings: Vec<String> = project
            .odd
            .iter()
            .map(|said| odd_version(path, said))
            .collect();
        if version.is_none() {
            warnings.extend(unread.map(|place| format!(
                "{path} takes its version from {place}, which names none as text; change it by hand"
            )));
        }
        let mut relatives = sources;
        let mut folders = vec![folder.to_owned()];
        for member in members {
            let said = member.unit.version.as_ref();
            if said.is_some() && said == version.as_ref() && !member.is_others {
                folders.push(folder_of(&member.unit.path).to_owned());
            }
            relatives.push(member);
        }
        if version.is_some() {
            for folder in &folders {
                let modules = self.modules(folder)?;
                relatives.extend(modules);
            }
        }
        // A module may be both named as the source and found.
        let mut known: Vec<String> = Vec::new();
        relatives.retain(|one| {
            let is_new = !known.contains(&one.unit.path);
            known.push(one.unit.path.clone());
            is_new
        });
        let locks = self.nearest(folder, &["uv.lock"])?;
        let format = FileFormat::of_path(path).unwrap_or(FileFormat::Pyproject);
        let own = match format {
            FileFormat::Known(known) => known.read(&self.text(path)?.unwrap_or_default()),
            _ => project.version,
        };
        let root = Unit::own(path, format, project.name, own);
        let mut family = Family::new(root, version, relatives, locks, self.last.as_ref());
        if family.version.is_none() {
            family.units.clear(); // a file of settings for tools
        }
        family.warnings.extend(warnings);
        Ok(Some(family))
    }

    /// The files that a project takes its version from; if none can be read, the first place named.
    fn sources(
        &self,
        path: &str,
        project: &PythonProject,
    ) -> Result<(Vec<Relative>, Option<String>)> {
        let folder = folder_of(path);
        let (mut found, mut unread) = (Vec::new(), None);
        let mut places = project.places.clone();
        let mut add = |path: String, format, version| {
            found.push(Relative {
                is_others: self.is_others(&path),
                inherits: false,
                odd: None,
                unit: Unit::own(&path, format, None, Some(version)),
            });
        };
        for name in &PROJECTS[1..] {
            let path = format!("{folder}{}{name}", slash(folder));
            let (Some(text), Some(known)) = (self.text(&path)?, KnownFile::of_path(&path)) else {
                continue;
            };
            if let Some(version) = known.read(&text) {
                add(path, FileFormat::Known(known), version);
            } else if *name == "setup.cfg" {
                places.extend(python::places_of_setup(&text));
            }
        }
        for place in &places {
            let Some(path) = joined(folder, place) else {
                continue;
            };
            let Some(text) = self.text(&path)? else {
                continue;
            };
            let whole = KnownFile::whole();
            if let Some(version) = python::read_module(&path, &text) {
                add(path, FileFormat::Module, version);
            } else if let Some(version) = whole.read(&text) {
                add(path, FileFormat::Known(whole), version);
            } else {
                unread = unread.or(Some(path));
            }
        }
        Ok((found, unread))
    }

    /// Members of a uv workspace.
    fn uv_members(&mut self, folder: &str, project: &PythonProject) -> Result<Vec<Relative>> {
        if project.members.is_empty() {
            return Ok(Vec::new());
        }
        let globs = |words: &[String]| -> Vec<PathGlob> {
            let bare = words
                .iter()
                .map(|word| word.trim_start_matches("./").trim_end_matches('/'));
            bare.filter_map(|word| PathGlob::new(word).ok()).collect()
        };
        let (wanted, unwanted) = (globs(&project.members), globs(&project.exclude));
        let any = |globs: &[PathGlob], one: &str| globs.iter().any(|glob| glob.matches(one));
        let mut members = Vec::new();
        for one in self.below(folder, "pyproject.toml")? {
            if !any(&wanted, &one) || any(&unwanted, &one) {
                continue;
            }
            let path = format!("{folder}{}{one}/pyproject.toml", slash(folder));
            let text = self.text(&path)?.unwrap_or_default();
            if let Some(member) = self.read(&path, python::read(&text))? {
                members.push(Relative {
                    is_others: self.is_others(&path),
                    inherits: false,
                    odd: member.odd,
                    unit: Unit::own(&path, FileFormat::Pyproject, member.name, member.version),
                });
            }
        }
        order::by(&mut members, |a, b| a.unit.path.cmp(&b.unit.path));
        Ok(members)
    }

    /// The Python modules near a directory that have a version, without vendored ones and those of projects below.
    fn modules(&self, folder: &str) -> Result<Vec<Relative>> {
        let paths = self.paths()?;
        let below = |path: &'_ str| -> Option<String> {
            let rest = path.strip_prefix(folder)?;
            let is_below = folder.is_empty() || rest.starts_with('/');
            is_below.then(|| rest.trim_start_matches('/').to_owned())
        };
        let is_project =
            |path: &&String| PROJECTS.contains(&path.rsplit('/').next().unwrap_or(path));
        let projects = paths.iter().filter(is_project);
        let projects = projects.filter_map(|path| below(folder_of(path)));
        let projects: Vec<String> = projects.filter(|path| !path.is_empty()).collect();
        let mut modules = Vec::new();
        for path in paths {
            let Some(rest) =
                below(path).filter(|_| FileFormat::of_path(path) == Some(FileFormat::Module))
            else {
                continue;
            };
            let inner = rest.strip_prefix("src/").unwrap_or(&rest);
            let is_near = inner.split('/').count() <= MODULE_DEPTH;
            let is_anothers = projects.iter().any(|project| {
                let rest = rest.strip_prefix(project.as_str());
                rest.is_some_and(|rest| rest.starts_with('/'))
            });
            if !is_near || is_anothers || is_foreign(&rest) {
                continue;
            }
            let text = self.text(path)?.unwrap_or_default();
            if let Some(version) = python::read_module(path, &text) {
                modules.push(Relative {
                    is_others: self.is_others(path),
                    inherits: false,
                    odd: None,
                    unit: Unit::own(path, FileFormat::Module, None, Some(version)),
                });
            }
        }
        Ok(modules)
    }
}
