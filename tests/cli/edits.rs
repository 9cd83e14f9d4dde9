//! Edits by a user, an editor, git or a formatter that give the same bytes: hand-written text stays, and entries that nobody deleted come
//! back.

use crate::support::{Ran, Repo, Sandbox, adopted, cases, commit_all, project};

/// The final state of every session: each change is listed once, nothing is skipped, and git sees no change except `typed`.
#[track_caller]
fn all_is_there(repo: &Repo<'_>, changes: &[&str], typed: &[&str]) {
    let section = repo.section();
    for words in changes.iter().chain(typed) {
        assert_eq!(section.matches(words).count(), 1, "{words}:\n{section}");
    }
    let file = repo.read("CHANGELOG.md");
    assert!(!file.contains("relwatch:skip"), "{file}");
    let staged = repo.git(&["diff", "HEAD", "--", "CHANGELOG.md"]).ok();
    let changed = staged.stdout.lines();
    let changed = changed.filter(|line| line.starts_with(['+', '-']) && line.len() > 1);
    let changed: Vec<&str> = changed
        .filter(|line| !line.starts_with("+++") && !line.starts_with("---"))
        .collect();
    for line in &changed {
        let is_typed = typed.iter().any(|words| line.contains(words));
        assert!(is_typed || line.starts_with("+### "), "{changed:?}");
    }
}

fn two<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    repo.commit("feat: one (#1)");
    repo
}

/// One line on standard error that names the command to exclude a change.
#[track_caller]
fn says_how_to_skip(ran: &Ran) {
    let told: Vec<&str> = ran
        .stderr
        .lines()
        .filter(|l| l.contains("relwatch skip"))
        .collect();
    assert_eq!(told.len(), 1, "{}", ran.stderr);
}

#[test]
fn a_line_that_was_reworded_and_names_nothing_more_is_listed_once() {
    cases::run(
        [
            ("one", &[("- Read lists", "- Read lists of lists too")][..]),
            (
                "all",
                &[
                    ("- Read lists", "- Read lists that are nested"),
                    ("- Write tables", "- Write tables that have borders"),
                ],
            ),
            (
                "one reworded, one deleted",
                &[
                    ("- Read lists", ""),
                    ("- Write tables", "- Write tables of any width"),
                ],
            ),
        ],
        |(name, _)| (*name).to_owned(),
        |(_, edits)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: read lists");
            repo.commit("feat: write tables");
            let mut text = String::new();
            for line in repo.read("CHANGELOG.md").lines() {
                let edit = edits.iter().find(|(from, _)| line.starts_with(from));
                match edit {
                    None => text.push_str(&format!("{line}\n")),
                    Some((_, "")) => {}
                    Some((_, to)) => text.push_str(&format!("{to}\n")),
                }
            }
            repo.write("CHANGELOG.md", &text);
            repo.relwatch(&["update"]).ok();
            repo.git(&["commit", "-qam", "docs: word the notes"]).ok();
            repo.commit("chore: more");
            let section = repo.section();
            for (from, to) in *edits {
                let generated = format!("{} (", &from[2..]);
                assert!(!section.contains(&generated), "{section}");
                assert!(section.contains(to), "{section}");
            }
            let released = repo
                .relwatch(&["release", "--dry-run", "--yes"])
                .ok()
                .stdout;
            assert!(!released.contains("Read lists ("), "{released}");
        },
    );
}

#[test]
fn an_old_copy_that_is_saved_deletes_nothing() {
    let typed = "- typed meanwhile\n";
    let with = |old: &str| old.replace("- One (#1)\n", &format!("- One (#1)\n{typed}"));
    cases::run(
        [
            ("in an editor", 0),
            ("with the typed text committed by all", 1),
            ("without typed text", 2),
            ("again and again", 3),
        ],
        |(name, _)| (*name).to_owned(),
        |&(_, way)| {
            let sandbox = Sandbox::new();
            let repo = two(&sandbox);
            let old = repo.read("CHANGELOG.md");
            repo.commit("feat: two (#2)");
            repo.commit("fix: three (#3)");
            let saved = if way == 2 { old.clone() } else { with(&old) };
            repo.write("CHANGELOG.md", &saved);
            let ran = if way == 1 {
                repo.git(&["commit", "-qam", "docs: more"]).ok()
            } else {
                repo.git(&["commit", "-q", "--allow-empty", "-m", "chore: more"])
                    .ok()
            };
            says_how_to_skip(&ran);
            let typed: &[&str] = if way == 2 { &[] } else { &["typed meanwhile"] };
            all_is_there(&repo, &["One (#1)", "Two (#2)", "Three (#3)"], typed);
            if way == 3 {
                for round in 4..7 {
                    repo.write("CHANGELOG.md", &saved);
                    repo.commit(&format!("feat: more of it (#{round})"));
                    all_is_there(&repo, &["One (#1)", "Two (#2)", "Three (#3)"], typed);
                }
            }
        },
    );
}

#[test]
fn git_brings_back_an_old_copy_and_nothing_is_deleted() {
    let scripts = [
        (
            "stash pop",
            "git stash -q; git commit -q --allow-empty -m 'feat: two (#2)'; git stash pop -q",
        ),
        (
            "stash of all",
            "git stash -qa; git commit -q --allow-empty -m 'feat: two (#2)'; git stash pop -q",
        ),
        (
            "apply",
            "git diff > patch; git checkout -q CHANGELOG.md; git commit -q --allow-empty -m 'feat: two (#2)'; git apply patch; rm patch",
        ),
        (
            "apply --3way",
            "git diff > patch; git checkout -q CHANGELOG.md; git commit -q --allow-empty -m 'feat: two (#2)'; git apply --3way patch; rm patch",
        ),
        (
            "checkout of another branch's file",
            "git checkout -q -b other; git commit -qam 'docs: typed'; git checkout -q main; git commit -q --allow-empty -m 'feat: two (#2)'; git checkout -q other -- CHANGELOG.md",
        ),
        (
            "cherry-pick -n",
            "git checkout -q -b other; git commit -qam 'docs: typed'; git checkout -q main; git commit -q --allow-empty -m 'feat: two (#2)'; git cherry-pick -n other",
        ),
        (
            "a restored file",
            "git commit -qam 'docs: typed'; git commit -q --allow-empty -m 'feat: two (#2)'; git restore CHANGELOG.md",
        ),
        (
            "a hard reset",
            "git commit -qam 'docs: typed'; git commit -q --allow-empty -m 'feat: two (#2)'; git reset -q --hard",
        ),
        (
            "autostash",
            "git commit -q --allow-empty -m 'feat: two (#2)'; git rebase -q --autostash HEAD~1",
        ),
    ];
    cases::run(
        scripts,
        |(name, _)| (*name).to_owned(),
        |(_, script)| {
            let sandbox = Sandbox::new();
            let repo = two(&sandbox);
            repo.edit(
                "CHANGELOG.md",
                "- One (#1)\n",
                "- One (#1)\n- typed meanwhile\n",
            );
            repo.sh(&format!("set -e; {script}")).ok();
            repo.commit("fix: three (#3)");
            all_is_there(
                &repo,
                &["One (#1)", "Two (#2)", "Three (#3)"],
                &["typed meanwhile"],
            );
            repo.git(&["commit", "-q", "--allow-empty", "-am", "docs: keep"])
                .ok();
            all_is_there(
                &repo,
                &["One (#1)", "Two (#2)", "Three (#3)"],
                &["typed meanwhile"],
            );
            assert_eq!(repo.status(), "");
        },
    );
}

#[test]
fn an_old_copy_around_what_moves_head_keeps_what_git_has() {
    let scripts = [
        (
            "an amend",
            "git commit -q --amend --allow-empty -m 'feat: one and more (#1)'",
            vec!["One and more (#1)"],
            vec!["- One (#1)"],
        ),
        (
            "a branch",
            "git checkout -q -b other HEAD~1; git commit -q --allow-empty -m 'feat: other (#9)'",
            vec!["Other (#9)"],
            vec!["One (#1)"],
        ),
        (
            "a release",
            "relwatch release --yes --no-push || relwatch release --yes; git commit -q --allow-empty -m 'feat: two (#2)'",
            vec!["Two (#2)"],
            vec!["One (#1)"],
        ),
    ];
    cases::run(
        scripts,
        |(name, ..)| (*name).to_owned(),
        |(name, script, there, gone)| {
            let sandbox = Sandbox::new();
            let repo = two(&sandbox);
            let old = repo.read("CHANGELOG.md");
            repo.sh(script).ok();
            let before = repo.stored();
            repo.write(
                "CHANGELOG.md",
                &old.replace("- One (#1)\n", "- One (#1)\n- typed meanwhile\n"),
            );
            repo.git(&["commit", "-qam", "docs: typed"]).ok();
            all_is_there(&repo, there, &["typed meanwhile"]);
            for words in gone {
                assert!(!repo.section().contains(words), "{}", repo.section());
                assert!(
                    !repo
                        .git(&["show", "HEAD:CHANGELOG.md"])
                        .stdout
                        .split("\n## [")
                        .nth(1)
                        .unwrap()
                        .contains(words)
                );
            }
            if *name == "a release" {
                let dated: Vec<&str> = before
                    .lines()
                    .filter(|l| l.starts_with("## [") && !l.contains("Unreleased"))
                    .collect();
                assert_eq!(dated.len(), 2, "{before}");
                for heading in dated {
                    assert!(
                        repo.read("CHANGELOG.md").contains(heading),
                        "{}",
                        repo.read("CHANGELOG.md")
                    );
                    assert!(repo.stored().contains(heading), "{}", repo.stored());
                }
            }
        },
    );
}

#[test]
fn of_lines_in_another_order_only_those_that_moved_are_a_persons() {
    cases::run(
        [
            ("the newest to the top", 9, 0),
            ("the oldest to the end", 0, 9),
            ("one up", 5, 4),
            ("one in the middle", 2, 7),
        ],
        |(name, ..)| (*name).to_owned(),
        |(_, from, to)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            for number in 0..10 {
                repo.commit(&format!("feat: change {number} (#{number})"));
            }
            let text = repo.read("CHANGELOG.md");
            let mut lines: Vec<&str> = text.lines().collect();
            let first = lines
                .iter()
                .position(|l| l.starts_with("- Change"))
                .unwrap();
            let line = lines.remove(first + from);
            lines.insert(first + to, line);
            repo.write("CHANGELOG.md", &format!("{}\n", lines.join("\n")));
            repo.git(&["commit", "-qam", "docs: order"]).ok();
            let stored = repo.stored();
            assert_eq!(stored.matches("- Change").count(), 1, "{stored}");
            assert!(stored.contains(line), "{stored}");
            assert_eq!(repo.section().matches("- Change").count(), 10);
            assert_eq!(repo.status(), "");
        },
    );
}

#[test]
fn what_a_formatter_makes_of_a_line_is_no_edit() {
    type Make = fn(&str) -> String;
    let makers: [(&str, Make); 7] = [
        ("other bullets", |t| replaced_above(t, "\n- ", "\n* ")),
        ("wide bullets", |t| replaced_above(t, "\n- ", "\n-   ")),
        ("wrapped lines", |t| {
            t.replace(" and more of it", "\n  and more of it")
        }),
        ("bare addresses in brackets", |t| {
            t.replace("https://example.org/a", "<https://example.org/a>")
        }),
        ("escapes", |t| {
            t.replace("snake_case", "snake\\_case")
                .replace("a*b", "a\\*b")
        }),
        ("blank lines between", |t| {
            t.replace("\n- Read", "\n\n- Read")
        }),
        ("line ends", |t| t.replace('\n', "\r\n")),
    ];
    cases::run(
        makers,
        |(name, _)| (*name).to_owned(),
        |(_, make)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: write snake_case and more of it (#1)");
            repo.commit("feat: read https://example.org/a (#2)");
            repo.commit("fix: a*b and the rest (#3)");
            let before = repo.stored();
            repo.write("CHANGELOG.md", &make(&repo.read("CHANGELOG.md")));
            repo.git(&["commit", "-q", "--allow-empty", "-am", "chore: format"])
                .ok();
            let stored = repo.stored().replace("\r\n", "\n");
            assert_eq!(stored, before.replace("\r\n", "\n"));
            assert_eq!(
                repo.section().matches("(#").count(),
                3,
                "{}",
                repo.section()
            );
            assert!(!repo.read("CHANGELOG.md").contains("relwatch:skip"));
        },
    );
}

/// A formatter's changes to Unreleased alone: its changes to other sections are edits.
fn replaced_above(text: &str, from: &str, to: &str) -> String {
    let end = text.find("\n## [0.1.0]").unwrap();
    format!("{}{}", text[..end].replace(from, to), &text[end..])
}

/// The user names the next release: the heading of Unreleased becomes that of a version.
fn with_notes_to_come<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = two(sandbox);
    repo.commit("fix: two (#2)");
    repo.edit("CHANGELOG.md", "## [Unreleased]", "## [0.2.0] - 2026-01-29");
    repo.git(&["commit", "-qam", "docs: the notes of 0.2.0"])
        .ok();
    repo
}

#[test]
fn notes_of_the_release_to_come_are_not_told_again_and_are_released() {
    let sandbox = Sandbox::new();
    let repo = with_notes_to_come(&sandbox);
    assert_eq!(repo.status(), "");
    let text = repo.read("CHANGELOG.md");
    assert_eq!(text.matches("One (#1)").count(), 1, "{text}");
    assert!(!text.contains("Unreleased"), "{text}");
    assert!(repo.relwatch(&["status"]).ok().stdout.contains("0.2.0"));
    repo.relwatch(&["release", "--yes"]).ok();
    let released = repo.stored();
    assert!(released.contains("## [0.2.0] - 2026-01-29\n"), "{released}");
    assert_eq!(released.matches("One (#1)").count(), 1, "{released}");
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).ok().stdout,
        "v0.2.0\n"
    );
    repo.commit("feat: three (#3)");
    assert_eq!(repo.section(), "### Added\n\n- Three (#3)");
}

#[test]
fn what_the_notes_to_come_do_not_name_is_listed_and_added_on_request() {
    let sandbox = Sandbox::new();
    let repo = with_notes_to_come(&sandbox);
    repo.commit("fix: three (#3)");
    assert_eq!(repo.section(), "### Fixed\n\n- Three (#3)");
    let plan = repo.relwatch(&["release", "--dry-run"]).ok().stderr;
    let told = "1 change is not named in the notes of 0.2.0 in CHANGELOG.md: Three (#3); --add-missing adds them";
    assert!(plan.contains(told), "{plan}");
    let other = repo.relwatch(&["release", "0.3.0", "--yes"]).code(3).stderr;
    assert!(
        other.contains("release 0.2.0, or put 0.3.0 into that heading"),
        "{other}"
    );
    repo.relwatch(&["release", "--yes", "--add-missing"]).ok();
    let released = repo.stored();
    assert!(
        released.contains("- Two (#2)\n- Three (#3)\n"),
        "{released}"
    );
    assert_eq!(released.matches("Three (#3)").count(), 1, "{released}");
}

#[test]
fn what_the_notes_to_come_name_ahead_is_not_listed() {
    let sandbox = Sandbox::new();
    let repo = with_notes_to_come(&sandbox);
    repo.edit(
        "CHANGELOG.md",
        "- Two (#2)\n",
        "- Two (#2)\n- Four, in our words (#4)\n",
    );
    repo.git(&["commit", "-qam", "docs: more notes"]).ok();
    repo.commit("fix: four (#4)");
    repo.commit("fix: five (#5)");
    assert_eq!(repo.section(), "### Fixed\n\n- Five (#5)");
}

#[test]
fn a_section_of_a_release_that_is_tagged_elsewhere_is_no_note_to_come() {
    let sandbox = Sandbox::new();
    let repo = with_notes_to_come(&sandbox);
    repo.git(&["checkout", "-q", "-b", "other", "HEAD~1"]).ok();
    repo.git(&["tag", "v0.2.0"]).ok();
    repo.git(&["checkout", "-q", "main"]).ok();
    let said = repo.relwatch(&["release", "--dry-run"]);
    assert!(
        !format!("{said:?}").contains("has the notes of"),
        "{said:?}"
    );
}

#[test]
fn notes_to_come_may_leave_out_numbers_dates_and_links() {
    let sandbox = Sandbox::new();
    let repo = two(&sandbox);
    let notes = "## [0.2.0] - 2026-01-29\n\n### Added\n\n- One\n\n## [0.1.0]";
    repo.edit("CHANGELOG.md", "## [0.1.0]", notes);
    let links = "\n[Unreleased]: https://example.org/compare/v0.2.0...HEAD\n[0.2.0]: https://example.org/compare/v0.1.0...v0.2.0\n";
    repo.write("CHANGELOG.md", &(repo.read("CHANGELOG.md") + links));
    repo.git(&["commit", "-qam", "docs: the notes"]).ok();
    assert_eq!(repo.section(), "", "the same words");
    repo.commit("fix: three (#3)");
    repo.relwatch(&["release", "--yes", "--add-missing"]).ok();
    let released = repo.stored();
    assert_eq!(released.matches("[0.2.0]: ").count(), 1, "{released}");
    assert!(
        released.contains("- Three (#3)\n\n## [0.1.0]"),
        "{released}"
    );
    // A file without dates.
    let repo = sandbox.repo("undated");
    repo.commit_file(
        "CHANGELOG.md",
        "# Log\n\n## Unreleased\n\n## 1.0.0\n\n- first\n",
        "chore: start",
    );
    repo.git(&["tag", "v1.0.0"]).ok();
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-qm", "chore: set up"]).ok();
    repo.commit("feat: one (#1)");
    repo.edit("CHANGELOG.md", "## Unreleased", "## 1.1.0");
    repo.git(&["commit", "-qam", "docs: 1.1.0"]).ok();
    let text = repo.read("CHANGELOG.md");
    assert_eq!(text.matches("One (#1)").count(), 1, "{text}");
    repo.relwatch(&["release", "--yes"]).ok();
}

/// A release deletes fragments: their texts must be in its notes.
#[test]
fn notes_by_hand_lose_no_fragment() {
    let sandbox = Sandbox::new();
    let repo = with_notes_to_come(&sandbox);
    repo.write("relwatch.yml", "specs: changesets\n");
    let fragment = ".changeset/brave-cats.md";
    repo.write(fragment, "---\n\"x\": patch\n---\n\nCats are brave\n");
    commit_all(&repo, "chore: a fragment");
    let refused = repo.relwatch(&["release", "--yes"]).code(3).stderr;
    assert!(
        refused.contains(
            "the notes of 0.2.0 in CHANGELOG.md do not name .changeset/brave-cats.md, which a release deletes"
        ),
        "{refused}"
    );
    assert!(repo.exists(fragment));
    repo.relwatch(&["release", "--yes", "--add-missing"]).ok();
    assert!(repo.read("CHANGELOG.md").contains("- Cats are brave"));
    assert!(!repo.exists(fragment));
}

/// The versions of a package that had this name before are below a title of their own.
#[test]
fn newer_versions_below_a_released_one_are_none_to_come() {
    let sandbox = Sandbox::new();
    let old = "# Log\n\n## 2.0.0 - 2026-01-01\n\n- x\n\n# The old package\n\n## 3.1.0 - 2020-01-01\n\n- y\n";
    let repo = adopted(&sandbox, "CHANGELOG.md", old, &["v2.0.0"]);
    repo.commit("feat: z");
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(status.contains("next version: 2.1.0"), "{status}");
}
