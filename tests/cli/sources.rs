//! The examples of docs/specs.md, each run as it stands there: configuration, files, commit, section, release.

use crate::support::document::chapters;
use crate::support::{Sandbox, cases, project};

const DOCS: &str = include_str!("../../docs/specs.md");

#[test]
fn every_documented_source_does_what_its_example_says() {
    let examples = chapters(DOCS);
    assert_eq!(examples.len(), 9, "one for each preset and one of your own");
    cases::run(
        examples,
        |example| example.title.clone(),
        |example| {
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
        },
    );
}
