//! relwatch's dependencies: crates of one registry, with compatible licences, none of them with network access. `deny.toml` has the same
//! rules for cargo-deny, which also knows the advisories.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::cases;

/// All crates compiled into the program, on every system, and those that build and test it.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text<'v>(package: &'v Value, key: &str) -> &'v str {
    package[key].as_str().unwrap_or_default()
}

fn name(package: &Value) -> String {
    text(package, "name").to_owned()
}

/// A list of `deny.toml`.
fn listed(table: &str, key: &str) -> BTreeSet<String> {
    let toml: toml_edit::DocumentMut = include_str!("../../deny.toml").parse().unwrap();
    let list = toml[table][key].as_array().unwrap().iter();
    let name = |value: &toml_edit::Value| {
        let name = value
            .as_inline_table()
            .map_or(Some(value), |table| table.get("name"));
        name.and_then(toml_edit::Value::as_str).unwrap().to_owned()
    };
    list.map(name).collect()
}

#[test]
fn every_crate_comes_from_the_registry() {
    let mut packages = packages();
    packages.retain(|package| text(package, "name") != "relwatch");
    cases::in_turn(packages, name, |package| {
        assert_eq!(
            text(package, "source"),
            "registry+https://github.com/rust-lang/crates.io-index"
        );
    });
}

/// Whether the allowed licences satisfy an SPDX expression: one of its alternatives, or all of its joint licences.
fn fits(licence: &str, allowed: &BTreeSet<String>) -> bool {
    let licence = licence.trim();
    let parts = |word: &str| -> Vec<&str> {
        let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
        for (at, c) in licence.char_indices() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            if depth == 0 && licence[at..].starts_with(word) {
                parts.push(&licence[start..at]);
                start = at + word.len();
            }
        }
        parts.push(&licence[start..]);
        parts
    };
    match (parts(" OR "), parts(" AND ")) {
        (any, _) if any.len() > 1 => any.iter().any(|one| fits(one, allowed)),
        (_, all) if all.len() > 1 => all.iter().all(|one| fits(one, allowed)),
        _ => match licence.strip_prefix('(').and_then(|l| l.strip_suffix(')')) {
            Some(inner) => fits(inner, allowed),
            None => allowed.contains(licence),
        },
    }
}

#[test]
fn every_licence_allows_it() {
    let allowed = listed("licenses", "allow");
    cases::in_turn(packages(), name, |package| {
        let licence = text(package, "license").replace('/', " OR ");
        assert!(fits(&licence, &allowed), "{licence}");
    });
}

#[test]
fn no_crate_brings_a_network() {
    let denied = listed("bans", "deny");
    assert!(denied.len() > 5);
    cases::in_turn(packages(), name, |package| {
        assert!(
            !denied.contains(text(package, "name")),
            "it is compiled into the program"
        );
    });
}

/// Two versions of one crate are twice the code to trust; those of procedural macros end with the build.
#[test]
fn no_crate_is_there_twice() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        let (name, version) = (text(&package, "name"), text(&package, "version"));
        versions
            .entry(name.to_owned())
            .or_default()
            .insert(version.to_owned());
    }
    let twice: Vec<_> = versions
        .iter()
        .filter(|(_, versions)| versions.len() > 1)
        .collect();
    // Parses the source of derives at build time; and dependencies of win32job, on Windows only.
    let known = ["syn", "thiserror", "thiserror-impl"];
    let other = twice
        .iter()
        .find(|(name, _)| !known.contains(&name.as_str()) && !name.starts_with("windows"));
    assert_eq!(other, None, "{twice:?}");
}

#[test]
fn the_program_has_one_unsafe_call_of_its_own() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    assert!(read(&root.join("lib.rs")).contains("#![deny(unsafe_code)]"));
    assert!(read(&root.join("main.rs")).contains("#![forbid(unsafe_code)]"));
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let calls = read(&path).matches("unsafe {").count();
                found.extend(std::iter::repeat_n(path, calls));
            }
        }
    }
    assert_eq!(found, [root.join("sys/git/ownership.rs")]);
}

/// What the sources read at build time is in the crate: `cargo install` has nothing else.
#[test]
fn the_crate_has_what_its_sources_include() {
    let manifest: toml_edit::DocumentMut = include_str!("../../Cargo.toml").parse().unwrap();
    let packed = manifest["package"]["include"].as_array().unwrap();
    let packed: Vec<&str> = packed.iter().filter_map(|path| path.as_str()).collect();
    for (directory, outside) in [
        (
            "/docs/schema/",
            include_str!("../../src/commands/schema.rs"),
        ),
        ("/hooks/", include_str!("../../src/install/hooks/script.rs")),
    ] {
        assert!(outside.contains(&format!("..{directory}")), "{directory}");
        assert!(packed.contains(&directory), "{directory} is not packed");
    }
}
