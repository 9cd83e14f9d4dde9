//! Hand edits of the Unreleased section: what the user writes is kept.

use crate::support::{self, Repo, Sandbox, cases, project};

fn three<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.commit("feat: two (#2)");
    repo.commit("fix: three (#3)");
    assert_eq!(
        repo.section(),
        "### Added\n\n- One (#1)\n- Two (#2)\n\n### Fixed\n\n- Three (#3)"
    );
    repo
}

fn commit_by_hand(repo: &Repo<'_>) {
    repo.git(&["commit", "-q", "-am", "docs: curate"]).ok();
    assert_eq!(repo.status(), "");
}

#[test]
fn a_first_line_below_a_generated_heading_keeps_the_blank_lines() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit("chore: start");
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: setup"]).ok();
    repo.commit("feat: one (#1)");
    repo.commit("fix: three (#3)");
    let text = repo.read("CHANGELOG.md") + "- my own note\n";
    repo.write("CHANGELOG.md", &text);
    repo.git(&["commit", "-q", "-am", "docs: own"]).ok();
    assert!(
        repo.stored()
            .ends_with("## [Unreleased]\n\n### Fixed\n\n- my own note\n"),
        "{}",
        repo.stored()
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn an_edited_line_is_theirs_and_not_generated_again() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.edit("CHANGELOG.md", "- One (#1)", "- The one and only (#1)");
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        repo.section(),
        "### Added\n\n- The one and only (#1)\n- Two (#2)\n\n### Fixed\n\n- Three (#3)"
    );
    assert_eq!(repo.status(), " M CHANGELOG.md\n");
    assert!(
        repo.git(&["diff"])
            .stdout
            .contains("+- The one and only (#1)")
    );
    assert!(
        !repo.git(&["diff"]).stdout.contains("Two"),
        "git sees the hand edit alone"
    );
    commit_by_hand(&repo);
    assert!(repo.stored().contains("- The one and only (#1)") && !repo.stored().contains("Two"));
}

#[test]
fn a_deleted_line_stays_away_in_every_clone_until_the_comment_goes() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.edit("CHANGELOG.md", "- Two (#2)\n", "");
    let said = repo.relwatch(&["update"]).ok().stderr;
    let expected = "warning: CHANGELOG.md: a line was taken out by hand, so this stays out: #2; `relwatch skip --undo '#2'` brings it back\n";
    assert_eq!(said, expected);
    assert_eq!(
        repo.relwatch(&["update"]).ok().stderr,
        "",
        "it is told once"
    );
    let without =
        "<!-- relwatch:skip #2 -->\n\n### Added\n\n- One (#1)\n\n### Fixed\n\n- Three (#3)";
    assert_eq!(repo.section(), without);
    commit_by_hand(&repo);
    repo.git(&["clone", "-q", ".", "../clone"]).ok();
    let clone = sandbox.at("clone");
    clone.relwatch(&["init"]).ok();
    assert_eq!(clone.section(), without);
    repo.edit("CHANGELOG.md", "<!-- relwatch:skip #2 -->\n\n", "");
    repo.relwatch(&["update"]).ok();
    assert!(repo.section().contains("- Two (#2)"));
}

#[test]
fn a_comment_stays_one_when_the_state_is_lost() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.edit("CHANGELOG.md", "- Two (#2)\n", "");
    repo.relwatch(&["update"]).ok();
    commit_by_hand(&repo);
    repo.edit("CHANGELOG.md", "- Three (#3)", "- The third thing (#3)");
    repo.sh("rm -r .git/relwatch").ok();
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        repo.section(),
        "<!-- relwatch:skip #2 -->\n\n### Added\n\n- One (#1)\n\n### Fixed\n\n- The third thing (#3)"
    );
}

#[test]
fn a_moved_line_stays_where_it_was_put() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.edit(
        "CHANGELOG.md",
        "- One (#1)\n- Two (#2)\n",
        "- Two (#2)\n- One (#1)\n",
    );
    repo.relwatch(&["update"]).ok();
    assert!(
        repo.section()
            .starts_with("### Added\n\n- Two (#2)\n- One (#1)\n")
    );
    commit_by_hand(&repo);
    repo.edit("CHANGELOG.md", "- Three (#3)\n", "");
    repo.edit("CHANGELOG.md", "- Two (#2)\n", "- Two (#2)\n- Three (#3)\n");
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        repo.section(),
        "### Added\n\n- Two (#2)\n- Three (#3)\n- One (#1)"
    );
    commit_by_hand(&repo);
    repo.commit("chore: tick");
    assert_eq!(
        repo.section(),
        "### Added\n\n- Two (#2)\n- Three (#3)\n- One (#1)"
    );
}

#[test]
fn a_line_that_names_a_change_covers_it() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    let short = repo.head()[..7].to_owned();
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        &format!("## [Unreleased]\n\nEverything is new: #1, #2 and {short}.\n"),
    );
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        repo.section(),
        format!("Everything is new: #1, #2 and {short}.")
    );
}

#[test]
fn two_lines_merged_into_one_that_names_both() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.edit(
        "CHANGELOG.md",
        "- One (#1)\n- Two (#2)\n",
        "- One and two, at last (#1, #2)\n",
    );
    repo.relwatch(&["update"]).ok();
    let merged = "### Added\n\n- One and two, at last (#1, #2)\n\n### Fixed\n\n- Three (#3)";
    assert_eq!(repo.section(), merged);
    commit_by_hand(&repo);
    repo.commit("chore: tick");
    assert_eq!(repo.section(), merged);
}

#[test]
fn a_reordered_section_keeps_its_order() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    let text = repo.read("CHANGELOG.md");
    repo.write(
        "CHANGELOG.md",
        &text
            .replace("- One (#1)\n- Two (#2)\n", "- Two (#2)\n- One (#1)\n")
            .replace("### Fixed\n\n- Three (#3)\n\n", "")
            .replace(
                "### Added\n\n- Two",
                "### Fixed\n\n- Three (#3)\n\n### Added\n\n- Two",
            ),
    );
    commit_by_hand(&repo);
    repo.commit("feat: four (#4)");
    repo.commit("fix: five (#5)");
    assert_eq!(
        repo.section(),
        "### Added\n\n- Two (#2)\n- One (#1)\n- Four (#4)\n\n### Fixed\n\n- Three (#3)\n- Five (#5)",
        "entries keep their order; a category that holds no line of a person stands where categories stand"
    );
}

#[test]
fn a_line_that_names_a_spec_covers_it_and_its_commits() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.write(
        ".chant/specs/2026-01-01-001-abc.md",
        "---\nstatus: completed\n---\n# Add locks\n",
    );
    repo.git(&["add", ".chant"]).ok();
    repo.commit("chant(2026-01-01-001-abc): Add locks");
    repo.edit(
        "CHANGELOG.md",
        "- Add locks (2026-01-01-001-abc)",
        "- Locks for everybody (2026-01-01-001-abc)",
    );
    commit_by_hand(&repo);
    assert_eq!(repo.section().matches("ocks").count(), 1);
}

/// Edits and deletes lines that are known by their commit alone, commits that, and then rewrites history.
fn rewritten(hooks: bool) {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let base = repo.head();
    repo.commit_file("a", "a", "feat: one");
    let one = repo.head()[..7].to_owned();
    repo.commit_file("b", "b", "feat: two");
    let two = repo.head()[..7].to_owned();
    repo.commit_file("c", "c", "fix: three");
    repo.edit(
        "CHANGELOG.md",
        &format!("- One ({one})"),
        &format!("- The one ({one})"),
    );
    repo.edit("CHANGELOG.md", &format!("- Two ({two})\n"), "");
    repo.relwatch(&["update"]).ok();
    commit_by_hand(&repo);
    repo.git(&["switch", "-q", "-c", "upstream", &base]).ok();
    repo.commit_file("u", "u", "chore: upstream");
    repo.git(&["switch", "-q", "main"]).ok();
    let no_hooks = ["-c", "core.hooksPath=/dev/null"];
    let quiet: &[&str] = if hooks { &[] } else { &no_hooks };
    repo.git(&[quiet, &["rebase", "-q", "upstream"]].concat())
        .ok();
    repo.relwatch(&["update"]).ok();
    let three = repo
        .git(&["log", "-1", "--format=%h", "--abbrev=7", "--grep=three"])
        .stdout;
    let expected = format!(
        "<!-- relwatch:skip {two} -->\n\n### Added\n\n- The one ({one})\n\n### Fixed\n\n- Three ({})",
        three.trim()
    );
    assert_eq!(repo.section(), expected);
    assert_eq!(repo.status(), "");
    assert!(
        repo.relwatch(&["explain", &two])
            .ok()
            .stdout
            .contains("excluded: skipped by hand")
    );
    // An amend that rewords the message: only git's old and new IDs connect the two.
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.relwatch(&["update"]).ok();
    if hooks {
        let three = three.trim();
        repo.edit(
            "CHANGELOG.md",
            &format!("- Three ({three})"),
            &format!("- The third ({three})"),
        );
        repo.git(&[
            "commit",
            "-q",
            "--amend",
            "-am",
            "fix: three, in other words",
        ])
        .ok();
        assert_eq!(repo.status(), "");
        assert_eq!(
            repo.section().matches("hree").count(),
            0,
            "{}",
            repo.section()
        );
        assert_eq!(repo.section().matches("- The third").count(), 1);
    }
}

#[test]
fn references_follow_a_rebase_and_an_amend() {
    rewritten(true);
}

#[test]
fn references_follow_by_author_date_and_subject_where_no_hook_ran() {
    rewritten(false);
}

#[test]
fn an_edit_on_a_branch_holds_where_it_is_merged() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.git(&["switch", "-q", "-c", "curate"]).ok();
    repo.edit("CHANGELOG.md", "- One (#1)", "- The one (#1)");
    repo.edit("CHANGELOG.md", "- Two (#2)\n", "");
    commit_by_hand(&repo);
    assert!(repo.stored().contains("<!-- relwatch:skip #2 -->"));
    repo.git(&["switch", "-q", "main"]).ok();
    assert!(repo.section().contains("- One (#1)\n- Two (#2)"));
    repo.commit("feat: four (#4)");
    repo.git(&["merge", "-q", "--no-edit", "curate"]).ok();
    assert_eq!(repo.status(), "");
    assert_eq!(
        repo.section(),
        "<!-- relwatch:skip #2 -->\n\n### Added\n\n- The one (#1)\n- Four (#4)\n\n### Fixed\n\n- Three (#3)"
    );
}

#[test]
fn every_worktree_has_its_own_section() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.git(&["worktree", "add", "-q", "-b", "side", "../side"])
        .ok();
    let side = sandbox.at("side");
    assert_eq!(side.section(), repo.section());
    side.edit("CHANGELOG.md", "- One (#1)", "- Side one (#1)");
    side.commit("feat: on the side (#9)");
    assert_eq!(side.status(), " M CHANGELOG.md\n");
    assert_eq!(repo.status(), "");
    repo.commit("fix: on main (#8)");
    assert!(!repo.section().contains("(#9)") && repo.section().contains("(#8)"));
    assert!(
        side.section()
            .contains("- Side one (#1)\n- Two (#2)\n- On the side (#9)")
    );
    commit_by_hand(&side);
    side.sh("rm -r ../r/.git/relwatch ../r/.git/worktrees/side/relwatch")
        .ok();
    side.relwatch(&["update"]).ok();
    repo.git(&["merge", "-q", "--no-edit", "side"]).ok();
    assert_eq!(
        (repo.status(), side.status()),
        (String::new(), String::new())
    );
    assert!(
        repo.section()
            .contains("- Side one (#1)\n- Two (#2)\n- On the side (#9)")
    );
}

#[test]
fn what_git_restored_is_filled_again() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    let view = repo.read("CHANGELOG.md");
    repo.git(&["checkout", "--", "CHANGELOG.md"]).ok();
    repo.sh("rm CHANGELOG.md && git checkout -q -- CHANGELOG.md")
        .ok();
    assert_eq!(repo.read("CHANGELOG.md"), support::CHANGELOG);
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.read("CHANGELOG.md"), view);
}

#[test]
fn losing_the_state_loses_nothing() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.edit("CHANGELOG.md", "- One (#1)", "- By hand (#1)");
    let view = repo.read("CHANGELOG.md");
    repo.sh("rm -r .git/relwatch").ok();
    assert!(
        !repo.git(&["diff"]).stdout.contains("+- Two"),
        "the filter works without it"
    );
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.read("CHANGELOG.md"), view);
    commit_by_hand(&repo);
    assert!(!repo.stored().contains("Two"));
}

#[test]
fn a_conflict_is_left_alone_until_it_is_resolved() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.git(&["switch", "-q", "-c", "other", "HEAD~1"]).ok();
    repo.edit("CHANGELOG.md", "- the first thing", "- the 1st thing");
    commit_by_hand(&repo);
    repo.git(&["switch", "-q", "main"]).ok();
    repo.edit(
        "CHANGELOG.md",
        "- the first thing",
        "- the very first thing",
    );
    commit_by_hand(&repo);
    repo.git(&["merge", "-q", "other"]).code(1);
    let conflicted = repo.read("CHANGELOG.md");
    assert!(
        repo.relwatch(&["update"])
            .ok()
            .stdout
            .contains("it has a merge conflict")
    );
    assert_eq!(repo.read("CHANGELOG.md"), conflicted);
    repo.write("CHANGELOG.md", support::CHANGELOG);
    repo.git(&["commit", "-q", "-a", "--no-edit"]).ok();
    assert_eq!(repo.status(), "");
    assert!(repo.section().contains("- Three (#3)"));
}

#[test]
fn a_stale_file_fails_a_check_and_is_not_touched_by_it() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.relwatch(&["update", "--check"]).ok();
    repo.git(&[
        "-c",
        "core.hooksPath=/dev/null",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "feat: four (#4)",
    ])
    .ok();
    let stale = repo.relwatch(&["update", "--check"]).code(1);
    assert!(stale.stderr.contains("+- Four (#4)"), "{stale:?}");
    assert!(!repo.read("CHANGELOG.md").contains("Four"));
    assert!(
        repo.relwatch(&["update", "--stdout"])
            .ok()
            .stdout
            .contains("- Four (#4)")
    );
    assert!(!repo.read("CHANGELOG.md").contains("Four"));
}

#[test]
fn a_broken_spec_is_named_and_the_others_work() {
    let sandbox = Sandbox::new();
    let repo = three(&sandbox);
    repo.write(
        ".chant/specs/2026-01-01-001-bad.md",
        "---\nstatus: completed\nlabels: [a\n---\n# Bad\n",
    );
    repo.write(
        ".chant/specs/2026-01-01-002-bin.md",
        "---\nstatus: completed\n---\n# x\n",
    );
    std::fs::write(
        repo.path.join(".chant/specs/2026-01-01-002-bin.md"),
        b"---\nstatus: \xff\n---\n",
    )
    .unwrap();
    repo.write(
        ".chant/specs/2026-01-01-003-good.md",
        "---\nstatus: completed\n---\n# Add a good thing\n",
    );
    let ran = repo.relwatch(&["update"]).ok();
    assert!(
        ran.stderr.contains(".chant/specs/2026-01-01-001-bad.md:"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .contains(".chant/specs/2026-01-01-002-bin.md:2: not UTF-8"),
        "{ran:?}"
    );
    assert!(
        repo.section()
            .contains("- Add a good thing (2026-01-01-003-good)")
    );
}

#[test]
fn a_lost_state_skips_nothing_and_forgets_no_skip() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    for number in 1..=3 {
        repo.commit(&format!("fix: change {number} (#{number})"));
    }
    cases::in_turn(
        [
            "rm -r .git/relwatch",
            "rm .git/relwatch/view.*.items",
            "echo '{}' > .git/relwatch/view.json",
        ],
        |&lost| lost,
        |&lost| {
            repo.sh(lost).ok();
            repo.commit("fix: one more (#4)");
            let section = repo.section();
            assert!(
                section.contains("One more (#4)") && section.contains("Change 1 (#1)"),
                "{lost}: {section}"
            );
            assert!(!section.contains("skip"), "{lost}: {section}");
            assert_eq!(repo.status(), "", "{lost}");
            repo.git(&["reset", "-q", "--hard", "HEAD~"]).ok();
            repo.relwatch(&["update"]).ok();
        },
    );
    let commit_all = |message: &str| {
        let args = ["commit", "-q", "-a", "--allow-empty", "-m", message];
        repo.git(&args).ok();
    };
    repo.edit("CHANGELOG.md", "- Change 2 (#2)\n", "");
    commit_all("docs: leave it out");
    repo.sh("rm -r .git/relwatch").ok();
    repo.edit("CHANGELOG.md", "# Changelog", "# History");
    commit_all("docs: another title");
    let stored = repo.stored();
    assert_eq!(stored.matches("relwatch:skip #2").count(), 1, "{stored}");
    assert!(!repo.section().contains("Change 2"), "{}", repo.section());
    // Nothing shows any more whether the line was deleted or never there, so it is listed.
    repo.commit_unheard("fix: not seen yet (#5)");
    repo.edit("CHANGELOG.md", "- Change 3 (#3)\n", "");
    repo.sh("rm -r .git/relwatch").ok();
    commit_all("docs: edit");
    let (section, stored) = (repo.section(), repo.stored());
    for line in ["- Change 3 (#3)", "- Not seen yet (#5)"] {
        assert!(section.contains(line), "{section}");
        assert!(!stored.contains(line), "{stored}");
    }
    assert_eq!(stored.matches("relwatch:skip").count(), 1, "{stored}");
    assert_eq!(repo.status(), "");
    // A line that the user deletes stays deleted.
    repo.sh("rm -r .git/relwatch").ok();
    repo.relwatch(&["skip", "--undo", "#2"]).ok();
    let section = repo.section();
    assert!(section.contains("- Change 2 (#2)"), "{section}");
    commit_all("docs: tell it");
    assert!(!repo.stored().contains("relwatch:skip"));
    assert_eq!(repo.status(), "");
}

#[test]
fn uninstalled_hooks_leave_no_line_though_the_state_was_lost() {
    cases::run(
        ["rm -r .git/relwatch", ": > .git/relwatch/view.json"],
        |&lost| lost,
        |&lost| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "repo");
            repo.commit("fix: change (#1)");
            repo.edit("CHANGELOG.md", "# Changelog", "# History");
            repo.sh(lost).ok();
            repo.relwatch(&["hooks", "uninstall"]).ok();
            let file = repo.read("CHANGELOG.md");
            assert!(file.starts_with("# History"), "{lost}: {file}");
            assert!(!file.contains("Change (#1)"), "{lost}: {file}");
        },
    );
}

#[test]
fn a_byte_that_the_disk_changed_in_the_state_brings_no_line_into_a_commit_and_takes_none_out() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    for number in 1..=3 {
        repo.commit(&format!("fix: change {number} (#{number})"));
    }
    repo.sh("cp -r .git/relwatch ../state && cp CHANGELOG.md ../view")
        .ok();
    let whole = |name: &str| std::fs::read(repo.path.join(".git/relwatch").join(name)).unwrap();
    let state = ["view.json", "view.0.items", "view.1.items"];
    let state = state
        .into_iter()
        .filter(|name| repo.exists(&format!(".git/relwatch/{name}")));
    let bytes: Vec<(&str, usize)> = state
        .flat_map(|name| (0..whole(name).len()).step_by(61).map(move |at| (name, at)))
        .collect();
    assert!(bytes.len() > 15, "{bytes:?}");
    cases::in_turn(
        bytes,
        |(name, at)| format!("{name}, byte {at}"),
        |&(name, at)| {
            repo.sh(
                "rm -r .git/relwatch && cp -r ../state .git/relwatch && cp ../view CHANGELOG.md",
            )
            .ok();
            let mut damaged = whole(name);
            damaged[at] ^= 1;
            std::fs::write(repo.path.join(".git/relwatch").join(name), damaged).unwrap();
            repo.edit("CHANGELOG.md", "### Fixed\n\n", "### Fixed\n\n- by hand\n");
            let seen = repo
                .sh("relwatch filter clean CHANGELOG.md < CHANGELOG.md")
                .ok()
                .stdout;
            assert!(seen.contains("- by hand\n"), "{seen}");
            assert!(!seen.contains("Change 1 (#1)"), "{seen}");
            assert!(!seen.contains("skip"), "{seen}");
        },
    );
}

#[test]
fn a_commit_of_an_issue_that_a_line_names_beside_another_commit_is_listed_at_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    repo.commit("fix: crash one (#5)");
    let one = repo.head()[..7].to_owned();
    repo.commit("fix: base");
    repo.edit(
        "CHANGELOG.md",
        "- Crash one (#5)",
        &format!("- My words (#5, {one})"),
    );
    repo.git(&["commit", "-q", "-a", "-m", "docs: my words"])
        .ok();
    repo.commit("fix: second part (#5)");
    assert!(
        repo.section().contains("Second part (#5)"),
        "{}",
        repo.section()
    );
    repo.relwatch(&["update", "--check"]).ok();
}

#[test]
fn what_a_killed_update_left_beside_the_changelog_goes() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    repo.write(".relwatch-tmp-abc123", "half a file");
    repo.write(".relwatch-config", "a person's");
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.status(), "?? .relwatch-config\n");
}
