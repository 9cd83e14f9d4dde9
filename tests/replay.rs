//! Real histories, replayed: at the parent of each release, set relwatch up, look, release, take it back.
//!
//! `REPLAY=/path/to/repository cargo test --release --test replay -- --ignored --nocapture`; `TAGS="v0.4.0 v0.5.0"` picks releases.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a broken set-up shall fail the test"
)]

mod support;

use std::collections::HashMap;

use support::{Repo, Sandbox};

fn lines(repo: &Repo<'_>, args: &[&str]) -> Vec<String> {
    repo.git(args)
        .ok()
        .stdout
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
#[ignore = "needs a repository: REPLAY=PATH"]
fn every_change_is_told_once_and_undo_restores_everything() {
    let source = std::env::var("REPLAY").unwrap();
    let sandbox = Sandbox::new();
    let origin = Sandbox::at(&sandbox, "origin");
    sandbox
        .command("cp")
        .args(["-r", &source, "origin"])
        .current_dir(sandbox.path())
        .status()
        .unwrap();
    let tags = match std::env::var("TAGS") {
        Ok(tags) => tags.split_whitespace().map(str::to_owned).collect(),
        Err(_) => lines(&origin, &["tag", "--list", "v*", "--sort=-creatordate"]),
    };
    println!(
        "| release | next by relwatch | commits | entries | covered | left out |\n|---|---|---|---|---|---|"
    );
    for tag in tags.iter().filter(|t| !t.contains('-')) {
        replay(&sandbox, tag);
    }
}

fn replay(sandbox: &Sandbox, tag: &str) {
    sandbox
        .command("rm")
        .args(["-rf", "r"])
        .current_dir(sandbox.path())
        .status()
        .unwrap();
    sandbox
        .command("cp")
        .args(["-r", "origin", "r"])
        .current_dir(sandbox.path())
        .status()
        .unwrap();
    let repo = sandbox.at("r");
    if repo
        .git(&[
            "checkout",
            "-q",
            "-B",
            "main",
            &format!("{tag}^{{commit}}~1"),
        ])
        .code
        != 0
    {
        return;
    }
    let merged = lines(&repo, &["tag", "--merged", "HEAD"]);
    for other in lines(&repo, &["tag"]) {
        if !merged.contains(&other) {
            repo.git(&["tag", "-d", &other]).ok();
        }
    }
    if !repo.exists("CHANGELOG.md") {
        return;
    }
    let old = repo.read("CHANGELOG.md");
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.git(&[
        "commit",
        "-q",
        "-m",
        "chore: keep the changelog with relwatch",
    ])
    .ok();
    let status = repo.relwatch(&["status", "--json"]).ok();
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();

    let mut told: HashMap<String, usize> = HashMap::new();
    for entry in status["entries"].as_array().unwrap() {
        for reference in entry["refs"].as_array().unwrap() {
            *told
                .entry(reference.as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    for list in ["covered", "left_out"] {
        for one in status[list].as_array().unwrap() {
            *told
                .entry(one["reference"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    let range = status["last"]
        .as_str()
        .map_or("HEAD".to_owned(), |last| format!("{last}..HEAD"));
    let commits = lines(
        &repo,
        &["log", "--no-merges", "--format=%h", "--abbrev=7", &range],
    );
    for commit in &commits {
        assert_eq!(
            told.get(commit),
            Some(&1),
            "{tag}: commit {commit} is not told exactly once"
        );
    }
    for path in lines(&repo, &["ls-files", ".chant/specs"]) {
        if repo.read(&path).contains("\nstatus: completed\n") {
            let id = path.rsplit('/').next().unwrap().trim_end_matches(".md");
            let parts = told
                .iter()
                .any(|(t, _)| t == id || t.starts_with(&format!("{id}/")));
            assert!(parts, "{tag}: completed spec {id} is not told");
        }
    }
    let count = |list: &str| status[list].as_array().unwrap().len();
    println!(
        "| {tag} | {} | {} | {} | {} | {} |",
        status["next"]["version"],
        commits.len(),
        count("entries"),
        count("covered"),
        count("left_out")
    );

    let everything = |repo: &Repo<'_>| {
        let index = repo.git(&["ls-files", "-s"]).stdout;
        (
            index,
            repo.git(&["for-each-ref"]).stdout,
            repo.read("CHANGELOG.md"),
            repo.status(),
        )
    };
    let before = everything(&repo);
    let released = repo.relwatch(&["release", "--yes"]);
    if released.code == 6 {
        return;
    }
    if released.code == 3 {
        // Its people wrote the heading before they tagged.
        let heading = format!("already has a section for {}", &tag[1..]);
        assert!(released.stderr.contains(&heading), "{tag}: {released:?}");
        return;
    }
    let released = released.ok();
    assert!(released.stdout.starts_with("released "), "{released:?}");
    assert_eq!(repo.status(), "", "{tag}");
    repo.git(&["fsck", "--strict"]).ok();
    let older = old
        .find("\n## [")
        .or(old.find("\n## v"))
        .map_or("", |at| &old[at..]);
    if !older.contains("[Unreleased]") && !older.contains("\n[") {
        assert!(
            repo.read("CHANGELOG.md").ends_with(older),
            "{tag}: an older section changed"
        );
    }
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(everything(&repo), before, "{tag}");
}
