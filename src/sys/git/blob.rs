//! Names of blobs.

use git2::Oid;
use sha1::{Digest, Sha1};

/// A blob's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob(pub(super) Oid);

impl std::fmt::Display for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Blob {
    /// The name that these bytes have as a blob.
    pub fn from_bytes(bytes: &[u8]) -> Blob {
        let head = format!("blob {}\0", bytes.len());
        let digest = Sha1::new_with_prefix(head).chain_update(bytes).finalize();
        Blob(Oid::from_bytes(&digest).unwrap_or(Oid::ZERO_SHA1)) // it has twenty bytes
    }
}
