//! Releases as transactions: plans, checks, gates, versions, signing, pushing, publishing, and the ways back.

use crate::support::{Repo, Sandbox, cases, configure, project, says, with_remote};

/// Everything that a release may touch, as one text.
fn everything(repo: &Repo<'_>) -> String {
    repo.sh("git for-each-ref refs/heads refs/tags; git symbolic-ref -q HEAD; git ls-files -s; git status --porcelain; cat CHANGELOG.md; find . -path ./.git -prune -o -type f -print | sort; ls .git/relwatch/release.json .git/relwatch/move.json 2>/dev/null; git worktree list | wc -l").stdout
}

#[test]
fn a_plan_is_data_and_applies_only_where_it_was_made() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    let before = everything(&repo);
    let plan = repo
        .relwatch(&["release", "--dry-run", "--json"])
        .ok()
        .stdout;
    assert_eq!(everything(&repo), before, "a dry run changes nothing");
    assert_eq!(
        repo.relwatch(&["release", "--dry-run", "--json"])
            .ok()
            .stdout,
        plan,
        "the same inputs, the same plan"
    );
    repo.write("../plan.json", &plan);

    // The same names, whether it is planned and applied at once or saved, and however often.
    repo.relwatch(&["release", "--yes"]).ok();
    let names = repo.git(&["rev-parse", "HEAD", "v0.2.0"]).stdout;
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(everything(&repo), before);
    let done = repo
        .relwatch(&["release", "--plan", "../plan.json", "--yes"])
        .ok();
    says(&done, &["released 0.2.0: commit and tag v0.2.0 on main"]);
    assert_eq!(repo.git(&["rev-parse", "HEAD", "v0.2.0"]).stdout, names);
    assert_eq!(repo.status(), "");
    repo.relwatch(&["undo", "--yes"]).ok();

    // If anything that the plan is based on has changed: exit 5, and nothing happens.
    let refuses = |said: &str| {
        let before = everything(&repo);
        let refused = repo
            .relwatch(&["release", "--plan", "../plan.json", "--yes"])
            .code(5);
        says(&refused, &["went stale", said, "nothing was changed"]);
        assert_eq!(everything(&repo), before);
    };
    repo.commit("fix: more");
    refuses("HEAD is ");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.write(
        "../plan.json",
        &plan.replace(r#""relwatch": ""#, r#""relwatch": "9"#),
    );
    refuses("it is by relwatch 9");
    repo.write("../plan.json", &plan);
    configure(&repo, "unconventional: skip\n");
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]).ok();
    refuses("relwatch.yml is another one");
    repo.git(&["reset", "-q", "--hard"]).ok();

    repo.write(
        "../plan.json",
        &plan.replace("\"path\": \"CHANGELOG.md\"", "\"path\": \"../../etc/x\""),
    );
    let refused = repo
        .relwatch(&["release", "--plan", "../plan.json", "--yes"])
        .code(2);
    says(&refused, &["leads out of the repository"]);
    repo.write("../plan.json", "{");
    repo.relwatch(&["release", "--plan", "../plan.json", "--yes"])
        .code(2);
    repo.relwatch(&["release", "--plan", "../none.json", "--yes"])
        .code(2);
}

#[test]
fn checks_have_names_results_and_remedies() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    let ready = repo.relwatch(&["check"]).ok();
    says(
        &ready,
        &[
            "ok       branch        main",
            "ok       clean         no uncommitted changes",
            "ok       upstream      1 ahead of origin/main, pushed with the release",
            "ok       remote-tag    v0.2.0 is free on origin",
            "ready: 0.2.0 can be released from main at",
        ],
    );
    // Someone else pushes a commit and the tag.
    repo.sh("git clone -q ../r.git ../other && cd ../other && git commit -q --allow-empty -m 'fix: theirs' && git tag -a v0.2.0 -m x && git push -q origin main v0.2.0").ok();
    repo.write("file", "dirty\n");
    let refused = repo.relwatch(&["check", "--json"]).code(3);
    let json: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(json["ready"], false);
    let result = |id: &str| {
        let checks = json["checks"].as_array().unwrap();
        let check = checks.iter().find(|c| c["id"] == id).unwrap();
        (
            check["result"].as_str().unwrap().to_owned(),
            check["mend"].as_str().unwrap_or("").to_owned(),
        )
    };
    assert_eq!(
        result("clean"),
        ("failed".into(), "commit or stash them".into())
    );
    assert_eq!(
        result("upstream"),
        (
            "failed".into(),
            "run `git pull --rebase origin main`".into()
        )
    );
    assert_eq!(result("branch").0, "ok");
    let refused = repo.relwatch(&["release", "0.2.0", "--yes"]).code(3);
    says(
        &refused,
        &[
            "main and origin/main have diverged (1 here, 1 there)",
            "tag v0.2.0 is on origin already",
            "uncommitted changes in file",
        ],
    );
    repo.git(&["checkout", "-q", "file"]).ok();
    // A remote that does not answer is a failed check, unless the user skips it.
    repo.git(&["remote", "set-url", "origin", "../nowhere.git"])
        .ok();
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    says(&refused, &["cannot fetch origin", "--offline"]);
    let offline = repo.relwatch(&["check", "--offline"]).ok();
    says(
        &offline,
        &["skipped  upstream      origin was not asked (--offline)"],
    );
    repo.git(&["push", "-q", "../r.git", "HEAD:refs/heads/x"])
        .ok();
    repo.sh("git clone -q --depth 1 file://$PWD/../r.git ../shallow")
        .ok();
    let shallow = sandbox.at("shallow");
    let refused = shallow.relwatch(&["check"]).code(3);
    says(
        &refused,
        &[
            "the clone is shallow",
            "run `git fetch --unshallow --tags origin`",
        ],
    );
}

#[test]
fn continuous_integration_must_be_green() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "ci: cat ../ci-{sha}.txt\n");
    repo.commit("feat: a timeout (#1)");
    let file = format!("../ci-{}.txt", repo.head());
    says(&repo.relwatch(&["check"]).code(3), &["failed   ci"]);
    cases::in_turn(
        [
            ("", "there are no runs for"),
            ("[]", "there are no runs for"),
            ("success\nfailure\n", "a run says `failure`"),
            (
                r#"[{"conclusion":"success"},{"conclusion":"","status":"in_progress"}]"#,
                "a run says `in_progress`",
            ),
        ],
        |&(said, ..)| said,
        |&(said, answer)| {
            repo.write(&file, said);
            says(&repo.relwatch(&["check"]).code(3), &[answer]);
        },
    );
    cases::in_turn(
        [
            "success\nskipped\n",
            r#"[{"conclusion":"success","status":"completed"}]"#,
        ],
        |&said| said,
        |&said| {
            repo.write(&file, said);
            says(&repo.relwatch(&["check"]).ok(), &["ok       ci"]);
        },
    );
    repo.relwatch(&["release", "--yes"]).ok();
}

#[test]
fn a_detached_head_releases_an_explicit_branch() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.git(&["push", "-q"]).ok();
    // As actions/checkout leaves it.
    repo.sh("git clone -q ../r.git ../ci && cd ../ci && git switch -q --detach && git branch -q -D main").ok();
    let ci = sandbox.at("ci");
    let refused = ci.relwatch(&["release", "--yes"]).code(3);
    says(&refused, &["HEAD is detached", "--branch NAME"]);
    ci.relwatch(&["release", "--yes", "--branch", "main", "--push"])
        .ok();
    assert_eq!(ci.status(), "");
    assert_eq!(
        repo.sh("git -C ../r.git rev-parse main v0.2.0^{}").stdout,
        ci.git(&["rev-parse", "HEAD", "main"]).stdout
    );
}

#[test]
fn gates_must_pass_and_may_be_skipped_openly() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let noted = sandbox.path().join("tree");
    configure(
        &repo,
        &"gates:
  - {name: tests, run: 'echo running {version} in $WHERE && test -f ok', dir: src, env: {WHERE: src}}
  - {name: slow, run: sleep 100000, timeout: 1s, group: g}
  - {name: audit, run: 'touch ../audited', group: g}
  - {name: tree, run: 'grep -q 0.2.0 CHANGELOG.md && git rev-parse HEAD > TREE && git status --porcelain', where: release-tree}
"
        .replace("TREE", &noted.to_string_lossy()),
    );
    repo.commit_file("src/x", "", "feat: a timeout (#1)");
    let before = everything(&repo);
    let refused = repo.relwatch(&["release", "--yes"]).code(4);
    says(
        &refused,
        &[
            "tests | running 0.2.0 in src",
            "gate tests failed (exit status: 1); nothing was changed",
            "--skip-gate tests --reason TEXT",
        ],
    );
    assert_eq!(everything(&repo), before);
    repo.commit_file("src/ok", "", "chore: make it pass");
    let before = everything(&repo);
    let refused = repo.relwatch(&["release", "--yes"]).code(4);
    says(
        &refused,
        &["gate slow took longer than 1s", "gate audit: ok"],
    );
    assert!(repo.exists("../audited"), "gates of a group run together");
    assert_eq!(everything(&repo), before);
    repo.relwatch(&["release", "--yes", "--skip-gate", "slow"])
        .code(2);
    let odd = repo
        .relwatch(&["release", "--yes", "--skip-gate", "slwo", "--reason", "x"])
        .code(3);
    says(
        &odd,
        &["there is no gate slwo; there are tests, slow, audit, tree"],
    );
    repo.relwatch(&[
        "release",
        "--yes",
        "--skip-gate",
        "slow",
        "--reason",
        "the lab is down",
    ])
    .ok();
    says(
        &repo.git(&["tag", "-l", "--format=%(contents)", "v0.2.0"]),
        &["Gate-Skipped: slow: the lab is down"],
    );
    assert!(
        repo.read(".relwatch/releases.yml")
            .contains("Gate-Skipped: slow: the lab is down")
    );
    assert_eq!(
        repo.read("../tree"),
        format!("{}\n", repo.head()),
        "the very commit"
    );
    assert_eq!(repo.git(&["worktree", "list"]).stdout.lines().count(), 1);
}

#[test]
fn a_gate_that_changes_the_tree_stops_the_release() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "gates: [{name: format, run: echo 2 > file}]\n");
    repo.commit("feat: a timeout (#1)");
    let refs = repo.git(&["for-each-ref"]).stdout;
    let refused = repo.relwatch(&["release", "--yes"]).code(5);
    says(
        &refused,
        &["file changed meanwhile", "nothing was released"],
    );
    assert_eq!(repo.git(&["for-each-ref"]).stdout, refs);
    assert_eq!(repo.read("file"), "2\n");
}

#[test]
fn pre_releases_count_and_leave_the_section() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.1.0\"\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: a timeout (#1)"])
        .ok();
    let section = repo.section();
    for tag in ["v0.2.0-rc.1", "v0.2.0-rc.2"] {
        repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
        assert_eq!(
            repo.git(&["describe", "--exact-match"]).ok().stdout.trim(),
            tag
        );
        assert_eq!(repo.section(), section, "the section stays");
        assert_eq!(repo.status(), "");
        says(
            &repo.git(&["tag", "-l", "--format=%(contents)", tag]),
            &["A timeout (#1)"],
        );
        assert!(repo.read("Cargo.toml").contains(&tag[1..]));
    }
    repo.relwatch(&["undo", "--yes"]).ok();
    says(
        &repo
            .relwatch(&["release", "--pre", "beta", "--yes"])
            .code(3),
        &["0.2.0-beta.1 is not newer than 0.2.0-rc.1; the next one is 0.2.0-rc.2"],
    );
    repo.relwatch(&["release", "--pre", "r.c", "--yes"]).code(2);
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(
        repo.stored()
            .contains("## [0.2.0] - 2026-01-30\n\n### Added\n\n- A timeout (#1)")
    );
    assert!(repo.read("Cargo.toml").contains("version = \"0.2.0\""));

    // A major version on request: the final version follows its pre-releases.
    repo.commit("fix: more (#2)");
    repo.relwatch(&["release", "major", "--pre", "rc", "--yes"])
        .ok();
    assert_eq!(
        repo.git(&["describe", "--exact-match"]).ok().stdout.trim(),
        "v1.0.0-rc.1"
    );
    let plan = repo.relwatch(&["release", "--dry-run"]).ok();
    says(&plan, &["release 1.0.0 on main"]);
}

#[test]
fn pre_releases_may_roll() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "prerelease: roll\n");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    assert!(
        repo.stored()
            .contains("## [0.2.0-rc.1] - 2026-01-30\n\n### Added\n\n- A timeout (#1)")
    );
    assert_eq!(repo.section(), "");
    repo.commit("fix: more (#2)");
    assert_eq!(repo.section(), "### Fixed\n\n- More (#2)");
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    repo.commit("fix: yet more (#3)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(
        repo.stored().contains(
            "## [0.2.0] - 2026-01-30\n\n### Fixed\n\n- Yet more (#3)\n\n## [0.2.0-rc.2] - "
        ),
        "{}",
        repo.stored()
    );
}

#[test]
fn a_version_is_used_once() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("fix: more (#2)");
    // v0.1.1 is on another branch, v0.1.2 on the remote alone.
    repo.sh("git tag v0.1.1 $(git commit-tree -m elsewhere HEAD^{tree}) && git push -q origin $(git commit-tree -m there HEAD^{tree}):refs/tags/v0.1.2").ok();
    says(
        &repo.relwatch(&["release", "--dry-run"]).ok(),
        &["release 0.1.3 on main"],
    );
    says(
        &repo.relwatch(&["release", "patch", "--dry-run"]).ok(),
        &["release 0.1.3 on main"],
    );
    says(
        &repo.relwatch(&["release", "0.1.2", "--yes"]).code(3),
        &["tag v0.1.2 is on origin already"],
    );
}

#[test]
fn releases_are_signed_as_git_is_told() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    if repo.sh("command -v ssh-keygen").code != 0 {
        return; // nothing to sign with
    }
    repo.sh("ssh-keygen -q -t ed25519 -N '' -C test -f ../key && echo \"committer@example.org $(cat ../key.pub)\" > ../allowed").ok();
    repo.commit_file("x", "", "feat: a timeout (#1)");
    for (key, value) in [
        ("gpg.format", "ssh"),
        ("gpg.ssh.allowedSignersFile", "../allowed"),
        ("commit.gpgsign", "true"),
        ("tag.gpgsign", "true"),
    ] {
        repo.git(&["config", key, value]).ok();
    }
    let before = everything(&repo);
    repo.git(&["config", "user.signingkey", "../missing.pub"])
        .ok();
    let refused = repo.relwatch(&["release", "--yes"]).code(1);
    says(&refused, &["nothing was changed: git cannot sign"]);
    assert_eq!(everything(&repo), before);
    let key = repo.sh("cd .. && pwd").stdout.trim().to_owned() + "/key.pub";
    repo.git(&["config", "user.signingkey", &key]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["verify-commit", "HEAD"]).ok();
    repo.git(&["verify-tag", "v0.2.0"]).ok();
    assert_eq!(repo.status(), "");
    assert_eq!(
        repo.git(&["log", "-1", "--format=%an <%ae> %cn <%ce> %s"])
            .stdout,
        "Author <author@example.org> Committer <committer@example.org> chore(release): v0.2.0\n"
    );
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(everything(&repo), before);
    says(
        &repo.git(&["reflog", "-2"]),
        &["relwatch: undo of v0.2.0", "relwatch: release v0.2.0"],
    );
}

#[test]
fn the_users_hooks_are_asked_only_if_configured() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.sh("printf '#!/bin/sh\\necho \"rewritten\" >> CHANGELOG.md\\ngit add CHANGELOG.md\\n' > .git/hooks/pre-commit && printf '#!/bin/sh\\necho \"Reviewed-by: hook\" >> \"$1\"\\n' > .git/hooks/commit-msg && chmod +x .git/hooks/commit-msg").ok();
    repo.commit_file("x", "", "feat: a timeout (#1)");
    repo.sh("chmod +x .git/hooks/pre-commit").ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(!repo.stored().contains("rewritten"));
    repo.relwatch(&["undo", "--yes"]).ok();
    repo.sh("chmod -x .git/hooks/pre-commit").ok();
    configure(&repo, "commit_hooks: true\n");
    repo.sh("chmod +x .git/hooks/pre-commit").ok();
    let before = everything(&repo);
    let refused = repo.relwatch(&["release", "--yes"]).code(4);
    says(
        &refused,
        &[
            "the pre-commit hook refuses the release commit: it changes CHANGELOG.md; nothing was changed",
        ],
    );
    assert_eq!(everything(&repo), before);
    repo.sh("printf '#!/bin/sh\\necho no >&2\\nexit 1\\n' > .git/hooks/pre-commit")
        .ok();
    says(
        &repo.relwatch(&["release", "--yes"]).code(4),
        &["refuses the release commit: no"],
    );
    repo.sh("printf '#!/bin/sh\\ngit diff --cached --name-only HEAD > ../../staged\\n' > .git/hooks/pre-commit").ok();
    repo.relwatch(&["release", "--yes"]).ok();
    says(
        &repo.git(&["log", "-1", "--format=%B"]),
        &["chore(release): v0.2.0", "Reviewed-by: hook"],
    );
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(everything(&repo), before);
}

/// Three steps that write down that they ran, one of them undone again by `undo`.
const STEPS: &str = "publish:
  - {name: crate, check: test -d .., run: 'test ! -f ../broken && echo crate {version} >> ../log', done_if: 'grep -qx \"crate {version}\" ../log', undo: 'echo yank {version} >> ../log'}
  - {name: page, run: 'cp {notes} ../page && echo page {tag} {prerelease} {previous} >> ../log'}
  - {name: image, run: 'echo image $(git rev-parse HEAD) >> ../log'}
";

/// Steps run in the user's working tree or a temporary one: paths outside of it are absolute.
fn outside(sandbox: &Sandbox, yaml: &str) -> String {
    yaml.replace("../", &format!("{}/", sandbox.path().display()))
}

#[test]
fn a_release_is_pushed_and_published_once() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, &outside(&sandbox, STEPS));
    repo.commit("feat: a timeout (#1)");
    let plan = repo.relwatch(&["release", "--dry-run", "--push"]).ok();
    says(
        &plan,
        &[
            "  commit  main and v0.2.0  (relwatch undo)",
            "  push    origin  (cannot be undone)",
            "  publish crate: test ! -f ",
        ],
    );
    repo.write("../broken", "");
    let half = repo.relwatch(&["release", "--push", "--yes"]).code(8);
    says(
        &half,
        &[
            "v0.2.0 is released, but not published: step crate failed",
            "`relwatch release --resume` goes on",
        ],
    );
    assert_eq!(repo.status(), "");
    // The release is public: it cannot be undone, and no other release can start before it is done.
    says(
        &repo.relwatch(&["undo", "--yes"]).code(3),
        &["is pushed already"],
    );
    repo.commit("fix: more (#2)");
    says(
        &repo.relwatch(&["release", "--yes"]).code(3),
        &["release v0.2.0 is not finished", "--resume"],
    );
    says(
        &repo.relwatch(&["doctor"]),
        &["release v0.2.0 is not finished"],
    );
    repo.sh("rm ../broken").ok();
    says(
        &repo.relwatch(&["release", "--resume"]).ok(),
        &["published v0.2.0: image"],
    );
    let commit = repo.git(&["rev-parse", "v0.2.0^{}"]).stdout;
    let log = format!("crate 0.2.0\npage v0.2.0 false v0.1.0\nimage {commit}");
    assert_eq!(
        repo.read("../log"),
        log,
        "of the release, though HEAD has moved on"
    );
    assert!(
        repo.read("../page")
            .contains("### Added\n\n- A timeout (#1)"),
        "{}",
        repo.read("../page")
    );
    repo.has_nothing_pending();
    says(
        &repo.relwatch(&["publish"]).ok(),
        &["published v0.2.0: crate"],
    );
    assert_eq!(repo.read("../log"), log);

    // From another clone: steps that are visibly done are not repeated.
    repo.sh("git clone -q ../r.git ../other").ok();
    sandbox.at("other").relwatch(&["publish", "v0.2.0"]).ok();
    assert!(
        repo.read("../log").starts_with(&log)
            && !repo.read("../log")[log.len()..].contains("crate")
    );
    says(
        &repo.relwatch(&["publish", "v9.0.0"]).code(3),
        &["there is no tag v9.0.0 here"],
    );
    repo.git(&["tag", "-a", "v0.3.0", "-m", "x"]).ok();
    says(
        &repo.relwatch(&["publish", "v0.3.0"]).code(3),
        &["v0.3.0 is not on origin"],
    );
}

#[test]
fn a_check_of_a_step_comes_before_everything_and_a_person_may_do_one() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(
        &repo,
        &outside(
            &sandbox,
            "publish:\n  - {name: registry, check: test -f ../login, run: echo}\n  - {name: tell, manual: 'write to the list about {version}'}\n",
        ),
    );
    repo.commit("feat: a timeout (#1)");
    let before = everything(&repo);
    says(
        &repo.relwatch(&["release", "--push", "--yes"]).code(3),
        &["/login` failed", "see step registry"],
    );
    assert_eq!(everything(&repo), before);
    repo.write("../login", "");
    let waiting = repo.relwatch(&["release", "--push", "--yes"]).code(8);
    says(
        &waiting,
        &[
            "write to the list about 0.2.0",
            "relwatch publish v0.2.0 --done tell",
        ],
    );
    repo.relwatch(&["publish", "--done", "tll"]).code(2);
    repo.relwatch(&["publish", "--done", "tell"]).ok();
    repo.has_nothing_pending();
}

#[test]
fn a_lost_race_leaves_everything_as_it_was() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    // Someone else pushes while the gate runs.
    configure(
        &repo,
        &outside(&sandbox, "gates: [{name: slow, run: sh ../rival}]\n"),
    );
    repo.git(&["push", "-q"]).ok();
    repo.commit("feat: a timeout (#1)");
    repo.write("../rival", "git clone -q ../r.git ../rival-clone && cd ../rival-clone && git commit -q --allow-empty -m 'feat: theirs' && git tag -a v0.2.0 -m x && git push -q origin main v0.2.0\n");
    let before = everything(&repo);
    let lost = repo.relwatch(&["release", "--push", "--yes"]).code(5);
    says(
        &lost,
        &[
            "release v0.2.0 was rolled back, and nothing has changed: origin has v0.2.0 already",
            "git pull --rebase origin main",
        ],
    );
    assert_eq!(everything(&repo), before);
    says(
        &repo.git(&["reflog", "-2"]),
        &["relwatch: undo release v0.2.0"],
    );

    // The branch alone moved on.
    repo.git(&["pull", "-q", "--rebase", "origin", "main"]).ok();
    repo.git(&["fetch", "-q"]).ok();
    repo.relwatch(&["update"]).ok();
    repo.write("../rival", "cd ../rival-clone && git commit -q --allow-empty -m 'fix: theirs' && git push -q origin main\n");
    let before = everything(&repo);
    let lost = repo.relwatch(&["release", "--push", "--yes"]).code(5);
    says(&lost, &["origin/main has moved on"]);
    assert_eq!(everything(&repo), before);

    // The remote refuses: a protected branch.
    repo.git(&["pull", "-q", "--rebase", "origin", "main"]).ok();
    repo.write("../rival", "true\n");
    repo.sh("printf '#!/bin/sh\\necho protected >&2\\nexit 1\\n' > ../r.git/hooks/pre-receive && chmod +x ../r.git/hooks/pre-receive").ok();
    let before = everything(&repo);
    let refused = repo.relwatch(&["release", "--push", "--yes"]).code(1);
    says(
        &refused,
        &["was rolled back", "origin refuses it", "mode: pull-request"],
    );
    assert_eq!(everything(&repo), before);
}

#[test]
fn a_protected_branch_gets_its_release_by_review() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(
        &repo,
        &outside(
            &sandbox,
            "push: {mode: pull-request}\npublish: [{name: log, run: 'echo {tag} >> ../log'}]\n",
        ),
    );
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.1.0\"\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: a timeout (#1)"])
        .ok();
    repo.git(&["push", "-q"]).ok();
    let before = repo.git(&["rev-parse", "HEAD"]).stdout;
    let offered = repo.relwatch(&["release", "--push", "--yes"]).ok();
    says(
        &offered,
        &["pushed to origin: release/v0.2.0, to be reviewed and merged into main"],
    );
    assert_eq!(repo.git(&["rev-parse", "HEAD"]).stdout, before);
    assert_eq!(repo.git(&["tag", "-l"]).stdout, "v0.1.0\n");
    says(
        &repo.relwatch(&["release", "--finish", "--push"]).code(3),
        &["release/v0.2.0 is not merged into main yet"],
    );
    // Merged as a squash, after someone else's commit.
    repo.sh("git clone -q ../r.git ../forge && cd ../forge && git commit -q --allow-empty -m 'fix: between' && git merge -q --squash origin/release/v0.2.0 && git commit -q -m 'Release v0.2.0 (#7)' && git commit -q --allow-empty -m 'fix: after' && git push -q origin main").ok();
    repo.git(&["pull", "-q"]).ok();
    let done = repo.relwatch(&["release", "--finish", "--push"]).ok();
    says(
        &done,
        &[
            "released v0.2.0: tagged",
            "pushed to origin: main and v0.2.0",
        ],
    );
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s", "v0.2.0"]).stdout,
        "Release v0.2.0 (#7)\n"
    );
    assert_eq!(repo.read("../log"), "v0.2.0\n");
    assert_eq!(repo.status(), "");
    assert_eq!(
        repo.section(),
        format!(
            "### Fixed\n\n- Between ({})\n- After ({})",
            &repo.git(&["rev-parse", "HEAD~2"]).stdout[..7],
            &repo.head()[..7]
        )
    );

    // The merged content must match the offer.
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    repo.sh("cd ../forge && git pull -q && git merge -q --squash origin/release/v0.2.1 && echo '# more' >> Cargo.toml && git add . && git commit -q -m 'Release v0.2.1 (#8)' && git push -q origin main").ok();
    repo.git(&["pull", "-q"]).ok();
    says(
        &repo.relwatch(&["release", "--finish"]).code(3),
        &["Cargo.toml at", "is not what release/… offered"],
    );
}

#[test]
fn a_published_release_is_withdrawn_openly() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, &outside(&sandbox, STEPS));
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    repo.commit("fix: more (#2)");
    let tag = repo.git(&["rev-parse", "v0.2.0"]).stdout;
    let args = [
        "withdraw",
        "0.2.0",
        "--reason",
        "it loses data",
        "--impact",
        "all who write",
        "--plan",
        "0.2.1 tomorrow",
    ];
    repo.relwatch(&args).code(130);
    let said = repo.relwatch(&[&args[..], &["--yes"]].concat()).ok();
    says(
        &said,
        &[
            "withdrew v0.2.0: commit",
            "undid: crate",
            "Subject: URGENT: r v0.2.0 is withdrawn",
            "We withdraw v0.2.0: it loses data",
            "**Who is affected:** all who write",
            "0.2.1 tomorrow",
        ],
    );
    assert!(repo.stored().contains("## [0.2.0] - 2026-01-30 [YANKED]\n"));
    assert_eq!(
        repo.git(&["rev-parse", "v0.2.0"]).stdout,
        tag,
        "a public tag is never moved"
    );
    assert!(repo.read("../log").ends_with("yank 0.2.0\n"));
    assert_eq!(repo.status(), "");
    assert_eq!(repo.section(), format!("### Fixed\n\n- More (#2)"));
    let listed = repo.relwatch(&["releases"]).ok().stdout;
    assert_eq!(
        listed,
        "2026-01-30  v0.2.0           withdrawn 2026-01-30: it loses data\n"
    );
    repo.relwatch(&[&args[..], &["--yes"]].concat()).code(6);
    says(
        &repo
            .relwatch(&["withdraw", "9.9.9", "--reason", "x", "--yes"])
            .code(3),
        &["there is no release v9.9.9 here"],
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.git(&["describe", "--exact-match"]).stdout, "v0.2.1\n");
}

#[test]
fn the_list_of_releases_is_kept_checked_and_made_anew() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--lts", "--yes"]).ok();
    let listed = repo.relwatch(&["releases"]).ok().stdout;
    assert_eq!(
        listed,
        "2026-01-30  v0.2.0           lts, supported until 2027-01-30\n"
    );
    repo.git(&["tag", "-d", "v0.2.0"]).ok();
    says(
        &repo.relwatch(&["check"]).code(3),
        &[
            "failed   manifest      .relwatch/releases.yml lists v0.2.0, without a tag here",
            "relwatch releases --rebuild",
        ],
    );
    repo.git(&["tag", "-a", "v0.2.0", "-m", "again"]).ok();
    repo.write(".relwatch/releases.yml", "odd\n");
    says(
        &repo.relwatch(&["releases"]).code(1),
        &["line 1: not a release in one line", "--rebuild"],
    );
    says(
        &repo.relwatch(&["releases", "--rebuild"]).ok(),
        &["wrote: .relwatch/releases.yml, 2 releases"],
    );
    let listed = repo.relwatch(&["releases"]).ok().stdout;
    // The days on which they were tagged.
    assert_eq!(listed, "2026-01-21  v0.2.0\n2026-01-21  v0.1.0\n");
    assert_eq!(
        repo.relwatch(&["releases", "--rebuild"]).ok().stdout,
        "unchanged: .relwatch/releases.yml, 2 releases\n"
    );
}

#[test]
fn branches_of_releases_and_hotfixes_are_merged_back() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit_file("a", "1\n", "feat: a timeout (#1)");
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    repo.commit_file("b", "1\n", "feat: more (#2)");
    says(
        &repo.relwatch(&["branch", "release"]).ok(),
        &["switched to release/v0.3.0"],
    );
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit_file("c", "1\n", "feat: for later (#3)");
    says(
        &repo.relwatch(&["branch", "hotfix"]).ok(),
        &["switched to hotfix/v0.2.1 from v0.2.0"],
    );
    says(
        &repo.relwatch(&["release", "--finish"]).code(3),
        &["v0.2.1 is not released yet"],
    );
    repo.commit_file("a", "2\n", "fix: a crash (#4)");
    repo.relwatch(&["release", "--yes", "--push"]).ok();
    assert_eq!(repo.git(&["describe", "--exact-match"]).stdout, "v0.2.1\n");
    let finished = repo.relwatch(&["release", "--finish", "--push"]).ok();
    says(
        &finished,
        &[
            "merged: v0.2.1 into main",
            "merged: v0.2.1 into release/v0.3.0",
            "pushed to origin: main, release/v0.3.0",
            "then: git branch -d hotfix/v0.2.1",
        ],
    );
    assert_eq!(repo.status(), "");
    repo.git(&["switch", "-q", "main"]).ok();
    assert_eq!(repo.section(), "### Added\n\n- More (#2)\n- For later (#3)");
    assert!(
        repo.stored()
            .contains("## [0.2.1] - 2026-01-30\n\n### Fixed\n\n- A crash (#4)\n\n## [0.2.0]"),
        "{}",
        repo.stored()
    );
    repo.git(&["switch", "-q", "release/v0.3.0"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.git(&["describe", "--exact-match"]).stdout, "v0.3.0\n");
    says(
        &repo.relwatch(&["release", "--finish"]).ok(),
        &["merged: v0.3.0 into main"],
    );
    says(
        &repo.relwatch(&["release", "--finish"]).ok(),
        &["main has v0.3.0 already"],
    );
    repo.git(&["switch", "-q", "main"]).ok();
    assert_eq!(repo.section(), "### Added\n\n- For later (#3)");
    let list = repo.relwatch(&["releases"]).ok().stdout;
    assert_eq!(list.lines().count(), 3, "{list}");
}

#[test]
fn specs_are_archived_after_publishing_if_so_configured() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(
        &repo,
        &outside(
            &sandbox,
            "archive: after-publish\npublish: [{name: log, run: 'test ! -f ../broken && echo {tag} >> ../log'}]\n",
        ),
    );
    repo.write(
        ".chant/specs/2026-01-29-004-jkl.md",
        "---\nstatus: completed\ntype: feature\ncompleted_at: 2026-01-29\n---\n# A timeout\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: x"]).ok();
    repo.write("../broken", "");
    repo.relwatch(&["release", "--push", "--yes"]).code(8);
    assert!(repo.exists(".chant/specs/2026-01-29-004-jkl.md"));
    repo.sh("rm ../broken").ok();
    says(
        &repo.relwatch(&["release", "--resume"]).ok(),
        &["archived 1 file in commit"],
    );
    assert!(repo.exists(".chant/archive/2026-01-29/2026-01-29-004-jkl.md"));
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s"]).stdout,
        "chore(release): archive the specs of v0.2.0\n"
    );
    assert_eq!(repo.status(), "");
    assert_eq!(repo.section(), "");
}

#[test]
fn locks_that_git_left_behind_are_named_and_nothing_is_half_done() {
    let sandbox = Sandbox::of_old();
    let repo = project(&sandbox, "r");
    repo.commit_file("x", "", "feat: a timeout (#1)");
    let before = everything(&repo);
    cases::in_turn(
        [
            "refs/heads/main.lock",
            "index.lock",
            "refs/tags/v0.2.0.lock",
        ],
        |&lock| lock,
        |&lock| {
            let path = format!(".git/{lock}");
            repo.write(&path, "");
            let refused = repo.relwatch(&["release", "--yes"]);
            assert!(matches!(refused.code, 5 | 1), "{lock}: {refused:?}");
            says(&refused, &[lock, "File exists"]);
            repo.sh(&format!("rm {path}")).ok();
            assert_eq!(everything(&repo), before, "{lock}");
        },
    );
    repo.relwatch(&["release", "--yes"]).ok();
}

#[test]
fn an_editor_that_was_closed_without_saving_releases_nothing() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    let before = everything(&repo);
    cases::in_turn(
        ["false", "sh -c ': > \"$1\"' sh"],
        |&editor| editor,
        |&editor| {
            let ran = repo.run(
                env!("CARGO_BIN_EXE_relwatch"),
                &["release", "--edit", "--yes"],
                &[("GIT_EDITOR", editor)],
            );
            assert_ne!(ran.code, 0, "{editor}: {ran:?}");
            assert_eq!(everything(&repo), before, "{editor}");
        },
    );
}

/// A small disk, unmounted at the end, also of a failing test.
struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .status();
    }
}

#[test]
fn a_full_disk_leaves_before_or_after() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let disk = sandbox.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mount = format!("mount -t tmpfs -o size=1m none {}", disk.display());
    if repo.sh(&format!("{mount} 2>/dev/null")).code != 0 {
        return; // not ours to mount
    }
    let _disk = Mounted(disk.clone());
    repo.commit("feat: a timeout (#1)");
    repo.sh(&format!(
        "cp -a . {}/r && cd {}/r && git update-index -q --refresh",
        disk.display(),
        disk.display()
    ))
    .ok();
    let full = sandbox.at("disk/r");
    let before = everything(&full);
    // Fill it, then free a little more each time: the release fails at every place once.
    full.sh("dd if=/dev/zero of=../fill bs=1k count=2000 2>/dev/null");
    let mut ends = Vec::new();
    for _ in 0..60 {
        let ran = full.relwatch(&["release", "--yes"]);
        let mut resumed = full.relwatch(&["release", "--resume"]);
        while resumed.code != 0 {
            // No room even for the way back: it waits for some.
            says(&resumed, &["relwatch: "]);
            full.sh("truncate -s -4096 ../fill").ok();
            resumed = full.relwatch(&["release", "--resume"]);
        }
        if everything(&full) != before {
            let heads = full.git(&["rev-parse", "HEAD", "v0.2.0^{}"]).stdout;
            let mut heads: Vec<&str> = heads.lines().collect();
            heads.dedup();
            assert_eq!(heads.len(), 1, "{ran:?} {resumed:?}");
            assert_eq!(full.status(), "", "{ran:?} {resumed:?}");
            ends.push("released");
            break;
        }
        assert_ne!(ran.code, 0, "{ran:?}");
        ends.push("before");
        full.sh("truncate -s -4096 ../fill");
    }
    full.git(&["fsck", "--strict"]).ok();
    assert!(
        ends.contains(&"released") && ends.contains(&"before"),
        "{ends:?}"
    );
}

#[test]
fn a_release_goes_on_after_commits_on_top_and_never_sweeps_them_in() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    // The remote goes away between the release here and the push.
    configure(
        &repo,
        &outside(
            &sandbox,
            "gates: [{name: away, run: mv ../r.git ../away.git}]\n",
        ),
    );
    let pending = repo.relwatch(&["release", "--push", "--yes"]).code(7);
    says(
        &pending,
        &[
            "whether release v0.2.0 is on origin cannot be said, it does not answer",
            "--resume",
        ],
    );
    repo.commit("fix: later (#2)");
    assert_eq!(repo.section(), "### Fixed\n\n- Later (#2)", "hooks go on");
    says(
        &repo.relwatch(&["release", "--resume"]).code(7),
        &["it does not answer"],
    );
    repo.sh("mv ../away.git ../r.git").ok();
    repo.relwatch(&["release", "--resume"]).ok();
    assert_eq!(
        repo.sh("git -C ../r.git rev-parse main v0.2.0^{}").stdout,
        repo.git(&["rev-parse", "HEAD~1", "HEAD~1"]).stdout,
        "the release alone is pushed"
    );
    repo.relwatch(&["release", "--resume"]).ok();

    // Unpushed and unwanted: undo ends it.
    repo.write("../mv", "");
    repo.relwatch(&["release", "--push", "--yes"]).code(7);
    repo.sh("mv ../away.git ../r.git").ok();
    says(&repo.relwatch(&["undo", "--yes"]).ok(), &["undid v0.2.1"]);
    repo.has_nothing_pending();
    assert_eq!(repo.status(), "");
}
