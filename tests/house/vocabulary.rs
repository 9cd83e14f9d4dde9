//! The words of the field, in what people read: messages, help, documentation. The program used to have a voice of its own, over which
//! readers stumbled.

use std::fs;
use std::path::Path;

use regex_lite::Regex;

use crate::texts::{self, files};

/// What is not written, and what is written in its place.
const WORDS: &[(&str, &str)] = &[
    (r"mend(s|ed|ing)?|troubles?", "fix, problem"),
    (r"told|tells?", "listed, shown, described, says"),
    (r"speaks? for", "replaces the entries of"),
    (
        r"left out|leaves? out|covered|covers",
        "excluded, superseded",
    ),
    (r"holds?", "contains, has"),
    (r"(take|takes|took|taken) (\w+ )?back", "undo, roll back"),
    (r"box(es)?", "checklist item"),
    (r"facts?", "field"),
    (r"no figure", "n/a"),
    (r"concluded", "inferred"),
    (r"candidates?", "pre-release"),
    (r"list of releases", "release manifest"),
    (r"folders?", "directory"),
    (r"parted", "separated"),
    (r"a person's (line|entry)", "hand-written entry"),
    (r"steps? of publishing", "publish step"),
    (r"stands?|stood", "is"),
    (r"anew", "rebuilds, again"),
    (r"as before|as it was", "unchanged, restored"),
    (r"whoever|shall", "if you …"),
];

/// Where such a word is right: the end of the path, a part of the text, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "explain.rs",
        "left out",
        "a word of JSON, which keeps its words as long as its schema",
    ),
    ("skip.rs", "then hold the spec", "the name of a command"),
    ("help.rs", "relwatch hold", "the name of a command"),
    ("help.rs", "--done tell", "the name of a step"),
    (
        "bookkeeping.rs",
        "release version|candidate",
        "what other tools write into commits",
    ),
    ("commands.md", "relwatch hold", "the name of a command"),
    ("commands.md", "--done tell", "the name of a step"),
    (
        "end-to-end-examples.md",
        "tell people",
        "what the user does",
    ),
    (
        "end-to-end-examples.md",
        "Tell the testers",
        "what the user does",
    ),
    (
        "end-to-end-examples.md",
        "stand-ins",
        "programs that take the place of others",
    ),
    (
        "end-to-end-examples.md",
        "covered by",
        "which example tests what",
    ),
    (
        "undo-and-withdraw.md",
        "tell your users",
        "what the user does",
    ),
    (
        "CONTRIBUTING.md",
        "stand-ins",
        "programs that take the place of others",
    ),
];

#[test]
fn people_read_the_words_of_the_field() {
    let words = WORDS.iter().map(|(word, _)| *word);
    let words = words.collect::<Vec<_>>().join("|");
    let words = Regex::new(&format!(r"(?i)\b(?:{words})\b")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut read, mut found) = (0, Vec::new());
    let mut look = |path: &Path, text: &str| {
        read += 1;
        let plain = without_code(text);
        let is_excepted = |at: usize| {
            let here = EXCEPTIONS
                .iter()
                .filter(|(end, ..)| path.to_string_lossy().ends_with(end));
            let mut near = here.flat_map(|(_, part, _)| {
                let places = plain.match_indices(part);
                places.map(|(start, part)| start..start + part.len())
            });
            near.any(|range| range.contains(&at))
        };
        for hit in words
            .find_iter(&plain)
            .filter(|hit| !is_excepted(hit.start()))
        {
            let better = WORDS.iter().find(|(word, _)| {
                let word = Regex::new(&format!("(?i)^(?:{word})$")).unwrap();
                word.is_match(hit.as_str())
            });
            let path = path.strip_prefix(root).unwrap().display();
            let (_, better) = better.unwrap();
            found.push(format!(
                "{path}: `{}`, better: {better}\n    {text}",
                hit.as_str()
            ));
        }
    };
    for path in files(&root.join("src"), "rs") {
        for text in texts::of_file(&path) {
            look(&path, &text);
        }
    }
    let mut pages = files(&root.join("docs"), "md");
    pages.extend(["README.md", "CONTRIBUTING.md"].map(|name| root.join(name)));
    for path in pages {
        for line in prose(&path) {
            look(&path, &line);
        }
    }
    assert!(read > 5000, "{read}");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The lines of a page that are no code; of the page of commands, the code as well: it is their help.
fn prose(path: &Path) -> Vec<String> {
    let is_help = path.ends_with("commands.md");
    let text = fs::read_to_string(path).unwrap();
    let (mut is_code, mut is_comment) = (false, false);
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if line.starts_with("<!--") || is_comment {
            is_comment = !line.contains("-->");
        } else if !is_code || is_help {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// A text without code, placeholders and addresses.
fn without_code(text: &str) -> String {
    let code = Regex::new(r"``[^`].*?``|`[^`]*`|\{[^{}]*\}|\]\([^)]*\)|<[^<> ]*>").unwrap();
    code.replace_all(text, " ").into_owned()
}
