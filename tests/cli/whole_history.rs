//! `relwatch notes --all`: the whole history as a changelog.

use crate::support::{Sandbox, says};

const DAY: &[(&str, &str)] = &[
    ("GIT_AUTHOR_DATE", "2026-01-05T12:00:00Z"),
    ("GIT_COMMITTER_DATE", "2026-01-05T12:00:00Z"),
];

#[test]
fn every_change_stands_under_the_lowest_version_that_contains_it() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let commit = |message: &str| {
        let args = ["commit", "-q", "--allow-empty", "-m", message];
        repo.run("git", &args, DAY).ok();
    };
    commit("feat: start");
    repo.git(&["tag", "v1.0.0"]).ok();
    repo.git(&["switch", "-q", "-c", "hotfix"]).ok();
    commit("fix: mend it (#3)");
    repo.git(&["tag", "-a", "-m", "a hotfix", "v1.0.1"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    commit("feat(api): add a thing (#2)");
    let merge = [
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge branch 'hotfix'",
        "hotfix",
    ];
    repo.run("git", &merge, DAY).ok();
    commit("chore: nothing to tell");
    repo.git(&["tag", "v1.1.0"]).ok();
    repo.git(&["tag", "v1.2.0-rc.1"]).ok();
    commit("feat!: change it all\n\nBREAKING CHANGE: call it otherwise");
    let text = repo.relwatch(&["notes", "--all"]).ok().stdout;
    let id = repo.head()[..7].to_owned();
    let start = repo.git(&["rev-parse", "--short=7", "v1.0.0"]).ok().stdout;
    let wanted = format!(
        "# Changelog

## [Unreleased]

### Added

- **Breaking:** Change it all ({id})

  call it otherwise

## [1.1.0] - 2026-01-05

### Added

- **api:** add a thing (#2)

## [1.0.1] - 2026-01-05

### Fixed

- Mend it (#3)

## [1.0.0] - 2026-01-05

### Added

- Start ({})
",
        start.trim()
    );
    assert_eq!(text, wanted);
}

#[test]
fn specs_are_told_by_the_release_that_completed_them() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let spec = |status: &str, title: &str| format!("---\nstatus: {status}\n---\n\n# {title}\n");
    let (one, two) = (
        ".chant/specs/2026-01-01-001-abc.md",
        ".chant/specs/2026-01-02-001-def.md",
    );
    repo.commit_file(one, &spec("completed", "Add locks"), "chore: write it");
    repo.commit_file(two, &spec("pending", "Add keys"), "chore: plan it");
    repo.commit("chant(2026-01-01-001-abc): Add locks");
    repo.git(&["tag", "v0.1.0"]).ok();
    repo.sh("mkdir -p .chant/archive/2026-01-01 && git mv .chant/specs/2026-01-01-001-abc.md .chant/archive/2026-01-01/").ok();
    repo.commit_file(two, &spec("completed", "Add keys"), "chore: complete it");
    repo.git(&["tag", "v0.2.0"]).ok();
    repo.commit("fix: after it (#4)");
    let text = repo.relwatch(&["notes", "--all"]).ok().stdout;
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} is not in\n{text}"))
    };
    assert!(at("## [Unreleased]") < at("After it (#4)"));
    assert!(at("## [0.2.0]") < at("Add keys (2026-01-02-001-def)"));
    assert!(at("Add keys") < at("## [0.1.0]"));
    assert!(at("## [0.1.0]") < at("Add locks (2026-01-01-001-abc)"));
    assert_eq!(text.matches("Add locks").count(), 1);
}

#[test]
fn links_compare_neighbours_and_other_forms_are_there() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let empty = repo.relwatch(&["notes", "--all"]).ok();
    assert_eq!(empty.stdout, "# Changelog\n");
    repo.git(&["remote", "add", "origin", "https://github.com/o/r.git"])
        .ok();
    repo.commit("feat: start (#1)");
    repo.git(&["tag", "v0.1.0"]).ok();
    repo.commit("fix: mend it (#2)");
    let text = repo.relwatch(&["notes", "--all"]).ok().stdout;
    let links = "\n[Unreleased]: https://github.com/o/r/compare/v0.1.0...HEAD\n[0.1.0]: https://github.com/o/r/releases/tag/v0.1.0\n";
    assert!(text.ends_with(links), "{text}");
    let json = repo.relwatch(&["notes", "--all", "--json"]).ok().stdout;
    assert!(
        json.contains("\"version\": null") && json.contains("Mend it (#2)"),
        "{json}"
    );
    repo.relwatch(&["notes", "--all", "--output", "ALL.md"])
        .ok();
    assert_eq!(repo.read("ALL.md"), text);
    says(
        &repo.relwatch(&["notes", "--all", "--latest"]).code(2),
        &["--latest"],
    );
}

#[test]
fn two_versions_on_one_commit_are_both_there() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    repo.commit("feat: start (#1)");
    repo.git(&["tag", "v0.1.0"]).ok();
    repo.git(&["tag", "-a", "-m", "again", "v0.2.0"]).ok();
    let text = repo.relwatch(&["notes", "--all"]).ok().stdout;
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} is not in\n{text}"))
    };
    assert!(at("## [0.2.0]") < at("## [0.1.0]") && at("## [0.1.0]") < at("Start (#1)"));
}
