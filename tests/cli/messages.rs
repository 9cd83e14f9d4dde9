//! Messages as users, forges and tools write them: the entry of each in the section, by kind.

use std::fmt::Write as _;

use crate::support::{Repo, Sandbox, configure, project};

/// Messages and the section that they give.
struct Case<'a> {
    messages: &'a [&'a str],
    /// Lines of the section, without the IDs of their commits, each after its category.
    expected: &'a [&'a str],
    next: &'a str,
}

/// The entries of a section as `Category: text`, without commit IDs.
fn entries(repo: &Repo<'_>) -> Vec<String> {
    let (mut category, mut found) = (String::new(), Vec::<String>::new());
    for line in repo.section().lines() {
        if let Some(title) = line.strip_prefix("### ") {
            title.clone_into(&mut category);
        } else if let Some(text) = line.strip_prefix("- ") {
            found.push(format!("{category}: {}", without_commit(text)));
        } else if let (Some(last), false) = (found.last_mut(), line.trim().is_empty()) {
            let _ = write!(last, " / {}", line.trim());
        }
    }
    found
}

/// A line without the abbreviated commits in the parentheses at its end.
fn without_commit(text: &str) -> String {
    let Some((start, inside)) = text.rsplit_once(" (") else {
        return text.to_owned();
    };
    let inside = inside.trim_end_matches(')');
    let is_commit = |one: &&str| {
        let first = one.split('/').next().unwrap_or("");
        first.len() == 7 && first.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let kept: Vec<&str> = inside.split(", ").filter(|one| !is_commit(one)).collect();
    if kept.is_empty() {
        start.to_owned()
    } else {
        format!("{start} ({})", kept.join(", "))
    }
}

fn next_of(repo: &Repo<'_>) -> String {
    let json = repo.relwatch(&["status", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    json["next"]["version"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

/// Commits exactly these bytes.
fn commit(repo: &Repo<'_>, message: &str) {
    repo.write(".git/message", message);
    let args = [
        "commit",
        "-q",
        "--allow-empty",
        "--cleanup=verbatim",
        "-F",
        ".git/message",
    ];
    repo.git(&args).ok();
}

/// A project whose last release is 1.0.0.
fn released<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    repo.commit("feat: begin");
    repo.relwatch(&["release", "1.0.0", "--yes"]).ok();
    repo
}

/// Runs each case in a project of its own, and reports all failures.
fn try_all(cases: &[Case<'_>]) {
    let sandbox = Sandbox::new();
    let repo = released(&sandbox, "r");
    let start = repo.head();
    let mut wrong = String::new();
    for case in cases {
        repo.git(&["reset", "-q", "--hard", &start]).ok();
        for message in case.messages {
            commit(&repo, message);
        }
        repo.relwatch(&["update"]).ok();
        let found = (entries(&repo), next_of(&repo));
        if found.0 != case.expected || found.1 != case.next {
            let _ = writeln!(
                wrong,
                "{:#?}\n  expected {:#?} {}\n  found {:#?} {}\n",
                case.messages, case.expected, case.next, found.0, found.1
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Tries messages that each have one outcome.
fn try_each(cases: &[(&str, &[&str], &str)]) {
    let messages: Vec<[&str; 1]> = cases.iter().map(|(message, ..)| [*message]).collect();
    let all = messages.iter().zip(cases);
    let all = all.map(|(messages, (_, expected, next))| Case {
        messages,
        expected,
        next,
    });
    try_all(&all.collect::<Vec<_>>());
}

/// C1: text that a body quotes from others does not become an entry.
#[test]
fn notes_of_others_are_not_ours() {
    let quoted = "chore(deps): update widgetlib to v14\n\n## What's Changed\n* feat!: drop node 16 by @x in https://github.com/o/widgetlib/pull/1\n* fix: crash by @y in https://github.com/o/widgetlib/pull/2\n\nBREAKING CHANGE: node 16\n\nFixes #77";
    let renovate = "fix(deps): update dependency widgetlib to v14 (#40)\n\nThis PR contains the following updates:\n\n| a | b |\n\n---\n\n### Release Notes\n\n<details>\n<summary>o/widgetlib</summary>\n\n### [v14](https://x)\n\n##### BREAKING CHANGES\n\n- feat!: all is new\n\n</details>\n\nBREAKING CHANGE: all is new";
    let dependabot = "Bump lodash from 4.17.20 to 4.17.21\n\nBumps [lodash](https://github.com/lodash/lodash) from 4.17.20 to 4.17.21.\n- [Release notes](https://github.com/lodash/lodash/releases)\n\n---\nupdated-dependencies:\n- dependency-name: lodash\n...\n\nfeat!: theirs\n\nSigned-off-by: dependabot[bot] <support@github.com>";
    let own = "Update the parser (#7)\n\n* feat: read lists\n\n* fix: keep order\n\n<details>\n<summary>Release notes</summary>\n\n* feat!: theirs\n* fix: theirs, too\n\n</details>";
    try_each(&[
        (quoted, &[], "none"),
        (
            renovate,
            &["Fixed: **deps:** update dependency widgetlib to v14 (#40)"],
            "1.0.1",
        ),
        (dependabot, &[], "none"),
        (
            own,
            &["Added: Read lists (#7)", "Fixed: Keep order (#7)"],
            "1.1.0",
        ),
        (
            "Version Packages (#34)\n\nThis PR was opened by the [Changesets release](https://x) GitHub action.\n\n# Releases\n## w@2.0.0\n### Major Changes\n- feat!: theirs",
            &[],
            "none",
        ),
        (
            "chore: ship it\n\n:robot: I have created a release *beep* *boop*\n---\n\n## 2.0.0\n\nBREAKING CHANGE: x\n* feat!: x",
            &[],
            "none",
        ),
        (
            "fix: read it again\n\n> feat!: theirs\n> BREAKING CHANGE: theirs",
            &["Fixed: Read it again"],
            "1.0.1",
        ),
        (
            "fix: read it once\n\n## Changelog\n\n- feat!: theirs\n\nChangelog: added",
            &["Fixed: Read it once"],
            "1.0.1",
        ),
        (
            "fix: a\n\n<!-- feat!: from the template -->\nCloses #5",
            &["Fixed: A (#5)"],
            "1.0.1",
        ),
    ]);
}

/// C2: the commits of `git merge --squash` are messages of their own.
#[test]
fn the_list_of_a_squash_by_git_is_read() {
    let list = "Squashed commit of the following:\n\ncommit 1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b\nAuthor: A <a@b>\nDate:   Mon Jan 1 00:00:00 2026 +0000\n\n    feat!: drop v1\n    \n    BREAKING CHANGE: use v2\n\ncommit 2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c\nAuthor: A <a@b>\nDate:   Mon Jan 1 00:00:00 2026 +0000\n\n    Fix the clock\n\ncommit 3b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c\nAuthor: A <a@b>\nDate:   Mon Jan 1 00:00:00 2026 +0000\n\n    feat: export\n";
    let reverted = "Squashed commit of the following:\n\ncommit 1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b\nAuthor: A <a@b>\n\n    Revert \"feat: one\"\n    \n    This reverts commit 2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c.\n\ncommit 2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c\nAuthor: A <a@b>\n\n    feat: one\n\ncommit 3b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c\nMerge: 1 2\nAuthor: A <a@b>\n\n    Merge branch 'x'\n\ncommit 4b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c\nAuthor: A <a@b>\n\n    fix: two (#3)\n";
    let own_title = "Storage work (#9)\n\nSquashed commit of the following:\n\ncommit 1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b\nAuthor: A <a@b>\n\n    wip\n\ncommit 2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c\nAuthor: A <a@b>\n\n    Add locks\n\ncommit 3c3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c\nAuthor: A <a@b>\n\n    fix: wait\n";
    try_each(&[
        (
            list,
            &[
                "Added: **Breaking:** Drop v1 / use v2",
                "Added: Export",
                "Fixed: Fix the clock",
            ],
            "2.0.0",
        ),
        (reverted, &["Fixed: Two (#3)"], "1.0.1"),
        (
            own_title,
            &["Added: Add locks (#9)", "Fixed: Wait (#9)"],
            "1.1.0",
        ),
        (
            "Squashed commit of the following:\n\ncommit 1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b\nAuthor: A <a@b>\n\n    chore: tidy\n",
            &[],
            "none",
        ),
    ]);
}

/// C3: a commit and its revert cancel out, even if the commit's ID has changed.
#[test]
fn reverts_find_what_they_revert() {
    let lost =
        "Revert \"feat: one\"\n\nThis reverts commit 1234567890123456789012345678901234567890.";
    let case = |messages, expected, next| Case {
        messages,
        expected,
        next,
    };
    try_all(&[
        case(
            &[
                "Work (#9)\n\n* feat: one\n* fix: two\n* feat: three",
                "Revert \"feat: one\"",
            ],
            &["Added: Three (#9)", "Fixed: Two (#9)"],
            "1.1.0",
        ),
        case(
            &["feat: one (#1)", "Revert \"feat: one\" (#2)"],
            &[],
            "none",
        ),
        case(
            &["feat: one (#1)", "Revert \"feat: one (#1)\" (#2)"],
            &[],
            "none",
        ),
        case(&["feat: one", lost], &[], "none"),
        case(&["feat: one (#1)", lost], &[], "none"),
        case(&["feat: one", "revert: \"feat: one\""], &[], "none"),
        case(&["feat: one (#1)", "revert: feat: one"], &[], "none"),
        case(&["feat: one", "Revert feat: one"], &[], "none"),
        case(
            &[
                "Merged PR 3: feat: one",
                "Merged PR 4: Revert \"feat: one\"",
            ],
            &[],
            "none",
        ),
        case(
            &[
                "feat: one",
                "Revert \"feat: one\"",
                "Revert \"Revert \"feat: one\"\"",
            ],
            &["Added: One"],
            "1.1.0",
        ),
        case(
            &["feat: one", "Revert \"feat: one\"", "Reapply \"feat: one\""],
            &["Added: One"],
            "1.1.0",
        ),
        case(
            &["feat: one (#1)", "Revert \"feat: one (#7)\" (#2)"],
            &["Added: One (#1)", "Changed: Revert \"feat: one (#7)\" (#2)"],
            "1.1.0",
        ),
        case(
            &["fix: two", "revert: \"feat: one\""],
            &["Changed: Revert one", "Fixed: Two"],
            "1.0.1",
        ),
        case(
            &[
                "feat: one\n\n```\nThis reverts commit 1234567890123456789012345678901234567890.\n```",
            ],
            &["Added: One"],
            "1.1.0",
        ),
    ]);
}

/// C4: code in a body is text.
#[test]
fn code_in_a_body_is_text() {
    try_each(&[
        (
            "fix: parse it\n\n```\nBREAKING CHANGE: none\n\nfeat!: not ours\n```",
            &["Fixed: Parse it"],
            "1.0.1",
        ),
        (
            "fix: parse it\n\n~~~text\n* feat!: not ours\n* fix: nor this\n~~~\n\nCloses #4",
            &["Fixed: Parse it (#4)"],
            "1.0.1",
        ),
        (
            "fix: parse it\n\nAs in\n\n    BREAKING CHANGE: none\n    feat!: x\n\nand more",
            &["Fixed: Parse it"],
            "1.0.1",
        ),
        (
            "fix: parse it\n\n```\nCloses #9\nChangelog: skip\n```",
            &["Fixed: Parse it"],
            "1.0.1",
        ),
        (
            "fix: parse it\n\n`BREAKING CHANGE: x` is what one writes",
            &["Fixed: Parse it"],
            "1.0.1",
        ),
        (
            "fix!: parse it\n\nBREAKING CHANGE: write\n\n```\nfeat: x\n```",
            &["Fixed: **Breaking:** Parse it / write / ``` / feat: x / ```"],
            "2.0.0",
        ),
    ]);
}

/// C5: titles are read behind the prefixes of forges.
#[test]
fn titles_behind_the_prefixes_of_forges() {
    try_each(&[
        (
            "Merged PR 12: feat(ui)!: drop export",
            &["Added: **Breaking:** **ui:** drop export (#12)"],
            "2.0.0",
        ),
        (
            "Merged PR 13: Fix the stove\n\nRelated work items: #44",
            &["Fixed: Fix the stove (#13)"],
            "1.0.1",
        ),
        (
            "Merged in topic (pull request #3)\n\nfeat: paint it\n\nApproved-by: Z",
            &["Added: Paint it (#3)"],
            "1.1.0",
        ),
        (
            "Merged in topic (pull request #4)\n\nFix the leak",
            &["Fixed: Fix the leak (#4)"],
            "1.0.1",
        ),
        (
            "Pull request #7: fix: stop\n\nMerge in P/r from b to main",
            &["Fixed: Stop (#7)"],
            "1.0.1",
        ),
        ("[PR #5] Add a flag", &["Added: Add a flag (#5)"], "1.1.0"),
        (
            "Merge \"Fix the clock\" into main",
            &["Fixed: Fix the clock"],
            "1.0.1",
        ),
        ("Merged PR 14: chore: tidy", &[], "none"),
        // One parent, as `git cherry-pick -m 1` and forges' fast-forwards leave it.
        (
            "Merge pull request #7 from x/b\n\nfeat(api)!: drop x\n\nBREAKING CHANGE: call y",
            &["Added: **Breaking:** **api:** drop x (#7) / call y"],
            "2.0.0",
        ),
        (
            "Merge pull request #8 from x/b\n\ndocs: explain it",
            &[],
            "none",
        ),
        (
            "Merge branch 'b' into 'main'\n\nfeat(ui): paint it\n\nSee merge request g/p!5",
            &["Added: **ui:** paint it (!5)"],
            "1.1.0",
        ),
        (
            "Merge branch 'b' into 'main'\n\nFix the leak\n\nAnd say so.\n\nSee merge request g/p!6",
            &["Fixed: Fix the leak (!6)"],
            "1.0.1",
        ),
    ]);
}

/// Text of a merge beyond its commits is listed once.
#[test]
fn a_merge_may_say_more_than_its_commits() {
    let sandbox = Sandbox::new();
    let cases: [(&str, &str, &[&str], &str); 6] = [
        (
            "feat(api)!: drop x",
            "Merge pull request #7 from x/y\n\nfeat(api)!: drop x\n\nBREAKING CHANGE: call y",
            &["Added: **Breaking:** **api:** drop x (#7) / call y"],
            "2.0.0",
        ),
        (
            "feat(api): drop x",
            "Merge branch 'a' into 'main'\n\nfeat(api)!: drop x\n\nBREAKING CHANGE: call y\n\nSee merge request g/p!5",
            &["Added: **Breaking:** **api:** drop x (!5) / call y"],
            "2.0.0",
        ),
        (
            "wip",
            "Merge pull request #7 from x/y\n\nfeat: dates",
            &["Added: Dates (#7)"],
            "1.1.0",
        ),
        (
            "fix: other",
            "Merge pull request #7 from x/y\n\nfeat!: drop x\n\nBREAKING CHANGE: call y",
            &[
                "Added: **Breaking:** Drop x (#7) / call y",
                "Fixed: Other (#7)",
            ],
            "2.0.0",
        ),
        (
            "feat: dates",
            "Merge pull request 'feat!: dates' (#9) from b into main",
            &["Added: **Breaking:** Dates (#9)"],
            "2.0.0",
        ),
        (
            "feat: dates",
            "Merge pull request #7 from x/y\n\nfeat: dates",
            &["Added: Dates (#7)"],
            "1.1.0",
        ),
    ];
    for (number, (brought, merge, expected, next)) in cases.into_iter().enumerate() {
        let repo = released(&sandbox, &format!("r{number}"));
        repo.git(&["switch", "-q", "-c", "b"]).ok();
        repo.commit(brought);
        repo.git(&["switch", "-q", "-"]).ok();
        repo.git(&["merge", "-q", "--no-ff", "b", "-m", merge]).ok();
        assert_eq!(entries(&repo), expected, "{merge}");
        assert_eq!(next_of(&repo), next, "{merge}");
        assert_eq!(repo.status(), "");
    }
}

/// release-please's marks: commits within a message, and another message in its place.
#[test]
fn commits_within_a_message_and_messages_put_in_its_place() {
    try_each(&[
        (
            "feat: a\n\nBEGIN_NESTED_COMMIT\nfeat: b\nBREAKING-CHANGE: moved\nEND_NESTED_COMMIT\nBEGIN_NESTED_COMMIT\nfix: c\nEND_NESTED_COMMIT",
            &["Added: **Breaking:** B / moved", "Added: A", "Fixed: C"],
            "2.0.0",
        ),
        (
            "feat!: a\n\nBREAKING CHANGE: own\nBEGIN_NESTED_COMMIT\nfix: c\nEND_NESTED_COMMIT",
            &["Added: **Breaking:** A / own", "Fixed: C"],
            "2.0.0",
        ),
        (
            "chore: some commit (#8)\n\nBEGIN_COMMIT_OVERRIDE\nfix: some fix\n\nfeat!: another\n\nBREAKING CHANGE: call\nEND_COMMIT_OVERRIDE\nmore text",
            &[
                "Added: **Breaking:** Another (#8) / call",
                "Fixed: Some fix (#8)",
            ],
            "2.0.0",
        ),
        (
            "feat: wrong words\n\nBEGIN_COMMIT_OVERRIDE\nfix: right words (#9)\nEND_COMMIT_OVERRIDE",
            &["Fixed: Right words (#9)"],
            "1.0.1",
        ),
    ]);
}

/// A line that closes an issue, and one that is a change.
#[test]
fn changes_with_a_number_close_nothing_of_others() {
    try_each(&[
        (
            "feat: a\n\nfix: b (#5)",
            &["Added: A", "Fixed: B (#5)"],
            "1.1.0",
        ),
        ("feat: a\n\nfix: #5", &["Added: A (#5)"], "1.1.0"),
        ("feat: x\nImplements #12", &["Added: X (#12)"], "1.1.0"),
        ("feat: x\nFixing #12", &["Added: X (#12)"], "1.1.0"),
        (
            "fix(core): x\n\nFixes #73\n\n* BREAKING CHANGE:\n\nPreviously a.\nNow b.\n\nCloses #94",
            &["Fixed: **Breaking:** **core:** x (#73, #94) / Previously a. / Now b."],
            "2.0.0",
        ),
    ]);
}

/// C6: the text before a colon is kept, and the verb after it decides.
#[test]
fn what_stands_before_a_colon_stays() {
    try_each(&[
        (
            "net/http: fix a leak",
            &["Fixed: **net/http:** fix a leak"],
            "1.0.1",
        ),
        (
            "http: add trailers",
            &["Added: **http:** add trailers"],
            "1.1.0",
        ),
        (
            "#123: fix the export",
            &["Fixed: Fix the export (#123)"],
            "1.0.1",
        ),
        ("feat[api]: x", &["Added: **api:** x"], "1.1.0"),
        (
            "drm/i915/gt: Fix a hang",
            &["Fixed: **drm/i915/gt:** Fix a hang"],
            "1.0.1",
        ),
        (
            "cmd/go, runtime: remove the cache",
            &["Removed: **cmd/go, runtime:** remove the cache"],
            "1.0.1",
        ),
        (
            "HTTP: speed it up",
            &["Changed: **HTTP:** speed it up"],
            "1.0.1",
        ),
        (
            "net: phy: add a driver",
            &["Added: **net:** phy: add a driver"],
            "1.1.0",
        ),
        (
            "Fixed #12345 -- Added a setting.",
            &["Added: Added a setting. (#12345)"],
            "1.1.0",
        ),
        (
            "Refs #12, Fixed #13 -- Stop.",
            &["Changed: Stop. (#12, #13)"],
            "1.0.1",
        ),
        (
            "ABC-12: Fix the stove",
            &["Fixed: ABC-12: Fix the stove"],
            "1.0.1",
        ),
        (
            "[ABC-12] feat: add a stove",
            &["Added: \\[ABC-12] add a stove"],
            "1.1.0",
        ),
        (
            "[ui] Fix the stove",
            &["Fixed: **ui:** Fix the stove"],
            "1.0.1",
        ),
        (
            "#123: fix the export (#124)",
            &["Fixed: #123: fix the export (#124)"],
            "1.0.1",
        ),
        (
            "Add two options: verbose and quiet",
            &["Added: Add two options: verbose and quiet"],
            "1.1.0",
        ),
        (
            "Note: the cache is gone",
            &["Changed: Note: the cache is gone"],
            "1.0.1",
        ),
    ]);
}

/// C7: a number in code or beside a colour names nothing.
#[test]
fn numbers_in_code_and_colours_are_no_references() {
    let sandbox = Sandbox::new();
    let repo = released(&sandbox, "r");
    let text = repo.read("CHANGELOG.md");
    let note = "## [Unreleased]\n\n### Changed\n\n- Everything about #123 is new\n";
    repo.write("CHANGELOG.md", &text.replacen("## [Unreleased]\n", note, 1));
    repo.git(&["commit", "-q", "-am", "docs: note"]).ok();
    for message in [
        "fix: parse `#123` as a literal",
        "fix: set color: #123 in the theme",
        "fix: use #123 background in dark mode",
        "fix: swap from ``#123`` to none",
        "fix: hide it\n\n```\nCloses #123\n```",
    ] {
        commit(&repo, message);
    }
    commit(&repo, "fix: the colours of links (#123)");
    commit(&repo, "fix: stop, see #123");
    repo.relwatch(&["update"]).ok();
    let section = repo.section();
    assert_eq!(section.matches("\n- ").count(), 6, "{section}");
    assert!(
        !section.contains("of links") && !section.contains("Stop"),
        "{section}"
    );
}

/// C9: titles over several lines, and titles truncated by a forge.
#[test]
fn titles_that_go_on() {
    try_each(&[
        (
            "fix: keep the order\nof entries (#12)",
            &["Fixed: Keep the order of entries (#12)"],
            "1.0.1",
        ),
        (
            "Add a flag that\nreads the\nwhole file\n\nbody",
            &["Added: Add a flag that reads the whole file"],
            "1.1.0",
        ),
        (
            "feat: a title that is cut in the mid… (#7)\n\n…dle of a word",
            &["Added: A title that is cut in the middle of a word (#7)"],
            "1.1.0",
        ),
        (
            "feat: a title that goes…\n\n… on here (#8)\n\n* fix: x",
            &["Added: A title that goes on here (#8)"],
            "1.1.0",
        ),
        ("fix: wait…\n\nfor it", &["Fixed: wait…"], "1.0.1"),
        ("fix: one\nCloses #5", &["Fixed: One (#5)"], "1.0.1"),
        ("fix: one\n- this\n- that", &["Fixed: One"], "1.0.1"),
    ]);
}

/// C10: bookkeeping of release tools, and noise; and changes that resemble them.
#[test]
fn bookkeeping_and_noise_are_counted() {
    let sandbox = Sandbox::new();
    let repo = released(&sandbox, "r");
    let none = [
        "[maven-release-plugin] prepare for next development iteration",
        "Version Packages (#34)",
        "Preparing 1.2.3",
        "Wip",
        "typo",
        ".",
        "v1.2.0",
        "Apply suggestions from code review",
        "chore(release): 1.2.3 [skip ci]",
        "chore(main): release 1.2.3",
        "chore: release main",
        "(cargo-release) version 1.2.0",
        "chore: Release widget version 1.2.0",
        "Bump version: 1.2.3 → 1.2.4",
        "bump: version 1.2.0 → 1.3.0",
        "Preparing release 1.2.3",
        "Back to development: 1.2.4",
        "Setting version to 1.2.0",
        "Publish",
        "1.2.0",
        "Merge branch 'release/1.2.0'",
        "[Jenkins release job] Preparing next development iteration",
        "Start version 3.2.0",
        "Release",
        "Prepare next development iteration",
        "Bump to 1.2.4-SNAPSHOT",
        "post-release version bump",
        "Set version to 1.3.0",
        "Begin 3.3 development",
        "Add news fragment",
        "Update CHANGELOG",
        "Update NEWS",
        "Changelog for 1.2.3",
        "fixup",
        "address review comments",
        "lint",
        "fmt",
        "[pre-commit.ci] pre-commit autoupdate",
        "Merge remote-tracking branch 'origin/main'",
        "🔖 Release 1.2.0",
        "Releasing version 1.0.0",
    ];
    for message in none {
        commit(&repo, message);
    }
    repo.commit_file("README.md", "x\n", "Update README.md");
    repo.relwatch(&["update"]).ok();
    assert_eq!(entries(&repo), [""; 0], "{}", repo.section());
    let json = repo.relwatch(&["status", "--json"]).ok().stdout;
    for reason in [
        "cuts a release",
        "its title names no change",
        "its title is about the changelog alone",
    ] {
        assert!(json.contains(reason), "{reason}");
    }
    let listed = [
        "Fix typo in error message",
        "Release the lock on drop",
        "Bump the buffer size",
        "Prepare statement cache",
        "Add release notes page to the UI",
        "Version the API",
        "fix!: release 2 locks",
        "Publish events to a queue",
        "Update the changelog parser",
        "Update version check for 1.2.0 clients",
        "Merge sort for large lists",
        "Prepare for Python 3.13",
        "Version 2 of the API is the default",
        "feat: release 1.0",
        "fix: wip",
    ];
    for message in listed {
        commit(&repo, message);
    }
    repo.commit_file("src/update.md.rs", "x\n", "Update update.md.rs");
    repo.relwatch(&["update"]).ok();
    let found = entries(&repo);
    assert_eq!(found.len(), listed.len() + 1, "{found:#?}");
}

/// C11: breaking changes in common spellings.
#[test]
fn breaking_changes_in_every_spelling() {
    try_each(&[
        (
            "BREAKING CHANGE: drop x",
            &["Removed: **Breaking:** Drop x"],
            "2.0.0",
        ),
        (
            "BREAKING: rename x",
            &["Changed: **Breaking:** Rename x"],
            "2.0.0",
        ),
        (
            "breaking: rename x",
            &["Changed: **Breaking:** Rename x"],
            "2.0.0",
        ),
        (
            "Breaking change: rename x",
            &["Changed: **Breaking:** Rename x"],
            "2.0.0",
        ),
        (
            "[BREAKING] rename x",
            &["Changed: **Breaking:** Rename x"],
            "2.0.0",
        ),
        (
            "[BREAKING] fix(api): rename x",
            &["Fixed: **Breaking:** **api:** rename x"],
            "2.0.0",
        ),
        (
            "feat(api!): x",
            &["Added: **Breaking:** **api:** x"],
            "2.0.0",
        ),
        (
            "feat!(api): x",
            &["Added: **Breaking:** **api:** x"],
            "2.0.0",
        ),
        (
            "fix: x\n\nBREAKING CHANGES: y",
            &["Fixed: **Breaking:** X / y"],
            "2.0.0",
        ),
        (
            "fix: x\n\nBREAKING: y",
            &["Fixed: **Breaking:** X / y"],
            "2.0.0",
        ),
        (
            "fix: x\n\n**BREAKING CHANGE**: y",
            &["Fixed: **Breaking:** X / y"],
            "2.0.0",
        ),
        (
            "fix: x\n\nbreaking change: in lower case is prose",
            &["Fixed: X"],
            "1.0.1",
        ),
        (
            "Breaking the ice: part one",
            &["Changed: Breaking the ice: part one"],
            "1.0.1",
        ),
    ]);
}

/// C12: gitmoji is looked through, and decides where there is no type.
#[test]
fn gitmoji_is_looked_through() {
    try_each(&[
        (
            "✨ feat!: drop v1",
            &["Added: **Breaking:** Drop v1"],
            "2.0.0",
        ),
        (":bug: fix the clock", &["Fixed: Fix the clock"], "1.0.1"),
        ("✨ A new clock", &["Added: A new clock"], "1.1.0"),
        (
            "💥 Rename the clock",
            &["Changed: **Breaking:** Rename the clock"],
            "2.0.0",
        ),
        ("♻️ Move the clock", &[], "none"),
        ("🔒️ Lock the clock", &["Security: Lock the clock"], "1.0.1"),
        ("feat(ui): ✨ a clock", &["Added: **ui:** a clock"], "1.1.0"),
        (
            ":sparkles:(ui) A clock",
            &["Added: **ui:** A clock"],
            "1.1.0",
        ),
        (
            "🔥 Remove the clock",
            &["Removed: Remove the clock"],
            "1.0.1",
        ),
    ]);
    let sandbox = Sandbox::new();
    let repo = released(&sandbox, "r");
    repo.write(
        "relwatch.yml",
        "types: {'🎉': added, ':zap:': fixed, ✨: hide}\n",
    );
    for message in ["🎉 A party", "⚡️ Faster", "✨ Hidden"] {
        commit(&repo, message);
    }
    repo.relwatch(&["update"]).ok();
    assert_eq!(entries(&repo), ["Added: A party", "Fixed: Faster"]);
}

/// C13: items of one list that read the same are one entry.
#[test]
fn items_that_read_the_same_are_listed_once() {
    try_each(&[
        (
            "Work (#9)\n\n* fix: wait\n* fix: wait\n* feat: lock",
            &["Added: Lock (#9)", "Fixed: Wait (#9)"],
            "1.1.0",
        ),
        (
            "Work (#9)\n\n- fix(ui): wait\n- Fix(UI): Wait.\n- feat: lock",
            &["Added: Lock (#9)", "Fixed: **ui:** wait (#9)"],
            "1.1.0",
        ),
        (
            "Work (#9)\n\n* fix: wait (#3)\n* fix: wait (#3)\n* fix!: wait\n* feat: lock",
            &["Added: Lock (#9)", "Fixed: **Breaking:** Wait (#3)"],
            "2.0.0",
        ),
    ]);
}

/// C14: vulnerability fixes belong to Security.
#[test]
fn security_fixes_are_listed_as_such() {
    try_each(&[
        (
            "fix(security): check the length",
            &["Security: **security:** check the length"],
            "1.0.1",
        ),
        (
            "fix: stop at the end (CVE-2026-12345)",
            &["Security: CVE-2026-12345: Stop at the end"],
            "1.0.1",
        ),
        (
            "fix(deps): widgetlib, GHSA-abcd-1234-wxyz",
            &["Security: GHSA-abcd-1234-wxyz: **deps:** widgetlib, GHSA-abcd-1234-wxyz"],
            "1.0.1",
        ),
        (
            "chore(deps): bump widgetlib for CVE-2026-12345",
            &["Security: CVE-2026-12345: **deps:** bump widgetlib for CVE-2026-12345"],
            "1.0.1",
        ),
        (
            "build(deps): widgetlib (RUSTSEC-2026-0001)",
            &["Security: RUSTSEC-2026-0001: **deps:** widgetlib"],
            "1.0.1",
        ),
        (
            "fix: check the length\n\nRefs: CVE-2026-12345",
            &["Security: Check the length"],
            "1.0.1",
        ),
        (
            "Bump widgetlib to fix PYSEC-2026-7",
            &["Security: PYSEC-2026-7: Bump widgetlib to fix PYSEC-2026-7"],
            "1.0.1",
        ),
        (
            "Work (#9)\n\n* fix(security): wait\n* feat: lock",
            &["Added: Lock (#9)", "Security: **security:** wait (#9)"],
            "1.1.0",
        ),
        (
            "feat(security): two factors",
            &["Added: **security:** two factors"],
            "1.1.0",
        ),
        ("docs: explain CVE-2026-12345", &[], "none"),
    ]);
}

/// A first verb about tests, documents and tools raises no minor version.
#[test]
fn words_about_internals_raise_little() {
    let sandbox = Sandbox::new();
    for (number, (path, message)) in [
        (".codespellrc", "Add codespell"),
        ("dco.txt", "Add back the dco.txt file"),
        ("spec/x_spec.rb", "Add tests for x"),
        (".github/workflows/x.yml", "Add CI job"),
        ("docs/x.md", "Add docs for x"),
        ("tox.ini", "http: add an environment"),
    ]
    .into_iter()
    .enumerate()
    {
        let repo = released(&sandbox, &format!("r{number}"));
        repo.commit_file(path, "x\n", message);
        assert_eq!(next_of(&repo), "1.0.1", "{message}");
    }
}

#[test]
fn a_commit_of_the_changelog_alone_is_no_entry_whatever_its_type() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "categories: release-notes\n");
    repo.edit("CHANGELOG.md", "first thing", "very first thing");
    repo.git(&["commit", "-qam", "docs: word the notes anew"])
        .ok();
    repo.commit_file("README.md", "x\n", "docs: tell how it begins (#3)");
    let section = repo.section();
    let documentation = section.split("### ").nth(1).unwrap();
    assert_eq!(
        documentation,
        "Documentation\n\n- Tell how it begins (#3)\n\n"
    );
}
