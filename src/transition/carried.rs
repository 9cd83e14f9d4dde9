//! A file that receives the change of a commit although the user has changes in it, staged or not: git's own checkout would reject it.
//! Fails if the file, or its index entry, has changed since the change was prepared.

use serde::{Deserialize, Serialize};

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::FileAction;
use crate::project::Project;
use crate::sys::files::{self, Durable, Prepared};
use crate::sys::lock::WriteLock;

/// The change of one file in index and working tree. The journal contains it completely: after a crash, everything needed to continue is
/// there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedFile {
    pub path: String,
    /// The blobs in the index, before and after. `None` if the index has none.
    pub staged: Option<[String; 2]>,
    /// `None` if the file is not in the working tree.
    pub file: Option<CarriedBytes>,
}

/// The bytes of a file in the working tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedBytes {
    /// Digest of the previous content.
    before: String,
    /// The new content.
    after: FileAction,
}

impl CarriedBytes {
    /// A file that has the bytes `before` and gets the bytes `after`.
    pub fn new(before: &[u8], after: Vec<u8>) -> CarriedBytes {
        CarriedBytes {
            before: files::digest(before),
            after: FileAction::Write { after },
        }
    }
}

impl CarriedFile {
    /// Updates index and file: both, or neither.
    ///
    /// # Errors
    /// Exit 5 if one of them was changed meanwhile.
    pub(super) fn bring(&self, project: &Project, held: &WriteLock) -> Result<()> {
        let prepared = self.prepared(project)?; // a full disk is found out here
        self.stage(project, held)?;
        let Some((prepared, before)) = prepared else {
            return Ok(());
        };
        let brought = match prepared.commit_over(before) {
            Ok(true) => return Ok(()),
            Ok(false) => Err(self.changed("was saved in between")),
            Err(error) => Err(error),
        };
        if let Some([from, to]) = &self.staged {
            project.repo.restage(held, &self.path, to, from)?;
        }
        brought
    }

    /// Completes the update after a crash. An index entry or a file that was changed since is kept.
    pub(super) fn finish(&self, project: &Project, held: &WriteLock) -> Result<()> {
        let path = &self.path;
        if let Err(error) = self.stage(project, held) {
            if error.exit != Exit::Stale {
                return Err(error);
            }
            tracing::warn!("{error}");
        }
        if let Some((prepared, before)) = self.prepared(project)?
            && !prepared.commit_over(before)?
        {
            tracing::warn!("{path} was edited after an interrupted move and stays");
        }
        Ok(())
    }

    fn stage(&self, project: &Project, held: &WriteLock) -> Result<()> {
        let Some([from, to]) = &self.staged else {
            return Ok(());
        };
        if project.repo.restage(held, &self.path, from, to)? {
            Ok(())
        } else {
            Err(self.changed("was staged in between"))
        }
    }

    /// The new file, and the digest of the file that it replaces. `None` if nothing has to be written.
    fn prepared(&self, project: &Project) -> Result<Option<(Prepared, &str)>> {
        let Some(CarriedBytes { before, after }) = &self.file else {
            return Ok(None);
        };
        let FileAction::Write { after } = after else {
            return Ok(None);
        };
        let place = files::at(project.repo.root(), &self.path);
        let present = files::read(&place)?;
        if present.is_none_or(|present| present == *after) {
            return Ok(None);
        }
        let prepared = files::prepare(&place, after, Durable::Yes)?;
        Ok(Some((prepared, before)))
    }

    fn changed(&self, how: &str) -> Failure {
        Failure::new(Exit::Stale, format!("{} {how}", self.path))
            .with_remedy("run the command again")
    }
}
