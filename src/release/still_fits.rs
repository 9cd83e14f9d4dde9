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
        format!("HEAD moved from {} to {now} meanwhile", &base[..7]),
    )
    .with_remedy("nothing was changed, try again")
}

/// Gates and people may have changed something since the plan was made.
pub fn still_fits(project: &Project, plan: &Plan) -> Result<()> {
    let head = project.repo.head()?;
    if head.commit.is_none_or(|head| *head.hex() != *plan.base) {
        return Err(moved(&plan.base, &head));
    }
    if let Some(branch) = head.branch.filter(|branch| *branch != plan.branch) {
        return Err(
            Failure::new(Exit::Stale, format!("{branch} was checked out meanwhile")).with_remedy(
                format!(
                    "nothing was changed, go back to {} and try again",
                    plan.branch
                ),
            ),
        );
    }
    if plan.config != plan::config_name(project)? {
        return Err(Failure::new(Exit::Stale, "relwatch.yml changed meanwhile")
            .with_remedy("nothing was changed, try again"));
    }
    let dirty = project.repo.dirty()?;
    match dirty.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(
            Exit::Stale,
            format!(
                "{} changed meanwhile, by a gate or by you",
                words::shortlist(&dirty)
            ),
        )
        .with_remedy("nothing was released: commit or restore it, then try again")),
    }
}
