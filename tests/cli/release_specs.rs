//! Gathering a release as S0 does it: specs, release spec, check, release, archive, notes.

use crate::support::{Ran, Repo, Sandbox, cases, commit_all, project};

fn spec(repo: &Repo<'_>, id: &str, front: &str, body: &str) {
    repo.write(
        &format!(".chant/specs/{id}.md"),
        &format!("---\ntype: code\n{front}---\n\n{body}"),
    );
}

/// Three completed specs, one of them a member of a driver that is not completed, and one in progress.
fn gathered<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    let done = "status: completed\ncompleted_at: 2026-01-29T10:00:00Z\n";
    spec(
        &repo,
        "2026-01-29-004-jkl",
        &format!("{done}labels: [fix, v0.2.0]\n"),
        "# Serialize writers\n\n## Release Notes\n\nWriters wait for each other. (#1234)\n",
    );
    spec(
        &repo,
        "2026-01-29-005-mno",
        &format!("{done}labels: [v0.2.0]\n"),
        "# Add a lock | timeout\n",
    );
    spec(
        &repo,
        "2026-01-30-001-pqr",
        "status: in_progress\n",
        "# Storage guide\n",
    );
    spec(&repo, "2026-01-30-001-pqr.1", done, "# Write chapter one\n");
    repo.git(&["add", "."]).ok();
    repo.commit("chant: Add specs");
    repo.relwatch(&["update"]).ok();
    repo
}

fn release_spec(repo: &Repo<'_>) -> String {
    repo.read(".chant/specs/2026-01-30-002-rel.md")
}

#[test]
fn specs_are_listed_by_status_label_and_date() {
    let sandbox = Sandbox::new();
    let repo = gathered(&sandbox);
    let list = |args: &[&str]| repo.relwatch(&[&["specs"], args].concat()).ok().stdout;
    assert_eq!(
        list(&[]),
        "2026-01-29-004-jkl    completed    fix      Serialize writers\n\
         2026-01-29-005-mno    completed    feature  Add a lock | timeout\n\
         2026-01-30-001-pqr    in_progress  changed  Storage guide\n\
         2026-01-30-001-pqr.1  completed    changed  Write chapter one\n\n4 specs\n\n\
         2026-01-30-001-pqr.1 is completed, its driver 2026-01-30-001-pqr is not\n"
    );
    assert_eq!(
        list(&[
            "--status",
            "completed",
            "--label",
            "v0.2.0",
            "--format",
            "markdown"
        ]),
        "| id | type | status | title | labels | completed_at | text |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n\
         | 2026-01-29-004-jkl | fix | completed | Serialize writers | fix, v0.2.0 | 2026-01-29 | Writers wait for each other. (#1234) |\n\
         | 2026-01-29-005-mno | feature | completed | Add a lock \\| timeout | v0.2.0 | 2026-01-29 | - |\n"
    );
    assert_eq!(
        list(&[
            "--label", "fix", "--label", "none", "--any", "--format", "csv"
        ]),
        "id,type,status,title,labels,completed_at,text\r\n\
         2026-01-29-004-jkl,fix,completed,Serialize writers,\"fix, v0.2.0\",2026-01-29,Writers wait for each other. (#1234)\r\n"
    );
    assert_eq!(
        list(&["--label", "fix", "--label", "none"]).lines().next(),
        Some("no spec fits")
    );
    let count = |args: &[&str]| {
        let json: serde_json::Value =
            serde_json::from_str(&list(&[args, &["--format", "json"]].concat())).unwrap();
        json["specs"].as_array().unwrap().len()
    };
    assert_eq!(count(&["--status", "in_progress"]), 1);
    assert_eq!(count(&["--status", "open"]), 1);
    assert_eq!(count(&["--since", "v0.1.0"]), 4);
    assert_eq!(
        count(&["--since", "2026-01-30", "--status", "completed"]),
        0
    );
    assert_eq!(count(&["--since", "1 day ago", "--status", "completed"]), 3);
    assert_eq!(
        list(&["--label", "none"]).lines().next(),
        Some("no spec fits")
    );
    let wrong = repo.relwatch(&["specs", "--since", "long ago"]).code(2);
    assert!(
        wrong.stderr.contains("`long ago` is no tag and no day"),
        "{wrong:?}"
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(count(&["--since", "v0.2.0", "--status", "completed"]), 0);
    assert_eq!(count(&["--since", "v0.1.0", "--status", "completed"]), 3);
}

#[test]
fn a_release_spec_is_written_extended_ticked_and_completed() {
    let sandbox = Sandbox::new();
    let repo = gathered(&sandbox);
    let said = repo.relwatch(&["prepare", "minor"]).ok().stdout;
    assert_eq!(
        said,
        "wrote: .chant/specs/2026-01-30-002-rel.md\n3 completed specs for v0.2.0, 3 boxes to tick\n\
         next: tick them, commit the file, then run `relwatch release 0.2.0`\n"
    );
    let text = release_spec(&repo);
    assert!(
        text.contains("  - .chant/specs/2026-01-29-004-jkl.md  # Fix: Serialize writers\n")
            && text.contains("| 005-mno | feature | Add a lock \\| timeout |\n")
            && text.contains("- [ ] All completed specs since v0.1.0 reviewed\n"),
        "{text}"
    );
    assert!(
        !text.contains("pqr.md"),
        "what is not completed is not released: {text}"
    );
    let again = repo.relwatch(&["prepare", "v0.2.0"]).ok().stdout;
    assert!(again.starts_with("unchanged: "), "{again}");

    // One more spec, while the user ticks checklist items and edits the spec.
    repo.edit(
        ".chant/specs/2026-01-30-002-rel.md",
        "- [ ] User-facing descriptions written (not technical jargon)",
        "- [x] User-facing descriptions written (not technical jargon) twice\n  by hand",
    );
    repo.edit(
        ".chant/specs/2026-01-30-002-rel.md",
        "status: ready",
        "status: ready # soon",
    );
    spec(
        &repo,
        "2026-01-30-003-stu",
        "status: completed\n",
        "# Fix the stove\n",
    );
    commit_all(&repo, "chant: Add spec 2026-01-30-003-stu");
    let status = repo.relwatch(&["specs"]).ok().stdout;
    assert!(
        status.contains("2026-01-30-003-stu waits, 2026-01-30-002-rel does not name it"),
        "{status}"
    );
    let before = release_spec(&repo);
    let said = repo.relwatch(&["prepare", "0.2.0"]).ok().stdout;
    assert!(said.starts_with("updated: "), "{said}");
    let after = release_spec(&repo);
    let kept: Vec<&str> = before.lines().collect();
    let mut lines = after.lines();
    assert!(kept.iter().all(|line| lines.any(|l| l == *line)), "{after}");
    assert!(
        after.contains("003-stu.md  # Fix: Fix the stove\n") && after.contains("| 003-stu | fix |"),
        "{after}"
    );

    // Open checklist items block the release.
    commit_all(&repo, "chant: Prepare v0.2.0");
    cases::in_turn(
        [&["release", "--yes"][..], &["release", "--dry-run"]],
        |&args| args.join(" "),
        |&args| {
            let refused = repo.relwatch(args).code(3);
            assert!(
            refused.stderr.contains(
                "  - .chant/specs/2026-01-30-002-rel.md has 2 open checklist items; tick and commit, or give --skip-checklist"
            ) && refused.stderr.contains("All tests passing on main branch"),
            "{refused:?}"
        );
        },
    );
    repo.relwatch(&["release", "--yes", "--skip-checklist"])
        .code(2);
    let ticked = release_spec(&repo).replace("- [ ]", "- [x]");
    let ticked = ticked.replace("[x] All tests passing", "[ ] All tests passing");
    repo.write(".chant/specs/2026-01-30-002-rel.md", &ticked);
    commit_all(&repo, "chant: Tick");
    let before = repo.head();
    let reason = ["--skip-checklist", "--reason", "the runner is down"];
    repo.relwatch(&[&["release", "--yes"][..], &reason].concat())
        .ok();
    let tag = repo
        .git(&["tag", "-l", "--format=%(contents)", "v0.2.0"])
        .ok()
        .stdout;
    assert!(
        tag.trim_end()
            .ends_with("Checklist-Skipped: 1 open checklist item: the runner is down"),
        "{tag}"
    );
    let archived = repo.read(".chant/archive/2026-01-30/2026-01-30-002-rel.md");
    let expected = ticked
        .replace("status: ready # soon", "status: completed # soon")
        .replace(
            "- CHANGELOG.md\n---",
            "- CHANGELOG.md\ncompleted_at: 2026-01-30T00:00:00Z\n---",
        );
    assert_eq!(archived, expected);
    assert!(!repo.exists(".chant/specs/2026-01-30-002-rel.md"));
    assert!(
        repo.exists(".chant/specs/2026-01-30-001-pqr.md"),
        "still open"
    );
    assert!(
        !repo.read("CHANGELOG.md").contains("Prepare release notes"),
        "it is no change"
    );
    assert_eq!(repo.status(), "");
    repo.git(&["fsck", "--strict"]).ok();

    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(repo.head(), before);
    assert_eq!(release_spec(&repo), ticked);
    assert_eq!(repo.status(), "");
}

#[test]
fn a_release_says_which_release_spec_it_is_not_about() {
    let sandbox = Sandbox::new();
    let repo = gathered(&sandbox);
    repo.relwatch(&["prepare", "0.5.0"]).ok();
    commit_all(&repo, "chant: Prepare v0.5.0");
    // Its version is the next one.
    let checked = repo.relwatch(&["check"]).code(3).stdout;
    assert!(checked.contains("version       0.5.0"), "{checked}");
    let checked = repo.relwatch(&["check", "0.4.0"]).ok();
    assert!(
        checked
            .stderr
            .contains("2026-01-30-002-rel.md prepares another version than 0.4.0"),
        "{checked:?}"
    );
}

#[test]
fn archive_moves_what_is_completed_and_nothing_else() {
    let sandbox = Sandbox::new();
    let repo = gathered(&sandbox);
    let dry = repo
        .relwatch(&["archive", "--label", "v0.2.0", "--dry-run"])
        .ok()
        .stdout;
    assert!(
        dry.contains(
            ".chant/specs/2026-01-29-004-jkl.md -> .chant/archive/2026-01-29/2026-01-29-004-jkl.md"
        ) && dry.ends_with("2 specs would be archived; nothing was changed\n"),
        "{dry}"
    );
    assert_eq!(repo.status(), "");
    let refused = repo.relwatch(&["archive", "2026-01-30-001-pqr"]).code(3);
    assert!(
        refused
            .stderr
            .contains("2026-01-30-001-pqr is not completed"),
        "{refused:?}"
    );
    let unknown = repo.relwatch(&["archive", "nope"]).code(1);
    assert!(unknown.stderr.contains("`nope` is no spec"), "{unknown:?}");
    assert_eq!(
        repo.relwatch(&["archive"]).ok().stdout,
        "nothing to archive\n"
    );

    // A driver takes its members along; nothing is overwritten, and then nothing moves.
    repo.edit(
        ".chant/specs/2026-01-30-001-pqr.md",
        "in_progress",
        "completed",
    );
    repo.write(
        ".chant/archive/2026-01-30/2026-01-30-001-pqr.1.md",
        "mine\n",
    );
    commit_all(&repo, "chant: finish");
    let refused = repo.relwatch(&["archive", "001-pqr"]).code(3);
    assert!(
        refused
            .stderr
            .contains("2026-01-30-001-pqr.1.md exists already"),
        "{refused:?}"
    );
    assert_eq!(repo.status(), "");
    repo.git(&[
        "rm",
        "-q",
        ".chant/archive/2026-01-30/2026-01-30-001-pqr.1.md",
    ])
    .ok();
    repo.commit("chant: make room");
    spec(
        &repo,
        "2026-01-30-009-new",
        "status: completed\n",
        "# Add what git does not know yet\n",
    );
    let moved = repo
        .relwatch(&["archive", "001-pqr", "2026-01-30-009-new"])
        .ok()
        .stdout;
    assert!(
        moved.contains("archived: 3 specs\nnext: git commit -m \"chore: archive specs\"\n"),
        "{moved}"
    );
    assert_eq!(
        repo.status(),
        "R  .chant/specs/2026-01-30-001-pqr.1.md -> .chant/archive/2026-01-30/2026-01-30-001-pqr.1.md\n\
         R  .chant/specs/2026-01-30-001-pqr.md -> .chant/archive/2026-01-30/2026-01-30-001-pqr.md\n\
         ?? .chant/archive/2026-01-30/2026-01-30-009-new.md\n"
    );
    // A spec archived before its release is still listed, once.
    commit_all(&repo, "chore: archive specs");
    let section = repo.section();
    assert_eq!(section.matches("chapter one").count(), 1, "{section}");
    assert_eq!(section.matches("Add what git").count(), 1, "{section}");
}

#[test]
fn notes_are_printed_and_polished_in_the_open() {
    let sandbox = Sandbox::new();
    let repo = gathered(&sandbox);
    let plain = repo.relwatch(&["notes"]).ok();
    assert_eq!(plain.stdout, format!("{}\n", repo.section()));
    assert_eq!(
        repo.relwatch(&["notes", "--latest"]).ok().stdout,
        "### Added\n\n- the first thing\n"
    );
    assert_eq!(
        repo.relwatch(&["notes", "v0.1.0"]).ok().stdout,
        "### Added\n\n- the first thing\n"
    );
    let unknown = repo.relwatch(&["notes", "9.9.9"]).code(1);
    assert!(
        unknown.stderr.contains("no version 9.9.9; it has 0.1.0"),
        "{unknown:?}"
    );

    // The command sees the draft as JSON and answers with Markdown; hooks never run it.
    repo.write(
        "polish.sh",
        "cat > draft.json\necho ran >> runs\nprintf '### Added\\n\\n- Locks have a timeout. (2026-01-29-005-mno)\\n'\n",
    );
    repo.write(".gitignore", "draft.json\nruns\n");
    repo.write("relwatch.yml", "polish: sh polish.sh\n");
    commit_all(&repo, "chore: polish");
    assert!(!repo.exists("runs"), "hooks ran the command");
    for args in [
        &["status"][..],
        &["update"],
        &["check"],
        &["release", "--dry-run", "--no-polish"],
    ] {
        repo.relwatch(args).ok();
    }
    assert!(!repo.exists("runs"));
    let dry = repo.relwatch(&["release", "--dry-run"]).ok().stdout;
    assert!(
        dry.contains("polish: `sh polish.sh` rewrites the notes:\n")
            && dry.contains("\n-- Add a lock | timeout (2026-01-29-005-mno)\n")
            && dry.contains("\n+- Locks have a timeout. (2026-01-29-005-mno)\n"),
        "{dry}"
    );
    let draft: serde_json::Value = serde_json::from_str(&repo.read("draft.json")).unwrap();
    assert_eq!(draft["version"], "0.2.0");
    assert_eq!(draft["entries"][1]["refs"][0], "2026-01-29-005-mno");
    assert_eq!(draft["entries"][1]["for_users"], false);
    let notes = repo.relwatch(&["notes"]).ok();
    assert_eq!(
        notes.stdout,
        "### Added\n\n- Locks have a timeout. (2026-01-29-005-mno)\n"
    );
    assert!(notes.stderr.contains("rewrites the notes"), "{notes:?}");
    let released = repo.relwatch(&["release", "--yes"]).ok().stdout;
    assert!(released.contains("rewrites the notes"), "{released}");
    assert!(
        repo.stored()
            .contains("- Locks have a timeout. (2026-01-29-005-mno)\n")
    );
    repo.relwatch(&["undo", "--yes"]).ok();

    cases::in_turn(
        [
            ("exit 3", "polish: `exit 3` failed: exit status: 3"),
            ("true", "answered 0 bytes"),
            ("no-such-command", "failed: exit status: 127"),
        ],
        |&(command, ..)| command,
        |&(command, why)| {
            repo.write("relwatch.yml", &format!("polish: '{command}'\n"));
            commit_all(&repo, "chore: polish");
            let refused: Ran = repo.relwatch(&["release", "--yes"]).code(4);
            assert!(refused.stderr.contains(why), "{refused:?}");
            assert!(
                refused.stderr.contains("run with --no-polish"),
                "{refused:?}"
            );
        },
    );
}

#[test]
fn breaking_changes_tell_users_what_to_do() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let body = "# Writers wait\n\n## Release Notes\n\n### Breaking Changes\n\n#### What changed\n\n`write()` waits.\n\n#### Why\n\nNo more lost data.\n\n#### Who is affected\n\nCallers of `write()`.\n\n#### Migration\n\n- use `write_async()`\n\n#### Rollback\n\nPin 0.1.\n\n### Bug Fixes\n\n- One\n- Two\n";
    spec(&repo, "2026-01-29-004-jkl", "status: completed\n", body);
    commit_all(&repo, "chant: Add spec 2026-01-29-004-jkl");
    assert_eq!(
        repo.section(),
        "### Changed\n\n- **Breaking:** `write()` waits. (2026-01-29-004-jkl/write-waits)\n\n  **Why:** No more lost data.\n\n  **Who is affected:** Callers of `write()`.\n\n  **Migration:**\n\n  - use `write_async()`\n\n  **Rollback:** Pin 0.1.\n\n### Fixed\n\n- One (2026-01-29-004-jkl/one)\n- Two (2026-01-29-004-jkl/two)"
    );
    let json = repo.relwatch(&["status", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["next"]["version"], "0.2.0");
    repo.relwatch(&["check"]).ok();
    repo.edit(
        ".chant/specs/2026-01-29-004-jkl.md",
        "#### Migration\n\n- use `write_async()`\n\n",
        "",
    );
    commit_all(&repo, "chant: Update spec 2026-01-29-004-jkl");
    let warned = repo.relwatch(&["check"]).ok();
    assert!(
        warned.stdout.contains("does not say what users must do"),
        "{warned:?}"
    );
}

#[test]
fn the_boxes_of_a_release_spec_are_yours_to_choose() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: [towncrier, chant]\nrelease_spec:\n  checklist: []\n  acceptance: ['{tag} after {previous}']\n");
    repo.relwatch(&["prepare", "0.2.0"]).ok();
    let text = repo.read(".chant/specs/2026-01-30-001-rel.md");
    assert!(
        text.ends_with("## Acceptance Criteria\n\n- [ ] v0.2.0 after v0.1.0\n"),
        "{text}"
    );
    repo.write(
        ".chant/specs/2026-01-30-001-rel.md",
        "---\nlabels: [release, v0.2.0\n---\n",
    );
    let broken = repo.relwatch(&["prepare", "0.2.0"]).ok();
    assert!(
        broken
            .stderr
            .contains(".chant/specs/2026-01-30-001-rel.md:"),
        "{broken:?}"
    );
}

#[test]
fn what_a_spec_tells_is_told_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let notes = "# T\n\n## Release Notes\n\n- Fix alpha (#12)\n- Fix beta\n";
    spec(&repo, "2026-01-29-001-abc", "status: completed\n", notes);
    spec(
        &repo,
        "2026-01-29-002-def",
        "status: in_progress\n",
        "# Add other\n",
    );
    spec(
        &repo,
        "2026-01-29-003-ghi",
        "status: completed\nchangelog: none\n",
        "# Inside\n",
    );
    repo.git(&["add", "."]).ok();
    repo.commit("fix: alpha thing (#12)");
    repo.commit("chant(2026-01-29-002-def): Add other");
    repo.commit("chant(2026-01-29-003-ghi): Inside");
    repo.commit("fix: alpha again (#12)");
    let section = repo.section();
    assert_eq!(section.matches("- ").count(), 3, "{section}");
    let text = repo
        .read("CHANGELOG.md")
        .replace("- Fix beta (2026-01-29-001-abc/fix-beta)\n", "");
    repo.write("CHANGELOG.md", &text);
    repo.relwatch(&["update"]).ok();
    let status = repo.relwatch(&["status", "--all"]).ok().stdout;
    for told in [
        "2026-01-29-001-abc/fix-beta  Fix beta: skipped by hand\n",
        "2026-01-29-003-ghi  Inside: declares that it needs no entry\n",
        "fix: alpha thing (#12): spec 2026-01-29-001-abc\n",
    ] {
        assert!(status.contains(told), "{told}\n{status}");
    }
    // Listed by its commit, completed after the release.
    repo.git(&["commit", "-q", "-am", "docs: curate"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(
        repo.stored().contains("- Add other (2026-01-29-002-def)\n"),
        "{}",
        repo.stored()
    );
    repo.edit(
        ".chant/specs/2026-01-29-002-def.md",
        "in_progress",
        "completed",
    );
    repo.git(&["commit", "-q", "-am", "chant: Finalize spec"])
        .ok();
    assert_eq!(repo.section(), "");
}

#[test]
fn what_breaks_is_told_whoever_speaks_for_it() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let breaking =
        "# M\n\n## Release Notes\n\n### Breaking Changes\n\n- m breaks\n\n  **Migration:** do\n";
    spec(
        &repo,
        "2026-01-29-001-abc",
        "status: completed\n",
        "# D\n\n## Release Notes\n\n- The driver\n",
    );
    spec(
        &repo,
        "2026-01-29-001-abc.1",
        "status: completed\n",
        breaking,
    );
    repo.git(&["add", "."]).ok();
    repo.commit("chore: Add specs");
    assert_eq!(
        repo.section(),
        "### Changed\n\n- **Breaking:** m breaks (2026-01-29-001-abc.1)\n\n  **Migration:** do\n- The driver (2026-01-29-001-abc)"
    );
    // The commit's footer adds information that the changeset lacks.
    repo.write("relwatch.yml", "specs: changesets\n");
    repo.write(
        ".changeset/a.md",
        "---\na: major\n---\n\nRemove the old API\n",
    );
    repo.write(".changeset/b.md", "---\n---\n");
    repo.git(&["add", "."]).ok();
    repo.commit("feat!: gone (#41)\n\nBREAKING CHANGE: use the new one");
    assert_eq!(
        repo.section(),
        "### Changed\n\n- **Breaking:** Remove the old API (#41)\n\n  use the new one"
    );
    repo.relwatch(&["check"]).ok();
    repo.write(".changeset/c.md", "---\na: major\n---\n\nRemove more\n");
    commit_all(&repo, "chore: more");
    let warned = repo.relwatch(&["check"]).ok();
    assert!(
        warned
            .stdout
            .contains("add `**Migration:** …` to its note in .changeset/c.md"),
        "{warned:?}"
    );
}

#[test]
fn fragments_that_are_none_stay() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: towncrier\ntypes: {deps: changed}\n");
    repo.write("newsfragments/template.rst", "{{ x }}\n");
    repo.write("newsfragments/12.deps.md", "libgit2 1.9\n");
    repo.write("newsfragments/13.odd.md", "odd\n");
    commit_all(&repo, "chore: fragments");
    let status = repo.relwatch(&["status"]).ok();
    assert!(
        status
            .stderr
            .contains("newsfragments/13.odd.md:1: `odd` is no kind of change; name it in `types`"),
        "{status:?}"
    );
    assert_eq!(repo.section(), "### Changed\n\n- libgit2 1.9 (#12)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(repo.exists("newsfragments/template.rst") && repo.exists("newsfragments/13.odd.md"));
    assert!(!repo.exists("newsfragments/12.deps.md"));
}

#[test]
fn what_a_person_worded_stays_with_its_note_when_others_come() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let notes = "# T\n\n## Release Notes\n\n- Alpha one\n- Alpha two\n- Alpha three\n";
    spec(&repo, "2026-01-29-001-abc", "status: completed\n", notes);
    commit_all(&repo, "chant: Add spec 2026-01-29-001-abc");
    repo.edit("CHANGELOG.md", "- Alpha one", "- My alpha one");
    repo.edit(
        "CHANGELOG.md",
        "- Alpha three (2026-01-29-001-abc/alpha-three)\n",
        "",
    );
    repo.git(&["commit", "-q", "-am", "docs: curate"]).ok();
    repo.edit(
        ".chant/specs/2026-01-29-001-abc.md",
        "- Alpha one",
        "- Alpha zero\n- Alpha one",
    );
    repo.git(&[
        "commit",
        "-q",
        "-am",
        "chant: Update spec 2026-01-29-001-abc",
    ])
    .ok();
    assert_eq!(
        repo.section()
            .lines()
            .filter(|l| l.starts_with("- "))
            .collect::<Vec<_>>(),
        [
            "- My alpha one (2026-01-29-001-abc/alpha-one)",
            "- Alpha zero (2026-01-29-001-abc/alpha-zero)",
            "- Alpha two (2026-01-29-001-abc/alpha-two)",
        ]
    );
    repo.relwatch(&["skip", "2026-01-29-001-abc/alpha-two"])
        .ok();
    assert!(
        !repo.section().contains("- Alpha two"),
        "{}",
        repo.section()
    );
    let wrong = repo
        .relwatch(&["skip", "2026-01-29-001-abc/nothing"])
        .code(1);
    assert!(
        wrong
            .stderr
            .contains("matches no unreleased commit, spec or issue"),
        "{wrong:?}"
    );
}

#[test]
fn a_release_that_git_took_back_is_told() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit_file("a", "1\n", "feat: alpha (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    let status = repo.relwatch(&["status", "--all"]).ok();
    assert!(
        status
            .stderr
            .contains("v0.2.0 is tagged, but CHANGELOG.md has no section of it")
            && status.stderr.contains("git tag -d v0.2.0"),
        "{status:?}"
    );
    assert!(status.stdout.contains("takes a release back"), "{status:?}");
    assert_eq!(repo.section(), "");
    repo.git(&["tag", "-d", "v0.2.0"]).ok();
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "### Added\n\n- Alpha (#1)");
}

#[test]
fn notes_never_replace_the_changelog() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let before = repo.read("CHANGELOG.md");
    cases::run(
        ["CHANGELOG.md", "./CHANGELOG.md"],
        |&path| path,
        |&path| {
            let refused = repo
                .relwatch(&["notes", "--latest", "--output", path])
                .code(2);
            assert!(
                refused.stderr.contains("would replace the changelog"),
                "{refused:?}"
            );
        },
    );
    assert_eq!(repo.read("CHANGELOG.md"), before);
    assert!(
        repo.relwatch(&["notes", "--latest", "--output", "-"])
            .ok()
            .stdout
            .contains("- the first thing")
    );
    assert!(!repo.exists("-"));
    repo.relwatch(&["notes", "Unreleased"]).ok();
}
