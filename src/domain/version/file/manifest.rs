//! Packages that manifests describe, in any format.

use semver::Version;

use crate::domain::version::file::npm::PackageRequirement;
use crate::domain::version::file::{FileFormat, cargo, npm, python};

/// A package as its manifest describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManifestPackage {
    pub name: String,
    /// `None` if the manifest has none; it is read for npm packages only.
    pub version: Option<Version>,
    /// Packages that an npm package requires.
    pub requires: Vec<PackageRequirement>,
}

/// Package of a manifest; `None` if the file is not a manifest, or names no package.
pub fn package(path: &str, text: &str) -> Option<ManifestPackage> {
    let named = |name: Option<String>| {
        Some(ManifestPackage {
            name: name?,
            ..ManifestPackage::default()
        })
    };
    match FileFormat::of_path(path)? {
        FileFormat::Cargo => named(cargo::read(text).ok()?.name),
        FileFormat::Npm => {
            let read = npm::read(text).ok()?;
            Some(ManifestPackage {
                name: read.name?,
                version: read.version,
                requires: read.requires,
            })
        }
        FileFormat::Pyproject => named(python::read(text).ok()?.name),
        FileFormat::Module | FileFormat::Lock | FileFormat::Known(_) => None,
    }
}
