//! A version as a file holds it.

use semver::Version;

/// A file and the version that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionedFile {
    pub path: String,
    pub version: Version,
}
