//! The ordered list of steps that the dry run prints and `release` runs. Built for a new plan, again to compare it with a saved plan, and
//! for the rest of a pending release.
//!
//! Nothing runs here, and steps are decided only here.

use crate::config::release::{ArchiveTime, Gate};
use crate::domain::failure::Result;
use crate::domain::release::place::GatePlace;
use crate::domain::release::plan::Plan;
use crate::domain::release::step::{Action, Step, Variables};
use crate::project::Project;
use crate::release::{publish_steps, request};
use crate::transition::Pending;

/// Text for a step that leaves nothing to undo.
const NOTHING: &str = "nothing to undo";

/// Every step of a plan; with the push steps if there is a remote to push to.
///
/// # Errors
/// Fails if a tag of the plan is not a release tag of this project.
pub fn of_plan(project: &Project, plan: &Plan, remote: Option<&str>) -> Result<Vec<Step>> {
    let mut steps = gates(project, plan, GatePlace::Here);
    let title = plan.commit_title().to_owned();
    steps.push(step(Action::Build, title, Some(NOTHING)));
    if project.config.commit_hooks {
        let name = "pre-commit and commit-msg".to_owned();
        steps.push(step(Action::Hooks, name, Some(NOTHING)));
    }
    steps.extend(gates(project, plan, GatePlace::ReleaseTree));
    if let Some(remote) = remote.filter(|_| request::is_reviewed(project, &plan.branch)) {
        steps.push(offer(plan, remote));
        return Ok(steps);
    }
    let tags = plan.tags().join(", ");
    steps.push(step(Action::Tag, tags.clone(), Some(NOTHING)));
    let mut moved = format!("{} and {tags}", plan.branch);
    if let Some(port) = &plan.port {
        let branch = port.branch.clone();
        moved = format!("{}, {branch} and {tags}", plan.branch);
        let name = branch.clone();
        steps.push(step(Action::Port { branch }, name, Some(NOTHING)));
    }
    steps.push(step(Action::Commit, moved, Some("relwatch undo")));
    let Some(remote) = remote else {
        return Ok(steps);
    };
    steps.push(step(Action::Push, remote.to_owned(), None));
    for cutting in &plan.releases {
        let values = publish_steps::variables(cutting, None, &plan.branch);
        let is_alone = plan.releases.len() == 1;
        steps.extend(of_tag(project, &cutting.tag, &values, is_alone)?);
    }
    Ok(steps)
}

/// The remaining steps of a release that exists here but is not known to be pushed and published.
///
/// # Errors
/// Fails if one of its tags is no longer a release tag: the configuration may have changed.
pub fn of_pending(project: &Project, pending: &Pending) -> Result<Vec<Step>> {
    let mut steps = vec![step(Action::Push, pending.remote.clone(), None)];
    for tag in &pending.tags {
        steps.extend(after_push(project, tag)?);
    }
    Ok(steps)
}

/// The steps for a tag that is public.
///
/// # Errors
/// Fails if it is not a release tag.
pub fn after_push(project: &Project, tag: &str) -> Result<Vec<Step>> {
    of_tag(project, tag, &Variables::default(), true)
}

fn of_tag(project: &Project, tag: &str, values: &Variables, is_alone: bool) -> Result<Vec<Step>> {
    let config = project.of_tag(tag)?.config;
    let mut steps = Vec::new();
    for one in config.publish {
        let run = one.run.or(one.manual);
        let action = Action::Publish {
            tag: tag.to_owned(),
        };
        steps.push(Step {
            run: run.map(|run| values.fill(&run)),
            back: one.undo.map(|undo| values.fill(&undo)),
            action,
            name: one.name,
        });
    }
    if config.archive == ArchiveTime::AfterPublish {
        let name = if is_alone {
            "completed specs".to_owned()
        } else {
            format!("completed specs of {tag}")
        };
        let action = Action::Archive {
            tag: tag.to_owned(),
        };
        steps.push(step(action, name, Some("git revert")));
    }
    Ok(steps)
}

/// The gates of a place that are not skipped, in order. Gates of one group run together, where its first one is.
fn gates(project: &Project, plan: &Plan, place: GatePlace) -> Vec<Step> {
    let is_run = |gate: &&Gate| {
        let mut skipped = plan.skipped_gates.iter();
        gate.place == place && !skipped.any(|skipped| skipped.name == gate.name)
    };
    let mut left: Vec<&Gate> = project.config.gates.iter().filter(is_run).collect();
    let mut steps = Vec::new();
    while !left.is_empty() {
        let first = left.remove(0);
        let is_near = |gate: &&Gate| first.group.is_some() && gate.group == first.group;
        let (near, others): (Vec<&Gate>, Vec<&Gate>) = left.into_iter().partition(is_near);
        steps.extend([first].into_iter().chain(near).map(gate));
        left = others;
    }
    steps
}

fn gate(gate: &Gate) -> Step {
    let action = Action::Gate {
        place: gate.place,
        group: gate.group.clone(),
    };
    Step {
        run: Some(gate.run.clone()),
        ..step(action, gate.name.clone(), Some(NOTHING))
    }
}

/// The step that pushes the release to a review branch.
fn offer(plan: &Plan, remote: &str) -> Step {
    let branch = plan.review_branch();
    let back = format!("git push {remote} --delete {branch}; git branch -D {branch}");
    step(Action::Offer { branch }, remote.to_owned(), Some(&back))
}

fn step(action: Action, name: String, back: Option<&str>) -> Step {
    Step {
        action,
        name,
        run: None,
        back: back.map(str::to_owned),
    }
}
