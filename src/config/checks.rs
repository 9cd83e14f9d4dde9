//! Checks by hooks.

use serde::Deserialize;

use crate::domain::time_limit::TimeLimit;

/// What a check does with what it finds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CheckLevel {
    /// It does not look.
    #[default]
    Off,
    /// It says so.
    Warn,
    /// It says so, and git does not go on.
    Reject,
}

/// Checks by hooks; all are off until somebody wants them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct HookChecks {
    /// Messages that do not follow Conventional Commits.
    pub commit_msg: CheckLevel,
    /// Features on frozen branches.
    pub freeze: CheckLevel,
    /// Which those are; `*` matches anything.
    pub freeze_branches: Vec<String>,
    /// Pushes that move or delete a release tag.
    pub release_tags: CheckLevel,
    /// How long hooks and filter may take, if that is less than `relwatch.deadline` of git's configuration says.
    pub deadline: Option<TimeLimit>,
}

impl Default for HookChecks {
    fn default() -> Self {
        HookChecks {
            commit_msg: CheckLevel::Off,
            freeze: CheckLevel::Off,
            freeze_branches: vec!["release/*".into()],
            release_tags: CheckLevel::Off,
            deadline: None,
        }
    }
}

impl HookChecks {
    /// Whether features are not welcome on a branch.
    pub fn freezes(&self, branch: &str) -> bool {
        self.freeze != CheckLevel::Off && matches_branch(&self.freeze_branches, branch)
    }
}

pub(super) fn matches_branch(patterns: &[String], branch: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, branch))
}

/// Whether a pattern, in which each `*` matches anything, is about a branch.
pub fn matches(pattern: &str, branch: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == branch;
    };
    let Some(mut left) = branch.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, branch, expected) in [
            ("main", "main", true),
            ("main", "main2", false),
            ("release/*", "release/1/x", true),
            ("*.x", "1.25.x", true),
            ("*.x", "1.25.y", false),
            ("v*.x", "1.x", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c", false),
            ("a*a", "a", false),
            ("*", "any", true),
        ] {
            assert_eq!(matches(pattern, branch), expected, "{pattern} {branch}");
        }
    }
}
