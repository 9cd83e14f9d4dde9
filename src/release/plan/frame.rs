//! What all versions of a release share, and what is found out while they are decided.

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
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
    /// Of the whole release, for tags and manifest.
    pub skipped_freeze: Option<String>,
}

impl Frame<'_> {
    /// What of gates and freeze was skipped openly, for the tag and the manifest.
    pub fn skipped(&self) -> impl Iterator<Item = String> {
        let gates = self.skipped_gates.iter().map(SkippedGate::trailer);
        gates.chain(self.skipped_freeze.iter().cloned())
    }
}

/// Checks and warnings, in the order in which they come up.
#[derive(Default)]
pub struct Findings {
    pub checks: Checks,
    pub warnings: Vec<String>,
}
