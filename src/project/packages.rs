//! The packages of a component, by its manifests: files of changesets and knope name packages.

use crate::domain::entry::component::Component;
use crate::domain::version::file::manifest::{ManifestPackage, package};
use crate::sys::files;
use crate::sys::git::Repo;

const MANIFESTS: [&str; 3] = ["package.json", "Cargo.toml", "pyproject.toml"];

/// What the manifests in the folders of a component describe. One that cannot be read describes none: `check` says what is wrong with it.
pub fn packages(repo: &Repo, component: &Component) -> Vec<ManifestPackage> {
    let mut packages = Vec::new();
    for folder in &component.folders {
        for name in MANIFESTS {
            let path = match folder.as_str() {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            };
            let text = files::read(&files::at(repo.root(), &path)).ok().flatten();
            let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
            packages.extend(text.and_then(|text| package(&path, &text)));
        }
    }
    packages
}
