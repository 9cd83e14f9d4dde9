//! What goes wrong around a release, each once found by a nervous release manager.

#![cfg(unix)]

use crate::support::{
    CHANGELOG, Repo, Sandbox, cases, configure, eventually, project, says, state_of, with_remote,
};

/// Released here, but not pushed: the remote went away meanwhile, and is back.
fn pending<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = with_remote(sandbox, "r");
    configure(
        &repo,
        "gates: [{name: away, run: mv SANDBOX/r.git SANDBOX/away.git}]\npublish: [{name: log, run: 'echo {tag} {sha} >> SANDBOX/log'}]\n",
    );
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--push", "--yes"]).code(7);
    repo.sh("mv ../away.git ../r.git").ok();
    repo
}

#[test]
fn a_tag_that_somebody_moved_is_not_published() {
    let sandbox = Sandbox::new();
    let repo = pending(&sandbox);
    let released = repo.git(&["rev-parse", "v0.2.0"]).stdout;
    repo.git(&["tag", "-f", "v0.2.0", "HEAD~2"]).ok();
    let refused = repo.relwatch(&["release", "--resume"]).code(5);
    says(
        &refused,
        &[
            "v0.2.0 was moved since release v0.2.0",
            "git update-ref refs/tags/v0.2.0",
        ],
    );
    repo.relwatch(&["publish"]).code(5);
    assert_eq!(repo.sh("git ls-remote --tags origin v0.2.0").stdout, "");
    repo.git(&["update-ref", "refs/tags/v0.2.0", released.trim()])
        .ok();
    says(
        &repo.relwatch(&["release", "--resume"]).ok(),
        &["published v0.2.0: log"],
    );
    let commit = repo.head();
    assert_eq!(repo.read("../log"), format!("v0.2.0 {commit}\n"));
}

#[test]
fn a_pending_release_has_a_way_out_whatever_was_done_by_hand() {
    let sandbox = Sandbox::new();
    let repo = pending(&sandbox);
    // Taken back by hand: there is nothing to go on with.
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.git(&["tag", "-d", "v0.2.0"]).ok();
    repo.has_nothing_pending();
    assert!(!repo.sh("git ls-remote origin").stdout.contains("v0.2.0"));

    // Rebased by hand: it is left as it is.
    repo.relwatch(&["release", "--push", "--yes"]).code(7);
    repo.sh("mv ../away.git ../r.git").ok();
    repo.sh("git clone -q ../r.git ../other && cd ../other && git commit -q --allow-empty -m 'fix: theirs' && git push -q origin main").ok();
    repo.git(&["pull", "-q", "--rebase", "origin", "main"]).ok();
    says(
        &repo.relwatch(&["release", "--resume"]).code(5),
        &["origin/main has moved on", "relwatch release --abandon"],
    );
    says(
        &repo.relwatch(&["release", "--abandon"]).ok(),
        &["abandoned: release v0.2.0; v0.2.0 is as it is, here and on origin"],
    );
    repo.has_nothing_pending();
}

#[test]
fn other_commits_of_ours_do_not_forget_it() {
    let sandbox = Sandbox::new();
    let repo = pending(&sandbox);
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.2.0\"\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "build: a manifest"]).ok();
    repo.relwatch(&["version", "--patch"]).ok();
    says(
        &repo.relwatch(&["check"]).code(3),
        &["release v0.2.0 is not finished"],
    );
    repo.relwatch(&["release", "--resume"]).ok();
    assert_eq!(repo.read("../log").lines().count(), 1);
}

#[test]
fn a_crash_is_healed_where_git_changes_line_ends() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.sh("printf '*.toml text eol=crlf\\n' >> .gitattributes")
        .ok();
    repo.write(
        "Cargo.toml",
        "[package]\r\nname = \"r\"\r\nversion = \"0.1.0\"\r\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: a timeout (#1)"])
        .ok();
    // Killed when the references have moved and the files have not: git and relwatch.
    repo.sh("printf '#!/bin/sh\\ntest \"$1\" = committed && kill -9 $(cat ../pid) $PPID\\nexit 0\\n' > .git/hooks/reference-transaction && chmod +x .git/hooks/reference-transaction").ok();
    repo.sh("relwatch release --yes & echo $! > ../pid; wait $!");
    repo.sh("rm .git/hooks/reference-transaction").ok();
    assert_ne!(
        repo.git(&["tag", "-l", "v0.2.0"]).stdout,
        "",
        "killed too early"
    );
    says(
        &repo.relwatch(&["release", "--resume"]).ok(),
        &["finished: release v0.2.0"],
    );
    assert_eq!(repo.status(), "");
    assert_eq!(
        repo.read("Cargo.toml"),
        "[package]\r\nname = \"r\"\r\nversion = \"0.2.0\"\r\n"
    );
}

#[test]
fn what_is_no_plain_file_is_not_written() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.write(".relwatch/releases.yml", "mine\n");
    repo.sh("echo .relwatch >> .git/info/exclude").ok();
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    says(
        &refused,
        &[".relwatch/releases.yml is there, but not in git, and the release would write it"],
    );
    assert_eq!(repo.read(".relwatch/releases.yml"), "mine\n");
    repo.sh("rm -r .relwatch && mkdir docs && relwatch hooks uninstall >/dev/null && mv CHANGELOG.md docs/ && ln -s docs/CHANGELOG.md CHANGELOG.md && git add . && git commit -q -m 'chore: move'").ok();
    let refused = repo.relwatch(&["check"]).code(3);
    says(&refused, &["CHANGELOG.md is a symbolic link"]);
}

#[test]
fn a_branch_that_changes_under_a_gate_stops_the_release() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "gates: [{name: wander, run: git switch -q -c other}]\n",
    );
    repo.commit("feat: a timeout (#1)");
    let main = repo.git(&["rev-parse", "main"]).stdout;
    says(
        &repo.relwatch(&["release", "--yes"]).code(5),
        &["other was checked out meanwhile; nothing was changed"],
    );
    assert_eq!(repo.git(&["rev-parse", "main"]).stdout, main);
    assert_eq!(repo.status(), "");
    // A branch that is checked out elsewhere is not moved under its files.
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["worktree", "add", "-q", "--detach", "../b"])
        .ok();
    let refused = sandbox
        .at("b")
        .relwatch(&["release", "--branch", "main", "--yes"])
        .code(3);
    says(&refused, &["main is checked out in", "release there"]);
}

/// A process that was killed ends at once, but not before the kill returns.
fn has_ended(pid: &str) {
    eventually(|| match state_of(pid) {
        None => Ok(()),
        Some(state) => Err(format!("process {pid} is in state {state}")),
    });
}

#[test]
fn what_a_gate_leaves_running_ends_with_it() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "gates: [{name: daemon, run: 'sleep 100000 & echo $! > SANDBOX/pid; echo started'}]\n",
    );
    repo.commit("feat: a timeout (#1)");
    says(
        &repo.in_time("relwatch", &["release", "--yes"]).ok(),
        &["daemon | started", "gate daemon: ok"],
    );
    has_ended(repo.read("../pid").trim());
}

#[test]
fn what_was_published_is_not_taken_back_and_what_is_cut_anew_is_published_anew() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "publish: [{name: log, run: 'echo {tag} >> SANDBOX/log'}]\n",
    );
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.relwatch(&["undo", "--yes"]).ok();
    repo.commit("fix: more (#2)");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.relwatch(&["publish"]).ok();
    assert_eq!(repo.read("../log"), "v0.2.0\n");
    says(
        &repo.relwatch(&["undo", "--yes"]).code(3),
        &["v0.2.0 is published (log is done)", "relwatch withdraw"],
    );
}

#[test]
fn the_configured_remote_is_the_one_that_is_asked() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.sh("git init -q --bare -b main ../pub.git && git remote add pub ../pub.git")
        .ok();
    configure(&repo, "push: {remote: pub}\n");
    repo.commit("feat: a timeout (#1)");
    says(
        &repo.relwatch(&["release", "--yes"]).ok(),
        &["next: git push --atomic pub main v0.2.0"],
    );
    repo.git(&["push", "-q", "pub", "v0.2.0"]).ok();
    says(
        &repo.relwatch(&["undo", "--yes"]).code(3),
        &["tag v0.2.0 is on pub already"],
    );
    repo.sh("git remote rename origin up").ok();
    configure(&repo, "");
    repo.sh("git config --unset branch.main.remote; git config --unset branch.main.merge")
        .ok();
    says(
        &repo.relwatch(&["check"]).code(3),
        &["main follows none of the remotes", "push: {remote: pub}"],
    );
}

#[test]
fn a_branch_may_follow_one_of_another_name() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.sh("git push -q origin main:trunk && git branch -q -u origin/trunk && git -C ../r.git branch -q -D main 2>/dev/null; git -C ../r.git symbolic-ref HEAD refs/heads/trunk").ok();
    repo.commit("feat: a timeout (#1)");
    says(
        &repo.relwatch(&["check"]).ok(),
        &["1 ahead of origin/trunk"],
    );
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    assert_eq!(
        repo.sh("git -C ../r.git rev-parse trunk").stdout.trim(),
        repo.head()
    );
}

#[test]
fn a_release_that_nobody_has_is_undone_not_withdrawn() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    let refused = repo
        .relwatch(&["withdraw", "0.2.0", "--reason", "x", "--yes"])
        .code(3);
    says(
        &refused,
        &["v0.2.0 is not on origin: nobody has it; `relwatch undo` undoes it"],
    );
    repo.relwatch(&["undo", "--yes"]).ok();
    configure(&repo, "manifest: ''\n");
    repo.relwatch(&["release", "--pre", "rc", "--push", "--yes"])
        .ok();
    let head = repo.head();
    let refused = repo
        .relwatch(&["withdraw", "0.2.0-rc.1", "--reason", "x", "--yes"])
        .code(3);
    says(
        &refused,
        &["neither the changelog nor the release manifest on main know v0.2.0-rc.1"],
    );
    assert_eq!(repo.head(), head);
}

#[test]
fn what_lands_while_a_release_is_reviewed_is_told_in_the_next() {
    cases::run(
        [
            (
                "git merge -q --no-ff -m 'Merge pull request #7' origin/release/v0.2.0",
                "chore(release): v0.2.0",
            ),
            (
                "git merge -q --squash origin/release/v0.2.0 && git commit -q -m 'Release v0.2.0 (#7)'",
                "Release v0.2.0 (#7)",
            ),
            (
                "git cherry-pick origin/release/v0.2.0 >/dev/null",
                "chore(release): v0.2.0",
            ),
        ],
        |&(merge, ..)| merge,
        |&(merge, title)| {
            let sandbox = Sandbox::new();
            let repo = with_remote(&sandbox, "r");
            configure(
                &repo,
                "push: {mode: pull-request}\ngates: [{name: slow, run: 'true'}]\n",
            );
            repo.commit_file("a", "", "feat: a timeout (#1)");
            repo.git(&["push", "-q"]).ok();
            repo.relwatch(&[
                "release",
                "--push",
                "--yes",
                "--skip-gate",
                "slow",
                "--reason",
                "urgent",
            ])
            .ok();
            repo.sh(&format!("git clone -q ../r.git ../forge && cd ../forge && echo > b && git add b && git commit -q -m 'feat: landed meanwhile (#2)' && {merge} && git commit -q --allow-empty -m 'fix: after (#3)' && git push -q origin main")).ok();
            repo.git(&["pull", "-q"]).ok();
            repo.relwatch(&["release", "--finish", "--push"]).ok();
            assert_eq!(
                repo.git(&["log", "-1", "--format=%s", "v0.2.0"])
                    .stdout
                    .trim(),
                title
            );
            assert_eq!(
                repo.section(),
                "### Added\n\n- Landed meanwhile (#2)\n\n### Fixed\n\n- After (#3)",
                "{merge}"
            );
            says(
                &repo.git(&["tag", "-l", "--format=%(contents)", "v0.2.0"]),
                &["A timeout (#1)", "Gate-Skipped: slow: urgent"],
            );
            says(
                &repo.relwatch(&["release", "--dry-run"]).ok(),
                &["release 0.3.0 on main"],
            );
            assert_eq!(repo.status(), "");
            // Everybody sees the same.
            repo.sh("git clone -q ../r.git ../fresh").ok();
            let fresh = sandbox.at("fresh");
            fresh.relwatch(&["init"]).ok();
            assert_eq!(fresh.section(), repo.section());
        },
    );
}

#[test]
fn a_candidate_is_reviewed_too() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "push: {mode: pull-request}\n");
    repo.commit("feat: a timeout (#1)");
    repo.git(&["push", "-q"]).ok();
    repo.relwatch(&["release", "--pre", "rc", "--push", "--yes"])
        .ok();
    repo.sh("git clone -q ../r.git ../forge && cd ../forge && git merge -q --no-ff -m merge origin/release/v0.2.0-rc.1 && git push -q origin main").ok();
    repo.git(&["pull", "-q"]).ok();
    says(
        &repo.relwatch(&["release", "--finish", "--push"]).ok(),
        &["released v0.2.0-rc.1"],
    );
    // A release branch needs no review branch: it is pushed itself.
    repo.relwatch(&["branch", "release"]).ok();
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    assert_eq!(repo.git(&["describe", "--exact-match"]).stdout, "v0.2.0\n");
}

#[test]
fn hooks_of_the_user_may_word_the_commit_and_ours_are_silent() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.relwatch(&["init", "--storage", "tracked"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: store the lines"])
        .ok();
    configure(&repo, "storage: tracked\ncommit_hooks: true\n");
    repo.commit_file("x", "", "feat: a timeout (#1)");
    repo.sh("printf '#!/bin/sh\\nsed -i \"1s/^/[JIRA-1] /\" \"$1\"\\n' > .git/hooks/commit-msg && chmod +x .git/hooks/commit-msg").ok();
    let head = repo.head();
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s"]).stdout,
        "[JIRA-1] chore(release): v0.2.0\n"
    );
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(repo.head(), head);
    repo.sh("printf '#!/bin/sh\\n: > \"$1\"\\n' > .git/hooks/commit-msg")
        .ok();
    says(
        &repo.relwatch(&["release", "--yes"]).code(4),
        &["the commit-msg hook refuses the release commit: it leaves no message"],
    );
}

#[test]
fn a_saved_plan_meets_the_same_checks() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    let plan = repo
        .relwatch(&["release", "--dry-run", "--json"])
        .ok()
        .stdout;
    repo.write("../plan.json", &plan);
    repo.relwatch(&[
        "release",
        "--plan",
        "../plan.json",
        "--yes",
        "--skip-gate",
        "x",
        "--reason",
        "y",
    ])
    .code(2);
    repo.write(
        "../odd.json",
        &plan.replace("\"tag\": \"v0.2.0\"", "\"tag\": \"v0.3.0\""),
    );
    says(
        &repo
            .relwatch(&["release", "--plan", "../odd.json", "--yes"])
            .code(2),
        &["v0.3.0 is not the tag of 0.2.0"],
    );
    repo.git(&["remote", "remove", "origin"]).ok();
    says(
        &repo
            .relwatch(&["release", "--plan", "../plan.json", "--push", "--yes"])
            .code(3),
        &["there is no remote to push to"],
    );
    repo.relwatch(&["release", "--plan", "../plan.json", "--yes"])
        .ok();
    says(
        &repo
            .relwatch(&["release", "--plan", "../plan.json", "--yes"])
            .code(5),
        &["went stale"],
    );
}

#[test]
fn the_final_version_of_rolled_pre_releases_may_bring_nothing_new() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "prerelease: roll\n");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(
        repo.stored().contains(
            "## [0.2.0] - 2026-01-30\n\nNo changes since v0.2.0-rc.1.\n\n## [0.2.0-rc.1]"
        ),
        "{}",
        repo.stored()
    );
    repo.relwatch(&["release", "--yes"]).code(6);
}

/// Kills relwatch when the references have moved and the files have not.
fn kill_between(repo: &Repo<'_>, args: &str) {
    repo.sh("printf '#!/bin/sh\\ntest \"$1\" = committed && kill -9 $(cat ../pid) $PPID\\nexit 0\\n' > .git/hooks/reference-transaction && chmod +x .git/hooks/reference-transaction").ok();
    repo.sh(&format!("relwatch {args} & echo $! > ../pid; wait $!"));
    repo.sh("rm .git/hooks/reference-transaction").ok();
}

#[test]
fn a_commit_on_a_killed_release_is_seen_and_nothing_is_stuck() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    kill_between(&repo, "release --yes");
    says(
        &repo.relwatch(&["check"]).code(3),
        &[
            "release v0.2.0 was interrupted",
            "relwatch release --resume",
        ],
    );
    repo.commit_file("n", "", "feat: a note (#2)");
    let resumed = repo.relwatch(&["release", "--resume"]).ok();
    says(
        &resumed,
        &[
            "a commit on release v0.2.0 was made before its files were there",
            "git checkout ",
        ],
    );
    let hint = resumed.stderr.split('`').nth(1).unwrap().to_owned();
    repo.sh(&hint).ok();
    repo.git(&["commit", "-q", "-m", "chore: what the release brought"])
        .ok();
    assert!(repo.stored().contains("## [0.2.0] - 2026-01-30"));
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "### Added\n\n- A note (#2)");
    repo.relwatch(&["release", "--yes"]).ok();
    // A release that is running can always be abandoned.
    repo.commit("fix: more (#3)");
    kill_between(&repo, "release --yes");
    says(
        &repo.relwatch(&["release", "--abandon"]).ok(),
        &["abandoned: release v0.3.1"],
    );
    repo.has_nothing_pending();
}

#[test]
fn a_release_that_a_commit_took_back_by_accident_is_brought_back_not_deleted() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let spec = ".chant/specs/2026-01-29-004-jkl.md";
    let text = "---\nstatus: completed\ntype: feature\n---\n# A timeout\n";
    repo.commit_file(spec, text, "feat: a timeout (#1)");
    kill_between(&repo, "release --yes");
    let status = repo.relwatch(&["status"]).ok();
    says(
        &status,
        &["release v0.2.0 was interrupted; `relwatch release --resume` finishes it"],
    );
    assert!(!status.stderr.contains("tag -d"), "{status:?}");
    repo.write("file", "2\n");
    repo.git(&["commit", "-q", "-am", "fix: more (#2)"]).ok();
    assert!(!repo.stored().contains("## [0.2.0]"));
    let status = repo.relwatch(&["status"]).ok();
    says(&status, &["relwatch release --resume"]);
    assert!(!status.stderr.contains("tag -d"), "{status:?}");
    // Any relwatch command completes an interrupted operation; a problem that it cannot fix is reported as long as it lasts.
    repo.relwatch(&["update"]).ok();
    let status = repo.relwatch(&["status"]).ok();
    says(
        &status,
        &[
            "v0.2.0 is tagged, but CHANGELOG.md has no section of it any more: a later commit reverts it",
        ],
    );
    let lost = status
        .stderr
        .lines()
        .find(|line| line.contains("v0.2.0 is tagged"));
    for command in ["check", "release --dry-run"] {
        let said = repo.sh(&format!("relwatch {command}"));
        says(&said, &[lost.unwrap()]);
    }
    let hint = status.stderr.split('`').nth(1).unwrap().to_owned();
    assert!(hint.starts_with("git checkout "), "{status:?}");
    repo.sh(&hint).ok();
    repo.git(&["commit", "-q", "-m", "chore: what the release brought"])
        .ok();
    assert_eq!(
        repo.git(&["diff", "--stat", "v0.2.0", "HEAD"])
            .stdout
            .trim(),
        "file | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)"
    );
    assert_eq!(repo.status(), "");
    assert_eq!(repo.relwatch(&["status"]).ok().stderr, "");
    // Changes made to the changelog since then are kept.
    repo.write("CHANGELOG.md", CHANGELOG);
    repo.git(&["commit", "-q", "-am", "docs: by hand"]).ok();
    repo.edit("CHANGELOG.md", "the first thing", "the very first thing");
    repo.git(&["commit", "-q", "-am", "docs: more"]).ok();
    says(
        &repo.relwatch(&["status"]).ok(),
        &[
            "v0.2.0 is tagged, but CHANGELOG.md has no section of it any more; `git show v0.2.0:CHANGELOG.md` has it",
        ],
    );
}

#[test]
fn a_release_that_was_reverted_is_told_by_every_command_that_would_release() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    cases::in_turn(
        ["status", "check", "release --dry-run", "release --yes"],
        |&command| command,
        |&command| {
            let said = repo.sh(&format!("relwatch {command}"));
            let lost = "v0.2.0 is tagged, but CHANGELOG.md has no section of it any more";
            says(&said, &[lost]);
        },
    );
}

#[test]
fn every_release_command_heals_first() {
    cases::run(
        [
            "branch hotfix",
            "withdraw 0.2.0 --reason x --yes",
            "undo --yes",
        ],
        |&command| command,
        |&command| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: a timeout (#1)");
            kill_between(&repo, "release --yes");
            repo.sh(&format!("relwatch {command}")).ok();
            assert_eq!(repo.status(), "", "{command}");
        },
    );
}

#[test]
fn what_was_typed_is_used_once() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "publish: [{name: p, run: test -f SANDBOX/ok}]\n");
    repo.commit("feat: a timeout (#1)");
    let edit = |editor: &str, args: &[&str]| {
        repo.run(
            env!("CARGO_BIN_EXE_relwatch"),
            args,
            &[("GIT_EDITOR", editor)],
        )
    };
    let half = edit(
        "sed -i 's/A timeout/Edited/'",
        &["release", "--edit", "--push", "--yes"],
    )
    .code(8);
    assert!(!half.stderr.contains("what you typed is kept"), "{half:?}");
    says(&half, &["released 0.2.0", "pushed to origin"]);
    assert!(repo.stored().contains("- Edited (#1)"));
    repo.write("../ok", "");
    repo.relwatch(&["release", "--resume"]).ok();
    repo.commit("fix: next (#2)");
    edit("true", &["release", "--edit", "--yes"]).ok();
    assert!(
        repo.stored()
            .contains("## [0.2.1] - 2026-01-30\n\n### Fixed\n\n- Next (#2)"),
        "{}",
        repo.stored()
    );
}

#[test]
fn a_release_by_review_is_as_strict() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(
        &repo,
        "push: {mode: pull-request}\ngates: [{name: format, run: 'test ! -f SANDBOX/on || echo 2 > file'}]\n",
    );
    repo.commit_file("a", "", "feat: a timeout (#1)");
    let refused = repo.relwatch(&["release", "--push", "--yes"]).code(3);
    says(
        &refused,
        &[
            "commits are not on origin/main yet",
            "have them merged first",
        ],
    );
    repo.git(&["push", "-q"]).ok();
    repo.write("../on", "");
    says(
        &repo.relwatch(&["release", "--push", "--yes"]).code(5),
        &["file changed meanwhile"],
    );
    assert_eq!(
        repo.git(&["branch", "-a", "--list", "*release*"]).stdout,
        ""
    );
}

#[test]
fn what_else_changed_in_a_bumped_file_is_no_matter() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "push: {mode: pull-request}\ncommit_hooks: true\n");
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.1.0\"\n\n\n\n[dependencies]\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: a timeout (#1)"])
        .ok();
    repo.git(&["push", "-q"]).ok();
    repo.sh("printf '#!/bin/sh\\nsed -i \"1s/^/[JIRA-1] /\" \"$1\"\\n' > .git/hooks/commit-msg && chmod +x .git/hooks/commit-msg").ok();
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    repo.sh("git clone -q ../r.git ../forge && cd ../forge && echo 'serde = \"1\"' >> Cargo.toml && git commit -qam 'build: serde (#2)' && git merge -q --squash origin/release/v0.2.0 && git commit -q -m 'Release v0.2.0 (#7)' && git push -q origin main").ok();
    repo.git(&["pull", "-q"]).ok();
    repo.relwatch(&["release", "--finish", "--push"]).ok();
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s", "v0.2.0"]).stdout,
        "Release v0.2.0 (#7)\n"
    );
}

#[test]
fn a_kept_candidate_without_a_list_is_finished_and_withdrawn_once() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "push: {mode: pull-request}\nmanifest: ''\n");
    repo.commit("feat: a timeout (#1)");
    repo.git(&["push", "-q"]).ok();
    repo.relwatch(&["release", "--pre", "rc", "--push", "--yes"])
        .ok();
    repo.sh("git clone -q ../r.git ../forge && cd ../forge && git merge -q --no-ff -m merge origin/release/v0.2.0-rc.1 && git push -q origin main").ok();
    repo.git(&["pull", "-q"]).ok();
    repo.relwatch(&["release", "--finish", "--push"]).ok();

    let other = with_remote(&sandbox, "other");
    other.commit("feat: a timeout (#1)");
    other
        .relwatch(&["release", "--pre", "rc", "--push", "--yes"])
        .ok();
    let withdraw = ["withdraw", "0.2.0-rc.1", "--reason", "bad", "--yes"];
    other.relwatch(&withdraw).ok();
    says(
        &other.relwatch(&withdraw).code(6),
        &["v0.2.0-rc.1 is withdrawn already"],
    );
}

#[test]
fn a_release_that_was_not_pushed_is_not_left_behind() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.commit("fix: more (#2)");
    let refused = repo.relwatch(&["release", "--push", "--yes"]).code(3);
    says(
        &refused,
        &["v0.2.0, released before, is not on origin; run `git push origin v0.2.0`"],
    );
    repo.git(&["push", "-q", "origin", "v0.2.0"]).ok();
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    repo.sh("git clone -q ../r.git ../fresh").ok();
    sandbox.at("fresh").relwatch(&["check"]).code(6);
}

#[test]
fn a_killed_undo_is_whole_or_as_before() {
    // Killed before its references move, and after.
    cases::run(
        ["prepared", "committed"],
        |&state| state,
        |&state| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: a timeout (#1)");
            repo.relwatch(&["release", "--yes"]).ok();
            let released = repo
                .sh("git for-each-ref; git ls-files -s; cat CHANGELOG.md")
                .stdout;
            repo.sh(&format!("printf '#!/bin/sh\\ntest \"$1\" = {state} && kill -9 $(cat ../pid) $PPID\\nexit 0\\n' > .git/hooks/reference-transaction && chmod +x .git/hooks/reference-transaction")).ok();
            repo.sh("relwatch undo --yes & echo $! > ../pid; wait $!");
            repo.sh("rm .git/hooks/reference-transaction; find .git -name '*.lock' ! -path '*/relwatch/*' -delete").ok();
            repo.relwatch(&["release", "--resume"]).ok();
            assert_eq!(repo.status(), "", "{state}");
            let has_tag = !repo.git(&["tag", "-l", "v0.2.0"]).stdout.is_empty();
            assert_eq!(has_tag, state == "prepared");
            if has_tag {
                assert_eq!(
                    repo.sh("git for-each-ref; git ls-files -s; cat CHANGELOG.md")
                        .stdout,
                    released
                );
            } else {
                assert_eq!(repo.section(), "### Added\n\n- A timeout (#1)");
            }
        },
    );
}

#[test]
fn ctrl_c_ends_any_gate_and_nothing_is_left_running() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "gates:
  - {name: here, run: 'true'}
  - {name: tree, where: release-tree, run: 'sleep 100000 & echo $$ $! > SANDBOX/pids; mv SANDBOX/pids SANDBOX/started; wait; touch SANDBOX/late'}
",
    );
    repo.commit("feat: a timeout (#1)");
    let ended = repo.sh("relwatch release --yes & pid=$!; while test ! -f ../started && kill -0 $pid; do sleep 0.05; done; kill -INT $pid; wait $pid");
    says(&ended.code(130), &["interrupted; nothing was changed"]);
    for pid in repo.read("../started").split_whitespace() {
        has_ended(pid);
    }
    assert!(!repo.exists("../late"));
    assert_eq!(repo.git(&["tag", "-l", "v0.2.0"]).stdout, "");
}

#[test]
fn one_release_is_finished_before_the_next() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "publish: [{name: p, run: test -f SANDBOX/ok}]\n");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--push", "--yes"]).code(8);
    says(
        &repo.relwatch(&["release", "--finish", "--push"]).code(3),
        &["release v0.2.0 is not finished"],
    );
    // The message does not claim that anything was undone.
    repo.write("../ok", "");
    let ran = repo
        .run(
            env!("CARGO_BIN_EXE_relwatch"),
            &["release", "--resume"],
            &[("TMPDIR", "/nowhere")],
        )
        .code(8);
    says(&ran, &["it is public, `relwatch release --resume` goes on"]);
    repo.relwatch(&["release", "--resume"]).ok();
}

#[test]
fn a_command_of_the_user_may_use_relwatch() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "ci: relwatch update >/dev/null && echo success\n");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
}

#[test]
fn a_release_tree_needs_neither_branches_nor_tags() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "relwatch.yml",
        "gates: [{name: tree, run: test -f a, where: release-tree}]\n",
    );
    repo.write("a", "");
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: a start (#1)"]).ok();
    repo.git(&["switch", "-q", "--detach"]).ok();
    repo.git(&["branch", "-q", "-D", "main"]).ok();
    repo.relwatch(&["release", "major", "--branch", "main", "--yes"])
        .ok();
    assert_eq!(repo.git(&["tag", "--points-at", "main"]).stdout, "v1.0.0\n");
}

#[test]
fn a_release_that_is_half_on_the_remote_is_not_taken_back() {
    let sandbox = Sandbox::of_old();
    let repo = pending(&sandbox);
    // As a remote leaves it that was killed between the branch and the tag.
    repo.sh("git push -q origin main && mkdir -p ../r.git/refs/tags && touch ../r.git/refs/tags/v0.2.0.lock").ok();
    let half = repo.relwatch(&["release", "--resume"]).code(8);
    says(
        &half,
        &[
            "main of origin contains release v0.2.0, but its tags are not there",
            "--resume",
        ],
    );
    assert_eq!(repo.git(&["tag", "-l", "v0.2.0"]).stdout, "v0.2.0\n");
    repo.sh("rm ../r.git/refs/tags/v0.2.0.lock").ok();
    repo.relwatch(&["release", "--resume"]).ok();
    assert_eq!(repo.status(), "");
}

#[test]
fn a_changelog_in_utf_16_is_left_alone() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let text = "# Changelog\r\n\r\n## [Unreleased]\r\n\r\n- mine\r\n";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = [&[0xff, 0xfe][..], &wide].concat();
    std::fs::write(repo.path.join("CHANGELOG.md"), &bytes).unwrap();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    says(
        &repo.relwatch(&["init"]).code(1),
        &["CHANGELOG.md is no text in UTF-8"],
    );
    repo.sh("git add -A && git commit -q -m 'chore: keep'").ok();
    repo.commit("feat: one (#1)");
    assert_ne!(repo.relwatch(&["release", "--yes"]).code, 0);
    assert_eq!(
        std::fs::read(repo.path.join("CHANGELOG.md")).unwrap(),
        bytes
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_not_made_anew() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit_file("d/x", "1\n", "chore: folder");
    repo.git(&["sparse-checkout", "set", "--no-cone", "d"]).ok();
    cases::in_turn(
        [&["init"][..], &["doctor", "--fix"]],
        |&args| args.join(" "),
        |&args| {
            let ran = repo.relwatch(args);
            assert_ne!(ran.code, 0, "{ran:?}");
            says(&ran, &["sparse-checkout add"]);
            assert_eq!(repo.status(), "");
            assert!(!repo.exists("CHANGELOG.md"));
        },
    );
}

#[test]
fn a_branch_without_commits_is_no_trouble() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    let ran = repo.git(&["checkout", "-q", "--orphan", "new"]).ok();
    assert_eq!(ran.stderr, "");
}
