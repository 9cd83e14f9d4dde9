//! Running git, the editor that git names, the system's service manager, and the one command that a user configures. The user's git decides about signing,
//! credentials and configuration.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::failure::{Failure, Result};

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
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
pub fn try_git_with(
    folder: &Path,
    args: &[&str],
    input: &str,
    env: &[(&str, &str)],
) -> Result<Output> {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in LOCAL_ENV {
        command.env_remove(name);
    }
    command.envs(env.iter().copied());
    let cannot = |error| Failure::failed(format!("cannot run git: {error}; is it installed?"));
    let mut child = command.spawn().map_err(cannot)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A git that does not read its input is no error; its exit code tells.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(cannot)?;
    Ok(Output {
        ok: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
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
    Ok(Output {
        ok: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// As [`try_git`]; git's failure is ours, with its words. The standard output, trimmed.
pub fn git(folder: &Path, args: &[&str], input: &str) -> Result<String> {
    let output = try_git(folder, args, input)?;
    if output.ok {
        return Ok(output.stdout.trim_end().to_owned());
    }
    let words = output.stderr.trim().replace('\n', "; ");
    Err(Failure::failed(format!(
        "git {} failed: {words}",
        args.first().unwrap_or(&"")
    )))
}

/// Runs a user's command line in a shell, with `input` on its standard input; what it says on standard error goes to the user's.
/// Its standard output.
///
/// # Errors
/// If it cannot be started, does not end well, or prints what is no text.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts processes"
)]
pub fn shell(folder: &Path, line: &str, input: &str) -> Result<String> {
    let failed = |why: String| Failure::failed(format!("`{line}` failed: {why}"));
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(line)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("cannot run sh: {error}")))?;
    let output = std::thread::scope(|scope| {
        let stdin = child.stdin.take();
        // Beside the reading: a command may print before it has read all.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    });
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("its output is not UTF-8".into()))
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
    let keys_are_ours = leave_keys_to_child();
    let status = command.status();
    keys_are_ours.store(true, Ordering::SeqCst);
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(status.to_string())),
        Err(error) => Err(failed(format!("cannot run sh: {error}"))),
    }
}

/// The terminal sends its interrupt and quit keys to us as well, but in an editor they are commands: dying of them
/// would leave the editor behind without a terminal. Once the flag is set they end us again.
fn leave_keys_to_child() -> Arc<AtomicBool> {
    use signal_hook::{consts, flag};
    let ours = Arc::new(AtomicBool::new(false));
    for signal in [
        consts::SIGINT,
        #[cfg(unix)]
        consts::SIGQUIT,
    ] {
        // Where that cannot be, the keys do what they always do.
        if let Err(error) = flag::register_conditional_default(signal, Arc::clone(&ours)) {
            tracing::warn!("signal {signal} stays as it is: {error}");
        }
    }
    ours
}
