//! The texts of release commits, tags and merges, which a project may choose; and the notes before the question.

use crate::support::{Repo, Sandbox, cases, configure, with_remote};

/// The texts that a guide for releases may ask for.
const TEXTS: &str = r#"messages:
  commit: "chore: bump version to {version}"
  tag: "{kind} {tag}: {summary}\n\n{notes}\n\nSee CHANGELOG.md for full details."
  merge: "{kind} {tag}"
"#;

/// The message of a tag.
fn tag_text(repo: &Repo<'_>, tag: &str) -> String {
    let text = repo.git(&["cat-file", "tag", tag]).ok().stdout;
    let (_, message) = text.split_once("\n\n").unwrap();
    message.to_owned()
}

fn subject(repo: &Repo<'_>, commit: &str) -> String {
    let shown = repo.git(&["log", "-1", "--format=%s", commit]).ok();
    shown.stdout.trim().to_owned()
}

#[test]
fn a_release_writes_the_texts_of_the_project() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, TEXTS);
    repo.commit("feat: find peers (#7)");
    let plan = repo.relwatch(&["release", "--dry-run"]).ok().stdout;
    assert!(
        plan.contains("\ncommit: chore: bump version to 0.2.0\ntag: v0.2.0 (annotated)\n"),
        "{plan}"
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(subject(&repo, "main"), "chore: bump version to 0.2.0");
    assert_eq!(
        tag_text(&repo, "v0.2.0"),
        "Release v0.2.0: Find peers (#7)\n\n### Added\n\n- Find peers (#7)\n\nSee CHANGELOG.md for full details.\n"
    );

    // Commands that read them back need no fixed words.
    repo.relwatch(&["undo", "--yes"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    repo.commit("fix: one more");
    let refused = repo.relwatch(&["undo", "--yes"]).code(3);
    assert!(
        refused.stderr.contains("1 commit is on v0.2.0"),
        "{refused:?}"
    );
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.git(&["push", "-q", "--follow-tags"]).ok();
    repo.relwatch(&["undo", "--yes"]).code(3);

    repo.relwatch(&["branch", "hotfix"]).ok();
    repo.commit("fix: close the socket (#8)");
    repo.relwatch(&["release", "--yes", "--push"]).ok();
    repo.relwatch(&["release", "--finish", "--push"]).ok();
    assert_eq!(subject(&repo, "main"), "Hotfix v0.2.1");
    assert!(
        tag_text(&repo, "v0.2.1")
            .starts_with("Hotfix v0.2.1: Close the socket (#8)\n\n### Fixed\n")
    );
    repo.git(&["switch", "-q", "main"]).ok();
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(status.contains("nothing to release"), "{status}");
    let log = repo.relwatch(&["releases", "--rebuild"]).ok();
    assert!(!log.stdout.contains("bump version"), "{log:?}");
}

#[test]
fn a_release_is_undone_after_its_texts_have_changed() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "messages: {commit: 'Ship {tag}', tag: '{notes}'}\n");
    repo.commit("feat: find peers");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.write("relwatch.yml", "{}\n");
    repo.git(&["update-index", "--assume-unchanged", "relwatch.yml"])
        .ok();
    let undone = repo.relwatch(&["undo", "--yes"]);
    assert!(undone.stdout.starts_with("undid v0.2.0: "), "{undone:?}");
}

/// Offers a release, has it merged in some way, and finishes it.
fn reviewed(configuration: &str, merge: &str) {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, configuration);
    repo.commit("feat: find peers");
    repo.git(&["push", "-q"]).ok();
    repo.relwatch(&["release", "--yes", "--push"]).ok();
    let offer = repo
        .sh("git switch -q release/v0.2.0 && relwatch release --finish")
        .code(3);
    assert!(
        offer.stderr.contains("release/v0.2.0 is an offer"),
        "{offer:?}"
    );
    let early = repo
        .sh("git switch -q main && relwatch release --finish")
        .code(3);
    assert!(
        early.stderr.contains("is not merged into main yet"),
        "{early:?}"
    );
    repo.sh(merge).ok();
    let finished = repo.relwatch(&["release", "--finish"]).ok();
    assert!(
        finished.stdout.starts_with("released v0.2.0: tagged "),
        "{finished:?}"
    );
    assert!(tag_text(&repo, "v0.2.0").contains("- Find peers"));
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(status.contains("nothing to release"), "{status}");
    repo.commit("fix: close the socket");
    let notes = repo.relwatch(&["notes"]).ok().stdout;
    assert!(notes.contains("Close the socket"), "{notes}");
    assert!(!notes.contains("Ship"), "{notes}");
}

#[test]
fn a_release_by_review_is_recognised_whatever_its_words() {
    let texts = "messages: {commit: 'Ship {version} of {branch}', tag: \"{tag}\\n\\n{notes}\"}\npush: {mode: pull-request}\n";
    let no_list = format!("{texts}manifest: ''\n");
    cases::run(
        [
            (texts, "git merge -q --no-ff release/v0.2.0"),
            (
                texts,
                "git commit -q --allow-empty -m 'docs: x' && git merge -q --squash release/v0.2.0 && git commit -qm 'Anything (#12)'",
            ),
            (&no_list, "git merge -q --no-ff release/v0.2.0"),
            (
                &no_list,
                "git merge -q --squash release/v0.2.0 && git commit -qm 'Ship it (#12)'",
            ),
        ],
        |case| format!("{case:?}"),
        |&(configuration, merge)| reviewed(configuration, merge),
    );
}

#[test]
fn commits_with_the_text_of_a_release_are_no_changes() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "messages: {commit: 'feat: ship {tag}'}\n");
    repo.commit("feat: ship v0.1.9 (#4)");
    repo.commit("feat: ship v0.1.9 to more people");
    assert_eq!(
        repo.section()
            .lines()
            .filter(|line| line.starts_with("- "))
            .count(),
        1,
        "{}",
        repo.section()
    );
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    assert!(!repo.section().contains("v0.2.0"), "{}", repo.section());
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.relwatch(&["undo", "--yes"]).ok();
}

#[test]
fn several_versions_in_one_commit_are_a_list() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(
        &repo,
        "components: {api: {paths: [api/**]}, bot: {paths: [bot/**]}}\nmessages:\n  commit: \"Ship {tag}\\n\\n{notes}\"\n",
    );
    repo.commit_file("api/x", "1\n", "feat: find peers");
    repo.commit_file("bot/x", "1\n", "fix: close the socket");
    repo.relwatch(&["init"]).ok();
    repo.sh("git add -A && git commit -qm 'chore: set up' || true")
        .ok();
    repo.relwatch(&["release", "--yes"]).ok();
    let text = repo.git(&["log", "-1", "--format=%B"]).ok().stdout;
    let mut lines = text.lines();
    let title = lines.next().unwrap_or_default();
    assert!(title.starts_with("Ship ") && title.contains(", "), "{text}");
    assert!(
        text.contains("- Find peers") && text.contains("- Close the socket"),
        "{text}"
    );
    let undone = repo.relwatch(&["undo", "--yes"]).ok().stdout;
    assert!(undone.contains("api") && undone.contains("bot"), "{undone}");
}

#[test]
fn a_text_that_cannot_be_is_refused_by_name() {
    cases::run(
        [
            (
                "{merge: 'Merge {vresion}'}",
                "merge: `{vresion}` is none of {version}, {tag}, {branch}, {kind}",
            ),
            (
                "{merge: '{notes}'}",
                "merge: `{notes}` is none of {version}, {tag}, {branch}, {kind}",
            ),
            (
                "{commit: release}",
                "commit: its first line must have {tag} or {version}",
            ),
            ("{tag: ''}", "tag: its first line is empty"),
            ("{tga: x}", "unknown key `tga`"),
        ],
        |case| case.0,
        |&(messages, why)| {
            let sandbox = Sandbox::new();
            let repo = with_remote(&sandbox, "r");
            repo.write("relwatch.yml", &format!("messages: {messages}\n"));
            let refused = repo.relwatch(&["status"]).code(2);
            assert!(refused.stderr.contains("relwatch.yml:1"), "{refused:?}");
            assert!(refused.stderr.contains(why), "{refused:?}");
        },
    );
}

#[cfg(unix)]
#[test]
fn the_notes_are_shown_before_the_question() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("feat: find peers (#7)");
    let asked = repo.relwatch(&["release"]).code(130);
    assert!(
        asked.stdout.ends_with(
            "tag: v0.2.0 (annotated)\n\nnotes of v0.2.0:\n\n  ### Added\n\n  - Find peers (#7)\n\n"
        ),
        "{asked:?}"
    );
    let mut shell = repo.driven("relwatch", &["release"]);
    shell.press("", "- Find peers (#7)\r\n\r\nrelease 0.2.0? [y/N] ");
    shell.end("y\n");
    assert_eq!(subject(&repo, "main"), "chore(release): v0.2.0");

    // Long texts are truncated; pre-releases have texts, too.
    for at in 0..60 {
        repo.commit(&format!("fix: number {at} (#{at}0)"));
    }
    let asked = repo.relwatch(&["release", "--pre", "rc"]).code(130);
    let notes = asked.stdout.split("notes of v0.2.1-rc.1:\n\n").nth(1);
    let notes = notes.unwrap_or_default();
    assert!(
        notes.ends_with("\n  … 22 more lines; `relwatch notes` prints all\n\n"),
        "{notes}"
    );
    assert_eq!(notes.lines().count(), 43, "{notes}");
}
