//! Body of a release spec as Markdown: its headings, tables, lists and checklist items, and lines inserted where they belong. Every other
//! byte is unchanged.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A checklist item.
pub struct TickBox {
    /// Offset of its `[`.
    pub at: usize,
    pub is_ticked: bool,
}

/// Headings, tables and checklist items of a body, in GitHub's Markdown.
#[derive(Default)]
pub struct BodyOutline {
    /// Title and level of each heading, and its bytes.
    headings: Vec<(String, usize, Range<usize>)>,
    pub tables: Vec<Range<usize>>,
    /// Lists outside of other blocks.
    lists: Vec<Range<usize>>,
    pub boxes: Vec<TickBox>,
    end: usize,
}

impl BodyOutline {
    pub fn parse(body: &str) -> BodyOutline {
        let mut outline = BodyOutline {
            end: body.len(),
            ..BodyOutline::default()
        };
        let mut depth = 0;
        let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
        for (event, range) in Parser::new_ext(body, options).into_offset_iter() {
            match event {
                Event::Start(tag) => {
                    match tag {
                        Tag::Heading { level, .. } if depth == 0 => {
                            outline
                                .headings
                                .push((String::new(), level as usize, range));
                        }
                        Tag::Table(_) if depth == 0 => outline.tables.push(range),
                        Tag::List(_) if depth == 0 => outline.lists.push(range),
                        _ => {}
                    }
                    depth += 1;
                }
                Event::End(TagEnd::Heading(_)) => depth -= 1,
                Event::End(_) => depth -= 1,
                Event::TaskListMarker(is_ticked) => outline.boxes.push(TickBox {
                    at: range.start,
                    is_ticked,
                }),
                Event::Text(text) | Event::Code(text) => {
                    let inside = outline
                        .headings
                        .last_mut()
                        .filter(|(.., heading)| heading.contains(&range.start));
                    if let Some((title, ..)) = inside {
                        title.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        outline
    }

    /// Text below a heading, up to the next one of the same or a higher level.
    pub fn section(&self, title: &str) -> Option<Range<usize>> {
        let mut headings = self.headings.iter();
        let (_, level, heading) =
            headings.find(|(found, ..)| found.trim().eq_ignore_ascii_case(title))?;
        let end = headings
            .find(|(_, other, _)| other <= level)
            .map_or(self.end, |(.., next)| next.start);
        Some(heading.end..end)
    }

    pub fn first_in(
        &self,
        blocks: &[Range<usize>],
        section: &Range<usize>,
    ) -> Option<Range<usize>> {
        blocks
            .iter()
            .find(|block| section.contains(&block.start))
            .cloned()
    }
}

/// Body with the checklist items added that a list lacks, ticked or not.
pub fn with_boxes(body: &str, heading: &str, boxes: &[String], eol: &str) -> String {
    let outline = BodyOutline::parse(body);
    let section = outline.section(heading);
    let there = |at: &usize| section.as_ref().is_some_and(|section| section.contains(at));
    let known: Vec<&TickBox> = outline
        .boxes
        .iter()
        .filter(|found| there(&found.at))
        .collect();
    let lacks = |item: &&String| {
        // Words after the item were added by hand.
        let is = |found: &&TickBox| {
            let said = line_from(body, found.at)
                .get(3..)
                .unwrap_or("")
                .trim_start();
            said.starts_with(item.as_str()) || unnumbered(said).starts_with(item.as_str())
        };
        !known.iter().any(is)
    };
    let new: Vec<&String> = boxes.iter().filter(lacks).collect();
    let list = section
        .as_ref()
        .and_then(|section| outline.first_in(&outline.lists, section));
    if new.is_empty() {
        return body.to_owned();
    }
    let (Some(first), Some(list)) = (known.first(), list) else {
        let lines: Vec<String> = new.iter().map(|item| format!("- [ ] {item}")).collect();
        return with_lines(body, &outline, heading, &lines, eol);
    };
    let begin = body[..first.at].rfind('\n').map_or(0, |at| at + 1);
    let bullet = &body[begin..first.at];
    let end = list.start + body[list].trim_end().len();
    let new: String = new
        .iter()
        .map(|item| format!("{eol}{bullet}[ ] {item}"))
        .collect();
    inserted(body, end, &new)
}

/// Text of an item without the number that Backlog.md puts before it, `#1`.
fn unnumbered(words: &str) -> &str {
    let rest = words.strip_prefix('#').unwrap_or(words);
    let bare = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if bare.len() < rest.len() && rest.len() < words.len() {
        bare.trim_start()
    } else {
        words
    }
}

/// Body with lines added at the end of a section, which is created if it is missing.
pub fn with_lines(
    body: &str,
    outline: &BodyOutline,
    heading: &str,
    lines: &[String],
    eol: &str,
) -> String {
    if lines.is_empty() {
        return body.to_owned();
    }
    let lines = lines.join(eol);
    match outline.section(heading) {
        Some(section) => {
            let end = section.start + body[section.clone()].trim_end().len();
            let end = body[..end].trim_end().len();
            inserted(body, end, &format!("{eol}{eol}{lines}"))
        }
        None => {
            let kept = body.trim_end();
            format!("{kept}{eol}{eol}## {heading}{eol}{eol}{lines}{eol}")
        }
    }
}

pub fn inserted(text: &str, at: usize, new: &str) -> String {
    [&text[..at], new, &text[at..]].concat()
}

pub fn line_from(text: &str, at: usize) -> &str {
    text[at..].lines().next().unwrap_or("")
}

pub fn cells(row: &str) -> Vec<&str> {
    row.trim()
        .trim_matches('|')
        .split('|')
        .map(str::trim)
        .collect()
}
