//! Copies of the changelog that are saved over it: of another branch, another worktree, another clone, or from before a skip comment. An
//! entry missing from such a copy does not count as deleted.

use crate::support::{Repo, Sandbox, cases, project};

fn text_of(repo: &Repo<'_>) -> String {
    repo.read("CHANGELOG.md")
}

/// Five changes, each once, and no skip comment.
#[track_caller]
fn five_are_there(repo: &Repo<'_>) {
    let section = repo.section();
    for number in 1..=5 {
        let words = format!("(#{number})");
        assert_eq!(section.matches(&words).count(), 1, "{words}:\n{section}");
    }
    assert!(!text_of(repo).contains("relwatch:skip"), "{section}");
}

#[test]
fn a_copy_of_another_worktree_or_clone_deletes_nothing() {
    let older = "git worktree add -q -b side ../side HEAD~3; cd ../side; relwatch update";
    let scripts = [
        ("an older worktree", older),
        (
            "a worktree with a change of its own",
            "git worktree add -q -b side ../side HEAD~3; cd ../side; git commit -q --allow-empty -m 'feat: change beside (#9)'",
        ),
        (
            "an older clone",
            "git clone -q . ../side; cd ../side; git reset -q --hard HEAD~3; relwatch init; relwatch update",
        ),
        (
            "the branch that was merged",
            "git checkout -q -b merged HEAD~3; git commit -q --allow-empty -m 'fix: merged (#8)'; git checkout -q main; git merge -q --no-edit merged; git worktree add -q ../side merged; cd ../side; relwatch update",
        ),
    ];
    let whens = ["", "rm -rf .git/relwatch; relwatch update; "];
    let cases: Vec<_> = scripts
        .iter()
        .flat_map(|script| whens.map(|when| (script, when)))
        .collect();
    cases::run(
        &cases,
        |((name, _), when)| {
            format!(
                "{name}{}",
                if when.is_empty() {
                    ""
                } else {
                    ", all lines of one view"
                }
            )
        },
        |((_, script), when)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            for number in 1..=5 {
                repo.commit(&format!("feat: change {number} (#{number})"));
            }
            repo.sh(&format!(
                "set -e; (set -e; {script}); {when}cp ../side/CHANGELOG.md ."
            ))
            .ok();
            let ran = repo.git(&["commit", "-q", "--allow-empty", "-m", "chore: more"]);
            let said = ran.ok().stderr;
            assert_eq!(said.matches("back now").count(), 1, "{said}");
            five_are_there(&repo);
            repo.git(&["commit", "-q", "--allow-empty", "-am", "docs: keep"])
                .ok();
            five_are_there(&repo);
            assert!(!repo.stored().contains("(#2)"), "{}", repo.stored());
        },
    );
}

#[test]
fn one_deleted_line_of_a_view_and_older_ones_are_skipped() {
    cases::run(
        [
            ("the newest", vec![5]),
            ("older ones", vec![1, 2]),
            ("both", vec![2, 5]),
        ],
        |(name, _)| (*name).to_owned(),
        |(_, deleted)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            for number in 1..=5 {
                repo.commit(&format!("feat: change {number} (#{number})"));
            }
            repo.sh("rm -r .git/relwatch; relwatch update").ok();
            for number in deleted {
                let line = format!("- Change {number} (#{number})\n");
                repo.edit("CHANGELOG.md", &line, "");
            }
            repo.commit("chore: more");
            let text = text_of(&repo);
            for number in 1..=5 {
                let comment = format!("<!-- relwatch:skip #{number} -->");
                let is_deleted = deleted.contains(&number);
                assert_eq!(text.contains(&comment), is_deleted, "{text}");
            }
        },
    );
}

#[test]
fn a_skip_comment_that_an_older_copy_lacks_comes_back() {
    for committed in [false, true] {
        let sandbox = Sandbox::new();
        let repo = project(&sandbox, "r");
        for number in 1..=3 {
            repo.commit(&format!("feat: change {number} (#{number})"));
        }
        let buffer = text_of(&repo);
        repo.relwatch(&["skip", "#2"]).ok();
        if committed {
            repo.git(&["commit", "-qam", "docs: skip"]).ok();
        }
        let line = "- Change 1 (#1)\n";
        let buffer = buffer.replace(line, &format!("{line}- typed by hand\n"));
        repo.write("CHANGELOG.md", &buffer);
        let ran = repo.git(&["commit", "-q", "--allow-empty", "-m", "chore: more"]);
        let said = ran.ok().stderr;
        let text = text_of(&repo);
        assert!(text.contains("<!-- relwatch:skip #2 -->"), "{text}");
        assert!(!text.contains("Change 2"), "{text}");
        assert_eq!(text.matches("typed by hand").count(), 1, "{text}");
        assert_eq!(
            said.contains("lacked the comment `relwatch:skip #2`, back now"),
            !committed,
            "{said}"
        );
        // The user can remove the comment from the current file.
        repo.edit("CHANGELOG.md", "<!-- relwatch:skip #2 -->\n", "");
        repo.commit("chore: even more");
        assert!(
            repo.section().contains("Change 2 (#2)"),
            "{}",
            repo.section()
        );
    }
}

#[test]
fn what_is_said_of_a_copy_fits_it() {
    cases::run(
        [
            (
                "git restores",
                "rm CHANGELOG.md; git checkout -q -- CHANGELOG.md",
                "it was as git stores it",
            ),
            (
                "a stash",
                "printf '\\n' >> CHANGELOG.md; git stash -q",
                "it was as git stores it",
            ),
            (
                "an old buffer",
                "cp ../buffer CHANGELOG.md",
                "a copy from before they came",
            ),
        ],
        |(name, ..)| (*name).to_owned(),
        |(_, script, words)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: one (#1)");
            repo.sh("cp CHANGELOG.md ../buffer").ok();
            repo.commit("feat: two (#2)");
            repo.sh(&format!("set -e; {script}")).ok();
            let ran = repo.git(&["commit", "-q", "--allow-empty", "-m", "chore: more"]);
            let said = ran.ok().stderr;
            assert!(said.contains(words), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        },
    );
}
