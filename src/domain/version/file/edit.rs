//! Replacements in a text that keep every other byte.

use std::ops::Range;

use crate::domain::order;

/// Replacement for a range of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    pub at: Range<usize>,
    pub text: String,
}

impl Replacement {
    /// Replacement for the text between the quotes of a literal.
    pub fn quoted(literal: Range<usize>, text: String) -> Replacement {
        Replacement {
            at: literal.start + 1..literal.end - 1,
            text,
        }
    }
}

/// A text with its version changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bumped {
    pub text: String,
    /// Requirements that do not admit the new version and cannot be updated automatically: name and requirement.
    pub odd: Vec<(String, String)>,
}

/// Text with all edits applied; they must not overlap.
pub fn applied(text: &str, mut edits: Vec<Replacement>) -> String {
    order::by_key(&mut edits, |edit| edit.at.start);
    let mut out = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for edit in edits {
        out.push_str(&text[done..edit.at.start]);
        out.push_str(&edit.text);
        done = edit.at.end;
    }
    out.push_str(&text[done..]);
    out
}
