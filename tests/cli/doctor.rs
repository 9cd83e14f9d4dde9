//! `relwatch doctor`, and hooks in places shared with other tools.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use crate::support::{Repo, Sandbox, configure, project, says};

fn script(repo: &Repo<'_>, path: &str, text: &str) {
    repo.write(path, text);
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repo.path.join(path), mode).unwrap();
}

/// Doctor finds this, fixes it, and finds nothing afterwards.
#[track_caller]
fn finds_and_mends(repo: &Repo<'_>, trouble: &str) {
    let found = repo.relwatch(&["doctor"]).code(1);
    assert!(found.stdout.contains(trouble), "{trouble}\n{found:?}");
    assert!(
        found.stdout.contains("`relwatch doctor --fix` fixes it"),
        "{found:?}"
    );
    repo.relwatch(&["doctor", "--fix"]).ok();
    let after = repo.relwatch(&["doctor"]).ok();
    assert!(!after.stdout.contains("problem"), "{after:?}");
}

#[test]
fn what_is_wrong_is_found_and_mended() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    let well = repo.relwatch(&["doctor"]).ok().stdout;
    assert!(well.lines().all(|line| line.starts_with("ok ")), "{well}");
    let json = repo.relwatch(&["doctor", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["findings"][0]["ok"], true);

    repo.sh("rm .git/hooks/post-merge; chmod -x .git/hooks/post-commit")
        .ok();
    let json = repo.relwatch(&["doctor", "--json"]).code(1);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let hooks = json["findings"].as_array().unwrap().iter();
    let hooks: Vec<_> = hooks.filter(|one| one["ok"] == false).collect();
    assert!(matches!(hooks[..], [one] if one["id"] == "hooks"), "{json}");
    finds_and_mends(&repo, "hooks: git runs 3 of 5");
    repo.sh("rm .git/hooks/post-merge").ok();
    let quiet = repo.relwatch(&["doctor", "--fix", "-q"]).ok().stdout;
    assert!(quiet.lines().all(|line| line.starts_with("ok ")), "{quiet}");
    repo.git(&["config", "--remove-section", "filter.relwatch"])
        .ok();
    finds_and_mends(&repo, "filter: git does not know the filter");
    repo.git(&["config", "--remove-section", "merge.relwatch"])
        .ok();
    finds_and_mends(&repo, "merge driver: git does not know the merge driver");
    repo.sh("rm .git/info/attributes; sed -i s/filter=relwatch// .gitattributes")
        .ok();
    finds_and_mends(&repo, "filter: no attribute gives CHANGELOG.md the filter");
    repo.git(&["checkout", "-q", "."]).ok();
    repo.relwatch(&["update"]).ok();
    let moved = "if test -x '/gone/rel'\\''watch'; then exec '/gone/rel'\\''watch' filter clean %f; else cat; fi";
    repo.git(&["config", "filter.relwatch.clean", moved]).ok();
    finds_and_mends(&repo, "binary: /gone/rel'watch is not there any more");
    // lefthook moves foreign hooks aside.
    repo.sh("mv .git/hooks/post-commit .git/hooks/post-commit.old")
        .ok();
    finds_and_mends(&repo, "(moved aside: .git/hooks/post-commit.old)");
    assert!(!repo.exists(".git/hooks/post-commit.old"));
    repo.sh("sed -i 's/- One (#1)//' CHANGELOG.md; rm -f .git/relwatch/state*")
        .ok();
    repo.git(&["checkout", "-q", "--", "CHANGELOG.md"]).ok();
    repo.sh("rm -f CHANGELOG.md").ok();
    repo.git(&["checkout", "-q", "--", "CHANGELOG.md"]).ok();
    finds_and_mends(&repo, "section: CHANGELOG.md does not show what it should");
    assert_eq!(repo.status(), "");
}

/// Commits the file unfiltered.
fn commit_unfiltered(repo: &Repo<'_>) {
    // git knows the file by its size and time, and looks into it only if it is as young as the index (racy-git.txt).
    repo.sh("touch -d '1 hour ago' CHANGELOG.md && blob=$(git hash-object -w --no-filters CHANGELOG.md) && git update-index --cacheinfo 100644,$blob,CHANGELOG.md && git commit -q -m 'docs: note'").ok();
}

#[test]
fn lines_that_the_record_knows_go_with_the_next_commit() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.commit("fix: two (#2)");
    commit_unfiltered(&repo);
    let found = repo.relwatch(&["doctor"]).code(1);
    says(
        &found,
        &["2 generated lines in CHANGELOG.md; the next commit of CHANGELOG.md takes them out"],
    );
    let commit = "git commit -m \"chore: take generated lines out of CHANGELOG.md\" CHANGELOG.md";
    let prepared = repo.relwatch(&["doctor", "--fix"]).code(1);
    says(&prepared, &[&format!("next: {commit}\n")]);
    repo.sh(commit).ok();
    repo.relwatch(&["doctor"]).ok();
    assert_eq!(repo.status(), "");
}

#[test]
fn lines_that_a_client_without_filters_committed_are_taken_out() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.commit("fix: two (#2)");
    let viewed = repo.read("CHANGELOG.md");
    assert!(viewed.contains("- One (#1)") && viewed.contains("- Two (#2)"));
    commit_unfiltered(&repo);
    assert!(repo.stored().contains("- One (#1)"));
    // In a clone that fetched the commit from elsewhere, no record shows which lines are generated.
    repo.sh("rm .git/relwatch/view*").ok();
    repo.git(&["update-index", "--refresh"]).ok();
    let found = repo.relwatch(&["doctor"]).code(1);
    assert!(
        found
            .stdout
            .contains("stored lines: the commit has 2 generated lines in CHANGELOG.md"),
        "{found:?}"
    );
    // The user has to agree, line by line or to all.
    let asked = repo.relwatch(&["doctor", "--fix"]).code(1);
    assert!(
        asked.stdout.contains("kept 2 stored lines in CHANGELOG.md"),
        "{asked:?}"
    );
    assert_eq!(repo.status(), "");
    let mended = repo.relwatch(&["doctor", "--fix", "--yes"]).code(1);
    assert!(
        mended.stdout.contains(
            "next: git commit -m \"chore: take generated lines out of CHANGELOG.md\" CHANGELOG.md"
        ),
        "{mended:?}"
    );
    repo.git(&[
        "commit",
        "-q",
        "-m",
        "chore: take generated lines out of CHANGELOG.md",
        "CHANGELOG.md",
    ])
    .ok();
    assert!(!repo.stored().contains("- One (#1)") && repo.stored().contains("## [Unreleased]"));
    assert_eq!(
        repo.section().matches("- One (#1)").count(),
        1,
        "{}",
        repo.section()
    );
    assert_eq!(repo.status(), "");
    repo.relwatch(&["doctor"]).ok();
}

#[test]
fn hooks_that_are_not_ours_to_change_are_refused_with_the_next_move() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.relwatch(&["hooks", "uninstall"]).ok();
    script(&repo, ".git/hooks/post-commit", "#!/bin/sh\r\nexit 0\r\n");
    script(&repo, ".git/hooks/post-merge", "\x7fELF");
    std::os::unix::fs::symlink("/usr/bin/true", repo.path.join(".git/hooks/post-rewrite")).unwrap();
    let installed = repo.relwatch(&["hooks", "install"]).ok();
    for said in [
        "post-commit has the line ends of DOS, so no shell runs it; convert it",
        "post-merge is not a shell script that relwatch can share; call `relwatch hook post-merge",
        "post-rewrite is a symbolic link to /usr/bin/",
    ] {
        assert!(installed.stderr.contains(said), "{said}\n{installed:?}");
    }
    assert!(std::fs::read_link(repo.path.join(".git/hooks/post-rewrite")).is_ok());
    // The target of a symlink may call relwatch, wherever it is; it is read but not changed.
    let other = "#!/bin/sh\nrelwatch hook \"$(basename \"$0\")\" \"$@\"\n";
    script(&repo, "../shared-hook", other);
    repo.sh("ln -sf ../../../shared-hook .git/hooks/post-rewrite")
        .ok();
    let installed = repo.relwatch(&["hooks", "install"]).ok();
    let words = "already called by the script that is there: hook post-rewrite";
    assert!(installed.stdout.contains(words), "{installed:?}");
    assert_eq!(repo.read("../shared-hook"), other);
    repo.relwatch(&["hooks", "uninstall"]).ok();
    assert_eq!(repo.read("../shared-hook"), other);
    repo.sh("ln -sf nothing .git/hooks/post-rewrite").ok();
    let installed = repo.relwatch(&["hooks", "install"]).ok();
    let words = "post-rewrite is a symbolic link, which relwatch does not write to";
    assert!(installed.stderr.contains(words), "{installed:?}");
    // A directory that all repositories share.
    let shared = sandbox.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    repo.git(&["config", "core.hooksPath", shared.to_str().unwrap()])
        .ok();
    let refused = repo.relwatch(&["hooks", "install"]).code(1);
    assert!(
        refused.stderr.contains("outside of this repository"),
        "{refused:?}"
    );
    assert_eq!(std::fs::read_dir(&shared).unwrap().count(), 0);
    let status = repo.relwatch(&["hooks", "status"]).ok().stdout;
    assert!(
        status.contains("core.hooksPath is outside of the repository"),
        "{status}"
    );
    // Inside of it is fine.
    repo.git(&["config", "core.hooksPath", "scripts"]).ok();
    let warned = repo.relwatch(&["hooks", "install"]).ok();
    assert!(
        warned.stderr.contains("the clean filter is not set"),
        "{warned:?}"
    );
    repo.relwatch(&["init"]).ok();
    repo.commit("feat: by scripts (#1)");
    assert!(repo.section().contains("- By scripts (#1)"));
}

#[test]
fn configured_hooks_are_written_command_first() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.relwatch(&["hooks", "install", "--by", "config"]).ok();
    let once = repo.read(".git/config");
    repo.relwatch(&["hooks", "install", "--by", "config"]).ok();
    assert_eq!(repo.read(".git/config"), once);
    for hook in [
        "post-commit",
        "post-merge",
        "post-rewrite",
        "post-applypatch",
        "post-checkout",
    ] {
        let at = |key: &str| once.find(key).unwrap();
        let section = at(&format!("[hook \"relwatch-{hook}\"]"));
        let rest = &once[section..];
        assert!(rest.find("command").unwrap() < rest.find("event").unwrap());
        assert!(
            !repo.exists(&format!(".git/hooks/{hook}")),
            "{hook} would run twice"
        );
        // git runs it as `sh -c 'COMMAND "$@"' COMMAND ARGS`.
        let command = repo
            .git(&["config", &format!("hook.relwatch-{hook}.command")])
            .ok()
            .stdout;
        let command = command.trim_end();
        repo.run(
            "sh",
            &["-c", &format!("{command} \"$@\""), command, "a", "b", "1"],
            &[],
        )
        .ok();
    }
    repo.relwatch(&["hooks", "install", "--by", "files"]).ok();
    assert!(!repo.read(".git/config").contains("hook"));
    assert!(repo.exists(".git/hooks/post-commit"));
}

/// A release would be refused for it.
#[test]
fn a_template_that_is_none_is_found() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "templates: {section: notes.j2}\n");
    repo.write("notes.j2", "{% for line in entries %}\n");
    for arguments in [&["doctor"][..], &["doctor", "--ci"]] {
        says(
            &repo.relwatch(arguments).code(1),
            &["templates: notes.j2:1: "],
        );
    }
    repo.write("notes.j2", "{% for line in entries %}{% endfor %}\n");
    repo.relwatch(&["doctor"]).ok();
}
