//! The part of `relwatch.yml` that is about the project's pages.

use serde::Deserialize;

use crate::config::file::FILE;
use crate::domain::forge::ForgeKind;

/// Where the project is on the web.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// The address of its pages. Without it pages of releases are found by the remote, and entries link nothing.
    pub url: Option<String>,
    /// What kind of forge it is, if its name does not show it.
    pub forge: Option<ForgeKind>,
    /// Whether entries link their issues and commits; they do if `url` is set. The remote's address does not count: a fork's clone has
    /// another one, and every clone shows the same section.
    pub links: Option<bool>,
}

impl Web {
    /// What to say of a key that no longer does what it says.
    pub fn hint(&self) -> Option<String> {
        let is_idle = self.links == Some(true) && self.url.is_none();
        is_idle.then(|| {
            format!("{FILE}: web: `links` needs `url`, so that entries link the same pages in every clone; add the address of the project's pages")
        })
    }
}
