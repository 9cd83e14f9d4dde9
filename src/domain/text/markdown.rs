//! Markdown as a page and as plain text. What could run in a browser does not get into the page.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Fits a phone; the colours are the reader's own, light or dark.
const STYLE: &str = "\
:root { color-scheme: light dark; }
body { max-width: 44rem; margin: 0 auto; padding: 1rem; font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 2rem; padding-bottom: .25rem; border-bottom: 1px solid rgb(127 127 127 / .4); }
li { margin: .25rem 0; }
code { font: .9em ui-monospace, monospace; }
pre { padding: .75rem; overflow-x: auto; overflow-wrap: normal; background: rgb(127 127 127 / .15); border-radius: .375rem; }
blockquote { margin: 1rem 0; padding: 0 1rem; border-left: .25rem solid rgb(200 60 60); }
table { display: block; overflow-x: auto; border-collapse: collapse; }
th, td { padding: .25rem .5rem; border: 1px solid rgb(127 127 127 / .4); }
";

/// One page that needs nothing else.
pub fn page(title: &str, markdown: &str) -> String {
    let mut body = String::new();
    html::push_html(&mut body, events(markdown));
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// HTML is shown as it is written, comments are not; pictures, which would be fetched, are links; links lead to the web or to a mail.
fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    parser.map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => {
            if text.trim_start().starts_with("<!--") {
                Event::Text(CowStr::Borrowed(""))
            } else {
                Event::Text(text)
            }
        }
        Event::Start(
            Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            }
            | Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            },
        ) => Event::Start(Tag::Link {
            link_type,
            dest_url: if is_safe(&dest_url) {
                dest_url
            } else {
                CowStr::Borrowed("#")
            },
            title,
            id,
        }),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        event => event,
    })
}

fn is_safe(address: &str) -> bool {
    let schemes = ["https://", "http://", "mailto:"];
    let lower = address.to_ascii_lowercase();
    schemes.iter().any(|scheme| lower.starts_with(scheme))
        || address.contains('@') && !address.contains(':')
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// For mails and terminals: no marks, addresses behind their links, headings underlined.
pub fn plain(markdown: &str) -> String {
    let mut out = Plain::default();
    for event in Parser::new_ext(markdown, Options::empty()) {
        out.take(event);
    }
    out.text
}

#[derive(Default)]
struct Plain {
    text: String,
    /// What is being read, up to the end of its block.
    inline: String,
    /// What stands before the lines of each open list item and quotation.
    indents: Vec<String>,
    /// The bullet of an item that has no text yet.
    bullet: Option<String>,
    lists: Vec<List>,
    /// Where the text of an open link begins, and its address.
    links: Vec<(usize, String)>,
    wants_gap: bool,
    in_code: bool,
}

/// An open list.
struct List {
    /// The number of its next item, if they have any.
    next: Option<u64>,
    /// Blank lines stand between its items: their texts are paragraphs (CommonMark, 5.3).
    is_loose: bool,
}

impl Plain {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.inline.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.inline.push('\n'),
            Event::Rule => {
                self.wants_gap = true;
                self.inline.push_str("---");
                self.close_block();
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::List(first) => {
                self.close_inline();
                self.wants_gap |= self.lists.is_empty();
                self.lists.push(List {
                    next: first,
                    is_loose: false,
                });
            }
            Tag::Item => {
                let bullet = match self.lists.last_mut().and_then(|list| list.next.as_mut()) {
                    Some(number) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    None => "- ".to_owned(),
                };
                self.indents.push(" ".repeat(bullet.len()));
                self.bullet = Some(bullet);
            }
            Tag::BlockQuote(_) => {
                self.close_block();
                self.indents.push("> ".to_owned());
            }
            Tag::CodeBlock(_) => {
                self.close_block();
                self.in_code = true;
            }
            Tag::Paragraph => {
                self.close_block();
                if let Some(list) = self.lists.last_mut() {
                    list.is_loose = true;
                }
            }
            Tag::Heading { .. } => self.close_block(),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push((self.inline.len(), dest_url.into_string()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.close_block(),
            TagEnd::Heading(level) => {
                let width = self.inline.chars().count();
                let line = match level {
                    HeadingLevel::H1 => "=",
                    HeadingLevel::H2 => "-",
                    _ => "",
                };
                if !line.is_empty() {
                    self.inline.push_str(&format!("\n{}", line.repeat(width)));
                }
                self.close_block();
            }
            TagEnd::CodeBlock => {
                let lines = self.inline.lines().map(|line| format!("    {line}"));
                self.inline = lines.collect::<Vec<_>>().join("\n");
                self.close_block();
                self.in_code = false;
            }
            TagEnd::Item => {
                self.close_inline();
                self.indents.pop();
                self.bullet = None;
                self.wants_gap |= self.lists.last().is_some_and(|list| list.is_loose);
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.wants_gap |= self.lists.is_empty();
            }
            TagEnd::BlockQuote(_) => {
                self.indents.pop();
                self.wants_gap = true;
            }
            TagEnd::Link | TagEnd::Image => {
                let Some((start, address)) = self.links.pop() else {
                    return;
                };
                let shown = self.inline.get(start..).unwrap_or_default();
                if shown != address {
                    self.inline.push_str(&format!(" ({address})"));
                }
            }
            _ => {}
        }
    }

    /// Writes what was read as a paragraph of its own, which wants a blank line behind it.
    fn close_block(&mut self) {
        if self.write_inline() {
            self.wants_gap = true;
        }
    }

    /// Writes what was read as the text of a tight item, which wants none.
    fn close_inline(&mut self) {
        if self.write_inline() {
            self.wants_gap = false;
        }
    }

    /// False if there was nothing to write.
    fn write_inline(&mut self) -> bool {
        let inline = std::mem::take(&mut self.inline);
        if inline.trim().is_empty() {
            return false;
        }
        let inside = self
            .indents
            .len()
            .saturating_sub(usize::from(self.bullet.is_some()));
        let outer = self.indents[..inside].concat();
        if self.wants_gap && !self.text.is_empty() {
            self.text.push_str(outer.trim_end());
            self.text.push('\n');
        }
        let all = self.indents.concat();
        for (at, line) in inline.trim_end().lines().enumerate() {
            let line = match (at, &self.bullet) {
                (0, Some(bullet)) => format!("{outer}{bullet}{line}"),
                _ => format!("{all}{line}"),
            };
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
        self.bullet = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_reads_like_a_letter() {
        for (markdown, text) in [
            ("a *b* **c** `d`\n", "a b c d\n"),
            (
                "## Fixes\n\n- a\n- b\n  c\n",
                "Fixes\n-----\n\n- a\n- b\n  c\n",
            ),
            ("- a\n\n  **M:** b\n\n- c\n", "- a\n\n  M: b\n\n- c\n"),
            ("- a\n  1. b\n  2. c\n- d\n", "- a\n  1. b\n  2. c\n- d\n"),
            ("- a\n  - b\n\n- c\n", "- a\n\n  - b\n\n- c\n"),
            (
                "[a](https://x.org) <https://y.org>\n",
                "a (https://x.org) https://y.org\n",
            ),
            (
                "- a\n\n  ```rust\n  x\n    y\n  ```\n",
                "- a\n\n      x\n        y\n",
            ),
            ("> **W:** a\n>\n> b\n\nc\n", "> W: a\n>\n> b\n\nc\n"),
            ("a <!-- b --> c\n", "a  c\n"),
        ] {
            assert_eq!(plain(markdown), text, "{markdown}");
        }
    }

    #[test]
    fn nothing_runs_and_nothing_is_fetched() {
        let hostile = "<script>alert(1)</script>\n\n[a](javascript:alert(1)) ![b](https://x.org/b.png) <!-- c --> <b onclick=x>\n\n<https://y.org>";
        let body = page("A & <B>", hostile);
        for never in ["<script", "javascript:", "<img", "<!-- c", "<b on", "<B>"] {
            assert!(!body.contains(never), "{never} in {body}");
        }
        for shown in [
            "<title>A &amp; &lt;B&gt;</title>",
            "&lt;script&gt;",
            "<a href=\"https://x.org/b.png\">b</a>",
            "<a href=\"https://y.org\">https://y.org</a>",
        ] {
            assert!(body.contains(shown), "{shown} not in {body}");
        }
    }
}
