//! Rules by which commits belong to specs that they do not name.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};

/// A rule by which a commit belongs to a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OwnedBy {
    /// It changes the directory of this spec and of no other one, or the file where a spec is one.
    Directory,
    /// It changes the list of tasks of this spec and of no other one.
    Tasks,
    /// A merge of the branch that has the spec's ID as its name brought it.
    Branch,
    /// Its subject names the spec.
    Subject,
    /// It changes the spec's file or names its issue, or is of the same pull request as one that does.
    PullRequest,
}

impl fmt::Display for OwnedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            OwnedBy::Directory => "directory",
            OwnedBy::Tasks => "tasks",
            OwnedBy::Branch => "branch",
            OwnedBy::Subject => "subject",
            OwnedBy::PullRequest => "pull-request",
        };
        write!(f, "inferred by `{word}`")
    }
}

/// Rules of a source; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ownership(Vec<OwnedBy>);

impl Ownership {
    /// Whether a rule is among them.
    pub fn has(&self, rule: OwnedBy) -> bool {
        self.0.contains(&rule)
    }
}

impl<'de> Deserialize<'de> for Ownership {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ownership, D::Error> {
        struct OwnershipVisitor;
        impl<'de> de::Visitor<'de> for OwnershipVisitor {
            type Value = Ownership;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "one of directory, tasks, branch, subject, pull-request, or a list of them",
                )
            }
            fn visit_str<E: de::Error>(self, rule: &str) -> Result<Ownership, E> {
                // Without a rule, only commits that are named belong to a spec.
                if rule == "named" {
                    return Ok(Ownership::default());
                }
                OwnedBy::deserialize(de::value::StrDeserializer::new(rule))
                    .map(|rule| Ownership(vec![rule]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Ownership, A::Error> {
                let mut rules = Vec::new();
                while let Some(rule) = seq.next_element()? {
                    rules.push(rule);
                }
                Ok(Ownership(rules))
            }
        }
        deserializer.deserialize_any(OwnershipVisitor)
    }
}
