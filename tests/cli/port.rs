//! `relwatch port`: the section of a version that was released on another branch comes into this changelog, and nothing else changes.

use crate::support::{Repo, Sandbox, configure, project, says};

/// Released on main: 1.0.0 and 1.1.0, and a change since; on 1.0.x, which is not merged back: 1.0.1. On main.
fn two_lines<'s>(sandbox: &'s Sandbox, yaml: &str) -> Repo<'s> {
    let repo = project(sandbox, "r");
    configure(&repo, &format!("branches: [main, 1.0.x]\n{yaml}"));
    repo.commit("feat: start (#1)");
    release(&repo, "1.0.0");
    repo.git(&["branch", "1.0.x"]).ok();
    repo.commit("feat: pages (#2)");
    release(&repo, "1.1.0");
    repo.git(&["switch", "-q", "1.0.x"]).ok();
    repo.commit("fix: crash on empty input (#3)");
    release(&repo, "1.0.1");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit("feat: search (#4)");
    repo
}

#[track_caller]
fn release(repo: &Repo<'_>, version: &str) {
    repo.relwatch(&["release", "--yes", version]).ok();
}

const SECTION: &str = "## [1.0.1] - 2026-01-30\n\n### Fixed\n\n- Crash on empty input (#3)\n\n";

/// The earlier changelog, with the section of 1.0.1 above that of 1.0.0.
fn with_section(before: &str) -> String {
    before.replacen("## [1.0.0]", &format!("{SECTION}## [1.0.0]"), 1)
}

#[track_caller]
fn is_clean(repo: &Repo<'_>) {
    assert_eq!(repo.status(), "");
    repo.git(&["diff", "--exit-code", "HEAD"]).ok();
}

#[test]
fn a_section_comes_as_it_was_released_in_one_commit() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "");
    let (head, stored) = (repo.head(), repo.stored());
    let (shown, section) = (repo.read("CHANGELOG.md"), repo.section());
    assert!(section.contains("Search (#4)"), "{section}");

    let dry = repo.relwatch(&["port", "1.0.1", "--dry-run"]).ok();
    says(
        &dry,
        &[
            "would port 1.0.1 from v1.0.1 into CHANGELOG.md, below 1.1.0\n",
            "+- Crash on empty input (#3)",
            "nothing was changed",
        ],
    );
    assert_eq!(
        (repo.head(), repo.read("CHANGELOG.md")),
        (head.clone(), shown.clone())
    );

    let ran = repo.relwatch(&["port", "1.0.1"]).ok();
    let short = &repo.head()[..7];
    assert_eq!(
        (ran.stdout, ran.stderr.as_str()),
        (
            format!("ported 1.0.1 from v1.0.1 into CHANGELOG.md, below 1.1.0: commit {short}\n"),
            ""
        )
    );
    assert_eq!(repo.stored(), with_section(&stored));
    assert_eq!(repo.read("CHANGELOG.md"), with_section(&shown));
    assert_eq!(repo.git(&["rev-parse", "HEAD~1"]).ok().stdout.trim(), head);
    let names = repo
        .git(&["show", "--format=%s", "--name-only", "HEAD"])
        .ok();
    assert_eq!(
        names.stdout,
        "chore(release): port v1.0.1\n\nCHANGELOG.md\n"
    );
    is_clean(&repo);

    // The ported section is not a change of its own, and porting it again does nothing.
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), section);
    let again = repo.relwatch(&["port", "v1.0.1"]).ok();
    assert_eq!(again.stdout, "already in CHANGELOG.md: 1.0.1\n");
    assert_eq!(&repo.head()[..7], short);
    says(
        &repo.relwatch(&["port"]).ok(),
        &["nothing is missing in CHANGELOG.md"],
    );
}

#[test]
fn the_links_that_a_section_uses_come_along_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let old = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0]\n\n- a\n\n[unreleased]: https://x/compare/v1.0.0...HEAD\n[1.0.0]: https://x/v1.0.0\n";
    repo.commit_file("CHANGELOG.md", old, "docs: changelog");
    repo.git(&["tag", "v1.0.0"]).ok();
    repo.git(&["switch", "-q", "-c", "1.0.x"]).ok();
    let fixed = "# Changelog\n\n## [Unreleased]\n\n## [1.0.1]\n\n- Crash ([#3], [guide])\n\n## [1.0.0]\n\n- a\n\n[unreleased]: https://x/compare/v1.0.1...HEAD\n[1.0.1]: https://x/compare/v1.0.0...v1.0.1\n[1.0.0]: https://x/v1.0.0\n[#3]: https://x/3\n[guide]: https://x/guide\n";
    repo.commit_file("CHANGELOG.md", fixed, "chore(release): v1.0.1");
    repo.git(&["tag", "v1.0.1"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    let here = "# Changelog\r\n\r\n## [Unreleased]\r\n\r\n## [1.1.0]\r\n\r\n- b [guide]\r\n\r\n## [1.0.0]\r\n\r\n- a\r\n\r\n[unreleased]: https://x/compare/v1.1.0...HEAD\r\n[1.1.0]: https://x/compare/v1.0.0...v1.1.0\r\n[1.0.0]: https://x/v1.0.0\r\n[guide]: https://x/guide\r\n";
    repo.commit_file("CHANGELOG.md", here, "chore(release): v1.1.0");
    repo.git(&["tag", "v1.1.0"]).ok();
    repo.relwatch(&["port", "1.0.1"]).ok();
    let expected =
        here.replacen(
            "## [1.0.0]",
            "## [1.0.1]\r\n\r\n- Crash ([#3], [guide])\r\n\r\n## [1.0.0]",
            1,
        )
        .replacen(
            "[1.0.0]: https",
            "[1.0.1]: https://x/compare/v1.0.0...v1.0.1\r\n[1.0.0]: https",
            1,
        ) + "[#3]: https://x/3\r\n";
    assert_eq!(repo.stored(), expected);
    assert_eq!(repo.read("CHANGELOG.md"), expected);
    is_clean(&repo);
}

#[test]
fn what_is_staged_and_not_yet_committed_stays() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "");
    let stored = repo.stored();
    repo.write("file", "staged\n");
    repo.git(&["add", "file"]).ok();
    repo.write("file", "not staged\n");
    repo.write("new", "untracked\n");
    // Edits in the changelog as well: one line staged, another one not.
    repo.edit(
        "CHANGELOG.md",
        "### Added\n\n",
        "### Added\n\n- By hand, staged\n",
    );
    repo.git(&["add", "CHANGELOG.md"]).ok();
    repo.edit(
        "CHANGELOG.md",
        "- By hand, staged\n",
        "- By hand, staged\n- By hand, later\n",
    );
    let (shown, staged) = (
        repo.read("CHANGELOG.md"),
        repo.git(&["show", ":CHANGELOG.md"]).ok().stdout,
    );
    assert!(staged.contains("staged") && !staged.contains("later") && !staged.contains("#4"));
    repo.relwatch(&["port", "1.0.1"]).ok();
    assert_eq!(repo.stored(), with_section(&stored));
    assert_eq!(
        repo.git(&["show", ":CHANGELOG.md"]).ok().stdout,
        with_section(&staged)
    );
    assert_eq!(repo.read("CHANGELOG.md"), with_section(&shown));
    assert_eq!(repo.status(), "MM CHANGELOG.md\nMM file\n?? new\n");
    assert_eq!(repo.read("file"), "not staged\n");
    assert_eq!(repo.git(&["show", ":file"]).ok().stdout, "staged\n");
    // The next commit contains the typed text.
    repo.git(&["commit", "-q", "-a", "-m", "docs: by hand"])
        .ok();
    let diff = repo
        .git(&["show", "--format=", "-U0", "HEAD", "--", "CHANGELOG.md"])
        .ok()
        .stdout;
    assert_eq!(diff.matches("\n-").count(), 1, "{diff}");
    says_lines(&diff, &["+- By hand, staged", "+- By hand, later"]);
}

#[track_caller]
fn says_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|known| known == *line), "{line}\n{text}");
    }
}

#[test]
fn a_file_that_was_deleted_or_has_the_section_by_hand_stays_so() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "");
    let shown = repo.read("CHANGELOG.md");
    let by_hand = shown.replacen(
        "## [1.0.0]",
        "## [1.0.1]\n\n- my own words\n\n## [1.0.0]",
        1,
    );
    repo.write("CHANGELOG.md", &by_hand);
    repo.relwatch(&["port", "1.0.1"]).ok();
    assert_eq!(repo.read("CHANGELOG.md"), by_hand);
    assert!(repo.stored().contains(SECTION));
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    std::fs::remove_file(repo.path.join("CHANGELOG.md")).unwrap();
    repo.relwatch(&["port", "1.0.1"]).ok();
    assert!(!repo.exists("CHANGELOG.md") && repo.stored().contains(SECTION));
    assert_eq!(repo.status(), " D CHANGELOG.md\n");
}

#[test]
fn a_file_outside_of_a_sparse_checkout_stays_there() {
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        let sandbox = Sandbox::new();
        let repo = two_lines(&sandbox, "");
        repo.git(&["update-index", flag, "CHANGELOG.md"]).ok();
        if flag == "--skip-worktree" {
            std::fs::remove_file(repo.path.join("CHANGELOG.md")).unwrap();
        }
        let flags = |repo: &Repo<'_>| repo.git(&["ls-files", "-v", "CHANGELOG.md"]).ok().stdout;
        let before = flags(&repo);
        repo.relwatch(&["port", "1.0.1"]).ok();
        assert!(repo.stored().contains(SECTION));
        assert_eq!((flags(&repo), repo.status()), (before, String::new()));
    }
}

#[test]
fn what_cannot_be_ported_is_refused_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "");
    repo.git(&["switch", "-q", "-c", "odd", "v0.1.0"]).ok();
    repo.git(&["tag", "v0.9.1"]).ok();
    repo.git(&["rm", "-q", "CHANGELOG.md"]).ok();
    repo.commit("chore: without");
    repo.git(&["tag", "v0.9.2"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    let (head, shown) = (repo.head(), repo.read("CHANGELOG.md"));
    for (version, code, words) in [
        (
            "1.0.9",
            3,
            "there is no tag of 1.0.9 here; run `git fetch --tags`",
        ),
        ("0.9.1", 3, "CHANGELOG.md at v0.9.1 has no section of 0.9.1"),
        ("0.9.2", 3, "there is no CHANGELOG.md at v0.9.2"),
        ("x", 2, "`x` is no version"),
    ] {
        let ran = repo.relwatch(&["port", version]).code(code);
        says(&ran, &[words]);
        assert_eq!(ran.stdout, "", "{version}");
    }
    repo.relwatch(&["port", "1.0.1", "--all"]).code(2);
    repo.commit_file("file", "here\n", "fix: one way");
    repo.git(&["switch", "-q", "-c", "other", "HEAD~1"]).ok();
    repo.commit_file("file", "there\n", "fix: another way");
    repo.git(&["switch", "-q", "main"]).ok();
    let head = {
        assert_ne!(repo.head(), head);
        repo.head()
    };
    repo.git(&["merge", "-q", "other"]).code(1);
    says(
        &repo.relwatch(&["port", "1.0.1"]).code(3),
        &["a merge, rebase, cherry-pick or bisect is under way; finish it or abort it"],
    );
    repo.git(&["merge", "--abort"]).ok();
    assert_eq!(repo.head(), head);
    // A conflict left in the index after its operation has ended.
    let zeros = "0".repeat(head.len());
    let gone = format!("0 {zeros}\tCHANGELOG.md\n");
    let blob = repo.git(&["rev-parse", "HEAD:CHANGELOG.md"]).ok().stdout;
    let entries: String = (1..=3)
        .map(|stage| format!("100644 {} {stage}\tCHANGELOG.md\n", blob.trim()))
        .collect();
    repo.write("../entries", &format!("{gone}{entries}"));
    repo.sh("git update-index --index-info < ../entries").ok();
    says(
        &repo.relwatch(&["port", "1.0.1"]).code(3),
        &["CHANGELOG.md has a merge conflict; resolve it first"],
    );
    repo.git(&["reset", "-q"]).ok();
    // A fence that is not closed would hide the section.
    let open = shown.replacen("### Added\n", "```\n### Added\n", 1);
    repo.write("CHANGELOG.md", &open);
    says(
        &repo.relwatch(&["port", "1.0.1"]).code(3),
        &["CHANGELOG.md would not show the section of 1.0.1 as one; close the code fence"],
    );
    assert_eq!((repo.head(), repo.read("CHANGELOG.md")), (head, open));
}

#[test]
fn a_detached_head_gets_the_commit() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "");
    let main = repo.head();
    repo.git(&["switch", "-q", "--detach"]).ok();
    repo.relwatch(&["port", "1.0.1"]).ok();
    assert_eq!(
        repo.git(&["rev-parse", "main", "HEAD~1"]).ok().stdout,
        format!("{main}\n{main}\n")
    );
    assert!(repo.stored().contains(SECTION));
    is_clean(&repo);
}

#[test]
fn merging_the_other_line_afterwards_is_no_conflict_and_no_second_section() {
    for (into, from) in [("main", "1.0.x"), ("1.0.x", "main")] {
        let sandbox = Sandbox::new();
        let repo = two_lines(&sandbox, "manifest: \"\"\n");
        repo.relwatch(&["port", "1.0.1"]).ok();
        let stored = repo.stored();
        repo.git(&["switch", "-q", into]).ok();
        repo.git(&["merge", "-q", "--no-edit", from]).ok();
        assert_eq!(repo.stored(), stored, "{from} into {into}");
        assert_eq!(repo.read("CHANGELOG.md").matches("## [1.0.1]").count(), 1);
        assert!(repo.section().contains("Search (#4)"), "{}", repo.section());
        is_clean(&repo);
    }
}

#[test]
fn without_a_version_it_lists_what_is_missing_and_all_takes_that() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "");
    repo.git(&["switch", "-q", "1.0.x"]).ok();
    repo.commit("fix: slow start (#5)");
    release(&repo, "1.0.2");
    repo.git(&["switch", "-q", "main"]).ok();
    assert_eq!(
        repo.relwatch(&["port"]).ok().stdout,
        "missing in CHANGELOG.md: 1.0.2, 1.0.1 (released on other branches)\nnext: relwatch port 1.0.2, or relwatch port --all\n"
    );
    let json = repo.relwatch(&["port", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["missing_here"], serde_json::json!(["1.0.2", "1.0.1"]));
    says(
        &repo.relwatch(&["port", "--all"]).ok(),
        &[
            "ported 1.0.2 from v1.0.2 into CHANGELOG.md, below 1.1.0: commit",
            "ported 1.0.1 from v1.0.1 into CHANGELOG.md, below 1.0.2: commit",
        ],
    );
    let subject = repo.git(&["log", "-1", "--format=%s"]).ok().stdout;
    assert_eq!(subject, "chore(release): port v1.0.2 and v1.0.1\n");
    is_clean(&repo);
}

#[test]
fn lines_in_commits_are_ported_the_same_way() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "storage: tracked\n");
    let stored = repo.stored();
    repo.relwatch(&["port", "1.0.1"]).ok();
    assert_eq!(repo.stored(), with_section(&stored));
    is_clean(&repo);
    repo.relwatch(&["update", "--check"]).ok();
}

#[test]
fn a_line_that_both_releases_name_stays_generated() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "");
    repo.commit("fix: crash on empty input (#3)");
    let (section, stored) = (repo.section(), repo.stored());
    assert!(section.contains("- Crash on empty input (#3)"), "{section}");
    repo.relwatch(&["port", "1.0.1"]).ok();
    assert_eq!(repo.section(), section);
    assert_eq!(repo.stored(), with_section(&stored));
    is_clean(&repo);
    repo.commit("feat: more (#6)");
    repo.git(&[
        "commit",
        "-q",
        "--allow-empty",
        "--amend",
        "-m",
        "feat: even more (#6)",
    ])
    .ok();
    assert!(
        repo.section().contains("- Crash on empty input (#3)"),
        "{}",
        repo.section()
    );
    is_clean(&repo);
}

#[test]
fn a_component_has_its_own_tags_and_changelog() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "branches: [main, bot-1.0]\ncomponents:\n  bot: {paths: ['bot/**'], changelog: bot/CHANGELOG.md, tag: 'bot/v{version}'}\n  web: {paths: ['web/**'], changelog: web/CHANGELOG.md, tag: 'web/v{version}'}\n",
    );
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: changelogs"]).ok();
    let release = |version: &str| {
        repo.relwatch(&["release", "--yes", "-c", "bot", version])
            .ok();
    };
    repo.commit_file("bot/a", "1", "feat: a bot (#1)");
    release("1.0.0");
    repo.git(&["branch", "bot-1.0"]).ok();
    repo.commit_file("bot/a", "2", "feat: talks (#2)");
    release("1.1.0");
    repo.git(&["switch", "-q", "bot-1.0"]).ok();
    repo.commit_file("bot/b", "1", "fix: stutters (#3)");
    release("1.0.1");
    repo.git(&["switch", "-q", "main"]).ok();
    says(
        &repo.relwatch(&["port", "1.0.1"]).code(2),
        &["which component? give -c with bot, web"],
    );
    says(
        &repo.relwatch(&["port", "-c", "bot"]).ok(),
        &[
            "missing in bot/CHANGELOG.md: 1.0.1",
            "next: relwatch port -c bot 1.0.1\n",
        ],
    );
    says(
        &repo.relwatch(&["port", "-c", "bot", "bot/v1.0.1"]).ok(),
        &["ported 1.0.1 from bot/v1.0.1 into bot/CHANGELOG.md, below 1.1.0"],
    );
    is_clean(&repo);
}

#[test]
fn status_names_the_releases_that_are_missing_here() {
    let sandbox = Sandbox::new();
    let repo = two_lines(&sandbox, "");
    // Releases of other lines: newer than the next release here, older than the oldest section, a pre-release, a tag without a section.
    repo.git(&["switch", "-q", "1.0.x"]).ok();
    for (version, heading) in [
        ("3.0.0", "3.0.0"),
        ("0.0.9", "0.0.9"),
        ("1.0.2-rc.1", "1.0.2-rc.1"),
        ("1.0.3", "Notes"),
    ] {
        let log = format!("# Changelog\n\n## {heading}\n\n- x\n");
        repo.commit_file("CHANGELOG.md", &log, "docs: odd");
        repo.git(&["tag", &format!("v{version}")]).ok();
    }
    repo.git(&["switch", "-q", "main"]).ok();
    let ran = repo.relwatch(&["status"]).ok();
    let line = "missing here: 1.0.1 (released on other branches; `relwatch port --all` adds them)";
    let found = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with("missing here"));
    assert_eq!(found.collect::<Vec<_>>(), [line]);
    assert_eq!(ran.stderr, "");
    let facts = repo.relwatch(&["status", "--porcelain"]).ok().stdout;
    assert!(facts.contains("\nmissing-here\t1.0.1\n"), "{facts}");
    let json = |repo: &Repo<'_>| -> serde_json::Value {
        serde_json::from_str(&repo.relwatch(&["status", "--json"]).ok().stdout).unwrap()
    };
    assert_eq!(json(&repo)["missing_here"], serde_json::json!(["1.0.1"]));
    repo.relwatch(&["port", "--all"]).ok();
    assert!(
        !repo
            .relwatch(&["status"])
            .ok()
            .stdout
            .contains("missing here")
    );
    assert_eq!(json(&repo)["missing_here"], serde_json::json!([]));
    // A merged release whose section was removed by hand is not a release of another line.
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.git(&["merge", "-q", "-s", "ours", "v1.0.1"]).ok();
    assert_eq!(json(&repo)["missing_here"], serde_json::json!([]));
}

#[test]
fn sections_that_were_moved_to_another_file_are_not_lost() {
    let lost = "has no section of it any more";
    for (name, log, others, is_lost) in [
        (
            "the section alone went",
            "## [Unreleased]\n\n## [1.0.0]\n\n- a\n",
            "",
            true,
        ),
        (
            "it is in another file",
            "## [Unreleased]\n\n## [1.0.0]\n\n- a\n",
            "## [1.1.0]\n\n- b\n",
            false,
        ),
        ("the file begins anew", "## [Unreleased]\n", "", false),
    ] {
        let sandbox = Sandbox::new();
        let repo = sandbox.repo("r");
        let old = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0]\n\n- b\n\n## [1.0.0]\n\n- a\n";
        repo.commit_file("CHANGELOG.md", old, "chore(release): v1.1.0");
        repo.git(&["tag", "v1.1.0"]).ok();
        repo.relwatch(&["init"]).ok();
        repo.write("CHANGELOG.md", &format!("# Changelog\n\n{log}"));
        if !others.is_empty() {
            repo.write("docs/changelog-1.x.md", others);
        }
        repo.git(&["add", "-A"]).ok();
        repo.git(&["commit", "-q", "-m", "docs: tidy up"]).ok();
        repo.commit_file("file", "1", "feat: more (#2)");
        let said = repo.relwatch(&["status"]).ok().stderr;
        assert_eq!(said.contains(lost), is_lost, "{name}: {said}");
    }
}

/// On 1.0.x, with a fix to release; main is checked out nowhere.
fn on_the_other_line<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = two_lines(sandbox, "");
    repo.relwatch(&["port", "--all"]).ok();
    repo.git(&["switch", "-q", "1.0.x"]).ok();
    repo.commit("fix: slow start (#5)");
    repo
}

fn at(repo: &Repo<'_>, name: &str) -> String {
    repo.git(&["rev-parse", name]).ok().stdout.trim().to_owned()
}

const NEXT: &str = "## [1.0.2] - 2026-01-30\n\n### Fixed\n\n- Slow start (#5)\n\n";

#[test]
fn a_release_brings_its_section_to_another_branch_and_undo_takes_it_back() {
    let sandbox = Sandbox::new();
    let repo = on_the_other_line(&sandbox);
    let (main, here) = (at(&repo, "main"), at(&repo, "1.0.x"));
    let log = repo.git(&["show", "main:CHANGELOG.md"]).ok().stdout;
    let dry = repo
        .relwatch(&["release", "--port", "main", "--dry-run"])
        .ok();
    says(
        &dry,
        &[
            "  port    the section to main  (nothing to undo)\n  commit  1.0.x, main and v1.0.2  (relwatch undo)\n",
            "+## [1.0.2] - 2026-01-30",
            "nothing was changed",
        ],
    );
    assert_eq!(
        (at(&repo, "main"), at(&repo, "1.0.x")),
        (main.clone(), here.clone())
    );

    let ran = repo.relwatch(&["release", "--port", "main", "--yes"]).ok();
    let short = at(&repo, "main")[..7].to_owned();
    says(
        &ran,
        &[
            "released 1.0.2: commit and tag v1.0.2 on 1.0.x\n",
            &format!("ported v1.0.2 into main: commit {short}\n"),
        ],
    );
    let with = log.replacen("## [1.0.1]", &format!("{NEXT}## [1.0.1]"), 1);
    assert_eq!(repo.git(&["show", "main:CHANGELOG.md"]).ok().stdout, with);
    assert_eq!(at(&repo, "main~1"), main);
    is_clean(&repo);

    let ran = repo.relwatch(&["undo", "--yes"]).ok();
    says(
        &ran,
        &[
            "undid v1.0.2: 1.0.x is at",
            "removed its section from main\n",
        ],
    );
    assert_eq!((at(&repo, "main"), at(&repo, "1.0.x")), (main, here));
    assert_eq!(repo.git(&["tag", "-l", "v1.0.2"]).ok().stdout, "");
    is_clean(&repo);

    // With a commit on top it stays, and undo says so.
    repo.relwatch(&["release", "--port", "main", "--yes"]).ok();
    repo.sh(
        "git update-ref refs/heads/main $(git commit-tree -p main -m 'feat: more' main^{tree})",
    )
    .ok();
    says(
        &repo.relwatch(&["undo", "--yes"]).ok(),
        &["main still has the section of v1.0.2; `git revert` the commit that added it there"],
    );
}

#[test]
fn a_saved_plan_and_a_refused_push_bring_it_or_nothing() {
    let sandbox = Sandbox::new();
    let repo = on_the_other_line(&sandbox);
    repo.sh("git init -q --bare -b main ../r.git && git remote add origin ../r.git && git push -q --all && git push -q --tags").ok();
    let state = |repo: &Repo<'_>| {
        repo.git(&["for-each-ref", "refs/heads", "refs/tags"])
            .ok()
            .stdout
    };
    let before = state(&repo);
    repo.sh("printf '#!/bin/sh\nexit 1\n' > ../r.git/hooks/pre-receive && chmod +x ../r.git/hooks/pre-receive").ok();
    repo.relwatch(&["release", "--port", "main", "--push", "--yes"])
        .code(1);
    assert_eq!(state(&repo), before);
    is_clean(&repo);
    repo.sh("rm ../r.git/hooks/pre-receive").ok();

    repo.sh("relwatch release --port main --push --dry-run --json > ../plan.json")
        .ok();
    let ran = repo
        .relwatch(&["release", "--plan", "../plan.json", "--yes"])
        .ok();
    says(
        &ran,
        &[
            "ported v1.0.2 into main: commit",
            "; `git push origin main` shares it\npushed to origin: 1.0.x and v1.0.2",
        ],
    );
    assert!(
        repo.git(&["show", "main:CHANGELOG.md"])
            .ok()
            .stdout
            .contains(NEXT)
    );
    // A plan for a branch that has moved is an old one.
    repo.commit("fix: slow end (#6)");
    repo.sh("relwatch release --port main --dry-run --json > ../plan.json")
        .ok();
    repo.sh("git update-ref refs/heads/main main~1").ok();
    let head = repo.head();
    says(
        &repo
            .relwatch(&["release", "--plan", "../plan.json", "--yes"])
            .code(5),
        &["main moved meanwhile"],
    );
    assert_eq!(repo.head(), head);
}

#[test]
fn a_branch_that_cannot_take_the_section_stops_the_release_before_anything_moves() {
    let sandbox = Sandbox::new();
    let repo = on_the_other_line(&sandbox);
    repo.git(&["branch", "has"]).ok();
    repo.sh("git switch -q has && sed -i 's/^## .1.0.1./## [1.0.2]\\n\\n- x\\n\\n&/' CHANGELOG.md && git commit -q -a -m 'docs: by hand' && git switch -q 1.0.x").ok();
    repo.git(&["worktree", "add", "-q", "../w", "main"]).ok();
    let before = repo.git(&["for-each-ref"]).ok().stdout;
    for (branch, words) in [
        ("none", "there is no branch none here"),
        ("1.0.x", "1.0.x is the branch that is released"),
        ("main", "main is checked out in"),
        ("has", "CHANGELOG.md on has has a section of 1.0.2 already"),
    ] {
        let ran = repo
            .relwatch(&["release", "--port", branch, "--yes"])
            .code(3);
        says(&ran, &["cannot release yet", words]);
    }
    assert_eq!(repo.git(&["for-each-ref"]).ok().stdout, before);
    is_clean(&repo);
}
