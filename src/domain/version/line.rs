//! Maintenance lines: branches from which older versions are still released, while newer ones are tagged elsewhere.

use semver::Version;

use crate::domain::version::{Level, Weight, core, level_for, next};

/// Highest level that a release may have without leaving its line, and the version that limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineBound<'v> {
    pub most: Level,
    /// Release that begins the next line.
    pub before: &'v Version,
}

/// Limit of the line of the release `last`, if final versions of a higher line are tagged: below the next minor version there is only room
/// for a patch, below the next major version also for a minor version. Pre-releases do not begin a line: their version is not released yet.
pub fn bound<'v>(last: &Version, tagged: &'v [Version]) -> Option<LineBound<'v>> {
    let finals = || tagged.iter().filter(|one| one.pre.is_empty());
    let minor = finals().filter(|one| one.major == last.major && one.minor > last.minor);
    let major = finals().filter(|one| one.major > last.major);
    let of = |most, before| LineBound { most, before };
    let minor = minor.min().map(|before| of(Level::Patch, before));
    minor.or_else(|| major.min().map(|before| of(Level::Minor, before)))
}

/// Version after `last` for a change of this weight, and the limit that kept it in its line, if there was one.
pub fn proposed<'v>(
    last: &Version,
    weight: Weight,
    tagged: &'v [Version],
) -> (Version, Option<LineBound<'v>>) {
    let level = level_for(Some(last), weight);
    let kept = bound(last, tagged).filter(|bound| level > bound.most);
    let level = kept.map_or(level, |bound| bound.most);
    (next(Some(last), level, None), kept)
}

/// Name of a line: `1.25.x` or `1.x`.
pub fn name(last: &Version, most: Level) -> String {
    let Version { major, minor, .. } = core(last);
    match most {
        Level::Patch => format!("{major}.{minor}.x"),
        _ => format!("{major}.x"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(text: &str) -> Vec<Version> {
        let versions = text.split(' ').map(|v| Version::parse(v).unwrap());
        versions.collect()
    }

    #[test]
    fn a_line_ends_before_the_next_one() {
        for (last, tagged, expected) in [
            ("1.25.0", "1.24.0 1.25.0", "none"),
            ("1.25.0", "1.25.0 1.25.7", "none"),
            (
                "1.25.0",
                "1.25.0 1.26.0 1.27.0 1.28.0",
                "patch before 1.26.0",
            ),
            ("1.24.0", "1.24.0 1.26.0", "patch before 1.26.0"),
            ("1.5.2", "1.5.2 2.0.0 3.0.0", "minor before 2.0.0"),
            ("1.5.2", "1.5.2 2.0.0-beta.1", "none"),
            ("1.5.2", "1.5.2 1.6.0-beta.1 2.0.0", "minor before 2.0.0"),
            ("0.9.1", "0.9.1 1.0.0", "minor before 1.0.0"),
        ] {
            let last = Version::parse(last).unwrap();
            let tagged = versions(tagged);
            let found = bound(&last, &tagged);
            let found = found.map(|LineBound { most, before }| format!("{most} before {before}"));
            assert_eq!(found.as_deref().unwrap_or("none"), expected, "{last}");
        }
    }

    #[test]
    fn the_next_version_stays_in_its_line() {
        use Weight::{Breaking, Feature, Fix};
        let k8s = "1.25.0 1.26.0 1.28.0";
        for (last, tagged, weight, expected) in [
            ("1.25.0", k8s, Fix, "1.25.1"),
            ("1.25.0", k8s, Feature, "1.25.1"),
            ("1.25.0", k8s, Breaking, "1.25.1"),
            ("1.28.0", k8s, Feature, "1.29.0"),
            ("1.28.0", k8s, Breaking, "2.0.0"),
            ("1.5.2", "1.5.2 2.0.0", Fix, "1.5.3"),
            ("1.5.2", "1.5.2 2.0.0", Feature, "1.6.0"),
            ("1.5.2", "1.5.2 2.0.0", Breaking, "1.6.0"),
            ("1.5.2", "1.5.2 2.0.0-rc.1", Breaking, "2.0.0"),
            ("0.5.2", "0.5.2 0.6.0", Feature, "0.5.3"),
        ] {
            let last = Version::parse(last).unwrap();
            let tagged = versions(tagged);
            let (version, kept) = proposed(&last, weight, &tagged);
            assert_eq!(version.to_string(), expected, "{last} {weight}");
            let is_kept = level_for(Some(&last), weight) != super::super::between(&last, &version);
            assert_eq!(kept.is_some(), is_kept, "{last} {weight}");
        }
    }
}
