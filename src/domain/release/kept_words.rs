//! Guarantee of templates: every hand-written line in Unreleased is in the text that a template produces, or the template is refused with
//! that line. The template decides on bullets, indentation, blank lines and the headings of usual categories. The words of a line stay
//! together, and two lines are never merged into one.

use std::collections::HashMap;

use crate::domain::changelog::document::Document;
use crate::domain::order;

/// A section before a template processes it.
#[derive(Debug, Clone, Copy)]
pub struct SectionText<'a> {
    /// The whole section.
    pub whole: &'a str,
    /// The section without generated lines.
    pub written: &'a str,
}

/// A section as a template produced it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledSection {
    pub text: String,
    /// Hand-written lines that are missing, as they were written.
    pub lost: Vec<String>,
}

impl FilledSection {
    /// Result of a template for a section. The link definitions of the section are kept, whether the template prints them or not: the text
    /// that it prints may use them.
    pub fn new(
        section: SectionText<'_>,
        made: &str,
        is_usual: impl Fn(&str) -> bool,
    ) -> FilledSection {
        let mut text = made.trim_start_matches(['\n', '\r']).trim_end().to_owned();
        let own = as_document(section.whole);
        let doc = Document::parse(own.as_bytes());
        let definitions = doc.links.iter();
        let definitions = definitions.map(|link| doc.text(&link.span).trim().to_owned());
        let lacks = |one: &String| !text.lines().any(|line| line.trim() == one);
        let missing: Vec<String> = definitions.filter(lacks).collect();
        if !missing.is_empty() {
            text = format!("{text}\n\n{}", missing.join("\n"));
        }
        let lost = lost(section, &text, is_usual);
        FilledSection { text, lost }
    }
}

fn as_document(section: &str) -> String {
    format!("## [Unreleased]\n\n{section}\n")
}

/// A line of a section.
struct SectionLine<'a> {
    /// The line as it was written.
    raw: &'a str,
    /// The line without what a template may change.
    words: &'a str,
    is_written: bool,
}

/// Hand-written lines that are missing in `made`. A line must be in `made` as often as it was written. Each place counts for one line only,
/// the longest that fits.
fn lost(section: SectionText<'_>, made: &str, is_usual: impl Fn(&str) -> bool) -> Vec<String> {
    let written = as_document(section.written);
    let mut lines = written_lines(&written, is_usual);
    let count = lines.len();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for line in section.written.lines() {
        *known.entry(line.trim()).or_default() += 1;
    }
    for raw in section.whole.lines().map(str::trim) {
        if let Some(count) = known.get_mut(raw).filter(|count| **count > 0) {
            *count -= 1;
            continue;
        }
        let words = words_of(raw);
        // Any other generated line cannot take the place of a hand-written one.
        if lines[..count].iter().any(|line| words.contains(line.words)) {
            lines.push(SectionLine {
                raw,
                words,
                is_written: false,
            });
        }
    }
    let mut places: Vec<usize> = (0..lines.len()).collect();
    // The sort is stable: of two equal lines, the hand-written one comes first.
    order::by_key(&mut places, |at| usize::MAX - lines[*at].words.len());
    let mut rest: Vec<String> = made.lines().map(str::to_owned).collect();
    let mut lost = Vec::new();
    for at in places {
        let line = &lines[at];
        if !take(&mut rest, line.words) && line.is_written {
            lost.push(at);
        }
    }
    lost.sort_unstable();
    lost.iter().map(|at| lines[*at].raw.to_owned()).collect()
}

/// Hand-written text, line by line, without the headings of usual categories.
fn written_lines(text: &str, is_usual: impl Fn(&str) -> bool) -> Vec<SectionLine<'_>> {
    let doc = Document::parse(text.as_bytes());
    let section = doc.unreleased();
    let categories = section.iter().flat_map(|section| &section.categories);
    let headings: Vec<_> = categories
        .filter(|category| !category.name.is_empty() && is_usual(&category.name))
        .map(|category| category.heading.clone())
        .collect();
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let is_heading = section.is_some_and(|section| section.heading.contains(&start));
        let is_structure = is_heading || headings.iter().any(|heading| heading.contains(&start));
        let raw = line.trim();
        let words = words_of(raw);
        if !is_structure && !words.is_empty() {
            lines.push(SectionLine {
                raw,
                words,
                is_written: true,
            });
        }
    }
    lines
}

/// A line without its bullets or heading marks.
fn words_of(line: &str) -> &str {
    let mut words = line.trim();
    loop {
        let digits = words.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_number = digits.len() < words.len() && words.len() - digits.len() < 10;
        let after = match digits.strip_prefix(['.', ')']) {
            Some(after) if is_number => Some(after),
            _ => words.strip_prefix(['-', '*', '+']),
        };
        let marks = words.trim_start_matches('#');
        let after = after.or(Some(marks).filter(|marks| marks.len() < words.len()));
        match after {
            Some("") => return "",
            Some(after) if after.starts_with([' ', '\t']) => words = after.trim_start(),
            _ => return words,
        }
    }
}

/// Removes the first occurrence of these words from the lines, so that no other line can use it.
fn take(lines: &mut [String], words: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let begins = is_word(words.chars().next());
    let ends = is_word(words.chars().next_back());
    for line in lines {
        let mut places = line.match_indices(words);
        let whole = |at: usize| {
            let before = line[..at].chars().next_back();
            let after = line[at + words.len()..].chars().next();
            !(begins && is_word(before) || ends && is_word(after))
        };
        if let Some((at, _)) = places.find(|(at, _)| whole(*at)) {
            line.replace_range(at..at + words.len(), "\0");
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::entry::kind::Kind;
    use crate::domain::release::pieces::{self, Piece};
    use crate::domain::text::jinja::{EmptyValue, rendered};

    fn filled(whole: &str, written: &str, made: &str) -> FilledSection {
        let section = SectionText { whole, written };
        FilledSection::new(section, made, |name| Kind::of_category(name).is_some())
    }

    #[test]
    fn a_line_is_lost_if_its_words_are() {
        let lost = |written: &str, made: &str| filled(written, written, made).lost;
        for (written, made, expected) in [
            (
                "### Added\n\n- a b\n",
                "#### New\n\n* a b (thanks)\n",
                vec![],
            ),
            ("- a b\n", "* a\n* b\n", vec!["- a b"]),
            ("- fix\n", "- fixes\n", vec!["- fix"]),
            ("- a\n- a\n", "- a\n", vec!["- a"]),
            ("- a b\n- a\n", "- a b\n", vec!["- a"]),
            (
                "- a\n\n  **Migration:** c\n",
                "- a\n",
                vec!["**Migration:** c"],
            ),
            (
                "### Migration from 1\n\n- a\n",
                "- a\n",
                vec!["### Migration from 1"],
            ),
            ("Words\n\n<!-- mine -->\n", "Words", vec!["<!-- mine -->"]),
            ("1. a\n2. b\n", "- b\n- a\n", vec![]),
            ("- [ ] a\n", "- a\n", vec!["- [ ] a"]),
            ("#### deep\n\n---\n", "**deep**\n", vec!["---"]),
            ("", "", vec![]),
        ] {
            assert_eq!(lost(written, made), expected, "{written:?} {made:?}");
        }
    }

    #[test]
    fn generated_lines_are_nobodys_but_take_their_place() {
        let whole = "- Dim the lamp (#1)\n- Dim the lamp\n";
        assert_eq!(
            filled(whole, "- Dim the lamp\n", "- Dim the lamp (#1)").lost,
            ["- Dim the lamp"]
        );
        assert!(
            filled(whole, "- Dim the lamp\n", "- Dim the lamp")
                .lost
                .is_empty()
        );
    }

    #[test]
    fn definitions_stay() {
        let section = "- see [a]\n\n[a]: https://example.org\n";
        let made = filled(section, section, "* see [a]\n");
        assert_eq!(made.text, "* see [a]\n\n[a]: https://example.org");
        assert!(made.lost.is_empty());
        assert_eq!(filled(section, section, &made.text).text, made.text);
    }

    fn values(section: &str) -> Value {
        let piece = |piece: Piece| {
            let markdown = piece.markdown();
            match piece {
                Piece::Change(text) => {
                    let (title, body) = text.split_once('\n').unwrap_or((&text, ""));
                    json!({"change": text, "text": null, "title": title, "body": body, "markdown": markdown})
                }
                Piece::Text(text) => {
                    json!({"change": null, "text": text, "markdown": markdown})
                }
            }
        };
        let categories: Vec<Value> = pieces::categories(section)
            .into_iter()
            .map(|one| {
                let pieces: Vec<Value> = one.pieces.into_iter().map(piece).collect();
                json!({"title": one.title, "pieces": pieces})
            })
            .collect();
        json!({"categories": categories, "notes": section.trim()})
    }

    const EVERYTHING: &str = "{% for one in categories %}\n{% if one.title %}\n### {{ one.title }}\n{% endif %}\n{% for piece in one.pieces %}\n\n{{ piece.markdown }}\n{% endfor %}\n\n{% endfor %}\n";

    /// Templates, each with whether it loses nothing.
    const TEMPLATES: &[(&str, bool)] = &[
        ("{{ notes }}\n", true),
        (EVERYTHING, true),
        (
            "{% for one in categories %}{% for piece in one.pieces if piece.change %}\n* {{ piece.title }}\n{% endfor %}{% endfor %}",
            false,
        ),
        (
            "{% for one in categories if one.title == 'Added' %}{% for piece in one.pieces %}\n{{ piece.markdown }}\n{% endfor %}{% endfor %}",
            false,
        ),
        (
            "{% for one in categories %}{% for piece in one.pieces if piece.text %}\n{{ piece.text }}\n{% endfor %}{% endfor %}",
            false,
        ),
        (
            "{% for one in categories | reverse %}{% for piece in one.pieces[1:] %}\n{{ piece.markdown }}\n\n{% endfor %}{% endfor %}",
            false,
        ),
        ("{{ notes | replace('a', 'e') }}", false),
        ("{{ notes | lines | unique | join('\n') }}", false),
        ("{{ notes | upper }}", false),
        ("nothing", false),
    ];

    fn line() -> impl Strategy<Value = String> {
        let words = "[ab]{1,2}( [ab]{1,2}){0,2}";
        prop_oneof![
            8 => words.prop_map(|words| format!("- {words}")),
            2 => words.prop_map(|words| format!("* [ ] {words}\n\n  more {words}")),
            2 => words.prop_map(|words| format!("\n{words}\n")),
            1 => Just("\n### Added\n".to_owned()),
            1 => Just("\n### Fixed\n".to_owned()),
            1 => Just("\n### Upgrading\n".to_owned()),
            1 => Just("\n#### Deep\n".to_owned()),
            1 => words.prop_map(|words| format!("\n```\n{words}\n  - {words}\n```\n")),
            1 => Just("\n<!-- mine -->\n".to_owned()),
            1 => Just("\n[a]: https://example.org\n".to_owned()),
            1 => Just("1. one\n   - two".to_owned()),
            1 => Just("| a | b |\n|---|---|".to_owned()),
        ]
    }

    /// Some lines are hand-written, the others are generated; of the generated ones, only items.
    fn sections() -> impl Strategy<Value = (String, String)> {
        let lines = proptest::collection::vec((line(), any::<bool>()), 0..9);
        lines.prop_map(|lines| {
            let is_item = |line: &str| line.starts_with("- ");
            let text =
                |lines: Vec<&String>| lines.into_iter().map(|line| format!("{line}\n")).collect();
            let whole = text(lines.iter().map(|(line, _)| line).collect());
            let own = lines.iter().filter(|(line, own)| *own || !is_item(line));
            (whole, text(own.map(|(line, _)| line).collect()))
        })
    }

    #[test]
    fn no_template_loses_a_line_of_a_person() {
        let mut runner = TestRunner::default();
        let refused = std::cell::Cell::new(0);
        runner
            .run(
                &(sections(), 0..TEMPLATES.len()),
                |((whole, written), at)| {
                    let (template, keeps_all) = TEMPLATES[at];
                    let made = rendered(template, &values(&whole), EmptyValue::Prints).unwrap();
                    let filled = filled(&whole, &written, &made);
                    if keeps_all {
                        prop_assert_eq!(&filled.lost, &Vec::<String>::new(), "{:?}", filled.text);
                    }
                    if !filled.lost.is_empty() {
                        refused.set(refused.get() + 1);
                        return Ok(());
                    }
                    // Checked independently: each line is there as often as it was written.
                    let usual = ["### Added", "### Fixed"];
                    let own = written
                        .lines()
                        .map(str::trim)
                        .filter(|line| !usual.contains(line));
                    let own: Vec<&str> = own
                        .map(words_of)
                        .filter(|words| !words.is_empty())
                        .collect();
                    for words in &own {
                        let times = own.iter().filter(|other| *other == words).count();
                        let found = filled.text.matches(words).count();
                        prop_assert!(
                            found >= times,
                            "{words:?} {found} of {times}: {:?}",
                            filled.text
                        );
                    }
                    Ok(())
                },
            )
            .unwrap();
        assert!(refused.get() > 20, "templates that drop lines are refused");
    }
}
