//! `relwatch release`: check, plan, gates, build in the object database, move branch and tags in one transaction,
//! check out, push, publish.

use std::path::PathBuf;

use serde_json::json;

use crate::config::release::Place;
use crate::domain::commit::id::CommitId;
use crate::domain::entry::reference::Named;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::plan::{Plan, SCHEMA};
use crate::notes::polish;
use crate::project::{Project, write_lock};
use crate::release::plan::{self, Planned};
use crate::release::remote::{self, Reach, Remote};
use crate::release::request::{self, Wanted};
use crate::release::{
    commit_hooks, edit, gates, go_on, lock, offer, plan_text, saved_plan, still_fits,
};
use crate::section::write;
use crate::sys::env;
use crate::sys::git::{Head, RefChange, Signatures};
use crate::sys::lock::ReleaseLock;
use crate::transition::{self, Pending, Transition};
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
    let remote = remote::ask_remote(project, &branch, Reach::unless(options.offline));
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
        return Err(Failure::new(
            Exit::Usage,
            "only the notes of one component can be edited at a time",
        )
        .with_remedy("choose it with -c NAME"));
    };
    let Some(generated) = part.generated.clone() else {
        let alone = if options.edit { "--edit" } else { "`polish`" };
        return Err(Failure::new(
            Exit::Precondition,
            format!(
                "the section of {} in {} is not UTF-8",
                part.cutting.version, project.config.changelog
            ),
        )
        .with_remedy(format!("convert it, or release without {alone}")));
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
        if same_branch && head.commit.is_some_and(|head| *head.hex() == *self.base) {
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
                format!("the notes of {} changed meanwhile", self.version),
            )
            .with_remedy("nothing was changed, try again")),
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
    release: &ReleaseLock,
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
        let is_named = |r: &String| named.issue(r) || named.word(r) || named.abbreviates(r);
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

/// Asks, runs the gates, and carries the plan out.
fn carry_on(
    project: &Project,
    release: &ReleaseLock,
    options: &Options,
    plan: &Plan,
    mut report: Report,
    mut warnings: Vec<String>,
) -> Result<Report> {
    let repo = &project.repo;
    let mut done = Report::default();
    if options.yes {
        done = report;
    } else {
        report = report.with_warnings(std::mem::take(&mut warnings));
        report.print_text()?;
        if !env::is_interactive() || !ui::ask(&format!("release {}?", plan.title())) {
            return Err(declined());
        }
    }
    gates::run(project, plan, Place::Here, repo.root(), &plan.base)?;
    let who = Signatures {
        author: plan.author.clone(),
        committer: plan.committer.clone(),
    };
    let base = CommitId::of(&plan.base)?;
    let mut built = transition::build(project, base, &plan.files, &who, &plan.commit_message)?;
    if project.config.commit_hooks {
        let message = commit_hooks::run(project, base, built, &plan.commit_message)?;
        if message != plan.commit_message {
            built = transition::build(project, base, &plan.files, &who, &message)?;
        }
    }
    let has_tree_gates = project
        .config
        .gates
        .iter()
        .any(|gate| gate.place == Place::ReleaseTree);
    if has_tree_gates {
        let tree = repo.release_tree(built)?;
        gates::run(
            project,
            plan,
            Place::ReleaseTree,
            &tree.path(),
            &built.hex(),
        )?;
    }
    let remote = match options.wanted.push {
        true => project.remote(&plan.branch),
        false => None,
    };
    let is_reviewed = request::is_reviewed(project, &plan.branch);
    if let Some(remote) = remote.as_ref().filter(|_| is_reviewed) {
        let offered = offer::offer(project, release, plan, built, remote)?;
        return Ok(offered.with_warnings(warnings));
    }
    let mut refs = branch_change(project, plan, base, built)?;
    for one in &plan.releases {
        let object = repo.build_tag(&one.tag, built, &who, &one.tag_message)?;
        refs.push(RefChange::creates_tag(&one.tag, &object));
    }
    let tags = plan.tags().join(", ");
    let release_of = Transition {
        what: format!("release {tags}"),
        branch: repo.head()?.branch.unwrap_or_default(),
        from: base,
        to: built,
        refs,
        paths: plan.paths(),
    };
    let onward = remote.as_ref().map(|remote| Pending {
        released: release_of.clone(),
        branch: repo.upstream(&plan.branch, remote),
        tags: plan.tags(),
        remote: remote.clone(),
    });
    {
        let held = write_lock::hold(project)?;
        still_fits::still_fits(project, plan)?;
        release_of.carry_out(project, &held, onward.as_ref())?;
        // It is released: what fails now is told, and no more.
        for tag in plan.tags().iter().filter(|_| !options.edit) {
            let aside = edit::put_aside(project, tag);
            warnings.extend(aside.unwrap_or_else(|error| Some(error.to_string())));
        }
        warnings.extend(
            write::show(project, &held)
                .err()
                .map(|error| error.to_string()),
        );
    }
    let said = format!(
        "released {}: commit and tag {tags} on {}\n",
        plan.title(),
        plan.branch
    );
    let mut is_pushed = false;
    if let Some(onward) = &onward {
        let went = go_on::go_on(project, release, onward, said);
        if went.is_err() {
            let warned = Report::default().with_warnings(std::mem::take(&mut warnings));
            let _ = warned.print_text(); // what counts is what follows
        }
        done.push(&went?);
        is_pushed = true;
    } else {
        done.push(&said);
        let spaced = plan.tags().join(" ");
        done.push(&match project.remote(&plan.branch) {
            Some(remote) => format!(
                "next: git push --atomic {remote} {} {spaced}\nback: relwatch undo\n",
                plan.branch
            ),
            None => "back: relwatch undo\n".to_owned(),
        });
    }
    let json =
        json!({"schema": 1, "released": plan.releases, "commit": built, "pushed": is_pushed});
    Ok(done.with_json(json).with_warnings(warnings))
}

/// What a plan does to the branch, and to a detached HEAD.
fn branch_change(
    project: &Project,
    plan: &Plan,
    base: CommitId,
    commit: CommitId,
) -> Result<Vec<RefChange>> {
    let repo = &project.repo;
    let name = RefName::branch(&plan.branch);
    let mut refs = vec![RefChange {
        from: repo.reference(&name)?,
        to: Some(commit.to_string()),
        name,
    }];
    if repo.head()?.branch.is_none() {
        refs.push(RefChange::moves(RefName::head(), base, commit));
    }
    Ok(refs)
}

fn declined() -> Failure {
    Failure::new(Exit::Declined, "not released")
        .with_remedy("the same command with --yes goes ahead without asking")
}
