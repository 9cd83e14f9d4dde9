//! `relwatch prepare` beside every tool: a release spec in the tool's own form, or a plain file.

use crate::support::{Repo, Sandbox, cases, commit_all, configure, project, says};

/// A tool: its configuration, the files of a completed spec, and where the release spec is, before and after the release.
struct Tool {
    name: &'static str,
    config: &'static str,
    files: &'static [(&'static str, &'static str)],
    at: &'static str,
    done: (&'static str, &'static str),
}

const PLAIN: &str = ".relwatch/releases/v0.2.0.md";
const DONE: (&str, &str) = (PLAIN, "status: completed\n");

const TOOLS: &[Tool] = &[
    Tool {
        name: "chant",
        config: "specs: chant\n",
        files: &[(
            ".chant/specs/2026-01-29-001-abc.md",
            "---\nstatus: completed\n---\n# Add a lock\n",
        )],
        at: ".chant/specs/2026-01-30-001-rel.md",
        done: (
            ".chant/archive/2026-01-30/2026-01-30-001-rel.md",
            "status: completed\n",
        ),
    },
    Tool {
        name: "backlog",
        config: "specs: backlog\n",
        files: &[
            (
                "backlog/tasks/task-3 - Add-a-lock.md",
                "---\nid: TASK-3\ntitle: Add a lock\nstatus: Done\n---\n",
            ),
            (
                "backlog/archive/tasks/TASK-12 - Gone.md",
                "---\nid: TASK-12\n---\n",
            ),
        ],
        at: "backlog/tasks/task-13 - Prepare-release-notes-for-v0.2.0.md",
        done: (
            "backlog/completed/task-13 - Prepare-release-notes-for-v0.2.0.md",
            "status: Done\n",
        ),
    },
    Tool {
        name: "openspec",
        config: "specs: openspec\n",
        files: &[
            (
                "openspec/changes/add-a/proposal.md",
                "# Change: Add a lock\n\n## What Changes\n\n- X\n",
            ),
            ("openspec/changes/add-a/tasks.md", "- [x] a\n"),
        ],
        at: PLAIN,
        done: DONE,
    },
    Tool {
        name: "spec-kit",
        config: "specs: spec-kit\n",
        files: &[
            (
                "specs/001-lock/spec.md",
                "# Feature Specification: Add a lock\n",
            ),
            ("specs/001-lock/tasks.md", "- [x] T001 a\n"),
        ],
        at: PLAIN,
        done: DONE,
    },
    Tool {
        name: "kiro",
        config: "specs: kiro\n",
        files: &[
            (
                ".kiro/specs/add-a-lock/requirements.md",
                "# Requirements Document\n",
            ),
            (".kiro/specs/add-a-lock/tasks.md", "- [x] 1. a\n"),
        ],
        at: PLAIN,
        done: DONE,
    },
    Tool {
        name: "changesets",
        config: "specs: changesets\n",
        files: &[(".changeset/a.md", "---\n\"a\": minor\n---\n\nAdd a lock\n")],
        at: PLAIN,
        done: DONE,
    },
    Tool {
        name: "knope",
        config: "specs: knope\n",
        files: &[(
            ".changeset/a.md",
            "---\ndefault: minor\n---\n\n# Add a lock\n",
        )],
        at: PLAIN,
        done: DONE,
    },
    Tool {
        name: "towncrier",
        config: "specs: towncrier\n",
        files: &[("newsfragments/+a.feature.md", "Add a lock\n")],
        at: PLAIN,
        done: DONE,
    },
    Tool {
        name: "several",
        config: "specs: [changesets, chant]\n",
        files: &[(".changeset/a.md", "---\n\"a\": minor\n---\n\nAdd a lock\n")],
        at: ".chant/specs/2026-01-30-001-rel.md",
        done: (
            ".chant/archive/2026-01-30/2026-01-30-001-rel.md",
            "status: completed\n",
        ),
    },
    Tool {
        name: "decisions",
        config: "specs: {files: 'adr/*.md', done: {state: [Accepted, done]}, archive: 'adr/done/{file}'}\nrelease_spec: {path: 'adr/release-{version}.md'}\n",
        files: &[("adr/7-lock.md", "---\nstate: done\n---\n# Add a lock\n")],
        at: "adr/release-0-2-0.md",
        done: ("adr/done/release-0-2-0.md", "state: Accepted\n"),
    },
    Tool {
        name: "a place of your own",
        config: "specs: openspec\nrelease_spec: {path: 'docs/releases/{tag}.md'}\n",
        files: &[
            (
                "openspec/changes/add-a/proposal.md",
                "# Change: Add a lock\n\n## What Changes\n\n- X\n",
            ),
            ("openspec/changes/add-a/tasks.md", "- [x] a\n"),
        ],
        at: "docs/releases/v0.2.0.md",
        done: ("docs/releases/v0.2.0.md", "status: completed\n"),
    },
];

#[test]
fn every_tool_gets_a_release_spec_that_its_release_completes() {
    cases::run(
        TOOLS,
        |tool| tool.name,
        |tool| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            configure(&repo, tool.config);
            for (path, text) in tool.files {
                repo.write(path, text);
            }
            commit_all(&repo, "chore: specs");
            let is_listed_alone = |repo: &Repo<'_>, when: &str| {
                let section = repo.section().to_lowercase();
                assert!(
                    section.contains("a lock") || section.contains("lock"),
                    "{when}: {section}"
                );
                assert_eq!(section.matches("\n- ").count(), 1, "{when}: {section}");
            };
            is_listed_alone(&repo, "before");
            let wrote = repo.relwatch(&["prepare", "0.2.0"]).ok();
            says(
                &wrote,
                &[&format!("wrote: {}\n", tool.at), "1 completed spec"],
            );
            assert_eq!(wrote.stderr, "");
            commit_all(&repo, "docs: prepare 0.2.0\n\nChangelog: skip");
            is_listed_alone(&repo, "prepared");
            let again = repo.relwatch(&["prepare", "0.2.0"]).ok();
            says(&again, &["unchanged: "]);
            let text = repo.read(tool.at);
            assert!(text.contains(tool.files[0].0), "{text}");
            let check = repo.relwatch(&["check", "0.2.0"]).code(3);
            says(&check, &[&format!("{} has ", tool.at)]);
            repo.write(tool.at, &text.replace("- [ ]", "- [x]"));
            commit_all(&repo, "docs: tick\n\nChangelog: skip");
            let released = repo.relwatch(&["release", "0.2.0", "--yes"]).ok();
            let (at, line) = tool.done;
            assert!(repo.exists(at), "{released:?}");
            let done = repo.read(at);
            assert!(
                done.contains(line) && done.contains("completed_at: "),
                "{done}"
            );
            assert!(!repo.read("CHANGELOG.md").contains("Prepare release notes"));
            assert_eq!((repo.section(), repo.status()), Default::default());
            repo.commit("fix: something else\n\nChangelog: fixed");
            let section = repo.section();
            assert!(
                section.starts_with("### Fixed\n\n- Something else ("),
                "{section}"
            );
            assert_eq!(section.lines().count(), 3, "{section}");
            repo.git(&["reset", "-q", "--hard", "HEAD~"]).ok();
            repo.relwatch(&["undo", "--yes"]).ok();
            assert!(repo.exists(tool.at));
            assert_eq!(repo.status(), "");
            is_listed_alone(&repo, "undone");
        },
    );
}

#[test]
fn what_is_done_because_it_is_there_prepares_nothing() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "specs: changesets\nrelease_spec: {path: '.changeset/release-{version}.md'}\n",
    );
    let refused = repo.relwatch(&["prepare", "0.2.0"]).code(2);
    says(
        &refused,
        &["a spec at .changeset/release-0-2-0.md could not say that it is open"],
    );
}

#[test]
fn components_prepare_each_their_own() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "specs: openspec\ncomponents:\n  one: {paths: [one], tag: 'one/v{version}'}\n  two: {paths: [two], tag: 'two/v{version}'}\n",
    );
    for name in ["one", "two"] {
        repo.write(
            &format!("{name}/CHANGELOG.md"),
            "# Log\n\n## [Unreleased]\n",
        );
    }
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: components");
    for name in ["one", "two"] {
        repo.commit_file(&format!("{name}/x"), "x\n", &format!("feat: {name} comes"));
        let wrote = repo.relwatch(&["prepare", "-c", name, "0.1.0"]).ok();
        let path = format!(".relwatch/releases/{name}-v0.1.0.md");
        says(&wrote, &[&format!("wrote: {path}\n")]);
        repo.edit(&path, "- [ ]", "- [ ]");
        repo.write(&path, &repo.read(&path).replace("- [ ]", "- [x]"));
    }
    commit_all(&repo, "docs: prepare\n\nChangelog: skip");
    repo.relwatch(&["release", "-c", "one", "0.1.0", "--yes"])
        .ok();
    assert!(
        repo.read(".relwatch/releases/one-v0.1.0.md")
            .contains("status: completed")
    );
    assert!(
        repo.read(".relwatch/releases/two-v0.1.0.md")
            .contains("status: open")
    );
}
