//! A plan saved by a dry run. Refused if it was made for another commit, branch, configuration or relwatch version, or if its steps differ
//! from those that this clone would list: no command runs that only the file names.

use std::fmt::Display;
use std::path::Path;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::{Cutting, Plan};
use crate::domain::text::terminal;
use crate::domain::version::form;
use crate::project::Project;
use crate::release::plan::checks::{self, CheckedRelease};
use crate::release::plan::{self, steps};
use crate::release::remote::Remote;
use crate::release::still_true::{self, Moved};
use crate::sys::files;
use crate::sys::git::Head;

/// A saved plan, if it still fits. With `push` the push steps are added if the plan lacks them.
///
/// # Errors
/// Exit 5 if commit, configuration or relwatch version changed since, exit 3 with the failed checks.
pub fn saved(project: &Project, remote: &Remote, path: &Path, push: bool) -> Result<Plan> {
    let shown = path.display();
    let mut plan = read(path)?;
    let stale = |why: String| {
        Failure::new(Exit::Stale, format!("{shown} went stale: {why}"))
            .with_remedy("nothing was changed; create the plan again")
    };
    let head = project.repo.head()?;
    if let Some(why) = staleness(project, &plan, &head)? {
        return Err(stale(why));
    }
    let subject = CheckedRelease {
        project,
        remote,
        base: plan.base,
        branch: &plan.branch,
        asked: Some(&plan.branch),
        only_look: false,
    };
    let pushes = push || plan.pushes();
    let mut checks = subject.first(&head)?.checks;
    for one in &plan.releases {
        of_its_version(project, one).map_err(|why| no_plan(&shown, &why))?;
        checks::of_tag(project, remote, &one.tag, &mut checks)?;
    }
    let answers = subject.answers(&plan.releases)?;
    subject.last(&plan.releases, &plan.files, answers, pushes, &mut checks)?;
    gates_are_named(project, &plan).map_err(|why| no_plan(&shown, &why))?;
    checks.demand(plan::NOT_YET)?;
    let to = remote.name.as_deref();
    let here = steps::of_plan(project, &plan, to.filter(|_| plan.pushes()))?;
    if plan.steps != here {
        return Err(stale("it lists other steps than this clone".to_owned()));
    }
    plan.steps = steps::of_plan(project, &plan, to.filter(|_| pushes))?;
    Ok(plan)
}

fn no_plan(shown: &impl Display, why: &str) -> Failure {
    Failure::new(Exit::Usage, format!("{shown} is no plan: {why}"))
}

fn read(path: &Path) -> Result<Plan> {
    let shown = path.display();
    let bytes = files::read(path)?.ok_or_else(|| {
        Failure::new(Exit::Usage, format!("there is no {shown}")).with_remedy(format!(
            "`relwatch release --dry-run --json > {shown}` makes one"
        ))
    })?;
    Plan::read(&bytes).map_err(|why| no_plan(&shown, &why))
}

/// The reason why a plan is outdated, if it is.
fn staleness(project: &Project, plan: &Plan, head: &Head) -> Result<Option<String>> {
    let ours = env!("CARGO_PKG_VERSION");
    if plan.relwatch != ours {
        let theirs = terminal::printable(&plan.relwatch);
        return Ok(Some(format!("it is by relwatch {theirs}, this is {ours}")));
    }
    let moved = still_true::moved(project, plan, head)?;
    Ok(moved.map(|moved| match moved {
        Moved::Config => format!("{} is another one", project.written.place),
        Moved::Branch(_) => format!("it is for branch {}", terminal::printable(&plan.branch)),
        Moved::Head(now) => {
            let now = now.map_or("nothing".to_owned(), |id| id.short().to_string());
            format!("HEAD is {now}, not {}", plan.base.short())
        }
    }))
}

/// # Errors
/// The reason, if the tag does not belong to the version.
fn of_its_version(project: &Project, one: &Cutting) -> std::result::Result<(), String> {
    let of = project.of_tag(&one.tag);
    let format = of.map_err(|failure| failure.to_string())?.config.tag;
    let named = format.version(&one.tag);
    if named.is_some() && named == form::read(&one.version) {
        Ok(())
    } else {
        let (tag, version) = (
            terminal::printable(&one.tag),
            terminal::printable(&one.version),
        );
        Err(format!("{tag} is not the tag of {version}"))
    }
}

/// # Errors
/// The reason, if a gate is neither a step nor listed as skipped.
fn gates_are_named(project: &Project, plan: &Plan) -> std::result::Result<(), String> {
    for gate in &project.config.gates {
        let mut steps = plan.steps.iter();
        let is_run = steps.any(|step| step.action.is_gate() && step.name == gate.name);
        let is_skipped = plan.skipped_gates.iter().any(|one| one.name == gate.name);
        if !is_run && !is_skipped {
            return Err(format!(
                "it leaves the gate {} out and does not say why",
                gate.name
            ));
        }
    }
    Ok(())
}
