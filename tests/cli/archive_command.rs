//! `archive: command`: a release runs a tool that archives its specs. The tool is a shell script that does the same as `openspec archive ID
//! --yes`.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::support::{Repo, Sandbox, cases, commit_all, configure, eventually, project, says};

const CONFIG: &str = "specs: {preset: openspec, archive: command}\n";

/// Adds the change's requirements to `openspec/specs`, and moves its directory. `ran` in the home directory lists the IDs.
const TOOL: &str = r#"
echo "$2" >> "$HOME/ran"
test -d "openspec/changes/$2" || { echo "there is no change $2"; exit 3; }
mkdir -p openspec/specs/locks openspec/changes/archive
cat "openspec/changes/$2/specs/locks/spec.md" >> openspec/specs/locks/spec.md
mv "openspec/changes/$2" "openspec/changes/archive/2026-01-30-$2"
"#;

/// Puts a script in place of `openspec`.
fn install(sandbox: &Sandbox, script: &str) {
    let path = sandbox.path().join("bin/openspec");
    std::fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Writes a completed change.
fn write_change(repo: &Repo<'_>, id: &str) {
    let folder = format!("openspec/changes/{id}");
    let proposal = format!("# Change: {id} comes\n\n## What Changes\n\n- X\n");
    repo.write(&format!("{folder}/proposal.md"), &proposal);
    repo.write(&format!("{folder}/tasks.md"), "- [x] 1.1 a\n");
    repo.write(
        &format!("{folder}/specs/locks/spec.md"),
        &format!("## Requirement {id}\n"),
    );
}

/// A project with these completed changes.
fn with_changes<'s>(sandbox: &'s Sandbox, name: &str, config: &str, ids: &[&str]) -> Repo<'s> {
    let repo = project(sandbox, name);
    configure(&repo, config);
    for id in ids {
        write_change(&repo, id);
    }
    if !ids.is_empty() {
        commit_all(&repo, "chore: changes");
    }
    repo
}

/// The files below `openspec` that git has.
fn listed(repo: &Repo<'_>) -> String {
    let args = ["-c", "core.quotePath=false", "ls-files", "openspec"];
    repo.git(&args).ok().stdout
}

/// Calls of the tool.
fn ran(sandbox: &Sandbox) -> String {
    let home = sandbox.at("home");
    if home.exists("ran") {
        home.read("ran")
    } else {
        String::new()
    }
}

/// The process or process group that a tool that never ends wrote into `begun`.
fn begun(sandbox: &Sandbox) -> String {
    let home = sandbox.at("home");
    eventually(|| {
        let told = home.exists("begun").then(|| home.read("begun"));
        let told = told.filter(|told| told.ends_with('\n'));
        told.map(|told| told.trim().to_owned())
            .ok_or_else(|| "the tool has not begun".to_owned())
    })
}

/// Temporary working trees that remain.
fn left_trees(sandbox: &Sandbox) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(sandbox.path().join("tmp")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Asserts that nothing of the release exists.
#[track_caller]
fn is_as_before(sandbox: &Sandbox, repo: &Repo<'_>, head: &str, why: &str) {
    assert_eq!(repo.head(), head, "{why}");
    assert_eq!(repo.status(), "", "{why}");
    assert_eq!(repo.git(&["tag"]).ok().stdout, "v0.1.0\n", "{why}");
    assert_eq!(left_trees(sandbox), Vec::<PathBuf>::new(), "{why}");
    assert!(!repo.exists(".git/worktrees"), "{why}");
}

#[test]
fn a_release_has_the_tool_archive_and_undo_restores_all() {
    let sandbox = Sandbox::new();
    install(&sandbox, TOOL);
    let repo = with_changes(&sandbox, "r", CONFIG, &["add-b", "add-a"]);
    // Ignored files, and files of programs that the tool runs here, are not changes by the tool.
    repo.write(".git/info/exclude", "*.log\n");
    repo.git(&["config", "core.autocrlf", "true"]).ok();
    repo.git(&["config", "core.safecrlf", "true"]).ok();
    let before = listed(&repo);
    let head = repo.head();

    let dry = repo.relwatch(&["release", "--dry-run"]).ok();
    says(&dry, &["  run    openspec archive add-a --yes  ("]);
    let check = repo.relwatch(&["check"]).ok();
    says(&check, &["`openspec archive add-b --yes` will be run"]);
    let status = repo.relwatch(&["status", "--json"]).ok();
    says(&status, &["`openspec archive add-b --yes` will be run"]);
    // Without a terminal nobody can agree.
    repo.relwatch(&["release"]).code(130);
    assert_eq!(ran(&sandbox), "", "only a person who releases runs it");

    let released = repo.relwatch(&["release", "--yes"]).ok();
    says(&released, &["archive add-a: openspec archive add-a --yes"]);
    assert!(
        !released.stderr.contains("stays where it is"),
        "{released:?}"
    );
    assert_eq!(ran(&sandbox), "add-a\nadd-b\n", "in the order of IDs");
    let archived = "openspec/changes/archive/2026-01-30-add-a/proposal.md
openspec/changes/archive/2026-01-30-add-a/specs/locks/spec.md
openspec/changes/archive/2026-01-30-add-a/tasks.md
openspec/changes/archive/2026-01-30-add-b/proposal.md
openspec/changes/archive/2026-01-30-add-b/specs/locks/spec.md
openspec/changes/archive/2026-01-30-add-b/tasks.md
openspec/specs/locks/spec.md
";
    assert_eq!(listed(&repo), archived);
    let spec = repo
        .git(&["show", "HEAD:openspec/specs/locks/spec.md"])
        .ok();
    assert_eq!(spec.stdout, "## Requirement add-a\n## Requirement add-b\n");
    assert!(!repo.exists("openspec/changes/add-a"));
    assert_eq!(
        (repo.status(), repo.section()),
        (String::new(), String::new())
    );
    repo.git(&["fsck", "--strict"]).ok();
    repo.relwatch(&["releases", "--rebuild"]).ok();
    let list = repo.read(".relwatch/releases.yml");
    assert!(list.contains(r#""specs":["add-a","add-b"]"#), "{list}");
    repo.git(&["checkout", "-q", "."]).ok();

    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(listed(&repo), before);
    is_as_before(&sandbox, &repo, &head, "undone");
    let section = "### Added\r\n\r\n- add-a comes\r\n- add-b comes";
    assert_eq!(repo.section(), section);
}

#[test]
fn a_person_sees_what_the_tool_changes_before_agreeing() {
    let sandbox = Sandbox::new();
    install(&sandbox, TOOL);
    let repo = with_changes(&sandbox, "r", CONFIG, &["add-a"]);
    let head = repo.head();
    let asked = || {
        let mut driven = repo.driven(env!("CARGO_BIN_EXE_relwatch"), &["release"]);
        driven.press("", "archive/2026-01-30-add-a/tasks.md");
        driven.press("", "write  openspec/specs/locks/spec.md");
        driven.press("", "release 0.2.0?");
        driven
    };
    asked().press("n\n", "not released");
    is_as_before(&sandbox, &repo, &head, "declined");
    asked().end("y\n");
    assert!(repo.exists("openspec/changes/archive/2026-01-30-add-a/tasks.md"));
    assert_eq!(repo.status(), "");
}

#[test]
fn a_saved_plan_runs_the_commands_of_the_configuration_alone() {
    let sandbox = Sandbox::new();
    install(&sandbox, TOOL);
    let repo = with_changes(&sandbox, "r", CONFIG, &["add-a"]);
    let head = repo.head();
    let plan = repo
        .relwatch(&["release", "--dry-run", "--json"])
        .ok()
        .stdout;
    assert!(plan.contains("openspec archive add-a --yes"), "{plan}");
    let write = |plan: &str| std::fs::write(sandbox.path().join("plan.json"), plan).unwrap();
    for (from, to, code) in [
        ("openspec archive add-a", "touch PWNED; archive add-a", 5),
        (
            "changes/add-a/proposal.md\",\"run",
            "changes/add-b/proposal.md\",\"run",
            5,
        ),
        (
            "\"path\":\"openspec/changes/add-a",
            "\"path\":\"../openspec/changes/add-a",
            2,
        ),
    ] {
        let compact: serde_json::Value = serde_json::from_str(&plan).unwrap();
        let compact = compact.to_string();
        assert!(compact.contains(from), "{from}: {compact}");
        write(&compact.replace(from, to));
        let refused = repo.relwatch(&["release", "--plan", "../plan.json", "--yes"]);
        assert_eq!(refused.code, code, "{to}: {refused:?}");
    }
    assert_eq!(ran(&sandbox), "");
    is_as_before(&sandbox, &repo, &head, "refused");
    write(&plan);
    repo.relwatch(&["release", "--plan", "../plan.json", "--yes"])
        .ok();
    assert_eq!(ran(&sandbox), "add-a\n");
    assert!(repo.exists("openspec/changes/archive/2026-01-30-add-a/tasks.md"));
}

/// If anything goes wrong, the release fails before anything moved, and gives the reason.
#[test]
fn a_command_that_does_not_do_its_work_stops_the_release() {
    let cases = [
        (
            "fails",
            "",
            "i=1; while test $i -lt 9; do echo line $i; i=$((i+1)); done; exit 7",
            4,
            &[
                "add-a | line 4\nadd-a | line 5",
                "add-a | line 8\n",
                "failed (exit status: 7)",
                "nothing was changed",
            ][..],
        ),
        (
            "is not there",
            "",
            "exec no-such-tool",
            4,
            &["failed (exit status: 127)"],
        ),
        (
            "does nothing",
            "",
            "echo aborted",
            4,
            &[
                "add-a | aborted",
                "ended well, but left openspec/changes/add-a/proposal.md where it was",
            ],
        ),
        (
            "outside",
            "",
            "TOOL; echo x > CHANGELOG.md; echo y > new; rm file",
            4,
            &["changed CHANGELOG.md, file, new"],
        ),
        (
            "too slow",
            ", time_limit: 200ms",
            "sleep 60",
            4,
            &["took longer than 200 ms"],
        ),
        (
            "narrower",
            ", within: ['openspec/changes/**']",
            "TOOL",
            4,
            &["changed openspec/specs/locks/spec.md"],
        ),
        (
            "a link",
            "",
            "TOOL; ln -s /etc/passwd openspec/specs/x",
            4,
            &["openspec/specs/x is a link"],
        ),
        (
            "a program",
            "",
            "TOOL; chmod +x openspec/specs/locks/spec.md",
            4,
            &["openspec/specs/locks/spec.md is a link, a repository or a program"],
        ),
        (
            "a repository",
            "",
            "TOOL; git init -q openspec/specs/x && cd openspec/specs/x && git -c user.name=a -c user.email=b commit -q --allow-empty -m x",
            4,
            &["openspec/specs/x is a link, a repository"],
        ),
        (
            "ignored",
            "",
            "TOOL; echo archive > .git/info/exclude",
            4,
            &["git sees nothing of openspec/changes/add-a/proposal.md in openspec/changes/archive"],
        ),
    ];
    cases::run(
        cases,
        |case| case.0.to_owned(),
        |(name, config, script, code, words)| {
            let sandbox = Sandbox::new();
            install(&sandbox, &script.replace("TOOL", TOOL.trim()));
            let config = CONFIG.replace("}\n", &format!("{config}}}\n"));
            let repo = with_changes(&sandbox, "r", &config, &["add-a"]);
            let head = repo.head();
            let failed = repo.relwatch(&["release", "--yes"]).code(*code);
            says(&failed, words);
            is_as_before(&sandbox, &repo, &head, name);
            repo.has_nothing_pending();
        },
    );
}

/// An ID is the name of a directory, chosen by the author of the change.
#[test]
fn an_id_is_a_word_and_no_link_leads_a_command_astray() {
    let sandbox = Sandbox::new();
    install(&sandbox, TOOL);
    let odd = "a$(touch ../../../PWNED)'; touch PWNED '";
    let repo = with_changes(&sandbox, "r", CONFIG, &[]);
    write_change(&repo, odd.replace('/', "-").as_str());
    write_change(&repo, "add a & b");
    commit_all(&repo, "chore: odd names");
    repo.relwatch(&["release", "--yes"]).ok();
    let files = listed(&repo);
    assert!(
        files.contains("archive/2026-01-30-add a & b/tasks.md"),
        "{files}"
    );
    assert!(!repo.sh("find .. -name PWNED").ok().stdout.contains("PWNED"));

    write_change(&repo, "--force");
    commit_all(&repo, "chore: an option");
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    says(&refused, &["would take the ID for an option"]);

    let repo = with_changes(&sandbox, "links", CONFIG, &["add-a"]);
    let outside = sandbox.path().join("home/specs");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, repo.path.join("openspec/specs")).unwrap();
    commit_all(&repo, "chore: a link");
    let refused = repo.relwatch(&["release", "--yes"]).code(4);
    says(&refused, &["openspec/specs would lead the command out"]);
    assert!(!outside.join("locks").exists());
}

#[test]
fn bytes_and_modes_survive_and_files_in_the_way_do_not_get_lost() {
    let sandbox = Sandbox::new();
    install(&sandbox, TOOL);
    let repo = with_changes(&sandbox, "r", CONFIG, &["add-a"]);
    let folder = "openspec/changes/add-a";
    let place = repo.path.join(folder);
    std::fs::write(place.join("image"), b"\x00\xff\r\n").unwrap();
    repo.write(&format!("{folder}/run"), "#!/bin/sh\n");
    repo.sh(&format!("chmod +x {folder}/run && ln -s run {folder}/link"))
        .ok();
    repo.write(
        ".gitattributes",
        &format!("{}*.enc filter=rot\n", repo.read(".gitattributes")),
    );
    repo.git(&["config", "filter.rot.clean", "tr a-z n-za-m"])
        .ok();
    repo.git(&["config", "filter.rot.smudge", "tr a-z n-za-m"])
        .ok();
    repo.write(&format!("{folder}/secret.enc"), "hello\n");
    commit_all(&repo, "chore: files");
    install(
        &sandbox,
        &format!("{TOOL}\necho new > openspec/specs/new.enc"),
    );
    repo.relwatch(&["release", "--yes"]).ok();
    let to = "openspec/changes/archive/2026-01-30-add-a";
    let image = std::fs::read(repo.path.join(to).join("image")).unwrap();
    assert_eq!(image, b"\x00\xff\r\n");
    let modes = repo.git(&["ls-files", "-s", to]).ok().stdout;
    for start in ["100755", "120000"] {
        assert!(
            modes.contains(&format!("\n{start}")) || modes.starts_with(start),
            "{modes}"
        );
    }
    assert_eq!(repo.read(&format!("{to}/secret.enc")), "hello\n");
    assert_eq!(repo.read("openspec/specs/new.enc"), "new\n");
    let stored = repo
        .git(&["show", "HEAD:openspec/specs/new.enc"])
        .ok()
        .stdout;
    assert_eq!((stored.as_str(), repo.status()), ("arj\n", String::new()));
    repo.relwatch(&["undo", "--yes"]).ok();

    // A file of the user's at the path where the tool's would go.
    let head = repo.head();
    repo.write(&format!("{to}/tasks.md"), "mine\n");
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    says(
        &refused,
        &[&format!("{to}/tasks.md is there, but not in git")],
    );
    assert_eq!(
        (repo.head(), repo.read(&format!("{to}/tasks.md"))),
        (head, "mine\n".into())
    );
}

#[test]
fn a_kill_leaves_a_tree_that_the_next_release_removes() {
    let sandbox = Sandbox::new();
    install(&sandbox, "ps -o pgid= -p $$ > \"$HOME/begun\"; sleep 600");
    let repo = with_changes(&sandbox, "r", CONFIG, &["add-a"]);
    let head = repo.head();
    let release = repo.background(&["release", "--yes"]);
    let tool = begun(&sandbox);
    assert_eq!(left_trees(&sandbox).len(), 1);
    repo.sh(&format!("kill -9 {}", release.id())).ok();
    release.wait();
    repo.sh(&format!("kill -9 -{tool}")).ok();
    install(&sandbox, "exit 1");
    repo.relwatch(&["release", "--yes"]).code(4);
    is_as_before(&sandbox, &repo, &head, "killed");
    install(&sandbox, TOOL);
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(left_trees(&sandbox), Vec::<PathBuf>::new());
}

#[test]
fn control_c_ends_the_command_and_the_release() {
    let sandbox = Sandbox::new();
    install(&sandbox, "echo $$ > \"$HOME/begun\"; sleep 600");
    let repo = with_changes(&sandbox, "r", CONFIG, &["add-a"]);
    let head = repo.head();
    let release = repo.background(&["release", "--yes"]);
    let tool = begun(&sandbox);
    repo.sh(&format!("kill -INT {}", release.id())).ok();
    assert_eq!(release.wait(), Some(130));
    eventually(|| match crate::support::state_of(&tool) {
        None => Ok(()),
        Some(state) => Err(format!("the tool goes on: {state}")),
    });
    is_as_before(&sandbox, &repo, &head, "interrupted");
}

#[test]
fn a_component_takes_its_own_specs_along() {
    let sandbox = Sandbox::new();
    install(&sandbox, TOOL);
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        &format!("{CONFIG}components:\n  one: {{paths: [one]}}\n  two: {{paths: [two]}}\n"),
    );
    for name in ["one", "two"] {
        repo.write(
            &format!("{name}/CHANGELOG.md"),
            "# Log\n\n## [Unreleased]\n",
        );
    }
    repo.relwatch(&["init"]).ok();
    for (id, paths) in [
        ("add-a", &["one"][..]),
        ("add-b", &["two"]),
        ("add-c", &["one", "two"]),
    ] {
        write_change(&repo, id);
        for path in paths {
            repo.write(&format!("{path}/{id}"), "x\n");
        }
        commit_all(&repo, &format!("feat: {id}\n\nSpec: {id}"));
    }
    repo.relwatch(&["release", "-c", "one", "0.2.0", "--yes"])
        .ok();
    assert_eq!(ran(&sandbox), "add-a\n", "two waits for add-c");
    assert_eq!(repo.status(), "");
    repo.relwatch(&["release", "-c", "two", "0.2.0", "--yes"])
        .ok();
    assert_eq!(ran(&sandbox), "add-a\nadd-b\nadd-c\n");
    assert_eq!(repo.status(), "");
}

/// `archive: after-publish` archives in a commit of its own.
#[test]
fn after_publishing_the_command_makes_a_commit_of_its_own() {
    let sandbox = Sandbox::new();
    install(&sandbox, TOOL);
    let repo = crate::support::with_remote(&sandbox, "r");
    configure(&repo, &format!("{CONFIG}archive: after-publish\n"));
    write_change(&repo, "add-a");
    commit_all(&repo, "chore: changes");
    let released = repo.relwatch(&["release", "--push", "--yes"]).ok();
    says(&released, &["archived 4 files in commit"]);
    assert!(repo.exists("openspec/changes/archive/2026-01-30-add-a/tasks.md"));
    assert_eq!(repo.status(), "");
    let subject = repo.git(&["log", "-1", "--format=%s"]).ok().stdout;
    assert!(subject.contains("archive"), "{subject}");

    install(&sandbox, "exit 1");
    write_change(&repo, "add-b");
    commit_all(&repo, "chore: more");
    repo.git(&["push", "-q"]).ok();
    let released = repo.relwatch(&["release", "--push", "--yes"]).ok();
    says(
        &released,
        &["specs stay where they are: `openspec archive add-b --yes` failed"],
    );
}

#[test]
fn an_old_change_and_one_by_hand_are_left_to_people() {
    let sandbox = Sandbox::new();
    install(&sandbox, TOOL);
    let repo = with_changes(&sandbox, "r", "specs: openspec\n", &["add-a"]);
    let released = repo.relwatch(&["release", "--yes"]).ok();
    says(&released, &["`openspec archive add-a --yes` archives it"]);
    let by_hand = "add-a is archived by its own tool: run `openspec archive add-a --yes`";
    let left = repo.relwatch(&["archive"]).ok();
    says(&left, &["nothing to archive\n", by_hand]);
    let refused = repo.relwatch(&["archive", "add-a"]).code(3);
    says(&refused, &["nothing was archived", by_hand]);
    configure(&repo, CONFIG);
    write_change(&repo, "add-b");
    commit_all(&repo, "chore: changes");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(ran(&sandbox), "add-b\n");
}
