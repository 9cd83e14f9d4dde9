//! Files outside the workspace that depend on the bumped packages: crates that name them by path, such as fuzz targets and examples, and
//! lock files that list them. Their own versions stay; their references to the bumped packages are updated, because their builds would
//! break otherwise.

use semver::Version;

use crate::domain::failure::Result;
use crate::domain::version::file::paths::joined;
use crate::domain::version::file::{FileFormat, cargo, npm, python};
use crate::release::version_files::files::{Files, Unit, folder_of};

/// Lock files that list packages by path; bun.lock has no versions of packages outside its workspace.
const NPM_LOCKS: &[&str] = &["package-lock.json", "npm-shrinkwrap.json"];

impl Files<'_> {
    /// Adds the dependants. Files that cannot be read are ignored: their builds did not work before either.
    pub fn add_dependants(&mut self) -> Result<()> {
        if self.units.iter().any(|unit| unit.is(FileFormat::Cargo)) {
            self.add_crates()?;
        }
        self.add_lock_files(FileFormat::Npm, NPM_LOCKS, npm::locks_any)?;
        self.add_lock_files(FileFormat::Pyproject, &["uv.lock"], python::locks_any)
    }

    fn add_crates(&mut self) -> Result<()> {
        let is_manifest = |path: &&String| path.rsplit('/').next() == Some("Cargo.toml");
        let all: Vec<String> = self.paths()?.iter().filter(is_manifest).cloned().collect();
        let crates = self.units.iter().filter(|unit| unit.is(FileFormat::Cargo));
        let mut ours: Vec<String> = crates
            .map(|unit| folder_of(&unit.path).to_owned())
            .collect();
        let mut left = Vec::new();
        for path in all {
            let folder = folder_of(&path).to_owned();
            if ours.contains(&folder) {
                continue;
            }
            let text = self.text(&path)?.unwrap_or_default();
            if let Ok(manifest) = cargo::read(&text) {
                let paths = manifest.paths.iter().chain(&manifest.patches);
                let paths: Vec<String> = paths.filter_map(|path| joined(&folder, path)).collect();
                left.push((path, folder, paths));
            }
        }
        // A dependant may have dependants: repeat until none is new.
        loop {
            let (new, others): (Vec<_>, Vec<_>) = left
                .into_iter()
                .partition(|(_, _, paths)| paths.iter().any(|path| ours.contains(path)));
            left = others;
            if new.is_empty() {
                return Ok(());
            }
            for (path, folder, _) in new {
                let locks = self.nearest(&folder, &["Cargo.lock"])?;
                self.add_locks(locks);
                let unit = Unit::own(&path, FileFormat::Cargo, None, None);
                self.add(vec![unit]);
                ours.push(folder);
            }
        }
    }

    /// Lock files with these names that list packages of this format by path.
    fn add_lock_files(
        &mut self,
        format: FileFormat,
        names: &[&str],
        locks_any: impl Fn(&str, &str, &[&str]) -> std::result::Result<bool, String>,
    ) -> Result<()> {
        let packages = self.units.iter().filter(|unit| unit.is(format));
        let packages = packages.filter(|unit| unit.name.is_some());
        let folders: Vec<&str> = packages.map(|unit| folder_of(&unit.path)).collect();
        if folders.is_empty() {
            return Ok(());
        }
        let mut new = Vec::new();
        for path in self.paths()? {
            let is_named = names.contains(&path.rsplit('/').next().unwrap_or(path));
            let is_installed = path.split('/').any(|part| part == "node_modules");
            if !is_named || is_installed || self.locks.contains(path) {
                continue;
            }
            let text = self.text(path)?.unwrap_or_default();
            if locks_any(&text, folder_of(path), &folders) == Ok(true) {
                new.push(path.clone());
            }
        }
        self.add_locks(new);
        Ok(())
    }

    /// Lock files that repeat a changed requirement, in a format that only their tool can write.
    pub fn left_locks(&self, to: &Version) -> Result<Vec<String>> {
        let manifests = self.units.iter().filter(|unit| unit.is(FileFormat::Npm));
        let mut warnings = Vec::new();
        for path in manifests.map(|unit| unit.path.as_str()) {
            for lock in self.nearest(folder_of(path), &["yarn.lock"])? {
                let text = self.text(&lock)?.unwrap_or_default();
                if let Some(name) = npm::stale_in_yarn(&text, to, &self.packages("")) {
                    let warning = format!(
                        "{lock} still names the old requirement on {name}; run `yarn install` and commit it after the release"
                    );
                    if !warnings.contains(&warning) {
                        warnings.push(warning);
                    }
                }
            }
        }
        Ok(warnings)
    }
}
