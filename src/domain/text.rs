//! Text from commits and specs made safe: it becomes one list item and nothing else.
//!
//! Messages and specs may be hostile. No heading, comment, link definition or control character of
//! theirs reaches the changelog, and no escape sequence reaches a terminal.

/// One line: white space folded, control characters and escape sequences gone, block and HTML markers
/// escaped (CommonMark 0.31, sections 2.4 and 4). Code spans keep their bytes.
pub fn inline(text: &str) -> String {
    if is_inert(text) {
        return text.to_owned();
    }
    let plain = printable(text);
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let escaped = escape_html(&words);
    escape_block_start(&escaped)
}

/// Whether nothing has to be done to a line: it begins with a letter, has single spaces between its words, and holds nothing that is
/// special anywhere. Most subjects are so.
fn is_inert(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' if !matches!(byte, b'<' | b'`'));
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.iter().all(plain)
        && !text.ends_with(' ')
        && !text.contains("  ")
}

/// Several lines of Markdown for the inside of a list item: lists, code and paragraphs stay; headings
/// become bold lines, comments and link definitions are escaped, an open fence is closed.
pub fn block(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let line = printable(line).trim_end().to_owned();
        let bare = line.trim_start();
        let marker = fence_marker(bare);
        match (&fence, marker) {
            (Some(open), Some(close))
                if close.starts_with(open.as_str()) && bare.trim() == close =>
            {
                fence = None;
            }
            (Some(_), _) => {}
            (None, Some(open)) => fence = Some(open),
            (None, None) => {
                let indent = &line[..line.len() - bare.len()];
                out.push(match heading_text(bare) {
                    Some(title) => format!("{indent}**{}**", escape_html(title)),
                    None => format!("{indent}{}", escape_line(bare)),
                });
                continue;
            }
        }
        out.push(line);
    }
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    if let Some(open) = fence {
        out.push(open);
    }
    out.join("\n")
}

/// Without control characters, escape sequences, bidirectional overrides and byte order marks; tabs become
/// spaces. Safe to print on a terminal.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                // CSI: up to its final byte; OSC: up to BEL or ST (ECMA-48, 5.4 and 8.3.89).
                Some('[') => {
                    while chars.next_if(|c| !('@'..='~').contains(c)).is_some() {}
                    chars.next();
                }
                Some(']') => {
                    while let Some(c) = chars.next_if(|c| *c != '\n') {
                        if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                _ => {}
            },
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() => {}
            '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{2028}'
            | '\u{2029}' => {}
            c => out.push(c),
        }
    }
    out
}

/// The text of a file; else the line of the first byte that is not UTF-8.
pub fn decoded(bytes: Vec<u8>) -> Result<String, usize> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    })
}

/// With a capital first letter, if the first word is a plain lower-case word.
pub fn capitalised(text: &str) -> String {
    let word_end = text
        .find(|c: char| !c.is_ascii_lowercase())
        .unwrap_or(text.len());
    let plain =
        word_end > 0 && (word_end == text.len() || text[word_end..].starts_with([' ', ',']));
    if !plain {
        return text.to_owned();
    }
    text[..1].to_uppercase() + &text[1..]
}

/// At most `width` characters, the last an ellipsis if something was cut.
pub fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

fn fence_marker(bare: &str) -> Option<String> {
    let first = bare.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let run: String = bare.chars().take_while(|c| *c == first).collect();
    (run.len() >= 3 && !(first == '`' && bare[run.len()..].contains('`'))).then_some(run)
}

fn heading_text(bare: &str) -> Option<&str> {
    let hashes = bare.bytes().take_while(|b| *b == b'#').count();
    let rest = bare.get(hashes..)?;
    ((1..=6).contains(&hashes) && (rest.is_empty() || rest.starts_with(' ')))
        .then(|| rest.trim().trim_end_matches('#').trim_end())
        .filter(|title| !title.is_empty())
}

/// A line of Markdown that may be a list item but not a thematic break, setext underline or definition.
fn escape_line(bare: &str) -> String {
    let escaped = escape_html(bare);
    let only = |c: char| escaped.trim_end().chars().all(|x| x == c || x == ' ');
    if !escaped.is_empty() && (only('-') || only('=') || only('#')) {
        return format!("\\{escaped}");
    }
    if escaped.starts_with('[') && escaped.contains("]:") {
        return format!("\\{escaped}");
    }
    escaped
}

fn escape_block_start(line: &str) -> String {
    let first = line.chars().next();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let ordered = digits > 0
        && line[digits..].starts_with(['.', ')'])
        && line[digits + 1..].starts_with([' ', '\t']);
    if ordered {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    let marker = match first {
        Some('#') => heading_text(line).is_some() || line.trim_matches('#').is_empty(),
        Some('>') | Some('~') => true,
        Some('`') => fence_marker(line).is_some(),
        Some('-' | '+' | '*' | '_' | '=') => {
            line[1..].starts_with(' ')
                || line.len() == 1
                || line.chars().all(|c| Some(c) == first || c == ' ')
        }
        Some('[') => line.contains("]:"),
        _ => false,
    };
    if marker {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}

/// Escapes `<` where HTML could begin, outside of code spans; a backtick run without its partner is
/// escaped too, so that it cannot open a code span later.
fn escape_html(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['<', '`']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let escaped_already = before.ends_with('\\');
        if let Some(after) = from.strip_prefix('<') {
            let html = after.starts_with(|c: char| c.is_ascii_alphabetic() || "!/?".contains(c));
            let autolink = after.starts_with("http") && from.contains("://");
            out.push_str(if html && !autolink && !escaped_already {
                "\\<"
            } else {
                "<"
            });
            rest = after;
            continue;
        }
        let run = from.bytes().take_while(|b| *b == b'`').count();
        match closing_run(&from[run..], run) {
            Some(close) => {
                let end = run + close + run;
                out.push_str(&from[..end]);
                rest = &from[end..];
            }
            None => {
                out.push_str(&"\\`".repeat(run));
                rest = &from[run..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn closing_run(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let length = text[start..].bytes().take_while(|b| *b == b'`').count();
        if length == run {
            return Some(start);
        }
        at = start + length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_stays_one_inert_item() {
        for (raw, safe) in [
            ("# not a heading", "\\# not a heading"),
            ("1. not a list", "1\\. not a list"),
            ("- not a list", "\\- not a list"),
            ("> quote", "\\> quote"),
            ("[a]: https://example.org", "\\[a]: https://example.org"),
            (
                "a <!-- relwatch:skip #1 --> b",
                "a \\<!-- relwatch:skip #1 --> b",
            ),
            ("leak in Vec<T>", "leak in Vec\\<T>"),
            ("leak in `Vec<T>`", "leak in `Vec<T>`"),
            ("a ` b", "a \\` b"),
            ("a\u{1b}[31mred\u{1b}[0m b\u{7}", "ared b"),
            ("\u{1b}]8;;https://x\u{7}link", "link"),
            ("a\r\n\tb \u{202e}c", "a b c"),
            ("---", "\\---"),
            ("#12 is fixed", "#12 is fixed"),
        ] {
            assert_eq!(inline(raw), safe, "{raw:?}");
        }
    }

    #[test]
    fn a_block_keeps_code_and_lists_but_not_headings() {
        assert_eq!(
            block("text\n## Heading\n\n- a\n```\n## code <!--\n"),
            "text\n**Heading**\n\n- a\n```\n## code <!--\n```"
        );
        assert_eq!(
            block("a\n---\n[x]: y\n<!-- c"),
            "a\n\\---\n\\[x]: y\n\\<!-- c"
        );
    }

    #[test]
    fn only_plain_words_get_a_capital() {
        assert_eq!(capitalised("set a timeout"), "Set a timeout");
        assert_eq!(capitalised("iOS build"), "iOS build");
        assert_eq!(capitalised("`x` is gone"), "`x` is gone");
        assert_eq!(capitalised("fix"), "Fix");
    }
}
