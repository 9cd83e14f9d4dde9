//! Emphasis marks and escapes in one line of Markdown.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::domain::order;

/// The line without these marks, as a terminal shows it; code and links are unchanged.
pub fn unstressed(line: &str) -> String {
    let mut bare = line.to_owned();
    let mut found = marks(line);
    found.extend(escapes(line).map(|at| at..at + 1));
    order::by_key(&mut found, |mark| mark.start);
    for mark in found.into_iter().rev() {
        bare.replace_range(mark, "");
    }
    bare
}

/// The line with underscore emphasis escaped: in texts about code it is usually a name, such as `__init__.py`.
pub fn without_underscores(line: String) -> String {
    if line.matches('_').count() < 2 {
        return line; // nearly every line
    }
    let mut escaped = line.clone();
    let found = marks(&line).into_iter().rev().flat_map(Iterator::rev);
    for at in found.filter(|at| line.as_bytes()[*at] == b'_') {
        escaped.insert(at, '\\');
    }
    escaped
}

/// Ranges of the marks, in order.
fn marks(line: &str) -> Vec<Range<usize>> {
    let mut marks = Vec::new();
    for (event, span) in Parser::new_ext(line, Options::empty()).into_offset_iter() {
        let width = match event {
            Event::Start(Tag::Emphasis) => 1,
            Event::Start(Tag::Strong) => 2,
            _ => continue,
        };
        marks.push(span.start..span.start + width);
        marks.push(span.end - width..span.end);
    }
    order::by_key(&mut marks, |mark| mark.start);
    marks
}

/// Positions of backslashes that escape the next character (CommonMark 0.31, 2.4). The text of an event begins after them.
fn escapes(line: &str) -> impl Iterator<Item = usize> {
    let mut done = 0;
    let events = Parser::new_ext(line, Options::empty()).into_offset_iter();
    let starts = events.filter_map(move |(event, span)| {
        let Event::Text(_) = event else { return None };
        let at = span.start.checked_sub(1).filter(|at| *at >= done);
        done = span.end;
        at
    });
    starts.filter(|at| line.as_bytes()[*at] == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_no_marks() {
        for (line, shown) in [
            (
                "**Breaking:** **api:** drop `a**b` (#1)",
                "Breaking: api: drop `a**b` (#1)",
            ),
            ("***a* b** _c_ [d *e*](f) \\*g*", "a b c [d e](f) *g*"),
            ("- 2 * 3 * 4 日本**語**", "- 2 * 3 * 4 日本語"),
            (
                "\\_\\_init\\_\\_.py, a\\b, `\\<`, Vec\\<T>",
                "__init__.py, a\\b, `\\<`, Vec<T>",
            ),
        ] {
            assert_eq!(unstressed(line), shown);
        }
    }

    #[test]
    fn names_keep_their_underscores() {
        for (line, kept) in [
            ("read __init__.py", "read \\_\\_init\\_\\_.py"),
            ("_x_, *all* of a_b_c", "\\_x\\_, *all* of a_b_c"),
            ("`__init__.py` and ***b***", "`__init__.py` and ***b***"),
        ] {
            let once = without_underscores(line.to_owned());
            assert_eq!(once, kept);
            assert_eq!(without_underscores(once), kept);
        }
    }
}
