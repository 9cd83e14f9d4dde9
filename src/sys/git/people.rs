//! Authors and committers, with the names from the repository's mailmap (gitmailmap(5)).

use git2::{Mailmap, Signature, Sort, Time};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::sys::git::object_name::{commit_id, oid};
use crate::sys::git::repo::Repo;

/// The names of authors and committers.
pub struct People(Option<Mailmap>);

impl People {
    /// Name and address from `Name <address>`, after the mailmap is applied.
    pub fn person(&self, signature: &str) -> (String, String) {
        // Signatures without a name often lack the brackets, too.
        let (name, address) = signature.rsplit_once('<').unwrap_or({
            if signature.contains('@') && !signature.trim().contains(' ') {
                ("", signature)
            } else {
                (signature, "")
            }
        });
        let address = address.split('>').next().unwrap_or_default();
        let (name, address) = (name.trim(), address.trim());
        let written = Signature::new(name, address, &Time::new(0, 0)).ok();
        let mapped = written.and_then(|written| {
            let mapped = self.0.as_ref()?.resolve_signature(&written).ok()?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            Some((text(mapped.name_bytes()), text(mapped.email_bytes())))
        });
        mapped.unwrap_or_else(|| (name.to_owned(), address.to_owned()))
    }
}

impl Repo {
    /// The names from the mailmap.
    pub fn people(&self) -> People {
        People(self.git.mailmap().ok())
    }

    /// A commit and all its ancestors, newest first.
    pub fn ancestry(&self, commit: CommitId) -> Result<impl Iterator<Item = CommitId>> {
        let mut walk = self.git.revwalk()?;
        walk.set_sorting(Sort::NONE)?;
        walk.push(oid(commit))?;
        Ok(walk.flatten().filter_map(|id| commit_id(id).ok()))
    }
}
