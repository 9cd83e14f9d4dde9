//! Whether a plan is still the one to carry out.

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::Plan;
use crate::domain::text::words;
use crate::project::Project;
use crate::release::plan;
use crate::sys::git::Head;

pub fn moved(base: &str, head: &Head) -> Failure {
    let now = head.commit.map(|id| id.short());
    let now = now.as_deref().unwrap_or("nothing");
    Failure::new(
        Exit::Stale,
        format!(
            "HEAD moved from {} to {now} meanwhile; nothing was changed, try again",
            &base[..7]
        ),
    )
}

/// Gates and people may have changed something since the plan was made.
pub fn still_fits(project: &Project, plan: &Plan) -> Result<()> {
    let head = project.repo.head()?;
    if head.commit.is_none_or(|head| *head.hex() != *plan.base) {
        return Err(moved(&plan.base, &head));
    }
    if let Some(branch) = head.branch.filter(|branch| *branch != plan.branch) {
        let why = format!(
            "{branch} was checked out meanwhile; nothing was changed, go back to {} and try again",
            plan.branch
        );
        return Err(Failure::new(Exit::Stale, why));
    }
    if plan.config != plan::config_name(project)? {
        let why = "relwatch.yml changed meanwhile; nothing was changed, try again";
        return Err(Failure::new(Exit::Stale, why));
    }
    let dirty = project.repo.dirty()?;
    match dirty.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(
            Exit::Stale,
            format!(
                "{} changed meanwhile, by a gate or by you; nothing was released: commit or restore it, then try again",
                words::shortlist(&dirty)
            ),
        )),
    }
}
