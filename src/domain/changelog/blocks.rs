//! The blocks of a Markdown file, with the lines of each.
//!
//! pulldown-cmark finds them, not a line scanner of our own: it already knows that `## x` inside a fence, a comment or a list is no
//! heading, and its offsets are exact.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr_iter;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::domain::order;

/// A block at the top level of the file.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub what: BlockContent,
    /// Whole lines, without the blank lines after the block.
    pub span: Range<usize>,
}

/// The kind of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BlockContent {
    Heading {
        level: usize,
        text: String,
    },
    /// An item of a list at the top level.
    Item,
    /// A thematic break.
    Rule,
    /// A link reference definition.
    Link {
        label: String,
        destination: String,
    },
    /// A link reference definition that an earlier one of the same label hides (CommonMark 0.31, 4.7).
    HiddenLink,
    /// A paragraph, a comment, a table, a fence.
    Other,
}

/// Every block, in file order. Every line that is not blank belongs to exactly one block.
pub(super) fn blocks(bytes: &[u8]) -> Vec<Block> {
    let shadow = shadow(bytes);
    let mut events = Parser::new_ext(&shadow, Options::empty()).into_offset_iter();
    let mut found: Vec<Block> = Vec::new();
    let mut depth = 0usize;
    for (event, range) in events.by_ref() {
        let what = match &event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => Some(BlockContent::Heading {
                level: *level as usize,
                text: String::new(),
            }),
            Event::Start(Tag::Item) if depth == 1 => Some(BlockContent::Item),
            Event::Start(Tag::List(_)) => None,
            Event::Rule if depth == 0 => Some(BlockContent::Rule),
            Event::Start(_) if depth == 0 => Some(BlockContent::Other),
            _ => None,
        };
        if let Some(what) = what {
            let span = whole_lines(bytes, range);
            found.push(Block { what, span });
        }
        if let Some(BlockContent::Heading { text, .. }) = found.last_mut().map(|b| &mut b.what) {
            match &event {
                Event::Text(words) | Event::Code(words) if depth > 0 => text.push_str(words),
                // A heading means the same whether its link is defined or not.
                Event::Start(Tag::Link { .. }) => text.push('['),
                Event::End(TagEnd::Link) => text.push(']'),
                _ => {}
            }
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    for (label, link) in events.reference_definitions().iter() {
        found.push(Block {
            what: BlockContent::Link {
                label: label.to_owned(),
                destination: link.dest.to_string(),
            },
            span: whole_lines(bytes, link.span.clone()),
        });
    }
    order::by_key(&mut found, |block| block.span.start);
    // Text inside another block belongs to that block.
    let mut end = 0;
    found.retain(|block| {
        let free = block.span.start >= end && !block.span.is_empty();
        end = end.max(block.span.end);
        free
    });
    with_rest(bytes, found)
}

/// Adds the lines that belong to no block, such as a second definition of one label.
fn with_rest(bytes: &[u8], found: Vec<Block>) -> Vec<Block> {
    let mut all = Vec::with_capacity(found.len());
    let mut at = 0;
    let rest = |from: usize, to: usize| -> Option<Block> {
        let mark = |b: &u8| b.is_ascii_whitespace() || BOM.contains(b);
        let blank = bytes[from..to].iter().take_while(|b| mark(b)).count();
        if from + blank == to {
            return None;
        }
        let span = whole_lines(bytes, from + blank..to);
        let text = String::from_utf8_lossy(&bytes[span.clone()]);
        let is_link = text.starts_with('[') && text.contains("]:");
        let what = if is_link {
            BlockContent::HiddenLink
        } else {
            BlockContent::Other
        };
        Some(Block { what, span })
    };
    for block in found {
        all.extend(rest(at, block.span.start));
        at = block.span.end;
        all.push(block);
    }
    all.extend(rest(at, bytes.len()));
    all
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The bytes as UTF-8 text of the same length with the same line endings; only offsets are taken from it. An invalid byte becomes a
/// substitute. A byte order mark becomes spaces, so that a heading right after it is still one. A lone carriage return, which git does not
/// count as a line ending either, becomes a space.
fn shadow(bytes: &[u8]) -> Cow<'_, str> {
    let lone_return = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.starts_with(BOM) && !memchr_iter(b'\r', bytes).any(lone_return) => {
            return Cow::Borrowed(text);
        }
        _ => {}
    }
    let mut plain: Vec<u8> = bytes.to_vec();
    if bytes.starts_with(BOM) {
        plain[..BOM.len()].fill(b' ');
    }
    for at in (0..bytes.len()).filter(|at| lone_return(*at)) {
        plain[at] = b' ';
    }
    let mut text = String::with_capacity(plain.len());
    for chunk in plain.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{1a}'));
    }
    Cow::Owned(text)
}

/// Widens a range to whole lines and drops blank lines at its end.
fn whole_lines(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let mut end = range.end.min(bytes.len());
    while end > range.start && bytes[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    line_start(bytes, range.start)..line_end(bytes, end)
}

/// Start of the line that contains `at`.
pub fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |newline| newline + 1)
}

/// The offset just after the line ending of the line that contains `at`, or the end of the bytes.
pub fn line_end(bytes: &[u8], at: usize) -> usize {
    if at > 0 && bytes[at - 1] == b'\n' {
        return at;
    }
    bytes[at..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |newline| at + newline + 1)
}

/// Whether the line above is blank or missing.
pub(super) fn blank_before(bytes: &[u8], offset: usize) -> bool {
    offset == 0
        || bytes[line_start(bytes, offset - 1)..offset]
            .iter()
            .all(u8::is_ascii_whitespace)
}

/// Whether the line below is blank.
pub(super) fn blank_after(bytes: &[u8], offset: usize) -> bool {
    let end = line_end(bytes, (offset + 1).min(bytes.len()));
    bytes[offset..end].iter().all(u8::is_ascii_whitespace)
}
