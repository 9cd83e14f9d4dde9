//! Components: parts of a repository with a changelog, tags and versions of their own.

#[cfg(target_os = "linux")]
use crate::support::strace;
use crate::support::{self, Repo, Sandbox, commit_all, says};

const CONFIG: &str = "components:
  backend:
    paths: [backend/**]
    tag: backend/v{version}
    changelog: backend/CHANGELOG.md
  frontend: {paths: [frontend/**]}
  bot: {paths: [bot/**], align: {with: backend, on: minor}}
";

const NAMES: [&str; 3] = ["backend", "bot", "frontend"];

/// Three components, each with a release 0.1.0, and relwatch set up.
fn project<'s>(sandbox: &'s Sandbox, name: &str, storage: &str) -> Repo<'s> {
    let repo = sandbox.repo(name);
    for name in NAMES {
        repo.write(&format!("{name}/CHANGELOG.md"), support::CHANGELOG);
        repo.write(&format!("{name}/main"), "1\n");
    }
    repo.write("relwatch.yml", CONFIG);
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    for tag in ["backend/v0.1.0", "bot-v0.1.0", "frontend-v0.1.0"] {
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    repo.relwatch(&["init", "--storage", storage]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: keep the changelogs"])
        .ok();
    repo
}

fn view<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    project(sandbox, name, "view")
}

/// Writes files and commits them.
fn change(repo: &Repo<'_>, files: &[&str], message: &str) {
    for file in files {
        repo.write(file, message);
    }
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", message])
        .ok();
}

fn section(repo: &Repo<'_>, name: &str) -> String {
    section_of(&repo.read(&format!("{name}/CHANGELOG.md")))
}

fn section_of(text: &str) -> String {
    let rest = text.split("## [Unreleased]").nth(1).unwrap_or("");
    rest.split("\n## ").next().unwrap_or("").trim().to_owned()
}

/// The entries of each component, without headings.
fn lines(repo: &Repo<'_>) -> [Vec<String>; 3] {
    NAMES.map(|name| {
        let section = section(repo, name);
        let lines = section.lines().filter(|line| line.starts_with("- "));
        lines.map(|line| line[2..].to_owned()).collect()
    })
}

fn all(backend: &[&str], bot: &[&str], frontend: &[&str]) -> [Vec<String>; 3] {
    [backend, bot, frontend].map(|lines| lines.iter().map(|l| (*l).to_owned()).collect())
}

fn stored(repo: &Repo<'_>, name: &str) -> String {
    let path = format!("HEAD:{name}/CHANGELOG.md");
    repo.git(&["show", &path]).ok().stdout
}

#[test]
fn init_sets_every_changelog_up_and_twice_is_once() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit_file("relwatch.yml", CONFIG, "chore: start");
    let first = repo.relwatch(&["init"]).ok();
    for said in [
        "wrote: backend/CHANGELOG.md",
        "wrote: bot/CHANGELOG.md",
        "wrote: .gitattributes: /frontend/CHANGELOG.md filter=relwatch merge=relwatch",
        "next: git add backend/CHANGELOG.md bot/CHANGELOG.md frontend/CHANGELOG.md .gitattributes",
    ] {
        assert!(first.stdout.contains(said), "{said} in {first:?}");
    }
    assert!(!repo.exists("CHANGELOG.md"), "the root keeps none");
    assert_eq!(first.stderr, "");
    let shared = repo.read(".gitattributes");
    assert_eq!(shared.lines().count(), 5);
    assert!(
        shared.contains("\nCHANGELOG.md filter=relwatch\n"),
        "{shared}"
    );
    let local = repo.read(".git/info/attributes");
    let merged = local
        .lines()
        .all(|line| line.ends_with("/CHANGELOG.md merge=relwatch"));
    assert!(merged && local.lines().count() == 3, "{local}");
    let second = repo.relwatch(&["init"]).ok();
    assert!(!second.stdout.contains("wrote"), "{second:?}");
    repo.relwatch(&["doctor"]).ok();
}

#[test]
fn a_commit_is_told_where_its_paths_and_its_scope_belong() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    change(&repo, &["backend/a"], "feat: locks time out (#1)");
    change(&repo, &["backend/b", "frontend/b"], "fix: dates (#2)");
    change(&repo, &[], "feat(Bot): greet (#3)");
    change(&repo, &["README"], "feat: a readme (#4)");
    change(
        &repo,
        &["backend/c", "frontend/c"],
        "Login (#5)\n\n* feat(backend): issue tokens\n\n* feat(frontend): ask for passwords\n\n* fix(bot): log in",
    );
    assert_eq!(
        lines(&repo),
        all(
            &["Locks time out (#1)", "Issue tokens (#5)", "Dates (#2)",],
            &["Greet (#3)", "Log in (#5)"],
            &["Ask for passwords (#5)", "Dates (#2)"],
        )
    );
    assert_eq!(repo.status(), "");
    for name in NAMES {
        assert_eq!(stored(&repo, name), support::CHANGELOG);
    }
    repo.relwatch(&["update", "--check"]).ok();

    let status = repo.relwatch(&["status"]).ok();
    for said in [
        "backend: on main, last release: backend/v0.1.0\nnext version: 0.2.0 (minor;",
        "not of backend: 5 changes\n",
        "bot: on main, last release: bot-v0.1.0\n",
        "of no component: 2 changes\n",
        "backend/CHANGELOG.md up to date, bot/CHANGELOG.md up to date, frontend/CHANGELOG.md up to date\n",
    ] {
        assert!(status.stdout.contains(said), "{said} in {}", status.stdout);
    }
    let listed = repo.relwatch(&["status", "--all"]).ok();
    assert!(
        listed
            .stdout
            .contains("feat: a readme (#4): belongs to no component"),
        "{listed:?}"
    );
    let one = repo.relwatch(&["status", "-c", "bot"]).ok();
    assert!(one.stdout.starts_with("bot: on main"), "{one:?}");
    assert!(!one.stdout.contains("backend:"), "{one:?}");
    let json: serde_json::Value =
        serde_json::from_str(&repo.relwatch(&["status", "--json"]).ok().stdout).unwrap();
    assert_eq!(json["components"]["backend"]["next"]["version"], "0.2.0");
    assert_eq!(json["components"]["frontend"]["last"], "frontend-v0.1.0");
    assert_eq!(json["of_no_component"].as_array().unwrap().len(), 2);
    let unknown = repo.relwatch(&["status", "-c", "web"]).code(2);
    assert_eq!(
        unknown.stderr,
        "relwatch: there is no component web; give backend, bot, frontend\n"
    );
}

#[test]
fn each_component_counts_from_its_own_tags() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    change(&repo, &["backend/a", "bot/a"], "feat: one (#1)");
    repo.git(&["tag", "-a", "backend/v0.2.0", "-m", "x"]).ok();
    // Neither is a tag of a component.
    repo.git(&["tag", "-a", "v3.0.0", "-m", "x"]).ok();
    repo.git(&["tag", "-a", "my-bot-v3.0.0", "-m", "x"]).ok();
    change(&repo, &["backend/b"], "fix: two (#2)");
    assert_eq!(lines(&repo), all(&["Two (#2)"], &["One (#1)"], &[]));
    let explained = repo.relwatch(&["explain", "HEAD~1"]).ok();
    assert!(
        explained.stdout.contains("released in backend/v0.2.0")
            && explained.stdout.contains("bot: commit")
            && !explained.stdout.contains("frontend"),
        "{explained:?}"
    );
}

#[test]
fn merge_rebase_and_amend_leave_every_section_right_and_the_tree_clean() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    change(&repo, &["backend/a"], "feat: base (#1)");
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    change(&repo, &["bot/a"], "feat: bot on topic (#2)");
    change(&repo, &["backend/b"], "fix: backend on topic (#3)");
    repo.git(&["switch", "-q", "main"]).ok();
    assert_eq!(lines(&repo), all(&["Base (#1)"], &[], &[]));
    change(&repo, &["frontend/a"], "feat: main (#4)");
    repo.git(&["merge", "-q", "--no-edit", "topic"]).ok();
    let merged = all(
        &["Base (#1)", "Backend on topic (#3)"],
        &["Bot on topic (#2)"],
        &["Main (#4)"],
    );
    assert_eq!(lines(&repo), merged);
    assert_eq!(repo.status(), "");

    repo.git(&["reset", "-q", "--hard", "HEAD^1"]).ok();
    repo.git(&["switch", "-q", "topic"]).ok();
    repo.git(&["rebase", "-q", "main"]).ok();
    assert_eq!(lines(&repo), merged);
    assert_eq!(repo.status(), "");

    repo.write("frontend/b", "x");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "--amend", "-m", "fix: both (#5)"])
        .ok();
    assert_eq!(
        lines(&repo),
        all(
            &["Base (#1)", "Both (#5)"],
            &["Bot on topic (#2)"],
            &["Main (#4)", "Both (#5)"],
        )
    );
    assert_eq!(repo.status(), "");
    repo.relwatch(&["update", "--check"]).ok();

    // A revert takes its commit out of every component.
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    assert_eq!(
        lines(&repo),
        all(&["Base (#1)"], &["Bot on topic (#2)"], &["Main (#4)"])
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn what_a_person_does_to_one_changelog_stays_there() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    change(
        &repo,
        &["backend/a", "frontend/a"],
        "feat: set a timeout (#1)",
    );
    change(&repo, &["backend/b", "frontend/b"], "fix: crash (#2)");
    repo.edit(
        "backend/CHANGELOG.md",
        "- Set a timeout (#1)",
        "- Locks time out (#1)",
    );
    repo.edit("frontend/CHANGELOG.md", "- Crash (#2)\n", "");
    assert_eq!(
        repo.status(),
        " M backend/CHANGELOG.md\n M frontend/CHANGELOG.md\n"
    );
    repo.git(&["commit", "-q", "-am", "docs: notes"]).ok();
    assert_eq!(
        lines(&repo),
        all(
            &["Locks time out (#1)", "Crash (#2)"],
            &[],
            &["Set a timeout (#1)"],
        )
    );
    assert_eq!(repo.status(), "");
    assert!(stored(&repo, "backend").contains("- Locks time out (#1)\n"));
    assert!(!stored(&repo, "backend").contains("Crash"));
    assert!(stored(&repo, "frontend").contains("<!-- relwatch:skip #2"));

    change(&repo, &["bot/a", "backend/c"], "feat: more (#3)");
    let skipped = repo.relwatch(&["skip", "#3", "--reason", "internal"]).ok();
    assert_eq!(
        skipped.stdout,
        "skipped: #3 (backend)\nskipped: #3 (bot)\nnext: git commit -m 'docs: skip #3' backend/CHANGELOG.md bot/CHANGELOG.md\n"
    );
    assert!(!section(&repo, "frontend").contains("#3"));
    assert!(section(&repo, "bot").contains("<!-- relwatch:skip #3 internal -->"));
    let undone = repo.relwatch(&["skip", "--undo", "#3"]).ok();
    assert_eq!(
        undone.stdout,
        "no longer skipped: #3 (backend)\nno longer skipped: #3 (bot)\n"
    );
    repo.relwatch(&["skip", "#99"]).code(1);
    change(&repo, &["README"], "feat: a readme");
    let nobodys = repo.relwatch(&["skip", &repo.head()[..7]]).code(1);
    assert!(
        nobodys.stderr.contains("belongs to no component"),
        "{nobodys:?}"
    );
    assert_eq!(repo.status(), "");

    let explained = repo.relwatch(&["explain", "#1"]).ok();
    for said in [
        "backend: commit ",
        "superseded by a hand-written line",
        "frontend: commit ",
        "listed under Added: Set a timeout (#1)",
    ] {
        assert!(explained.stdout.contains(said), "{explained:?}");
    }
    assert!(!explained.stdout.contains("bot:"), "{explained:?}");
}

#[test]
fn a_fresh_clone_agrees_and_lost_state_is_rebuilt() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    change(&repo, &["backend/a", "bot/a"], "feat: one (#1)");
    change(&repo, &["frontend/a"], "fix: two (#2)");
    repo.edit("bot/CHANGELOG.md", "- One (#1)", "- Mine (#1)");
    repo.git(&["commit", "-q", "-am", "docs: notes"]).ok();
    repo.git(&["clone", "-q", ".", "../clone"]).ok();
    let clone = sandbox.at("clone");
    assert_eq!(lines(&clone), all(&[], &["Mine (#1)"], &[]));
    clone.relwatch(&["init"]).ok();
    assert_eq!(lines(&clone), lines(&repo));
    assert_eq!(clone.status(), "");
    repo.sh("rm -r .git/relwatch").ok();
    assert_eq!(repo.status(), "");
    repo.git(&["add", "."]).ok();
    assert_eq!(repo.status(), "", "no generated line is staged");
    repo.relwatch(&["update"]).ok();
    assert_eq!(lines(&clone), lines(&repo));
}

#[test]
fn a_component_may_come_later_and_the_root_gives_its_changelog_up() {
    let sandbox = Sandbox::new();
    let repo = support::project(&sandbox, "r");
    change(&repo, &["backend/a"], "feat: one (#1)");
    assert!(repo.section().contains("- One (#1)"));
    repo.write("relwatch.yml", "components: {backend: {paths: [backend]}}");
    // A commit made now does not contain lines of the changelog that is no longer kept.
    repo.git(&["add", "."]).ok();
    assert_eq!(repo.status(), "M  relwatch.yml\n");
    let init = repo.relwatch(&["init"]).ok();
    assert!(
        init.stdout.contains("wrote: backend/CHANGELOG.md"),
        "{init:?}"
    );
    assert_eq!(repo.read("CHANGELOG.md"), support::CHANGELOG);
    assert!(repo.read("backend/CHANGELOG.md").contains("- One (#1)\n"));
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: components"]).ok();
    assert_eq!(repo.status(), "");

    change(&repo, &["bot/a"], "feat: two (#2)");
    repo.write("web/CHANGELOG.md", support::CHANGELOG);
    change(&repo, &["web/a"], "feat: three (#3)");
    repo.write(
        "relwatch.yml",
        "components: {backend: {paths: [backend]}, bot: {paths: [bot]}, web: {paths: [web]}}",
    );
    change(&repo, &[], "chore: more components");
    // The filter applies to the changelogs of components anywhere.
    assert!(repo.read("web/CHANGELOG.md").contains("- Three (#3)\n"));
    assert_eq!(stored(&repo, "web"), support::CHANGELOG);
    let missing = repo.relwatch(&["update"]).code(1);
    assert_eq!(
        missing.stderr,
        "relwatch: there is no bot/CHANGELOG.md; run `relwatch init`\n"
    );
    assert!(
        missing
            .stdout
            .contains("backend/CHANGELOG.md is up to date"),
        "{missing:?}"
    );
    repo.relwatch(&["init"]).ok();
    assert!(repo.read("bot/CHANGELOG.md").contains("- Two (#2)\n"));
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: the bot"]).ok();
    assert!(repo.read("web/CHANGELOG.md").contains("- Three (#3)\n"));
    assert_eq!(repo.status(), "");

    // Back to where there were no components, and forth again.
    repo.git(&["switch", "-q", "--detach", "HEAD~5"]).ok();
    assert!(repo.section().contains("- One (#1)"));
    assert_eq!(repo.status(), "");
    repo.git(&["switch", "-q", "main"]).ok();
    assert_eq!(repo.read("CHANGELOG.md"), support::CHANGELOG);
    assert!(repo.read("bot/CHANGELOG.md").contains("- Two (#2)\n"));
    assert_eq!(repo.status(), "");

    let gone = repo.relwatch(&["hooks", "uninstall"]).ok();
    for name in ["backend", "bot"] {
        let said = format!("removed: the generated lines of {name}/CHANGELOG.md");
        assert!(gone.stdout.contains(&said), "{gone:?}");
        assert_eq!(section(&repo, name), "");
    }
    assert_eq!(repo.status(), "");
}

#[test]
fn stored_lines_go_to_the_changelogs_of_their_components() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r", "tracked");
    change(&repo, &["backend/a", "bot/a"], "feat: one (#1)");
    change(&repo, &["frontend/a"], "fix: two (#2)");
    change(&repo, &["README"], "chore: tick");
    assert_eq!(repo.status(), "");
    assert_eq!(
        lines(&repo),
        all(&["One (#1)"], &["One (#1)"], &["Two (#2)"]),
        "a commit that carries lines of a component is no change of it"
    );
    assert!(stored(&repo, "backend").contains("- One (#1)\n"));
    repo.relwatch(&["update", "--check"]).ok();
    repo.git(&["clone", "-q", ".", "../clone"]).ok();
    let clone = sandbox.at("clone");
    assert_eq!(lines(&clone), lines(&repo));
    clone.relwatch(&["init"]).ok();
    assert_eq!(clone.status(), "");
}

#[test]
fn one_changelog_is_checked_and_printed_alone() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    change(&repo, &["backend/a"], "feat: one (#1)");
    let which = repo.relwatch(&["update", "--stdout"]).code(2);
    assert_eq!(
        which.stderr,
        "relwatch: which component? give -c with backend, bot, frontend\n"
    );
    let printed = repo.relwatch(&["update", "--stdout", "-c", "backend"]).ok();
    assert_eq!(printed.stdout, repo.read("backend/CHANGELOG.md"));
    repo.relwatch(&["notes"]).code(2);
    let notes = repo.relwatch(&["notes", "-c", "backend"]).ok();
    assert_eq!(notes.stdout, "### Added\n\n- One (#1)\n");

    repo.git(&["checkout", "-q", "--", "backend/CHANGELOG.md"])
        .ok();
    repo.write("backend/CHANGELOG.md", support::CHANGELOG);
    let stale = repo.relwatch(&["update", "--check"]).code(1);
    assert!(
        stale
            .stderr
            .starts_with("relwatch: backend/CHANGELOG.md is stale"),
        "{stale:?}"
    );
    assert!(!stale.stderr.contains("bot/"), "{stale:?}");
    repo.relwatch(&["update", "--check", "-c", "bot"]).ok();
    let doctor = repo.relwatch(&["doctor"]).code(1);
    assert!(
        doctor
            .stdout
            .contains("problem  section: backend/CHANGELOG.md does not show"),
        "{doctor:?}"
    );
    repo.relwatch(&["doctor", "--fix"]).ok();
    assert_eq!(lines(&repo), all(&["One (#1)"], &[], &[]));

    // If one changelog has two headings, the others are still written.
    repo.edit(
        "backend/CHANGELOG.md",
        "## [0.1.0]",
        "## [Unreleased]\n\n## [0.1.0]",
    );
    change(&repo, &["bot/b"], "feat: two (#2)");
    assert_eq!(section(&repo, "bot"), "### Added\n\n- Two (#2)");
}

fn spec(status: &str, front: &str, title: &str) -> String {
    format!("---\ntype: code\nstatus: {status}\n{front}---\n\n# {title}\n")
}

#[test]
fn a_spec_belongs_by_label_by_its_files_or_by_its_commits() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    for (id, front, title) in [
        ("2026-01-01-001-aaa", "labels: [bot]\n", "Greet users"),
        (
            "2026-01-01-002-bbb",
            "target_files: [backend/locks, frontend/locks]\n",
            "Show locks",
        ),
        ("2026-01-01-003-ccc", "", "Search faster"),
        ("2026-01-01-004-ddd", "", "Nobody's"),
    ] {
        let path = format!(".chant/specs/{id}.md");
        repo.write(&path, &spec("completed", front, title));
    }
    change(
        &repo,
        &["backend/search"],
        "chant(2026-01-01-003-ccc): Add an index",
    );
    assert_eq!(
        lines(&repo),
        all(
            &[
                "Search faster (2026-01-01-003-ccc)",
                "Show locks (2026-01-01-002-bbb)"
            ],
            &["Greet users (2026-01-01-001-aaa)"],
            &["Show locks (2026-01-01-002-bbb)"],
        )
    );
    let status = repo.relwatch(&["status"]).ok();
    assert!(
        status
            .stdout
            .contains("  2026-01-01-004-ddd  Nobody's: belongs to no component\n"),
        "{}",
        status.stdout
    );
    let specs = |args: &[&str]| -> Vec<String> {
        let out = repo.relwatch(args).ok().stdout;
        let ids = out.lines().filter(|line| line.starts_with("2026"));
        ids.map(|line| line[..18].to_owned()).collect()
    };
    assert_eq!(specs(&["specs"]).len(), 4);
    assert_eq!(
        specs(&["specs", "-c", "backend"]),
        ["2026-01-01-002-bbb", "2026-01-01-003-ccc"]
    );
    let explained = repo.relwatch(&["explain", "2026-01-01-001-aaa"]).ok();
    assert!(
        explained.stdout.starts_with("bot: spec") && !explained.stdout.contains("backend"),
        "{explained:?}"
    );
}

#[test]
fn a_broken_configuration_brings_no_generated_line_into_a_commit() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    change(&repo, &["backend/a", "bot/a"], "feat: one (#1)");
    repo.write("relwatch.yml", "components: [");
    repo.write("bot/x", "x");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "fix: x"]).ok();
    for name in NAMES {
        assert_eq!(stored(&repo, name), support::CHANGELOG, "{name}");
    }
}

#[test]
fn the_storage_of_all_changelogs_is_switched_at_once() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    change(&repo, &["backend/a", "bot/a"], "feat: one (#1)");
    let before = lines(&repo);
    repo.relwatch(&["init", "--storage", "tracked"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: store lines"]).ok();
    assert_eq!(repo.status(), "");
    assert!(stored(&repo, "bot").contains("- One (#1)"));
    assert_eq!(lines(&repo), before);
    repo.relwatch(&["init", "--storage", "view"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: view lines"]).ok();
    assert_eq!(repo.status(), "");
    assert_eq!(lines(&repo), before);
    for name in NAMES {
        assert_eq!(stored(&repo, name), support::CHANGELOG, "{name}");
    }
}

#[test]
fn a_push_may_not_move_the_release_tag_of_a_component() {
    let sandbox = Sandbox::new();
    let repo = view(&sandbox, "r");
    repo.write(
        "relwatch.yml",
        &format!("{CONFIG}hooks: {{release_tags: reject}}\n"),
    );
    repo.relwatch(&["init"]).ok();
    repo.git(&["init", "-q", "--bare", "../remote"]).ok();
    repo.git(&["remote", "add", "origin", "../remote"]).ok();
    repo.git(&["push", "-q", "--tags", "origin", "main"]).ok();
    repo.git(&["tag", "-f", "backend/v0.1.0", "HEAD"]).ok();
    let refused = repo
        .git(&["push", "-q", "-f", "origin", "backend/v0.1.0"])
        .code(1);
    assert!(
        refused
            .stderr
            .contains("backend/v0.1.0 is a release that others have; it would be moved"),
        "{refused:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_hook_starts_no_process_however_many_components_there_are() {
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::of_old();
    let repo = view(&sandbox, "r");
    let binary = env!("CARGO_BIN_EXE_relwatch");
    let script = format!("strace -f -qq -e trace=execve -o ../trace {binary} hook post-commit");
    repo.sh(&script).ok();
    let trace = repo.read("../trace");
    assert_eq!(trace.matches("execve(").count(), 1, "{trace}");
}

/// D10: a directory may have the name of a character class.
#[test]
fn paths_with_brackets_are_folders_and_idle_paths_are_named() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("brackets");
    for folder in ["apps/[slug]", "apps/(group)", "apps/s"] {
        repo.write(&format!("{folder}/file"), "1\n");
    }
    repo.write(
        "relwatch.yml",
        "components:\n  slug: {paths: ['apps/[slug]/**']}\n  group: {paths: ['apps/(group)/**'], changelog: G.md}\n  gone: {paths: ['old/[id]', 'older'], changelog: O.md}\n",
    );
    for name in ["apps/[slug]/CHANGELOG.md", "G.md", "O.md"] {
        repo.write(name, "# Log\n\n## Unreleased\n");
    }
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: start");
    change(&repo, &["apps/[slug]/page"], "feat: add a page");
    change(&repo, &["apps/(group)/page"], "feat: add a group");
    for (name, text) in [
        ("apps/[slug]/CHANGELOG.md", "- Add a page"),
        ("G.md", "- Add a group"),
    ] {
        let file = repo.read(name);
        assert_eq!(file.matches("\n- ").count(), 1, "{file}");
        assert!(file.contains(text), "{file}");
    }
    let status = repo.relwatch(&["status"]).ok();
    let doctor = repo.relwatch(&["doctor"]);
    for ran in [&status, &doctor] {
        for glob in ["old/[id]", "older"] {
            let words = format!("HEAD has no file in `{glob}`, a path of component gone");
            says(ran, &[&words]);
        }
        assert!(!format!("{ran:?}").contains("component slug"), "{ran:?}");
    }
    change(&repo, &["old/[id]/x", "older/x"], "feat: come back");
    assert_eq!(repo.relwatch(&["doctor"]).ok().stderr, "");
}
