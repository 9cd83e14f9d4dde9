//! The packages that manifests describe, whatever their format.

use semver::Version;

use crate::domain::version::file::npm::PackageRequirement;
use crate::domain::version::file::{FileFormat, cargo, npm, python};

/// A package as its manifest describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManifestPackage {
    pub name: String,
    /// `None` if the manifest says none; that of npm packages alone is read.
    pub version: Option<Version>,
    /// The packages that those of npm require.
    pub requires: Vec<PackageRequirement>,
}

/// The package of a manifest; `None` if the file is no manifest, or names none.
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
