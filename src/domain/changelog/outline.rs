//! A changelog as a tree of blocks, for merging by meaning.
//!
//! Every byte belongs to exactly one block or to the blank lines after it, so writing all blocks out again reproduces the document.

use std::collections::HashMap;
use std::ops::Range;

use super::blocks::{Block, BlockContent, blocks};
use super::heading::{HeadingRole, roles};
use super::title::{Title, category_key};

/// The kind of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    Heading,
    /// A top-level list item.
    Item,
    /// A link reference definition, by its label in lower case.
    Link(String),
    /// A paragraph, a comment, a table, a fence, a rule.
    Other,
}

/// One block.
#[derive(Debug, Clone)]
pub struct OutlineBlock {
    pub kind: BlockKind,
    /// Whole lines, without the blank lines after them.
    pub text: Range<usize>,
    /// The blank lines after the block.
    pub gap: Range<usize>,
    /// The room that contains the block; for a heading, the room that it opens.
    pub room: usize,
}

/// The blocks under one heading, up to the next heading.
#[derive(Debug, Clone)]
pub struct Room {
    /// The headings from the section down to this one, as a key that documents share.
    pub key: String,
    /// The section that the room is, or is part of.
    pub section: Option<Title>,
    pub parent: usize,
    pub heading: Option<usize>,
    /// Blocks in file order, without the heading.
    pub blocks: Vec<usize>,
    /// Rooms in file order.
    pub rooms: Vec<usize>,
}

/// The tree. Room 0 is the document; its children are the sections and the footer of link definitions.
#[derive(Debug)]
pub struct Outline {
    /// Blank lines before the first block.
    pub lead: Range<usize>,
    pub blocks: Vec<OutlineBlock>,
    pub rooms: Vec<Room>,
}

/// The key of the room with the link definitions at the end of the file.
const FOOTER: &str = "\u{1}footer";

impl Outline {
    /// Parses any bytes.
    pub fn parse(bytes: &[u8]) -> Outline {
        let found = blocks(bytes);
        let lead = found.first().map_or(bytes.len(), |f| f.span.start);
        let mut outline = Outline {
            lead: 0..lead,
            blocks: Vec::with_capacity(found.len()),
            rooms: vec![Room {
                key: String::new(),
                section: None,
                parent: 0,
                heading: None,
                blocks: Vec::new(),
                rooms: Vec::new(),
            }],
        };
        let footer = footer(&found);
        let headings = found.iter().filter_map(|block| match &block.what {
            BlockContent::Heading { level, text } => Some((*level, text.as_str())),
            _ => None,
        });
        let mut roles = roles(&headings.collect::<Vec<_>>()).into_iter();
        let mut names: HashMap<String, usize> = HashMap::new();
        // The open rooms, outermost first: each with the level of its heading and whether that heading begins a section.
        let mut open: Vec<(usize, usize, bool)> = Vec::new();
        for (index, one) in found.iter().enumerate() {
            let end = found.get(index + 1).map_or(bytes.len(), |f| f.span.start);
            if let BlockContent::Heading { level, text } = &one.what {
                let role = roles.next().unwrap_or(HeadingRole::Plain);
                // A section's heading ends the section above it whatever its level.
                open.retain(|(_, above, is_section)| match role {
                    HeadingRole::Section(_) => false,
                    HeadingRole::Within => above < level || *is_section,
                    HeadingRole::Plain => above < level,
                });
                let title = match role {
                    HeadingRole::Section(title) => Some(title),
                    _ => None,
                };
                let is_section = title.is_some();
                let parent = open.last().map_or(0, |(room, ..)| *room);
                let room = outline.open_room(parent, title, text, &mut names);
                open.push((room, *level, is_section));
            } else if footer == Some(index) {
                open.clear();
                let room = outline.push_room(0, None, format!("\0{FOOTER}"));
                open.push((room, 0, false));
            }
            let room = open.last().map_or(0, |(room, ..)| *room);
            outline.push_block(OutlineBlock {
                kind: kind_of(&one.what, &bytes[one.span.clone()]),
                text: one.span.clone(),
                gap: one.span.end..end,
                room,
            });
        }
        outline
    }

    fn push_block(&mut self, block: OutlineBlock) {
        let (index, room) = (self.blocks.len(), &mut self.rooms[block.room]);
        match block.kind {
            BlockKind::Heading => room.heading = Some(index),
            _ => room.blocks.push(index),
        }
        self.blocks.push(block);
    }

    fn open_room(
        &mut self,
        parent: usize,
        title: Option<Title>,
        text: &str,
        names: &mut HashMap<String, usize>,
    ) -> usize {
        let own = match &title {
            Some(Title::Unreleased) => "\u{1}unreleased".to_owned(),
            Some(Title::Version(version)) => format!("\u{1}{version}"),
            Some(Title::Other(text)) => format!("\u{1}\u{3}{text}"),
            None => {
                let words = category_key(text);
                if words.is_empty() {
                    text.to_owned()
                } else {
                    words
                }
            }
        };
        let key = format!("{}\0{own}", self.rooms[parent].key);
        let count = names.entry(key.clone()).or_default();
        *count += 1;
        let key = if *count > 1 {
            format!("{key}\u{2}{count}")
        } else {
            key
        };
        let section = title.or_else(|| self.rooms[parent].section.clone());
        self.push_room(parent, section, key)
    }

    fn push_room(&mut self, parent: usize, section: Option<Title>, key: String) -> usize {
        let room = self.rooms.len();
        self.rooms.push(Room {
            key,
            section,
            parent,
            heading: None,
            blocks: Vec::new(),
            rooms: Vec::new(),
        });
        self.rooms[parent].rooms.push(room);
        room
    }
}

/// The start of the link definitions at the end of the file, if anything is above them.
fn footer(found: &[Block]) -> Option<usize> {
    let is_link =
        |what: &BlockContent| matches!(what, BlockContent::Link { .. } | BlockContent::HiddenLink);
    let last = found.iter().rposition(|block| !is_link(&block.what));
    last.map(|at| at + 1)
}

fn kind_of(what: &BlockContent, text: &[u8]) -> BlockKind {
    match what {
        BlockContent::Heading { .. } => BlockKind::Heading,
        BlockContent::Item => BlockKind::Item,
        BlockContent::Link { label, .. } => BlockKind::Link(label.to_lowercase()),
        // A hidden link has no name of its own.
        BlockContent::HiddenLink => BlockKind::Link(String::from_utf8_lossy(text).to_lowercase()),
        BlockContent::Rule | BlockContent::Other => BlockKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_place() {
        let text = b"\xEF\xBB\xBF# Log\n\nprose\n\n## [Unreleased]\n\n<!-- relwatch:skip #1 -->\n<!-- relwatch:skip #2 -->\n\n### Added\n- a\n\n  more\n* b\n\n### Added\n- c\n\n## 1.0.0\n- - -\n- x\n\n[1.0.0]: https://example.org\n[1.0.0]: https://example.org/2\n[b]: x";
        let outline = Outline::parse(text);
        let mut all = text[outline.lead.clone()].to_vec();
        for block in &outline.blocks {
            all.extend_from_slice(&text[block.text.start..block.gap.end]);
        }
        assert_eq!(all, text);
        let keys: Vec<&str> = outline.rooms.iter().map(|r| r.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "",
                "\0log",
                "\0\u{1}unreleased",
                "\0\u{1}unreleased\0added",
                "\0\u{1}unreleased\0added\u{2}2",
                "\0\u{1}1.0.0",
                "\0\u{1}footer",
            ]
        );
        assert_eq!(outline.rooms[2].blocks.len(), 2, "each comment is a block");
        assert_eq!(outline.rooms[3].blocks.len(), 2);
    }
}
