//! The meaning of an entry, independent of how an editor or a formatter changed its Markdown.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, TextMergeStream};

/// A normal form of an entry in which two texts are equal if they are the same Markdown: the same words, code, emphasis, links and blocks
/// (CommonMark 0.31). Wrapping, escaping, bullets and the widths of table columns make no difference, nor do angle brackets around an
/// address, or whether code is indented or fenced.
pub fn said(item: &str) -> String {
    let mut out = String::with_capacity(item.len());
    let mut links: Vec<(usize, String)> = Vec::new();
    for event in TextMergeStream::new(Parser::new_ext(item, Options::ENABLE_TABLES)) {
        match event {
            Event::Text(text) => push_words(&mut out, &without_brackets(&text)),
            Event::SoftBreak => push_words(&mut out, " "),
            Event::HardBreak => out.push('\u{b}'),
            Event::Code(code) => out.push_str(&format!("`{code}`")),
            Event::InlineHtml(html) | Event::Html(html) => push_words(&mut out, &html),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push((out.len(), dest_url.into_string()));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some((start, to)) = links.pop() {
                    let shown = out.split_off(start.min(out.len()));
                    let mailbox = to.strip_prefix("mailto:").unwrap_or(&to);
                    if shown == to || shown == mailbox {
                        out.push_str(&shown)
                    } else {
                        out.push_str(&format!("[{shown}]({to})"))
                    }
                }
            }
            Event::Start(Tag::Emphasis) | Event::End(TagEnd::Emphasis) => out.push('\u{1}'),
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) => out.push('\u{2}'),
            // The item itself, and an element that only wraps a paragraph, add nothing.
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => push_break(&mut out),
            Event::Start(Tag::List(_) | Tag::Item) => push_break(&mut out),
            Event::End(TagEnd::List(_)) => push_break(&mut out),
            Event::Start(Tag::CodeBlock(kind)) => {
                push_break(&mut out);
                let language = match &kind {
                    CodeBlockKind::Fenced(language) => language,
                    CodeBlockKind::Indented => "",
                };
                out.push_str(&format!("<code {language}>"));
            }
            Event::Start(other) => {
                push_break(&mut out);
                out.push_str(&format!("<{other:?}>"));
            }
            Event::Rule => out.push_str("<rule>"),
            _ => {}
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out
}

/// A text without the angle brackets that formatters put around web addresses without a scheme, `<www.example.org>`. Markdown does not make
/// them links.
fn without_brackets(text: &str) -> Cow<'_, str> {
    const OPEN: &str = "<www.";
    if !text.contains(OPEN) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let (before, address) = (&rest[..at], &rest[at + 1..]);
        out.push_str(before);
        let end = address.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
        rest = match end.map(|end| address.split_at(end)) {
            Some((address, after)) if after.starts_with('>') => {
                out.push_str(address);
                &after[1..]
            }
            _ => {
                out.push('<');
                address
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Appends text with its white space folded.
fn push_words(out: &mut String, text: &str) {
    for c in text.chars() {
        let is_blank = c.is_whitespace();
        if is_blank && (out.is_empty() || out.ends_with([' ', '\n'])) {
            continue;
        }
        out.push(if is_blank { ' ' } else { c });
    }
}

fn push_break(out: &mut String) {
    let end = out.trim_end_matches(' ').len();
    out.truncate(end);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "- a\n\n  | b | c |\n  |---|--:|\n  | 1 | 2 |\n";

    #[test]
    fn what_formatters_write_says_the_same() {
        for (one, other) in [
            ("- see www.example.org (#1)", "- see <www.example.org> (#1)"),
            ("- www.a.org, www.b.org", "* <www.a.org>, <www.b.org>"),
            ("- a\n\n      code\n", "- a\n\n  ```\n  code\n  ```\n"),
            (
                "- a\n\n  ~~~rust\n  b\n  ~~~\n",
                "- a\n\n  ```rust\n  b\n  ```\n",
            ),
            (
                TABLE,
                "- a\n\n  | b   |   c |\n  | --- | --: |\n  | 1   |   2 |\n",
            ),
        ] {
            assert_eq!(said(one), said(other), "{one}");
        }
    }

    #[test]
    fn what_people_change_says_something_else() {
        let changed = TABLE.replace("| 2 |", "| 3 |");
        let aligned = TABLE.replace("|--:|", "|---|");
        let moved = TABLE.replace("| 1 | 2 |", "| 1 2 | |");
        for (one, other) in [
            ("- see www.example.org", "- see <www.example.com>"),
            ("- a <www.b", "- a www.b"),
            ("- a <www.b c>", "- a www.b c"),
            ("- a `<www.b>`", "- a `www.b`"),
            (
                "- a\n\n  ```rust\n  b\n  ```\n",
                "- a\n\n  ```\n  b\n  ```\n",
            ),
            ("- a\n\n      code\n", "- a\n\n  code\n"),
            (TABLE, changed.as_str()),
            (TABLE, aligned.as_str()),
            (TABLE, moved.as_str()),
        ] {
            assert_ne!(said(one), said(other), "{one}");
        }
    }
}
