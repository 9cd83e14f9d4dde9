//! The packages of a component, by its manifests: files of changesets and knope name packages.

use crate::domain::entry::component::Component;
use crate::domain::version::file::package::package_name;
use crate::sys::files;
use crate::sys::git::Repo;

const MANIFESTS: [&str; 3] = ["package.json", "Cargo.toml", "pyproject.toml"];

/// The names that the manifests in the folders of a component give. What cannot be read names none: `check` says what is wrong with it.
pub fn names(repo: &Repo, component: &Component) -> Vec<String> {
    let mut names = Vec::new();
    for folder in &component.folders {
        for name in MANIFESTS {
            let path = match folder.as_str() {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            };
            let text = files::read(&files::at(repo.root(), &path)).ok().flatten();
            let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
            names.extend(text.and_then(|text| package_name(&path, &text)));
        }
    }
    names
}
