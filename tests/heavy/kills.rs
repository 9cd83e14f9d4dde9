//! `release --push` killed at random instants: the next command brings it to exactly released or exactly as before, with every
//! step done once. `KILLS=2000 cargo test --release --test heavy kills:: -- --nocapture` runs more and prints where the kills fell.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use crate::support::{Repo, Sandbox, project};

/// Steps as people write them; `DONE` stands for what tells that a step is done.
const CONFIG: &str = "gates:
  - {name: quick, run: 'true'}
  - {name: tree, run: test -f relwatch.yml, where: release-tree}
publish:
  - {name: one, run: 'sleep 0.02; echo one >> LOG'DONE}
  - {name: two, run: 'echo two >> LOG'DONE}
  - {name: three, run: 'sleep 0.01; echo three >> LOG'DONE}
";

/// A small generator (xorshift): the same seed, the same kills.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn template(sandbox: &Sandbox, name: &str, done_if: bool) {
    let repo = project(sandbox, name);
    let log = sandbox.path().join("LOG");
    let done = |step: &str| match done_if {
        true => format!(", done_if: 'grep -qx {step} LOG'"),
        false => String::new(),
    };
    let mut yaml = CONFIG.to_owned();
    for step in ["one", "two", "three"] {
        yaml = yaml.replacen("DONE", &done(step), 1);
    }
    repo.write("relwatch.yml", &yaml.replace("LOG", &log.to_string_lossy()));
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.1.0\"\n",
    );
    repo.write(
        ".chant/specs/2026-01-29-004-jkl.md",
        "---\nstatus: completed\ntype: feature\ncompleted_at: 2026-01-29\n---\n# A timeout\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: everything (#2)"])
        .ok();
    repo.relwatch(&["update"]).ok();
    repo.sh(&format!("git init -q --bare -b main ../{name}.git && git remote add origin ../{name}.git && git push -q -u --follow-tags origin main")).ok();
}

/// References here and there, index, files.
fn state(repo: &Repo<'_>) -> String {
    repo.sh("git for-each-ref refs/heads refs/tags; git ls-files -s; git status --porcelain; cat CHANGELOG.md; git worktree list | wc -l; ls .git/relwatch/release.json 2>/dev/null; git ls-remote origin | grep -v HEAD").stdout
}

fn phase(repo: &Repo<'_>) -> &'static str {
    let has = |script: &str| repo.sh(script).code == 0;
    let log = repo.sh("cat ../LOG 2>/dev/null | wc -l").stdout;
    match log.trim() {
        "3" => return "3 steps done",
        "2" => return "2 steps done",
        "1" => return "1 step done",
        _ => {}
    }
    match () {
        () if has("git ls-remote origin | grep -q v0.2.0") => "pushed",
        () if has("git rev-parse -q --verify refs/tags/v0.2.0") => "released here",
        () if has("test -f .git/relwatch/release.json") => "journal written",
        () => "before the journal",
    }
}

#[test]
fn a_killed_release_is_all_or_nothing() {
    let runs: u64 = std::env::var("KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(40);
    let seed: u64 = std::env::var("SEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20261121);
    let mut found: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    let threads: Vec<_> = (0..2u64)
        .map(|thread| std::thread::spawn(move || kill_runs(runs.div_ceil(2), seed + thread)))
        .collect();
    for thread in threads {
        for (key, count) in thread.join().unwrap() {
            *found.entry(key).or_default() += count;
        }
    }
    for ((who, phase, end), count) in &found {
        eprintln!("{count:>5}  killed {who:<16} {phase:<20} -> {end}");
    }
    assert!(found.len() > 2, "the kills fell into one place: {found:?}");
}

fn kill_runs(runs: u64, seed: u64) -> BTreeMap<(&'static str, &'static str, &'static str), u64> {
    let sandbox = Sandbox::new();
    let mut dice = Dice(seed);
    template(&sandbox, "plain", false);
    template(&sandbox, "asked", true);
    let mut span = Duration::ZERO;
    let mut found = BTreeMap::new();
    for run in 0..=runs {
        let with_group = run % 2 == 1;
        let name = if with_group { "asked" } else { "plain" };
        let log = sandbox.path().join("LOG");
        let _ = std::fs::remove_file(&log);
        let copy = format!(
            "rm -rf run {name}.git.run && cp -a {name} run && cp -a {name}.git run.git.new && rm -rf run.git && mv run.git.new run.git && git -C run remote set-url origin ../run.git && git -C run update-index -q --refresh"
        );
        let copied = sandbox
            .command("sh")
            .args(["-c", &copy])
            .current_dir(sandbox.path())
            .status();
        assert!(copied.unwrap().success());
        let repo = sandbox.at("run");
        let before = state(&repo);
        let mut command = repo.command(env!("CARGO_BIN_EXE_relwatch"));
        command
            .args(["release", "--push", "--yes"])
            .process_group(0);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        if run == 0 {
            // How long it takes, undisturbed.
            assert!(
                child.wait().unwrap().success(),
                "{:?}",
                repo.relwatch(&["release", "--push", "--yes"])
            );
            span = started.elapsed();
            continue;
        }
        let instant = Duration::from_micros(dice.roll(span.as_micros() as u64 * 11 / 10));
        std::thread::sleep(instant);
        let target = match with_group {
            true => format!("-{}", child.id()),
            false => child.id().to_string(),
        };
        let _ = std::process::Command::new("kill")
            .args(["-9", "--", &target])
            .stderr(std::process::Stdio::null())
            .status();
        child.wait().unwrap();
        let at = phase(&repo);
        let mut resumed = repo.relwatch(&["release", "--resume"]);
        if with_group && resumed.stderr.contains(".lock") {
            // git's own lock files, as git leaves them when it is killed; its words tell people to remove them.
            repo.sh("find .git ../run.git -name '*.lock' ! -path '*/relwatch/*' -delete")
                .ok();
            resumed = repo.relwatch(&["release", "--resume"]);
        }
        assert_eq!(
            resumed.code, 0,
            "run {run} of seed {seed}, killed {at}: {resumed:?}"
        );
        let after = state(&repo);
        let steps = repo.sh("cat ../LOG 2>/dev/null").stdout;
        let told = format!("run {run} of seed {seed}, killed {at}\n{resumed:?}\n{after}\n{steps}");
        repo.git(&["fsck", "--strict"]).ok();
        // git leaves its own locks when it is killed, as ever; alone it ends its work.
        let locks = if with_group { "''" } else { "'*.lock'" };
        let left = repo.sh(&format!("git status --porcelain --ignored; find . ../run.git -name '.relwatch-*' -o -name {locks} | grep -v '/relwatch/'")).stdout;
        assert_eq!(left.trim(), "", "LEFT {left} {told}");
        let end = if after == before {
            assert_eq!(steps, "", "{told}");
            "as before"
        } else {
            assert_eq!(steps, "one\ntwo\nthree\n", "{told}");
            assert!(repo.stored().contains("## [0.2.0] - 2026-01-30"), "{told}");
            let heads = repo.sh("git rev-parse HEAD main v0.2.0^{} && git -C ../run.git rev-parse main v0.2.0^{}").stdout;
            let mut heads: Vec<&str> = heads.lines().collect();
            heads.dedup();
            assert_eq!(heads.len(), 1, "{told}");
            assert!(!after.contains("release.json"), "{told}");
            assert_eq!(repo.section(), "", "{told}");
            assert_eq!(repo.read("CHANGELOG.md"), repo.stored(), "{told}");
            assert_eq!(
                repo.git(&["worktree", "list"]).stdout.lines().count(),
                1,
                "{told}"
            );
            "released"
        };
        let who = if with_group {
            "with its children"
        } else {
            "alone"
        };
        *found.entry((who, at, end)).or_default() += 1;
    }
    found
}
