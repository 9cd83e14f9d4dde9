//! Pushes a release: branch and tags in one push, and the rollback if someone else pushed first. Refuses to push a tag that differs from
//! the released one, and to undo anything that is partly public.

use std::borrow::Cow;

use crate::config::release::PushMode;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::project::{Project, write_lock};
use crate::section::write;
use crate::sys::git::{Pushed, RemoteRefs};
use crate::sys::lock::ReleaseLock;
use crate::transition::{self, Pending};

/// If more tags are pushed at once, GitHub starts no workflow for any of them (docs.github.com, "Events that trigger workflows", push).
const MOST_TAGS: usize = 3;

/// Pushes a release unless the remote has it already, for example from a killed run. `known` are the remote's references, if they were read
/// for this release; if the remote has changed since, the push is refused.
///
/// # Errors
/// Exit 5 if someone else pushed first or a tag differs, exit 1 if the remote refuses; the release is rolled back then. Exit 7 if the
/// result is unknown because the remote does not answer.
pub fn run(
    project: &Project,
    release: &ReleaseLock,
    pending: &Pending,
    known: Option<&RemoteRefs>,
) -> Result<()> {
    let repo = &project.repo;
    let remote = pending.remote.as_str();
    pending.check_tags(project)?;
    let unknown = |why: &Failure| {
        Failure::new(
            Exit::Pending,
            format!(
                "whether {} is on {remote} cannot be said, it does not answer ({why})",
                pending.released.what
            ),
        )
        .with_remedy(
            "`relwatch release --resume` continues it, `relwatch undo` rolls back what is not pushed",
        )
    };
    let ask = || repo.remote_refs(remote).map_err(|error| unknown(&error));
    let mut there = match known {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(ask()?),
    };
    let objects = pending.objects();
    let is_there = |refs: &RemoteRefs, tag: &(RefName, String)| has_tag(project, refs, tag);
    if objects.iter().all(|tag| is_there(&there, tag)) && !objects.is_empty() {
        return Ok(()); // the tags are public; where the branch is now is another matter
    }
    let branch = RefName::branch(&pending.branch);
    let branch = format!("{}:{branch}", pending.released.to);
    let mut is_first = true;
    for tags in objects.chunks(MOST_TAGS) {
        let missing = tags.iter().filter(|tag| !is_there(&there, tag));
        let mut refspecs: Vec<String> = missing
            .map(|(name, object)| format!("{object}:{name}"))
            .collect();
        if is_first && !has(project, &there, pending)? {
            refspecs.insert(0, branch.clone());
        }
        is_first = false;
        if refspecs.is_empty() {
            continue;
        }
        let Pushed::No(words) = repo.push(release, remote, &refspecs)? else {
            continue;
        };
        there = Cow::Owned(ask()?);
        let arrived =
            has(project, &there, pending)? && tags.iter().all(|tag| is_there(&there, tag));
        if !arrived {
            return Err(refused(project, pending, &there, &words)?);
        }
    }
    Ok(())
}

/// Whether the remote's tag names the released commit. It may be a lightweight tag if the annotated one was checked out alone.
fn has_tag(project: &Project, there: &RemoteRefs, (name, object): &(RefName, String)) -> bool {
    let commit = project.repo.resolved(object);
    let tag = name.as_tag().unwrap_or_default();
    commit.is_some_and(|commit| there.tags_commit(tag, commit))
}

/// Whether the remote's branch contains the release.
fn has(project: &Project, there: &RemoteRefs, pending: &Pending) -> Result<bool> {
    let commit = pending.released.to;
    let Some(at) = there.get(&RefName::branch(&pending.branch)) else {
        return Ok(false);
    };
    match project.repo.resolved(at) {
        Some(at) => project.repo.contains(at, commit),
        None => Ok(false), // it has commits that are not here
    }
}

/// Reason why a push failed.
struct Cause {
    why: String,
    /// Whether someone else pushed first.
    is_race: bool,
}

/// Rolls the release back and says why.
fn refused(
    project: &Project,
    pending: &Pending,
    there: &RemoteRefs,
    words: &str,
) -> Result<Failure> {
    let done = &pending.released;
    if let Some(failure) = half_public(project, pending, there, words)? {
        return Ok(failure);
    }
    let Cause { why, is_race } = cause(project, pending, there, words)?;
    if project.repo.head()?.commit != Some(done.to) {
        return Ok(left(pending, &why));
    }
    let held = write_lock::hold(project)?;
    if let Err(error) = done.inverse().carry_out(project, &held, None) {
        let what = format!("{} was not pushed: {why}", done.what);
        return Ok(Failure::new(Exit::Pending, what).with_remedy(format!(
            "it could not be rolled back ({error}): `relwatch release --resume` tries again, `relwatch undo` rolls it back, `relwatch release --abandon` gives it up"
        )));
    }
    transition::forget(project)?;
    write::show(project, &held)?;
    let Pending { branch, remote, .. } = pending;
    let next = match is_race {
        true => format!("run `git pull --rebase {remote} {branch}` and release again"),
        false if project.config.push.mode == PushMode::PullRequest => "see what it says".to_owned(),
        false => "if the branch is protected, see `push: {mode: pull-request}` in relwatch.yml"
            .to_owned(),
    };
    let exit = if is_race { Exit::Stale } else { Exit::Failed };
    let what = &done.what;
    Ok(Failure::new(
        exit,
        format!("{what} was rolled back, and nothing has changed: {why}"),
    )
    .with_remedy(next))
}

/// The failure if the remote has a part of the release: nothing may be undone any more.
fn half_public(
    project: &Project,
    pending: &Pending,
    there: &RemoteRefs,
    words: &str,
) -> Result<Option<Failure>> {
    let Pending {
        released: done,
        branch,
        remote,
        ..
    } = pending;
    let half = |why: String| {
        let failure = Failure::new(Exit::Unpublished, format!("{why} ({words})"));
        Ok(Some(
            failure.with_remedy("`relwatch release --resume` goes on"),
        ))
    };
    let mut objects = pending.objects().into_iter();
    if let Some((name, _)) = objects.find(|tag| has_tag(project, there, tag)) {
        let tag = name.as_tag().unwrap_or_default();
        let what = &done.what;
        return half(format!("{tag} is on {remote}, but not all of {what}"));
    }
    if has(project, there, pending)? {
        // The remote was killed between two references: the branch is public.
        let what = &done.what;
        return half(format!(
            "{branch} of {remote} contains {what}, but its tags are not there"
        ));
    }
    Ok(None)
}

/// The reason of a failed push: a tag that the remote has already, a branch that has moved there, or the remote's own message.
fn cause(project: &Project, pending: &Pending, there: &RemoteRefs, words: &str) -> Result<Cause> {
    let repo = &project.repo;
    let Pending {
        released: done,
        branch,
        remote,
        ..
    } = pending;
    let objects = pending.objects();
    let mut taken = objects.iter().filter(|(name, _)| there.get(name).is_some());
    let taken = taken.next_back().map(|(name, _)| {
        let tag = name.as_tag().unwrap_or_default();
        format!("{remote} has {tag} already")
    });
    let moved = match there.get(&RefName::branch(branch)) {
        Some(at) if *at != *done.from.hex() => {
            let is_behind = match repo.resolved(at) {
                Some(at) => repo.contains(done.from, at)?,
                None => false,
            };
            (!is_behind).then(|| format!("{remote}/{branch} has moved on"))
        }
        _ => None,
    };
    Ok(Cause {
        is_race: taken.is_some() || moved.is_some(),
        why: taken
            .or(moved)
            .unwrap_or_else(|| format!("{remote} refuses it: {words}")),
    })
}

/// The local branch has moved as well: relwatch does not undo its new commits.
fn left(pending: &Pending, why: &str) -> Failure {
    let done = &pending.released;
    let (from, to, here) = (done.from.short(), done.to.short(), &done.branch);
    let tags = pending.tags.join(" ");
    let what = format!("{} was not pushed: {why}", done.what);
    Failure::new(Exit::Stale, what).with_remedy(format!(
        "{here} has moved meanwhile, so it was not rolled back: `git rebase --onto {from} {to} {here}` and `git tag -d {tags}` do that by hand, `relwatch release --abandon` leaves all as it is"
    ))
}
