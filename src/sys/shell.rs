//! The user's commands: gates, steps, the editor.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::domain::failure::{Failure, Result};
use crate::domain::release::step;
use crate::sys::binding::{self, LOCAL_ENV};
use crate::sys::lock::ReleaseLock;
use crate::sys::process_group::{self, ProcessGroup};
use crate::sys::signals::Interruption;
use crate::sys::{clock, files, process};

/// Runs a user's command line in a shell, with `input` on its standard input. Its standard error is passed through to the user. Returns its
/// standard output.
///
/// # Errors
/// Fails if it cannot be started, exits with an error, or prints something that is not text.
pub fn shell(folder: &Path, line: &str, input: &str) -> Result<String> {
    let shown = step::in_one_line(line);
    let failed = |why: String| Failure::failed(format!("`{shown}` failed: {why}"));
    let stdin = process::long_input(input.as_bytes()).map_err(|error| failed(error.to_string()))?;
    let child = Job::new(line, folder)
        .shell()
        .args(["-ec", line])
        .stdin(stdin)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| no_shell(failed(format!("cannot run sh: {error}"))))?;
    let output = child.wait_with_output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("its output is not UTF-8".into()))
}

/// Runs the command of a git filter as git itself would, in git's own environment. Returns its standard output.
///
/// # Errors
/// Fails if it cannot be started or exits with an error.
pub fn filtered(folder: &Path, line: &str, input: &[u8]) -> Result<Vec<u8>> {
    let mut command = sh();
    command.current_dir(folder).args(["-c", line]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let output = process::heard_raw(command, input)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let status = output.status;
        Err(Failure::failed(format!("`{line}` failed: {status}")))
    }
}

/// Whether a user's command line succeeds. It may fail, so its output goes only to the log.
///
/// # Errors
/// Fails if it cannot be started.
pub fn succeeds(folder: &Path, line: &str) -> Result<bool> {
    let job = Job::new(line, folder);
    let mut command = job.shell();
    command.args(["-ec", line]).stdin(Stdio::null());
    let output = command.output().map_err(|error| job.cannot(&error))?;
    let said = String::from_utf8_lossy(&output.stderr);
    tracing::info!(
        "`{line}`: {}, {}",
        output.status,
        process::in_one_line(&said)
    );
    Ok(output.status.success())
}

/// A command line for the shell, isolated from signals to this process. If it has several lines, the first one that fails ends it.
#[derive(Debug)]
pub struct Job<'a> {
    pub line: &'a str,
    pub folder: &'a Path,
    pub env: &'a [(String, String)],
}

/// The outcome of a watched job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Well,
    /// The job failed, with the reason.
    Badly(String),
    TimedOut,
    /// The user pressed Ctrl-C.
    Interrupted,
}

/// The output of a job, and its outcome.
#[derive(Debug)]
pub struct Answer {
    pub ended: Ended,
    pub said: String,
    /// The standard error output.
    pub complaint: String,
}

/// Maximum number of bytes kept of an output.
const MOST_SAID: usize = 32 * 1024 * 1024;

/// Runs a job with `input` on its standard input, as [`watched`] does, and returns its output.
///
/// # Errors
/// Fails if it cannot be started.
pub fn asked(
    job: &Job<'_>,
    input: &str,
    limit: Duration,
    interruption: &Interruption,
) -> Result<Answer> {
    let stdin = process::long_input(input.as_bytes()).map_err(|error| job.cannot(&error))?;
    let texts = [Mutex::new(String::new()), Mutex::new(String::new())];
    let hear = |text: &Mutex<String>, line: &str| {
        let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
        if text.len() < MOST_SAID {
            text.push_str(line);
            text.push('\n');
        }
    };
    let (out, errors) = (
        |line: &str| hear(&texts[0], line),
        |line: &str| hear(&texts[1], line),
    );
    let ended = followed(job, stdin, Some(limit), interruption, [&out, &errors])?;
    let [said, complaint] =
        texts.map(|text| text.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(Answer {
        ended,
        said,
        complaint,
    })
}

/// Runs a job and passes its output on, line by line. The job has its own process group, which is ended as a whole at the time limit or on
/// Ctrl-C.
///
/// # Errors
/// Fails if it cannot be started.
pub fn watched(
    job: &Job<'_>,
    limit: Option<Duration>,
    interruption: &Interruption,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Ended> {
    followed(job, Stdio::null(), limit, interruption, [say, say])
}

#[expect(clippy::disallowed_methods, reason = "waits for a child")]
fn followed(
    job: &Job<'_>,
    stdin: Stdio,
    limit: Option<Duration>,
    interruption: &Interruption,
    say: [&(dyn Fn(&str) + Sync); 2],
) -> Result<Ended> {
    let mut command = job.shell();
    command.args(["-ec", job.line]);
    command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = ProcessGroup::start(command).map_err(|error| job.cannot(&error))?;
    let out = group.leader.stdout.take();
    let errors = group.leader.stderr.take();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        out.map(|stream| Box::new(stream) as Box<dyn Read + Send>),
        errors.map(|stream| Box::new(stream) as Box<dyn Read + Send>),
    ];
    std::thread::scope(|scope| {
        for (stream, say) in streams.into_iter().zip(say) {
            let Some(stream) = stream else {
                continue;
            };
            let read = move || {
                for line in BufReader::new(stream)
                    .split(b'\n')
                    .map_while(io::Result::ok)
                {
                    say(&String::from_utf8_lossy(&line));
                }
            };
            // Without a reader the job would block on its output.
            if let Err(error) = std::thread::Builder::new().spawn_scoped(scope, read) {
                group.end();
                return Err(job.cannot(&error));
            }
        }
        let started = clock::stopwatch();
        loop {
            let status = group.leader.try_wait();
            let ended = match status.map_err(|error| job.cannot(&error))? {
                // Background processes of the job are ended too, otherwise its output would never end.
                Some(status) if status.success() => Ended::Well,
                Some(status) => Ended::Badly(status.to_string()),
                None if interruption.came() => Ended::Interrupted,
                None if limit.is_some_and(|limit| started.is_past(limit)) => Ended::TimedOut,
                None => {
                    std::thread::sleep(Duration::from_millis(10));
                    continue;
                }
            };
            group.end();
            return Ok(ended);
        }
    })
}

/// Runs a job to its end even if we are killed: it keeps the lock until it is done, prints to our standard error, and creates a file at
/// `receipt` once it has succeeded.
///
/// # Errors
/// Fails if it cannot be started or exits with an error.
pub fn finish(job: &Job<'_>, receipt: &Path, held: &ReleaseLock) -> Result<()> {
    // The parentheses limit `exit` in the line to the subshell. `&&` is avoided because it would disable `-e` in the line.
    const WITH_RECEIPT: &str = "(eval \"$1\") >&2\n: > \"$2\"";
    let mut command = job.shell();
    command
        .args(["-ec", WITH_RECEIPT, "sh", job.line])
        .arg(receipt);
    command.stdin(held.lock().shared()?);
    let status = command.status().map_err(|error| job.cannot(&error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::failed(format!(
            "`{}` failed: {status}",
            step::in_one_line(job.line)
        )))
    }
}

impl<'a> Job<'a> {
    fn new(line: &'a str, folder: &'a Path) -> Job<'a> {
        Job {
            line,
            folder,
            env: &[],
        }
    }

    fn shell(&self) -> Command {
        let mut command = sh();
        command.current_dir(self.folder);
        command.envs(self.env.iter().cloned());
        binding::leave_own(&mut command, self.folder, |_| true);
        command
    }

    fn cannot(&self, error: &io::Error) -> Failure {
        no_shell(Failure::failed(format!(
            "`{}` cannot be run: {error}",
            self.line
        )))
    }
}

/// The shell that runs users' commands, as git runs them.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
fn sh() -> Command {
    if cfg!(windows) {
        static FOUND: OnceLock<PathBuf> = OnceLock::new();
        return Command::new(FOUND.get_or_init(shell_of_git));
    }
    Command::new("sh")
}

/// The shell that git for Windows includes, which is not in the user's PATH: `bin\sh.exe` beside `mingw64\libexec\git-core`.
fn shell_of_git() -> PathBuf {
    const NAMES: [&str; 2] = ["bin/sh.exe", "usr/bin/sh.exe"];
    let said = process::try_run("git", &["--exec-path"]);
    let folder = PathBuf::from(said.map_or(String::new(), |said| said.stdout.trim().to_owned()));
    let above = folder.ancestors().skip(1).take(3);
    let mut places = above.flat_map(|root| NAMES.map(|name| files::at(root, name)));
    places
        .find(|place| files::is_file(place))
        .unwrap_or_else(|| PathBuf::from("sh"))
}

fn no_shell(failure: Failure) -> Failure {
    if cfg!(windows) {
        failure.with_remedy("commands are run by the sh of git for Windows; install that, or put sh.exe into a directory of PATH")
    } else {
        failure
    }
}

/// Starts a program that outlives this process: without input, output or terminal. Returns its process ID.
///
/// # Errors
/// Fails if it cannot be started.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
pub fn detach(program: &Path, args: &[&str]) -> Result<u32> {
    let mut command = Command::new(program);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    for name in LOCAL_ENV {
        command.env_remove(name);
    }
    process_group::without_terminal(&mut command);
    let started = command.spawn();
    let child = started
        .map_err(|error| Failure::failed(format!("cannot start {}: {error}", program.display())))?;
    Ok(child.id())
}

/// Opens `file` in `editor` as git does: a shell reads the editor's command, so that it may be quoted and have arguments. Terminal and
/// environment are the user's own. Returns when the editor is closed.
///
/// # Errors
/// Fails if the editor cannot be started or exits with an error.
pub fn edit(folder: &Path, editor: &str, file: &Path) -> Result<()> {
    let failed = |why: String| {
        Failure::failed(format!("the editor `{editor}` failed ({why})"))
            .with_remedy("GIT_EDITOR or `git config core.editor` sets another one")
    };
    let mut command = sh();
    command
        .arg("-c")
        .arg(format!("{editor} \"$@\""))
        .arg(editor)
        .arg(file)
        .current_dir(folder);
    // The terminal also sends its interrupt and quit keys to us, but in an editor they are commands: if we ended, the editor would remain
    // without a terminal.
    let keys = Interruption::watch();
    let status = command.status();
    drop(keys);
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(status.to_string())),
        Err(error) => Err(no_shell(failed(format!("cannot run sh: {error}")))),
    }
}
