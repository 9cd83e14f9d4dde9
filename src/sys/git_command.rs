//! The `git` command.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::failure::{Failure, Result};
use crate::sys::binding;
use crate::sys::lock::Lock;
use crate::sys::process::{self, CommandOutput};
use crate::sys::{env, files};

/// Runs `git ARGS` in `folder` with `input` on standard input.
///
/// # Errors
/// Fails only if git cannot be started. A failure of git itself is in the output.
pub fn try_git(folder: &Path, args: &[&str], input: &str) -> Result<CommandOutput> {
    try_git_with::<&str>(folder, args, input, &[])
}

/// The same as [`try_git`], with these variables in the environment.
pub fn try_git_with<V: AsRef<OsStr>>(
    folder: &Path,
    args: &[&str],
    input: &str,
    env: &[(&str, V)],
) -> Result<CommandOutput> {
    let mut command = git_command(folder, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.envs(env.iter().map(|(name, value)| (name, value)));
    process::heard(command, input)
}

/// The same as [`try_git`], but a git that outlives us keeps `held` locked until it is done: the next process finds all of its work or
/// none. With input, git prints into the lock's file, which nobody reads. Without input, it reads nothing from that file.
pub fn try_git_holding(
    folder: &Path,
    args: &[&str],
    input: Option<&str>,
    held: &Lock,
) -> Result<CommandOutput> {
    let mut command = git_command(folder, args);
    match input {
        Some(_) => command.stdin(Stdio::piped()).stdout(held.shared()?),
        None => command.stdin(held.shared()?).stdout(Stdio::piped()),
    };
    process::heard(command, input.unwrap_or_default())
}

/// Configuration that is passed to a git command in its environment: `git -c KEY=VALUE` and `GIT_CONFIG_COUNT`. It identifies the user and
/// the repositories they trust, and applies to every git that is started for it.
const CONFIGURED: [&str; 2] = ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"];

/// Whether missing objects of a partial clone may be fetched.
static MAY_FETCH: AtomicBool = AtomicBool::new(false);

/// The variable that prevents git from fetching them, since git 2.44 (git(1)).
const NO_LAZY_FETCH: &str = "GIT_NO_LAZY_FETCH";

/// Lets this process fetch missing objects of a partial clone: a user started it and can wait for the network.
pub fn allow_fetching() {
    MAY_FETCH.store(!is_told_not_to_fetch(), Ordering::Relaxed);
}

/// Whether the user has set `GIT_NO_LAZY_FETCH`.
pub fn is_told_not_to_fetch() -> bool {
    env::var(NO_LAZY_FETCH).is_some_and(|word| env::is_yes(&word))
}

/// Whether missing objects of a partial clone may be fetched.
pub fn may_fetch() -> bool {
    MAY_FETCH.load(Ordering::Relaxed)
}

fn git_command(folder: &Path, args: &[&str]) -> Command {
    let mut command = plain_command(folder, args);
    if !may_fetch() {
        command.env(NO_LAZY_FETCH, "1");
    }
    binding::leave_own(&mut command, folder, |name| !CONFIGURED.contains(&name));
    command
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
fn plain_command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(args)
        .stderr(Stdio::piped());
    command
}

/// The same as [`path`], but in the environment in which relwatch was called: the answer is that of the calling git.
pub fn path_as_called(folder: &Path, args: &[&str]) -> Result<PathBuf> {
    let mut command = plain_command(folder, args);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    raw(args, process::heard_raw(command, b"")?).map(printed_path)
}

/// The same as [`git`], for an answer that is a path in any encoding.
pub fn path(folder: &Path, args: &[&str]) -> Result<PathBuf> {
    bytes(folder, args, b"").map(printed_path)
}

/// The same as [`git`], for input and output that need not be text.
///
/// # Errors
/// Fails if git does, with git's message.
pub fn bytes(folder: &Path, args: &[&str], input: &[u8]) -> Result<Vec<u8>> {
    let mut command = git_command(folder, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    raw(args, process::heard_raw(command, input)?)
}

fn raw(args: &[&str], output: Output) -> Result<Vec<u8>> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = process::in_one_line(&String::from_utf8_lossy(&output.stderr));
    Err(failed(args, &words))
}

/// The same as [`try_git_holding`], but fails if git does, with git's message.
pub fn git_holding(
    folder: &Path,
    args: &[&str],
    input: Option<&str>,
    held: &Lock,
) -> Result<String> {
    said(args, try_git_holding(folder, args, input, held)?)
}

/// The same as [`try_git`], but fails if git does, with git's message. Returns the trimmed standard output.
pub fn git(folder: &Path, args: &[&str], input: &str) -> Result<String> {
    said(args, try_git(folder, args, input)?)
}

/// The trimmed output of git.
///
/// # Errors
/// Fails if git did, with git's message.
pub fn said(args: &[&str], output: CommandOutput) -> Result<String> {
    if output.ok {
        return Ok(output.stdout.trim_end().to_owned());
    }
    Err(failed(args, &process::in_one_line(&output.stderr)))
}

fn failed(args: &[&str], words: &str) -> Failure {
    let name = args.first().unwrap_or(&"");
    Failure::failed(format!("git {name} failed: {words}"))
}

/// The path in a line that git prints.
fn printed_path(line: Vec<u8>) -> PathBuf {
    files::path_from(line.strip_suffix(b"\n").unwrap_or(&line))
}
