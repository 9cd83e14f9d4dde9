//! `relwatch status`: its output on terminals of any width, in a pipe, as JSON and as fields for scripts.

#![cfg(unix)]

use crate::support::terminal::named;
use crate::support::{Repo, Sandbox, cases, configure, is_screen, project, says};

const SPECS: [(&str, &str, &str); 4] = [
    (
        "2026-01-29-001-abc",
        "completed",
        "# Serialize writers\n\n## Release Notes\n\n### Breaking Changes\n\n- `write()` waits for other writers.\n\n  **Migration:** use `write_async()`.\n",
    ),
    (
        "2026-01-29-002-def",
        "completed",
        "# Refresh the cache of rendered pages whenever a template changes\n",
    ),
    ("2026-01-29-003-ghi", "in_progress", "# Locks that expire\n"),
    ("2026-01-29-004-jkl", "pending", "# 日本語のページ\n"),
];

/// Entries of every source, specs in every state, a superseded change and an excluded one.
fn busy<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    for (id, status, body) in SPECS {
        let text = format!("---\nstatus: {status}\ntype: code\n---\n{body}");
        repo.write(&format!(".chant/specs/{id}.md"), &text);
    }
    repo.git(&["add", "-A"]).ok();
    repo.git(&[
        "commit",
        "-q",
        "-m",
        "chant(2026-01-29-001-abc): Serialize writers",
    ])
    .ok();
    repo.commit(
        "feat(api): set a custom timeout for write locks that are held by another process (#12)",
    );
    repo.commit("fix: crash on empty input (#13)");
    repo.commit("chore: tidy up");
    repo.relwatch(&["update"]).ok();
    repo.edit(
        "CHANGELOG.md",
        "### Fixed\n",
        "### Fixed\n\n- Pages in 日本語 are shown\n",
    );
    repo
}

#[test]
fn in_a_pipe_it_is_whole_and_plain() {
    let sandbox = Sandbox::new();
    let repo = busy(&sandbox);
    let ran = repo.relwatch(&["status"]).ok();
    assert_eq!(ran.stderr, "");
    is_screen("status.txt", &ran.stdout);
    let coloured = repo.run(
        env!("CARGO_BIN_EXE_relwatch"),
        &["status"],
        &[("CLICOLOR_FORCE", "1")],
    );
    let coloured = named(&coloured.ok().stdout);
    assert!(
        coloured.contains("next version: {strong}0.2.0{} (minor"),
        "{coloured}"
    );
    for never in ["strong", "faint", "bad", "good", "warning", ""] {
        assert!(!ran.stdout.contains(&format!("{{{never}}}")));
    }
    let mut bare = coloured;
    for tone in ["{strong}", "{faint}", "{bad}", "{good}", "{warning}", "{}"] {
        bare = bare.replace(tone, "");
    }
    assert_eq!(bare, ran.stdout, "colours are all that differs");
}

#[test]
fn it_fits_60_80_and_140_columns() {
    let sandbox = Sandbox::new();
    let repo = busy(&sandbox);
    let plain = [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
    cases::run(
        [60, 80, 140],
        |&columns| columns.to_string(),
        |&columns| {
            let shown = repo.on_terminal(columns, &["status"], &plain);
            is_screen(&format!("status-{columns}.txt"), &shown);
        },
    );
    let coloured = named(&repo.on_terminal(80, &["status"], &[]));
    is_screen("status-80-coloured.txt", &coloured);
    let dumb = repo.on_terminal(80, &["status"], &[("TERM", "dumb")]);
    assert_eq!(dumb, repo.on_terminal(80, &["status"], &plain));
}

#[test]
fn all_lists_each() {
    let sandbox = Sandbox::new();
    let repo = busy(&sandbox);
    let all = repo.relwatch(&["status", "--all"]).ok().stdout;
    for line in [
        "  2026-01-29-003-ghi  Locks that expire: in progress\n",
        "  2026-01-29-004-jkl  日本語のページ: pending\n",
        "  chant(2026-01-29-001-abc): Serialize writers: spec 2026-01-29-001-abc\n",
        "  chore: tidy up: `chore` is not listed\n",
    ] {
        let words = line.trim_start();
        assert!(all.contains(words), "{words}\n{all}");
    }
    // A long category is a screen's matter, not a pipe's.
    for number in 100..120 {
        repo.commit(&format!("fix: problem {number} (#{number})"));
    }
    let plain = [("NO_COLOR", "1")];
    let screen = repo.on_terminal(80, &["status"], &plain);
    assert!(
        screen.contains("  … and 10 more; `relwatch status --all` lists them\n"),
        "{screen}"
    );
    assert!(!screen.contains("(#119)"), "{screen}");
    for shown in [
        repo.relwatch(&["status"]).ok().stdout,
        repo.on_terminal(80, &["status", "--all"], &plain),
    ] {
        assert!(shown.contains("Problem 119 (#119)"), "{shown}");
    }
}

#[test]
fn checks_that_would_fail_are_named_and_no_command_runs() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "ci: touch SANDBOX/ci-ran\npublish:\n  - {name: site, check: 'touch SANDBOX/check-ran', run: 'true'}\n",
    );
    let head = "on main, last release: v0.1.0\nnext version: none, nothing to release\n";
    let idle = repo.relwatch(&["status"]).ok().stdout;
    assert!(idle.starts_with(head), "{idle}");
    assert!(
        !idle.contains("checks:"),
        "there is nothing to check: {idle}"
    );
    repo.commit("feat!: drop the old API (#3)");
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    repo.write("file", "2\n");
    let status = repo.relwatch(&["status"]).ok().stdout;
    let (_, checks) = status.split_once("\nchecks: ").unwrap();
    let (checks, _) = checks.split_once("\n\n").unwrap();
    is_screen(
        "status-checks.txt",
        &format!(
            "{checks}
"
        ),
    );
    let here = sandbox.at("");
    assert!(!here.exists("ci-ran") && !here.exists("check-ran"));
    let json: serde_json::Value =
        serde_json::from_str(&repo.relwatch(&["status", "--json"]).ok().stdout).unwrap();
    let failed = json["checks"].as_array().unwrap().iter();
    let failed: Vec<_> = failed
        .filter(|c| c["result"] == "failed")
        .map(|c| &c["id"])
        .collect();
    assert_eq!(failed, ["branch", "clean"]);
}

#[test]
fn health_names_the_watcher() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let health = || {
        let out = repo.relwatch(&["status"]).ok().stdout;
        out.lines().last().unwrap().to_owned()
    };
    assert_eq!(
        health(),
        "health: 5 of 5 hooks, filter set, merge driver set, no watcher, CHANGELOG.md up to date"
    );
    repo.relwatch(&["watch", "add"]).ok();
    assert_eq!(
        health(),
        "health: 5 of 5 hooks, filter set, merge driver set, watcher stopped (run `relwatch watch --daemon`), CHANGELOG.md up to date"
    );
    let mut watcher = repo
        .command(env!("CARGO_BIN_EXE_relwatch"))
        .arg("watch")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 1];
    std::io::Read::read_exact(watcher.stdout.as_mut().unwrap(), &mut said).unwrap(); // it is at work
    let running = health();
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    assert_eq!(
        running,
        "health: 5 of 5 hooks, filter set, merge driver set, watched, CHANGELOG.md up to date"
    );
    repo.git(&["config", "--unset", "filter.relwatch.clean"])
        .ok();
    repo.write("CHANGELOG.md", "# Changelog\n");
    repo.commit("fix: a word (#9)");
    assert!(health().contains("filter not set (run `relwatch init`)"));
}

#[test]
fn porcelain_is_one_fact_a_line() {
    let sandbox = Sandbox::new();
    let repo = busy(&sandbox);
    let facts = repo.relwatch(&["status", "--porcelain"]).ok();
    assert_eq!(facts.stderr, "");
    is_screen("status-porcelain.txt", &facts.stdout);
    let on_terminal = repo.on_terminal(60, &["status", "--porcelain"], &[]);
    assert_eq!(on_terminal, facts.stdout, "whoever looks");
    // Every field is documented.
    let docs = include_str!("../../docs/reference/json-and-porcelain.md");
    for key in facts
        .stdout
        .lines()
        .map(|line| line.split('\t').next().unwrap())
    {
        assert!(docs.contains(&format!("| `{key}` |")), "{key}");
    }
    repo.relwatch(&["status", "--porcelain", "--json"]).code(2);
}

/// The lines below `excluded: …` or `covered: …` up to the next blank one.
fn counted(status: &str, title: &str) -> String {
    let (_, rest) = status.split_once(&format!("\n{title}: ")).unwrap();
    rest.split("\n\n").next().unwrap().to_owned()
}

#[test]
fn a_cancelled_spec_and_its_commits_are_one_kind_of_reason() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("fix: what the spec lists");
    let listed = repo.head();
    let id = "2026-01-29-001-abc";
    let spec = format!("---\nstatus: cancelled\ncommits: [{listed}]\n---\n# Serialize writers\n");
    repo.write(&format!(".chant/specs/{id}.md"), &spec);
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", &format!("chant({id}): cancel it")])
        .ok();
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert_eq!(
        counted(&status, "excluded"),
        "4 changes\n     3  cancelled specs and their commits\n     1  `chore` is not listed"
    );
    let all = repo.relwatch(&["status", "--all"]).ok().stdout;
    for line in [
        format!("{id}  Serialize writers: cancelled\n"),
        format!(
            "{}  fix: what the spec lists: spec {id} is cancelled\n",
            &listed[..7]
        ),
        format!("chant({id}): cancel it: spec {id} is cancelled\n"),
    ] {
        assert!(all.contains(&line), "{line}\n{all}");
    }
}

#[test]
fn commits_of_merges_that_are_listed_are_one_kind_of_reason() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let merge = |branch: &str, trailer: &str| {
        repo.git(&["switch", "-q", "-c", branch]).ok();
        repo.commit(&format!("fix: part one of {branch}"));
        repo.commit(&format!("fix: part two of {branch}"));
        repo.git(&["switch", "-q", "main"]).ok();
        let message = format!("Merge branch '{branch}'\n\n{trailer}\n");
        repo.git(&["merge", "-q", "--no-ff", "-m", &message, branch])
            .ok();
    };
    merge("locks", "Release-Note: Locks expire");
    merge("pages", "Release-Note: Pages are cached");
    merge("tools", "Changelog: skip");
    merge("more-tools", "Changelog: skip");
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert_eq!(
        counted(&status, "superseded"),
        "4 changes\n     4  commits of a merge that is listed"
    );
    let left_out = counted(&status, "excluded");
    assert!(
        left_out.contains("     4  commits of a merge that says `Changelog: skip`"),
        "{left_out}"
    );
}

/// A Python name is not emphasis: it is shown as written, in the file and on a terminal.
#[test]
fn names_keep_their_underscores() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: read __init__.py and *all* of Vec<T> (#1)");
    says(
        &repo.relwatch(&["status"]).ok(),
        &[
            "feature: Read __init__.py and all of Vec<T> (#1))\n",
            "\n  Read __init__.py and all of Vec<T> (#1)\n",
        ],
    );
    says(
        &repo.relwatch(&["preview", "HEAD~1.."]).ok(),
        &["  + Read __init__.py and all of Vec<T> (#1)\n"],
    );
    let page = comrak::markdown_to_html(&repo.section(), &comrak::Options::default());
    assert!(
        page.contains("<li>Read __init__.py and <em>all</em> of Vec&lt;T&gt; (#1)</li>"),
        "{page}"
    );
}

/// Each release is made on a branch of its own, which is never merged back.
#[test]
fn the_release_before_a_range_is_not_later_than_its_beginning() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit("chore: root");
    repo.git(&["tag", "root"]).ok();
    for at in ["1", "2", "3"] {
        repo.commit(&format!("feat: f{at}"));
        repo.git(&["tag", &format!("mid{at}")]).ok();
        repo.git(&["switch", "-qc", &format!("line{at}")]).ok();
        repo.commit(&format!("fix: of line {at}"));
        repo.git(&["tag", &format!("v{at}.0.0")]).ok();
        repo.git(&["switch", "-q", "main"]).ok();
    }
    for (range, before, next) in [
        (
            "mid1..v2.0.0",
            "release before: v1.0.0",
            "next version: 1.1.0",
        ),
        (
            "mid2..mid3",
            "release before: v2.0.0",
            "next version: 2.1.0",
        ),
        (
            "root..v3.0.0",
            "release before: none",
            "next version: 0.1.0",
        ),
    ] {
        let said = repo.relwatch(&["status", range]).ok();
        says(&said, &[before, next]);
        assert!(!said.stderr.contains("look like"), "{said:?}");
    }
}

/// A range from the first commit on has no release before it, but the tags of the repository are read.
#[test]
fn a_range_before_all_releases_gives_no_advice_on_tags() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit("feat: one");
    let root = repo.head();
    for tag in ["v0.2.0", "v0.3.0", "v0.17.0"] {
        repo.commit(&format!("feat: of {tag}"));
        repo.git(&["tag", tag]).ok();
    }
    for command in ["status", "notes"] {
        let said = repo.relwatch(&[command, &format!("{root}..v0.2.0")]).ok();
        says(&said, &["Of v0.2.0"]);
        assert_eq!(said.stderr, "");
    }
}
