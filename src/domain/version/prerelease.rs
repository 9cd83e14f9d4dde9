//! Pre-releases of one version: their order, and the next one.
//!
//! SemVer 2.0.0, clause 11, compares `rc9` and `rc10` as text, so that `rc10` comes before `rc9`. People count, so here a label and the
//! digits after it are two parts, as if separated by a dot. [`disagree`] reports if both orders differ.

use std::cmp::Ordering;

use semver::{Prerelease, Version};

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::terminal::printable;
use crate::domain::version::core;

/// Part of a pre-release: numbers come before words (SemVer, clause 11.4.3).
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Number(u64),
    Word(&'a str),
}

/// Parts of a pre-release: `rc10` and `rc.10` are `rc` and 10.
fn parts(pre: &Prerelease) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for identifier in pre.split('.').filter(|word| !word.is_empty()) {
        let label = identifier.trim_end_matches(|c: char| c.is_ascii_digit());
        match identifier[label.len()..].parse() {
            Ok(number) => {
                parts.extend(Some(Part::Word(label)).filter(|_| !label.is_empty()));
                parts.push(Part::Number(number));
            }
            Err(_) => parts.push(Part::Word(identifier)),
        }
    }
    parts
}

/// Order of versions in which digits directly after a label count as a number.
pub fn by_number(a: &Version, b: &Version) -> Ordering {
    // A version is newer than its pre-releases.
    let is_final = |one: &Version| one.pre.is_empty();
    let of_core = core(a).cmp(&core(b));
    let of_core = of_core.then_with(|| is_final(a).cmp(&is_final(b)));
    let of_pre = of_core.then_with(|| parts(&a.pre).cmp(&parts(&b.pre)));
    // The build part contains a fourth number, or a post-release.
    of_pre.then_with(|| a.build.cmp(&b.build))
}

/// Newest pre-release of a version among these.
pub fn newest<'v>(of: &Version, taken: &'v [Version]) -> Option<&'v Version> {
    let own = taken
        .iter()
        .filter(|one| !one.pre.is_empty() && core(one) == core(of));
    own.max_by(|a, b| by_number(a, b))
}

/// Whether package managers would order two pre-releases of one version the other way round, as they are written.
pub fn disagree(newer: &str, older: &str) -> bool {
    let parsed = Version::parse(newer).ok().zip(Version::parse(older).ok());
    parsed.is_some_and(|(newer, older)| core(&newer) == core(&older) && newer < older)
}

/// Next pre-release of a version: `0.2.0-rc.1`, then `0.2.0-rc.2`. The spelling follows earlier ones: `0.2.0-rc3` after `0.2.0-rc2`.
///
/// # Errors
/// Fails with exit code 2 for an invalid label (SemVer, clause 9), and with exit code 3 if a newer one is tagged.
pub fn next(
    of: &Version,
    label: &str,
    taken: &[Version],
    written: impl Fn(&Version) -> String,
) -> Result<Version> {
    let is_word = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if label.is_empty() || !is_word || label.ends_with(|c: char| c.is_ascii_digit()) {
        let label = printable(label);
        return Err(Failure::new(
            Exit::Usage,
            format!("`{label}` is no label of a pre-release"),
        )
        .with_remedy("use alpha, beta or rc"));
    }
    let version = numbered(of, label, taken)?;
    demand_newest(&version, taken, written)?;
    Ok(version)
}

/// Pre-release with one more than the highest number of this label.
fn numbered(of: &Version, label: &str, taken: &[Version]) -> Result<Version> {
    let number_of = |pre: &Prerelease| match parts(pre).as_slice() {
        [Part::Word(word), Part::Number(number), ..] if *word == label => Some(*number),
        _ => None,
    };
    let own = taken.iter().filter(|one| core(one) == core(of));
    let numbers = own.filter_map(|one| number_of(&one.pre));
    let number = numbers.max().map_or(1, |highest| highest + 1);
    // The spelling is that of this version's pre-releases, else that of the newest pre-release with a number.
    let counted = || taken.iter().filter(|one| number_of(&one.pre).is_some());
    let of_core = counted().filter(|one| core(one) == core(of));
    let model = of_core
        .max_by(|a, b| by_number(a, b))
        .or_else(|| counted().max_by(|a, b| by_number(a, b)));
    let dot = match model {
        Some(one) if !one.pre.starts_with(&format!("{label}.")) => "",
        _ => ".",
    };
    let pre = Prerelease::new(&format!("{label}{dot}{number}"))
        .map_err(|error| Failure::new(Exit::Usage, format!("`{label}` is no label: {error}")))?;
    Ok(Version { pre, ..core(of) })
}

/// Checks that a pre-release is newer than all others of its version. `written` formats versions as the project does.
///
/// # Errors
/// Fails with exit code 3 if a pre-release of the same version is at least as new, and names the next newer one.
pub fn demand_newest(
    version: &Version,
    taken: &[Version],
    written: impl Fn(&Version) -> String,
) -> Result<()> {
    let Some(newest) = newest(version, taken) else {
        return Ok(());
    };
    if version.pre.is_empty() || by_number(version, newest) == Ordering::Greater {
        return Ok(());
    }
    let what = format!("{} is not newer than {}", written(version), written(newest));
    let failure = Failure::precondition(what);
    let label = parts(&newest.pre).into_iter().find_map(|part| match part {
        Part::Word(word) => Some(word),
        Part::Number(_) => None,
    });
    Err(match label {
        Some(label) => {
            let next = written(&numbered(newest, label, taken)?);
            failure.with_remedy(format!(
                "the next one is {next}: run `relwatch release {next}`"
            ))
        }
        None => failure,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn labels_count_by_number() {
        let ascending = [
            "1.0.0-1",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.1.2",
            "1.0.0-b1",
            "1.0.0-beta.2",
            "1.0.0-rc.1",
            "1.0.0-rc9",
            "1.0.0-rc10",
            "1.0.0-rc.11",
            "1.0.0",
            "1.0.1-a",
        ];
        for (at, a) in ascending.iter().enumerate() {
            for (other, b) in ascending.iter().enumerate() {
                assert_eq!(by_number(&v(a), &v(b)), at.cmp(&other), "{a} {b}");
            }
        }
        assert!(disagree("1.0.0-rc11", "1.0.0-rc9"));
        assert!(!disagree("1.0.0-rc11", "1.0.0-rc10"));
        assert!(!disagree("1.0.0-rc.11", "1.0.0-rc.9"));
    }

    #[test]
    fn the_next_pre_release() {
        // Tagged versions, label, and the next pre-release of 1.0.0 or the error.
        for (taken, label, expected) in [
            ("", "rc", "1.0.0-rc.1"),
            ("1.0.0-rc.1 1.0.0-rc.2", "rc", "1.0.0-rc.3"),
            ("1.0.0-rc.9 1.0.0-rc.10", "rc", "1.0.0-rc.11"),
            ("1.0.0-rc9 1.0.0-rc10", "rc", "1.0.0-rc11"),
            ("1.0.0-rc9 1.0.0-rc.10", "rc", "1.0.0-rc.11"),
            ("1.0.0-b1", "b", "1.0.0-b2"),
            ("1.0.0-b1", "rc", "1.0.0-rc.1"),
            ("0.9.0-rc1 0.9.0-rc2", "rc", "1.0.0-rc1"),
            ("1.0.0-rc.0", "rc", "1.0.0-rc.1"),
            ("1.0.0-alpha.3", "beta", "1.0.0-beta.1"),
            (
                "1.0.0-rc.1",
                "beta",
                "1.0.0-beta.1 is not newer than 1.0.0-rc.1; the next one is 1.0.0-rc.2",
            ),
            ("", "rc.1", "`rc.1` is no label"),
            ("", "rc1", "`rc1` is no label"),
            ("", "1", "`1` is no label"),
        ] {
            let taken: Vec<Version> = taken.split_whitespace().map(v).collect();
            let said = match next(&v("1.0.0"), label, &taken, Version::to_string) {
                Ok(version) => version.to_string(),
                Err(failure) => failure.to_string(),
            };
            assert!(said.starts_with(expected), "{taken:?} {label}: {said}");
        }
    }

    #[test]
    fn a_typed_pre_release_is_newer_than_all_of_its_version() {
        let taken = [v("0.4.0-rc.11"), v("0.5.0-rc.1")];
        for (typed, is_newer) in [
            ("0.4.0-rc.12", true),
            ("0.4.0-rc.11", false),
            ("0.4.0-rc.2", false),
            ("0.4.0-alpha.1", false),
            ("0.4.0-rc12", true),
            ("0.4.0", true),
            ("0.6.0-alpha.1", true),
        ] {
            assert_eq!(
                demand_newest(&v(typed), &taken, Version::to_string).is_ok(),
                is_newer,
                "{typed}"
            );
        }
    }
}
