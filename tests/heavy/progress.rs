//! A long command shows what it is doing, on a terminal only. Ctrl-C ends it and leaves nothing half done.
//!
//! strace makes it long: it holds the command where it opens the cache of commits, before it reads the history. Without strace the tests
//! are skipped with a message; continuous integration has it.

#![cfg(target_os = "linux")]

use crate::history::{self, Shape};
use crate::support::{Repo, Sandbox, strace};

const ALL: [&str; 4] = ["notes", "--all", "--output", "../notes.md"];

/// Enough commits that their number is shown several times.
fn long<'s>(sandbox: &'s Sandbox) -> (Repo<'s>, String) {
    let repo = sandbox.repo("long");
    let shape = Shape {
        commits: 4_000,
        ..Shape::SMALL
    };
    history::make(&repo, &shape);
    repo.write(".git/relwatch/commits", "");
    let cache = repo
        .path
        .canonicalize()
        .unwrap()
        .join(".git/relwatch/commits");
    (repo, cache.to_string_lossy().into_owned())
}

#[test]
fn a_long_read_is_shown_on_a_terminal_alone() {
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    let (repo, cache) = long(&sandbox);
    let slow = strace::slow_at(&cache, &ALL);
    let piped = repo.run("strace", &slow, &[]).ok();
    assert_eq!(piped.stderr, "");
    let shown = repo.shown_by(80, "strace", &slow);
    assert!(shown.contains("reading the history: "), "{shown:?}");
    assert!(shown.contains(" commits"), "{shown:?}");
}

#[test]
fn ctrl_c_ends_a_long_read_and_nothing_is_half_done() {
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    let (repo, cache) = long(&sandbox);
    let held = strace::held_at(&repo, &ALL, &cache);
    repo.sh(&format!("kill -INT {}", held.pid)).ok();
    let words = "relwatch: interrupted; nothing is half done\n";
    assert_eq!(held.ended(), ("130".to_owned(), words.to_owned()));
    assert!(!sandbox.path().join("notes.md").exists());
}
