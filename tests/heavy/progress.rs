//! Who waits sees what for, and may go.

#![cfg(unix)]

use std::process::Stdio;
use std::time::Duration;

use crate::history::{self, Shape};
use crate::support::{self, Repo, Sandbox};

/// Long enough to wait for.
fn long<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = sandbox.repo("long");
    let shape = Shape {
        commits: 60_000,
        ..Shape::SMALL
    };
    history::make(&repo, &shape);
    repo
}

#[test]
fn a_long_read_is_told_on_a_terminal_alone_and_ends_whole_on_ctrl_c() {
    let sandbox = Sandbox::new();
    let repo = long(&sandbox);
    let all = ["notes", "--all", "--output", "../notes.md"];
    let piped = repo.relwatch(&all).ok();
    assert_eq!(piped.stderr, "");
    let told = repo.on_terminal(80, &all, &[]);
    assert!(told.contains("reading the history"), "{told:?}");
    assert!(told.contains(" commits"), "{told:?}");

    let mut command = repo.command(env!("CARGO_BIN_EXE_relwatch"));
    command.args(["notes", "--all", "--output", "../other.md"]);
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    repo.sh(&format!("kill -INT {}", child.id())).ok();
    let ended = support::ran(&child.wait_with_output().unwrap());
    assert_eq!(ended.code, 130, "{ended:?}");
    assert_eq!(
        ended.stderr,
        "relwatch: interrupted; nothing is half done\n"
    );
    assert!(!sandbox.path().join("other.md").exists());
}
