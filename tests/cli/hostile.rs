//! Hostile text in messages, specs, changelogs and names: it is made inert, or named and excluded.
//!
//! `tests/hostile/` contains the texts. The output is read by a renderer that shares no code with relwatch.

#[path = "../properties/markdown.rs"]
mod markdown;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use markdown::{Seen, seen};

use crate::support::{self, Repo, Sandbox, cases, configure, project};

const FORGE: &str = "https://github.com/o/r";

fn texts(folder: &str) -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/hostile")
        .join(folder);
    let files = fs::read_dir(root).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<_> = files
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                path,
            )
        })
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// Commits a message, byte for byte, without git fixing or refusing it.
fn commit(repo: &Repo<'_>, message: &[u8]) -> String {
    commit_by(repo, message, "Author")
}

fn commit_by(repo: &Repo<'_>, message: &[u8], author: &str) -> String {
    let git = |args: &[&str]| repo.git(args).ok().stdout.trim().to_owned();
    let [tree, parent] = ["HEAD^{tree}", "HEAD"].map(|name| git(&["rev-parse", name]));
    let who = "<author@example.org> 1769000000 +0000";
    let headers = format!(
        "tree {tree}\nparent {parent}\nauthor {author} {who}\ncommitter {author} {who}\n\n"
    );
    let args = [
        "hash-object",
        "-t",
        "commit",
        "-w",
        "--literally",
        "--stdin",
    ];
    let mut child = repo
        .command("git")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes = [headers.as_bytes(), message].concat();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let out = child.wait_with_output().unwrap();
    let id = String::from_utf8(out.stdout).unwrap().trim().to_owned();
    git(&["update-ref", "HEAD", &id]);
    id
}

/// A project that GitHub hosts.
fn hosted<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    configure(&repo, "web: {url: https://github.com/o/r}\n");
    let url = "https://user:secret@github.com/o/r.git";
    repo.git(&["remote", "add", "origin", url]).ok();
    repo
}

/// Runs relwatch and checks every byte that it prints.
#[track_caller]
fn quiet(repo: &Repo<'_>, args: &[&str]) -> Output {
    let out = repo
        .command(env!("CARGO_BIN_EXE_relwatch"))
        .args(args)
        .output()
        .unwrap();
    for said in [&out.stdout, &out.stderr] {
        is_quiet(&format!("{args:?}"), said);
    }
    let code = out.status.code().unwrap_or(-1);
    assert!((0..=8).contains(&code) || code == 130, "{args:?}: {out:?}");
    out
}

/// Asserts that there are no bytes that control a terminal, nothing that reverses text, and no credentials of the user.
#[track_caller]
fn is_quiet(what: &str, said: &[u8]) {
    let text = String::from_utf8(said.to_vec())
        .unwrap()
        .replace("\r\n", "\n");
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let odd = |c: char| c.is_control() && c != '\n' && c != '\t' || turns(c);
    let at = text.find(odd);
    assert!(at.is_none(), "{what} says {:?}", at.map(|at| &text[at..]));
    assert!(!text.contains("secret"), "{what}: {text}");
}

/// All commands that print text of others.
#[track_caller]
fn all_is_quiet(repo: &Repo<'_>) {
    for args in [
        &["status", "--all"][..],
        &["status", "--all", "--json"],
        &["-v", "status"],
        &["update", "--stdout"],
        &["update", "--check"],
        &["notes", "--unreleased"],
        &["notes", "--all"],
        &["specs"],
        &["specs", "--format", "json"],
        &["specs", "--format", "markdown"],
        &["check"],
        &["release", "--dry-run"],
        &["release", "--dry-run", "--json"],
        &["releases"],
        &["releases", "--json"],
        &["doctor"],
        &["version"],
    ] {
        quiet(repo, args);
    }
    for name in ["log", "log.1"] {
        let log = repo.path.join(".git/relwatch").join(name);
        is_quiet(name, &fs::read(log).unwrap_or_default());
    }
}

/// The parts of the changelog that a reader sees: its own headings, its own links, and harmless ones.
#[track_caller]
fn inert(repo: &Repo<'_>, may_pass: &[&str]) -> Seen {
    let text = repo.read("CHANGELOG.md");
    let seen = seen(&text);
    let headings = text.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!(seen.count("heading"), headings, "{text}");
    let own = |line: &&str| {
        let known = ["# Changelog", "## [Unreleased]", "## [0.1.0] - 2026-01-01"];
        known.contains(line) || line.starts_with("### ")
    };
    let odd: Vec<_> = text
        .lines()
        .filter(|l| l.starts_with('#') && !own(l))
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
    for name in ["html", "footnote", "break", "box"] {
        assert_eq!(seen.count(name), 0, "{name}: {seen:#?}\n{text}");
    }
    for url in seen.links.iter().chain(&seen.images) {
        let is_own = url.starts_with(&format!("{FORGE}/"));
        assert!(is_own || may_pass.contains(&url.as_str()), "{url}\n{text}");
    }
    is_quiet("CHANGELOG.md", text.as_bytes());
    seen
}

/// Every change in the output of `status`, listed or not.
fn known(repo: &Repo<'_>) -> serde_json::Value {
    let out = quiet(repo, &["status", "--all", "--json"]);
    serde_json::from_slice(&out.stdout).unwrap()
}

#[test]
fn messages_become_one_inert_item_or_are_named_and_left_out() {
    let sandbox = Sandbox::new();
    let repo = hosted(&sandbox, "p");
    let mut all = Vec::new();
    for (name, path) in texts("messages") {
        all.push((name, commit(&repo, &fs::read(path).unwrap())));
    }
    let nul = commit(&repo, b"fix: before\0after\n\nbody\0\n\nSpec: \0\n");
    all.push(("nul".into(), nul));
    quiet(&repo, &["update"]);
    let seen = inert(
        &repo,
        &["https://example.org/guide", "https://example.org/p.png"],
    );
    assert_eq!(seen.images, ["https://example.org/p.png"]);

    // Beside the references nothing depends on the repository.
    let section = repo.section();
    let lines: Vec<String> = section.lines().map(without_references).collect();
    let shown = lines.join("\n") + "\n";
    let expected = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile/section.md");
    assert_eq!(shown, fs::read_to_string(expected).unwrap());

    let status = known(&repo).to_string();
    for (name, id) in &all {
        assert!(status.contains(&id[..7]), "nobody knows {name}");
        quiet(&repo, &["explain", &id[..12]]);
    }
    assert!(!repo.exists("pwned"));
    all_is_quiet(&repo);

    // The text stays inert in a release.
    let out = quiet(&repo, &["release", "0.2.0", "--yes", "--offline"]);
    assert!(out.status.success(), "{}", support::ran(&out).stderr);
    let text = repo.stored();
    assert!(text.contains("## [0.2.0] - 2026-01-30\n"), "{text}");
    assert_eq!(markdown::seen(&text).count("html"), 0);
    quiet(&repo, &["notes", "0.2.0"]);
    let tag = repo.git(&["cat-file", "tag", "v0.2.0"]).ok().stdout;
    is_quiet("the tag", tag.as_bytes());
}

/// A line without ` ([#1](…), [1a2b3c4](…))`.
fn without_references(line: &str) -> String {
    let mut line = line.to_owned();
    while let Some(at) = line.rfind(&format!("]({FORGE}/")) {
        let start = line[..at].rfind('[').unwrap();
        let end = at + line[at..].find(')').unwrap() + 1;
        line.replace_range(start..end, "");
    }
    line.replace(" ()", "")
        .replace(" (, )", "")
        .trim_end()
        .to_owned()
}

#[test]
fn specs_keep_lists_code_and_honest_links() {
    let sandbox = Sandbox::new();
    let repo = hosted(&sandbox, "p");
    for (name, path) in texts("specs") {
        let to = repo.path.join(format!(".chant/specs/2026-01-28-{name}.md"));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(path, to).unwrap();
    }
    let out = quiet(&repo, &["update"]);
    let said = String::from_utf8(out.stderr).unwrap();
    for name in ["not_text", "yaml_bomb"] {
        assert!(said.contains(&format!("2026-01-28-{name}.md")), "{said}");
    }
    let may_pass = [
        "https://example.org/guide",
        "docs/a.md#b",
        "https://example.org/shot.png",
        "https://example.org/auto",
        "https://example.org/ref",
        "https://example.org/own",
    ];
    let seen = inert(&repo, &may_pass);
    for url in may_pass {
        let all = seen.links.iter().chain(&seen.images);
        assert!(
            all.clone().any(|link| link == url),
            "{url} is gone: {seen:#?}"
        );
    }
    assert!(
        seen.count("table") == 1 && seen.count("fence") >= 2,
        "{seen:#?}"
    );
    all_is_quiet(&repo);
    quiet(&repo, &["prepare", "0.2.0"]);
    all_is_quiet(&repo);
}

#[test]
fn names_of_files_are_shown_and_skipped_without_harm() {
    let sandbox = Sandbox::new();
    let repo = hosted(&sandbox, "p");
    let names = [
        "a\nrelwatch: all is well",
        "b\u{1b}[31m",
        "c <!-- d",
        "e --> f",
        "`g",
        "h](javascript:alert(1))",
        "i | j",
        "\u{202e}k",
        "# l",
        "[Unreleased]",
        "m\r\nn",
        "o {text} {refs}",
        "p\\",
    ];
    for name in names {
        let text = "---\nstatus: completed\n---\n";
        repo.write(&format!(".chant/specs/{name}.md"), text);
        repo.write(&format!(".chant/specs/bad {name}.md"), "---\na: [\n---\n");
    }
    let out = quiet(&repo, &["update"]);
    let said = String::from_utf8(out.stderr).unwrap();
    for line in said.lines() {
        assert!(line.starts_with("warning: "), "a line of its own: {said}");
    }
    let seen = inert(&repo, &[]);
    let text = repo.read("CHANGELOG.md");
    assert_eq!(seen.count("item"), names.len() + 1, "{text}");
    all_is_quiet(&repo);

    // An entry deleted by hand is excluded by a comment that ends at the right place.
    let line = text.lines().find(|line| line.contains("--\\>")).unwrap();
    repo.write("CHANGELOG.md", &text.replace(&format!("{line}\n"), ""));
    quiet(&repo, &["update"]);
    let after = repo.read("CHANGELOG.md");
    assert!(
        after.contains("<!-- relwatch:skip e --\\> f -->\n"),
        "{after}"
    );
    assert_eq!(markdown::seen(&after).count("html"), 1, "{after}");
    quiet(&repo, &["update"]);
    assert_eq!(repo.read("CHANGELOG.md"), after);
}

#[test]
fn changelogs_stay_as_they_are_and_say_nothing_to_a_terminal() {
    cases::run(
        texts("changelogs"),
        |(name, ..)| name.clone(),
        |(name, path)| {
            let sandbox = Sandbox::new();
            let repo = sandbox.repo("p");
            let bytes = fs::read(path).unwrap();
            fs::write(repo.path.join("CHANGELOG.md"), &bytes).unwrap();
            repo.git(&["add", "."]).ok();
            repo.git(&["commit", "-q", "-m", "docs: changelog"]).ok();
            quiet(&repo, &["init"]);
            repo.git(&["add", "-A"]).ok();
            repo.git(&["commit", "-q", "-m", "chore: relwatch"]).ok();
            repo.commit("feat: a <b>");
            for args in [
                &["update"][..],
                &["update", "--stdout"],
                &["status", "--json"],
                &["status"],
                &["notes", "0.1.0"],
                &["notes", "--unreleased"],
                &["release", "--dry-run"],
            ] {
                quiet(&repo, args);
            }
            let stored = repo
                .command("git")
                .args(["show", "HEAD:CHANGELOG.md"])
                .output();
            let kept = |text: &[u8]| text.to_ascii_lowercase();
            assert_eq!(kept(&stored.unwrap().stdout), kept(&bytes), "{name}");
            assert_eq!(repo.status(), "", "{name}");
        },
    );
}

#[test]
fn names_of_branches_tags_authors_and_components() {
    let sandbox = Sandbox::new();
    let repo = hosted(&sandbox, "p");
    let yaml = "web: {url: https://github.com/o/r}\nentry: '{text} ({refs}) by {author}'\nscopes: {api: \"# <b> \\e[31m [x](y)\"}\nissues: {trackers: {'J-\\S+': 'https://example.org/{}'}}\n";
    configure(&repo, yaml);
    let odd = "x<b>[y](javascript:alert(1))\u{202e}`";
    repo.git(&["checkout", "-q", "-b", "b\u{202e}<!--x"]).ok();
    repo.git(&["tag", "v0.1.1-\u{202e}x"]).ok();
    commit_by(
        &repo,
        b"fix(api): one\n",
        "](https://evil.example/30) \x1b[31m",
    );
    commit_by(
        &repo,
        b"fix: see [the docs\n\nCloses J-)](javascript:alert(1))\n",
        odd,
    );
    quiet(&repo, &["update"]);
    inert(
        &repo,
        &["https://example.org/J-%29%5D%28javascript:alert%281%29%29"],
    );
    all_is_quiet(&repo);
}

#[test]
fn a_tag_is_one_where_git_sees_one_whatever_its_headers_say() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    cases::in_turn(
        [
            "tagger A <a@example.org> 99999999999999999999999 +0000\n",
            "tagger nobody\n",
            "",
        ],
        |&header| header,
        |&header| {
            let tag = format!(
                "printf 'object %s\\ntype commit\\ntag v9.0.0\\n{}\\nx\\n' $(git rev-parse HEAD) | git hash-object -t tag -w --literally --stdin",
                header.replace('\n', "\\n")
            );
            let id = repo.sh(&tag).ok().stdout;
            repo.git(&["update-ref", "refs/tags/v9.0.0", id.trim()])
                .ok();
            assert_eq!(repo.git(&["describe"]).ok().stdout, "v9.0.0\n");
            let status = repo.relwatch(&["status"]).ok().stdout;
            assert!(
                status.contains("last release: v9.0.0"),
                "{header}: {status}"
            );
            for command in [
                &["update"][..],
                &["metrics"],
                &["releases"],
                &["notes", "--all"],
            ] {
                repo.relwatch(command).ok();
            }
        },
    );
    // A tag that names no commit is not a release, even if packed-refs peels it.
    repo.git(&["tag", "-a", "v9.9.0", "-m", "x", "HEAD^{tree}"])
        .ok();
    repo.git(&["pack-refs", "--all"]).ok();
    repo.relwatch(&["metrics"]).ok();
    let support = repo.relwatch(&["support"]).ok().stdout;
    assert!(
        support.contains("9.0.0") && !support.contains("9.9"),
        "{support}"
    );
}

#[test]
fn a_commit_is_one_where_git_sees_one_whatever_its_author_is() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "ignore: {paths: ['docs/*']}\n"); // paths are looked at, too
    repo.commit("feat: one (#1)");
    let odd = "printf 'tree %s\\nparent %s\\nauthor Somebody 1769000000 +0000\\ncommitter Somebody 1769000000 +0000\\n\\nfix: odd author\\n' $(git rev-parse HEAD^{tree} HEAD) | git hash-object -t commit -w --literally --stdin";
    let id = repo.sh(odd).ok().stdout.trim().to_owned();
    repo.git(&["reset", "--hard", &id]).ok();
    repo.git(&["branch", "other"]).ok();
    repo.relwatch(&["update"]).ok();
    let section = repo.section();
    assert!(section.contains("- Odd author"), "{section}");
    for words in [&id[..], &id[..8], "HEAD"] {
        let told = repo.relwatch(&["explain", words]).ok().stdout;
        assert!(told.contains("listed under Fixed"), "{words}: {told}");
    }
    repo.relwatch(&["release", "1.0.0", "--yes"]).ok();
    repo.relwatch(&["undo", "--yes"]).ok();
    // Text in a tag that is not a valid revision is ignored.
    for (tag, base) in [("v0.8.0", "^HEAD"), ("v0.9.0", &"deadbeef".repeat(5))] {
        let message = format!("x\n\nRelease-Base: {base}");
        repo.git(&["tag", "-a", tag, "-m", &message, &id]).ok();
    }
    repo.sh("git init -q --bare ../r.git && git remote add origin ../r.git && git push -q -u origin main").ok();
    repo.commit("feat: two (#2)");
    repo.sh(&format!("git reset -q --hard $({odd})")).ok();
    for command in [
        &["update"][..],
        &["status"],
        &["explain", "HEAD~3"],
        &["check"],
        &["metrics"],
        &["notes", "--all"],
        &["releases"],
        &["doctor"],
        &["release", "--yes"],
    ] {
        repo.relwatch(command).ok();
    }
}

#[test]
fn a_subject_of_a_megabyte_and_a_body_of_a_hundred_thousand_lines() {
    let sandbox = Sandbox::new();
    let repo = hosted(&sandbox, "p");
    commit(
        &repo,
        format!("fix: {}\n", "wörd [a](b) `".repeat(80_000)).as_bytes(),
    );
    commit(&repo, format!("feat: {}\n", "`".repeat(1 << 20)).as_bytes());
    let lines = "* item <b>\n# heading [x\n".repeat(50_000);
    commit(
        &repo,
        format!("feat!: many\n\nBREAKING CHANGE: do\n{lines}").as_bytes(),
    );
    quiet(&repo, &["update"]);
    let text = repo.read("CHANGELOG.md");
    let first = text.lines().filter(|line| line.len() > 3000).count();
    assert_eq!(first, 0, "a line that nobody reads");
    let seen = seen(&text);
    let headings = text.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!((seen.count("html"), seen.count("heading")), (0, headings));
    quiet(&repo, &["status"]);
}

/// The entries of a project with one more commit, without their references.
fn told(message: &str) -> String {
    let sandbox = Sandbox::new();
    let repo = hosted(&sandbox, "p");
    commit(&repo, message.as_bytes());
    quiet(&repo, &["update"]);
    inert(&repo, &[]);
    let lines = repo.section();
    let lines: Vec<String> = lines.lines().skip(2).map(without_references).collect();
    lines.join("\n")
}

#[test]
fn a_tag_behind_two_backslashes_was_live() {
    assert_eq!(told("fix: in \\\\<img src=x>"), "- In \\\\\\<img src=x>");
    assert_eq!(told("fix: in \\`a <b>`"), "- In \\`a \\<b>\\`");
}

#[test]
fn a_subject_led_to_another_site() {
    assert_eq!(
        told("fix: see [the docs](https://evil.example)"),
        "- See \\[the docs](https://evil.example)"
    );
}

#[test]
fn a_label_in_a_subject_led_to_the_page_of_the_release() {
    assert_eq!(told("fix: say [Unreleased]"), "- Say \\[Unreleased]");
}

#[test]
fn a_subject_that_was_a_number_became_a_list() {
    assert_eq!(told("fix: 1."), "- 1\\.");
}

#[test]
fn a_heading_behind_indented_backticks_was_a_heading() {
    let message = "feat!: a\n\nBREAKING CHANGE: b\n\n    ```\n# not code\n";
    assert_eq!(
        told(message),
        "- **Breaking:** A\n\n  b\n\n      ```\n  **not code**"
    );
}

#[test]
fn code_of_a_spec_got_out_of_its_fence_behind_the_breaking_mark() {
    let sandbox = Sandbox::new();
    let repo = hosted(&sandbox, "p");
    repo.write(
        ".chant/specs/2026-01-28-00b-sjc.md",
        "---\nstatus: completed\n---\n# A\n\n## Release Notes\n\n### Breaking Changes\n\n```\n# code\n<b>\n```\n",
    );
    quiet(&repo, &["update"]);
    let seen = inert(&repo, &[]);
    assert_eq!(seen.count("fence"), 1, "{}", repo.section());
}

#[test]
fn a_long_subject_lost_the_end_of_its_code() {
    let long = format!("fix: {} `<b {}`> z", "x".repeat(390), "y".repeat(40));
    let shown = told(&long);
    assert!(shown.contains("\\`\\<b"), "{shown}");
}

#[test]
fn a_reason_to_skip_ended_its_comment() {
    let sandbox = Sandbox::new();
    let repo = hosted(&sandbox, "p");
    let id = commit(&repo, b"fix: a\n");
    let reason = "no ----> # b <!-- c \u{1b}[31m";
    quiet(&repo, &["skip", &id[..7], "--reason", reason]);
    let text = repo.read("CHANGELOG.md");
    assert!(text.contains("relwatch:skip"), "{text}");
    assert!(!inert_but_comments(&text).text.contains("# b"), "{text}");
    quiet(&repo, &["skip", &id[..7], "--undo"]);
    assert!(!repo.read("CHANGELOG.md").contains("relwatch:skip"));
}

fn inert_but_comments(text: &str) -> Seen {
    let seen = seen(text);
    assert!(seen.count("html") <= 1, "{text}");
    seen
}
