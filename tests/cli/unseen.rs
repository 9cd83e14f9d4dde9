//! No file of relwatch is ever visible to git: it is never listed as untracked, and `git add -A` never stages it.

#![cfg(target_os = "linux")]

use crate::support::{Repo, Sandbox, cases, configure, project, ran, strace};

/// Runs a command and returns its own calls that bring a path into being, in their order.
#[track_caller]
fn made(repo: &Repo<'_>, args: &[&str]) -> Vec<String> {
    let mut command = repo.command("strace");
    let creates =
        "trace=openat,?creat,?open,?rename,renameat,renameat2,?link,linkat,?symlink,symlinkat";
    command.args(["-qq", "-o", "../trace", "-e", creates]);
    command.arg(env!("CARGO_BIN_EXE_relwatch")).args(args);
    ran(&command.output().unwrap()).ok();
    let trace = repo.read("../trace");
    let is_news = |line: &&str| !line.starts_with("open") || line.contains("O_CREAT");
    trace.lines().filter(is_news).map(str::to_owned).collect()
}

/// The calls that make a file in the working tree before it has its own name.
fn seen(repo: &Repo<'_>, calls: &[String]) -> Vec<String> {
    let root = repo.path.to_string_lossy().into_owned();
    let is_seen = |call: &&String| {
        let creates = call.contains("O_CREAT") && !call.contains("/.git/");
        (creates && call.contains(&root))
            || call
                .replace(".git/relwatch/tmp/.relwatch-tmp-", "")
                .contains(".relwatch-tmp-")
    };
    // relwatch's own state is in git's directory.
    let of_git = |call: &&String| !call.contains(&format!("\"{root}/.git/"));
    calls
        .iter()
        .filter(is_seen)
        .filter(of_git)
        .cloned()
        .collect()
}

const SPEC: &str = "---\nstatus: completed\ntype: feature\n---\n# Add a timeout\n";

#[test]
fn nothing_that_is_written_is_seen_before_it_is_whole() {
    if !strace::is_here() {
        return;
    }
    let commands: [&[&str]; 11] = [
        &["update"],
        &["hook", "post-commit"],
        &["hook", "post-checkout", "a", "b", "1"],
        &["skip", "#1"],
        &["init"],
        &["prepare", "0.2.0"],
        &["archive", "2026-01-01-001-abc"],
        &["releases", "--rebuild"],
        &["notes", "0.1.0", "--output", "NOTES.md"],
        &["release", "0.2.0", "--yes"],
        &["hooks", "uninstall"],
    ];
    let sandbox = Sandbox::new();
    cases::in_turn(
        commands.into_iter().enumerate().collect::<Vec<_>>(),
        |(_, args)| args.join(" "),
        |(at, args)| {
            let repo = project(&sandbox, &format!("r{at}"));
            repo.commit_file(
                "Cargo.toml",
                "[package]\nname = \"a\"\nversion = \"0.1.0\"\n",
                "fix: a file",
            );
            repo.commit_file(
                ".chant/specs/2026-01-01-001-abc.md",
                SPEC,
                "feat: a timeout (#1)",
            );
            if !matches!(args[0], "release" | "archive") {
                repo.commit_unheard("feat: unheard (#2)");
            }
            let calls = made(&repo, args);
            assert!(!calls.is_empty());
            assert_eq!(seen(&repo, &calls), Vec::<String>::new());
            assert!(!repo.status().contains("relwatch-tmp"), "{}", repo.status());
            assert_eq!(repo.sh("ls -A .git/relwatch/tmp").ok().stdout, "");
        },
    );
}

#[test]
fn the_hook_of_stored_lines_is_not_seen_either() {
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "storage: tracked\n");
    repo.relwatch(&["init"]).ok();
    repo.commit_unheard("feat: unheard (#2)");
    repo.commit_file("a", "a\n", "fix: a file (#3)");
    repo.commit_unheard("feat: another (#4)");
    let calls = made(&repo, &["update"]);
    assert!(!calls.is_empty());
    assert_eq!(seen(&repo, &calls), Vec::<String>::new());
}

/// On another file system the files are beside the changelog, and git is set to ignore them before the first one exists.
#[test]
fn where_git_is_on_another_file_system_it_is_told_to_look_away_first() {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("there is no other file system: not tried");
        return;
    };
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let device = |path: &str| repo.sh(&format!("stat -c %d {path}")).ok().stdout;
    let git_dir = folder.path().join("git").to_string_lossy().into_owned();
    if !strace::is_here() || device(".") == device("/dev/shm") {
        eprintln!("there is no other file system: not tried");
        return;
    }
    repo.sh(&format!(
        "rm -r .git && git init -q -b main --separate-git-dir={git_dir}"
    ))
    .ok();
    repo.commit_file("CHANGELOG.md", crate::support::CHANGELOG, "chore: start");
    repo.sh("echo '*.mine' > $(git rev-parse --git-path info/exclude)")
        .ok();
    let calls = made(&repo, &["init"]);
    let first = |words: &str| {
        calls
            .iter()
            .position(|call| call.contains(words) && call.contains("O_CREAT"))
    };
    let (told, temporary) = (first("info/exclude"), first("/.relwatch-tmp-"));
    assert!(told.is_some() && told < temporary, "{calls:#?}");
    let exclude = std::fs::read_to_string(folder.path().join("git/info/exclude")).unwrap();
    assert_eq!(
        exclude,
        "*.mine\n# relwatch: temporary files, for a moment\n.relwatch-tmp-*\n"
    );
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "feat: a timeout (#1)"])
        .ok();
    assert!(repo.section().contains("A timeout"), "{}", repo.section());
    repo.write(".relwatch-tmp-abcdef", "left by a kill\n");
    assert_eq!(repo.status(), "");
    // Named once.
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        std::fs::read_to_string(folder.path().join("git/info/exclude")).unwrap(),
        exclude
    );
}

/// The group of a shared tree, and the mode, are those of the file before.
#[test]
fn a_file_that_is_replaced_keeps_mode_and_group() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.sh("chmod 640 CHANGELOG.md; test $(id -u) != 0 || chgrp 12345 CHANGELOG.md")
        .ok();
    let of = || repo.sh("stat -c '%a %g' CHANGELOG.md").ok().stdout;
    let before = of();
    repo.commit("feat: a timeout (#1)");
    assert!(repo.section().contains("A timeout"));
    assert_eq!(of(), before);
}
