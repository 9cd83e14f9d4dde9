//! Data that all versions of a release share, and findings made while they are decided.

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::release::check::Checks;
use crate::domain::release::step::SkippedGate;
use crate::release::remote::Remote;
use crate::release::request::Wanted;
use crate::sys::git::Head;

/// Data that all versions of a release share.
pub struct Frame<'a> {
    /// HEAD when the plan was started: histories are read from there, even if HEAD moves meanwhile.
    pub head: &'a Head,
    pub base: CommitId,
    pub branch: &'a str,
    /// `YYYY-MM-DD`.
    pub date: &'a str,
    pub remote: &'a Remote,
    pub wanted: &'a Wanted,
    /// Specs that components not released now have yet to release.
    pub awaited: HashSet<String>,
    pub skipped_gates: Vec<SkippedGate>,
    /// Skipped checks of the whole release, for tags and manifest.
    pub skipped_checks: Vec<String>,
}

impl Frame<'_> {
    /// Gates and checks that the user skipped, for the tag and the manifest.
    pub fn skipped(&self) -> impl Iterator<Item = String> {
        let gates = self.skipped_gates.iter().map(SkippedGate::trailer);
        gates.chain(self.skipped_checks.iter().cloned())
    }
}

/// Checks and warnings, in the order in which they were found.
#[derive(Default)]
pub struct Findings {
    pub checks: Checks,
    pub warnings: Vec<String>,
    /// The forge's data, once it was asked.
    pub facts: Option<ForgeFacts>,
    /// Note that the forge could not be asked and the user continues, for tags and manifest.
    pub skipped_forge: Option<String>,
}
