//! What a shell completes: commands, options, and values of the repository.

use clap::Command;
use relwatch::cli::command;

use crate::support::{Repo, Sandbox, cases, commit_all, project};

/// The completions for the last of these words, as relwatch answers a shell, each with its description.
fn answered(repo: &Repo<'_>, line: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = ["--", "relwatch"]
        .into_iter()
        .chain(line.split(' '))
        .collect();
    let env = [("RELWATCH_COMPLETE", "fish")];
    let ran = repo.run(env!("CARGO_BIN_EXE_relwatch"), &words, &env).ok();
    assert_eq!(ran.stderr, "", "{line}");
    let lines = ran.stdout.lines();
    let pairs = lines.map(|line| line.split_once('\t').unwrap_or((line, "")));
    pairs
        .map(|(value, about)| (value.to_owned(), about.to_owned()))
        .collect()
}

/// The completions that are not options.
fn values(repo: &Repo<'_>, line: &str) -> Vec<String> {
    let all = answered(repo, line).into_iter().map(|(value, _)| value);
    all.filter(|value| !value.starts_with('-')).collect()
}

fn spec(repo: &Repo<'_>, id: &str, status: &str, title: &str) {
    let text = format!("---\ntype: code\nstatus: {status}\n---\n\n# {title}\n");
    repo.write(&format!(".chant/specs/{id}.md"), &text);
}

/// A project with releases, specs, gates and steps.
fn ready<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    for tag in ["v0.2.0", "v0.10.0", "v0.11.0-rc.1"] {
        repo.commit("feat: more");
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    repo.git(&["tag", "nightly"]).ok();
    spec(&repo, "2026-01-30-001-aaa", "completed", "Dim the lamp");
    spec(&repo, "2026-01-30-002-bbb", "pending", "Blink");
    let yaml = "gates:\n  - {name: tests, run: cargo test}\n\
        publish:\n  - {name: crate, run: cargo publish}\n  - {name: tell, manual: tell people}\n";
    repo.write("relwatch.yml", yaml);
    commit_all(&repo, "chore: more");
    repo
}

#[test]
fn values_of_the_repository_are_completed() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox, "r");
    let versions = ["0.11.0-rc.1", "0.10.0", "0.2.0", "0.1.0"].as_slice();
    let tags = ["v0.11.0-rc.1", "v0.10.0", "v0.2.0", "v0.1.0"].as_slice();
    cases::run(
        [
            ("notes ", versions),
            ("notes 0.1", &["0.11.0-rc.1", "0.10.0", "0.1.0"]),
            ("notes v0.2", &["v0.2.0"]),
            ("notes 0.1.0..0.2", &["0.1.0..0.2.0"]),
            ("notes v0.1.0..v0.2", &["v0.1.0..v0.2.0"]),
            ("withdraw ", versions),
            ("port 0.2", &["0.2.0"]),
            ("releases ", versions),
            ("support --lts ", versions),
            ("branch hotfix ", tags),
            ("publish ", tags),
            ("specs --since ", tags),
            ("skip ", &["2026-01-30-001-aaa", "2026-01-30-002-bbb"]),
            ("explain ", &["2026-01-30-001-aaa", "2026-01-30-002-bbb"]),
            ("hold ", &["2026-01-30-001-aaa"]),
            ("archive ", &["2026-01-30-001-aaa"]),
            ("publish --done ", &["crate", "tell"]),
            ("release --skip-gate ", &["tests"]),
            (
                "release --skip-check ",
                &["migration", "section", "freeze", "forge"],
            ),
            ("release ", &["patch", "minor", "major"]),
            ("branch release mi", &["minor"]),
            ("notes 9", &[]),
            ("preview ma", &["main"]),
            ("lint v0.1.0..ma", &["v0.1.0..main"]),
            ("status v0.2", &["v0.2.0"]),
            ("schema conf", &["config"]),
            ("completions z", &["zsh"]),
            ("--color ", &["auto", "always", "never"]),
            ("hooks inst", &["install"]),
        ],
        |&(line, _)| line,
        |&(line, expected)| assert_eq!(values(&repo, line), expected, "{line}"),
    );
    let specs = answered(&repo, "hold ");
    assert_eq!(specs[0].1, "Dim the lamp");
    let versions = answered(&repo, "notes 0.2");
    assert_eq!(versions, [("0.2.0".to_owned(), "v0.2.0".to_owned())]);
    // From elsewhere, as `-C` says.
    let home = sandbox.at("home");
    assert_eq!(values(&home, "-C ../r branch hotfix v0.2"), ["v0.2.0"]);
    assert_eq!(values(&home, "-C../r branch hotfix v0.2"), ["v0.2.0"]);
}

#[test]
fn components_and_their_releases_are_completed() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let yaml = "components:\n  backend: {paths: [back/**], tag: 'backend/v{version}', changelog: back/CHANGELOG.md}\n  bot: {paths: [bot/**], tag: 'bot/v{version}', changelog: bot/CHANGELOG.md}\n";
    repo.write("relwatch.yml", yaml);
    for tag in ["backend/v1.0.0", "bot/v2.0.0"] {
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    for line in [
        "status -c ",
        "notes --component ",
        "release -c ",
        "branch -c ",
    ] {
        assert_eq!(values(&repo, line), ["backend", "bot"], "{line}");
    }
    assert_eq!(values(&repo, "release -c bot -c ba"), ["backend"]);
    assert_eq!(values(&repo, "notes "), ["1.0.0", "2.0.0"]);
    assert_eq!(
        values(&repo, "branch hotfix "),
        ["backend/v1.0.0", "bot/v2.0.0"]
    );
}

/// All commands, each with the words that lead to it.
fn commands(of: &Command, path: &str) -> Vec<(String, Command)> {
    let mut all = vec![(path.to_owned(), of.clone())];
    for each in of.get_subcommands().filter(|each| !each.is_hide_set()) {
        all.extend(commands(each, &format!("{path}{} ", each.get_name())));
    }
    all
}

#[test]
fn every_command_and_option_is_completed() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    let mut command = command();
    command.build();
    cases::run(
        commands(&command, ""),
        |(path, _)| path.clone(),
        |(path, command)| {
            let found = values(&here, path);
            for below in command.get_subcommands().filter(|each| !each.is_hide_set()) {
                let name = below.get_name();
                assert!(found.iter().any(|one| one == name), "{name}: {found:?}");
            }
            let found = answered(&here, &format!("{path}--"));
            for option in command.get_opts().filter(|option| !option.is_hide_set()) {
                let Some(long) = option.get_long() else {
                    continue;
                };
                let long = format!("--{long}");
                assert!(
                    found.iter().any(|(one, _)| *one == long),
                    "{long}: {found:?}"
                );
            }
        },
    );
}

#[test]
fn what_cannot_be_known_is_not_completed_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    let lines = [
        "notes ",
        "hold ",
        "branch hotfix ",
        "publish --done ",
        "status -c ",
    ];
    // Outside a repository, in an empty one, with an invalid configuration, and in a directory that does not exist.
    let home = sandbox.at("home");
    let empty = sandbox.repo("empty");
    let wrong = ready(&sandbox, "wrong");
    wrong.write("relwatch.yml", "publish: [\n");
    for line in lines {
        for repo in [&home, &empty, &wrong] {
            let none: [String; 0] = [];
            assert_eq!(values(repo, line), none, "{line}");
        }
        let elsewhere = format!("-C ../nowhere {line}");
        let words: Vec<&str> = ["--", "relwatch"]
            .into_iter()
            .chain(elsewhere.split(' '))
            .collect();
        let env = [("RELWATCH_COMPLETE", "fish")];
        let ran = home.run(env!("CARGO_BIN_EXE_relwatch"), &words, &env);
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str()),
            ("", ""),
            "{line}"
        );
    }
    let repo = ready(&sandbox, "r");
    let files = || {
        repo.run("find", &[".", "-printf", "%p %T@ %s\n"], &[])
            .ok()
            .stdout
    };
    #[cfg(target_os = "linux")]
    {
        let before = files();
        for line in lines {
            values(&repo, line);
        }
        assert_eq!(files(), before);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = files;
    // An unknown shell is no reason to say anything either.
    let env = [("RELWATCH_COMPLETE", "tcsh")];
    let words = ["--", "relwatch", "notes", ""];
    let ran = repo
        .run(env!("CARGO_BIN_EXE_relwatch"), &words, &env)
        .code(1);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn every_shell_has_a_script_that_asks_relwatch() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = here.relwatch(&["completions", shell]).ok().stdout;
        assert!(script.contains("RELWATCH_COMPLETE"), "{shell}: {script}");
    }
}

/// Whether a shell can be tried; continuous integration has them all.
#[cfg(unix)]
fn has(here: &Repo<'_>, shell: &str) -> bool {
    let is_here = here.command(shell).args(["-c", "true"]).output().is_ok();
    let is_ci = std::env::var_os("CI").is_some();
    assert!(is_here || !is_ci, "{shell} cannot be started");
    if !is_here {
        eprintln!("{shell} is not installed: its completions are not tried");
    }
    is_here
}

#[cfg(unix)]
#[test]
fn bash_and_zsh_complete_what_is_typed() {
    let sandbox = Sandbox::new();
    let here = ready(&sandbox, "r");
    // The program that the shell calls on Enter; on Tab it calls the real one.
    let stand_in = "#!/bin/sh\n\
        test -n \"$RELWATCH_COMPLETE\" && exec \"$RELWATCH\" \"$@\"\nprintf '%s ' \"$@\" >> typed; echo >> typed\n";
    here.write("bin/relwatch", stand_in);
    here.sh("chmod +x bin/relwatch").ok();
    let path = format!(
        "RELWATCH='{}'; export RELWATCH; PATH=\"$PWD/bin:$PATH\"",
        env!("CARGO_BIN_EXE_relwatch")
    );
    cases::in_turn(
        [
            ("bash", ["--norc", "-i"], "true"),
            ("zsh", ["-f", "-i"], "autoload -U compinit; compinit -D"),
        ],
        |&(shell, ..)| shell,
        |&(shell, args, before)| {
            if !has(&here, shell) {
                return;
            }
            let load = format!(
                "{before}; eval \"$(\"$RELWATCH\" completions {shell})\" 2> said; rm -f typed"
            );
            let lines = [
                path.as_str(),
                &load,
                "relwatch withd\t--impa\t",
                "relwatch notes 0.2\t",
                "relwatch notes 0.1.0..0.2\t",
                "relwatch branch hotfix v0.2\t",
                "relwatch hold 2026\t",
                "relwatch publish --done te\t",
                "exit",
            ];
            here.type_into(shell, &args, &lines);
            let typed = here.read("typed");
            let typed: Vec<&str> = typed.lines().map(str::trim_end).collect();
            assert_eq!(
                typed,
                [
                    "withdraw --impact",
                    "notes 0.2.0",
                    "notes 0.1.0..0.2.0",
                    "branch hotfix v0.2.0",
                    "hold 2026-01-30-001-aaa",
                    "publish --done tell",
                ],
                "{shell}"
            );
            assert_eq!(here.read("said"), "", "{shell}");
        },
    );
}

#[cfg(unix)]
#[test]
fn fish_completes_what_is_typed() {
    let sandbox = Sandbox::new();
    let here = ready(&sandbox, "r");
    if !has(&here, "fish") {
        return;
    }
    let script = "relwatch completions fish | source
        complete --do-complete 'relwatch withd'
        complete --do-complete 'relwatch withdraw --impa'
        complete --do-complete 'relwatch hooks inst'
        complete --do-complete 'relwatch notes 0.2'
        complete --do-complete 'relwatch hold '
        complete --do-complete 'relwatch publish --done '";
    let completed = here.run("fish", &["--no-config", "-c", script], &[]).ok();
    assert_eq!(completed.stderr, "");
    let words = completed.stdout.lines().map(|line| line.split('\t').next());
    let words: Vec<&str> = words.flatten().collect();
    let words: Vec<&str> = words
        .into_iter()
        .filter(|word| !word.starts_with('-') || *word == "--impact")
        .collect();
    assert_eq!(
        words,
        [
            "withdraw",
            "--impact",
            "install",
            "0.2.0",
            "2026-01-30-001-aaa",
            "crate",
            "tell",
        ]
    );
}
