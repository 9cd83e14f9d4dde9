//! A plan that was saved by a dry run.

use std::path::Path;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::Plan;
use crate::domain::release::step::Kind;
use crate::domain::text::terminal;
use crate::project::Project;
use crate::release::remote::Remote;
use crate::release::{plan, preconditions, publish_steps};
use crate::sys::files;

/// A saved plan, if it still fits.
///
/// # Errors
/// Exit 5 if base, configuration or relwatch are not those it was made for, exit 3 with what else is not met.
pub fn saved(project: &Project, remote: &Remote, path: &Path, push: bool) -> Result<Plan> {
    let shown = path.display();
    let bytes = files::read(path)?.ok_or_else(|| {
        Failure::new(Exit::Usage, format!("there is no {shown}")).with_remedy(format!(
            "`relwatch release --dry-run --json > {shown}` makes one"
        ))
    })?;
    let plan = Plan::read(&bytes)
        .map_err(|why| Failure::new(Exit::Usage, format!("{shown} is no plan: {why}")))?;
    let stale = |why: String| {
        Failure::new(Exit::Stale, format!("{shown} went stale: {why}"))
            .with_remedy("nothing was changed, make the plan anew")
    };
    let ours = env!("CARGO_PKG_VERSION");
    if plan.relwatch != ours {
        return Err(stale(format!(
            "it is by relwatch {}, this is {ours}",
            terminal::printable(&plan.relwatch)
        )));
    }
    if plan.config != plan::config_name(project)? {
        return Err(stale("relwatch.yml is another one".to_owned()));
    }
    let head = project.repo.head()?;
    let base = head.commit.filter(|head| *head.hex() == *plan.base);
    let Some(base) = base else {
        let now = head.commit.map(|id| id.short());
        let now = now.as_deref().unwrap_or("nothing");
        return Err(stale(format!(
            "HEAD is {now}, not {}",
            plan.base.get(..7).unwrap_or_default()
        )));
    };
    if head
        .branch
        .as_ref()
        .is_some_and(|branch| *branch != plan.branch)
    {
        return Err(stale(format!(
            "it is for branch {}",
            terminal::printable(&plan.branch)
        )));
    }
    let mut checks = preconditions::check(project, remote, base, &plan.branch, Some(&plan.branch))?;
    for one in &plan.releases {
        let of = project.of_tag(&one.tag)?;
        let named = of.config.tag_format()?.version(&one.tag);
        if named.map(|version| version.to_string()).as_ref() != Some(&one.version) {
            let (tag, version) = (
                terminal::printable(&one.tag),
                terminal::printable(&one.version),
            );
            let why = format!("{shown} is no plan: {tag} is not the tag of {version}");
            return Err(Failure::new(Exit::Usage, why));
        }
        plan::of_tag(project, remote, &one.tag, &mut checks)?;
        let values = publish_steps::variables(one, &plan.base, &plan.branch);
        publish_steps::try_checks(&of, &values, &mut checks);
    }
    if push {
        preconditions::pushable(project, remote, base, &plan.branch, &mut checks)?;
    }
    preconditions::writable(project, base, &plan.files, &mut checks)?;
    for gate in &project.config.gates {
        let is_run = plan
            .steps
            .iter()
            .any(|s| s.kind == Kind::Gate && s.name == gate.name);
        let skip = format!("Gate-Skipped: {}: ", gate.name);
        if !is_run
            && !plan
                .releases
                .iter()
                .any(|one| one.tag_message.contains(&skip))
        {
            let why = format!(
                "{shown} is no plan: it leaves the gate {} out and does not say why",
                gate.name
            );
            return Err(Failure::new(Exit::Usage, why));
        }
    }
    checks.demand(plan::NOT_YET).map(|()| plan)
}
