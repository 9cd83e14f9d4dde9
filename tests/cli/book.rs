//! README.md and docs/ are correct: sessions run and print the documented output, links have targets, commands and messages exist, and
//! generated parts are up to date.
//!
//! `DOCS=write cargo test --test cli book::` updates the pages; `PAGE=path` runs the sessions of one page, `CHAPTER=title` those of one
//! chapter.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Command;

use crate::support::document::{self, line_matches};
use crate::support::{Sandbox, cases, demo, reference, sessions, texts};

/// The directories of pages below docs/.
const KINDS: [&str; 5] = [
    "tutorials",
    "how-to",
    "reference",
    "explanation",
    "contributing",
];

/// The page whose sessions `tests/cli/walks.rs` runs.
const EXAMPLES: &str = "docs/contributing/end-to-end-examples.md";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All pages, from the repository's root, with their text.
fn pages() -> Vec<(String, String)> {
    let root = root();
    let kinds = KINDS.iter().map(|kind| root.join("docs").join(kind));
    let pages = kinds.flat_map(|kind| texts::files(&kind, "md"));
    let names = pages.map(|page| {
        page.strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    });
    let mut paths: Vec<String> = names.collect();
    paths.extend(["README.md", "CONTRIBUTING.md"].map(String::from));
    paths.sort();
    let read = |path: String| {
        let text = fs::read_to_string(root.join(&path)).unwrap();
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// Compares a generated file with its sources, or writes it.
#[track_caller]
fn is_made(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var("DOCS").as_deref() == Ok("write") {
        fs::write(&file, text).unwrap();
    }
    let there = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        there == text,
        "{path} is not what the sources make; run `DOCS=write cargo test --test cli book::`"
    );
}

#[test]
fn readme() {
    sessions::check("README.md");
}

/// Runs the sessions of all pages of a kind.
fn sessions_of(kind: &str) {
    let pages = pages().into_iter();
    let of_kind = pages.filter(|(path, text)| {
        path.starts_with(&format!("docs/{kind}/"))
            && path != EXAMPLES
            && text.contains("\n```console")
    });
    cases::in_turn_by(
        "PAGE",
        of_kind,
        |(path, _)| path.clone(),
        |(path, _)| sessions::check(path),
    );
}

#[test]
fn tutorials() {
    sessions_of("tutorials");
}

#[test]
fn how_to() {
    sessions_of("how-to");
}

#[test]
fn reference_pages() {
    sessions_of("reference");
}

#[test]
fn explanation() {
    sessions_of("explanation");
}

/// The session that needs a clone of chant: `CHANT=REPOSITORY`.
#[test]
#[ignore = "needs a repository of somebody else's"]
fn status_on_a_real_history() {
    let repository = std::env::var("CHANT").unwrap();
    let text = fs::read_to_string(root().join("docs/reference/status.md")).unwrap();
    let sandbox = Sandbox::new();
    let repo = sandbox.at("project");
    fs::create_dir(&repo.path).unwrap();
    repo.sh(&format!(
        "git clone -q '{repository}' . 2>&1 && git checkout -q -B main 'v0.14.0^' && git tag -d v0.14.0 && git remote remove origin
        for tag in $(git tag --no-merged HEAD); do git tag -d $tag; done"
    ))
    .ok();
    let mut count = 0;
    for chapter in document::chapters(&text) {
        for block in chapter.blocks.iter().filter(|b| b.name == "chant") {
            let (_, differing) = sessions::session(&repo, block);
            assert!(differing.is_empty(), "{}", differing.join("\n"));
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn every_session_is_run() {
    cases::in_turn(
        pages(),
        |(path, _)| path.clone(),
        |(path, text)| {
            let mut fence = None;
            for (number, line) in text.lines().enumerate() {
                if let Some(info) = line.strip_prefix("```") {
                    fence = match fence {
                        None => Some(info.split(' ').next().unwrap().to_owned()),
                        Some(_) => None,
                    };
                }
                if !line.trim_start().starts_with("$ ") {
                    continue;
                }
                let is_run = path == "README.md"
                    || path == EXAMPLES
                    || path.starts_with("docs/") && !path.starts_with("docs/contributing/");
                assert!(
                    is_run && fence.as_deref() == Some("console"),
                    "{path}:{}: nothing runs `{}`; put it into a block of `console`",
                    number + 1,
                    line.trim()
                );
            }
        },
    );
}

/// The texts in backticks, and the lines of blocks.
fn code(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            all.push(line.trim_start().trim_start_matches("$ ").to_owned());
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            all.extend(spans.map(str::to_owned));
        }
    }
    all
}

/// Whether the commands and options of a line exist. Words in capitals are placeholders.
fn is_known(command: &Command, line: &str) -> Result<(), String> {
    let line = line
        .split(['#', '|', '>', ';', '&', '"', '\''])
        .next()
        .unwrap();
    let line = line.replace(['[', ']', ',', '…'], " ");
    let mut at = command;
    let mut is_open = true;
    for word in line.split_whitespace().skip(1) {
        if let Some(option) = word.strip_prefix("--") {
            let name = option.split('=').next().unwrap();
            let mut known = at.get_arguments().chain(command.get_arguments());
            let is_built_in = ["help", "version"].contains(&name);
            if !is_built_in && !known.any(|arg| arg.get_long() == Some(name)) {
                return Err(format!("--{name}"));
            }
        } else if is_open {
            match at.find_subcommand(word) {
                Some(below) => at = below,
                None if at.has_subcommands() && word.chars().all(|c| c.is_ascii_lowercase()) => {
                    return Err(word.to_owned());
                }
                None => is_open = false,
            }
        }
    }
    Ok(())
}

#[test]
fn every_command_and_option_that_is_named_exists() {
    let command = relwatch::cli::command();
    let git_calls = ["hook", "filter", "merge-driver"];
    let is_call = |line: &String| {
        let Some(rest) = line.strip_prefix("relwatch ") else {
            return false;
        };
        let is_gits = git_calls.contains(&rest.split(' ').next().unwrap());
        // Output of relwatch, such as its version.
        let is_answer = rest.starts_with(|c: char| c.is_ascii_digit());
        !is_gits && !is_answer && !rest.starts_with('…')
    };
    let all = pages().into_iter().flat_map(|(path, text)| {
        let calls = code(&text).into_iter().filter(is_call);
        calls.map(|line| (path.clone(), line)).collect::<Vec<_>>()
    });
    let seen = cases::in_turn(
        all,
        |(path, line)| format!("{path}: `{line}`"),
        |(_, line)| {
            if let Err(word) = is_known(&command, line) {
                panic!("there is no {word}");
            }
        },
    );
    assert!(seen.len() > 100, "{}", seen.len());
}

/// The anchors of a page, as forges and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut all = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        let title = line.trim_start_matches('#');
        if fenced || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let kept = |c: &char| c.is_alphanumeric() || "-_ ".contains(*c);
        let slug: String = title.trim().to_lowercase().chars().filter(kept).collect();
        all.insert(slug.replace(' ', "-"));
    }
    all
}

/// Targets of links in the running text.
fn links(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut all = Vec::new();
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if fenced {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            all.push(line[at + 2..].split(')').next().unwrap().to_owned());
        }
    }
    all
}

#[test]
fn every_link_leads_somewhere() {
    let all = pages().into_iter().flat_map(|(path, text)| {
        let links = links(&text).into_iter();
        let inner = links.filter(|link| !link.starts_with("http"));
        inner.map(|link| (path.clone(), link)).collect::<Vec<_>>()
    });
    let seen = cases::in_turn(
        all,
        |(path, link)| format!("{path}: {link}"),
        |(path, link)| {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => root().join(path),
                _ => root().join(Path::new(path).parent().unwrap()).join(file),
            };
            assert!(target.exists(), "there is no {}", target.display());
            if !anchor.is_empty() {
                let there = anchors(&fs::read_to_string(&target).unwrap());
                assert!(there.contains(anchor), "there are {there:?}");
            }
        },
    );
    assert!(seen.len() > 40, "{}", seen.len());
}

#[test]
fn the_summary_names_every_page_once() {
    let text = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let mut named: Vec<String> = links(&text)
        .iter()
        .map(|link| format!("docs/{link}"))
        .collect();
    named.sort();
    let pages = pages().into_iter().map(|(path, _)| path);
    let there: Vec<String> = pages.filter(|path| path.starts_with("docs/")).collect();
    assert_eq!(named, there);
    let book = fs::read_to_string(root().join("book.toml")).unwrap();
    assert!(book.contains("src = \"docs\""));
}

#[test]
fn the_configuration_page_is_made_from_the_sources() {
    is_made("docs/reference/configuration.md", &reference::page());
}

/// The beginning of docs/reference/commands.md.
const COMMANDS: &str = "# Commands

This page lists every command with its options, as `--help` prints them. First come the commands by what you want to do, as `relwatch help` prints them.

Every command accepts `-C DIR`, `-v`, `-q` and `--color auto|always|never`. With `-q`, `--quiet`, relwatch prints only what you ask to see (such as the output of
`status`, `notes`, `check` or `doctor`, a plan of `--dry-run`, JSON), the context of a question, and errors. It prints no report of what it did, no warnings and no progress,
unless the exit code is not 0. Your own gates, hooks and steps print as usual. `--color` has precedence over `NO_COLOR` and `CLICOLOR_FORCE`.

This page is made by `DOCS=write cargo test --test cli book::`.
";

#[test]
fn the_page_of_commands_is_made_from_them() {
    let sandbox = Sandbox::new();
    let here = sandbox.at("home");
    let mut page = COMMANDS.to_owned();
    let tasks = here.relwatch(&["help"]).ok().stdout;
    page.push_str(&format!("\n```text\n{tasks}```\n"));
    let mut open: Vec<Vec<String>> = Vec::new();
    below(&relwatch::cli::command(), &[], &mut open);
    for path in open {
        let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = here.relwatch(&words).ok().stdout;
        let level = "#".repeat(path.len() + 1);
        page.push_str(&format!(
            "\n{level} relwatch {}\n\n```text\n{help}```\n",
            path.join(" ")
        ));
    }
    is_made("docs/reference/commands.md", &page);
}

fn below(command: &Command, path: &[String], all: &mut Vec<Vec<String>>) {
    for each in command.get_subcommands().filter(|each| !each.is_hide_set()) {
        let path: Vec<String> = path
            .iter()
            .cloned()
            .chain([each.get_name().to_owned()])
            .collect();
        all.push(path.clone());
        below(each, &path, all);
    }
}

/// The messages of the program, with `…` in place of placeholders.
fn messages() -> Vec<String> {
    let filled = regex_lite::Regex::new(r"\{[^{}]*\}").unwrap();
    let sources = texts::files(&root().join("src"), "rs");
    let all = sources.iter().flat_map(|path| texts::of_file(path));
    let plain = all.map(|text| text.replace("{{", "\u{1}").replace("}}", "\u{2}"));
    let masked = plain.map(|text| filled.replace_all(&text, "…").into_owned());
    masked
        .map(|text| text.replace('\u{1}', "{").replace('\u{2}', "}"))
        .collect()
}

#[test]
fn every_message_that_troubleshooting_explains_is_said() {
    let said = messages();
    let text = fs::read_to_string(root().join("docs/reference/messages.md")).unwrap();
    let quoted: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("### ")?
                .strip_prefix("``")?
                .strip_suffix("``")
        })
        .map(str::trim)
        .collect();
    assert!(quoted.len() > 20, "{}", quoted.len());
    let is_said = |words: &str| {
        let anywhere = format!("…{words}…");
        let mut lines = said.iter().flat_map(|text| text.lines());
        lines.any(|line| line_matches(&anywhere, line))
    };
    cases::in_turn(
        quoted,
        |&message| message,
        |message| {
            // The problem and its remedy are two texts.
            let mut ends = message.match_indices("; ").map(|(at, _)| at);
            let in_two = |at| is_said(&message[..at]) && is_said(&message[at + 2..]);
            assert!(
                is_said(message) || ends.any(in_two),
                "relwatch never says that"
            );
        },
    );
}

#[test]
fn the_recording_is_made_from_the_tour() {
    let tour = fs::read_to_string(root().join("docs/tutorials/first-release.md")).unwrap();
    let chapters = document::chapters(&tour);
    let blocks = chapters.iter().flat_map(|chapter| &chapter.blocks);
    let scenes: Vec<(&str, &str)> = blocks
        .filter_map(|block| Some((block.name.strip_prefix("demo: ")?, block.text.as_str())))
        .collect();
    assert!(scenes.len() > 4, "{scenes:?}");
    is_made("docs/demo.svg", &demo::svg(&scenes));
}
