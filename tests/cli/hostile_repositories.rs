//! Repositories that want to make relwatch read, write or run something outside of them, or to hang it.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::watching::Watching;
use crate::support::{CHANGELOG, Ran, Repo, Sandbox, cases, configure, project, says};

const SPEC: &str = "---\nstatus: completed\ntype: feature\n---\n# Add what is secret\n";

/// Runs all automatic commands, and the reading commands that a user runs; none of them hangs. Returns their output.
fn everything(repo: &Repo<'_>) -> Vec<Ran> {
    let hooks = "relwatch hook post-commit; relwatch hook post-merge 0; relwatch hook post-checkout a b 1; relwatch hook post-rewrite amend </dev/null; relwatch hook pre-commit; relwatch filter clean CHANGELOG.md <relwatch.yml >/dev/null";
    let mut said = vec![repo.in_time("sh", &["-c", hooks]).ok()];
    for args in [
        &["update"][..],
        &["status"],
        &["specs"],
        &["explain", "#1"],
        &["doctor"],
        &["update", "--check"],
    ] {
        said.push(repo.in_time("relwatch", args));
    }
    // git goes on, whatever is wrong with us.
    let commit = ["commit", "-q", "--allow-empty", "-m", "fix: go on (#9)"];
    repo.in_time("git", &commit).ok();
    assert!(
        said.iter().all(|ran| !ran.stderr.contains("panicked")),
        "{said:?}"
    );
    said
}

fn words(said: &[Ran]) -> String {
    said.iter()
        .map(|ran| format!("{}{}", ran.stdout, ran.stderr))
        .collect()
}

/// Files outside of the repository, and whether they are unchanged.
fn outside(sandbox: &Sandbox) -> impl Fn() -> bool {
    let folder = sandbox.path().join("outside");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("CHANGELOG.md"), CHANGELOG).unwrap();
    fs::write(folder.join("2026-01-01-001-abc.md"), SPEC).unwrap();
    move || {
        let names = fs::read_dir(&folder).unwrap().count();
        names == 2 && fs::read_to_string(folder.join("CHANGELOG.md")).unwrap() == CHANGELOG
    }
}

#[test]
fn a_changelog_that_is_a_link_out_of_the_tree_is_left_alone() {
    let sandbox = Sandbox::new();
    let is_untouched = outside(&sandbox);
    let repo = project(&sandbox, "link");
    fs::remove_file(repo.path.join("CHANGELOG.md")).unwrap();
    symlink("../outside/CHANGELOG.md", repo.path.join("CHANGELOG.md")).unwrap();
    repo.git(&["commit", "-q", "-am", "chore: link"]).ok();
    let said = everything(&repo);
    assert!(
        words(&said).contains("CHANGELOG.md is not a regular file"),
        "{said:?}"
    );
    for args in [
        &["init"][..],
        &["release", "--yes"],
        &["skip", "#9"],
        &["hooks", "uninstall"],
    ] {
        let ran = repo.relwatch(args);
        assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    }
    assert!(is_untouched());
    let link = fs::symlink_metadata(repo.path.join("CHANGELOG.md")).unwrap();
    assert!(link.is_symlink());
}

#[test]
fn a_changelog_that_is_a_pipe_a_folder_or_a_device_is_named_and_nothing_hangs() {
    cases::run(
        [
            "mkfifo CHANGELOG.md",
            "mkdir CHANGELOG.md",
            "ln -s /dev/zero CHANGELOG.md",
        ],
        |&make| make,
        |&make| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "odd");
            repo.sh(&format!("rm CHANGELOG.md && {make}")).ok();
            let said = everything(&repo);
            assert!(
                words(&said).contains("CHANGELOG.md is not a regular file"),
                "{make}: {said:?}"
            );
        },
    );
}

#[test]
fn folders_of_specs_and_of_the_archive_that_lead_out_of_the_tree_are_not_followed() {
    let sandbox = Sandbox::new();
    let is_untouched = outside(&sandbox);
    let repo = project(&sandbox, "folders");
    repo.sh("mkdir .chant && ln -s ../../outside .chant/specs")
        .ok();
    everything(&repo);
    assert!(!repo.read("CHANGELOG.md").contains("secret"));
    repo.sh("rm .chant/specs && mkdir .chant/specs && ln -s ../../outside .chant/archive")
        .ok();
    repo.commit_file(
        ".chant/specs/2026-01-02-002-def.md",
        SPEC,
        "feat: more (#4)",
    );
    everything(&repo);
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: all"]).ok();
    let ran = repo.relwatch(&["release", "--yes"]);
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    repo.relwatch(&["archive"]);
    assert!(is_untouched(), "{ran:?}");
}

#[test]
fn paths_of_the_configuration_stay_inside() {
    let paths = [
        "../outside",
        "a/../../outside",
        ".git",
        ".GIT",
        "git~1",
        ".gi[t]/specs",
        "OUTSIDE", // its absolute path
    ];
    let settings = [
        "changelog: PATH/CHANGELOG.md\n",
        "manifest: PATH/releases.yml\n",
        "specs: {files: 'PATH/*.md'}\n",
        "specs: {files: 'specs/*.md', archive: 'PATH/{id}.md'}\n",
        "version_files: [PATH/Cargo.toml]\n",
        "docs: [PATH/CHANGELOG.md]\n",
        "components: {a: {paths: ['PATH']}}\n",
        "components: {a: {paths: [x], changelog: PATH/C.md}}\n",
    ];
    let all = paths
        .into_iter()
        .flat_map(|path| settings.map(|setting| setting.replace("PATH", path)));
    cases::run(all, Clone::clone, |yaml| {
        let sandbox = Sandbox::new();
        let is_untouched = outside(&sandbox);
        let there = sandbox.path().join("outside");
        let repo = project(&sandbox, "paths");
        repo.write(".git/specs/2026-01-01-001-abc.md", SPEC);
        let yaml = yaml.replace("OUTSIDE", &there.to_string_lossy());
        repo.write("relwatch.yml", &yaml);
        let said = everything(&repo);
        let refused = said
            .iter()
            .any(|ran| ran.code == 2 && ran.stderr.contains("relwatch.yml:1"));
        assert!(refused || !words(&said).contains("secret"), "{said:?}");
        repo.relwatch(&["release", "--yes"]);
        assert!(is_untouched());
        for folder in [".git", ".GIT", "git~1"] {
            for name in ["CHANGELOG.md", "C.md", "releases.yml"] {
                assert!(!repo.exists(&format!("{folder}/{name}")), "{folder}/{name}");
            }
        }
    });
}

#[test]
fn nothing_is_written_through_a_link_that_leads_out() {
    let sandbox = Sandbox::new();
    let is_untouched = outside(&sandbox);
    let repo = project(&sandbox, "links");
    repo.commit("feat: a (#1)");
    repo.sh("ln -s ../outside .chant && git add . && git commit -q -m 'chore: link'")
        .ok();
    says(
        &repo.relwatch(&["prepare", "0.2.0"]).code(1),
        &[".chant", "symbolic link"],
    );
    assert!(is_untouched());
    repo.sh("git rm -q --cached .chant && rm .chant && mkdir -p .chant/specs ../outside/.. && ln -s ../../outside .chant/archive").ok();
    repo.commit_file(
        ".chant/specs/2026-01-01-004-aaa.md",
        SPEC,
        "feat: spec (#2)",
    );
    says(
        &repo.relwatch(&["archive", "2026-01-01-004-aaa"]).code(3),
        &["symbolic link"],
    );
    assert!(is_untouched());
}

#[test]
fn the_list_of_releases_takes_no_other_files_place() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "list");
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.1.0\"\n",
    );
    cases::in_turn(
        [
            "CHANGELOG.md",
            "relwatch.yml",
            ".gitattributes",
            "Cargo.toml",
        ],
        |&name| name,
        |&name| {
            let before = repo.sh(&format!("cat {name}")).stdout;
            repo.write("relwatch.yml", &format!("manifest: {name}\n"));
            let ran = repo.relwatch(&["releases", "--rebuild"]);
            assert!(matches!(ran.code, 1 | 2), "{name}: {ran:?}");
            if name != "relwatch.yml" {
                assert_eq!(repo.sh(&format!("cat {name}")).stdout, before);
            }
        },
    );
}

/// The user runs `check`, `release` and `publish`; nothing else runs commands named by a repository.
#[test]
fn commands_of_the_configuration_are_run_by_no_hook_and_no_watcher() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "mine");
    let canary = "touch SANDBOX/canary";
    configure(
        &repo,
        &format!(
            "polish: {canary}\nci: {canary}\ngates: [{{name: g, run: {canary}}}]\npublish: [{{name: p, run: {canary}, done_if: {canary}}}]\n"
        ),
    );
    repo.relwatch(&["watch", "add", "."]).ok();
    let watching = Watching::start(&sandbox);
    everything(&repo);
    for args in [
        &["skip", "#9"][..],
        &["prepare"],
        &["releases"],
        &["version"],
        &["hooks", "status"],
        &["watch", "list"],
        &["init"],
    ] {
        repo.relwatch(args);
    }
    repo.sh("git add -A && git commit -q -m 'chore: all' && git switch -q -c b && git commit -q --allow-empty -m 'fix: b' && git switch -q main && git merge -q --no-edit b && git rebase -q HEAD~1 && git stash list && git status").ok();
    watching.rest();
    drop(watching);
    assert!(!sandbox.path().join("canary").exists());
    repo.relwatch(&["check", "--offline"]);
    assert!(
        sandbox.path().join("canary").exists(),
        "the canary can sing"
    );
}

#[test]
fn a_configuration_that_is_huge_or_deep_is_refused_at_once() {
    let bomb = |depth: usize| {
        let lines =
            (1..depth).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1));
        format!("a0: &a0 [x, x, x]\n{}", lines.collect::<String>())
    };
    cases::run(
        [
            ("an alias bomb", bomb(40)),
            ("brackets", format!("branches: {}\n", "[".repeat(100_000))),
            (
                "mappings",
                (0..5_000)
                    .map(|n| format!("{}a:\n", " ".repeat(n)))
                    .collect(),
            ),
            (
                "a list",
                format!("branches: [{}]\n", "x, ".repeat(1_000_000)),
            ),
            ("a line", format!("changelog: {}\n", "x".repeat(10_000_000))),
        ],
        |(what, ..)| (*what).to_owned(),
        |(what, yaml)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "deep");
            repo.write("relwatch.yml", yaml);
            let ran = repo.in_time("relwatch", &["update"]).code(2);
            assert!(ran.stderr.contains("relwatch.yml"), "{what}: {ran:?}");
            assert!(
                ran.stderr.len() < 2_000,
                "{what}: {} bytes",
                ran.stderr.len()
            );
            repo.git(&["commit", "-q", "--allow-empty", "-m", "fix: go on"])
                .ok();
        },
    );
}

#[test]
fn a_name_in_other_letters_is_another_file() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "letters");
    repo.commit_file("changelog.md", "# not ours\n", "docs: another");
    repo.commit_file("CHANGELOG.MD", "# nor this\n", "docs: one more");
    repo.commit("feat: set a timeout (#1)");
    assert!(repo.section().contains("Set a timeout"));
    assert_eq!(repo.read("changelog.md"), "# not ours\n");
    assert_eq!(repo.read("CHANGELOG.MD"), "# nor this\n");
    assert_eq!(repo.status(), "");
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(
        &fs::metadata("/proc/self").unwrap_or_else(|_| fs::metadata("/").unwrap()),
    ) == 0
}

/// git's own rule (git-config, safe.directory).
#[test]
fn a_repository_of_another_user_is_refused_as_git_refuses_it() {
    if !is_root() {
        eprintln!("only root can give a repository away: not tried");
        return;
    }
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "foreign");
    let before = repo.read("CHANGELOG.md");
    repo.sh("chown -R 12345 .").ok();
    let git = repo.git(&["status"]);
    assert!(git.stderr.contains("dubious ownership"), "{git:?}");
    cases::in_turn(
        [
            &["update"][..],
            &["status"],
            &["release", "--yes"],
            &["doctor"],
        ],
        |&args| args.join(" "),
        |&args| {
            let ran = repo.relwatch(args).code(1);
            says(&ran, &["safe.directory"]);
        },
    );
    let hook = repo.relwatch(&["hook", "post-commit"]).ok();
    assert!(hook.stdout.is_empty(), "{hook:?}");
    let filter = repo
        .sh("relwatch filter clean CHANGELOG.md <CHANGELOG.md")
        .ok();
    assert_eq!(filter.stdout, before);
    assert_eq!(repo.read("CHANGELOG.md"), before);
}

/// Root may read everything, so this needs another user.
#[test]
fn files_and_folders_that_are_closed_are_named() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "closed");
    repo.commit("feat: set a timeout (#1)");
    let before = repo.read("CHANGELOG.md");
    let as_user = |repo: &Repo<'_>, script: &str| {
        let user = ["--reuid=12345", "--clear-groups", "sh", "-c", script];
        if is_root() {
            repo.run("setpriv", &user, &[])
        } else {
            repo.sh(script)
        }
    };
    if is_root() {
        let parent = sandbox.path().to_string_lossy().into_owned();
        if repo.sh(&format!("chown -R 12345 . && chmod 755 {parent} && setpriv --reuid=12345 --clear-groups {} --version", env!("CARGO_BIN_EXE_relwatch"))).code != 0 {
            eprintln!("the binary is closed to others: not tried");
            return;
        }
    }
    let close = |mode: &str, path: &str| repo.sh(&format!("chmod {mode} {path}")).ok();
    close("a-w", ".");
    let commit = as_user(&repo, "git commit -q --allow-empty -m 'fix: a crash (#2)'");
    assert_eq!(commit.code, 0, "{commit:?}");
    assert_eq!(repo.read("CHANGELOG.md"), before);
    let update = as_user(&repo, "relwatch update").code(1);
    says(&update, &["cannot write", "CHANGELOG.md"]);
    close("u+w", ".");
    close("000", "CHANGELOG.md");
    let update = as_user(&repo, "relwatch update").code(1);
    says(&update, &["cannot read", "CHANGELOG.md"]);
    close("644", "CHANGELOG.md");
    close("a-w", ".git/relwatch");
    let update = as_user(&repo, "relwatch update");
    assert!(
        update.code == 1 && update.stderr.contains(".git/relwatch"),
        "{update:?}"
    );
    close("u+w", ".git/relwatch");
    as_user(&repo, "relwatch update").ok();
    let text = repo.read("CHANGELOG.md");
    assert!(
        text.contains("Set a timeout") && text.contains("A crash"),
        "{text}"
    );
    assert!(Path::new(&repo.path).exists());
}
