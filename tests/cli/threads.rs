//! Machines that cannot start more threads or processes (`ulimit -u`, a container's `pids.max`): the work is done without them, or the
//! error is one line. Nothing panics.

#![cfg(target_os = "linux")]

use std::process::Stdio;

use crate::support::{Ran, Repo, Sandbox, cases, project, ran, strace};

/// Runs relwatch where the system starts neither threads nor processes.
fn alone(repo: &Repo<'_>, args: &[&str], input: Option<&str>) -> Ran {
    let mut command = repo.command("strace");
    command.args(["-qq", "-o", "/dev/null", "-e", "trace=clone3,?clone,?vfork"]);
    command.args(["-e", "inject=clone3,?clone,?vfork:error=EAGAIN"]);
    command.arg(env!("CARGO_BIN_EXE_relwatch")).args(args);
    if let Some(path) = input {
        command.stdin(std::fs::File::open(repo.path.join(path)).unwrap());
    }
    ran(&command.stderr(Stdio::piped()).output().unwrap())
}

/// A project with so many commits that they are read by threads, elsewhere.
fn long<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    repo.import((0..1000).map(|n| format!("feat: number {n}\n")));
    repo
}

#[test]
fn the_filter_works_without_threads() {
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::of_old();
    let repo = long(&sandbox, "r");
    repo.relwatch(&["update"]).ok();
    repo.edit("CHANGELOG.md", "### Added\n", "### Added\n\n- By hand.\n");
    repo.sh("rm -r .git/relwatch").ok(); // then all commits are read
    let cleaned = alone(
        &repo,
        &["filter", "clean", "CHANGELOG.md"],
        Some("CHANGELOG.md"),
    )
    .ok();
    assert_eq!(cleaned.stderr, "");
    assert!(cleaned.stdout.contains("- By hand.") && !cleaned.stdout.contains("Number"));
    let others = repo
        .sh("relwatch filter clean CHANGELOG.md < CHANGELOG.md")
        .ok();
    assert_eq!(cleaned.stdout, others.stdout);
}

#[test]
fn nothing_panics_without_threads() {
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    let repo = long(&sandbox, "r");
    let commands: [&[&str]; 9] = [
        &["hook", "post-commit"],
        &["hook", "post-checkout", "a", "b", "1"],
        &["update"],
        &["update", "--check"],
        &["status"],
        &["check"],
        &["doctor"],
        &["explain", "#1"],
        &["release", "--yes"],
    ];
    cases::in_turn(
        commands,
        |args| args.join(" "),
        |args| {
            let ran = alone(&repo, args, None);
            assert!(!ran.stderr.contains("panicked"), "{ran:?}");
            assert!((0..=8).contains(&ran.code), "{ran:?}");
            if args[0] == "hook" {
                assert_eq!(ran.code, 0, "{ran:?}");
                assert!(ran.stderr.lines().count() <= 1, "{ran:?}");
            }
        },
    );
    // The work that could be done has the usual result.
    let after = repo.read("CHANGELOG.md");
    repo.relwatch(&["update"]).ok();
    let section = repo.read("CHANGELOG.md");
    assert!(after == section || !after.contains("- Number"), "{after}");
}
