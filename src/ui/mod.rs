//! Output for users and scripts. Commands return a [`Report`], and only this module prints.

pub mod busy;
pub mod csv;
mod html_page;
pub mod metrics;
mod metrics_cards;
pub mod metrics_page;
mod metrics_plots;
pub mod notes_page;
pub mod screen;
pub mod support;

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::terminal;
use screen::Page;

static QUIET: AtomicBool = AtomicBool::new(false);

/// Enables `--quiet`: from now on, only answers, bad news and errors are printed.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// The result of a command: text for users, optionally also as JSON.
#[derive(Debug, Default)]
pub struct Report {
    text: String,
    json: Option<serde_json::Value>,
    warnings: Vec<String>,
    exit: Option<Exit>,
    /// Whether the user asked for this text: an answer rather than a report of what was done.
    is_answer: bool,
}

impl Report {
    /// A report of what was done, as text. `--quiet` suppresses it. Terminal control characters are removed.
    pub fn text(text: impl AsRef<str>) -> Report {
        Report {
            text: terminal::printable_lines(text.as_ref()),
            ..Report::default()
        }
    }

    /// The text that the user asked for, printed even with `--quiet`.
    pub fn answer(text: impl AsRef<str>) -> Report {
        Report::text(text).as_answer(true)
    }

    /// The page that the user asked for, with its own colours.
    pub fn page(page: Page) -> Report {
        Report {
            text: page.into_text(),
            is_answer: true,
            ..Report::default()
        }
    }

    /// Adds the same data as JSON, for `--json`.
    pub fn with_json(mut self, json: serde_json::Value) -> Report {
        self.json = Some(json);
        self
    }

    /// Prints the JSON instead of the text, if requested and available.
    pub fn as_json(mut self, wanted: bool) -> Report {
        if let (true, Some(json)) = (wanted, &self.json) {
            self.text = format!("{}\n", terminal::json(&format!("{json:#}")));
            self.is_answer = true;
        }
        self
    }

    /// Marks the report as an answer if `is_answer`: what would be done, or what a question is about.
    pub fn as_answer(mut self, is_answer: bool) -> Report {
        self.is_answer |= is_answer;
        self
    }

    /// Adds warnings for standard error, each once.
    pub fn with_warnings(mut self, warnings: Vec<String>) -> Report {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        self
    }

    /// Sets an exit code: the command worked, and the result is bad news.
    pub fn with_exit(mut self, exit: Exit) -> Report {
        self.exit = Some(exit);
        self
    }

    /// The exit code, 0 by default.
    pub fn exit(&self) -> u8 {
        self.exit.map_or(0, |exit| exit as u8)
    }

    /// Appends text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(&terminal::printable_lines(text));
    }

    /// Appends the text and the warnings of another report.
    pub fn absorb(&mut self, other: Report) {
        *self = std::mem::take(self).with_warnings(other.warnings);
        self.text.push_str(&other.text);
        self.is_answer |= other.is_answer;
    }

    /// Prints the report. With `--quiet`, only an answer or bad news is printed, the latter with its warnings.
    ///
    /// # Errors
    /// Fails if it cannot be written completely, for example because the disk is full. A reader that has closed the pipe is not an error.
    pub fn print(&self) -> Result<()> {
        let is_quiet = is_quiet() && self.exit.is_none();
        if is_quiet && !self.is_answer {
            return Ok(());
        }
        for warning in self.warnings.iter().filter(|_| !is_quiet) {
            complain("warning", &terminal::printable(warning));
        }
        let mut out = io::stdout().lock();
        let written = out.write_all(self.text.as_bytes());
        match written.and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(
                format!("not all of it could be written: {error}"),
            )),
            _ => Ok(()),
        }
    }
}

/// Prints a line at once, for commands that continue. Returns whether the output is still read.
pub fn line(line: &str) -> bool {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", terminal::printable(line))
        .and_then(|()| out.flush())
        .is_ok()
}

/// Prints a line about an event, as [`line()`] does.
pub fn event(event: &str) -> bool {
    is_quiet() || line(event)
}

/// Prints an error: `relwatch: …`, on one line unless it contains a list.
pub fn fail(failure: &Failure) {
    complain("relwatch", &failure.to_string());
}

fn complain(who: &str, words: &str) {
    let words = terminal::printable_lines(words.trim_end());
    let _ = writeln!(io::stderr(), "{who}: {words}");
}

/// Prints progress to standard error.
pub fn progress(words: &str) {
    if !is_quiet() {
        tell(words);
    }
}

/// Prints to standard error the subject of a question or an error, or the output of a user's command.
pub fn tell(words: &str) {
    let _ = writeln!(io::stderr(), "{}", terminal::printable(words));
}

/// Prints raw text to standard error, for clap's errors.
pub fn raw_error(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes()); // nobody reads it
}

/// Prints raw bytes to standard output, for the filter and clap's help.
pub fn raw(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Flushes standard output. Reports are flushed already, and their errors reported.
pub fn flush() {
    let _ = io::stdout().flush();
}

/// Asks a yes-or-no question on standard error. Any answer other than y means no.
pub fn ask(question: &str) -> bool {
    let _ = write!(
        io::stderr(),
        "{} [y/N] ",
        terminal::printable_lines(question)
    );
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// A counted noun: `1 entry`, `2 entries`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
