//! `relwatch hook NAME ARGS…`: what the installed hooks call. Never fails the user's git.

use std::path::Path;
use std::time::Duration;

use crate::app::{Project, section, tracked, transition, update};
use crate::config::Storage;
use crate::domain::failure::Result;
use crate::sys::{env, lock, log, rewrites};

/// A hook waits this long for another writer, which will see our commit anyway if it is slower.
const PATIENCE: Duration = Duration::from_secs(3);

/// Runs a hook; `input` is what git says on its standard input. An error is for the log and one line on standard error; the
/// exit code is 0 all the same.
pub fn run(start: &Path, name: &str, args: &[String], input: &str) -> Result<()> {
    // `checkout -- FILE` reports 0: rewriting the file then would take back what the user just asked for.
    // pre-commit gives its hooks no arguments.
    let checkout = args
        .get(2)
        .cloned()
        .or_else(|| env::var("PRE_COMMIT_CHECKOUT_TYPE"));
    if name == "post-checkout" && checkout.as_deref() != Some("1") {
        return Ok(());
    }
    let opened = Project::open(start);
    let log_path = match &opened {
        Ok(project) => Some(project.repo.git_dir().join("relwatch").join("log")),
        // A graphical client shows nobody our standard error.
        Err(_) => log::user_path(),
    };
    if let Some(path) = log_path {
        log::start(path, false);
    }
    let result = opened.and_then(|project| {
        // git's sequencer keeps the index in memory while it checks out, picks and merges: what changes in
        // the working tree meanwhile looks to it like a local change. The rebase's own last hook comes.
        if name == "post-rewrite" {
            rewrites::add(project.repo.common_dir(), input)?;
        }
        let rewriter = args
            .first()
            .cloned()
            .or_else(|| env::var("PRE_COMMIT_REWRITE_COMMAND"));
        let ends_rebase = name == "post-rewrite" && rewriter.as_deref() == Some("rebase");
        if project.repo.is_rebasing() && !ends_rebase {
            return Ok(());
        }
        match (project.config.storage, name) {
            (Storage::View, "pre-commit") => Ok(()),
            // What has another name now may be what a line means: everything is looked at again.
            (Storage::View, _) => refresh(&project, name != "post-rewrite"),
            (Storage::Tracked, "pre-commit") => tracked::pre_commit(&project),
            // Writing after a commit would leave the tree dirty.
            (Storage::Tracked, _) => Ok(()),
        }
    });
    if let Err(error) = &result {
        tracing::warn!("{name} in {}: {error}", start.display());
    }
    result
}

/// Brings the section up to date, as after a commit.
pub fn refresh(project: &Project, may_extend: bool) -> Result<()> {
    let _lock = lock::take(&project.lock_path(), PATIENCE)?;
    if transition::pending(project).is_some() {
        // A person's command finishes that, not a hook in the middle of git's own work.
        return Ok(());
    }
    if may_extend && !project.repo.between_patches() && update::extend(project)? {
        return Ok(());
    }
    let history = section::history(project)?;
    let (_, section) = update::write(project, &history)?;
    for warning in &history.warnings {
        tracing::warn!("{warning}");
    }
    if let Some(trouble) = section.and_then(|s| update::trouble(&s, &project.config.changelog)) {
        tracing::warn!("{trouble}");
    }
    Ok(())
}
