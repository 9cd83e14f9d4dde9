//! The properties that `fuzz/` looks for counter-examples to: over made-up inputs, over texts as people write them, and over each
//! input that broke one once.
//!
//! `LAWS=300000 cargo test --release --test laws fuzz::` runs more cases.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use crate::properties::{self, ALL, BETWEEN};
use crate::support::cases;

fn files(folder: &str) -> Vec<(&'static str, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut found = Vec::new();
    for (name, _) in ALL {
        let Ok(files) = fs::read_dir(root.join(name)) else {
            continue;
        };
        found.extend(files.map(|file| (*name, file.unwrap().path())));
    }
    found.sort();
    found
}

/// `CASE=property/file` checks one of them.
fn all_hold(files: &[(&str, PathBuf)]) {
    let case = |(name, path): &&(&str, PathBuf)| {
        format!("{name}/{}", path.file_name().unwrap().to_string_lossy())
    };
    cases::run(files, case, |(name, path)| {
        properties::check(name, &fs::read(path).unwrap());
    });
}

#[test]
fn what_broke_a_law_once_breaks_none() {
    let all = files("fuzz_cases");
    assert!(all.len() > 5, "the cases are gone");
    all_hold(&all);
}

#[test]
fn the_laws_hold_for_what_people_write() {
    let all = files("fuzz_seeds");
    for (name, _) in ALL {
        assert!(
            all.iter().any(|(known, _)| known == name),
            "no seed for {name}"
        );
    }
    all_hold(&all);
}

/// Words of a property's dictionary, which fuzzing uses, too.
fn words(name: &str) -> Vec<Vec<u8>> {
    let path = format!(
        "{}/fuzz/dictionaries/{name}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter_map(|line| {
        let quoted = line.strip_prefix('"')?.strip_suffix('"')?;
        Some(unescaped(quoted))
    });
    lines.collect()
}

/// libFuzzer's dictionaries: `\\`, `\"` and `\xAB`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next().unwrap() {
            b'x' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                let hex = std::str::from_utf8(&digits).unwrap();
                out.push(u8::from_str_radix(hex, 16).unwrap());
            }
            other => out.push(other),
        }
    }
    out
}

/// Bytes that a failing case shows as text.
#[derive(Clone)]
struct Input(Vec<u8>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

fn input(name: &str) -> impl Strategy<Value = Input> + use<> {
    let piece = prop_oneof![
        10 => prop::sample::select(words(name)),
        2 => Just(b"\n".to_vec()),
        1 => Just(vec![BETWEEN]),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| Input(pieces.concat()))
}

#[test]
fn the_laws_hold_for_what_nobody_writes() {
    let count = std::env::var("LAWS").ok().and_then(|n| n.parse().ok());
    cases::run(
        ALL,
        |(name, _)| *name,
        |(name, property)| {
            let config = ProptestConfig {
                cases: count.unwrap_or(400),
                failure_persistence: None,
                ..ProptestConfig::default()
            };
            let law = |Input(bytes)| {
                property(&bytes);
                Ok(())
            };
            let found = proptest::test_runner::TestRunner::new_with_rng(
                config,
                proptest::test_runner::TestRng::deterministic_rng(
                    proptest::test_runner::RngAlgorithm::ChaCha,
                ),
            )
            .run(&input(name), law);
            found.unwrap_or_else(|error| panic!("{error}"));
        },
    );
}
