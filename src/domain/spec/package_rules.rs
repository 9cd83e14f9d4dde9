//! How the tool of a source versions packages together.

use glob::{MatchOptions, Pattern};
use serde::Deserialize;

/// Package settings of a project; by default each package has its own version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PackageRules {
    /// Groups that are released together, with one version.
    pub fixed: Vec<PackageGroup>,
    /// Groups whose released packages get the same version.
    pub linked: Vec<PackageGroup>,
    /// Packages that are not released.
    pub ignore: PackageGroup,
    #[serde(rename = "___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH")]
    pub dependants: DependantRules,
}

/// When a release includes dependants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DependantRules {
    /// Whether peer dependants follow only a version that leaves their range.
    pub only_update_peer_dependents_when_out_of_range: bool,
    pub update_internal_dependents: UpdatedDependants,
}

/// Dependants that follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdatedDependants {
    /// Dependants whose range does not include the new version.
    #[default]
    OutOfRange,
    Always,
}

/// Package names and globs, as micromatch reads the plain ones: `@scope/*`, `!@scope/one`. No braces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PackageGroup(Vec<String>);

impl PackageGroup {
    /// Whether a package is in the group.
    pub fn has(&self, package: &str) -> bool {
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::default()
        };
        let matches = |glob: &str| {
            let glob = Pattern::new(glob);
            glob.is_ok_and(|glob| glob.matches_with(package, options))
        };
        let mut excluded = self.0.iter().filter_map(|glob| glob.strip_prefix('!'));
        self.0.iter().any(|glob| matches(glob)) && !excluded.any(matches)
    }
}
