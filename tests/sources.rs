//! The examples of docs/specs.md, each run as it stands there: configuration, files, commit, section, release.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a broken set-up shall fail the test"
)]

mod support;

use support::{Sandbox, project};

const DOCS: &str = include_str!("../docs/specs.md");

/// A fenced block: the words behind its language, and its text.
struct Block {
    language: String,
    name: String,
    text: String,
}

struct Example {
    title: String,
    blocks: Vec<Block>,
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut open: Option<Block> = None;
    for line in DOCS.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => {
                let blocks = &mut examples.last_mut().unwrap().blocks;
                blocks.extend(open.take());
            }
            (Some(block), None) => block.text.push_str(&format!("{line}\n")),
            (None, Some(info)) => {
                let (language, name) = info.split_once(' ').unwrap_or((info, ""));
                open = Some(Block {
                    language: language.to_owned(),
                    name: name.to_owned(),
                    text: String::new(),
                });
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    examples.push(Example {
                        title: title.to_owned(),
                        blocks: Vec::new(),
                    });
                }
            }
        }
    }
    examples.retain(|example| !example.blocks.is_empty());
    examples
}

#[test]
fn every_documented_source_does_what_its_example_says() {
    let examples = examples();
    assert_eq!(examples.len(), 9, "one for each preset and one of your own");
    for example in examples {
        let sandbox = Sandbox::new();
        let repo = project(&sandbox, "r");
        let mut after = None;
        for block in &example.blocks {
            let title = &example.title;
            match (block.language.as_str(), block.name.as_str()) {
                ("sh", _) => {
                    repo.git(&["add", "."]).ok();
                    let ran = repo.sh(&block.text).ok();
                    assert_eq!(ran.stderr, "", "{title}");
                }
                (_, "CHANGELOG.md") => {
                    repo.relwatch(&["update"]).ok();
                    assert_eq!(format!("{}\n", repo.section()), block.text, "{title}");
                    assert_eq!(repo.status(), "", "{title}");
                }
                (_, "after the release") => after = Some(&block.text),
                (_, path) => repo.write(path, &block.text),
            }
        }
        let released = repo.relwatch(&["release", "--yes"]).ok();
        assert_eq!(released.stderr, "", "{}", example.title);
        let files = repo
            .git(&["-c", "core.quotePath=false", "ls-files"])
            .ok()
            .stdout;
        let own = [
            "relwatch.yml",
            "CHANGELOG.md",
            ".gitattributes",
            ".relwatch/releases.yml",
            "file",
        ];
        let left: String = files
            .lines()
            .filter(|path| !own.contains(path))
            .map(|path| format!("{path}\n"))
            .collect();
        assert_eq!(&left, after.unwrap(), "{}", example.title);
        assert_eq!(repo.section(), "", "{}", example.title);
        assert_eq!(repo.status(), "", "{}", example.title);
        repo.git(&["fsck", "--strict"]).ok();
        repo.relwatch(&["undo", "--yes"]).ok();
        assert_eq!(
            repo.git(&["-c", "core.quotePath=false", "ls-files"])
                .ok()
                .stdout
                .lines()
                .count(),
            {
                let files = example
                    .blocks
                    .iter()
                    .filter(|b| b.language == "markdown" && b.name != "CHANGELOG.md");
                files.count() + own.len() - 1 // the list of releases went with its release
            }
        );
        assert_eq!(repo.status(), "", "{}", example.title);
    }
}
