//! Broken specs and configurations: one clear line with the file and its line each, and everything else still works.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Repo, Sandbox, cases, project};

const FOLDER: &str = ".chant/specs";

/// A change to the directory of specs, and the warning that it gives; none if git and the other tools would not warn either.
type Case = (&'static str, fn(&Repo<'_>), Option<&'static str>);

fn bytes(repo: &Repo<'_>, bytes: &[u8]) {
    fs::write(repo.path.join(FOLDER).join("bad.md"), bytes).unwrap();
}

fn front(repo: &Repo<'_>, front: &str) {
    bytes(repo, format!("---\n{front}\n---\n# Bad\n").as_bytes());
}

const SPECS: &[Case] = &[
    (
        "invalid YAML",
        |repo| front(repo, "type: code\nstatus: [completed"),
        Some(".chant/specs/bad.md:4: "),
    ),
    (
        "a tab",
        |repo| front(repo, "type: code\nlabels:\n\t- fix"),
        Some(".chant/specs/bad.md:4: "),
    ),
    (
        "a key twice",
        |repo| front(repo, "status: completed\ntype: code\nstatus: pending"),
        Some(".chant/specs/bad.md:4: "),
    ),
    (
        "front matter without end",
        |repo| bytes(repo, b"---\nstatus: completed\n# Bad\n"),
        Some(".chant/specs/bad.md:1: the front matter is not closed by a line `---`"),
    ),
    (
        "a list for a mapping",
        |repo| front(repo, "- status"),
        Some(".chant/specs/bad.md:2: "),
    ),
    (
        "not UTF-8",
        |repo| bytes(repo, b"---\nstatus: completed\n---\n# Caf\xe9\n"),
        Some(".chant/specs/bad.md:4: not UTF-8"),
    ),
    (
        "50 MB",
        |repo| bytes(repo, &vec![b'x'; 50 << 20]),
        Some(".chant/specs/bad.md"),
    ),
    (
        "10,000 nested aliases",
        |repo| {
            let lines = (1..10_000).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1));
            front(repo, &format!("a0: &a0 x\n{}", lines.collect::<String>()));
        },
        Some(".chant/specs/bad.md:"),
    ),
    (
        "an alias bomb",
        |repo| {
            let lines = (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}]\n", n - 1));
            front(repo, &format!("a0: &a0 x\n{}", lines.collect::<String>()));
        },
        Some(".chant/specs/bad.md:"),
    ),
    (
        "100,000 brackets",
        |repo| front(repo, &format!("labels: {}", "[".repeat(100_000))),
        Some(".chant/specs/bad.md:2: "),
    ),
    (
        "a link to itself",
        |repo| symlink("bad.md", repo.path.join(FOLDER).join("bad.md")).unwrap(),
        None,
    ),
    (
        "a loop of folders",
        |repo| symlink(".", repo.path.join(FOLDER).join("loop")).unwrap(),
        None,
    ),
    (
        "a folder with a file's name",
        |repo| fs::create_dir(repo.path.join(FOLDER).join("bad.md")).unwrap(),
        None,
    ),
    (
        "a pipe",
        |repo| {
            repo.sh("mkfifo .chant/specs/bad.md").ok();
        },
        None,
    ),
    ("nothing in it", |repo| bytes(repo, b""), None),
    (
        "a name with dots",
        |repo| {
            repo.write(
                ".chant/specs/..bad..md",
                "---\nstatus: completed\n---\n# Dots\n",
            )
        },
        None,
    ),
    (
        "a name with an escape sequence",
        |repo| {
            repo.write(
                ".chant/specs/\u{1b}[31mbad.md",
                "---\nstatus: [\n---\n# Red\n",
            );
        },
        Some(".chant/specs/bad.md:"),
    ),
    (
        "a driver that is its own member's member",
        |repo| {
            repo.write(".chant/specs/bad.1.md", "---\nstatus: pending\n---\n# A\n");
            repo.write(
                ".chant/specs/bad.1.1.md",
                "---\nstatus: pending\n---\n# B\n",
            );
        },
        None,
    ),
    (
        "a cycle",
        |repo| {
            front(repo, "type: task\ninformed_by:\n  - worse");
            repo.write(
                ".chant/specs/worse.md",
                "---\ninformed_by: [.chant/specs/bad.md]\n---\n# Worse\n",
            );
        },
        Some(".chant/specs/bad.md:4: `informed_by` leads back to itself: bad, worse, bad"),
    ),
    (
        "a spec that is not there",
        |repo| {
            front(
                repo,
                "labels: [release]\ninformed_by:\n  - .chant/specs/gone.md",
            )
        },
        Some(
            ".chant/specs/bad.md:4: `informed_by` names .chant/specs/gone.md, which does not exist",
        ),
    ),
];

#[test]
fn a_broken_spec_costs_one_line_and_nothing_else() {
    let sandbox = Sandbox::new();
    cases::run(
        SPECS,
        |(what, ..)| *what,
        |&(what, make, expected)| {
            let repo = project(&sandbox, what);
            repo.write(
                ".chant/specs/2026-01-29-001-abc.md",
                "---\nstatus: completed\n---\n# Add a lock\n",
            );
            make(&repo);
            repo.commit("feat: still here");
            let ran = repo.relwatch(&["specs"]).ok();
            match expected {
                Some(expected) => {
                    assert!(ran.stderr.contains(expected), "{what}: {ran:?}");
                    assert_eq!(ran.stderr.lines().count(), 1, "{what}: {ran:?}");
                    assert!(!ran.stderr.contains('\u{1b}'), "{what}: {ran:?}");
                }
                None => assert_eq!(ran.stderr, "", "{what}"),
            }
            assert!(ran.stdout.contains("2026-01-29-001-abc"), "{what}: {ran:?}");
            repo.relwatch(&["update"]).ok();
            let section = repo.section();
            for line in ["- Add a lock (2026-01-29-001-abc)", "- Still here ("] {
                assert!(section.contains(line), "{what}: {section}");
            }
            repo.relwatch(&["status"]).ok();
            repo.relwatch(&["explain", "2026-01-29-001-abc"]).ok();
        },
    );
}

pub const CONFIGURATIONS: &[(&str, &str)] = &[
    ("tag: v{version}\nbranchs: [main]\n", "relwatch.yml:2: "),
    ("a: b\ntag: [\n", "relwatch.yml:"),
    ("tag:\n\t- x\n", "relwatch.yml:2: "),
    ("tag: a{version}\ntag: b{version}\n", "relwatch.yml:2: "),
    (
        "\ntag: v1\n",
        "relwatch.yml:2: tag: `v1` must contain {version} once",
    ),
    ("\n\nchangelog: ../CHANGELOG.md\n", "relwatch.yml:3: "),
    ("changelog: /etc/passwd\n", "relwatch.yml:1: "),
    (
        "specs: chants\n",
        "relwatch.yml:1: specs: `chants` is none of chant, changesets",
    ),
    ("specs:\n  - chant\n  - {file: x}\n", "relwatch.yml:3: "),
    ("specs:\n  files: '../*.md'\n", "relwatch.yml:2: "),
    ("specs:\n  files: 'a/[.md'\n", "relwatch.yml:2: "),
    (
        "specs:\n  files: 'a/*.md'\n  id: '(['\n",
        "relwatch.yml:3: ",
    ),
    (
        "specs:\n  files: 'a/*.md'\n  archive: ../{id}\n",
        "relwatch.yml:3: ",
    ),
    ("categories: keep\n", "relwatch.yml:1: "),
    (
        "categories:\n  - {title: A, of: [added]}\n  - {title: A, of: [fixed]}\n",
        "relwatch.yml:3: categories: the category `A` is there twice",
    ),
    (
        "categories:\n  - {title: Unreleased, of: [added]}\n",
        "relwatch.yml:2: ",
    ),
    (
        "categories:\n  - {title: A, of: [added]}\n  - {title: B, of: [added]}\n",
        "relwatch.yml:3: categories: `added` is listed twice",
    ),
    ("changelog: relwatch.yml\n", "relwatch.yml:1: "),
    ("changelog: .git/x\n", "relwatch.yml:1: "),
    ("changelog: .GIT/x\n", "relwatch.yml:1: "),
    ("manifest: git~1/x\n", "relwatch.yml:1: "),
    ("\ntag: 'rel/{version}..x'\n", "relwatch.yml:2: "),
    ("issues:\n  trackers: {'x*': null}\n", "relwatch.yml:2: "),
    ("types:\n  feat: hidden\n", "relwatch.yml:2: "),
    ("entry: '{txt} {refs}'\n", "relwatch.yml:1: "),
    ("issues:\n  trackers:\n    '([': null\n", "relwatch.yml:3: "),
    (
        "issues:\n  trackers:\n    'J-\\d+': ftp://x\n",
        "relwatch.yml:3: ",
    ),
    ("web:\n  url: nowhere\n", "relwatch.yml:2: "),
    ("storage: both\n", "relwatch.yml:1: "),
    ("squash: yes\n", "relwatch.yml:1: "),
    ("ignore: {authors: ['(']}\n", "relwatch.yml:1: "),
    ("- a\n", "relwatch.yml:1: "),
    ("branches: main\n", "relwatch.yml:1: "),
];

#[test]
fn a_broken_configuration_costs_one_line_and_loses_nothing() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one");
    let before = repo.read("CHANGELOG.md");
    cases::in_turn(
        CONFIGURATIONS,
        |(text, ..)| *text,
        |&(text, expected)| {
            repo.write("relwatch.yml", text);
            let ran = repo.relwatch(&["status"]).code(2);
            assert!(
                ran.stderr.starts_with(&format!("relwatch: {expected}")),
                "{text:?}: {expected}\n{ran:?}"
            );
            assert_eq!(ran.stderr.lines().count(), 1, "{text:?}: {ran:?}");
            assert_eq!(ran.stdout, "");
            // git goes on as ever.
            let commit = repo
                .git(&["commit", "-q", "--allow-empty", "-m", "fix: two"])
                .ok();
            assert_eq!(commit.stdout, "");
            assert_eq!(commit.stderr.lines().count(), 1, "{commit:?}");
            assert_eq!(repo.read("CHANGELOG.md"), before);
            assert!(
                repo.status()
                    .lines()
                    .all(|line| line.ends_with("relwatch.yml")),
                "{}",
                repo.status()
            );
        },
    );
    repo.git(&["checkout", "-q", "relwatch.yml"]).ok();
    repo.relwatch(&["update"]).ok();
    assert!(repo.section().contains("- Two ("), "{}", repo.section());
}

#[test]
fn a_configuration_that_is_no_text_or_too_long_is_named() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    cases::in_turn(
        [
            (
                b"tag: v{version} # caf\xe9\n".to_vec(),
                "relwatch.yml:1: not UTF-8",
            ),
            (vec![b'#'; 1 << 20], "relwatch.yml"),
        ],
        |(_, expected)| *expected,
        |(bytes, expected)| {
            fs::write(repo.path.join("relwatch.yml"), bytes).unwrap();
            let ran = repo.relwatch(&["status"]);
            assert!(ran.code != 0 && ran.stderr.contains(expected), "{ran:?}");
        },
    );
}
