//! Interprets libgit2's answers: a missing object is not an error, and what libgit2 cannot read is read by git.

use git2::ErrorCode;

use crate::domain::failure::{Failure, Result};

impl From<git2::Error> for Failure {
    fn from(error: git2::Error) -> Failure {
        Failure::failed(format!("git: {}", error.message()))
    }
}

/// The value, or `None` if it is missing or of another type. A system error remains an error.
pub(super) fn found<T>(result: Looked<T>) -> Result<Option<T>> {
    match result {
        Err(error) if is_nothing(&error) => Ok(None),
        result => Ok(Some(result?)),
    }
}

/// An answer of libgit2.
pub(super) type Looked<T> = std::result::Result<T, git2::Error>;

/// Whether the object is missing or of another type.
pub(super) fn is_nothing(error: &git2::Error) -> bool {
    use ErrorCode::{InvalidSpec, NotFound, Peel};
    matches!(error.code(), NotFound | Peel | InvalidSpec)
}

/// Whether an object exists but libgit2 cannot read it: git accepts commits by an author without an address, for example.
pub(super) fn is_unread(error: &git2::Error) -> bool {
    error.code() == ErrorCode::GenericError
}

/// The answer of libgit2, else that of git.
pub(super) fn known_or<T>(known: Looked<T>, asked: impl FnOnce() -> Result<T>) -> Result<T> {
    match known {
        Err(error) if is_unread(&error) => asked(),
        known => Ok(known?),
    }
}
