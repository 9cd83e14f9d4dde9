//! Texts of a limited length: cut behind a paragraph, else behind a sentence, else behind a word; never in a block of code.

use crate::domain::spec::body::outside_fences;
use crate::domain::text::{inert, words};

/// As much of a text as `limit` characters contain; `None` if that is all of it.
pub fn within(text: &str, limit: usize) -> Option<String> {
    if text.chars().count() <= limit {
        return None;
    }
    let (mut at, mut end) = (0, 0);
    for (is_plain, line) in outside_fences(text.split_inclusive('\n')) {
        // Up to a blank line that no block of code has.
        if is_plain && line.trim().is_empty() && text[..at].chars().count() <= limit {
            end = at;
        }
        at += line.len();
    }
    if end > 0 {
        return Some(text[..end].trim_end().to_owned());
    }
    let first = text.split("\n\n").next().unwrap_or(text);
    let cut = words::shortened(first, limit);
    let sentence = cut.rfind(". ").map(|at| &cut[..=at]);
    Some(inert::block(sentence.unwrap_or(&cut)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_where_a_reader_expects_it() {
        for (text, expected) in [
            ("Short.", None),
            ("One two.\n\nThree four five six.", Some("One two.")),
            ("One two. Three four five six.", Some("One two.")),
            ("One two three four five six", Some("One two three four…")),
            (
                "```\na\n\nb\n\nc\n```\n\nMore than that.",
                Some("```\na\n\nb\n\nc\n```"),
            ),
        ] {
            assert_eq!(within(text, 20).as_deref(), expected, "{text}");
        }
    }
}
