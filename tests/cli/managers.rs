//! relwatch beside the real tools, which have to be installed: `.ci/run-extra` does that. MANAGERS is a directory whose `bin` has lefthook,
//! husky, simple-git-hooks, lint-staged, pre-commit, git-lfs, git-crypt; NEW_GIT is the `bin` of a git that has configured hooks (2.54 or
//! later).
//!
//! `MANAGERS=… NEW_GIT=… cargo test --test cli managers:: -- --ignored`

#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{CHANGELOG, Repo, Sandbox, cases, says};

/// Puts a directory in front of the PATH of all later commands, including hooks.
fn with_path(sandbox: &Sandbox, folder: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let link = sandbox.path().join("bin").join(entry.file_name());
        std::os::unix::fs::symlink(entry.path(), link).unwrap();
    }
}

/// Every hook, configuration file and script: bytes and mode.
fn all(repo: &Repo<'_>) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut take = |path: &Path| {
        if let (Ok(bytes), Ok(meta)) = (std::fs::read(path), std::fs::metadata(path)) {
            let name = path.strip_prefix(&repo.path).unwrap().display().to_string();
            found.insert(name, (meta.permissions().mode(), bytes));
        }
    };
    for folder in [".git/hooks", ".husky", ".husky/_"] {
        if let Ok(entries) = std::fs::read_dir(repo.path.join(folder)) {
            entries.for_each(|entry| take(&entry.unwrap().path()));
        }
    }
    for file in [
        "lefthook.yml",
        ".pre-commit-config.yaml",
        "package.json",
        ".gitattributes",
        ".git/info/attributes",
        ".git/config",
    ] {
        take(&repo.path.join(file));
    }
    found
}

/// A repository with a release and a changelog, without relwatch, and the tools in its PATH.
fn plain<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    with_path(sandbox, &(std::env::var("MANAGERS").unwrap() + "/bin"));
    let repo = sandbox.repo("r");
    repo.write(".gitignore", "ran.log\nnode_modules\n");
    repo.write("CHANGELOG.md", CHANGELOG);
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "docs: changelog"]).ok();
    repo.git(&["tag", "-a", "v0.1.0", "-m", "x"]).ok();
    repo
}

fn keep(repo: &Repo<'_>) {
    repo.git(&["add", "-A"]).ok();
    repo.sh("git diff --cached --quiet || git commit -q -m 'chore: keep'")
        .ok();
}

/// A commit is listed, and the user's own hooks ran.
fn works(repo: &Repo<'_>, storage: &str, log: &str) {
    repo.sh(&format!("rm -f {log}")).ok();
    for n in 1..3 {
        repo.write("file", &n.to_string());
        repo.git(&["add", "file"]).ok();
        let message = format!("feat: number {n} (#{n})");
        repo.git(&["commit", "-q", "-m", &message]).ok();
    }
    assert!(
        repo.section().contains("- Number 1 (#1)"),
        "{}",
        repo.section()
    );
    let seen = repo.section().contains("- Number 2 (#2)");
    assert_eq!(seen, storage == "view", "a commit does not carry itself");
    assert!(repo.exists(log), "their own hook runs");
    assert_eq!(repo.status(), "");
}

/// Sets relwatch up before or after a tool, in both storage modes, commits, and uninstalls it. Asserts that the tool's files are restored.
fn beside(set_up: impl Fn(&Repo<'_>) + Sync, name: &str) {
    let ways = [
        ("view", true),
        ("tracked", true),
        ("view", false),
        ("tracked", false),
    ];
    cases::run(
        ways,
        |(storage, is_first)| format!("{name}, {storage}, first: {is_first}"),
        |&(storage, is_first)| {
            let sandbox = Sandbox::new();
            let repo = plain(&sandbox);
            let init = || repo.relwatch(&["init", "--yes", "--storage", storage]);
            if is_first {
                set_up(&repo);
                let before = all(&repo);
                init().ok();
                let once = all(&repo);
                init().ok();
                assert_eq!(all(&repo), once, "twice is once");
                keep(&repo);
                works(&repo, storage, "ran.log");
                repo.relwatch(&["uninstall"]).ok();
                assert_eq!(all(&repo), before);
            } else {
                init().ok();
                keep(&repo);
                set_up(&repo);
                init().ok();
                keep(&repo);
                works(&repo, storage, "ran.log");
                repo.relwatch(&["uninstall"]).ok();
                let left: Vec<_> = all(&repo)
                    .into_iter()
                    .filter(|(_, (_, bytes))| String::from_utf8_lossy(bytes).contains("relwatch"))
                    .collect();
                assert!(left.is_empty(), "{left:?}");
            }
        },
    );
}

#[test]
#[ignore = "needs lefthook: .ci/run-extra"]
fn beside_lefthook() {
    beside(
        |repo| {
            repo.write("lefthook.yml", "pre-commit:\n  commands:\n    mine:\n      run: echo ran >> ran.log\npost-commit:\n  jobs:\n    - run: echo ran >> ran.log\n");
            keep(repo);
            repo.run("lefthook", &["install", "--force"], &[]).ok();
        },
        "lefthook",
    );
}

#[test]
#[ignore = "needs husky: .ci/run-extra"]
fn beside_husky() {
    beside(
        |repo| {
            repo.write("package.json", "{}\n");
            repo.write(".husky/pre-commit", "echo ran >> ran.log\n");
            repo.run("husky", &[], &[]).ok();
            repo.git(&["add", "-A"]).ok();
            repo.git(&["commit", "-q", "--no-verify", "-m", "chore: husky"])
                .ok();
        },
        "husky",
    );
}

#[test]
#[ignore = "needs simple-git-hooks: .ci/run-extra"]
fn beside_simple_git_hooks() {
    beside(
        |repo| {
            if !repo.exists("package.json") {
                repo.write("package.json", "{\n  \"name\": \"x\",\n  \"simple-git-hooks\": {\n    \"pre-commit\": \"echo ran >> ran.log\",\n    \"post-commit\": \"echo ran >> ran.log\"\n  }\n}\n");
            }
            keep(repo);
            repo.run("simple-git-hooks", &[], &[]).ok();
        },
        "simple-git-hooks",
    );
    // It runs again, as on every `npm install`.
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox);
    repo.write(
        "package.json",
        "{\"simple-git-hooks\": {\"pre-commit\": \"echo ran >> ran.log\"}}\n",
    );
    repo.run("simple-git-hooks", &[], &[]).ok();
    repo.relwatch(&["init", "--yes"]).ok();
    keep(&repo);
    repo.run("simple-git-hooks", &[], &[]).ok();
    works(&repo, "view", "ran.log");
}

const PRE_COMMIT: &str = "repos:\n- repo: local\n  hooks:\n  - id: mine\n    name: mine\n    entry: sh -c 'echo ran >> ran.log'\n    language: system\n    always_run: true\n    pass_filenames: false\n";

fn pre_commit(repo: &Repo<'_>) {
    repo.write(".pre-commit-config.yaml", PRE_COMMIT);
    keep(repo);
    let stages = ["install", "-t", "pre-commit", "-t", "post-commit"];
    repo.run("pre-commit", &stages, &[]).ok();
}

#[test]
#[ignore = "needs pre-commit: .ci/run-extra"]
fn beside_pre_commit() {
    beside(pre_commit, "pre-commit");
}

#[test]
#[ignore = "needs pre-commit: .ci/run-extra"]
fn pre_commit_keeps_an_unstaged_note() {
    cases::run(
        ["view", "tracked"],
        |storage| (*storage).to_owned(),
        |storage| {
            let sandbox = Sandbox::new();
            let repo = plain(&sandbox);
            repo.write(".pre-commit-config.yaml", PRE_COMMIT);
            keep(&repo);
            repo.run("pre-commit", &["install"], &[]).ok();
            repo.relwatch(&["init", "--storage", storage]).ok();
            keep(&repo);
            repo.git(&["commit", "-q", "--allow-empty", "-m", "feat: one (#1)"])
                .ok();
            repo.edit(
                "CHANGELOG.md",
                "## [Unreleased]\n",
                "## [Unreleased]\n\nA note.\n",
            );
            repo.write("file", "1\n");
            repo.git(&["add", "file"]).ok();
            repo.git(&["commit", "-q", "-m", "feat: two (#2)"]).ok();
            assert!(repo.read("CHANGELOG.md").contains("A note."));
            assert_eq!(repo.status(), " M CHANGELOG.md\n");
            if *storage == "view" {
                assert!(repo.section().contains("- Two (#2)"), "{}", repo.section());
            }
        },
    );
}

#[test]
#[ignore = "needs git-lfs: .ci/run-extra"]
fn beside_git_lfs() {
    beside(
        |repo| {
            repo.write(".git/hooks/pre-commit", "#!/bin/sh\necho ran >> ran.log\n");
            repo.sh("chmod +x .git/hooks/pre-commit && rm -f .git/hooks/post-*")
                .ok();
            repo.git(&["lfs", "install", "--local"]).ok();
        },
        "git-lfs",
    );
}

#[test]
#[ignore = "needs git-lfs: .ci/run-extra"]
fn a_changelog_in_git_lfs_is_released_through_it() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox);
    repo.git(&["lfs", "install", "--local"]).ok();
    repo.git(&["lfs", "track", "*.md"]).ok();
    repo.git(&["add", "--renormalize", "."]).ok();
    keep(&repo);
    let refused = repo.relwatch(&["init"]).code(1);
    says(&refused, &["`lfs`", "--storage tracked"]);
    assert_eq!(repo.status(), "");
    repo.relwatch(&["init", "--storage", "tracked"]).ok();
    keep(&repo);
    repo.commit("feat: one (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    let text = repo.read("CHANGELOG.md");
    assert!(
        text.contains("## [0.2.0]") && text.contains("- the first thing"),
        "{text}"
    );
    assert!(
        repo.stored().starts_with("version https://git-lfs"),
        "{}",
        repo.stored()
    );
    assert_eq!(repo.status(), "");
    repo.relwatch(&["undo", "--yes"]).ok();
    assert!(!repo.read("CHANGELOG.md").contains("0.2.0"));
}

#[test]
#[ignore = "needs git-crypt: .ci/run-extra"]
fn git_crypt_encrypts_the_changelog_whenever_it_comes() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox);
    repo.relwatch(&["init"]).ok();
    keep(&repo);
    repo.commit("feat: one (#1)");
    repo.run("git-crypt", &["init"], &[]).ok();
    repo.sh("echo '*.md filter=git-crypt diff=git-crypt' >> .gitattributes")
        .ok();
    repo.git(&["add", "--renormalize", "."]).ok();
    let committed = repo.git(&["commit", "-q", "-am", "chore: encrypt"]).ok();
    says(&committed, &["`git-crypt`", "--storage tracked"]);
    let blob = repo.git(&["show", "HEAD:CHANGELOG.md"]).stdout;
    assert!(blob.starts_with("\0GITCRYPT"), "{blob}");
    repo.relwatch(&["init", "--storage", "tracked"]).ok();
    keep(&repo);
    repo.commit("feat: two (#2)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(repo.read("CHANGELOG.md").contains("- Two (#2)"));
    let blob = repo.git(&["show", "HEAD:CHANGELOG.md"]).stdout;
    assert!(blob.starts_with("\0GITCRYPT"), "{blob}");
    assert_eq!(repo.status(), "");
}

#[test]
#[ignore = "needs git 2.54: NEW_GIT=BIN"]
fn configured_hooks_of_a_new_git() {
    let bin = std::env::var("NEW_GIT").unwrap();
    let sandbox = Sandbox::new();
    with_path(&sandbox, &bin);
    let repo = sandbox.repo("r");
    repo.commit_file("CHANGELOG.md", CHANGELOG, "docs: changelog");
    println!("{}", repo.git(&["version"]).stdout);
    repo.write(
        ".git/hooks/post-commit",
        "#!/usr/bin/env python3\nopen('ran.log', 'a').write('x\\n')\n",
    );
    repo.sh("chmod +x .git/hooks/post-commit").ok();
    repo.write(".gitignore", "ran.log\n");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: x"]).ok();
    let installed = repo.relwatch(&["init"]).ok();
    assert_eq!(installed.stderr, "");
    let status = repo.relwatch(&["hooks", "status"]).ok().stdout;
    assert_eq!(
        status.matches("in the configuration\n").count(),
        5,
        "{status}"
    );
    keep(&repo);
    works(&repo, "view", "ran.log");
    let list = repo.git(&["hook", "list", "post-commit"]).ok().stdout;
    assert!(list.contains("relwatch-post-commit"), "{list}");
    // Both ways, one after the other.
    repo.relwatch(&["hooks", "install", "--by", "files"]).ok();
    assert_eq!(repo.git(&["config", "--get-regexp", "^hook\\."]).stdout, "");
    repo.relwatch(&["hooks", "install", "--by", "config"]).ok();
    assert!(!repo.exists(".git/hooks/post-merge"));
    repo.relwatch(&["hooks", "uninstall"]).ok();
    assert_eq!(repo.git(&["config", "--get-regexp", "^hook\\."]).stdout, "");
    assert!(
        repo.read(".git/hooks/post-commit")
            .starts_with("#!/usr/bin/env python3\nopen")
    );
}
