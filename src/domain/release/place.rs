//! Place where a gate runs: a word in `relwatch.yml` and in plans.

use serde::{Deserialize, Serialize};

/// Where a gate runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GatePlace {
    /// In the working tree.
    #[default]
    Here,
    /// In a checkout of the release commit, before anybody sees it.
    ReleaseTree,
}
