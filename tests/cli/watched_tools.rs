//! The watcher over the files of each tool: saved, moved, archived, deleted.

#![cfg(unix)]

use crate::support::watching::{Watching, watched};
use crate::support::{Sandbox, cases, eventually};

struct WatchedTool {
    preset: &'static str,
    /// Commands and the entries of the section after each.
    steps: &'static [(&'static str, &'static str)],
}

const COMMIT: &str = "git add . && git commit -qm 'chore: files'";

const TOOLS: &[WatchedTool] = &[
    WatchedTool {
        preset: "chant",
        steps: &[
            (
                "mkdir -p .chant/specs && printf -- '---\\nstatus: completed\\n---\\n# Add a lock\\n' > .chant/specs/2026-01-30-001-abc.md",
                "Add a lock",
            ),
            (COMMIT, "Add a lock"),
            (
                "mkdir -p .chant/archive/2026-01-30 && mv .chant/specs/* .chant/archive/2026-01-30/",
                "Add a lock",
            ),
            ("rm -r .chant/archive", ""),
        ],
    },
    WatchedTool {
        preset: "openspec",
        steps: &[
            (
                "mkdir -p openspec/changes/add-a && echo '# Change: Add a lock' > openspec/changes/add-a/proposal.md && echo '- [ ] a' > openspec/changes/add-a/tasks.md",
                "",
            ),
            (
                "sed -i 's/ \\]/x]/' openspec/changes/add-a/tasks.md",
                "Add a lock",
            ),
            (COMMIT, "Add a lock"),
            (
                "mkdir -p openspec/changes/archive && mv openspec/changes/add-a openspec/changes/archive/2026-01-30-add-a",
                "Add a lock",
            ),
            (COMMIT, "Add a lock"),
        ],
    },
    WatchedTool {
        preset: "spec-kit",
        steps: &[
            (
                "mkdir -p specs/001-a && echo '# Feature Specification: Add a lock' > specs/001-a/spec.md && echo '- [ ] T001 a' > specs/001-a/tasks.md",
                "",
            ),
            ("sed -i 's/ \\]/x]/' specs/001-a/tasks.md", "Add a lock"),
            ("rm -r specs/001-a", ""),
        ],
    },
    WatchedTool {
        preset: "kiro",
        steps: &[
            (
                "mkdir -p .kiro/specs/a && echo '# Add a lock' > .kiro/specs/a/requirements.md && echo '- [ ] 1. a' > .kiro/specs/a/tasks.md",
                "",
            ),
            ("sed -i 's/ \\]/x]/' .kiro/specs/a/tasks.md", "Add a lock"),
            ("rm -r .kiro/specs/a", ""),
        ],
    },
    WatchedTool {
        preset: "backlog",
        steps: &[
            (
                "mkdir -p backlog/tasks && printf -- '---\\nid: TASK-1\\ntitle: Add a lock\\nstatus: To Do\\n---\\n' > 'backlog/tasks/task-1 - a.md'",
                "",
            ),
            ("sed -i 's/To Do/Done/' backlog/tasks/*", "Add a lock"),
            (COMMIT, "Add a lock"),
            (
                "mkdir -p backlog/completed && mv backlog/tasks/* backlog/completed/",
                "Add a lock",
            ),
        ],
    },
    WatchedTool {
        preset: "changesets",
        steps: &[
            (
                "mkdir -p .changeset && printf -- '---\\n\"x\": minor\\n---\\n\\nAdd a lock\\n' > .changeset/a.md",
                "Add a lock",
            ),
            ("sed -i s/lock/latch/ .changeset/a.md", "Add a latch"),
            ("rm .changeset/a.md", ""),
        ],
    },
    WatchedTool {
        preset: "towncrier",
        steps: &[
            (
                "mkdir -p newsfragments && echo 'Add a lock' > newsfragments/1.feature.md",
                "Add a lock",
            ),
            (
                "mv newsfragments/1.feature.md newsfragments/1.bugfix.md && echo 'Add a bolt' > newsfragments/1.bugfix.md",
                "Add a bolt",
            ),
            ("rm newsfragments/1.bugfix.md", ""),
        ],
    },
    WatchedTool {
        preset: "beads",
        steps: &[
            (
                "mkdir -p .beads && echo '{\"id\":\"bd-1\",\"title\":\"Add a lock\",\"status\":\"open\",\"issue_type\":\"feature\"}' > .beads/issues.jsonl",
                "",
            ),
            (
                "sed -i 's/\"open\"/\"closed\"/' .beads/issues.jsonl",
                "Add a lock",
            ),
            ("rm .beads/issues.jsonl", ""),
        ],
    },
    WatchedTool {
        preset: "reno",
        steps: &[
            (
                "mkdir -p releasenotes/notes && printf 'features:\\n  - Add a lock\\n' > releasenotes/notes/a-0123456789abcdef.yaml",
                "Add a lock",
            ),
            ("rm releasenotes/notes/*", ""),
        ],
    },
];

#[test]
fn what_becomes_of_a_spec_is_listed_at_once() {
    cases::run(
        TOOLS,
        |tool| tool.preset,
        |tool| {
            let sandbox = Sandbox::new();
            let repo = watched(&sandbox, "r");
            repo.write("relwatch.yml", &format!("specs: {}\n", tool.preset));
            let _watching = Watching::start(&sandbox);
            for (command, line) in tool.steps {
                repo.sh(command).ok();
                eventually(|| {
                    let section = repo.section();
                    let is_right = match *line {
                        "" => !section.contains("- "),
                        line => section.contains(&format!("- {line}")),
                    };
                    is_right
                        .then_some(())
                        .ok_or(format!("{command}: {line}\n{section}"))
                });
            }
        },
    );
}
