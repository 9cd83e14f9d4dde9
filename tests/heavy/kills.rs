//! `release --push` killed at a system call: the next command brings it to exactly released or exactly unreleased, with every step
//! done once. `KILLS=2000 cargo test --release --test heavy kills:: -- --nocapture` tries more of them and prints where the kills fell;
//! `SEED=n` chooses others, `KILL=n` runs one.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;

use crate::support::strace::{self, Call};
use crate::support::{Repo, Sandbox, cases, project};

/// Steps as people write them; `DONE` is replaced by the check that a step is done. The pauses let a step outlive relwatch.
const CONFIG: &str = "gates:
  - {name: quick, run: 'true'}
  - {name: tree, run: test -f relwatch.yml, where: release-tree}
publish:
  - {name: one, run: 'sleep 0.02; echo one >> $HOME/LOG'DONE}
  - {name: two, run: 'echo two >> $HOME/LOG'DONE}
  - {name: three, run: 'sleep 0.01; echo three >> $HOME/LOG'DONE}
";

const RELEASE: [&str; 3] = ["release", "--push", "--yes"];

/// A small generator (xorshift): the same seed, the same kills.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        dice.roll(1);
        dice
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 8) as usize % sides
    }
}

fn template(sandbox: &Sandbox, name: &str, done_if: bool) {
    let repo = project(sandbox, name);
    let done = |step: &str| {
        if done_if {
            format!(", done_if: 'grep -qx {step} $HOME/LOG'")
        } else {
            String::new()
        }
    };
    let mut yaml = CONFIG.to_owned();
    for step in ["one", "two", "three"] {
        yaml = yaml.replacen("DONE", &done(step), 1);
    }
    repo.write("relwatch.yml", &yaml);
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

/// A template and its remote, in a sandbox of its own.
fn copied<'s>(templates: &Sandbox, name: &str, sandbox: &'s Sandbox) -> Repo<'s> {
    let from = templates.path().join(name).display().to_string();
    sandbox.at("").sh(&format!("cp -a {from} run && cp -a {from}.git run.git && git -C run remote set-url origin ../run.git && git -C run update-index -q --refresh")).ok();
    sandbox.at("run")
}

/// References here and there, index, files.
fn state(repo: &Repo<'_>) -> String {
    repo.sh("git for-each-ref refs/heads refs/tags; git ls-files -s; git status --porcelain; cat CHANGELOG.md; git worktree list | wc -l; ls .git/relwatch/release.json 2>/dev/null; git ls-remote origin | grep -v HEAD").stdout
}

fn phase(repo: &Repo<'_>) -> &'static str {
    let has = |script: &str| repo.sh(script).code == 0;
    let log = repo.sh("cat ~/LOG 2>/dev/null | wc -l").stdout;
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

/// Where a release may be killed.
struct Places {
    templates: Sandbox,
    /// The calls of relwatch itself, by their kind: each kind is as likely as another one.
    alone: Vec<Vec<Call>>,
    /// How many calls it makes with all that it starts.
    together: usize,
}

impl Places {
    fn find() -> Places {
        let templates = Sandbox::new();
        template(&templates, "plain", false);
        template(&templates, "asked", true);
        let sandbox = Sandbox::new();
        let mut kinds: BTreeMap<String, Vec<Call>> = BTreeMap::new();
        for call in strace::calls(&copied(&templates, "plain", &sandbox), &RELEASE) {
            kinds.entry(call.name.clone()).or_default().push(call);
        }
        let sandbox = Sandbox::new();
        let repo = copied(&templates, "asked", &sandbox);
        let together = strace::killed_with_children(&repo, &RELEASE, usize::MAX);
        assert!(together > 100, "{together}");
        Places {
            templates,
            alone: kinds.into_values().collect(),
            together,
        }
    }
}

#[test]
fn a_killed_release_is_all_or_nothing() {
    if !strace::is_here() {
        return;
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let runs = number("KILLS").unwrap_or(40);
    let seed = number("SEED").unwrap_or(20_261_121);
    let places = Places::find();
    let ends = cases::run_by("KILL", 1..=runs, u64::to_string, |run| {
        kill(&places, seed.wrapping_add(*run), run % 2 == 1)
    });
    let mut found: BTreeMap<_, u64> = BTreeMap::new();
    for end in &ends {
        *found.entry(end).or_default() += 1;
    }
    for ((who, phase, end), count) in &found {
        eprintln!("{count:>5}  killed {who:<17} {phase:<20} -> {end}");
    }
    assert!(
        found.len() > 2 || ends.len() < 10,
        "the kills fell into one place: {found:?}"
    );
}

fn kill(
    places: &Places,
    seed: u64,
    with_children: bool,
) -> (&'static str, &'static str, &'static str) {
    let mut dice = Dice::new(seed);
    let sandbox = Sandbox::new();
    let name = if with_children { "asked" } else { "plain" };
    let repo = copied(&places.templates, name, &sandbox);
    let before = state(&repo);
    let place = if with_children {
        let at = 1 + dice.roll(places.together);
        strace::killed_with_children(&repo, &RELEASE, at);
        format!("call {at} of all")
    } else {
        let calls = &places.alone[dice.roll(places.alone.len())];
        let call = &calls[dice.roll(calls.len())];
        strace::killed_at(&repo, &RELEASE, call);
        format!("{} {}", call.name, call.n)
    };
    let at = phase(&repo);
    let mut resumed = repo.relwatch(&["release", "--resume"]);
    if with_children && resumed.stderr.contains(".lock") {
        // git's own lock files, as git leaves them when it is killed; its message says to remove them.
        repo.sh("find .git ../run.git -name '*.lock' ! -path '*/relwatch/*' -delete")
            .ok();
        resumed = repo.relwatch(&["release", "--resume"]);
    }
    assert_eq!(resumed.code, 0, "killed at {place}, {at}: {resumed:?}");
    let after = state(&repo);
    let steps = repo.sh("cat ~/LOG 2>/dev/null").stdout;
    let told = format!("killed at {place}, {at}\n{resumed:?}\n{after}\n{steps}");
    repo.git(&["fsck", "--strict"]).ok();
    // git leaves its own locks when it is killed, as ever; alone it ends its work.
    let locks = if with_children { "''" } else { "'*.lock'" };
    let left = repo.sh(&format!("git status --porcelain --ignored; find . ../run.git -name '.relwatch-*' -o -name {locks} | grep -v '/relwatch/'")).stdout;
    assert_eq!(left.trim(), "", "LEFT {left} {told}");
    let end = if after == before {
        assert_eq!(steps, "", "{told}");
        "unchanged"
    } else {
        assert_eq!(steps, "one\ntwo\nthree\n", "{told}");
        assert!(repo.stored().contains("## [0.2.0] - 2026-01-30"), "{told}");
        let heads = repo
            .sh("git rev-parse HEAD main v0.2.0^{} && git -C ../run.git rev-parse main v0.2.0^{}")
            .stdout;
        let mut heads: Vec<&str> = heads.lines().collect();
        heads.dedup();
        assert_eq!(heads.len(), 1, "{told}");
        assert!(!after.contains("release.json"), "{told}");
        assert_eq!(repo.section(), "", "{told}");
        assert_eq!(repo.read("CHANGELOG.md"), repo.stored(), "{told}");
        let worktrees = repo.git(&["worktree", "list"]).stdout;
        assert_eq!(worktrees.lines().count(), 1, "{told}");
        "released"
    };
    let who = if with_children {
        "with its children"
    } else {
        "alone"
    };
    (who, at, end)
}
