//! Full names of git references: `refs/tags/v1.0.0`, `refs/heads/main`, `HEAD` (gitrevisions(7)).

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

const TAGS: &str = "refs/tags/";

const BRANCHES: &str = "refs/heads/";

/// Full name of a reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RefName(String);

impl RefName {
    /// Name that git gave in full.
    pub fn full(name: &str) -> RefName {
        RefName(name.to_owned())
    }

    /// Full name of a tag.
    pub fn tag(tag: &str) -> RefName {
        RefName(format!("{TAGS}{tag}"))
    }

    /// Full name of a local branch, here or on a remote.
    pub fn branch(branch: &str) -> RefName {
        RefName(format!("{BRANCHES}{branch}"))
    }

    /// Name of a detached HEAD.
    pub fn head() -> RefName {
        RefName("HEAD".to_owned())
    }

    /// Tag name, if the reference is a tag.
    pub fn as_tag(&self) -> Option<&str> {
        tag_of(self)
    }

    /// Whether git cannot store both: one would be the directory that contains the other (git-check-ref-format(1), rule 1).
    pub fn conflicts(&self, other: &RefName) -> bool {
        let is_in = |name: &str, directory: &str| {
            let rest = name.strip_prefix(directory);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        is_in(self, other) || is_in(other, self)
    }

    /// Words for messages: `branch release`, `tag v1.0.0`.
    pub fn described(&self) -> String {
        match (self.as_tag(), branch_of(self)) {
            (Some(tag), _) => format!("tag {tag}"),
            (_, Some(branch)) => format!("branch {branch}"),
            _ => self.0.clone(),
        }
    }

    /// Whether the reference is a tag.
    pub fn is_tag(&self) -> bool {
        self.as_tag().is_some()
    }
}

/// Tag name in a full name, if it is a tag.
pub fn tag_of(name: &str) -> Option<&str> {
    name.strip_prefix(TAGS)
}

/// Branch name in a full name, if it is a local branch.
pub fn branch_of(name: &str) -> Option<&str> {
    name.strip_prefix(BRANCHES)
}

impl Deref for RefName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_and_read() {
        assert_eq!(RefName::tag("api/v1").as_tag(), Some("api/v1"));
        assert_eq!(branch_of(&RefName::branch("a/b")), Some("a/b"));
        assert!(!RefName::head().is_tag() && branch_of("refs/remotes/origin/a").is_none());
        let conflicts = |a: &str, b: &str| RefName::branch(a).conflicts(&RefName::branch(b));
        assert!(conflicts("release", "release/v1") && conflicts("release/v1/x", "release/v1"));
        assert!(!conflicts("release", "release") && !conflicts("releases/v1", "release"));
        assert_eq!(RefName::branch("a/b").described(), "branch a/b");
        let json = serde_json::to_string(&RefName::tag("v1")).unwrap();
        assert_eq!(json, "\"refs/tags/v1\"");
    }
}
