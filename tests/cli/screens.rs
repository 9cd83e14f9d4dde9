//! Output of commands on terminals of several widths, with and without colours, stored in `tests/screens`. Help is tested here; the other
//! commands run on real histories, which are not part of this repository:
//! `CHANT=REPOSITORY ANGULAR_CLI=REPOSITORY cargo test --test cli screens:: -- --ignored`, and `SCREENS=write` updates the files.

#![cfg(unix)]

use unicode_width::UnicodeWidthStr;

use crate::support::terminal::named;
use crate::support::{Repo, Sandbox, cases, is_screen};

const WIDTHS: [u16; 3] = [60, 80, 140];

/// The screens of a command, one below the other, each below a line as long as the terminal is wide; then its standard error. Only commands
/// to be copied may be longer.
fn screens(repo: &Repo<'_>, args: &[&str], env: &[(&str, &str)]) -> String {
    let mut all = String::new();
    let plain = [env, &[("NO_COLOR", "1")]].concat();
    for columns in WIDTHS {
        let ran = repo.on_screen(columns, args, &plain);
        let is_command = |line: &&str| line.starts_with("      relwatch ");
        for line in ran.stdout.lines().filter(|line| !is_command(line)) {
            assert!(line.width() <= usize::from(columns), "{columns}: {line}");
        }
        all.push_str(&titled(columns, "columns", &ran.stdout));
    }
    let coloured = repo.on_screen(80, args, env);
    let shown = named(&coloured.stdout);
    if shown == coloured.stdout {
        all.push_str("without colours\n")
    } else {
        all.push_str(&titled(80, "columns, coloured", &shown))
    }
    let errors = coloured.stderr.lines().map(|line| format!("! {line}\n"));
    all.extend(errors);
    match coloured.code {
        0 => all,
        code => format!("{all}[{code}]\n"),
    }
}

fn titled(columns: u16, words: &str, screen: &str) -> String {
    let title = format!("{columns} {words} ");
    format!("{title:-<width$}\n{screen}", width = usize::from(columns))
}

#[test]
fn help() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    is_screen("help.txt", &screens(&here, &["--help"], &[]));
    screens(&here, &["help"], &[]);
    let commands = relwatch::cli::command();
    let names = commands.get_subcommands().map(clap::Command::get_name);
    cases::run(
        names,
        |&name| name,
        |&name| screens(&here, &[name, "--help"], &[]),
    );
}

/// A clone in the state before a release: on its branch, without later tags, with relwatch set up. Also returns the time of that state.
fn before<'s>(sandbox: &'s Sandbox, source: &str, branch: &str, tag: &str) -> (Repo<'s>, String) {
    let source = std::env::var(source).unwrap();
    let repo = sandbox.at("r");
    std::fs::create_dir(&repo.path).unwrap();
    repo.sh(&format!(
        "set -e
        git clone -q '{source}' . 2>&1
        git checkout -q -B {branch} '{tag}^'
        git remote remove origin
        now=$(git log -1 --format=%ct)
        git for-each-ref --format='%(creatordate:unix) %(refname)' refs/tags | while read time name; do
            test $time -le $now || echo \"delete $name\"
        done | git update-ref --stdin
        relwatch init && git add . && git commit -q -m 'chore: keep the changelog with relwatch'"
    ))
    .ok();
    let time = repo.git(&["log", "-1", "--format=%ct", "HEAD^"]).ok();
    (repo, time.stdout.trim().to_owned())
}

fn real(sandbox: &Sandbox, name: &str, branch: &str, tag: &str, notes: &str) {
    let source = name.to_uppercase().replace('-', "_");
    let (repo, time) = before(sandbox, &source, branch, tag);
    let now = [("SOURCE_DATE_EPOCH", time.as_str())];
    let head = repo.head();
    cases::run(
        [
            ["status"].as_slice(),
            &["check", "--offline"],
            &["metrics"],
            &["support"],
        ],
        |&args| args[0],
        |&args| {
            // The commit of the set-up has another name whenever the default configuration has other words.
            let shown = screens(&repo, args, &now).replace(&head[..7], "1234567");
            is_screen(&format!("{name}-{}.txt", args[0]), &shown);
        },
    );
    let notes = ["notes", notes, "--format", "text"];
    let ran = repo.run(env!("CARGO_BIN_EXE_relwatch"), &notes, &now).ok();
    is_screen(&format!("{name}-notes.txt"), &ran.stdout);
}

#[test]
#[ignore = "needs a repository of somebody else's"]
fn chant() {
    real(&Sandbox::new(), "chant", "main", "v0.14.0", "0.13.0");
}

#[test]
#[ignore = "needs a repository of somebody else's"]
fn angular_cli() {
    real(
        &Sandbox::new(),
        "angular-cli",
        "22.1.x",
        "v22.1.5",
        "v22.1.4",
    );
}
