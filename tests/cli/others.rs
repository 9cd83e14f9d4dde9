//! relwatch beside the filters, hooks and files of other tools and of users.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::watching::{Watching, watched};
use crate::support::{CHANGELOG, Repo, Sandbox, cases, project, says};

/// A filter as git-crypt's: blobs are another text than files.
const CRYPT: &str = "git config filter.crypt.clean 'tr a-z n-za-m' && git config filter.crypt.smudge 'tr a-z n-za-m' && git config filter.crypt.required true";

/// The text after `tr a-z n-za-m`.
fn crypted(text: &str) -> String {
    let turn = |c: char| match c {
        'a'..='m' => char::from(c as u8 + 13),
        'n'..='z' => char::from(c as u8 - 13),
        c => c,
    };
    text.chars().map(turn).collect()
}

fn script(repo: &Repo<'_>, path: &str, text: &str, bits: u32) {
    repo.write(path, text);
    std::fs::set_permissions(repo.path.join(path), std::fs::Permissions::from_mode(bits)).unwrap();
}

/// A repository with a release and a changelog, without relwatch.
fn plain<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = sandbox.repo(name);
    repo.commit_file("CHANGELOG.md", CHANGELOG, "docs: changelog");
    repo.git(&["tag", "-a", "v0.1.0", "-m", "x"]).ok();
    repo
}

/// Every file, git's own bookkeeping aside: bytes and mode.
fn everything(repo: &Repo<'_>) -> BTreeMap<String, (u32, Vec<u8>)> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, (u32, Vec<u8>)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            let is_bookkeeping = [
                ".git/index",
                ".git/objects",
                ".git/logs",
                ".git/COMMIT_EDITMSG",
            ];
            if is_bookkeeping.contains(&name.as_str()) {
                continue;
            }
            let meta = std::fs::symlink_metadata(&path).unwrap();
            let bytes = if meta.is_dir() {
                walk(root, &path, found);
                continue;
            } else {
                std::fs::read(&path).unwrap_or_default()
            };
            found.insert(name, (meta.permissions().mode(), bytes));
        }
    }
    let mut found = BTreeMap::new();
    walk(&repo.path, &repo.path, &mut found);
    found
}

#[test]
fn a_view_is_refused_where_another_filter_is() {
    cases::run(
        [
            ".gitattributes",
            ".git/info/attributes",
            "../home/.config/git/attributes",
        ],
        |place| (*place).to_owned(),
        |place| {
            let sandbox = Sandbox::new();
            let repo = plain(&sandbox, "r");
            repo.sh(CRYPT).ok();
            repo.write(place, "# no end");
            repo.write(place, "* -text filter=crypt");
            let before = everything(&repo);
            let refused = repo.relwatch(&["init"]).code(1);
            assert_eq!(refused.stdout, "");
            says(
                &refused,
                &[
                    "nothing was changed: CHANGELOG.md",
                    "`crypt`",
                    "`relwatch init --storage tracked`",
                ],
            );
            assert_eq!(everything(&repo), before, "nothing half done");
            repo.relwatch(&["init", "--storage", "tracked"]).ok();
            repo.git(&["add", "-A"]).ok();
            repo.git(&["commit", "-q", "-m", "chore: keep"]).ok();
            repo.write("file", "1\n");
            repo.git(&["add", "file"]).ok();
            repo.git(&["commit", "-q", "-m", "feat: one (#1)"]).ok();
            repo.write("file", "2\n");
            repo.git(&["commit", "-q", "-am", "feat: two (#2)"]).ok();
            let text = repo.read("CHANGELOG.md");
            assert!(text.contains("- One (#1)"), "{text}");
            assert_eq!(repo.stored(), crypted(&text));
            assert_eq!(repo.status(), "");
        },
    );
}

#[test]
fn a_release_reads_and_writes_a_filtered_changelog_through_its_filter() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox, "r");
    repo.sh(CRYPT).ok();
    repo.write(".gitattributes", "*.md filter=crypt\n");
    repo.relwatch(&["init", "--storage", "tracked"]).ok();
    repo.git(&["add", "--renormalize", "."]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: keep"]).ok();
    repo.commit("feat: one (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    let text = repo.read("CHANGELOG.md");
    assert!(
        text.contains("## [0.2.0]") && text.contains("- One (#1)"),
        "{text}"
    );
    assert!(text.contains("- the first thing"), "{text}");
    assert_eq!(repo.stored(), crypted(&text));
    assert_eq!(repo.status(), "");
    // A clone that cannot run the filter releases nothing.
    repo.git(&["config", "--remove-section", "filter.crypt"])
        .ok();
    repo.sh("rm CHANGELOG.md && git checkout -- CHANGELOG.md")
        .ok();
    repo.commit("feat: two (#2)");
    let refused = repo.relwatch(&["release", "--yes"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    says(&refused, &["`crypt`"]);
}

#[test]
fn our_filter_yields_to_another_one_at_any_time() {
    cases::run(
        [
            "echo '*.md filter=crypt' >> .gitattributes",
            "echo '*.md filter=crypt' > top && cat .gitattributes >> top && mv top .gitattributes",
            "echo '*.md filter=crypt' > .git/info/attributes",
            "echo '*.md filter=crypt' >> .git/info/attributes",
            "mkdir -p ~/.config/git && echo '*.md filter=crypt' > ~/.config/git/attributes",
            "echo '[attr]secret filter=crypt' > .git/info/attributes && echo '*.md secret' >> .gitattributes",
            // As older versions left it.
            "printf '/CHANGELOG.md filter=relwatch merge=relwatch\\n' > .git/info/attributes && echo '*.md filter=crypt' >> .gitattributes",
        ],
        |how| (*how).to_owned(),
        |how| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: one (#1)");
            assert!(repo.section().contains("- One (#1)"));
            repo.sh(&format!("{CRYPT} && {how}")).ok();
            repo.edit(
                "CHANGELOG.md",
                "## [Unreleased]\n",
                "## [Unreleased]\n\n- Mine.\n",
            );
            repo.git(&["add", "CHANGELOG.md"]).ok();
            let staged = repo.git(&["show", ":CHANGELOG.md"]).ok().stdout;
            assert!(staged.contains(&crypted("- Mine.")), "{staged}");
            assert!(!staged.contains("the first thing"), "{staged}");
            let committed = repo.git(&["commit", "-q", "-m", "docs: mine"]).ok();
            says(&committed, &["`crypt`", "--storage tracked"]);
            assert!(
                !repo.read("CHANGELOG.md").contains("One"),
                "{}",
                repo.read("CHANGELOG.md")
            );
            repo.git(&["commit", "-q", "--allow-empty", "-m", "fix: two"])
                .ok();
            assert!(!repo.read("CHANGELOG.md").contains("Two"));
            let refused = repo.relwatch(&["update"]).code(1);
            says(&refused, &["`crypt`", "--storage tracked"]);
        },
    );
}

#[test]
fn a_commit_from_before_init_has_no_view() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.git(&["checkout", "-q", "-b", "old", "v0.1.0"]).ok();
    assert_eq!(repo.read("CHANGELOG.md"), CHANGELOG);
    assert_eq!(repo.status(), "");
    repo.git(&["checkout", "-q", "main"]).ok();
    assert!(repo.section().contains("- One (#1)"), "{}", repo.section());
    assert_eq!(repo.status(), "");
}

#[test]
fn hooks_and_filter_find_the_same_binary() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let own = env!("CARGO_BIN_EXE_relwatch");
    repo.sh(&format!(
        "sed -i 's#{own}#/gone/relwatch#g' .git/hooks/post-* .git/config"
    ))
    .ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "feat: one (#1)"])
        .ok();
    repo.edit("CHANGELOG.md", "### Added\n", "### Added\n\n- Mine.\n");
    repo.git(&["commit", "-q", "-am", "docs: mine"]).ok();
    assert!(!repo.stored().contains("- One (#1)"), "{}", repo.stored());
    // The filter of an older version does not look into PATH; the first hook gives it the form of today.
    let old =
        "if test -x '/gone/relwatch'; then exec '/gone/relwatch' filter clean %f; else cat; fi";
    repo.git(&["config", "filter.relwatch.clean", old]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "feat: two (#2)"])
        .ok();
    repo.edit("CHANGELOG.md", "- Mine.\n", "- Mine.\n- Too.\n");
    repo.git(&["commit", "-q", "-am", "docs: more"]).ok();
    let stored = repo.stored();
    assert!(
        stored.contains("- Too.") && !stored.contains("(#2)"),
        "{stored}"
    );
    repo.relwatch(&["init"]).ok();
    assert!(repo.section().contains("- Two (#2)"), "{}", repo.section());
}

#[test]
fn what_others_add_to_a_hook_of_ours_runs_and_stays() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.sh(
        "echo 'echo ran >> ran.log' >> .git/hooks/post-commit && echo ran.log > .git/info/exclude",
    )
    .ok();
    repo.sh("sed -i '1a echo first >> ran.log' .git/hooks/post-commit")
        .ok();
    repo.commit("feat: one (#1)");
    assert_eq!(repo.read("ran.log"), "first\nran\n");
    let mixed = repo.read(".git/hooks/post-commit");
    repo.relwatch(&["init"]).ok();
    repo.relwatch(&["hooks", "install"]).ok();
    assert_eq!(repo.read(".git/hooks/post-commit"), mixed);
    repo.relwatch(&["hooks", "uninstall"]).ok();
    let theirs = "#!/bin/sh\necho first >> ran.log\necho ran >> ran.log\n";
    assert_eq!(repo.read(".git/hooks/post-commit"), theirs);
    assert!(!repo.exists(".git/hooks/post-merge"));
}

#[test]
fn a_hook_of_an_older_version_keeps_what_others_added() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let own = env!("CARGO_BIN_EXE_relwatch");
    let old = format!(
        "#!/bin/sh\n# relwatch keeps the Unreleased section right. It never fails git; `relwatch hooks uninstall` removes it.\nif [ -d \"${{GIT_DIR:-.git}}/rebase-merge\" ] || [ -e \"${{GIT_DIR:-.git}}/rebase-apply/rebasing\" ]; then\n    : # the rebase's last hook, post-rewrite, comes when git is done\nelif command -v relwatch >/dev/null 2>&1; then\n    relwatch hook post-commit \"$@\" </dev/null || :\nelif [ -x '{own}' ]; then\n    '{own}' hook post-commit \"$@\" </dev/null || :\nfi\nexit 0\n"
    );
    script(
        &repo,
        ".git/hooks/post-commit",
        &format!("{old}echo ran >> ran.log\n"),
        0o755,
    );
    repo.relwatch(&["init"]).ok();
    repo.commit("feat: one (#1)");
    assert!(repo.exists("ran.log") && repo.section().contains("- One (#1)"));
    repo.relwatch(&["hooks", "uninstall"]).ok();
    assert_eq!(
        repo.read(".git/hooks/post-commit"),
        "#!/bin/sh\necho ran >> ran.log\n"
    );
    script(&repo, ".git/hooks/post-commit", &old, 0o755);
    repo.relwatch(&["hooks", "uninstall"]).ok();
    assert!(!repo.exists(".git/hooks/post-commit"));
}

/// husky 9 without hook files of the project.
fn husky(repo: &Repo<'_>) {
    repo.sh("mkdir -p .husky/_ && echo '*' > .husky/_/.gitignore && git config core.hooksPath .husky/_ && for hook in pre-commit post-commit post-merge post-rewrite post-applypatch post-checkout; do printf '#!/usr/bin/env sh\\ns=\".husky/%s\"\\n[ ! -f \"$s\" ] || sh -e \"$s\" \"$@\"\\n' $hook > .husky/_/$hook; chmod +x .husky/_/$hook; done").ok();
}

#[test]
fn husky_is_asked_for_and_gets_files_without_a_path_of_this_machine() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox, "r");
    husky(&repo);
    let first = repo.relwatch(&["init"]).code(1);
    let last = first.stdout.lines().last().unwrap();
    assert!(
        last.contains("git runs 0 of 5 hooks; run `relwatch init --yes`"),
        "{first:?}"
    );
    says(
        &repo.relwatch(&["status"]).ok(),
        &["run `relwatch init --yes`"],
    );
    assert!(!repo.exists(".husky/post-commit"));
    let done = repo.relwatch(&["init", "--yes"]).ok();
    says(&done, &[".husky/post-commit"]);
    let hook = repo.read(".husky/post-commit");
    assert!(hook.contains("relwatch hook post-commit"), "{hook}");
    assert!(
        !hook.contains(env!("CARGO_BIN_EXE_relwatch")) && !hook.contains("elif [ -x"),
        "{hook}"
    );
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: keep"]).ok();
    repo.commit("feat: one (#1)");
    assert!(repo.section().contains("- One (#1)"));
    assert_eq!(repo.status(), "");
    repo.relwatch(&["init"]).ok();
    assert_eq!(repo.status(), "", "a second one changes nothing");
    assert_eq!(repo.read(".husky/post-commit"), hook);
}

#[test]
fn any_call_of_relwatch_is_enough() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox, "r");
    let python = "#!/usr/bin/env python3\nimport subprocess, sys\nsubprocess.run([\"relwatch\", \"hook\", \"post-commit\", *sys.argv[1:]])\n";
    script(&repo, ".git/hooks/post-commit", python, 0o755);
    script(
        &repo,
        ".git/hooks/post-merge",
        "#!/bin/sh\nrelwatch hook post-merge \"$@\" || :\n",
        0o755,
    );
    let done = repo.relwatch(&["init"]).ok();
    assert_eq!(done.stderr, "");
    assert_eq!(repo.read(".git/hooks/post-commit"), python);
    let status = repo.relwatch(&["hooks", "status"]).ok().stdout;
    assert_eq!(
        status.matches("called by the script that is there").count(),
        2,
        "{status}"
    );
    repo.relwatch(&["doctor"]).ok();
}

#[test]
fn hooks_that_all_repositories_share_are_refused_before_anything_is_written() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox, "r");
    repo.sh("mkdir ../shared && git config core.hooksPath \"$PWD/../shared\"")
        .ok();
    let before = everything(&repo);
    let refused = repo.relwatch(&["init"]).code(1);
    assert_eq!(refused.stdout, "");
    says(
        &refused,
        &[
            "nothing was changed: core.hooksPath is",
            "relwatch init --no-hooks && relwatch watch add",
        ],
    );
    assert_eq!(everything(&repo), before);
    repo.relwatch(&["init", "--no-hooks"]).ok();
    repo.relwatch(&["watch", "add"]).ok();
    assert_eq!(
        std::fs::read_dir(sandbox.path().join("shared"))
            .unwrap()
            .count(),
        0
    );
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "feat: one (#1)"]).ok();
    repo.relwatch(&["update"]).ok();
    assert!(repo.section().contains("- One (#1)"));
    repo.relwatch(&["init"]).ok(); // it stays so
    let status = repo.relwatch(&["status"]).ok();
    assert_eq!(status.stderr, "");
}

#[test]
fn init_and_uninstall_leave_every_byte_as_it_was() {
    cases::run(
        [
            "true",
            "printf '* text=auto\\r\\n*.png binary' > .gitattributes",
            "printf '\\357\\273\\277# mine\\n' > .gitattributes && printf 'x y' > .git/info/attributes",
            "rm -r .git/hooks .git/info",
            "printf '#!/bin/sh\\necho mine' > .git/hooks/post-commit && chmod 750 .git/hooks/post-commit",
            "rm CHANGELOG.md && git rm -q --cached CHANGELOG.md && git commit -q -m 'chore: none'",
            "git config core.hooksPath scripts && mkdir scripts && printf 'true\\n' > scripts/post-merge",
        ],
        |how| (*how).to_owned(),
        |how| {
            for storage in ["view", "tracked"] {
                let sandbox = Sandbox::new();
                let repo = plain(&sandbox, "r");
                repo.sh(how).ok();
                let before = everything(&repo);
                repo.relwatch(&["init", "--storage", storage]);
                repo.relwatch(&["uninstall"]).ok();
                let after = everything(&repo);
                let names: Vec<_> = before.keys().chain(after.keys()).collect();
                for name in names {
                    assert_eq!(before.get(name), after.get(name), "{storage}: {name}");
                }
            }
        },
    );
}

#[test]
fn uninstall_says_what_it_leaves() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    let said = repo.relwatch(&["uninstall"]).ok();
    says(
        &said,
        &[
            "left: relwatch.yml",
            "`git rm relwatch.yml` removes",
            "next: git commit -m",
            ".gitattributes",
        ],
    );
    assert!(!repo.exists(".gitattributes") && !repo.exists(".git/relwatch"));
    assert_eq!(repo.read("CHANGELOG.md"), CHANGELOG);
    assert_eq!(repo.status(), " D .gitattributes\n");
    repo.commit("feat: two (#2)");
    assert_eq!(repo.read("CHANGELOG.md"), CHANGELOG);
    assert!(!repo.exists(".git/relwatch"));
}

#[test]
fn hooks_of_ours_that_a_manager_moved_are_removed() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.sh("cd .git/hooks && mv post-commit post-commit.legacy && mv post-merge post-merge.old && printf '#!/usr/bin/env bash\\n# File generated by pre-commit: https://pre-commit.com\\n\"$(dirname \"$0\")/post-commit.legacy\"\\n' > post-commit && chmod +x post-commit").ok();
    repo.commit("feat: one (#1)");
    assert!(repo.section().contains("- One (#1)"));
    let said = repo.relwatch(&["hooks", "uninstall"]).ok();
    says(
        &said,
        &["removed: hook post-commit", "removed: hook post-merge"],
    );
    assert!(
        !repo.exists(".git/hooks/post-commit.legacy") && !repo.exists(".git/hooks/post-merge.old")
    );
}

#[test]
fn pre_commit_runs_ours_from_beside_its_own() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox, "r");
    let shim = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n\"$(dirname \"$0\")/post-commit.legacy\" || exit 1\n";
    script(&repo, ".git/hooks/post-commit", shim, 0o755);
    repo.write(".pre-commit-config.yaml", "repos: []\n");
    let before = everything(&repo);
    repo.relwatch(&["init"]).ok();
    assert_eq!(repo.read(".git/hooks/post-commit"), shim);
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", "feat: one (#1)"]).ok();
    assert!(repo.section().contains("- One (#1)"));
    repo.sh("git reset -q --soft HEAD~1 && git rm -q -r --cached . && git reset -q")
        .ok();
    repo.relwatch(&["uninstall"]).ok();
    let after = everything(&repo);
    assert!(!after.contains_key(".git/hooks/post-commit.legacy"));
    assert_eq!(
        after.get(".git/hooks/post-commit"),
        before.get(".git/hooks/post-commit")
    );
}

#[test]
fn simple_git_hooks_is_told_to_keep_ours() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox, "r");
    let package = "{\n  \"name\": \"x\",\n  \"simple-git-hooks\": {\n    \"post-commit\": \"echo mine\"\n  }\n}\n";
    repo.write("package.json", package);
    let first = repo.relwatch(&["init"]).code(1);
    let last = first.stdout.lines().last().unwrap();
    assert!(
        last.contains("run `relwatch init --yes`, which writes into package.json"),
        "{first:?}"
    );
    let status = repo.relwatch(&["hooks", "status"]).ok().stdout;
    assert!(
        status.contains("installed, but simple-git-hooks deletes it when it runs"),
        "{status}"
    );
    repo.relwatch(&["init", "--yes"]).ok();
    let new = repo.read("package.json");
    assert!(
        new.contains("\"preserveUnused\": [\"post-commit\"") && new.contains("hook post-commit"),
        "{new}"
    );
    repo.relwatch(&["uninstall"]).ok();
    assert_eq!(repo.read("package.json"), package);
}

#[test]
fn lefthook_keeps_its_own_commands_and_gets_ours() {
    let sandbox = Sandbox::new();
    let repo = plain(&sandbox, "r");
    for hook in ["post-commit", "post-checkout"] {
        let shim = format!("#!/bin/sh\ncall_lefthook run \"{hook}\" \"$@\"\n");
        script(&repo, &format!(".git/hooks/{hook}"), &shim, 0o755);
    }
    let config =
        "post-commit:\n  commands:\n    mine:\n      run: echo ran\npost-checkout: {jobs: []}\n";
    repo.write("lefthook.yml", config);
    let said = repo.relwatch(&["init"]).code(1);
    // One section cannot be extended: the text to add has its line ends.
    says(&said, &["post-commit:\n  commands:\n    relwatch:\n"]);
    let config = config.replace("post-checkout: {jobs: []}\n", "");
    repo.write("lefthook.yml", &config);
    let first = repo.relwatch(&["init"]).code(1);
    says(
        &first,
        &["run `relwatch init --yes`, which writes into lefthook.yml"],
    );
    repo.relwatch(&["init", "--yes"]).ok();
    let new = repo.read("lefthook.yml");
    assert!(
        new.contains("      run: echo ran\n# >>> relwatch >>>\n    relwatch:\n"),
        "{new}"
    );
    repo.relwatch(&["doctor"]).ok();
    repo.relwatch(&["uninstall"]).ok();
    assert_eq!(repo.read("lefthook.yml"), config);
}

#[test]
fn what_is_skipped_is_committed_with_the_release_or_by_the_command_that_is_printed() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.commit("feat: two (#2)");
    repo.relwatch(&["skip", "#1"]).ok();
    let command = "git commit -m \"docs: changelog\" CHANGELOG.md";
    says(&repo.relwatch(&["release"]).code(3), &[command]);
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(!repo.read("CHANGELOG.md").contains("- One"));
}

#[test]
fn the_watcher_fills_the_section_again_after_a_stash_around_a_failed_commit() {
    let sandbox = Sandbox::new();
    let repo = watched(&sandbox, "r");
    let watching = Watching::start(&sandbox);
    repo.insistent_git(&["commit", "-q", "--allow-empty", "-m", "feat: one (#1)"])
        .ok();
    watching.rest();
    assert!(repo.section().contains("- One (#1)"), "{}", repo.section());
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\nA note.\n",
    );
    // As pre-commit does it around its hooks, one of which fails.
    repo.sh("git diff > ../patch && git checkout -q -- . && git apply ../patch")
        .ok();
    watching.rest();
    let section = repo.section();
    assert!(
        section.contains("A note.") && section.contains("- One (#1)"),
        "{section}"
    );
    // Another tool tags the listed version.
    repo.insistent_git(&["commit", "-q", "-am", "docs: a note"])
        .ok();
    repo.git(&["tag", "v0.2.0"]).ok();
    watching.rest();
    assert!(!repo.section().contains("One"), "{}", repo.section());
}
