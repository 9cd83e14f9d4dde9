//! Splits a section of the changelog into its categories, and each category into items and other text. No line is lost.

use crate::domain::changelog::document::Document;
use crate::domain::spec::notes::unbulleted;

/// A piece of text below a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A list item, without its bullet.
    Change(String),
    /// Anything else.
    Text(String),
}

impl Piece {
    /// The piece as Markdown of a list.
    pub fn markdown(&self) -> String {
        match self {
            Piece::Text(text) => text.clone(),
            Piece::Change(text) => {
                let lines = text.lines().enumerate().map(|(at, line)| match (at, line) {
                    (0, line) => format!("- {line}"),
                    (_, "") => String::new(),
                    (_, line) => format!("  {line}"),
                });
                lines.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// Pieces joined as Markdown.
pub fn joined(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 {
            let list = [&pieces[at - 1], piece];
            let tight = list
                .iter()
                .all(|p| matches!(p, Piece::Change(text) if !text.contains("\n\n")));
            out.push_str(if tight { "\n" } else { "\n\n" });
        }
        out.push_str(&piece.markdown());
    }
    out
}

/// A category of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryPieces {
    /// Title; empty for what is above the first category.
    pub title: String,
    pub pieces: Vec<Piece>,
}

/// Categories in a section's text, without the section's own heading. Link definitions at the end belong to no category.
pub fn categories(section: &str) -> Vec<CategoryPieces> {
    let text = format!("## [Unreleased]\n\n{}\n", section.trim());
    let doc = Document::parse(text.as_bytes());
    let Some(section) = doc.unreleased() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for category in &section.categories {
        let mut pieces = Vec::new();
        let mut at = category.body.start;
        let text = |span| {
            let text = doc.text(&span).trim().to_owned();
            (!text.is_empty()).then_some(Piece::Text(text))
        };
        let items = category.items.iter();
        for item in items.filter(|item| item.end <= category.own_end) {
            pieces.extend(text(at..item.start));
            pieces.push(Piece::Change(unbulleted(&doc.text(item))));
            at = item.end;
        }
        // Text below deeper headings is not split.
        pieces.extend(text(at..category.body.end));
        let title = category.name.clone();
        // Usually, there is nothing above the first category.
        if !(title.is_empty() && pieces.is_empty()) {
            found.push(CategoryPieces { title, pieces });
        }
    }
    found
}
