//! `relwatch check [VERSION]`: whether a release is possible now, and what blocks it.

use serde_json::json;

use crate::commands::{Context, WantedArguments};
use crate::domain::failure::{Exit, Result};
use crate::domain::release::check::{Check, Outcome};
use crate::install::hooks;
use crate::project::Project;
use crate::project::reach::Reach;
use crate::release::plan;
use crate::release::remote;
use crate::section::working_file::WorkingFile;
use crate::sys::git::Head;
use crate::ui::Report;
use crate::ui::screen::{Page, Tone};

/// Check whether a release is possible now, and list what blocks it.
#[derive(Debug, clap::Args)]
pub struct CheckArguments {
    #[command(flatten)]
    wanted: WantedArguments,
    /// Do not ask the remote.
    #[arg(long)]
    offline: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command. Exit 3 if something is not met.
///
/// # Errors
/// Exit 6 if there is nothing to release.
pub fn run(arguments: CheckArguments, context: &Context) -> Result<Report> {
    let project = context.open()?;
    let wanted = arguments.wanted.wanted(false);
    let reach = Reach::unless(arguments.offline);
    let (head, remote) = remote::asked(&project, wanted.branch.as_deref(), reach)?;
    let parts = project.components();
    let stale = parts.iter().filter_map(|part| stale(part, head.clone()));
    let stale: Vec<String> = stale.collect();
    let planned = plan::decide(&project, &wanted, &head, &remote, &[]).map_err(|failure| {
        let remedies: Vec<String> = failure.remedy.iter().chain(&stale).cloned().collect();
        if remedies.is_empty() {
            failure
        } else {
            failure.with_remedy(remedies.join("; "))
        }
    })?;
    let mut page = Page::new(context.screen());
    for check in planned.checks.all() {
        row(&mut page, check);
    }
    let mut unenforced: Vec<String> = hooks::unenforced(&project)?.into_iter().collect();
    unenforced.extend(project.config.web.hint());
    let ignored: Vec<String> = project.ignored_configuration().into_iter().collect();
    let failed = planned.checks.failed().len();
    let count = planned.checks.all().len();
    let plan = planned.plan.as_ref().filter(|_| failed == 0);
    let (tone, outcome) = match plan {
        Some(plan) => {
            let (title, branch, base) = (plan.title(), &plan.branch, plan.base.short());
            let words = format!("ready: {title} can be released from {branch} at {base}");
            (Tone::Good, words)
        }
        None => {
            let words = format!("not ready: {failed} of {count} checks failed");
            (Tone::Bad, words)
        }
    };
    page.blank();
    page.words(0, 2, &[(tone, &outcome)]);
    let json = json!({
        "schema": 2,
        "ready": plan.is_some(),
        "checks": planned.checks.all(),
        "releases": planned.parts.iter().map(|part| json!({
            "component": part.cutting.component,
            "version": part.cutting.version,
            "tag": part.cutting.tag,
        })).collect::<Vec<_>>(),
    });
    let report = Report::page(page)
        .with_json(json)
        .as_json(arguments.json)
        .with_warnings([ignored, planned.warnings, stale, unenforced].concat());
    Ok(match plan {
        Some(_) => report,
        None => report.with_exit(Exit::Precondition),
    })
}

/// What to say of a changelog that does not show its section; what keeps it from being read is among the checks.
fn stale(project: &Project, head: Head) -> Option<String> {
    let file = WorkingFile::read_at(project, head).ok()?;
    let section = file.section().ok()?;
    file.stale(&section).ok()?
}

/// A check, and below it what it lists.
fn row(page: &mut Page, check: &Check) {
    let tone = match check.result {
        Outcome::Ok => Tone::Good,
        Outcome::Warning => Tone::Warning,
        Outcome::Skipped => Tone::Faint,
        Outcome::Failed => Tone::Bad,
    };
    let (result, words) = (check.result.word(), check.words());
    let (first, list) = words.split_once('\n').unwrap_or((&words, ""));
    let gap = " ".repeat(9_usize.saturating_sub(result.len()));
    let said = format!("{gap}{:<13} {first}", check.id);
    page.words(0, 23, &[(tone, result), (Tone::Plain, &said)]);
    for line in list.lines() {
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        page.words(indent, indent + 2, &[(Tone::Plain, bare)]);
    }
}
