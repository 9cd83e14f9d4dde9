//! Which places of a file follow a release: those with the current version, and no mention of the past.

use crate::support::{Sandbox, cases, commit_all, released_with};

const CHART: &str = "apiVersion: v2\nname: lamp\nversion: 0.1.0\ndependencies:\n  - name: redis\n    version: 17.3.14\n";

#[test]
fn a_pattern_changes_the_current_version_alone() {
    let sandbox = Sandbox::new();
    let config = "version_files: [{path: deploy/lamp.yml, pattern: 'version: {version}'}]\n";
    let repo = released_with(
        &sandbox,
        "chart",
        &[("deploy/lamp.yml", CHART), ("relwatch.yml", config)],
    );
    let warning = "warning: deploy/lamp.yml:6 says 17.3.14, which is not the current version, and stays as it is; change it by hand, or write more of the text around the version in the pattern\n";
    let shown = repo.relwatch(&["version"]).ok();
    assert_eq!(shown.stdout, "deploy/lamp.yml: 0.1.0\n");
    assert_eq!(shown.stderr, warning);
    let said = repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(said.stderr, warning);
    assert_eq!(
        repo.read("deploy/lamp.yml"),
        CHART.replace("0.1.0", "0.2.0")
    );
    // Bumped ahead of the release, it is still the same place.
    repo.relwatch(&["version", "--set", "0.5.0"]).ok();
    repo.relwatch(&["version", "--set", "0.6.0"]).ok();
    repo.commit("feat: more");
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    repo.commit("feat: more");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(
        repo.read("deploy/lamp.yml"),
        CHART.replace("0.1.0", "0.6.0")
    );
}

#[test]
fn a_pattern_without_the_current_version_is_named() {
    let sandbox = Sandbox::new();
    let repo = released_with(
        &sandbox,
        "stale",
        &[
            (
                "Cargo.toml",
                "[package]\nname = \"x\"\nversion = \"0.1.0\"\n",
            ),
            ("install.md", "lamp==0.0.9\nother\nlamp==0.0.8\n"),
            (
                "relwatch.yml",
                "version_files: [{path: install.md, pattern: 'lamp=={version}'}, Cargo.toml]\n",
            ),
        ],
    );
    let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
    for place in ["install.md:1 says 0.0.9,", "install.md:3 says 0.0.8,"] {
        assert!(said.contains(place), "{said}");
    }
    assert_eq!(repo.read("install.md"), "lamp==0.0.9\nother\nlamp==0.0.8\n");
    assert!(repo.read("Cargo.toml").contains("0.2.0"));
    // Corrected by hand, it follows.
    repo.write("install.md", "lamp==0.2.0\nother\nlamp==0.2.0\n");
    commit_all(&repo, "docs: the current version");
    repo.commit("feat: more");
    let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
    assert_eq!(said, "");
    assert_eq!(repo.read("install.md"), "lamp==0.3.0\nother\nlamp==0.3.0\n");
}

#[test]
fn documents_keep_their_history() {
    let sandbox = Sandbox::new();
    cases::run(
        [
            ("directive", ".. versionadded:: 0.1.0"),
            ("prose", "Since v0.1.0 it blinks"),
            ("bound", "foo >= 0.1.0"),
            ("requirement", "requires lamp 0.1.0 or later"),
            ("attribute", "#[deprecated(since = \"0.1.0\")]"),
            ("upgrade", "Upgrading from 0.1.0"),
            ("heading", "## v0.1.0"),
            ("day", "| 0.1.0 | 2025-01-01 |"),
            (
                "past",
                "With 0.1.0 we introduced locks. A bug in 0.1.0 (#3).",
            ),
            ("tested", "Tested with foo 0.1.0 and foo==0.1.0"),
        ],
        |&(name, _)| name,
        |&(name, line)| {
            let text = format!("cargo install lamp@0.1.0\n{line}\n<version>0.1.0</version>\n");
            let config = "docs: {files: [README.md]}\n";
            let repo = released_with(
                &sandbox,
                name,
                &[("README.md", &text), ("relwatch.yml", config)],
            );
            // Twice: history stays, and is no reason for a warning.
            for version in ["0.2.0", "0.3.0"] {
                repo.commit("feat: more");
                let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
                assert_eq!(said, "");
                assert_eq!(
                    repo.read("README.md"),
                    format!("cargo install lamp@{version}\n{line}\n<version>{version}</version>\n")
                );
            }
        },
    );
}

#[test]
fn the_table_of_supported_versions_is_not_stale() {
    let sandbox = Sandbox::new();
    let config =
        "support: {maintained: 6 months, files: [README.md]}\ndocs: {files: [README.md]}\n";
    let repo = released_with(&sandbox, "table", &[("relwatch.yml", config)]);
    let table = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    repo.write("README.md", &format!("# Lamp\n\nv0.1.x\n\n{table}"));
    commit_all(&repo, "docs: table");
    let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
    assert_eq!(
        said,
        "warning: older versions are still named in README.md:3\n"
    );
}
