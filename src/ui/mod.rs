//! What people and scripts see. Commands return a [`Report`]; this is the one place that prints.

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

/// `--quiet`: from now on, only answers, bad news and errors are printed.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// The result of a command: text for people, optionally the same as JSON.
#[derive(Debug, Default)]
pub struct Report {
    text: String,
    json: Option<serde_json::Value>,
    warnings: Vec<String>,
    exit: Option<Exit>,
    /// Whether the user asked to see it: an answer, not a report of what was done.
    is_answer: bool,
}

impl Report {
    /// A report of what was done, as text; `--quiet` leaves it out. What a terminal would obey is taken out of it.
    pub fn text(text: impl AsRef<str>) -> Report {
        Report {
            text: terminal::printable_lines(text.as_ref()),
            ..Report::default()
        }
    }

    /// The text that the user asked to see, `--quiet` or not.
    pub fn answer(text: impl AsRef<str>) -> Report {
        Report::text(text).as_answer(true)
    }

    /// The page that the user asked to see, colours and all: they are its own.
    pub fn page(page: Page) -> Report {
        Report {
            text: page.into_text(),
            is_answer: true,
            ..Report::default()
        }
    }

    /// The same facts as JSON, for `--json`.
    pub fn with_json(mut self, json: serde_json::Value) -> Report {
        self.json = Some(json);
        self
    }

    /// Prints the JSON instead of the text, if that was asked for and there is JSON.
    pub fn as_json(mut self, wanted: bool) -> Report {
        if let (true, Some(json)) = (wanted, &self.json) {
            self.text = format!("{}\n", terminal::json(&format!("{json:#}")));
            self.is_answer = true;
        }
        self
    }

    /// The same as an answer, if it is one: what would be done, or what a question is about.
    pub fn as_answer(mut self, is_answer: bool) -> Report {
        self.is_answer |= is_answer;
        self
    }

    /// Things to say on standard error, each once.
    pub fn with_warnings(mut self, warnings: Vec<String>) -> Report {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        self
    }

    /// With an exit code of its own: what was asked for was found out, and it is bad news.
    pub fn with_exit(mut self, exit: Exit) -> Report {
        self.exit = Some(exit);
        self
    }

    /// The exit code, 0 if nothing else was said.
    pub fn exit(&self) -> u8 {
        self.exit.map_or(0, |exit| exit as u8)
    }

    /// Puts more text at the end.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(&terminal::printable_lines(text));
    }

    /// Takes over the text and the warnings of another report.
    pub fn absorb(&mut self, other: Report) {
        *self = std::mem::take(self).with_warnings(other.warnings);
        self.text.push_str(&other.text);
        self.is_answer |= other.is_answer;
    }

    /// Prints it; with `--quiet` only an answer or bad news, the latter with its warnings.
    ///
    /// # Errors
    /// If it cannot be written whole, to a full disk for example; a reader that went away is no error.
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

/// Prints a line at once, for commands that go on. Says whether anybody reads.
pub fn line(line: &str) -> bool {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", terminal::printable(line))
        .and_then(|()| out.flush())
        .is_ok()
}

/// Prints a line about something that happened, as [`line`] does.
pub fn event(event: &str) -> bool {
    is_quiet() || line(event)
}

/// Prints an error: `relwatch: …`, one line unless it carries a listing.
pub fn fail(failure: &Failure) {
    complain("relwatch", &failure.to_string());
}

fn complain(who: &str, words: &str) {
    let words = terminal::printable_lines(words.trim_end());
    let _ = writeln!(io::stderr(), "{who}: {words}");
}

/// Says on standard error what goes on.
pub fn progress(words: &str) {
    if !is_quiet() {
        tell(words);
    }
}

/// Says on standard error what a question or an error is about, or what a command of the user's prints.
pub fn tell(words: &str) {
    let _ = writeln!(io::stderr(), "{}", terminal::printable(words));
}

/// Raw text on standard error, for clap's mistakes.
pub fn raw_error(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes()); // nobody reads it
}

/// Raw bytes on standard output, for the filter and clap's help.
pub fn raw(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Prints what waits to be printed. A report was flushed, and its failure told.
pub fn flush() {
    let _ = io::stdout().flush();
}

/// Asks a yes-or-no question on standard error; anything but y is no.
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
