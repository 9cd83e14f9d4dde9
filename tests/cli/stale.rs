//! A changelog that does not show its section, because something changed that runs no hook: the commands that read say so.

use crate::support::{Repo, Sandbox, cases, project};

const STALE: &str = "CHANGELOG.md is stale; run `relwatch update`";

/// Each reading command prints one line with the command to run, and none does after that.
#[track_caller]
fn every_reading_command_says_so(repo: &Repo<'_>) {
    let commands: [&[&str]; 5] = [
        &["check"],
        &["check", "--json"],
        &["explain", "#1"],
        &["notes"],
        &["notes", "--json"],
    ];
    for args in commands {
        let said = repo.relwatch(args).stderr;
        assert_eq!(said.matches(STALE).count(), 1, "{args:?}: {said}");
    }
    let said = repo.relwatch(&["status"]).ok().stdout;
    let words = "CHANGELOG.md stale (run `relwatch update`)";
    assert!(said.replace('\n', " ").contains(words), "{said}");
    let facts = repo.relwatch(&["status", "--porcelain"]).ok().stdout;
    assert!(facts.contains("changelog\tstale\tCHANGELOG.md"), "{facts}");
    repo.relwatch(&["update"]).ok();
    for args in commands.into_iter().chain([&["status"][..]]) {
        let ran = repo.relwatch(args);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains("stale"), "{args:?}: {said}");
    }
}

#[test]
fn a_tag_of_another_tool_makes_the_changelog_stale() {
    for tag in [
        &["tag", "v1.0.0"][..],
        &["tag", "-a", "v1.0.0", "-m", "1.0.0"],
    ] {
        let sandbox = Sandbox::new();
        let repo = project(&sandbox, "r");
        repo.commit("feat: one (#1)");
        repo.commit("fix: two (#2)");
        repo.git(tag).ok();
        assert!(repo.section().contains("One (#1)"));
        every_reading_command_says_so(&repo);
        assert_eq!(repo.section(), "");
        assert_eq!(repo.status(), "");
    }
}

#[test]
fn a_file_that_git_wrote_without_a_hook_is_stale() {
    cases::run(
        [
            (
                "checkout of the file",
                "rm CHANGELOG.md; git checkout -q -- CHANGELOG.md",
            ),
            (
                "hard reset",
                "printf x >> CHANGELOG.md; git reset -q --hard",
            ),
            ("stash", "printf x >> CHANGELOG.md; git stash -q"),
            (
                "a commit without hooks",
                "git -c core.hooksPath=/dev/null commit -q --allow-empty -m 'feat: three (#3)'",
            ),
        ],
        |(name, _)| (*name).to_owned(),
        |(_, script)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: one (#1)");
            repo.commit("fix: two (#2)");
            repo.sh(&format!("set -e; {script}")).ok();
            every_reading_command_says_so(&repo);
            assert!(repo.section().contains("One (#1)"), "{}", repo.section());
        },
    );
}

#[test]
fn of_a_clone_that_is_not_set_up_only_status_says_what_to_run() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.git(&["clone", "-q", ".", "../clone"]).ok();
    let clone = sandbox.at("clone");
    for args in [&["notes"][..], &["explain", "#1"]] {
        assert_eq!(clone.relwatch(args).ok().stderr, "");
    }
    let said = clone.relwatch(&["status"]).ok().stdout.replace('\n', " ");
    assert!(
        said.contains("filter not set (run `relwatch init`)"),
        "{said}"
    );
    clone.relwatch(&["init"]).ok();
    assert!(clone.section().contains("One (#1)"), "{}", clone.section());
}
