//! What an entry says, whatever an editor or a formatter made of its Markdown.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What an entry says, in a form in which two texts are equal if they are the same Markdown: the same words, code, emphasis, links and blocks,
/// however they are wrapped, escaped and marked (CommonMark 0.31). An address says the same with and without angle brackets.
pub fn said(item: &str) -> String {
    let mut out = String::with_capacity(item.len());
    let mut links: Vec<(usize, String)> = Vec::new();
    for event in Parser::new_ext(item, Options::empty()) {
        match event {
            Event::Text(text) => push_words(&mut out, &text),
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
            // The item itself, and what only wraps a paragraph, says nothing.
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => push_break(&mut out),
            Event::Start(Tag::List(_) | Tag::Item) => push_break(&mut out),
            Event::End(TagEnd::List(_)) => push_break(&mut out),
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

/// Text with its white space folded.
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
