//! Runs the sessions in documents: they write files, set a project up, run the commands after `$` and compare the output.

use super::document::{self, Block, Chapter};
use super::{Repo, Sandbox, cases, stand_ins};

/// A command of a session, with its documented output and exit code.
struct Exchange {
    shown: String,
    command: String,
    documented: String,
}

fn exchanges(session: &str) -> Vec<Exchange> {
    let mut all: Vec<Exchange> = Vec::new();
    for line in session.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            all.push(Exchange {
                shown: format!("{line}\n"),
                command: command.to_owned(),
                documented: String::new(),
            });
            continue;
        }
        let last = all.last_mut().unwrap(); // a session begins with a command
        match line.strip_prefix("> ") {
            Some(more) if last.documented.is_empty() => {
                last.shown.push_str(&format!("{line}\n"));
                last.command.push_str(&format!("\n{more}"));
            }
            _ => last.documented.push_str(&format!("{line}\n")),
        }
    }
    all
}

/// Runs a session. Returns its actual text, and the differences.
pub fn session(repo: &Repo<'_>, block: &Block) -> (String, Vec<String>) {
    let mut real = String::new();
    let mut differing = Vec::new();
    for exchange in exchanges(&block.text) {
        let ran = repo.sh(&format!("exec 2>&1\n{}", exchange.command));
        let mut printed = ran.stdout;
        if !printed.is_empty() && !printed.ends_with('\n') {
            printed.push('\n');
        }
        if ran.code != 0 {
            printed.push_str(&format!("[{}]\n", ran.code));
        }
        real.push_str(&exchange.shown);
        if document::is_as_documented(&exchange.documented, &printed) {
            real.push_str(&exchange.documented);
        } else {
            differing.push(format!(
                "{}--- documented\n{}--- printed\n{printed}",
                exchange.shown, exchange.documented
            ));
            real.push_str(&masked(&printed));
        }
    }
    (real, differing)
}

/// The text with `…` in place of commit IDs.
fn masked(text: &str) -> String {
    let is_id = |word: &str| {
        word.len() == 7
            && word.chars().all(|c| c.is_ascii_hexdigit())
            && word.contains(|c: char| c.is_ascii_digit())
    };
    let word = |word: &str| {
        if is_id(word.trim_matches(|c: char| !c.is_ascii_alphanumeric())) {
            word.replace(|c: char| c.is_ascii_hexdigit(), "\u{0}")
        } else {
            word.to_owned()
        }
    };
    let words = text.split_inclusive([' ', '\n']).map(word);
    words.collect::<String>().replace(&"\u{0}".repeat(7), "…")
}

/// Runs a chapter in an empty directory. Returns each session's place with its actual text, and the differences. A session with a name
/// needs further set-up.
fn walk(chapter: &Chapter) -> Vec<(Block, String, Vec<String>)> {
    let sandbox = Sandbox::of_old(); // sessions show names of commits
    stand_ins::install(&sandbox);
    let repo = sandbox.at("project");
    std::fs::create_dir(&repo.path).unwrap();
    let mut sessions = Vec::new();
    for block in &chapter.blocks {
        match (block.language.as_str(), block.name.as_str()) {
            ("console", name) if name.is_empty() || name.starts_with("demo: ") => {
                let (real, differing) = session(&repo, block);
                sessions.push((block.clone(), real, differing));
            }
            ("sh", "set-up") => {
                let ran = repo.sh(&format!("set -e\n{}", block.text)).ok();
                assert_eq!(ran.stderr, "", "{}", chapter.title);
            }
            (_, "") | ("console" | "text", _) => {}
            (_, path) => repo.write(path, &block.text),
        }
    }
    sessions
}

/// Runs the chapters of a document in this repository. `DOCS=write` updates the document; `CHAPTER=words` runs only the chapters whose
/// titles contain these words.
#[track_caller]
pub fn check(path: &str) {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let is_written = std::env::var("DOCS").as_deref() == Ok("write");
    let only = std::env::var("CHAPTER").unwrap_or_default();
    let mut chapters = document::chapters(&text);
    chapters.retain(|chapter| {
        let mut blocks = chapter.blocks.iter();
        chapter.title.contains(&only) && blocks.any(|block| block.language == "console")
    });
    let walked = cases::run(
        chapters,
        |chapter| chapter.title.clone(),
        |chapter| {
            let sessions = walk(chapter);
            let differing = sessions.iter().flat_map(|(block, _, differing)| {
                let line = block.line + 1;
                differing
                    .iter()
                    .map(move |one| format!("line {line}:\n{one}\n"))
            });
            let report: String = differing.collect();
            assert!(
                report.is_empty() || is_written,
                "{path}: DOCS=write writes it:\n{report}"
            );
            sessions
        },
    );
    if is_written {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (block, real, _) in walked.iter().flatten().rev() {
            let end = block.line + block.text.lines().count();
            lines.splice(block.line..end, real.lines().map(str::to_owned));
        }
        std::fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();
    }
}
