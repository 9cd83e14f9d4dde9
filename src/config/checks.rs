//! Checks by hooks.

use serde::Deserialize;

/// What a check does with what it finds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
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
#[serde(default, deny_unknown_fields)]
pub struct Checks {
    /// Messages that do not follow Conventional Commits.
    pub commit_msg: Check,
    /// Features on frozen branches.
    pub freeze: Check,
    /// Which those are; a trailing `*` stands for anything.
    pub freeze_branches: Vec<String>,
    /// Pushes that move or delete a release tag.
    pub release_tags: Check,
}

impl Default for Checks {
    fn default() -> Self {
        Checks {
            commit_msg: Check::Off,
            freeze: Check::Off,
            freeze_branches: vec!["release/*".into()],
            release_tags: Check::Off,
        }
    }
}

impl Checks {
    /// Whether features are not welcome on a branch.
    pub fn freezes(&self, branch: &str) -> bool {
        self.freeze != Check::Off && matches_branch(&self.freeze_branches, branch)
    }
}

pub(super) fn matches_branch(patterns: &[String], branch: &str) -> bool {
    patterns.iter().any(|p| match p.strip_suffix('*') {
        Some(prefix) => branch.starts_with(prefix),
        None => p == branch,
    })
}
