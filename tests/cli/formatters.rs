//! Markdown formatters on a changelog with generated entries of all kinds: none of their changes is an edit. They have to be installed:
//! `.ci/run-extra` does that. FORMATTERS is a directory whose `bin` has prettier, markdownlint-cli2 and mdformat.
//!
//! `FORMATTERS=… cargo test --test cli formatters:: -- --ignored`

use crate::support::{Repo, Sandbox, cases, project};

/// Messages of commits, and words that are in the entry of each however it is wrapped.
const CHANGES: &[(&str, &str)] = &[
    (
        "feat: write snake_case_names and `code with * in it` in an entry that is so long that it has to be wrapped at eighty columns (#101)",
        "(#101)",
    ),
    (
        "feat: see https://example.org/a_b?c=d*e and www.example.org, mail me@example.org (#102)",
        "(#102)",
    ),
    (
        "fix: https://example.org/a(b)_c and <https://example.org/z> and ![img](a_b.png) (#103)",
        "(#103)",
    ),
    (
        "fix: a*b and c*d, 2 * 3, __init__, *emphasis*, _em_, **strong**, __strong__, ***both*** and <T> (#104)",
        "(#104)",
    ),
    (
        "fix: a [link](https://example.org/x) and [one] bare, [ ] box and [^1] note (#105)",
        "(#105)",
    ),
    ("fix: 1. begins like a list (#106)", "(#106)"),
    ("fix: + begins like one too (#107)", "(#107)"),
    (
        "fix: wrap where the next line of the entry would begin with a number or a + 1. or - or # sign, 2) and 3. four > five = six (#108)",
        "(#108)",
    ),
    (
        "fix: # and ~tilde~ and | pipes & ampersands &amp; \\ backslashes and ``double ` ticks`` (#109)",
        "(#109)",
    ),
    (
        "fix: emoji 🎉, CJK 日本語の文章がここにあります, dollars $x$ and $$y$$, :smile:, \"quotes\" ... -- dashes (#110)",
        "(#110)",
    ),
    ("perf(cli): name nothing but the commit", "nothing but"),
    (
        "feat(api)!: drop the old endpoint (#111)\n\nBREAKING CHANGE: The endpoint /v1 is gone. Use the endpoint /v2 with the same parameters, and see https://example.org/migrate_v2 for the way there.\n\n- rename `a_b` to `c_d`\n- call `init()` first\n  * with a nested point\n\n```\ncode { here }\n```",
        "(#111)",
    ),
    (
        "feat!: nest all blocks (#112)\n\nBREAKING CHANGE: Numbers:\n\n1. one\n1. two\n   - under two\n2. three\n\n> a quote of\n> two lines\n\n    indented code * _x_\n\nHard\\\nbreak.\n\n~~~rust\nlet x = 1;\n~~~\n\n* star\n\n* loose",
        "(#112)",
    ),
];

/// mdformat takes a table for a paragraph and wraps it, so its output is another text.
const TABLE: (&str, &str) = (
    "feat!: show a table (#113)\n\nBREAKING CHANGE: The codes:\n\n| code | means |\n|---|---:|\n| 1 | failed |",
    "(#113)",
);

const FORMATTERS: &[&str] = &[
    "prettier --write",
    "prettier --prose-wrap always --write",
    "prettier --prose-wrap never --write",
    "prettier --tab-width 4 --write",
    "markdownlint-cli2 --fix",
    "mdformat",
    "mdformat --number",
    "mdformat --wrap 80",
];

/// Each change is listed once and stored nowhere, nothing is skipped, the tree is clean.
#[track_caller]
fn is_as_generated(repo: &Repo<'_>, stored: &str, words: &[&str]) {
    assert_eq!(repo.status(), "");
    assert_eq!(repo.stored(), stored);
    let section = repo.section();
    for words in words {
        assert_eq!(section.matches(words).count(), 1, "{words}:\n{section}");
    }
    assert!(!section.contains("relwatch:skip"), "{section}");
}

#[test]
#[ignore = "needs prettier, markdownlint-cli2 and mdformat: .ci/run-extra"]
fn what_a_formatter_writes_is_no_edit() {
    let folder = std::env::var("FORMATTERS").unwrap();
    cases::run(
        FORMATTERS,
        |formatter| **formatter,
        |formatter| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            let mut changes = CHANGES.to_vec();
            if !formatter.contains("--wrap") {
                changes.push(TABLE);
            }
            for (message, _) in &changes {
                repo.commit(message);
            }
            let mut words: Vec<&str> = changes.iter().map(|(_, words)| *words).collect();
            let stored = repo.stored();
            is_as_generated(&repo, &stored, &words);
            let generated = repo.read("CHANGELOG.md");
            let format = || {
                let command = format!("{folder}/bin/{formatter} CHANGELOG.md");
                repo.sh(&command); // markdownlint fails on what it cannot fix
                assert_ne!(
                    repo.read("CHANGELOG.md"),
                    generated,
                    "nothing was formatted"
                );
            };
            format();
            repo.git(&["commit", "-q", "--allow-empty", "-am", "chore: format"])
                .ok();
            is_as_generated(&repo, &stored, &words);
            // Before the next change is made, and staged with it.
            format();
            repo.commit_file("file", "2\n", "feat: go on (#120)");
            words.push("(#120)");
            is_as_generated(&repo, &stored, &words);
            format();
            repo.relwatch(&["update"]).ok();
            is_as_generated(&repo, &stored, &words);
            // Typed text is kept in the formatter's form, and nothing else.
            repo.edit(
                "CHANGELOG.md",
                "## [Unreleased]\n",
                "## [Unreleased]\n\n### Security\n\n- typed by hand\n",
            );
            format();
            repo.git(&["commit", "-qam", "docs: type"]).ok();
            let typed = "## [Unreleased]\n\n### Security\n\n- typed by hand\n";
            let stored = stored.replace("## [Unreleased]\n", typed);
            is_as_generated(&repo, &stored, &words);
        },
    );
}
