//! The floors hold: who may use whom, read off the `use` lines and paths of the sources.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources shall fail"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Floor, what it may use of this crate.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("config", &["config", "domain"]),
    ("sys", &["sys", "domain"]),
    ("ui", &["ui", "domain"]),
    ("app", &["app", "domain", "sys", "config", "ui"]),
    ("cli", &["cli", "app", "config", "domain", "sys", "ui"]),
];

/// What the pure floor may not even name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::io",
    "std::net",
    "std::thread",
    "std::time",
    "git2::",
    "fs2::",
    "tempfile::",
    "jiff::",
    "tracing::",
    "directories::",
    "println!",
    "eprintln!",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

fn code(path: &Path) -> String {
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn every_floor_uses_only_the_floors_below_it() {
    let mut seen = 0;
    for (floor, allowed) in MAY_USE {
        for path in sources(&src().join(floor)) {
            let text = code(&path);
            for (at, _) in text.match_indices("crate::") {
                let name: String = text[at + 7..]
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                seen += 1;
                assert!(
                    name.is_empty() || allowed.contains(&name.as_str()),
                    "{} uses crate::{name}, which {floor} may not",
                    path.display()
                );
            }
        }
    }
    assert!(
        seen > 50,
        "only {seen} uses were read; does the test still look at the sources?"
    );
}

#[test]
fn the_domain_is_pure() {
    for path in sources(&src().join("domain")) {
        let text = code(&path);
        for name in IMPURE {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn only_ui_prints_and_libraries_that_may_be_replaced_have_one_door() {
    for path in sources(&src()) {
        let text = code(&path);
        let name = path
            .strip_prefix(src())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        for (word, door) in [
            ("serde_yaml::", "domain/yaml.rs"),
            ("fs2::", "sys/lock.rs"),
            ("notify::", "sys/watcher.rs"),
            ("io::stdout()", "ui/mod.rs"),
            ("io::stderr()", "ui/mod.rs"),
        ] {
            let asks_only = name == "sys/env.rs"; // whether it is a terminal
            assert!(
                !text.contains(word) || name == door || asks_only,
                "{name} uses {word}"
            );
        }
    }
}

#[test]
fn no_file_is_longer_than_a_person_reads() {
    for path in sources(&src()) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 900, "{} has {lines} lines", path.display());
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let manifest = fs::read_to_string(src().join("../Cargo.toml")).unwrap();
    let dependencies = manifest
        .split("[dependencies]")
        .nth(1)
        .unwrap()
        .split("[profile")
        .next()
        .unwrap();
    for line in dependencies.lines().filter(|line| line.contains(" = ")) {
        assert!(line.contains('#'), "no reason given: {line}");
    }
}
