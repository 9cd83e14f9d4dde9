//! Pushing a release: branch and tags as one, and what is to be done if somebody else was first.

use crate::app::transition::{self, Onward, Transition};
use crate::app::{Project, update};
use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::git::{Pushed, RemoteRefs};
use crate::sys::lock::{self, Lock};

/// More tags in one push, and GitHub starts no workflow for any of them (docs.github.com, "Events that trigger workflows", push).
const MOST_TAGS: usize = 3;

/// Brings what the journal holds to the remote, if it is not there yet: a killed run may have done it already.
///
/// # Errors
/// Exit 5 if somebody else was first, exit 1 if the remote refuses; both times the repository is as before. Exit 7 if
/// nobody can say, because the remote does not answer.
pub fn run(
    project: &Project,
    release: &Lock,
    done: &Transition,
    onward: &Onward,
    remote: &str,
) -> Result<()> {
    let repo = &project.repo;
    let pending = |why: &str| {
        Failure::new(
            Exit::Pending,
            format!(
                "{} is not pushed: {remote} does not answer ({why}); `relwatch release --resume` goes on, `relwatch undo` takes it back",
                done.what
            ),
        )
    };
    let ask = || {
        repo.remote_refs(remote)
            .map_err(|error| pending(&error.message))
    };
    let mut there = ask()?;
    let name = |tag: &String| format!("refs/tags/{tag}");
    let branch = format!("{}:refs/heads/{}", done.to, onward.branch);
    let mut is_first = true;
    for tags in chunks(&onward.tags) {
        let mut missing = Vec::new();
        for tag in tags {
            if there.get(&name(tag)) != repo.reference(&name(tag))?.as_deref() {
                missing.push(name(tag));
            }
        }
        let with_branch = is_first && !has(project, &there, onward, &done.to)?;
        if with_branch {
            missing.insert(0, branch.clone());
        }
        is_first = false;
        if missing.is_empty() {
            continue;
        }
        let Pushed::No(words) = repo.push(release, remote, &missing)? else {
            continue;
        };
        there = ask()?;
        let mut arrived = has(project, &there, onward, &done.to)?;
        for tag in tags {
            arrived &= there.get(&name(tag)) == repo.reference(&name(tag))?.as_deref();
        }
        if !arrived {
            return Err(refused(project, done, onward, remote, &there, &words)?);
        }
    }
    Ok(())
}

fn chunks(tags: &[String]) -> Vec<&[String]> {
    match tags.is_empty() {
        true => vec![&[]], // the branch alone
        false => tags.chunks(MOST_TAGS).collect(),
    }
}

/// Whether the remote's branch holds the release.
fn has(project: &Project, there: &RemoteRefs, onward: &Onward, commit: &str) -> Result<bool> {
    let Some(at) = there.get(&format!("refs/heads/{}", onward.branch)) else {
        return Ok(false);
    };
    let is_known = project.repo.resolved(at).is_some();
    Ok(at == commit || is_known && project.repo.contains(at, commit)?)
}

/// Takes the release back, and says why.
fn refused(
    project: &Project,
    done: &Transition,
    onward: &Onward,
    remote: &str,
    there: &RemoteRefs,
    words: &str,
) -> Result<Failure> {
    let repo = &project.repo;
    let mut taken = None;
    for tag in &onward.tags {
        let name = format!("refs/tags/{tag}");
        match there.get(&name) {
            Some(at) if repo.reference(&name)?.as_deref() == Some(at) => {
                // A part of the tags is public: nothing may be taken back any more.
                return Ok(Failure::new(
                    Exit::Unpublished,
                    format!(
                        "{tag} is on {remote}, but not all of {} ({words}); `relwatch release --resume` goes on",
                        done.what
                    ),
                ));
            }
            Some(_) => taken = Some(format!("{remote} has {tag} already")),
            None => {}
        }
    }
    let branch = there.get(&format!("refs/heads/{}", onward.branch));
    let base = Some(done.from.as_str());
    let is_known = |at: &str| repo.resolved(at).is_some();
    let moved = match branch {
        Some(at) if branch != base => {
            let is_behind = is_known(at) && repo.contains(&done.from, at)?;
            (!is_behind).then(|| format!("{}/{} has moved on", remote, onward.branch))
        }
        _ => None,
    };
    let held = lock::take(&project.lock_path(), update::PATIENCE)?;
    let is_race = taken.is_some() || moved.is_some();
    let why = taken
        .or(moved)
        .unwrap_or_else(|| format!("{remote} refuses it: {words}"));
    let back = done.inverse();
    let head = repo.head()?;
    if head.commit.as_ref() != Some(&done.to) {
        return Ok(Failure::new(
            Exit::Stale,
            format!(
                "{} was not pushed: {why}; HEAD has moved meanwhile, so it was not taken back: bring it to {} and run `relwatch undo`",
                done.what,
                &done.to[..7]
            ),
        ));
    }
    back.carry_out(project, &held, None)?;
    transition::forget(project)?;
    update::show(project)?;
    let next = match is_race {
        true => format!(
            "run `git pull --rebase {remote} {}` and release again",
            onward.branch
        ),
        false => "if the branch is protected, see `push: {mode: pull-request}` in relwatch.yml"
            .to_owned(),
    };
    Ok(Failure::new(
        match is_race {
            true => Exit::Stale,
            false => Exit::Failed,
        },
        format!(
            "{} was taken back, everything is as before: {why}; {next}",
            done.what
        ),
    ))
}
