//! A release by review: pushes a branch that others review and merge. Refuses if that branch exists.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::plan::Plan;
use crate::project::{Project, write_lock};
use crate::release::{preconditions, still_true};
use crate::sys::git::{Pushed, RefChange};
use crate::sys::lock::ReleaseLock;

/// Pushes a release commit to a branch for review. No other reference changes. Returns the message about it.
///
/// # Errors
/// Fails if the branch exists, if something changed meanwhile (exit 5), or if the remote refuses; nothing has changed then.
pub fn offer(
    project: &Project,
    release: &ReleaseLock,
    plan: &Plan,
    commit: CommitId,
    remote: &str,
) -> Result<String> {
    let repo = &project.repo;
    let branch = plan.review_branch();
    let name = RefName::branch(&branch);
    if repo.reference(&name)?.is_some() {
        return Err(preconditions::offered_already(project, &name, remote));
    }
    {
        let _held = write_lock::hold(project)?;
        still_true::still_true(project, plan)?;
    }
    let refspec = format!("{commit}:{name}");
    if let Pushed::No(words) = repo.push(release, remote, &[refspec])? {
        let what = format!("{branch} was not pushed to {remote}: {words}");
        return Err(Failure::failed(what).with_remedy(format!(
            "nothing was changed, `git push {remote} --delete {branch}` removes an older one"
        )));
    }
    let held = write_lock::hold(project)?;
    let change = RefChange {
        name,
        from: None,
        to: Some(commit.to_string()),
    };
    repo.transaction(&held, &format!("relwatch: offer {branch}"), &[change])?;
    Ok(format!(
        "pushed to {remote}: {branch}, to be reviewed and merged into {}\nnext: once it is merged, git switch {} && git pull && relwatch release --finish --push\n",
        plan.branch, plan.branch
    ))
}
