//! The packages of a component, from its manifests: files of changesets and knope name packages.

use crate::domain::entry::component::Component;
use crate::domain::spec::knope;
use crate::domain::version::file::manifest::{ManifestPackage, package};
use crate::sys::files;
use crate::sys::git::Repo;

const MANIFESTS: [&str; 3] = ["package.json", "Cargo.toml", "pyproject.toml"];

/// The packages in the manifests in the directories of a component, and those that knope.toml has in them. An unreadable manifest is
/// skipped: `check` reports the problem.
pub fn packages(repo: &Repo, component: &Component) -> Vec<ManifestPackage> {
    let mut packages = Vec::new();
    for folder in &component.folders {
        for name in MANIFESTS {
            let path = match folder.as_str() {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            };
            packages.extend(text(repo, &path).and_then(|text| package(&path, &text)));
        }
    }
    let of_knope = knope::packages(&text(repo, knope::FILE).unwrap_or_default());
    let own = of_knope.into_iter().filter(|(_, files)| {
        let mut files = files.iter();
        files.any(|file| component.has_path(file) && !component.is_others(file))
    });
    packages.extend(own.map(|(name, _)| ManifestPackage {
        name,
        ..ManifestPackage::default()
    }));
    packages
}

fn text(repo: &Repo, path: &str) -> Option<String> {
    let bytes = files::read(&files::at(repo.root(), path)).ok().flatten()?;
    String::from_utf8(bytes).ok()
}
