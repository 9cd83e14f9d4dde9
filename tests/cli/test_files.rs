//! The test files themselves: cargo compiles a module only if `main.rs` of its folder declares it, so a file that nobody declares
//! would never run, and nothing would say so.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use crate::support::cases;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The binaries that consist of modules: the folders below tests/ with a `main.rs`.
fn binaries() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("tests")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("main.rs").is_file());
    folders.sort();
    folders
}

/// The modules that a `main.rs` declares.
fn declared(binary: &Path) -> Vec<String> {
    let main = fs::read_to_string(binary.join("main.rs")).unwrap();
    let names = main.lines().filter_map(|line| {
        let name = line.strip_prefix("mod ")?.strip_suffix(';')?;
        Some(name.to_owned())
    });
    names.collect()
}

#[test]
fn no_test_file_is_forgotten() {
    let mut forgotten = Vec::new();
    let mut count = 0;
    for binary in binaries() {
        let declared = declared(&binary);
        for entry in fs::read_dir(&binary).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let is_module = path.is_dir() || path.extension().is_some_and(|ending| ending == "rs");
            if is_module && name != "main" {
                count += 1;
                if !declared.iter().any(|known| known == name) {
                    forgotten.push(path.strip_prefix(root()).unwrap().to_owned());
                }
            }
        }
    }
    assert!(count > 50, "does this test still find the modules? {count}");
    assert!(
        forgotten.is_empty(),
        "declare these in main.rs of their folder, or they never run: {forgotten:?}"
    );
}

/// `autotests` is off, so a binary that Cargo.toml does not list is never built.
#[test]
fn every_binary_is_in_the_manifest() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let loose = fs::read_dir(root().join("tests")).unwrap();
    let loose = loose.map(|entry| entry.unwrap().path());
    let loose = loose.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let mains = binaries().into_iter().map(|folder| folder.join("main.rs"));
    for path in loose.chain(mains) {
        let path = path.strip_prefix(root()).unwrap().display().to_string();
        assert!(
            manifest.contains(&format!("path = \"{path}\"\n")),
            "give {path} a [[test]] entry in Cargo.toml"
        );
    }
}

#[test]
fn a_failing_case_hides_no_other() {
    let table = || {
        cases::run(
            ["good", "bad", "worse"],
            |&name| name,
            |&name| assert_eq!(name, "good", "{name} is not good"),
        )
    };
    let in_turn = || {
        cases::in_turn(
            ["good", "bad", "worse"],
            |&name| name,
            |&name| assert_eq!(name, "good", "{name} is not good"),
        )
    };
    for end in [catch_unwind(table), catch_unwind(in_turn)] {
        let payload = end.unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        assert!(
            message.starts_with("2 of 3 cases failed: [\"bad\", \"worse\"]\n")
                && message.contains("--- CASE='bad'\n")
                && message.contains("worse is not good"),
            "{message}"
        );
    }
}
