//! What clap prints by itself: help, and what is wrong with the arguments, in the colours that `--color` asks for. A command that
//! other tools have, and relwatch has not, is answered by what `relwatch help` knows.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::{ColorChoice, Command, ValueEnum};

use super::help;
use crate::commands;
use crate::domain::failure::{Exit, Failure};
use crate::domain::text::terminal;
use crate::sys::env::OutputStream;
use crate::ui;

/// Prints help to standard output and mistakes to standard error; the exit code.
pub fn print(error: &clap::Error, arguments: &[OsString], command: &Command) -> u8 {
    if let Some(failure) = unknown_command(error, arguments, command) {
        ui::fail(&failure);
        return failure.exit as u8;
    }
    let stream = if error.use_stderr() {
        OutputStream::Errors
    } else {
        OutputStream::Output
    };
    let text = error.render();
    let text = if commands::wants_colour(colour(arguments), stream) {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    match stream {
        OutputStream::Errors => {
            ui::raw_error(&text);
            Exit::Usage as u8
        }
        OutputStream::Output => {
            let _ = ui::raw(text.as_bytes()); // a closed pipe is no error
            0
        }
    }
}

/// What `--color` says in arguments that were not parsed.
fn colour(arguments: &[OsString]) -> ColorChoice {
    let mut words = arguments.iter().filter_map(|word| word.to_str());
    let mut chosen = ColorChoice::Auto;
    while let Some(word) = words.next().filter(|word| *word != "--") {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        let known = value.and_then(|value| ColorChoice::from_str(value, false).ok());
        chosen = known.unwrap_or(chosen);
    }
    chosen
}

/// What to say of a command that relwatch does not have, if its help knows what is meant.
fn unknown_command(
    error: &clap::Error,
    arguments: &[OsString],
    command: &Command,
) -> Option<Failure> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    // Below a command of ours, clap knows best.
    let before = arguments
        .iter()
        .take_while(|argument| *argument != word.as_str());
    let is_below = before
        .filter_map(|argument| argument.to_str())
        .any(|argument| command.find_subcommand(argument).is_some());
    let known = help::known_as(word);
    if is_below || known.is_empty() {
        return None;
    }
    let width = known.iter().map(|(_, line)| line.len()).max().unwrap_or(0);
    let lines = known
        .iter()
        .map(|(wish, line)| format!("\n  {line:<width$}  {wish}"));
    let lines: String = lines.collect();
    let what = format!("there is no command `{}`", terminal::printable(word));
    Some(Failure::new(Exit::Usage, what).with_remedy(format!("what you want may be:{lines}")))
}
