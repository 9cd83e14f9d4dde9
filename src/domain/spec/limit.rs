//! Texts of a limited length: cut after a paragraph, else after a sentence, else after a word; never inside a code block.

use crate::domain::spec::body::outside_fences;
use crate::domain::text::{inert, words};

/// Beginning of a text, at most `limit` characters; `None` if the whole text fits.
pub fn within(text: &str, limit: usize) -> Option<String> {
    if text.chars().count() <= limit {
        return None;
    }
    let (mut at, mut end) = (0, 0);
    for (is_plain, line) in outside_fences(text.split_inclusive('\n')) {
        // Cut at a blank line outside of code blocks.
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
