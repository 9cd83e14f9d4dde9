//! git's index, whatever form it has: after a commit the changelog's entry is fresh, so that no command calls the file modified by
//! its size, and everything else in the index is as git left it.

use crate::support::{Repo, Sandbox, cases, project};

/// A commit by which the section grows; plumbing, which does not refresh the index, sees a clean file.
fn commits_cleanly(repo: &Repo<'_>, message: &str) {
    repo.commit(message);
    let said = message.split_once(": ").unwrap().1;
    assert!(repo.section().to_lowercase().contains(said), "{said}");
    repo.git(&["diff-files", "--quiet"]).ok();
    repo.git(&["diff-index", "--quiet", "HEAD"]).ok();
    repo.git(&["fsck", "--strict"]).ok();
    assert_eq!(repo.status(), "");
}

fn index(repo: &Repo<'_>) -> Vec<u8> {
    std::fs::read(repo.path.join(".git/index")).unwrap()
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|place| place == word)
}

#[test]
fn every_version_of_the_index_is_kept_and_its_entry_refreshed() {
    let sandbox = Sandbox::new();
    cases::run(
        ["2", "3", "4"],
        |&version| version,
        |&version| {
            let repo = project(&sandbox, &format!("version{version}"));
            for name in [
                "BEFORE",
                "CHANGELOG",
                "CHANGELOG.md.old",
                "deep/er/CHANGELOG.md",
                "zebra",
            ] {
                repo.commit_file(name, "text\n", "chore: a file");
            }
            repo.git(&["update-index", "--index-version", version]).ok();
            if version == "3" {
                // Flags that only version 3 can contain.
                repo.git(&["update-index", "--skip-worktree", "BEFORE"])
                    .ok();
            }
            commits_cleanly(&repo, "feat: a first change");
            commits_cleanly(&repo, "fix: a second change");
            let wanted = version.parse::<u8>().unwrap();
            assert_eq!(index(&repo)[4..8], [0, 0, 0, wanted], "version {version}");
        },
    );
}

#[test]
fn what_git_keeps_beside_the_entries_stays() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    repo.git(&["config", "core.untrackedCache", "true"]).ok();
    repo.git(&["update-index", "--force-untracked-cache"]).ok();
    repo.git(&["status"]).ok();
    let before = index(&repo);
    assert!(holds(&before, b"UNTR") && holds(&before, b"TREE"));
    repo.write(
        "CHANGELOG.md",
        &repo
            .read("CHANGELOG.md")
            .replace("the first thing", "the first"),
    );
    repo.git(&["checkout", "--", "CHANGELOG.md"]).ok();
    repo.relwatch(&["update"]).ok();
    commits_cleanly(&repo, "feat: a change");
    let after = index(&repo);
    assert!(holds(&after, b"UNTR") && holds(&after, b"TREE"));
}

#[test]
fn an_index_without_a_checksum_gets_none() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    repo.git(&["config", "index.skipHash", "true"]).ok();
    // git need not rewrite its index for an empty commit.
    repo.commit_file("one", "1\n", "chore: a file");
    commits_cleanly(&repo, "feat: a change");
    assert!(index(&repo).ends_with(&[0; 20]));
    repo.git(&["config", "index.skipHash", "false"]).ok();
    repo.commit_file("two", "2\n", "chore: a file");
    commits_cleanly(&repo, "feat: another change");
    assert!(!index(&repo).ends_with(&[0; 20]));
}

#[test]
fn split_and_sparse_indexes_are_gits_to_write() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "split");
    repo.git(&["update-index", "--split-index"]).ok();
    commits_cleanly(&repo, "feat: a change");
    commits_cleanly(&repo, "feat: another change");
    let repo = project(&sandbox, "sparse");
    repo.commit_file("deep/er/file", "text\n", "chore: a file");
    repo.commit_file("other/file", "text\n", "chore: a file");
    repo.git(&["sparse-checkout", "set", "--sparse-index", "other"])
        .ok();
    assert!(holds(&index(&repo), b"sdir"));
    commits_cleanly(&repo, "feat: a change");
}

#[test]
fn an_index_that_git_holds_is_left_to_it() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    repo.write("CHANGELOG.md", &repo.stored());
    let before = index(&repo);
    repo.write(".git/index.lock", "");
    repo.relwatch(&["update"]).ok();
    assert_eq!(index(&repo), before);
    assert_eq!(repo.read(".git/index.lock"), "", "git's lock stays git's");
    repo.sh("rm .git/index.lock").ok();
    assert_eq!(repo.status(), "");
}

#[test]
fn an_edit_in_the_second_of_a_commit_is_seen_after_an_update() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "repo");
    repo.commit_file("VERSION", "1.0.1\n", "chore: a version");
    // Within one second: the file has the same time and size, and the index is no newer.
    repo.git(&["config", "core.trustctime", "false"]).ok();
    repo.sh("echo 1.0.2 > VERSION; touch -d @1600000000 VERSION; git commit -q -a -m 'fix: one'")
        .ok();
    repo.sh("echo 1.0.3 > VERSION; touch -d @1600000000 VERSION .git/index")
        .ok();
    repo.write(
        ".chant/specs/s1.md",
        "---\nstatus: completed\n---\n\n# Do it\n",
    );
    repo.relwatch(&["update"]).ok();
    assert!(repo.section().contains("Do it"));
    assert!(repo.status().contains(" M VERSION"), "{}", repo.status());
}
