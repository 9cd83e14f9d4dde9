//! What the user asked for.

use crate::config::release::PushMode;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::manifest::ReleaseKind;
use crate::domain::text::inert;
use crate::domain::version;
use crate::project::Project;

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The components; all that changed if it names none.
    pub components: Vec<String>,
    /// A version, or `patch`, `minor`, `major`.
    pub version: Option<String>,
    /// Label of a pre-release.
    pub pre: Option<String>,
    /// Kind of the release; by its branch, and by what was merged, if not given.
    pub kind: Option<ReleaseKind>,
    /// Branch to release from when HEAD is detached.
    pub branch: Option<String>,
    pub push: bool,
    /// The branch whose changelog gets the sections of the release.
    pub port: Option<String>,
    /// Add to notes that people have written what they do not name.
    pub add_missing: bool,
    /// Release although checklist items of the release spec are open.
    pub skip_checklist: bool,
    pub skip_gates: Vec<String>,
    /// Checks that may find what they find.
    pub skip_checks: Vec<String>,
    /// Why something is skipped.
    pub reason: Option<String>,
    /// Only to know what stands in the way: no command of the configuration runs.
    pub only_look: bool,
}

impl Wanted {
    /// Skips a check that has found something, if the user wants that, with the reason. The trailer that says so, for the tag and the
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

/// Whether a release from this branch goes by way of another one: branches of releases and hotfixes are such already.
pub fn is_reviewed(project: &Project, branch: &str) -> bool {
    project.config.push.mode == PushMode::PullRequest && version::of_branch(branch).is_none()
}
