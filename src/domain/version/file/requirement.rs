//! Version requirements between the packages of one repository.

use semver::{BuildMetadata, Version, VersionReq};

/// Result of raising a requirement on a package to its new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raised {
    /// The requirement is already right.
    Stays,
    To(String),
    /// The requirement does not admit the new version and has several parts or an upper bound.
    Odd,
}

/// Cargo requirement for a new version: operator and precision are kept (`^0.1` becomes `^0.2`). If such a requirement would not admit a
/// pre-release, the whole version is written.
pub fn raised(requirement: &str, to: &Version) -> Raised {
    let admits = |text: &str| VersionReq::parse(text).is_ok_and(|req| req.matches(to));
    let otherwise = || {
        if admits(requirement) {
            Raised::Stays
        } else {
            Raised::Odd
        }
    };
    let Some(at) = requirement.find(|c: char| c.is_ascii_digit()) else {
        return otherwise();
    };
    let (operator, number) = requirement.split_at(at);
    // `0.1.*` and, in npm, `0.1.x`.
    let wildcard = [".*", ".x", ".X"]
        .into_iter()
        .find(|end| number.ends_with(end));
    let wildcard = wildcard.unwrap_or("");
    let core = number.split(['-', '+']).next().unwrap_or(number);
    let core = core.strip_suffix(wildcard).unwrap_or(core);
    let is_simple = matches!(operator.trim(), "" | "=" | "^" | "~")
        && core.chars().all(|c| c.is_ascii_digit() || c == '.')
        && VersionReq::parse(requirement).is_ok();
    if !is_simple {
        return otherwise();
    }
    let short = match core.split('.').count() {
        1 => format!("{operator}{}{wildcard}", to.major),
        2 => format!("{operator}{}.{}{wildcard}", to.major, to.minor),
        _ => String::new(),
    };
    let whole = Version {
        build: BuildMetadata::EMPTY,
        ..to.clone()
    };
    let new = if admits(&short) && !short.is_empty() {
        short
    } else {
        format!("{operator}{whole}")
    };
    if new == requirement {
        Raised::Stays
    } else {
        Raised::To(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operator_and_precision_stay() {
        for (requirement, to, new) in [
            ("0.1.0", "0.2.0", "0.2.0"),
            ("^0.1", "0.2.0", "^0.2"),
            ("0.1", "0.2.0-rc.1", "0.2.0-rc.1"),
            ("~1", "2.0.0", "~2"),
            ("= 0.1.0", "0.2.0", "= 0.2.0"),
            ("=0.1.0-rc.1", "0.1.0", "=0.1.0"),
            ("1.2.0", "1.3.0+build", "1.3.0"),
            ("0.1.*", "0.2.0", "0.2.*"),
            ("1.x", "2.0.0", "2.x"),
        ] {
            let to = Version::parse(to).unwrap();
            assert_eq!(raised(requirement, &to), Raised::To(new.into()));
        }
        for (requirement, expected) in [
            ("^0.2", Raised::Stays),
            (">=0.1.0", Raised::Stays),
            ("*", Raised::Stays),
            (">=0.1, <0.2", Raised::Odd),
            ("<0.2", Raised::Odd),
            (">=0.1.0 <0.2.0", Raised::Odd),
            ("not one", Raised::Odd),
        ] {
            let to = Version::new(0, 2, 0);
            assert_eq!(raised(requirement, &to), expected, "{requirement}");
        }
    }
}
