//! `relwatch doctor`: the problems of this clone, and how to fix them.

use serde_json::json;

use crate::commands::{Context, init, update};
use crate::config::Storage;
use crate::domain::failure::{Exit, Failure, Result};
use crate::history::{range, unread_tags};
use crate::install::condition::{self, of_any};
use crate::install::hooks;
use crate::notes::project_template::ProjectTemplate;
use crate::project::{Project, write_lock};
use crate::section::stored;
use crate::section::working_file::WorkingFile;
use crate::section::write::Writer;
use crate::sys::{env, files, registry};
use crate::transition;
use crate::ui::{self, Report};
use crate::watch::instance;

/// Stored lines that are named one by one.
const NAMED: usize = 5;

/// Diagnose this clone.
#[derive(Debug, clap::Args)]
pub struct DoctorArguments {
    /// Fix what can be fixed.
    #[arg(long)]
    fix: bool,
    /// Check the committed set-up, for CI; this clone is checked only if `init` ran in it.
    #[arg(long, conflicts_with = "fix")]
    ci: bool,
    /// Remove stored lines without asking about each of them.
    #[arg(long, requires = "fix")]
    yes: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What was looked at.
struct Finding {
    id: &'static str,
    /// `None`: all is well.
    trouble: Option<String>,
    remedy: Remedy,
}

impl Finding {
    fn new(id: &'static str, trouble: Option<String>, remedy: Remedy) -> Finding {
        Finding {
            id,
            trouble,
            remedy,
        }
    }

    /// One line; `hint` names the command that fixes it, if a command can.
    fn line(&self, hint: &str) -> String {
        let id = self.id;
        match &self.trouble {
            None => format!("ok       {id}\n"),
            Some(trouble) if self.remedy == Remedy::Person => format!("problem  {id}: {trouble}\n"),
            Some(trouble) => format!("problem  {id}: {trouble}{hint}\n"),
        }
    }
}

/// What fixes it.
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

/// Runs the command. With `--fix` it also fixes what it can.
///
/// # Errors
/// Exit 1 if a problem is left.
pub fn run(arguments: DoctorArguments, context: &Context) -> Result<Report> {
    let DoctorArguments { fix, ci, yes, json } = arguments;
    let consent = if yes {
        Consent::Given
    } else if env::is_interactive() {
        Consent::Asked
    } else {
        Consent::Unknown
    };
    let project = &context.open()?;
    let mut report = Report::answer("").with_warnings(warnings(project, ci)?);
    let mut findings = if ci {
        examine_repository(project)?
    } else {
        examine(project)?
    };
    let is_wrong = |finding: &&Finding| finding.trouble.is_some();
    if fix && findings.iter().any(|f| is_wrong(&f)) {
        let remedies: Vec<Remedy> = findings.iter().filter(is_wrong).map(|f| f.remedy).collect();
        let done = apply(project, &remedies, consent)?;
        if !json {
            done.print()?;
        }
        findings = examine(project)?;
    }
    let hint = match (fix, ci) {
        (true, _) => "",
        (_, true) => "; `relwatch doctor --fix` in a clone that is set up fixes it",
        _ => "; `relwatch doctor --fix` fixes it",
    };
    for finding in &findings {
        report.push(&finding.line(hint));
    }
    let left = findings.iter().filter(is_wrong).count();
    let rows = findings
        .iter()
        .map(|f| json!({"id": f.id, "ok": f.trouble.is_none(), "trouble": f.trouble}));
    let rows = json!({"schema": 1, "findings": rows.collect::<Vec<_>>()});
    let report = report.with_json(rows).as_json(json);
    match left {
        0 => return Ok(report),
        _ if json => return Ok(report.with_exit(Exit::Failed)),
        _ => {}
    }
    let _ = report.print(); // what counts is what follows
    Err(Failure::failed(format!(
        "{} left",
        ui::counted(left, "problem is", "problems are")
    )))
}

/// What is not a problem, but is worth knowing.
fn warnings(project: &Project, ci: bool) -> Result<Vec<String>> {
    let mut warnings = project.idle_paths()?;
    let head = project.repo.head()?.commit;
    warnings.extend(unread_tags::hint(project, &project.release_tags()?, head)?);
    warnings.extend(project.config.web.hint());
    if ci && project.repo.is_shallow() {
        warnings.push(range::SHALLOW.to_owned());
    }
    Ok(warnings)
}

fn examine(project: &Project) -> Result<Vec<Finding>> {
    let parts = project.components();
    let wiring = condition::of_clone(project)?.into_iter();
    let mut findings: Vec<Finding> = wiring
        .map(|(id, trouble)| match id {
            condition::HOOKS => Finding::new(id, trouble, Remedy::Hooks),
            _ => Finding::new(id, trouble, Remedy::Init),
        })
        .collect();
    findings.extend(stored_lines(project)?);
    let mut found = |id, trouble, remedy| findings.push(Finding::new(id, trouble, remedy));
    let pending = transition::pending(project).map(|pending| {
        format!(
            "{} is not finished; run `relwatch release --resume` or `relwatch undo`",
            pending.released.what
        )
    });
    found("release", pending, Remedy::Person);
    if let Some(two) = project.ignored_configuration() {
        found("configuration", Some(two), Remedy::Person);
    }
    let templates = of_any(&parts, unreadable_template)?;
    if templates.is_some() {
        found("templates", templates, Remedy::Person);
    }
    found("section", of_any(&parts, stale)?, Remedy::Update);
    if registry::load()?
        .iter()
        .any(|root| root == project.repo.root())
    {
        let idle = instance::running()?.is_none();
        let trouble = idle.then(|| "this repository is registered, but no watcher runs: `relwatch watch --daemon` or `relwatch service install`".to_owned());
        found("watcher", trouble, Remedy::Person);
    }
    Ok(findings)
}

/// What every clone gets, as far as a clone can judge it in which nobody ran `init`.
fn examine_repository(project: &Project) -> Result<Vec<Finding>> {
    let committed = condition::of_repository(project)?.into_iter();
    let mut findings: Vec<Finding> = committed
        .map(|(id, trouble)| Finding::new(id, trouble, Remedy::Person))
        .collect();
    if condition::is_begun(project)? {
        findings.extend(examine(project)?);
    } else {
        findings.extend(stored_lines(project)?);
    }
    Ok(findings)
}

/// Generated lines that the commit has and should not have.
fn stored_lines(project: &Project) -> Result<Option<Finding>> {
    if project.config.storage != Storage::View {
        return Ok(None);
    }
    let trouble = of_any(&project.components(), stored)?;
    Ok(Some(Finding::new("stored lines", trouble, Remedy::Lines)))
}

fn stored(project: &Project) -> Result<Option<String>> {
    let history = range::read(project)?;
    let committed = stored::committed(project, &history)?;
    if committed.is_empty() {
        return Ok(None);
    }
    let name = &project.config.changelog;
    let lines = ui::counted(committed.len(), "generated line", "generated lines");
    let kept = WorkingFile::read(project)?.section()?.doc;
    let kept = stored::kept(project, &history, &kept)?;
    if kept.is_empty() {
        return Ok(Some(format!(
            "the commit has {lines} in {name}; the next commit of {name} takes them out"
        )));
    }
    let named: Vec<String> = kept
        .iter()
        .take(NAMED)
        .map(|line| format!("{} `{}`", line.place, line.text))
        .collect();
    let more = match kept.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Ok(Some(format!(
        "the commit has {lines} in {name}, from a client that runs no filters: {}{more}",
        named.join(", ")
    )))
}

/// What is wrong with the templates of the project: a release is refused for it.
fn unreadable_template(project: &Project) -> Result<Option<String>> {
    let all = [
        ProjectTemplate::section(project),
        ProjectTemplate::body(project),
    ];
    let read = all.into_iter().map(|found| match found? {
        Some(template) => template.parsed(),
        None => Ok(()),
    });
    let faults: Vec<String> = read
        .filter_map(|read| Some(read.err()?.to_string()))
        .collect();
    Ok((!faults.is_empty()).then(|| faults.join("; ")))
}

fn stale(project: &Project) -> Result<Option<String>> {
    let is_stale = update::bring_up_to_date(project, update::UpdateMode::Check).is_err();
    let name = &project.config.changelog;
    Ok(is_stale.then(|| format!("{name} does not show what it should")))
}

fn apply(project: &Project, remedies: &[Remedy], consent: Consent) -> Result<Report> {
    let mut report = Report::default();
    if remedies.contains(&Remedy::Init) {
        report.absorb(init::set_up(
            project.repo.root(),
            init::InitArguments::default(),
        )?);
    }
    if remedies.contains(&Remedy::Hooks) {
        let options = hooks::HookOptions {
            apply: true,
            ..hooks::HookOptions::default()
        };
        report.absorb(hooks::install(project, options)?);
        for path in hooks::moved_aside(project) {
            files::remove(&files::at(project.repo.root(), &path))?;
            report.push(&format!("removed: {path}, which no manager runs\n"));
        }
    }
    if remedies.contains(&Remedy::Lines) {
        for part in project.components() {
            report.absorb(take_out(&part, consent)?);
        }
    }
    if remedies.contains(&Remedy::Update) {
        report.absorb(update::bring_up_to_date(
            project,
            update::UpdateMode::Write,
        )?);
    }
    Ok(report)
}

/// Whether stored lines are removed: only the user can distinguish them from copied ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consent {
    /// To all of them, by `--yes`.
    Given,
    Asked,
    /// There is no terminal to ask on.
    Unknown,
}

/// Takes lines that git stores, and that the user agrees to, out of what is a person's in the working file.
fn take_out(project: &Project, consent: Consent) -> Result<Report> {
    let mut report = Report::default();
    let held = write_lock::hold(project)?;
    let file = WorkingFile::read(project)?;
    let doc = file.section()?.doc;
    let mut lines = stored::kept(project, &file.history, &doc)?;
    let all = lines.len();
    lines.retain(|line| {
        let question = format!("take out {}: {}?", line.place, line.text);
        consent == Consent::Given || (consent == Consent::Asked && ui::ask(&question))
    });
    let name = &project.config.changelog;
    if consent == Consent::Unknown && all > 0 {
        let lines = ui::counted(all, "stored line", "stored lines");
        report.push(&format!("kept {lines} in {name}: without a terminal `relwatch doctor --fix --yes` takes them out\n"));
    }
    let next =
        format!("next: git commit -m \"chore: take generated lines out of {name}\" {name}\n");
    if lines.is_empty() {
        if all == 0 && !stored::committed(project, &file.history)?.is_empty() {
            // The file is right, and git has not looked at it since the commit.
            project.repo.forget_stat(name)?;
            report.push(&next);
        }
        return Ok(report);
    }
    let doc = stored::without(&doc, &lines);
    let present = file.present.as_deref().unwrap_or_default();
    Writer::new(project, &held).rewrite(&file.history, present, doc)?;
    // The bytes are the same, with other ones a person's: git has to ask the filter again.
    project.repo.forget_stat(name)?;
    let count = ui::counted(lines.len(), "stored line", "stored lines");
    report.push(&format!("took {count} out of {name}\n{next}"));
    Ok(report)
}
