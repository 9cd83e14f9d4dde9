//! `relwatch doctor`: what keeps the section from being right in this clone, and how to mend it.

use serde_json::json;

use crate::commands::{init, update};
use crate::config::Storage;
use crate::domain::changelog::document::Document;
use crate::domain::failure::{Failure, Result};
use crate::history::range;
use crate::install::hooks;
use crate::project::{Project, wiring, write_lock};
use crate::section::{compute, tracked, write};
use crate::sys::{files, registry};
use crate::transition;
use crate::ui::{self, Report};
use crate::watch::instance;

/// What was looked at.
struct Finding {
    id: &'static str,
    /// `None`: all is well.
    trouble: Option<String>,
    remedy: Remedy,
}

/// Who mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// `relwatch init` does.
    Init,
    /// Hooks that a manager moved aside.
    Hooks,
    /// Generated lines in a commit.
    Lines,
    Update,
    /// A person, by the command in the text.
    Person,
}

/// Runs the command; with `fix` it mends what it can.
///
/// # Errors
/// Exit 1 if something is wrong and not mended.
pub fn run(project: &Project, fix: bool) -> Result<Report> {
    let mut report = Report::default();
    let mut findings = examine(project)?;
    let is_wrong = |finding: &&Finding| finding.trouble.is_some();
    if fix && findings.iter().any(|f| is_wrong(&f)) {
        let remedies: Vec<Remedy> = findings.iter().filter(is_wrong).map(|f| f.remedy).collect();
        report.absorb(mend(project, &remedies)?);
        findings = examine(project)?;
    }
    let mut left = 0;
    for Finding {
        id,
        trouble,
        remedy,
    } in &findings
    {
        let line = match trouble {
            None => format!("ok       {id}\n"),
            Some(trouble) => {
                left += 1;
                let hint = match remedy {
                    Remedy::Person => "",
                    _ if fix => "",
                    _ => "; `relwatch doctor --fix` mends it",
                };
                format!("trouble  {id}: {trouble}{hint}\n")
            }
        };
        report.push(&line);
    }
    let rows = findings
        .iter()
        .map(|f| json!({"id": f.id, "ok": f.trouble.is_none(), "trouble": f.trouble}));
    let json = json!({"schema": 1, "findings": rows.collect::<Vec<_>>()});
    if left == 0 {
        return Ok(report.with_json(json));
    }
    let _ = report.print_text(); // what counts is what follows
    Err(Failure::failed(format!(
        "{} left",
        ui::counted(left, "trouble is", "troubles are")
    )))
}

fn examine(project: &Project) -> Result<Vec<Finding>> {
    let repo = &project.repo;
    let parts = project.components();
    let is_view = project.config.storage == Storage::View;
    let mut findings = Vec::new();
    let mut found = |id, trouble: Option<String>, remedy| {
        findings.push(Finding {
            id,
            trouble,
            remedy,
        });
    };
    found("changelog", of_any(&parts, missing)?, Remedy::Init);
    let binary = wiring::missing_binary(project);
    let gone = binary
        .map(|path| format!("{path} is not there any more; the filter does nothing without it"));
    found("binary", gone, Remedy::Init);
    if is_view {
        let set = wiring::filter_is_set(project);
        let trouble = match set {
            true => of_any(&parts, unfiltered)?,
            false => Some(
                "git does not know the filter: generated lines would get into commits".to_owned(),
            ),
        };
        found("filter", trouble, Remedy::Init);
    }
    let driver =
        (!wiring::driver_is_set(project)).then(|| "git does not know the merge driver".to_owned());
    found("merge driver", driver, Remedy::Init);
    let needed = hooks::needed(&project.config).len();
    let running = hooks::running(project)?;
    let aside = hooks::moved_aside(project);
    let hooks = (running < needed).then(|| {
        let moved = match aside.as_slice() {
            [] => String::new(),
            paths => format!(" (moved aside: {})", paths.join(", ")),
        };
        format!("git runs {running} of {needed}{moved}; `relwatch hooks status` says which")
    });
    found("hooks", hooks, Remedy::Hooks);
    if is_view {
        let lines = of_any(&parts, |part| {
            let stored = stored_lines(part)?;
            let lines = ui::counted(stored, "generated line", "generated lines");
            let name = &part.config.changelog;
            Ok((stored > 0).then(|| {
                format!("the commit has {lines} in {name}, from a client that runs no filters")
            }))
        })?;
        found("stored lines", lines, Remedy::Lines);
    }
    let pending = transition::pending(project).map(|pending| {
        format!(
            "{} is not finished; run `relwatch release --resume` or `relwatch undo`",
            pending.released.what
        )
    });
    found("release", pending, Remedy::Person);
    let stale = of_any(&parts, |part| {
        let stale = update::run(part, update::Mode::Check).is_err();
        let name = &part.config.changelog;
        Ok(stale.then(|| format!("{name} does not show what it should")))
    })?;
    found("section", stale, Remedy::Update);
    if registry::load()?.iter().any(|root| root == repo.root()) {
        let idle = instance::running()?.is_none();
        let trouble = idle.then(|| "this repository is registered, but no watcher runs: `relwatch watch --daemon` or `relwatch service install`".to_owned());
        found("watcher", trouble, Remedy::Person);
    }
    Ok(findings)
}

/// What is wrong with any of the changelogs.
fn of_any(
    parts: &[Project],
    look: impl Fn(&Project) -> Result<Option<String>>,
) -> Result<Option<String>> {
    let found: Vec<Option<String>> = parts.iter().map(look).collect::<Result<_>>()?;
    let found: Vec<String> = found.into_iter().flatten().collect();
    Ok((!found.is_empty()).then(|| found.join("; ")))
}

fn unfiltered(project: &Project) -> Result<Option<String>> {
    let name = &project.config.changelog;
    Ok((!wiring::has_filter_attribute(project)?).then(|| {
        format!("no attribute gives {name} the filter: generated lines would get into commits")
    }))
}

fn missing(project: &Project) -> Result<Option<String>> {
    let name = &project.config.changelog;
    let present = files::read(&files::at(project.repo.root(), name))?;
    Ok(present.is_none().then(|| format!("there is no {name}")))
}

/// How many lines of Unreleased in the commit say exactly what relwatch would say.
fn stored_lines(project: &Project) -> Result<usize> {
    let Some(head) = project.repo.head()?.commit else {
        return Ok(0);
    };
    let Some(stored) = project.repo.file_at(head, &project.config.changelog)? else {
        return Ok(0);
    };
    if Document::parse(&stored).several_unreleased().is_some() {
        return Ok(0);
    }
    let history = range::read(project)?;
    let doc = tracked::section(project, &history, &stored, None)?.doc;
    Ok(tracked::entries(&stored) - tracked::entries(&doc))
}

fn mend(project: &Project, remedies: &[Remedy]) -> Result<Report> {
    let mut report = Report::default();
    if remedies.contains(&Remedy::Init) {
        report.absorb(init::run(project.repo.root(), None)?);
    }
    if remedies.contains(&Remedy::Hooks) {
        let options = hooks::Options {
            apply: true,
            ..hooks::Options::default()
        };
        report.absorb(hooks::install(project, options)?);
        for path in hooks::moved_aside(project) {
            files::remove(&files::at(project.repo.root(), &path))?;
            report.push(&format!("removed: {path}, which no manager runs\n"));
        }
    }
    if remedies.contains(&Remedy::Lines) {
        for part in project.components() {
            if stored_lines(&part)? == 0 {
                continue;
            }
            take_out(&part)?;
            let name = &part.config.changelog;
            report.push(&format!("took the stored lines out of {name}\nnext: git commit -m \"chore: take generated lines out of {name}\" {name}\n"));
        }
    }
    if remedies.contains(&Remedy::Update) {
        report.absorb(update::run(project, update::Mode::Write)?);
    }
    Ok(report)
}

/// Takes generated lines that git stores out of what is a person's in the working file.
fn take_out(project: &Project) -> Result<()> {
    let held = write_lock::hold(project)?;
    let history = range::read(project)?;
    let name = &project.config.changelog;
    let present = files::read(&files::at(project.repo.root(), name))?.unwrap_or_default();
    let indexed = project.repo.indexed(name)?;
    let doc = compute::of_working_file(project, &history, &present, &indexed)?.doc;
    let doc = tracked::section(project, &history, &doc, None)?.doc;
    write::rewrite(project, &held, &history, &present, doc)?;
    // The bytes are the same, with other ones a person's: git has to ask the filter again.
    project.repo.forget_stat(name)
}
