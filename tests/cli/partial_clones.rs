//! Partial clones (git-clone(1), `--filter`): commands that the user runs fetch missing objects, hooks never do.

use std::fs;

use crate::support::{Repo, Sandbox, says, set_up};

/// A project with two components, as on the remote.
fn origin(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.repo("origin");
    for part in ["one", "two"] {
        repo.write(&format!("{part}/file"), "0\n");
    }
    repo.commit_file("README.md", "read me\n", "chore: start");
    for part in ["one", "two"] {
        repo.git(&["tag", &format!("{part}-v0.1.0")]).ok();
    }
    repo.write(
        "relwatch.yml",
        "components:\n  one: {paths: [one/**]}\n  two: {paths: [two/**]}\n",
    );
    set_up(&repo);
    change(&repo, "one", "widen");
    change(&repo, "two", "shorten");
    change(&repo, "one", "repair");
    repo.git(&["config", "uploadpack.allowFilter", "true"]).ok();
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"])
        .ok();
    repo
}

/// A commit whose component is known only from its files.
fn change(repo: &Repo<'_>, part: &str, verb: &str) {
    let message = format!("feat: {verb} the thing");
    repo.commit_file(&format!("{part}/deep/{verb}"), "1\n", &message);
    repo.commit_file("later", verb, "chore: move on"); // a clone brings what is checked out
}

fn cloned<'s>(sandbox: &'s Sandbox, filter: &str) -> Repo<'s> {
    let origin = sandbox.at("origin");
    let url = format!("file://{}", origin.path.display());
    sandbox
        .at(".")
        .git(&["clone", "-q", filter, &url, "clone"])
        .ok();
    sandbox.at("clone")
}

fn missing(repo: &Repo<'_>) -> usize {
    let args = ["rev-list", "--objects", "--all", "--missing=print"];
    let listed = repo.git(&args).ok().stdout;
    listed.lines().filter(|line| line.starts_with('?')).count()
}

fn sections(repo: &Repo<'_>) -> [String; 2] {
    ["one", "two"].map(|part| repo.read(&format!("{part}/CHANGELOG.md")))
}

#[test]
fn a_person_gets_the_section_of_a_whole_clone() {
    for filter in ["--filter=tree:0", "--filter=tree:2", "--filter=blob:none"] {
        let sandbox = Sandbox::new();
        let origin = origin(&sandbox);
        let clone = cloned(&sandbox, filter);
        assert!(missing(&clone) > 0, "{filter} left nothing out");
        clone.relwatch(&["init"]).ok();
        assert_eq!(sections(&clone), sections(&origin), "{filter}");
        clone.relwatch(&["release", "--yes"]).ok();
        clone.git(&["fsck"]).ok();
        assert_eq!(clone.status(), "");
        clone.relwatch(&["undo", "--yes"]).ok();
        assert_eq!(sections(&clone), sections(&origin), "{filter}");
    }
}

#[test]
fn a_hook_fetches_nothing_and_says_once_what_is_left_out() {
    let sandbox = Sandbox::new();
    let origin = origin(&sandbox);
    let clone = cloned(&sandbox, "--filter=tree:0");
    clone.relwatch(&["init"]).ok();
    change(&origin, "one", "speed");
    change(&origin, "two", "slow");
    let pulled = clone.git(&["pull", "-q"]).ok();
    says(
        &pulled,
        &[
            "does not know which files 4 commits changed",
            "`relwatch update`",
        ],
    );
    assert!(!sections(&clone).concat().contains("Speed"));
    let lacking = missing(&clone);
    let quiet = clone
        .git(&["commit", "-q", "--allow-empty", "-m", "chore: nothing"])
        .ok();
    assert_eq!(quiet.stderr, "");
    assert_eq!(missing(&clone), lacking, "a hook has fetched");
    assert_eq!(clone.status(), "");
    clone.relwatch(&["update"]).ok();
    assert_eq!(sections(&clone), sections(&origin));
}

#[test]
fn without_its_remote_a_command_says_what_must_work_and_loses_nothing() {
    let sandbox = Sandbox::new();
    let origin = origin(&sandbox);
    let clone = cloned(&sandbox, "--filter=tree:0");
    fs::rename(&origin.path, sandbox.path().join("away")).unwrap();
    let failed = clone.relwatch(&["status"]).code(1);
    says(
        &failed,
        &[
            "objects that this partial clone lacks cannot be fetched (",
            "`git fetch origin` must work, then run it again",
        ],
    );
    let told = clone.run(
        env!("CARGO_BIN_EXE_relwatch"),
        &["status"],
        &[("GIT_NO_LAZY_FETCH", "1")],
    );
    says(&told.code(1), &["unset GIT_NO_LAZY_FETCH"]);
    assert_eq!(clone.status(), "");
}
