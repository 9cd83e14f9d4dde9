//! `storage: tracked`: commits contain the generated lines.

use crate::support::{self, Repo, Sandbox, project};

fn tracked<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = sandbox.repo("r");
    repo.write("CHANGELOG.md", support::CHANGELOG);
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "docs: changelog"]).ok();
    repo.git(&["tag", "-a", "v0.1.0", "-m", "Release v0.1.0"])
        .ok();
    repo.relwatch(&["init", "--storage", "tracked"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: keep the changelog"])
        .ok();
    repo
}

fn change(repo: &Repo<'_>, message: &str) -> String {
    repo.commit_file("file", message, message);
    repo.head()[..7].to_owned()
}

#[test]
fn a_commit_carries_the_lines_of_the_commits_before_it() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    change(&repo, "feat: one (#1)");
    let two = change(&repo, "fix: two");
    assert_eq!(repo.status(), "");
    assert!(repo.stored().contains("### Added\n\n- One (#1)\n"));
    assert!(
        !repo.stored().contains("Two"),
        "a commit cannot know its own name"
    );
    change(&repo, "chore: tick");
    assert_eq!(
        repo.section(),
        format!("### Added\n\n- One (#1)\n\n### Fixed\n\n- Two ({two})")
    );
    assert_eq!(repo.status(), "");
    repo.relwatch(&["update", "--check"]).ok();
    // A clone without relwatch sees the lines.
    repo.git(&["clone", "-q", ".", "../clone"]).ok();
    assert_eq!(sandbox.at("clone").section(), repo.section());
    let clone = sandbox.at("clone");
    clone.relwatch(&["update", "--check"]).ok();
    clone.commit_file("x", "x", "feat: three (#3)");
    clone.relwatch(&["init"]).ok();
    assert_eq!(clone.status(), "", "setting up does not make a clone dirty");
}

#[test]
fn a_stale_section_fails_the_check_with_a_diff() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    change(&repo, "feat: one (#1)");
    repo.write("file", "x");
    repo.git(&["commit", "-q", "-a", "--no-verify", "-m", "feat: two (#2)"])
        .ok();
    let stale = repo.relwatch(&["update", "--check"]).code(1);
    assert!(stale.stderr.contains("+- One (#1)"), "{stale:?}");
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.status(), " M CHANGELOG.md\n");
    repo.git(&["commit", "-q", "-am", "docs: changelog"]).ok();
    repo.relwatch(&["update", "--check"]).ok();
    assert!(repo.stored().contains("- Two (#2)"));
}

#[test]
fn a_commit_of_relwatch_leaves_a_fresh_section() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.1.0\"\n",
    );
    repo.git(&["add", "."]).ok();
    change(&repo, "feat: one (#1)");
    repo.relwatch(&["withdraw", "0.1.0", "--reason", "it is wrong", "--yes"])
        .ok();
    repo.relwatch(&["update", "--check"]).ok();
    repo.relwatch(&["version", "--set", "0.2.0"]).ok();
    repo.relwatch(&["update", "--check"]).ok();
    assert_eq!(repo.status(), "");
    // The next commit brings the line; without it the section is stale.
    repo.write("file", "x");
    repo.git(&["commit", "-q", "-a", "--no-verify", "-m", "fix: two (#2)"])
        .ok();
    let stale = repo.relwatch(&["update", "--check"]).code(1);
    assert!(stale.stderr.contains("+- One (#1)"), "{stale:?}");
    change(&repo, "chore: tick");
    repo.relwatch(&["update", "--check"]).ok();
    assert!(repo.stored().contains("- One (#1)") && repo.stored().contains("- Two (#2)"));
}

#[test]
fn what_people_do_to_lines_stays() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    for message in [
        "feat: one (#1)",
        "feat: two (#2)",
        "fix: three (#3)",
        "chore: tick",
    ] {
        change(&repo, message);
    }
    repo.edit("CHANGELOG.md", "- One (#1)", "- The one and only (#1)");
    repo.edit("CHANGELOG.md", "- Two (#2)\n", "");
    repo.edit(
        "CHANGELOG.md",
        "### Fixed\n\n- Three (#3)\n",
        "### Changed\n\n- Three (#3)\n",
    );
    repo.git(&["commit", "-q", "-am", "docs: curate"]).ok();
    let curated = "<!-- relwatch:skip #2 -->\n\n### Added\n\n- The one and only (#1)\n\n### Changed\n\n- Three (#3)";
    assert_eq!(repo.section(), curated);
    assert_eq!(repo.status(), "");
    change(&repo, "chore: tock");
    assert_eq!(repo.section(), curated);
    repo.sh("rm -r .git/relwatch").ok();
    change(&repo, "chore: tick");
    assert_eq!(repo.section(), curated, "without any local state");
    repo.edit("CHANGELOG.md", "<!-- relwatch:skip #2 -->\n\n", "");
    repo.git(&["commit", "-q", "-am", "docs: have it back"])
        .ok();
    assert!(repo.section().contains("- Two (#2)"), "{}", repo.section());
}

#[test]
fn unstaged_edits_and_partial_commits_are_respected() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    change(&repo, "feat: one (#1)");
    repo.edit(
        "CHANGELOG.md",
        "- the first thing",
        "- the very first thing",
    );
    repo.write("file", "2");
    repo.write("other", "2");
    repo.git(&["add", "file", "other"]).ok();
    // Unstaged hand edits: relwatch does not touch the file.
    repo.git(&["commit", "-q", "-m", "fix: two (#2)"]).ok();
    assert!(!repo.stored().contains("One") && !repo.stored().contains("very first"));
    assert_eq!(repo.status(), " M CHANGELOG.md\n");
    repo.git(&["checkout", "--", "CHANGELOG.md"]).ok();
    // A partial commit contains the named files.
    repo.write("file", "3");
    repo.git(&["commit", "-q", "-m", "fix: three (#3)", "file"])
        .ok();
    assert_eq!(
        repo.git(&["show", "--format=", "--name-only"]).stdout,
        "file\n"
    );
    assert_eq!(repo.status(), "");
    // The next one brings all lines.
    change(&repo, "chore: tick");
    for line in ["- One (#1)", "- Two (#2)", "- Three (#3)"] {
        assert!(repo.stored().contains(line), "{line}");
    }
    // Hunks chosen one by one: the file is committed only as chosen.
    repo.edit(
        "CHANGELOG.md",
        "- the first thing",
        "- the very first thing",
    );
    repo.write("file", "4");
    let chosen = repo.sh("printf 'n\\ny\\n' | git commit -q -p -m 'fix: four (#4)'");
    assert_eq!(chosen.code, 0, "{chosen:?}");
    assert_eq!(
        repo.git(&["show", "--format=", "--name-only"]).stdout,
        "file\n"
    );
    assert!(repo.read("CHANGELOG.md").contains("- the very first thing"));
}

#[test]
fn nothing_to_commit_stays_nothing_to_commit() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    change(&repo, "feat: one (#1)");
    repo.git(&["commit", "-m", "x"]).code(1);
    repo.git(&["commit", "-a", "-m", "x"]).code(1);
    assert_eq!(repo.status(), "");
}

#[test]
fn lines_of_commits_that_a_rebase_dropped_go_and_edited_ones_stay() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    let base = repo.head();
    let one = change(&repo, "feat: one");
    repo.commit_file("a", "a", "feat: two");
    let two = repo.head()[..7].to_owned();
    repo.commit_file("b", "b", "fix: three (#3)");
    repo.commit_file("c", "c", "chore: tick");
    repo.edit(
        "CHANGELOG.md",
        &format!("- Two ({two})"),
        &format!("- Two, by hand ({two})"),
    );
    repo.git(&["commit", "-q", "-am", "docs: curate"]).ok();
    assert!(repo.stored().contains(&format!("- One ({one})")));
    // Drop the first commit: every later one gets another name.
    repo.git(&["rebase", "-q", "--onto", &base, &one]).ok();
    assert_eq!(repo.status(), "");
    repo.commit_file("d", "d", "chore: tock");
    assert_eq!(repo.status(), "");
    let section = repo.section();
    assert!(!section.contains("One"), "{section}");
    assert_eq!(
        section,
        format!("### Added\n\n- Two, by hand ({two})\n\n### Fixed\n\n- Three (#3)"),
        "the edited line still speaks for its commit under its new name"
    );
}

#[test]
fn branches_with_stored_lines_merge() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    repo.git(&["switch", "-q", "-c", "side"]).ok();
    repo.commit_file("s1", "1", "feat: side one (#11)");
    repo.commit_file("s2", "2", "fix: side two (#12)");
    repo.commit_file("s3", "3", "chore: tick");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit_file("m1", "1", "feat: main one (#21)");
    repo.commit_file("m2", "2", "fix: main two (#22)");
    repo.commit_file("m3", "3", "chore: tick");
    repo.git(&["merge", "-q", "--no-edit", "side"]).ok();
    assert_eq!(
        repo.section(),
        "### Added\n\n- Main one (#21)\n- Side one (#11)\n\n### Fixed\n\n- Main two (#22)\n- Side two (#12)"
    );
    repo.relwatch(&["update", "--check"]).ok();
    repo.commit_file("m4", "4", "chore: tock");
    assert_eq!(repo.status(), "");
    repo.relwatch(&["update", "--check"]).ok();
    let released = repo.relwatch(&["release", "--yes"]).ok();
    assert!(released.stdout.contains("released 0.2.0"), "{released:?}");
    assert_eq!(repo.section(), "");
    assert_eq!(repo.status(), "");
    repo.relwatch(&["undo", "--yes"]).ok();
    assert!(repo.section().contains("- Main one (#21)"));
    assert_eq!(repo.status(), "");
}

#[test]
fn the_storage_is_switched_by_one_command_and_one_commit() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.commit("fix: two (#2)");
    repo.edit("CHANGELOG.md", "- One (#1)", "- The one (#1)");
    repo.relwatch(&["update"]).ok();
    repo.git(&["commit", "-q", "-am", "docs: curate"]).ok();
    let view = repo.section();
    assert!(!repo.stored().contains("Two"));

    let switched = repo.relwatch(&["init", "--storage", "tracked"]).ok();
    assert!(
        switched
            .stdout
            .contains("next: git add relwatch.yml .gitattributes CHANGELOG.md && git commit -m"),
        "{switched:?}"
    );
    assert_eq!(repo.section(), view);
    repo.sh("git add relwatch.yml .gitattributes CHANGELOG.md && git commit -q -m 'chore: store the lines'")
        .ok();
    assert_eq!(repo.status(), "");
    assert!(repo.stored().contains("- Two (#2)"));
    assert!(!repo.exists(".git/hooks/post-commit") && repo.exists(".git/hooks/pre-commit"));
    repo.commit_file("f", "f", "feat: three (#3)");
    repo.commit_file("g", "g", "chore: tick");
    assert!(repo.stored().contains("- Three (#3)"));

    repo.relwatch(&["init", "--storage", "view"]).ok();
    repo.sh("git add relwatch.yml .gitattributes CHANGELOG.md && git commit -q -m 'chore: view the lines'")
        .ok();
    assert_eq!(repo.status(), "");
    assert!(!repo.stored().contains("Two") && !repo.stored().contains("Three"));
    assert!(repo.stored().contains("- The one (#1)"));
    assert_eq!(
        repo.section(),
        "### Added\n\n- The one (#1)\n- Three (#3)\n\n### Fixed\n\n- Two (#2)"
    );
    assert!(repo.exists(".git/hooks/post-commit") && !repo.exists(".git/hooks/pre-commit"));
    let again = repo.relwatch(&["init"]).ok();
    assert!(!again.stdout.contains("next:"), "{again:?}");
}

#[test]
fn a_merge_whose_one_side_carries_the_line_of_the_other_is_fresh() {
    let sandbox = Sandbox::new();
    let repo = tracked(&sandbox);
    change(&repo, "feat: one (#1)");
    repo.git(&["switch", "-q", "-c", "side"]).ok();
    change(&repo, "feat: two (#2)");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["merge", "-q", "--no-ff", "--no-edit", "side"])
        .ok();
    repo.relwatch(&["update", "--check"]).ok();
    assert_eq!(repo.status(), "");
}
