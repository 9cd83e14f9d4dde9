//! Hand-written text around generated lines: sub-headings, text between them, text that names a change without listing it.

use crate::support::{Repo, Sandbox, cases, commit_all, configure, project};

fn with_changes<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    for number in 1..=4 {
        repo.commit(&format!("feat: change {number} (#{number})"));
    }
    repo
}

/// The lines of Unreleased that are not blank.
fn lines(repo: &Repo<'_>) -> Vec<String> {
    let section = repo.section();
    let lines = section.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn lines_that_a_person_groups_stay_in_their_group() {
    let (two, three) = ("- Change 2 (#2)\n", "- Change 3 (#3)\n");
    cases::run(
        [
            (
                "a sub-heading",
                (three, format!("\n#### Group\n\n{three}")),
                &[
                    "- Change 1 (#1)",
                    "- Change 2 (#2)",
                    "- Change 5 (#5)",
                    "#### Group",
                    "- Change 3 (#3)",
                    "- Change 4 (#4)",
                ][..],
            ),
            (
                "a sub-heading above all",
                (
                    "- Change 1 (#1)\n",
                    "#### Group\n\n- Change 1 (#1)\n".to_owned(),
                ),
                &[
                    "- Change 5 (#5)",
                    "#### Group",
                    "- Change 1 (#1)",
                    "- Change 2 (#2)",
                    "- Change 3 (#3)",
                    "- Change 4 (#4)",
                ],
            ),
            (
                "two of them",
                (two, format!("\n#### A\n\n{two}\n#### B\n\n")),
                &[
                    "- Change 1 (#1)",
                    "- Change 5 (#5)",
                    "#### A",
                    "- Change 2 (#2)",
                    "#### B",
                    "- Change 3 (#3)",
                    "- Change 4 (#4)",
                ],
            ),
            (
                "words",
                (three, format!("\nThese need a migration:\n\n{three}")),
                &[
                    "- Change 1 (#1)",
                    "- Change 2 (#2)",
                    "These need a migration:",
                    "- Change 3 (#3)",
                    "- Change 4 (#4)",
                    "- Change 5 (#5)",
                ],
            ),
        ],
        |(name, ..)| (*name).to_owned(),
        |(_, (from, to), expected)| {
            let sandbox = Sandbox::new();
            let repo = with_changes(&sandbox);
            repo.edit("CHANGELOG.md", from, to);
            let expected = [&["### Added"], *expected].concat();
            repo.commit("feat: change 5 (#5)");
            assert_eq!(lines(&repo), expected);
            repo.git(&["commit", "-qam", "docs: group"]).ok();
            repo.commit("chore: more");
            assert_eq!(lines(&repo), expected);
            assert_eq!(repo.status(), "");
            assert!(
                !repo.read("CHANGELOG.md").contains("\n\n\n"),
                "{}",
                repo.read("CHANGELOG.md")
            );
            assert!(!repo.read("CHANGELOG.md").contains("relwatch:skip"));
        },
    );
}

#[test]
fn a_line_between_generated_ones_keeps_them_generated() {
    let sandbox = Sandbox::new();
    let repo = with_changes(&sandbox);
    repo.edit(
        "CHANGELOG.md",
        "- Change 3",
        "- typed\n\n<!-- a remark -->\n- Change 3",
    );
    repo.git(&["commit", "-qam", "docs: typed"]).ok();
    let stored = repo.stored();
    assert!(
        stored.contains("- typed\n") && !stored.contains("(#"),
        "{stored}"
    );
    assert_eq!(repo.section().matches("(#").count(), 4);
}

#[test]
fn a_heading_above_the_generated_ones_stays_there() {
    cases::run(
        [
            ("a heading", "### Highlights"),
            ("a heading with text", "### Highlights\n\nMuch is new."),
        ],
        |(name, _)| (*name).to_owned(),
        |(_, text)| {
            let sandbox = Sandbox::new();
            let repo = with_changes(&sandbox);
            repo.commit("fix: other (#7)");
            repo.edit(
                "CHANGELOG.md",
                "## [Unreleased]\n",
                &format!("## [Unreleased]\n\n{text}\n"),
            );
            repo.commit("feat: change 5 (#5)");
            repo.git(&["commit", "-qam", "docs: highlights"]).ok();
            repo.commit("chore: more");
            assert!(
                repo.section()
                    .starts_with(&format!("{text}\n\n### Added\n\n- Change 1 (#1)\n")),
                "{}",
                repo.section()
            );
            assert!(
                repo.stored()
                    .contains(&format!("## [Unreleased]\n\n{text}\n\n## [0.1.0]")),
                "{}",
                repo.stored()
            );
            assert_eq!(repo.status(), "");
        },
    );
}

#[test]
fn a_reference_in_code_or_in_a_table_hides_no_change() {
    cases::run(
        [
            ("a fence", "- typed\n\n  ```\n  see #2\n  ```", false),
            (
                "a fence at the margin",
                "~~~ sh\ngit log # see #2\n~~~",
                false,
            ),
            ("a code span", "- typed: `#2` is a colour", false),
            ("indented code", "Words:\n\n    see #2", false),
            ("a table", "| a | b |\n|---|---|\n| #2 | x |", false),
            (
                "a quoted commit",
                "- typed, as `git revert COMMIT` does",
                false,
            ),
            ("an item", "- typed, see #2", true),
            ("a sub-heading", "#### Change 2, see #2", true),
            ("beside code", "- typed with `code`, see #2", true),
        ],
        |(name, ..)| (*name).to_owned(),
        |(_, text, hides)| {
            let sandbox = Sandbox::new();
            let repo = with_changes(&sandbox);
            let commit = repo.git(&["rev-parse", "--short=7", "HEAD~2"]).ok().stdout;
            let text = text.replace("COMMIT", commit.trim());
            repo.edit(
                "CHANGELOG.md",
                "\n## [0.1.0]",
                &format!("\n### Changed\n\n{text}\n\n## [0.1.0]"),
            );
            repo.git(&["commit", "-qam", "docs: typed"]).ok();
            let section = repo.section();
            assert_eq!(!section.contains("- Change 2 (#2)"), *hides, "{section}");
            let explained = repo.relwatch(&["explain", "#2"]).ok().stdout;
            assert_eq!(
                explained.contains("listed under Added"),
                !hides,
                "{explained}"
            );
        },
    );
}

#[test]
fn references_can_stay_out_of_the_lines() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "entry: '{scope}{text} ({issues})'\n");
    repo.write(
        ".chant/specs/2026-01-29-004-jkl.md",
        "---\nstatus: completed\n---\n\n# Serialize writers\n\n## Release Notes\n\n- Writers wait for each other. (#1234)\n- Reads are faster.\n",
    );
    commit_all(&repo, "chant: Add specs");
    repo.commit("feat: streaming (#5)");
    repo.commit("fix(api): a leak");
    let shown = "### Added\n\n- Streaming (#5)\n\n### Changed\n\n- Writers wait for each other. (#1234)\n- Reads are faster.\n\n### Fixed\n\n- **api:** a leak";
    assert_eq!(repo.section(), shown);
    // The change is known without them: by the record, and by the words.
    repo.edit(
        "CHANGELOG.md",
        "- Reads are faster.\n",
        "- Reads are faster by half.\n",
    );
    repo.relwatch(&["update"]).ok();
    let section = repo.section();
    let skip = "<!-- relwatch:skip 2026-01-29-004-jkl/reads-are-faster -->";
    assert!(section.starts_with(skip), "{section}");
    assert!(section.contains("### Changed\n\n- Reads are faster by half.\n- Writers wait"));
    repo.git(&["commit", "-qam", "docs: reword"]).ok();
    repo.relwatch(&["skip", "HEAD~"]).ok();
    assert!(!repo.section().contains("a leak"), "{}", repo.section());
    repo.sh("rm -rf .git/relwatch").ok();
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        repo.section()
            .lines()
            .filter(|line| line.starts_with("- "))
            .count(),
        3
    );
}
