//! The laws of the merge, over made-up documents and made-up edits of them: nothing is lost, nothing made up.
//!
//! `LAWS=300000 cargo test --release --test laws merge::` runs more cases.

use proptest::prelude::*;
use relwatch::domain::changelog::outline::{BlockKind, Outline};

use crate::properties;

#[derive(Clone)]
struct Doc(String);

impl std::fmt::Debug for Doc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// What a well-kept changelog is made of: sections, categories, entries of several shapes.
fn changelog() -> impl Strategy<Value = Doc> {
    let entry = prop::sample::select(
        &[
            "- set a custom timeout for write locks (#12)\n",
            "- crash on empty input (abc1234)\n",
            "- **api:** drop v1\n\n  Use v2 instead.\n",
            "- a list\n  - of two\n  - things\n",
            "- code\n  ```rust\n  fn main() {}\n  ```\n",
            "* another bullet\n",
            "1. numbered\n",
            "prose in between\n\n",
            "<!-- relwatch:skip #7 -->\n",
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
        ][..],
    );
    let category = (
        prop::sample::select(&["### Added\n\n", "### Fixed\n\n", "### ✨ Changed\n", ""][..]),
        prop::collection::vec(entry, 0..4),
    );
    let section = prop::collection::vec(category, 0..3);
    let links = any::<bool>();
    (section.clone(), section.clone(), section, links, any::<bool>()).prop_map(
        |(unreleased, one, two, links, crlf)| {
            let mut text = String::from("# Changelog\n\nAll notable changes.\n\n");
            let heads = ["## [Unreleased]", "## [1.1.0] - 2026-02-01", "## [1.0.0] - 2026-01-01"];
            for (head, section) in heads.iter().zip([unreleased, one, two]) {
                text.push_str(&format!("{head}\n\n"));
                for (name, entries) in section {
                    text.push_str(name);
                    for (index, entry) in entries.iter().enumerate() {
                        text.push_str(&entry.replacen("12", &format!("{}", index + 12), 1));
                    }
                    text.push('\n');
                }
            }
            if links {
                text.push_str("[Unreleased]: https://example.org/compare/v1.1.0...HEAD\n[1.1.0]: https://example.org/compare/v1.0.0...v1.1.0\n");
            }
            Doc(if crlf { text.replace('\n', "\r\n") } else { text })
        },
    )
}

/// Any text at all.
fn wild() -> impl Strategy<Value = Doc> {
    let piece = prop::sample::select(
        &[
            "# Changelog",
            "## [Unreleased]",
            "## Unreleased",
            "## [1.0.0] - 2026-01-01",
            "### Added",
            "### Fixed",
            "- an entry (#1)",
            "* another",
            "  continued",
            "    - nested",
            "1. numbered",
            "",
            "",
            "prose",
            "```",
            "~~~",
            "<!-- comment -->",
            "<!--",
            "-->",
            "[Unreleased]: https://example.org/compare/v1.0.0...HEAD",
            "[a]: b",
            "Setext",
            "======",
            "------",
            "> quote",
            "- ## [Unreleased]",
            "\t- tab",
            "<details>",
            "</details>",
            "<!-- relwatch:skip #1 -->",
            "* * *",
            "- set a timeout (#12)",
            "\u{feff}",
            "[Unreleased]",
            "<pre>",
            "\r",
        ][..],
    );
    prop::collection::vec(piece, 0..25).prop_map(|pieces| Doc(pieces.join("\n")))
}

type Edits = Vec<(usize, u8)>;

fn edits() -> impl Strategy<Value = Edits> {
    prop::collection::vec((any::<usize>(), any::<u8>()), 0..5)
}

/// A person at work: lines deleted, moved, changed, written, released; `who` tells the sides' lines apart.
fn edited(text: &str, edits: &Edits, who: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for (number, (at, what)) in edits.iter().enumerate() {
        if lines.is_empty() {
            break;
        }
        let at = at % lines.len();
        let eol = if lines[at].ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        match what % 7 {
            0 => drop(lines.remove(at)),
            1 => {
                let line = lines.remove(at);
                lines.insert((at * 7 + 3) % (lines.len() + 1), line);
            }
            2 => {
                let text = lines[at].trim_end().to_owned();
                lines[at] = format!("{text} {who}{number}{eol}");
            }
            3 => {
                let heading = format!(
                    "## [Unreleased]{eol}{eol}## [2.{number}.0] - 2026-03-0{}{eol}",
                    who.len()
                );
                if let Some(head) = lines.iter().position(|l| l.starts_with("## [Unreleased]")) {
                    lines[head] = heading;
                }
            }
            _ => lines.insert(at, format!("- typed by {who} {number} {at}{eol}")),
        }
    }
    lines.concat()
}

/// The same person, who edits whole entries.
fn curated(text: &str, edits: &Edits, who: &str) -> String {
    let outline = Outline::parse(text.as_bytes());
    let mut blocks: Vec<(BlockKind, String)> = outline
        .blocks
        .iter()
        .map(|b| (b.kind.clone(), text[b.text.start..b.gap.end].to_owned()))
        .collect();
    for (number, (at, what)) in edits.iter().enumerate() {
        let at = at % blocks.len();
        let content = matches!(blocks[at].0, BlockKind::Item | BlockKind::Other) && at > 1;
        let first_end = blocks[at]
            .1
            .find(['\r', '\n'])
            .unwrap_or(blocks[at].1.len());
        let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
        match what % 7 {
            0 if content => drop(blocks.remove(at)),
            1 if content => {
                let block = blocks.remove(at);
                let to = 2 + (at * 7) % (blocks.len() - 1);
                blocks.insert(to, block);
            }
            2 if content => blocks[at]
                .1
                .insert_str(first_end, &format!(" {who}{number}")),
            3 => {
                let day = who.len() + number;
                let released = format!(
                    "## [Unreleased]{eol}{eol}## [2.{number}.0] - 2026-03-0{day}{eol}{eol}"
                );
                let head = blocks
                    .iter_mut()
                    .find(|(_, text)| text.starts_with("## [Unreleased]"));
                if let Some((_, text)) = head {
                    *text = released;
                }
            }
            _ if at > 1 && !matches!(blocks[at].0, BlockKind::Link(_)) => {
                let new = format!("- typed by {who} {number} {at}{eol}{eol}");
                blocks.insert(at + 1, (BlockKind::Item, new));
            }
            _ => {}
        }
    }
    blocks.into_iter().map(|(_, text)| text).collect()
}

fn laws(base: &str, ours: &str, theirs: &str, kept: bool) {
    let [base, ours, theirs] = [base, ours, theirs].map(str::as_bytes);
    properties::sections::merges_by_the_laws(base, ours, theirs, kept);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("LAWS").ok().and_then(|n| n.parse().ok()).unwrap_or(1500),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn changelogs_merge_by_the_laws(Doc(base) in changelog(), x in edits(), y in edits()) {
        laws(&base, &curated(&base, &x, "ours"), &curated(&base, &y, "them"), true);
    }

    #[test]
    fn any_text_merges_by_the_laws_or_not_at_all(Doc(base) in wild(), x in edits(), y in edits()) {
        laws(&base, &edited(&base, &x, "ours"), &edited(&base, &y, "them"), false);
    }

    #[test]
    fn unrelated_texts_do_not_panic(Doc(base) in wild(), Doc(ours) in wild(), Doc(theirs) in changelog()) {
        laws(&base, &ours, &theirs, false);
    }

    #[test]
    fn an_outline_holds_every_byte(bytes in prop::collection::vec(any::<u8>(), 0..300), Doc(text) in wild()) {
        for bytes in [&bytes[..], text.as_bytes()] {
            let outline = Outline::parse(bytes);
            let mut all = bytes[outline.lead.clone()].to_vec();
            for block in &outline.blocks {
                all.extend_from_slice(&bytes[block.text.start..block.gap.end]);
                prop_assert!(block.kind == BlockKind::Heading || outline.rooms[block.room].blocks.iter().any(|b| outline.blocks[*b].text == block.text));
            }
            prop_assert_eq!(all, bytes);
        }
    }
}
