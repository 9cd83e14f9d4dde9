//! References that share a name, or whose names git cannot keep beside each other; and plain tags where the remote has annotated ones.

use crate::support::{Repo, Sandbox, project};

/// A project with a bare remote `origin` that has all of it.
fn pushed<'s>(sandbox: &'s Sandbox, configuration: &str) -> Repo<'s> {
    let repo = project(sandbox, "r");
    repo.commit_file("relwatch.yml", configuration, "chore: configure");
    repo.sh("git init -q --bare -b main ../r.git && git remote add origin ../r.git && git push -q -u --follow-tags origin main").ok();
    repo
}

#[test]
fn a_tag_is_named_in_full_where_something_else_has_its_name() {
    let sandbox = Sandbox::new();
    let repo = pushed(&sandbox, "{}\n");
    repo.commit("fix: close the socket");
    repo.sh("git branch v0.1.0 && git branch v0.1.1 && git update-ref refs/remotes/v0.1.1 HEAD")
        .ok();
    repo.write("v0.1.0", "a file\n");

    let started = repo.relwatch(&["branch", "hotfix"]).ok();
    assert!(
        started
            .stdout
            .starts_with("switched to hotfix/v0.1.1 from v0.1.0\n"),
        "{started:?}"
    );
    let (here, tagged) = (repo.head(), repo.git(&["rev-parse", "refs/tags/v0.1.0^0"]));
    assert_eq!(here, tagged.ok().stdout.trim());
    repo.sh("git switch -q main && rm v0.1.0").ok();

    let notes = repo.relwatch(&["notes", "v0.1.0"]).ok();
    assert!(!notes.stdout.contains("socket"), "{notes:?}");
    let metrics = repo.relwatch(&["metrics"]).ok();
    assert_eq!(metrics.stderr, "");

    let released = repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(
        released.stdout,
        "released 0.1.1: commit and tag v0.1.1 on main\nnext: git push --atomic origin main refs/tags/v0.1.1\nto undo: relwatch undo\n"
    );
    let refused = repo.relwatch(&["publish", "v0.1.1"]).code(3);
    assert_eq!(
        refused.stderr,
        "relwatch: v0.1.1 is not on origin; run `relwatch release --resume` or `git push origin refs/tags/v0.1.1`\n"
    );
    repo.relwatch(&["undo", "--yes"]).ok();
    repo.relwatch(&["release", "--yes", "--push"]).ok();
    repo.relwatch(&["publish", "v0.1.1"]).ok();
    repo.relwatch(&["withdraw", "0.1.1", "--reason", "it breaks", "--yes"])
        .ok();
    let tags = repo.git(&["ls-remote", "--tags", "origin", "v0.1.1"]).ok();
    assert!(tags.stdout.contains("refs/tags/v0.1.1"), "{tags:?}");
    let branches = repo.git(&["branch", "--list", "v0.1.*"]).ok();
    assert_eq!(branches.stdout, "  v0.1.0\n  v0.1.1\n");

    // A tag with the name of the branch that is pushed.
    repo.sh("git tag main v0.1.0~0 2>/dev/null || git tag main refs/tags/v0.1.0")
        .ok();
    repo.commit("fix: and another one");
    let released = repo.relwatch(&["release", "--yes"]).ok();
    let next = released.stdout.lines().nth(1).unwrap_or_default();
    let command = next.strip_prefix("next: ").unwrap_or_default();
    assert_eq!(command, "git push --atomic origin refs/heads/main v0.1.2");
    repo.sh(command).ok();
}

#[test]
fn a_release_branch_is_merged_back_by_its_tag() {
    let sandbox = Sandbox::new();
    let repo = pushed(&sandbox, "{}\n");
    repo.relwatch(&["branch", "hotfix"]).ok();
    repo.commit("fix: close the socket");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.sh("git branch v0.1.1 main && git tag main HEAD").ok();
    let finished = repo.relwatch(&["release", "--finish", "--push"]).ok();
    assert!(
        finished.stdout.starts_with("merged: v0.1.1 into main\n"),
        "{finished:?}"
    );
    repo.sh("git merge-base --is-ancestor refs/tags/v0.1.1 refs/heads/main")
        .ok();
}

/// Asserts the message of `relwatch check` and of a release with a push about the review branch.
fn refused_for_review(repo: &Repo<'_>, what: &str) {
    let check = repo.relwatch(&["check"]).ok();
    assert!(check.stdout.contains(what), "{check:?}");
    let before = repo
        .sh("git for-each-ref; git ls-remote origin")
        .ok()
        .stdout;
    let refused = repo.relwatch(&["release", "--yes", "--push"]).code(3);
    assert!(refused.stderr.contains(what), "{refused:?}");
    let after = repo
        .sh("git for-each-ref; git ls-remote origin")
        .ok()
        .stdout;
    assert_eq!(before, after);
}

#[test]
fn a_branch_for_review_has_room_or_nothing_is_pushed() {
    let sandbox = Sandbox::new();
    let repo = pushed(&sandbox, "push: {mode: pull-request}\n");
    repo.commit("feat: a timeout");
    repo.git(&["push", "-q"]).ok();

    repo.git(&["branch", "release"]).ok();
    let no_room = "cannot create branch release/v0.2.0: git has no room for it beside branch release; `git branch -m release NAME` renames it";
    refused_for_review(&repo, no_room);
    let refused = repo.relwatch(&["branch", "release"]).code(3);
    assert_eq!(refused.stderr, format!("relwatch: {no_room}\n"));
    repo.git(&["branch", "-m", "release", "hotfix"]).ok();
    let refused = repo.relwatch(&["branch", "hotfix"]).code(3);
    assert!(
        refused
            .stderr
            .contains("git has no room for it beside branch hotfix"),
        "{refused:?}"
    );

    repo.git(&["push", "-q", "origin", "hotfix:release"]).ok();
    refused_for_review(
        &repo,
        "cannot create branch release/v0.2.0 on origin: git has no room for it beside branch release; rename or delete it there",
    );
    repo.git(&[
        "push",
        "-q",
        "origin",
        ":release",
        "hotfix:release/v0.2.0/notes",
    ])
    .ok();
    refused_for_review(
        &repo,
        "git has no room for it beside branch release/v0.2.0/notes",
    );
    repo.git(&[
        "push",
        "-q",
        "origin",
        ":release/v0.2.0/notes",
        "main:release/v0.2.0",
    ])
    .ok();
    refused_for_review(&repo, "there is a branch release/v0.2.0 already");
    repo.git(&["push", "-q", "origin", ":release/v0.2.0"]).ok();
    repo.relwatch(&["release", "--yes", "--push"]).ok();
}

#[test]
fn a_tag_has_room_or_nothing_is_released() {
    let sandbox = Sandbox::new();
    let repo = pushed(&sandbox, "{}\n");
    repo.commit("feat: a timeout");
    repo.git(&["tag", "v0.2.0/notes"]).ok();
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    assert!(
        refused.stderr.contains("cannot create tag v0.2.0: git has no room for it beside tag v0.2.0/notes; `git tag -d v0.2.0/notes` deletes it"),
        "{refused:?}"
    );
    repo.sh("git push -q origin v0.2.0/notes && git tag -d v0.2.0/notes")
        .ok();
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    assert!(
        refused
            .stderr
            .contains("cannot create tag v0.2.0 on origin: git has no room for it"),
        "{refused:?}"
    );
}

/// actions/checkout fetches the commit of a tag and makes a plain tag of it.
#[test]
fn a_plain_tag_of_the_same_commit_is_the_same_release() {
    let sandbox = Sandbox::new();
    let repo = pushed(&sandbox, "publish:\n  - {name: log, run: 'echo {tag}'}\n");
    repo.commit("feat: a timeout");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["push", "-q", "--follow-tags"]).ok();
    repo.git(&["tag", "-f", "v0.2.0", "v0.2.0^{}"]).ok();
    assert_eq!(repo.git(&["cat-file", "-t", "v0.2.0"]).stdout, "commit\n");

    assert_eq!(
        repo.relwatch(&["publish", "v0.2.0"]).ok().stdout,
        "published v0.2.0: log\n"
    );
    repo.relwatch(&["undo", "--yes"]).code(3);

    // Another commit is another release.
    repo.git(&["tag", "-f", "v0.2.0", "HEAD~1"]).ok();
    let refused = repo.relwatch(&["publish", "v0.2.0"]).code(3);
    assert!(
        refused
            .stderr
            .contains("v0.2.0 of origin is another one than v0.2.0 here"),
        "{refused:?}"
    );
}

#[test]
fn a_release_with_a_plain_tag_is_undone() {
    let sandbox = Sandbox::new();
    let repo = pushed(&sandbox, "{}\n");
    repo.commit("feat: a timeout");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["tag", "-f", "v0.2.0", "v0.2.0^{}"]).ok();
    let undone = repo.relwatch(&["undo", "--yes"]).ok();
    assert!(undone.stdout.starts_with("undid v0.2.0: "), "{undone:?}");
    // A hand-made commit with a tag stays.
    repo.sh(
        "git commit -q --allow-empty -m 'chore: v0.2.0' && git tag -a v0.2.0 -m 'Release the lock'",
    )
    .ok();
    repo.relwatch(&["undo", "--yes"]).code(3);
}

#[test]
fn a_plain_tag_of_the_same_commit_can_be_pushed_on() {
    let sandbox = Sandbox::new();
    let repo = pushed(
        &sandbox,
        "publish:\n  - {name: log, run: 'test -f ../ready'}\n",
    );
    repo.commit("feat: a timeout");
    repo.relwatch(&["release", "--yes", "--push"]).code(8);
    repo.git(&["tag", "-f", "v0.2.0", "v0.2.0^{}"]).ok();
    repo.write("../ready", "");
    repo.relwatch(&["release", "--resume"]).ok();
    let there = repo.git(&["ls-remote", "origin", "refs/tags/v0.2.0^{}"]);
    assert!(there.stdout.contains("refs/tags/v0.2.0^{}"), "{there:?}");
}
