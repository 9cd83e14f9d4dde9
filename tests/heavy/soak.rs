//! A long life: random git operations with hooks and a watcher; after each the tree is clean and the section is what a fresh
//! computation says, now and then also a fresh clone's. At the end the watcher holds as much memory and as many files as early on.
//!
//! `SOAK=60 cargo test --release --test heavy soak:: -- --nocapture` goes on for sixty minutes; `SEED=n` begins with another number.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use crate::support::{Background, Repo, Sandbox, eventually, project};

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 8) as usize % sides
    }

    fn of<'v, T: ?Sized>(&mut self, values: &[&'v T]) -> &'v T {
        values[self.roll(values.len())]
    }
}

/// What people do; `N` is a number that no other operation has, `B` a branch.
const OPERATIONS: &[(&str, &str)] = &[
    (
        "commit",
        "git commit -q --allow-empty -m 'feat: change N (#N)'",
    ),
    ("commit", "git commit -q --allow-empty -m 'fix: change N'"),
    ("commit", "git commit -q --allow-empty -m 'docs: change N'"),
    (
        "breaking",
        "git commit -q --allow-empty -m 'feat!: change N'",
    ),
    (
        "file",
        "echo N > file-N; git add -A; git commit -q -m 'fix: file N'",
    ),
    (
        "amend",
        "git commit -q --amend --allow-empty -m 'feat: amended N'",
    ),
    ("branch", "git switch -q -c bN"),
    ("switch", "git switch -q B"),
    ("merge", "git merge -q --no-edit B || git merge --abort"),
    ("rebase", "git rebase -q B || git rebase --abort"),
    ("rebase", "git rebase -q --apply B || git rebase --abort"),
    (
        "pick",
        "git cherry-pick B || git cherry-pick --skip || git cherry-pick --abort",
    ),
    ("revert", "git revert --no-edit HEAD || git revert --abort"),
    (
        "note",
        "sed -i '0,/^## .Unreleased.$/s//&\\n\\n- note N/' CHANGELOG.md; git commit -q -am 'docs: note N'",
    ),
    (
        "reword",
        "sed -i '0,/^- \\([A-Z].*\\)(#/s//- edited N \\1(#/' CHANGELOG.md; git commit -q -am 'docs: edit N'",
    ),
    (
        "delete",
        "sed -i '0,/^- .*(#/{/^- .*(#/d}' CHANGELOG.md; git commit -q -am 'docs: delete N'",
    ),
    (
        "spec",
        "mkdir -p .chant/specs; printf -- '---\\nstatus: pending\\n---\\n# Add spec N\\n' > .chant/specs/2026-01-01-N-abc.md; git add -A; git commit -q -m 'chant: Add spec N'",
    ),
    (
        "done",
        "f=$(ls .chant/specs/*.md 2>/dev/null | head -1); test -n \"$f\" && sed -i s/pending/completed/ $f && git add -A && git commit -q -m \"chant($(basename $f .md)): Add it\"",
    ),
    (
        "release",
        "git switch -q main && relwatch release --yes --offline",
    ),
    ("undo", "relwatch undo --yes --offline"),
    (
        "stash",
        "echo N >> file; git add -A; git stash -q; git stash pop -q; git commit -q -am 'chore: stashed'",
    ),
    ("reset", "git reset -q --hard HEAD~1"),
    (
        "worktree",
        "git worktree add -q -b wN ../tree && git -C ../tree commit -q --allow-empty -m 'feat: elsewhere N'; git worktree remove --force ../tree",
    ),
    ("pack", "git gc -q"),
];

const ABORT: &str = "git rebase --abort; git cherry-pick --abort; git merge --abort; git revert --abort; git reset -q --hard; true";

struct Life<'s> {
    repo: Repo<'s>,
    dice: Dice,
    number: usize,
    counts: BTreeMap<&'static str, usize>,
    told: String,
}

impl Life<'_> {
    fn step(&mut self, sandbox: &Sandbox) {
        self.number += 1;
        let (kind, script) = OPERATIONS[self.dice.roll(OPERATIONS.len())];
        let branches = self
            .repo
            .sh("git branch --format='%(refname:short)'")
            .ok()
            .stdout;
        let branches: Vec<&str> = branches.lines().filter(|b| !b.contains('(')).collect();
        let branch = self.dice.of(&branches);
        let number = self.number.to_string();
        let script = script.replace('N', &number).replace('B', branch);
        let script = script.replace(&format!("CHA{number}GELOG"), "CHANGELOG");
        let ran = self.repo.sh(&script);
        self.told = format!(
            "{}\n{number} {kind}: {script}: {} {}",
            self.told, ran.code, ran.stderr
        );
        assert!(!ran.stderr.contains("panicked"), "{}", self.told);
        *self.counts.entry(kind).or_default() += 1;
        let busy = [
            "rebase-merge",
            "rebase-apply",
            "CHERRY_PICK_HEAD",
            "MERGE_HEAD",
            "REVERT_HEAD",
            "sequencer",
        ];
        if busy
            .iter()
            .any(|name| self.repo.exists(&format!(".git/{name}")))
        {
            self.repo.sh(ABORT).ok();
        }
        // A commit of its own: times are equal here, and names shall not be.
        let message = format!("chore: tick {number}");
        let tick = || {
            self.repo
                .insistent_git(&["commit", "-q", "--allow-empty", "-m", &message])
                .ok()
        };
        // What was aborted leaves the file as git has it, as `git checkout` of it does, until the next commit.
        if ["rebase", "merge", "pick", "revert", "stash"].contains(&kind) {
            tick();
        }
        self.check(sandbox);
        tick();
    }

    fn check(&self, sandbox: &Sandbox) {
        let told = &self.told;
        let is_unmerged = |status: &String| status.contains("UU") || status.contains("AA");
        let status = self.settled(
            || self.repo.status(),
            |status| status.is_empty() || is_unmerged(status),
        );
        if is_unmerged(&status) {
            self.repo.sh(ABORT).ok();
            return;
        }
        assert!(
            !self.repo.read("CHANGELOG.md").contains("<<<<<<<"),
            "{told}"
        );
        let stale = || self.repo.relwatch(&["update", "--check"]);
        self.settled(stale, |ran| ran.code == 0);
        if self.number.is_multiple_of(10) {
            let clone = sandbox.at("clone");
            let head = self.repo.head();
            self.repo.sh(&format!("rm -rf ../clone && git clone -q . ../clone && git -C ../clone checkout -q --detach {head}")).ok();
            clone.relwatch(&["init"]).ok();
            let (here, there) = (self.repo.read("CHANGELOG.md"), clone.read("CHANGELOG.md"));
            assert_eq!(here, there, "{told}");
            self.repo.git(&["fsck", "--strict"]).ok();
        }
    }

    /// Waits until something is right: the watcher may be at work.
    fn settled<T: std::fmt::Debug>(
        &self,
        look: impl Fn() -> T,
        is_right: impl Fn(&T) -> bool,
    ) -> T {
        eventually(|| match look() {
            seen if is_right(&seen) => Ok(seen),
            seen => Err(format!("{}\n{seen:?}", self.told)),
        })
    }
}

/// Memory in KB, and open files.
fn held(process: &Background) -> (u64, usize) {
    let folder = format!("/proc/{}", process.id());
    let status = fs::read_to_string(format!("{folder}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let memory = line.trim().trim_end_matches(" kB").parse().unwrap();
    (
        memory,
        fs::read_dir(format!("{folder}/fd")).unwrap().count(),
    )
}

#[test]
fn a_long_life_leaves_the_section_right_and_nothing_behind() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let minutes = number("SOAK");
    let seed = number("SEED").unwrap_or(20_261_121);
    let begun = Instant::now();
    let goes_on = |life: usize, steps: usize| match minutes {
        Some(minutes) => begun.elapsed() < Duration::from_secs(60 * minutes) && steps < 400,
        None => life == 0 && steps < 60,
    };
    let mut counts = BTreeMap::new();
    let mut lives = 0;
    while goes_on(lives, 0) {
        let sandbox = Sandbox::new();
        let repo = project(&sandbox, "life");
        // A reset goes back over one commit: not over the one that sets relwatch up.
        repo.git(&["commit", "-q", "--allow-empty", "-m", "chore: begin"])
            .ok();
        repo.relwatch(&["watch", "add", "."]).ok();
        let watcher = repo.background(&["watch"]);
        let dice = Dice((seed + lives as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut life = Life {
            repo,
            dice,
            number: 0,
            counts: BTreeMap::new(),
            told: format!("seed {}", seed + lives as u64),
        };
        let mut early = held(&watcher);
        while goes_on(lives, life.number) {
            life.step(&sandbox);
            if life.number == 30 {
                early = held(&watcher);
            }
        }
        let late = held(&watcher);
        let grown = format!("the watcher held {early:?} (KB, files), then {late:?}");
        assert!(
            late.0 < early.0 * 2 + 4096 && late.1 <= early.1 + 8,
            "{grown}"
        );
        eprintln!(
            "seed {}: {} operations; {grown}",
            seed + lives as u64,
            life.number
        );
        for (kind, count) in life.counts {
            *counts.entry(kind).or_insert(0) += count;
        }
        lives += 1;
    }
    eprintln!("{} minutes, {counts:?}", begun.elapsed().as_secs() / 60);
}
