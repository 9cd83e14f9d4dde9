//! `relwatch release --edit`: the notes in the user's editor.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a broken set-up shall fail the test"
)]

mod support;

use support::{Ran, Repo, Sandbox, project};

const KEPT: &str = ".git/relwatch/RELEASE_NOTES.md";

fn ready<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.commit("fix: two (#2)");
    repo
}

fn edit_with(repo: &Repo<'_>, editor: &str) -> Ran {
    let env = [("GIT_EDITOR", editor)];
    repo.run(
        env!("CARGO_BIN_EXE_relwatch"),
        &["release", "--edit", "--yes"],
        &env,
    )
}

fn nothing_happened(repo: &Repo<'_>, head: &str) {
    assert_eq!(repo.head(), head);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.git(&["tag", "--list"]).stdout, "v0.1.0\n");
    repo.relwatch(&["update", "--check"]).ok();
}

#[test]
fn what_was_typed_is_what_is_released() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let seen = edit_with(
        &repo,
        "cp \"$1\" ../seen; sed -i 's/^- One/- The very one/'",
    );
    assert!(
        seen.clone().ok().stdout.contains("released 0.2.0"),
        "{seen:?}"
    );
    assert_eq!(
        sandbox.at("").read("seen"),
        "<!-- relwatch: these are the notes of v0.2.0; edit them, save and close to go on -->\n<!-- relwatch: an empty text stops the release; lines like this one are taken out -->\n\n### Added\n\n- One (#1)\n\n### Fixed\n\n- Two (#2)\n"
    );
    assert!(repo.stored().contains(
        "## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n### Added\n\n- The very one (#1)\n\n### Fixed\n\n- Two (#2)\n\n## [0.1.0] - 2026-01-01\n"
    ));
    assert!(
        repo.git(&["cat-file", "tag", "v0.2.0"])
            .stdout
            .contains("- The very one (#1)\n")
    );
    assert!(!repo.exists(KEPT));
    assert_eq!(repo.status(), "");
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(
        repo.section(),
        "### Added\n\n- One (#1)\n\n### Fixed\n\n- Two (#2)"
    );
}

#[test]
fn the_editor_is_the_one_that_git_would_open() {
    for (config, env) in [("", "VISUAL"), ("", "EDITOR"), ("core.editor", "VISUAL")] {
        let sandbox = Sandbox::new();
        let repo = ready(&sandbox);
        let script = sandbox.path().join("my editor");
        std::fs::write(&script, "#!/bin/sh\necho '- by script' >> \"$1\"\n").unwrap();
        repo.sh("chmod +x '../my editor'").ok();
        let command = format!("'{}'", script.display());
        if !config.is_empty() {
            repo.git(&["config", config, &command]).ok();
        }
        let value = if config.is_empty() {
            command.as_str()
        } else {
            "false"
        };
        let mut relwatch = repo.command(env!("CARGO_BIN_EXE_relwatch"));
        let relwatch = relwatch
            .args(["release", "--edit", "--yes"])
            .env_remove("GIT_EDITOR")
            .env(env, value);
        let ran = support::ran(&relwatch.env("TERM", "xterm").output().unwrap());
        assert!(ran.clone().ok().stdout.contains("released"), "{ran:?}");
        assert!(repo.stored().contains("- by script\n"));
    }
}

#[test]
fn an_empty_text_and_a_failing_editor_stop_it() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    let head = repo.head();
    let ran = edit_with(&repo, "sed -i '/^[^<]/d'").code(130);
    assert_eq!(ran.stderr, "relwatch: not released: the notes are empty\n");
    assert!(!repo.exists(KEPT));
    nothing_happened(&repo, &head);
    let ran = edit_with(&repo, "sed -i s/One/Typed/ \"$1\"; false").code(1);
    assert!(ran.stderr.contains("the editor `sed"), "{ran:?}");
    assert!(ran.stderr.contains("what you typed is kept in "), "{ran:?}");
    nothing_happened(&repo, &head);
    repo.relwatch(&["release", "--edit", "--dry-run"]).code(2);
}

#[test]
fn what_was_typed_is_kept_when_a_later_step_fails_and_offered_again() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    // Somebody commits while the editor is open.
    let ran = edit_with(
        &repo,
        "sed -i 's/One/Typed/' \"$1\"; git commit -q --allow-empty -m 'fix: three (#3)'; :",
    )
    .code(5);
    assert!(
        ran.stderr.contains("main has moved while you typed"),
        "{ran:?}"
    );
    assert!(repo.read(KEPT).contains("- Typed (#1)"));
    assert_eq!(repo.git(&["tag", "--list"]).stdout, "v0.1.0\n");
    assert_eq!(repo.status(), "");
    // A text that would break the file.
    let head = repo.head();
    let ran = edit_with(
        &repo,
        "cp \"$1\" ../seen; printf '## [9.9.9]\\n\\n- x\\n' >>",
    )
    .code(3);
    assert!(
        ran.stderr
            .contains("is the heading of a section, `## [9.9.9]`"),
        "{ran:?}"
    );
    let seen = sandbox.at("").read("seen");
    assert!(
        seen.contains(
            "<!-- relwatch: this is what you typed last time, with what is new since -->\n"
        ),
        "{seen}"
    );
    assert!(
        seen.ends_with("### Added\n\n- Typed (#1)\n\n### Fixed\n\n- Two (#2)\n- Three (#3)\n"),
        "{seen}"
    );
    nothing_happened(&repo, &head);
    // Not without a yes.
    let env = [("GIT_EDITOR", "sed -i '/9.9.9/,$d'")];
    let ran = repo
        .run(env!("CARGO_BIN_EXE_relwatch"), &["release", "--edit"], &env)
        .code(130);
    assert!(ran.stderr.contains("what you typed is kept in "), "{ran:?}");
    edit_with(&repo, "true").ok();
    assert!(repo.stored().contains("- Typed (#1)") && repo.stored().contains("- Three (#3)"));
    assert!(!repo.exists(KEPT));
}

#[test]
fn nobody_types_for_nothing_and_line_ends_stay() {
    let sandbox = Sandbox::new();
    let repo = ready(&sandbox);
    repo.write("file", "dirty\n");
    edit_with(&repo, "touch ../opened; true").code(3);
    assert!(!sandbox.at("").exists("opened"));
    repo.git(&["checkout", "-q", "--", "file"]).ok();
    let text = repo.stored().replace('\n', "\r\n");
    repo.commit_file("CHANGELOG.md", &text, "docs: line ends");
    edit_with(&repo, "sed -i 's/One/Typed/'").ok();
    let stored = repo.stored();
    assert!(
        stored.contains("### Added\r\n\r\n- Typed (#1)\r\n"),
        "{stored:?}"
    );
    assert!(!stored.replace("\r\n", "").contains('\n'));
}
