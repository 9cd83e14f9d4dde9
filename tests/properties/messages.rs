//! Messages: each change becomes one inert item.

use std::collections::HashSet;

use relwatch::config::Config;
use relwatch::domain::changelog::view::view;
use relwatch::domain::commit::id::CommitId;
use relwatch::domain::commit::message::Commit;
use relwatch::domain::entry::reference::References;
use relwatch::domain::entry::{gather, model::Input};
use relwatch::domain::release::selection::Selection;
use relwatch::domain::text::{inert, links, terminal};
use relwatch::sys::cache::Cache;
use relwatch::sys::git::CommitObject;

use super::markdown::{Seen, seen};
use super::text_of;

/// A changelog whose labels a text might use.
const AROUND: &str = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-01\n\n- old\n\n[Unreleased]: https://example.org/compare\n[1.0.0]: https://example.org/1.0.0\n[a]: https://example.org/a\n[^1]: note\n";

/// Nothing that a terminal obeys, and nothing that hides or turns text around.
pub fn is_quiet(text: &str) -> bool {
    let odd = |c: char| (c.is_control() && c != '\n') || terminal::is_unseen(c);
    !text.contains(odd)
}

/// Any text, as one line and as several.
pub fn text(bytes: &[u8]) {
    let raw = text_of(bytes);
    assert!(is_quiet(&terminal::printable(&raw)));
    let lines = terminal::printable_lines(&raw).replace("\r\n", "\n");
    assert!(!lines.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
    let line = inert::inline(&raw);
    assert!(is_quiet(&line) && !line.contains('\n'), "{line:?}");
    if !line.is_empty() {
        let made = in_a_changelog(&line);
        assert_eq!(made.parts, plain().parts, "{line:?} is seen as {made:#?}");
    }
    let short = inert::title(&raw, 12);
    if !short.is_empty() {
        assert_eq!(in_a_changelog(&short).parts, plain().parts, "{short:?}");
    }

    let block = inert::block(&raw);
    assert!(is_quiet(&block), "{block:?}");
    if !block.is_empty() {
        is_kept_in(&in_a_changelog(&block), &block);
    }
}

/// What an item of plain words looks like.
fn plain() -> Seen {
    in_a_changelog("words")
}

/// A text as an entry in a changelog, with the link that the template makes.
fn in_a_changelog(entry: &str) -> Seen {
    let (head, tail) = entry.split_once('\n').unwrap_or((entry, ""));
    let tail: String = tail.lines().map(indented).collect();
    let item = format!("## [Unreleased]\n\n- {head}\n{tail}- next ([#1](https://example.org/1))\n");
    seen(&AROUND.replacen("## [Unreleased]\n", &item, 1))
}

fn indented(line: &str) -> String {
    match line {
        "" => "\n".into(),
        line => format!("  {line}\n"),
    }
}

/// Whether a text of several lines stays within its item, and has no more in it than Markdown may have there.
fn is_kept_in(made: &Seen, text: &str) {
    let plain = plain();
    let about = format!("{text:?} is seen as {made:#?}");
    assert_eq!(made.count("heading"), plain.count("heading"), "{about}");
    assert_eq!(made.count("html"), 0, "{about}");
    assert_eq!(made.count("footnote"), plain.count("footnote"), "{about}");
    assert!(made.text.contains("\nnext (#1)"), "{about}");
    for url in made.links.iter().chain(&made.images) {
        assert!(links::is_safe_address(url), "{about}");
    }
    for (shown, url) in made.shown.iter().zip(&made.links) {
        assert!(!lies(shown, url), "{about}");
    }
}

/// Whether a link with these words leads elsewhere than they say, or out of the project.
fn lies(shown: &str, url: &str) -> bool {
    let lower = url.to_lowercase();
    let host = match lower.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#', ':']).next().unwrap(),
        None => lower.split(['@', '?']).nth(1).unwrap_or(""),
    };
    let host = host.trim_end_matches('.').trim_start_matches("www.");
    if url.strip_prefix("mailto:") == Some(shown) {
        return false; // it shows itself
    }
    let is_own_name = !url.contains(':') && url.ends_with(shown);
    // Names of software.
    let shown = shown.replace(".NET", "").replace(".IO", "");
    let shown = shown.to_lowercase().replace(['\u{200c}', '\u{200d}'], "");
    let lies = shown.split_whitespace().any(|word| {
        let word = word.split_once("://").map_or(word, |(_, rest)| rest);
        let name = word.split(['/', '?', '#']).next().unwrap();
        let hosts = name.split(|c: char| !c.is_alphanumeric() && !"-.".contains(c));
        let is_host = |name: &&str| {
            [".com", ".org", ".net", ".io", ".dev", ".de"]
                .iter()
                .any(|end| name.len() > end.len() && name.ends_with(end))
        };
        let mut hosts = hosts.map(|name| name.trim_matches('.')).filter(is_host);
        hosts.any(|name| name.trim_start_matches("www.") != host)
    });
    let path = lower.replace("%2e", ".");
    let path = path.split(['?', '#']).next().unwrap();
    let steps = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let mut depth = 0;
    let leads_out = !path.split('/').next().unwrap().contains(':')
        && steps.fold(false, |out, part| {
            depth += if part == ".." { -1 } else { 1 };
            out || depth < 0
        });
    lies && !is_own_name || leads_out
}

/// Commit objects, one after the other: parted by a NUL.
pub fn message(bytes: &[u8]) {
    let config = Config::read("web: {url: https://github.com/o/r}").unwrap();
    let (reading, rules) = (config.reading(), config.rules());
    let mut commits = Vec::new();
    for (at, object) in bytes.split(|byte| *byte == 0).take(8).enumerate() {
        let id = CommitId::expect(&format!("{:040x}", at + 0xabc_def0)).unwrap();
        let raw = CommitObject::new(id, object.to_vec(), false).read();
        let commit = Commit::read(raw, &reading);
        // As it is kept between two runs.
        let json = serde_json::to_string(&commit).unwrap();
        assert!(!Cache::line(&commit.id.hex(), &[&json]).is_empty());
        assert_eq!(serde_json::from_str::<Commit>(&json).unwrap(), commit);
        commits.push(commit);
    }
    let (named, none) = (References::default(), HashSet::new());
    let gathered = gather(&Input {
        commits: &commits,
        released: &[],
        previous: None,
        specs: &[],
        sources: &[],
        released_specs: &none,
        selection: &Selection::default(),
        named: &named,
        skipped: &named,
        held: &named,
        specs_only: false,
        rules: &rules,
    });
    for entry in &gathered.entries {
        let said = &entry.line.text;
        assert!(is_quiet(said), "{said:?}");
        is_kept_in(&in_a_changelog(said), said);
    }
    let lines: Vec<_> = gathered
        .entries
        .into_iter()
        .map(|entry| entry.line)
        .collect();
    let (viewed, _) = view(AROUND.as_bytes(), &lines, &[]);
    let _ = seen(&text_of(&viewed));
}
