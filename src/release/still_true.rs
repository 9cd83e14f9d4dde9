//! Whether the state that a plan is based on is unchanged. Checked after every command, editor and question, and once more under the lock
//! of the release. If it changed, nothing has been released (exit 5).
//!
//! The remote has no lock: the push checks it, because git compares and updates the references at once.

use std::fmt::Display;

use crate::config::ConfigPlace;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::plan::Plan;
use crate::domain::text::words;
use crate::project::Project;
use crate::sys::git::Head;

/// State that changed since the plan was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// HEAD, which is at this commit now.
    Head(Option<CommitId>),
    /// Branch that is checked out.
    Branch(String),
    /// `relwatch.yml`.
    Config,
}

/// Object name of the configuration that a plan is made with.
pub fn config_name(project: &Project) -> Result<String> {
    let written = project.configuration_now()?;
    Ok(match written.place {
        ConfigPlace::Nowhere => String::new(),
        _ => project.repo.blob_name(written.yaml.as_bytes()).to_string(),
    })
}

/// The first change in the state that a saved plan depends on as well.
pub fn moved(project: &Project, plan: &Plan, head: &Head) -> Result<Option<Moved>> {
    if head.commit != Some(plan.base) {
        return Ok(Some(Moved::Head(head.commit)));
    }
    if let Some(branch) = head.branch.as_ref().filter(|now| **now != plan.branch) {
        return Ok(Some(Moved::Branch(branch.clone())));
    }
    let is_other = plan.config != config_name(project)?;
    Ok(is_other.then_some(Moved::Config))
}

/// Reads HEAD, relwatch.yml, the references that the plan moves, and the working tree. Returns HEAD.
///
/// # Errors
/// Exit 5 if one of them changed since the plan was made.
pub fn still_true(project: &Project, plan: &Plan) -> Result<Head> {
    let head = project.repo.head()?;
    if let Some(moved) = moved(project, plan, &head)? {
        return Err(meanwhile(&moved, plan));
    }
    if let Some(why) = moved_reference(project, plan, &head)? {
        return Err(stale(why));
    }
    let dirty = project.repo.dirty()?;
    if dirty.is_empty() {
        Ok(head)
    } else {
        let what = format!(
            "{} changed meanwhile, by a gate or by you",
            words::shortlist(&dirty)
        );
        Err(Failure::new(Exit::Stale, what)
            .with_remedy("nothing was released: commit or restore it, then try again"))
    }
}

fn stale(what: impl Display) -> Failure {
    Failure::new(Exit::Stale, format!("{what} meanwhile"))
        .with_remedy("nothing was changed, try again")
}

fn meanwhile(moved: &Moved, plan: &Plan) -> Failure {
    match moved {
        Moved::Head(now) => stale(format_args!(
            "HEAD moved from {} to {}",
            plan.base.short(),
            now.map_or("nothing".to_owned(), |id| id.short().to_string())
        )),
        Moved::Branch(branch) => {
            stale(format_args!("{branch} was checked out")).with_remedy(format!(
                "nothing was changed, go back to {} and try again",
                plan.branch
            ))
        }
        Moved::Config => stale("the configuration changed"),
    }
}

/// A tag that appeared, or a moved branch that is not checked out (HEAD is detached then).
fn moved_reference(project: &Project, plan: &Plan, head: &Head) -> Result<Option<String>> {
    let repo = &project.repo;
    for tag in plan.tags() {
        if repo.reference(&RefName::tag(&tag))?.is_some() {
            return Ok(Some(format!("somebody made the tag {tag}")));
        }
    }
    if let Some(port) = &plan.port {
        let branch = &port.branch;
        if repo.reference(&RefName::branch(branch))?.as_deref() != Some(&*port.base.hex()) {
            return Ok(Some(format!("{branch} moved")));
        }
        if repo.checked_out(branch)?.is_some() {
            return Ok(Some(format!("{branch} was checked out")));
        }
    }
    let at = match head.branch {
        Some(_) => None, // it is where HEAD is
        None => repo.reference(&RefName::branch(&plan.branch))?,
    };
    let at = at.filter(|at| **at != *plan.base.hex());
    Ok(at.map(|at| format!("{} moved to {}", plan.branch, &at[..7])))
}
