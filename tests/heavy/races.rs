//! Two clones cut a release at the same time: one wins, the other one's repository is as it was. `RACES=50 cargo test --test heavy races:: --
//! --nocapture` runs more and prints how they ended; `RACE=n` runs one of them.

use std::collections::BTreeMap;
use std::process::Stdio;

use crate::support::{Repo, Sandbox, cases, project, ran};

/// Both wait here for each other, so that they push at the same time; nobody waits for one that has ended.
const MEET: &str = "gates: [{name: meet, run: 'touch HERE/at-$$; while test $(ls HERE/at-* | wc -l) -lt 2 && test ! -e HERE/over; do sleep 0.01; done'}]\n";

/// Branches, index, files, journal; tags apart from those that a fetch brought.
fn state(repo: &Repo<'_>) -> String {
    repo.sh("git for-each-ref refs/heads; git tag -l | grep -vxF \"$(git ls-remote --tags origin | sed 's,.*refs/tags/,,')\"; git ls-files -s; git status --porcelain; cat file CHANGELOG.md; ls .git/relwatch/release.json 2>/dev/null").stdout
}

#[test]
fn one_of_two_wins_and_the_other_is_as_before() {
    let races: u32 = std::env::var("RACES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(6);
    let ends = cases::run_by("RACE", 0..races, u32::to_string, |&race| {
        let sandbox = Sandbox::new();
        let first = project(&sandbox, "first");
        let here = sandbox.path().to_string_lossy().into_owned();
        if race % 3 != 2 {
            first.write("relwatch.yml", &MEET.replace("HERE", &here));
        }
        first.write("note", "");
        first.git(&["add", "."]).ok();
        first
            .git(&["commit", "-q", "-m", "feat: everything (#2)"])
            .ok();
        first.sh("git init -q --bare -b main ../up.git && git remote add origin ../up.git && git push -q -u --follow-tags origin main && git clone -q ../up.git ../second").ok();
        let second = sandbox.at("second");
        second.relwatch(&["init"]).ok();
        if race % 2 == 1 {
            // One of them has a commit that the other has not.
            second.commit("fix: ours (#3)");
        }
        let before = [state(&first), state(&second)];
        // Two people: the same one at the same second would make the very same commit, and win twice.
        let start = |repo: &Repo<'_>, who: &str| {
            let mut command = repo.command(env!("CARGO_BIN_EXE_relwatch"));
            command.args(["release", "--push", "--yes"]);
            command.env("GIT_COMMITTER_NAME", who);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let children = [start(&first, "One"), start(&second, "Two")];
        let ends = children.map(|child| {
            let over = sandbox.path().join("over");
            std::thread::spawn(move || {
                let end = ran(&child.wait_with_output().unwrap());
                std::fs::write(over, "").unwrap();
                end
            })
        });
        let ends = ends.map(|end| end.join().unwrap());
        let told = format!("{ends:?}");
        let winner = ends.iter().position(|end| end.code == 0);
        let winner = winner.unwrap_or_else(|| panic!("nobody won: {told}"));
        let (won, lost) = match winner {
            0 => (&first, &second),
            _ => (&second, &first),
        };
        let loser = &ends[1 - winner];
        assert!(matches!(loser.code, 5 | 3 | 6), "{told}");
        assert!(
            [
                "rolled back, and nothing has changed",
                "behind",
                "diverged",
                "nothing to release",
                "is on origin already"
            ]
            .iter()
            .any(|words| loser.stderr.contains(words)),
            "{told}"
        );
        let there = lost
            .sh("git -C ../up.git rev-parse main v0.2.0^{}")
            .ok()
            .stdout;
        let tip = won.head();
        assert_eq!(there, format!("{tip}\n{tip}\n"), "{told}");
        if loser.code != 6 {
            assert_eq!(state(lost), before[1 - winner], "{told}");
        }
        lost.git(&["fsck", "--strict"]).ok();
        // The next move works.
        lost.git(&["pull", "-q", "--rebase", "origin", "main"]).ok();
        lost.git(&["fetch", "-q", "--tags"]).ok();
        lost.commit("fix: later (#9)");
        assert_eq!(lost.status(), "");
        loser.code
    });
    let mut found: BTreeMap<i32, u32> = BTreeMap::new();
    for code in ends {
        *found.entry(code).or_default() += 1;
    }
    for (code, count) in found {
        eprintln!("{count:>4}  loser: exit {code}");
    }
}
