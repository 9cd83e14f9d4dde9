//! Manifests and their families: members of a workspace, modules, lock files.

use semver::Version;
use serde::Deserialize;

use crate::domain::failure::Result;
use crate::domain::spec::source::PathGlob;
use crate::domain::version::file::paths::joined;
use crate::domain::version::file::{FileFormat, cargo, npm};
use crate::domain::{order, yaml};
use crate::release::version_files::family::{Family, Relative, odd_version};
use crate::release::version_files::files::{Files, Unit, folder_of, slash};
use crate::release::version_files::held::VersionedFile;

/// Lock files of npm packages that relwatch writes.
const NPM_LOCKS: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "bun.lock",
    "pnpm-lock.yaml",
];

impl Files<'_> {
    /// The family of a manifest; `None` if the manifest does not exist or cannot be read.
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
            Some(FileFormat::Known(known)) => self.known(path, known, &text)?,
            Some(FileFormat::Module | FileFormat::Lock) | None => None,
        };
        Ok(family)
    }

    fn cargo(&mut self, path: &str, text: &str) -> Result<Option<Family>> {
        let Some(root) = self.read(path, cargo::read(text))? else {
            return Ok(None);
        };
        let folder = folder_of(path);
        // If a package's version differs from the one that the workspace gives its members, only one of the two is released.
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
        let mut family = self.with_members(unit, members, locks)?;
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
        // A member brings its own path dependencies: repeat until none is new.
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

    /// Whether the released version is the one that a workspace shares with its members (`shared`), not that of the root package (`own`).
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
        let mut family = self.with_members(root, members, locks)?;
        family
            .warnings
            .extend(odd.map(|said| odd_version(path, &said)));
        Ok(Some(family))
    }
}
