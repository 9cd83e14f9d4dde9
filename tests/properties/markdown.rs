//! What a renderer that is not ours sees in Markdown.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// What people see of a document beside plain text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Names of what is neither text nor emphasis, in their order: `heading 2`, `item`, `code`, …
    pub parts: Vec<String>,
    /// Where its links lead.
    pub links: Vec<String>,
    /// The words of each.
    pub shown: Vec<String>,
    /// Whence its images come.
    pub images: Vec<String>,
    /// Its text, as a person reads it.
    pub text: String,
}

impl Seen {
    /// How many parts have a name that begins so.
    pub fn count(&self, name: &str) -> usize {
        self.parts.iter().filter(|p| p.starts_with(name)).count()
    }
}

/// Reads Markdown as GitHub does: CommonMark, tables, boxes, footnotes, strikethrough. An address that stands there for itself is text:
/// it shows where it leads.
pub fn seen(markdown: &str) -> Seen {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options);
    let mut seen = Seen::default();
    for node in root.descendants() {
        let part = match &node.data.borrow().value {
            NodeValue::Heading(heading) => format!("heading {}", heading.level),
            NodeValue::Item(_) => "item".into(),
            NodeValue::List(_) => "list".into(),
            NodeValue::TaskItem(_) => "box".into(),
            NodeValue::HtmlBlock(_) | NodeValue::HtmlInline(_) => "html".into(),
            NodeValue::BlockQuote => "quote".into(),
            NodeValue::CodeBlock(_) => "fence".into(),
            NodeValue::Table(_) => "table".into(),
            NodeValue::ThematicBreak => "break".into(),
            NodeValue::FootnoteDefinition(_) | NodeValue::FootnoteReference(_) => "footnote".into(),
            NodeValue::Link(link) => {
                seen.links.push(link.url.clone());
                seen.shown.push(words(node));
                "link".into()
            }
            NodeValue::Image(link) => {
                seen.images.push(link.url.clone());
                "image".into()
            }
            NodeValue::Text(text) => {
                seen.text.push_str(text);
                continue;
            }
            NodeValue::Code(code) => {
                seen.text.push_str(&code.literal);
                continue;
            }
            NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph => {
                seen.text.push('\n');
                continue;
            }
            _ => continue,
        };
        seen.parts.push(part);
    }
    seen
}

/// The text below a node.
fn words<'a>(node: &'a AstNode<'a>) -> String {
    let mut words = String::new();
    for below in node.descendants() {
        match &below.data.borrow().value {
            NodeValue::Text(text) => words.push_str(text),
            NodeValue::Code(code) => words.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => words.push(' '),
            _ => {}
        }
    }
    words
}
