//! The laws of the view, over made-up documents: nothing is lost, nothing is left behind.

use proptest::prelude::*;
use relwatch::domain::changelog::clean;
use relwatch::domain::changelog::cut;
use relwatch::domain::changelog::document::Document;
use relwatch::domain::changelog::record::{Line, Record};
use relwatch::domain::changelog::title::Title;
use relwatch::domain::changelog::tracked;
use relwatch::domain::changelog::verdict::Known;
use relwatch::domain::changelog::view::view;

use crate::support::cases;

/// Pieces that changelogs are made of, and some that they should not be made of.
const PIECES: &[&str] = &[
    "# Changelog",
    "## [Unreleased]",
    "## Unreleased",
    "## [1.0.0] - 2026-01-01",
    "## v0.9.0 (2025/12/31)",
    "## [0.8.0] [YANKED]",
    "### Added",
    "### Fixed",
    "### Changed",
    "#### Deeper",
    "- an entry (#1)",
    "* another",
    "  continued",
    "    - nested",
    "1. numbered",
    "",
    "",
    "",
    "prose",
    "```",
    "~~~",
    "    indented code",
    "<!-- comment -->",
    "<!--",
    "-->",
    "[Unreleased]: https://example.org/compare/v1.0.0...HEAD",
    "[1.0.0]: https://example.org/releases/tag/v1.0.0",
    "Setext",
    "======",
    "------",
    "> quote",
    "> ## [Unreleased]",
    "- ## [Unreleased]",
    "\t- tab",
    "<details>",
    "</details>",
    "<!-- relwatch:skip #1 -->",
    "| a | b |",
    "* * *",
    "- set a timeout (#12)",
    "- crash (abc1234)",
    "### ✨ Added",
    "\u{feff}",
    "[Unreleased]",
    "- [ ] box",
    "<pre>",
    "-   wide",
    " * indented",
    "*\ttab",
    "2) numbered",
    "| 1 | 2 |",
    "|---|---|",
    "### :bug: Fixed",
    "### 1.0.1",
    "- - -",
    "<!-- next-header -->",
    "# Unreleased",
    "# v1.0.0",
    "## [Unreleased] - ReleaseDate",
    "## [1.0.0](https://example.org/compare/v0.9.0...v1.0.0) (2026-01-01)",
    "## Version 1.0.0",
    "1. CVE-2026-1234: read",
];

/// Bytes that a failing case shows as text.
#[derive(Clone)]
struct Doc(Vec<u8>);

impl std::fmt::Debug for Doc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

fn document() -> impl Strategy<Value = Doc> {
    let piece = prop_oneof![
        12 => prop::sample::select(PIECES).prop_map(|p| p.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let eol = prop_oneof![5 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r")];
    let mixed = prop_oneof![6 => Just(false), 1 => Just(true)];
    (
        prop::collection::vec(piece, 0..30),
        eol,
        mixed,
        any::<bool>(),
    )
        .prop_map(|(pieces, eol, mixed, end)| {
            let mut bytes = Vec::new();
            for (index, piece) in pieces.iter().enumerate() {
                bytes.extend_from_slice(piece);
                let last = index + 1 == pieces.len();
                if !last || end {
                    let odd = mixed && index % 3 == 0;
                    bytes.extend_from_slice(if odd { "\n" } else { eol }.as_bytes());
                }
            }
            Doc(bytes)
        })
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let text = prop::sample::select(
        &[
            "set a timeout (#12)",
            "crash (abc1234)",
            "a (#1)\n\nmore text",
            "b (#2)\n- nested\n- list",
            "an entry (#1)",
            "code (#3)\n\n```rust\nfn main() {}\n```",
        ][..],
    );
    let category = prop::sample::select(&["Added", "Changed", "Fixed"][..]);
    prop::collection::vec((category, text), 0..6).prop_map(|pairs| {
        let mut lines: Vec<Line> = Vec::new();
        for (category, text) in pairs {
            let line = Line {
                category: category.into(),
                text: text.into(),
                refs: vec![text.into()],
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    })
}

/// A person at work on the file: deletes, doubles, moves and writes lines.
fn edit(bytes: &[u8], seed: &[(usize, u8)]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|b| *b == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    for (at, what) in seed {
        if lines.is_empty() {
            break;
        }
        let at = at % lines.len();
        match what % 5 {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => {
                let line = lines.remove(at);
                let to = (at * 7 + 3) % (lines.len() + 1);
                lines.insert(to, line);
            }
            3 => lines[at].splice(0..0, *b"x ").for_each(drop),
            _ => lines.insert(at, b"- typed by hand\n".to_vec()),
        }
    }
    lines.concat()
}

/// What git stores of a file; `blob` is what it has.
fn clean(viewed: &[u8], record: &Record, blob: Option<&[u8]>) -> Vec<u8> {
    let known = Known {
        blob,
        ..Known::by(record)
    };
    clean::clean(viewed, &known).doc
}

fn order() -> Vec<String> {
    ["Added", "Changed", "Fixed"].map(String::from).to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("LAWS").ok().and_then(|n| n.parse().ok()).unwrap_or(3000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn cleaning_a_view_gives_the_document(Doc(doc) in document(), lines in lines()) {
        let (viewed, record) = view(&doc, &lines, &order());
        let cleaned = clean(&viewed, &record, None);
        prop_assert_eq!(String::from_utf8_lossy(&cleaned), String::from_utf8_lossy(&doc));
        prop_assert_eq!(cleaned, doc.clone());
        prop_assert_eq!(clean(&doc, &record, None), doc.clone());
        let (again, _) = view(&doc, &lines, &order());
        prop_assert_eq!(again, viewed, "the same inputs give the same view");
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(
        Doc(doc) in document(),
        lines in lines(),
        seed in prop::collection::vec((any::<usize>(), any::<u8>()), 0..5),
    ) {
        let (viewed, record) = view(&doc, &lines, &order());
        let edited = edit(&viewed, &seed);
        let once = clean(&edited, &record, Some(&doc));
        for (file, blob, when) in [
            (&edited, &doc, "the same file, the same blob"),
            (&edited, &once, "staged twice"),
            (&once, &once, "checked out"),
        ] {
            let again = clean(file, &record, Some(blob));
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            prop_assert!(again == once, "{when}: of\n{}\n--- first\n{}\n--- then\n{}", text(&edited), text(&once), text(&again));
        }
        // Every line that is left stood in the file before.
        let held: Vec<&[u8]> = edited.split(|b| *b == b'\n').collect();
        let bare = |line: &[u8]| line.trim_ascii_end().to_vec();
        for line in once.split(|b| *b == b'\n').map(bare).filter(|line| !line.is_empty()) {
            prop_assert!(held.iter().any(|h| bare(h) == line), "made up: {}", line.escape_ascii());
        }
        let typed = |bytes: &[u8]| bytes.windows(15).filter(|w| *w == b"- typed by hand").count();
        prop_assert_eq!(typed(&once), typed(&edited), "a hand-written line is never taken out");
    }

    #[test]
    fn a_cut_keeps_every_older_line(Doc(doc) in document(), lines in lines()) {
        let (viewed, _) = view(&doc, &lines, &order());
        let cut = cut::cut(&viewed, &relwatch::domain::changelog::version_cut::Cut {
            version: "9.9.9", date: "2026-01-30", tag: "v9.9.9", previous_tag: Some("v1.0.0"), forge: None,
            stored: &doc,
        });
        let before = Document::parse(&viewed);
        if before.unreleased().is_none() {
            prop_assert_eq!(cut, viewed);
            return Ok(());
        }
        for old in before.sections.iter().filter(|s| s.title != Title::Unreleased) {
            let bytes = &viewed[old.heading.start..old.body.end];
            // Whether it is a section of its own may depend on what the other versions look like; its bytes are there.
            let kept = cut.windows(bytes.len()).any(|part| part == bytes);
            let linked = before.links.iter().any(|l| old.body.contains(&l.span.start));
            prop_assert!(kept || linked, "changed: {}", bytes.escape_ascii());
        }
    }

    #[test]
    fn stored_entries_go_and_nothing_else(Doc(doc) in document(), picks in prop::collection::vec(any::<bool>(), 30)) {
        let all = tracked::listed(&doc);
        let (gone, kept): (Vec<_>, Vec<_>) = all.iter().zip(picks).partition(|(_, pick)| *pick);
        let spans: Vec<_> = gone.into_iter().map(|(entry, _)| entry.span.clone()).collect();
        let left = tracked::without(&doc, &spans, &["Added"]);
        if spans.is_empty() {
            prop_assert_eq!(&left, &doc);
        }
        for (entry, _) in kept {
            let text = &doc[entry.span.clone()].trim_ascii_end();
            prop_assert!(left.windows(text.len()).any(|w| w == *text), "lost: {}", text.escape_ascii());
        }
        let outside = Document::parse(&doc).unreleased().map(|s| s.body.clone()).unwrap_or(0..0);
        prop_assert!(left.starts_with(&doc[..outside.start]));
        prop_assert!(left.trim_ascii_end().ends_with(doc[outside.end..].trim_ascii_end()));
    }

    #[test]
    fn any_bytes_are_a_document(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let doc = Document::parse(&bytes);
        for section in &doc.sections {
            prop_assert!(section.heading.end <= section.body.start && section.body.end <= bytes.len());
        }
    }
}

#[test]
fn dialects_come_back_byte_for_byte() {
    let lines = [Line {
        category: "Added".into(),
        text: "new (#7)".into(),
        refs: vec!["#7".into()],
    }];
    cases::run(
        [
            "# Changelog\r\n\r\n## [Unreleased]\r\n\r\n## [1.0.0] - 2026-01-01\r\n\r\n- a\r\n",
            "\u{feff}# Changelog\n\n## [Unreleased]\n\n### Added\n\n- mine\n",
            "Changelog\n=========\n\nUnreleased\n----------\n\n* a\n\n1.0.0\n-----\n\n* b",
            "# Log\n\n## [Unreleased]\n\n```md\n## [9.9.9]\n```\n\n## 1.0.0 [YANKED]\n",
            "## [Unreleased]\n\n<!--\n## [2.0.0]\n-->\n\n## [1.0.0]\n\n[Unreleased]: https://example.org\n[1.0.0]: https://example.org\n",
            "",
        ],
        |&doc| doc,
        |&doc| {
            let (viewed, record) = view(doc.as_bytes(), &lines, &order());
            assert!(
                String::from_utf8_lossy(&viewed).contains("new (#7)"),
                "{doc:?}"
            );
            assert_eq!(clean(&viewed, &record, None), doc.as_bytes());
        },
    );
}
