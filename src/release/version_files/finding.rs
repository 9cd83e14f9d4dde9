//! Finds version files that are not listed: manifests in the project's directory, with their families.

use semver::Version;

use crate::domain::entry::component::Component;
use crate::domain::failure::Result;
use crate::domain::version::file::known::KnownFile;
use crate::domain::version::file::{FileFormat, cargo, npm, python};
use crate::release::version_files::family::{Family, Relative};
use crate::release::version_files::files::{Files, Unit, held, slash};

/// Files in which packages name their version, besides those in the table.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "pyproject.toml", "package.json"];

impl Files<'_> {
    /// Finds the manifests of a component and their families elsewhere.
    pub fn find_of(&mut self, component: &Component) -> Result<()> {
        let (mut manifests, mut nobodys) = (Vec::new(), Vec::new());
        for folder in &component.folders {
            let paths = MANIFESTS.map(|name| format!("{folder}{}{name}", slash(folder)));
            let known = self.known_in(folder)?;
            for path in paths.into_iter().chain(known) {
                if component.is_others(&path) || self.text(&path)?.is_none() {
                    continue;
                }
                if component.is_nobodys(folder, &path) {
                    nobodys.push(path)
                } else {
                    manifests.push(path)
                }
            }
        }
        let heir = self.find(&manifests)?;
        if let Some(path) = heir {
            self.warnings.push(format!(
                "{path} takes its version from a workspace that is not bumped with it; give it a version of its own, or list the workspace's manifest under `version_files`"
            ));
        } else if let Some(path) = nobodys.first().filter(|_| self.units.is_empty()) {
            let name = &component.name;
            self.warnings.push(format!(
                "{path} is in the paths of no component and stays as it is; list it under `components: {name}: version_files` to bump it"
            ));
        }
        self.add_relatives()
    }

    /// Finds the manifests of the root and their families.
    pub fn find_in_root(&mut self) -> Result<()> {
        let mut manifests = MANIFESTS.map(str::to_owned).to_vec();
        manifests.extend(self.known_in("")?);
        self.find(&manifests)?;
        Ok(())
    }

    /// Adds these manifests and their families. If none has a version, returns the one that takes it from elsewhere.
    ///
    /// A manifest is used if it has the version of the last release, or had it at that release. If none does, the first one with a version
    /// is used; a file in the table only before the first release, since a file named VERSION may be about anything.
    fn find(&mut self, manifests: &[String]) -> Result<Option<String>> {
        let mut families = Vec::new();
        let mut heir = None;
        for path in manifests {
            if let Some(family) = self.family(path)? {
                heir = heir.or(family.inherits.then(|| path.clone()));
                families.push(family);
            }
        }
        let mut belong = Vec::new();
        for family in &families {
            belong.push(self.is_released(family)?);
        }
        let mut chosen = None;
        if !belong.contains(&true) {
            let is_counted = |family: &&Family| self.last.is_none() || !family.is_of_table();
            let named = families.iter().filter(is_counted);
            let named: Vec<&Version> = named.filter_map(|family| family.version.as_ref()).collect();
            // Tools write 0.0.0 if the version does not matter.
            let first = named.iter().find(|v| ***v > Version::new(0, 0, 0));
            chosen = first.or(named.first()).map(|version| (*version).clone());
        }
        let mut elsewhere = Vec::new();
        let is_named = chosen.is_some() || belong.contains(&true);
        for (mut family, belongs) in families.into_iter().zip(belong) {
            self.apart.extend(family.apart);
            self.warnings.append(&mut family.warnings);
            elsewhere.extend(family.elsewhere.map(|place| (family.path, place)));
            if family.inherits {
                self.add(family.units.into_iter().map(Unit::apart).collect());
            } else if belongs || family.version.is_none() || family.version == chosen {
                self.add(family.units);
                self.add_locks(family.locks);
            } else {
                let units = held(&family.units);
                self.apart.extend(units);
            }
        }
        for (path, place) in elsewhere {
            // A module may be in the family of another manifest.
            if !self.units.iter().any(|unit| unit.path == path) {
                self.warnings.push(format!(
                    "{path} takes its version from {place}, which cannot be followed, and stays as it is; change it by hand, or list the file that names it under `version_files` with a pattern"
                ));
            }
        }
        Ok(heir.filter(|_| !is_named))
    }

    /// Whether a family has the version of the last release, or had it at that release and is ahead now.
    fn is_released(&self, family: &Family) -> Result<bool> {
        let (Some(last), Some(version)) = (&self.last, &family.version) else {
            return Ok(false);
        };
        if version == last {
            return Ok(true);
        }
        let source = family.units.iter().find(|unit| unit.version.is_some());
        let Some(path) = source.map(|unit| unit.path.as_str()) else {
            return Ok(false);
        };
        self.was_released(path, last)
    }

    /// Whether a file had the version of the last release at that release.
    fn was_released(&self, path: &str, last: &Version) -> Result<bool> {
        let text = self.at_release(path)?;
        let versions = match FileFormat::of_path(path) {
            Some(FileFormat::Cargo) => {
                let old = cargo::read(&text).unwrap_or_default();
                [old.version, old.shared]
            }
            Some(FileFormat::Npm) => [npm::read(&text).unwrap_or_default().version, None],
            Some(FileFormat::Pyproject) => [python::read(&text).unwrap_or_default().version, None],
            Some(FileFormat::Known(known)) => [known.read(&text), None],
            _ => [
                python::read_module(path, &text).or_else(|| KnownFile::whole().read(&text)),
                None,
            ],
        };
        Ok(versions
            .into_iter()
            .flatten()
            .any(|version| version == *last))
    }

    /// The family of a manifest, with the version of its members if it has none itself.
    pub fn with_members(
        &self,
        root: Unit,
        members: Vec<Relative>,
        locks: Vec<String>,
    ) -> Result<Family> {
        let version = match &root.version {
            None => self.version_of_members(&members)?,
            own => own.clone(),
        };
        let last = self.last.as_ref();
        Ok(Family::new(root, version, members, locks, last))
    }

    /// The version of a manifest without one of its own: the one that all its members have. If they differ, that of the last release, or
    /// the newer version of a member that had it at that release; the other members are separate.
    pub fn version_of_members(&self, members: &[Relative]) -> Result<Option<Version>> {
        let own = members.iter().filter(|one| !one.is_others);
        let named: Vec<(&str, &Version)> = own
            .filter_map(|one| Some((one.unit.path.as_str(), one.unit.version.as_ref()?)))
            .collect();
        let Some((_, first)) = named.first() else {
            return Ok(None);
        };
        if named.iter().all(|(_, version)| version == first) {
            return Ok(Some((*first).clone()));
        }
        let Some(last) = &self.last else {
            return Ok(None);
        };
        // A member that is ahead comes before one with the same version: members that are behind follow.
        for (path, version) in &named {
            if *version > last && self.was_released(path, last)? {
                return Ok(Some((*version).clone()));
            }
        }
        let is_there = named.iter().any(|(_, version)| *version == last);
        Ok(is_there.then(|| last.clone()))
    }
}
