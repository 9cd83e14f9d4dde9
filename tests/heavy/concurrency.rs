//! Many at once: nothing is told twice, nothing is lost, and no file is torn.

#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Sandbox, configure, eventually, project, says, strace};

#[test]
fn a_hundred_updates_at_once_are_one() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "many");
    for number in 1..=5 {
        repo.commit_unheard(&format!("feat: add thing {number} (#{number})"));
    }
    let updates: Vec<_> = (0..100).map(|_| repo.background(&["update"])).collect();
    for update in updates {
        let code = update.wait();
        assert!(matches!(code, Some(0 | 7)), "{code:?}"); // 7: it has waited for the others long enough
    }
    repo.relwatch(&["update"]).ok();
    let alone = sandbox.at("alone");
    repo.git(&["clone", "-q", ".", "../alone"]).ok();
    alone.relwatch(&["init"]).ok();
    assert_eq!(repo.section(), alone.section());
    assert_eq!(repo.section().matches("Add thing").count(), 5);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.sh("ls -A | grep relwatch-tmp").stdout, "");
}

/// Every change stands once in the file, released or not.
fn told_once(text: &str, word: &str, count: usize) {
    for number in 1..=count {
        let line = format!("- {word} {number} ");
        assert_eq!(text.matches(&line).count(), 1, "{line:?} in\n{text}");
    }
}

/// Sets this at its end, also at that of a failing test: others wait for it.
struct Sets<'b>(&'b AtomicBool);

impl Drop for Sets<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn commits_updates_releases_a_watcher_and_two_worktrees_at_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "busy");
    configure(&repo, "branches: [main]\n");
    repo.git(&["worktree", "add", "-q", "-b", "side", "../side"])
        .ok();
    let side = sandbox.at("side");
    repo.relwatch(&["watch", "add", "."]).ok();
    let watcher = repo.background(&["watch"]);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                repo.relwatch(&["update"]);
                side.relwatch(&["update"]);
            }
        });
        let _over = Sets(&over);
        scope.spawn(|| {
            for number in 1..=12 {
                let message = format!("feat: side {number} of all (#{})", 100 + number);
                side.insistent_git(&["commit", "-q", "--allow-empty", "-m", &message])
                    .ok();
            }
        });
        for number in 1..=24 {
            let message = format!("fix: main {number} of all (#{number})");
            repo.insistent_git(&["commit", "-q", "--allow-empty", "-m", &message])
                .ok();
            if number % 8 == 0 {
                // The tree may look changed for a moment to a check that comes in between: then it says so and nothing is released.
                let ran = repo.relwatch(&["release", "--yes"]);
                assert!(matches!(ran.code, 0 | 3 | 5 | 7), "{ran:?}");
                // 7: it has waited for the others long enough.
                let resumed = eventually(|| match repo.relwatch(&["release", "--resume"]) {
                    ran if ran.code == 7 => Err(format!("{ran:?}")),
                    ran => Ok(ran),
                });
                resumed.ok();
            }
        }
    });
    drop(watcher);
    for place in [&repo, &side] {
        place.relwatch(&["update"]).ok();
        assert_eq!(place.status(), "");
        place.relwatch(&["update", "--check"]).ok();
    }
    told_once(&repo.read("CHANGELOG.md"), "Main", 24);
    told_once(&side.read("CHANGELOG.md"), "Side", 12);
    repo.git(&["fsck", "--strict"]).ok();
    repo.insistent_git(&["merge", "-q", "--no-edit", "side"])
        .ok();
    let text = repo.read("CHANGELOG.md");
    told_once(&text, "Main", 24);
    told_once(&text, "Side", 12);
}

#[test]
fn without_locks_nothing_is_written_and_why_is_said() {
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "unlocked");
    repo.commit_unheard("feat: set a timeout (#1)");
    let before = repo.read("CHANGELOG.md");
    let without = |args: &[&str]| {
        let faults = [
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=flock",
            "-e",
            "inject=flock:error=ENOLCK",
        ];
        repo.run("strace", &[&faults, args].concat(), &[])
    };
    let relwatch = env!("CARGO_BIN_EXE_relwatch");
    let update = without(&[relwatch, "update"]).code(1);
    says(&update, &["cannot be locked", "mounted with locks"]);
    let commit = without(&["git", "commit", "-q", "--allow-empty", "-m", "fix: go on"]);
    commit.ok();
    assert_eq!(repo.read("CHANGELOG.md"), before);
}
