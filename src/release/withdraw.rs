//! `relwatch withdraw VERSION`: marks a published release `[YANKED]` and says why. Its tag stays for ever.

use semver::Version;
use serde_json::json;

use crate::domain::changelog::cut;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::manifest::{self, Withdrawal};
use crate::domain::release::plan::FileChange;
use crate::domain::release::release_body::Body;
use crate::domain::release::title::OwnCommit;
use crate::domain::text::inert;
use crate::domain::version;
use crate::notes::announce::{self, Announcement};
use crate::project::{Project, write_lock};
use crate::release::remote::Reach;
use crate::release::{lock, preconditions, publish, remote, support_block};
use crate::section::write;
use crate::sys::{clock, env};
use crate::transition::{self, Made};
use crate::ui::{self, Report};

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub version: String,
    pub reason: String,
    /// Who is affected.
    pub impact: Option<String>,
    /// What comes instead.
    pub plan: Option<String>,
    pub yes: bool,
    /// Do not ask the remote.
    pub offline: bool,
}

/// Runs the command: one commit, then the steps' `undo`, then a draft of what to tell people.
pub fn run(project: &Project, options: &Options) -> Result<Report> {
    let _release = lock::begin(project)?;
    let repo = &project.repo;
    let version = version::typed(&options.version)?;
    let tag = project.config.tag_format()?.tag(&version);
    if repo.reference(&RefName::tag(&tag))?.is_none() {
        return Err(
            Failure::precondition(format!("there is no release {tag} here"))
                .with_remedy("run `git fetch --tags`"),
        );
    }
    let head = repo.head()?;
    let (Some(base), Some(branch)) = (head.commit, head.branch) else {
        return Err(
            Failure::precondition("HEAD is not on a branch with commits")
                .with_remedy("`git switch` to the main branch"),
        );
    };
    if let Some(path) = repo.dirty()?.first() {
        return Err(
            Failure::precondition(format!("uncommitted changes in {path}"))
                .with_remedy("commit or stash them first"),
        );
    }
    let name = &project.config.changelog;
    let withdrawal = Withdrawal {
        date: clock::today(),
        reason: inert::inline(&options.reason),
        impact: options.impact.as_deref().map(inert::inline),
        plan: options.plan.as_deref().map(inert::inline),
    };
    let mut files = Vec::new();
    let mut told = Vec::new();
    if let Some(bytes) = repo.file_at(base, name)? {
        match cut::yanked(&bytes, &version.to_string()) {
            cut::Yanked::Already => return again(project, options, &tag, &branch),
            cut::Yanked::Now(after) => files.push(FileChange::write(name.clone(), after)),
            cut::Yanked::Absent => {}
        }
    }
    let path = &project.config.manifest;
    if !path.is_empty() {
        let text = repo.file_at(base, path)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let known = manifest::read(&text).unwrap_or_default();
        if known
            .iter()
            .any(|record| record.tag == tag && record.withdrawn.is_some())
        {
            return again(project, options, &tag, &branch);
        }
        match manifest::withdrawn(&text, &tag, &withdrawal) {
            Some(after) => {
                told = manifest::read(&after).unwrap_or_default();
                told.retain(|record| record.tag == tag);
                files.push(FileChange::write(path.clone(), after.into_bytes()));
            }
            None => tracing::debug!("{path} does not list {tag}"),
        }
    }
    if files.is_empty() {
        return Err(Failure::precondition(format!(
            "neither the changelog nor the list of releases on {branch} know {tag}"
        ))
        .with_remedy("`git switch` to a branch that holds it"));
    }
    let remote = remote::ask_remote(project, &branch, Reach::unless(options.offline));
    let checks = preconditions::of_remote(project, &remote, base, &branch)?;
    checks.demand("cannot withdraw yet")?;
    let there = remote.refs.as_ref();
    if there.is_some_and(|refs| refs.get(&RefName::tag(&tag)).is_none()) {
        let name = remote.name.unwrap_or_default();
        let places = match repo.resolved(&RefName::tag(&tag)) {
            Some(at) => repo.published_in(at)?,
            None => Vec::new(),
        };
        let remedy = match places.is_empty() {
            true => "`relwatch undo` takes it back".to_owned(),
            false => format!("`git tag -d {tag}` removes it, `git push {name} {tag}` publishes it"),
        };
        let what = format!("{tag} is not on {name}: nobody has it");
        return Err(Failure::precondition(what).with_remedy(remedy));
    }
    let unserved = support_block::refresh(project, base, &withdrawal.date, &told, &mut files)?;
    let draft = announcement(project, &branch, &tag, &version, &withdrawal)?;
    let question = format!("mark {tag} as withdrawn on {branch}, and run the `undo` of its steps?");
    let agreed = options.yes || env::is_interactive() && ui::ask(&question);
    if !agreed {
        return Err(Failure::new(Exit::Declined, format!("{tag} stays"))
            .with_remedy("the same command with --yes goes ahead without asking"));
    }
    let title = OwnCommit::Withdrawal(&tag);
    let mut message = format!("{title}\n\n{}\n", withdrawal.reason);
    for (what, words) in [("Impact", &withdrawal.impact), ("Plan", &withdrawal.plan)] {
        if let Some(words) = words {
            message.push_str(&format!("\n{what}: {words}\n"));
        }
    }
    let made = Made {
        what: format!("withdrawal of {tag}"),
        message,
        base,
        branch: &branch,
    };
    publish::note_done(project, &tag, &branch)?;
    let commit = {
        let held = write_lock::hold(project)?;
        let commit = made.commit(project, &held, &files)?;
        transition::forget_tag(project, &tag)?;
        write::show(project, &held)?;
        commit
    };
    let (undone, failed) = publish::take_back(project, &tag, &branch, |_| true)?;
    let mut out = format!(
        "withdrew {tag}: commit {} on {branch}; the tag stays\n{undone}",
        commit.short()
    );
    if let Some(remote) = project.remote(&branch) {
        out.push_str(&format!("next: git push {remote} {branch}\n"));
    }
    out.push_str(&format!("\n{draft}"));
    let json = json!({"schema": 1, "withdrawn": tag, "commit": commit, "failed": failed, "announcement": draft});
    let report = Report::text(out).with_json(json).with_warnings(unserved);
    Ok(with_failed(report, &failed))
}

/// What could not be taken back with a withdrawal is tried once more.
fn again(project: &Project, options: &Options, tag: &str, branch: &str) -> Result<Report> {
    let left = publish::left_behind(project, tag)?;
    let already = format!("{tag} is withdrawn already");
    if left.is_empty() {
        return Err(Failure::new(Exit::Nothing, already));
    }
    let names = left.join(", ");
    let question = format!("{already}; run the `undo` of {names}?");
    if !(options.yes || env::is_interactive() && ui::ask(&question)) {
        return Err(
            Failure::new(Exit::Declined, format!("{already}, but not {names}"))
                .with_remedy("--yes goes ahead without asking"),
        );
    }
    let (undone, failed) = publish::take_back(project, tag, branch, |step| left.contains(step))?;
    Ok(with_failed(
        Report::text(format!("{already}\n{undone}")),
        &failed,
    ))
}

fn with_failed(report: Report, failed: &[String]) -> Report {
    let words =
        |why: &String| format!("not taken back: {why}; withdraw it again once that is mended");
    let report = report.with_warnings(failed.iter().map(words).collect());
    match failed.is_empty() {
        true => report,
        false => report.with_exit(Exit::Unpublished),
    }
}

/// A draft of what to tell people.
fn announcement(
    project: &Project,
    branch: &str,
    tag: &str,
    version: &Version,
    withdrawal: &Withdrawal,
) -> Result<String> {
    let repo = &project.repo;
    let forge = project
        .config
        .forge(repo.remote_url(Some(branch)).as_deref());
    let format = project.config.tag_format()?;
    let mut before = repo.tagged_versions(&format)?;
    before.retain(|known| known < version && known.pre.is_empty());
    let previous = before.iter().max().map(|version| format.tag(version));
    let subject = announce::Subject {
        version: &version.to_string(),
        tag,
        previous: previous.as_deref(),
        date: None,
        forge: forge.as_ref(),
        withdrawn: Some(withdrawal),
    };
    let kind = Announcement::Withdrawal;
    let draft = announce::draft(project, kind, &subject, &Body::default())?;
    Ok(format!("{}\n", draft.text()))
}
