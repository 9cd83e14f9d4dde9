//! `relwatch update`: brings the section up to date.

use crate::commands::{AnyComponent, Context};
use crate::config::Storage;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::{diff, words};
use crate::project::view::ViewObstacle;
use crate::project::{Project, write_lock};
use crate::section::contents::SectionContents;
use crate::section::retire;
use crate::section::working_file::WorkingFile;
use crate::section::write::{self, UpdateOutcome};
use crate::sys::git::Head;
use crate::sys::lock::WriteLock;
use crate::sys::process;
use crate::sys::state;
use crate::transition;
use crate::ui::Report;

/// Bring the Unreleased section up to date now.
#[derive(Debug, clap::Args)]
pub struct UpdateArguments {
    /// Change nothing; fail with a diff if the section is stale.
    #[arg(long, conflicts_with = "stdout")]
    check: bool,
    /// Change nothing; print the file as it should be.
    #[arg(long)]
    stdout: bool,
    #[command(flatten)]
    of: AnyComponent,
}

/// What to do with the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateMode {
    /// Write the file.
    Write,
    /// Write nothing; fail if the file is stale.
    Check,
    /// Print the file as it should be.
    Stdout,
}

/// Runs the command.
pub fn run(arguments: UpdateArguments, context: &Context) -> Result<Report> {
    let mode = match (arguments.check, arguments.stdout) {
        (true, _) => UpdateMode::Check,
        (_, true) => UpdateMode::Stdout,
        _ => UpdateMode::Write,
    };
    bring_up_to_date(&arguments.of.open(context)?, mode)
}

/// Does so for every component.
pub fn bring_up_to_date(project: &Project, mode: UpdateMode) -> Result<Report> {
    match mode {
        UpdateMode::Write => write_all(project),
        UpdateMode::Check => {
            let head = project.repo.head()?;
            let mut report = Report::default();
            project.each(|part| {
                report.absorb(compare(part, head.clone())?);
                Ok(())
            })?;
            Ok(report)
        }
        UpdateMode::Stdout => {
            project.alone()?;
            let file = WorkingFile::read(project)?;
            file.required()?;
            let fresh = String::from_utf8_lossy(&file.section()?.viewed).into_owned();
            Ok(Report::answer(fresh).with_warnings(file.history.warnings))
        }
    }
}

fn write_all(project: &Project) -> Result<Report> {
    let held = write_lock::hold(project)?;
    transition::finish_pending(project, &held)?;
    let mut states = retire::retire(project, &held, Vec::new())?.states;
    let head = project.repo.head()?;
    let mut report = Report::default();
    let done = project.each(|part| {
        if let Some(failure) = obstacle(part)? {
            retire::remove_unsafe_view(part, &held)?;
            return Err(failure);
        }
        let found = state::of_folder(&mut states, &part.state_dir());
        let file = WorkingFile::read_at(part, head.clone())?.knowing(found);
        report.absorb(write_one(part, &held, file)?);
        Ok(())
    });
    if done.is_err() {
        let _ = report.print(); // what counts is what follows
    }
    done.map(|()| report)
}

/// Why a view is refused, if a person has to decide.
fn obstacle(project: &Project) -> Result<Option<Failure>> {
    if project.config.storage == Storage::Tracked {
        return Ok(None);
    }
    let found = ViewObstacle::find(project)?;
    Ok(found.and_then(|obstacle| obstacle.failure(&project.config.changelog)))
}

fn write_one(project: &Project, held: &WriteLock, mut file: WorkingFile<'_>) -> Result<Report> {
    let name = &project.config.changelog;
    let (outcome, section) = file.write(held)?;
    let count = section.as_ref().map_or(0, |s| s.gathered.entries.len());
    let text = match outcome {
        UpdateOutcome::Absent => return Err(file.absent()),
        UpdateOutcome::Deferred(_) | UpdateOutcome::Saved => {
            let why = outcome.deferral().unwrap_or_default();
            format!("{name} is left alone: {why}\n")
        }
        UpdateOutcome::Unchanged => format!("{name} is up to date: {}\n", entries(count)),
        UpdateOutcome::Written => format!("{name} is updated: {}\n", entries(count)),
    };
    let mut warnings = file.history.warnings.clone();
    warnings.extend(section.as_ref().and_then(|s| write::trouble(s, name)));
    let present = file.present.as_deref().unwrap_or_default();
    warnings.extend(section.as_ref().and_then(|s| taken_out(s, name, present)));
    warnings.extend(section.iter().flat_map(|s| write::returned(s, name)));
    process::leave_to_exit((file, section));
    Ok(Report::text(text).with_warnings(warnings))
}

/// # Errors
/// If the file does not show what it should, with the difference.
fn compare(project: &Project, head: Head) -> Result<Report> {
    let name = &project.config.changelog;
    let file = WorkingFile::read_at(project, head)?;
    let present = file.required()?;
    let section = file.section()?;
    let history = &file.history;
    if write::is_current(project, history, present, &section)? {
        let count = section.gathered.entries.len();
        let text = format!("{name} is up to date: {}\n", entries(count));
        return Ok(Report::text(text).with_warnings(file.history.warnings));
    }
    let old = String::from_utf8_lossy(present);
    let fresh = String::from_utf8_lossy(&section.viewed);
    let diff = diff::unified(name, &old, &fresh);
    let warnings = history
        .warnings
        .iter()
        .map(|warning| format!("{warning}\n"));
    let warnings: String = warnings.collect();
    Err(Failure::new(Exit::Failed, format!("{name} is stale"))
        .with_remedy(format!("run `relwatch update`\n{warnings}{diff}")))
}

/// Which lines a person took out of the file since the last time.
fn taken_out(section: &SectionContents, name: &str, present: &[u8]) -> Option<String> {
    const MOST: usize = 5;
    let mut new = Exclusion::Skip.new_ones(present, &section.doc);
    new.retain(|skip| !section.returned.skips.contains(skip));
    let first = new.first()?;
    let mut list = new[..new.len().min(MOST)].join(", ");
    if new.len() > MOST {
        list.push_str(&format!(" and {} more", new.len() - MOST));
    }
    let word = words::shell_word(first);
    Some(format!(
        "{name}: a line was taken out by hand, so this stays out: {list}; `relwatch skip --undo {word}` brings it back"
    ))
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 generated entry".to_owned(),
        n => format!("{n} generated entries"),
    }
}
