//! The examples of docs/reference/specs.md, each run as printed: configuration, files, commit, section, release.

use crate::support::document::chapters;
use crate::support::{Sandbox, cases, commit_all, project};

const DOCS: &str = include_str!("../../docs/reference/specs.md");

#[test]
fn every_documented_source_does_what_its_example_says() {
    let examples = chapters(DOCS);
    assert_eq!(
        examples.len(),
        18,
        "one for each preset and one of your own"
    );
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
            let is_quiet = released.stderr.is_empty();
            // OpenSpec's own command changes more than where the files are.
            let left = released
                .stderr
                .contains("`openspec archive add-lock-timeout --yes` archives it");
            assert!(
                is_quiet && example.title != "OpenSpec" || left,
                "{released:?}"
            );
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
                    let others = ["", "relwatch.yml", "CHANGELOG.md", "after the release"];
                    let blocks = example.blocks.iter();
                    let files = blocks.filter(|block| !others.contains(&block.name.as_str()));
                    files.count() + own.len() - 1 // the release manifest went with its release
                }
            );
            assert_eq!(repo.status(), "", "{}", example.title);
        },
    );
}

/// C16 to C18: fragments without a text, odd names, tasks, notes that were cleared, and code below a sentence.
#[test]
fn specs_and_fragments_are_read_as_their_tools_do() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "changesets");
    repo.write("relwatch.yml", "specs: changesets\n");
    repo.write(".changeset/brave-cats.md", "---\n\"pkg\": major\n---\n");
    repo.write(".changeset/nothing.md", "---\n---\n");
    repo.write(".changeset/plain.md", "---\n\"pkg\": patch\n---\n\nA fix\n");
    commit_all(&repo, "chore: specs");
    repo.relwatch(&["update"]).ok();
    let status = repo.relwatch(&["status", "--all"]).ok().stdout;
    assert!(
        status.contains("brave cats") && status.contains("breaking: "),
        "{status}"
    );
    assert!(
        status.contains("nothing  nothing: declares that it needs no entry"),
        "{status}"
    );

    let repo = project(&sandbox, "towncrier");
    repo.write("relwatch.yml", "specs: towncrier\n");
    for (name, text) in [
        ("fix-1.2.3.feature", "One"),
        ("007.feature.md", "Two"),
        ("baz.1.2.feature.3.rst", "Three"),
        ("+12.3.bugfix", "Four"),
    ] {
        repo.write(&format!("newsfragments/{name}"), &format!("{text}\n"));
    }
    commit_all(&repo, "chore: specs");
    repo.relwatch(&["update"]).ok();
    let section = repo.section();
    for line in [
        "One (fix-1.2.3.feature)",
        "Two (#7)",
        "Three (baz.1.2.feature.3)",
        "Four (+12.3.bugfix)",
    ] {
        assert!(section.contains(line), "{line}: {section}");
    }

    let repo = project(&sandbox, "chant");
    let spec = |id: &str, front: &str, body: &str| {
        let text = format!("---\n{front}status: completed\n---\n{body}\n");
        repo.write(&format!(".chant/specs/2026-01-01-00{id}.md"), &text);
    };
    spec("1-aaa", "type: task\n", "# Triage the issues of June");
    spec("2-bbb", "type: task\n", "# Review the parser");
    spec(
        "3-ccc",
        "",
        "# Refit it\n\n## Release Notes\n\n<!-- nothing for users -->",
    );
    spec(
        "4-ddd",
        "",
        "# T\n\n## Release Notes\n\n### Added: Set a timeout:\n\n```yaml\ntimeout: 3\n```",
    );
    commit_all(&repo, "chore: specs");
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        repo.section(),
        "### Added\n\n- Set a timeout (2026-01-01-004-ddd):\n\n  ```yaml\n  timeout: 3\n  ```"
    );
}

/// F11: the text before a title's colon, and work on tests.
#[test]
fn the_word_before_a_title_says_what_it_is() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "chant");
    let titles = [
        "Docs: explain locks",
        "Feature: locks for all",
        "Chore: tidy the shed",
        "CI: run on arm",
        "Perf: read once",
        "Fix: a crash",
        "Add tests for the parser",
        "Add a test command",
        "Writing Guide: part one",
    ];
    for (number, title) in titles.iter().enumerate() {
        repo.write(
            &format!(".chant/specs/2026-01-0{number}-001-abc.md"),
            &format!("---\nstatus: completed\n---\n\n# {title}\n"),
        );
    }
    commit_all(&repo, "chore: specs");
    let section = repo.section();
    let lines: Vec<&str> = section.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines,
        [
            "### Added",
            "- Locks for all (2026-01-01-001-abc)",
            "- Add a test command (2026-01-07-001-abc)",
            "### Changed",
            "- Read once (2026-01-04-001-abc)",
            "- Writing Guide: part one (2026-01-08-001-abc)",
            "### Fixed",
            "- A crash (2026-01-05-001-abc)",
        ]
    );
}

/// F4, F5: a spec archived by OpenSpec is completed, whatever its checklist says, and one moved within the archive is not new.
#[test]
fn what_a_tool_has_archived_is_done_and_listed_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "openspec");
    repo.write("relwatch.yml", "specs: openspec\n");
    let write = |folder: &str, line: &str, tasks: Option<&str>| {
        let folder = format!("openspec/changes/{folder}");
        let proposal = format!(
            "# Change: {line}\n\n## What Changes\n\n- X\n- **BREAKING**: None - additive\n"
        );
        repo.write(&format!("{folder}/proposal.md"), &proposal);
        if let Some(tasks) = tasks {
            repo.write(&format!("{folder}/tasks.md"), tasks);
        }
    };
    write("add-a", "A comes", Some("- [x] 1.1 a\n- [x] 1.2 b\n"));
    write("add-b", "B comes", Some("- [x] 1.1 a\n- [ ] 1.2 b\n"));
    write("archive/2026-01-01-add-c", "C comes", Some("- [ ] 1.1 a\n"));
    write("archive/2026-01-02-remove-d", "D goes", None);
    commit_all(&repo, "chore: specs");
    let section =
        "### Added\n\n- A comes (add-a)\n- C comes (add-c)\n\n### Removed\n\n- D goes (remove-d)";
    assert_eq!(repo.section(), section);
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(repo.exists("openspec/changes/add-a/tasks.md"));
    // As `openspec archive` does it.
    repo.sh("cd openspec/changes && git mv add-a archive/2026-01-30-add-a && git mv archive/2026-01-01-add-c archive/2026-01-05-add-c")
        .ok();
    write("archive/2026-01-30-add-e", "E comes", Some("- [x] 1.1 a\n"));
    commit_all(&repo, "chore: archive");
    assert_eq!(repo.section(), "### Added\n\n- E comes (add-e)");
}

/// F7: an entry is short and for users: the title, breaking changes, and as much of a long text as configured.
#[test]
fn what_reports_to_reviewers_is_not_listed() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "openspec");
    repo.write("relwatch.yml", "specs: openspec\n");
    let changes = "\n## Why\n\nBecause.\n\n## What Changes\n\n### Now\n\n| a | b |\n|---|---|\n\nWorkflow becomes:\n\n1. x\n";
    for (id, heading) in [
        ("add-x", ""),
        ("fix-y", "# Change Proposal: fix-y\n"),
        ("update-z", "# Proposal: Zed\n"),
        ("remove-v", "# Proposal\n"),
    ] {
        let folder = format!("openspec/changes/{id}");
        repo.write(
            &format!("{folder}/proposal.md"),
            &format!("{heading}{changes}"),
        );
        repo.write(&format!("{folder}/tasks.md"), "- [x] a\n");
    }
    repo.write(
        "openspec/changes/rename-w/proposal.md",
        "## What Changes\n\n- x\n- **BREAKING**: `w` is `u` now\n- **BREAKING** - `v` is gone\n",
    );
    repo.write("openspec/changes/rename-w/tasks.md", "- [x] a\n");
    commit_all(&repo, "chore: specs");
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add x (add-x)\n\n### Changed\n\n- **Breaking:** Rename w (rename-w)\n\n  `w` is `u` now\n\n  `v` is gone\n- Zed (update-z)\n\n### Removed\n\n- Remove v (remove-v)\n\n### Fixed\n\n- Fix y (fix-y)"
    );

    let repo = project(&sandbox, "kiro");
    repo.write("relwatch.yml", "specs: kiro\n");
    for (id, title) in [
        ("lock-timeout", "Requirements Document"),
        ("retries", "需求文档"),
        ("search", "Layout Search - Requirements"),
        ("speed", "Performance Optimization Requirements Document"),
        ("archive-search-fix", "Requirements"),
    ] {
        let folder = format!(".kiro/specs/{id}");
        repo.write(
            &format!("{folder}/requirements.md"),
            &format!("# {title}\n"),
        );
        repo.write(&format!("{folder}/tasks.md"), "- [x] 1. a\n");
    }
    commit_all(&repo, "chore: specs");
    assert_eq!(
        repo.section(),
        "### Added\n\n- Lock timeout (lock-timeout)\n- Retries\n- Layout Search (search)\n- Performance Optimization (speed)\n\n### Fixed\n\n- Archive search fix (archive-search-fix)"
    );

    let repo = project(&sandbox, "backlog");
    let summary = "Locks are given up. Verified by 12 tests.\n\nReviewed twice, at some length.";
    let task = |id: &str, title: &str| {
        repo.write(
            &format!("backlog/tasks/{id}.md"),
            &format!("---\nid: {id}\ntitle: {title}\nstatus: Done\n---\n\n## Final Summary\n\n{summary}\n"),
        );
    };
    task("task-1", "Give up locks");
    task("task-2", &"word ".repeat(60));
    repo.write("relwatch.yml", "specs: backlog\n");
    commit_all(&repo, "chore: specs");
    let section = repo.section();
    assert!(section.contains("- Give up locks (task-1)"), "{section}");
    let status = repo.relwatch(&["status"]).ok().stderr;
    assert!(
        status.contains("spec task-2: 200 of 299 characters of its title are listed"),
        "{status}"
    );
    repo.write(
        "relwatch.yml",
        "specs: {preset: backlog, text: ['## Final Summary'], limit: 30}\n",
    );
    repo.relwatch(&["update"]).ok();
    let section = repo.section();
    assert!(
        section.contains("- Locks are given up. (task-1)"),
        "{section}"
    );
    let status = repo.relwatch(&["status"]).ok().stderr;
    assert!(
        status.contains("spec task-1: 19 of 74 characters of its text are listed"),
        "{status}"
    );
}

/// One text for several issues is one entry. A link to a fragment beside it is that text, too; one that leads elsewhere is not read.
#[test]
fn fragments_with_one_text_are_one_entry() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: towncrier\n");
    repo.write("newsfragments/12.bugfix.md", "Read it\n");
    repo.write("newsfragments/14.bugfix.md", "Read it\n");
    repo.write("newsfragments/15.feature.md", "Write it\n");
    let links = "ln -s 12.bugfix.md newsfragments/13.bugfix.md && ln -s /etc/hostname newsfragments/16.bugfix.md && ln -s ../CHANGELOG.md newsfragments/17.bugfix.md";
    repo.sh(links).ok();
    commit_all(&repo, "chore: fragments");
    println!(
        "{}",
        repo.sh("ls -la newsfragments; git ls-files").ok().stdout
    );
    let section = "### Added\n\n- Write it (#15)\n\n### Fixed\n\n- Read it (#12, #13, #14)";
    assert_eq!(repo.section(), section);
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(repo.stored().contains("- Read it (#12, #13, #14)\n"));
    let left = repo.git(&["ls-files", "newsfragments"]).ok().stdout;
    assert_eq!(
        left,
        "newsfragments/16.bugfix.md\nnewsfragments/17.bugfix.md\n"
    );
    assert_eq!(repo.status(), "");
}

/// F15: a hand-written line about a spec in other words is reported, and excludes nothing.
#[test]
fn a_hand_written_line_that_looks_like_a_spec_is_pointed_out() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write(
        ".chant/specs/2026-01-30-001-abc.md",
        "---\nstatus: completed\n---\n# Set provider in config when `--agent` implies a provider\n",
    );
    commit_all(&repo, "chore: specs");
    repo.edit(
        "CHANGELOG.md",
        "### Changed\n",
        "### Changed\n\n- **Provider inference**: `--agent` sets `provider` in the config\n- Locks have a timeout\n",
    );
    repo.relwatch(&["update"]).ok();
    let hint = "`Set provider in config when `--agent` implies a provider` looks like `**Provider inference**: `--agent` sets `provider` in the co…`, written by hand: if they are one change, put (2026-01-30-001-abc) into your line";
    let status = repo.relwatch(&["status"]).ok();
    assert!(status.stderr.contains(hint), "{status:?}");
    assert_eq!(status.stderr.matches("looks like").count(), 1, "{status:?}");
    assert!(
        repo.section()
            .contains("implies a provider (2026-01-30-001-abc)")
    );
    repo.edit(
        "CHANGELOG.md",
        "in the config\n- Locks",
        "in the config (2026-01-30-001-abc)\n- Locks",
    );
    repo.relwatch(&["update"]).ok();
    assert!(
        !repo.section().contains("implies a provider"),
        "{}",
        repo.section()
    );
    assert_eq!(repo.relwatch(&["status"]).ok().stderr, "");
}

/// F14: a tool moves a spec before anybody commits that.
#[test]
fn a_spec_on_its_way_to_the_archive_stays_listed() {
    for (preset, files, from, to, line) in [
        (
            "openspec",
            &[
                (
                    "proposal.md",
                    "# Change: A comes\n\n## What Changes\n\n- X\n",
                ),
                ("tasks.md", "- [x] a\n"),
            ][..],
            "openspec/changes/add-a",
            "openspec/changes/archive/2026-01-30-add-a",
            "- A comes (add-a)",
        ),
        (
            "chant",
            &[(
                "2026-01-30-001-abc.md",
                "---\nstatus: completed\n---\n# Add a lock\n",
            )],
            ".chant/specs",
            ".chant/archive/2026-01-30",
            "- Add a lock (2026-01-30-001-abc)",
        ),
        (
            "backlog",
            &[(
                "task-1 - Add-a-lock.md",
                "---\nid: TASK-1\ntitle: Add a lock\nstatus: Done\n---\n",
            )],
            "backlog/tasks",
            "backlog/completed",
            "- Add a lock (TASK-1)",
        ),
    ] {
        let sandbox = Sandbox::new();
        let repo = project(&sandbox, preset);
        repo.write("relwatch.yml", &format!("specs: {preset}\n"));
        for (name, text) in files {
            repo.write(&format!("{from}/{name}"), text);
        }
        repo.write(&format!("{from}/other"), "x\n");
        commit_all(&repo, "chore: specs");
        let is_there = |when: &str| {
            let section = repo.section();
            assert!(section.contains(line), "{preset}, {when}: {section}");
        };
        is_there("committed");
        for (name, _) in files {
            repo.sh(&format!(
                "mkdir -p '{to}' && mv '{from}/{name}' '{to}/{name}'"
            ))
            .ok();
        }
        repo.relwatch(&["update"]).ok();
        is_there("moved");
        commit_all(&repo, "chore: archive");
        is_there("archived");
        for (name, _) in files {
            repo.sh(&format!("rm '{to}/{name}'")).ok();
        }
        commit_all(&repo, "chore: delete");
        assert!(!repo.section().contains(line), "{preset}: deleted");
    }
}

/// F10: towncrier's own settings are read, and `init` finds the tools of the repository.
#[test]
fn the_settings_of_towncrier_count() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "CHANGELOG.md",
        "# Log\n\n## [1.0.0] - 2026-01-01\n\n### Features\n\n- x\n",
    );
    repo.write("towncrier.toml", "[tool.towncrier]\ndirectory = 'changelog.d'\n[[tool.towncrier.section]]\npath = ''\n[[tool.towncrier.section]]\nname = 'Web'\npath = 'web'\n[[tool.towncrier.type]]\ndirectory = 'breaking'\nname = 'Breaking Changes'\n[[tool.towncrier.type]]\ndirectory = 'feat'\nname = 'Features'\n[[tool.towncrier.type]]\ndirectory = 'bug'\nname = 'Fixes'\n[[tool.towncrier.type]]\ndirectory = 'api-note'\nname = 'Notes for API users'\n[[tool.towncrier.type]]\ndirectory = 'trivial'\nname = 'Trivial'\nshowcontent = false\n");
    commit_all(&repo, "chore: start");
    repo.git(&["tag", "-a", "v1.0.0", "-m", "x"]).ok();
    let init = repo.relwatch(&["init"]).ok();
    assert!(
        init.stdout
            .contains("specs of towncrier, as towncrier.toml shows"),
        "{init:?}"
    );
    for (name, text) in [
        ("1.feat.md", "A feature"),
        ("2.bug.rst", "A fix"),
        ("3.breaking", "A break"),
        ("4.api-note.md", "A note"),
        ("5.trivial", "Nothing of note"),
        ("6.featur", "A slip"),
        ("web/7.feat", "A page"),
        ("web/1.feat", "A page for the feature"),
    ] {
        repo.write(&format!("changelog.d/{name}"), &format!("{text}\n"));
    }
    commit_all(&repo, "chore: fragments");
    assert_eq!(
        repo.section(),
        "### Breaking Changes\n\n- A break (#3)\n\n### Features\n\n- A feature (#1, 1.feat)\n- A page for the feature (#1, web/1.feat)\n- A page (#7)\n\n### Fixes\n\n- A fix (#2)\n\n### Notes for API users\n\n- A note (#4)"
    );
    let status = repo.relwatch(&["status"]).ok();
    assert!(
        status.stderr.contains("`featur` is no kind of change"),
        "{status:?}"
    );
    repo.relwatch(&["release", "2.0.0", "--yes"]).ok();
    let left = repo.git(&["ls-files", "changelog.d"]).ok().stdout;
    assert_eq!(
        left, "changelog.d/6.featur\n",
        "hidden ones are used up as well"
    );
    repo.write("towncrier.toml", "[tool.towncrier]\nname = 'x\n");
    let status = repo.relwatch(&["status"]);
    assert_eq!(status.code, 2);
    assert!(
        status
            .stderr
            .contains("towncrier.toml: TOML parse error at line 2"),
        "{status:?}"
    );
}

/// The last of Backlog.md's statuses is the one that is done, wherever its directory is.
#[test]
fn the_settings_of_backlog_count() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: backlog\n");
    repo.write(
        "backlog.config.yml",
        "project_name: \"x\"\nstatuses: [\"To Do\", \"Done\", \"Shipped\"]\ntask_prefix: \"JOB\"\nbacklog_directory: \"work/log\"\n",
    );
    for (name, title, status) in [
        ("job-1 - a", "Add a lock", "Shipped"),
        ("job-2 - b", "Add a timeout", "Done"),
        ("task-3 - c", "Add a cache", "Shipped"),
    ] {
        let id = name.split(' ').next().unwrap().to_uppercase();
        repo.write(
            &format!("work/log/tasks/{name}.md"),
            &format!("---\nid: {id}\ntitle: {title}\nstatus: {status}\n---\n"),
        );
    }
    commit_all(&repo, "chore: tasks");
    assert_eq!(repo.section(), "### Added\n\n- Add a lock (JOB-1)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(repo.exists("work/log/completed/job-1 - a.md"));
    assert!(repo.exists("work/log/tasks/job-2 - b.md"));
    repo.write(
        "relwatch.yml",
        "specs: {preset: backlog, done: {status: [Done, Shipped]}}\n",
    );
    repo.write(
        "work/log/tasks/job-4 - d.md",
        "---\nid: JOB-4\ntitle: Add a queue\nstatus: Done\n---\n",
    );
    commit_all(&repo, "chore: tasks");
    assert_eq!(repo.section(), "### Added\n\n- Add a queue (JOB-4)");
    repo.write("backlog.config.yml", "project_name: x\nstatuses: [A\n");
    let status = repo.relwatch(&["status"]);
    assert_eq!(status.code, 2);
    assert!(status.stderr.contains("backlog.config.yml:"), "{status:?}");
}

#[test]
fn init_turns_the_sources_on_that_are_there() {
    for (file, expected) in [
        ("openspec/changes/a/proposal.md", "specs: openspec"),
        (".specify/memory/constitution.md", "specs: spec-kit"),
        (".kiro/specs/a/tasks.md", "specs: kiro"),
        ("backlog/config.yml", "specs: backlog"),
        ("backlog.config.yml", "specs: backlog"),
        (".changeset/config.json", "specs: changesets"),
        (".taskmaster/tasks/tasks.json", "specs: task-master"),
        (".beads/issues.jsonl", "specs: beads"),
        ("conductor/tracks.md", "specs: conductor"),
        ("releasenotes/notes/a-0123456789abcdef.yaml", "specs: reno"),
        ("changelogs/config.yaml", "specs: antsibull"),
        (".changie.yaml", "specs: changie"),
        (".chloggen/config.yaml", "specs: chloggen"),
        ("docs/adr/0001-x.md", "# specs: chant"),
        (".chant/specs/x.md", "# specs: chant"),
        ("README.md", "# specs: chant"),
    ] {
        let sandbox = Sandbox::new();
        let repo = sandbox.repo("r");
        let text = if file.ends_with(".json") {
            "{}\n"
        } else {
            "x: 1\n"
        };
        repo.write(file, text);
        commit_all(&repo, "chore: start");
        let init = repo.relwatch(&["init"]).ok();
        let yaml = repo.read("relwatch.yml");
        assert!(yaml.lines().any(|line| line == expected), "{file}: {yaml}");
        // Only OpenSpec has a command that archives.
        let offer = "# `{preset: openspec, archive: command}` in place of `openspec` has a release run `openspec archive {id} --yes`.";
        let is_offered = expected == "specs: openspec";
        assert_eq!(yaml.contains(offer), is_offered, "{file}: {yaml}");
        let said = init
            .stdout
            .contains("a release names `openspec archive {id} --yes`");
        assert_eq!(said, is_offered, "{file}: {init:?}");
    }
}
