//! Fragments and changes beside the tools that read them themselves, which have to be installed: `.ci/run-extra` does that. JUDGES is a folder
//! whose `bin` has changeset, towncrier and openspec.
//!
//! `JUDGES=… cargo test --test cli judges:: -- --ignored`

use crate::support::{Repo, Sandbox, adopted, commit_all};

/// Runs one of the tools, which has to succeed.
fn judge(repo: &Repo<'_>, command: &str) -> String {
    let folder = std::env::var("JUDGES").unwrap();
    let quiet = "OPENSPEC_TELEMETRY=0 DO_NOT_TRACK=1 CI=1";
    repo.sh(&format!("{quiet} {folder}/bin/{command}"))
        .ok()
        .stdout
}

/// Categories with the first lines of their entries, sorted, without what stands in parentheses or before a colon at either end.
fn told(section: &str) -> Vec<String> {
    let mut category = "";
    let mut found = Vec::new();
    for line in section.lines() {
        if let Some((_, title)) = line.split_once("## ") {
            category = title;
        } else if let Some(text) = line.strip_prefix("- ") {
            let text = text.split(" (").next().unwrap();
            let bare = text.split_once(": ").filter(|(start, _)| start.len() == 7);
            let text = bare.map_or(text, |(_, text)| text).trim_matches('*');
            found.push(format!("{category}: {}", text.trim_start_matches("# ")));
        }
    }
    found.sort();
    found
}

#[test]
#[ignore = "needs changeset: .ci/run-extra"]
fn changesets_are_listed_as_changesets_lists_them() {
    let sandbox = Sandbox::new();
    let log = "# pkg\n\n## 1.0.0\n\n### Minor Changes\n\n- Start\n";
    let repo = sandbox.repo("r");
    repo.write(
        "package.json",
        "{\"name\": \"pkg\", \"version\": \"1.0.0\"}\n",
    );
    repo.write(
        ".changeset/config.json",
        "{\"changelog\": \"@changesets/cli/changelog\", \"baseBranch\": \"main\"}\n",
    );
    repo.write("CHANGELOG.md", log);
    commit_all(&repo, "chore: start");
    repo.git(&["tag", "v1.0.0"]).ok();
    repo.relwatch(&["init"]).ok();
    for (name, text) in [
        ("plain", "---\n\"pkg\": patch\n---\n\nA plain fix\n"),
        (
            "long",
            "---\n'pkg': minor\n---\nAdd a thing\n\nWith a second paragraph.\n\n- a list\n",
        ),
        (
            "heading",
            "---\npkg: patch\n---\n\n# A heading\n\ntext below\n",
        ),
        ("breaks", "---\n\"pkg\": major\n---\n\nDrop it\n"),
        ("none", "---\n\"pkg\": none\n---\n\nNothing to release\n"),
        ("empty", "---\n---\n"),
        ("of-none", "---\n---\n\ntext without a package\n"),
        ("README", "Hello\n"),
    ] {
        repo.write(&format!(".changeset/{name}.md"), text);
    }
    commit_all(&repo, "chore: changes");
    let status = repo.relwatch(&["status", "--json"]).ok().stdout;
    assert!(status.contains("\"version\": \"2.0.0\""), "{status}");
    let shown = repo.read("CHANGELOG.md");
    let own = shown.split("## 1.0.0").next().unwrap();
    repo.relwatch(&["uninstall"]).ok();
    judge(&repo, "changeset version");
    let theirs = repo.read("CHANGELOG.md");
    let theirs = theirs.split("## 1.0.0").next().unwrap();
    assert!(theirs.contains("## 2.0.0"), "{theirs}");
    assert_eq!(told(own), told(theirs));
}

/// Names and versions of all packages of a workspace.
fn versions(repo: &Repo<'_>, names: &[&str]) -> String {
    let version = |name: &&str| {
        let text = repo.read(&format!("packages/{name}/package.json"));
        let at = text.find("version").unwrap();
        format!("{name} {}", text[at..].split('"').nth(2).unwrap())
    };
    let all = names.iter().map(version);
    all.collect::<Vec<_>>().join(", ")
}

/// What `changeset version` and a release make of a workspace of four packages: `requires` is what the package.json of each has
/// besides, `levels` what a changeset gives to each, and `config` what is in .changeset/config.json.
fn judged(requires: [&str; 4], versions_before: &str, levels: &str, config: &str) {
    const NAMES: [&str; 4] = ["a", "b", "c", "d"];
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "package.json",
        "{\"name\": \"root\", \"private\": true, \"workspaces\": [\"packages/*\"]}\n",
    );
    repo.write("package-lock.json", "{}\n");
    repo.write(
        ".changeset/config.json",
        &format!("{{\"baseBranch\": \"main\"{config}}}\n"),
    );
    let before: Vec<&str> = versions_before.split(' ').collect();
    for ((name, requires), version) in NAMES.iter().zip(requires).zip(&before) {
        let text = format!(
            "{{\n  \"name\": \"@ex/{name}\",\n  \"version\": \"{version}\"{requires}\n}}\n"
        );
        repo.write(&format!("packages/{name}/package.json"), &text);
    }
    commit_all(&repo, "chore: start");
    for (name, version) in NAMES.iter().zip(&before) {
        repo.git(&["tag", "-a", &format!("@ex/{name}@{version}"), "-m", "x"])
            .ok();
    }
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    for (at, one) in levels.split(' ').enumerate() {
        let (name, level) = one.split_once(':').unwrap();
        repo.write(
            &format!(".changeset/change-{at}.md"),
            &format!("---\n\"@ex/{name}\": {level}\n---\n\nA change {at}\n"),
        );
    }
    commit_all(&repo, "chore: changes");
    let unchanged = versions(&repo, &NAMES);
    judge(&repo, "changeset version");
    let theirs = versions(&repo, &NAMES);
    assert_ne!(theirs, unchanged);
    repo.git(&["reset", "-q", "--hard"]).ok();
    repo.git(&["clean", "-qfd"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    let case = format!("{requires:?} {versions_before} {levels} {config}");
    assert_eq!(versions(&repo, &NAMES), theirs, "{case}");
}

#[test]
#[ignore = "needs changeset: .ci/run-extra"]
fn packages_get_the_versions_that_changesets_gives_them() {
    let on = |kind: &str, all: &str| format!(",\n  \"{kind}\": {{{all}}}");
    let a = |range: &str| format!("\"@ex/a\": \"{range}\"");
    let b = |range: &str| format!("\"@ex/b\": \"{range}\"");
    let ones = "1.0.0 1.0.0 1.0.0 1.0.0";
    // A chain: b requires a, c requires b, d requires both to develop.
    let chain = |range: &str| {
        [
            String::new(),
            on("dependencies", &a(range)),
            on("optionalDependencies", &b(range)),
            on(
                "devDependencies",
                &format!("{}, {}", a("^1.0.0"), b("^1.0.0")),
            ),
        ]
    };
    // The same with peers.
    let peers = |range: &str| {
        [
            String::new(),
            on("peerDependencies", &a(range)),
            on("dependencies", &b("^1.0.0")),
            on("peerDependencies", &b(range)),
        ]
    };
    let ranges = [
        "^1.0.0",
        "~1.0.0",
        "1.0.0",
        ">=1.0.0",
        "1.x",
        "*",
        "^1.0.0 || ^2.0.0",
        ">=1.0.0 <2.0.0",
        "workspace:*",
        "workspace:^",
        "workspace:~",
        "workspace:^1.0.0",
    ];
    for range in ranges {
        for graph in [chain(range), peers(range)] {
            let graph = graph.each_ref().map(String::as_str);
            for level in ["a:patch", "a:minor", "a:major b:minor d:patch"] {
                judged(graph, ones, level, "");
            }
        }
    }
}

#[test]
#[ignore = "needs changeset: .ci/run-extra"]
fn groups_get_the_versions_that_changesets_gives_them() {
    let requires = |name: &str, of: &str| format!(",\n  \"{of}\": {{\"@ex/{name}\": \"^1.0.0\"}}");
    let none = String::new;
    let apart = [none(), none(), none(), none()];
    let chain = [
        none(),
        requires("a", "dependencies"),
        requires("b", "peerDependencies"),
        requires("c", "dependencies"),
    ];
    let experimental = ",\n \"___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH\"";
    for config in [
        ",\n \"fixed\": [[\"@ex/a\", \"@ex/b\"]]".to_owned(),
        ",\n \"fixed\": [[\"@ex/*\", \"!@ex/d\"]]".to_owned(),
        ",\n \"linked\": [[\"@ex/a\", \"@ex/b\", \"@ex/d\"]]".to_owned(),
        ",\n \"fixed\": [[\"@ex/b\", \"@ex/c\"]], \"linked\": [[\"@ex/a\", \"@ex/d\"]]".to_owned(),
        ",\n \"ignore\": [\"@ex/d\"]".to_owned(),
        format!("{experimental}: {{\"onlyUpdatePeerDependentsWhenOutOfRange\": true}}"),
        format!("{experimental}: {{\"updateInternalDependents\": \"always\"}}"),
    ] {
        for graph in [&apart, &chain] {
            let graph = graph.each_ref().map(String::as_str);
            for versions in ["1.0.0 1.0.0 1.0.0 1.0.0", "1.0.0 1.2.0 1.0.3 1.0.0"] {
                for levels in ["a:minor", "a:patch b:minor", "a:major c:patch"] {
                    judged(graph, versions, levels, &config);
                }
            }
        }
    }
}

#[test]
#[ignore = "needs towncrier: .ci/run-extra"]
fn fragments_are_listed_as_towncrier_lists_them() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write("pyproject.toml", "[project]\nname = 'pkg'\nversion = '1.0.1'\n[tool.towncrier]\nname = 'pkg'\nversion = '1.0.1'\ndirectory = 'news'\nfilename = 'CHANGELOG.md'\n");
    repo.write(
        "CHANGELOG.md",
        "# pkg\n\n## pkg 1.0.0 (2024-01-01)\n\n### Features\n\n- Start (#1)\n",
    );
    commit_all(&repo, "chore: start");
    repo.git(&["tag", "v1.0.0"]).ok();
    repo.relwatch(&["init"]).ok();
    for (name, text) in [
        ("12.feature", "Add a thing"),
        ("13.bugfix.md", "Fix a thing\n\nIn two paragraphs."),
        ("fix-1.2.3.feature", "One"),
        ("007.doc", "A doc"),
        ("baz.1.2.feature.3.rst", "Three"),
        ("+12.3.bugfix", "Orphan"),
        ("21.removal", "Remove"),
        ("12.bugfix", "Fix for 12"),
        ("README.md", "Hello"),
    ] {
        repo.write(&format!("news/{name}"), &format!("{text}\n"));
    }
    commit_all(&repo, "chore: fragments");
    let shown = repo.read("CHANGELOG.md");
    let own = shown.split("## pkg 1.0.0").next().unwrap();
    let theirs = judge(&repo, "towncrier build --draft");
    assert_eq!(told(own), told(&theirs));
}

#[test]
#[ignore = "needs openspec: .ci/run-extra"]
fn openspec_goes_on_working_before_and_after_a_release_and_its_undo() {
    let sandbox = Sandbox::new();
    let repo = adopted(
        &sandbox,
        "CHANGELOG.md",
        "# Log\n\n## [Unreleased]\n",
        &["v1.0.0"],
    );
    let requirement = |name: &str| {
        format!(
            "### Requirement: {name}\nThe system SHALL lock files.\n\n#### Scenario: One\n- **WHEN** a file is opened\n- **THEN** it is locked\n"
        )
    };
    let spec = format!(
        "# locks\n\n## Purpose\n\nLocks of files, so that writers wait for each other and lose nothing.\n\n## Requirements\n\n{}",
        requirement("Locking")
    );
    repo.write("openspec/specs/locks/spec.md", &spec);
    repo.write("relwatch.yml", "specs: openspec\n");
    for (name, line) in [
        ("add-a", "A comes"),
        ("add-b", "B comes"),
        ("add-c", "C comes"),
    ] {
        let folder = format!("openspec/changes/{name}");
        repo.write(&format!("{folder}/proposal.md"), &format!("# Change: {name}\n\n## Why\n\nLocks never end, which blocks everybody who waits for them.\n\n## What Changes\n\n- {line}\n"));
        repo.write(
            &format!("{folder}/tasks.md"),
            "## 1. Code\n\n- [x] 1.1 code\n",
        );
        repo.write(
            &format!("{folder}/specs/locks/spec.md"),
            &format!("## ADDED Requirements\n\n{}", requirement(name)),
        );
    }
    commit_all(&repo, "chore: changes");
    let archive = |name: &str| {
        judge(&repo, &format!("openspec archive {name} --yes"));
        commit_all(&repo, "chore: archive");
        let spec = repo.read("openspec/specs/locks/spec.md");
        assert!(spec.contains(&format!("Requirement: {name}")), "{spec}");
    };
    let all = "### Added\n\n- A comes (add-a)\n- B comes (add-b)\n- C comes (add-c)";
    assert_eq!(repo.section(), all);
    archive("add-a");
    assert_eq!(repo.section(), all, "archived before the release");
    repo.relwatch(&["release", "1.1.0", "--yes"]).ok();
    repo.relwatch(&["undo", "--yes"]).ok();
    archive("add-b");
    assert_eq!(repo.section(), all, "archived after an undo");
    repo.relwatch(&["release", "1.1.0", "--yes"]).ok();
    archive("add-c");
    assert_eq!(
        (repo.section(), repo.status()),
        (String::new(), String::new())
    );
}
