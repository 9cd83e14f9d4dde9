//! The order of versions in a changelog: the newest one first, below Unreleased.

use super::title::Title;
use crate::domain::version::form;

/// Whether a section belongs above another one.
pub(super) fn is_above(new: &Title, other: &Title) -> bool {
    match (new, other) {
        (Title::Unreleased, _) => true,
        (Title::Version(new), Title::Version(old)) => is_newer(new, old),
        _ => false,
    }
}

/// Whether one version is newer than another; false if either is not a version.
pub(super) fn is_newer(a: &str, b: &str) -> bool {
    match (form::read(a), form::read(b)) {
        (Some(a), Some(b)) => a > b,
        _ => false,
    }
}
