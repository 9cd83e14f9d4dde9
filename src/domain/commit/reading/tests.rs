//! Messages, and the data parsed from them.

use crate::domain::commit::message::{Message, Reading};
use crate::domain::pattern::Pattern;

fn reading() -> Reading {
    crate::domain::spec::sources::chant_reading()
}

fn read(text: &str) -> Message {
    Message::read(text, &[], &reading())
}

#[test]
fn the_convention() {
    let m = read("feat(api)!: drop v1 (#12)\n\nbody\n\nBREAKING CHANGE: use v2\nReviewed-by: Z");
    assert_eq!(m.kind.as_deref(), Some("feat"));
    assert_eq!(m.scope.as_deref(), Some("api"));
    assert_eq!(m.description, "drop v1");
    assert!(m.breaking);
    assert_eq!(m.migration.as_deref(), Some("use v2"));
    assert_eq!(m.issues, ["#12"]);
    let m = read("fix!: x");
    assert!(m.breaking && m.migration.is_none());
    let m = read("Merge it all\n\nBREAKING CHANGE: use v2\n\nmore");
    assert!(m.breaking);
    assert_eq!(m.migration.as_deref(), Some("use v2"));
}

#[test]
fn plain_messages_reverts_and_picks() {
    let m = read("Add a thing\nover two lines");
    let said = (m.kind, m.description.as_str());
    assert_eq!(said, (None, "Add a thing over two lines"));
    let m = read("Revert \"feat: x\"\n\nThis reverts commit 1a2b3c4d5e6f.");
    assert_eq!(m.reverts, ["1a2b3c4d5e6f"]);
    let m = read("Revert \"x\"\n\nReverts owner/repo#12");
    assert_eq!(m.reverts_issues, ["#12"]);
    let m = read("fix: x\n\n(cherry picked from commit 1a2b3c4d5e6f)");
    assert_eq!(m.picked_from, ["1a2b3c4d5e6f"]);
    let m = read("fix: x\n\nCloses #3, #4");
    assert_eq!(m.issues, ["#3", "#4"]);
}

#[test]
fn chant_and_trailers_name_specs() {
    let m = read("chant(2026-01-28-00b-sjc): Add a guide");
    assert_eq!(m.specs, ["2026-01-28-00b-sjc"]);
    assert_eq!((m.description.as_str(), m.noise), ("Add a guide", false));
    assert!(read("chant: Record agent transcript for 001-x").noise);
    assert!(read("chant(001-x): Mark spec as completed").noise);
    let trailers = [("Spec".to_owned(), "001-x".to_owned())];
    let m = Message::read("feat: x\n\nSpec: 001-x", &trailers, &reading());
    assert_eq!(m.specs, ["001-x"]);
}

#[test]
fn footers_to_the_letter() {
    // Conventional Commits 1.0, items 8 to 16.
    let m = read("feat: x\n\nbody\n\nBREAKING-CHANGE: call y\n  and z\nReviewed-by: Z\nRefs #12");
    assert_eq!(m.migration.as_deref(), Some("call y\n  and z"));
    assert!(m.breaking);
    assert!(!read("feat: x\n\nbreaking change: y").breaking);
    assert_eq!(read("FEAT(Api): X").kind.as_deref(), Some("feat"));
    assert_eq!(read("feat:x").kind, None);
    // A footer next to a breaking one is a footer of the convention, but no trailer to git.
    let m = read("feat: x\n\nBREAKING CHANGE: y\nChangelog: Removed\nRelease-Note: Said well.");
    assert_eq!(m.changelog.as_deref(), Some("removed"));
    assert_eq!(m.note.as_deref(), Some("Said well."));
}

#[test]
fn numbers_of_forges_and_trackers() {
    let pull = |text: &str| read(text).pull.unwrap_or_default();
    assert_eq!(pull("feat: x (#12)"), "#12");
    assert_eq!(pull("Merge pull request #12 from o/b\n\nfeat: x"), "#12");
    assert_eq!(
        pull("Merge pull request 'Fix it' (#9) from b into main"),
        "#9"
    );
    assert_eq!(
        pull("Merge branch 'b' into 'main'\n\nFix it\n\nSee merge request g/s/p!12"),
        "!12"
    );
    assert_eq!(pull("Merged in feature/x (pull request #12)"), "#12");
    assert_eq!(pull("Merged PR 12: Fix it"), "#12");
    assert_eq!(pull("fix #5: x"), "");
    let mut reading = reading();
    reading.issues = vec![Pattern::new(r"JIRA-\d+").unwrap()];
    let trailers = [("Refs".to_owned(), "JIRA-123, #4".to_owned())];
    let m = Message::read(
        "fix: x (#12)\n\nCloses o/r#3\n\nRefs: JIRA-123, #4",
        &trailers,
        &reading,
    );
    assert_eq!(m.issues, ["#12", "o/r#3", "#4", "JIRA-123"]);
}

#[test]
fn reverts_in_every_form() {
    let m = read("Revert x\n\nThis reverts commits 1a2b3c4, 2b3c4d5 and 3c4d5e6.");
    assert_eq!(m.reverts.len(), 3);
    let m = read("Revert x\n\nThis reverts commit 1a2b3c4, reversing\nchanges made to 2b3c4d5.");
    assert_eq!(m.reverts, ["1a2b3c4"]);
    let m = read("Revert x\n\nThis reverts commit 1a2b3c4 and 2b3c4d5.");
    assert_eq!(m.reverts.len(), 2);
    let m = read("Revert \"feat: a \"b\" c\"");
    assert_eq!(m.reverts_subject.as_deref(), Some("feat: a \"b\" c"));
    let m = read("Reapply \"feat: a\"\n\nThis reverts commit 1a2b3c4d.");
    assert_eq!(m.reverts, ["1a2b3c4d"]);
    let m = read("revert: feat: a\n\nRefs: 1a2b3c4, 2b3c4d5");
    assert_eq!(m.reverts_subject.as_deref(), Some("feat: a"));
}

#[test]
fn release_commits_are_known() {
    for subject in [
        "chore(release): v1.2.0",
        "Release v1.2.0",
        "chore: release 1.2.0",
        "chore: bump version to 0.2.0",
        "chant(2026-01-28-00a-vot): Release v0.5.0",
    ] {
        assert!(read(subject).is_release(), "{subject}");
    }
    assert!(!read("feat: release the lock early").is_release());
}

/// Cases from other parsers: conventional-commits-parser and release-please.
#[test]
fn footers_that_others_stumbled_over() {
    let m = read("feat!: x\n\nBREAKING CHANGE: replaced.\n\nFixes #1476.");
    assert_eq!(
        (m.migration.as_deref(), m.issues.as_slice()),
        (Some("replaced."), &["#1476".to_owned()][..])
    );
    let m = read("feat!: x\n\nBREAKING CHANGE: replaced.\nThis fixes #4.\nMore.");
    assert_eq!(
        m.migration.as_deref(),
        Some("replaced.\nThis fixes #4.\nMore.")
    );
    assert_eq!(
        read("feat(@org/hello-world): x").scope.as_deref(),
        Some("@org/hello-world")
    );
    let m = read(
        "docs(repo): x\nbreaking changes #D-2\n\n- the breaking changes\n  breaking-change footers",
    );
    assert!(!m.breaking && m.migration.is_none());
    assert!(!read("feat: x\n\nBREAKING CHANGE was discussed.").breaking);
    let m = read("fix: x\n\nbody\nSource-Link: https://a.example/b\nBREAKING CHANGE: y");
    assert_eq!(m.migration.as_deref(), Some("y"));
}
