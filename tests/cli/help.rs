//! relwatch's own documentation: help by command and by task, the nearest name for a wrong one, man pages.

use clap::Command;
use relwatch::cli::{
    command,
    help::{ALSO, TASKS},
};

use crate::support::{Sandbox, cases, says};

/// All commands below this one, each with the words that call it.
fn commands(of: &Command, path: &str) -> Vec<(String, Command)> {
    let mut all = Vec::new();
    for each in of.get_subcommands().filter(|each| !each.is_hide_set()) {
        let path = format!("{path} {}", each.get_name());
        all.push((path.clone(), each.clone()));
        all.extend(commands(each, &path));
    }
    all
}

#[test]
fn every_command_has_an_example_in_its_help() {
    let sandbox = Sandbox::new();
    let here = sandbox.repo("r");
    let all = commands(&command(), "");
    assert!(all.len() > 30, "{}", all.len());
    cases::run(
        all,
        |(path, ..)| path.clone(),
        |(path, _)| {
            let words: Vec<&str> = path.split_whitespace().chain(["--help"]).collect();
            let help = here.relwatch(&words).ok();
            assert_eq!(help.stderr, "", "{path}");
            let example = format!("      relwatch{path}");
            assert!(
                help.stdout.contains("\nExamples:\n") && help.stdout.contains(&example),
                "`relwatch{path}` has no example; give it one in src/cli/help.rs:\n{}",
                help.stdout
            );
            // By its name `help` says the same.
            let words: Vec<&str> = ["help"]
                .into_iter()
                .chain(path.split_whitespace())
                .collect();
            assert_eq!(here.relwatch(&words).ok().stdout, help.stdout, "{path}");
        },
    );
}

#[test]
fn every_example_is_understood() {
    let sandbox = Sandbox::new();
    let here = sandbox.repo("r");
    cases::run(
        TASKS.iter().flat_map(|(_, tasks)| *tasks),
        |(_, line)| *line,
        |&(wish, line)| {
            let call = line.split(" >").next().unwrap();
            let words = here.sh(&format!("printf '%s\\n' {call}")).ok().stdout;
            if let Err(error) = command().try_get_matches_from(words.lines()) {
                panic!("{wish}: {line}: {error}");
            }
        },
    );
}

#[test]
fn help_finds_the_command_by_what_is_wanted() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home"); // no repository
    let all = here.relwatch(&["help"]).ok();
    for (about, tasks) in TASKS {
        says(&all, &[about]);
        for (wish, line) in *tasks {
            says(&all, &[wish, line]);
        }
    }
    let asked = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        here.relwatch(&words).ok().stdout
    };
    assert_eq!(
        asked("help why is this line here"),
        "  why is this line here, or why is it not\n      relwatch explain '#12'\n"
    );
    assert!(
        asked("help cut a release").starts_with("  cut a release\n      relwatch release --yes\n")
    );
    cases::run(
        [
            ("rollback", "undo"),
            ("revert a release", "undo"),
            ("yank", "withdraw 0.2.0"),
            ("bump", "version --minor"),
            ("tag", "release --yes"),
            ("amend", "release --edit"),
            ("hotfix", "branch hotfix"),
            ("ignore", "skip '#12' --reason"),
        ],
        |&(words, ..)| words,
        |&(words, line)| {
            let line = format!("      relwatch {line}");
            let words = asked(&format!("help {words}"));
            assert!(words.contains(&line), "{line} in {words}");
        },
    );
    for (line, _) in ALSO {
        let mut tasks = TASKS.iter().flat_map(|(_, tasks)| *tasks);
        assert!(tasks.any(|(_, known)| known == line), "{line}");
    }
    let left_out = asked("help what is left out?");
    assert!(left_out.contains("relwatch status --all"), "{left_out}");
    assert!(asked("--help").contains("`relwatch help` lists common tasks"));
    let odd = here.relwatch(&["help", "withdrw"]).code(2);
    assert_eq!(
        odd.stderr,
        "relwatch: there is no help about `withdrw`; did you mean `relwatch help withdraw`?\n"
    );
    let odd = here.relwatch(&["help", "xyzzy\u{1b}[1m"]).code(2);
    says(
        &odd,
        &[
            "no help about `xyzzy",
            "`relwatch help` lists what there is",
        ],
    );
    assert!(!odd.stderr.contains('\u{1b}'), "{odd:?}");
}

#[test]
fn a_wrong_word_gets_the_nearest_one() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    cases::run(
        [
            ("statsu", "'status'"),
            ("relase --yes", "'release'"),
            ("release --dryrun", "'--dry-run'"),
            ("hooks instal", "'install'"),
            ("specs --format mardown", "'markdown'"),
            ("completions bsh", "'bash'"),
        ],
        |&(args, ..)| args,
        |&(args, nearest)| {
            let words: Vec<&str> = args.split(' ').collect();
            let odd = repo.relwatch(&words).code(2);
            says(&odd, &["similar", nearest]);
            assert_eq!(odd.stdout, "", "{args}");
        },
    );
    repo.write(
        "relwatch.yml",
        "publish:\n  - {name: a, run: b, don_if: c}\n",
    );
    let odd = repo.relwatch(&["status"]).code(2);
    says(&odd, &["relwatch.yml:2:", "did you mean `done_if`?"]);
}

#[test]
fn every_command_has_a_man_page() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    let said = here.relwatch(&["man", "--output", "share/man1"]).ok();
    let mut expected: Vec<String> = commands(&command(), "relwatch")
        .into_iter()
        .map(|(path, _)| format!("{}.1", path.replace(' ', "-")))
        .collect();
    expected.push("relwatch.1".to_owned());
    expected.sort();
    let count = expected.len();
    assert_eq!(
        said.stdout,
        format!("wrote: {count} pages into share/man1\n")
    );
    let files = std::fs::read_dir(here.path.join("share/man1")).unwrap();
    let mut written: Vec<String> = files
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    written.sort();
    assert_eq!(written, expected);
    let page = here.read("share/man1/relwatch-release.1");
    for said in [
        ".TH relwatch-release 1",
        ".SH EXAMPLES\n",
        "relwatch release \\-\\-dry\\-run",
        "\\fBrelwatch release\\fR [\\-c|\\-\\-component <NAME>] [\\-\\-pre <LABEL>]",
        "[\\-h|\\-\\-help] [VERSION|LEVEL]\n",
    ] {
        assert!(page.contains(said), "{said} in {page}");
    }
    let page = here.read("share/man1/relwatch-withdraw.1");
    assert!(
        page.contains("[\\-h|\\-\\-help] <VERSION>\n"),
        "what must be given is in no brackets: {page}"
    );
    let page = here.read("share/man1/relwatch-watch.1");
    assert!(page.contains(" [COMMAND]\n"), "{page}");
    let first = here.relwatch(&["man"]).ok().stdout;
    assert_eq!(first, here.read("share/man1/relwatch.1"));
}
