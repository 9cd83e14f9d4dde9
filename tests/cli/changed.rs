//! Every changed file is noticed, with the same means as git: size, both times and inode. A release contains what is committed.

use crate::support::{Repo, Sandbox, cases, configure, project};

const SPEC: &str = "---\nstatus: completed\ntype: feature\n---\n# Add a timeout\n";
const PATH: &str = ".chant/specs/2026-01-01-001-abc.md";
const LONG_AGO: &str = "touch -d 2020-02-02T02:02:02";

/// A project with a completed spec that was read long after it was written.
fn with_spec<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    repo.commit_file(PATH, SPEC, "chore: a spec");
    repo.sh(&format!("{LONG_AGO} {PATH}; sleep 2.1")).ok();
    repo.relwatch(&["update"]).ok();
    assert!(
        repo.section().contains("Add a timeout"),
        "{}",
        repo.section()
    );
    repo
}

#[test]
fn a_spec_that_was_rewritten_unseen_is_read_again() {
    cases::in_turn(
        [
            ("in place", "printf %s \"$T\" > F"),
            (
                "renamed over it",
                "printf %s \"$T\" > ../new && mv ../new F",
            ),
            (
                "copied with its times",
                "cp -p F ../new && printf %s \"$T\" > ../new && touch -r F ../new && cp -p ../new F",
            ),
            ("removed and written", "rm F && printf %s \"$T\" > F"),
        ],
        |(name, _)| (*name).to_owned(),
        |(_, how)| {
            let sandbox = Sandbox::new();
            let repo = with_spec(&sandbox, "r");
            let text = SPEC.replace("completed", "cancelled");
            assert_eq!(text.len(), SPEC.len());
            let how = how.replace('F', PATH);
            repo.sh(&format!("T='{text}'; {how}; {LONG_AGO} {PATH}"))
                .ok();
            repo.relwatch(&["update"]).ok();
            assert_eq!(repo.section(), "");
            repo.git(&["commit", "-q", "-am", "chore: cancel it"]).ok();
            assert_eq!(repo.relwatch(&["release", "--yes"]).code, 6);
        },
    );
}

#[test]
fn so_is_a_configuration() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    configure(&repo, "types: {feat: fixed}\n# ....\n");
    repo.sh(&format!("{LONG_AGO} relwatch.yml")).ok();
    repo.relwatch(&["update"]).ok();
    assert!(
        repo.section().starts_with("### Fixed"),
        "{}",
        repo.section()
    );
    repo.write("relwatch.yml", "types: {feat: changed}\n# ..\n");
    repo.sh(&format!("{LONG_AGO} relwatch.yml")).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "chore: look again"])
        .ok();
    assert!(
        repo.section().starts_with("### Changed"),
        "{}",
        repo.section()
    );
}

/// An editor or a script may put the time of the changelog back.
#[test]
fn so_is_the_changelog() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.sh("cp -p CHANGELOG.md ../times").ok();
    let text = repo
        .read("CHANGELOG.md")
        .replace("the first thing", "THE FIRST THING");
    repo.sh(&format!(
        "cat > CHANGELOG.md <<'EOF'\n{text}EOF\ntouch -r ../times CHANGELOG.md"
    ))
    .ok();
    repo.commit("feat: a limit (#2)");
    let text = repo.read("CHANGELOG.md");
    assert!(
        text.contains("THE FIRST THING") && text.contains("A limit (#2)"),
        "{text}"
    );
    assert_eq!(repo.status(), " M CHANGELOG.md\n");
    repo.git(&["commit", "-q", "-am", "docs: louder"]).ok();
    let stored = repo.stored();
    assert!(
        stored.contains("THE FIRST THING") && !stored.contains("A limit"),
        "{stored}"
    );
}

/// git ignores changes of the file, or cannot detect them: the release uses the committed content.
#[test]
fn a_release_reads_what_is_committed() {
    let hides = [
        (
            "assume-unchanged",
            "git update-index --assume-unchanged F",
            "cancelled",
        ),
        (
            "skip-worktree",
            "git update-index --skip-worktree F",
            "cancelled",
        ),
        (
            "gone by skip-worktree",
            "git update-index --skip-worktree F; rm F",
            "",
        ),
        (
            "a clock that is not trusted",
            "git config core.trustctime false",
            "cancelled",
        ),
    ];
    cases::in_turn(
        hides,
        |(name, ..)| (*name).to_owned(),
        |(_, hide, status)| {
            let sandbox = Sandbox::new();
            let repo = with_spec(&sandbox, "r");
            repo.sh("git status").ok();
            if !status.is_empty() {
                let text = SPEC.replace("completed", status);
                repo.sh(&format!(
                    "cat > {PATH} <<'EOF'\n{text}EOF\n{LONG_AGO} {PATH}"
                ))
                .ok();
            }
            repo.sh(&hide.replace('F', PATH)).ok();
            let released = repo.relwatch(&["release", "--dry-run"]).ok();
            assert!(released.stdout.contains("Add a timeout"), "{released:?}");
        },
    );
}
