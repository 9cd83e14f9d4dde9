//! Running git, the editor that git names, the system's service manager, and the commands that a user configures. The user's git decides about signing,
//! credentials and configuration.

use std::io::{self, Seek, Write};
#[cfg(unix)]
use std::path::Path;
use std::process::{Command, Stdio};

use crate::domain::failure::{Failure, Result};
#[cfg(unix)]
use crate::sys::files;

/// Leaves what a value holds to the end of the process, which is near: to give thousands of entries back one by one takes longer
/// than to write them.
#[expect(clippy::disallowed_methods, reason = "this is the one")]
pub fn leave_to_exit<T>(value: T) {
    std::mem::forget(value);
}

/// So much fits into a pipe that nobody reads (pipe(7): at least a page).
const PIPE: usize = 4096;

/// What a git command said.
#[derive(Debug)]
pub struct CommandOutput {
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a git command to its end. Its output as text.
///
/// # Errors
/// Only if it cannot be started.
pub fn heard(command: Command, input: &str) -> Result<CommandOutput> {
    Ok(CommandOutput::from_std(&heard_raw(
        command,
        input.as_bytes(),
    )?))
}

/// As [`heard`], with bytes that need not be text.
pub fn heard_raw(mut command: Command, input: &[u8]) -> Result<std::process::Output> {
    let cannot = |error| Failure::failed(format!("cannot run git: {error}; is it installed?"));
    let untold = |error| Failure::failed(format!("git got no input: {error}"));
    let is_long = input.len() > PIPE;
    if is_long {
        command.stdin(long_input(input).map_err(untold)?);
    }
    let mut child = command.spawn().map_err(cannot)?;
    let fed = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(input),
        None => Ok(()),
    };
    let output = child.wait_with_output().map_err(cannot)?;
    unless_unread(fed).map_err(untold)?;
    Ok(output)
}

/// Input of any length, in a file without a name: a program may print before it has read all, and a pipe would then need a thread that
/// writes while we read.
pub fn long_input(input: &[u8]) -> io::Result<Stdio> {
    let mut file = tempfile::tempfile()?;
    file.write_all(input)?;
    file.rewind()?;
    Ok(Stdio::from(file))
}

/// One that does not read its input is no error; its exit code tells.
pub fn unless_unread(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

impl CommandOutput {
    fn from_std(output: &std::process::Output) -> CommandOutput {
        CommandOutput {
            ok: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a program of the system and waits for it.
///
/// # Errors
/// Only if it cannot be started.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
pub fn try_run(program: &str, args: &[&str]) -> Result<CommandOutput> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::failed(format!("cannot run {program}: {error}")))?;
    Ok(CommandOutput::from_std(&output))
}

/// What a program said on several lines, for a message of one.
pub fn in_one_line(words: &str) -> String {
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

/// Ends the process without what libraries do at its end: an allocator that gives memory back, which goes anyway, is a thirtieth of a
/// hook. What is to be printed must have been flushed.
pub fn leave(code: u8) -> ! {
    signal_hook::low_level::exit(code.into())
}

/// Asks a process to end, as `kill PID` does.
///
/// # Errors
/// If there is no such process, or it belongs to another user.
#[cfg(unix)]
pub fn terminate(pid: &str) -> Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let id = pid.parse().ok().and_then(Pid::from_raw);
    let ended = id.map(|id| kill_process(id, Signal::TERM));
    match ended {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(Failure::failed(format!(
            "cannot end process {pid}: {error}"
        ))),
        None => Err(Failure::failed(format!("`{pid}` is no process ID"))),
    }
}

/// On Windows nothing can ask a program without a window; it is ended.
#[cfg(windows)]
pub fn terminate(pid: &str) -> Result<()> {
    let ended = try_run("taskkill", &["/F", "/PID", pid])?;
    if ended.ok {
        Ok(())
    } else {
        let why = in_one_line(&ended.stderr);
        Err(Failure::failed(format!("cannot end process {pid}: {why}")))
    }
}

/// The command by which a user ends a process that goes on.
pub fn forced_end(pid: &str) -> String {
    if cfg!(windows) {
        format!("taskkill /F /PID {pid}")
    } else {
        format!("kill -9 {pid}")
    }
}

/// The ID of this process.
pub fn id() -> u32 {
    std::process::id()
}

/// The arguments of the process that started this one, its name first; none if the system does not tell.
#[cfg(unix)]
pub fn parent_arguments() -> Vec<String> {
    let parent = std::os::unix::process::parent_id();
    let lossy = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    let told = files::read(Path::new(&format!("/proc/{parent}/cmdline")));
    if let Some(line) = told.ok().flatten().filter(|line| !line.is_empty()) {
        let line = line.strip_suffix(b"\0").unwrap_or(&line);
        return line.split(|byte| *byte == 0).map(lossy).collect();
    }
    // Systems without /proc: where a word ends can only be guessed.
    let said = try_run("ps", &["-ww", "-o", "args=", "-p", &parent.to_string()]);
    let said = said.map_or(String::new(), |output| output.stdout);
    said.split_whitespace().map(str::to_owned).collect()
}

/// Windows tells only programs that may look into others.
#[cfg(windows)]
pub fn parent_arguments() -> Vec<String> {
    Vec::new()
}
