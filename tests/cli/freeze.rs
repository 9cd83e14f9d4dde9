//! Frozen branches: features are kept out by the hook, and found before a release where no hook has run.

use crate::support::{Repo, Sandbox, cases, configure, with_remote};

/// A project on `release/v0.2.0`, which has left the main branch with a feature.
fn on_release_branch<'s>(sandbox: &'s Sandbox, configuration: &str) -> Repo<'s> {
    let repo = with_remote(sandbox, "r");
    configure(&repo, configuration);
    repo.commit("feat: find peers");
    repo.git(&["push", "-q"]).ok();
    repo.relwatch(&["branch", "release"]).ok();
    repo
}

#[test]
fn a_freeze_that_came_after_init_is_told_with_what_to_run() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "hooks: {freeze: reject}\n");
    repo.commit("feat: find peers");
    let told = "warning: git does not run commit-msg here, so that commits are not checked as `hooks` in relwatch.yml says; run `relwatch init`\n";
    let started = repo.relwatch(&["branch", "release"]).ok();
    assert_eq!(started.stderr, told);
    assert_eq!(
        started.stdout,
        "switched to release/v0.2.0\nnext: relwatch release, then relwatch release --finish merges it back\n"
    );
    let check = repo.relwatch(&["check"]).ok();
    assert_eq!(check.stderr, told);
    assert!(
        check
            .stdout
            .contains("freeze        release/v0.2.0 has no feature of its own\n"),
        "{check:?}"
    );
    repo.relwatch(&["init"]).ok();
    assert_eq!(repo.relwatch(&["check"]).ok().stderr, "");
    let refused = repo.git(&["commit", "--allow-empty", "-m", "feat: more"]);
    assert_eq!(refused.code, 1, "{refused:?}");

    // A job has no hooks, and needs none.
    repo.git(&["push", "-q", "origin", "main", "release/v0.2.0"])
        .ok();
    repo.sh("git clone -q ../r.git ../job && cd ../job && git switch -q release/v0.2.0")
        .ok();
    let job = sandbox.at("job");
    assert_eq!(job.relwatch(&["check"]).ok().stderr, "");
}

#[test]
fn a_feature_on_a_frozen_branch_is_found_before_the_release() {
    let sandbox = Sandbox::new();
    let repo = on_release_branch(&sandbox, "hooks: {freeze: reject}\n");
    repo.commit("fix: close the socket");
    repo.commit_file("louder", "1\n", "feat: speak louder");
    let id = repo.git(&["rev-parse", "--short=7", "HEAD"]).ok().stdout;
    let id = id.trim();
    let what = format!(
        "release/v0.2.0 is frozen, but {id} is a feature: feat: speak louder; `git revert {id}`, or skip it with --skip-check freeze --reason TEXT"
    );
    let check = repo.relwatch(&["check"]).code(3);
    assert!(check.stdout.contains(&what), "{check:?}");
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    assert_eq!(
        refused.stderr,
        format!("relwatch: cannot release yet:\n  - {what}\n")
    );

    // Past it, with a reason that stays; the main branch may have features.
    let skipped = [
        "release",
        "--yes",
        "--skip-check",
        "freeze",
        "--reason",
        "a customer waits",
    ];
    repo.relwatch(&skipped).ok();
    let tag = repo.git(&["cat-file", "tag", "v0.2.0"]).ok().stdout;
    assert!(
        tag.ends_with("\nCheck-Skipped: freeze: a customer waits\n"),
        "{tag}"
    );
    assert!(
        repo.read(".relwatch/releases.yml")
            .contains("Check-Skipped: freeze: a customer waits"),
    );
    repo.relwatch(&["undo", "--yes"]).ok();

    // Reverted, it is gone; the revert of the revert brings it back.
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    repo.relwatch(&["check"]).ok();
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    repo.relwatch(&["check"]).code(3);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
}

#[test]
fn what_came_from_the_main_branch_is_no_feature_of_the_frozen_one() {
    cases::run(
        [
            // Merged from here, and from the remote whose main branch is ahead.
            (
                "git switch -q main && git commit -q --allow-empty -m 'feat: b' && git switch -q - && git merge -q --no-edit main",
                0,
            ),
            (
                "git switch -q main && git commit -q --allow-empty -m 'feat: b' && git push -q && git reset -q --hard HEAD~1 && git switch -q release/v0.2.0 && git merge -q --no-edit origin/main",
                0,
            ),
            // A breaking change of any type, and one on a branch of its own.
            ("git commit -q --allow-empty -m 'fix!: b'", 3),
            (
                "git switch -q -c topic && git commit -q --allow-empty -m 'feat: b' && git switch -q - && git merge -q --no-ff --no-edit topic",
                3,
            ),
            (
                "git branch -q -D main && git commit -q --allow-empty -m 'feat: b'",
                3,
            ),
            (
                "git branch -q -D main && git branch -q -rd origin/main && git commit -q --allow-empty -m 'feat: b'",
                0,
            ),
        ],
        |case| case.0,
        |&(script, code)| {
            let sandbox = Sandbox::new();
            let repo = on_release_branch(&sandbox, "hooks: {freeze: reject}\n");
            repo.sh(script).ok();
            let check = repo.relwatch(&["check", "--offline"]);
            assert_eq!(check.code, code, "{check:?}");
        },
    );
}

#[test]
fn a_freeze_may_warn_or_be_off() {
    let sandbox = Sandbox::new();
    let repo = on_release_branch(&sandbox, "hooks: {freeze: warn}\n");
    repo.commit("feat: speak louder");
    let check = repo.relwatch(&["check"]).ok();
    assert!(check.stdout.contains("warning  freeze"), "{check:?}");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit("feat: on main");
    let check = repo.relwatch(&["check"]).ok();
    assert!(!check.stdout.contains("freeze  "), "{check:?}");
}
