//! The names of packages, as their manifests have them.

use crate::domain::version::file::{FileFormat, cargo, npm, python};

/// The name that a manifest gives its package; `None` if the file is no manifest, or names none.
pub fn package_name(path: &str, text: &str) -> Option<String> {
    match FileFormat::of_path(path)? {
        FileFormat::Cargo => cargo::read(text).ok()?.name,
        FileFormat::Npm => npm::read(text).ok()?.name,
        FileFormat::Pyproject => python::read(text).ok()?.name,
        FileFormat::Module | FileFormat::Lock => None,
    }
}
