//! The pages about releases match the sources: the checks, the settings of the examples.

use std::collections::BTreeSet;

use relwatch::domain::release::check::CheckId;

use crate::support::{Sandbox, cases, document, project};

const CHECKS: &str = include_str!("../../docs/reference/checks.md");

/// The pages about releases.
const DOCS: &str = concat!(
    include_str!("../../docs/how-to/gates.md"),
    include_str!("../../docs/how-to/hotfix-and-pre-release.md"),
    include_str!("../../docs/how-to/publish.md"),
    include_str!("../../docs/reference/checks.md"),
    include_str!("../../docs/reference/next-version.md"),
    include_str!("../../docs/reference/placeholders.md"),
    include_str!("../../docs/reference/release-manifest.md"),
    include_str!("../../docs/explanation/release.md"),
);

/// The first column of the table, without backticks.
fn column(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.map(|row| row.split(" |").next().unwrap());
    let names = cells.flat_map(|cell| cell.split(", "));
    names
        .map(|name| name.trim_matches('`').to_owned())
        .collect()
}

#[test]
fn every_check_is_documented() {
    let names = CheckId::NAMES.iter().chain(&["ID"]);
    let known: BTreeSet<String> = names.map(|name| (*name).to_owned()).collect();
    assert_eq!(column(CHECKS), known);
}

#[test]
fn its_examples_are_configuration() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let chapters = document::chapters(DOCS);
    let blocks = chapters.iter().flat_map(|chapter| &chapter.blocks);
    cases::in_turn(
        blocks.filter(|block| block.language == "yaml"),
        |block| format!("line {}", block.line),
        |block| {
            repo.write("relwatch.yml", &block.text);
            repo.relwatch(&["status"]).ok();
        },
    );
    // As in the running text.
    cases::in_turn(
        [
            "push: {mode: pull-request}",
            "hooks: {freeze: reject}",
            "support: {lts: 1 year}",
            "docs: {files: [README.md]}",
            "prerelease: roll",
            "commit_hooks: true",
            "archive: after-publish",
            "version_files: auto",
            "manifest: \"\"",
        ],
        |&yaml| yaml,
        |&yaml| {
            assert!(DOCS.contains(yaml), "{yaml}");
            repo.write("relwatch.yml", yaml);
            repo.relwatch(&["status"]).ok();
        },
    );
}
