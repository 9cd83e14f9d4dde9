//! Lines for a comment on a forge. Text written by others must not mention anybody: `@name` sends mails there, and a bot may mention people
//! whom the text's author could not.

use pulldown_cmark::{Event, Options, Parser};

use crate::domain::text::{inert, terminal};

/// First paragraph of a Markdown text as one inert line without mentions.
pub fn line(text: &str) -> String {
    let safe = inert::block(text);
    let (first, rest) = inert::first_paragraph(&safe);
    let line = if first.is_empty() {
        inert::inline(rest.lines().next().unwrap_or_default())
    } else {
        first.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    without_mentions(&terminal::printable(&line))
}

/// A line in which `@` begins no mention. In code it never does; elsewhere a zero-width space is added after it.
fn without_mentions(line: &str) -> String {
    if !line.contains('@') {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len() + 8);
    let mut done = 0;
    for (event, range) in Parser::new_ext(line, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        if let Event::Text(_) = event
            && range.start >= done
        {
            out.push_str(&line[done..range.start]);
            out.push_str(&line[range.clone()].replace('@', "@&#8203;"));
            done = range.end;
        }
    }
    out + &line[done..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_and_nobody_is_called() {
        for (text, expected) in [
            ("Dim the lamp (#1)", "Dim the lamp (#1)"),
            (
                "thanks @all, see `@types/node`",
                "thanks @&#8203;all, see `@types/node`",
            ),
            ("</details><h1>x", "\\</details>\\<h1>x"),
            ("# x", "**x**"),
            ("one\ntwo\n\n```\n/merge\n```", "one two"),
        ] {
            assert_eq!(line(text), expected, "{text}");
        }
    }
}
