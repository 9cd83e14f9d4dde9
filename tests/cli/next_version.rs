//! The next version, the reason for it, and the versions that the user may request instead.

#![cfg(unix)]

use crate::support::{Repo, Sandbox, cases, configure, project, says, set_up};

/// A repository that has released this version, with relwatch set up.
fn released<'s>(sandbox: &'s Sandbox, version: &str) -> Repo<'s> {
    let repo = sandbox.repo("r");
    repo.commit_file("src/main.c", "1\n", "chore: start");
    let tag = format!("v{version}");
    repo.git(&["tag", "-a", &tag, "-m", &tag]).ok();
    set_up(&repo);
    repo
}

/// `1.2.0 (minor; feature: …)`, as in the output of `status`, and its remarks.
fn next(repo: &Repo<'_>) -> (String, Vec<String>) {
    let ran = repo.relwatch(&["status", "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let next = &json["next"];
    if next.is_null() {
        return ("none".to_owned(), Vec::new());
    }
    let word = |key: &str| next[key].as_str().unwrap().to_owned();
    let said = format!(
        "{} ({}; {})",
        word("version"),
        word("level"),
        word("because")
    );
    let remarks = next["remarks"].as_array().unwrap().iter();
    let remarks = remarks.map(|remark| remark.as_str().unwrap().to_owned());
    (said, remarks.collect())
}

/// Asserts the output of `status`, and that a release would have that version.
fn is_next(repo: &Repo<'_>, expected: &str) -> Vec<String> {
    let (said, remarks) = next(repo);
    assert_eq!(said, expected);
    let version = expected.split(' ').next().unwrap();
    let plan = repo.relwatch(&["release", "--dry-run"]);
    match version {
        "none" => says(&plan.code(6), &["nothing to release"]),
        version => says(&plan.ok(), &[&format!("release {version} on main")]),
    }
    remarks
}

#[test]
fn commits_raise_the_version_by_what_is_known_of_them() {
    // The previous release, the file that the commit touches, its message, and the next version.
    let table = [
        (
            "1.0.0",
            "src/a.c",
            "feat: a (#1)",
            "1.1.0 (minor; feature: A (#1))",
        ),
        (
            "1.0.0",
            "src/a.c",
            "fix: a (#1)",
            "1.0.1 (patch; fixes and changes only)",
        ),
        (
            "1.0.0",
            "src/a.c",
            "feat!: a (#1)",
            "2.0.0 (major; breaking: A (#1))",
        ),
        (
            "0.5.0",
            "src/a.c",
            "feat!: a (#1)",
            "0.6.0 (minor; breaking: A (#1))",
        ),
        // Words alone.
        (
            "1.0.0",
            "src/a.c",
            "Add a flag (#1)",
            "1.1.0 (minor; feature: Add a flag (#1))",
        ),
        (
            "1.0.0",
            "src/a.c",
            "Remove stray output (#1)",
            "1.0.1 (patch; fixes and changes only)",
        ),
        (
            "1.0.0",
            "src/a.c",
            "Drop an old helper (#1)",
            "1.0.1 (patch; fixes and changes only)",
        ),
        (
            "1.0.0",
            "docs/a.md",
            "Add a page (#1)",
            "1.0.1 (patch; fixes and changes only)",
        ),
        (
            "1.0.0",
            ".github/workflows/a.yml",
            "Add a job (#1)",
            "1.0.1 (patch; fixes and changes only)",
        ),
        (
            "1.0.0",
            "tests/a.c",
            "Add a test (#1)",
            "1.0.1 (patch; fixes and changes only)",
        ),
        ("1.0.0", "CHANGELOG.md", "Add new changelog (#1)", "none"),
        (
            "1.0.0",
            "docs/a.md",
            "feat: a page (#1)",
            "1.1.0 (minor; feature: A page (#1))",
        ),
        // Declared removals.
        (
            "1.0.0",
            "src/a.c",
            "feat: remove v1 endpoints (#1)\n\nChangelog: removed",
            "2.0.0 (major; removal: Remove v1 endpoints (#1))",
        ),
        (
            "1.0.0",
            "src/a.c",
            "remove: v1 endpoints (#1)",
            "2.0.0 (major; removal: v1 endpoints (#1))",
        ),
        (
            "0.5.0",
            "src/a.c",
            "feat: remove v1 endpoints (#1)\n\nChangelog: removed",
            "0.6.0 (minor; removal: Remove v1 endpoints (#1))",
        ),
    ];
    cases::run(
        table,
        |(last, file, message, _)| format!("{last} {file} {message}"),
        |(last, file, message, expected)| {
            let sandbox = Sandbox::new();
            let repo = released(&sandbox, last);
            let before = if repo.exists(file) {
                repo.read(file)
            } else {
                String::new()
            };
            repo.commit_file(file, &format!("{before}\nMore.\n"), message);
            let remarks = is_next(&repo, expected);
            let is_removal = message.starts_with("Remove ") || message.starts_with("Drop ");
            assert_eq!(remarks.len(), usize::from(is_removal), "{remarks:?}");
        },
    );
}

#[test]
fn what_looks_like_a_removal_is_pointed_out() {
    let sandbox = Sandbox::new();
    let repo = released(&sandbox, "1.0.0");
    repo.commit("Remove the v1 API (#1)");
    let remark = "`Remove the v1 API (#1)` looks like a removal, by the first word alone; the release stays a patch one. If users lose something, write its line below `### Removed` in CHANGELOG.md";
    assert_eq!(next(&repo).1, [remark]);
    says(&repo.relwatch(&["release", "--dry-run"]).ok(), &[remark]);
    let shown = repo.on_terminal(400, &["status"], &[]);
    assert!(shown.contains("looks like a removal"), "{shown}");
    // As the message suggests.
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Removed\n\n- The v1 API (#1)\n",
    );
    repo.git(&["commit", "-qam", "docs: notes"]).ok();
    let remarks = is_next(&repo, "2.0.0 (major; removal: The v1 API (#1))");
    assert!(remarks.is_empty(), "{remarks:?}");
}

#[test]
fn a_maintenance_line_stays_below_the_next_one() {
    let fix = "fixes and changes only";
    let table = [
        (
            "1.25.0",
            "v1.26.0 v1.27.0 v1.28.0",
            "fix: a (#1)",
            format!("1.25.1 (patch; {fix})"),
        ),
        (
            "1.25.0",
            "v1.26.0 v1.28.0",
            "feat: a (#1)",
            "1.25.1 (patch; feature: A (#1); 1.25.x stays below 1.26.0, which is tagged)"
                .to_owned(),
        ),
        (
            "1.5.2",
            "v2.0.0 v2.1.0",
            "feat: a (#1)",
            "1.6.0 (minor; feature: A (#1))".to_owned(),
        ),
        (
            "1.5.2",
            "v2.0.0",
            "feat!: a (#1)",
            "1.6.0 (minor; breaking: A (#1); 1.x stays below 2.0.0, which is tagged)".to_owned(),
        ),
        // A pre-release elsewhere begins no line.
        (
            "1.5.2",
            "v2.0.0-rc.1",
            "feat!: a (#1)",
            "2.0.0 (major; breaking: A (#1))".to_owned(),
        ),
    ];
    cases::run(
        table,
        |(last, tags, message, _)| format!("{last} {tags} {message}"),
        |(last, tags, message, expected)| {
            let sandbox = Sandbox::new();
            let repo = released(&sandbox, last);
            let elsewhere = format!(
                "for tag in {tags}; do git tag $tag $(git commit-tree -m $tag HEAD^{{tree}}); done"
            );
            repo.sh(&elsewhere).ok();
            repo.commit(message);
            let remarks = is_next(&repo, expected);
            let is_squeezed = expected.contains("breaking") && expected.contains("stays");
            assert_eq!(remarks.len(), usize::from(is_squeezed), "{remarks:?}");
        },
    );

    // The user may request another version, as long as it is free.
    let sandbox = Sandbox::new();
    let repo = released(&sandbox, "1.25.0");
    repo.sh("git tag v1.26.0 $(git commit-tree -m x HEAD^{tree})")
        .ok();
    repo.commit("feat: a (#1)");
    let refused = repo.relwatch(&["release", "minor", "--yes"]).code(3);
    says(
        &refused,
        &[
            "the next minor version after 1.25.0, 1.26.0, is tagged already; `relwatch release 1.25.1` releases the next version of this line",
        ],
    );
    for (asked, expected) in [
        ("patch", "1.25.1"),
        ("major", "2.0.0"),
        ("1.27.0", "1.27.0"),
    ] {
        let plan = repo.relwatch(&["release", asked, "--dry-run"]).ok();
        says(&plan, &[&format!("release {expected} on main")]);
    }
}

#[test]
fn releases_that_are_called_by_their_month_go_on_so() {
    let table = [
        (
            "25.10.0=2025-10-02 25.11.0=2025-11-08 25.12.0=2025-12-29",
            "feat!: a (#1)",
            "26.1.0 (major; breaking: A (#1); releases are called by their month)",
        ),
        (
            "25.10.0=2025-10-02 25.12.0=2025-12-29 26.1.0=2026-01-03",
            "feat: a (#1)",
            "26.1.1 (patch; feature: A (#1); releases are called by their month)",
        ),
        (
            "1.10.0=2025-10-02 1.11.0=2025-11-08 1.12.0=2025-12-29",
            "feat: a (#1)",
            "1.13.0 (minor; feature: A (#1))",
        ),
    ];
    cases::run(
        table,
        |(tags, ..)| *tags,
        |(tags, message, expected)| {
            let sandbox = Sandbox::new();
            let repo = sandbox.repo("r");
            for tag in tags.split(' ') {
                let (version, day) = tag.split_once('=').unwrap();
                repo.commit(&format!("chore: {day}"));
                let script =
                    format!("GIT_COMMITTER_DATE={day}T12:00:00Z git tag -a -m x v{version}");
                repo.sh(&script).ok();
            }
            set_up(&repo);
            repo.commit(message);
            is_next(&repo, expected);
        },
    );
}

#[test]
fn pre_releases_are_compared_with_all_of_their_version() {
    // Tags of HEAD's history, the requested version, and the resulting version or message.
    let table = [
        (
            "v1.1.0-rc9 v1.1.0-rc10",
            "--pre rc",
            "release 1.1.0-rc11 on main",
        ),
        ("v1.1.0-b1", "--pre b", "release 1.1.0-b2 on main"),
        (
            "v1.1.0-rc.9 v1.1.0-rc.10",
            "--pre rc",
            "release 1.1.0-rc.11 on main",
        ),
        ("", "--pre rc", "release 1.1.0-rc.1 on main"),
        (
            "v1.1.0-alpha.2",
            "--pre beta",
            "release 1.1.0-beta.1 on main",
        ),
        (
            "v1.1.0-rc.1",
            "--pre beta",
            "1.1.0-beta.1 is not newer than 1.1.0-rc.1; the next one is 1.1.0-rc.2: run `relwatch release 1.1.0-rc.2`",
        ),
        (
            "v1.1.0-rc.11",
            "1.1.0-alpha.1",
            "1.1.0-alpha.1 is not newer than 1.1.0-rc.11; the next one is 1.1.0-rc.12",
        ),
        (
            "v1.1.0-rc.11",
            "1.1.0-rc.2",
            "1.1.0-rc.2 is not newer than 1.1.0-rc.11",
        ),
        ("v1.1.0-rc.11", "1.1.0-rc.12", "release 1.1.0-rc.12 on main"),
        ("v1.1.0-rc.11", "1.1.0", "release 1.1.0 on main"),
        ("v1.2.0-rc.1", "", "release 1.2.0 on main"),
        (
            "v1.2.0-rc.1",
            "1.1.0",
            "1.1.0 is not newer than 1.2.0-rc.1; the next version is 1.2.0",
        ),
    ];
    cases::run(
        table,
        |(tags, asked, _)| format!("{tags} {asked}"),
        |(tags, asked, expected)| {
            let sandbox = Sandbox::new();
            let repo = released(&sandbox, "1.0.0");
            repo.commit("feat: a (#1)");
            for tag in tags.split_whitespace() {
                repo.git(&["tag", tag]).ok();
            }
            let arguments = ["release", "--dry-run"].into_iter();
            let arguments: Vec<&str> = arguments.chain(asked.split_whitespace()).collect();
            let ran = repo.relwatch(&arguments);
            assert_eq!(
                ran.code,
                if expected.starts_with("release") {
                    0
                } else {
                    3
                },
                "{ran:?}"
            );
            says(&ran, &[expected]);
            let orders = "SemVer (clause 11) compares the two as text";
            let differ = expected.contains("rc11");
            assert_eq!(ran.stderr.contains(orders), differ, "{ran:?}");
        },
    );
}

#[test]
fn breaking_changes_by_hand_count_in_any_form() {
    let bodies = [
        (
            "### Breaking Changes\n\n`write()` waits for other writers.\n",
            "`write()` waits for other writers.",
        ),
        (
            "### ⚠ BREAKING CHANGES\n\n- `write()` waits\n",
            "`write()` waits",
        ),
        (
            "### Backwards incompatible changes\n\n* `write()` waits\n",
            "`write()` waits",
        ),
        (
            "### Breaking\n\n#### `write()` waits\n\nIt did not before.\n",
            "`write()` waits",
        ),
        (
            "### Changed\n\n- **Breaking:** `write()` waits\n",
            "`write()` waits",
        ),
    ];
    cases::run(
        bodies,
        |(body, _)| *body,
        |(body, line)| {
            let sandbox = Sandbox::new();
            let repo = released(&sandbox, "1.0.0");
            let section = format!("## [Unreleased]\n\n{body}");
            repo.edit("CHANGELOG.md", "## [Unreleased]\n", &section);
            repo.git(&["commit", "-qam", "docs: notes"]).ok();
            is_next(&repo, &format!("2.0.0 (major; breaking: {line})"));
            let tells = body.contains("did not before");
            let plan = repo.relwatch(&["release", "--dry-run"]).ok();
            let warning = format!("the breaking change `{line}` does not say what users must do");
            assert_eq!(plan.stderr.contains(&warning), !tells, "{plan:?}");
            repo.relwatch(&["release", "--yes"]).ok();
            let notes = repo.relwatch(&["notes", "2.0.0", "--full"]).ok();
            says(&notes, &["## Breaking changes", line]);
        },
    );
    // Headings that are not about breaking changes, and sections without entries.
    let sandbox = Sandbox::new();
    let repo = released(&sandbox, "1.0.0");
    let section = "## [Unreleased]\n\n### Breaking Changes\n\n<!-- none yet -->\n\n### Non-breaking changes\n\n- a word\n";
    repo.edit("CHANGELOG.md", "## [Unreleased]\n", section);
    repo.git(&["commit", "-qam", "docs: notes"]).ok();
    is_next(&repo, "1.0.1 (patch; fixes and changes only)");
}

#[test]
fn what_users_need_not_know_is_released_on_request() {
    let sandbox = Sandbox::new();
    let repo = released(&sandbox, "1.0.0");
    repo.git(&["tag", "-f", "v1.0.0"]).ok();
    let nothing = repo.relwatch(&["release", "patch", "--yes"]).code(6);
    assert!(!nothing.stderr.contains("release patch"), "{nothing:?}");
    repo.commit_file("deps.lock", "2\n", "build(deps): bump x from 1 to 2 (#1)");
    repo.commit_file("docs/a.md", "a\n", "docs: a page (#2)");
    let refused = repo.relwatch(&["release", "--yes"]).code(6);
    says(
        &refused,
        &[
            "nothing to release since v1.0.0; `relwatch status --all` lists the excluded changes; `relwatch release patch` releases them anyway",
        ],
    );
    repo.relwatch(&["release", "patch", "--yes"]).ok();
    assert!(repo.stored().contains("## [1.0.1]"), "{}", repo.stored());
    says(
        &repo.git(&["tag", "-l", "--format=%(contents)", "v1.0.1"]),
        &["No changes for users since v1.0.0."],
    );
    repo.relwatch(&["undo", "--yes"]).ok();
}

#[test]
fn a_breaking_change_without_a_migration_warns_or_is_refused() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat!: drop the old API (#3)");
    let words = "the breaking change `Drop the old API (#3)` does not say what users must do; add the footer `BREAKING CHANGE: what users must do` to its commit, or write its line in CHANGELOG.md yourself, with `  **Migration:** …` below it";
    let done = repo.relwatch(&["release", "--yes"]).ok();
    says(&done, &[words]);
    repo.relwatch(&["undo", "--yes"]).ok();

    configure(&repo, "migration: require\n");
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    says(
        &refused,
        &[
            words,
            "or skip it with --skip-check migration --reason TEXT",
        ],
    );
    repo.relwatch(&["release", "--yes", "--skip-check", "migration"])
        .code(2);
    let odd = ["release", "--yes", "--skip-check", "tag", "--reason", "x"];
    repo.relwatch(&odd).code(2);
    let skip = [
        "release",
        "--yes",
        "--skip-check",
        "migration",
        "--reason",
        "nobody used it",
    ];
    repo.relwatch(&skip).ok();
    let kept = "Check-Skipped: migration: nobody used it";
    says(
        &repo.git(&["tag", "-l", "--format=%(contents)", "v0.2.0"]),
        &[kept],
    );
    assert!(repo.read(".relwatch/releases.yml").contains(kept));
    repo.relwatch(&["undo", "--yes"]).ok();

    // The remedies that the message names.
    repo.git(&[
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "feat!: drop more (#4)\n\nBREAKING CHANGE: call the new one",
    ])
    .ok();
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Removed\n\n- **Breaking:** The old API (#3)\n\n  **Migration:** use the new one.\n",
    );
    repo.git(&["commit", "-qam", "docs: notes"]).ok();
    let done = repo.relwatch(&["release", "--yes"]).ok();
    assert!(!done.stderr.contains("does not say"), "{done:?}");
}

#[test]
fn the_configuration_says_what_raises_the_version() {
    let all = "{feat: patch, security: minor, deps: none, breaking: minor}";
    let table = [
        (
            "{feat: patch}",
            "feat: a (#1)",
            "1.0.1 (patch; `bump: feat`: A (#1))",
        ),
        (
            all,
            "security: a (#1)",
            "1.1.0 (minor; `bump: security`: A (#1))",
        ),
        (
            all,
            "feat!: a (#1)",
            "1.1.0 (minor; `bump: breaking`: A (#1))",
        ),
        (all, "deps: a (#1)", "none"),
        (all, "Add a (#1)", "1.1.0 (minor; feature: Add a (#1))"),
        (
            "{added: patch}",
            "Add a (#1)",
            "1.0.1 (patch; `bump: added`: Add a (#1))",
        ),
        (
            "{removed: major}",
            "Remove a (#1)",
            "1.0.1 (patch; fixes and changes only)",
        ),
    ];
    cases::run(
        table,
        |(bump, message, _)| format!("{bump} {message}"),
        |(bump, message, expected)| {
            let sandbox = Sandbox::new();
            let repo = released(&sandbox, "1.0.0");
            let categories = "categories: [{title: Dependencies, of: [deps]}, {title: Changed, of: [changed, added, removed, fixed, security]}]";
            configure(&repo, &format!("bump: {bump}\n{categories}\n"));
            repo.commit(message);
            is_next(&repo, expected);
        },
    );
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "bump: {feat: huge}\n");
    says(
        &repo.relwatch(&["status"]).code(2),
        &[
            "relwatch.yml:1: bump.feat: unknown value `huge`, expected one of `none`, `patch`, `minor`, `major`",
        ],
    );
}
