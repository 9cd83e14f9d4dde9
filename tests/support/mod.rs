//! Repositories for tests: with real git and the real binary, and without this machine's configuration.

#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "shared by several test binaries; a broken set-up shall fail the test"
)]

pub mod cases;
pub mod demo;
pub mod document;
pub mod reference;
pub mod schema;
#[cfg(unix)]
pub mod sessions;
#[cfg(unix)]
pub mod stand_ins;
#[cfg(target_os = "linux")]
pub mod strace;
#[cfg(unix)]
pub mod terminal;
pub mod texts;
#[cfg(unix)]
pub mod watching;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Longest wait of a test for an event. No machine is that slow: after this time the event never comes.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Repeats a check until it returns `Ok`. If it never does, the test fails with the last error.
#[track_caller]
pub fn eventually<T>(mut look: impl FnMut() -> Result<T, String>) -> T {
    let begun = Instant::now();
    loop {
        match look() {
            Ok(found) => return found,
            Err(missing) => assert!(begun.elapsed() < PATIENCE, "{missing}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The state of a process as `ps` shows it, such as `S` or `T`; none for a process that has ended, even if no one has waited for it.
#[cfg(unix)]
pub fn state_of(pid: &str) -> Option<char> {
    let stat = if cfg!(target_os = "linux") {
        fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default()
    } else {
        let ps = Command::new("ps").args(["-o", "stat=", "-p", pid]).output();
        format!(") {}", String::from_utf8_lossy(&ps.unwrap().stdout).trim())
    };
    let (_, state) = stat.rsplit_once(") ")?; // what is before is the name, in parentheses
    state.chars().next().filter(|state| *state != 'Z')
}

/// Variables that set the format of objects and references in new repositories (git(1)).
pub const FORMATS: [&str; 2] = ["GIT_DEFAULT_HASH", "GIT_DEFAULT_REF_FORMAT"];

/// A temporary directory with its own home directory.
pub struct Sandbox {
    folder: tempfile::TempDir,
    /// Formats of new repositories, see [`FORMATS`].
    formats: [Option<String>; 2],
}

/// Result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Asserts success.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Asserts an exit code.
    #[track_caller]
    pub fn code(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

/// A repository in a sandbox.
pub struct Repo<'s> {
    sandbox: &'s Sandbox,
    pub path: PathBuf,
}

/// A process that runs beside the test and ends with it.
pub struct Background(std::process::Child);

impl Background {
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits for the exit code.
    pub fn wait(mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended
        let _ = self.0.wait();
    }
}

impl Sandbox {
    pub fn new() -> Sandbox {
        let folder = tempfile::Builder::new()
            .prefix("relwatch-test-")
            .tempdir()
            .unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        // No test depends on the machine's speed. Only relwatch reads this file; git reads another one.
        let patience = "[relwatch]\n\tdeadline = 60m\n";
        fs::write(folder.path().join("home/.gitconfig"), patience).unwrap();
        // Hooks find the binary in PATH, as they do for users.
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let binary = Path::new(env!("CARGO_BIN_EXE_relwatch"));
        let in_path = bin.join(binary.file_name().unwrap());
        #[cfg(unix)]
        std::os::unix::fs::symlink(binary, in_path).unwrap();
        #[cfg(windows)]
        fs::copy(binary, in_path).unwrap();
        // If these variables are set, all tests run in repositories of another format: see CONTRIBUTING.md.
        let formats = FORMATS.map(|name| std::env::var(name).ok());
        Sandbox { folder, formats }
    }

    /// A sandbox whose repositories have these formats of objects and references, whatever the variables say.
    pub fn with_formats(formats: [&str; 2]) -> Sandbox {
        Sandbox {
            formats: formats.map(|format| Some(format.to_owned())),
            ..Sandbox::new()
        }
    }

    /// A sandbox whose repositories have the old formats: for tests that contain commit IDs.
    pub fn of_old() -> Sandbox {
        Sandbox::with_formats(["sha1", "files"])
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// An empty repository on branch main.
    pub fn repo(&self, name: &str) -> Repo<'_> {
        let repo = self.at(name);
        fs::create_dir_all(&repo.path).unwrap();
        repo.git(&["init", "-q", "-b", "main"]).ok();
        repo
    }

    /// A repository created by other means.
    pub fn at(&self, name: &str) -> Repo<'_> {
        Repo {
            sandbox: self,
            path: self.path().join(name),
        }
    }

    /// A command with a fixed environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = [self.path().join("bin")];
        let path = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&path)));
        command.env_clear();
        #[cfg(windows)]
        command
            .env("SystemRoot", std::env::var_os("SystemRoot").unwrap()) // no program starts without it
            .env("USERPROFILE", self.path().join("home"))
            .env("TMP", self.path().join("tmp"));
        command
            .env("PATH", path.unwrap())
            .env("HOME", self.path().join("home"))
            // Temporary directories of killed processes are removed with the sandbox.
            .env("TMPDIR", self.path().join("tmp"))
            .env("XDG_CONFIG_HOME", self.path().join("home/.config"))
            .env("XDG_STATE_HOME", self.path().join("home/.local/state"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Author")
            .env("GIT_AUTHOR_EMAIL", "author@example.org")
            .env("GIT_COMMITTER_NAME", "Committer")
            .env("GIT_COMMITTER_EMAIL", "committer@example.org")
            // All commits have the same time, so that their IDs are the same with and without relwatch.
            .env("GIT_AUTHOR_DATE", "1769000000 +0000")
            .env("GIT_COMMITTER_DATE", "1769000000 +0000")
            .env("GIT_EDITOR", "true")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("SOURCE_DATE_EPOCH", "1769731200") // 2026-01-30
            .stdin(Stdio::null());
        let formats = FORMATS.iter().zip(&self.formats);
        command.envs(formats.filter_map(|(name, format)| Some((name, format.as_ref()?))));
        command
    }
}

impl Repo<'_> {
    pub fn command(&self, program: &str) -> Command {
        let mut command = self.sandbox.command(program);
        command.current_dir(&self.path);
        command
    }

    /// Runs git here.
    pub fn git(&self, args: &[&str]) -> Ran {
        self.run("git", args, &[])
    }

    /// Runs git, and repeats it if it fails because another program has locked the index.
    pub fn insistent_git(&self, args: &[&str]) -> Ran {
        eventually(|| {
            let ran = self.git(args);
            if ran.code != 0 && ran.stderr.contains(".lock") {
                Err(format!("{ran:?}"))
            } else {
                Ok(ran)
            }
        })
    }

    /// Runs relwatch here. JSON that it prints follows its published schema.
    #[track_caller]
    pub fn relwatch(&self, args: &[&str]) -> Ran {
        let ran = self.run(env!("CARGO_BIN_EXE_relwatch"), args, &[]);
        schema::follows(args, &ran.stdout);
        ran
    }

    /// Starts relwatch here; its output is discarded.
    pub fn background(&self, args: &[&str]) -> Background {
        let mut command = self.command(env!("CARGO_BIN_EXE_relwatch"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Background(command.args(args).spawn().unwrap())
    }

    /// Runs a shell script here.
    pub fn sh(&self, script: &str) -> Ran {
        self.run("sh", &["-c", script], &[])
    }

    /// Runs a program that must not hang: the test fails after [`PATIENCE`].
    #[track_caller]
    pub fn in_time(&self, program: &str, args: &[&str]) -> Ran {
        let mut command = self.command(program);
        command.args(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let pid = child.id().to_string();
        let (sender, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait_with_output()));
        match ended.recv_timeout(PATIENCE) {
            Ok(output) => ran(&output.unwrap()),
            Err(_) => {
                self.run("kill", &["-9", &pid], &[]);
                panic!("{program} {args:?} hangs");
            }
        }
    }

    pub fn run(&self, program: &str, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let output = self
            .command(program)
            .args(args)
            .envs(env.iter().copied())
            .output()
            .unwrap();
        ran(&output)
    }

    /// Writes a file. A relwatch.yml that relwatch reads follows the published schema.
    #[track_caller]
    pub fn write(&self, path: &str, text: &str) {
        if path == "relwatch.yml" {
            schema::accepts(text);
        }
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        String::from_utf8(fs::read(self.path.join(path)).unwrap()).unwrap()
    }

    pub fn exists(&self, path: &str) -> bool {
        self.path.join(path).exists()
    }

    /// Replaces text in a file; fails if the file does not contain the text.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(
            text.contains(from),
            "{path} does not hold {from:?}:\n{text}"
        );
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Writes a file and commits it.
    #[track_caller]
    pub fn commit_file(&self, path: &str, text: &str, message: &str) {
        self.write(path, text);
        self.git(&["add", "--", path]).ok();
        self.git(&["commit", "-q", "-m", message]).ok();
    }

    /// Makes an empty commit.
    #[track_caller]
    pub fn commit(&self, message: &str) {
        self.git(&["commit", "-q", "--allow-empty", "-m", message])
            .ok();
    }

    /// Makes an empty commit without running hooks.
    #[track_caller]
    pub fn commit_unheard(&self, message: &str) {
        let hooks = "core.hooksPath=/dev/null";
        self.git(&["-c", hooks, "commit", "-q", "--allow-empty", "-m", message])
            .ok();
    }

    /// Adds many commits to the branch at once, without hooks.
    #[track_caller]
    pub fn import(&self, messages: impl IntoIterator<Item = String>) {
        let branch = self.git(&["symbolic-ref", "HEAD"]).ok().stdout;
        let branch = branch.trim();
        let commits = messages.into_iter().zip(1_769_000_001..);
        let stream: String = commits
            .map(|(message, at)| {
                let size = message.len();
                let from = match at {
                    1_769_000_001 => format!("from {branch}^0\n"),
                    _ => String::new(),
                };
                format!("commit {branch}\ncommitter A <a@example.org> {at} +0000\ndata {size}\n{message}\n{from}\n")
            })
            .collect();
        self.write("../stream", &stream);
        self.sh("git fast-import --quiet < ../stream && git reset -q --hard")
            .ok();
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
            .ok()
            .stdout
            .trim()
            .to_owned()
    }

    pub fn status(&self) -> String {
        self.git(&["status", "--porcelain"]).ok().stdout
    }

    /// The Unreleased section of the working file, from its heading to the next version.
    pub fn section(&self) -> String {
        let text = self.read("CHANGELOG.md");
        let Some(at) = text.find("## [Unreleased]") else {
            return String::new();
        };
        let rest = &text[at + 15..];
        let end = rest.find("\n## ").unwrap_or(rest.len());
        let end = end.min(rest.find("\n[").unwrap_or(rest.len()));
        rest[..end].trim().to_owned()
    }

    /// Asserts that no release is pending.
    #[track_caller]
    pub fn has_nothing_pending(&self) {
        says(
            &self.relwatch(&["release", "--resume"]).ok(),
            &["nothing is pending"],
        );
    }

    /// The changelog as git stores it at HEAD.
    pub fn stored(&self) -> String {
        self.git(&["show", "HEAD:CHANGELOG.md"]).ok().stdout
    }
}

pub fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

pub const CHANGELOG: &str = "# Changelog

## [Unreleased]

## [0.1.0] - 2026-01-01

### Added

- the first thing
";

/// Sets relwatch up and commits that.
#[track_caller]
pub fn set_up(repo: &Repo<'_>) {
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    let message = "chore: keep the changelog with relwatch";
    repo.git(&["commit", "-q", "-m", message]).ok();
}

/// Commits everything.
#[track_caller]
pub fn commit_all(repo: &Repo<'_>, message: &str) {
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", message]).ok();
}

/// A repository with a changelog and these release tags, in which relwatch is set up.
#[track_caller]
pub fn adopted<'s>(sandbox: &'s Sandbox, file: &str, changelog: &str, tags: &[&str]) -> Repo<'s> {
    let repo = sandbox.repo("r");
    repo.commit_file(file, changelog, "chore: start");
    for tag in tags {
        let message = format!("Release {tag}");
        repo.git(&["tag", "-a", tag, "-m", &message]).ok();
    }
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch\n\nChangelog: skip");
    repo
}

/// A repository with a release 0.1.0 and relwatch set up.
pub fn project<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = sandbox.repo(name);
    repo.write("CHANGELOG.md", CHANGELOG);
    repo.commit_file("file", "1\n", "chore: start");
    repo.git(&["add", "CHANGELOG.md"]).ok();
    repo.git(&["commit", "-q", "-m", "docs: changelog"]).ok();
    repo.git(&["tag", "-a", "v0.1.0", "-m", "Release v0.1.0"])
        .ok();
    set_up(&repo);
    repo
}

/// A project released as 0.1.0 with these files, and a feature after it.
pub fn released_with<'s>(sandbox: &'s Sandbox, name: &str, files: &[(&str, &str)]) -> Repo<'s> {
    let repo = project(sandbox, name);
    for (path, text) in files {
        repo.write(path, text);
    }
    commit_all(&repo, "chore: files");
    repo.git(&["tag", "-f", "-a", "v0.1.0", "-m", "v0.1.0"])
        .ok();
    repo.commit("feat: something");
    repo
}

/// A project with a bare remote `origin` beside it, in sync.
pub fn with_remote<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    repo.sh(&format!("git init -q --bare -b main ../{name}.git && git remote add origin ../{name}.git && git push -q -u --follow-tags origin main")).ok();
    repo
}

/// Commits a configuration; `SANDBOX` is replaced by the sandbox's directory.
pub fn configure(repo: &Repo<'_>, yaml: &str) {
    let here = repo.sandbox.path().to_string_lossy().into_owned();
    repo.write("relwatch.yml", &yaml.replace("SANDBOX", &here));
    repo.git(&["add", "relwatch.yml"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: configure"]).ok();
}

/// Asserts that a command prints all of these, on any stream.
#[track_caller]
pub fn says(ran: &Ran, words: &[&str]) {
    let all = format!("{}{}", ran.stdout, ran.stderr);
    let missing: Vec<_> = words.iter().filter(|word| !all.contains(**word)).collect();
    assert!(missing.is_empty(), "{missing:?} is not in\n{all}");
}

/// Asserts that a text equals `tests/screens/NAME`; `SCREENS=write` updates the file.
#[track_caller]
pub fn is_screen(name: &str, shown: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/screens")
        .join(name);
    if std::env::var("SCREENS").as_deref() == Ok("write") {
        fs::write(path, shown).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap();
    assert!(
        shown == expected,
        "tests/screens/{name} says\n{expected}--- shown is\n{shown}"
    );
}
