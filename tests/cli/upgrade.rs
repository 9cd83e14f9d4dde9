//! A repository that an older relwatch set up, and the first command of the new one there. Files that the old one left outside of git's
//! objects are in `tests/fixtures/upgrade`, with `BINARY` in place of its path.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{CHANGELOG, Repo, Sandbox, cases};

const TYPED: &str = "### Security\n\n- typed by hand\n";

const GENERATED: &[&str] = &[
    "- Read lists (4a8336d)\n",
    "- **cli:** parse snake_case (#7)\n",
];

const HEAD: &str = "f53fdcc06b384886f8baadcf8546dae0f2261b30";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/upgrade")
        .join(name)
}

/// Puts a fixture into the repository.
fn put(repo: &Repo<'_>, name: &str, to: &str) {
    let text = fs::read_to_string(fixture(name)).unwrap();
    let binary = repo.path.join("../bin/relwatch").display().to_string();
    repo.write(to, &text.replace("BINARY", &binary));
}

/// The repository as the old relwatch left it: its commits have the names that they had then, since the state has those.
fn left_by_the_old_one<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = sandbox.repo("r");
    repo.commit_file("file", "1\n", "chore: start");
    repo.commit_file("CHANGELOG.md", CHANGELOG, "docs: changelog");
    repo.git(&["tag", "-a", "v0.1.0", "-m", "Release v0.1.0"])
        .ok();
    put(&repo, "gitattributes", ".gitattributes");
    put(&repo, "relwatch.yml", "relwatch.yml");
    repo.git(&["add", "-A"]).ok();
    let message = "chore: keep the changelog with relwatch";
    repo.git(&["commit", "-q", "-m", message]).ok();
    repo.commit("feat: read lists");
    let unreleased = "## [Unreleased]\n";
    let typed = CHANGELOG.replace(unreleased, &format!("{unreleased}\n{TYPED}"));
    repo.commit_file("CHANGELOG.md", &typed, "docs: notes");
    repo.commit("fix(cli): parse snake_case (#7)");
    assert_eq!(repo.head(), HEAD, "the state names other commits");
    put(&repo, "info-attributes", ".git/info/attributes");
    let config = repo.read(".git/config");
    put(&repo, "config", ".git/config");
    repo.write(
        ".git/config",
        &format!("{config}{}", repo.read(".git/config")),
    );
    for hook in names("hooks") {
        let to = format!(".git/hooks/{hook}");
        put(&repo, &format!("hooks/{hook}"), &to);
        fs::set_permissions(repo.path.join(&to), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for file in names("state") {
        put(
            &repo,
            &format!("state/{file}"),
            &format!(".git/relwatch/{file}"),
        );
    }
    put(&repo, "CHANGELOG.md", "CHANGELOG.md");
    // Its index entry has the size of the working file, too. No relwatch filter runs for that.
    let stored = "filter.relwatch.clean=git show HEAD:CHANGELOG.md";
    repo.git(&["-c", stored, "add", "CHANGELOG.md"]).ok();
    repo
}

fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(fixture(folder)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Each line exists once, in its category; generated lines are in no blob, typed lines are; the tree is clean.
#[track_caller]
fn owners_are_as_before(repo: &Repo<'_>, more: &[&str]) {
    assert_eq!(repo.status(), "");
    let file = repo.read("CHANGELOG.md");
    let index = repo.git(&["show", ":CHANGELOG.md"]).ok().stdout;
    for line in GENERATED.iter().chain(more) {
        assert_eq!(file.matches(line).count(), 1, "{line}:\n{file}");
        assert!(!index.contains(line), "{index}");
        assert!(!repo.stored().contains(line), "{}", repo.stored());
    }
    assert_eq!(file.matches(TYPED).count(), 1, "{file}");
    assert_eq!(index.matches(TYPED).count(), 1, "{index}");
    assert!(!file.contains("relwatch:skip"), "{file}");
    let untracked = repo.git(&["ls-files", "--others"]).ok().stdout;
    assert_eq!(untracked, "");
}

/// Later commands work too: a line that is typed beside generated ones is staged alone, a commit is listed, an edited generated line
/// becomes hand-written, and doctor finds nothing.
#[track_caller]
fn goes_on(repo: &Repo<'_>) {
    repo.edit(
        "CHANGELOG.md",
        "- typed by hand\n",
        "- typed by hand\n- typed today\n",
    );
    repo.git(&["commit", "-qam", "feat: go on (#9)"]).ok();
    owners_are_as_before(repo, &["- Go on (#9)\n"]);
    assert!(
        repo.stored().contains("- typed by hand\n- typed today\n"),
        "{}",
        repo.stored()
    );
    repo.edit("CHANGELOG.md", "- Read lists (", "- Read all lists (");
    repo.git(&["commit", "-qam", "docs: word a note"]).ok();
    assert_eq!(repo.status(), "");
    let stored = repo.stored();
    assert!(stored.contains("- Read all lists (4a8336d)\n"), "{stored}");
    assert!(!stored.contains("snake_case"), "{stored}");
    assert!(
        !repo.section().contains("- Read lists ("),
        "{}",
        repo.section()
    );
    repo.relwatch(&["doctor"]).ok();
}

/// First commands of the new relwatch.
const FIRST: &[(&str, &str)] = &[
    ("filter of status", "git status --porcelain"),
    (
        "filter of add",
        "touch CHANGELOG.md; git add CHANGELOG.md; git diff --cached --exit-code",
    ),
    (
        "filter of all",
        "git add --renormalize .; git diff --cached --exit-code",
    ),
    (
        "hook of a commit",
        "git commit -q --allow-empty -m 'chore: more'",
    ),
    (
        "hook of a commit of all",
        "git commit -qa --allow-empty -m 'chore: more'",
    ),
    (
        "hook of a checkout",
        "git checkout -q -b other HEAD~1; git checkout -q main",
    ),
    (
        "hook of an amend",
        "git commit -q --amend --no-edit --allow-empty",
    ),
    (
        "hook of a rebase",
        "git rebase -q --force-rebase HEAD~1",
    ),
    (
        "merge driver",
        // The other branch's commit is made beside the index: neither filter nor hook runs for it.
        "note='## [Unreleased]\\n\\n### Changed\\n\\n- typed there'
        id=$(git show HEAD~2:CHANGELOG.md | sed \"s/^## .Unreleased.$/$note/\" | git hash-object -w --stdin)
        tree=$(git ls-tree HEAD~2 | sed \"s/ [0-9a-f]*\\tCHANGELOG/ $id\\tCHANGELOG/\" | git mktree)
        git branch other $(git commit-tree -p HEAD~2 -m 'docs: other' $tree)
        git merge -q other
        git show HEAD:CHANGELOG.md | grep -q '^- typed there$'",
    ),
    ("status", "relwatch status"),
    ("update", "relwatch update"),
    ("init", "relwatch init"),
    ("doctor", "relwatch doctor --fix --yes"),
];

#[test]
fn no_line_changes_its_owner_whatever_the_new_relwatch_does_first() {
    cases::run(
        FIRST,
        |(name, _)| *name,
        |(_, script)| {
            let sandbox = Sandbox::of_old();
            let repo = left_by_the_old_one(&sandbox);
            repo.sh(&format!("set -e; {script}")).ok();
            owners_are_as_before(&repo, &[]);
            goes_on(&repo);
        },
    );
}

#[test]
fn what_is_staged_first_has_no_generated_line() {
    let sandbox = Sandbox::of_old();
    let repo = left_by_the_old_one(&sandbox);
    repo.edit(
        "CHANGELOG.md",
        "- typed by hand\n",
        "- typed by hand\n- typed first\n",
    );
    repo.git(&["add", "CHANGELOG.md"]).ok();
    assert_eq!(repo.status(), "M  CHANGELOG.md\n");
    let diff = repo.git(&["diff", "--cached", "-U0"]).ok().stdout;
    let added: Vec<_> = diff.lines().filter(|l| l.starts_with(['+', '-'])).collect();
    assert_eq!(added[2..], ["+- typed first"], "{diff}");
    repo.git(&["commit", "-q", "-m", "docs: first"]).ok();
    owners_are_as_before(&repo, &[]);
    goes_on(&repo);
}

#[test]
fn the_new_init_renews_what_the_old_one_set_up() {
    let sandbox = Sandbox::of_old();
    let repo = left_by_the_old_one(&sandbox);
    repo.relwatch(&["init"]).ok();
    let new = sandbox.repo("new");
    new.relwatch(&["init"]).ok();
    for hook in names("hooks") {
        let hook = format!(".git/hooks/{hook}");
        assert_eq!(repo.read(&hook), new.read(&hook));
    }
    for key in ["filter.relwatch.clean", "merge.relwatch.driver"] {
        let of = |repo: &Repo<'_>| repo.git(&["config", "--get-all", key]).ok().stdout;
        assert_eq!(of(&repo), of(&new));
    }
    owners_are_as_before(&repo, &[]);
}

#[test]
fn the_new_uninstall_removes_what_the_old_one_set_up() {
    let sandbox = Sandbox::of_old();
    let repo = left_by_the_old_one(&sandbox);
    let stored = repo.stored();
    repo.relwatch(&["uninstall"]).ok();
    assert_eq!(repo.stored(), stored);
    assert_eq!(repo.head(), HEAD);
    let index = repo.git(&["show", ":CHANGELOG.md"]).ok().stdout;
    assert_eq!(index, stored);
    assert_eq!(repo.read("CHANGELOG.md"), stored);
    for hook in names("hooks") {
        assert!(!repo.exists(&format!(".git/hooks/{hook}")), "{hook}");
    }
    assert!(!repo.exists(".git/relwatch"));
    for file in [".git/config", ".git/info/attributes", ".gitattributes"] {
        let text = fs::read_to_string(repo.path.join(file)).unwrap_or_default();
        assert!(!text.contains("relwatch"), "{file}: {text}");
    }
    let changed = repo.git(&["status", "--porcelain", "CHANGELOG.md"]).ok();
    assert_eq!(changed.stdout, "");
}

#[test]
fn a_line_that_only_the_old_record_explains_is_generated() {
    let sandbox = Sandbox::of_old();
    let repo = left_by_the_old_one(&sandbox);
    let reworded = ["--allow-empty", "-m", "fix(cli): read kebab-case (#8)"];
    let unheard = ["-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend"];
    repo.git(&[&unheard[..], &reworded[..]].concat()).ok();
    repo.sh("touch CHANGELOG.md; git add CHANGELOG.md").ok();
    assert_eq!(repo.status(), "");
    repo.commit("chore: more");
    let file = repo.read("CHANGELOG.md");
    assert!(!file.contains("snake_case"), "{file}");
    assert!(!repo.stored().contains("case"), "{}", repo.stored());
    assert_eq!(file.matches("read kebab-case (#8)").count(), 1, "{file}");
    assert_eq!(file.matches(TYPED).count(), 1, "{file}");
    assert_eq!(repo.status(), "");
}

/// Restores everything that the old relwatch has outside of git's objects, and what it would show now: its filter, hooks and state.
fn old_again(repo: &Repo<'_>) {
    for hook in names("hooks") {
        let to = format!(".git/hooks/{hook}");
        put(repo, &format!("hooks/{hook}"), &to);
    }
    put(repo, "config", ".git/old");
    for key in ["filter.relwatch.clean", "merge.relwatch.driver"] {
        let old = repo.git(&["config", "--file", ".git/old", key]).ok();
        repo.git(&["config", "--replace-all", key, old.stdout.trim_end()])
            .ok();
    }
    repo.sh("rm .git/old").ok();
}

/// Every version of the file that a commit has, as git stores it: no generated line is in it.
#[track_caller]
fn no_blob_has(repo: &Repo<'_>, lines: &[&str]) {
    let commits = repo.git(&["log", "--all", "--format=%H"]).ok().stdout;
    for commit in commits.lines() {
        let stored = repo.git(&["show", &format!("{commit}:CHANGELOG.md")]);
        for line in GENERATED.iter().chain(lines) {
            assert!(!stored.stdout.contains(line), "{commit}: {}", stored.stdout);
        }
    }
}

/// Two clones of one repository, one set up by the old relwatch and one by the new, push and pull. No old binary runs here: the old set-up
/// (filter command, merge driver, hooks, state) is restored in the one clone before each turn, and runs the present binary the way the old
/// set-up calls it.
#[test]
fn two_versions_side_by_side_do_not_fight() {
    for pull in ["--no-rebase", "--rebase"] {
        let sandbox = Sandbox::of_old();
        let old = left_by_the_old_one(&sandbox);
        old.sh("git init -q --bare -b main ../r.git && git remote add origin ../r.git && git push -q -u --tags origin main")
            .ok();
        old.git(&["clone", "-q", "../r.git", "../new"]).ok();
        let new = sandbox.at("new");
        new.relwatch(&["init"]).ok();
        owners_are_as_before(&new, &[]);
        let mut changes: Vec<String> = Vec::new();
        let mut typed: Vec<String> = Vec::new();
        for round in 0..4 {
            let number = 20 + 2 * round;
            // Both commit at the same time, each a change and a line by hand at the same place; then one pushes first.
            for (repo, name, number) in [(&old, "old", number), (&new, "new", number + 1)] {
                if name == "old" {
                    old_again(repo);
                }
                let line = format!("- typed in {name} {round}\n");
                let above = "- typed by hand\n";
                repo.edit("CHANGELOG.md", above, &format!("{above}{line}"));
                let message = format!("feat: change of {name} {round} (#{number})");
                repo.git(&["commit", "-qam", &message]).ok();
                changes.push(format!("- Change of {name} {round} (#{number})\n"));
                typed.push(line);
            }
            let turns = [&old, &new];
            for at in [round % 2, (round + 1) % 2, round % 2] {
                old_again(&old);
                turns[at].git(&["pull", "-q", pull, "--no-edit"]).ok();
                turns[at].git(&["push", "-q"]).ok();
            }
            let changes: Vec<&str> = changes.iter().map(String::as_str).collect();
            for repo in turns {
                assert_eq!(repo.status(), "");
                let (file, stored) = (repo.read("CHANGELOG.md"), repo.stored());
                for line in GENERATED.iter().chain(&changes) {
                    assert_eq!(file.matches(line).count(), 1, "{line}:\n{file}");
                }
                for line in &typed {
                    assert_eq!(
                        stored.matches(line.as_str()).count(),
                        1,
                        "{line}:\n{stored}"
                    );
                }
                assert!(!file.contains("relwatch:skip"), "{file}");
                no_blob_has(repo, &changes);
            }
            assert_eq!(old.read("CHANGELOG.md"), new.read("CHANGELOG.md"));
        }
    }
}
