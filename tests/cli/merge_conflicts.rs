//! Conflicts in the changelog look as git's own: the same labels, the same styles, both sides inside the markers.

use crate::support::{self, Repo, Sandbox, cases};

const ATTRIBUTES: &str =
    "/CHANGELOG.md filter=relwatch merge=relwatch\n/.relwatch/releases.yml merge=union\n";

/// Two branches that edited one released line. With relwatch or without, the commits are the same.
fn scene<'s>(sandbox: &'s Sandbox, name: &str, relwatch: bool) -> Repo<'s> {
    let repo = sandbox.repo(name);
    repo.write("CHANGELOG.md", support::CHANGELOG);
    repo.write(".gitattributes", ATTRIBUTES);
    repo.write("relwatch.yml", "");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    repo.git(&["tag", "-a", "v0.1.0", "-m", "x"]).ok();
    if relwatch {
        repo.relwatch(&["init"]).ok();
    }
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    reword(&repo, "the very first thing");
    repo.commit("feat: on topic");
    repo.git(&["switch", "-q", "main"]).ok();
    reword(&repo, "a thing of old");
    repo
}

fn reword(repo: &Repo<'_>, words: &str) {
    let text = repo.read("CHANGELOG.md");
    let line = text.lines().rfind(|line| line.starts_with("- ")).unwrap();
    repo.edit("CHANGELOG.md", line, &format!("- {words}"));
    let message = format!("docs: {words}");
    repo.git(&["commit", "-q", "-a", "-m", &message]).ok();
}

const OPERATIONS: &[(&str, &str)] = &[
    ("merge", "git merge topic"),
    ("merge of a commit", "git merge topic~1"),
    ("pull", "git pull -q --no-rebase . topic"),
    ("cherry-pick", "git cherry-pick topic~1"),
    (
        "revert",
        "git switch -q topic; sed -i 's/the very first thing/quite another thing/' CHANGELOG.md; git commit -q -a -m 'docs: more'; git revert HEAD~2",
    ),
    ("rebase", "git switch -q topic; git rebase main"),
    (
        "rebase onto",
        "git switch -q topic; git rebase --onto main topic~2",
    ),
    (
        "am",
        "git format-patch -q -1 --stdout topic~1 | git am -q -3",
    ),
    ("apply", "git diff topic~2 topic~1 | git apply -q -3"),
    (
        "stash",
        "git switch -q topic; sed -i 's/the very first thing/from the stash/' CHANGELOG.md; git stash -q; git switch -q main; git stash pop -q",
    ),
    (
        "switch",
        "sed -i 's/a thing of old/not yet committed/' CHANGELOG.md; git switch -q -m topic",
    ),
    (
        "checkout again",
        "git merge -q topic; git checkout -q --conflict=diff3 -- CHANGELOG.md",
    ),
    (
        "one side deleted it",
        "sed -i '/a thing of old/d' CHANGELOG.md; echo '- yet another line' >> CHANGELOG.md; git commit -q -a -m 'docs: gone'; git merge topic",
    ),
    (
        "words unlike all others",
        "git switch -q topic; sed -i 's/the very first thing/something/' CHANGELOG.md; git commit -q -a -m 'docs: more'; git switch -q main; sed -i 's/a thing of old/anything/' CHANGELOG.md; git commit -q -a -m 'docs: more'; git merge topic",
    ),
    (
        "a longer marker",
        "echo '/CHANGELOG.md conflict-marker-size=12' >> .git/info/attributes; git merge topic",
    ),
    (
        "lines with carriage returns",
        "git switch -q -c p main~1; sed -i 's/$/\\r/' CHANGELOG.md; git commit -q -a -m 'docs: lines'; git switch -q -c q; sed -i 's/the first/one first/' CHANGELOG.md; git commit -q -a -m 'docs: q'; git switch -q p; sed -i 's/the first/two first/' CHANGELOG.md; git commit -q -a -m 'docs: p'; git merge q",
    ),
    (
        "a branch with a strange name",
        "git branch \"it's a; \\$(b)\" topic 2>/dev/null || git branch \"it's;\\$(b)\" topic; git merge \"it's;\\$(b)\"",
    ),
];

#[test]
fn a_conflict_looks_as_without_relwatch() {
    let all = OPERATIONS.iter().flat_map(|operation| {
        ["merge", "diff3", "zdiff3"].map(|style| (operation.0, operation.1, style))
    });
    cases::run(
        all,
        |(name, _, style)| format!("{name} ({style})"),
        |(_, script, style)| {
            let sandbox = Sandbox::new();
            let [bare, with] = [("bare", false), ("with", true)].map(|(name, relwatch)| {
                let repo = scene(&sandbox, name, relwatch);
                repo.git(&["config", "merge.conflictStyle", style]).ok();
                let ran = repo.sh(script);
                (repo.read("CHANGELOG.md"), ran.code, repo.status())
            });
            let markers = bare.0.matches("\n<<<<<<<").count();
            assert_eq!(markers, 1, "{}", bare.0);
            assert_eq!(bare, with, "{}---\n{}", bare.0, with.0);
        },
    );
}

#[test]
fn a_git_that_passes_no_labels_has_those_that_are_known() {
    let sandbox = Sandbox::new();
    let repo = scene(&sandbox, "r", true);
    let key = "merge.relwatch.driver";
    let command = repo.git(&["config", key]).stdout.trim().to_owned();
    let old = command.replace(" %S %X %Y", "");
    assert!(old.ends_with("fi") && old != command, "{command}");
    // The result of git before 2.44, and the configuration of an older relwatch.
    for command in [command.replace("%S %X %Y", "%%S %%X %%Y"), old] {
        repo.git(&["config", key, &command]).ok();
        repo.git(&["merge", "-q", "topic"]).code(1);
        let text = repo.read("CHANGELOG.md");
        let wanted =
            "<<<<<<< HEAD\n- a thing of old\n=======\n- the very first thing\n>>>>>>> topic\n";
        assert!(text.contains(wanted), "{text}");
        repo.git(&["merge", "--abort"]).ok();
        repo.git(&["merge", "-q", "-X", "theirs", "topic"]).ok();
        assert!(repo.stored().contains("very"), "{}", repo.stored());
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    }
}

#[test]
fn a_client_that_runs_the_driver_without_git_gets_a_conflict() {
    let sandbox = Sandbox::new();
    let repo = scene(&sandbox, "r", true);
    for (name, commit) in [("b", "main~1"), ("o", "main"), ("t", "topic")] {
        let spec = format!("git show {commit}:CHANGELOG.md > {name}");
        repo.sh(&spec).ok();
    }
    let ran = repo.relwatch(&["merge-driver", "b", "o", "t", "7", "CHANGELOG.md"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let text = repo.read("o");
    assert!(text.contains("<<<<<<< ours\n"), "{text}");
    let ran = repo.relwatch(&["merge-driver", "b", "o"]).code(2);
    assert!(ran.stderr.contains("%S %X %Y"), "{ran:?}");
}
