//! Hooks beside what is there already, and out of the way.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use crate::support::{self, Repo, Sandbox, project};

fn mode(repo: &Repo<'_>, path: &str) -> u32 {
    std::fs::metadata(repo.path.join(path))
        .unwrap()
        .permissions()
        .mode()
}

fn script(repo: &Repo<'_>, path: &str, text: &str, bits: u32) {
    repo.write(path, text);
    std::fs::set_permissions(repo.path.join(path), std::fs::Permissions::from_mode(bits)).unwrap();
}

#[test]
fn a_shell_hook_is_shared_and_comes_back_to_the_byte() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.relwatch(&["hooks", "uninstall"]).ok();
    let theirs = "#!/usr/bin/env bash\necho mine > ran\nexit 1\n";
    script(&repo, ".git/hooks/post-commit", theirs, 0o750);
    script(
        &repo,
        ".git/hooks/post-merge",
        "#!/usr/bin/env python3\nprint(1)\n",
        0o755,
    );
    script(
        &repo,
        ".git/hooks/post-rewrite",
        "#!/bin/sh\nexit 0\n",
        0o644,
    );
    let installed = repo.relwatch(&["init"]).code(1);
    let last = "git runs 3 of 5 hooks; call `relwatch hook post-merge \"$@\"` from .git/hooks/post-merge; run `chmod +x .git/hooks/post-rewrite`\n";
    assert!(installed.stdout.ends_with(last), "{installed:?}");
    assert!(
        installed
            .stdout
            .contains("installed beside the script that is there: hook post-commit"),
        "{installed:?}"
    );
    assert!(
        installed
            .stderr
            .contains("post-merge is not a shell script"),
        "{installed:?}"
    );
    assert!(
        installed.stderr.contains("post-rewrite is not executable"),
        "{installed:?}"
    );
    let once = repo.read(".git/hooks/post-commit");
    repo.relwatch(&["hooks", "install"]).ok();
    assert_eq!(repo.read(".git/hooks/post-commit"), once, "twice is once");
    assert_eq!(mode(&repo, ".git/hooks/post-commit") & 0o777, 0o750);
    repo.commit("feat: both run (#1)");
    assert!(repo.section().contains("- Both run (#1)") && repo.exists("ran"));
    let status = repo.relwatch(&["hooks", "status"]).ok();
    assert!(
        status
            .stdout
            .contains("post-commit      installed beside another script"),
        "{status:?}"
    );
    repo.relwatch(&["hooks", "uninstall"]).ok();
    assert_eq!(repo.read(".git/hooks/post-commit"), theirs);
    assert_eq!(mode(&repo, ".git/hooks/post-commit") & 0o777, 0o750);
    assert_eq!(
        repo.read("CHANGELOG.md"),
        support::CHANGELOG,
        "the generated lines go with it"
    );
    assert!(!repo.exists(".git/hooks/post-checkout"));
    assert_eq!(repo.git(&["config", "filter.relwatch.clean"]).code, 1);
    assert_eq!(repo.git(&["status", "--porcelain", "-uno"]).stdout, "");
}

#[test]
fn the_hooks_path_that_git_uses_is_the_one() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.relwatch(&["hooks", "uninstall"]).ok();
    repo.git(&["config", "core.hooksPath", "my-hooks"]).ok();
    repo.relwatch(&["init"]).ok();
    assert!(repo.exists("my-hooks/post-commit") && !repo.exists(".git/hooks/post-commit"));
    repo.commit("feat: there (#1)");
    assert!(repo.section().contains("- There (#1)"));
}

#[test]
fn every_worktree_has_its_own_view() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["worktree", "add", "-q", "../tree", "-b", "side"])
        .ok();
    let tree = sandbox.at("tree");
    tree.commit("feat: side (#1)");
    repo.commit("feat: main (#2)");
    assert_eq!(tree.section(), "### Added\n\n- Side (#1)");
    assert_eq!(repo.section(), "### Added\n\n- Main (#2)");
    assert_eq!(
        (tree.status(), repo.status()),
        (String::new(), String::new())
    );
}

#[test]
fn without_the_binary_git_works_and_says_nothing() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let hook = repo
        .read(".git/hooks/post-commit")
        .replace(env!("CARGO_BIN_EXE_relwatch"), "/nowhere/relwatch");
    let filter = repo.git(&["config", "filter.relwatch.clean"]).ok().stdout;
    let filter = filter.replace(env!("CARGO_BIN_EXE_relwatch"), "/nowhere/relwatch");
    repo.git(&["config", "filter.relwatch.clean", filter.trim()])
        .ok();
    for name in [
        "post-commit",
        "post-checkout",
        "post-merge",
        "post-rewrite",
        "post-applypatch",
    ] {
        script(
            &repo,
            &format!(".git/hooks/{name}"),
            &hook.replace("post-commit", name),
            0o755,
        );
    }
    std::fs::remove_file(sandbox.path().join("bin/relwatch")).unwrap();
    for args in [
        &["commit", "-q", "--allow-empty", "-m", "feat: x"][..],
        &["commit", "-q", "--amend", "--allow-empty", "-m", "feat: y"],
        &["switch", "-q", "-c", "b"],
        &["worktree", "add", "-q", "../w"],
    ] {
        let ran = repo.git(args).ok();
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str()),
            ("", ""),
            "{args:?}"
        );
    }
}

#[test]
fn a_broken_configuration_is_told_once_in_a_line_and_stands_whole_in_the_log() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let said = |yaml: &str| {
        repo.write("relwatch.yml", yaml);
        repo.git(&["commit", "-q", "--allow-empty", "-m", "fix: a"])
            .ok()
            .stderr
    };
    assert_eq!(
        said("# x\ntypes: {deps: odd}\n"),
        "relwatch: relwatch.yml:2: types.deps: unknown value `odd` (`relwatch check` says all)\n"
    );
    // Nothing new is nothing to say, whatever hook it is.
    assert_eq!(said("# x\ntypes: {deps: odd}\n"), "");
    assert_eq!(repo.git(&["switch", "-q", "-c", "b"]).ok().stderr, "");
    let whole = repo.relwatch(&["check"]).code(2).stderr;
    let whole = whole.trim().trim_start_matches("relwatch: ");
    assert!(whole.contains("expected one of"), "{whole}");
    let log = repo.read(".git/relwatch/log");
    assert_eq!(log.matches(whole).count(), 3, "{log}");
    assert_eq!(said("tag: x\n").lines().count(), 1);
    assert_eq!(said(""), "");
    assert_eq!(said("tag: x\n").lines().count(), 1);
}

#[test]
fn two_hooks_of_one_commit_tell_the_same_error_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "hooks: {commit_msg: warn}\n");
    repo.relwatch(&["hooks", "install"]).ok();
    assert!(repo.exists(".git/hooks/commit-msg"));
    repo.write("relwatch.yml", "branchs: [x]\n");
    for lines in [1, 0] {
        let args = ["commit", "-q", "--allow-empty", "-m", "fix: a"];
        assert_eq!(repo.git(&args).ok().stderr.lines().count(), lines);
    }
    let log = repo.read(".git/relwatch/log");
    assert_eq!(log.matches("branchs").count(), 4, "{log}");
}

#[test]
fn a_hook_never_fails_git() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "branchs: [x]\n");
    let ran = repo
        .git(&["commit", "-q", "--allow-empty", "-m", "feat: x"])
        .ok();
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(
        ran.stderr.contains("relwatch.yml:1: unknown key `branchs`")
            && ran.stderr.contains("did you mean `branches`?"),
        "{ran:?}"
    );
    repo.relwatch(&["status"]).code(2);
    repo.git(&["checkout", "-q", "relwatch.yml"]).ok();
    repo.sh("rm CHANGELOG.md && mkdir CHANGELOG.md").ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "feat: y"])
        .ok();
    repo.sh("rmdir CHANGELOG.md && ln -s /etc/passwd CHANGELOG.md")
        .ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "feat: z"])
        .ok();
    assert!(
        repo.relwatch(&["update"])
            .code(1)
            .stderr
            .contains("is not a regular file")
    );
    repo.sh("rm CHANGELOG.md").ok();
    let ran = repo
        .git(&["commit", "-q", "--allow-empty", "-m", "feat: no changelog"])
        .ok();
    assert_eq!(ran.stderr, "");
    assert!(!repo.exists("CHANGELOG.md"), "a hook makes no file");
}

#[test]
fn twenty_commits_at_once_in_two_worktrees_lose_nothing() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["worktree", "add", "-q", "../tree", "-b", "side"])
        .ok();
    let tree = sandbox.at("tree");
    let commits = |place: &Repo<'_>| {
        for n in 0..10 {
            place.commit(&format!("feat: number {n}"));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| commits(&repo));
        scope.spawn(|| commits(&tree));
    });
    for place in [&repo, &tree] {
        assert_eq!(place.section().matches("- Number").count(), 10);
        assert_eq!(place.status(), "");
        place.relwatch(&["update", "--check"]).ok();
    }
}

#[test]
fn an_index_that_only_git_can_read_is_left_to_git() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["update-index", "--split-index"]).ok();
    let ran = repo
        .git(&["commit", "-q", "--allow-empty", "-m", "feat: split (#1)"])
        .ok();
    assert_eq!(ran.stderr, "");
    assert_eq!(repo.section(), "### Added\n\n- Split (#1)");
    assert_eq!(repo.status(), "");
    repo.edit("CHANGELOG.md", "- Split (#1)", "- Mine (#1)");
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.status(), " M CHANGELOG.md\n");
}

#[test]
fn a_hook_beside_ours_still_reads_what_git_tells_it() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.relwatch(&["hooks", "uninstall"]).ok();
    let hook = "#!/bin/sh\nset -eu\ncat > ../seen\nexit 3\n";
    repo.write(".git/hooks/post-rewrite", hook);
    repo.sh("chmod 755 .git/hooks/post-rewrite").ok();
    repo.relwatch(&["init"]).ok();
    repo.commit("feat: one");
    let old = repo.head();
    repo.git(&[
        "commit",
        "-q",
        "--amend",
        "--allow-empty",
        "-m",
        "feat: two",
    ])
    .ok();
    let pair = format!("{old} {}\n", repo.head());
    assert_eq!(sandbox.at("").read("seen"), pair);
    assert_eq!(repo.read(".git/relwatch/rewritten"), pair);
    repo.relwatch(&["hooks", "uninstall"]).ok();
    assert_eq!(repo.read(".git/hooks/post-rewrite"), hook);
}

#[test]
fn without_its_binary_git_goes_on_in_silence() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    std::fs::remove_file(sandbox.path().join("bin/relwatch")).unwrap();
    repo.sh("sed -i \"s#'/[^']*'#'/gone/relwatch'#g\" .git/hooks/post-* .git/config")
        .ok();
    assert!(
        repo.read(".git/hooks/post-commit")
            .contains("/gone/relwatch")
    );
    std::fs::create_dir_all(sandbox.path().join("template")).unwrap();
    repo.sh("cp -r .git/hooks ../template/hooks").ok();
    let silent = |args: &[&str]| {
        let ran = repo.git(args).ok();
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str()),
            ("", ""),
            "{args:?}"
        );
    };
    silent(&["commit", "-q", "--allow-empty", "-m", "feat: x"]);
    silent(&["checkout", "-q", "-b", "side"]);
    silent(&["commit", "-q", "--amend", "--allow-empty", "-m", "feat: y"]);
    silent(&["worktree", "add", "-q", "../tree", "-b", "third"]);
    silent(&["clone", "-q", "--template", "../template", ".", "../clone"]);
    silent(&["status", "--porcelain"]);
    silent(&["rebase", "-q", "main"]);
}

#[test]
fn an_uninstall_leaves_no_lines_and_no_hooks_anywhere() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.git(&["worktree", "add", "-q", "-b", "side", "../tree"])
        .ok();
    let tree = sandbox.at("tree");
    assert!(tree.section().contains("One"), "{}", tree.section());
    repo.git(&["config", "core.hooksPath", "scripts"]).ok();
    tree.relwatch(&["hooks", "uninstall"]).ok();
    repo.git(&["config", "--unset", "core.hooksPath"]).ok();
    for place in [&repo, &tree] {
        assert_eq!(place.status(), "");
        assert!(!place.read("CHANGELOG.md").contains("One"));
    }
    assert!(!repo.exists(".git/hooks/post-commit"));
    // A hook that is called all the same writes nothing that would get into commits.
    repo.relwatch(&["hook", "post-commit"]).ok();
    assert_eq!(repo.status(), "");
}
