//! The version that is cut out of Unreleased.

use crate::domain::forge::Forge;

/// The data that a cut needs besides the document.
#[derive(Debug, Clone)]
pub struct Cut<'a> {
    /// The version without prefix, as it is in headings: `1.2.3`.
    pub version: &'a str,
    /// `YYYY-MM-DD` (ISO 8601, as Keep a Changelog asks).
    pub date: &'a str,
    pub tag: &'a str,
    pub previous_tag: Option<&'a str>,
    /// The project's address on the web, used only if the file has no comparison links yet.
    pub forge: Option<&'a Forge>,
    /// The file without generated lines. It shows whether there is an Unreleased section between releases, and what that section always
    /// contains.
    pub stored: &'a [u8],
}
