//! `relwatch release`: check, plan, gates, build in the object database, move branch and tags in one transaction,
//! check out, push, publish.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::app::plan::{self, Planned, Wanted};
use crate::app::preconditions::{self, Remote};
use crate::app::transition::{self, Pending, Transition};
use crate::app::{
    Project, commit_hooks, edit, finish, gates, plan_text, polish, publish, push, update,
};
use crate::config::release::Place;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::plan::{Plan, SCHEMA};
use crate::domain::reference::Named;
use crate::domain::step::Kind;
use crate::domain::text;
use crate::sys::git::{Head, RefChange, Signatures};
use crate::sys::lock::{self, Lock};
use crate::sys::{env, files};
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

/// Keeps other releases of this repository waiting; what a release starts shares it. A move that was interrupted is brought to its
/// end first.
///
/// # Errors
/// If another release is at work.
pub fn begin(project: &Project) -> Result<Lock> {
    let release = wait(project)?;
    let held = project.hold()?;
    transition::finish_pending(project, &held)?;
    transition::settle(project)?;
    Ok(release)
}

fn wait(project: &Project) -> Result<Lock> {
    let path = project
        .repo
        .common_dir()
        .join("relwatch")
        .join("release.lock");
    lock::take(&path, update::PATIENCE).map_err(|error| match error.exit {
        Exit::Pending => Failure::new(
            Exit::Pending,
            "another release is at work in this repository, or a command that it started; try again when it is done",
        ),
        _ => error,
    })
}

/// Runs the command.
pub fn run(project: &Project, options: &Options) -> Result<Report> {
    let release = begin(project)?;
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
    let remote = preconditions::ask_remote(project, &branch, options.offline);
    if let Some(path) = &options.plan {
        let plan = saved(project, &remote, path, options.wanted.push)?;
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
        Err(moved(&self.base, head))
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

fn moved(base: &str, head: &Head) -> Failure {
    let now = head.commit.as_deref().map_or("nothing", |id| &id[..7]);
    Failure::new(
        Exit::Stale,
        format!(
            "HEAD moved from {} to {now} meanwhile; nothing was changed, try again",
            &base[..7]
        ),
    )
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

/// A saved plan, if it still fits.
///
/// # Errors
/// Exit 5 if base, configuration or relwatch are not those it was made for, exit 3 with what else is not met.
fn saved(project: &Project, remote: &Remote, path: &Path, push: bool) -> Result<Plan> {
    let shown = path.display();
    let bytes = files::read(path)?.ok_or_else(|| {
        let why =
            format!("there is no {shown}; `relwatch release --dry-run --json > {shown}` makes one");
        Failure::new(Exit::Usage, why)
    })?;
    let plan = Plan::read(&bytes)
        .map_err(|why| Failure::new(Exit::Usage, format!("{shown} is no plan: {why}")))?;
    let stale = |why: String| {
        Failure::new(
            Exit::Stale,
            format!("{shown} went stale: {why}; nothing was changed, make the plan anew"),
        )
    };
    let ours = env!("CARGO_PKG_VERSION");
    if plan.relwatch != ours {
        return Err(stale(format!(
            "it is by relwatch {}, this is {ours}",
            text::printable(&plan.relwatch)
        )));
    }
    if plan.config != plan::config_name(project)? {
        return Err(stale("relwatch.yml is another one".to_owned()));
    }
    let head = project.repo.head()?;
    if head.commit.as_ref() != Some(&plan.base) {
        let now = head.commit.as_deref().map_or("nothing", |id| &id[..7]);
        return Err(stale(format!(
            "HEAD is {now}, not {}",
            plan.base.get(..7).unwrap_or_default()
        )));
    }
    if head
        .branch
        .as_ref()
        .is_some_and(|branch| *branch != plan.branch)
    {
        return Err(stale(format!(
            "it is for branch {}",
            text::printable(&plan.branch)
        )));
    }
    let mut checks = preconditions::check(
        project,
        remote,
        &plan.base,
        &plan.branch,
        Some(&plan.branch),
    )?;
    for one in &plan.releases {
        let of = project.of_tag(&one.tag)?;
        let named = of.config.tag_format()?.version(&one.tag);
        if named.map(|version| version.to_string()).as_ref() != Some(&one.version) {
            let (tag, version) = (text::printable(&one.tag), text::printable(&one.version));
            let why = format!("{shown} is no plan: {tag} is not the tag of {version}");
            return Err(Failure::new(Exit::Usage, why));
        }
        plan::of_tag(project, remote, &one.tag, &mut checks)?;
        let values = publish::variables(one, &plan.base, &plan.branch);
        publish::try_checks(&of, &values, &mut checks);
    }
    if push {
        preconditions::pushable(project, remote, &plan.base, &plan.branch, &mut checks)?;
    }
    preconditions::writable(project, &plan.base, &plan.files, &mut checks)?;
    for gate in &project.config.gates {
        let is_run = plan
            .steps
            .iter()
            .any(|s| s.kind == Kind::Gate && s.name == gate.name);
        let skip = format!("Gate-Skipped: {}: ", gate.name);
        if !is_run
            && !plan
                .releases
                .iter()
                .any(|one| one.tag_message.contains(&skip))
        {
            let why = format!(
                "{shown} is no plan: it leaves the gate {} out and does not say why",
                gate.name
            );
            return Err(Failure::new(Exit::Usage, why));
        }
    }
    checks.demand(plan::NOT_YET).map(|()| plan)
}

/// Asks, runs the gates, and carries the plan out.
fn carry_on(
    project: &Project,
    release: &Lock,
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
        report.print(false)?;
        if !env::is_interactive() || !ui::ask(&format!("release {}?", plan.title())) {
            return Err(declined());
        }
    }
    gates::run(project, plan, Place::Here, repo.root(), &plan.base)?;
    let who = Signatures {
        author: plan.author.clone(),
        committer: plan.committer.clone(),
    };
    let mut built =
        transition::build(project, &plan.base, &plan.files, &who, &plan.commit_message)?;
    if project.config.commit_hooks {
        let message = commit_hooks::run(project, &plan.base, &built, &plan.commit_message)?;
        if message != plan.commit_message {
            built = transition::build(project, &plan.base, &plan.files, &who, &message)?;
        }
    }
    let has_tree_gates = project
        .config
        .gates
        .iter()
        .any(|gate| gate.place == Place::ReleaseTree);
    if has_tree_gates {
        let tree = repo.release_tree(&built)?;
        gates::run(project, plan, Place::ReleaseTree, &tree.path(), &built)?;
    }
    let remote = match options.wanted.push {
        true => project.remote(&plan.branch),
        false => None,
    };
    let is_reviewed = plan::is_reviewed(project, &plan.branch);
    if let Some(remote) = remote.as_ref().filter(|_| is_reviewed) {
        let offered = finish::offer(project, release, plan, &built, remote)?;
        return Ok(offered.with_warnings(warnings));
    }
    let mut refs = branch_change(project, plan, &built)?;
    for one in &plan.releases {
        let object = repo.build_tag(&one.tag, &built, &who, &one.tag_message)?;
        refs.push(RefChange::creates_tag(&one.tag, &object));
    }
    let tags = plan.tags().join(", ");
    let release_of = Transition {
        what: format!("release {tags}"),
        branch: repo.head()?.branch.unwrap_or_default(),
        from: plan.base.clone(),
        to: built.clone(),
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
        let held = project.hold()?;
        still_fits(project, plan)?;
        release_of.carry_out(project, &held, onward.as_ref())?;
        // It is released: what fails now is told, and no more.
        for tag in plan.tags().iter().filter(|_| !options.edit) {
            let aside = edit::put_aside(project, tag);
            warnings.extend(aside.unwrap_or_else(|error| Some(error.message)));
        }
        warnings.extend(update::show(project).err().map(|error| error.message));
    }
    let said = format!(
        "released {}: commit and tag {tags} on {}\n",
        plan.title(),
        plan.branch
    );
    let mut is_pushed = false;
    if let Some(onward) = &onward {
        let went = go_on(project, release, onward, said);
        if went.is_err() {
            let warned = Report::default().with_warnings(std::mem::take(&mut warnings));
            let _ = warned.print(false); // what counts is what follows
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

/// Pushes and publishes what was released. Each version that is done waits no more. Adds to `said` what was done, and tells that at
/// once if something goes wrong: with the error alone nobody knows how far it came.
pub fn go_on(
    project: &Project,
    release: &Lock,
    pending: &Pending,
    mut said: String,
) -> Result<String> {
    let done = push_and_publish(project, release, pending, &mut said);
    if done
        .as_ref()
        .is_err_and(|error| error.exit == Exit::Unpublished)
    {
        said.lines().for_each(ui::progress);
    }
    done.map(|()| said)
}

fn push_and_publish(
    project: &Project,
    release: &Lock,
    pending: &Pending,
    said: &mut String,
) -> Result<()> {
    let Pending {
        branch,
        tags,
        remote,
        ..
    } = pending;
    for tag in tags {
        project.of_tag(tag)?; // the configuration may be another one by now
    }
    push::run(project, release, pending)?;
    said.push_str(&format!(
        "pushed to {remote}: {branch} and {}\n",
        tags.join(", ")
    ));
    // From here on it is public: whatever goes wrong, nothing was put back.
    let public = |error: Failure| match error.exit {
        Exit::Unpublished => error,
        _ => Failure::new(
            Exit::Unpublished,
            format!(
                "{}; it is public, `relwatch release --resume` goes on",
                error.message
            ),
        ),
    };
    for tag in tags {
        publish::converge(project, release, tag, branch, said).map_err(public)?;
        transition::forget_tag(project, tag).map_err(public)?;
    }
    Ok(())
}

/// `relwatch release --resume`: looks at what is really there, and does what is missing.
pub fn resume(project: &Project) -> Result<Report> {
    let move_before = transition::interrupted(project);
    let release = begin(project)?;
    let left = move_before
        .iter()
        .flat_map(|transition| left_locks(project, transition));
    let mut left: Vec<String> = left.collect();
    if let Some(transition) = &move_before {
        let Transition { what, from, to, .. } = transition;
        let undone = transition::undone(project, from, to)?;
        left.extend((!undone.is_empty()).then(|| {
            let back = transition::bring_back(&undone, to);
            format!("a commit on {what} came before its files were there, and takes them back; commit or stash what you have, then `{back}` brings them here again: commit that")
        }));
    }
    {
        let _held = project.hold()?;
        update::show(project)?;
    }
    let Some(pending) = transition::pending(project) else {
        let text = match &move_before {
            None => "nothing is pending\n".to_owned(),
            Some(transition) if is_released(project, transition)? => {
                format!("finished: {}\n", transition.what)
            }
            Some(transition) => format!(
                "{} had not begun to change anything; everything is as before\n",
                transition.what
            ),
        };
        return Ok(Report::text(text).with_warnings(left));
    };
    let text = format!("resumed: {}\n", pending.released.what);
    let text = go_on(project, &release, &pending, text)?;
    Ok(Report::text(text).with_warnings(left))
}

/// `relwatch release --abandon`: nothing more is done about a release that waits; what it has done stays.
pub fn abandon(project: &Project) -> Result<Report> {
    let _release = wait(project)?;
    let _held = project.hold()?;
    let (pending, interrupted) = (
        transition::pending(project),
        transition::interrupted(project),
    );
    transition::abandon(project)?;
    Ok(Report::text(match (pending, interrupted) {
        (Some(pending), _) => format!(
            "abandoned: {}; {} is as it is, here and on {remote}: `git push --atomic {remote} {}:refs/heads/{} {}` is what was to come\n",
            pending.released.what,
            pending.tags.join(", "),
            pending.released.to.get(..7).unwrap_or_default(),
            pending.branch,
            pending.tags.join(" "),
            remote = pending.remote,
        ),
        (None, Some(interrupted)) => format!("abandoned: {}; see `git status`\n", interrupted.what),
        (None, None) => "nothing is pending\n".to_owned(),
    }))
}

/// Lock files of a git that was killed as well: only people know that no other git is at work.
fn left_locks(project: &Project, transition: &Transition) -> Vec<String> {
    let names = transition.refs.iter().map(|change| change.name.as_str());
    let paths = names.chain(["index"]).map(|name| format!("{name}.lock"));
    let left = paths.filter(|path| files::exists(&files::at(project.repo.common_dir(), path)));
    left.map(|path| format!("git left {path} in the git directory when it was killed; remove it if no git is running"))
        .collect()
}

fn is_released(project: &Project, transition: &Transition) -> Result<bool> {
    for change in &transition.refs {
        if project.repo.reference(&change.name)? != change.to {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a plan does to the branch, and to a detached HEAD.
fn branch_change(project: &Project, plan: &Plan, commit: &str) -> Result<Vec<RefChange>> {
    let repo = &project.repo;
    let name = format!("refs/heads/{}", plan.branch);
    let mut refs = vec![RefChange {
        from: repo.reference(&name)?,
        to: Some(commit.to_owned()),
        name,
    }];
    if repo.head()?.branch.is_none() {
        refs.push(RefChange::moves("HEAD", &plan.base, commit));
    }
    Ok(refs)
}

/// Gates and people may have changed something since the plan was made.
pub fn still_fits(project: &Project, plan: &Plan) -> Result<()> {
    let head = project.repo.head()?;
    if head.commit.as_ref() != Some(&plan.base) {
        return Err(moved(&plan.base, &head));
    }
    if let Some(branch) = head.branch.filter(|branch| *branch != plan.branch) {
        let why = format!(
            "{branch} was checked out meanwhile; nothing was changed, go back to {} and try again",
            plan.branch
        );
        return Err(Failure::new(Exit::Stale, why));
    }
    if plan.config != plan::config_name(project)? {
        let why = "relwatch.yml changed meanwhile; nothing was changed, try again";
        return Err(Failure::new(Exit::Stale, why));
    }
    let dirty = project.repo.dirty()?;
    match dirty.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(
            Exit::Stale,
            format!(
                "{} changed meanwhile, by a gate or by you; nothing was released: commit or restore it, then try again",
                preconditions::shortlist(&dirty)
            ),
        )),
    }
}

fn declined() -> Failure {
    Failure::new(
        Exit::Declined,
        "not released; the same command with --yes goes ahead without asking",
    )
}
