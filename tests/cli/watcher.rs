//! The watcher: changes that hooks do not notice are handled soon after.

#![cfg(unix)]

use std::fs;
use std::thread;

use crate::support::watching::{Watching, watched};
use crate::support::{self, Repo, Sandbox, eventually, project};

/// Whether the section contains exactly these lines.
fn lists(repo: &Repo<'_>, lines: &[&str]) -> Result<(), String> {
    let section = repo.section();
    let found: Vec<&str> = section.lines().filter(|l| l.starts_with("- ")).collect();
    let mut pairs = found.iter().zip(lines);
    let is_it = found.len() == lines.len() && pairs.all(|(f, l)| f[2..].starts_with(l));
    if is_it {
        Ok(())
    } else {
        Err(format!("{lines:?} are not the lines of\n{section}"))
    }
}

/// Waits until the section contains exactly these lines, as a fresh computation does, and git sees no change.
#[track_caller]
fn becomes(repo: &Repo<'_>, lines: &[&str]) {
    eventually(|| {
        lists(repo, lines)?;
        let check = repo.relwatch(&["update", "--check"]);
        let status = repo.status();
        if check.code == 0 && status.is_empty() {
            Ok(())
        } else {
            Err(format!("{check:?}\n{status}"))
        }
    });
}

/// The same beside files that git does see.
#[track_caller]
fn becomes_dirty(repo: &Repo<'_>, lines: &[&str]) {
    eventually(|| {
        lists(repo, lines)?;
        let status = repo.status();
        if status.contains("CHANGELOG.md") {
            Err(status)
        } else {
            Ok(())
        }
    });
}

/// Runs git beside the watcher, which locks the index for a moment when it writes.
#[track_caller]
fn git(repo: &Repo<'_>, args: &[&str]) {
    repo.insistent_git(args).ok();
}

#[track_caller]
fn commit(repo: &Repo<'_>, message: &str) {
    git(repo, &["commit", "-q", "--allow-empty", "-m", message]);
}

const SPEC: &str = ".chant/specs/2026-01-29-001-abc.md";

fn spec(status: &str, title: &str) -> String {
    format!("---\nstatus: {status}\n---\n# {title}\n")
}

#[test]
fn operations_without_hooks_are_seen() {
    let sandbox = Sandbox::new();
    let repo = watched(&sandbox, "r");
    let watching = Watching::start(&sandbox);
    commit(&repo, "feat: one (#1)");
    becomes(&repo, &["One (#1)"]);
    let event = watching.event("updated");
    assert_eq!(event["added"][0], "Added: One (#1)");
    assert_eq!(event["next"], "0.2.0");
    commit(&repo, "feat: two (#2)");
    becomes(&repo, &["One (#1)", "Two (#2)"]);
    let two = repo.head();
    git(&repo, &["reset", "-q", "--hard", "HEAD~1"]);
    becomes(&repo, &["One (#1)"]);
    git(&repo, &["update-ref", "refs/heads/main", &two]);
    becomes(&repo, &["One (#1)", "Two (#2)"]);
    git(&repo, &["branch", "-q", "deep/side", "HEAD~1"]);
    git(&repo, &["symbolic-ref", "HEAD", "refs/heads/deep/side"]);
    becomes(&repo, &["One (#1)"]);
    commit(&repo, "fix: beside (#3)");
    becomes(&repo, &["One (#1)", "Beside (#3)"]);
    git(&repo, &["switch", "-q", "--detach", "main"]);
    becomes(&repo, &["One (#1)", "Two (#2)"]);
    git(&repo, &["tag", "v0.2.0"]);
    becomes(&repo, &[]);
    git(&repo, &["tag", "-d", "v0.2.0"]);
    becomes(&repo, &["One (#1)", "Two (#2)"]);
    git(&repo, &["switch", "-q", "main"]);
    git(&repo, &["pack-refs", "--all"]);
    repo.sh("printf 'commit refs/heads/main\\ncommitter A <a@b> 1769000000 +0000\\ndata 15\\nfeat: four (#4)\\nfrom refs/heads/main^0\\n' | git fast-import --quiet").ok();
    becomes(&repo, &["One (#1)", "Two (#2)", "Four (#4)"]);
}

#[test]
fn repositories_without_reflogs_and_worktrees_are_seen() {
    let sandbox = Sandbox::new();
    let repo = watched(&sandbox, "r");
    git(&repo, &["config", "core.logAllRefUpdates", "false"]);
    let _ = fs::remove_dir_all(repo.path.join(".git/logs")); // tables of references have their own
    git(&repo, &["worktree", "add", "-q", "-b", "side", "../w"]);
    let side = sandbox.at("w");
    side.relwatch(&["update"]).ok();
    side.relwatch(&["watch", "add"]).ok();
    let _watching = Watching::start(&sandbox);
    commit(&repo, "feat: one (#1)");
    becomes(&repo, &["One (#1)"]);
    commit(&side, "feat: aside (#2)");
    becomes(&side, &["Aside (#2)"]);
    becomes(&repo, &["One (#1)"]);
}

#[test]
fn specs_are_seen_however_they_are_saved() {
    let sandbox = Sandbox::new();
    let repo = watched(&sandbox, "r");
    let watching = Watching::start(&sandbox);
    // A directory that did not exist before.
    repo.write(SPEC, &spec("in_progress", "Add a lock"));
    git(&repo, &["add", "."]);
    commit(&repo, "chant: Add spec");
    becomes(&repo, &[]);
    // In place, as `sed -i` does, as vim does, as VS Code does.
    repo.write(SPEC, &spec("completed", "Add a lock"));
    becomes_dirty(&repo, &["Add a lock"]);
    repo.sh(&format!("sed -i s/lock/latch/ {SPEC}")).ok();
    becomes_dirty(&repo, &["Add a latch"]);
    repo.sh(&format!(
        "mv {SPEC} {SPEC}~ && sed s/latch/bolt/ {SPEC}~ > {SPEC} && rm {SPEC}~"
    ))
    .ok();
    becomes_dirty(&repo, &["Add a bolt"]);
    repo.sh(&format!(": > {SPEC}; sleep 0.05; printf -- '---\\nstatus: completed\\n---\\n# Add a door\\n' > {SPEC}")).ok();
    becomes_dirty(&repo, &["Add a door"]);
    repo.sh(&format!("mv {SPEC} .chant/specs/2026-01-29-002-def.md"))
        .ok();
    becomes_dirty(&repo, &["Add a door (2026-01-29-002-def)"]);
    repo.sh("sed -i s/completed/paused/ .chant/specs/2026-01-29-002-def.md")
        .ok();
    becomes_dirty(&repo, &[]);
    repo.sh("rm .chant/specs/2026-01-29-002-def.md").ok();
    watching.rest();
    // Many at once are one update, or a few if the kernel reports them in parts.
    let many: String = (0..500)
        .map(|n| format!("printf -- '---\\nstatus: completed\\n---\\n# Add number {n}\\n' > .chant/specs/n{n:03}.md\n"))
        .collect();
    watching.asleep(|| drop(repo.sh(&many).ok()));
    eventually(|| match repo.section().matches("\n- Add number").count() {
        500 => Ok(()),
        count => Err(format!("{count} of 500")),
    });
    let updates = watching.rest();
    assert!(updates.len() <= 3, "{} updates", updates.len());
}

#[test]
fn nothing_is_written_when_nothing_changed_and_what_a_person_put_back_stays() {
    let sandbox = Sandbox::new();
    let repo = watched(&sandbox, "r");
    let watching = Watching::start(&sandbox);
    commit(&repo, "feat: one (#1)");
    becomes(&repo, &["One (#1)"]);
    watching.rest();
    let stat = |repo: &Repo<'_>| {
        repo.sh("stat -c '%n %i %Y %Z' CHANGELOG.md .git/relwatch/view* .git/index")
            .ok()
            .stdout
    };
    let before = stat(&repo);
    repo.write("unrelated", "x\n");
    repo.sh("touch .git/HEAD; rm unrelated").ok();
    assert_eq!(watching.rest(), Vec::<serde_json::Value>::new());
    assert_eq!(stat(&repo), before);
    // `git checkout -- CHANGELOG.md` takes the lines away until something happens.
    git(&repo, &["checkout", "-q", "--", "CHANGELOG.md"]);
    let stored = repo.stored();
    repo.write("CHANGELOG.md", &stored);
    watching.rest();
    assert_eq!(repo.read("CHANGELOG.md"), stored);
    commit(&repo, "feat: two (#2)");
    becomes(&repo, &["One (#1)", "Two (#2)"]);
}

#[test]
fn the_list_is_followed_and_what_is_gone_is_dropped() {
    let sandbox = Sandbox::new();
    let first = watched(&sandbox, "first");
    let watching = Watching::start(&sandbox);
    let second = watched(&sandbox, "second");
    commit(&second, "feat: one (#1)");
    becomes(&second, &["One (#1)"]);
    let again = first.relwatch(&["watch"]).code(1);
    assert!(
        again.stderr.contains("a watcher is running already"),
        "{again:?}"
    );
    let status = first.relwatch(&["watch", "status"]).ok().stdout;
    assert!(
        status.starts_with("running, process ") && status.contains("2 repositories"),
        "{status}"
    );
    let list = first.relwatch(&["watch", "list"]).ok().stdout;
    assert_eq!(list.lines().count(), 2, "{list}");
    fs::rename(&first.path, sandbox.path().join("moved")).unwrap();
    commit(&second, "feat: two (#2)");
    becomes(&second, &["One (#1)", "Two (#2)"]);
    let list = second.relwatch(&["watch", "list"]).ok().stdout;
    assert!(
        list.contains("(not there; `relwatch watch remove`"),
        "{list}"
    );
    second.relwatch(&["watch", "remove"]).ok();
    second.relwatch(&["watch", "remove"]).code(1);
    // The watcher notices when it comes back.
    fs::rename(sandbox.path().join("moved"), &first.path).unwrap();
    commit(&first, "feat: back (#9)");
    becomes(&first, &["Back (#9)"]);
    // Registrations at the same time.
    let many: Vec<Repo<'_>> = (0..6).map(|n| sandbox.repo(&format!("many{n}"))).collect();
    thread::scope(|scope| {
        for repo in &many {
            scope.spawn(|| repo.relwatch(&["watch", "add"]).ok());
        }
    });
    let list = first.relwatch(&["watch", "list"]).ok().stdout;
    assert_eq!(list.matches("/many").count(), 6, "{list}");
    drop(watching);
    let status = second.relwatch(&["watch", "status"]).ok().stdout;
    assert!(status.starts_with("not running"), "{status}");
}

#[test]
fn hooks_and_watcher_together_lose_nothing() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.relwatch(&["watch", "add"]).ok();
    git(&repo, &["worktree", "add", "-q", "-b", "side", "../w"]);
    let side = sandbox.at("w");
    side.relwatch(&["watch", "add"]).ok();
    let watching = Watching::start(&sandbox);
    thread::scope(|scope| {
        for (place, base) in [(&repo, 0), (&side, 100)] {
            scope.spawn(move || {
                for n in 1..=10 {
                    commit(place, &format!("feat: change {} (#{})", base + n, base + n));
                }
            });
        }
    });
    let lines = |base: u32| -> Vec<String> {
        (1..=10)
            .map(|n| format!("Change {} (#{})", base + n, base + n))
            .collect()
    };
    for (place, base) in [(&repo, 0), (&side, 100)] {
        let lines = lines(base);
        becomes(place, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
    watching.rest(); // or the rebase might find the index held
    git(&repo, &["rebase", "-q", "side"]);
    let all: Vec<String> = [lines(100), lines(0)].concat();
    becomes(&repo, &all.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn the_changelogs_of_components_are_watched() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write("CHANGELOG.md", support::CHANGELOG);
    let config = "components: {backend: {paths: [backend]}, bot: {paths: [bot]}}";
    repo.write("relwatch.yml", config);
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-q", "-m", "chore: start"]);
    repo.relwatch(&["init"]).ok();
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-q", "-m", "chore: keep changelogs"]);
    repo.sh("rm .git/hooks/*").ok();
    repo.relwatch(&["watch", "add"]).ok();
    let watching = Watching::start(&sandbox);
    repo.write("bot/a", "a");
    git(&repo, &["add", "bot/a"]);
    commit(&repo, "feat: greet (#1)");
    let event = watching.event("updated");
    assert_eq!(event["component"], "bot");
    assert_eq!(event["added"][0], "Added: Greet (#1)");
    assert_eq!(event["next"], "0.1.0");
    let others = watching.rest();
    assert!(others.is_empty(), "backend has no news: {others:?}");
    assert!(repo.read("bot/CHANGELOG.md").contains("- Greet (#1)"));
    git(&repo, &["tag", "bot-v0.1.0"]);
    assert_eq!(watching.event("updated")["removed"][0], "Added: Greet (#1)");
    git(&repo, &["tag", "-d", "bot-v0.1.0"]);
    watching.event("updated");
    // The configuration no longer names a component.
    repo.write("relwatch.yml", "");
    eventually(|| {
        let (text, status) = (repo.read("bot/CHANGELOG.md"), repo.status());
        if !text.contains("Greet") && status == " M relwatch.yml\n" {
            Ok(())
        } else {
            Err(format!("its lines stay: {status}\n{text}"))
        }
    });
}
