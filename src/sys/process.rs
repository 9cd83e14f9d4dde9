//! Running git, the editor that git names, the system's service manager, and the commands that a user configures. The user's git decides about signing,
//! credentials and configuration.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::domain::failure::{Failure, Result};

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
pub fn heard_raw(mut command: Command, bytes: &[u8]) -> Result<std::process::Output> {
    let cannot = |error| Failure::failed(format!("cannot run git: {error}; is it installed?"));
    let mut child = command.spawn().map_err(cannot)?;
    let stdin = child.stdin.take();
    let (fed, output) = std::thread::scope(|scope| {
        let mut writer = None;
        let mut fed = Ok(());
        match stdin {
            // Beside the reading: git may print before it has read all.
            Some(mut stdin) if bytes.len() > PIPE => {
                writer = Some(scope.spawn(move || stdin.write_all(bytes)));
            }
            Some(mut stdin) => fed = stdin.write_all(bytes),
            None => {}
        }
        let output = child.wait_with_output();
        let written = writer.and_then(|writer| writer.join().ok());
        (written.unwrap_or(fed), output)
    });
    let output = output.map_err(cannot)?;
    unless_unread(fed)
        .map_err(|error| Failure::failed(format!("git was not told what to do: {error}")))?;
    Ok(output)
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

/// The ID of this process.
pub fn id() -> u32 {
    std::process::id()
}
