//! The options that every command has, the exit codes, and commands that other tools have.

use std::collections::BTreeSet;

use relwatch::cli::command;
use relwatch::domain::failure::{Exit, SUCCESS};

use crate::support::{Repo, Sandbox, cases, commit_all, project, says};

const SPEC: &str = "2026-01-30-001-aaa";

/// Commands that change something or report on it: with `-q` they print nothing. In an order in which each works on the result of the one
/// before.
const DONE: &[&str] = &[
    "init",
    "update",
    "update --check",
    "skip #1 --reason internal",
    "skip #1 --undo",
    "hold 2026-01-30-001-aaa",
    "hold 2026-01-30-001-aaa --undo",
    "notes --output notes.md",
    "metrics --output metrics.txt",
    "man --output man",
    "prepare 0.2.0",
    "hooks uninstall",
    "hooks install",
    "release --abandon",
    "release 0.2.0 --yes --skip-checklist --reason test",
    "undo --yes",
    "release 0.2.0 --yes --skip-checklist --reason test",
    "releases --rebuild",
    "releases 0.2.0 --kind hotfix",
    "support --lts 0.2.0 --until 2030-01-01",
    "port 0.2.0",
    "publish v0.2.0 --offline",
    "withdraw 0.2.0 --reason broken --yes --offline",
    "archive",
    "version --set 0.3.0",
    "branch hotfix v0.1.0",
    "watch add",
    "watch remove",
    "watch stop",
    "uninstall",
];

/// Commands that print an answer: with `-q` the same, without warnings.
const ANSWERS: &[&str] = &[
    "lint HEAD~1..HEAD",
    "preview HEAD~1..HEAD",
    "schema config",
    "status",
    "status --json",
    "status --porcelain",
    "update --stdout",
    "explain #1",
    "specs",
    "check --offline",
    "check --offline --json",
    "release --dry-run --offline",
    "notes",
    "notes 0.1.0 --json",
    "releases",
    "metrics",
    "support",
    "port",
    "version",
    "archive --dry-run",
    "doctor",
    "hooks status",
    "watch list",
    "watch status",
    "help",
    "help release",
    "completions bash",
    "man",
];

/// A project with a change, a completed spec and a version file; everything committed.
fn ready<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"lamp\"\nversion = \"0.1.0\"\n",
    );
    let spec = "---\ntype: code\nstatus: completed\n---\n\n# Dim the lamp\n";
    repo.write(&format!(".chant/specs/{SPEC}.md"), spec);
    commit_all(&repo, "feat: turn the lamp (#1)");
    repo
}

/// Commits the changes of the last command, so that the next one finds a clean repository.
fn settle(repo: &Repo<'_>) {
    repo.sh("git add -A && git diff --cached --quiet || git commit -q -m 'chore: go on'")
        .ok();
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn quiet_leaves_out_what_was_done() {
    let sandbox = Sandbox::new();
    let (loud, quiet) = (ready(&sandbox, "loud"), ready(&sandbox, "quiet"));
    cases::in_turn(
        DONE.iter().copied(),
        |line| *line,
        |line| {
            let said = loud.relwatch(&words(line)).ok();
            assert!(!said.stdout.is_empty(), "{line} says nothing by itself");
            let ran = quiet.relwatch(&[&["-q"][..], &words(line)].concat()).ok();
            assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
            // The quiet command did the same.
            assert_eq!(quiet.status(), loud.status());
            settle(&loud);
            settle(&quiet);
            let subjects = ["log", "--all", "--format=%s"];
            assert_eq!(quiet.git(&subjects).stdout, loud.git(&subjects).stdout);
        },
    );
}

#[test]
fn quiet_prints_what_was_asked_for() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox, "r");
    cases::in_turn(
        ANSWERS.iter().copied(),
        |line| *line,
        |line| {
            let said = repo.relwatch(&words(line));
            let ran = repo.relwatch(&[&words(line), &["--quiet"][..]].concat());
            assert_eq!((ran.code, ran.stdout), (said.code, said.stdout.clone()));
            assert_eq!(ran.stderr, "");
            assert!(!said.stdout.is_empty());
        },
    );
    // Data printed by a command that changes something.
    let json = repo.relwatch(&["release", "--yes", "--json", "-q"]).ok();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["released"][0]["tag"], "v0.2.0", "{json}");
}

#[test]
fn every_command_is_in_one_of_the_two_tables() {
    let named = DONE.iter().chain(ANSWERS).map(|line| words(line)[0]);
    let named: BTreeSet<&str> = named.collect();
    let commands = command();
    let all = commands.get_subcommands().map(clap::Command::get_name);
    // It needs a service manager; the same words distinguish its answers from its reports.
    let all: BTreeSet<&str> = all.filter(|name| *name != "service").collect();
    let missing: Vec<_> = all.difference(&named).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn quiet_hides_no_error_and_no_bad_news() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox, "r");
    let ran = repo.relwatch(&["-q", "explain", "#99"]).code(1);
    says(&ran, &["relwatch: `#99` is no commit"]);
    repo.edit("CHANGELOG.md", "- Turn the lamp (#1)\n", "");
    repo.sh("rm -rf .git/relwatch").ok();
    let ran = repo.relwatch(&["update", "--check", "-q"]).code(1);
    says(&ran, &["CHANGELOG.md is stale", "+- Turn the lamp (#1)"]);
    repo.relwatch(&["update", "-q"]).ok();
    repo.git(&["config", "--unset", "filter.relwatch.clean"])
        .ok();
    let ran = repo.relwatch(&["doctor", "-q"]).code(1);
    says(
        &ran,
        &["filter: git does not know the filter", "1 problem is left"],
    );
    // A hook that git cannot run: `init` fails with a remedy.
    repo.sh("mkdir -p .husky/_ && git config core.hooksPath .husky/_")
        .ok();
    let loud = repo.relwatch(&["init"]).code(1);
    let ran = repo.relwatch(&["init", "-q"]).code(1);
    let remedy = loud.stdout.lines().last().unwrap();
    assert!(ran.stdout.contains(remedy), "{remedy}\n{ran:?}");
}

#[test]
fn quiet_lets_commands_of_the_user_speak() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox, "r");
    let yaml = "gates:\n  - {name: good, run: echo fine}\n  - {name: bad, run: echo this is why; exit 3}\n";
    repo.write("relwatch.yml", yaml);
    settle(&repo);
    let ran = repo.relwatch(&["release", "--yes", "-q"]).code(4);
    assert_eq!(ran.stdout, "");
    says(&ran, &["bad | this is why", "relwatch: gate bad failed"]);
    assert!(!ran.stderr.contains("gate good: ok"), "{ran:?}");
}

#[test]
fn quiet_and_verbose_exclude_each_other() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    for line in ["-q -v status", "-q status -v", "status --quiet --verbose"] {
        let ran = here.relwatch(&words(line)).code(2);
        let words = "relwatch: --verbose and --quiet exclude each other; give one of them\n";
        assert_eq!(ran.stderr, words, "{line}");
    }
}

#[test]
fn colour_is_as_the_option_says() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox, "r");
    let run = |line: &str, env: &[(&str, &str)]| {
        let ran = repo.run(env!("CARGO_BIN_EXE_relwatch"), &words(line), env);
        (ran.stdout + &ran.stderr).contains("\u{1b}[")
    };
    let no = [("NO_COLOR", "1")];
    let forced = [("CLICOLOR_FORCE", "1")];
    cases::run(
        [
            "status",
            "check --offline",
            "--help",
            "release --help",
            "relase",
        ],
        |line| *line,
        |line| {
            let always = format!("{line} --color always");
            let joined = format!("--color=always {line}");
            let never = format!("--color never {line}");
            let auto = format!("--color auto {line}");
            assert!(!run(line, &[]), "a pipe has no colours");
            assert!(run(line, &forced));
            assert!(run(&joined, &[]));
            assert!(run(&joined, &no), "the option wins over the variable");
            assert!(!run(&never, &forced));
            assert!(run(&auto, &forced));
            assert!(!run(&auto, &no));
            if !line.contains("help") {
                assert!(run(&always, &[]), "{always}");
            }
        },
    );
    // JSON has none.
    assert!(!run("status --json --color always", &[]));
    let odd = repo.relwatch(&["status", "--color", "sometimes"]).code(2);
    says(&odd, &["'sometimes'", "auto, always, never"]);
}

#[cfg(unix)]
#[test]
fn a_terminal_has_colours_unless_the_option_says_never() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox, "r");
    for line in ["status", "--help"] {
        let shown = |more: &[&str]| repo.on_terminal(80, &[more, &words(line)].concat(), &[]);
        assert!(shown(&[]).contains("\u{1b}["), "{line}");
        assert!(!shown(&["--color", "never"]).contains('\u{1b}'), "{line}");
    }
}

/// A text of the project, with one space wherever it has several or breaks a line.
fn text(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn exit_codes_are_the_same_wherever_they_are_listed() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    let long = here.relwatch(&["--help"]).ok().stdout;
    let short = here.relwatch(&["-h"]).ok().stdout;
    let page = here.relwatch(&["man"]).ok().stdout;
    assert!(!short.contains("Exit codes"), "{short}");
    assert!(page.contains("\n.SH EXIT STATUS\n"), "{page}");
    assert!(page.contains("\n.SH SEE ALSO\n`relwatch help`"), "{page}");
    let codes = Exit::ALL.map(|exit| (exit as u8, exit.meaning()));
    let all: Vec<(u8, &str)> = [(0, SUCCESS)].into_iter().chain(codes).collect();
    for (code, meaning) in &all {
        let line = format!("\n  {code:<3}  {meaning}\n");
        assert!(long.contains(&line), "{line} is not in {long}");
        let words = format!("{code} {meaning}");
        let words = page
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(&words);
        assert!(words, "{code} is not in {page}");
        let row = format!("| {code} | {meaning}");
        assert!(
            text("docs/reference/exit-codes.md").contains(&row),
            "docs/reference/exit-codes.md lacks {row}"
        );
    }
    let page = text("docs/reference/exit-codes.md");
    let rows = page
        .split("| ")
        .filter(|cell| cell.trim().parse::<u8>().is_ok());
    assert_eq!(
        rows.count(),
        all.len(),
        "docs/reference/exit-codes.md has other codes"
    );
}

#[test]
fn commands_of_other_tools_find_ours() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    let ran = here.relwatch(&["bump"]).code(2);
    assert_eq!(ran.stdout, "");
    assert_eq!(
        ran.stderr,
        "relwatch: there is no command `bump`; what you want may be:
  relwatch release --yes    cut a release
  relwatch version --minor  commit the next minor version in the version files
"
    );
    cases::run(
        [
            // git, and the usual words
            ("changelog", "relwatch notes 0.1.0"),
            ("commit", "relwatch init"),
            ("tag", "relwatch release --yes"),
            ("next", "relwatch status"),
            ("generate", "relwatch notes --all"),
            ("unreleased", "relwatch status"),
            ("ci", "relwatch update --check"),
            ("log", "relwatch notes"),
            ("push", "relwatch release --push"),
            ("install", "relwatch init"),
            ("remove", "relwatch uninstall"),
            ("rollback", "relwatch undo"),
            ("hotfix", "relwatch branch hotfix"),
            // cocogitto and commitizen
            ("verify", "relwatch check"),
            ("get-version", "relwatch status --porcelain"),
            ("install-hook", "relwatch hooks install"),
            ("generate-completions", "relwatch completions"),
            ("info", "relwatch status"),
            ("ls", "relwatch specs"),
            // changesets and towncrier
            ("add", "relwatch prepare"),
            ("pre", "relwatch release --pre rc"),
            ("create", "relwatch prepare"),
            ("build", "relwatch update"),
            // knope and release-please
            ("document-change", "relwatch specs"),
            ("prepare-release", "relwatch prepare"),
            ("release-pr", "relwatch branch release"),
            ("github-release", "relwatch release --push"),
            ("latest-tag", "relwatch status --porcelain"),
            ("bootstrap", "relwatch init"),
        ],
        |&(word, _)| word,
        |&(word, line)| {
            let ran = here.relwatch(&["-C", ".", word]).code(2);
            let known = format!("there is no command `{word}`; what you want may be:\n");
            says(&ran, &[&known, &format!("  {line}")]);
        },
    );
    // Below a command, and where nothing is known, clap has the nearest word.
    let ran = here.relwatch(&["hooks", "remove"]).code(2);
    says(&ran, &["unrecognized subcommand 'remove'"]);
    let ran = here.relwatch(&["statsu"]).code(2);
    says(&ran, &["a similar subcommand exists: 'status'"]);
}
