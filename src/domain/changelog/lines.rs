//! Plain lines: their endings, which are compared apart from the text, and the lines of one entry in a merge.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memrchr};
use similar::DiffTag;

use crate::domain::changelog::document::eol_of;
use crate::domain::order;
use crate::domain::text::diff;
use crate::domain::text::words::byte_lines;

/// Whether every line ends in CR LF. In a file of both kinds, or with more than one CR, each line's ending is part of its text.
pub(super) fn has_crlf(bytes: &[u8]) -> bool {
    let mut lines = bytes
        .split_inclusive(|b| *b == b'\n')
        .filter(|l| l.ends_with(b"\n"));
    let is_one = |line: &[u8]| line.ends_with(b"\r\n") && !line.ends_with(b"\r\r\n");
    eol_of(bytes) == "\r\n" && lines.all(is_one)
}

/// The bytes with LF alone, if every line ends in CR LF; a file of both kinds is unchanged.
pub(super) fn with_lf(bytes: &[u8]) -> Vec<u8> {
    if !has_crlf(bytes) {
        return bytes.to_vec();
    }
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        out.extend_from_slice(line.strip_suffix(b"\r\n").unwrap_or(line));
        if line.ends_with(b"\r\n") {
            out.push(b'\n');
        }
    }
    out
}

/// Whether `body` without `cuts` (in file order) has only blank lines.
pub(super) fn rest_is_blank<'r>(
    bytes: &[u8],
    body: &Range<usize>,
    cuts: impl Iterator<Item = &'r Range<usize>>,
) -> bool {
    let mut at = body.start;
    let mut sorted: Vec<_> = cuts.collect();
    order::by_key(&mut sorted, |cut| cut.start);
    for cut in sorted {
        if cut.start > at && !bytes[at..cut.start].iter().all(u8::is_ascii_whitespace) {
            return false;
        }
        at = at.max(cut.end);
    }
    at >= body.end || bytes[at..body.end].iter().all(u8::is_ascii_whitespace)
}

/// The bytes with CR LF at every line end.
pub(super) fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) if !text.ends_with(b"\r") => {
                out.extend_from_slice(text);
                out.extend_from_slice(b"\r\n");
            }
            _ => out.extend_from_slice(line),
        }
    }
    out
}

/// Size of the pieces in which files are compared first.
const STEP: usize = 4096;

/// Number of bytes that two files have in common at their starts.
fn common_start(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.chunks(STEP).zip(b.chunks(STEP));
    let same = chunks.take_while(|(a, b)| a == b);
    let same: usize = same.map(|(a, _)| a.len()).sum();
    let bytes = a[same..].iter().zip(&b[same..]);
    same + bytes.take_while(|(a, b)| a == b).count()
}

/// Number of bytes that two files have in common at their ends.
pub(super) fn common_end(a: &[u8], b: &[u8]) -> usize {
    let most = a.len().min(b.len());
    let (a, b) = (&a[a.len() - most..], &b[b.len() - most..]);
    let chunks = a.rchunks(STEP).zip(b.rchunks(STEP));
    let same = chunks.take_while(|(a, b)| a == b);
    let same: usize = same.map(|(a, _)| a.len()).sum();
    let (a, b) = (&a[..most - same], &b[..most - same]);
    let bytes = a.iter().rev().zip(b.iter().rev());
    same + bytes.take_while(|(a, b)| a == b).count()
}

/// The lines of `a` between its common start and its common end with `b`.
fn apart<'a>(a: &'a [u8], b: &[u8]) -> &'a [u8] {
    let start = memrchr(b'\n', &a[..common_start(a, b)]).map_or(0, |at| at + 1);
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.len() - common_end(a, b);
    // In `b`, the first of the lines at the end may be longer.
    let end = memchr(b'\n', &a[end..]).map_or(a.len(), |at| end + at + 1);
    &a[..end]
}

/// Whether a line that both files have is missing from `result`, ignoring the space around it.
pub(super) fn loses_line_of_both(ours: &[u8], theirs: &[u8], result: &[u8]) -> bool {
    fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        let lines = byte_lines(bytes).map(<[u8]>::trim_ascii);
        lines.filter(|line| !line.is_empty())
    }
    // Only a few lines: the rest of ours is at the start and the end of the result.
    let mut lost: Vec<&[u8]> = lines(apart(ours, result)).collect();
    if lost.is_empty() {
        return false;
    }
    lost.sort_unstable();
    lost.dedup();
    let mut is_lost = vec![true; lost.len()];
    for line in lines(result) {
        if let Ok(at) = lost.binary_search(&line) {
            is_lost[at] = false;
        }
    }
    lines(theirs).any(|line| lost.binary_search(&line).is_ok_and(|at| is_lost[at]))
}

/// Removes the line ending that [`terminated`] added.
pub(super) fn strip_eol(text: &mut Vec<u8>, eol: &str) {
    if text.ends_with(eol.as_bytes()) {
        text.truncate(text.len() - eol.len());
    }
}

/// The bytes with a final line ending, and whether one had to be added.
pub(super) fn terminated<'a>(bytes: &'a [u8], eol: &str) -> (Cow<'a, [u8]>, bool) {
    if is_cut(bytes) {
        (Cow::Owned([bytes, eol.as_bytes()].concat()), true)
    } else {
        (Cow::Borrowed(bytes), false)
    }
}

/// Adds a final line ending in place, and returns whether it had to.
pub(super) fn terminate(bytes: &mut Vec<u8>, eol: &str) -> bool {
    let is_cut = is_cut(bytes);
    if is_cut {
        bytes.extend_from_slice(eol.as_bytes());
    }
    is_cut
}

/// Whether the last line has no ending.
fn is_cut(bytes: &[u8]) -> bool {
    !(bytes.is_empty() || bytes.ends_with(b"\n"))
}

/// Merges lines if the two sides changed different ones that are not adjacent, else returns `None`.
pub(super) fn merged_lines(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let lines = |text| byte_lines(text).collect::<Vec<&[u8]>>();
    let base = lines(base);
    let mut changes: Vec<(Range<usize>, Vec<&[u8]>)> = Vec::new();
    for side in [lines(ours), lines(theirs)] {
        let ranges = diff::ranges(&base, &side);
        for op in ranges.iter().filter(|op| op.tag() != DiffTag::Equal) {
            changes.push((op.old_range(), side[op.new_range()].to_vec()));
        }
    }
    order::by_key(&mut changes, |(range, _)| (range.start, range.end));
    let mut out: Vec<&[u8]> = Vec::with_capacity(base.len() + 8);
    let mut copied = 0;
    for (index, (range, new)) in changes.into_iter().enumerate() {
        if index > 0 && range.start <= copied {
            return None;
        }
        out.extend(&base[copied..range.start]);
        out.extend(new);
        copied = range.end;
    }
    out.extend(&base[copied..]);
    Some(out.join(&b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_ends_of_all_lengths() {
        for (a, b, same) in [
            (0, 0, 0),
            (3, 5, 7),
            (0, 9, 4095),
            (9, 9, 4096),
            (1, 0, 9000),
        ] {
            let of = |count, byte| [vec![byte; count], vec![b'.'; same]].concat();
            assert_eq!(common_end(&of(a, b'a'), &of(b, b'b')), same);
        }
    }

    #[test]
    fn lines_that_two_files_do_not_share_at_start_and_end() {
        for (a, b, expected) in [
            ("1\n2\n3\n", "1\n2\n3\n", ""),
            ("1\n2\n3\n", "1\n3\n", "2\n3\n"),
            ("1\n2\n3\n4", "1\n22\n3\n4", "2\n"),
            ("1\n2\n3", "1\nx2\n3", "2\n"),
            ("a\na\n", "a\na\na\n", ""),
            ("", "1\n", ""),
            ("1\n", "", "1\n"),
        ] {
            let found = apart(a.as_bytes(), b.as_bytes());
            assert_eq!(std::str::from_utf8(found), Ok(expected), "{a:?} {b:?}");
        }
    }
}
