//! Options of a release.

use crate::config::release::PushMode;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::manifest::ReleaseKind;
use crate::domain::text::inert;
use crate::domain::version;
use crate::project::Project;

/// Options of a release.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Components; if empty, all that changed.
    pub components: Vec<String>,
    /// Version, or `patch`, `minor`, `major`.
    pub version: Option<String>,
    /// Label of a pre-release.
    pub pre: Option<String>,
    /// Kind of the release; inferred from its branch and from what was merged if not given.
    pub kind: Option<ReleaseKind>,
    /// Branch to release from when HEAD is detached.
    pub branch: Option<String>,
    pub push: bool,
    /// Branch whose changelog gets the sections of the release.
    pub port: Option<String>,
    /// Add changes to hand-written notes that do not name them.
    pub add_missing: bool,
    /// Release although checklist items of the release spec are open.
    pub skip_checklist: bool,
    pub skip_gates: Vec<String>,
    /// Checks whose findings are ignored.
    pub skip_checks: Vec<String>,
    /// Reason for skipping.
    pub reason: Option<String>,
    /// Only report what blocks the release: no configured command runs.
    pub only_look: bool,
}

impl Wanted {
    /// Skips a check that has found something, if the user wants that, with the reason. Returns the trailer about it for the tag and the
    /// manifest.
    pub fn skipped(&self, check: CheckId, found: &str, checks: &mut Checks) -> Option<String> {
        let name = check.name();
        let is_skipped = self.skip_checks.iter().any(|skipped| *skipped == name);
        let reason = self.reason.as_deref().filter(|_| is_skipped)?;
        let reason = inert::inline(reason);
        checks.skip(check, format!("{found}: {reason}"));
        Some(format!("Check-Skipped: {name}: {reason}"))
    }
}

/// Whether a release from this branch goes through a review branch. A release or hotfix branch does not: it is one itself.
pub fn is_reviewed(project: &Project, branch: &str) -> bool {
    project.config.push.mode == PushMode::PullRequest && version::of_branch(branch).is_none()
}
