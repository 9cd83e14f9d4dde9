//! The real vim in a pseudo-terminal: it has the changelog open while commits are made, and saves the text read before together with later
//! typing. It has to be installed: `.ci/run-extra` does that. EDITORS is a directory that contains `vim.tiny` of Debian, or `vim`.
//!
//! `EDITORS=/usr/bin cargo test --test cli vim:: -- --ignored`

#![cfg(unix)]

use std::path::{Path, PathBuf};

use crate::support::{Repo, Sandbox, cases, project};

const CHANGES: &[&str] = &["One (#1)", "Two (#2)", "Three (#3)"];

fn vim() -> PathBuf {
    let folder = std::env::var("EDITORS").unwrap();
    let names = ["vim.tiny", "vim"].map(|name| Path::new(&folder).join(name));
    let found = names.into_iter().find(|path| path.exists());
    found.unwrap()
}

/// Events while vim has the changelog open.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A commit adds a generated line to the file.
    Commit(&'static str),
    /// Types a line below the entry of the first change.
    Type(&'static str),
    Save,
}

/// Opens the changelog, and does all that in its order.
#[track_caller]
fn edit(repo: &Repo<'_>, setting: &str, steps: &[Step]) {
    let vim = vim();
    let args = ["-Nu", "NONE", "-i", "NONE", "-n", "CHANGELOG.md"];
    let mut vim = repo.driven(vim.to_str().unwrap(), &args);
    vim.press("", "the first thing");
    vim.press(&format!(":set {setting}\r"), setting);
    let mut is_outdated = false;
    for step in steps {
        match step {
            Step::Commit(message) => {
                repo.commit(message);
                is_outdated = true;
            }
            // One line after the other, below the lines typed before.
            Step::Type(line) => vim.press(&format!("gg/One (\ro{line}\u{1b}"), line),
            // Vim asks whether to write over a file that has changed.
            Step::Save if std::mem::take(&mut is_outdated) => {
                vim.press(":w!\r", "(y/n)?");
                vim.press("y", " written");
            }
            Step::Save => vim.press(":w!\r", " written"),
        }
    }
    vim.end(":qa!\r");
}

/// Each change and each typed line exists once, nothing is skipped, and only typed text gets into commits.
#[track_caller]
fn nothing_is_lost(repo: &Repo<'_>, lines: &[&str]) {
    repo.commit("chore: more");
    let file = repo.read("CHANGELOG.md");
    for words in CHANGES.iter().chain(lines) {
        assert_eq!(file.matches(words).count(), 1, "{words}:\n{file}");
    }
    assert!(!file.contains("relwatch:skip"), "{file}");
    repo.git(&["commit", "-q", "--allow-empty", "-am", "docs: typed"])
        .ok();
    let stored = repo.stored();
    for line in lines {
        assert_eq!(stored.matches(line).count(), 1, "{line}:\n{stored}");
    }
    for change in CHANGES {
        assert!(!stored.contains(change), "{stored}");
    }
    assert_eq!(repo.status(), "");
}

#[test]
#[ignore = "needs vim: .ci/run-extra"]
fn vim_saves_a_buffer_from_before_two_commits_and_nothing_is_lost() {
    use Step::{Commit, Save, Type};
    let (two, three) = (Commit("feat: two (#2)"), Commit("fix: three (#3)"));
    let (early, late) = ("- typed early", "- typed late");
    let orders = [
        (
            "typed after the commits",
            vec![two, three, Type(late), Save],
            vec![late],
        ),
        (
            "typed before the commits",
            vec![Type(early), two, three, Save],
            vec![early],
        ),
        (
            "typed and saved after each commit",
            vec![two, Type(early), Save, three, Type(late), Save],
            vec![early, late],
        ),
        (
            "saved before the commits, too",
            vec![Type(early), Save, two, three, Type(late), Save],
            vec![early, late],
        ),
        ("saved without a typed line", vec![two, three, Save], vec![]),
    ];
    // Vim renames the old file and writes a new one, copies the old one and writes over it, or just writes over it.
    let ways = ["backupcopy=no", "backupcopy=yes", "nowritebackup"];
    let cases: Vec<_> = orders
        .iter()
        .flat_map(|order| ways.map(|way| (order, way)))
        .collect();
    cases::run(
        &cases,
        |((name, ..), way)| format!("{name}, {way}"),
        |((_, steps, lines), way)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: one (#1)");
            edit(&repo, way, steps);
            nothing_is_lost(&repo, lines);
        },
    );
}
