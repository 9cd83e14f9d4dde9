//! Words, lines and lists in texts.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr_iter;

/// Lines without their ends.
pub fn byte_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr_iter(b'\n', bytes).chain([bytes.len()]);
    let mut start = 0;
    ends.map(move |end| &bytes[std::mem::replace(&mut start, end + 1)..end])
}

/// Text of a file; else the line of the first byte that is not UTF-8.
pub fn decoded(bytes: Vec<u8>) -> Result<String, usize> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    })
}

/// Text with its first letter capitalised, if the first word is a plain lower-case word.
pub fn capitalised(text: &str) -> String {
    let word_end = text
        .find(|c: char| !c.is_ascii_lowercase() && !"'’".contains(c))
        .unwrap_or(text.len());
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && (word_end == text.len() || text[word_end..].starts_with([' ', ',']));
    if !plain {
        return text.to_owned();
    }
    text[..1].to_uppercase() + &text[1..]
}

/// Whether a text stands for no text: `None.`, `n/a`, `skip`, `_Nothing yet_`, `...`.
pub fn is_nothing(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "coming soon",
        "empty",
        "false",
        "n/a",
        "na",
        "nil",
        "no",
        "no changes",
        "no changes yet",
        "no changes so far",
        "no unreleased changes",
        "no unreleased changes yet",
        "none",
        "none yet",
        "nothing",
        "nothing here yet",
        "nothing new",
        "nothing new yet",
        "nothing so far",
        "nothing to see here",
        "nothing unreleased",
        "nothing yet",
        "null",
        "placeholder",
        "skip",
        "tba",
        "tbd",
        "to be announced",
        "to be determined",
        "todo",
        "xxx",
    ];
    let bare = text
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    let text = text.trim();
    let is_gap = || !text.is_empty() && text.chars().all(|c| ".…?–—".contains(c));
    WORDS.contains(&bare.as_str()) || is_gap()
}

/// Whether a text is one HTML comment.
pub fn is_comment(text: &str) -> bool {
    text.starts_with("<!--") && text.find("-->") == Some(text.len().saturating_sub(3))
}

/// A text with ranges replaced by the same number of blanks; line ends are kept.
pub fn blanked<'t>(text: &'t str, ranges: impl IntoIterator<Item = Range<usize>>) -> Cow<'t, str> {
    let mut ranges = ranges.into_iter().peekable();
    if ranges.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in ranges {
        let inside = bytes[range].iter_mut().filter(|byte| **byte != b'\n');
        inside.for_each(|byte| *byte = b' ');
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Paths quoted for a shell.
pub fn shell_words(paths: &[String]) -> String {
    let words: Vec<String> = paths.iter().map(|path| shell_word(path)).collect();
    words.join(" ")
}

/// One word quoted for a shell, or a reference such as `#12`, which a shell would read as a comment.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,@%".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A text of at most `width` characters, ending in an ellipsis if it was cut.
pub fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// First three elements of a list, and the number of the others.
pub fn shortlist(names: &[String]) -> String {
    let mut text = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 {
        text.push_str(&format!(" and {} more", names.len() - 3));
    }
    text
}
