//! Checks by hooks that a configuration switches on: messages, frozen branches, release tags.

use crate::support::{Ran, Repo, Sandbox, cases, project};

fn configured<'s>(sandbox: &'s Sandbox, name: &str, checks: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    repo.write("relwatch.yml", &format!("hooks: {checks}\n"));
    repo.relwatch(&["hooks", "install"]).ok();
    repo.git(&["commit", "-q", "-am", "chore: checks"]).ok();
    repo
}

fn commit(repo: &Repo<'_>, message: &str) -> Ran {
    repo.git(&["commit", "-q", "--allow-empty", "-m", message])
}

#[test]
fn messages_are_explained_or_refused() {
    let sandbox = Sandbox::new();
    let silent = project(&sandbox, "silent");
    assert_eq!(commit(&silent, "whatever").ok().stderr, "");
    assert!(!silent.exists(".git/hooks/commit-msg"));

    let warned = configured(&sandbox, "warned", "{commit_msg: warn}");
    let said = commit(&warned, "feet: add a lock").ok();
    assert_eq!(
        said.stderr.lines().next(),
        Some(
            "relwatch: `feet` is no type here, did you mean `feat`?; one of feat, fix, docs, style, refactor, perf, test, build, ci, chore, revert"
        )
    );
    assert!(
        said.stderr
            .contains("example: feat(api): set a timeout for locks"),
        "{said:?}"
    );
    assert_eq!(commit(&warned, "feat: fine").ok().stderr, "");

    let refused = configured(&sandbox, "refused", "{commit_msg: reject}");
    let before = refused.head();
    let said = commit(&refused, "add a lock").code(1);
    assert!(
        said.stderr.contains("`add a lock` begins with no type"),
        "{said:?}"
    );
    assert!(
        said.stderr.contains("git commit -e -F .git/COMMIT_EDITMSG"),
        "{said:?}"
    );
    assert_eq!(refused.head(), before);
    // Without an editor `#` begins no comment.
    commit(&refused, "#12 whatever").code(1);
    refused.commit_file("lock", "1\n", "feat: add a lock");
    refused.git(&["revert", "--no-edit", "HEAD"]).ok();
    refused
        .git(&["commit", "-q", "--allow-empty", "--fixup", "HEAD"])
        .ok();
    refused.git(&["switch", "-qc", "other", "HEAD~1"]).ok();
    refused.commit("fix: y");
    refused
        .git(&["merge", "-q", "-m", "my own words", "-"])
        .ok();
    // Another script in the place, a broken configuration, a binary that is gone: git goes on.
    refused.write("relwatch.yml", "hooks: {commit_msg: sometimes}\n");
    commit(&refused, "anything").ok();
    refused.git(&["checkout", "-q", "relwatch.yml"]).ok();
    let path = format!(
        "{}/nowhere:/usr/local/bin:/usr/bin:/bin",
        sandbox.path().display()
    );
    let hook = refused.read(".git/hooks/commit-msg");
    let bare = hook.replace(env!("CARGO_BIN_EXE_relwatch"), "/nowhere/relwatch");
    refused.write(".git/hooks/commit-msg", &bare);
    let gone = refused.run(
        "git",
        &["commit", "-q", "--allow-empty", "-m", "anything"],
        &[("PATH", &path)],
    );
    assert_eq!(gone.code, 0, "{gone:?}");
    refused.relwatch(&["hooks", "uninstall"]).ok();
    assert!(!refused.exists(".git/hooks/commit-msg"));
}

#[test]
fn a_frozen_branch_takes_fixes_only() {
    let sandbox = Sandbox::new();
    let repo = configured(&sandbox, "r", "{freeze: reject}");
    commit(&repo, "feat: on main").ok();
    repo.git(&["switch", "-q", "-c", "release/1.0"]).ok();
    commit(&repo, "fix: on the branch").ok();
    commit(&repo, "no type at all").ok();
    cases::in_turn(
        ["feat: too late", "fix!: too much"],
        |&message| message,
        |&message| {
            let said = commit(&repo, message).code(1);
            assert!(
                said.stderr.contains("release/1.0 is frozen: fixes only"),
                "{said:?}"
            );
        },
    );
}

#[test]
fn release_tags_are_not_moved_or_deleted_by_a_push() {
    let sandbox = Sandbox::new();
    let remote = sandbox.repo("remote");
    remote.git(&["config", "core.bare", "true"]).ok();
    let repo = configured(&sandbox, "r", "{release_tags: reject}");
    repo.git(&["remote", "add", "origin", remote.path.to_str().unwrap()])
        .ok();
    repo.git(&["push", "-q", "origin", "main", "v0.1.0"]).ok();
    repo.git(&["tag", "other"]).ok();
    repo.git(&["push", "-q", "origin", "other"]).ok();
    commit(&repo, "fix: x").ok();
    repo.git(&["tag", "-f", "v0.1.0"]).ok();
    repo.git(&["tag", "-f", "other"]).ok();
    let moved = repo.git(&["push", "-q", "--force", "origin", "v0.1.0"]);
    assert_ne!(moved.code, 0);
    assert!(
        moved
            .stderr
            .contains("v0.1.0 is a release that others have; it would be moved"),
        "{moved:?}"
    );
    assert!(
        moved.stderr.contains("`git push --no-verify` goes ahead"),
        "{moved:?}"
    );
    let deleted = repo.git(&["push", "-q", "origin", ":v0.1.0"]);
    assert!(
        deleted.stderr.contains("it would be deleted"),
        "{deleted:?}"
    );
    repo.git(&["push", "-q", "--force", "origin", "other", "main"])
        .ok();
    repo.git(&["push", "-q", "--force", "--no-verify", "origin", "v0.1.0"])
        .ok();
}
