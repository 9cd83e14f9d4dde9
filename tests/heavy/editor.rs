//! An editor saves the changelog again and again while commits are made: no entry is lost, no typed line, and nobody skips anything.
//! `COMMITS=200 cargo test --test heavy editor::` makes more of them.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::{Repo, Sandbox, cases, project};

/// How an editor saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saving {
    /// It writes over the file.
    InPlace,
    /// It writes a new file and renames it.
    Rename,
    /// It renames the old file and writes a new one.
    Backup,
    /// It writes over the file what it read when it was opened, and what was typed since.
    NeverReading,
}

impl Saving {
    fn save(self, path: &Path, text: &str) {
        let beside = path.with_extension("md~");
        match self {
            Saving::InPlace | Saving::NeverReading => fs::write(path, text).unwrap(),
            Saving::Rename => {
                fs::write(&beside, text).unwrap();
                fs::rename(&beside, path).unwrap();
            }
            Saving::Backup => {
                fs::rename(path, &beside).unwrap();
                fs::write(path, text).unwrap();
            }
        }
    }
}

/// What an editor makes of a text in which somebody types a line.
fn typed(text: &str, line: &str) -> String {
    let own = "- by hand\n";
    assert!(text.contains(own), "{text}");
    text.replacen(own, &format!("{own}{line}\n"), 1)
}

fn with_editor(repo: &Repo<'_>, saving: Saving, commits: usize) -> Vec<String> {
    let path = repo.path.join("CHANGELOG.md");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let editor = scope.spawn(|| {
            let mut buffer = fs::read_to_string(&path).unwrap();
            let mut lines = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let now = fs::read_to_string(&path).unwrap_or_default();
                // Between truncating and writing of somebody else there is less; no editor loads that.
                if saving != Saving::NeverReading && now.contains("- by hand\n") {
                    buffer = now;
                }
                let line = format!("- typed {} of many", lines.len());
                buffer = typed(&buffer, &line);
                lines.push(line);
                saving.save(&path, &buffer);
                thread::sleep(Duration::from_millis(100));
            }
            lines
        });
        for number in 1..=commits {
            let message = format!("feat: change {number} (#{number})");
            repo.insistent_git(&["commit", "-q", "--allow-empty", "-m", &message]);
        }
        over.store(true, Ordering::Relaxed);
        editor.join().unwrap()
    })
}

#[test]
fn an_editor_beside_many_commits_loses_nothing_and_skips_nothing() {
    let commits = std::env::var("COMMITS").ok();
    let commits = commits.and_then(|n| n.parse().ok()).unwrap_or(20);
    let ways = [
        Saving::InPlace,
        Saving::Rename,
        Saving::Backup,
        Saving::NeverReading,
    ];
    cases::run(
        ways,
        |way| format!("{way:?}"),
        |&saving| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            let heading = "## [Unreleased]\n";
            repo.edit(
                "CHANGELOG.md",
                heading,
                &format!("{heading}\n### Changed\n\n- by hand\n"),
            );
            repo.git(&["commit", "-qam", "docs: by hand"]).ok();
            let lines = with_editor(&repo, saving, commits);
            repo.relwatch(&["update"]).ok();
            let text = repo.read("CHANGELOG.md");
            assert!(!text.contains("relwatch:skip"), "{text}");
            for number in 1..=commits {
                let line = format!("- Change {number} (#{number})\n");
                assert_eq!(text.matches(&line).count(), 1, "{line}{text}");
            }
            for line in &lines {
                assert_eq!(
                    text.matches(&format!("{line}\n")).count(),
                    1,
                    "{line}\n{text}"
                );
            }
            repo.git(&["commit", "-qam", "docs: typed"]).ok();
            assert!(
                !repo.stored().contains("Change 1 (#1)"),
                "{}",
                repo.stored()
            );
            assert_eq!(repo.status().replace("?? CHANGELOG.md~\n", ""), "");
        },
    );
}
