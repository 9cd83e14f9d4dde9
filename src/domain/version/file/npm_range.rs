//! Ranges of package.json, as node-semver reads them (<https://github.com/npm/node-semver#ranges>): Cargo's requirements with alternatives,
//! hyphens and spaces for "and". Tags, addresses and paths are refused, since they are not ranges.

use semver::{Version, VersionReq};

/// A range: a version fits if it fits one of its alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpmRange(Vec<VersionReq>);

impl NpmRange {
    /// Parses a range. `None` if the text is not one.
    pub fn read(text: &str) -> Option<NpmRange> {
        let alternatives = text.split("||").map(alternative);
        alternatives.collect::<Option<_>>().map(NpmRange)
    }

    /// Whether a version fits. A pre-release fits only if the range names one of the same version.
    pub fn admits(&self, version: &Version) -> bool {
        self.0.iter().any(|req| req.matches(version))
    }
}

/// Conditions that a version must all meet.
fn alternative(text: &str) -> Option<VersionReq> {
    if let Some((low, high)) = text.trim().split_once(" - ") {
        let (low, high) = (bare(low.trim()), bare(high.trim()));
        return joined(&[comparator(">=", low), comparator("<=", high)]);
    }
    let mut comparators: Vec<String> = Vec::new();
    let mut operator = String::new();
    for word in text.split_whitespace() {
        // An operator may be separated from its version.
        let at = word.find(|c: char| !"<>=^~".contains(c));
        operator.push_str(&word[..at.unwrap_or(word.len())]);
        let Some(at) = at else {
            continue;
        };
        let version = bare(&word[at..]);
        let is_whole = matches!(version, "*" | "x" | "X");
        let sign = match operator.as_str() {
            "~>" => "~",
            // For npm, a version without an operator means exactly that version.
            "" => "=",
            other => other,
        };
        // `<*` and `>*` match no version.
        match (is_whole, sign) {
            (true, "<" | ">") => comparators.push("<0.0.0-0".to_owned()),
            (true, _) => {}
            (false, _) => comparators.push(comparator(sign, version)),
        }
        operator.clear();
    }
    if operator.is_empty() {
        joined(&comparators)
    } else {
        None
    }
}

fn joined(comparators: &[String]) -> Option<VersionReq> {
    if comparators.is_empty() {
        return Some(VersionReq::STAR);
    }
    VersionReq::parse(&comparators.join(", ")).ok()
}

/// Cargo admits no pre-release of versions that `>=1.2` begins with; npm admits those newer than 1.2.0.
fn comparator(sign: &str, version: &str) -> String {
    let missing = 2_usize.saturating_sub(version.matches('.').count());
    let is_plain = version.chars().all(|c| c.is_ascii_digit() || c == '.');
    let zeros = match (sign, is_plain) {
        (">=", true) => ".0".repeat(missing),
        _ => String::new(),
    };
    format!("{sign}{version}{zeros}")
}

fn bare(version: &str) -> &str {
    version.strip_prefix(['v', 'V', '=']).unwrap_or(version)
}

/// Whether a new version of a package of this repository leaves a range on it. `workspace:*`, `workspace:^`, `workspace:~` and a path refer
/// to the last released version. A range that does not admit the current version either refers to a package of the registry.
pub fn is_left(range: &str, current: &Version, last: &Version, to: &Version) -> bool {
    let Some(own) = range.strip_prefix("workspace:") else {
        let range = NpmRange::read(range).filter(|range| range.admits(current));
        return range.is_some_and(|range| !range.admits(to));
    };
    let written = match own {
        "*" => last.to_string(),
        "^" | "~" => format!("{own}{last}"),
        path if path.contains('/') => last.to_string(),
        range => range.to_owned(),
    };
    NpmRange::read(&written).is_some_and(|range| !range.admits(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn ranges_are_read_as_node_semver_reads_them() {
        for (range, inside, outside) in [
            ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 1.3.0-rc.1"),
            ("^1.2.3-rc.1", "1.2.3-rc.2 1.2.3 1.9.0", "1.2.4-rc.1 2.0.0"),
            ("^0.2.3", "0.2.9", "0.3.0"),
            ("~1.2.3", "1.2.9", "1.3.0"),
            ("~>1.2", "1.2.9", "1.3.0"),
            ("1.2.3", "1.2.3", "1.2.4"),
            ("=v1.2.3", "1.2.3", "1.2.4"),
            ("1.2", "1.2.9", "1.3.0"),
            ("1.x", "1.2.9", "2.0.0"),
            ("^1.x", "1.2.9", "2.0.0"),
            ("1.2.*", "1.2.9", "1.3.0"),
            (">= 1.2.0 < 2", "1.2.0 1.9.9", "1.1.9 2.0.0"),
            ("1.2 - 2.3", "1.2.0 2.3.9", "1.1.0 2.4.0"),
            ("1.2.3 - 2.3.4", "2.3.4", "2.3.5"),
            ("2.0 - 2.0.3-rc.1", "2.0.3-rc.1", "2.0.3"),
            ("^1.0.0 || ^3.0.0", "1.5.0 3.0.1", "2.0.0 4.0.0"),
            ("*", "0.0.1 9.0.0", "1.0.0-rc.1"),
            ("", "1.0.0", "1.0.0-rc.1"),
            (">1.2", "1.3.0", "1.2.9"),
            ("<=1.2", "1.2.9", "1.3.0"),
            (">=*", "1.0.0", "1.0.0-rc.1"),
        ] {
            let read = NpmRange::read(range).unwrap();
            for version in inside.split(' ') {
                assert!(read.admits(&v(version)), "{range}: {version}");
            }
            for version in outside.split(' ') {
                assert!(!read.admits(&v(version)), "{range}: {version}");
            }
        }
        for text in [
            "latest",
            "file:../a",
            "npm:b@^1.0.0",
            "link:x",
            "^",
            "github:a/b",
        ] {
            assert_eq!(NpmRange::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_is_left_by_what_it_does_not_admit() {
        for (range, to, left) in [
            ("^1.0.0", "1.1.0", false),
            ("^1.0.0", "2.0.0", true),
            ("^1.0.0", "1.1.0-rc.1", true),
            // The range already refers to another package of the registry.
            ("^3.0.0", "4.0.0", false),
            ("latest", "2.0.0", false),
            ("file:../b", "2.0.0", false),
            ("workspace:*", "1.0.1", true),
            ("workspace:^", "1.0.1", false),
            ("workspace:^", "2.0.0", true),
            ("workspace:~", "1.1.0", true),
            ("workspace:^1.0.0", "2.0.0", true),
            ("workspace:packages/b", "1.0.1", true),
            ("workspace:any", "2.0.0", false),
        ] {
            let found = is_left(range, &v("1.0.0"), &v("1.0.0"), &v(to));
            assert_eq!(found, left, "{range} {to}");
        }
    }
}
