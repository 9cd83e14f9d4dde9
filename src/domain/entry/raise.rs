//! What a change asks of the next version, and what says so. Refuses to believe a title's first verb alone: it raises a minor version
//! at most.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::entry::kind::Kind;
use crate::domain::version::Weight;

/// How it is known what kind of change something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Somebody said so: a commit type, a trailer, a spec, a category.
    Declared,
    /// The first verb of a title says so.
    Verb,
    /// The same, and the commit touches no source.
    VerbWithoutSource,
}

/// What makes a change raise the version as it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RaisedBy {
    Breaking,
    /// A removal that somebody declared.
    Removal,
    /// A removal by the first verb of its title, which may as well be about internals.
    LooksLikeRemoval,
    Feature,
    Deprecation,
    Other,
    /// `bump` of the configuration says so, by this word.
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

/// How much a change raises the version, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    pub weight: Weight,
    pub cause: RaisedBy,
}

/// A change, as far as it matters for the next version.
#[derive(Debug, Clone, Copy)]
pub struct Weighed<'a> {
    /// Its commit type.
    pub word: Option<&'a str>,
    pub kind: Kind,
    pub breaking: bool,
    pub evidence: Evidence,
}

impl<'a> Weighed<'a> {
    /// A change of a kind that something says.
    pub fn by(evidence: Evidence, word: Option<&'a str>, kind: Kind, breaking: bool) -> Self {
        Weighed {
            word,
            kind,
            breaking,
            evidence,
        }
    }
}

/// What the configuration says instead of the usual, by `breaking`, kinds of change and commit types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bumps(pub BTreeMap<String, Weight>);

impl Bumps {
    /// What a change raises. The commit's own type goes before the kind that it means.
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

/// What Semantic Versioning and Conventional Commits have a change raise. A declared removal breaks whoever used what is gone.
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
