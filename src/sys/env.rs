//! The environment: variables, the current directory, the path of the binary, whether the session is interactive.

use std::io::IsTerminal;
use std::path::PathBuf;

use crate::domain::failure::{Failure, Result};
use crate::sys::files::is_executable;

/// An environment variable, if set to non-empty text.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether git reads a word as yes: all words but these mean yes (git-config(1), "Values").
pub fn is_yes(word: &str) -> bool {
    let no = ["", "0", "false", "no", "off"];
    !no.iter().any(|no| word.eq_ignore_ascii_case(no))
}

/// A path in an environment variable, in any encoding, if the variable is set.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn path(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

/// A configuration value that was passed to a git command above us: `git -c KEY=VALUE`, or `GIT_CONFIG_COUNT` (git-config(1)). The last one
/// wins, and those passed to the command itself come later.
pub fn git_config(key: &str) -> Option<String> {
    let given = var("GIT_CONFIG_PARAMETERS").and_then(|words| parameter(&words, key));
    given.or_else(|| {
        let count: usize = var("GIT_CONFIG_COUNT")?.parse().ok()?;
        let is_it = |at: &usize| {
            var(&format!("GIT_CONFIG_KEY_{at}")).is_some_and(|known| is_same_key(&known, key))
        };
        let at = (0..count.min(MOST_COUNTED)).rev().find(is_it)?;
        var(&format!("GIT_CONFIG_VALUE_{at}"))
    })
}

/// A limit that is higher than any realistic number of variables.
const MOST_COUNTED: usize = 1000;

/// The last value of a key in words that git has quoted for a shell: `'KEY'='VALUE'`, from older versions `'KEY=VALUE'`. A key alone means
/// true.
fn parameter(words: &str, key: &str) -> Option<String> {
    let plain = words.replace("'='", "=").replace("'\\''", "\u{0}");
    let pairs = plain.split('\'').filter(|pair| !pair.trim().is_empty());
    let mut pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "true")));
    let value = pairs.rfind(|(known, _)| is_same_key(known, key))?.1;
    Some(value.replace('\u{0}', "'"))
}

/// Whether two keys are the same. Only the part between section and name, such as a branch, is case-sensitive (git-config(1)).
fn is_same_key(one: &str, other: &str) -> bool {
    let middle = |key: &str| -> Option<String> {
        let (_, rest) = key.split_once('.')?;
        rest.rsplit_once('.').map(|(middle, _)| middle.to_owned())
    };
    one.eq_ignore_ascii_case(other) && middle(one) == middle(other)
}

/// The values of all variables whose names begin with `prefix`.
pub fn values_of(prefix: &str) -> Vec<String> {
    let all = std::env::vars_os();
    let found = all.filter(|(name, _)| name.to_string_lossy().starts_with(prefix));
    found
        .map(|(_, value)| value.to_string_lossy().into_owned())
        .collect()
}

/// Variable that disables our hooks if it is set.
pub const NO_HOOKS: &str = "RELWATCH_NO_HOOKS";

/// The current directory.
#[expect(clippy::disallowed_methods, reason = "read once here and passed on")]
pub fn current_dir() -> Result<PathBuf> {
    std::env::current_dir()
        .map_err(|error| Failure::failed(format!("the current directory cannot be read: {error}")))
}

/// Changes the current directory.
pub fn enter(folder: &std::path::Path) -> std::io::Result<()> {
    std::env::set_current_dir(folder)
}

/// The path of the running binary, with symlinks resolved.
#[expect(
    clippy::disallowed_methods,
    reason = "init records it for hooks and filter"
)]
pub fn own_path() -> Result<PathBuf> {
    std::env::current_exe()
        .and_then(std::path::absolute)
        .map_err(|error| Failure::failed(format!("relwatch does not find its own path: {error}")))
}

/// Whether PATH contains a program of this name.
pub fn is_on_path(program: &str) -> bool {
    let path = var("PATH").unwrap_or_default();
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).any(|folder| is_executable(&folder.join(&name)))
}

/// The user's configuration directory, found as git does (git-config(1), FILES).
pub fn user_configuration() -> Option<PathBuf> {
    let given = var("XDG_CONFIG_HOME").map(PathBuf::from);
    // git for Windows sets HOME only for the programs that it starts.
    let profile = || var("USERPROFILE").filter(|_| cfg!(windows));
    given.or_else(|| Some(PathBuf::from(var("HOME").or_else(profile)?).join(".config")))
}

/// Whether a user can answer: standard input and standard error are terminals.
pub fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// An output stream of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputStream {
    Output,
    Errors,
}

/// Whether a stream should be coloured. `--color` decides if it is given. Otherwise `NO_COLOR` (no-color.org) disables colour, and
/// `CLICOLOR_FORCE` (bixense.com/clicolors) enables it. Otherwise terminals get colour.
pub fn wants_colour(chosen: Option<bool>, stream: OutputStream) -> bool {
    if let Some(chosen) = chosen {
        let _ = chosen && shows_colour(); // a console has to be told; another stream takes them as they are
        return chosen;
    }
    let is_terminal = || match stream {
        OutputStream::Output => std::io::stdout().is_terminal(),
        OutputStream::Errors => std::io::stderr().is_terminal(),
    };
    let is_forced = || var("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let can = || is_terminal() && var("TERM").as_deref() != Some("dumb");
    var("NO_COLOR").is_none() && (is_forced() || can() && shows_colour())
}

/// Whether the terminal supports escape sequences. They have to be enabled for a Windows console.
#[cfg(windows)]
fn shows_colour() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(false)
}

#[cfg(unix)]
fn shows_colour() -> bool {
    true
}

/// Width of the terminal on standard output in columns. `None` if it is not a terminal, or does not report its width.
pub fn width() -> Option<usize> {
    let (columns, _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(usize::from(columns.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_a_git_command_are_read() {
        let words = "'relwatch.deadline'='1' 'user.name'='it'\\''s = me' 'relwatch.deadline=5 s'";
        assert_eq!(
            parameter(words, "RELWATCH.deadline").as_deref(),
            Some("5 s")
        );
        assert_eq!(parameter(words, "user.name").as_deref(), Some("it's = me"));
        assert_eq!(parameter(words, "user.email"), None);
    }
}
