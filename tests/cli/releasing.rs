//! docs/explanation/release.md says what the sources do: the checks, the exit codes, the settings of its examples.

use std::collections::BTreeSet;

use relwatch::domain::release::check::CheckId;

use crate::support::{Sandbox, cases, document, project};

const DOCS: &str = include_str!("../../docs/explanation/release.md");

/// The first column of the tables below a heading, without backticks.
fn column(heading: &str) -> BTreeSet<String> {
    let (_, rest) = DOCS.split_once(&format!("\n## {heading}\n")).unwrap();
    let chapter = rest.split("\n## ").next().unwrap();
    let rows = chapter.lines().filter_map(|line| line.strip_prefix("| "));
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
    assert_eq!(column("Checks"), known);
}

#[test]
fn every_exit_code_is_documented() {
    let source = include_str!("../../src/domain/failure.rs");
    let codes = source
        .lines()
        .filter_map(|line| line.strip_suffix(',')?.rsplit_once(" = "))
        .map(|(_, code)| code.to_owned());
    let mut known: BTreeSet<String> = codes.collect();
    known.extend(["0".to_owned(), "code".to_owned()]);
    assert_eq!(column("Exit codes"), known);
    let readme = include_str!("../../README.md");
    let (_, readme) = readme.split_once("## Exit codes\n").unwrap();
    for code in known.iter().filter(|code| *code != "code") {
        assert!(readme.contains(&format!("{code} ")), "{code}: {readme}");
    }
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
    // As they stand in the running text.
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
