//! `relwatch init`: everything a repository needs, said as it is done. Safe to repeat. Refuses before it writes anything, and asks before
//! it writes into the files of a hook manager.

use std::path::Path;
use std::rc::Rc;

use crate::commands::{Context, update};
use crate::config::{self, Config, ConfigPlace, Storage};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::{terminal, words};
use crate::history::range;
use crate::install::configuration::{self, FittingConfiguration};
use crate::install::{attributes, condition, filters, hooks};
use crate::project::view::ViewObstacle;
use crate::project::{Project, view, write_lock};
use crate::release::{archiving, next_version};
use crate::section::working_file::WorkingFile;
use crate::section::write::Writer;
use crate::sys::files::{self, Durable};
use crate::sys::git::{Indexed, Repo};
use crate::sys::{env, state};
use crate::ui::{self, Report};

const NEW_CHANGELOG: &str = "# Changelog

All notable changes to this project are documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
";

/// Set up this repository: configuration, changelog, filter, merge driver and hooks; safe to repeat.
#[derive(Debug, Default, clap::Args)]
pub struct InitArguments {
    /// Keep generated lines in the working tree only (view) or in commits (tracked).
    #[arg(long, value_name = "view|tracked")]
    storage: Option<Storage>,
    /// Write into the files of a hook manager without asking: husky's scripts, lefthook.yml, package.json.
    #[arg(short, long)]
    yes: bool,
    /// Change nothing; list what is missing in this clone, and fail if anything is.
    #[arg(long, conflicts_with_all = ["storage", "yes", "no_hooks"])]
    check: bool,
    /// Install no hooks in this clone: the watcher keeps the changelog up to date.
    #[arg(long)]
    no_hooks: bool,
}

/// Runs the command.
pub fn run(arguments: InitArguments, context: &Context) -> Result<Report> {
    if arguments.check {
        return check(context);
    }
    set_up(&context.start, arguments)
}

/// What `init` would change in this clone.
///
/// # Errors
/// Exit 1 if that is anything, after it is listed.
fn check(context: &Context) -> Result<Report> {
    let project = context.open()?;
    let found = condition::of_set_up(&project)?.into_iter();
    let missing = found.filter_map(|(id, trouble)| Some(format!("missing  {id}: {}\n", trouble?)));
    let missing: String = missing.collect();
    if missing.is_empty() {
        return Ok(Report::text("this clone is set up\n"));
    }
    Report::answer(missing).print()?;
    Err(Failure::failed("this clone is not set up").with_remedy("run `relwatch init`"))
}

/// Sets the repository up. Refuses before it writes anything.
///
/// # Errors
/// If another tool filters the changelog, if hooks would be shared with other repositories, or if a file cannot be read or written.
pub fn set_up(start: &Path, arguments: InitArguments) -> Result<Report> {
    let InitArguments {
        storage,
        yes,
        no_hooks,
        check: _,
    } = arguments;
    let apply = preflight(start, storage, no_hooks)?.is_some_and(|files| yes || agreed(&files));
    let mut done = Done::default();
    let begun = write_configuration(&mut done, start, storage)?;
    let project = Project::open(start)?;
    let parts = project.components();
    let names: Vec<String> = parts.iter().map(|p| p.config.changelog.clone()).collect();
    for name in &names {
        write_changelog(&mut done, &project, name)?;
    }
    archiving::keep_folders(&project, [])?; // git clones no empty folder
    write_attributes(&mut done, &project)?;
    done.text.push_str(&filters::configure(&project)?);
    put_back(&project, begun.hand_written)?;
    let options = hooks::HookOptions { apply, by: None };
    if no_hooks {
        hooks::set_wanted(&project, false)?;
    }
    let shared = hooks::shared_files(&project)?;
    let installed = hooks::install(&project, options)?;
    if apply {
        done.written.extend(shared);
    }
    // Stored lines that lack only what a commit cannot know of itself are left alone: a fresh clone stays clean.
    let check = update::bring_up_to_date(&project, update::UpdateMode::Check);
    let stored = project.config.storage == Storage::Tracked;
    let updated = match check {
        Ok(current) if stored => current,
        _ => update::bring_up_to_date(&project, update::UpdateMode::Write)?,
    };
    for name in names {
        if begun.switches {
            project.repo.forget_stat(&name)?;
        }
        if (stored || begun.switches) && !done.written.contains(&name) {
            done.written.push(name);
        }
    }
    finished(&project, done, begun.is_new, [installed, updated])
}

/// The report of all that was done, and what is left to do.
fn finished(project: &Project, done: Done, is_new: bool, parts: [Report; 2]) -> Result<Report> {
    let mut report = Report::text(done.text);
    parts.into_iter().for_each(|part| report.absorb(part));
    if !done.written.is_empty() {
        report.push(&format!(
            "next: git add {} && git commit -m \"chore: keep the changelog with relwatch\"\n",
            words::shell_words(&done.written)
        ));
    }
    if is_new {
        report.push("next: each teammate runs `relwatch init` once, in their own clone\n");
    }
    if is_new {
        report.push("optional: `relwatch watch add` updates the section when no hook runs, too\n");
        report.push(&findings(project)?);
    }
    if let Some(remedy) = hooks::remedy(project)? {
        report.push(&format!("{remedy}\n"));
        return Ok(report.with_exit(Exit::Failed));
    }
    Ok(report)
}

/// What follows from what was found: previous release, changes, next version; of a few changelogs.
fn findings(project: &Project) -> Result<String> {
    const FEW: usize = 3;
    let mut text = String::new();
    let head = project.repo.head()?;
    let parts = project.components();
    for part in parts.iter().take(FEW) {
        let mut name = part
            .name()
            .map_or(String::new(), |name| format!("{name}: "));
        if name.is_empty() {
            name.push_str("found: ");
        }
        let file = WorkingFile::read_at(part, head.clone())?;
        let (history, section) = (&file.history, file.section()?);
        let count = section.gathered.entries.len();
        let entries = ui::counted(count, "change", "changes");
        let since = match &history.last {
            Some(last) => format!("since {}", terminal::printable(&last.tag.name)),
            None => "no release so far".to_owned(),
        };
        let next = match next_version::on_its_own(part, history, &section) {
            Ok(next) if count > 0 => {
                format!("next version {}", history.tags.names.version(&next.version))
            }
            _ => "nothing to release".to_owned(),
        };
        text.push_str(&format!("{name}{since}, {entries}; {next}\n"));
    }
    if parts.len() > FEW {
        let rest = parts.len() - FEW;
        text.push_str(&format!("… and {rest} more; `relwatch status` shows all\n"));
    }
    Ok(text)
}

/// Refuses what cannot be set up whole. The files of others that hooks would be written into, if any.
///
/// # Errors
/// As [`set_up`].
fn preflight(
    start: &Path,
    storage: Option<Storage>,
    no_hooks: bool,
) -> Result<Option<Vec<String>>> {
    let project = Project::open(start)?;
    let mut config = project.config.clone();
    config.storage = storage.unwrap_or(config.storage);
    if let Some(both) = project.ignored_configuration() {
        return Err(Failure::new(Exit::Usage, both));
    }
    if project.written.place == ConfigPlace::Nowhere {
        let found = configuration::changelog(&project.repo)?;
        config.changelog = found.unwrap_or(config.changelog);
    }
    let project = Project {
        repo: Rc::clone(&project.repo),
        config,
        written: Rc::clone(&project.written),
        deadline: project.deadline.clone(),
    };
    let root = project.repo.root();
    for part in project.components() {
        let name = &part.config.changelog;
        files::read(&files::at(root, name))?;
        let other = view::other_filter(&project.repo, name)?;
        if let Some(other) = other.filter(|_| project.config.storage == Storage::View) {
            let failure = ViewObstacle::OtherFilter(other).failure(name);
            return failure.map_or(Ok(None), |failure| {
                Err(failure.within("nothing was changed: "))
            });
        }
    }
    for file in [root.join(".gitattributes"), project.repo.local_attributes()] {
        files::read(&file)?;
    }
    if no_hooks {
        return Ok(None);
    }
    let within = |failure: Failure| failure.within("nothing was changed: ");
    hooks::preflight(&project).map_err(within)?;
    let shared = hooks::shared_files(&project)?;
    Ok((!shared.is_empty()).then_some(shared))
}

/// Whether a person agrees that files are changed which others get as well.
fn agreed(files: &[String]) -> bool {
    let list = words::shortlist(files);
    env::is_interactive() && ui::ask(&format!("write relwatch's hooks into {list}?"))
}

/// What was done so far.
#[derive(Default)]
struct Done {
    text: String,
    /// Files that the user has to commit.
    written: Vec<String>,
}

impl Done {
    fn say(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A file that git does not have yet is to be committed, even if nothing was written to it.
    fn note_new(&mut self, repo: &Repo, name: &str) -> Result<()> {
        if repo.indexed(name)? == Indexed::Untracked {
            self.written.push(name.to_owned());
        }
        Ok(())
    }
}

/// What the configuration was before, and what it becomes.
struct Begun {
    is_new: bool,
    /// Whether the way of storing generated lines changes.
    switches: bool,
    /// If it does: the hand-written part of each changelog.
    hand_written: Vec<(Project, Vec<u8>)>,
}

/// Writes the configuration, or the way of storing into the one that is there.
fn write_configuration(done: &mut Done, start: &Path, storage: Option<Storage>) -> Result<Begun> {
    let mut before = Project::open(start)?;
    let repo = Rc::clone(&before.repo);
    let written = Rc::clone(&before.written);
    let (name, is_new) = match &written.place {
        ConfigPlace::Nowhere => (config::FILE, true),
        ConfigPlace::File => (config::FILE, false),
        ConfigPlace::Table(table) => (table.file, false),
    };
    if is_new {
        is_not_away(&repo, config::FILE)?;
        before.config = Config::default();
    }
    let switch = storage.filter(|s| *s != before.config.storage);
    let path = repo.root().join(name);
    let FittingConfiguration {
        yaml: text,
        reasons,
        remarks,
        ..
    } = if is_new {
        let asks = |question: &str| env::is_interactive() && ui::ask(question);
        let mut fitting = configuration::fitting(&repo, asks)?;
        fitting.begin(&repo)?;
        fitting
    } else {
        FittingConfiguration {
            yaml: String::from_utf8_lossy(&files::read(&path)?.unwrap_or_default()).into_owned(),
            ..FittingConfiguration::default()
        }
    };
    let text = match switch {
        Some(storage) => written.with_storage(&text, storage)?,
        None => text,
    };
    let hand_written = switch.map(|_| leave(&before)).transpose()?;
    if files::replace(&path, text.as_bytes(), Durable::Yes)? {
        let storage = switch.map(|s| format!("storage: {}", s.word()));
        let reasons: Vec<String> = reasons.into_iter().chain(storage).collect();
        let why = match reasons.as_slice() {
            [] => String::new(),
            reasons => format!(" ({})", reasons.join(", ")),
        };
        done.say(&format!("wrote: {name}{why}"));
        done.written.push(name.to_owned());
    } else {
        done.say(&format!("kept: {}", written.place));
        done.note_new(&repo, name)?;
    }
    remarks.iter().for_each(|remark| done.say(remark));
    Ok(Begun {
        is_new,
        switches: switch.is_some(),
        hand_written: hand_written.unwrap_or_default(),
    })
}

/// # Errors
/// If git has a file that is not in the working tree: a sparse checkout leaves it out, and what is written now would take its place.
fn is_not_away(repo: &Repo, name: &str) -> Result<()> {
    match repo.indexed(name)? {
        Indexed::Untracked => Ok(()),
        _ => Err(
            Failure::failed(format!("{name} is in git, but not in this working tree")).with_remedy(
                format!(
                    "`git checkout -- {name}` brings it back, in a sparse checkout `git sparse-checkout add {name}`"
                ),
            ),
        ),
    }
}

/// Writes a changelog where none is there.
fn write_changelog(done: &mut Done, project: &Project, name: &str) -> Result<()> {
    let path = files::at(project.repo.root(), name);
    if files::read(&path)?.is_some() {
        done.say(&format!("kept: {name}, with every line that is there"));
    } else {
        is_not_away(&project.repo, name)?;
        files::make_parent(&path)?;
        files::replace(&path, NEW_CHANGELOG.as_bytes(), Durable::Yes)?;
        done.say(&format!("wrote: {name}"));
    }
    done.note_new(&project.repo, name)
}

/// Gives the changelogs their filter and merge driver, in this clone and in others.
fn write_attributes(done: &mut Done, project: &Project) -> Result<()> {
    let shared = project.repo.root().join(".gitattributes");
    let local = project.repo.local_attributes();
    attributes::set_attributes(&local, &attributes::local_lines(project)?)?;
    if let Some(new) = attributes::set_attributes(&shared, &attributes::shared_lines(project))? {
        for line in &new {
            done.say(&format!("wrote: .gitattributes: {line}"));
        }
        if new.is_empty() {
            done.say("wrote: .gitattributes: every other line wins over relwatch's now");
        }
        done.written.push(".gitattributes".to_owned());
        return Ok(());
    }
    done.say("kept: .gitattributes");
    done.note_new(&project.repo, ".gitattributes")
}

/// The hand-written part of each changelog, brought up to date first: what another way of storing starts from.
fn leave(project: &Project) -> Result<Vec<(Project, Vec<u8>)>> {
    let held = write_lock::hold(project)?;
    let mut left = Vec::new();
    for part in project.components() {
        let path = files::at(project.repo.root(), &part.config.changelog);
        if files::read(&path)?.is_some() {
            let history = range::read(&part)?;
            let (_, section) = Writer::new(&part, &held).write(&history)?;
            left.extend(section.map(|section| (part, section.doc)));
        }
    }
    Ok(left)
}

/// Writes the hand-written part of each changelog, and forgets what was written in another way.
fn put_back(project: &Project, left: Vec<(Project, Vec<u8>)>) -> Result<()> {
    if left.is_empty() {
        return Ok(());
    }
    let _held = write_lock::hold(project)?;
    for (part, doc) in left {
        let path = files::at(project.repo.root(), &part.config.changelog);
        files::replace(&path, &doc, Durable::Yes)?;
        state::forget(&part.state_dir())?;
    }
    Ok(())
}

/// The files that are as [`set_up`] wrote them where there were none, and that git does not have.
///
/// # Errors
/// If one cannot be read.
pub fn untouched(project: &Project) -> Result<Vec<String>> {
    let (repo, root) = (&project.repo, project.repo.root());
    let yaml = configuration::fitting(repo, |_| false)?.yaml;
    let storages = [Storage::View, Storage::Tracked].map(|s| s.written_into(&yaml));
    let mut found = Vec::new();
    let mut look = |name: &str, texts: &[&str]| -> Result<()> {
        let bytes = files::read(&files::at(root, name))?;
        let is_ours = texts
            .iter()
            .any(|text| bytes.as_deref() == Some(text.as_bytes()));
        if is_ours && repo.indexed(name)? == Indexed::Untracked {
            found.push(name.to_owned());
        }
        Ok(())
    };
    look(config::FILE, &[&yaml, &storages[0], &storages[1]])?;
    for part in project.components() {
        look(&part.config.changelog, &[NEW_CHANGELOG])?;
    }
    Ok(found)
}
