//! Specs that their tools' own commands archive (`archive: command`). The commands run in a temporary working tree, and what they change
//! becomes changes of the plan. A command is refused if it fails, takes too long, leaves its spec where it was, or changes other files.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::check::Checks;
use crate::domain::release::difference::{self, FileDifference};
use crate::domain::release::plan::{FileAction, FileChange, Plan, PlannedArchive};
use crate::domain::release::step;
use crate::domain::spec::source::{Archive, Source};
use crate::domain::text::words;
use crate::history::spec_files::SpecReader;
use crate::project::Project;
use crate::release::plan::NOT_YET;
use crate::release::preconditions;
use crate::sys::git::ReleaseTree;
use crate::sys::shell::{self, Ended, Job};
use crate::sys::signals::Interruption;
use crate::sys::{clock, files};
use crate::ui;

/// Last lines shown of a failed command's output.
const LAST_LINES: usize = 5;

/// A command that archives a spec, built from the configuration.
struct ArchiveCommand<'a> {
    source: &'a Source,
    id: &'a str,
    /// The spec's file.
    path: &'a str,
    line: String,
}

/// Runs the archive commands of a plan and adds the files that they change to the plan.
///
/// # Errors
/// As [`changes`]; exit 3 if a changed file cannot be written here, exit 4 if the release itself changes the same file.
pub fn carried(project: &Project, mut plan: Plan) -> Result<Plan> {
    if plan.archives.is_empty() {
        return Ok(plan);
    }
    let changed = changes(project, plan.base, &plan.archives)?;
    let mut checks = Checks::default();
    // If a file moves to a new path, that path must be free as well.
    let come = changed.iter().map(|file| match &file.change {
        FileAction::Move { to } => FileChange::write(to.clone(), Vec::new()),
        _ => file.clone(),
    });
    let come: Vec<FileChange> = come.collect();
    preconditions::writable(project, plan.base, &come, &mut checks)?;
    checks.demand(NOT_YET)?;
    let own = plan.paths();
    plan.files.extend(changed);
    plan.archives.clear();
    let both = plan.paths().into_iter().skip(own.len());
    let both: Vec<String> = both.filter(|path| own.contains(path)).collect();
    if both.is_empty() {
        return Ok(plan);
    }
    let what = format!("the release changes {}, too", words::shortlist(&both));
    Err(refused(what))
}

/// Runs commands one after the other in one checkout of `base` and returns the files that they changed.
///
/// # Errors
/// Exit 4 for a command that failed or changed files outside its spec, exit 5 if a command is not the configured one, exit 130 on Ctrl-C.
/// The user's files are unchanged then.
pub fn changes(
    project: &Project,
    base: CommitId,
    archives: &[PlannedArchive],
) -> Result<Vec<FileChange>> {
    let mut reader = SpecReader::new(project);
    let commands = archives
        .iter()
        .map(|one| configured(project, &mut reader, base, one));
    let commands: Vec<ArchiveCommand<'_>> = commands.collect::<Result<_>>()?;
    let interruption = Interruption::watch();
    let tree = project.repo.release_tree(base)?;
    leads_nowhere_else(&tree, &commands)?;
    let before = tree.snapshot()?;
    for command in &commands {
        command.run(&tree, &interruption)?;
    }
    if interruption.came() {
        return Err(interrupted());
    }
    let differences = tree.differences(&before, &tree.snapshot()?)?;
    stays_inside(&commands, &differences)?;
    for command in &commands {
        command.has_archived(&differences)?;
    }
    difference::changes(&differences, |path, file| {
        project.repo.released_bytes(&tree, path, &file.blob)
    })
}

/// The command from the configuration. A saved plan must name the same command, because the plan file may come from someone else.
fn configured<'a>(
    project: &'a Project,
    reader: &mut SpecReader<'_>,
    base: CommitId,
    planned: &'a PlannedArchive,
) -> Result<ArchiveCommand<'a>> {
    let PlannedArchive { id, path, run } = planned;
    let sources = project.config.specs.0.iter();
    let mut sources = sources.filter(|one| one.archive == Archive::Command && one.holds(path));
    let known = match sources.next() {
        Some(source) => reader
            .at_commit(source, base, path)?
            .iter()
            .find(|spec| spec.id == *id && source.archive_line(id).as_ref() == Some(run))
            .map(|_| source),
        None => None,
    };
    let Some(source) = known else {
        let what = format!("`{run}` is not what archives {path} here");
        return Err(Failure::new(Exit::Stale, what)
            .with_remedy("nothing was changed; create the plan again"));
    };
    let line = run.clone();
    Ok(ArchiveCommand {
        source,
        id,
        path,
        line,
    })
}

/// Checks that no symlink leads a command out of its tree.
fn leads_nowhere_else(tree: &ReleaseTree, commands: &[ArchiveCommand<'_>]) -> Result<()> {
    let may_follow = |link: &String| {
        let below = format!("{link}/x");
        let mut sources = commands.iter().map(|command| command.source);
        sources.any(|source| source.may_change(link) || source.may_change(&below))
    };
    let links = tree.links_out()?.into_iter().filter(may_follow);
    let links: Vec<String> = links.collect();
    if links.is_empty() {
        return Ok(());
    }
    let links = words::shortlist(&links);
    Err(refused(format!(
        "{links} would lead the command out of the repository"
    )))
}

/// Checks that a command may make every change that it made.
fn stays_inside(commands: &[ArchiveCommand<'_>], differences: &[FileDifference]) -> Result<()> {
    let is_own = |path: &str| {
        let mut sources = commands.iter().map(|command| command.source);
        sources.any(|source| source.may_change(path))
    };
    let outside = differences.iter().map(|one| one.path.clone());
    let outside: Vec<String> = outside.filter(|path| !is_own(path)).collect();
    if outside.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = commands.iter().map(ArchiveCommand::shown).collect();
    let (lines, outside) = (words::shortlist(&lines), words::shortlist(&outside));
    let failure = refused(format!("{lines} changed {outside}"));
    Err(failure
        .with_remedy("name what it may change in `within` of its source, or archive by hand"))
}

impl ArchiveCommand<'_> {
    fn shown(&self) -> String {
        format!("`{}`", step::in_one_line(&self.line))
    }

    /// Runs the command to its end. Its last output is shown if it fails.
    fn run(&self, tree: &ReleaseTree, interruption: &Interruption) -> Result<()> {
        let folder = tree.path();
        let job = Job {
            line: &self.line,
            folder: &folder,
            env: &[],
        };
        ui::progress(&format!(
            "archive {}: {}",
            self.id,
            step::in_one_line(&self.line)
        ));
        let last: Mutex<VecDeque<String>> = Mutex::default();
        let hear = |line: &str| {
            if let Ok(mut last) = last.lock() {
                last.push_back(line.to_owned());
                if last.len() > LAST_LINES {
                    last.pop_front();
                }
            }
        };
        let limit = self.source.time_limit;
        let allowed = Duration::from_millis(limit.as_milliseconds());
        let started = clock::stopwatch();
        let shown = self.shown();
        let why = match shell::watched(&job, Some(allowed), interruption, &hear)? {
            Ended::Interrupted => {
                return Err(interrupted());
            }
            Ended::Well if !files::exists(&files::at(&folder, self.path)) => {
                ui::progress(&format!("archive {}: ok, {}", self.id, started.read()));
                return Ok(());
            }
            Ended::Well => format!("{shown} ended well, but left {} where it was", self.path),
            Ended::Badly(status) => format!("{shown} failed ({status})"),
            Ended::TimedOut => format!("{shown} took longer than {limit}"),
        };
        for line in last.into_inner().unwrap_or_default() {
            ui::tell(&format!("{} | {line}", self.id));
        }
        Err(refused(why))
    }

    /// Checks that the spec is in the archive now, if the source has one. If git ignored that path, the spec would be lost.
    fn has_archived(&self, differences: &[FileDifference]) -> Result<()> {
        let Some(root) = self.source.archive_root() else {
            return Ok(());
        };
        let name = |path: &str| self.source.read_path(path).map(|(id, ..)| id);
        let mut come = differences.iter().filter(|one| one.after.is_some());
        let is_it = |one: &FileDifference| {
            self.source.is_archived(&one.path) && name(&one.path) == name(self.path)
        };
        if come.any(is_it) {
            return Ok(());
        }
        let (shown, path) = (self.shown(), self.path);
        Err(refused(format!(
            "after {shown} git sees nothing of {path} in {root}"
        )))
    }
}

fn interrupted() -> Failure {
    Failure::new(Exit::Declined, "interrupted; nothing was changed")
}

/// The failure for a release that an archive command blocks.
fn refused(what: String) -> Failure {
    Failure::new(Exit::Gate, format!("{what}; nothing was changed"))
        .with_remedy("fix it, or archive by hand with `archive: keep` in relwatch.yml")
}
