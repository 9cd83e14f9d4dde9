//! Release notes written by hand before the release: with a date, with `TBD`, as `(unreleased)`, or under a heading that a script of the
//! project leaves for them.

#![cfg(unix)]

use crate::support::{Repo, Sandbox, adopted, commit_all, configure, says, with_remote};

const START: &str =
    "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n### Added\n\n- Light\n";

/// Three changes since 0.1.0; `section` in the place of the Unreleased heading, committed.
fn with_section<'s>(sandbox: &'s Sandbox, section: &str) -> Repo<'s> {
    let repo = adopted(sandbox, "CHANGELOG.md", START, &["v0.1.0"]);
    repo.commit("feat: network autodiscovery (#123)");
    repo.commit("fix: memory leak in request queue (#128)");
    repo.commit("feat: response streaming (#167)");
    let (head, rest) = START.split_once("## [Unreleased]\n\n").unwrap();
    repo.write("CHANGELOG.md", &format!("{head}{section}\n\n{rest}"));
    commit_all(&repo, "docs: notes of the release");
    repo
}

/// The stored text above 0.1.0, below the title of the file.
fn stored(repo: &Repo<'_>) -> String {
    let stored = repo.stored();
    let (above, _) = stored.split_once("## [0.1.0]").unwrap();
    above.replace("# Changelog\n\n", "").trim_end().to_owned()
}

const ALL: &str = "### Added\n\n- Network autodiscovery (#123)\n- Response streaming (#167)\n\n### Fixed\n\n- Memory leak in request queue (#128)";

#[test]
fn a_heading_with_a_version_and_no_date_is_unreleased_and_names_the_version() {
    for heading in [
        "## [0.3.0] - TBD",
        "## [0.3.0] - Unreleased",
        "## 0.3.0 (unreleased)",
        "## [0.3.0] - YYYY-MM-DD",
        "## [Unreleased]\n\n## [0.3.0] - TBD",
    ] {
        let sandbox = Sandbox::new();
        let repo = with_section(&sandbox, heading);
        says(
            &repo.relwatch(&["status"]).ok(),
            &["next version: 0.3.0 (minor; CHANGELOG.md "],
        );
        let released = repo.relwatch(&["release", "--yes"]).ok();
        assert_eq!(released.stderr, "", "{heading}");
        let above = if heading.starts_with("## [Unreleased]") {
            "## [Unreleased]\n\n"
        } else {
            ""
        };
        assert_eq!(
            stored(&repo),
            format!("{above}## [0.3.0] - 2026-01-30\n\n{ALL}"),
            "{heading}"
        );
        assert_eq!(
            (repo.status(), repo.section()),
            (String::new(), String::new())
        );
    }
}

#[test]
fn a_heading_without_a_date_that_is_one_is_dated() {
    let headings = [
        // No date, or a planned one.
        "[0.3.0] - 2026-XX-XX",
        "[0.3.0] - 2026-MM-DD",
        "[0.3.0] - 2026-??",
        "[0.3.0] - 2026-13-45",
        "[0.3.0] - XX February 2026",
        "[0.3.0] - 2026-01-30 - TBD",
        "[0.3.0] - Unreleased (planned 2026-12-24)",
        "[0.3.0] - 2026-12-24 (not yet released)",
        // Nothing, in a file that dates its versions.
        "0.3.0",
        "v0.3.0",
        "Release 0.3.0",
        "[0.3.0](https://example.org/o/r/2026-01-01)",
        // Words.
        "[0.3.0] - DATE",
        "[0.3.0] - <date>",
        "[0.3.0] - soon",
        "[0.3.0] - TBD [draft]",
        "[0.3.0] - Release date: TBD",
        "0.3.0 (yet to be released)",
        "[0.3.0] - Nicht veröffentlicht",
        "[0.3.0] - 未リリース",
        // Names that package managers use for versions in preparation.
        "0.3.0.dev0",
        "0.3.0-SNAPSHOT",
        "[0.3.0-dev]",
    ];
    for heading in headings {
        let sandbox = Sandbox::new();
        let section = format!("## [Unreleased]\n\n## {heading}\n\n### Added\n\n- By hand (#123)");
        let repo = with_section(&sandbox, &section);
        says(
            &repo.relwatch(&["status"]).ok(),
            &["next version: 0.3.0 (minor; CHANGELOG.md has its notes)"],
        );
        repo.relwatch(&["release", "--yes"]).ok();
        let notes = ALL.replace("Network autodiscovery", "By hand");
        assert_eq!(
            stored(&repo),
            format!("## [Unreleased]\n\n## [0.3.0] - 2026-01-30\n\n{notes}"),
            "{heading}"
        );
        assert_eq!(repo.status(), "");
    }
    // A text that may be a date stays, and so does a name, which may have no date yet.
    for heading in ["[0.3.0] - 2026-30-01", "[0.3.0] - January 2026"] {
        let sandbox = Sandbox::new();
        let section = format!("## [Unreleased]\n\n## {heading}\n\n- All");
        let repo = with_section(&sandbox, &section);
        repo.relwatch(&["release", "--yes"]).ok();
        assert_eq!(stored(&repo), section);
    }
    let sandbox = Sandbox::new();
    let repo = with_section(&sandbox, "## [Unreleased]\n\n## [0.2.0] - Firefly\n\n- All");
    says(
        &repo.relwatch(&["release", "--yes"]).code(3),
        &[
            "CHANGELOG.md:5 already has a section for 0.2.0; give it a date, or write TBD behind the version",
        ],
    );
}

#[test]
fn of_several_versions_in_preparation_the_lowest_is_next() {
    let plans = "## [2.0.0] - TBD\n\n- Plans";
    for (dated, asked) in [("TBD", ""), ("TBD", "0.2.0"), ("2026-01-30", "")] {
        let sandbox = Sandbox::new();
        let lower = format!("## [0.2.0] - {dated}\n\n- Autodiscovery (#123)");
        let section = format!("## [Unreleased]\n\n{plans}\n\n{lower}");
        let repo = with_section(&sandbox, &section);
        says(
            &repo.relwatch(&["status"]).ok(),
            &["next version: 0.2.0 (minor; CHANGELOG.md has its notes)"],
        );
        let refused = repo.relwatch(&["release", "--yes", "2.0.0"]).code(3);
        says(
            &refused,
            &[
                "CHANGELOG.md:9 has the notes of 0.2.0, which is older than 2.0.0 and not released; run `relwatch release 0.2.0` first, or move its lines to 2.0.0, or give --skip-check section --reason TEXT",
            ],
        );
        let args = ["release", "--yes", "--add-missing", asked];
        let args: Vec<&str> = args.into_iter().filter(|word| !word.is_empty()).collect();
        repo.relwatch(&args).ok();
        assert_eq!(
            stored(&repo),
            format!(
                "## [Unreleased]\n\n{plans}\n\n## [0.2.0] - 2026-01-30\n\n- Autodiscovery (#123)\n\n### Added\n\n- Response streaming (#167)\n\n### Fixed\n\n- Memory leak in request queue (#128)"
            ),
            "{dated} {asked}"
        );
        says(
            &repo.relwatch(&["status"]).ok(),
            &["next version: 2.0.0 (major; CHANGELOG.md has its notes)"],
        );
        assert_eq!(repo.status(), "");
    }
    let sandbox = Sandbox::new();
    let section = format!("## [Unreleased]\n\n{plans}\n\n## [0.2.0] - TBD\n\n- Early (#123)");
    let repo = with_section(&sandbox, &section);
    let skip = ["--skip-check", "section", "--reason", "it was given up"];
    repo.relwatch(&[&["release", "--yes", "2.0.0"][..], &skip].concat())
        .ok();
    let notes = repo.relwatch(&["notes", "2.0.0"]).ok().stdout;
    assert!(notes.starts_with("- Plans\n"), "{notes}");
}

#[test]
fn typed_empty_categories_over_gits_own_text_leave_nothing_out() {
    let typed = "## [Unreleased]\n\n### Added\n\n### Fixed\n\n### Security";
    let sandbox = Sandbox::new();
    let repo = adopted(&sandbox, "CHANGELOG.md", START, &["v0.1.0"]);
    repo.commit("feat: network autodiscovery (#123)");
    repo.commit("fix: memory leak in request queue (#128)");
    repo.commit("feat: response streaming (#167)");
    repo.write("CHANGELOG.md", &START.replace("## [Unreleased]", typed));
    says(
        &repo.git(&["commit", "-qam", "docs: categories"]).ok(),
        &["relwatch skip"],
    );
    assert_eq!(stored(&repo), typed);
    let viewed = repo.read("CHANGELOG.md");
    assert!(
        viewed.contains(&format!("{ALL}\n\n### Security\n")),
        "{viewed}"
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn a_heading_that_waits_for_notes_gets_them() {
    for body in [
        "",
        "\n\n### Added\n\n### Changed\n\n### Fixed",
        "\n\n### Added\n\n- TBD\n\n### Changed\n\n- TBD\n\n### Fixed\n\n- TBD",
        "\n\n### Added\n\n- \n\n### Security\n\n- TODO",
        "\n\n### Added\n\n- ...\n\n### Security\n\n* …\n- ???",
        "\n\n<!-- notes go here -->",
        "\n\nTBD",
    ] {
        let sandbox = Sandbox::new();
        let section = format!("## [Unreleased]\n\n## [0.2.0] - 2026-01-30{body}");
        let repo = with_section(&sandbox, &section);
        let released = repo.relwatch(&["release", "--yes", "0.2.0"]).ok();
        assert_eq!(released.stderr, "", "{body}");
        let after = stored(&repo).replace("<!-- notes go here -->\n\n", "");
        assert_eq!(
            after,
            format!("## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n{ALL}"),
            "{body}"
        );
    }
}

#[test]
fn dated_notes_are_taken_as_they_are() {
    let sandbox = Sandbox::new();
    let notes = "## [0.2.0] - 2026-01-28\n\nThe one with the network.\n\n### Added\n- Autodiscovery over mDNS (#123)\n- Response streaming\n\n### Changed\n- TBD";
    let repo = with_section(&sandbox, notes);
    let plan = repo.relwatch(&["release", "--dry-run"]).ok();
    says(
        &plan,
        &[
            "release 0.2.0 on main",
            "CHANGELOG.md dates 0.2.0 with 2026-01-28, which is not today; it stays so",
            "1 change is not named in the notes of 0.2.0 in CHANGELOG.md: Memory leak in request queue (#128); --add-missing adds them",
        ],
    );
    repo.relwatch(&["release", "--yes", "--add-missing"]).ok();
    assert_eq!(
        stored(&repo),
        "## [0.2.0] - 2026-01-28\n\nThe one with the network.\n\n### Added\n- Autodiscovery over mDNS (#123)\n- Response streaming\n\n### Fixed\n\n- Memory leak in request queue (#128)"
    );
    let notes = repo.relwatch(&["notes", "0.2.0"]).ok().stdout;
    assert!(notes.starts_with("The one with the network."), "{notes}");
}

#[test]
fn a_version_that_is_too_low_waits_until_somebody_names_one() {
    let sandbox = Sandbox::new();
    let repo = with_section(&sandbox, "## [0.1.1] - TBD\n\n### Fixed\n\n- By hand");
    let refused = "CHANGELOG.md has 0.1.1, but the changes ask for 0.2.0 (feature: Network autodiscovery (#123)); run `relwatch release 0.2.0` or `relwatch release 0.1.1`";
    says(&repo.relwatch(&["release", "--yes"]).code(3), &[refused]);
    says(&repo.relwatch(&["check"]).code(3), &[refused]);
    repo.relwatch(&["status"]).ok();
    repo.relwatch(&["release", "--yes", "0.2.0"]).ok();
    assert!(stored(&repo).starts_with("## [0.2.0] - 2026-01-30\n"));

    let sandbox = Sandbox::new();
    let dated = "## [0.1.1] - 2026-01-30\n\n### Added\n\n- Autodiscovery (#123)\n- Streaming (#167)\n\n### Fixed\n\n- A leak (#128)";
    let repo = with_section(&sandbox, dated);
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    says(
        &refused,
        &[
            "CHANGELOG.md has 0.1.1, but the changes ask for 0.2.0 (feature: Autodiscovery (#123)); put 0.2.0 into that heading, or run `relwatch release 0.1.1`",
        ],
    );
    assert_eq!(
        refused.stderr.matches("0.1.1, ").count(),
        1,
        "{}",
        refused.stderr
    );
    repo.relwatch(&["release", "--yes", "0.1.1"]).ok();
    assert_eq!(stored(&repo), dated);

    // A heading written in advance by a tool does not decide the version.
    for above in ["", "## [Unreleased]\n\n"] {
        let sandbox = Sandbox::new();
        let repo = with_section(&sandbox, &format!("{above}## 0.1.1-dev"));
        repo.relwatch(&["release", "--yes"]).ok();
        assert_eq!(
            stored(&repo),
            format!("{above}## [0.2.0] - 2026-01-30\n\n{ALL}")
        );
    }
}

#[test]
fn edits_of_the_changelog_alone_are_committed_first() {
    let sandbox = Sandbox::new();
    let repo = adopted(&sandbox, "CHANGELOG.md", START, &["v0.1.0"]);
    repo.commit("feat: streaming (#1)");
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]",
        "## [Unreleased]\n\n## [0.2.0] - 2026-01-30",
    );
    let command = "git commit -m \"docs: changelog\" CHANGELOG.md";
    says(&repo.relwatch(&["check"]).code(3), &[command]);
    says(
        &repo.relwatch(&["release", "--dry-run"]).code(3),
        &[command],
    );
    says(
        &repo.relwatch(&["release", "--yes"]).ok(),
        &["committed: CHANGELOG.md", "released 0.2.0"],
    );
    let titles = repo.git(&["log", "-2", "--format=%s"]).ok().stdout;
    assert_eq!(titles, "chore(release): v0.2.0\ndocs: changelog\n");
    assert_eq!(
        stored(&repo),
        "## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n### Added\n\n- Streaming (#1)"
    );
    // Hand-written text stays when the release is undone, and nothing is committed with other files.
    repo.relwatch(&["undo", "--yes"]).ok();
    assert!(stored(&repo).contains("## [0.2.0] - 2026-01-30"));
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]",
        "## [Unreleased]\n\nWords.",
    );
    repo.write("other", "");
    repo.git(&["add", "other"]).ok();
    repo.relwatch(&["release", "--yes"]).code(3);
}

#[test]
fn notes_come_from_a_file_that_somebody_wrote_from_all_there_is() {
    let sandbox = Sandbox::new();
    let repo = with_section(
        &sandbox,
        "## [Unreleased]\n\n### Changed\n\n- Email sending respects cancellation",
    );
    repo.commit("refactor: split the handler");
    repo.commit("Tidy up");
    let json = repo.relwatch(&["notes", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["previous"], "v0.1.0");
    assert_eq!(
        json["hand_written"][0]["text"],
        "Email sending respects cancellation"
    );
    let told = &json["commits"]["refactor"][0];
    assert_eq!(told["subject"], "refactor: split the handler");
    assert_eq!(told["not_listed"], "`refactor` is not listed");
    assert_eq!(json["commits"]["other"][0]["subject"], "Tidy up");
    assert_eq!(json["commits"]["feat"].as_array().unwrap().len(), 2);

    let release = |file: &str, more: &[&str]| {
        let args = ["release", "0.2.0", "--notes-file", file];
        repo.relwatch(&[&args, more].concat())
    };
    repo.write(".git/empty", "\n");
    repo.sh("printf '\\377\\n' > .git/odd").ok();
    for (file, why) in [
        (".git/none", "is not there"),
        (".git/empty", "is empty"),
        (".git/odd", "is not UTF-8"),
    ] {
        says(&release(file, &["--yes"]).code(2), &[why]);
    }
    let notes = "### Added\n\n- The network finds itself (#123)\n- Streaming (#167)\n\n### Changed\n\n- Email sending respects cancellation";
    repo.write(".git/notes", notes);
    let dry = release(".git/notes", &["--dry-run"]).ok();
    says(
        &dry,
        &[
            "+- The network finds itself (#123)",
            "not in your notes, but in the release: Memory leak in request queue (#128)",
        ],
    );
    let before = repo.head();
    release(".git/notes", &["--yes"]).ok();
    assert_eq!(
        stored(&repo),
        format!("## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n{notes}")
    );
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!((repo.head(), repo.status()), (before, String::new()));
}

#[test]
fn the_question_offers_to_add_what_the_notes_do_not_name() {
    let sandbox = Sandbox::new();
    let dated =
        "## [0.2.0] - 2026-01-30\n\n### Added\n\n- Autodiscovery (#123)\n- Streaming (#167)";
    let repo = with_section(&sandbox, dated);
    let mut shell = repo.driven("relwatch", &["release"]);
    shell.press(
        "",
        "- Memory leak in request queue (#128)\r\n1 change is not named in the notes; add them? [y/N] ",
    );
    shell.press(
        "y\n",
        "- Memory leak in request queue (#128)\r\n\r\nrelease 0.2.0? [y/N] ",
    );
    shell.end("y\n");
    assert_eq!(
        stored(&repo),
        format!("{dated}\n\n### Fixed\n\n- Memory leak in request queue (#128)")
    );
}

#[test]
fn a_placeholder_above_the_view_lets_no_generated_line_into_git() {
    for stored_heading in [true, false] {
        let sandbox = Sandbox::new();
        let start = if stored_heading {
            START.to_owned()
        } else {
            START.replace("## [Unreleased]\n\n", "")
        };
        let repo = adopted(&sandbox, "CHANGELOG.md", &start, &["v0.1.0"]);
        repo.commit("feat: connectors (#12)");
        // As scripts do: above the first line that begins with `## [`.
        let text = repo.read("CHANGELOG.md");
        let at = text.find("## [").unwrap();
        let placeholder = "## [0.2.0] - 2026-01-30\n\n### Added\n- \n\n### Fixed\n- \n\n";
        let (before, after) = text.split_at(at);
        repo.write("CHANGELOG.md", &format!("{before}{placeholder}{after}"));
        repo.git(&["commit", "-qam", "chore(release): bump version to 0.2.0"])
            .ok();
        assert!(!repo.stored().contains("Connectors"), "{}", repo.stored());
        assert_eq!(repo.status(), "");
        repo.relwatch(&["release", "--yes"]).ok();
        let heading = if stored_heading {
            "## [Unreleased]\n\n"
        } else {
            ""
        };
        assert_eq!(
            stored(&repo),
            format!("{heading}## [0.2.0] - 2026-01-30\n\n### Added\n- Connectors (#12)")
        );
        assert_eq!(
            repo.stored().matches("nreleased").count(),
            usize::from(stored_heading)
        );
        assert_eq!(repo.status(), "");
    }
}

#[test]
fn the_first_release_takes_its_notes_too() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: keep");
    repo.commit("feat: search (#20)");
    let notes = "## [0.1.0] - 2026-01-30\n\n### Added\n\n- Search, at last (#20)";
    repo.write(
        "CHANGELOG.md",
        &format!("# Changelog\n\n## [Unreleased]\n\n{notes}\n"),
    );
    commit_all(&repo, "docs: notes");
    says(
        &repo.relwatch(&["status"]).ok(),
        &["next version: 0.1.0 (minor; CHANGELOG.md has its notes)"],
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(repo.stored().contains(notes), "{}", repo.stored());
    assert_eq!(repo.stored().matches("#20").count(), 1);
}

#[test]
fn a_pre_release_tells_the_notes_of_its_version() {
    let sandbox = Sandbox::new();
    let dated = "## [0.2.0] - 2026-01-30\n\n### Added\n\n- It finds its network (#123)\n- Streaming (#167)\n- A leak (#128)";
    let repo = with_section(&sandbox, dated);
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    let tag = repo
        .git(&["tag", "-l", "--format=%(contents:body)", "v0.2.0-rc.1"])
        .ok()
        .stdout;
    assert!(tag.contains("- It finds its network (#123)"), "{tag}");
    assert_eq!(stored(&repo), dated);
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(stored(&repo), dated);
}

#[test]
fn a_squashed_release_with_notes_by_hand_is_tagged_where_it_was_merged() {
    for (manifest, placeholder) in [("", ""), ("", "\n\n### Fixed"), ("manifest: ''\n", "")] {
        let sandbox = Sandbox::new();
        let repo = with_remote(&sandbox, "r");
        repo.write(
            "Cargo.toml",
            "[package]\nname = \"r\"\nversion = \"0.1.0\"\n",
        );
        configure(&repo, &format!("push: {{mode: pull-request}}\n{manifest}"));
        repo.commit("feat: dim (#1)");
        let notes = format!(
            "## [0.2.0] - 2026-01-30\n\n### Added\n\n- Dimmed (#1){placeholder}\n\n## [0.1.0]"
        );
        let text = repo.stored().replacen("## [0.1.0]", &notes, 1);
        repo.write("CHANGELOG.md", &text);
        commit_all(&repo, "docs: notes");
        repo.git(&["push", "-q"]).ok();
        repo.relwatch(&["release", "--push", "--yes"]).ok();
        repo.sh("git fetch -q && git merge -q --squash origin/release/v0.2.0 && git commit -qm 'Release (#7)' && git push -q").ok();
        repo.relwatch(&["release", "--finish", "--push"]).ok();
        let tagged = repo
            .git(&["log", "-1", "--format=%s", "v0.2.0"])
            .ok()
            .stdout;
        assert_eq!(tagged, "Release (#7)\n", "{manifest}{placeholder}");
    }
}
