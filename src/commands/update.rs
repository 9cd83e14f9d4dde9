//! `relwatch update`: brings the section up to date.

use crate::commands::{AnyComponent, Context};
use crate::domain::changelog::cut;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::{diff, words};
use crate::history::range;
use crate::project::{Project, write_lock};
use crate::section::contents::Section;
use crate::section::write::{self, Outcome};
use crate::section::{compute, retire};
use crate::sys::files;
use crate::sys::lock::WriteLock;
use crate::transition;
use crate::ui::Report;

/// Bring the Unreleased section up to date now.
#[derive(Debug, clap::Args)]
pub struct Arguments {
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
pub enum Mode {
    /// Write the file.
    Write,
    /// Write nothing; fail if the file is stale.
    Check,
    /// Print the file as it should be.
    Stdout,
}

/// Runs the command.
pub fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let mode = match (arguments.check, arguments.stdout) {
        (true, _) => Mode::Check,
        (_, true) => Mode::Stdout,
        _ => Mode::Write,
    };
    bring_up_to_date(&arguments.of.open(context)?, mode)
}

/// Does so for every component.
pub fn bring_up_to_date(project: &Project, mode: Mode) -> Result<Report> {
    let held = match mode {
        Mode::Write => {
            let held = write_lock::hold(project)?;
            transition::finish_pending(project, &held)?;
            retire::retire(project, &held)?;
            Some(held)
        }
        Mode::Check => None,
        Mode::Stdout => {
            project.alone()?;
            None
        }
    };
    let mut report = Report::default();
    let done = project.each(|part| {
        report.absorb(run_one(part, mode, held.as_ref())?);
        Ok(())
    });
    if done.is_err() && mode == Mode::Write {
        let _ = report.print(); // what counts is what follows
    }
    done.map(|()| report)
}

/// What is written is written under the lock; without it nothing is.
fn run_one(project: &Project, mode: Mode, held: Option<&WriteLock>) -> Result<Report> {
    let name = &project.config.changelog;
    let absent =
        || Failure::failed(format!("there is no {name}")).with_remedy("run `relwatch init`");
    if let Some(held) = held {
        let history = range::read(project)?;
        let path = files::at(project.repo.root(), name);
        let present = files::read(&path)?.ok_or_else(absent)?;
        let (outcome, section) = write::write_over(project, held, &history, &present, &present)?;
        let count = section.as_ref().map_or(0, |s| s.gathered.entries.len());
        let text = match outcome {
            Outcome::Absent => return Err(absent()),
            Outcome::Deferred(why) => format!("{name} is left alone: {why}\n"),
            Outcome::Unchanged => format!("{name} is up to date: {}\n", entries(count)),
            Outcome::Written => format!("{name} is updated: {}\n", entries(count)),
        };
        let mut warnings = history.warnings.clone();
        warnings.extend(section.as_ref().and_then(|s| write::trouble(s, name)));
        warnings.extend(section.as_ref().and_then(|s| taken_out(s, name, &present)));
        // The process ends with this; to give thousands of entries back one by one takes longer than to leave that to the system.
        std::mem::forget((history, section));
        return Ok(Report::text(text).with_warnings(warnings));
    }
    let history = range::read(project)?;
    let path = files::at(project.repo.root(), name);
    let present = files::read(&path)?.ok_or_else(absent)?;
    let indexed = project.repo.indexed(name)?;
    let section = compute::of_working_file(project, &history, &present, &indexed)?;
    let fresh = String::from_utf8_lossy(&section.viewed).into_owned();
    if mode == Mode::Stdout {
        return Ok(Report::text(fresh).with_warnings(history.warnings));
    }
    if write::is_current(project, &history, &present, &section)? {
        let count = section.gathered.entries.len();
        let text = format!("{name} is up to date: {}\n", entries(count));
        return Ok(Report::text(text).with_warnings(history.warnings));
    }
    let old = String::from_utf8_lossy(&present);
    let diff = diff::unified(name, &old, &fresh);
    let warnings = history
        .warnings
        .iter()
        .map(|warning| format!("{warning}\n"));
    let warnings: String = warnings.collect();
    Err(Failure::new(Exit::Failed, format!("{name} is stale"))
        .with_remedy(format!("run `relwatch update`\n{warnings}{diff}")))
}

/// Which lines a person took out of the file since the last time: an older copy that was saved over it looks the same.
fn taken_out(section: &Section, name: &str, present: &[u8]) -> Option<String> {
    const MOST: usize = 5;
    let new = cut::new_skips(present, &section.doc);
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
