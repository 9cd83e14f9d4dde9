//! Real histories, replayed: at the parent of each release, set relwatch up, look, release, take it back.
//!
//! `REPLAY=/path/to/repository cargo test --release --test laws replay:: -- --ignored --nocapture`; `TAGS="v0.4.0 v0.5.0"` picks releases.

#![cfg(unix)]

use std::collections::HashMap;

use crate::support::{Repo, Sandbox, cases, set_up};

/// For some releases of chant: words of each item that its people wrote about a spec or a commit, and which it is.
const COUNTERPARTS: &[(&str, &[(&str, &str)])] = &[
    (
        "v0.4.0",
        &[
            ("`chant refresh` command", "012-w8v"),
            ("`chant merge --all-completed` flag", "00x-v6m"),
            ("Custom merge driver for spec frontmatter", "014-a4i"),
            ("Enhanced merge conflict detection", "00u-t2v"),
            ("Archive target file verification", "016-5bg"),
            ("`chant work --force` flag", "011-a0m"),
            ("Improved blocked spec errors", "013-bo5"),
            ("Finalize in worktree", "015-ous"),
            ("Compilation error", "32aab6e"),
            ("Spec status updates", "00r-sp4"),
            ("Divergence detection", "00t-i78"),
            ("Worktree cleanup", "00q-97z"),
            ("Reconcile renamed to merge", "00s-kah"),
        ],
    ),
    (
        "v0.5.0",
        &[
            ("Approval system", "001-cic"),
            ("Activity tracking", "003-v9a"),
            ("Enhanced list filtering", "002-iwz"),
            ("Rejection action handlers", "004-6fk"),
            ("Approval documentation", "009-nbc"),
            ("Roadmap restructured", "006-76c"),
            ("CLAUDE.md improvements", "007-smi"),
            ("GitHub PR integration", "005-a2p"),
            ("mdBook links", "008-b9f"),
        ],
    ),
    (
        "v0.6.0",
        &[
            ("`chant work --chain`", "002-b1c"),
            ("Auto-merge for parallel + branch workflow", "006-96p"),
            ("Automatic merge driver setup", "008-xnw"),
            ("Shell autocomplete support", "00i-mwm"),
            ("Enterprise documentation", "00j-ig3"),
            ("Agent configuration separation", "005-qu6"),
            ("Default .gitignore updates", "007-k1o"),
            ("Windows CI", "00h-jw9"),
            ("Config cleanup", "003-pel"),
            ("Apache 2.0", "00n-0d2"),
        ],
    ),
    (
        "v0.10.0",
        &[
            ("Prompt extends/inheritance system", "001-i6b"),
            ("Output-concise prompt extension", "002-rkq"),
            ("`ensure_on_main_branch` safeguard", "003-31r"),
            ("Smart spec resolution", "004-ww6"),
            ("Auto-rebase before merge in parallel", "005-10i"),
            ("Selective merge command", "006-t3j"),
            ("Automatic worktree cleanup on interrupt", "007-hze"),
            ("Branch resolution tests", "008-zms"),
        ],
    ),
];

/// The items that people wrote for a release.
fn by_hand(repo: &Repo<'_>, tag: &str) -> Vec<String> {
    let text = repo
        .git(&["show", &format!("origin-{tag}:CHANGELOG.md")])
        .stdout;
    let heading = format!("## [{}]", tag.trim_start_matches('v'));
    let Some(at) = text.find(&heading) else {
        return Vec::new();
    };
    let section = &text[at + heading.len()..];
    let section = &section[..section.find("\n## ").unwrap_or(section.len())];
    let items = section.lines().filter_map(|line| line.strip_prefix("- "));
    items.map(str::to_owned).collect()
}

/// How many items have a counterpart by their words: among the entries, and among what is left out.
fn counterparts(items: &[String], status: &serde_json::Value) -> (usize, usize) {
    let words = |text: &str| -> Vec<String> {
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase);
        let long = words.filter(|word| word.chars().count() > 3);
        long.map(|word| word.chars().take(5).collect()).collect()
    };
    let texts = |list: &str, key: &str| -> Vec<Vec<String>> {
        let all = status[list].as_array().unwrap().iter();
        all.map(|one| words(one[key].as_str().unwrap())).collect()
    };
    let entries = texts("entries", "text");
    let left_out = texts("left_out", "subject");
    let mut found = (0, 0);
    for item in items {
        // The headline, or the first words.
        let headline = item
            .strip_prefix("**")
            .and_then(|rest| rest.split("**").next());
        let wanted: Vec<String> = words(headline.unwrap_or(item))
            .into_iter()
            .take(8)
            .collect();
        let fits = |text: &Vec<String>| {
            let common = wanted.iter().filter(|word| text.contains(word)).count();
            common * 5 >= wanted.len() * 2 && common > 0
        };
        if entries.iter().any(fits) {
            found.0 += 1;
        } else if left_out.iter().any(fits) {
            found.1 += 1;
        }
    }
    found
}

/// Reasons of what is left out, most frequent first.
fn reasons(status: &serde_json::Value) -> String {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for one in status["left_out"].as_array().unwrap() {
        *counts.entry(one["reason"].as_str().unwrap()).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(reason, count)| (usize::MAX - count, *reason));
    let told = counts
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"));
    told.collect::<Vec<_>>().join("; ")
}

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
        "| release | next by relwatch | commits | entries | covered | left out | by hand | of these listed, left out | reasons |\n|---|---|---|---|---|---|---|---|---|"
    );
    cases::in_turn(
        tags.iter().filter(|t| !t.contains('-')),
        |tag| (*tag).clone(),
        |tag| {
            replay(&sandbox, tag);
        },
    );
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
    // Not named as a release, so that it may stay.
    let own = format!("refs/tags/origin-{tag}");
    repo.git(&["update-ref", &own, &format!("refs/tags/{tag}")])
        .ok();
    let merged = lines(&repo, &["tag", "--merged", "HEAD"]);
    for other in lines(&repo, &["tag"]) {
        if !merged.contains(&other) && !other.starts_with("origin-") {
            repo.git(&["tag", "-d", &other]).ok();
        }
    }
    if !repo.exists("CHANGELOG.md") {
        return;
    }
    let old = repo.read("CHANGELOG.md");
    set_up(&repo);
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
    let by_hand = by_hand(&repo, tag);
    let (listed, left_out) = counterparts(&by_hand, &status);
    println!(
        "| {tag} | {} | {} | {} | {} | {} | {} | {listed}, {left_out} | {} |",
        status["next"]["version"],
        commits.len(),
        count("entries"),
        count("covered"),
        count("left_out"),
        by_hand.len(),
        reasons(&status)
    );
    for (words, reference) in COUNTERPARTS
        .iter()
        .filter(|(of, _)| *of == tag)
        .flat_map(|(_, pairs)| *pairs)
    {
        let hand = by_hand.iter().any(|item| item.contains(words));
        assert!(hand, "{tag}: `{words}` is none of {by_hand:#?}");
        let is_its = |entry: &serde_json::Value| {
            let mut refs = entry["refs"].as_array().unwrap().iter();
            refs.any(|r| r.as_str().unwrap().ends_with(reference))
        };
        let entries = status["entries"].as_array().unwrap();
        assert_eq!(
            entries.iter().filter(|e| is_its(e)).count(),
            1,
            "{tag}: {words}, {reference}"
        );
    }

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
    let skip = ["--skip-checklist", "--reason", "a replay"];
    let released = repo.relwatch(&[&["release", "--yes"][..], &skip].concat());
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

#[test]
#[ignore = "needs a repository: REPLAY=PATH"]
fn every_version_of_a_spec_is_read() {
    let source = std::env::var("REPLAY").unwrap();
    let sandbox = Sandbox::new();
    let origin = Sandbox::at(&sandbox, "origin");
    std::os::unix::fs::symlink(&source, &origin.path).unwrap();
    let raw = lines(
        &origin,
        &[
            "log",
            "--all",
            "--no-renames",
            "-m",
            "--raw",
            "--no-abbrev",
            "--format=",
            "--",
            ".chant/specs",
            ".chant/archive",
        ],
    );
    let mut versions: Vec<(String, String)> = Vec::new();
    for line in raw {
        let (facts, path) = line.split_once('\t').unwrap();
        let blob = facts.split(' ').nth(3).unwrap();
        if path.ends_with(".md") && blob.bytes().any(|b| b != b'0') {
            let id = path.rsplit('/').next().unwrap().trim_end_matches(".md");
            versions.push((blob.to_owned(), id.to_owned()));
        }
    }
    versions.sort();
    versions.dedup();
    let repo = sandbox.repo("r");
    let mut expected: HashMap<String, String> = HashMap::new();
    for (number, (blob, id)) in versions.iter().enumerate() {
        let text = origin.git(&["cat-file", "blob", blob]).ok().stdout;
        let front = text
            .strip_prefix("---\n")
            .and_then(|rest| rest.split("\n---").next());
        let status = front
            .unwrap_or("")
            .lines()
            .find_map(|line| line.strip_prefix("status: "));
        // One ID has many versions: a number before it tells them apart.
        let name = format!("{number}-{}", id.replace('.', "_"));
        repo.write(&format!(".chant/specs/{name}.md"), &text);
        expected.insert(name, status.unwrap_or("pending").trim().to_owned());
    }
    let ran = repo.relwatch(&["specs", "--format", "json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let specs = json["specs"].as_array().unwrap();
    assert_eq!(specs.len(), versions.len());
    assert!(specs.len() > 500, "{} versions", specs.len());
    for spec in specs {
        let status = &expected[spec["id"].as_str().unwrap()];
        let word = match status.as_str() {
            "completed" | "cancelled" => status.as_str(),
            _ => "open",
        };
        assert_eq!(spec["status"], word, "{spec}");
        assert_ne!(spec["title"], "", "{spec}");
    }
    println!(
        "{} versions of spec files read; warnings: {}",
        specs.len(),
        ran.stderr
    );
}
