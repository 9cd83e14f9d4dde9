//! What all versions of a release share, and what is found out while they are decided.

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::release::check::Checks;
use crate::domain::release::step::SkippedGate;
use crate::release::remote::Remote;
use crate::release::request::Wanted;
use crate::sys::git::Head;

/// What all versions of a release share.
pub struct Frame<'a> {
    /// Where HEAD is: histories are read from there, whatever moves it meanwhile.
    pub head: &'a Head,
    pub base: CommitId,
    pub branch: &'a str,
    /// `YYYY-MM-DD`.
    pub date: &'a str,
    pub remote: &'a Remote,
    pub wanted: &'a Wanted,
    /// The specs of components that are not released now and have yet to release them.
    pub awaited: HashSet<String>,
    pub skipped_gates: Vec<SkippedGate>,
    /// Checks of the whole release that the user skips, for tags and manifest.
    pub skipped_checks: Vec<String>,
}

impl Frame<'_> {
    /// What of gates and checks was skipped openly, for the tag and the manifest.
    pub fn skipped(&self) -> impl Iterator<Item = String> {
        let gates = self.skipped_gates.iter().map(SkippedGate::trailer);
        gates.chain(self.skipped_checks.iter().cloned())
    }
}

/// Checks and warnings, in the order in which they come up.
#[derive(Default)]
pub struct Findings {
    pub checks: Checks,
    pub warnings: Vec<String>,
    /// What the forge told, once it was asked.
    pub facts: Option<ForgeFacts>,
    /// That it could not be asked and the user goes on, for tags and manifest.
    pub skipped_forge: Option<String>,
}
