//! `relwatch hook NAME ARGS…`: what the installed hooks call. Never fails the user's git.

use std::ffi::OsString;
use std::io::{self, Read};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use crate::commands::lint;
use crate::config::{CheckLevel, Storage};
use crate::domain::commit::check;
use crate::domain::commit::message::Message;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name;
use crate::install::filters;
use crate::project::{Project, git_waits};
use crate::release::archiving;
use crate::section::refresh::{self, Way};
use crate::section::tracked;
use crate::sys::deadline::{self, Deadline, Watchdog};
use crate::sys::files::{self, Durable};
use crate::sys::git::Repo;
use crate::sys::layout;
use crate::sys::{env, log, process, rewrites};
use crate::ui;

/// Runs a hook; returns the exit code: 1 only if a check that is set to reject finds something.
pub fn run(name: &str, arguments: &[OsString]) -> u8 {
    let args = arguments.iter().map(|w| w.to_string_lossy().into_owned());
    let args: Vec<String> = args.collect();
    let mut input = String::new();
    if matches!(name, "post-rewrite" | "pre-push") {
        // Bytes that are not text are not git's; the hook does without.
        let _ = io::stdin().lock().read_to_string(&mut input);
    }
    let said = env::current_dir().map(|dir| match name {
        "commit-msg" | "pre-push" => guard(&dir, name, &args, &input),
        _ => bring_up_to_date(&dir, name, &args, &input).map(Objection::Warning),
    });
    match said {
        Ok(None) => 0,
        Ok(Some(Objection::Warning(words))) => {
            ui::fail(&Failure::failed(words));
            0
        }
        Ok(Some(Objection::Rejection(words))) => {
            ui::fail(&Failure::failed(words));
            Exit::Failed as u8
        }
        Err(failure) => {
            ui::fail(&failure);
            0
        }
    }
}

/// What a hook says, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Objection {
    /// git goes on.
    Warning(String),
    /// git stops: the check is set to reject.
    Rejection(String),
}

impl Objection {
    fn from_level(words: String, check: CheckLevel) -> Objection {
        match check {
            CheckLevel::Reject => Objection::Rejection(words),
            _ => Objection::Warning(words),
        }
    }
}

/// Runs a hook that brings the section up to date; `input` is what git says on standard input. What to say of an error in one
/// line.
fn bring_up_to_date(start: &Path, name: &str, args: &[String], input: &str) -> Option<String> {
    if env::var(env::NO_HOOKS).is_some() {
        return None;
    }
    // `checkout -- FILE` reports 0: rewriting the file then would take back what the user just asked for.
    // pre-commit gives its hooks no arguments.
    let said = |at: usize, variable: &str| args.get(at).cloned().or_else(|| env::var(variable));
    if name == "post-checkout" && said(2, "PRE_COMMIT_CHECKOUT_TYPE").as_deref() != Some("1") {
        return None;
    }
    let rewriter = said(0, "PRE_COMMIT_REWRITE_COMMAND");
    let ends_rebase = name == "post-rewrite" && rewriter.as_deref() == Some("rebase");
    let (opened, git_dir) = open(start);
    let time = opened
        .as_ref()
        .ok()
        .map(|repo| InTime::begin(repo, start, name));
    let noted = opened.and_then(|repo| {
        if name == "post-rewrite" {
            rewrites::add(repo.common_dir(), input)?;
        }
        Ok(repo)
    });
    // git's sequencer keeps the index in memory while it checks out, picks and merges: what changes in
    // the working tree meanwhile looks to it like a local change. The rebase's own last hook comes.
    if noted
        .as_ref()
        .is_ok_and(|repo| repo.is_rebasing() && !ends_rebase)
    {
        return None;
    }
    let deadline = time.as_ref().map(|time| time.deadline.clone());
    let in_time = |repo| Project::in_time(repo, deadline.unwrap_or_default());
    let result = noted.and_then(in_time).and_then(|project| {
        // The process ends now, so libgit2's memory need not be freed.
        let project = ManuallyDrop::new(project);
        renew(&project);
        keep_folders(&project, name);
        match (project.config.storage, name) {
            (Storage::View, "pre-commit") => Ok(Vec::new()),
            // What has another name now may be what a line means: everything is looked at again.
            (Storage::View, "post-rewrite") => refresh::refresh(&project, Way::Rebuild),
            (Storage::View, _) => refresh::refresh(&project, Way::Extend),
            (Storage::Tracked, "pre-commit") => {
                project.each(tracked::pre_commit).map(|()| Vec::new())
            }
            // Writing after a commit would leave the tree dirty.
            (Storage::Tracked, _) => Ok(Vec::new()),
        }
    });
    drop(time);
    match result {
        Ok(said) => {
            let _ = git_dir.map(|git_dir| files::remove(&layout::last_error(&git_dir)));
            // git itself writes old copies in checkouts, merges and rebases.
            (name == "post-commit" && !said.is_empty()).then(|| said.join("; "))
        }
        Err(error) => told(start, name, git_dir, &error),
    }
}

/// Brings the filter command of an older relwatch up to date.
fn renew(project: &Project) {
    if let Err(error) = filters::renew(project) {
        tracing::warn!("{error}"); // the older form goes on working
    }
}

/// Keeps the folders of specs after git has checked out a commit that archived the last of them.
fn keep_folders(project: &Project, name: &str) {
    if matches!(name, "post-checkout" | "post-merge" | "post-rewrite")
        && let Err(error) = archiving::keep_folders(project, [])
    {
        tracing::warn!("{error}"); // a tool makes its folder itself
    }
}

/// The time that git gives a hook.
struct InTime {
    deadline: Deadline,
    watchdog: Watchdog,
}

impl InTime {
    /// From now on. When it is over, the hook says so once and git goes on.
    fn begin(repo: &Repo, start: &Path, name: &str) -> InTime {
        let limit = git_waits::limit(repo);
        let (start, name) = (start.to_owned(), name.to_owned());
        let git_dir = repo.git_dir().to_owned();
        let give_up = move || {
            let late = match name.as_str() {
                "commit-msg" | "pre-push" => deadline::unchecked(&name, limit),
                _ => deadline::late(limit),
            };
            if let Some(words) = told(&start, &name, Some(git_dir), &late) {
                ui::fail(&Failure::failed(words));
            }
            process::leave(0)
        };
        InTime {
            deadline: git_waits::from_now(limit),
            watchdog: Watchdog::start(limit, give_up),
        }
    }
}

impl Drop for InTime {
    fn drop(&mut self) {
        self.watchdog.dismiss();
    }
}

/// Opens the repository and starts its log; and the git directory, if there is a repository at all.
fn open(start: &Path) -> (Result<Repo>, Option<PathBuf>) {
    let opened = Repo::open(start);
    let git_dir = opened.as_ref().ok().map(|repo| repo.git_dir().to_owned());
    // A graphical client shows nobody our standard error.
    let log = git_dir.as_deref().map(layout::log);
    if let Some(path) = log.or_else(layout::user_log) {
        log::start(log::Target::File(path));
    }
    (opened, git_dir)
}

/// What the hook prints: an error once, until there is another one or none. The log contains the whole error each time.
fn told(start: &Path, name: &str, git_dir: Option<PathBuf>, error: &Failure) -> Option<String> {
    tracing::warn!("{name} in {}: {error}", start.display());
    if let Some(said) = git_dir.as_deref().map(layout::last_error) {
        let message = error.to_string();
        let known = files::read(&said).ok().flatten();
        if known.as_deref() == Some(message.as_bytes()) {
            return None;
        }
        // An error that cannot be recorded is printed again.
        let _ = files::replace(&said, message.as_bytes(), Durable::No);
    }
    Some(match error.exit {
        Exit::Usage => error.brief("`relwatch check`"),
        _ => process::in_one_line(&error.to_string()),
    })
}

/// Runs a hook that checks: `commit-msg` or `pre-push`. What is wrong; an error of ours never stops git.
fn guard(start: &Path, name: &str, args: &[String], input: &str) -> Option<Objection> {
    let (opened, git_dir) = open(start);
    let time = opened
        .as_ref()
        .ok()
        .map(|repo| InTime::begin(repo, start, name));
    let opened = opened.and_then(Project::read);
    let found = opened.and_then(|project| found(&project, start, name, args, input));
    drop(time);
    found.unwrap_or_else(|error| told(start, name, git_dir, &error).map(Objection::Warning))
}

fn found(
    project: &Project,
    start: &Path,
    name: &str,
    args: &[String],
    input: &str,
) -> Result<Option<Objection>> {
    let checks = &project.config.hooks;
    if name == "pre-push" {
        let found = moved_tags(project, input)?;
        let said = found.map(|text| Objection::from_level(text, checks.release_tags));
        return Ok(said.filter(|_| checks.release_tags != CheckLevel::Off));
    }
    let Some(file) = args.first() else {
        return Ok(None);
    };
    let bytes = files::read(&start.join(file))?.unwrap_or_default();
    let text = lint::text_for_git(project, &bytes);
    let branch = project.repo.head()?.branch.unwrap_or_default();
    let is_feature = || {
        let message = Message::read(&text, &[], &project.config.reading());
        check::is_feature(&message, &project.config.types)
    };
    if checks.freezes(&branch) && is_feature() {
        let words = format!("{branch} is frozen: fixes only; commit a feature to another branch");
        return Ok(Some(Objection::from_level(words, checks.freeze)));
    }
    let trouble = match checks.commit_msg {
        CheckLevel::Off => None,
        _ => lint::trouble(project, &text),
    };
    let rejects = checks.commit_msg == CheckLevel::Reject;
    let again = if rejects {
        format!("\nnothing was committed; `git commit -e -F {file}` goes on with what you wrote")
    } else {
        String::new()
    };
    let said = trouble.map(|why| format!("{why}\n{}{again}", check::EXAMPLE));
    Ok(said.map(|text| Objection::from_level(text, checks.commit_msg)))
}

/// The release tags that a push would move or delete (githooks(5), pre-push).
fn moved_tags(project: &Project, input: &str) -> Result<Option<String>> {
    let parts = project.components().into_iter();
    let formats: Vec<_> = parts.map(|part| part.config.tag).collect();
    let is_nothing = |id: &str| id.bytes().all(|byte| byte == b'0');
    let found = input.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (_, local, remote, known) =
            (words.next()?, words.next()?, words.next()?, words.next()?);
        let tag = ref_name::tag_of(remote)?;
        formats.iter().find_map(|format| format.version(tag))?;
        if is_nothing(known) || local == known {
            return None;
        }
        let what = if is_nothing(local) {
            "deleted"
        } else {
            "moved"
        };
        Some(format!(
            "{tag} is a release that others have; it would be {what}"
        ))
    });
    let found: Vec<String> = found.collect();
    let list = found.join("\n");
    Ok((!found.is_empty()).then(|| format!("{list}\n`git push --no-verify` goes ahead")))
}
