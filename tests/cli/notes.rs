//! `relwatch notes`: the body of a release's page, ranges, formats, announcements.

#![cfg(unix)]

use crate::support::{self, Ran, Repo, Sandbox, cases, is_screen, project, says};

/// A commit by another author.
fn by(repo: &Repo<'_>, name: &str, address: &str, message: &str) {
    let who = [("GIT_AUTHOR_NAME", name), ("GIT_AUTHOR_EMAIL", address)];
    let args = ["commit", "-q", "--allow-empty", "-m", message];
    repo.run("git", &args, &who).ok();
}

fn release(repo: &Repo<'_>, version: &str) {
    repo.relwatch(&["release", version, "--yes", "--offline"])
        .ok();
}

/// A project on GitHub: 0.2.0 with everything that release notes may contain, 0.3.0 with one fix.
fn lamp<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "lamp");
    let url = "git@github.com:acme/lamp.git";
    repo.git(&["remote", "add", "origin", url]).ok();
    repo.write("docs/UPGRADE.md", "# Upgrading\n");
    repo.write(
        ".mailmap",
        "Ada Lovelace <ada@example.org> <ada@old.example.org>\n",
    );
    repo.write(
        ".chant/specs/2026-01-29-001-rel.md",
        "---\ntype: task\nstatus: ready\nlabels: [release, v0.2.0]\n---\n# Prepare v0.2.0\n\n## Summary\n\nThe lamp learns to dim.\n\n## Upgrade Instructions\n\nStop the lamp first.\n\n## Known Issues\n\n- It hums at 1 %.\n",
    );
    repo.write(
        ".chant/specs/2026-01-29-002-abc.md",
        "---\nstatus: completed\n---\n# Serialize writers\n\n## Release Notes\n\n### Breaking Changes\n\n- `write()` waits for other writers (#4).\n\n  **Who is affected:** callers in a hurry.\n\n  **Migration:** use `write_async()`:\n\n  ```rust\n  lamp.write_async(1).await?;\n  ```\n\n  **Rollback:** pin 0.1.x.\n",
    );
    repo.git(&["add", "-A"]).ok();
    let who = ("Author", "author@example.org");
    by(&repo, who.0, who.1, "docs: how to upgrade");
    by(
        &repo,
        "ada",
        "ada@old.example.org",
        "feat: dim the lamp (#1)\n\nCo-authored-by: Grace Hopper <12+grace@users.noreply.github.com>\n",
    );
    by(
        &repo,
        "Ada Lovelace",
        "ada@example.org",
        "fix: no flicker at low voltage (#2)",
    );
    by(
        &repo,
        "dependabot[bot]",
        "bot@example.org",
        "fix(deps): bump volt to 2 (#3)",
    );
    by(
        &repo,
        who.0,
        who.1,
        "feat: deprecate `glow()`, gone in 1.0 (#5)\n\nChangelog: deprecated\n",
    );
    by(
        &repo,
        who.0,
        who.1,
        "fix: a leak in the driver (#6)\n\nChangelog: security\n",
    );
    repo.relwatch(&["update"]).ok();
    release(&repo, "0.2.0");
    by(
        &repo,
        "Grace Hopper",
        "12+grace@users.noreply.github.com",
        "fix: the switch works in the cold (#7)",
    );
    release(&repo, "0.3.0");
    repo
}

/// A text with the names of commits as `COMMIT`: they differ from one format of objects to another.
fn without_commits(repo: &Repo<'_>, text: &str) -> String {
    let ids = repo.git(&["log", "--format=%H"]).ok().stdout;
    ids.lines().fold(text.to_owned(), |text, id| {
        text.replace(id, "COMMIT").replace(&id[..7], "COMMIT")
    })
}

const FULL: &[&str] = &["notes", "0.2.0", "--full"];

#[test]
fn the_body_of_a_page_in_every_format() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    cases::run(
        [
            ("md", "md"),
            ("html", "html"),
            ("text", "txt"),
            ("json", "json"),
        ],
        |&(format, ..)| format,
        |&(format, name)| {
            let ran = repo.relwatch(&[FULL, &["--format", format]].concat()).ok();
            assert_eq!(ran.stderr, "");
            is_screen(
                &format!("notes-full.{name}"),
                &without_commits(&repo, &ran.stdout),
            );
        },
    );
    let full = repo.relwatch(FULL).ok().stdout;
    let tagged = repo.relwatch(&["notes", "v0.2.0", "--full"]).ok().stdout;
    assert_eq!(full, tagged);
    let json = repo.relwatch(&[FULL, &["--json"]].concat()).ok().stdout;
    assert_eq!(
        json,
        repo.relwatch(&[FULL, &["--format", "json"]].concat())
            .ok()
            .stdout
    );
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["notes"], full.as_str());
    repo.relwatch(&[FULL, &["--format", "html", "--output", "../page.html"]].concat())
        .ok();
    let page = sandbox.at("page.html");
    assert!(
        std::fs::read_to_string(page.path)
            .unwrap()
            .starts_with("<!doctype html>")
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn only_plain_files_are_replaced() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.sh("mkfifo ../pipe && echo kept > ../kept && ln -s kept ../link")
        .ok();
    cases::run(
        ["../pipe", "../link", ".."],
        |&path| path,
        |&path| {
            let refused = repo.relwatch(&["notes", "--output", path]).code(2);
            says(&refused, &[&format!("--output {path} is no plain file;")]);
        },
    );
    repo.sh("test -p ../pipe && test -L ../link && test $(cat ../link) = kept")
        .ok();
}

#[test]
fn a_file_is_written_from_where_relwatch_is_told_to_start_and_into_a_folder_that_is_there() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let before = repo.read("CHANGELOG.md");
    for command in [["notes", "0.1.0"], ["metrics", "--csv"]] {
        let to = |path| [command.as_slice(), &["--output", path]].concat();
        assert_eq!(
            repo.relwatch(&to("out/made")).code(2).stderr,
            "relwatch: --output out/made: there is no directory out; make it first\n"
        );
        assert!(!repo.exists("out"));
        repo.relwatch(&to("./CHANGELOG.md")).code(2);
        let elsewhere = sandbox.at("home");
        let there = [["-C", "../r"].as_slice(), &to("../made")].concat();
        assert_eq!(
            elsewhere.relwatch(&there).ok().stdout,
            "wrote: ../r/../made\n"
        );
        assert!(sandbox.at("").exists("made"));
        repo.sh("rm ../made").ok();
    }
    assert_eq!(repo.read("CHANGELOG.md"), before);
}

#[test]
fn no_component_s_changelog_is_replaced_by_the_notes_of_another() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("parts");
    let part =
        |name: &str| format!("  {name}: {{paths: [{name}], changelog: {name}/CHANGELOG.md}}\n");
    repo.write(
        "relwatch.yml",
        &format!("components:\n{}{}", part("a"), part("b")),
    );
    repo.write("a/x", "1\n");
    repo.write("b/x", "1\n");
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.commit("feat: start");
    let before = repo.read("a/CHANGELOG.md");
    cases::run(
        [
            ["metrics", "--csv"].as_slice(),
            &["notes", "--component", "b", "unreleased"],
            &["notes", "--component", "a", "unreleased"],
        ],
        |&command| command.join(" "),
        |&command| {
            let command = [command, &["--output", "a/CHANGELOG.md"]].concat();
            let refused = repo.relwatch(&command).code(2);
            says(&refused, &["would replace the changelog"]);
        },
    );
    assert_eq!(repo.read("a/CHANGELOG.md"), before);
    let refused = repo.relwatch(&["metrics", "--csv", "--output", "relwatch.yml"]);
    says(&refused.code(2), &["would replace the configuration"]);
    cases::run(
        [".gitattributes", ".git/config", ".git/refs/x"],
        |&file| file,
        |&file| {
            let refused = repo.relwatch(&["metrics", "--csv", "--output", file]);
            says(&refused.code(2), &["is git's own file"]);
        },
    );
}

#[test]
fn what_nothing_is_told_of_has_no_heading() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    assert_eq!(
        repo.relwatch(&["notes", "--latest", "--full"]).ok().stdout,
        "1 fix since v0.2.0.\n\n## Upgrade\n\nSee [docs/UPGRADE.md](https://github.com/acme/lamp/blob/v0.3.0/docs/UPGRADE.md).\n\n## Fixes\n\n- The switch works in the cold (#7)\n\n## Contributors\n\n- Grace Hopper @grace\n\n**Full changelog:** <https://github.com/acme/lamp/compare/v0.2.0...v0.3.0>\n"
    );
    // The first release compares with nothing, and everybody is new.
    assert_eq!(
        repo.relwatch(&["notes", "0.1.0", "--full"]).ok().stdout,
        "1 feature.\n\n## Features\n\n- the first thing\n\n## Contributors\n\n- Author\n\n**Full changelog:** <https://github.com/acme/lamp/releases/tag/v0.1.0>\n"
    );
    // The plain notes still match the changelog.
    assert_eq!(
        repo.relwatch(&["notes", "--latest"]).ok().stdout,
        "### Fixed\n\n- The switch works in the cold (#7)\n"
    );
    let none = repo.relwatch(&["notes", "--full"]).ok();
    assert!(!none.stdout.contains("## Fixes"), "{none:?}");
}

#[test]
fn people_write_below_headings_of_their_own() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\nFaster, see [the plan].\n\n### Upgrading\n\nRun `migrate`.\n\n### Known Issues\n\n- None of [#9] is mended\n\n### Hardware\n\n- a new plug\n",
    );
    let links = "\n[the plan]: https://example.org/plan\n[#9]: https://example.org/9\n";
    repo.write(
        "CHANGELOG.md",
        &format!("{}{links}", repo.read("CHANGELOG.md")),
    );
    repo.git(&["commit", "-q", "-a", "-m", "docs: notes"]).ok();
    assert_eq!(
        repo.relwatch(&["notes", "--full"]).ok().stdout,
        "Faster, see [the plan](https://example.org/plan).\n\n## Upgrade\n\nRun `migrate`.\n\n## Hardware\n\n- a new plug\n\n## Known issues\n\n- None of [#9](https://example.org/9) is mended\n\n## Contributors\n\n- Author\n"
    );
}

#[test]
fn ranges_speak_as_one() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    repo.commit("feat: a second lamp (#8)");
    let full = |range: &str| repo.relwatch(&["notes", range, "--full"]).ok().stdout;
    let both = full("v0.1.0..v0.3.0");
    for told in [
        "1 breaking change, 1 security fix, 1 feature, 3 fixes and 1 deprecation since v0.1.0.\n",
        "- The switch works in the cold (#7)\n- No flicker at low voltage (#2)\n",
        "- Ada Lovelace (first contribution)\n- Grace Hopper @grace (first contribution)\n",
        "compare/v0.1.0...v0.3.0>\n",
    ] {
        assert!(both.contains(told), "{told}\n{both}");
    }
    assert!(!both.contains("second lamp"), "{both}");
    assert_eq!(full("0.1.0..0.3.0"), both);
    let open = full("v0.2.0..");
    for told in [
        "## Features\n\n- A second lamp (#8)\n",
        "(#7)",
        "compare/v0.2.0...HEAD>\n",
    ] {
        assert!(open.contains(told), "{told}\n{open}");
    }
    assert_eq!(full("v0.2.0..HEAD"), open);
    assert_eq!(
        repo.relwatch(&["notes", "v0.2.0.."]).ok().stdout,
        "## [Unreleased]\n\n### Added\n\n- A second lamp (#8)\n\n## [0.3.0] - 2026-01-30\n\n### Fixed\n\n- The switch works in the cold (#7)\n"
    );
    let refused: [(&str, i32, &str); 3] = [
        ("v0.2.0..v9.9.9", 1, "there is no tag of 9.9.9"),
        ("x..v0.2.0", 2, "x"),
        (
            "9.9.9",
            1,
            "CHANGELOG.md has no version 9.9.9; it has 0.3.0, 0.2.0, 0.1.0",
        ),
    ];
    cases::run(
        refused,
        |&(range, ..)| range,
        |&(range, code, why)| {
            says(
                &repo.relwatch(&["notes", range, "--full"]).code(code),
                &[why],
            );
        },
    );
}

#[test]
fn a_tag_that_the_changelog_does_not_know_is_told_by_its_commits() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: alpha (#1)");
    repo.git(&["tag", "v0.2.0"]).ok();
    repo.commit("fix: beta (#2)");
    repo.git(&["tag", "v0.2.1"]).ok();
    assert_eq!(
        repo.relwatch(&["notes", "v0.2.1"]).ok().stdout,
        "### Fixed\n\n- Beta (#2)\n"
    );
    assert_eq!(
        repo.relwatch(&["notes", "v0.1.0..v0.2.1", "--full"])
            .ok()
            .stdout,
        "1 feature and 1 fix since v0.1.0.\n\n## Features\n\n- Alpha (#1)\n\n## Fixes\n\n- Beta (#2)\n\n## Contributors\n\n- Author\n"
    );
}

#[test]
fn announcements_have_a_subject_and_a_body() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    let announce = |args: &[&str]| repo.relwatch(&[&["notes"], args].concat());
    cases::run(
        ["release", "hotfix", "security"],
        |&kind| kind,
        |&kind| {
            let ran = announce(&["0.2.0", "--announce", kind]).ok();
            assert_eq!(ran.stderr, "");
            is_screen(&format!("announce-{kind}.md"), &ran.stdout);
        },
    );
    let text = announce(&["0.2.0", "--announce", "release", "--format", "text"]).ok();
    is_screen("announce-release.txt", &text.stdout);
    let json = announce(&["0.3.0", "--announce", "hotfix", "--json"])
        .ok()
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["subject"], "lamp v0.3.0: hotfix, please upgrade");

    says(
        &announce(&["0.2.0", "--announce", "withdrawal"]).code(1),
        &["v0.2.0 is not withdrawn; `relwatch withdraw 0.2.0 --reason TEXT`"],
    );
    says(
        &announce(&["--announce", "release"]).code(6),
        &["nothing to announce"],
    );
    announce(&["0.1.0..0.2.0", "--announce", "release"]).code(2);
    repo.commit("feat: a second lamp (#8)");
    says(
        &announce(&["--announce", "release"]).ok(),
        &["Subject: lamp v0.4.0 is coming\n", "- A second lamp (#8)\n"],
    );
}

#[test]
fn a_withdrawal_is_announced_by_the_same_words() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    repo.git(&["remote", "remove", "origin"]).ok();
    let args = [
        "withdraw",
        "0.3.0",
        "--reason",
        "the switch burns",
        "--plan",
        "0.3.1 on Friday",
        "--yes",
    ];
    let withdrawn = repo.relwatch(&args).ok().stdout;
    let announced = repo
        .relwatch(&["notes", "0.3.0", "--announce", "withdrawal"])
        .ok();
    is_screen("announce-withdrawal.md", &announced.stdout);
    assert!(withdrawn.ends_with(&announced.stdout), "{withdrawn}");
    let full = repo.relwatch(&["notes", "0.3.0", "--full"]).ok().stdout;
    assert!(
        full.starts_with("> **Withdrawn on 2026-01-30:** the switch burns\n>\n> **What comes next:** 0.3.1 on Friday\n\n"),
        "{full}"
    );
}

#[test]
fn a_project_has_templates_of_its_own() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    let announced = || -> Ran { repo.relwatch(&["notes", "0.3.0", "--announce", "release"]) };
    repo.write(
        ".relwatch/announcements/release.md",
        "Subject: [lamp] {{ version }} ({{ date }})\n\nHello,\n\n{% if features %}\n## New\n{{ features }}\n\n{% endif %}\n## Mended\n{{ fixes }}\n\n{{ page }}\nset {{ tag }}\n",
    );
    assert_eq!(
        announced().ok().stdout,
        "Subject: [lamp] 0.3.0 (2026-01-30)\n\nHello,\n\n## Mended\n- The switch works in the cold (#7)\n\nhttps://github.com/acme/lamp/releases/tag/v0.3.0\nset v0.3.0\n"
    );
    repo.write(
        ".relwatch/announcements/release.md",
        "Subject: {{ tag }}\n\nHello,\n{version} is out\n",
    );
    says(
        &announced().code(2),
        &[
            "release.md:4: `{version}` prints nothing: templates are in the language of Jinja2 now, so write `{{ version }}`",
        ],
    );
    repo.write(".relwatch/announcements/release.md", "Hello\n");
    says(
        &announced().code(2),
        &[".relwatch/announcements/release.md: its first line must be `Subject: …`"],
    );
}

/// A project with v0.2.0, v0.3.0 and v0.4.0, tagged by hand, and a change after them.
fn hand_tagged<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    for minor in 2..5 {
        repo.commit(&format!("feat: f{minor} (#{minor})"));
        let tag = format!("v0.{minor}.0");
        repo.git(&["tag", "-a", &tag, "-m", "x"]).ok();
    }
    repo.commit("feat: f5 (#5)");
    repo
}

#[test]
fn a_range_lost_versions_that_the_changelog_does_not_know() {
    let sandbox = Sandbox::new();
    let repo = hand_tagged(&sandbox);
    let notes = |args: &[&str]| repo.relwatch(&[&["notes"], args].concat()).ok().stdout;
    let section = |heading: &str, n: u8| format!("## {heading}\n\n### Added\n\n- f{n} (#{n})\n");
    let dated = |n: u8| section(&format!("[0.{n}.0] - 2026-01-21"), n);
    assert_eq!(
        notes(&["v0.1.0.."]),
        [section("[Unreleased]", 5), dated(4), dated(3), dated(2)].join("\n")
    );
    assert_eq!(notes(&["v0.1.0..v0.3.0"]), [dated(3), dated(2)].join("\n"));
    let full = notes(&["v0.1.0..", "--full"]);
    assert!(full.starts_with("4 features since v0.1.0.\n"), "{full}");
    // Two tags of one commit.
    repo.git(&["tag", "v0.5.0"]).ok();
    repo.git(&["tag", "v0.6.0"]).ok();
    says(
        &repo.relwatch(&["notes", "v0.5.0..v0.6.0"]).ok(),
        &["warning: v0.5.0..v0.6.0 contains nothing\n"],
    );
    // Without a first one it begins with the history.
    let full = notes(&["..v0.3.0", "--full"]);
    assert!(full.starts_with("3 features.\n"), "{full}");
}

#[test]
fn a_range_lost_the_hand_made_tag_between_two_releases() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: apples (#1)");
    release(&repo, "0.2.0");
    repo.commit("feat: bananas (#2)");
    repo.git(&["tag", "-a", "v0.3.0", "-m", "x"]).ok();
    repo.commit("feat: cherries (#3)");
    let both = "2 features since v0.2.0.\n\n## Features\n\n- Cherries (#3)\n- Bananas (#2)\n";
    let full = |range: &str| repo.relwatch(&["notes", range, "--full"]).ok().stdout;
    assert!(full("v0.2.0..").starts_with(both), "{}", full("v0.2.0.."));
    release(&repo, "0.4.0");
    let told = full("v0.2.0..v0.4.0");
    assert!(told.starts_with(both), "{told}");
    assert_eq!(
        repo.relwatch(&["notes", "v0.2.0..v0.4.0"]).ok().stdout,
        "## [0.4.0] - 2026-01-30\n\n### Added\n\n- Cherries (#3)\n\n## [0.3.0] - 2026-01-21\n\n### Added\n\n- Bananas (#2)\n"
    );
}

#[test]
fn a_subject_that_names_an_empty_value_is_told_so() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    repo.write(
        ".relwatch/announcements/release.md",
        "Subject: {{ tag }} {{ breaking }}\n\nHello\n",
    );
    says(
        &repo
            .relwatch(&["notes", "0.3.0", "--announce", "release"])
            .code(2),
        &["release.md:1: a value of the subject is empty here"],
    );
}

#[test]
fn after_a_release_its_contributors_are_not_those_of_what_comes() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "lamp");
    let url = "git@github.com:acme/lamp.git";
    repo.git(&["remote", "add", "origin", url]).ok();
    by(&repo, "Eve", "eve@example.org", "feat: a switch (#1)");
    release(&repo, "0.2.0");
    let nothing = "**Full changelog:** <https://github.com/acme/lamp/compare/v0.2.0...HEAD>\n";
    let full = || repo.relwatch(&["notes", "--full"]).ok().stdout;
    assert_eq!(full(), nothing);
    let json = repo.relwatch(&["notes", "--full", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["previous"], "v0.2.0");
    assert_eq!(json["contributors"], serde_json::json!([]));
    // No change is listed, so there are no contributors.
    repo.commit("chore: sweep");
    assert_eq!(full(), nothing);
    by(&repo, "Eve", "eve@example.org", "fix: the switch (#2)");
    let told = full();
    assert!(
        told.contains("## Contributors\n\n- Author\n- Eve\n"),
        "{told}"
    );
}

#[test]
fn a_co_author_without_a_name_is_told_by_the_account() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    for (words, address) in [
        ("feat: a", "123+octo@users.noreply.github.com"),
        ("feat: b", "<124+hex@users.noreply.github.com>"),
        ("feat: c", "nobody@example.org"),
    ] {
        repo.commit(&format!("{words}\n\nCo-authored-by: {address}\n"));
    }
    let full = repo.relwatch(&["notes", "--full"]).ok().stdout;
    let people = "## Contributors\n\n- Author\n- @hex (first contribution)\n- @octo (first contribution)\n\n";
    assert!(full.contains(people), "{full}");
}

#[test]
fn a_tag_names_its_component() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write("web/main", "1\n");
    repo.write("api/main", "1\n");
    repo.write(
        "relwatch.yml",
        "components:\n  web: {paths: [web], tag: \"web/v{version}\"}\n  api: {paths: [api], tag: \"api/v{version}\"}\n",
    );
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: keep"]).ok();
    for (n, name, tag) in [
        (1, "web", "web/v0.1.0"),
        (2, "api", "api/v0.1.0"),
        (3, "web", "web/v0.2.0"),
    ] {
        let message = format!("feat: part {n} (#{n})");
        repo.commit_file(&format!("{name}/main"), &message, &message);
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    cases::run(
        [
            (
                "web/v0.2.0",
                "1 feature since web/v0.1.0.\n\n## Features\n\n- Part 3 (#3)\n\n",
            ),
            (
                "api/v0.1.0",
                "1 feature.\n\n## Features\n\n- Part 2 (#2)\n\n",
            ),
            (
                "..web/v0.2.0",
                "2 features.\n\n## Features\n\n- Part 3 (#3)\n- Part 1 (#1)\n\n",
            ),
        ],
        |&(words, ..)| words,
        |&(words, told)| {
            let ran = repo.relwatch(&["notes", words, "--full"]).ok();
            assert!(ran.stdout.starts_with(told), "{ran:?}");
        },
    );
    says(
        &repo.relwatch(&["notes", "0.1.0"]).code(2),
        &["which component? give -c with api, web"],
    );
}

#[test]
fn what_names_no_version_is_told_so() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    let has = "it has 0.3.0, 0.2.0, 0.1.0";
    cases::run(
        [
            (
                "v0.2.0..v0.1.0",
                2,
                "v0.2.0..v0.1.0 contains nothing; the older version comes first: v0.1.0..v0.2.0",
            ),
            (
                "0.2.0..v0.2.0",
                2,
                "0.2.0..v0.2.0 contains nothing; give 0.2.0 alone",
            ),
            (
                "v9.0.0..",
                1,
                "there is no tag of 9.0.0 here; run `git fetch --tags`",
            ),
            (
                "v0.1.0..v9.0.0",
                1,
                "there is no tag of 9.0.0 here; run `git fetch --tags`",
            ),
            ("0.1.x", 1, has),
            ("minor", 1, has),
            (
                "0.1.x..",
                2,
                "`0.1.x` names neither a version nor a commit; correct it, or run `git fetch --tags`",
            ),
        ],
        |&(words, ..)| words,
        |&(words, code, why)| {
            let ran = repo.relwatch(&["notes", words]).code(code);
            assert_eq!(ran.stdout, "", "{words}");
            says(&ran, &[why]);
            assert!(!ran.stderr.contains("major"), "{ran:?}");
        },
    );
    // As in the address that `--full` gives.
    let three = repo.relwatch(&["notes", "v0.1.0...v0.2.0"]).ok();
    assert_eq!(three, repo.relwatch(&["notes", "v0.1.0..v0.2.0"]).ok());
}

#[test]
fn the_diff_of_polish_arrived_in_one_line() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    support::configure(&repo, "polish: echo '- Better'\n");
    repo.commit("feat: a (#1)");
    let ran = repo.relwatch(&["notes"]).ok();
    assert_eq!(ran.stdout, "- Better\n");
    assert_eq!(
        ran.stderr,
        "polish: `echo '- Better'` rewrites the notes:\n--- a/notes\n+++ b/notes\n@@ -1,3 +1 @@\n-### Added\n-\n-- A (#1)\n+- Better\n"
    );
}

#[test]
fn a_range_begins_with_a_version_that_nobody_has_tagged() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox);
    repo.git(&["tag", "-d", "v0.1.0"]).ok();
    let ran = repo.relwatch(&["notes", "0.1.0..0.2.0", "--full"]).ok();
    assert!(ran.stdout.contains("## Fixes\n"), "{ran:?}");
    assert!(!ran.stdout.contains("## Contributors"), "{ran:?}");
    assert_eq!(
        ran.stderr,
        "warning: there is no tag of 0.1.0 here, so contributors and what it compares with are omitted; run `git fetch --tags`\n"
    );
}
