//! Projects described by a file in the table, with their families: modules below it, the lock file of a gem.

use semver::Version;

use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::text::{terminal, words};
use crate::domain::version::file::known::{FILES, KnownFile};
use crate::domain::version::file::paths::is_foreign;
use crate::domain::version::file::{FileFormat, pom};
use crate::release::version_files::family::{Family, Relative, odd_version};
use crate::release::version_files::files::{Files, Unit, folder_of, slash};

/// Depth below the project's directory up to which files of the same name are found without being listed.
const MEMBER_DEPTH: usize = 3;

/// Directories of a project that contain Helm charts.
const CHARTS: [&str; 8] = [
    "chart",
    "charts",
    "helm",
    "deploy",
    "deployment",
    "deployments",
    "kubernetes",
    "k8s",
];

impl Files<'_> {
    /// The files in the table that may describe a project in a directory.
    pub fn known_in(&self, folder: &str) -> Result<Vec<String>> {
        let here = self.names_in(folder)?;
        let mut found = Vec::new();
        for known in FILES {
            let named = here
                .iter()
                .filter(|name| match known.name.strip_prefix('*') {
                    Some(ending) => name.ends_with(ending),
                    None => *name == known.name,
                });
            let paths = named.map(|name| format!("{folder}{}{name}", slash(folder)));
            found.extend(
                paths.filter(|path| FileFormat::of_path(path) == Some(FileFormat::Known(known))),
            );
        }
        if here.iter().any(|name| CHARTS.contains(&name.as_str())) {
            let below = self.below(folder, "Chart.yaml")?;
            let charts = below.iter().filter(|one| {
                let is_in_place = one
                    .split('/')
                    .next()
                    .is_some_and(|first| CHARTS.contains(&first));
                // A chart's dependencies are in its own `charts` directory.
                let mut above = below.iter().filter(|other| other != one);
                is_in_place
                    && !is_foreign(&format!("{one}/Chart.yaml"))
                    && !above.any(|other| one.starts_with(&format!("{other}/charts/")))
            });
            found.extend(charts.map(|one| format!("{folder}{}{one}/Chart.yaml", slash(folder))));
        }
        found.retain(|path| !self.is_link(path).unwrap_or(false)); // git would not write through one
        Ok(found)
    }

    /// The family of a file in the table.
    pub fn known(
        &mut self,
        path: &str,
        known: &'static KnownFile,
        text: &str,
    ) -> Result<Option<Family>> {
        if known.name.starts_with("setup.") {
            return self.setup(path);
        }
        let folder = folder_of(path);
        let (mut name, mut locks) = (None, Vec::new());
        let version = known.read(text);
        let members = if known.is_pom() {
            let read = pom::read(text);
            name = read.artifact.clone();
            self.poms(folder, read.artifact)?
        } else if let Some(ending) = known.name.strip_prefix('*') {
            name = path[folder.len()..]
                .trim_start_matches('/')
                .strip_suffix(ending)
                .map(str::to_owned);
            locks = self.nearest(folder, &["Gemfile.lock"])?;
            self.same_named(folder, "version.rb", None)?
        } else if version.is_some() && known.name != "Chart.yaml" {
            self.same_named(folder, known.name, version.as_ref())?
        } else {
            Vec::new()
        };
        let root = Unit::own(path, FileFormat::Known(known), name, version);
        let mut family = self.with_members(root, members, locks)?;
        family
            .warnings
            .extend(known.odd(text).map(|said| odd_version(path, &said)));
        if family.version.is_none() {
            let place = known.elsewhere(text);
            let modules = self.modules_of_gem(folder, known)?;
            family.elsewhere = place.map(|place| terminal::printable(&(place + &modules)));
            family.units.clear(); // it takes it from elsewhere
        }
        Ok(Some(family))
    }

    /// The files that may contain the constant with a gem's version, as a parenthesized note.
    fn modules_of_gem(&self, folder: &str, known: &KnownFile) -> Result<String> {
        let mut found = Vec::new();
        if known.name == "*.gemspec" {
            for one in self.below(folder, "version.rb")? {
                let path = format!("{folder}{}{one}/version.rb", slash(folder));
                if KnownFile::of_path(&path).is_some() && !is_foreign(&path) {
                    found.push(path);
                }
            }
        }
        Ok(if found.is_empty() {
            String::new()
        } else {
            format!(" ({})", words::shortlist(&found))
        })
    }

    /// The modules of a Maven project: those whose parent is one of its artifacts.
    fn poms(&self, folder: &str, artifact: Option<String>) -> Result<Vec<Relative>> {
        let mut ours: Vec<String> = artifact.into_iter().collect();
        let mut left = Vec::new();
        for one in self.below(folder, "pom.xml")? {
            let path = format!("{folder}{}{one}/pom.xml", slash(folder));
            let text = self.text(&path)?.unwrap_or_default();
            left.push((path, pom::read(&text), text));
        }
        let mut members = Vec::new();
        // A module may have modules: repeat until none is new.
        loop {
            let is_ours = |pom: &pom::Pom| {
                let parent = pom.parent.as_ref();
                parent.is_some_and(|said| ours.iter().any(|one| pom::is_same(said, one)))
            };
            let (new, others): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|(_, pom, _)| is_ours(pom));
            left = others;
            if new.is_empty() {
                order::by_key(&mut members, |one: &Relative| one.unit.path.clone());
                return Ok(members);
            }
            for (path, pom, text) in new {
                ours.extend(pom.artifact.clone());
                let Some(known) = KnownFile::of_path(&path) else {
                    continue;
                };
                members.push(Relative {
                    is_others: self.is_others(&path),
                    inherits: pom.version.is_none(),
                    odd: None,
                    unit: Unit::own(
                        &path,
                        FileFormat::Known(known),
                        pom.artifact,
                        known.read(&text),
                    ),
                });
            }
        }
    }

    /// Files with one name below a directory that have a version: the given one, or that of the last release, if one is given. Examples and
    /// vendored files are skipped.
    fn same_named(
        &self,
        folder: &str,
        name: &str,
        wanted: Option<&Version>,
    ) -> Result<Vec<Relative>> {
        let mut members = Vec::new();
        for one in self.below(folder, name)? {
            let path = format!("{folder}{}{one}/{name}", slash(folder));
            let is_near = wanted.is_none() || one.split('/').count() <= MEMBER_DEPTH;
            let Some(known) = KnownFile::of_path(&path).filter(|_| is_near && !is_foreign(&path))
            else {
                continue;
            };
            let version = known.read(&self.text(&path)?.unwrap_or_default());
            let is_wanted = wanted.is_none() || version.as_ref() == wanted || version == self.last;
            if version.is_some() && is_wanted {
                members.push(Relative {
                    is_others: self.is_others(&path),
                    inherits: false,
                    odd: None,
                    unit: Unit::own(&path, FileFormat::Known(known), None, version),
                });
            }
        }
        Ok(members)
    }
}
