//! Clients other than git: some run the filter in their own way (JGit, dulwich), some run none (libgit2, isomorphic-git), and some lock the
//! index while hooks run (JGit).
//!
//! Stand-ins run here what the clients run. The clients themselves have to be installed in the directory CLIENTS:
//! `python3 -m venv $CLIENTS/venv && $CLIENTS/venv/bin/pip install dulwich pygit2`, `npm --prefix $CLIENTS install isomorphic-git`,
//! and Debian's jgit-cli. `.ci/run-extra` does that, or `CLIENTS=FOLDER cargo test --test cli clients:: -- --ignored`

use std::io::Write;
use std::process::Stdio;

use crate::support::{self, Ran, Repo, Sandbox, cases, project, says};

/// A project with a generated line and a typed one, which is not staged.
fn touched<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    repo.commit("feat: generated");
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Security\n\n- typed\n",
    );
    repo
}

/// The typed line is staged, the generated one is not.
#[track_caller]
fn is_staged_clean(repo: &Repo<'_>, ran: &Ran) {
    let staged = repo.git(&["show", ":CHANGELOG.md"]).ok().stdout;
    assert!(staged.contains("- typed\n"), "{staged}{ran:?}");
    assert!(!staged.contains("Generated"), "{staged}{ran:?}");
    assert_eq!(repo.status(), "M  CHANGELOG.md\n", "{ran:?}");
}

/// The changelog in the index as it is in the working tree, as a client without filters stores it.
fn store_unfiltered(repo: &Repo<'_>) {
    repo.sh("id=$(git hash-object -w --no-filters CHANGELOG.md) && git update-index --cacheinfo 100644,$id,CHANGELOG.md")
        .ok();
}

const FILTER: &str = "$(git config filter.relwatch.clean)";

/// How each client runs the filter on its standard input.
const FORMS: &[(&str, &str)] = &[
    (
        "git",
        "command=$(printf %s \"FILTER\" | sed \"s/%f/'CHANGELOG.md'/\"); sh -c \"$command\"",
    ),
    // FS_POSIX.runInShell
    (
        "JGit",
        "command=$(printf %s \"FILTER\" | sed \"s/%f/'CHANGELOG.md'/\"); sh -c \"$command \\\"\\$@\\\"\" \"$command\"",
    ),
    // ProcessFilterDriver.clean: words, no shell, and the path is not put in.
    ("dulwich", "eval \"set -- FILTER\"; exec \"$@\""),
];

#[test]
fn every_way_of_running_the_filter_gives_what_git_stores() {
    cases::run(
        FORMS,
        |(client, _)| *client,
        |(_, script)| {
            let sandbox = Sandbox::new();
            let repo = touched(&sandbox);
            let script = script.replace("FILTER", FILTER);
            let ran = repo.sh(&format!(
                "({script}) < CHANGELOG.md > ../cleaned && id=$(git hash-object -w --no-filters ../cleaned) && git update-index --cacheinfo 100644,$id,CHANGELOG.md"
            ));
            is_staged_clean(&repo, &ran.ok());
        },
    );
}

#[test]
fn the_filter_of_a_binary_that_is_gone_changes_nothing_for_any_client() {
    let sandbox = Sandbox::of_old();
    let repo = touched(&sandbox);
    let command = repo.git(&["config", "filter.relwatch.clean"]).ok().stdout;
    let gone = command.trim().replace("relwatch' %f", "gone' %f");
    assert_ne!(gone, command.trim());
    repo.git(&["config", "filter.relwatch.clean", &gone]).ok();
    for (client, script) in FORMS {
        let script = script.replace("FILTER", FILTER);
        let script = format!("({script}) < CHANGELOG.md | cmp - CHANGELOG.md");
        let ran = repo.run("sh", &["-c", &script], &[("PATH", "/usr/bin:/bin")]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{client}");
    }
}

#[test]
fn a_client_that_names_no_file_gets_the_right_component() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "relwatch.yml",
        "components:\n  a:\n    paths: [a/**]\n  b:\n    paths: [b/**]\n",
    );
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: set up"]).ok();
    repo.commit_file("a/x", "1", "feat: for a");
    repo.commit_file("b/x", "1", "feat: for b");
    for part in ["a", "b"] {
        let file = format!("{part}/CHANGELOG.md");
        let text = repo.read(&file);
        assert!(text.contains(&format!("- For {part}")), "{text}");
        let ran = repo.sh(&format!("relwatch filter clean %f < {file}")).ok();
        let stored = repo.git(&["show", &format!("HEAD:{file}")]).ok().stdout;
        assert_eq!(ran.stdout, stored);
    }
}

#[test]
fn the_first_hook_renews_the_commands_of_an_older_relwatch() {
    let sandbox = Sandbox::new();
    let repo = touched(&sandbox);
    let keys = ["filter.relwatch.clean", "merge.relwatch.driver"];
    let today = keys.map(|key| repo.git(&["config", key]).ok().stdout);
    let binary = env!("CARGO_BIN_EXE_relwatch");
    let old = [
        format!("if test -x '{binary}'; then exec '{binary}' filter clean %f; else cat; fi"),
        format!(
            "if test -x '{binary}'; then exec '{binary}' merge-driver %O %A %B %L %P; else exec git merge-file --marker-size=%L %A %O %B; fi"
        ),
    ];
    for (key, old) in keys.iter().zip(&old) {
        repo.git(&["config", key, old]).ok();
    }
    // The old configuration works until then.
    let ran = repo.git(&["add", "CHANGELOG.md"]);
    is_staged_clean(&repo, &ran);
    assert!(repo.git(&["config", keys[0]]).stdout.contains("if test"));
    let ran = repo.git(&["commit", "-q", "-m", "fix: more"]).ok();
    assert_eq!(ran.stderr, "");
    assert_eq!(keys.map(|key| repo.git(&["config", key]).stdout), today);
    assert_eq!(repo.status(), "");
    // Files of others stay.
    repo.git(&["config", keys[0], "other clean %f"]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "fix: on"])
        .ok();
    assert_eq!(repo.git(&["config", keys[0]]).stdout, "other clean %f\n");
}

#[test]
fn a_client_that_holds_the_index_while_hooks_run_leaves_a_clean_tree() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one");
    let before = repo.read("CHANGELOG.md");
    // As JGit's CommitCommand: the lock, the commit, the hook, the lock goes.
    let ran = repo.sh("touch .git/index.lock && git update-ref HEAD $(git commit-tree -p HEAD -m 'feat: two' HEAD^{tree}) && .git/hooks/post-commit; rm .git/index.lock");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(repo.read("CHANGELOG.md"), before);
    assert_eq!(repo.status(), "");
    repo.git(&["pull", "-q", "--rebase", ".", "main"]).ok();
    repo.commit("feat: three");
    for line in ["- One", "- Two", "- Three"] {
        assert!(repo.section().contains(line), "{}", repo.section());
    }
    assert_eq!(repo.status(), "");
    // The command says why it does nothing, and what to do.
    repo.commit_unheard("feat: four");
    repo.write(".git/index.lock", "");
    let update = repo.relwatch(&["update"]).ok();
    assert!(
        update.stdout.contains("has locked git's index"),
        "{update:?}"
    );
    assert!(!repo.section().contains("- Four"));
    std::fs::remove_file(repo.path.join(".git/index.lock")).unwrap();
    repo.relwatch(&["update"]).ok();
    assert!(repo.section().contains("- Four"));
    assert_eq!(repo.status(), "");
}

/// The state of a change after its line was stored, and the output of `explain` for it.
const AFTERWARDS: &[(&str, &str, &str)] = &[
    ("nothing", "true", "superseded by a hand-written line"),
    (
        "a revert",
        "git revert --no-edit HEAD~1",
        "excluded: reverted by",
    ),
    (
        "a skip",
        "relwatch skip HEAD~1 && git commit -q -a -m 'docs: skip'",
        "excluded:",
    ),
    (
        "a release by another tool",
        "git tag -a v0.2.0 -m x",
        "released in v0.2.0",
    ),
];

#[test]
fn stored_lines_are_named_by_all_commands_and_go_only_if_a_person_agrees() {
    cases::run(
        AFTERWARDS,
        |(name, ..)| *name,
        |(_, script, explained)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit_file("x", "1", "feat: stored");
            let id = repo.head();
            store_unfiltered(&repo);
            repo.git(&["commit", "-q", "-m", "docs: by another client"])
                .ok();
            without_record(&repo);
            repo.sh(script).ok();
            agree_on(&repo, &id, explained);
            // Nothing goes without an answer.
            let kept = repo.relwatch(&["doctor", "--fix"]).code(1);
            assert!(kept.stdout.contains("kept 1 stored line in"), "{kept:?}");
            assert!(repo.stored().contains("- Stored ("), "{}", repo.stored());
            repo.relwatch(&["doctor", "--fix", "--yes"]).code(1);
            repo.git(&["commit", "-q", "-m", "chore: rid", "CHANGELOG.md"])
                .ok();
            assert!(!repo.stored().contains("- Stored ("), "{}", repo.stored());
            repo.relwatch(&["doctor"]).ok();
            let status = repo.relwatch(&["status"]).ok();
            assert!(
                !status.stderr.contains("client without filters"),
                "{status:?}"
            );
            assert_eq!(repo.status(), "");
        },
    );
}

/// Removes relwatch's record, as in a clone that fetched the commit from elsewhere.
fn without_record(repo: &Repo<'_>) {
    repo.sh("rm .git/relwatch/view*").ok();
}

#[test]
fn stored_lines_are_known_by_the_record_and_go_with_the_next_commit() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit_file("x", "1", "feat: stored");
    repo.commit_file("y", "1", "feat: stays");
    store_unfiltered(&repo);
    repo.git(&["commit", "-q", "-m", "docs: by another client"])
        .ok();
    assert!(repo.stored().contains("- Stored ("), "{}", repo.stored());
    let doctor = repo.relwatch(&["doctor"]).code(1);
    let told = "the commit has 2 generated lines in CHANGELOG.md; the next commit of CHANGELOG.md takes them out";
    assert!(doctor.stdout.contains(told), "{doctor:?}");
    repo.git(&["revert", "--no-edit", "HEAD~2"]).ok();
    assert!(!repo.section().contains("- Stored ("), "{}", repo.section());
    repo.git(&["commit", "-qam", "chore: rid"]).ok();
    assert!(!repo.stored().contains("- St"), "{}", repo.stored());
    assert!(repo.section().contains("- Stays ("), "{}", repo.section());
    assert_eq!(repo.status(), "");
    repo.relwatch(&["doctor"]).ok();
}

/// `status`, `doctor` and `explain` say the same of the one stored line.
#[track_caller]
fn agree_on(repo: &Repo<'_>, id: &str, explained: &str) {
    let text = format!("Stored ({})", &id[..7]);
    let doubt =
        "is what relwatch would write itself; a client without filters may have committed it";
    let status = repo.relwatch(&["status"]).ok();
    assert!(status.stdout.contains("(by hand)"), "{status:?}");
    assert!(
        status.stderr.contains(&format!("{text} {doubt}")),
        "{status:?}"
    );
    let doctor = repo.relwatch(&["doctor"]).code(1);
    assert!(
        doctor.stdout.contains("the commit has 1 generated line"),
        "{doctor:?}"
    );
    assert!(doctor.stdout.contains(&format!("`{text}`")), "{doctor:?}");
    let line = repo.relwatch(&["explain", "Stored"]).ok();
    assert!(line.stdout.contains("written by hand"), "{line:?}");
    assert!(line.stdout.contains(doubt), "{line:?}");
    let commit = repo.relwatch(&["explain", id]).ok();
    assert!(commit.stdout.contains(explained), "{commit:?}");
    let covers = line.stdout.contains("covers commit");
    assert_eq!(covers, explained.starts_with("superseded"), "{line:?}");
}

#[test]
fn a_release_keeps_a_stored_line_and_writes_it_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: stored");
    store_unfiltered(&repo);
    repo.git(&["commit", "-q", "-m", "docs: by another client"])
        .ok();
    without_record(&repo);
    repo.relwatch(&["release", "--yes"]).ok();
    let stored = repo.stored();
    assert_eq!(stored.matches("- Stored (").count(), 1, "{stored}");
    assert!(
        stored.find("## [0.2.0]") < stored.find("- Stored ("),
        "{stored}"
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn an_answer_for_each_stored_line() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: goes");
    repo.commit("feat: stays");
    store_unfiltered(&repo);
    repo.git(&["commit", "-q", "-m", "docs: by another client"])
        .ok();
    without_record(&repo);
    let line = format!("{} doctor --fix", env!("CARGO_BIN_EXE_relwatch"));
    let mut command = repo.command("script"); // a terminal
    command.args(["-qec", &line, "/dev/null"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"y\nn\n").unwrap();
    let ran = support::ran(&child.wait_with_output().unwrap());
    drop(stdin);
    says(
        &ran,
        &["take out CHANGELOG.md:7: Goes (", "took 1 stored line"],
    );
    repo.git(&["commit", "-q", "-m", "chore: rid", "CHANGELOG.md"])
        .ok();
    let stored = repo.stored();
    assert!(!stored.contains("- Goes ("), "{stored}");
    assert!(stored.contains("- Stays ("), "{stored}");
    assert!(repo.section().contains("- Goes ("), "{}", repo.section());
}

/// A program in the directory CLIENTS.
fn client(path: &str) -> String {
    let folder = std::env::var("CLIENTS").unwrap_or_default();
    assert!(!folder.is_empty(), "CLIENTS is the folder of the clients");
    format!("{folder}/{path}")
}

/// Debian's script lacks a part of its class path.
const JGIT: &str = "java -cp '/usr/share/java/*' org.eclipse.jgit.pgm.Main";

#[test]
#[ignore = "needs JGit (Debian's jgit-cli)"]
fn jgit_stages_and_commits() {
    let sandbox = Sandbox::new();
    let repo = touched(&sandbox);
    let ran = repo.sh(&format!("{JGIT} add CHANGELOG.md")).ok();
    is_staged_clean(&repo, &ran);
    repo.git(&["config", "user.name", "J"]).ok();
    repo.git(&["config", "user.email", "j@example.org"]).ok();
    repo.sh(&format!("{JGIT} commit -m 'feat: by JGit'")).ok();
    assert_eq!(repo.status(), "");
    repo.git(&["pull", "-q", "--rebase", ".", "main"]).ok();
    repo.commit("fix: by git");
    assert!(repo.section().contains("- By JGit ("), "{}", repo.section());
    assert!(!repo.stored().contains("By JGit"));
    assert_eq!(repo.status(), "");
}

#[test]
#[ignore = "needs dulwich (PyPI)"]
fn dulwich_stages_and_commits() {
    let sandbox = Sandbox::new();
    let repo = touched(&sandbox);
    let dulwich = client("venv/bin/dulwich");
    let ran = repo.run(&dulwich, &["add", "CHANGELOG.md"], &[]).ok();
    is_staged_clean(&repo, &ran);
    let args = ["commit", "--message", "feat: by dulwich"];
    repo.run(&dulwich, &args, &[]).ok();
    assert_eq!(repo.status(), "");
    repo.commit("fix: by git");
    assert!(
        repo.section().contains("- By dulwich ("),
        "{}",
        repo.section()
    );
    assert_eq!(repo.status(), "");
}

const PYGIT2: &str = "
import pygit2
repo = pygit2.Repository('.')
repo.index.read()
repo.index.add('CHANGELOG.md')
repo.index.write()
me = pygit2.Signature('P', 'p@example.org')
repo.create_commit('HEAD', me, me, 'docs: by libgit2', repo.index.write_tree(), [repo.head.target])
";

const ISOMORPHIC: &str = "
const fs = require('fs'), git = require(process.argv[1] + '/isomorphic-git');
(async () => {
  await git.add({ fs, dir: '.', filepath: 'CHANGELOG.md' });
  const author = { name: 'I', email: 'i@example.org' };
  await git.commit({ fs, dir: '.', message: 'docs: by isomorphic-git', author });
})().catch(error => { console.error(error); process.exit(1); });
";

#[test]
#[ignore = "needs pygit2 (PyPI) and isomorphic-git (npm)"]
fn clients_without_filters_store_lines_that_can_be_taken_out() {
    for name in ["pygit2", "isomorphic-git"] {
        let sandbox = Sandbox::new();
        let repo = project(&sandbox, "r");
        repo.commit_file("x", "1", "feat: stored");
        let id = repo.head();
        let ran = match name {
            "pygit2" => repo.run(&client("venv/bin/python"), &["-c", PYGIT2], &[]),
            _ => repo.run("node", &["-e", ISOMORPHIC, &client("node_modules")], &[]),
        };
        ran.ok();
        assert!(repo.stored().contains("- Stored ("), "{name}");
        without_record(&repo);
        repo.git(&["status"]).ok();
        repo.git(&["revert", "--no-edit", "HEAD~1"]).ok();
        agree_on(&repo, &id, "excluded: reverted by");
        repo.relwatch(&["doctor", "--fix", "--yes"]).code(1);
        repo.git(&["commit", "-q", "-m", "chore: rid", "CHANGELOG.md"])
            .ok();
        assert!(!repo.stored().contains("- Stored ("), "{name}");
        repo.relwatch(&["doctor"]).ok();
        assert_eq!(repo.status(), "", "{name}");
    }
}
