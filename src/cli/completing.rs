//! What a shell asks on every Tab: it calls relwatch with a variable set, and relwatch answers from its own commands and options and from
//! values that `commands::values` finds. So the scripts that `relwatch completions` prints know no command, and never get stale.
//!
//! A prompt waits: no history is read, nothing is fetched or written, and what goes wrong completes nothing.

use std::ffi::OsString;
use std::path::Path;

use clap::{Args, Command};
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, Shell};

use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::env;
use crate::ui::Report;

/// Set by the scripts, to the shell that asks.
const VARIABLE: &str = "RELWATCH_COMPLETE";

/// Print the completion script of your shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

/// The script of a shell.
///
/// # Errors
/// If the shell is none that can ask.
pub fn script(arguments: &Completions) -> Result<Report> {
    let shell = arguments.shell.to_string();
    let failed = || Failure::new(Exit::Usage, format!("{shell} cannot complete relwatch"));
    let shells = Shells::builtins();
    let completer = shells.completer(&shell).ok_or_else(failed)?;
    let mut script = Vec::new();
    let name = env!("CARGO_PKG_NAME");
    completer
        .write_registration(VARIABLE, name, name, name, &mut script)
        .map_err(|_| failed())?;
    Ok(Report::answer(String::from_utf8_lossy(&script)))
}

/// Answers a shell with an exit code; `None` if the user asks.
pub fn main(arguments: &[OsString], command: fn() -> Command) -> Option<u8> {
    env::var(VARIABLE)?;
    if folder(arguments).is_some_and(|folder| env::enter(Path::new(folder)).is_err()) {
        return Some(Exit::Failed as u8);
    }
    let start = env::current_dir().ok();
    let asked = CompleteEnv::with_factory(command).var(VARIABLE);
    let answered = asked.try_complete(arguments.iter().cloned(), start.as_deref());
    Some(u8::from(answered.is_err()))
}

/// The directory of `-C` among the words that were typed.
fn folder(arguments: &[OsString]) -> Option<&str> {
    let mut typed = arguments.iter().filter_map(|word| word.to_str());
    let option = typed.find(|word| word.starts_with("-C"))?;
    match option.strip_prefix("-C") {
        Some("") => typed.next(),
        joined => joined,
    }
}
