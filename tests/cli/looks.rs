//! Read-only commands change nothing: no reference, no index, no file that git would see. git decides whose repositories may be read.

#![cfg(unix)]

use std::os::unix::fs::symlink;

use crate::support::{Ran, Repo, Sandbox, cases, project, says};

/// A project with a remote that has its branch; the remote.
fn with_remote<'s>(sandbox: &'s Sandbox, name: &str) -> (Repo<'s>, Repo<'s>) {
    let repo = project(sandbox, name);
    let there = format!("{name}.git");
    repo.sh(&format!("git init -q --bare -b main ../{there}"))
        .ok();
    let url = sandbox.path().join(&there);
    let url = url.to_string_lossy();
    repo.git(&["remote", "add", "origin", &url]).ok();
    repo.git(&["push", "-q", "-u", "origin", "main"]).ok();
    (repo, sandbox.at(&there))
}

/// Everything that a fetch could write, and git's index, with their bytes.
fn of_git(repo: &Repo<'_>) -> String {
    let script = "git for-each-ref --format='%(refname) %(objectname)'; cd .git; ls; ls objects/info; cksum index config packed-refs FETCH_HEAD shallow 2>/dev/null";
    repo.sh(script).stdout
}

/// Commands that read the remote.
const LOOKS: [&[&str]; 5] = [
    &["check"],
    &["release", "--dry-run"],
    &["status"],
    &["doctor"],
    &["explain", "#1"],
];

/// Fetch configurations of users, each of which deletes, moves or writes something.
const FETCHES: &[&[&str]] = &[
    &["fetch.prune=true"],
    &["fetch.prune=true", "fetch.pruneTags=true"],
    &["remote.origin.prune=true", "remote.origin.pruneTags=true"],
    &[
        "fetch.prune=true",
        "remote.origin.fetch=+refs/tags/*:refs/tags/*",
    ],
    &[
        "fetch.prune=true",
        "remote.origin.fetch=+refs/heads/*:refs/heads/*",
    ],
    &["remote.origin.tagOpt=--tags"],
    &["remote.origin.mirror=true"],
    &["remote.origin.followRemoteHEAD=always"],
    &["fetch.writeCommitGraph=true"],
    &["fetch.recurseSubmodules=true"],
    &["gc.auto=1", "gc.autoDetach=false"],
    &[
        "maintenance.auto=true",
        "maintenance.commit-graph.auto=-1",
        "maintenance.autoDetach=false",
    ],
    &["fetch.bundleURI=BUNDLE"],
];

#[test]
fn a_look_changes_nothing_whatever_the_users_own_fetches_do() {
    cases::in_turn(
        FETCHES,
        |settings| settings.join(" "),
        |settings| {
            let sandbox = Sandbox::new();
            let (repo, there) = with_remote(&sandbox, "r");
            // Only here: a tag and a branch that pruning deletes. Only there: a tag that moved, one that is new, a commit.
            repo.git(&["tag", "-a", "v9.0.0", "-m", "not pushed"]).ok();
            repo.git(&["tag", "moved"]).ok();
            repo.git(&["update-ref", "refs/remotes/origin/gone", "HEAD"])
                .ok();
            repo.git(&["branch", "mine"]).ok();
            repo.sh("git clone -q ../r.git ../other").ok();
            let other = sandbox.at("other");
            other.commit("feat: of somebody else (#7)");
            other
                .sh("git tag moved; git tag new; git push -q origin main moved new")
                .ok();
            other.sh("git bundle create -q ../bundle main").ok();
            for setting in settings.iter() {
                let (key, value) = setting.split_once('=').unwrap();
                let bundle = sandbox.path().join("bundle");
                let value = value.replace("BUNDLE", &bundle.to_string_lossy());
                repo.git(&["config", "--add", key, &value]).ok();
            }
            let before = of_git(&repo);
            for look in LOOKS {
                let ran = repo.relwatch(look);
                assert_eq!(of_git(&repo), before, "{look:?} {ran:?}");
            }
            // The remote was asked nevertheless.
            let check = repo.relwatch(&["check"]).code(3);
            says(&check, &["1 behind origin/main"]);
            assert!(there.git(&["rev-parse", "moved"]).code == 0);
        },
    );
}

/// The example that was reported.
#[test]
fn the_tag_of_a_release_that_is_not_pushed_survives_a_check() {
    let sandbox = Sandbox::new();
    let (repo, _) = with_remote(&sandbox, "r");
    for key in ["fetch.prune", "fetch.pruneTags"] {
        repo.git(&["config", key, "true"]).ok();
    }
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    let tags = repo.git(&["tag"]).ok().stdout;
    repo.relwatch(&["check"]);
    assert_eq!(repo.git(&["tag"]).ok().stdout, tags);
    repo.relwatch(&["release", "--resume", "--push", "--yes"]);
    repo.relwatch(&["undo", "--yes"]);
}

/// relwatch's check fetches no tags. A release of this line that others have tagged must not be listed again.
#[test]
fn a_release_that_only_the_remote_has_tagged_is_named() {
    let sandbox = Sandbox::new();
    let (repo, there) = with_remote(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.git(&["push", "-q", "origin", "main"]).ok();
    there.sh("git tag -a v0.3.0 -m x main").ok();
    there.sh("git tag -a nightly -m x main").ok();
    let check = repo.relwatch(&["check"]).code(3);
    says(
        &check,
        &[
            "origin has v0.3.0, which is not here",
            "git fetch --tags origin",
        ],
    );
    repo.git(&["fetch", "-q", "--tags", "origin"]).ok();
    let after = repo.relwatch(&["check"]);
    assert!(!after.stdout.contains("which is not here"), "{after:?}");
}

/// A check that locked the index would make a simultaneous commit fail.
#[test]
fn a_look_does_not_write_the_index() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit_file("a.txt", "a\n", "fix: a file");
    repo.sh("touch -d 2020-01-01 a.txt").ok(); // git would note the new time
    let before = of_git(&repo);
    for look in LOOKS {
        repo.relwatch(look);
        assert_eq!(of_git(&repo), before, "{look:?}");
    }
}

const OTHER: (&str, &str) = ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");

/// Gives the repository to another user if root runs the tests; git is set to assume that in any case.
fn give_away(repo: &Repo<'_>) {
    repo.sh("test $(id -u) != 0 || chown -R 12345 .").ok();
}

fn with(repo: &Repo<'_>, program: &str, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let env: Vec<(&str, &str)> = env.iter().copied().chain([OTHER]).collect();
    repo.run(program, args, &env)
}

/// A repository of another user, with an entry that is generated.
fn foreign<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    repo.commit("feat: a timeout (#1)");
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n- By hand.\n",
    );
    give_away(&repo);
    let refused = with(&repo, "git", &["status"], &[]);
    assert!(refused.stderr.contains("dubious ownership"), "{refused:?}");
    repo
}

/// A name, the value of `safe.directory` in a global configuration, and variables of the environment.
type Trust = (&'static str, String, Vec<(&'static str, String)>);

/// Ways to make git trust a repository: a global configuration, variables, options before the command.
fn trusts(sandbox: &Sandbox, repo: &Repo<'_>) -> Vec<Trust> {
    let root = repo.path.to_string_lossy().into_owned();
    let above = sandbox.path().to_string_lossy().into_owned();
    let link = sandbox.path().join("link");
    symlink(&repo.path, &link).unwrap();
    let link = link.to_string_lossy().into_owned();
    let counted = |value: &str| {
        vec![
            ("GIT_CONFIG_COUNT", "1".to_owned()),
            ("GIT_CONFIG_KEY_0", "safe.directory".to_owned()),
            ("GIT_CONFIG_VALUE_0", value.to_owned()),
        ]
    };
    let parameters = vec![("GIT_CONFIG_PARAMETERS", "'safe.directory=*'".to_owned())];
    vec![
        ("the folder", root, vec![]),
        ("everything below", format!("{above}/*"), vec![]),
        ("a link", link, vec![]),
        ("all", "*".to_owned(), vec![]),
        (
            "after a reset",
            format!("/x\n\tdirectory =\n\tdirectory = {above}/*"),
            vec![],
        ),
        ("variables", String::new(), counted("*")),
        (
            "variables with a folder",
            String::new(),
            counted(&format!("{above}/*")),
        ),
        ("options", String::new(), parameters),
    ]
}

#[test]
fn a_repository_that_git_trusts_is_trusted() {
    let sandbox = Sandbox::new();
    let repo = foreign(&sandbox, "r");
    cases::in_turn(
        trusts(&sandbox, &repo),
        |(name, ..)| (*name).to_owned(),
        |(name, directory, variables)| {
            let config = sandbox.path().join("gitconfig");
            let safe = match directory.as_str() {
                "" => String::new(),
                directory => format!("[safe]\n\tdirectory = {directory}\n"),
            };
            std::fs::write(&config, safe).unwrap();
            let config = config.to_string_lossy().into_owned();
            let mut env = vec![("GIT_CONFIG_GLOBAL", config.as_str())];
            env.extend(variables.iter().map(|(key, value)| (*key, value.as_str())));
            // git comes first: if it refuses, the case is not valid.
            with(&repo, "git", &["status"], &env).ok();
            with(&repo, "relwatch", &["status"], &env).ok();
            with(&repo, "relwatch", &["update"], &env).ok();
            // Only root may write into files of another user.
            let message = format!("feat: by {name} (#2)");
            let commit = ["commit", "-q", "--allow-empty", "-a", "-m", &message];
            let commit = with(&repo, "git", &commit, &env).ok();
            assert_eq!(commit.stderr, "");
            assert!(
                repo.section().contains(&format!("By {name} (#2)")),
                "{}",
                repo.section()
            );
            let stored = with(&repo, "git", &["show", "HEAD:CHANGELOG.md"], &env).ok();
            assert!(stored.stdout.contains("- By hand."), "{stored:?}");
            assert!(!stored.stdout.contains("timeout"), "{stored:?}");
            assert_eq!(
                with(&repo, "git", &["status", "--porcelain"], &env)
                    .ok()
                    .stdout,
                ""
            );
            give_away(&repo);
        },
    );
}

/// git's own configuration is not libgit2's: a home that trusts all, and a git that does not read it.
#[test]
fn a_repository_that_git_does_not_trust_has_no_say() {
    let sandbox = Sandbox::new();
    let repo = foreign(&sandbox, "r");
    sandbox
        .at("home")
        .write(".gitconfig", "[safe]\n\tdirectory = *\n");
    // Its settings would ask for generated lines in commits.
    repo.write("relwatch.yml", "storage: tracked\n");
    give_away(&repo);
    let before = repo.read("CHANGELOG.md");
    assert!(
        before.contains("- A timeout (#1)") && before.contains("- By hand."),
        "{before}"
    );
    for args in [&["status"][..], &["update"], &["check"], &["doctor"]] {
        let refused = with(&repo, "relwatch", args, &[]);
        assert_ne!(refused.code, 0, "{refused:?}");
        says(&refused, &["belongs to another user", "safe.directory"]);
    }
    let hook = with(&repo, "relwatch", &["hook", "post-commit"], &[]).ok();
    assert_eq!(hook.stderr.lines().count(), 1, "{hook:?}");
    let message = ["hook", "commit-msg", ".git/COMMIT_EDITMSG"];
    with(&repo, "relwatch", &message, &[]).ok();
    let filter = "relwatch filter clean CHANGELOG.md <CHANGELOG.md";
    let cleaned = with(&repo, "sh", &["-c", filter], &[]).ok();
    assert_eq!(cleaned.stderr, "");
    assert!(cleaned.stdout.contains("- By hand."), "{cleaned:?}");
    assert!(!cleaned.stdout.contains("A timeout"), "{cleaned:?}");
    assert_eq!(repo.read("CHANGELOG.md"), before);
}
