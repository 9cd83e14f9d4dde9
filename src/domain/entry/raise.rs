//! The version increase that a change requires, and the evidence for it. A title's first verb alone is not trusted: it raises a minor
//! version at most.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::entry::kind::Kind;
use crate::domain::version::Weight;

/// The evidence for the kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Someone declared it: a commit type, a trailer, a spec, a category.
    Declared,
    /// The first verb of a title names it.
    Verb,
    /// The first verb of a title names it, and the commit touches no source.
    VerbWithoutSource,
}

/// The cause of a version increase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RaisedBy {
    Breaking,
    /// A declared removal.
    Removal,
    /// A removal according to the first verb of its title, which may just as well be about internals.
    LooksLikeRemoval,
    Feature,
    Deprecation,
    Other,
    /// `bump` of the configuration, by this word.
    Configured(String),
}

impl fmt::Display for RaisedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RaisedBy::Breaking => "breaking",
            RaisedBy::Removal => "removal",
            RaisedBy::Feature => "feature",
            RaisedBy::Deprecation => "deprecation",
            RaisedBy::LooksLikeRemoval | RaisedBy::Other => "change",
            RaisedBy::Configured(word) => return write!(f, "`bump: {word}`"),
        })
    }
}

/// The size of a version increase, and its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    pub weight: Weight,
    pub cause: RaisedBy,
}

/// The data of a change that matters for the next version.
#[derive(Debug, Clone, Copy)]
pub struct Weighed<'a> {
    /// Commit type of the change.
    pub word: Option<&'a str>,
    pub kind: Kind,
    pub breaking: bool,
    pub evidence: Evidence,
}

impl<'a> Weighed<'a> {
    /// A change of a known kind.
    pub fn by(evidence: Evidence, word: Option<&'a str>, kind: Kind, breaking: bool) -> Self {
        Weighed {
            word,
            kind,
            breaking,
            evidence,
        }
    }
}

/// Configured exceptions from the usual increases, by `breaking`, kinds of change and commit types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bumps(pub BTreeMap<String, Weight>);

impl Bumps {
    /// The increase for a change. The commit's own type takes precedence over the kind that it means.
    pub fn raise(&self, change: Weighed<'_>) -> Raise {
        let (usual, cause) = usual(change);
        let word = if change.breaking {
            Some("breaking")
        } else {
            change.word.filter(|word| self.0.contains_key(*word))
        };
        let word = word.unwrap_or(change.kind.word());
        let most = match (change.evidence, change.kind) {
            _ if change.breaking => Weight::Breaking,
            (Evidence::Declared, _) => Weight::Breaking,
            (Evidence::VerbWithoutSource, _) | (_, Kind::Removed) => Weight::Fix,
            (Evidence::Verb, _) => Weight::Feature,
        };
        match self.0.get(word) {
            Some(weight) if *weight <= most => Raise {
                weight: *weight,
                cause: RaisedBy::Configured(word.to_owned()),
            },
            _ => Raise {
                weight: usual.min(most),
                cause,
            },
        }
    }
}

/// The increase according to Semantic Versioning and Conventional Commits. A declared removal breaks the users of the removed feature.
fn usual(change: Weighed<'_>) -> (Weight, RaisedBy) {
    match change.kind {
        _ if change.breaking => (Weight::Breaking, RaisedBy::Breaking),
        Kind::Removed if change.evidence != Evidence::Declared => {
            (Weight::Fix, RaisedBy::LooksLikeRemoval)
        }
        Kind::Removed => (Weight::Breaking, RaisedBy::Removal),
        Kind::Added => (Weight::Feature, RaisedBy::Feature),
        Kind::Deprecated => (Weight::Feature, RaisedBy::Deprecation),
        _ => (Weight::Fix, RaisedBy::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_raise() {
        let bumps = [
            ("feat", Weight::Fix),
            ("security", Weight::Feature),
            ("removed", Weight::Feature),
            ("chore", Weight::Nothing),
        ];
        let configured = Bumps(bumps.map(|(word, w)| (word.to_owned(), w)).into());
        let usual = Bumps::default();
        use Evidence::{Declared, Verb, VerbWithoutSource};
        for (word, kind, breaking, evidence, by_default, by_config) in [
            (None, Kind::Added, false, Declared, "minor", "minor"),
            (Some("feat"), Kind::Added, false, Declared, "minor", "patch"),
            (Some("feat"), Kind::Added, true, Declared, "major", "major"),
            (
                Some("fix"),
                Kind::Security,
                false,
                Declared,
                "patch",
                "minor",
            ),
            (
                Some("chore"),
                Kind::Internal,
                false,
                Declared,
                "patch",
                "none",
            ),
            (None, Kind::Removed, false, Declared, "major", "minor"),
            (None, Kind::Removed, false, Verb, "patch", "patch"),
            (None, Kind::Added, false, Verb, "minor", "minor"),
            (None, Kind::Deprecated, false, Verb, "minor", "minor"),
            (
                None,
                Kind::Added,
                false,
                VerbWithoutSource,
                "patch",
                "patch",
            ),
            (
                None,
                Kind::Changed,
                true,
                VerbWithoutSource,
                "major",
                "major",
            ),
        ] {
            let change = Weighed {
                word,
                kind,
                breaking,
                evidence,
            };
            let raised = [&usual, &configured].map(|bumps| bumps.raise(change).weight.to_string());
            assert_eq!(raised, [by_default, by_config], "{change:?}");
        }
    }
}
