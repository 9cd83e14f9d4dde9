//! Fragments and changes compared with the tools that read them, which have to be installed: `.ci/run-extra` does that. JUDGES is a
//! directory whose `bin` has changeset, towncrier, openspec, backlog, scriv, reno and antsibull-changelog.
//!
//! `JUDGES=… cargo test --test cli judges:: -- --ignored`

#![cfg(unix)]

use crate::support::{Repo, Sandbox, adopted, commit_all};

/// Runs one of the tools, which has to succeed.
fn judge(repo: &Repo<'_>, command: &str) -> String {
    let folder = std::env::var("JUDGES").unwrap();
    let quiet = "OPENSPEC_TELEMETRY=0 DO_NOT_TRACK=1 CI=1";
    repo.sh(&format!("{quiet} {folder}/bin/{command}"))
        .ok()
        .stdout
}

/// Categories with the first lines of their entries, sorted, without text in parentheses or before a colon at either end.
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

/// Results of `changeset version` and of a release for a workspace of four packages: `requires` is the additional text in the package.json
/// of each, `levels` the level that a changeset gives each, and `config` the content of .changeset/config.json.
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

/// A repository with its own changelog and fragments, and relwatch's entries for them.
fn fragments<'s>(
    sandbox: &'s Sandbox,
    config: &str,
    files: &[(&str, &str)],
) -> (Repo<'s>, Vec<String>) {
    let repo = adopted(
        sandbox,
        "CHANGELOG.md",
        "# Log\n\n## [Unreleased]\n",
        &["v1.0.0"],
    );
    repo.write("relwatch.yml", config);
    for (path, text) in files {
        repo.write(path, text);
    }
    commit_all(&repo, "chore: fragments");
    let own = told(&repo.section());
    assert!(!own.is_empty());
    (repo, own)
}

#[test]
#[ignore = "needs scriv: .ci/run-extra"]
fn fragments_are_listed_as_scriv_lists_them() {
    let sandbox = Sandbox::new();
    let (repo, own) = fragments(
        &sandbox,
        "specs: scriv\n",
        &[
            ("setup.cfg", "[scriv]\nformat = md\n"),
            (
                "changelog.d/20260129_a.md",
                "<!--\nA new scriv changelog fragment.\n-->\n\n### Added\n\n- A thing\n\n- Another `thing`\n  in two lines\n\n<!--\n### Changed\n\n- A bullet item\n\n-->\n### Fixed\n\n- A bug\n",
            ),
            (
                "changelog.d/20260130_b.md",
                "### Security\n\n- A hole\n\n### Fixed\n\n- Another bug\n\n### Deprecated\n\n- The old way\n",
            ),
            ("changelog.d/README.txt", "Fragments.\n"),
        ],
    );
    repo.relwatch(&["uninstall"]).ok();
    repo.write("CHANGELOG.md", "");
    judge(&repo, "scriv collect --version 1.1.0");
    assert_eq!(own, told(&repo.read("CHANGELOG.md")));
}

#[test]
#[ignore = "needs scriv: .ci/run-extra"]
fn fragments_in_rst_are_listed_as_scriv_lists_them() {
    let sandbox = Sandbox::new();
    let (repo, own) = fragments(
        &sandbox,
        "specs: scriv\n",
        &[
            (
                "changelog.d/20260129_a.rst",
                ".. A new scriv changelog fragment.\n..\n.. Changed\n.. -------\n..\n.. - A bullet item\n..\n\nAdded\n-----\n\n- A thing, :func:`f`\n\n- Another ``thing``::\n\n      code\n\n.. _anchor:\n\nFixed\n-----\n\n- A bug\n",
            ),
            (
                "changelog.d/20260130_b.rst",
                "Fixed\n.....\n\n- Another bug\n",
            ),
        ],
    );
    judge(&repo, "scriv collect --version 1.1.0");
    let own: Vec<String> = own
        .iter()
        .map(|line| line.trim_end_matches(':').to_owned())
        .collect();
    assert_eq!(own, told_in_rst(&repo.read("CHANGELOG.rst")));
}

/// As [`told`], for reStructuredText.
fn told_in_rst(text: &str) -> Vec<String> {
    let mut markdown = String::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let next = lines.get(at + 1).copied().unwrap_or("");
        let is_title = next.len() >= 3 && next.trim_matches('-').is_empty();
        let mark = if is_title { "## " } else { "" };
        markdown.push_str(&format!("{mark}{}\n", line.trim_end_matches(':')));
    }
    told(&markdown)
}

#[test]
#[ignore = "needs reno: .ci/run-extra"]
fn notes_are_listed_as_reno_lists_them() {
    let sandbox = Sandbox::new();
    let config = "specs: reno\ncategories:\n  - {title: New Features, of: [features, added]}\n  - {title: Known Issues, of: [issues]}\n  - {title: Upgrade Notes, of: [breaking]}\n  - {title: Deprecation Notes, of: [deprecations, deprecated]}\n  - {title: Critical Issues, of: [critical]}\n  - {title: Security Issues, of: [security]}\n  - {title: Bug Fixes, of: [fixes, fixed]}\n  - {title: Other Notes, of: [other, changed, removed]}\n";
    let (repo, own) = fragments(
        &sandbox,
        config,
        &[
            (
                "releasenotes/notes/locks-0123456789abcdef.yaml",
                "---\nfeatures:\n  - |\n    Added ``lock_timeout``::\n\n        x = 1\n  - Another feature\nissues:\n  - An issue\nupgrade:\n  - |\n    Python 3.9 is gone.\n\n    More of it.\ndeprecations:\n  - The old way\n",
            ),
            (
                "releasenotes/notes/more-fedcba9876543210.yaml",
                "---\ncritical:\n  - Something critical\nsecurity:\n  - A hole\nfixes:\n  - A bug\nother:\n  - >\n    Something\n    else\n",
            ),
        ],
    );
    let theirs = judge(&repo, "reno -q report --no-show-source . 2>/dev/null");
    let own: Vec<String> = own
        .iter()
        .map(|line| line.trim_end_matches(':').to_owned())
        .collect();
    assert_eq!(own, told_in_rst(&theirs));
}

#[test]
#[ignore = "needs antsibull-changelog: .ci/run-extra"]
fn fragments_are_listed_as_antsibull_lists_them() {
    let sandbox = Sandbox::new();
    let config = "specs: antsibull\ncategories:\n  - {title: Major Changes, of: [major_changes, changed]}\n  - {title: Minor Changes, of: [minor_changes, added]}\n  - {title: Breaking Changes / Porting Guide, of: [breaking]}\n  - {title: Deprecated Features, of: [deprecated_features, deprecated]}\n  - {title: Removed Features (previously deprecated), of: [removed_features, removed]}\n  - {title: Security Fixes, of: [security_fixes, security]}\n  - {title: Bugfixes, of: [bugfixes, fixed]}\n  - {title: Known Issues, of: [known_issues]}\n";
    let (repo, own) = fragments(
        &sandbox,
        config,
        &[
            (
                "changelogs/config.yaml",
                "---\nchangelog_filename_template: ../THEIRS.rst\nchangelog_filename_version_depth: 0\nchanges_file: changelog.yaml\nchanges_format: combined\nkeep_fragments: false\nmention_ancestor: true\nnotesdir: fragments\noutput_formats:\n  - md\nprelude_section_name: release_summary\nprelude_section_title: Release Summary\nsections:\n- [major_changes, Major Changes]\n- [minor_changes, Minor Changes]\n- [breaking_changes, Breaking Changes / Porting Guide]\n- [deprecated_features, Deprecated Features]\n- [removed_features, Removed Features (previously deprecated)]\n- [security_fixes, Security Fixes]\n- [bugfixes, Bugfixes]\n- [known_issues, Known Issues]\ntitle: A.B\ntrivial_section_name: trivial\nis_other_project: true\n",
            ),
            (
                "changelogs/fragments/12-locks.yml",
                "major_changes:\n  - A major change\nminor_changes:\n  - locks - add a thing\n  - locks - add another\nbreaking_changes:\n  - locks - a break\ntrivial:\n  - Nothing\n",
            ),
            (
                "changelogs/fragments/13-more.yaml",
                "---\ndeprecated_features:\n  - The old way\nremoved_features:\n  - The oldest way\nsecurity_fixes:\n  - A hole\nbugfixes:\n  - A bug\nknown_issues:\n  - An issue\n",
            ),
        ],
    );
    judge(
        &repo,
        "antsibull-changelog release --version 1.1.0 --date 2026-01-30 >/dev/null",
    );
    let theirs = repo
        .read("THEIRS.md")
        .replace("\n* ", "\n- ")
        .replace('\\', "");
    let (_, theirs) = theirs.split_once("## v1.1.0").unwrap();
    assert_eq!(own, told(theirs));
    let left = repo.sh("ls changelogs/fragments").ok().stdout;
    assert_eq!(left, "");
}

/// Writes a spec of locks and completed changes that add requirements to it.
fn write_changes(repo: &Repo<'_>, config: &str, changes: &[(&str, &str)]) {
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
    repo.write("relwatch.yml", config);
    for (name, line) in changes {
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
    let changes = [
        ("add-a", "A comes"),
        ("add-b", "B comes"),
        ("add-c", "C comes"),
    ];
    write_changes(&repo, "specs: openspec\n", &changes);
    commit_all(&repo, "chore: changes");
    let archive = |name: &str| {
        judge(&repo, &format!("openspec archive {name} --yes"));
        commit_all(&repo, "chore: archive");
        let spec = repo.read("openspec/specs/locks/spec.md");
        assert!(spec.contains(&format!("Requirement: {name}")), "{spec}");
    };
    let all = "### Added\n\n- Add a (add-a)\n- Add b (add-b)\n- Add c (add-c)";
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

/// A release with `archive: command` leaves the same files as the command run by hand.
#[test]
#[ignore = "needs openspec: .ci/run-extra"]
fn openspec_archives_in_a_release_what_it_archives_by_hand() {
    let sandbox = Sandbox::new();
    let openspec = format!("{}/bin/openspec", std::env::var("JUDGES").unwrap());
    std::os::unix::fs::symlink(openspec, sandbox.path().join("bin/openspec")).unwrap();
    let repo = adopted(
        &sandbox,
        "CHANGELOG.md",
        "# Log\n\n## [Unreleased]\n",
        &["v1.0.0"],
    );
    let config = "specs: {preset: openspec, archive: command}\n";
    let changes = [("add-a", "A comes"), ("add-b", "B comes")];
    write_changes(&repo, config, &changes);
    commit_all(&repo, "chore: changes");
    assert!(judge(&repo, "openspec list").contains("add-b"));
    judge(&repo, "openspec validate --all --no-interactive");
    repo.sh("git clone -q . ../by-hand").ok();
    let by_hand = sandbox.at("by-hand");
    for (id, _) in changes {
        judge(&by_hand, &format!("openspec archive {id} --yes"));
    }
    let tree = |repo: &Repo<'_>| {
        repo.git(&["add", "-A", "openspec"]).ok();
        repo.git(&["ls-files", "-s", "openspec"]).ok().stdout
    };
    let (before, expected) = (tree(&repo), tree(&by_hand));
    let release = |code: i32| {
        let quiet = [("OPENSPEC_TELEMETRY", "0"), ("DO_NOT_TRACK", "1")];
        let args = ["release", "1.1.0", "--yes"];
        let ran = repo.run(env!("CARGO_BIN_EXE_relwatch"), &args, &quiet);
        assert_eq!(ran.code, code, "{ran:?}");
        format!("{}{}", ran.stdout, ran.stderr)
    };
    release(0);
    assert_eq!(tree(&repo), expected);
    assert_eq!((repo.status(), repo.section()), Default::default());
    judge(&repo, "openspec validate --all --no-interactive");
    assert!(judge(&repo, "openspec list").contains("No active changes"));
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(tree(&repo), before);
    judge(&repo, "openspec archive add-a --yes");
    assert!(!repo.exists("openspec/changes/add-a"));
    repo.sh("git checkout -q . && git clean -qfd").ok();

    // A delta that does not fit.
    repo.edit(
        "openspec/changes/add-b/specs/locks/spec.md",
        "## ADDED",
        "## MODIFIED",
    );
    commit_all(&repo, "chore: a delta that does not fit");
    let head = repo.head();
    let said = release(4);
    assert!(said.contains("openspec archive add-b --yes"), "{said}");
    assert_eq!((repo.head(), repo.status()), (head, String::new()));
}

/// F13: every tool can read the output of `relwatch prepare`.
#[test]
#[ignore = "needs openspec, changeset, towncrier and backlog: .ci/run-extra"]
fn tools_go_on_working_beside_a_release_spec() {
    let sandbox = Sandbox::new();
    let repo = crate::support::project(&sandbox, "plain");
    repo.write("relwatch.yml", "specs: [openspec, changesets, towncrier]\n");
    write_changes(
        &repo,
        "specs: [openspec, changesets, towncrier]\n",
        &[("add-a", "A comes")],
    );
    repo.write(
        "package.json",
        "{\"name\": \"pkg\", \"version\": \"0.1.0\"}\n",
    );
    repo.write(".changeset/config.json", "{\"baseBranch\": \"main\"}\n");
    repo.write(".changeset/a.md", "---\n\"pkg\": minor\n---\n\nB comes\n");
    repo.write(
        "towncrier.toml",
        "[tool.towncrier]\nname = 'pkg'\nversion = '0.2.0'\n",
    );
    repo.write("newsfragments/1.feature.md", "C comes\n");
    commit_all(&repo, "chore: changes");
    let tools = |repo: &Repo<'_>| {
        [
            "openspec validate --all --no-interactive",
            "openspec list",
            "changeset status",
            "towncrier build --draft",
        ]
        .map(|command| {
            let said = judge(repo, command);
            let lines = said.lines().filter(|line| !line.contains(" ago"));
            lines.collect::<Vec<_>>().join("\n")
        })
    };
    let before = tools(&repo);
    repo.relwatch(&["prepare", "0.2.0"]).ok();
    assert!(repo.exists(".relwatch/releases/v0.2.0.md"));
    commit_all(&repo, "docs: prepare 0.2.0");
    assert_eq!(tools(&repo), before);

    let repo = crate::support::project(&sandbox, "backlog");
    repo.write("relwatch.yml", "specs: backlog\n");
    repo.write(
        "backlog/config.yml",
        "project_name: Demo\ndefault_status: To Do\nstatuses: [To Do, In Progress, Done]\nremote_operations: false\nauto_commit: false\n",
    );
    judge(&repo, "backlog task create 'Add a lock' -s Done --plain");
    commit_all(&repo, "chore: backlog");
    repo.relwatch(&["prepare", "0.2.0"]).ok();
    let list = judge(&repo, "backlog task list --plain");
    assert!(
        list.contains("TASK-2 - Prepare release notes for v0.2.0 (ac: 0/6)"),
        "{list}"
    );
    // Ticked by the tool, which rewrites the file.
    judge(
        &repo,
        "backlog task edit 2 --check-ac 1 --check-ac 2 --plain",
    );
    commit_all(&repo, "docs: prepare 0.2.0");
    let path = "backlog/tasks/task-2 - Prepare-release-notes-for-v0.2.0.md";
    let boxes = |repo: &Repo<'_>| repo.read(path).matches("- [").count();
    let count = boxes(&repo);
    repo.relwatch(&["prepare", "0.2.0"]).ok();
    assert_eq!(boxes(&repo), count, "{}", repo.read(path));
    repo.write(path, &repo.read(path).replace("- [ ]", "- [x]"));
    commit_all(&repo, "docs: tick");
    repo.relwatch(&["release", "0.2.0", "--yes"]).ok();
    let list = judge(&repo, "backlog task list --plain");
    assert!(!list.contains("TASK-2"), "{list}");
    judge(&repo, "backlog task create 'Add a key' --plain");
    assert!(judge(&repo, "backlog task list --plain").contains("TASK-3"));
    assert!(!repo.read("CHANGELOG.md").contains("Prepare release notes"));
}
