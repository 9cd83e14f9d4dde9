//! `relwatch release`: decides, shows, asks, and runs the plan. What runs is the list of the plan, in `execute`.

use std::path::PathBuf;

use serde_json::json;

use crate::domain::entry::reference::Named;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::{Plan, SCHEMA};
use crate::notes::polish;
use crate::project::Project;
use crate::release::execute::Execution;
use crate::release::plan::{self, Planned};
use crate::release::remote::{self, Remote};
use crate::release::request::Wanted;
use crate::release::{edit, lock, plan_text, saved_plan, still_fits};
use crate::sys::env;
use crate::sys::git::Head;
use crate::sys::lock::Lock;
use crate::ui::{self, Report};

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub wanted: Wanted,
    pub dry_run: bool,
    pub yes: bool,
    /// Let the user go over the notes first.
    pub edit: bool,
    /// Leave the user's command that words the notes anew alone.
    pub no_polish: bool,
    /// Do not ask the remote.
    pub offline: bool,
    /// A saved plan.
    pub plan: Option<PathBuf>,
}

/// Runs the command.
pub fn run(project: &Project, options: &Options) -> Result<Report> {
    let release = lock::begin(project)?;
    let head = project.repo.head()?;
    let branch = head
        .branch
        .clone()
        .or(options.wanted.branch.clone())
        .unwrap_or_default();
    if options.edit && !options.yes && !env::is_interactive() {
        // Whatever will stop the release stops it now: nobody types for nothing.
        return Err(declined());
    }
    let remote = remote::ask_remote(project, &branch, options.offline);
    if let Some(path) = &options.plan {
        let plan = saved_plan::saved(project, &remote, path, options.wanted.push)?;
        let report = Report::text(plan_text::describe(&plan));
        return carry_on(project, &release, options, &plan, report, Vec::new());
    }
    let polishes = project.config.polish.is_some() && !options.no_polish;
    if !options.edit && !polishes {
        return decided(project, &release, options, &remote, None);
    }
    let planned = planned(project, options, &remote, None)?;
    let plan = planned.ready()?;
    let [part] = planned.parts.as_slice() else {
        let why = "only the notes of one component can be edited at a time; choose it with -c NAME";
        return Err(Failure::new(Exit::Usage, why));
    };
    let Some(generated) = part.generated.clone() else {
        let alone = if options.edit { "--edit" } else { "`polish`" };
        return Err(Failure::new(
            Exit::Precondition,
            format!(
                "the section of {} in {} is not UTF-8; convert it, or release without {alone}",
                part.cutting.version, project.config.changelog
            ),
        ));
    };
    // Nothing is locked: the hooks of another terminal wait neither for an open editor nor for the user's command.
    let polished = match polishes {
        true => polish::run(
            project,
            &part.section,
            Some(&part.cutting.version),
            &generated,
        )?,
        false => None,
    };
    let mut given = Given {
        text: generated.clone(),
        shown: String::new(),
        generated,
        version: part.cutting.version.clone(),
        branch: plan.branch.clone(),
        base: plan.base.clone(),
    };
    if let Some((text, diff)) = polished {
        (given.text, given.shown) = (text, diff);
    }
    if !options.edit {
        return decided(project, &release, options, &remote, Some(&given));
    }
    let draft = edit::open(project, &part.cutting.tag, &given.text)?;
    given.text.clone_from(&draft.text);
    let done = decided(project, &release, options, &remote, Some(&given));
    match done {
        // The release stands: what was typed is in it.
        Err(failure) if matches!(failure.exit, Exit::Unpublished | Exit::Pending) => {
            draft.forget();
            Err(failure)
        }
        Err(failure) => Err(draft.kept(failure)),
        Ok(report) => {
            draft.forget();
            Ok(report)
        }
    }
}

/// Notes from outside, and the release that they were made for.
struct Given {
    text: String,
    /// What is to be shown of how they differ.
    shown: String,
    generated: String,
    version: String,
    branch: String,
    base: String,
}

impl Given {
    /// # Errors
    /// Exit 5 if HEAD moved meanwhile.
    fn check_head(&self, head: &Head) -> Result<()> {
        let same_branch = head
            .branch
            .as_ref()
            .is_none_or(|branch| *branch == self.branch);
        if same_branch && head.commit.as_ref() == Some(&self.base) {
            return Ok(());
        }
        Err(still_fits::moved(&self.base, head))
    }

    /// # Errors
    /// Exit 5 if the release is another one than that the notes were made for: tags and specs may change without HEAD.
    fn check_plan(&self, planned: &Planned) -> Result<()> {
        let part = planned.parts.first();
        let same = part.is_some_and(|part| {
            part.cutting.version == self.version && part.generated.as_ref() == Some(&self.generated)
        });
        match same {
            true => Ok(()),
            false => Err(Failure::new(
                Exit::Stale,
                format!(
                    "the notes of {} changed meanwhile; nothing was changed, try again",
                    self.version
                ),
            )),
        }
    }
}

/// A plan of now. Nothing is locked: commands of the user are asked, and what changes meanwhile is found out before anything moves.
fn planned(
    project: &Project,
    options: &Options,
    remote: &Remote,
    given: Option<&Given>,
) -> Result<Planned> {
    if let Some(given) = given {
        given.check_head(&project.repo.head()?)?;
    }
    let typed = given.map(|given| given.text.as_str());
    plan::decide(project, &options.wanted, remote, typed, &[])
}

/// Plans, asks and releases, with notes from outside if some are given.
fn decided(
    project: &Project,
    release: &Lock,
    options: &Options,
    remote: &Remote,
    given: Option<&Given>,
) -> Result<Report> {
    let planned = planned(project, options, remote, given)?;
    let plan = planned.ready()?;
    if let Some(given) = given {
        given.check_plan(&planned)?;
    }
    let mut warnings = [planned.warnings.clone(), planned.checks.warnings()].concat();
    if !options.edit && (options.dry_run || !options.yes) {
        warnings.extend(edit::unused(project));
    }
    if let (true, Some(given), Some(part)) = (options.edit, given, planned.parts.first()) {
        let named = Named::of(&given.text);
        let is_named = |r: &String| named.issue(r) || named.word(r) || named.commit(r);
        let entries = part.section.gathered.entries.iter();
        for entry in entries.filter(|e| !e.line.refs.iter().any(is_named)) {
            let line = entry.line.text.lines().next().unwrap_or("");
            warnings.push(format!("not in your notes, but in the release: {line}"));
        }
    }
    let shown = given.map_or("", |given| given.shown.as_str());
    let mut report = Report::text(format!("{shown}{}", plan_text::describe(plan)));
    if options.dry_run {
        report.push(&plan_text::diffs(project, plan)?);
        report.push("\nnothing was changed; `relwatch release` carries this out\n");
        let json = json!({"schema": SCHEMA, "plan": plan, "checks": planned.checks.all()});
        return Ok(report.with_json(json).with_warnings(warnings));
    }
    if options.yes {
        report = Report::text(shown);
    }
    carry_on(project, release, options, plan, report, warnings)
}

/// Asks, and runs the plan. What was done, behind `report` if nobody was asked.
fn carry_on(
    project: &Project,
    release: &Lock,
    options: &Options,
    plan: &Plan,
    report: Report,
    warnings: Vec<String>,
) -> Result<Report> {
    let execution = Execution::of(project, release, plan, options.edit);
    if options.yes {
        return execution.run(report, warnings);
    }
    report.with_warnings(warnings).print(false)?;
    if !env::is_interactive() || !ui::ask(&format!("release {}?", plan.title())) {
        return Err(declined());
    }
    execution.run(Report::default(), Vec::new())
}

fn declined() -> Failure {
    Failure::new(
        Exit::Declined,
        "not released; the same command with --yes goes ahead without asking",
    )
}
