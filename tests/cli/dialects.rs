//! Changelogs in the formats of many projects and tools: the result of a commit and of a release in each.

use crate::support::{Repo, Sandbox, adopted, cases, project};

/// A project that released 1.0.0 with this changelog and has a new feature and a fix since.
fn with_changelog<'s>(sandbox: &'s Sandbox, changelog: &str) -> Repo<'s> {
    let repo = adopted(sandbox, "CHANGELOG.md", changelog, &["v1.0.0"]);
    repo.commit("feat: new (#7)");
    repo
}

/// Asserts the file after a release of 1.1.0.
#[track_caller]
fn released(before: &str, after: &str) {
    let sandbox = Sandbox::new();
    let repo = with_changelog(&sandbox, before);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.stored(), before);
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.read("CHANGELOG.md"), after);
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(repo.stored(), before);
    // A second release works on the result of the first one.
    repo.relwatch(&["release", "--yes"]).ok();
    repo.commit("fix: crash (#8)");
    repo.relwatch(&["release", "--yes"]).ok();
    let text = repo.read("CHANGELOG.md");
    let older = after[after.find("1.1.0").unwrap()..]
        .lines()
        .next()
        .unwrap();
    assert!(text.contains(older), "{text}");
    assert!(text.contains("1.1.1"), "{text}");
}

#[test]
fn keep_a_changelog_two_with_a_summary_and_links() {
    released(
        "# Changelog\n\n## [Unreleased]\n\nThe release with a theme.\n\n### Deprecated\n\n- **Breaking:** v1 is gone; use v2.\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- first\n\n[Unreleased]: https://example.org/o/r/compare/v1.0.0...HEAD\n[1.0.0]: https://example.org/o/r/releases/tag/v1.0.0\n"
            .replace("- **Breaking:** v1 is gone; use v2.", "- v0 is gone").as_str(),
        "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-01-30\n\nThe release with a theme.\n\n### Added\n\n- New (#7)\n\n### Deprecated\n\n- v0 is gone\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- first\n\n[Unreleased]: https://example.org/o/r/compare/v1.1.0...HEAD\n[1.1.0]: https://example.org/o/r/compare/v1.0.0...v1.1.0\n[1.0.0]: https://example.org/o/r/releases/tag/v1.0.0\n",
    );
}

#[test]
fn cargo_release_templates() {
    released(
        "# Change Log\n\n<!-- next-header -->\n\n## [Unreleased] - ReleaseDate\n\n## [1.0.0] - 2026-01-01\n\n#### Added\n\n- first\n\n<!-- next-url -->\n[Unreleased]: https://example.org/o/r/compare/v1.0.0...HEAD\n[1.0.0]: https://example.org/o/r/compare/v0.9.0...v1.0.0\n",
        "# Change Log\n\n<!-- next-header -->\n\n## [Unreleased] - ReleaseDate\n\n## [1.1.0] - 2026-01-30\n\n#### Added\n\n- New (#7)\n\n## [1.0.0] - 2026-01-01\n\n#### Added\n\n- first\n\n<!-- next-url -->\n[Unreleased]: https://example.org/o/r/compare/v1.1.0...HEAD\n[1.1.0]: https://example.org/o/r/compare/v1.0.0...v1.1.0\n[1.0.0]: https://example.org/o/r/compare/v0.9.0...v1.0.0\n",
    );
}

#[test]
fn cocogitto_separators() {
    released(
        "# Changelog\n\n- - -\n## [1.0.0](https://example.org/o/r/compare/v0.9.0..v1.0.0) - 2026-01-01\n#### Features\n- first\n\n- - -\n\n## [0.9.0](https://example.org/o/r/compare/v0.8.0..v0.9.0) - 2025-01-01\n#### Features\n- older\n",
        "# Changelog\n\n- - -\n\n## [1.1.0](https://example.org/o/r/compare/v1.0.0..v1.1.0) - 2026-01-30\n\n#### Features\n\n- New (#7)\n\n- - -\n\n## [1.0.0](https://example.org/o/r/compare/v0.9.0..v1.0.0) - 2026-01-01\n#### Features\n- first\n\n- - -\n\n## [0.9.0](https://example.org/o/r/compare/v0.8.0..v0.9.0) - 2025-01-01\n#### Features\n- older\n",
    );
    released(
        "# Changelog\n\n## Unreleased\n\n### Fixed\n\n- mine\n\n- - -\n## v1.0.0 - 2026-01-01\n\n- first\n",
        "# Changelog\n\n## Unreleased\n\n- - -\n\n## v1.1.0 - 2026-01-30\n\n### Added\n\n- New (#7)\n\n### Fixed\n\n- mine\n\n- - -\n## v1.0.0 - 2026-01-01\n\n- first\n",
    );
}

#[test]
fn level_one_underlined_and_other_dates() {
    released(
        "# unreleased\n\n## Features\n\n* mine\n\n# v1.0.0 (2026/01/01)\n\n## Features\n\n* first\n",
        "# unreleased\n\n# v1.1.0 (2026/01/30)\n\n## Features\n\n* mine\n* New (#7)\n\n# v1.0.0 (2026/01/01)\n\n## Features\n\n* first\n",
    );
    released(
        "Changelog\n=========\n\nUnreleased\n----------\n\n1.0.0 [2026-01-01]\n------------------\n\n### Added\n\n+ first\n",
        "Changelog\n=========\n\nUnreleased\n----------\n\n1.1.0 [2026-01-30]\n------------------\n\n### Added\n\n+ New (#7)\n\n1.0.0 [2026-01-01]\n------------------\n\n### Added\n\n+ first\n",
    );
    released(
        "# Log\n\n## Unreleased\n\n## 1.0.0 / 2026-01-01\n\n## [0.9.0] [YANKED]\n\n- x\n",
        "# Log\n\n## Unreleased\n\n## 1.1.0 / 2026-01-30\n\n### Added\n\n- New (#7)\n\n## 1.0.0 / 2026-01-01\n\n## [0.9.0] [YANKED]\n\n- x\n",
    );
    released(
        "# Log\n\n## ✨ tool **1.0.0** *(2026-01-01)*\n\n- first\n",
        "# Log\n\n## ✨ tool **1.1.0** *(2026-01-30)*\n\n### Added\n\n- New (#7)\n\n## ✨ tool **1.0.0** *(2026-01-01)*\n\n- first\n",
    );
}

#[test]
fn new_entries_take_the_marker_that_is_there() {
    let lists = [
        ("* mine", "* mine\n* New (#7)"),
        ("+ mine", "+ mine\n+ New (#7)"),
        ("-   mine", "-   mine\n-   New (#7)"),
        ("*\tmine", "*\tmine\n*\tNew (#7)"),
        (" * mine", " * mine\n * New (#7)"),
        ("1. mine\n2. too", "1. mine\n2. too\n3. New (#7)"),
        ("1) mine", "1) mine\n2) New (#7)"),
        (
            "- mine\n  wrapped\n\n  a paragraph\n\n  ```rust\n  fn main() {}\n  ```\n  - nested\n    1. deeper",
            "- mine\n  wrapped\n\n  a paragraph\n\n  ```rust\n  fn main() {}\n  ```\n  - nested\n    1. deeper\n- New (#7)",
        ),
        (
            "- mine with a [link][l] and <b>HTML</b>\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |",
            "- mine with a [link][l] and <b>HTML</b>\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n- New (#7)",
        ),
        (
            "<details>\n\n- mine\n\n</details>",
            "<details>\n\n- mine\n- New (#7)\n\n</details>",
        ),
    ];
    let headings = [
        "### Added",
        "### ✨ Added",
        "### :sparkles: Added",
        "### Added:",
    ];
    let all = lists
        .into_iter()
        .flat_map(|list| headings.map(|heading| (heading, list)));
    cases::run(
        all,
        |(heading, (list, _))| format!("{heading} {list}"),
        |(heading, (list, shown))| {
            let sandbox = Sandbox::new();
            let before = format!(
                "# Log\n\n## [Unreleased]\n\n{heading}\n\n{list}\n\n## [1.0.0] - 2026-01-01\n\n- x\n"
            );
            let repo = with_changelog(&sandbox, &before);
            assert_eq!(repo.section(), format!("{heading}\n\n{shown}"));
            assert_eq!(repo.status(), "");
            repo.edit("CHANGELOG.md", "mine", "my own");
            repo.git(&["commit", "-q", "-am", "docs: edit"]).ok();
            assert_eq!(repo.stored(), before.replace("mine", "my own"));
            assert_eq!(repo.status(), "");
        },
    );
}

#[test]
fn several_unreleased_headings_are_named_and_left_alone() {
    let sandbox = Sandbox::new();
    let text = "# Log\n\n## [Unreleased]\n\n- a\n\n## Unreleased\n\n- b\n\n## 1.0.0\n";
    let repo = with_changelog(&sandbox, "# Log\n\n## [Unreleased]\n");
    repo.git(&["commit", "-q", "--allow-empty", "-m", "docs: x"])
        .ok();
    repo.write("CHANGELOG.md", text);
    cases::in_turn(
        [&["status"][..], &["update"], &["explain", "#7"]],
        |&command| command.join(" "),
        |&command| {
            let ran = repo.relwatch(command).code(1);
            assert_eq!(
                ran.stderr,
                "relwatch: CHANGELOG.md has several Unreleased headings, at lines 3 and 7; make them one and run `relwatch update`\n"
            );
        },
    );
    repo.git(&["commit", "-q", "-am", "docs: two headings"])
        .ok();
    assert_eq!(repo.read("CHANGELOG.md"), text);
    assert_eq!(repo.status(), "");
    repo.relwatch(&["release", "--yes"]).code(1);
}

#[test]
fn a_version_that_has_a_section_is_not_cut_again() {
    let sandbox = Sandbox::new();
    let repo = with_changelog(
        &sandbox,
        "# Log\n\n## [Unreleased]\n\n## [1.1.0]\n\n- by hand\n",
    );
    let ran = repo.relwatch(&["release", "--yes"]).code(3);
    assert!(
        ran.stderr
            .contains("CHANGELOG.md:5 already has a section for 1.1.0"),
        "{ran:?}"
    );
    repo.relwatch(&["release", "1.2.0", "--yes"]).ok();
}

/// To git, and to most programs, such a file is one line.
#[test]
fn a_changelog_of_lone_carriage_returns_is_left_alone() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let old = crate::support::CHANGELOG.replace('\n', "\r");
    repo.write("CHANGELOG.md", &old);
    let says = "the lines of CHANGELOG.md end in carriage returns alone";
    let commit = ["commit", "-q", "-a", "-m", "feat: a timeout (#1)"];
    let said = repo.git(&commit).ok().stderr;
    assert!(said.contains(says) && said.lines().count() == 1, "{said}");
    assert_eq!(repo.stored(), old);
    assert_eq!(repo.read("CHANGELOG.md"), old);
    assert_eq!(repo.status(), "");
    let update = repo.relwatch(&["update"]).code(1);
    assert!(update.stderr.contains(says), "{update:?}");
    let release = repo.relwatch(&["release", "--yes"]);
    assert!(
        release.code != 0 && release.stderr.contains(says),
        "{release:?}"
    );
    // The remedy in the message works.
    repo.sh("tr '\\r' '\\n' < CHANGELOG.md > ../new && cp ../new CHANGELOG.md")
        .ok();
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "### Added\n\n- A timeout (#1)");
}

/// D7, D11: the categories that the file has used, in its words; one list where it has none.
#[test]
fn categories_are_those_of_the_file() {
    cases::run(
        [
            (
                "### 🚀 Features\n\n- a\n\n### 🐛 Bug Fixes\n\n- b",
                "### 🚀 Features\n\n- New (#7)",
            ),
            (
                "### Minor Changes\n\n- a\n\n### Patch Changes\n\n- b",
                "### Minor Changes\n\n- New (#7)",
            ),
            (
                "### Hinzugefügt\n\n- a\n\n### Behoben\n\n- b",
                "### Hinzugefügt\n\n- New (#7)",
            ),
            (
                "#### IMPROVEMENTS:\n\n- a\n\n#### BUG FIXES:\n\n- b",
                "#### IMPROVEMENTS:\n\n- New (#7)",
            ),
            ("- a\n- b", "- New (#7)"),
            ("* a\n* b", "* New (#7)"),
            (
                "### Added\n\n- a\n\n### Fixed\n\n- b",
                "### Added\n\n- New (#7)",
            ),
        ],
        |(old, _)| (*old).to_owned(),
        |(old, new)| {
            let sandbox = Sandbox::new();
            let before = format!("# Log\n\n## 1.0.0\n\n{old}\n");
            let repo = with_changelog(&sandbox, &before);
            assert_eq!(
                repo.read("CHANGELOG.md"),
                format!("# Log\n\n## Unreleased\n\n{new}\n\n## 1.0.0\n\n{old}\n")
            );
            assert_eq!((repo.status(), repo.stored()), (String::new(), before));
        },
    );
}

/// D10: brackets in a path are no class of characters.
#[test]
fn odd_paths_are_patterns_for_themselves() {
    cases::run(
        [
            "app/[slug]/CHANGELOG.md",
            "a*b/CHANGELOG.md",
            "what?/CHANGELOG.md",
            "two words/[x]/CHANGELOG.md",
        ],
        |path| (*path).to_owned(),
        |path| {
            let sandbox = Sandbox::new();
            let repo = sandbox.repo("r");
            let text = "# Log\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- a\n";
            repo.commit_file(path, text, "chore: start");
            repo.git(&["tag", "-a", "v1.0.0", "-m", "x"]).ok();
            repo.write("relwatch.yml", &format!("changelog: \"{path}\"\n"));
            repo.relwatch(&["init"]).ok();
            repo.git(&["add", "."]).ok();
            repo.git(&["commit", "-q", "-m", "chore: relwatch"]).ok();
            repo.commit("feat: new (#7)");
            assert!(repo.read(path).contains("- New (#7)"));
            assert_eq!(repo.status(), "");
            let filter = repo.git(&["check-attr", "filter", "--", path]).ok().stdout;
            assert!(filter.ends_with("filter: relwatch\n"), "{filter}");
            repo.write("app/s/CHANGELOG.md", text);
            let other = repo
                .git(&["check-attr", "filter", "--", "app/s/CHANGELOG.md"])
                .ok()
                .stdout;
            assert!(other.ends_with("filter: unspecified\n"), "{other}");
        },
    );
}
