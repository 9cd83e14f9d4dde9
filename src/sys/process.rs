//! Runs git, git's configured editor, the system's service manager, and the commands that a user configures. The user's git handles
//! signing, credentials and configuration.

use std::io::{self, Seek, Write};
#[cfg(unix)]
use std::path::Path;
use std::process::{Command, Stdio};

use crate::domain::failure::{Failure, Result};
#[cfg(unix)]
use crate::sys::files;

/// Leaves memory to be freed when the process exits, which is soon: freeing thousands of entries one by one takes longer than writing them.
#[expect(clippy::disallowed_methods, reason = "this is the one")]
pub fn leave_to_exit<T>(value: T) {
    std::mem::forget(value);
}

/// Number of bytes that fit into a pipe that nobody reads (pipe(7): at least a page).
const PIPE: usize = 4096;

/// The output of a git command.
#[derive(Debug)]
pub struct CommandOutput {
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a git command to its end. Returns its output as text.
///
/// # Errors
/// Fails only if it cannot be started.
pub fn heard(command: Command, input: &str) -> Result<CommandOutput> {
    Ok(CommandOutput::from_std(&heard_raw(
        command,
        input.as_bytes(),
    )?))
}

/// The same as [`heard`], with bytes that need not be text.
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

/// Input of any length, in an unnamed file. A pipe would need a thread that writes while we read, because a program may print before it has
/// read all its input.
pub fn long_input(input: &[u8]) -> io::Result<Stdio> {
    let mut file = tempfile::tempfile()?;
    file.write_all(input)?;
    file.rewind()?;
    Ok(Stdio::from(file))
}

/// Ignores the error of a program that does not read its input: its exit code matters.
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
/// Fails only if it cannot be started.
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

/// The output of a program joined into one line, for a message.
pub fn in_one_line(words: &str) -> String {
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

/// Ends the process without the cleanup of libraries: an allocator that frees memory before exit takes a thirtieth of a hook's time. Output
/// must have been flushed.
pub fn leave(code: u8) -> ! {
    signal_hook::low_level::exit(code.into())
}

/// Sends a process the signal to end, as `kill PID` does.
///
/// # Errors
/// Fails if there is no such process, or if it belongs to another user.
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

/// Ends a process. On Windows a program without a window cannot be asked to end.
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

/// The command with which a user ends a process that does not end.
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

/// The arguments of the process that started this one, starting with its name. Empty if the system does not provide them.
#[cfg(unix)]
pub fn parent_arguments() -> Vec<String> {
    let parent = std::os::unix::process::parent_id();
    let lossy = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    let told = files::read(Path::new(&format!("/proc/{parent}/cmdline")));
    if let Some(line) = told.ok().flatten().filter(|line| !line.is_empty()) {
        let line = line.strip_suffix(b"\0").unwrap_or(&line);
        return line.split(|byte| *byte == 0).map(lossy).collect();
    }
    // Systems without /proc: word boundaries can only be guessed.
    let said = try_run("ps", &["-ww", "-o", "args=", "-p", &parent.to_string()]);
    let said = said.map_or(String::new(), |output| output.stdout);
    said.split_whitespace().map(str::to_owned).collect()
}

/// Always empty: Windows provides them only to programs that may inspect others.
#[cfg(windows)]
pub fn parent_arguments() -> Vec<String> {
    Vec::new()
}
