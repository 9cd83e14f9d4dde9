//! Headings of many projects: how each is read, and the heading that a release adds. Every file has released 1.2.0; 1.2.1 follows.

use crate::support::{Repo, Sandbox, adopted, cases};

fn started<'s>(sandbox: &'s Sandbox, name: &str, changelog: &str) -> Repo<'s> {
    let repo = adopted(sandbox, name, changelog, &["v1.1.0", "v1.2.0"]);
    repo.commit("fix: a crash (#8)");
    repo
}

/// Asserts the file after a release of 1.2.1, and that `undo` restores it.
#[track_caller]
fn released(before: &str, expected: &str) {
    let sandbox = Sandbox::new();
    let repo = started(&sandbox, "CHANGELOG.md", before);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.stored(), before, "stored");
    repo.relwatch(&["release", "--yes"]).ok();
    let after = repo.read("CHANGELOG.md");
    assert_eq!(after, expected);
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(repo.stored(), before, "undone");
}

#[test]
fn a_new_heading_follows_the_newest_one() {
    let old = "- x\n\n- y\n";
    cases::run(
        [
            // D1, D2: anchors and links.
            (
                "## <a name=\"1.2.0\"></a> 1.2.0 (2024-01-05)",
                "## <a name=\"1.2.1\"></a> 1.2.1 (2026-01-30)",
            ),
            (
                "## [1.2.0](https://www.npmjs.com/package/x/v/1.2.0) - 2024-01-05",
                "## [1.2.1](https://www.npmjs.com/package/x/v/1.2.1) - 2026-01-30",
            ),
            (
                "## [1.2.0](https://pypi.org/project/x/1.2.0/)",
                "## [1.2.1](https://pypi.org/project/x/1.2.1/)",
            ),
            ("## [1.2.0](#120)", "## [1.2.1](#121)"),
            ("## [1.2.0](#some-other-place)", "## 1.2.1"),
            (
                "## [1.2.0](https://bitbucket.org/o/r/branches/compare/v1.2.0%0Dv1.1.0)",
                "## [1.2.1](https://bitbucket.org/o/r/branches/compare/v1.2.1%0Dv1.2.0)",
            ),
            (
                "## [1.2.0](https://example.org/o/r/compare/0123abc...4567def) (2024-01-05)",
                "## 1.2.1 (2026-01-30)",
            ),
            (
                "## [v1.2.0](https://example.org/o/r/releases/tag/v1.2.0) (2024-01-05)",
                "## [v1.2.1](https://example.org/o/r/releases/tag/v1.2.1) (2026-01-30)",
            ),
            // D3, D4: names, titles, dates in front.
            (
                "## 1.2.0 \"Codename\" (2024-01-05)",
                "## 1.2.1 (2026-01-30)",
            ),
            ("## 1.2.0 – Codename – 2024-01-05", "## 1.2.1 – 2026-01-30"),
            ("## 2024-01-05 - 1.2.0", "## 2026-01-30 - 1.2.1"),
            (
                "## 2024-01-05, Version 1.2.0 (Current), @somebody",
                "## 2026-01-30, Version 1.2.1",
            ),
            ("# v1.2.0: the title", "# v1.2.1"),
            (
                "## Version 1.2.0 _2024-01-05_",
                "## Version 1.2.1 _2026-01-30_",
            ),
            (
                "## tool 1.2.0 (2024-01-05) [YANKED]",
                "## tool 1.2.1 (2026-01-30)",
            ),
            // D16: without dates, and in other forms.
            ("## 1.2.0", "## 1.2.1"),
            ("## v1.2.0", "## v1.2.1"),
            ("## [1.2.0]", "## [1.2.1]"),
            ("## 1.2.0 (July 24, 2024)", "## 1.2.1 (January 30, 2026)"),
            ("## 1.2.0 - 5 Jan 2024", "## 1.2.1 - 30 Jan 2026"),
            ("## 1.2.0 / 2024.01.05", "## 1.2.1 / 2026.01.30"),
            ("## 1.2.0 (25.12.2024)", "## 1.2.1 (30.01.2026)"),
            (
                "## 1.2.0 (Fri, Jul 26th 2024)",
                "## 1.2.1 (Fri, Jan 30th 2026)",
            ),
            ("## 1.2.0 (May 2024)", "## 1.2.1 (January 2026)"),
            (
                "1.2.0 / 2024-01-05\n==================",
                "1.2.1 / 2026-01-30\n==================",
            ),
            (
                "Release 1.2.0 (January 5, 2024)\n-------------------------------",
                "Release 1.2.1 (January 30, 2026)\n--------------------------------",
            ),
            ("v1.2.0 - June 12, 2024", "v1.2.1 - January 30, 2026"),
            ("**1.2.0**", "**1.2.1**"),
            ("## 1.2.0\n\n*2024-01-05*", "## 1.2.1\n\n*2026-01-30*"),
            (
                "## 1.2.0\n> Released 5 January 2024",
                "## 1.2.1\n> Released 30 January 2026",
            ),
            // D19, D11: no brackets, no categories.
            ("### 1.2.0 ###", "### 1.2.1"),
        ],
        |(old_heading, _)| (*old_heading).to_owned(),
        |(old_heading, new_heading)| {
            let (head, tail) = ("# Log\n\n", format!("{old_heading}\n\n{old}"));
            let new = format!("{head}{new_heading}\n\n- A crash (#8)\n\n{tail}");
            released(&format!("{head}{tail}"), &new);
        },
    );
}

#[test]
fn marks_stay_with_the_heading_below_them() {
    cases::run(
        [
            (
                "<a name=\"v1.2.0\"></a>\n## [v1.2.0]\n\n- x\n\n<a name=\"v1.1.0\"></a>\n## [v1.1.0]\n\n- y\n",
                "<a name=\"v1.2.1\"></a>\n## [v1.2.1]\n\n- A crash (#8)\n\n<a name=\"v1.2.0\"></a>\n## [v1.2.0]\n\n- x\n\n<a name=\"v1.1.0\"></a>\n## [v1.1.0]\n\n- y\n",
            ),
            (
                "<details>\n<summary>1.2.0</summary>\n\n## 1.2.0\n\n- x\n\n</details>\n\n<details>\n<summary>1.1.0</summary>\n\n## 1.1.0\n\n- y\n\n</details>\n",
                "## 1.2.1\n\n- A crash (#8)\n\n<details>\n<summary>1.2.0</summary>\n\n## 1.2.0\n\n- x\n\n</details>\n\n<details>\n<summary>1.1.0</summary>\n\n## 1.1.0\n\n- y\n\n</details>\n",
            ),
            (
                "<!-- version list -->\n\n## 1.2.0\n\n- x\n\n<!-- older -->\n## 1.1.0\n\n- y\n",
                "<!-- version list -->\n\n## 1.2.1\n\n- A crash (#8)\n\n## 1.2.0\n\n- x\n\n<!-- older -->\n## 1.1.0\n\n- y\n",
            ),
            (
                "## Unreleased\n\n- mine\n\n***\n\n## 1.2.0\n\n- x\n\n***\n\n## 1.1.0\n\n- y\n",
                "## Unreleased\n\n***\n\n## 1.3.0\n\n- mine\n- A crash (#8)\n\n***\n\n## 1.2.0\n\n- x\n\n***\n\n## 1.1.0\n\n- y\n",
            ),
        ],
        |(before, _)| (*before).to_owned(),
        |(before, after)| released(before, after),
    );
}

/// D6, D15: how a heading above the newest version is named, and what happens to it.
#[test]
fn unreleased_has_many_names() {
    let stays = [
        "Unreleased:",
        "[Nicht veröffentlicht]",
        "[Non publié]",
        "未发布",
        "master",
        "Next",
        "main (unreleased)",
        "next / unreleased",
        "HEAD",
        "dev",
        "Upcoming release",
        "pkg (development version)",
        "Changes in HEAD",
        "Развитие (unreleased)",
    ];
    let replaced = [
        "1.3.0-dev",
        "1.3.0 - TBD",
        "1.7.0-wip",
        "v1.3.0 (unreleased)",
        "1.3.0 (not yet released)",
        "1.2.0.9000",
        "TBD - 1.3.0",
        "[1.3.0] - YYYY-MM-DD",
        "1.3.0-SNAPSHOT",
    ];
    let all = stays.iter().map(|name| (*name, true));
    let all = all.chain(replaced.iter().map(|name| (*name, false)));
    cases::run(
        all,
        |(name, _)| (*name).to_owned(),
        |(name, stays)| {
            let old = "## 1.2.0\n\n- x\n\n## 1.1.0\n\n- y\n";
            let before = format!("# Log\n\n## {name}\n\n- mine\n\n{old}");
            let sandbox = Sandbox::new();
            let repo = started(&sandbox, "CHANGELOG.md", &before);
            let viewed = format!("# Log\n\n## {name}\n\n- mine\n- A crash (#8)\n\n{old}");
            assert_eq!(repo.read("CHANGELOG.md"), viewed);
            repo.relwatch(&["release", "1.3.0", "--yes"]).ok();
            let kept = if *stays {
                format!("## {name}\n\n")
            } else {
                String::new()
            };
            let after = format!("# Log\n\n{kept}## 1.3.0\n\n- mine\n- A crash (#8)\n\n{old}");
            assert_eq!(repo.read("CHANGELOG.md"), after);
        },
    );
}

#[test]
fn a_heading_that_is_no_name_of_unreleased_is_pointed_out() {
    let sandbox = Sandbox::new();
    let text = "# Log\n\n## What comes\n\n- mine\n\n## 1.2.0\n\n- x\n\n## 1.1.0\n\n- y\n\n## Unreleased\n\n- old\n";
    let repo = started(&sandbox, "CHANGELOG.md", text);
    let status = repo.relwatch(&["status"]).ok();
    for words in [
        "CHANGELOG.md:3: `What comes` is above the newest version, but no name of the Unreleased section",
        "an Unreleased heading below a version does not count",
    ] {
        assert!(status.stderr.contains(words), "{status:?}");
    }
    let viewed = text.replace("## 1.2.0", "## Unreleased\n\n- A crash (#8)\n\n## 1.2.0");
    assert_eq!(repo.read("CHANGELOG.md"), viewed);
}

#[test]
fn a_second_name_of_unreleased_below_the_first_is_pointed_out() {
    for name in ["[Next]", "Upcoming release", "master (draft)"] {
        let sandbox = Sandbox::new();
        let text = "# Log\n\n## [Unreleased]\n\n## 1.2.0\n\n- x\n\n## 1.1.0\n\n- y\n";
        let repo = started(&sandbox, "CHANGELOG.md", text);
        let second = format!("## {name}\n\n- mine\n\n## 1.2.0");
        repo.edit("CHANGELOG.md", "## 1.2.0", &second);
        repo.sh("git commit -qam 'docs: notes'").ok();
        let refused = repo.relwatch(&["release", "--yes"]);
        let why = "CHANGELOG.md has several Unreleased headings, at lines 3 and ";
        assert!(
            refused.code != 0 && refused.stderr.contains(why),
            "{name}: {refused:?}"
        );
        assert!(repo.stored().contains(&second), "{}", repo.stored());
    }
}

#[test]
fn a_repository_may_name_unreleased_itself() {
    let sandbox = Sandbox::new();
    let old = "## [1.2.0] - 2024-01-05\n\n- x\n\n## [1.1.0] - 2024-01-01\n\n- y\n";
    let text = format!("# Log\n\n## [What comes]\n\n- mine\n\n{old}");
    let repo = started(&sandbox, "CHANGELOG.md", &text);
    repo.sh("printf '\\nunreleased: what Comes\\n' >> relwatch.yml")
        .ok();
    repo.git(&["commit", "-q", "-am", "chore: name it"]).ok();
    assert_eq!(repo.status(), "");
    assert_eq!(repo.stored(), text, "stored");
    let viewed = text.replace("- mine\n", "- mine\n- A crash (#8)\n");
    assert_eq!(repo.read("CHANGELOG.md"), viewed);
    // The merge driver reads it, too: lines of both sides, and no conflict.
    repo.sh("git switch -q -c side && sed -i 's/- mine/- mine\\n- of the side/' CHANGELOG.md && git commit -q -am 'docs: side' && git switch -q - && sed -i 's/- mine/- mine\\n- of main/' CHANGELOG.md && git commit -q -am 'docs: main' && git merge -q --no-edit side").ok();
    assert_eq!(
        repo.stored(),
        text.replace("- mine\n", "- mine\n- of main\n- of the side\n")
    );
    repo.relwatch(&["release", "1.2.1", "--yes"]).ok();
    assert_eq!(
        repo.stored(),
        format!(
            "# Log\n\n## [What comes]\n\n## [1.2.1] - 2026-01-30\n\n- mine\n- of main\n- of the side\n- A crash (#8)\n\n{old}"
        )
    );
}

#[test]
fn a_section_that_a_person_names_takes_the_lines_of_ours() {
    let sandbox = Sandbox::new();
    let text = "# Log\n\n## What comes\n\n- mine\n\n## 1.2.0\n\n- x\n";
    let repo = started(&sandbox, "CHANGELOG.md", text);
    assert!(repo.read("CHANGELOG.md").contains("## Unreleased\n"));
    repo.sh("sed -i 's/^## What comes/## Unreleased/' CHANGELOG.md")
        .ok();
    let one = text.replace("What comes", "Unreleased");
    repo.git(&["commit", "-q", "-am", "docs: name it"]).ok();
    assert_eq!((repo.stored(), repo.status()), (one.clone(), String::new()));
    let viewed = one.replace("- mine\n", "- mine\n\n### Fixed\n\n- A crash (#8)\n");
    assert_eq!(repo.read("CHANGELOG.md"), viewed);
}

#[test]
fn a_name_of_unreleased_that_is_none_is_refused() {
    let sandbox = Sandbox::new();
    let repo = started(&sandbox, "CHANGELOG.md", "# Log\n\n## 1.2.0\n\n- x\n");
    let yaml = repo.read("relwatch.yml");
    for (title, why) in [
        ("1.3.0 - TBD", "that reads as a version"),
        ("Fixed", "that is a part of a section"),
        ("'## Next'", "a title is one line, without #"),
        ("'---'", "a title has letters"),
    ] {
        repo.write("relwatch.yml", &format!("{yaml}\nunreleased: {title}\n"));
        let ran = repo.relwatch(&["status"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(why), "{ran:?}");
    }
    repo.write("relwatch.yml", &format!("{yaml}\nunreleased: Bald\n"));
    repo.relwatch(&["update"]).ok();
    let viewed = repo.read("CHANGELOG.md");
    assert!(
        viewed.contains("## Bald\n\n### Fixed\n\n- A crash (#8)\n"),
        "{viewed}"
    );
}

/// D13, D17: a section ends at the next version; levels are those of the newest sections.
#[test]
fn parts_of_a_section_may_stand_at_its_level() {
    let sandbox = Sandbox::new();
    let text = "# Log\n\n### [1.2.0](https://x/o/r/compare/v1.1.0...v1.2.0) (2024-01-05)\n\n\n### Bug Fixes\n\n* x\n\n## [1.1.0](https://x/o/r/compare/v1.0.0...v1.1.0) (2024-01-01)\n\n## What's Changed\n\n* y\n\n**Full Changelog**: z\n";
    let repo = started(&sandbox, "CHANGELOG.md", text);
    assert_eq!(
        repo.relwatch(&["notes", "1.2.0"]).ok().stdout,
        "### Bug Fixes\n\n* x\n"
    );
    assert_eq!(
        repo.relwatch(&["notes", "1.1.0"]).ok().stdout,
        "## What's Changed\n\n* y\n\n**Full Changelog**: z\n"
    );
    // A heading about one version belongs to that version, at any level, and is not a category of the next one.
    let text = "# Log\n\n### 1.2.0\n\n- x\n\n### Dependency news\n\n- y\n\n## New Contributors\n\n- z\n\n# Migrating from 1.1.0 to 1.2.0\n\n1. go\n\n### 1.1.0\n\n- y\n\n# Older ones\n\n### 1.0.0\n\n- y\n";
    let sandbox = Sandbox::new();
    let repo = started(&sandbox, "NEWS.md", text);
    assert_eq!(
        repo.relwatch(&["notes", "1.2.0"]).ok().stdout,
        "- x\n\n### Dependency news\n\n- y\n\n## New Contributors\n\n- z\n\n# Migrating from 1.1.0 to 1.2.0\n\n1. go\n"
    );
    assert_eq!(repo.relwatch(&["notes", "1.1.0"]).ok().stdout, "- y\n");
    // The oldest version has the same parts as the others, and so has the next one.
    let old = "# 1.2.0\n\n# New\n\n- x\n\n# Repairs\n\n- x\n\n# 1.1.0 to 1.2.0 migration guide\n\ngo\n\n# 1.1.0\n\n# New\n\n- y\n\n# Repairs\n\n- z\n\n# 1.0.0\n\n# New\n\n- first\n\n# Repairs\n\n- none\n";
    let sandbox = Sandbox::new();
    let repo = started(&sandbox, "NEWS.md", old);
    for (version, notes) in [
        (
            "1.2.0",
            "# New\n\n- x\n\n# Repairs\n\n- x\n\n# 1.1.0 to 1.2.0 migration guide\n\ngo\n",
        ),
        ("1.1.0", "# New\n\n- y\n\n# Repairs\n\n- z\n"),
        ("1.0.0", "# New\n\n- first\n\n# Repairs\n\n- none\n"),
    ] {
        assert_eq!(repo.relwatch(&["notes", version]).ok().stdout, notes);
    }
    repo.commit("feat: dates (#9)");
    repo.relwatch(&["release", "1.3.0", "--yes"]).ok();
    let released_now = repo.read("NEWS.md");
    assert!(
        released_now.starts_with("# 1.3.0\n\n# New\n\n"),
        "{released_now}"
    );
    assert!(released_now.ends_with(old), "{released_now}");
    let old = "#### Added\n\n- x\n";
    released(
        &format!("# Log\n\n## 1.2.0\n\n{old}\n# 1.1.0\n\n## Added\n\n- y\n"),
        &format!(
            "# Log\n\n## 1.2.1\n\n#### Fixed\n\n- A crash (#8)\n\n## 1.2.0\n\n{old}\n# 1.1.0\n\n## Added\n\n- y\n"
        ),
    );
}

/// D18, D19: link definitions in the form of the existing ones.
#[test]
fn definitions_are_those_of_the_file() {
    let file = |top: &str, heading: &str, links: &str| {
        format!(
            "# Log\n\n{top}## {heading}\n\n### Fixed\n\n- x\n\n## [1.1.0]\n\n### Added\n\n- y\n\n{links}"
        )
    };
    let x = "https://example.org/o/r";
    cases::run(
        [
            (
                format!(
                    "[unreleased]: {x}/compare/1.2.0...main\n[1.2.0]: {x}/releases/tag/1.2.0\n[1.1.0]: {x}/releases/tag/1.1.0\n"
                ),
                format!(
                    "[unreleased]: {x}/compare/v1.2.1...main\n[1.2.1]: {x}/releases/tag/1.2.1\n[1.2.0]: {x}/releases/tag/1.2.0\n[1.1.0]: {x}/releases/tag/1.1.0\n"
                ),
            ),
            (
                format!(
                    "[1.2.0]: {x}/compare/v1.1.0...v1.2.0\n[1.1.0]: {x}/compare/v1.0.0...v1.1.0\n"
                ),
                format!(
                    "[Unreleased]: {x}/compare/v1.2.1...HEAD\n[1.2.1]: {x}/compare/v1.2.0...v1.2.1\n[1.2.0]: {x}/compare/v1.1.0...v1.2.0\n[1.1.0]: {x}/compare/v1.0.0...v1.1.0\n"
                ),
            ),
            (String::new(), String::new()),
        ],
        |(before, _)| before.clone(),
        |(before, after)| {
            let top = "## [Unreleased]\n\n";
            let new = "## [1.2.1]\n\n### Fixed\n\n- A crash (#8)\n\n";
            released(
                &file(top, "[1.2.0]", before),
                &file(&format!("{top}{new}"), "[1.2.0]", after),
            );
        },
    );
}

/// C15: the text of a template is not part of a release.
#[test]
fn placeholders_and_empty_categories_stay_in_unreleased() {
    let template = "### Added\n\n- Nothing yet.\n\n### Fixed\n\n- None.\n\n### Security\n\n";
    let old = "## [1.2.0]\n\n### Fixed\n\n- x\n";
    released(
        &format!("# Log\n\n## [Unreleased]\n\n{template}{old}"),
        &format!(
            "# Log\n\n## [Unreleased]\n\n{template}## [1.2.1]\n\n### Fixed\n\n- A crash (#8)\n\n{old}"
        ),
    );
}

/// D8, D9: files of other names, and other markup.
#[test]
fn a_changelog_of_another_name_is_used() {
    cases::run(
        [
            "CHANGES.md",
            "HISTORY.md",
            "NEWS.md",
            "changelog.md",
            "docs/CHANGELOG.md",
            "Changes",
            "RELEASES.md",
        ],
        |name| (*name).to_owned(),
        |name| {
            let sandbox = Sandbox::new();
            let text = "# Log\n\n## 1.2.0\n\n- x\n\n## 1.1.0\n\n- y\n";
            let repo = started(&sandbox, name, text);
            assert_eq!(
                repo.read(name),
                text.replace("## 1.2.0", "## Unreleased\n\n- A crash (#8)\n\n## 1.2.0")
            );
            assert!(
                repo.read("relwatch.yml")
                    .contains(&format!("changelog: {name}\n"))
            );
            let files = repo.git(&["ls-files"]).ok().stdout;
            let is_changelog = |line: &&str| line.to_lowercase().contains("changelog");
            let others = files
                .lines()
                .filter(is_changelog)
                .filter(|line| line != name);
            assert_eq!(others.count(), 0, "{files}");
        },
    );
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit_file("CHANGES.rst", "1.2.0\n=====\n\n- x\n", "chore: start");
    let ran = repo.relwatch(&["init"]).ok();
    assert!(
        ran.stdout.contains("CHANGES.rst is reStructuredText"),
        "{ran:?}"
    );
    repo.write("relwatch.yml", "changelog: CHANGES.rst\n");
    let ran = repo.relwatch(&["status"]).code(2);
    assert!(
        ran.stderr
            .contains("CHANGES.rst is reStructuredText; relwatch reads and writes Markdown"),
        "{ran:?}"
    );
    assert_eq!(repo.read("CHANGES.rst"), "1.2.0\n=====\n\n- x\n");
}

/// D14, D20: the versions in the file decide.
#[test]
fn nothing_is_released_below_a_version_of_the_file_that_has_no_tag() {
    let sandbox = Sandbox::new();
    let text = "# Log\n\n## 2.0.0 \"Moon\"\n\n- z\n\n## 1.2.0\n\n- x\n";
    let repo = started(&sandbox, "CHANGELOG.md", text);
    // With a date like the others, or with nothing after the version, they would be the notes of the next release.
    repo.write("CHANGELOG.md", &text.replace("1.2.0", "1.2.0 - 2024-01-05"));
    repo.git(&["commit", "-q", "-am", "docs: a date"]).ok();
    let ran = repo.relwatch(&["release", "--yes"]).code(3);
    assert!(
        ran.stderr
            .contains("CHANGELOG.md:3 has 2.0.0, which is newer than 1.2.1 and has no tag"),
        "{ran:?}"
    );
    let skip = [
        "release",
        "--yes",
        "--skip-check",
        "section",
        "--reason",
        "never published",
    ];
    repo.relwatch(&skip).ok();
    assert!(
        repo.git(&["cat-file", "tag", "v1.2.1"])
            .ok()
            .stdout
            .contains("Check-Skipped: section: never published")
    );
}

#[test]
fn a_file_that_cannot_be_understood_is_left_alone() {
    let sandbox = Sandbox::new();
    let text = "Changes\n\n* 1.2.0\n  * x\n* 1.1.0\n  * y\n";
    let repo = sandbox.repo("r");
    repo.commit_file("CHANGELOG.md", text, "chore: start");
    let ran = repo.relwatch(&["init"]);
    assert!(
        ran.code != 0
            && ran.stderr.contains(
                "CHANGELOG.md:3 looks like a version, but no heading of CHANGELOG.md names one"
            ),
        "{ran:?}"
    );
    assert_eq!(repo.read("CHANGELOG.md"), text);
}
