//! The main job, as a new user does it.

use crate::support::{self, Sandbox, cases, configure, project};

const SPEC: &str = "---
type: code
status: completed
labels: [fix]
---

# Serialize writers

## Release Notes

Data loss during concurrent writes: writers now wait for each other. (#1234)
";

#[test]
fn init_says_each_thing_it_does_and_twice_is_once() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit("chore: start");
    let first = repo.relwatch(&["init"]).ok();
    for said in [
        "wrote: relwatch.yml",
        "wrote: CHANGELOG.md",
        "wrote: .gitattributes: /CHANGELOG.md filter=relwatch",
        "configured: clean filter",
        "installed: hook post-commit",
        "next: git add relwatch.yml CHANGELOG.md .gitattributes && git commit",
    ] {
        assert!(first.stdout.contains(said), "{said} in {first:?}");
    }
    assert_eq!(first.stderr, "");
    let files = [
        "relwatch.yml",
        "CHANGELOG.md",
        ".gitattributes",
        ".git/hooks/post-commit",
        ".git/config",
        ".git/info/attributes",
    ];
    let before: Vec<String> = files.iter().map(|f| repo.read(f)).collect();
    let second = repo.relwatch(&["init"]).ok();
    assert!(
        !second.stdout.contains("wrote") && !second.stdout.contains("\ninstalled"),
        "{second:?}"
    );
    let after: Vec<String> = files.iter().map(|f| repo.read(f)).collect();
    assert_eq!(before, after);
}

#[test]
fn commits_and_completed_specs_appear_at_once_and_the_tree_stays_clean() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let quiet = repo
        .git(&[
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "feat(api): set a custom timeout for write locks (#12)",
        ])
        .ok();
    assert_eq!(
        (quiet.stdout.as_str(), quiet.stderr.as_str()),
        ("", ""),
        "hooks are silent"
    );
    assert_eq!(
        repo.section(),
        "### Added\n\n- **api:** set a custom timeout for write locks (#12)"
    );
    assert_eq!(repo.status(), "");
    repo.write(
        ".chant/specs/2026-01-29-004-jkl.md",
        &SPEC.replace("completed", "in_progress"),
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chant: Add spec 2026-01-29-004-jkl"])
        .ok();
    repo.write(".chant/specs/2026-01-29-004-jkl.md", SPEC);
    repo.relwatch(&["update"]).ok();
    assert!(repo.section().ends_with(
        "### Fixed\n\n- Data loss during concurrent writes: writers now wait for each other. (#1234) (2026-01-29-004-jkl)"
    ), "{}", repo.section());
    assert_eq!(repo.status(), " M .chant/specs/2026-01-29-004-jkl.md\n");
    assert_eq!(
        repo.stored(),
        support::CHANGELOG,
        "blobs hold no generated line"
    );
    let status = repo.relwatch(&["status"]).ok();
    assert!(
        status
            .stdout
            .contains("next version: 0.2.0 (minor; feature: api: set a custom timeout"),
        "{status:?}"
    );
    assert!(status.stdout.contains("excluded: 2 changes"), "{status:?}");
    let json: serde_json::Value =
        serde_json::from_str(&repo.relwatch(&["status", "--json"]).ok().stdout).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["next"]["version"], "0.2.0");
    assert_eq!(json["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn a_release_is_one_commit_and_one_tag_and_undo_takes_it_back() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["remote", "add", "origin", "git@example.org:o/r.git"])
        .ok();
    repo.edit("CHANGELOG.md", "- the first thing\n", "- the first thing\n\n[Unreleased]: https://example.org/o/r/compare/v0.1.0...HEAD\n[0.1.0]: https://example.org/o/r/releases/tag/v0.1.0\n");
    repo.git(&["commit", "-q", "-am", "docs: links"]).ok();
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\" # name\nversion = \"0.1.0\"\n",
    );
    repo.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"r\"\nversion = \"0.1.0\"\n",
    );
    repo.write(".chant/specs/2026-01-29-004-jkl.md", SPEC);
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: everything (#2)"])
        .ok();
    let view = repo.read("CHANGELOG.md");
    let refs = repo.git(&["for-each-ref"]).stdout;
    let files = repo.git(&["ls-files", "-s"]).stdout;

    let plan = repo.relwatch(&["release", "--dry-run", "--offline"]).ok();
    for said in [
        "release 0.2.0 on main, 2026-01-30",
        "write  CHANGELOG.md",
        "write  Cargo.toml",
        "write  Cargo.lock",
        "move   .chant/specs/2026-01-29-004-jkl.md -> .chant/archive/2026-01-29/2026-01-29-004-jkl.md",
        "commit: chore(release): v0.2.0",
        "tag: v0.2.0 (annotated)",
        "+## [0.2.0] - 2026-01-30",
    ] {
        assert!(plan.stdout.contains(said), "{said} in {}", plan.stdout);
    }
    assert_eq!(
        repo.git(&["for-each-ref"]).stdout,
        refs,
        "a dry run changes nothing"
    );
    repo.relwatch(&["release", "--offline"]).code(130);
    assert_eq!(
        repo.git(&["for-each-ref"]).stdout,
        refs,
        "without a terminal nobody said yes"
    );

    repo.relwatch(&["release", "--yes", "--offline"]).ok();
    assert_eq!(repo.status(), "");
    assert_eq!(repo.git(&["cat-file", "-t", "v0.2.0"]).stdout, "tag\n");
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s %D"]).stdout,
        "chore(release): v0.2.0 HEAD -> main, tag: v0.2.0\n"
    );
    let text = repo.read("CHANGELOG.md");
    assert!(text.starts_with("# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n### Added\n\n- Everything (#2)\n\n### Fixed\n\n- Data loss"), "{text}");
    assert!(text.ends_with("[Unreleased]: https://example.org/o/r/compare/v0.2.0...HEAD\n[0.2.0]: https://example.org/o/r/compare/v0.1.0...v0.2.0\n[0.1.0]: https://example.org/o/r/releases/tag/v0.1.0\n"), "{text}");
    assert_eq!(text, repo.stored(), "a release freezes the view");
    assert_eq!(
        repo.read("Cargo.toml"),
        "[package]\nname = \"r\" # name\nversion = \"0.2.0\"\n"
    );
    assert!(repo.read("Cargo.lock").ends_with("version = \"0.2.0\"\n"));
    assert!(
        repo.exists(".chant/archive/2026-01-29/2026-01-29-004-jkl.md")
            && !repo.exists(".chant/specs/2026-01-29-004-jkl.md")
    );
    repo.git(&["fsck", "--strict"]).ok();
    repo.relwatch(&["release", "--yes", "--offline"]).code(6);

    repo.relwatch(&["undo", "--yes", "--offline"]).ok();
    assert_eq!(repo.git(&["for-each-ref"]).stdout, refs);
    assert_eq!(repo.git(&["ls-files", "-s"]).stdout, files);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.read("CHANGELOG.md"), view);
    let again = repo.relwatch(&["undo", "--yes", "--offline"]).code(3);
    assert!(
        again.stderr.contains("is not a release by relwatch"),
        "{again:?}"
    );
}

#[test]
fn what_stands_in_the_way_of_a_release_is_said_all_at_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "migration: require\n");
    repo.commit("feat!: drop v1");
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    repo.write("file", "dirty\n");
    let refused = repo.relwatch(&["release", "0.2.0", "--yes"]).code(3);
    for said in [
        "branch topic is not one to release from",
        "uncommitted changes in file",
        "does not say what users must do",
    ] {
        assert!(
            refused.stderr.contains(said),
            "{said} in {}",
            refused.stderr
        );
    }
    repo.git(&["checkout", "-q", "file"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.commit("feat!: drop v1\n\nBREAKING CHANGE: use v2");
    repo.sh("git tag v0.2.0 $(git commit-tree -m elsewhere HEAD^{tree})")
        .ok();
    let refused = repo.relwatch(&["release", "0.2.0", "--yes"]).code(3);
    assert!(
        refused.stderr.contains("tag v0.2.0 already exists at"),
        "{refused:?}"
    );
    for (version, said) in [("0.1.0", "is not newer"), ("0.0.1", "is not newer")] {
        let refused = repo.relwatch(&["release", version, "--yes"]).code(3);
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
    repo.relwatch(&["release", "major", "--yes"]).ok();
    assert!(
        repo.stored()
            .contains("## [1.0.0] - 2026-01-30\n\n### Added\n\n- **Breaking:** Drop v1 (")
    );
}

/// Nothing would take generated lines out of the file again, so that nothing writes any.
#[test]
fn an_undo_without_the_filter_leaves_the_tree_clean() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: x (#1)");
    repo.relwatch(&["hooks", "uninstall"]).ok();
    let before = repo.read("CHANGELOG.md");
    repo.relwatch(&["release", "--yes", "--offline"]).ok();
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(repo.read("CHANGELOG.md"), before);
    repo.sh("touch CHANGELOG.md").ok(); // git looks at the content
    assert_eq!(repo.status(), "");
}

#[test]
fn an_undo_refuses_what_others_have() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    sandbox
        .command("git")
        .args(["init", "-q", "--bare", "up.git"])
        .current_dir(sandbox.path())
        .status()
        .unwrap();
    repo.git(&["remote", "add", "origin", "../up.git"]).ok();
    repo.commit("feat: x");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["push", "-q", "origin", "v0.2.0"]).ok();
    let refused = repo.relwatch(&["undo", "--yes"]).code(3);
    assert!(
        refused.stderr.contains("tag v0.2.0 is on origin already"),
        "{refused:?}"
    );
    repo.git(&["push", "-q", "origin", "main"]).ok();
    repo.relwatch(&["undo", "--yes"]).code(3);
    repo.commit("feat: on top");
    repo.relwatch(&["undo", "--yes"]).code(3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_release_killed_at_any_moment_is_done_or_not_at_all() {
    use crate::support::strace;
    const RELEASE: [&str; 2] = ["release", "--yes"];
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write(".chant/specs/2026-01-29-004-jkl.md", SPEC);
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: x"]).ok();
    let (base, view) = (repo.head(), repo.read("CHANGELOG.md"));
    let copied = |name: &str| {
        let copy = format!("cp -a . ../{name} && git -C ../{name} update-index -q --refresh");
        repo.sh(&copy).ok();
        sandbox.at(name)
    };
    let calls = strace::calls(&copied("whole"), &RELEASE);
    let some = calls.iter().step_by(calls.len() / 24);
    let ends = cases::run(
        some,
        |call| format!("{}-{}", call.name, call.n),
        |call| {
            let repo = copied(&format!("{}-{}", call.name, call.n));
            strace::killed_at(&repo, &RELEASE, call).over();
            repo.sh("rm -f .git/index.lock").ok(); // what git asks its user to do after a crash of git itself
            repo.relwatch(&["update"]).ok();
            assert_eq!(repo.status(), "");
            repo.git(&["fsck", "--strict"]).ok();
            let released = repo.head() != base;
            let tag = repo.git(&["rev-parse", "-q", "--verify", "v0.2.0"]);
            assert_eq!(released, tag.code == 0);
            let archived = repo.exists(".chant/archive/2026-01-29/2026-01-29-004-jkl.md");
            assert_eq!(released, archived);
            assert!(!repo.exists(".git/relwatch/release.json"));
            if released {
                repo.relwatch(&["undo", "--yes"]).ok();
            }
            let now = (repo.head(), repo.read("CHANGELOG.md"));
            assert_eq!(now, (base.clone(), view.clone()));
            released
        },
    );
    assert!(
        ends.contains(&true) && ends.contains(&false) || ends.len() == 1,
        "{ends:?}"
    );
}

#[test]
fn a_changelog_without_an_unreleased_heading_gets_one_in_the_right_place() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.edit("CHANGELOG.md", "## [Unreleased]\n\n", "");
    repo.git(&["commit", "-q", "-am", "docs: no heading"]).ok();
    repo.commit("fix: it (#1)");
    assert_eq!(repo.section(), "### Fixed\n\n- It (#1)");
    assert_eq!(repo.status(), "");
    let (view, head) = (repo.read("CHANGELOG.md"), repo.head());
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.status(), "");
    assert!(repo.stored().starts_with(
        "# Changelog\n\n## [0.1.1] - 2026-01-30\n\n### Fixed\n\n- It (#1)\n\n## [0.1.0]"
    ));
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(
        (repo.read("CHANGELOG.md"), repo.head(), repo.status()),
        (view, head, String::new())
    );
}

#[test]
fn a_manifest_that_cannot_be_read_is_named_and_left_alone() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit_file("Cargo.toml", "not toml at all\n", "fix: broken (#1)");
    let ran = repo.relwatch(&["release", "--yes"]).ok();
    assert!(ran.stderr.contains("Cargo.toml cannot be read"), "{ran:?}");
    assert_eq!(repo.read("Cargo.toml"), "not toml at all\n");
}

#[test]
fn git_may_read_the_file_just_before_it_is_written() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    let before = repo.read("CHANGELOG.md");
    repo.commit("feat: two (#2)");
    repo.write("../before.md", &before);
    let cleaned = repo
        .sh("relwatch filter clean CHANGELOG.md < ../before.md")
        .ok();
    assert_eq!(cleaned.stdout, repo.stored());
}

#[test]
fn an_answer_that_does_not_fit_on_the_disk_is_no_success() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    repo.commit("feat: set a timeout (#1)");
    cases::run(
        [
            "relwatch status > /dev/full",
            "relwatch notes --all > /dev/full",
            "relwatch man > /dev/full",
            "relwatch release --dry-run --json > /dev/full",
        ],
        |&script| script,
        |&script| {
            let ran = repo.sh(script).code(1);
            assert!(
                ran.stderr.contains("not all of it could be written"),
                "{script}: {ran:?}"
            );
        },
    );
    repo.sh("relwatch man | head -1").ok();
}
