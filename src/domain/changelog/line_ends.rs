//! Line endings of a whole file: a merge looks at them apart from the lines.

use super::document::eol_of;

/// Whether every line ends in CR LF; in a file of both kinds each line's end is part of its text.
pub(super) fn has_crlf(bytes: &[u8]) -> bool {
    let mut lines = bytes
        .split_inclusive(|b| *b == b'\n')
        .filter(|l| l.ends_with(b"\n"));
    eol_of(bytes) == "\r\n" && lines.all(|line| line.ends_with(b"\r\n"))
}

/// With LF alone, if every line ends in CR LF; a file of both kinds stays as it is.
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

/// With CR LF at every line end.
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
