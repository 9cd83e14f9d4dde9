//! What a command costs, counted and not timed: instructions by callgrind, the same on a busy machine as on an idle one.
//!
//! `tests/heavy/costs.rs` holds seven scenarios to twice what they cost when the bound was written, and to what they cost in a small
//! repository. Without valgrind there is nothing to count with, and it says so; continuous integration has it.

use crate::history::{self, Shape};
use crate::support::{Repo, Sandbox, commit_all, set_up};

const RELWATCH: &str = env!("CARGO_BIN_EXE_relwatch");

/// Instructions of a command, in millions; `None` without valgrind.
fn cost(repo: &Repo<'_>, args: &[&str]) -> Option<f64> {
    let report = repo.path.join(".git/callgrind");
    let valgrind = [
        "--tool=callgrind",
        "--callgrind-out-file=.git/callgrind",
        RELWATCH,
    ];
    let mut command = repo.command("valgrind");
    let output = match command.args(valgrind).args(args).output() {
        Ok(output) => output,
        Err(error) => {
            let is_ci = std::env::var_os("CI").is_some();
            assert!(!is_ci, "valgrind cannot be started: {error}");
            eprintln!("valgrind is not installed: nothing is counted");
            return None;
        }
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(report).unwrap();
    let total = text.lines().find_map(|line| {
        line.strip_prefix("totals: ")
            .or(line.strip_prefix("summary: "))
    });
    let total: f64 = total.unwrap().trim().parse().unwrap();
    Some(total / 1e6)
}

fn made<'s>(sandbox: &'s Sandbox, name: &str, shape: &Shape) -> Repo<'s> {
    let repo = sandbox.repo(name);
    history::make(&repo, shape);
    set_up(&repo);
    repo
}

fn hook(repo: &Repo<'_>) -> Option<f64> {
    repo.commit_unheard("fix: keep it");
    cost(repo, &["hook", "post-commit"])
}

/// Twice what it was is too much.
#[track_caller]
fn at_most(what: &str, counted: Option<f64>, usual: f64) {
    let Some(counted) = counted else { return };
    eprintln!("{what}: {counted:.1} million instructions, usually {usual}");
    assert!(
        counted < 2.0 * usual,
        "{what}: {counted:.1} million instructions, usually {usual}"
    );
    assert!(
        counted > usual / 4.0,
        "{what}: {counted:.1} million instructions: does it still do its work?"
    );
}

#[test]
fn a_hook_costs_the_same_however_long_the_history_is() {
    let sandbox = Sandbox::of_old();
    let small = made(&sandbox, "small", &Shape::SMALL);
    let large = Shape {
        commits: 3000,
        tags: 300,
        archived: 500,
        ..Shape::SMALL
    };
    let large = made(&sandbox, "large", &large);
    let (small, large) = (hook(&small), hook(&large));
    at_most("hook, ten commits", small, HOOK);
    if let (Some(small), Some(large)) = (small, large) {
        assert!(
            large < 1.5 * small,
            "{large:.1} with 3,000 commits, {small:.1} with ten"
        );
    }
}

#[test]
fn a_hook_costs_little_more_however_long_the_section_is() {
    let sandbox = Sandbox::of_old();
    let section = Shape {
        commits: 2000,
        tags: 0,
        unreleased: 2000,
        ..Shape::SMALL
    };
    let repo = made(&sandbox, "section", &section);
    at_most(
        "hook, 2,000 unreleased commits",
        hook(&repo),
        HOOK_LONG_SECTION,
    );
}

#[test]
fn a_hook_reads_the_index_once() {
    let sandbox = Sandbox::of_old();
    let files = Shape {
        files: 3000,
        ..Shape::SMALL
    };
    let repo = made(&sandbox, "files", &files);
    at_most("hook, 3,000 files", hook(&repo), HOOK_MANY_FILES);
}

/// A Cargo.toml with many dependencies.
fn cargo(table: &str) -> String {
    let line = |n: usize| format!("crate-{n} = {{ version = \"1.{n}\", features = [\"a\"] }}\n");
    let lines: String = (0..60).map(line).collect();
    format!("[package]\nname = \"lamp\"\nversion = \"0.1.0\"\n\n[dependencies]\n{lines}{table}")
}

#[test]
fn a_manifest_costs_a_hook_nothing_unless_it_is_the_configuration() {
    let sandbox = Sandbox::of_old();
    let table = "\n[package.metadata.relwatch]\ntag = \"v{version}\"\n";
    let of = |name: &str, has_file: bool, table: Option<&str>| {
        let repo = made(&sandbox, name, &Shape::SMALL);
        if !has_file {
            repo.git(&["rm", "-q", "relwatch.yml"]).ok();
        }
        repo.write("Cargo.toml", &table.map_or("\n".to_owned(), cargo));
        commit_all(&repo, "chore: manifest");
        hook(&repo)
    };
    let file = of("file", true, None);
    let beside = of("beside", true, Some(table));
    let none = of("none", false, None);
    let plain = of("plain", false, Some(""));
    let own = of("own", false, Some(table));
    eprintln!(
        "relwatch.yml {file:?}, a table beside it {beside:?}; nothing {none:?}, no table {plain:?}, a table {own:?}"
    );
    if let (Some(file), Some(beside)) = (file, beside) {
        assert!(beside < 1.02 * file, "{beside:.1} beside, {file:.1} alone");
    }
    if let (Some(none), Some(plain)) = (none, plain) {
        assert!(plain < 1.05 * none, "{plain:.1} with it, {none:.1} without");
    }
    if let (Some(none), Some(own)) = (none, own) {
        assert!(own < 2.0 * none, "{own:.1} with a table, {none:.1} without");
    }
}

#[test]
fn the_filter_reads_no_history() {
    let sandbox = Sandbox::of_old();
    let repo = sandbox.repo("filter");
    let text = format!(
        "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n{}",
        "- a line that was released\n".repeat(2000)
    );
    repo.commit_file("CHANGELOG.md", &text, "docs: a changelog");
    repo.relwatch(&["init"]).ok();
    repo.commit("feat: a change");
    // git hands the file over on standard input, which is empty here: what is counted is the way there.
    at_most(
        "filter",
        cost(&repo, &["filter", "clean", "CHANGELOG.md"]),
        FILTER,
    );
}

#[test]
fn a_cold_update_costs_what_the_range_costs() {
    let sandbox = Sandbox::of_old();
    let shape = Shape {
        commits: 2000,
        unreleased: 500,
        ..Shape::SMALL
    };
    let repo = made(&sandbox, "cold", &shape);
    repo.sh("rm -r .git/relwatch; git show HEAD:CHANGELOG.md > CHANGELOG.md")
        .ok();
    at_most(
        "update, 500 unreleased of 2,000",
        cost(&repo, &["update"]),
        COLD_UPDATE,
    );
}

#[test]
fn specs_are_read_once() {
    let sandbox = Sandbox::of_old();
    let shape = Shape {
        completed: 500,
        ..Shape::SMALL
    };
    let repo = made(&sandbox, "specs", &shape);
    // What was written just now is read again (racy-git.txt).
    repo.sh("touch -d '1 hour ago' .chant/specs/*").ok();
    repo.relwatch(&["update"]).ok();
    at_most(
        "update, 500 specs, warm",
        cost(&repo, &["update"]),
        WARM_SPECS,
    );
}

#[test]
fn a_message_of_many_lines_costs_what_its_lines_cost() {
    let sandbox = Sandbox::of_old();
    let of = |lines: usize| {
        let repo = made(&sandbox, &format!("lines{lines}"), &Shape::SMALL);
        let line = |n: usize| {
            format!(
                "* feat: item {n}\n* item {n}\nCloses #{n}\nSpec: s{n}\nRelease-Note: note {n}\nCo-authored-by: A <{n}@example.org>\n"
            )
        };
        let lines: String = (0..lines).map(line).collect();
        repo.write("../message", &format!("feat: many things (#1)\n\n{lines}"));
        repo.run(
            "git",
            &["commit", "-q", "--allow-empty", "-F", "../message"],
            &[("RELWATCH_NO_HOOKS", "1")],
        )
        .ok();
        cost(&repo, &["hook", "post-commit"])
    };
    if let (Some(few), Some(many)) = (of(1_000), of(4_000)) {
        assert!(
            many < 5.0 * few,
            "{many:.1} with 4,000, {few:.1} with 1,000"
        );
    }
}

#[test]
fn headings_cost_what_their_number_costs() {
    let sandbox = Sandbox::of_old();
    let of = |count: usize| {
        let repo = made(&sandbox, &format!("headings{count}"), &Shape::SMALL);
        // A form that is one only because all of them have it.
        let section = |n: usize| format!("## Changes in 1.0.{n}\n\n- x\n\n");
        let sections: String = (1..=count).rev().map(section).collect();
        repo.write("CHANGELOG.md", &format!("# Log\n\n{sections}"));
        cost(&repo, &["notes", "1.0.3"])
    };
    if let (Some(few), Some(many)) = (of(40), of(160)) {
        assert!(many < 5.0 * few, "{many:.1} with 160, {few:.1} with 40");
    }
}

// Of a debug build, which tests run.
const HOOK: f64 = 9.0;
const HOOK_LONG_SECTION: f64 = 11.0;
const HOOK_MANY_FILES: f64 = 18.0;
const FILTER: f64 = 7.3;
const COLD_UPDATE: f64 = 365.0;
const WARM_SPECS: f64 = 107.0;
