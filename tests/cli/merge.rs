//! Merges of changelogs: their results, as values and with real git.

use relwatch::domain::changelog::merge::{Style, merge};

use crate::support::{Repo, Sandbox, project};

fn merged(base: &str, ours: &str, theirs: &str) -> (String, usize) {
    let order = ["Added", "Changed", "Fixed"].map(String::from);
    let style = Style::plain(&order);
    let merged = merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), &style).unwrap();
    (String::from_utf8(merged.bytes).unwrap(), merged.conflicts)
}

const BASE: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a\n- b\n\n## [0.1.0] - 2026-01-01\n\n- first\n\n[Unreleased]: https://example.org/compare/v0.1.0...HEAD\n[0.1.0]: https://example.org/releases/tag/v0.1.0\n";

fn with(from: &str, to: &str) -> String {
    assert!(BASE.contains(from));
    BASE.replacen(from, to, 1)
}

const RELEASED: &str =
    "## [Unreleased]\n\n## [0.2.0] - 2026-02-01\n\n### Added\n\n- a\n- b\n- generated (#1)\n";

fn released() -> String {
    with("## [Unreleased]\n\n### Added\n\n- a\n- b\n", RELEASED)
        .replace("[Unreleased]: https://example.org/compare/v0.1.0...HEAD\n", "[Unreleased]: https://example.org/compare/v0.2.0...HEAD\n[0.2.0]: https://example.org/compare/v0.1.0...v0.2.0\n")
}

#[test]
fn notes_at_one_place_are_united_ours_first() {
    let ours = with("- b\n", "- b\n- ours\n");
    let theirs = with("- b\n", "- b\n- theirs\n\n### Fixed\n\n- crash\n");
    let both = with("- b\n", "- b\n- ours\n- theirs\n\n### Fixed\n\n- crash\n");
    assert_eq!(merged(BASE, &ours, &theirs), (both.clone(), 0));
    let first = with("- a\n", "- before\n- a\n");
    let wanted = both.replace("- a\n", "- before\n- a\n");
    assert_eq!(merged(BASE, &both, &first), (wanted.clone(), 0));
    assert_eq!(merged(BASE, &first, &both), (wanted, 0));
}

#[test]
fn a_category_that_one_side_renamed_keeps_its_place() {
    let base = with("- b\n", "- b\n\n### Changed\n\n- c\n\n### Fixed\n\n- d\n");
    for name in ["Added", "Changed", "Fixed"] {
        let new = format!("### New {name}\n");
        let theirs = base.replacen(&format!("### {name}\n"), &new, 1);
        let ours = base.replacen("- first\n", "- first, in other words\n", 1);
        let wanted = theirs.replacen("- first\n", "- first, in other words\n", 1);
        assert_eq!(merged(&base, &ours, &theirs), (wanted.clone(), 0), "{name}");
        assert_eq!(merged(&base, &theirs, &ours), (wanted, 0), "{name}");
    }
}

#[test]
fn a_note_stays_in_unreleased_when_its_neighbours_were_released() {
    let theirs = with("- b\n", "- b\n- theirs\n");
    let wanted = released().replacen(
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Added\n\n- theirs\n",
        1,
    );
    assert_eq!(merged(BASE, &released(), &theirs), (wanted.clone(), 0));
    assert_eq!(merged(BASE, &theirs, &released()), (wanted, 0));
}

#[test]
fn an_edit_follows_its_entry_into_the_release() {
    let theirs = with("- b\n", "- b, reworded\n");
    let wanted = released().replace("- b\n", "- b, reworded\n");
    assert_eq!(merged(BASE, &released(), &theirs), (wanted.clone(), 0));
    assert_eq!(merged(BASE, &theirs, &released()), (wanted, 0));
    // Released entries stay.
    let deleted = with("- b\n", "");
    assert_eq!(merged(BASE, &released(), &deleted), (released(), 0));
    assert_eq!(merged(BASE, &deleted, &released()).0, released());
}

#[test]
fn a_generated_line_worded_anew_is_released_in_the_new_words() {
    let released = released().replace(
        "- generated (#1)\n",
        "- generated (1a2b3c4)\n- about an issue (#1)\n",
    );
    let theirs = with(
        "- b\n",
        "- b\n- made by hand (1a2b3c4)\n- the other side of that issue (#1)\n",
    );
    let wanted = released
        .replace("- generated (1a2b3c4)", "- made by hand (1a2b3c4)")
        .replacen(
            "d]\n",
            "d]\n\n### Added\n\n- the other side of that issue (#1)\n",
            1,
        );
    assert_eq!(merged(BASE, &released, &theirs), (wanted.clone(), 0));
    assert_eq!(merged(BASE, &theirs, &released), (wanted, 0));
}

#[test]
fn two_releases_stand_newest_first_and_the_link_follows_the_newer() {
    let theirs = released()
        .replace("0.2.0", "0.1.1")
        .replace("- generated (#1)\n", "- patched\n");
    let (both, conflicts) = merged(BASE, &released(), &theirs);
    assert_eq!(conflicts, 0);
    let headings: Vec<&str> = both.lines().filter(|l| l.starts_with("## ")).collect();
    assert_eq!(
        headings,
        [
            "## [Unreleased]",
            "## [0.2.0] - 2026-02-01",
            "## [0.1.1] - 2026-02-01",
            "## [0.1.0] - 2026-01-01"
        ]
    );
    assert!(both.ends_with("[Unreleased]: https://example.org/compare/v0.2.0...HEAD\n[0.2.0]: https://example.org/compare/v0.1.0...v0.2.0\n[0.1.1]: https://example.org/compare/v0.1.0...v0.1.1\n[0.1.0]: https://example.org/releases/tag/v0.1.0\n"), "{both}");
    assert_eq!(both.matches("\n- a\n").count(), 1, "{both}");
}

#[test]
fn one_entry_in_two_wordings_is_a_conflict_around_just_that_entry() {
    let ours = with("- b\n", "- b is better\n");
    let theirs = with("- b\n", "- b is best\n- c\n");
    assert_eq!(
        merged(BASE, &ours, &theirs),
        (
            with(
                "- b\n",
                "<<<<<<< ours\n- b is better\n=======\n- b is best\n>>>>>>> theirs\n- c\n"
            ),
            1
        )
    );
    let deleted = with("- b\n", "");
    assert_eq!(
        merged(BASE, &deleted, &theirs),
        (
            with(
                "- b\n",
                "<<<<<<< ours\n=======\n- b is best\n>>>>>>> theirs\n- c\n"
            ),
            1
        )
    );
    // The same generated line, edited on two branches: neither is in the base.
    let ours = with("- b\n", "- b\n- set a custom timeout (#7)\n");
    let theirs = with("- b\n", "- b\n- set your own timeout (#7)\n");
    assert_eq!(merged(BASE, &ours, &theirs).1, 1);
}

#[test]
fn what_both_sides_wrote_stands_once() {
    let base = BASE.replace("- b\n", "- support for PNG images\n");
    let ours = base.replace(
        "- support for PNG images\n",
        "- support for PNG images\n- support for GIF images\n",
    );
    let theirs = base.replace("PNG", "GIF");
    assert_eq!(merged(&base, &ours, &theirs), (theirs.clone(), 0));
    assert_eq!(merged(&base, &theirs, &ours), (theirs, 0));
}

#[test]
fn an_entry_edited_in_two_places_is_merged_by_its_lines() {
    let entry = "- parser:\n  - one\n  - two\n  - three\n  - four\n";
    let base = BASE.replace("- b\n", entry);
    let ours = base.replace("  - four\n", "  - four\n  - five\n");
    let theirs = base.replace("- parser:", "- parsers:");
    let both = ours.replace("- parser:", "- parsers:");
    assert_eq!(merged(&base, &ours, &theirs), (both.clone(), 0));
    assert_eq!(merged(&base, &theirs, &ours), (both, 0));
    let theirs = base.replace("  - four\n", "  - vier\n");
    assert_eq!(merged(&base, &ours, &theirs).1, 1, "side by side");
    let link = |to: &str| BASE.to_owned() + &format!("[x]: https://example.org/{to}\n");
    assert_eq!(merged(&link("a"), &link("b"), &link("c")).1, 1);
}

#[test]
fn moves_renames_and_orders_of_one_side_hold() {
    let moved = with("- b\n", "\n### Fixed\n\n- b\n").replace("- a\n\n\n", "- a\n\n");
    let edited = with("- b\n", "- b, edited\n");
    let wanted = moved.replace("- b\n", "- b, edited\n");
    assert_eq!(merged(BASE, &moved, &edited), (wanted.clone(), 0));
    assert_eq!(merged(BASE, &edited, &moved), (wanted, 0));
    let swapped = with("- a\n- b\n", "- b\n- a\n");
    let longer = with("- b\n", "- b\n- c\n");
    let wanted = with("- a\n- b\n", "- b\n- a\n- c\n");
    assert_eq!(merged(BASE, &longer, &swapped), (wanted.clone(), 0));
    assert_eq!(merged(BASE, &swapped, &longer).1, 0);
    let renamed = with("### Added", "### Features");
    let wanted = with(
        "### Added\n\n- a\n- b\n",
        "### Features\n\n- a\n- b\n\n### Added\n\n- c\n",
    );
    assert_eq!(
        merged(BASE, &longer, &renamed).0.matches("- c\n").count(),
        1
    );
    assert_eq!(merged(BASE, &renamed, &longer), (wanted, 0));
}

#[test]
fn a_revert_of_a_release_puts_its_notes_back() {
    let later = released().replacen(
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Fixed\n\n- later\n",
        1,
    );
    let (back, conflicts) = merged(&released(), &later, BASE);
    assert_eq!(conflicts, 0);
    assert_eq!(back, with("- b\n", "- b\n\n### Fixed\n\n- later\n"),);
}

#[test]
fn line_endings_are_merged_by_themselves() {
    let ours = with("- b\n", "- b\n- ours\n").replace('\n', "\r\n");
    let theirs = with("- b\n", "- b\n- theirs\n");
    let both = with("- b\n", "- b\n- ours\n- theirs\n").replace('\n', "\r\n");
    assert_eq!(merged(BASE, &ours, &theirs), (both, 0));
}

#[test]
fn what_is_no_changelog_is_left_to_git() {
    let style = Style::plain(&[]);
    assert_eq!(merge(b"a\n", b"b\n", b"c\n", &style), None);
    let two = "## [Unreleased]\n\n- a\n\n## Unreleased\n\n- b\n";
    assert_eq!(
        merge(
            BASE.as_bytes(),
            two.as_bytes(),
            b"## [Unreleased]\n",
            &style
        ),
        None
    );
}

#[test]
fn a_title_with_another_name_stays_where_it_is() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["switch", "-q", "-c", "side"]).ok();
    repo.edit("CHANGELOG.md", "# Changelog", "# History");
    repo.git(&["commit", "-q", "-am", "docs: title"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.edit(
        "CHANGELOG.md",
        "- the first thing",
        "- the first thing, reworded",
    );
    repo.git(&["commit", "-q", "-am", "docs: words"]).ok();
    repo.git(&["merge", "-q", "--no-edit", "side"]).ok();
    let text = repo.stored();
    assert!(text.starts_with("# History\n\n## [Unreleased]\n"), "{text}");
    assert!(text.contains("reworded"), "{text}");
}

/// A project with a hand-written note in Unreleased, committed.
fn noted<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    note(
        &repo,
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Added\n\n- a note from before\n",
    );
    repo
}

fn note(repo: &Repo<'_>, from: &str, to: &str) {
    repo.git(&["checkout", "-q", "--", "CHANGELOG.md"]).ok();
    repo.edit("CHANGELOG.md", from, to);
    repo.git(&["commit", "-q", "-am", "docs: note"]).ok();
}

fn add_note(repo: &Repo<'_>, text: &str) {
    note(
        repo,
        "- a note from before\n",
        &format!("- a note from before\n- {text}\n"),
    );
}

#[test]
fn a_release_on_main_and_three_branches_with_notes() {
    let sandbox = Sandbox::new();
    let repo = noted(&sandbox);
    for branch in ["one", "two", "three"] {
        repo.git(&["switch", "-q", "-c", branch, "main"]).ok();
        repo.commit_file(
            branch,
            "x",
            &format!("feat: {branch} by machine (#{})", branch.len()),
        );
        add_note(&repo, &format!("{branch} by hand"));
    }
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit("fix: on main (#99)");
    repo.relwatch(&["release", "--yes"]).ok();
    let released = repo.stored();
    let at = released.find("## [0.2.0]").unwrap();

    repo.git(&["merge", "-q", "--no-edit", "one"]).ok();
    repo.git(&["switch", "-q", "two"]).ok();
    repo.git(&["rebase", "-q", "main"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["merge", "-q", "--no-edit", "two"]).ok();
    repo.git(&["cherry-pick", "main..three"]).ok();
    assert_eq!(repo.status(), "");
    let stored = repo.stored();
    let unreleased =
        &stored[stored.find("## [Unreleased]").unwrap()..stored.find("## [0.2.0]").unwrap()];
    assert_eq!(
        unreleased,
        "## [Unreleased]\n\n### Added\n\n- one by hand\n- two by hand\n- three by hand\n\n"
    );
    assert_eq!(
        &stored[stored.find("## [0.2.0]").unwrap()..],
        &released[at..],
        "the release is as it was"
    );
    for line in ["One by machine", "Two by machine", "Three by machine"] {
        assert_eq!(
            repo.section().matches(line).count(),
            1,
            "{}",
            repo.section()
        );
    }
}

#[test]
fn stash_pick_and_revert_go_by_meaning() {
    let sandbox = Sandbox::new();
    let repo = noted(&sandbox);
    repo.edit(
        "CHANGELOG.md",
        "- a note from before\n",
        "- a note from before\n- in my stash\n",
    );
    repo.git(&["stash", "-q"]).ok();
    add_note(&repo, "committed meanwhile");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["stash", "pop", "-q"]).ok();
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "### Added\n\n- in my stash");
    repo.git(&["commit", "-q", "-am", "docs: from the stash"])
        .ok();
    // A commit reverts the release: its notes are unreleased again, together with later changes.
    repo.git(&["revert", "--no-edit", "HEAD~1"]).ok();
    let stored = repo.stored();
    assert!(!stored.contains("## [0.2.0]"), "{stored}");
    assert!(
        stored
            .contains("### Added\n\n- in my stash\n- a note from before\n- committed meanwhile\n")
            || stored.contains(
                "### Added\n\n- a note from before\n- committed meanwhile\n- in my stash\n"
            ),
        "{stored}"
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn one_note_in_two_wordings_is_marked_and_everything_else_merged() {
    let sandbox = Sandbox::new();
    let repo = noted(&sandbox);
    repo.git(&["switch", "-q", "-c", "other"]).ok();
    note(
        &repo,
        "- a note from before\n",
        "- a better note from before\n- and one more\n",
    );
    repo.git(&["switch", "-q", "main"]).ok();
    note(
        &repo,
        "- a note from before\n",
        "- the best note from before\n- something else\n",
    );
    repo.commit("feat: generated (#5)");
    let base = repo.git(&["rev-parse", "--short", "other~1"]).ok().stdout;
    let base = base.trim();
    let merge = repo.git(&["merge", "other"]).code(1);
    assert!(merge.stdout.contains("CONFLICT (content)"), "{merge:?}");
    assert_eq!(
        repo.section(),
        "### Added\n\n<<<<<<< HEAD\n- the best note from before\n=======\n- a better note from before\n>>>>>>> other\n- something else\n- and one more"
    );
    repo.git(&["merge", "--abort"]).ok();
    repo.git(&["config", "merge.conflictStyle", "diff3"]).ok();
    repo.git(&["merge", "other"]).code(1);
    assert!(
        repo.section()
            .contains(&format!("||||||| {base}\n- a note from before\n=======\n")),
        "{}",
        repo.section()
    );
    let marked = format!(
        "<<<<<<< HEAD\n- the best note from before\n||||||| {base}\n- a note from before\n=======\n- a better note from before\n>>>>>>> other\n"
    );
    repo.edit("CHANGELOG.md", &marked, "- a better and best note\n");
    repo.git(&["commit", "-q", "-a", "--no-edit"]).ok();
    assert_eq!(repo.status(), "");
    assert_eq!(
        repo.section(),
        "### Added\n\n- a better and best note\n- something else\n- and one more\n- Generated (#5)"
    );
}

#[test]
fn what_is_no_changelog_and_a_clone_without_relwatch_merge_as_git_does() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit_file("CHANGELOG.md", "1\n2\n3\n4\n5\n", "plain text");
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: relwatch"]).ok();
    repo.git(&["checkout", "-q", "--", "."]).ok();
    let change = |from: &str, to: &str| {
        let text = repo.stored().replace(from, to);
        repo.commit_file("CHANGELOG.md", &text, "docs: change");
    };
    repo.git(&["switch", "-q", "-c", "other"]).ok();
    change("5\n", "five\n");
    repo.git(&["switch", "-q", "main"]).ok();
    change("1\n", "one\n");
    repo.git(&["merge", "-q", "--no-edit", "other"]).ok();
    assert!(
        repo.stored().starts_with("one\n2\n3\n4\nfive\n"),
        "{}",
        repo.stored()
    );

    let sandbox = Sandbox::new();
    let other = noted(&sandbox);
    other
        .git(&["config", "--remove-section", "merge.relwatch"])
        .ok();
    other.git(&["switch", "-q", "-c", "other"]).ok();
    add_note(&other, "theirs");
    other.git(&["switch", "-q", "main"]).ok();
    add_note(&other, "ours");
    other.git(&["merge", "other"]).code(1);
}
