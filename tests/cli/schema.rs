//! `relwatch schema`: its output matches the configuration and the JSON outputs. All other tests of this binary check that as well: each
//! JSON that a test sees follows its schema, and each relwatch.yml that relwatch reads follows that of the configuration
//! (`tests/support/schema.rs`).

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::bad_input::CONFIGURATIONS;
use crate::support::schema::{self, Published};
use crate::support::{Sandbox, cases, commit_all, configure, says, with_remote};

fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let files = fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .map(|name| name.strip_suffix(".schema.json").unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_published_schema_is_printed() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    let listed = here.relwatch(&["schema"]).ok().stdout;
    let listed: BTreeSet<String> = listed
        .lines()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    let file = |name: &str| if name == "config" { "relwatch" } else { name }.to_owned();
    let files: BTreeSet<String> = listed.iter().map(|name| file(name)).collect();
    assert_eq!(files, names().into_iter().collect());
    for name in listed {
        let printed = here.relwatch(&["schema", &name]).ok().stdout;
        let path = format!("docs/schema/{}.schema.json", file(&name));
        let published = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
        assert_eq!(printed, fs::read_to_string(published).unwrap(), "{path}");
        let id = format!("https://raw.githubusercontent.com/relwatch/relwatch/main/{path}");
        let schema: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(schema["$id"], id);
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    }
    let ran = here.relwatch(&["schema", "stats"]).code(2);
    assert_eq!(
        ran.stderr,
        "relwatch: there is no schema stats; `relwatch schema` lists them\n"
    );
}

/// The commands with `--json`.
fn with_json(command: &clap::Command, all: &mut Vec<String>) {
    for below in command.get_subcommands() {
        let has = |name: &str| {
            below
                .get_arguments()
                .any(|arg| arg.get_long() == Some(name))
        };
        let is_json = |name: &str| {
            let mut arguments = below.get_arguments();
            let format = arguments.find(|arg| arg.get_long() == Some(name));
            format.is_some_and(|arg| {
                arg.get_possible_values()
                    .iter()
                    .any(|v| v.get_name() == "json")
            })
        };
        let inner = below.get_subcommands().any(|one| {
            one.get_arguments()
                .any(|arg| arg.get_long() == Some("json"))
        });
        if has("json") || is_json("format") || inner {
            all.push(below.get_name().to_owned());
        }
    }
}

#[test]
fn every_command_with_json_has_a_schema() {
    let mut all = vec!["relwatch".to_owned()];
    with_json(&relwatch::cli::command(), &mut all);
    all.sort();
    assert_eq!(all, names());
}

#[test]
fn the_outputs_of_a_rich_repository_follow_their_schemas() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(
        &repo,
        "publish:\n  - {name: note, run: 'true', undo: 'false'}\ngates:\n  - {name: test, run: 'true', group: a}\n",
    );
    repo.write(
        ".chant/specs/2026-01-29-001-abc.md",
        "---\nstatus: completed\ntype: code\n---\n# Lock\n\n## Release Notes\n\nLocks have a timeout.\n",
    );
    repo.write(
        ".chant/specs/2026-01-29-002-abc.md",
        "---\nstatus: pending\n---\n# Unlock\n",
    );
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.1.0\"\n",
    );
    commit_all(&repo, "chore: files");
    repo.commit("feat(api)!: dim the lamp (#1)\n\nBREAKING CHANGE: `dim` takes a number\n\nMigration: pass 1");
    repo.commit("test: dim");
    repo.edit(
        "CHANGELOG.md",
        "### Added",
        "### Added\n\n- Hand-written (#7)",
    );
    commit_all(&repo, "docs: words");
    repo.git(&["push", "-q"]).ok();
    let follow = |args: &[&str]| {
        let ran = repo.relwatch(args);
        assert!(ran.stdout.starts_with('{'), "{args:?}: {ran:?}");
        let value: Value = serde_json::from_str(&ran.stdout).unwrap();
        let name = schema::output_of(args).unwrap();
        assert_eq!(Published::read(name).errors(&value), [""; 0], "{args:?}");
    };
    let reading: &[&[&str]] = &[
        &["status", "--json"],
        &["status", "v0.1.0..HEAD", "--json"],
        &["lint", "v0.1.0..HEAD", "--json"],
        &["preview", "HEAD~1..HEAD", "--json"],
        &["notes", "HEAD~1..HEAD", "--json"],
        &["notes", "HEAD~1..HEAD", "--full", "--json"],
        &["explain", "#1", "--json"],
        &["check", "--json"],
        &["specs", "--format", "json"],
        &["notes", "--json"],
        &["notes", "--full", "--json"],
        &["notes", "--all", "--json"],
        &["version", "--json"],
        &["doctor", "--json"],
        &["hooks", "status", "--json"],
        &["port", "--json"],
        &["support", "--json"],
        &["releases", "--json"],
        &["metrics", "--json"],
        &["watch", "list", "--json"],
        &["watch", "status", "--json"],
        &["watch", "stop", "--json"],
        &["release", "--dry-run", "--json"],
    ];
    reading.iter().for_each(|args| follow(args));
    follow(&["release", "--push", "--yes", "--json"]);
    let nothing_to_release = ["check", "release"];
    let again = reading
        .iter()
        .filter(|args| !nothing_to_release.contains(&args[0]));
    again.for_each(|args| follow(args));
    follow(&["notes", "0.2.0", "--json"]);
    follow(&["notes", "0.2.0", "--announce", "release", "--json"]);
    follow(&[
        "withdraw", "0.2.0", "--reason", "it burns", "--yes", "--json",
    ]);
    follow(&["releases", "--json"]);
}

/// The keys of all objects in a schema, each behind those that lead to it, and the numbers that `schema` may have.
fn keys(schema: &Value, at: &str, all: &mut BTreeSet<String>, numbers: &mut BTreeSet<u64>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                for (key, value) in properties {
                    let at = format!("{at}.{key}");
                    all.insert(at.clone());
                    keys(value, &at, all, numbers);
                    if key == "schema" {
                        numbers.extend(value["const"].as_u64());
                    }
                }
            }
            if let Some(Value::Object(definitions)) = object.get("definitions") {
                for (name, value) in definitions {
                    keys(value, &format!(" {name}"), all, numbers);
                }
            }
            let inner = object.iter().filter(|(key, _)| {
                !["properties", "definitions", "default"].contains(&key.as_str())
            });
            inner.for_each(|(_, value)| keys(value, at, all, numbers));
        }
        Value::Array(list) => list.iter().for_each(|one| keys(one, at, all, numbers)),
        _ => {}
    }
}

/// tests/screens/json-keys.txt remembers them: `SCREENS=write` adds new ones, and takes none out but those of an older number.
#[test]
fn no_key_vanishes_without_another_number() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens/json-keys.txt");
    let known = fs::read_to_string(&path).unwrap_or_default();
    let mut now = BTreeSet::new();
    let mut gone = Vec::new();
    for name in names() {
        let file = format!("docs/schema/{name}.schema.json");
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let (mut all, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        keys(
            &serde_json::from_str(&text).unwrap(),
            "",
            &mut all,
            &mut numbers,
        );
        // relwatch.yml has no number: its keys are for ever.
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let head = format!("{name} {}", numbers.join("+"));
        let its = |line: &&str| {
            line.strip_prefix(&head)
                .is_some_and(|rest| rest.starts_with([' ', '.']))
        };
        now.extend(all.into_iter().map(|key| format!("{head}{key}")));
        gone.extend(
            known
                .lines()
                .filter(its)
                .filter(|line| !now.contains(*line))
                .map(str::to_owned),
        );
    }
    assert_eq!(
        gone, [""; 0],
        "raise the number of the output, or let the key be"
    );
    let now: String = now.iter().map(|line| format!("{line}\n")).collect();
    crate::support::is_screen("json-keys.txt", &now);
}

#[test]
fn a_schema_refuses_what_it_does_not_name() {
    let value: Value = serde_json::json!({"schema": 1, "findings": [], "more": 1});
    let errors = Published::read("doctor").errors(&value);
    assert_eq!(errors, [".more: nothing may be there"]);
    let value: Value = serde_json::json!({"schema": 2});
    let errors = Published::read("doctor").errors(&value);
    assert_eq!(errors.len(), 2, "{errors:?}");
}

/// Every example of relwatch.yml in docs/: the blocks of YAML that relwatch reads as a configuration.
#[test]
fn every_example_in_docs_follows_the_schema() {
    let published = Published::read("relwatch");
    let mut directories = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")];
    let mut pages = Vec::new();
    while let Some(directory) = directories.pop() {
        for file in fs::read_dir(directory).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                pages.push(path);
            }
        }
    }
    let mut count = 0;
    for path in pages {
        let text = fs::read_to_string(&path).unwrap();
        for block in text.split("\n```yaml").skip(1) {
            let block = block.split_once('\n').unwrap().1;
            let yaml = block.split("\n```").next().unwrap();
            if relwatch::config::Config::read(yaml).is_err() {
                continue; // of another tool, or a part of something
            }
            count += 1;
            let value = schema::of_yaml(yaml).unwrap();
            let errors = published.errors(&value);
            assert!(
                errors.is_empty(),
                "{}: {yaml}\n{}",
                path.display(),
                errors.join("\n")
            );
        }
    }
    assert!(count > 30, "{count}");
}

/// Errors of a configuration that a schema can detect.
#[test]
fn most_mistakes_are_mistakes_by_the_schema() {
    let published = Published::read("relwatch");
    let broken = CONFIGURATIONS
        .iter()
        .filter_map(|(text, _)| schema::of_yaml(text));
    let (found, missed): (Vec<Value>, Vec<Value>) =
        broken.partition(|value| !published.errors(value).is_empty());
    // Paths out of the repository, regular expressions, values that must differ: no schema keyword can express these.
    assert!(found.len() >= 13 && missed.len() <= 18, "{missed:#?}");
    cases::in_turn(
        [
            "branchs: [main]",
            "tag: v1",
            "storage: both",
            "specs: chants",
            "specs: [chant, {file: x}]",
            "types: {feat: hidden}",
            "categories: keep",
            "branches: main",
            "hooks: {freeze: on}",
            "gates: [{name: a}]",
        ],
        |text| (*text).to_owned(),
        |text| assert!(!published.errors(&schema::of_yaml(text).unwrap()).is_empty()),
    );
}

#[test]
fn init_writes_a_file_that_editors_know() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.relwatch(&["init"]).ok();
    let text = repo.read("relwatch.yml");
    let line = text.lines().next().unwrap();
    let schema: Value =
        serde_json::from_str(&repo.relwatch(&["schema", "config"]).ok().stdout).unwrap();
    let id = schema["$id"].as_str().unwrap();
    assert_eq!(line, format!("# yaml-language-server: $schema={id}"));
    let entry = include_str!("../../packaging/schemastore/catalog-entry.json");
    let entry: Value = serde_json::from_str(entry).unwrap();
    assert_eq!(entry["url"], id);
    repo.relwatch(&["init", "--storage", "tracked"]).ok();
    assert!(repo.read("relwatch.yml").starts_with(line));
    says(&repo.relwatch(&["status"]).ok(), &["on main"]);
}
