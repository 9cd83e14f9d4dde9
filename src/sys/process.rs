//! Running git, the editor that git names, the system's service manager, and the commands that a user configures. The user's git decides about signing,
//! credentials and configuration.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::domain::failure::{Failure, Result};
use crate::domain::step;
use crate::sys::clock;
use crate::sys::lock::Lock;

/// git's own list of variables that bind a process to one repository (`git rev-parse --local-env-vars`). A
/// hook inherits some of them; they must not leak into a git that shall look at the repository afresh.
const LOCAL_ENV: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
];

/// So much fits into a pipe that nobody reads (pipe(7): at least a page).
const PIPE: usize = 4096;

/// What a git command said.
#[derive(Debug)]
pub struct Output {
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `git ARGS` in `folder` with `input` on standard input.
///
/// # Errors
/// Only if git cannot be started; its own failure is in the output.
pub fn try_git(folder: &Path, args: &[&str], input: &str) -> Result<Output> {
    try_git_with(folder, args, input, &[])
}

/// As [`try_git`], with these variables in the environment.
pub fn try_git_with(
    folder: &Path,
    args: &[&str],
    input: &str,
    env: &[(&str, &str)],
) -> Result<Output> {
    let mut command = git_command(folder, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.envs(env.iter().copied());
    heard(command, input)
}

/// As [`try_git`], but a git that outlives us keeps `held` locked until it is done: whoever comes next finds all of its work or
/// none. With input git prints into the lock's file, which nobody reads; without, it reads nothing from it.
pub fn try_git_holding(
    folder: &Path,
    args: &[&str],
    input: Option<&str>,
    held: &Lock,
) -> Result<Output> {
    let mut command = git_command(folder, args);
    match input {
        Some(_) => command.stdin(Stdio::piped()).stdout(held.shared()?),
        None => command.stdin(held.shared()?).stdout(Stdio::piped()),
    };
    heard(command, input.unwrap_or_default())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
fn git_command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(args)
        .stderr(Stdio::piped());
    for name in LOCAL_ENV {
        command.env_remove(name);
    }
    command
}

fn heard(mut command: Command, input: &str) -> Result<Output> {
    let cannot = |error| Failure::failed(format!("cannot run git: {error}; is it installed?"));
    let mut child = command.spawn().map_err(cannot)?;
    let stdin = child.stdin.take();
    let (fed, output) = std::thread::scope(|scope| {
        let bytes = input.as_bytes();
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
    Ok(Output::of(&output))
}

/// One that does not read its input is no error; its exit code tells.
fn unless_unread(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

impl Output {
    fn of(output: &std::process::Output) -> Output {
        Output {
            ok: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// As [`try_git_holding`]; git's failure is ours, with its words.
pub fn git_holding(
    folder: &Path,
    args: &[&str],
    input: Option<&str>,
    held: &Lock,
) -> Result<String> {
    said(args, try_git_holding(folder, args, input, held)?)
}

/// Runs a program of the system and waits for it.
///
/// # Errors
/// Only if it cannot be started.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
pub fn try_run(program: &str, args: &[&str]) -> Result<Output> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::failed(format!("cannot run {program}: {error}")))?;
    Ok(Output::of(&output))
}

/// As [`try_git`]; git's failure is ours, with its words. The standard output, trimmed.
pub fn git(folder: &Path, args: &[&str], input: &str) -> Result<String> {
    said(args, try_git(folder, args, input)?)
}

fn said(args: &[&str], output: Output) -> Result<String> {
    if output.ok {
        return Ok(output.stdout.trim_end().to_owned());
    }
    let words = in_one_line(&output.stderr);
    Err(Failure::failed(format!(
        "git {} failed: {words}",
        args.first().unwrap_or(&"")
    )))
}

/// What a program said on several lines, for a message of one.
pub fn in_one_line(words: &str) -> String {
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

/// Runs a user's command line in a shell, with `input` on its standard input; what it says on standard error goes to the user's.
/// Its standard output.
///
/// # Errors
/// If it cannot be started, does not end well, or prints what is no text.
pub fn shell(folder: &Path, line: &str, input: &str) -> Result<String> {
    let shown = step::in_one_line(line);
    let failed = |why: String| Failure::failed(format!("`{shown}` failed: {why}"));
    let mut child = Job::new(line, folder)
        .shell()
        .args(["-ec", line])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("cannot run sh: {error}")))?;
    let output = std::thread::scope(|scope| {
        let stdin = child.stdin.take();
        // Beside the reading: a command may print before it has read all.
        let writer = scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        let output = child.wait_with_output()?;
        unless_unread(writer.join().ok().flatten().unwrap_or(Ok(())))?;
        Ok(output)
    });
    let output = output.map_err(|error: io::Error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("its output is not UTF-8".into()))
}

/// Whether a user's command line ends well. It may fail, so nobody sees what it says, but in the log.
///
/// # Errors
/// If it cannot be started.
pub fn succeeds(folder: &Path, line: &str) -> Result<bool> {
    let job = Job::new(line, folder);
    let mut command = job.shell();
    command.args(["-ec", line]).stdin(Stdio::null());
    let output = command.output().map_err(|error| job.cannot(&error))?;
    let said = String::from_utf8_lossy(&output.stderr);
    tracing::info!("`{line}`: {}, {}", output.status, in_one_line(&said));
    Ok(output.status.success())
}

/// A line for the shell that is not to be touched by what happens to us. Of several lines the first one that fails ends it.
#[derive(Debug)]
pub struct Job<'a> {
    pub line: &'a str,
    pub folder: &'a Path,
    pub env: &'a [(String, String)],
}

/// How a watched job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Well,
    /// Why not, in words.
    Badly(String),
    TimedOut,
    /// The user pressed Ctrl-C.
    Interrupted,
}

/// Runs a job and hands on what it says, line by line. It belongs to a group of its own: past its limit, or on Ctrl-C, all of
/// the group is ended.
///
/// # Errors
/// If it cannot be started.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
pub fn watched(
    job: &Job<'_>,
    limit: Option<Duration>,
    interruption: &Interruption,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Ended> {
    let mut command = job.shell();
    command.args(["-ec", job.line]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| job.cannot(&error))?;
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child
            .stdout
            .take()
            .map(|s| Box::new(s) as Box<dyn Read + Send>),
        child
            .stderr
            .take()
            .map(|s| Box::new(s) as Box<dyn Read + Send>),
    ];
    std::thread::scope(|scope| {
        for stream in streams.into_iter().flatten() {
            scope.spawn(move || {
                for line in BufReader::new(stream)
                    .split(b'\n')
                    .map_while(io::Result::ok)
                {
                    say(&String::from_utf8_lossy(&line));
                }
            });
        }
        let started = clock::stopwatch();
        loop {
            let ended = match child.try_wait().map_err(|error| job.cannot(&error))? {
                // What it left running in the background ends with it, or its output would never end.
                Some(status) if status.success() => Ended::Well,
                Some(status) => Ended::Badly(status.to_string()),
                None if interruption.came() => Ended::Interrupted,
                None if limit.is_some_and(|limit| started.is_past(limit)) => Ended::TimedOut,
                None => {
                    std::thread::sleep(Duration::from_millis(10));
                    continue;
                }
            };
            end_group(&mut child);
            return Ok(ended);
        }
    })
}

/// Ends a job with everything that it has started.
#[cfg(unix)]
fn end_group(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = Pid::from_raw(child.id().cast_signed()) {
        // Gone already is as good.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(not(unix))]
fn end_group(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Ctrl-C, or the request to end, sets this instead of ending us, until it is dropped.
pub struct Interruption(());

impl Interruption {
    /// From now on.
    pub fn watch() -> Interruption {
        let signals = Signals::ours();
        signals.pressed.store(false, Ordering::SeqCst);
        signals.waited_for.store(true, Ordering::SeqCst);
        Interruption(())
    }

    /// Whether it was pressed.
    pub fn came(&self) -> bool {
        Signals::ours().pressed.load(Ordering::SeqCst)
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        let signals = Signals::ours();
        signals.pressed.store(false, Ordering::SeqCst); // what came was for this
        signals.waited_for.store(false, Ordering::SeqCst);
    }
}

/// Has Ctrl-C say `last_words` and end us with 130, where no [`Interruption`] waits for it. What we are at is whole or not there:
/// it bears to be killed.
pub fn on_interruption(last_words: impl Fn() + Send + Sync + 'static) {
    let _ = LAST_WORDS.set(Box::new(last_words)); // once is enough
    Signals::ours();
}

/// While it lives no signal of the terminal ends us: what is written belongs together.
#[expect(dead_code, reason = "it is held, not read")]
pub struct Undisturbed(Option<Interruption>);

/// For some milliseconds. In a hook the signals that come later are not heard any more either: it ends anyway.
pub fn undisturbed() -> Undisturbed {
    if LAST_WORDS.get().is_some() {
        return Undisturbed(Some(Interruption::watch()));
    }
    #[cfg(unix)]
    for signal in ENDING {
        // Where that cannot be, it is as disturbed as ever.
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
    Undisturbed(None)
}

/// Ctrl-C, the request to end, a terminal that went away, Ctrl-\.
#[cfg(unix)]
const ENDING: [i32; 4] = {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
};

static LAST_WORDS: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// What the signals of the terminal do to us: registered once, since what was registered stays for ever.
struct Signals {
    /// Whether an [`Interruption`] waits for them; else they end us.
    waited_for: Arc<AtomicBool>,
    pressed: Arc<AtomicBool>,
}

impl Signals {
    fn ours() -> &'static Signals {
        static SIGNALS: OnceLock<Signals> = OnceLock::new();
        SIGNALS.get_or_init(|| {
            let signals = Signals {
                waited_for: Arc::new(AtomicBool::new(false)),
                pressed: Arc::new(AtomicBool::new(false)),
            };
            // Where that cannot be, the keys do what they always do.
            if let Err(error) = signals.register() {
                tracing::warn!("Ctrl-C ends without a word: {error}");
            }
            signals
        })
    }

    #[cfg(unix)]
    fn register(&self) -> io::Result<()> {
        use signal_hook::{flag, low_level::pipe};
        let (mut reader, writer) = std::os::unix::net::UnixStream::pair()?;
        for signal in ENDING {
            flag::register(signal, Arc::clone(&self.pressed))?;
            pipe::register(signal, writer.try_clone()?)?;
        }
        let (waited_for, pressed) = (Arc::clone(&self.waited_for), Arc::clone(&self.pressed));
        std::thread::spawn(move || {
            while reader.read_exact(&mut [0]).is_ok() {
                if !waited_for.load(Ordering::SeqCst) && pressed.load(Ordering::SeqCst) {
                    end_at_once();
                }
            }
        });
        Ok(())
    }

    #[cfg(not(unix))]
    fn register(&self) -> io::Result<()> {
        signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&self.pressed))
            .map(drop)
    }
}

#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "a signal ends a process wherever it is"
)]
fn end_at_once() {
    if let Some(say) = LAST_WORDS.get() {
        say();
    }
    std::process::exit(130); // as a shell says of a program that Ctrl-C has ended
}

/// Runs a job to its end, come what may to us: it holds the lock until it is done, prints where we print errors, and leaves a
/// file at `receipt` once it has ended well.
///
/// # Errors
/// If it cannot be started or does not end well.
pub fn finish(job: &Job<'_>, receipt: &Path, held: &Lock) -> Result<()> {
    // A parenthesis of its own, so that `exit` in the line leaves no more than that; no `&&`, which would make `-e` void in it.
    const WITH_RECEIPT: &str = "(eval \"$1\") >&2\n: > \"$2\"";
    let mut command = job.shell();
    command
        .args(["-ec", WITH_RECEIPT, "sh", job.line])
        .arg(receipt);
    command.stdin(held.shared()?);
    let status = command.status().map_err(|error| job.cannot(&error))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::failed(format!(
            "`{}` failed: {status}",
            step::in_one_line(job.line)
        ))),
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

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that starts processes"
    )]
    fn shell(&self) -> Command {
        let mut command = Command::new("sh");
        command.current_dir(self.folder);
        command.envs(self.env.iter().cloned());
        for name in LOCAL_ENV {
            command.env_remove(name);
        }
        command
    }

    fn cannot(&self, error: &io::Error) -> Failure {
        Failure::failed(format!("`{}` cannot be run: {error}", self.line))
    }
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

/// Starts a program that outlives this process: it reads nothing, prints nowhere and belongs to no terminal's job. Its process ID.
///
/// # Errors
/// If it cannot be started.
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
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let started = command.spawn();
    let child = started
        .map_err(|error| Failure::failed(format!("cannot start {}: {error}", program.display())))?;
    Ok(child.id())
}

/// Opens `file` in `editor` as git does: a shell reads the editor's words, so that they may be quoted and carry
/// arguments; terminal and environment are the user's own. Returns when the editor is done.
///
/// # Errors
/// If the editor cannot be started or does not end well.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
pub fn edit(folder: &Path, editor: &str, file: &Path) -> Result<()> {
    let failed = |why: String| {
        Failure::failed(format!(
            "the editor `{editor}` failed ({why}); GIT_EDITOR or `git config core.editor` sets another one"
        ))
    };
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{editor} \"$@\""))
        .arg(editor)
        .arg(file)
        .current_dir(folder);
    // The terminal sends its interrupt and quit keys to us as well, but in an editor they are commands: dying of them would leave
    // the editor behind without a terminal.
    let keys = Interruption::watch();
    let status = command.status();
    drop(keys);
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(status.to_string())),
        Err(error) => Err(failed(format!("cannot run sh: {error}"))),
    }
}
