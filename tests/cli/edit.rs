//! `relwatch release --edit`, with editors that are scripts.

#![cfg(unix)]

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use crate::support::{self, Ran, Repo, Sandbox, cases, project};

const NOTES: &str = ".git/relwatch/RELEASE_NOTES.md";
const BASE: &str = ".git/relwatch/RELEASE_NOTES.base.md";
const ARGS: &[&str] = &["release", "--edit", "--yes"];

/// Runs `relwatch release --edit --yes` with an editor.
fn edit(repo: &Repo<'_>, editor: &str) -> Ran {
    let env = [("GIT_EDITOR", editor)];
    repo.run(env!("CARGO_BIN_EXE_relwatch"), ARGS, &env)
}

/// Makes a script that git may run as an editor; its words for a shell, quoted.
fn script(sandbox: &Sandbox, name: &str, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = sandbox.path().join(name);
    std::fs::write(&path, format!("#!/bin/sh\nset -e\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("'{}'", path.display())
}

/// An editor that leaves this text in the file.
fn types(sandbox: &Sandbox, text: &str) -> String {
    let body = format!("cat >\"$1\" <<'END'\n{text}\nEND");
    script(sandbox, "types", &body)
}

/// Everything that a release changes.
fn all(repo: &Repo<'_>) -> [String; 4] {
    [
        repo.git(&["for-each-ref"]).ok().stdout,
        repo.git(&["ls-files", "-s"]).ok().stdout,
        repo.read("CHANGELOG.md"),
        repo.status(),
    ]
}

/// A project with something to release.
fn ready(sandbox: &Sandbox) -> Repo<'_> {
    let repo = project(sandbox, "r");
    repo.commit("feat: speak (#1)");
    repo
}

fn tag_body(repo: &Repo<'_>, tag: &str) -> String {
    let format = "--format=%(contents)";
    let name = format!("refs/tags/{tag}");
    repo.git(&["for-each-ref", format, &name]).ok().stdout
}

#[track_caller]
fn nothing_is_kept(repo: &Repo<'_>) {
    assert!(!repo.exists(NOTES) && !repo.exists(BASE));
}

#[test]
fn what_is_typed_is_released_and_in_the_tag_and_undo_takes_it_back() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    repo.edit(
        "CHANGELOG.md",
        "### Added\n",
        "<!-- relwatch:skip #7 -->\n\n### Added\n",
    );
    repo.git(&["commit", "-q", "-am", "docs: skip"]).ok();
    let before = all(&repo);
    let editor = script(
        &sandbox,
        "my editor",
        "cp \"$2\" \"$1\"\nsed -i 's/Speak/It speaks/; 1i A word before.' \"$2\"\nprintf '\\n<!-- mine -->\\n\\n' >>\"$2\"",
    );
    let seen = sandbox.path().join("seen");
    let ran = edit(&repo, &format!("{editor} {}", seen.display())).ok();
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        (
            "released 0.2.0: commit and tag v0.2.0 on main\nto undo: relwatch undo\n",
            ""
        )
    );
    assert_eq!(
        std::fs::read_to_string(seen).unwrap(),
        "<!-- relwatch: these are the notes of v0.2.0; edit them, save and close to go on -->\n<!-- relwatch: an empty text stops the release; lines like this one are removed -->\n\n### Added\n\n- Speak (#1)\n"
    );
    let notes = "A word before.\n\n### Added\n\n- It speaks (#1)\n\n<!-- mine -->\n";
    assert_eq!(
        repo.stored(),
        support::CHANGELOG.replace(
            "## [0.1.0]",
            &format!("## [0.2.0] - 2026-01-30\n\n{notes}\n## [0.1.0]")
        )
    );
    assert_eq!(repo.read("CHANGELOG.md"), repo.stored());
    assert_eq!(
        tag_body(&repo, "v0.2.0"),
        format!("Release v0.2.0\n\n{notes}\n")
    );
    assert_eq!(repo.status(), "");
    nothing_is_kept(&repo);
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(all(&repo), before);
}

#[test]
fn an_editor_that_changes_nothing_releases_the_same_bytes_as_without() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    edit(&repo, "true").ok();
    let (edited, tag) = (repo.head(), tag_body(&repo, "v0.2.0"));
    nothing_is_kept(&repo);
    repo.relwatch(&["undo", "--yes"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!((repo.head(), tag_body(&repo, "v0.2.0")), (edited, tag));
}

#[test]
fn the_editor_is_the_one_that_git_uses() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let binary = env!("CARGO_BIN_EXE_relwatch");
    let says = |word: &str| format!("sed -i s/Speak/{word}/");
    let run = |variables: &[String]| {
        let mut args = vec!["-u", "GIT_EDITOR", "TERM=xterm"];
        args.extend(variables.iter().map(String::as_str));
        args.push(binary);
        args.extend(ARGS);
        repo.run("env", &args, &[]).ok();
        let text = tag_body(&repo, "v0.2.0");
        repo.relwatch(&["undo", "--yes"]).ok();
        text
    };
    let editor = format!("EDITOR={}", says("editor"));
    let visual = format!("VISUAL={}", says("visual"));
    let own = format!("GIT_EDITOR={}", says("own"));
    let mut variables = vec![editor];
    assert!(run(&variables).contains("- editor (#1)"));
    variables.push(visual);
    assert!(run(&variables).contains("- visual (#1)"));
    repo.git(&["config", "core.editor", &says("configured")])
        .ok();
    assert!(run(&variables).contains("- configured (#1)"));
    variables.push(own);
    assert!(run(&variables).contains("- own (#1)"));
}

#[test]
fn an_empty_text_stops_the_release_and_is_not_offered_again() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let before = all(&repo);
    cases::in_turn(
        ["sed -i '/relwatch: /!d'", "truncate -s 0", "rm"],
        |&editor| editor,
        |&editor| {
            let ran = edit(&repo, editor).code(130);
            assert_eq!(
                (ran.stdout.as_str(), ran.stderr.as_str()),
                (
                    "",
                    "relwatch: the notes are empty, so nothing is released; `relwatch release --edit` offers the generated ones again\n"
                )
            );
            assert_eq!(all(&repo), before);
            nothing_is_kept(&repo);
        },
    );
}

#[test]
fn an_editor_that_fails_is_named_and_the_text_is_kept_if_there_is_one() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let before = all(&repo);
    cases::in_turn(
        ["false", "no-such-editor --wait"],
        |&editor| editor,
        |&editor| {
            let ran = edit(&repo, editor).code(1);
            assert!(
                ran.stderr
                    .contains(&format!("the editor `{editor}` failed")),
                "{ran:?}"
            );
            assert!(!ran.stderr.contains("kept"), "nothing was typed: {ran:?}");
            nothing_is_kept(&repo);
        },
    );
    let ran = edit(&repo, "sed -i s/Speak/Sing/ \"$1\"; exit 3;").code(1);
    let path = repo.path.join(NOTES);
    let kept = format!(
        "\nwhat you typed is kept in {}; run `relwatch release --edit` again to go on with it\n",
        path.display()
    );
    assert!(ran.stderr.ends_with(&kept), "{ran:?}");
    // The text is offered again whatever an editor does, until one succeeds.
    edit(&repo, "false").code(1);
    edit(&repo, "truncate -s 0 \"$1\"; false").code(1);
    assert_eq!(all(&repo), before);
    edit(&repo, "true").ok();
    assert!(repo.stored().contains("- Sing (#1)"));
    nothing_is_kept(&repo);
}

#[test]
fn what_stands_in_the_way_is_said_before_anybody_types() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let editor = script(&sandbox, "e", "touch ../opened");
    let opened = || sandbox.path().join("opened").exists();
    repo.write("file", "dirty\n");
    let ran = edit(&repo, &editor).code(3);
    assert!(
        ran.stderr.contains("uncommitted changes in file"),
        "{ran:?}"
    );
    repo.git(&["checkout", "-q", "file"]).ok();
    let env = [("GIT_EDITOR", editor.as_str())];
    let binary = env!("CARGO_BIN_EXE_relwatch");
    let ran = repo.run(binary, &["release", "--edit"], &env).code(130);
    assert_eq!(
        ran.stderr,
        "relwatch: not released; the same command with --yes goes ahead without asking\n"
    );
    repo.run(binary, &["release", "--edit", "--dry-run"], &env)
        .code(2);
    let nobody = [env[0], ("GIT_COMMITTER_NAME", "")];
    let ran = repo.run(binary, ARGS, &nobody).code(3);
    assert!(ran.stderr.contains("does not know who you are"), "{ran:?}");
    assert!(!opened());
    nothing_is_kept(&repo);
    edit(&repo, &editor).ok();
    assert!(opened());
    let ran = edit(&repo, "false").code(6);
    assert!(ran.stderr.contains("nothing to release"), "{ran:?}");
}

#[test]
fn a_commit_while_the_editor_is_open_makes_the_plan_stale_and_is_told_next_time() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let typing = script(
        &sandbox,
        "e",
        "sed -i s/Speak/Sing/ \"$1\"\ngit commit -q --allow-empty -m 'fix: `--> x` (#2)'",
    );
    // The hook of that commit does not wait for a lock.
    let ran = edit(&repo, &typing).code(5);
    assert!(ran.stderr.contains("HEAD moved from "), "{ran:?}");
    assert!(
        ran.stderr.contains("\nwhat you typed is kept in "),
        "{ran:?}"
    );
    assert_eq!(repo.git(&["tag"]).stdout, "v0.1.0\n");
    assert!(repo.section().contains("#2"), "{}", repo.section());
    assert_eq!(repo.status(), "");

    let ran = repo.relwatch(&["release", "--dry-run"]).ok();
    assert!(ran.stderr.contains("is not in these notes"), "{ran:?}");

    let seen = sandbox.path().join("seen");
    let looks = format!("cp \"$1\" {}; false;", seen.display());
    for _ in 0..2 {
        edit(&repo, &looks).code(1);
        assert_eq!(
            std::fs::read_to_string(&seen).unwrap(),
            "<!-- relwatch: these are the notes of v0.2.0; edit them, save and close to go on -->\n<!-- relwatch: an empty text stops the release; lines like this one are removed -->\n<!-- relwatch: new since you typed this: - `- -> x` (#2) -->\n\n### Added\n\n- Sing (#1)\n"
        );
    }
    edit(&repo, "sed -i '$a - And dance (#2)'").ok();
    assert!(
        repo.stored()
            .contains("### Added\n\n- Sing (#1)\n- And dance (#2)\n\n## [0.1.0]")
    );
    nothing_is_kept(&repo);
    assert_eq!(repo.section(), "");
}

#[test]
fn a_text_that_would_break_the_changelog_is_refused_and_kept() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let before = all(&repo);
    cases::in_turn(
        [
            ("- a\n\n## [9.9.9]\n\n- b", "`## [9.9.9]` would end"),
            ("```\nopen", "`## [0.1.0] - 2026-01-01` below it"),
        ],
        |&(text, ..)| text,
        |&(text, said)| {
            let ran = edit(&repo, &types(&sandbox, text)).code(3);
            assert!(ran.stderr.contains(said), "{ran:?}");
            assert!(
                ran.stderr.contains("\nwhat you typed is kept in "),
                "{ran:?}"
            );
            assert_eq!(repo.read(NOTES), format!("{text}\n"));
            assert_eq!(all(&repo), before);
        },
    );
    edit(&repo, "sed -i '$a ```'").ok();
    assert!(repo.stored().contains("\n\n```\nopen\n```\n\n## [0.1.0]"));
}

#[test]
fn a_file_with_crlf_keeps_it() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    repo.git(&["config", "core.autocrlf", "false"]).ok();
    repo.edit(
        "CHANGELOG.md",
        "- the first thing\n",
        "- the first thing\n\n[Unreleased]: https://example.org/o/r/compare/v0.1.0...HEAD\n",
    );
    repo.git(&["commit", "-q", "-am", "docs: link"]).ok();
    let windows = repo.stored().replace('\n', "\r\n");
    repo.commit_file("CHANGELOG.md", &windows, "docs: crlf");
    let text = "One line.\n\n- two";
    edit(&repo, &types(&sandbox, text)).ok();
    let stored = repo.stored();
    assert_eq!(stored.replace("\r\n", ""), stored.replace(['\r', '\n'], ""));
    assert!(
        stored.contains("2026-01-30\r\n\r\nOne line.\r\n\r\n- two\r\n\r\n## [0.1.0]"),
        "{stored}"
    );
    assert!(tag_body(&repo, "v0.2.0").contains("\n\nOne line.\n\n- two\n"));
    assert_eq!(repo.status(), "");
}

#[test]
fn an_interrupt_key_in_the_editor_is_the_editors() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    // As a terminal does: to every process of the foreground group.
    let editor = script(
        &sandbox,
        "e",
        "trap '' INT QUIT\nkill -INT 0\nkill -QUIT 0\nsed -i s/Speak/Sing/ \"$1\"",
    );
    let output = repo
        .command(env!("CARGO_BIN_EXE_relwatch"))
        .args(ARGS)
        .env("GIT_EDITOR", format!("trap '' INT QUIT; {editor}"))
        .process_group(0)
        .output()
        .unwrap();
    support::ran(&output).ok();
    assert!(repo.stored().contains("- Sing (#1)"));
}

#[test]
fn a_no_at_the_question_keeps_the_text() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let before = all(&repo);
    let answer = |answer: &str, editor: &str| {
        let line = format!("{} release --edit", env!("CARGO_BIN_EXE_relwatch"));
        let mut child = repo
            .command("script") // a terminal
            .args(["-qec", &line, "/dev/null"])
            .env("GIT_EDITOR", editor)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        writeln!(stdin, "{answer}").unwrap();
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        support::ran(&output)
    };
    let ran = answer("n", "sed -i s/Speak/Sing/").code(130);
    assert!(ran.stdout.contains("release 0.2.0? [y/N]"), "{ran:?}");
    assert!(ran.stdout.contains("what you typed is kept in"), "{ran:?}");
    assert_eq!(all(&repo), before);
    assert!(repo.exists(NOTES) && repo.exists(BASE));
    answer("y", "true").ok();
    assert!(repo.stored().contains("- Sing (#1)"));
    nothing_is_kept(&repo);
}

#[test]
fn what_came_while_a_text_was_kept_is_told_until_it_is_in_it() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let bad = types(
        &sandbox,
        "### Added\n\n- My words (#1)\n\n## [9.9.9] - 2020-01-01\n",
    );
    edit(&repo, &bad).code(3);
    repo.commit("feat: second (#2)");
    let look = |name: &str| script(&sandbox, name, "cp \"$1\" \"$(dirname \"$0\")/seen\"");
    let seen = || std::fs::read_to_string(sandbox.path().join("seen")).unwrap();
    for _ in 0..2 {
        edit(&repo, &look("look")).code(3);
        assert!(
            seen().contains("new since you typed this: - Second (#2)"),
            "{}",
            seen()
        );
    }
    let mend = script(&sandbox, "mend", "sed -i '/9.9.9/d' \"$1\"");
    let released = edit(&repo, &mend).ok();
    assert!(
        released
            .stderr
            .contains("not in your notes, but in the release: Second (#2)"),
        "{released:?}"
    );
    assert!(repo.stored().contains("- My words (#1)"));
}

#[test]
fn a_kept_text_is_not_that_of_the_next_release() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    edit(
        &repo,
        &types(&sandbox, "- My words (#1)\n\n## [9.9.9] - 2020-01-01\n"),
    )
    .code(3);
    let released = repo.relwatch(&["release", "--yes"]).ok();
    let aside = ".git/relwatch/RELEASE_NOTES.v0.2.0.md";
    assert!(released.stderr.contains(aside), "{released:?}");
    assert!(repo.read(aside).contains("- My words (#1)"));
    nothing_is_kept(&repo);
    repo.commit("feat: second (#2)");
    edit(&repo, "true").ok();
    let section = repo.stored();
    assert!(
        section.contains("- Second (#2)") && !section.contains("My words"),
        "{section}"
    );
}
