//! The watcher: what hooks do not see is right soon after.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{self, Repo, Sandbox, project};

/// A watcher that ends with the test.
struct Watching {
    child: Child,
    events: Receiver<serde_json::Value>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Watching {
    /// Starts one in a folder that is no repository; returns when it watches.
    fn start(sandbox: &Sandbox) -> Watching {
        let mut child = sandbox
            .command(env!("CARGO_BIN_EXE_relwatch"))
            .args(["watch", "--json"])
            .current_dir(sandbox.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, events) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let watching = Watching { child, events };
        watching.event("watching");
        watching
    }

    /// The next event of a kind.
    #[track_caller]
    fn event(&self, kind: &str) -> serde_json::Value {
        let deadline = Instant::now() + Duration::from_secs(20);
        while let Ok(event) = self.events.recv_timeout(deadline - Instant::now()) {
            if event["event"] == kind {
                return event;
            }
        }
        panic!("no event {kind}");
    }

    /// Events until nothing happened for a second.
    fn rest(&self) -> Vec<serde_json::Value> {
        std::iter::from_fn(|| self.events.recv_timeout(Duration::from_secs(1)).ok()).collect()
    }
}

/// A repository that is watched, without hooks: the watcher alone keeps it right.
fn watched<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    for entry in fs::read_dir(repo.path.join(".git/hooks")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    repo.relwatch(&["watch", "add"]).ok();
    repo
}

/// Waits until the section holds exactly these lines, then checks it against a fresh computation.
#[track_caller]
fn becomes(repo: &Repo<'_>, lines: &[&str]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let section = repo.section();
        let found: Vec<&str> = section.lines().filter(|l| l.starts_with("- ")).collect();
        let same = found.len() == lines.len()
            && found
                .iter()
                .zip(lines)
                .all(|(f, l)| f.starts_with(&format!("- {l}")));
        if same {
            break;
        }
        assert!(Instant::now() < deadline, "{lines:?} in\n{section}");
        thread::sleep(Duration::from_millis(20));
    }
    repo.relwatch(&["update", "--check"]).ok();
    assert_eq!(repo.status(), "");
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
    repo.commit("feat: one (#1)");
    becomes(&repo, &["One (#1)"]);
    let event = watching.event("updated");
    assert_eq!(event["added"][0], "Added: One (#1)");
    assert_eq!(event["next"], "0.2.0");
    repo.commit("feat: two (#2)");
    becomes(&repo, &["One (#1)", "Two (#2)"]);
    let two = repo.head();
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    becomes(&repo, &["One (#1)"]);
    repo.git(&["update-ref", "refs/heads/main", &two]).ok();
    becomes(&repo, &["One (#1)", "Two (#2)"]);
    repo.git(&["branch", "-q", "deep/side", "HEAD~1"]).ok();
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/deep/side"])
        .ok();
    becomes(&repo, &["One (#1)"]);
    repo.commit("fix: beside (#3)");
    becomes(&repo, &["One (#1)", "Beside (#3)"]);
    repo.git(&["switch", "-q", "--detach", "main"]).ok();
    becomes(&repo, &["One (#1)", "Two (#2)"]);
    repo.git(&["tag", "v0.2.0"]).ok();
    becomes(&repo, &[]);
    repo.git(&["tag", "-d", "v0.2.0"]).ok();
    becomes(&repo, &["One (#1)", "Two (#2)"]);
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["pack-refs", "--all"]).ok();
    repo.sh("printf 'commit refs/heads/main\\ncommitter A <a@b> 1769000000 +0000\\ndata 15\\nfeat: four (#4)\\nfrom refs/heads/main^0\\n' | git fast-import --quiet").ok();
    becomes(&repo, &["One (#1)", "Two (#2)", "Four (#4)"]);
}

#[test]
fn repositories_without_reflogs_and_worktrees_are_seen() {
    let sandbox = Sandbox::new();
    let repo = watched(&sandbox, "r");
    repo.git(&["config", "core.logAllRefUpdates", "false"]).ok();
    fs::remove_dir_all(repo.path.join(".git/logs")).unwrap();
    repo.git(&["worktree", "add", "-q", "-b", "side", "../w"])
        .ok();
    let side = sandbox.at("w");
    side.relwatch(&["update"]).ok();
    side.relwatch(&["watch", "add"]).ok();
    let _watching = Watching::start(&sandbox);
    repo.commit("feat: one (#1)");
    becomes(&repo, &["One (#1)"]);
    side.commit("feat: aside (#2)");
    becomes(&side, &["Aside (#2)"]);
    becomes(&repo, &["One (#1)"]);
}

#[test]
fn specs_are_seen_however_they_are_saved() {
    let sandbox = Sandbox::new();
    let repo = watched(&sandbox, "r");
    let watching = Watching::start(&sandbox);
    // A folder that was not there.
    repo.write(SPEC, &spec("in_progress", "Add a lock"));
    repo.git(&["add", "."]).ok();
    repo.commit("chant: Add spec");
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
    // Many at once are one update.
    let many: String = (0..500)
        .map(|n| format!("printf -- '---\\nstatus: completed\\n---\\n# Add number {n}\\n' > .chant/specs/n{n:03}.md\n"))
        .collect();
    repo.sh(&many).ok();
    let deadline = Instant::now() + Duration::from_secs(20);
    while repo.section().matches("\n- Add number").count() < 500 {
        assert!(Instant::now() < deadline);
        thread::sleep(Duration::from_millis(50));
    }
    let updates = watching.rest();
    assert!(updates.len() <= 3, "{} updates", updates.len());
}

#[track_caller]
fn becomes_dirty(repo: &Repo<'_>, lines: &[&str]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let section = repo.section();
        let found: Vec<&str> = section.lines().filter(|l| l.starts_with("- ")).collect();
        if found.len() == lines.len()
            && found
                .iter()
                .zip(lines)
                .all(|(f, l)| f.starts_with(&format!("- {l}")))
        {
            break;
        }
        assert!(Instant::now() < deadline, "{lines:?} in\n{section}");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!repo.status().contains("CHANGELOG.md"), "{}", repo.status());
}

#[test]
fn nothing_is_written_when_nothing_changed_and_what_a_person_put_back_stays() {
    let sandbox = Sandbox::new();
    let repo = watched(&sandbox, "r");
    let watching = Watching::start(&sandbox);
    repo.commit("feat: one (#1)");
    becomes(&repo, &["One (#1)"]);
    watching.rest();
    let stat = |repo: &Repo<'_>| {
        repo.sh("stat -c '%i %Y %Z' CHANGELOG.md .git/relwatch/state* .git/index")
            .stdout
    };
    let before = stat(&repo);
    repo.write("unrelated", "x\n");
    repo.sh("touch .git/HEAD; rm unrelated").ok();
    assert_eq!(watching.rest(), Vec::<serde_json::Value>::new());
    assert_eq!(stat(&repo), before);
    // `git checkout -- CHANGELOG.md` takes the lines away until something happens.
    repo.git(&["checkout", "-q", "--", "CHANGELOG.md"]).ok();
    let stored = repo.stored();
    repo.write("CHANGELOG.md", &stored);
    watching.rest();
    assert_eq!(repo.read("CHANGELOG.md"), stored);
    repo.commit("feat: two (#2)");
    becomes(&repo, &["One (#1)", "Two (#2)"]);
}

#[test]
fn the_list_is_followed_and_what_is_gone_is_dropped() {
    let sandbox = Sandbox::new();
    let first = watched(&sandbox, "first");
    let watching = Watching::start(&sandbox);
    let second = watched(&sandbox, "second");
    second.commit("feat: one (#1)");
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
    second.commit("feat: two (#2)");
    becomes(&second, &["One (#1)", "Two (#2)"]);
    let list = second.relwatch(&["watch", "list"]).ok().stdout;
    assert!(
        list.contains("(not there; `relwatch watch remove`"),
        "{list}"
    );
    second.relwatch(&["watch", "remove"]).ok();
    second.relwatch(&["watch", "remove"]).code(1);
    // It is seen when it comes back.
    fs::rename(sandbox.path().join("moved"), &first.path).unwrap();
    thread::sleep(Duration::from_millis(500));
    first.commit("feat: back (#9)");
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
    repo.git(&["worktree", "add", "-q", "-b", "side", "../w"])
        .ok();
    let side = sandbox.at("w");
    side.relwatch(&["watch", "add"]).ok();
    let _watching = Watching::start(&sandbox);
    thread::scope(|scope| {
        for (place, base) in [(&repo, 0), (&side, 100)] {
            scope.spawn(move || {
                for n in 1..=10 {
                    place.commit(&format!("feat: change {} (#{})", base + n, base + n));
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
    repo.git(&["rebase", "-q", "side"]).ok();
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
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: keep changelogs"])
        .ok();
    for entry in fs::read_dir(repo.path.join(".git/hooks")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    repo.relwatch(&["watch", "add"]).ok();
    let watching = Watching::start(&sandbox);
    repo.commit_file("bot/a", "a", "feat: greet (#1)");
    let event = watching.event("updated");
    assert_eq!(event["component"], "bot");
    assert_eq!(event["added"][0], "Added: Greet (#1)");
    assert_eq!(event["next"], "0.1.0");
    let others = watching.rest();
    assert!(others.is_empty(), "backend has no news: {others:?}");
    assert!(repo.read("bot/CHANGELOG.md").contains("- Greet (#1)"));
    repo.git(&["tag", "bot-v0.1.0"]).ok();
    assert_eq!(watching.event("updated")["removed"][0], "Added: Greet (#1)");
    repo.git(&["tag", "-d", "bot-v0.1.0"]).ok();
    watching.event("updated");
    // The configuration names no component any more.
    repo.write("relwatch.yml", "");
    let deadline = Instant::now() + Duration::from_secs(20);
    while repo.read("bot/CHANGELOG.md").contains("Greet") {
        assert!(Instant::now() < deadline, "its lines stay");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(repo.status(), " M relwatch.yml\n");
}
