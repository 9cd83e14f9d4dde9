//! A file's version.

use semver::Version;

/// A file and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionedFile {
    pub path: String,
    pub version: Version,
}
