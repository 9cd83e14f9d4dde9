//! Every system call that writes fails once, or is the last one: files stay whole, git's repository too, and the next run
//! brings what the command was about, or nothing of it.
//!
//! strace makes the n-th call of a kind fail, or kills at it. `FAULTS=all cargo test --test heavy faults:: -- --nocapture` does so with every
//! n of every kind; without it with some of each command; `CASE=name` tries one command, `FAULT` one fault of it. Without strace it says so; continuous integration has it.

#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;

use crate::support::{CHANGELOG, Ran, Repo, Sandbox, cases, project, ran, strace};

const RELWATCH: &str = env!("CARGO_BIN_EXE_relwatch");

/// Kinds of calls that write, and how they fail. Those with `?` are not there on every processor.
const CALLS: &[(&str, &[&str])] = &[
    ("write", &["error=ENOSPC", "error=EIO", "error=EINTR"]),
    ("pwrite64", &["error=ENOSPC"]),
    ("writev", &["error=ENOSPC"]),
    ("openat", &["error=EACCES", "error=EMFILE"]),
    ("?rename", &["error=EIO", "error=EACCES"]),
    ("renameat", &["error=EIO", "error=ENOSPC"]),
    ("renameat2", &["error=EIO"]),
    ("?link", &["error=EIO"]),
    ("linkat", &["error=EIO"]),
    ("?unlink", &["error=EIO", "error=EACCES"]),
    ("unlinkat", &["error=EIO", "error=EACCES"]),
    ("?rmdir", &["error=EIO"]),
    ("?mkdir", &["error=ENOSPC", "error=EACCES"]),
    ("mkdirat", &["error=ENOSPC", "error=EACCES"]),
    ("ftruncate", &["error=EIO"]),
    ("fsync", &["error=EIO"]),
    ("fdatasync", &["error=EIO"]),
    ("?chmod", &["error=EACCES"]),
    ("fchmod", &["error=EACCES"]),
    ("fchmodat", &["error=EACCES"]),
    ("utimensat", &["error=EACCES"]),
    ("flock", &["error=ENOLCK"]),
    ("?symlink", &["error=EIO"]),
];

const KILL: &str = "signal=KILL";

/// A command, in a repository made ready for it.
struct Case {
    name: &'static str,
    make: fn(&Repo<'_>),
    args: &'static [&'static str],
    /// Goes to its standard input.
    input: Option<&'static str>,
    /// What a person does next.
    next: &'static [&'static str],
    /// It exits with 0 whatever happens, unless it is killed.
    always_0: bool,
}

const COMMAND: Case = Case {
    name: "",
    make: |_| {},
    args: &[],
    input: None,
    next: &["update"],
    always_0: false,
};

fn unheard(repo: &Repo<'_>) {
    repo.commit_unheard("feat: set a timeout for locks (#12)");
}

fn with_work(repo: &Repo<'_>) {
    repo.commit_file(
        ".chant/specs/2026-01-29-004-jkl.md",
        "---\nstatus: completed\ntype: feature\ncompleted_at: 2026-01-29\n---\n# A timeout\n",
        "feat: everything (#2)",
    );
    repo.commit_file(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.1.0\"\n",
        "fix: crash (#3)",
    );
}

fn released(repo: &Repo<'_>) {
    with_work(repo);
    repo.relwatch(&["release", "--yes"]).ok();
}

fn commands() -> Vec<Case> {
    vec![
        Case {
            name: "update",
            make: unheard,
            args: &["update"],
            ..COMMAND
        },
        Case {
            name: "update, all state lost",
            make: |repo| {
                repo.commit("feat: heard (#11)"); // its line stays: another one that is missing looks deleted
                unheard(repo);
                repo.sh("rm -rf .git/relwatch").ok();
            },
            args: &["update"],
            ..COMMAND
        },
        Case {
            name: "update, state damaged",
            make: |repo| {
                repo.commit("feat: heard (#11)");
                unheard(repo);
                repo.write(".git/relwatch/view.json", "nobody can read this");
            },
            args: &["update"],
            ..COMMAND
        },
        Case {
            name: "hook post-commit",
            make: unheard,
            args: &["hook", "post-commit"],
            always_0: true,
            ..COMMAND
        },
        Case {
            name: "filter clean",
            make: with_work,
            args: &["filter", "clean", "CHANGELOG.md"],
            input: Some("CHANGELOG.md"),
            ..COMMAND
        },
        Case {
            name: "init",
            make: |repo| {
                repo.relwatch(&["hooks", "uninstall"]).ok();
                repo.sh("git rm -q --cached -r . && rm -rf relwatch.yml .gitattributes CHANGELOG.md .git/info/attributes && git add -A && git commit -q -m 'chore: without'").ok();
            },
            args: &["init"],
            next: &["init"],
            ..COMMAND
        },
        Case {
            name: "hooks uninstall",
            make: with_work,
            args: &["hooks", "uninstall"],
            next: &["hooks", "uninstall"],
            ..COMMAND
        },
        Case {
            name: "hooks install",
            make: |repo| {
                repo.relwatch(&["hooks", "uninstall"]).ok();
                repo.write(".git/hooks/post-commit", "#!/bin/sh\nexit 0\n");
                repo.sh("chmod +x .git/hooks/post-commit").ok();
            },
            args: &["hooks", "install"],
            next: &["hooks", "install"],
            ..COMMAND
        },
        Case {
            name: "merge-driver",
            make: |repo| {
                repo.write("base", CHANGELOG);
                repo.write("ours", &CHANGELOG.replace("## [0", "- ours (#1)\n\n## [0"));
                repo.write(
                    "theirs",
                    &CHANGELOG.replace("first thing", "first thing, and the second"),
                );
            },
            args: &[
                "merge-driver",
                "base",
                "ours",
                "theirs",
                "7",
                "CHANGELOG.md",
            ],
            ..COMMAND
        },
        Case {
            name: "skip",
            make: with_work,
            args: &["skip", "#3"],
            ..COMMAND
        },
        Case {
            name: "hold",
            make: with_work,
            args: &["hold", "2026-01-29-004-jkl"],
            ..COMMAND
        },
        Case {
            name: "release --finish",
            make: |repo| {
                released(repo);
                repo.relwatch(&["branch", "hotfix", "v0.2.0"]).ok();
                repo.git(&["switch", "-q", "main"]).ok();
                repo.commit_file("a", "1\n", "feat: pages (#5)");
                repo.relwatch(&["release", "--yes"]).ok();
                repo.git(&["switch", "-q", "hotfix/v0.2.1"]).ok();
                repo.commit_file("b", "1\n", "fix: a leak (#6)");
                repo.relwatch(&["release", "--yes"]).ok();
            },
            args: &["release", "--finish"],
            next: &["release", "--finish"],
            ..COMMAND
        },
        Case {
            name: "release --notes-file",
            make: |repo| {
                with_work(repo);
                repo.write(".git/notes", "### Added\n\n- Worded by a person (#2)\n");
            },
            args: &["release", "--yes", "--notes-file", ".git/notes"],
            next: &["release", "--resume"],
            ..COMMAND
        },
        Case {
            name: "prepare",
            make: with_work,
            args: &["prepare"],
            next: &["prepare"],
            ..COMMAND
        },
        Case {
            name: "version --set",
            make: with_work,
            args: &["version", "--set", "0.3.0"],
            next: &["update"],
            ..COMMAND
        },
        Case {
            name: "release",
            make: with_work,
            args: &["release", "--yes"],
            next: &["release", "--resume"],
            ..COMMAND
        },
        Case {
            name: "release --port",
            make: |repo| {
                repo.git(&["branch", "other"]).ok();
                with_work(repo);
            },
            args: &["release", "--yes", "--port", "other"],
            next: &["release", "--resume"],
            ..COMMAND
        },
        Case {
            name: "undo",
            make: released,
            args: &["undo", "--yes"],
            next: &["release", "--resume"],
            ..COMMAND
        },
        Case {
            name: "port",
            make: |repo| {
                let log = |section: &str| CHANGELOG.replace("## [0", &format!("{section}## [0"));
                repo.git(&["switch", "-q", "-c", "0.1.x"]).ok();
                repo.commit_file("CHANGELOG.md", &log("## [0.1.1]\n\n- x\n\n"), "fix: x");
                repo.git(&["tag", "v0.1.1"]).ok();
                repo.git(&["switch", "-q", "main"]).ok();
                repo.commit("feat: heard (#11)");
                // Changes of a person's, staged and not.
                repo.edit("CHANGELOG.md", "the first thing", "the very first thing");
                repo.git(&["add", "CHANGELOG.md"]).ok();
                repo.edit("CHANGELOG.md", "very first", "very, very first");
            },
            args: &["port", "0.1.1"],
            next: &["release", "--resume"],
            ..COMMAND
        },
        Case {
            name: "archive",
            make: |repo| {
                repo.write("relwatch.yml", "archive: after-publish\n");
                repo.git(&["add", "."]).ok();
                repo.git(&["commit", "-q", "-m", "chore: configure"]).ok();
                released(repo);
            },
            args: &["archive"],
            ..COMMAND
        },
    ]
}

/// All that a user or git can see.
fn state(repo: &Repo<'_>) -> String {
    repo.sh("git for-each-ref; git symbolic-ref HEAD; git ls-files -s; git status --porcelain --ignored; git config --local -l | sort; for f in CHANGELOG.md relwatch.yml .gitattributes ours .git/info/attributes $(ls -d .git/hooks/* .chant/specs/* .chant/archive/*/* 2>/dev/null | grep -v sample); do echo \"== $f\"; ls -l \"$f\" 2>/dev/null | cut -c1-10; cat \"$f\" 2>/dev/null; done; ls .git/relwatch/release.json 2>/dev/null; true").ok().stdout
}

fn copied<'s>(sandbox: &'s Sandbox, template: &str) -> Repo<'s> {
    let copy =
        format!("rm -rf run && cp -a '{template}' run && git -C run update-index -q --refresh");
    let mut shell = sandbox.command("sh");
    let status = shell
        .args(["-c", &copy])
        .current_dir(sandbox.path())
        .status();
    assert!(status.unwrap().success());
    sandbox.at("run")
}

fn command(repo: &Repo<'_>, program: &str, args: &[&str], case: &Case) -> Command {
    let mut command = repo.command(program);
    command.args(args).args(case.args);
    if let Some(path) = case.input {
        command.stdin(fs::File::open(repo.path.join(path)).unwrap());
    }
    command
}

/// Runs a case with one fault; the calls of its kind come back.
fn faulty(repo: &Repo<'_>, case: &Case, call: &str, fault: &str) -> (Ran, String) {
    let log = repo.path.parent().unwrap().join("trace");
    let _ = fs::remove_file(&log);
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:{fault}");
    let path = log.to_string_lossy().into_owned();
    let mut args = vec!["-qq", "-o", &path, "-e", &trace];
    if !fault.is_empty() {
        args.extend(["-e", &inject]);
    }
    args.push(RELWATCH);
    let output = command(repo, "strace", &args, case).output().unwrap();
    (ran(&output), fs::read_to_string(&log).unwrap())
}

/// Each kind of call that the case makes, and how often.
fn calls(sandbox: &Sandbox, case: &Case) -> Vec<(&'static str, &'static [&'static str], usize)> {
    let all: Vec<&str> = CALLS.iter().map(|(call, _)| *call).collect();
    let (ran, trace) = faulty(&copied(sandbox, case.name), case, &all.join(","), "");
    ran.ok();
    let count = |call: &str| {
        let begin = format!("{}(", call.trim_start_matches('?'));
        trace
            .lines()
            .filter(|line| line.starts_with(&begin))
            .count()
    };
    CALLS
        .iter()
        .map(|(call, faults)| (*call, *faults, count(call)))
        .collect()
}

/// What a fault came to, after the next command.
#[derive(PartialEq, Eq)]
enum End {
    /// The call was not made this time, or what failed is no concern of ours.
    NoFault,
    AsBefore,
    Done,
}

/// How the repository of a case looks at each of its moments.
struct Known {
    file_before: Option<Vec<u8>>,
    file_after: Option<Vec<u8>>,
    before: String,
    /// After the next command alone.
    next_only: String,
    /// After the command of the case alone.
    done_only: String,
    /// After both.
    done: String,
    /// What the command prints.
    printed: Vec<u8>,
}

impl Known {
    fn of(sandbox: &Sandbox, case: &Case) -> Known {
        let file = |repo: &Repo<'_>| fs::read(repo.path.join("CHANGELOG.md")).ok();
        let clean = copied(sandbox, case.name);
        let (file_before, before) = (file(&clean), state(&clean));
        clean.relwatch(case.next);
        let next_only = state(&clean);
        let clean = copied(sandbox, case.name);
        let output = command(&clean, RELWATCH, &[], case).output().unwrap();
        ran(&output).ok();
        let (file_after, done_only) = (file(&clean), state(&clean));
        clean.relwatch(case.next);
        Known {
            file_before,
            file_after,
            before,
            next_only,
            done_only,
            done: state(&clean),
            printed: output.stdout,
        }
    }
}

/// Tries the faults of a case, or `budget` of them; `FAULT='write error=EIO:when=3'` tries one.
fn try_case(case: &Case, budget: Option<usize>) {
    let sandbox = Sandbox::new();
    (case.make)(&project(&sandbox, case.name));
    let known = Known::of(&sandbox, case);
    let mut faults: Vec<(&str, String)> = Vec::new();
    for (call, ways, count) in calls(&sandbox, case) {
        for n in 1..=count {
            let ways = ways.iter().chain([&KILL]);
            faults.extend(ways.map(|way| (call, format!("{way}:when={n}"))));
        }
    }
    assert!(faults.len() > 5, "{faults:?}");
    let is_one = std::env::var_os("FAULT").is_some();
    let some = budget.filter(|budget| *budget < faults.len() && !is_one);
    // A prime apart, so that some of every kind are among few.
    let some = (0..some.unwrap_or(faults.len())).map(|at| &faults[at * 7919 % faults.len()]);
    let ends = cases::in_turn_by(
        "FAULT",
        some,
        |(call, fault)| format!("{call} {fault}"),
        |(call, fault)| try_fault(&sandbox, case, &known, call, fault),
    );
    let count = |end: End| ends.iter().filter(|found| **found == end).count();
    let (done, as_before) = (count(End::Done), count(End::AsBefore));
    eprintln!(
        "{:<24} {:>5} faults: {done:>5} done in the end, {as_before:>5} as before",
        case.name,
        done + as_before
    );
}

fn try_fault(sandbox: &Sandbox, case: &Case, known: &Known, call: &str, fault: &str) -> End {
    let repo = copied(sandbox, case.name);
    let (ran, trace) = faulty(&repo, case, call, fault);
    let killed = fault.starts_with(KILL);
    let happened = trace.contains("(INJECTED)") || trace.contains("killed by SIGKILL");
    if !happened {
        return End::NoFault; // a wait for a clock makes one call more or less
    }
    let injected = trace.lines().find(|line| line.contains("(INJECTED)"));
    let injected = injected.unwrap_or_default();
    if injected.contains("/refs/") {
        return End::NoFault; // libgit2 takes a reference that it may not open for one that is not there; git's own writes tell
    }
    let mut wrong: Vec<String> = Vec::new();
    let mut check = |is_right: bool, what: &str| {
        if !is_right {
            wrong.push(what.to_owned());
        }
    };
    check(!ran.stderr.contains("panicked"), "panic");
    if !killed && ran.code != 0 {
        check(!case.always_0, "not 0");
        // `init` ends with what to run, among all that it did.
        let says_what_to_run = case.name == "init" && ran.stdout.ends_with("`relwatch init`\n");
        check(
            says_what_to_run || !ran.stderr.trim().is_empty(),
            "not a word",
        );
    }
    if case.input.is_some() {
        // git takes what came out if it ends well, and the user's bytes if not.
        let out = ran.stdout.as_bytes();
        let is_raw = known.file_before.as_deref() == Some(out);
        check(ran.code != 0 || out == known.printed || is_raw, "cut");
    }
    let now = fs::read(repo.path.join("CHANGELOG.md")).ok();
    // As git checks it out: its lines follow.
    let checked_out = || repo.git(&["cat-file", "blob", ":CHANGELOG.md"]).stdout;
    // A spec that is closed to us is named, and the rest is done.
    let is_told = ran.stderr.contains("the spec is left out")
        || injected.contains(".chant/specs/") && fault.contains("EACCES");
    let is_whole = is_told
        || now == known.file_before
        || now == known.file_after
        || now.as_deref() == Some(checked_out().as_bytes());
    check(is_whole, "CHANGELOG.md is neither");
    check(repo.git(&["fsck", "--strict"]).code == 0, "fsck");
    // Once it says what is released, it is: a full disk behind its output takes nothing back.
    let is_said = injected.starts_with("write(1,");
    if !killed && ran.code != 0 && case.name == "release" && !is_said {
        check(state(&repo) == known.before, "not put back");
    }
    let healed = repo.relwatch(case.next);
    let now = state(&repo);
    let is_done = now == known.done || now == known.done_only || is_told;
    let is_one = is_done || now == known.next_only;
    check(is_one, "neither as before nor done");
    let left = repo
        .sh("find . -name '.relwatch-*' -o -name '*.lock' ! -path './.git/relwatch/*'")
        .stdout;
    check(left.is_empty(), &left);
    let diff = || {
        similar::TextDiff::from_lines(known.next_only.as_str(), now.as_str())
            .unified_diff()
            .context_radius(0)
            .to_string()
    };
    assert!(
        wrong.is_empty(),
        "{wrong:?}\n  {injected}\n  {ran:?}\n  {healed:?}\n{}",
        if is_one { String::new() } else { diff() }
    );
    if is_done { End::Done } else { End::AsBefore }
}

#[test]
fn a_failing_disk_or_a_kill_at_any_write_loses_nothing() {
    if !strace::is_here() {
        return;
    }
    let budget = match std::env::var("FAULTS").as_deref() {
        Ok("all") => None,
        Ok(n) => n.parse().ok(),
        Err(_) => Some(14),
    };
    cases::run(commands(), |case| case.name, |case| try_case(case, budget));
}
