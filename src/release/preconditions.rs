//! Checks of the repository and its remote that every release must pass. Also the messages for uncommitted changes and for a HEAD without a
//! branch, which other commands use as well.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::manifest;
use crate::domain::release::plan::{FileAction, FileChange};
use crate::domain::release::step::Variables;
use crate::domain::text::{terminal, words};
use crate::domain::version::tag_format::TagFormat;
use crate::project::Project;
use crate::release::remote::Remote;
use crate::sys::git::{Head, Signatures};
use crate::sys::{files, shell};
use crate::{transition, ui};

/// Results of the repository's checks.
pub struct RepositoryChecks {
    pub checks: Checks,
    /// Committer with the current time; `None` if git has no identity.
    pub who: Option<Signatures>,
}

/// Runs the checks that need no configured command. `base` is the commit to release on, `branch` its branch, `asked` the branch that the
/// user names.
pub fn look(
    project: &Project,
    head: &Head,
    remote: &Remote,
    base: CommitId,
    branch: &str,
    asked: Option<&str>,
) -> Result<RepositoryChecks> {
    let repo = &project.repo;
    let mut checks = Checks::default();
    of_branch(project, head, branch, asked, &mut checks)?;
    if repo.is_shallow() {
        let detail = "the clone is shallow, history is incomplete";
        let fetch = match &remote.name {
            Some(name) => format!("run `git fetch --unshallow --tags {name}`"),
            None => "run `git fetch --unshallow --tags`".to_owned(),
        };
        checks.fail(CheckId::History, detail, fetch);
    } else {
        checks.ok(CheckId::History, "complete");
    }
    let dirty = repo.dirty()?;
    match uncommitted(&dirty) {
        None => checks.ok(CheckId::Clean, "no uncommitted changes"),
        Some(changes) if are_changelogs(project, &dirty) => {
            let files = words::shell_words(&dirty);
            let remedy = format!("commit them: `git commit -m \"docs: changelog\" {files}`");
            checks.fail_as(CheckId::Clean, changes.with_remedy(remedy));
        }
        Some(changes) => checks.fail_as(CheckId::Clean, changes),
    }
    if repo.is_mid_operation() {
        let detail = "a merge, rebase, cherry-pick or bisect is under way";
        checks.fail(
            CheckId::Idle,
            detail,
            "finish it or abort it, see `git status`",
        );
    }
    let who = match repo.signatures() {
        Ok(who) => {
            let name = who.committer.split(" <").next().unwrap_or("");
            checks.ok(CheckId::Identity, name);
            Some(who)
        }
        Err(error) => {
            checks.fail_as(CheckId::Identity, error);
            None
        }
    };
    of_pending(project, &mut checks);
    of_upstream(project, remote, base, branch, &mut checks)?;
    of_missing_tags(project, remote, base, &mut checks)?;
    of_manifest(project, base, &mut checks)?;
    Ok(RepositoryChecks { checks, who })
}

/// Whether all these files are changelogs. Uncommitted text there belongs in the release, but only committed text is released.
pub fn are_changelogs(project: &Project, files: &[String]) -> bool {
    let parts = project.components();
    let is_one = |file: &String| parts.iter().any(|part| part.config.changelog == *file);
    files.iter().all(is_one)
}

/// The failure for files that differ from HEAD; `None` if there are none.
pub fn uncommitted(dirty: &[String]) -> Option<Failure> {
    (!dirty.is_empty()).then(|| {
        let what = format!("uncommitted changes in {}", words::shortlist(dirty));
        Failure::precondition(what).with_remedy("commit or stash them")
    })
}

/// # Errors
/// Exit 3 if there are uncommitted changes.
pub fn demand_clean(project: &Project) -> Result<()> {
    uncommitted(&project.repo.dirty()?).map_or(Ok(()), Err)
}

/// The commit and the branch of HEAD.
///
/// # Errors
/// Exit 3 if HEAD is detached, or its branch has no commit yet.
pub fn on_branch(head: Head) -> Result<(CommitId, String)> {
    match (head.commit, head.branch) {
        (Some(commit), Some(branch)) => Ok((commit, branch)),
        _ => Err(
            Failure::precondition("HEAD is not on a branch with commits")
                .with_remedy("run `git switch main` or whichever branch you mean"),
        ),
    }
}

/// Checks that no other release is pending.
pub fn of_pending(project: &Project, checks: &mut Checks) {
    if let Some(interrupted) = transition::interrupted(project) {
        let detail = format!("{} was interrupted", interrupted.what);
        checks.fail(
            CheckId::Pending,
            detail,
            "`relwatch release --resume` finishes it",
        );
    } else if let Some(pending) = transition::pending(project) {
        let remedy = "`relwatch release --resume` continues it, `relwatch undo` rolls it back if it is not pushed, `relwatch release --abandon` gives it up";
        let detail = format!("{} is not finished", pending.released.what);
        checks.fail(CheckId::Pending, detail, remedy);
    }
}

fn of_branch(
    project: &Project,
    head: &Head,
    branch: &str,
    asked: Option<&str>,
    checks: &mut Checks,
) -> Result<()> {
    if branch.is_empty() {
        let remedy = "run `git switch main` or whichever branch you release from; in continuous integration give --branch NAME";
        checks.fail(CheckId::Branch, "HEAD is detached", remedy);
        return Ok(());
    }
    if let Some(asked) = asked.filter(|asked| head.branch.is_some() && *asked != branch) {
        let remedy = format!("run `git switch {asked}`, or leave --branch out");
        checks.fail(
            CheckId::Branch,
            format!("{branch} is checked out, not {asked}"),
            remedy,
        );
        return Ok(());
    }
    if !project.config.allows_branch(branch) {
        let detail = format!(
            "branch {branch} is not one to release from ({})",
            project.config.branches.join(", ")
        );
        let remedy = "switch, or add it to `branches` in relwatch.yml";
        checks.fail(CheckId::Branch, detail, remedy);
        return Ok(());
    }
    if head.branch.is_none() {
        let at = project.repo.reference(&RefName::branch(branch))?;
        if at.is_some() && at != head.commit.map(|head| head.to_string()) {
            let detail = format!("the branch {branch} here is not at HEAD");
            let remedy = format!("run `git switch {branch}`");
            checks.fail(CheckId::Branch, detail, remedy);
            return Ok(());
        }
        if let Some(place) = project.repo.checked_out(branch)? {
            let detail = format!("{branch} is checked out in {}", place.display());
            checks.fail(CheckId::Branch, detail, "release there");
            return Ok(());
        }
    }
    checks.ok(CheckId::Branch, branch);
    Ok(())
}

/// Checks of the remote.
pub fn of_remote(
    project: &Project,
    remote: &Remote,
    base: CommitId,
    branch: &str,
) -> Result<Checks> {
    let mut checks = Checks::default();
    of_upstream(project, remote, base, branch, &mut checks)?;
    Ok(checks)
}

fn of_upstream(
    project: &Project,
    remote: &Remote,
    base: CommitId,
    branch: &str,
    checks: &mut Checks,
) -> Result<()> {
    let repo = &project.repo;
    checks.extend(remote.checks.clone());
    let (Some(name), Some(refs)) = (&remote.name, &remote.refs) else {
        return Ok(());
    };
    if branch.is_empty() {
        checks.skip(CheckId::Upstream, "HEAD is on no branch");
        return Ok(());
    }
    let here = branch;
    let branch = &repo.upstream(branch, name);
    let Some(there) = refs.get(&RefName::branch(branch)) else {
        checks.ok(CheckId::Upstream, format!("{branch} is not on {name} yet"));
        return Ok(());
    };
    // The branch was rewritten between listing and fetching: its commit is not here.
    let there = repo.resolved(there);
    let behind = match there {
        Some(there) if repo.contains(base, there)? => None,
        Some(there) => Some((repo.count(there, base)?, repo.count(base, there)?)),
        None => Some((0, 1)),
    };
    if let Some((ahead, behind)) = behind {
        let detail = match ahead {
            0 => format!("{here} is {behind} behind {name}/{branch}"),
            _ => {
                format!("{here} and {name}/{branch} have diverged ({ahead} here, {behind} there)")
            }
        };
        checks.fail(
            CheckId::Upstream,
            detail,
            format!("run `git pull --rebase {name} {branch}`"),
        );
        return Ok(());
    }
    checks.ok(
        CheckId::Upstream,
        match there.map_or(Ok(0), |there| repo.count(there, base))? {
            0 => format!("in sync with {name}/{branch}"),
            ahead => format!("{ahead} ahead of {name}/{branch}, pushed with the release"),
        },
    );
    Ok(())
}

/// Releases of this line that are on the remote but not in this clone: their changes would be released again. Checking the remote fetches
/// no tags.
fn of_missing_tags(
    project: &Project,
    remote: &Remote,
    base: CommitId,
    checks: &mut Checks,
) -> Result<()> {
    let (Some(name), Some(refs)) = (&remote.name, &remote.refs) else {
        return Ok(());
    };
    let repo = &project.repo;
    let parts = project.components().into_iter();
    let formats: Vec<TagFormat> = parts.map(|part| part.config.tag).collect();
    let is_release = |tag: &str| formats.iter().any(|format| format.version(tag).is_some());
    let mut missing = Vec::new();
    for tag in refs.tags().filter(|tag| is_release(tag)) {
        if repo.reference(&RefName::tag(tag))?.is_some() {
            continue;
        }
        let at = refs.tagged(tag).and_then(|at| repo.resolved(at));
        if at.map_or(Ok(false), |at| repo.contains(base, at))? {
            missing.push(tag.to_owned());
        }
    }
    if !missing.is_empty() {
        missing.sort();
        let detail = format!(
            "{name} has {}, which is not here",
            words::shortlist(&missing)
        );
        checks.fail(
            CheckId::Upstream,
            detail,
            format!("run `git fetch --tags {name}`"),
        );
    }
    Ok(())
}

/// Checks with the user's `ci` command that a commit is green.
pub fn of_ci(project: &Project, base: CommitId, branch: &str, checks: &mut Checks) {
    let Some(command) = &project.config.ci else {
        return;
    };
    let values = Variables(vec![
        ("sha", base.to_string()),
        ("branch", branch.to_owned()),
    ]);
    let line = values.fill(command);
    let remedy = format!("look at `{}`", terminal::printable(&line));
    match shell::shell(project.repo.root(), &line, "") {
        Err(error) => checks.fail(CheckId::Ci, error.to_string(), "see `ci` in relwatch.yml"),
        Ok(said) => match conclusions(&said) {
            words if words.is_empty() => {
                let detail = format!("there are no runs for {}", base.short());
                checks.fail(CheckId::Ci, detail, "push it and wait for them");
            }
            words => match words.iter().find(|word| !is_green(word)) {
                Some(odd) => checks.fail(CheckId::Ci, format!("a run says `{odd}`"), remedy),
                None => checks.ok(CheckId::Ci, format!("{} green", words.len())),
            },
        },
    }
}

/// The conclusion of each run: a list of objects in JSON, else one word per line.
fn conclusions(said: &str) -> Vec<String> {
    let word = |run: &serde_json::Value| -> String {
        let keys = ["conclusion", "state", "status"];
        let mut words = keys.iter().filter_map(|key| run.get(key)?.as_str());
        let word = words.find(|word| !word.is_empty()).or(run.as_str());
        word.unwrap_or("nothing yet").to_owned()
    };
    match serde_json::from_str::<Vec<serde_json::Value>>(said) {
        Ok(runs) => runs.iter().map(word).collect(),
        Err(_) => {
            let lines = said.lines().map(|line| terminal::printable(line.trim()));
            lines.filter(|line| !line.is_empty()).collect()
        }
    }
}

fn is_green(word: &str) -> bool {
    let green = [
        "success",
        "successful",
        "passed",
        "pass",
        "green",
        "ok",
        "skipped",
        "neutral",
    ];
    green.contains(&word.to_lowercase().as_str())
}

/// Checks that every release in the manifest has its tag.
fn of_manifest(project: &Project, base: CommitId, checks: &mut Checks) -> Result<()> {
    let path = &project.config.manifest;
    if path.is_empty() {
        return Ok(());
    }
    let Some(bytes) = project.repo.file_at(base, path)? else {
        return Ok(());
    };
    let rebuild = "`relwatch releases --rebuild` rebuilds it";
    let records = match manifest::read(&String::from_utf8_lossy(&bytes)) {
        Ok(records) => records,
        Err(why) => {
            checks.fail(CheckId::Manifest, format!("{path}: {why}"), rebuild);
            return Ok(());
        }
    };
    let mut missing = Vec::new();
    for record in &records {
        let name = RefName::tag(&record.tag);
        if project.repo.reference(&name)?.is_none() {
            missing.push(record.tag.clone());
        }
    }
    if missing.is_empty() {
        checks.ok(
            CheckId::Manifest,
            format!(
                "{}, each with its tag",
                ui::counted(records.len(), "release", "releases")
            ),
        )
    } else {
        let detail = format!(
            "{path} lists {}, without a tag here",
            words::shortlist(&missing)
        );
        checks.fail(
                CheckId::Manifest,
                detail,
                format!("run `git fetch --tags`, or `relwatch release --finish` if it was merged from a branch `release/…`; else {rebuild}"),
            );
    }
    Ok(())
}

/// The failure for a reference that conflicts with another one, here or on a remote: git stores a reference as a file, and one name would
/// be the directory of the other.
pub fn no_room(name: &RefName, other: &RefName, remote: Option<&str>) -> Failure {
    let place = remote.map_or(String::new(), |remote| format!(" on {remote}"));
    let (wanted, known) = (name.described(), other.described());
    let remedy = match (remote, other.as_tag(), ref_name::branch_of(other)) {
        (None, Some(tag), _) => format!("`git tag -d {tag}` deletes it, if nobody needs it"),
        (None, _, Some(branch)) => format!("`git branch -m {branch} NAME` renames it"),
        _ => "rename or delete it there".to_owned(),
    };
    let what = format!("cannot create {wanted}{place}: git has no room for it beside {known}");
    Failure::precondition(what).with_remedy(remedy)
}

/// Checks that a reference can be created, here and on the remote.
pub fn has_room(
    project: &Project,
    remote: &Remote,
    name: &RefName,
    id: CheckId,
    checks: &mut Checks,
) -> Result<bool> {
    if let Some(other) = project.repo.obstacle(name)? {
        checks.fail_as(id, no_room(name, &other, None));
    } else if let (Some(there), Some(refs)) = (&remote.name, &remote.refs)
        && let Some(other) = refs.obstacle(name)
    {
        checks.fail_as(id, no_room(name, other, Some(there)));
    } else {
        return Ok(true);
    }
    Ok(false)
}

/// Checks that the branch of a release by review can be created, and does not exist from an earlier one.
pub fn of_review(
    project: &Project,
    remote: &Remote,
    review: &RefName,
    checks: &mut Checks,
) -> Result<()> {
    let there = remote.refs.as_ref().and_then(|refs| refs.get(review));
    let is_here = project.repo.reference(review)?.is_some();
    if let (Some(name), true) = (&remote.name, is_here || there.is_some()) {
        checks.fail_as(CheckId::Push, offered_already(project, review, name));
        return Ok(());
    }
    has_room(project, remote, review, CheckId::Push, checks).map(drop)
}

/// The failure for a release by review whose branch exists.
pub fn offered_already(project: &Project, review: &RefName, remote: &str) -> Failure {
    let branch = ref_name::branch_of(review).unwrap_or(review);
    let named = project.repo.short_name(review);
    Failure::precondition(format!("there is a branch {branch} already")).with_remedy(format!(
        "merge it and run `relwatch release --finish`, or remove it with `git branch -D {branch}` and `git push {remote} --delete {named}`"
    ))
}

/// Checks that a push has a remote and leaves nothing behind, and that a review brings no other commits along. `review` is the branch of a
/// release by review.
pub fn pushable(
    project: &Project,
    remote: &Remote,
    base: CommitId,
    branch: &str,
    review: Option<&RefName>,
    checks: &mut Checks,
) -> Result<()> {
    let repo = &project.repo;
    if let Some(review) = review {
        of_review(project, remote, review, checks)?;
    }
    if remote.name.is_none() {
        let remedy = "run `git remote add origin …`, or leave --push out";
        checks.fail(CheckId::Push, "there is no remote to push to", remedy);
    }
    let (Some(name), Some(refs)) = (&remote.name, &remote.refs) else {
        return Ok(());
    };
    let branch = repo.upstream(branch, name);
    let there = refs
        .get(&RefName::branch(&branch))
        .and_then(|at| repo.resolved(at));
    let full = RefName::branch(&branch);
    if let Some(other) = refs.obstacle(&full).filter(|_| review.is_none()) {
        checks.fail_as(CheckId::Push, no_room(&full, other, Some(name)));
    }
    if let (Some(_), Some(there)) = (review, there) {
        let ahead = repo.count(there, base)?;
        if ahead > 0 {
            let commits = ui::counted(ahead, "commit is", "commits are");
            let detail = format!(
                "{commits} not on {name}/{branch} yet: a release by review must not bring them along"
            );
            checks.fail(CheckId::Push, detail, "have them merged first");
        }
    }
    for record in project.releases_at(base)? {
        let tag = RefName::tag(&record.tag);
        if refs.get(&tag).is_none() && repo.reference(&tag)?.is_some() {
            let detail = format!("{}, released before, is not on {name}", record.tag);
            checks.fail(
                CheckId::Push,
                detail,
                format!("run `git push {name} {}`", repo.short_name(&tag)),
            );
        }
    }
    Ok(())
}

/// Checks that every file to write is a regular file or does not exist yet.
pub fn writable(
    project: &Project,
    base: CommitId,
    files: &[FileChange],
    checks: &mut Checks,
) -> Result<()> {
    let list = Some(project.config.manifest.clone()).filter(|path| !path.is_empty());
    let written = files
        .iter()
        .filter(|file| matches!(file.change, FileAction::Write { .. }));
    for path in written.map(|file| file.path.clone()).chain(list) {
        if project.repo.is_link(base, &path)? {
            let remedy = "make it a plain file, or name the file that it leads to in relwatch.yml";
            checks.fail(CheckId::Files, format!("{path} is a symbolic link"), remedy);
        }
        let is_new = project.repo.object_at(base, &path)?.is_none();
        if is_new && files::exists(&files::at(project.repo.root(), &path)) {
            let detail = format!("{path} is there, but not in git, and the release would write it");
            checks.fail(
                CheckId::Files,
                detail,
                format!("run `git add -f {path}` and commit it, or move it away"),
            );
        }
    }
    Ok(())
}
