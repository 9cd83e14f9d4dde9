//! Next version according to SemVer 2.0.0.

pub mod alignment;
pub mod calendar;
pub mod families;
pub mod file;
pub mod form;
pub mod line;
pub mod prerelease;
pub mod tag_format;

use std::fmt;

use semver::Version;
use serde::Deserialize;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::terminal::printable;

/// How much a release changes for its users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Patch,
    Minor,
    Major,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Patch => "patch",
            Level::Minor => "minor",
            Level::Major => "major",
        })
    }
}

/// Level that a change asks for. Before 1.0, a breaking change asks for the next minor version (SemVer, clause 4: anything may change).
/// 1.0.0 is released only on request.
pub fn level_for(last: Option<&Version>, weightiest: Weight) -> Level {
    let stable = last.is_some_and(|v| v.major > 0);
    match weightiest {
        Weight::Breaking if stable => Level::Major,
        Weight::Breaking | Weight::Feature => Level::Minor,
        Weight::Fix | Weight::Nothing => Level::Patch,
    }
}

/// What a change means for the next version, lightest first. The names of `bump` in relwatch.yml are those of a stable project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Weight {
    /// It asks for no release of its own.
    #[serde(rename = "none")]
    Nothing,
    /// It only fixes or changes something.
    #[serde(rename = "patch")]
    Fix,
    #[serde(rename = "minor")]
    Feature,
    #[serde(rename = "major")]
    Breaking,
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Weight::Nothing => "none",
            Weight::Fix => "patch",
            Weight::Feature => "minor",
            Weight::Breaking => "major",
        })
    }
}

/// Level of the step from one version to a newer one.
pub fn between(old: &Version, new: &Version) -> Level {
    if old.major != new.major {
        Level::Major
    } else if old.minor != new.minor {
        Level::Minor
    } else {
        Level::Patch
    }
}

/// Level of a release; the first one counts as a new feature.
pub fn step(last: Option<&Version>, new: &Version) -> Level {
    last.map_or(Level::Minor, |last| between(last, new))
}

/// Version after `last`. Without an earlier release it is `start`, else 0.1.0.
pub fn next(last: Option<&Version>, level: Level, start: Option<&Version>) -> Version {
    let Some(last) = last else {
        let zero = Version::new(0, 0, 0);
        return start
            .filter(|v| **v > zero)
            .cloned()
            .unwrap_or(Version::new(0, 1, 0));
    };
    // 1.2.0-rc.1 comes before 1.2.0, which is the next minor and patch version of the release before it.
    let reaches = !last.pre.is_empty()
        && match level {
            Level::Major => last.minor == 0 && last.patch == 0,
            Level::Minor => last.patch == 0,
            Level::Patch => true,
        };
    match level {
        _ if reaches => core(last),
        Level::Major => Version::new(last.major + 1, 0, 0),
        Level::Minor => Version::new(last.major, last.minor + 1, 0),
        Level::Patch => Version::new(last.major, last.minor, last.patch + 1),
    }
}

/// Version without its pre-release.
pub fn core(version: &Version) -> Version {
    Version::new(version.major, version.minor, version.patch)
}

/// First version from `version` on, in steps of `level`, that is not taken: a version is used only once.
pub fn free(version: Version, level: Level, taken: &[Version]) -> Version {
    let mut version = version;
    while taken.contains(&version) {
        version = next(Some(&version), level, None);
    }
    version
}

/// Tag that a release or hotfix branch is named after: `release/v0.2.0`, `hotfix/v0.1.1`.
pub fn of_branch(branch: &str) -> Option<&str> {
    let kinds = ["release/", "hotfix/"];
    kinds.iter().find_map(|kind| branch.strip_prefix(kind))
}

/// Level that a user names.
pub fn level(word: &str) -> Option<Level> {
    let levels = [Level::Patch, Level::Minor, Level::Major];
    levels.into_iter().find(|level| level.to_string() == word)
}

/// Version that a user typed, `1.2.3` or `v1.2.3`.
///
/// # Errors
/// Fails with exit code 2 for anything else.
pub fn typed(words: &str) -> Result<Version> {
    form::read(words.strip_prefix('v').unwrap_or(words)).ok_or_else(|| {
        let words = printable(words);
        Failure::new(Exit::Usage, format!("`{words}` is no version"))
            .with_remedy("give one like 1.2.3, or patch, minor or major")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn the_table_of_the_release_documents() {
        for (last, weight, expected) in [
            ("0.6.0", Weight::Breaking, "0.7.0"),
            ("0.6.0", Weight::Feature, "0.7.0"),
            ("0.6.0", Weight::Fix, "0.6.1"),
            ("1.2.3", Weight::Breaking, "2.0.0"),
            ("1.2.3", Weight::Feature, "1.3.0"),
            ("1.2.3", Weight::Fix, "1.2.4"),
        ] {
            let last = v(last);
            let level = level_for(Some(&last), weight);
            assert_eq!(next(Some(&last), level, None), v(expected));
        }
        assert_eq!(next(None, Level::Minor, None), v("0.1.0"));
        assert_eq!(next(None, Level::Minor, Some(&v("0.3.0"))), v("0.3.0"));
    }

    #[test]
    fn versions_are_used_once_and_follow_their_pre_releases() {
        let taken = [v("0.1.0")];
        assert_eq!(free(v("0.1.0"), Level::Minor, &taken), v("0.2.0"));
        assert_eq!(free(v("0.1.0"), Level::Patch, &taken), v("0.1.1"));
        for (last, level, expected) in [
            ("0.2.0-rc.1", Level::Patch, "0.2.0"),
            ("0.2.0-rc.1", Level::Minor, "0.2.0"),
            ("0.2.1-rc.1", Level::Minor, "0.3.0"),
            ("1.0.0-rc.1", Level::Major, "1.0.0"),
            ("1.1.0-rc.1", Level::Major, "2.0.0"),
        ] {
            assert_eq!(next(Some(&v(last)), level, None), v(expected), "{last}");
        }
    }
}
