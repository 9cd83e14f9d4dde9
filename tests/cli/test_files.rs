//! The test files themselves. Cargo compiles a module only if `main.rs` of its directory declares it, so an undeclared file would never
//! run, without notice. Texts name only tests that exist.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use crate::support::cases;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The binaries that consist of modules: the directories below tests/ with a `main.rs`.
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

/// The text files of this repository, by their paths, without inputs of tests and without the changelog, which names old tests.
fn texts() -> Vec<(String, String)> {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    let ignored = ignored.lines().map(|line| line.trim_start_matches('/'));
    let inputs = ["tests/hostile", "tests/fuzz_cases", "tests/fuzz_seeds"];
    let left_out: Vec<&str> = ignored
        .chain(inputs)
        .chain([".git", "CHANGELOG.md"])
        .collect();
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
            if left_out.contains(&name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((name.to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// The words of a text, without the marks of comments: a command may go on in the next line.
fn words(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| {
        let line = line.trim_start();
        let comment = ["//!", "///", "//", "#"].into_iter();
        let mut bare = comment.filter_map(|mark| line.strip_prefix(mark));
        bare.next().unwrap_or(line)
    });
    lines.flat_map(str::split_whitespace).collect()
}

/// The binaries that a text passes to `cargo test`, each with its filters: `("cli", ["book::"])`.
fn called(text: &str) -> Vec<(String, Vec<String>)> {
    let words = words(text);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut found = Vec::new();
    for at in (0..words.len()).filter(|at| words[*at] == concat!("--", "test")) {
        let mut names = Vec::new();
        for word in &words[at + 1..] {
            let name: String = word.chars().take_while(|c| is_name(*c)).collect();
            let is_option = word.starts_with('-');
            let ends = word.contains(['`', '"']) || name.len() < word.len() && !is_option;
            names.push(name);
            if ends {
                break;
            }
        }
        let mut names = names.into_iter();
        let binary = names.next().unwrap_or_default();
        found.push((binary, names.filter(|name| name.contains("::")).collect()));
    }
    found
}

/// The files of tests that a text names.
fn named(text: &str) -> Vec<String> {
    let is_path = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let folder = concat!("tests", "/");
    let found = text.match_indices(folder).filter_map(|(at, _)| {
        let before = text[..at].trim_end_matches("../").chars().next_back();
        let path: String = text[at..].chars().take_while(|c| is_path(*c)).collect();
        let is_file = [".rs", ".py", ".sh"]
            .iter()
            .any(|ending| path.ends_with(ending));
        (is_file && !before.is_some_and(is_path)).then_some(path)
    });
    found.collect()
}

#[test]
fn every_test_that_a_text_names_exists() {
    let manifest: toml_edit::DocumentMut = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let tests = manifest["test"].as_array_of_tables().unwrap().iter();
    let binaries: Vec<&str> = tests.map(|test| test["name"].as_str().unwrap()).collect();
    let mut mentions = Vec::new();
    for (path, text) in texts() {
        let calls = called(&text).into_iter();
        mentions.extend(calls.map(|call| (path.clone(), Err(call))));
        mentions.extend(
            named(&text)
                .into_iter()
                .map(|file| (path.clone(), Ok(file))),
        );
    }
    let count = |is_file: bool| {
        mentions
            .iter()
            .filter(|(_, m)| m.is_ok() == is_file)
            .count()
    };
    assert!(
        count(true) > 20 && count(false) > 20,
        "does this test still read the texts?"
    );
    cases::in_turn(
        mentions,
        |(path, mention)| format!("{path}: {mention:?}"),
        |(_, mention)| match mention {
            Ok(file) => assert!(root().join(file).is_file(), "there is no {file}"),
            Err((binary, filters)) => {
                assert!(
                    binaries.contains(&binary.as_str()),
                    "there is no test binary {binary}; there are {binaries:?}"
                );
                for filter in filters {
                    let (module, test) = filter.split_once("::").unwrap();
                    let path = root().join("tests").join(binary).join(module);
                    let text = fs::read_to_string(path.with_extension("rs"));
                    let text = text.unwrap_or_else(|_| panic!("{binary} has no module {module}"));
                    assert!(
                        test.is_empty() || text.contains(&format!("fn {test}(")),
                        "{module} has no test {test}"
                    );
                }
            }
        },
    );
}

#[test]
fn what_texts_say_about_tests_is_understood() {
    let option = concat!("--", "test");
    let call = |text: &str| called(&text.replace("OPTION", option));
    let is = |binary: &str, filters: &[&str]| {
        let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
        vec![(binary.to_owned(), filters)]
    };
    assert_eq!(call("`X=1 cargo test OPTION cli` a::b"), is("cli", &[]));
    assert_eq!(
        call("//! `cargo test OPTION heavy\n//! matrix::`, b::"),
        is("heavy", &["matrix::"])
    );
    assert_eq!(
        call("cargo test OPTION cli -- --ignored book::readme help::\n"),
        is("cli", &["book::readme", "help::"])
    );
    assert_eq!(
        call("`cargo test OPTION laws -- --ignored`. a::b"),
        is("laws", &[])
    );
    let folder = concat!("tests", "/");
    let text =
        format!("`{folder}a/b.rs`, \"../{folder}c.rs\", src/{folder}d.rs, {folder}e, {folder}");
    assert_eq!(
        named(&text),
        [format!("{folder}a/b.rs"), format!("{folder}c.rs")]
    );
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
