//! What a release would do: decided here, changed nowhere. Dry run, check and release all ask this one place.

pub mod candidate;
pub mod checks;
pub mod frame;
pub mod part;
pub mod steps;

use std::collections::HashSet;

use crate::domain::failure::{Failure, Result};
use crate::domain::release::check::Checks;
use crate::domain::release::manifest::{self, Record};
use crate::domain::release::plan::{FileChange, Plan};
use crate::domain::release::step::SkippedGate;
use crate::domain::text::{inert, terminal};
use crate::history::queue;
use crate::history::range::History;
use crate::project::Project;
use crate::release::plan::candidate::{Candidate, candidates};
use crate::release::plan::checks::Subject;
use crate::release::plan::frame::{Findings, Frame};
use crate::release::plan::part::{Part, part};
use crate::release::remote::{self, Remote};
use crate::release::request::Wanted;
use crate::release::{still_fits, support_block};
use crate::sys::clock;

/// A plan, and what people should know of it.
pub struct Planned {
    /// `None` if a check failed.
    pub plan: Option<Plan>,
    pub checks: Checks,
    pub parts: Vec<Part>,
    pub warnings: Vec<String>,
}

/// What a release says above all that is not met.
pub const NOT_YET: &str = "cannot release yet";

impl Planned {
    /// The plan.
    ///
    /// # Errors
    /// Exit 3 with everything that is not met.
    pub fn ready(&self) -> Result<&Plan> {
        self.checks.demand(NOT_YET)?;
        // Whatever left no plan has said why.
        self.plan
            .as_ref()
            .ok_or_else(|| Failure::unmet(NOT_YET, &[]))
    }
}

/// Decides everything. What the user typed stands in for the notes. Who has read the histories of all components hands them over.
///
/// # Errors
/// Exit 6 if there is nothing to release. What is not met is in the checks.
pub fn decide(
    project: &Project,
    wanted: &Wanted,
    remote: &Remote,
    typed: Option<&str>,
    read: &[&History],
) -> Result<Planned> {
    let mut findings = Findings::default();
    let head = project.repo.head()?;
    let Some(base) = head.commit.clone() else {
        let detail = "there is no commit yet";
        findings.checks.fail("commit", detail, "make one first");
        return Ok(planned(findings, Vec::new(), None));
    };
    let asked = wanted.branch.as_deref();
    let branch = remote::branch(&head, asked);
    let subject = Subject {
        project,
        remote,
        base: &base,
        branch: &branch,
        asked,
        only_look: wanted.only_look,
    };
    findings.checks = subject.first()?;
    let mut frame = Frame {
        base: &base,
        branch: &branch,
        date: &clock::today(),
        remote,
        wanted,
        awaited: HashSet::new(),
        skipped_gates: skipped_gates(wanted),
    };
    let candidates = candidates(project, &frame, read, &mut findings)?;
    frame.awaited = awaited(&candidates);
    let (parts, files) = parts(candidates, &frame, typed, &mut findings)?;
    if !parts.is_empty() {
        are_known(project, &frame.skipped_gates, &mut findings.checks);
    }
    let releases = parts.iter().map(|part| &part.cutting);
    subject.last(releases, &files, wanted.push, &mut findings.checks)?;
    if !findings.checks.failed().is_empty() || parts.is_empty() {
        return Ok(planned(findings, parts, None));
    }
    let plan = assembled(project, &frame, &parts, files, &mut findings.warnings)?;
    Ok(planned(findings, parts, Some(plan)))
}

fn planned(findings: Findings, parts: Vec<Part>, plan: Option<Plan>) -> Planned {
    let Findings { checks, warnings } = findings;
    Planned {
        plan,
        checks,
        parts,
        warnings,
    }
}

/// The specs that a component has yet to release and that is not released now.
fn awaited(candidates: &[Candidate]) -> HashSet<String> {
    let mut awaited = HashSet::new();
    for one in candidates.iter().filter(|one| one.version.is_none()) {
        let specs = one.history.specs.iter();
        let waiting = specs.filter(|spec| queue::is_waiting(&one.history, spec));
        awaited.extend(waiting.map(|spec| spec.id.clone()));
    }
    awaited
}

/// Every version that is cut, and all files together. Each builds on the files of those before it: two may change one file, such as
/// the lock of a workspace.
fn parts(
    candidates: Vec<Candidate>,
    frame: &Frame<'_>,
    typed: Option<&str>,
    findings: &mut Findings,
) -> Result<(Vec<Part>, Vec<FileChange>)> {
    let mut parts = Vec::new();
    let mut files: Vec<FileChange> = Vec::new();
    for candidate in candidates {
        let Some(part) = part(candidate, frame, &files, typed, findings)? else {
            continue;
        };
        for file in &part.files {
            files.retain(|known| known.path != file.path);
            files.push(file.clone());
        }
        parts.push(part);
    }
    Ok((parts, files))
}

/// The gates that the user skips, and why.
fn skipped_gates(wanted: &Wanted) -> Vec<SkippedGate> {
    let reason = inert::inline(wanted.reason.as_deref().unwrap_or_default());
    let skipped = wanted.skip_gates.iter().map(|name| SkippedGate {
        name: name.clone(),
        reason: reason.clone(),
    });
    skipped.collect()
}

/// Whether relwatch.yml has these gates.
fn are_known(project: &Project, skipped: &[SkippedGate], checks: &mut Checks) {
    let gates = &project.config.gates;
    let known: Vec<&str> = gates.iter().map(|gate| gate.name.as_str()).collect();
    for SkippedGate { name, .. } in skipped {
        if !known.contains(&name.as_str()) {
            let detail = format!("there is no gate {}", terminal::printable(name));
            let mend = match known.is_empty() {
                true => "relwatch.yml has none".to_owned(),
                false => format!("there are {}", known.join(", ")),
            };
            checks.fail("gates", detail, mend);
        }
    }
}

fn assembled(
    project: &Project,
    frame: &Frame<'_>,
    parts: &[Part],
    mut files: Vec<FileChange>,
    warnings: &mut Vec<String>,
) -> Result<Plan> {
    let records: Vec<Record> = parts.iter().map(|part| part.record.clone()).collect();
    let unserved = support_block::refresh(project, frame.base, frame.date, &records, &mut files)?;
    warnings.extend(unserved);
    let path = &project.config.manifest;
    if !path.is_empty() {
        let before = project.repo.file_at(frame.base, path)?;
        let before = before.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let after = manifest::with(before.as_deref(), &records);
        files.push(FileChange::write(path.clone(), after.into_bytes()));
    }
    let who = project.repo.signatures()?;
    let mut plan = Plan {
        relwatch: env!("CARGO_PKG_VERSION").to_owned(),
        config: still_fits::config_name(project)?,
        date: frame.date.to_owned(),
        branch: frame.branch.to_owned(),
        base: frame.base.to_owned(),
        author: who.author,
        committer: who.committer,
        commit_message: String::new(),
        releases: parts.iter().map(|part| part.cutting.clone()).collect(),
        files,
        skipped_gates: frame.skipped_gates.clone(),
        steps: Vec::new(),
    };
    plan.commit_message = format!("chore(release): {}\n", plan.tags().join(", "));
    let remote = frame.remote.name.as_deref().filter(|_| frame.wanted.push);
    plan.steps = steps::of_plan(project, &plan, remote)?;
    Ok(plan)
}
