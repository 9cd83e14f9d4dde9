//! The version that is cut out of Unreleased.

use crate::domain::forge::Forge;

/// What a cut needs to know besides the document.
#[derive(Debug, Clone)]
pub struct Cut<'a> {
    /// Without prefix, as it stands in headings: `1.2.3`.
    pub version: &'a str,
    /// `YYYY-MM-DD` (ISO 8601, as Keep a Changelog asks).
    pub date: &'a str,
    pub tag: &'a str,
    pub previous_tag: Option<&'a str>,
    /// Where the project is on the web, used only where the file has no comparison links yet.
    pub forge: Option<&'a Forge>,
    /// The file without generated lines: it shows whether there is an Unreleased section between releases, and what that always has.
    pub stored: &'a [u8],
}
