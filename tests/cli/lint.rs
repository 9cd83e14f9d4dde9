//! `relwatch lint`: messages that follow no convention, in a range and in a commit-msg hook of anybody's.

#![cfg(unix)]

use crate::support::{Sandbox, cases, configure, project, says};

#[test]
fn the_commits_of_a_branch_are_checked() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "types: {sec: security}\nignore: {authors: ['\\[bot\\]']}\n",
    );
    repo.commit("whatever came before");
    repo.git(&["switch", "-qc", "feature"]).ok();
    repo.commit("feat: one");
    repo.commit("sec: a type of this project");
    says(
        &repo.relwatch(&["lint"]).ok(),
        &["main..feature: 2 commits checked, no problems\n"],
    );
    repo.commit("feature: two");
    repo.commit("three");
    repo.commit("fixup! feat: one");
    let bot = [("GIT_AUTHOR_NAME", "renovate[bot]")];
    repo.run(
        "git",
        &["commit", "-q", "--allow-empty", "-m", "Update all"],
        &bot,
    )
    .ok();
    let found = repo.relwatch(&["lint"]).code(1);
    says(
        &found,
        &[
            "  feature: two\n    `feature` is no type here; write `feat: two`\n",
            "  three\n    `three` begins with no type; one of ",
            "  fixup! feat: one\n    it is to be squashed into another commit; run `git rebase -i --autosquash`\n",
            "main..feature: 5 commits checked (1 more are ignored by the configuration), 3 messages have a problem\n",
        ],
    );
    assert_eq!(
        repo.relwatch(&["lint", "main..HEAD"]).code(1).stdout,
        found.stdout.replace("main..feature", "main..HEAD")
    );
    repo.relwatch(&["lint", "HEAD~4..HEAD~3"]).code(1);
    repo.relwatch(&["lint", "main..HEAD~4"]).ok();
    let json = repo.relwatch(&["lint", "--json"]).code(1).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["problems"][2]["subject"], "feature: two", "{json}");
    assert_eq!(json["problems"][2]["instead"], "feat: two", "{json}");
    says(
        &repo.relwatch(&["lint", "gone..HEAD"]).code(2),
        &["`gone` names neither a version nor a commit"],
    );
    // Merges and messages written by git are not checked.
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["merge", "-q", "--no-ff", "-m", "Join feature", "feature~4"])
        .ok();
    repo.git(&["tag", "-a", "v0.2.0", "-m", "Release v0.2.0", "HEAD^1"])
        .ok();
    says(
        &repo.relwatch(&["lint"]).ok(),
        &["v0.2.0..HEAD: 2 commits checked, no problems\n"],
    );
}

#[test]
fn one_message_is_checked_as_git_hands_it_over() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    cases::in_turn(
        [
            ("feat: x\n", 0, ""),
            ("# a comment\nfeat: x\n# another\n", 0, ""),
            ("Merge branch 'x'\n", 0, ""),
            ("\u{feff}feat: x\n", 0, ""),
            ("⚠️ feat(util): x\n", 0, ""),
            ("x\n", 1, "`x` begins with no type; one of "),
            ("faet: x\n", 1, "did you mean `feat`?"),
        ],
        |(text, ..)| (*text).to_owned(),
        |(text, code, words)| {
            repo.write("../message", text);
            for arguments in [
                &["lint", "--message", "../message"][..],
                &["lint", "../message"],
            ] {
                let said = repo.relwatch(arguments).code(*code);
                assert!(said.stdout.contains(words), "{said:?}");
                assert_eq!(said.stdout.is_empty(), *code == 0, "{said:?}");
            }
        },
    );
    let typed = repo.sh("echo 'x' | relwatch lint --message -").code(1);
    says(&typed, &["`x` begins with no type"]);
    // Lines that git removes are not checked.
    for key in ["core.commentChar", "core.commentString"] {
        repo.git(&["config", key, ";"]).ok();
        repo.sh("printf '; a comment\nfeat: x\n' | relwatch lint --message -")
            .ok();
        repo.git(&["config", "--unset", key]).ok();
    }
    says(
        &repo.relwatch(&["lint", "--message", "gone"]).code(2),
        &["there is no file gone; give the file that git gives a commit-msg hook"],
    );
    // As a hook of another tool.
    repo.write(
        "../hooks/commit-msg",
        "#!/bin/sh\nexec relwatch lint --message \"$1\"\n",
    );
    repo.sh("chmod +x ../hooks/commit-msg").ok();
    let commit = [
        "-c",
        "core.hooksPath=../hooks",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
    ];
    repo.git(&[&commit[..], &["x"]].concat()).code(1);
    repo.git(&[&commit[..], &["feat: x"]].concat()).ok();
    // A merge has the words that it was given.
    repo.git(&["switch", "-qc", "other", "HEAD~1"]).ok();
    repo.git(&[&commit[..], &["fix: y"]].concat()).ok();
    let merge = [
        &commit[..2],
        &["merge", "-q", "--no-ff", "-m", "join the other", "main"],
    ];
    repo.git(&merge.concat()).ok();
    repo.relwatch(&["lint", "HEAD~1..HEAD"]).ok();
}

/// A range that begins with its newer end has no commits.
#[test]
fn swapped_ends_are_named() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    for at in ["one", "two", "three"] {
        repo.commit(&format!("feat: {at}"));
    }
    let said = "warning: HEAD..HEAD~3 has no commit, since HEAD~3 is in the history of HEAD; for what came after it write HEAD~3..HEAD\n";
    for command in ["lint", "preview", "status", "notes"] {
        let swapped = repo.relwatch(&[command, "HEAD..HEAD~3"]).ok();
        assert!(swapped.stderr.contains(said), "{command}: {swapped:?}");
        for range in ["HEAD~3..HEAD", "HEAD~3", "main..HEAD"] {
            let right = repo.relwatch(&[command, range]);
            assert!(!right.stderr.contains("history of"), "{command}: {right:?}");
        }
    }
}

/// `lint "$BASE..HEAD"` with an empty variable must not pass.
#[test]
fn a_range_without_a_beginning_is_refused() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("no type");
    for command in ["lint", "preview", "status", "notes"] {
        for (range, said) in [
            ("", "the range is empty"),
            ("..", "the range .. has no beginning"),
            ("...", "the range ... has no beginning"),
            ("..HEAD", "the range ..HEAD has no beginning"),
        ] {
            says(&repo.relwatch(&[command, range]).code(2), &[said]);
        }
        repo.relwatch(&[command, "main.."]).ok();
    }
    // Versions up to one of them have a beginning: the first of all.
    says(
        &repo.relwatch(&["notes", "..0.1.0"]).ok(),
        &["the first thing"],
    );
}
