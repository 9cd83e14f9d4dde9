//! Teams: what each clone and the repository need, and who says so.

#![cfg(unix)]

use crate::support::{Sandbox, project, says};

#[test]
fn each_clone_is_told_what_it_lacks() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit("chore: start");
    let before = repo.relwatch(&["init", "--check"]).code(1);
    says(
        &before,
        &[
            "missing  configuration: there is no relwatch.yml here",
            "missing  filter: git does not know the filter",
            "missing  hooks: git runs 0 of 5",
            "this clone is not set up; run `relwatch init`",
        ],
    );
    assert!(!repo.exists("relwatch.yml") && !repo.exists("CHANGELOG.md"));
    let done = repo.relwatch(&["init"]).ok();
    says(
        &done,
        &["next: everybody else runs `relwatch init` once, in their own clone"],
    );
    let after = repo.relwatch(&["init", "--check"]).ok();
    assert_eq!(after.stdout, "this clone is set up\n");
    repo.git(&["add", "."]).ok();
    repo.commit("chore: keep the changelog with relwatch");

    sandbox.at(".").git(&["clone", "-q", "r", "other"]).ok();
    let other = sandbox.at("other");
    let there = other.relwatch(&["init", "--check"]).code(1);
    says(&there, &["missing  filter: git does not know the filter"]);
    assert!(!there.stdout.contains("configuration"), "{there:?}");
    let again = other.relwatch(&["init"]).ok();
    assert!(!again.stdout.contains("everybody else"), "{again:?}");
    other.relwatch(&["init", "--check"]).ok();
    other.has_nothing_pending();
    other.sh("rm .git/hooks/post-merge").ok();
    says(
        &other.relwatch(&["init", "--check"]).code(1),
        &["missing  hooks: git runs 4 of 5"],
    );
}

#[test]
fn a_job_judges_what_is_committed() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    let job = || {
        let clone = ["clone", "-q", "r", "job"];
        sandbox.at(".").sh("rm -rf job").ok();
        sandbox.at(".").git(&clone).ok();
        sandbox.at("job").relwatch(&["doctor", "--ci"])
    };
    job().ok();
    // Here the clone counts as well.
    repo.relwatch(&["doctor", "--ci"]).ok();
    repo.sh("rm .git/hooks/post-merge").ok();
    says(
        &repo.relwatch(&["doctor", "--ci"]).code(1),
        &["trouble  hooks: git runs 4 of 5"],
    );

    let attributes = repo.read(".gitattributes");
    repo.write(".gitattributes", "");
    repo.git(&["commit", "-qam", "chore: lose the attributes"])
        .ok();
    says(
        &job().code(1),
        &[
            "trouble  attributes: .gitattributes lacks `/CHANGELOG.md filter=relwatch merge=relwatch`",
        ],
    );
    repo.write(".gitattributes", &attributes);
    let stored = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- One (#1)\n";
    repo.write("CHANGELOG.md", stored);
    repo.git(&[
        "-c",
        "filter.relwatch.clean=cat",
        "commit",
        "-qam",
        "chore: commit all lines",
    ])
    .ok();
    says(&job().code(1), &["trouble  stored lines: "]);
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    repo.write(".gitattributes", &attributes);
    repo.write("relwatch.yml", "sped: {}\n");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-qnm", "chore: misspell"]).ok();
    let wrong = job().code(2);
    says(&wrong, &["relwatch.yml:1: unknown field `sped`"]);
}

#[test]
fn a_configuration_in_a_manifest_is_one() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"lamp\"\nversion = \"0.1.0\"\n\n[package.metadata.relwatch]\nstorage = \"view\"\n",
    );
    repo.git(&["add", "."]).ok();
    repo.commit("chore: start");
    repo.relwatch(&["init"]).ok();
    assert!(!repo.exists("relwatch.yml"));
    repo.git(&["add", "."]).ok();
    repo.commit("chore: keep the changelog with relwatch");
    repo.relwatch(&["init", "--check"]).ok();
    repo.relwatch(&["doctor", "--ci"]).ok();
}
