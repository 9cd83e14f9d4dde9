//! Decides a release without changing anything. Dry run, check and release all use this module.

mod by_template;
mod candidate;
pub mod checks;
mod frame;
mod freeze;
mod migration;
mod other_branch;
pub mod part;
mod placing;
mod release_spec;
pub mod steps;

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::order;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::manifest::{self, ReleaseKind, ReleaseRecord};
use crate::domain::release::plan::{Cutting, FileChange, Plan, PlannedArchive, PlannedPort};
use crate::domain::release::step::SkippedGate;
use crate::domain::release::texts::TextValues;
use crate::domain::text::{inert, terminal};
use crate::history::queue;
use crate::history::range::History;
use crate::project::Project;
use crate::release::plan::candidate::{Candidate, candidates};
use crate::release::plan::checks::CheckedRelease;
use crate::release::plan::frame::{Findings, Frame};
use crate::release::plan::part::{ReleasePart, part};
use crate::release::preconditions::RepositoryChecks;
use crate::release::remote::{self, Remote};
use crate::release::request::Wanted;
use crate::release::{still_true, support_block};
use crate::sys::clock;
use crate::sys::git::{Head, Signatures};

/// A plan, with remarks and warnings.
pub struct Planned {
    /// Plan; `None` if a check failed.
    pub plan: Option<Plan>,
    pub checks: Checks,
    pub parts: Vec<ReleasePart>,
    pub warnings: Vec<String>,
    known: KnownChecks,
}

/// Results of checks that are reused if the same release is planned with other notes. State that could have changed since is checked by
/// `still_true`.
#[derive(Clone, Default)]
struct KnownChecks {
    /// HEAD at that time.
    head: Head,
    /// Checks of the repository, the remote and `ci`.
    first: Checks,
    /// Checks of the publish steps.
    answers: Checks,
    /// The forge's data.
    facts: Option<ForgeFacts>,
}

/// Heading of the list of failed checks.
pub const NOT_YET: &str = "cannot release yet";

impl Planned {
    /// The plan.
    ///
    /// # Errors
    /// Exit 3 with all failed checks.
    pub fn ready(&self) -> Result<&Plan> {
        self.checks.demand(NOT_YET)?;
        // If there is no plan, a failed check says why.
        self.plan
            .as_ref()
            .ok_or_else(|| Failure::unmet(NOT_YET, &[]))
    }
}

/// Decides the whole release, on the commit that `head` is at. A caller that has read the histories of all components passes them.
///
/// # Errors
/// Exit 6 if there is nothing to release. Failed checks are part of the result.
pub fn decide(
    project: &Project,
    wanted: &Wanted,
    head: &Head,
    remote: &Remote,
    read: &[&History],
) -> Result<Planned> {
    let Some(base) = head.commit else {
        let mut checks = Checks::default();
        checks.fail(CheckId::Commit, "there is no commit yet", "make one first");
        return Ok(Planned {
            plan: None,
            checks,
            parts: Vec::new(),
            warnings: Vec::new(),
            known: KnownChecks::default(),
        });
    };
    let branch = remote::branch(head, wanted.branch.as_deref());
    let subject = subject(project, wanted, remote, base, &branch);
    let RepositoryChecks { checks, who } = subject.first(head)?;
    let findings = Findings {
        checks,
        ..Findings::default()
    };
    planned(
        &subject,
        head,
        wanted,
        findings,
        NotesSource::Generated(read, who),
    )
}

/// Decides the same release again with notes typed by the user. The caller has checked that the state is unchanged; `ci` and publish steps
/// are not asked again.
///
/// # Errors
/// As [`decide`].
pub fn with_notes(
    project: &Project,
    wanted: &Wanted,
    remote: &Remote,
    before: &Planned,
    typed: &str,
) -> Result<Planned> {
    let plan = before.ready()?;
    let subject = subject(project, wanted, remote, plan.base, &plan.branch);
    let findings = Findings {
        checks: before.known.first.clone(),
        facts: before.known.facts.clone(),
        ..Findings::default()
    };
    let notes = NotesSource::Typed(typed, before.known.answers.clone());
    planned(&subject, &before.known.head, wanted, findings, notes)
}

fn subject<'a>(
    project: &'a Project,
    wanted: &'a Wanted,
    remote: &'a Remote,
    base: CommitId,
    branch: &'a str,
) -> CheckedRelease<'a> {
    CheckedRelease {
        project,
        remote,
        base,
        branch,
        asked: wanted.branch.as_deref(),
        only_look: wanted.only_look,
    }
}

/// Source of a release's notes, with what is known so far.
enum NotesSource<'a> {
    /// Commits and specs: the histories read, and the committer.
    Generated(&'a [&'a History], Option<Signatures>),
    /// An editor or a command, with the results of the publish steps' checks.
    Typed(&'a str, Checks),
}

/// Decides the rest, on a commit and its branch.
fn planned(
    subject: &CheckedRelease<'_>,
    head: &Head,
    wanted: &Wanted,
    mut findings: Findings,
    notes: NotesSource<'_>,
) -> Result<Planned> {
    let first = findings.checks.clone();
    let mut frame = Frame {
        head,
        base: subject.base,
        branch: subject.branch,
        date: &clock::today(),
        remote: subject.remote,
        wanted,
        awaited: HashSet::new(),
        skipped_gates: skipped_gates(wanted),
        skipped_checks: Vec::new(),
    };
    let (read, typed, answers, who) = match notes {
        NotesSource::Generated(read, who) => (read, None, None, who),
        NotesSource::Typed(typed, answers) => ([].as_slice(), Some(typed), Some(answers), None),
    };
    let candidates = candidates(subject.project, &frame, read, &mut findings)?;
    frame.awaited = awaited(&candidates);
    frame.skipped_checks = skipped_checks(subject, &candidates, &frame, &mut findings)?;
    let (parts, files) = parts(candidates, &frame, typed, &mut findings)?;
    if !parts.is_empty() {
        are_known(subject.project, &frame.skipped_gates, &mut findings.checks);
    }
    let (answers, port) = last_checks(subject, &frame, &parts, &files, answers, &mut findings)?;
    let is_ready = findings.checks.failed().is_empty() && !parts.is_empty();
    let plan = if is_ready {
        Some(assembled(
            subject.project,
            &frame,
            &parts,
            files,
            port,
            who,
            &mut findings.warnings,
        )?)
    } else {
        None
    };
    Ok(Planned {
        plan,
        checks: findings.checks,
        parts,
        warnings: findings.warnings,
        known: KnownChecks {
            head: head.clone(),
            first,
            answers,
            facts: findings.facts,
        },
    })
}

/// The checks of all files together: of publish steps, if they have not run yet, and of the commit for another branch.
fn last_checks(
    subject: &CheckedRelease<'_>,
    frame: &Frame<'_>,
    parts: &[ReleasePart],
    files: &[FileChange],
    answers: Option<Checks>,
    findings: &mut Findings,
) -> Result<(Checks, Option<PlannedPort>)> {
    let checks = &mut findings.checks;
    let answers = match answers {
        Some(answers) => answers,
        None => subject.answers(parts.iter().map(|part| &part.cutting))?,
    };
    let releases: Vec<Cutting> = parts.iter().map(|part| part.cutting.clone()).collect();
    subject.last(&releases, files, answers.clone(), frame.wanted.push, checks)?;
    let port = other_branch::port(subject.project, frame, parts, files, checks)?;
    Ok((answers, port))
}

/// Specs that are yet to be released by components that are not released now.
fn awaited(candidates: &[Candidate]) -> HashSet<String> {
    let mut awaited = HashSet::new();
    for one in candidates.iter().filter(|one| one.version.is_none()) {
        let specs = one.history.specs.iter();
        let waiting = specs.filter(|spec| queue::is_waiting(&one.history, spec));
        awaited.extend(waiting.map(|spec| spec.id.clone()));
    }
    awaited
}

/// All versions of the release and their files. Each builds on the files of those before it, since two may change one file, such as the
/// lock file of a workspace.
fn parts(
    candidates: Vec<Candidate>,
    frame: &Frame<'_>,
    typed: Option<&str>,
    findings: &mut Findings,
) -> Result<(Vec<ReleasePart>, Vec<FileChange>)> {
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

/// Checks of the whole release that the user skips.
fn skipped_checks(
    subject: &CheckedRelease<'_>,
    candidates: &[Candidate],
    frame: &Frame<'_>,
    findings: &mut Findings,
) -> Result<Vec<String>> {
    let freeze = freeze::check(subject.project, candidates, frame, &mut findings.checks)?;
    Ok(freeze
        .into_iter()
        .chain(findings.skipped_forge.take())
        .collect())
}

/// Gates that the user skips, with the reason.
fn skipped_gates(wanted: &Wanted) -> Vec<SkippedGate> {
    let reason = inert::inline(wanted.reason.as_deref().unwrap_or_default());
    let skipped = wanted.skip_gates.iter().map(|name| SkippedGate {
        name: name.clone(),
        reason: reason.clone(),
    });
    skipped.collect()
}

/// Checks that relwatch.yml has these gates.
fn are_known(project: &Project, skipped: &[SkippedGate], checks: &mut Checks) {
    let gates = &project.config.gates;
    let known: Vec<&str> = gates.iter().map(|gate| gate.name.as_str()).collect();
    for SkippedGate { name, .. } in skipped {
        if !known.contains(&name.as_str()) {
            let detail = format!("there is no gate {}", terminal::printable(name));
            let remedy = if known.is_empty() {
                "relwatch.yml has none".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            };
            checks.fail(CheckId::Gates, detail, remedy);
        }
    }
}

/// Specs that commands archive, each once, even if several components have it.
fn archives(parts: &[ReleasePart]) -> Vec<PlannedArchive> {
    let mut all: Vec<PlannedArchive> = Vec::new();
    for one in parts.iter().flat_map(|part| &part.archives) {
        if all.iter().all(|known| known.path != one.path) {
            all.push(one.clone());
        }
    }
    order::by(&mut all, |a, b| a.id.cmp(&b.id));
    all
}

fn assembled(
    project: &Project,
    frame: &Frame<'_>,
    parts: &[ReleasePart],
    mut files: Vec<FileChange>,
    port: Option<PlannedPort>,
    who: Option<Signatures>,
    warnings: &mut Vec<String>,
) -> Result<Plan> {
    let records: Vec<ReleaseRecord> = parts.iter().map(|part| part.record.clone()).collect();
    let unserved = support_block::refresh(project, frame.base, frame.date, &records, &mut files)?;
    warnings.extend(unserved);
    let path = &project.config.manifest;
    if !path.is_empty() {
        let before = project.repo.file_at(frame.base, path)?;
        let before = before.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let after = manifest::with(before.as_deref(), &records);
        files.push(FileChange::write(path.clone(), after.into_bytes()));
    }
    let who = match who {
        Some(who) => who,
        None => project.repo.signatures()?, // time goes on while people type
    };
    let mut plan = Plan {
        relwatch: env!("CARGO_PKG_VERSION").to_owned(),
        config: still_true::config_name(project)?,
        date: frame.date.to_owned(),
        branch: frame.branch.to_owned(),
        base: frame.base,
        author: who.author,
        committer: who.committer,
        commit_message: String::new(),
        releases: parts.iter().map(|part| part.cutting.clone()).collect(),
        files,
        archives: archives(parts),
        labels: parts.iter().flat_map(|part| part.labels.clone()).collect(),
        port,
        skipped_gates: frame.skipped_gates.clone(),
        steps: Vec::new(),
    };
    let mut kinds = records.iter().map(|record| record.kind);
    let kind = kinds.next().unwrap_or_default();
    let kind = if kinds.all(|other| other == kind) {
        kind
    } else {
        ReleaseKind::Regular
    };
    let values = TextValues::new(&plan.releases, frame.branch, kind);
    plan.commit_message = project.config.messages.commit.filled(&values);
    let remote = frame.remote.name.as_deref().filter(|_| frame.wanted.push);
    plan.steps = steps::of_plan(project, &plan, remote)?;
    Ok(plan)
}
