//! What libgit2 answers: that something is not there is no error, and what it does not read is asked of git.

use git2::ErrorCode;

use crate::domain::failure::{Failure, Result};

impl From<git2::Error> for Failure {
    fn from(error: git2::Error) -> Failure {
        Failure::failed(format!("git: {}", error.message()))
    }
}

/// `None` for what is not there, or is something else. That the system failed is neither.
pub(super) fn found<T>(result: Looked<T>) -> Result<Option<T>> {
    match result {
        Err(error) if is_nothing(&error) => Ok(None),
        result => Ok(Some(result?)),
    }
}

/// What libgit2 answers.
pub(super) type Looked<T> = std::result::Result<T, git2::Error>;

/// Whether nothing is there, or something else is.
pub(super) fn is_nothing(error: &git2::Error) -> bool {
    use ErrorCode::{InvalidSpec, NotFound, Peel};
    matches!(error.code(), NotFound | Peel | InvalidSpec)
}

/// Whether an object is there and libgit2 does not read it: git takes commits by an author without an address.
pub(super) fn is_unread(error: &git2::Error) -> bool {
    error.code() == ErrorCode::GenericError
}

/// What libgit2 knows, else what git says if it is asked.
pub(super) fn known_or<T>(known: Looked<T>, asked: impl FnOnce() -> Result<T>) -> Result<T> {
    match known {
        Err(error) if is_unread(&error) => asked(),
        known => Ok(known?),
    }
}
