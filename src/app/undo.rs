//! `relwatch undo`: takes an unpushed release back, references, files and specs.

use crate::app::transition::{self, TagChange, Transition};
use crate::app::{Project, update};
use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::{env, lock};
use crate::ui::{self, Report};

/// Runs the command. Refuses what others may have: a pushed release, or one that commits were built on.
pub fn run(project: &Project, yes: bool, offline: bool) -> Result<Report> {
    let _lock = lock::take(&project.lock_path(), update::PATIENCE)?;
    transition::finish_pending(project)?;
    let repo = &project.repo;
    let refuse = |why: String| Err(Failure::new(Exit::Precondition, why));
    let head = repo.head()?;
    let (Some(commit), Some(branch)) = (head.commit, head.branch) else {
        return refuse(
            "HEAD is not on a branch with commits; `git switch` to the released branch".into(),
        );
    };
    let format = project.config.tag_format()?;
    let tags = repo.release_tags(&format)?;
    let raw = repo.commit(&commit, false)?;
    let tag = tags
        .get(&commit)
        .filter(|tag| raw.message == format!("chore(release): {}\n", tag.name));
    let (Some(tag), [base]) = (tag, raw.parents.as_slice()) else {
        return refuse(format!(
            "the newest commit on {branch}, {}, is not a release by relwatch; undo takes back only the newest commit, for older ones use `git revert`",
            &commit[..7]
        ));
    };
    let dirty = repo.dirty()?;
    if let Some(path) = dirty.first() {
        return refuse(format!(
            "uncommitted changes in {path}; commit or stash them first"
        ));
    }
    let published = repo.published_in(&commit)?;
    if let Some(place) = published.first() {
        return refuse(format!(
            "{} is pushed already ({place}); a public release is never moved, make a new one",
            tag.name
        ));
    }
    let reference = format!("refs/tags/{}", tag.name);
    if let Some(remote) = repo.remote(&branch).filter(|_| !offline) {
        let there = repo.remote_has(&remote, &reference).map_err(|error| {
            Failure::new(
                Exit::Precondition,
                format!(
                    "whether {remote} has {} cannot be asked ({}); `relwatch undo --offline` if you know that it is not pushed",
                    tag.name, error.message
                ),
            )
        })?;
        if there {
            return refuse(format!(
                "tag {} is on {remote} already; a public tag is never moved, make a new release",
                tag.name
            ));
        }
    }
    let question = format!("take back {} ({} on {branch})?", tag.name, &commit[..7]);
    let agreed = yes || env::is_interactive() && ui::ask(&question);
    if !agreed {
        return Err(Failure::new(
            Exit::Declined,
            format!(
                "{} stays; `relwatch undo --yes` goes ahead without asking",
                tag.name
            ),
        ));
    }
    let object = repo.reference(&reference)?.unwrap_or_default();
    Transition {
        what: format!("undo of {}", tag.name),
        branch: branch.clone(),
        from: commit.clone(),
        to: base.clone(),
        tag: tag.name.clone(),
        tag_change: TagChange::Delete(object),
        paths: repo.changed_paths(base, &commit)?,
    }
    .carry_out(project)?;
    update::show(project)?;
    Ok(Report::text(format!(
        "took back {}: {branch} is at {} again, its specs and files are as before\n",
        tag.name,
        &base[..7]
    )))
}
