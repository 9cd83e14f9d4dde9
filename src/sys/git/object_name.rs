//! Names of objects, made by the repository's hash function (gitformat-hash-function-transition, `extensions.objectFormat`).

use git2::{ObjectFormat, Oid};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};

/// The name of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob(pub(super) Oid);

impl std::fmt::Display for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Blob {
    /// The blob name of these bytes in a repository with this format.
    pub fn from_bytes(format: ObjectFormat, bytes: &[u8]) -> Blob {
        let mut hash = ObjectHash::new(format);
        hash.update(format!("blob {}\0", bytes.len()).as_bytes());
        hash.update(bytes);
        Blob(hash.finish())
    }

    /// Parses the digits that git prints.
    ///
    /// # Errors
    /// Fails if they are not the name of an object.
    pub(super) fn parse(hex: &str) -> Result<Blob> {
        object_id(hex).map(Blob)
    }
}

/// A hash of the repository's format.
pub(super) enum ObjectHash {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl ObjectHash {
    pub fn new(format: ObjectFormat) -> ObjectHash {
        match format {
            ObjectFormat::Sha1 => ObjectHash::Sha1(Sha1::new()),
            ObjectFormat::Sha256 => ObjectHash::Sha256(Sha256::new()),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            ObjectHash::Sha1(hash) => hash.update(bytes),
            ObjectHash::Sha256(hash) => hash.update(bytes),
        }
    }

    pub fn finish(self) -> Oid {
        let named = match self {
            ObjectHash::Sha1(hash) => Oid::from_bytes(&hash.finalize()),
            ObjectHash::Sha256(hash) => Oid::from_bytes(&hash.finalize()),
        };
        named.unwrap_or(Oid::ZERO_SHA1) // a digest is as long as a name
    }
}

/// Length in bytes of the names of a format.
pub(super) fn id_length(format: ObjectFormat) -> usize {
    match format {
        ObjectFormat::Sha1 => 20,
        ObjectFormat::Sha256 => 32,
    }
}

/// The name of an object from its full digits.
///
/// # Errors
/// Fails if the text is anything else.
pub(super) fn object_id(hex: &str) -> Result<Oid> {
    let id = CommitId::parse(hex).map(oid);
    id.ok_or_else(|| Failure::failed(format!("git: `{hex}` is not the name of an object")))
}

/// A name in libgit2's type.
pub(super) fn oid(id: CommitId) -> Oid {
    Oid::from_bytes(id.bytes()).unwrap_or(Oid::ZERO_SHA1) // it has as many bytes as a name has
}

/// A name in our type.
pub(super) fn commit_id(oid: Oid) -> Result<CommitId> {
    let id = CommitId::from_bytes(oid.as_bytes());
    id.ok_or_else(|| Failure::failed(format!("git: {oid} is not the name of a commit")))
}
