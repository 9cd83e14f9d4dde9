//! `relwatch release`: check, plan, build in the object database, move branch and tag in one transaction,
//! check out.

use crate::app::section::{self, History, Section};
use crate::app::transition::{self, TagChange, Transition};
use crate::app::version_files::{self, Bump};
use crate::app::{Project, edit, polish, prepare, spec_files, specs, status, update};
use crate::domain::changelog::cut::{self, Cut};
use crate::domain::changelog::document::Document;
use crate::domain::changelog::notes;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::plan::{Change, FileChange, Plan};
use crate::domain::reference::{self, Named};
use crate::domain::spec::source::Archive;
use crate::domain::spec::{Spec, Status};
use crate::domain::text;
use crate::domain::version::{self, Level};
use crate::sys::files;
use crate::sys::git::{Head, TreeEdit};
use crate::sys::{clock, env, lock};
use crate::ui::{self, Report};
use semver::Version;

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A version, or `patch`, `minor`, `major`.
    pub version: Option<String>,
    pub dry_run: bool,
    pub yes: bool,
    /// Let the user go over the notes first.
    pub edit: bool,
    /// Release although boxes of the release spec are open, and why.
    pub skip_checklist: Option<String>,
    /// Leave the user's command that words the notes anew alone.
    pub no_polish: bool,
}

/// Runs the command.
pub fn run(project: &Project, options: &Options) -> Result<Report> {
    let polishes = project.config.polish.is_some() && !options.no_polish;
    if !options.edit && !polishes {
        return release(project, options, None);
    }
    if options.edit {
        // Whatever will stop the release stops it now: nobody types for nothing.
        if !options.yes && !env::is_interactive() {
            return Err(declined(options));
        }
        project.repo.check_identity()?;
    }
    let planned = {
        let _lock = lock::take(&project.lock_path(), update::PATIENCE)?;
        transition::finish_pending(project)?;
        plan(project, &section::history(project)?, options, None)?
    };
    // Without the lock: the hooks of another terminal wait neither for an open editor nor for the user's command.
    let plan = &planned.plan;
    let Some(generated) = planned.generated else {
        let alone = if options.edit { "--edit" } else { "`polish`" };
        return Err(Failure::new(
            Exit::Precondition,
            format!(
                "the section of {} in {} is not UTF-8; convert it, or release without {alone}",
                plan.version, project.config.changelog
            ),
        ));
    };
    let polished = match polishes {
        true => polish::run(project, &planned.section, Some(&plan.version), &generated)?,
        false => None,
    };
    let mut given = Given {
        text: generated.clone(),
        shown: String::new(),
        generated,
        version: plan.version.clone(),
        branch: plan.branch.clone(),
        base: plan.base.clone(),
    };
    if let Some((text, diff)) = polished {
        (given.text, given.shown) = (text, diff);
    }
    if !options.edit {
        return release(project, options, Some(&given));
    }
    let draft = edit::open(project, &plan.tag, &given.text)?;
    given.text.clone_from(&draft.text);
    let report = release(project, options, Some(&given)).map_err(|failure| draft.kept(failure))?;
    draft.forget();
    Ok(report)
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
        if head.branch.as_deref() == Some(&self.branch) && head.commit.as_ref() == Some(&self.base)
        {
            return Ok(());
        }
        let now = head.commit.as_deref().map_or("nothing", |id| &id[..7]);
        Err(Failure::new(
            Exit::Stale,
            format!(
                "HEAD moved from {} to {now} meanwhile; nothing was changed, try again",
                &self.base[..7]
            ),
        ))
    }

    /// # Errors
    /// Exit 5 if the release is another one than that the notes were made for: tags and specs may change without HEAD.
    fn check_plan(&self, plan: &Plan, generated: Option<&str>) -> Result<()> {
        if plan.version == self.version && generated == Some(&self.generated) {
            return Ok(());
        }
        Err(Failure::new(
            Exit::Stale,
            format!(
                "the notes of {} changed meanwhile; nothing was changed, try again",
                self.version
            ),
        ))
    }
}

/// Plans, asks and releases, with notes from outside if some are given.
fn release(project: &Project, options: &Options, given: Option<&Given>) -> Result<Report> {
    let _lock = lock::take(&project.lock_path(), update::PATIENCE)?;
    transition::finish_pending(project)?;
    let history = section::history(project)?;
    if let Some(given) = given {
        given.check_head(&history.head)?;
    }
    let planned = plan(
        project,
        &history,
        options,
        given.map(|given| given.text.as_str()),
    )?;
    if let Some(given) = given {
        given.check_plan(&planned.plan, planned.generated.as_deref())?;
    }
    let Planned {
        plan,
        diff,
        section,
        mut warnings,
        ..
    } = planned;
    warnings.extend(history.warnings);
    if options.edit {
        let named = Named::of(given.map_or("", |given| given.text.as_str()));
        let is_named = |r: &String| named.issue(r) || named.word(r) || named.commit(r);
        let entries = section.gathered.entries.iter();
        for entry in entries.filter(|e| !e.line.refs.iter().any(is_named)) {
            let line = entry.line.text.lines().next().unwrap_or("");
            warnings.push(format!("not in your notes, but in the release: {line}"));
        }
    } else if options.dry_run || !options.yes {
        warnings.extend(edit::unused(project));
    }
    let shown = given.map_or("", |given| given.shown.as_str());
    let mut report = Report::text(format!("{shown}{}", describe(&plan)));
    if !options.yes || options.dry_run {
        report = report.with_warnings(std::mem::take(&mut warnings));
    }
    report = report.with_json(serde_json::json!({"schema": 1, "plan": plan}));
    if options.dry_run {
        report.push(&diff);
        report.push("\nnothing was changed; `relwatch release` carries this out\n");
        return Ok(report);
    }
    let mut done = Report::default();
    if options.yes {
        done.push(shown);
    } else {
        report.print(false);
        if !env::is_interactive() || !ui::ask(&format!("release {}?", plan.version)) {
            return Err(declined(options));
        }
    }
    apply(project, &plan)?;
    if !options.edit {
        warnings.extend(edit::put_aside(project, &plan.tag)?);
    }
    update::show(project)?;
    done.push(&format!(
        "released {}: commit and tag {} on {}\n",
        plan.version, plan.tag, plan.branch
    ));
    let remote = project.repo.remote(&plan.branch);
    done.push(&match remote {
        Some(remote) => format!(
            "next: git push --atomic {remote} {} {}\nback: relwatch undo\n",
            plan.branch, plan.tag
        ),
        None => "back: relwatch undo\n".to_owned(),
    });
    Ok(done.with_warnings(warnings))
}

fn declined(options: &Options) -> Failure {
    let edit = if options.edit { " --edit" } else { "" };
    Failure::new(
        Exit::Declined,
        format!("not released; `relwatch release{edit} --yes` goes ahead without asking"),
    )
}

/// A plan, and what people should know of it.
pub struct Planned {
    pub plan: Plan,
    /// What it does to the changelog.
    pub diff: String,
    pub section: Section,
    /// The notes before anybody edited them; `None` if they cannot be edited as text.
    pub generated: Option<String>,
    pub warnings: Vec<String>,
}

/// Decides everything, changes nothing. What the user typed stands in for the notes.
///
/// # Errors
/// Exit 3 with everything that is not met, exit 6 if there is nothing to release.
pub fn plan(
    project: &Project,
    history: &History,
    options: &Options,
    typed: Option<&str>,
) -> Result<Planned> {
    let repo = &project.repo;
    let name = &project.config.changelog;
    let mut unmet = Vec::new();

    let Some(base) = history.head.commit.clone() else {
        return Err(unmet_error(&[
            "there is no commit yet; make one first".into()
        ]));
    };
    let branch = history.head.branch.clone().unwrap_or_default();
    if branch.is_empty() {
        unmet.push(
            "HEAD is detached; run `git switch main` or whichever branch you release from".into(),
        );
    } else if !project.config.allows_branch(&branch) {
        unmet.push(format!(
            "branch {branch} is not one to release from ({}); switch, or add it to `branches` in relwatch.yml",
            project.config.branches.join(", ")
        ));
    }
    if repo.is_shallow() {
        unmet.push(
            "the clone is shallow, history is incomplete; run `git fetch --unshallow --tags`"
                .into(),
        );
    }
    let dirty = repo.dirty()?;
    if !dirty.is_empty() {
        unmet.push(format!(
            "uncommitted changes in {}; commit or stash them",
            shortlist(&dirty)
        ));
    }
    let Some(doc) = repo.file_at(&base, name)? else {
        unmet.push(format!(
            "{name} is not committed; run `relwatch init`, then commit it"
        ));
        return Err(unmet_error(&unmet));
    };
    let section = section::of_stored(project, history, doc.clone())?;
    if let Some(trouble) = update::trouble(&section, name) {
        unmet.push(trouble);
    }
    if section.gathered.entries.is_empty()
        && status::hand_written(&section).is_empty()
        && unmet.is_empty()
    {
        let since = history
            .last
            .as_ref()
            .map_or("the beginning".to_owned(), |(_, t)| t.name.clone());
        return Err(Failure::new(
            Exit::Nothing,
            format!(
                "nothing to release since {since}; `relwatch status --all` says what is left out"
            ),
        ));
    }
    for entry in &section.gathered.entries {
        if entry.breaking && !entry.has_migration {
            let line = entry.line.text.lines().next().unwrap_or("");
            let is_its =
                |spec: &&Spec| entry.line.refs.iter().any(|r| reference::says(r, &spec.id));
            let remedy = match history.specs.iter().find(is_its) {
                Some(spec) => format!("add `**Migration:** …` to its note in {}", spec.path),
                None => "add a `BREAKING CHANGE:` footer to its commit".to_owned(),
            };
            unmet.push(format!(
                "the breaking change `{line}` does not say what users must do; {remedy}, or write its line in {name} yourself"
            ));
        }
    }
    let version = match chosen(project, history, &section, options.version.as_deref()) {
        Ok(version) => version,
        Err(error) => {
            unmet.push(error.message);
            return Err(unmet_error(&unmet));
        }
    };
    let tag = project.config.tag_format()?.tag(&version);
    if let Some(at) = repo.reference(&format!("refs/tags/{tag}"))? {
        unmet.push(format!(
            "tag {tag} already exists at {}; choose another version, or run `relwatch undo` if it is yours and unpushed",
            &at[..7]
        ));
    }
    let taken = Document::parse(&doc);
    if let Some(section) = taken.version(&version.to_string()) {
        let line = taken.line_number(section.heading.start);
        unmet.push(format!(
            "{name}:{line} already has a section for {version}; tag that commit yourself if it is the release, else move its lines to Unreleased and remove its heading, or choose another version"
        ));
    }
    let date = clock::today();
    let number = version;
    let version = number.to_string();
    let mut files = Vec::new();

    let remote = repo.remote_url(history.head.branch.as_deref());
    let forge = project.config.forge(remote.as_deref());
    let cut = Cut {
        version: &version,
        date: &date,
        tag: &tag,
        previous_tag: history.last.as_ref().map(|(_, tag)| tag.name.as_str()),
        forge: forge.as_ref(),
    };
    let mut released = cut::cut(&section.viewed, &cut);
    let generated = notes::generated(&released, &version);
    let mut text = cut::notes(&released, &version).unwrap_or_default();
    // Notes that nobody changed keep every byte.
    if let Some(typed) = typed.filter(|typed| Some(*typed) != generated.as_deref()) {
        match notes::replaced(&released, &version, typed) {
            Ok(edited) => released = edited,
            Err(why) => unmet.push(format!("these notes do not fit into {name}: {why}; edit them, or leave `polish` out with --no-polish")),
        }
        text = typed.to_owned();
    }
    let diff = ui::diff(
        name,
        &String::from_utf8_lossy(&doc),
        &String::from_utf8_lossy(&released),
    );
    files.push(FileChange::write(name.clone(), doc, released));
    let mut warnings = Vec::new();
    let previous = history.last.as_ref().map(|(_, tag)| &tag.version);
    let bump = Bump {
        to: &number,
        last: previous,
        docs: true,
    };
    match version_files::bumped(project, &base, bump, &mut warnings) {
        Ok(bumped) => files.extend(bumped),
        Err(failure) => unmet.push(failure.message),
    }
    if let Some(previous) = previous {
        let places = version_files::stale(project, &base, previous, &number, &files)?;
        if !places.is_empty() {
            warnings.push(format!(
                "older versions are still named in {}",
                shortlist(&places)
            ));
        }
    }
    files.extend(archive_moves(project, &base, history, &date, &mut unmet)?);
    let mut skipped = String::new();
    if let Some(spec) = prepare::of_tag(history, &tag, &version) {
        match prepare::completion(project, &base, spec, &date) {
            Err(failure) => unmet.push(failure.message),
            Ok(completion) => {
                let open = &completion.boxes;
                let count = ui::counted(open.len(), "open box", "open boxes");
                match &options.skip_checklist {
                    _ if open.is_empty() => {}
                    Some(reason) => {
                        let reason = text::inline(reason);
                        skipped = format!("\nChecklist-Skipped: {count}: {reason}\n");
                    }
                    None => {
                        let list = open
                            .iter()
                            .map(|(line, text)| format!("\n      line {line}: {text}"));
                        unmet.push(format!(
                            "{} has {count}; tick and commit, or give --skip-checklist --reason TEXT:{}",
                            spec.path,
                            list.collect::<String>()
                        ));
                    }
                }
                files.extend(completion.files);
            }
        }
    }
    warnings.extend(specs::trouble(project, history)?);
    for other in specs::in_preparation(history).filter(|s| !prepare::is_of(s, &tag, &version)) {
        warnings.push(format!(
            "{} prepares another version than {version}; give its version, or complete it",
            other.path
        ));
    }
    for (release, specs) in specs::unnamed(history) {
        for spec in specs {
            warnings.push(format!(
                "{} is completed and will be released, but {release} does not name it; `relwatch prepare {version}` adds it",
                spec.id
            ));
        }
    }
    if !unmet.is_empty() {
        return Err(unmet_error(&unmet));
    }
    let plan = Plan {
        commit_message: format!("chore(release): {tag}\n"),
        tag_message: format!("Release {tag}\n\n{text}\n{skipped}"),
        version,
        tag,
        date,
        branch,
        base,
        files,
    };
    Ok(Planned {
        plan,
        diff: format!("\n{diff}"),
        section,
        generated,
        warnings,
    })
}

/// The version that a release of what is committed would have: the one asked for, or the one that the entries ask for.
pub fn version_for(project: &Project, history: &History, asked: Option<&str>) -> Result<Version> {
    let name = &project.config.changelog;
    let stored = match &history.head.commit {
        Some(head) => project.repo.file_at(head, name)?,
        None => None,
    };
    let section = section::of_stored(project, history, stored.unwrap_or_default())?;
    chosen(project, history, &section, asked)
}

fn chosen(
    project: &Project,
    history: &History,
    section: &Section,
    asked: Option<&str>,
) -> Result<Version> {
    let next = section::next(project, history, section);
    let last = history.last.as_ref().map(|(_, tag)| &tag.version);
    let Some(asked) = asked else {
        return Ok(next.version);
    };
    let level = match asked {
        "patch" => Some(Level::Patch),
        "minor" => Some(Level::Minor),
        "major" => Some(Level::Major),
        _ => None,
    };
    if let Some(level) = level {
        return Ok(match last {
            None => next.version,
            Some(last) => version::next(Some(last), level, None),
        });
    }
    let version = version::typed(asked)?;
    if !version.pre.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            format!("{version} is a pre-release; relwatch cuts final versions only so far"),
        ));
    }
    match last.filter(|last| version <= **last) {
        Some(last) => Err(Failure::new(
            Exit::Precondition,
            format!(
                "{version} is not newer than {last}; the next version is {}",
                next.version
            ),
        )),
        None => Ok(version),
    }
}

/// Every completed spec leaves its folder: for the archive, or for good; a driver only when none of its members is open.
fn archive_moves(
    project: &Project,
    base: &str,
    history: &History,
    today: &str,
    unmet: &mut Vec<String>,
) -> Result<Vec<FileChange>> {
    let open: Vec<&str> = history
        .specs
        .iter()
        .filter(|s| s.status == Status::Open)
        .filter_map(|s| s.driver.as_deref())
        .collect();
    let done = |spec: &&Spec| spec.status == Status::Completed && !open.contains(&spec.id.as_str());
    let mut changes = Vec::new();
    for spec in history.specs.iter().filter(done) {
        let source = project.source_of(spec);
        let Some(source) = source.filter(|s| s.holds(&spec.path) && s.archive != Archive::Keep)
        else {
            continue;
        };
        if project.repo.file_at(base, &spec.path)?.is_none() {
            unmet.push(format!(
                "{} is completed but not in git; run `git add -f {}` and commit it",
                spec.path, spec.path
            ));
            continue;
        }
        let below = |folder: &str| project.repo.files_below(base, folder);
        for (path, to) in spec_files::moves(source, spec, today, below)? {
            let change = match to {
                None => Change::Delete,
                Some(to) => {
                    let taken = project.repo.file_at(base, &to)?.is_some()
                        || files::exists(&files::at(project.repo.root(), &to));
                    if taken {
                        unmet.push(format!(
                            "{to} exists already, so {path} cannot go there; remove one of them"
                        ));
                    }
                    Change::Move { to }
                }
            };
            changes.push(FileChange { path, change });
        }
    }
    Ok(changes)
}

/// Carries a plan out: all of it, or nothing.
fn apply(project: &Project, plan: &Plan) -> Result<()> {
    let repo = &project.repo;
    let edits: Vec<TreeEdit<'_>> = plan
        .files
        .iter()
        .map(|file| match &file.change {
            Change::Write { after, .. } => TreeEdit::Write(&file.path, after),
            Change::Move { to } => TreeEdit::Move {
                from: &file.path,
                to,
            },
            Change::Delete => TreeEdit::Delete(&file.path),
        })
        .collect();
    let commit = repo.build_commit(&plan.base, &edits, &plan.commit_message)?;
    let tag_object = repo.build_tag(&plan.tag, &commit, &plan.tag_message)?;
    Transition {
        what: format!("release {}", plan.tag),
        branch: plan.branch.clone(),
        from: plan.base.clone(),
        to: commit,
        tag: plan.tag.clone(),
        tag_change: TagChange::Create(tag_object),
        paths: plan.paths(),
    }
    .carry_out(project)
}

fn unmet_error(unmet: &[String]) -> Failure {
    Failure::unmet("cannot release yet", unmet)
}

fn shortlist(paths: &[String]) -> String {
    let mut text = paths.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if paths.len() > 3 {
        text.push_str(&format!(" and {} more", paths.len() - 3));
    }
    text
}

fn describe(plan: &Plan) -> String {
    let mut text = format!(
        "release {} on {}, {}, after {}\n\nfiles:\n",
        plan.version,
        plan.branch,
        plan.date,
        &plan.base[..7]
    );
    for file in &plan.files {
        text.push_str(&match &file.change {
            Change::Write { .. } => format!("  write  {}\n", file.path),
            Change::Move { to } => format!("  move   {} -> {to}\n", file.path),
            Change::Delete => format!("  delete {}\n", file.path),
        });
    }
    text.push_str(&format!(
        "commit: {}\ntag: {} (annotated)\n",
        plan.commit_message.trim_end(),
        plan.tag
    ));
    text
}
