//! Beside real hook managers, which have to be installed: MANAGERS is a folder whose `bin` has lefthook, husky, pre-commit, git-lfs as far as
//! they are there; NEW_GIT is the `bin` of a git that has configured hooks (2.54 or later).
//!
//! `MANAGERS=… NEW_GIT=… cargo test --test cli managers:: -- --ignored`

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Ran, Repo, Sandbox, cases, project};

/// Puts a folder in front of the PATH of all that follows, hooks included.
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
    for file in ["lefthook.yml", ".pre-commit-config.yaml"] {
        take(&repo.path.join(file));
    }
    found
}

fn plain<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    repo.relwatch(&["hooks", "uninstall"]).ok();
    repo
}

fn set_up_again(repo: &Repo<'_>, args: &[&str]) -> Ran {
    repo.relwatch(&["init"]).ok();
    repo.relwatch(&[&["hooks", "install"], args].concat()).ok()
}

/// A commit, an amend and a checkout are seen, and the user's own hook ran each time.
fn works(repo: &Repo<'_>, log: &str) {
    repo.sh(&format!("rm -f {log}")).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "feat: one (#1)"])
        .ok();
    assert!(repo.section().contains("- One (#1)"), "{}", repo.section());
    repo.git(&[
        "commit",
        "-q",
        "--allow-empty",
        "--amend",
        "-m",
        "feat: uno (#1)",
    ])
    .ok();
    assert!(repo.section().contains("- Uno (#1)"), "{}", repo.section());
    assert!(repo.read(log).lines().count() >= 2, "{}", repo.read(log));
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.git(&["switch", "-q", "-c", "side"]).ok();
    assert!(!repo.section().contains("Uno"), "{}", repo.section());
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["branch", "-D", "side"]).ok();
}

#[test]
#[ignore = "needs lefthook: MANAGERS=FOLDER"]
fn beside_lefthook() {
    let bin = std::env::var("MANAGERS").unwrap() + "/bin";
    cases::run(
        [true, false],
        |&lefthook_first| format!("first: {lefthook_first}"),
        |&lefthook_first| {
            let sandbox = Sandbox::new();
            with_path(&sandbox, &bin);
            let repo = plain(&sandbox);
            let config = "post-commit:\n  commands:\n    mine:\n      run: echo ran >> ran.log\n";
            repo.write("lefthook.yml", config);
            repo.write(".gitignore", "ran.log\n");
            repo.git(&["add", "."]).ok();
            repo.git(&["commit", "-q", "-m", "chore: lefthook"]).ok();
            let lefthook = |args: &[&str]| repo.run("lefthook", args, &[]).ok();
            if lefthook_first {
                lefthook(&["install"]);
            } else {
                set_up_again(&repo, &[]);
                lefthook(&["install", "--force"]);
                assert!(repo.exists(".git/hooks/post-commit.old"));
            }
            let before = all(&repo);
            let shown = set_up_again(&repo, &[]);
            assert!(
                shown
                    .stderr
                    .contains("lefthook.yml says what runs as post-commit"),
                "{shown:?}"
            );
            // lefthook's configuration has a post-commit already: ours has to be added by hand.
            assert!(!shown.stderr.contains("--apply"), "{shown:?}");
            repo.write(
                "lefthook.yml",
                &format!("{config}    relwatch:\n      run: relwatch hook post-commit {{0}}\n"),
            );
            let once = all(&repo);
            set_up_again(&repo, &["--apply"]);
            assert_eq!(all(&repo), once, "twice is once");
            let status = repo.relwatch(&["hooks", "status"]).ok().stdout;
            assert!(
                status.contains("post-commit      in the hook manager's configuration"),
                "{status}"
            );
            works(&repo, "ran.log");
            repo.write("lefthook.yml", config);
            repo.relwatch(&["hooks", "uninstall"]).ok();
            let mut left = all(&repo);
            if !lefthook_first {
                // What was ours before lefthook moved it.
                left.retain(|name, _| !name.contains(".old"));
            }
            for (name, file) in &left {
                if !name.ends_with("prepare-commit-msg") {
                    assert_eq!(before.get(name), Some(file), "{name}");
                }
            }
            lefthook(&["uninstall"]);
        },
    );
}

#[test]
#[ignore = "needs husky: MANAGERS=FOLDER"]
fn beside_husky() {
    let bin = std::env::var("MANAGERS").unwrap() + "/bin";
    let sandbox = Sandbox::new();
    with_path(&sandbox, &bin);
    let repo = plain(&sandbox);
    repo.write("package.json", "{}\n");
    repo.run("husky", &[], &[]).ok();
    assert_eq!(
        repo.git(&["config", "core.hooksPath"]).stdout.trim(),
        ".husky/_"
    );
    repo.write(".husky/post-commit", "echo ran >> ran.log\n");
    repo.write(".gitignore", "ran.log\n");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: husky"]).ok();
    let before = all(&repo);
    let shown = set_up_again(&repo, &[]);
    assert!(
        shown
            .stderr
            .contains("husky runs .husky/post-commit; add the line"),
        "{shown:?}"
    );
    assert_eq!(all(&repo), before);
    set_up_again(&repo, &["--apply"]);
    let once = all(&repo);
    set_up_again(&repo, &["--apply"]);
    assert_eq!(all(&repo), once);
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: relwatch beside husky"])
        .ok();
    works(&repo, "ran.log");
    let status = repo.relwatch(&["hooks", "status"]).ok().stdout;
    assert_eq!(status.matches("installed in .husky").count(), 5, "{status}");
    repo.relwatch(&["hooks", "uninstall"]).ok();
    assert_eq!(all(&repo), before);
}

#[test]
#[ignore = "needs pre-commit: MANAGERS=FOLDER"]
fn beside_pre_commit() {
    let bin = std::env::var("MANAGERS").unwrap() + "/bin";
    cases::run(
        [true, false],
        |&pre_commit_first| format!("first: {pre_commit_first}"),
        |&pre_commit_first| {
            let sandbox = Sandbox::new();
            with_path(&sandbox, &bin);
            let repo = plain(&sandbox);
            repo.write(
            ".pre-commit-config.yaml",
            "repos:\n- repo: local\n  hooks:\n  - id: mine\n    name: mine\n    entry: sh -c 'echo ran >> ran.log'\n    language: system\n    always_run: true\n    pass_filenames: false\n    stages: [post-commit]\n",
        );
            repo.write(".gitignore", "ran.log\n");
            repo.git(&["add", "."]).ok();
            repo.git(&["commit", "-q", "-m", "chore: pre-commit"]).ok();
            let install = || {
                repo.run(
                    "pre-commit",
                    &["install", "-t", "post-commit", "-t", "pre-commit"],
                    &[],
                )
                .ok()
            };
            if pre_commit_first {
                install();
                let before = all(&repo);
                let shown = set_up_again(&repo, &[]);
                assert!(
                    shown
                        .stderr
                        .contains("or run `relwatch hooks install --apply`"),
                    "{shown:?}"
                );
                set_up_again(&repo, &["--apply"]);
                let once = all(&repo);
                set_up_again(&repo, &["--apply"]);
                assert_eq!(all(&repo), once);
                repo.git(&["add", "."]).ok();
                repo.git(&["commit", "-q", "-m", "chore: relwatch beside pre-commit"])
                    .ok();
                works(&repo, "ran.log");
                repo.relwatch(&["hooks", "uninstall"]).ok();
                assert_eq!(all(&repo), before);
            } else {
                // pre-commit moves ours aside and runs it.
                set_up_again(&repo, &[]);
                install();
                assert!(repo.exists(".git/hooks/post-commit.legacy"));
                works(&repo, "ran.log");
                repo.run(
                    "pre-commit",
                    &["uninstall", "-t", "post-commit", "-t", "pre-commit"],
                    &[],
                )
                .ok();
                repo.git(&["commit", "-q", "--allow-empty", "-m", "feat: after (#9)"])
                    .ok();
                assert!(repo.section().contains("- After (#9)"));
                repo.relwatch(&["hooks", "uninstall"]).ok();
                let left: Vec<String> = all(&repo)
                    .into_keys()
                    .filter(|n| n.starts_with(".git/hooks") && !n.ends_with(".sample"))
                    .collect();
                assert_eq!(left, Vec::<String>::new());
            }
        },
    );
}

#[test]
#[ignore = "needs git-lfs: MANAGERS=FOLDER"]
fn beside_git_lfs() {
    let bin = std::env::var("MANAGERS").unwrap() + "/bin";
    cases::run(
        [true, false],
        |&lfs_first| format!("first: {lfs_first}"),
        |&lfs_first| {
            let sandbox = Sandbox::new();
            with_path(&sandbox, &bin);
            let repo = plain(&sandbox);
            if lfs_first {
                repo.git(&["lfs", "install", "--local"]).ok();
                let before = all(&repo);
                set_up_again(&repo, &[]);
                let once = all(&repo);
                set_up_again(&repo, &[]);
                assert_eq!(all(&repo), once);
                repo.commit("feat: one (#1)");
                assert!(repo.section().contains("- One (#1)"));
                repo.relwatch(&["hooks", "uninstall"]).ok();
                assert_eq!(all(&repo), before);
            } else {
                set_up_again(&repo, &[]);
                // git-lfs refuses to share and says so; with --force it takes the place.
                assert_ne!(repo.git(&["lfs", "install", "--local"]).code, 0);
                repo.git(&["lfs", "install", "--local", "--force"]).ok();
                let status = repo.relwatch(&["hooks", "status"]).ok().stdout;
                assert!(
                    status.contains("post-commit      a script without relwatch"),
                    "{status}"
                );
                set_up_again(&repo, &[]);
                repo.commit("feat: one (#1)");
                assert!(repo.section().contains("- One (#1)"));
            }
        },
    );
}

#[test]
#[ignore = "needs git 2.54: NEW_GIT=BIN"]
fn configured_hooks_of_a_new_git() {
    let bin = std::env::var("NEW_GIT").unwrap();
    let sandbox = Sandbox::new();
    with_path(&sandbox, &bin);
    let repo = plain(&sandbox);
    println!("{}", repo.git(&["version"]).stdout);
    repo.write(
        ".git/hooks/post-commit",
        "#!/usr/bin/env python3\nopen('ran.log', 'a').write('x\\n')\n",
    );
    repo.sh("chmod +x .git/hooks/post-commit").ok();
    repo.write(".gitignore", "ran.log\n");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: x"]).ok();
    let installed = set_up_again(&repo, &[]);
    assert_eq!(installed.stderr, "");
    let status = repo.relwatch(&["hooks", "status"]).ok().stdout;
    assert_eq!(
        status.matches("in the configuration\n").count(),
        5,
        "{status}"
    );
    works(&repo, "ran.log");
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
