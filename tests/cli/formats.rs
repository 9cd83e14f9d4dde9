//! Repositories in every format that git has: objects named by SHA-1 or SHA-256, references in files or in tables (reftable).

use crate::support::{
    CHANGELOG, Repo, Sandbox, cases, commit_all, configure, project, says, set_up,
};

const FORMATS: [[&str; 2]; 3] = [
    ["sha256", "files"],
    ["sha1", "reftable"],
    ["sha256", "reftable"],
];

/// Runs a test in each format that the installed git can create; before 2.45 git has no reftable.
fn in_each_format(story: impl Fn(&Sandbox) + Sync) {
    let probe = Sandbox::new();
    let version = probe.at(".").git(&["version"]).ok().stdout;
    let mut numbers = version
        .split([' ', '.'])
        .filter_map(|word| word.parse().ok());
    let version: (u32, u32) = (numbers.next().unwrap(), numbers.next().unwrap());
    let known = FORMATS
        .into_iter()
        .filter(|format| format[1] == "files" || version >= (2, 45));
    cases::run(
        known,
        |format| format.join(" "),
        |format| story(&Sandbox::with_formats(*format)),
    );
}

fn is_healthy(repo: &Repo<'_>) {
    assert_eq!(repo.status(), "");
    repo.git(&["fsck", "--strict"]).ok();
    repo.relwatch(&["update", "--check"]).ok();
}

#[test]
fn the_main_job() {
    in_each_format(|sandbox| {
        let repo = project(sandbox, "r");
        repo.commit("feat(api): set a timeout (#12)");
        repo.write(
            ".chant/specs/2026-01-29-004-jkl.md",
            "---\nstatus: completed\n---\n\n# Serialize writers\n\n## Release Notes\n\nWriters wait for each other. (#34)\n",
        );
        commit_all(&repo, "chore: complete a spec");
        let section = repo.section();
        assert!(section.contains("set a timeout (#12)"), "{section}");
        assert!(
            section.contains("Writers wait for each other. (#34)"),
            "{section}"
        );
        assert!(!repo.stored().contains("#12"), "{}", repo.stored());
        is_healthy(&repo);
        let before = repo.head();
        repo.relwatch(&["release", "--yes"]).ok();
        assert!(
            repo.read("CHANGELOG.md")
                .contains("## [0.2.0] - 2026-01-30")
        );
        is_healthy(&repo);
        repo.relwatch(&["undo", "--yes"]).ok();
        assert_eq!((repo.head(), repo.section()), (before, section));
        is_healthy(&repo);
        repo.relwatch(&["release", "--yes"]).ok();
        repo.git(&["switch", "-q", "-c", "topic"]).ok();
        repo.commit("fix: count from one");
        repo.git(&["switch", "-q", "main"]).ok();
        repo.commit("fix: count to ten");
        repo.git(&["rebase", "-q", "main", "topic"]).ok();
        let section = repo.section();
        for line in ["Count from one", "Count to ten"] {
            assert!(
                section.to_lowercase().contains(&line.to_lowercase()),
                "{section}"
            );
        }
        repo.git(&["gc", "-q"]).ok();
        repo.relwatch(&["update"]).ok();
        assert_eq!(repo.section(), section);
        is_healthy(&repo);
    });
}

#[test]
fn before_the_first_commit_detached_and_in_a_linked_worktree() {
    in_each_format(|sandbox| {
        let repo = sandbox.repo("r");
        repo.relwatch(&["init"]).ok();
        says(&repo.relwatch(&["status"]).ok(), &["on main"]);
        commit_all(&repo, "feat: begin");
        assert!(repo.section().contains("Begin"), "{}", repo.section());
        repo.git(&["switch", "-q", "--detach"]).ok();
        repo.commit("fix: apart");
        assert!(repo.section().contains("Apart"), "{}", repo.section());
        repo.git(&["worktree", "add", "-q", "-b", "other", "../w"])
            .ok();
        let other = sandbox.at("w");
        other.commit("fix: beside");
        assert!(other.section().contains("Beside"), "{}", other.section());
        assert_eq!(
            (repo.status(), other.status()),
            (String::new(), String::new())
        );
    });
}

#[test]
fn nothing_is_released_while_git_picks_or_reverts() {
    in_each_format(|sandbox| {
        let repo = project(sandbox, "r");
        for (text, message) in [("1", "feat: one"), ("2", "feat: two"), ("3", "feat: three")] {
            repo.commit_file("a", text, message);
        }
        let head = repo.head();
        for operation in ["cherry-pick", "revert"] {
            assert_ne!(repo.git(&[operation, "HEAD~1"]).code, 0);
            let said = repo.relwatch(&["release", "--yes"]).code(3);
            says(
                &said,
                &["a merge, rebase, cherry-pick or bisect is under way"],
            );
            repo.git(&[operation, "--abort"]).ok();
            assert_eq!(repo.head(), head);
        }
    });
}

#[test]
fn a_lock_that_git_left_behind_is_named_and_nothing_is_half_done() {
    in_each_format(|sandbox| {
        let repo = project(sandbox, "r");
        repo.commit("feat: a timeout (#1)");
        let before = (repo.head(), repo.git(&["tag"]), repo.read("CHANGELOG.md"));
        let lock = if repo.exists(".git/reftable") {
            ".git/reftable/tables.list.lock"
        } else {
            ".git/refs/heads/main.lock"
        };
        repo.write(lock, "");
        says(&repo.relwatch(&["release", "--yes"]).code(1), &[lock]);
        repo.sh(&format!("rm {lock}")).ok();
        assert_eq!(
            (repo.head(), repo.git(&["tag"]), repo.read("CHANGELOG.md")),
            before
        );
        is_healthy(&repo);
        repo.relwatch(&["release", "--yes"]).ok();
    });
}

/// A gate sees the commit that is to be released in a repository of its own.
#[test]
fn gates_run_in_the_commit_that_is_released() {
    in_each_format(|sandbox| {
        let repo = sandbox.repo("r");
        repo.commit_file("CHANGELOG.md", CHANGELOG, "docs: changelog");
        repo.git(&["tag", "-a", "v0.1.0", "-m", "Release v0.1.0"])
            .ok();
        set_up(&repo);
        configure(
            &repo,
            "gates:\n  - name: history\n    run: git log -1 && git cat-file -e v0.1.0^{tree}\n",
        );
        repo.commit("feat: a gate");
        repo.relwatch(&["release", "--yes"]).ok();
        assert!(repo.git(&["tag"]).ok().stdout.contains("v0.2.0"));
        is_healthy(&repo);
    });
}
