//! `relwatch release --resume` and `--abandon`, for a release that was interrupted or is pending. Neither undoes anything.

use crate::domain::failure::Result;
use crate::domain::ref_name::RefName;
use crate::project::{Project, write_lock};
use crate::release::{lock, onward};
use crate::section::write;
use crate::sys::files;
use crate::sys::git::REF_TABLES;
use crate::transition::{self, Transition};
use crate::ui::Report;

/// `relwatch release --resume`: checks the actual state and runs the missing steps.
pub fn resume(project: &Project) -> Result<Report> {
    let move_before = transition::interrupted(project);
    let release = lock::begin(project)?;
    let left = move_before
        .iter()
        .flat_map(|transition| left_locks(project, transition));
    let mut left: Vec<String> = left.collect();
    if let Some(transition) = &move_before {
        let Transition { what, from, to, .. } = transition;
        let undone = transition::undone(project, *from, *to)?;
        left.extend((!undone.is_empty()).then(|| {
            let back = transition::bring_back(&undone, *to);
            format!("a commit on {what} was made before its files were there, and reverts them; commit or stash your changes, run `{back}` and commit the result")
        }));
    }
    {
        let held = write_lock::hold(project)?;
        write::show(project, &held)?;
    }
    let Some(pending) = transition::pending(project) else {
        let text = match &move_before {
            None => "nothing is pending\n".to_owned(),
            Some(transition) if is_released(project, transition)? => {
                format!("finished: {}\n", transition.what)
            }
            Some(transition) => format!(
                "{} had not changed anything; there is nothing to restore\n",
                transition.what
            ),
        };
        return Ok(Report::text(text).with_warnings(left));
    };
    let text = format!("resumed: {}\n", pending.released.what);
    let text = onward::go_on(project, &release, &pending, text)?;
    Ok(Report::text(text).with_warnings(left))
}

/// `relwatch release --abandon`: drops the remaining steps of a pending release; completed steps stay.
pub fn abandon(project: &Project) -> Result<Report> {
    let _release = lock::wait(project)?;
    let _held = write_lock::hold(project)?;
    let (pending, interrupted) = (
        transition::pending(project),
        transition::interrupted(project),
    );
    transition::abandon(project)?;
    Ok(Report::text(match (pending, interrupted) {
        (Some(pending), _) => format!(
            "abandoned: {}; {} is as it is, here and on {remote}: `git push --atomic {remote} {}:{} {}` is what was to come\n",
            pending.released.what,
            pending.tags.join(", "),
            pending.released.to.short(),
            RefName::branch(&pending.branch),
            project.repo.short_tags(&pending.tags),
            remote = pending.remote,
        ),
        (None, Some(interrupted)) => format!("abandoned: {}; see `git status`\n", interrupted.what),
        (None, None) => "nothing is pending\n".to_owned(),
    }))
}

/// Lock files that a killed git left. Only the user knows that no other git is running.
fn left_locks(project: &Project, transition: &Transition) -> Vec<String> {
    let names = transition.refs.iter().map(|change| &*change.name);
    let elsewhere = ["index", REF_TABLES];
    let paths = names.chain(elsewhere).map(|name| format!("{name}.lock"));
    let left = paths.filter(|path| files::exists(&files::at(project.repo.common_dir(), path)));
    left.map(|path| format!("git left {path} in the git directory when it was killed; remove it if no git is running"))
        .collect()
}

fn is_released(project: &Project, transition: &Transition) -> Result<bool> {
    for change in &transition.refs {
        if project.repo.reference(&change.name)? != change.to {
            return Ok(false);
        }
    }
    Ok(true)
}
