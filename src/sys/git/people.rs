//! Who made commits, by the names that the repository's mailmap gives them (gitmailmap(5)).

use git2::{Mailmap, Signature, Sort, Time};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::sys::git::object_name::{commit_id, oid};
use crate::sys::git::repo::Repo;

/// The names of people.
pub struct People(Option<Mailmap>);

impl People {
    /// Name and address of `Name <address>`, as the mailmap has them.
    pub fn person(&self, signature: &str) -> (String, String) {
        // Who leaves the name out often leaves the brackets out, too.
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
    /// Who people are.
    pub fn people(&self) -> People {
        People(self.git.mailmap().ok())
    }

    /// A commit and everything that it follows from, newest first.
    pub fn ancestry(&self, commit: CommitId) -> Result<impl Iterator<Item = CommitId>> {
        let mut walk = self.git.revwalk()?;
        walk.set_sorting(Sort::NONE)?;
        walk.push(oid(commit))?;
        Ok(walk.flatten().filter_map(|id| commit_id(id).ok()))
    }
}
