//! Markdown as plain text, for mails and terminals.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Markdown as plain text: no marks, addresses after their links, headings underlined.
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
    /// Text read so far, up to the end of its block.
    inline: String,
    /// Prefix of the lines of each open list item and quotation.
    indents: Vec<String>,
    /// Bullet of an item that has no text yet.
    bullet: Option<String>,
    lists: Vec<List>,
    /// Start of an open link's text, and its address.
    links: Vec<(usize, String)>,
    wants_gap: bool,
    in_code: bool,
}

/// An open list.
struct List {
    /// Number of its next item, if the list is numbered.
    next: Option<u64>,
    /// Whether there are blank lines between its items: their texts are paragraphs (CommonMark, 5.3).
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

    /// Writes the text as a paragraph, which is followed by a blank line.
    fn close_block(&mut self) {
        if self.write_inline() {
            self.wants_gap = true;
        }
    }

    /// Writes the text of a tight item, which is not followed by a blank line.
    fn close_inline(&mut self) {
        if self.write_inline() {
            self.wants_gap = false;
        }
    }

    /// Writes the text; false if there is none.
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
}
