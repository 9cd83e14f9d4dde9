//! The common end of all three sides of a merge, from an older version on: nobody changed it, so it need not be parsed.

use std::collections::HashSet;

use crate::domain::changelog::heading::{is_section, is_unsure, sure_version};
use crate::domain::changelog::lines::common_end;
use crate::domain::changelog::matching::Side;
use crate::domain::changelog::outline::BlockKind;
use crate::domain::changelog::title::Title;
use crate::domain::text::words::byte_lines;

/// The common end of three files.
pub(super) struct Tail<'a> {
    /// The heading line of a version, including its line ending; the sides are cut after it.
    heading: &'a [u8],
    pub(super) rest: &'a [u8],
    /// Titles that the headings in `rest` may announce.
    titles: HashSet<Title>,
}

impl<'a> Tail<'a> {
    /// The text after the first line that looks like a version's heading in the common end of all three.
    pub(super) fn find(sides: [&'a [u8]; 3]) -> Option<Tail<'a>> {
        let [base, ours, theirs] = sides;
        let length = common_end(base, ours).min(common_end(base, theirs));
        let common = &base[base.len() - length..];
        let first = common.iter().position(|byte| *byte == b'\n')?; // before it a line may differ
        let mut at = first + 1;
        for line in common[at..].split_inclusive(|byte| *byte == b'\n') {
            at += line.len();
            if !matches!(title_of_line(line), Some(Title::Version(_))) || !line.ends_with(b"\n") {
                continue;
            }
            let rest = &common[at..];
            let headings = || byte_lines(rest).filter(|line| line.starts_with(b"#"));
            // A heading like `mdBook 0.5.4` affects how all others are read, and Unreleased does not belong there.
            let is_odd =
                |text: &str| is_unsure(text) || is_section(text) && sure_version(text).is_none();
            if headings().any(|line| is_odd(&text_of_line(line))) {
                return None;
            }
            return Some(Tail {
                heading: line,
                rest,
                titles: headings().filter_map(title_of_line).collect(),
            });
        }
        None
    }

    /// Whether a shortened side is parsed as it is in the whole file: its last line opens a section, and no section is on both sides of the
    /// cut. An ATX heading closes all open blocks, and Markdown's blocks are read from above (CommonMark, "Phase 1: block structure").
    pub(super) fn fits(&self, head: &Side<'_>) -> bool {
        let Some(last) = head.outline.blocks.len().checked_sub(1) else {
            return false;
        };
        let mut rooms = head.outline.rooms.iter();
        *head.kind(last) == BlockKind::Heading
            && head.is_released(last)
            && self.is_end_of(&head.bytes[head.outline.blocks[last].text.start..])
            && !rooms.any(|room| {
                room.section
                    .as_ref()
                    .is_some_and(|title| self.titles.contains(title))
            })
    }

    /// Whether `bytes` continue with the rest.
    pub(super) fn is_end_of(&self, bytes: &[u8]) -> bool {
        let before = bytes.strip_suffix(self.heading);
        before.is_some_and(|before| before.is_empty() || before.ends_with(b"\n"))
    }
}

fn text_of_line(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.trim_start_matches('#').trim().to_owned()
}

fn title_of_line(line: &[u8]) -> Option<Title> {
    let is_heading = line.starts_with(b"#");
    is_heading.then(|| sure_version(&text_of_line(line)).map(Title::Version))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_cut_behind_a_heading_that_all_have() {
        let old = "## 1.0.0\n\n- a\n\n## 0.9.0\n\n- b\n";
        let whole = |top: &str| format!("# Log\n\n{top}{old}").into_bytes();
        let sides = [
            whole(""),
            whole("## Unreleased\n\n- x\n\n"),
            whole("- y\n\n"),
        ];
        let tail = Tail::find(sides.each_ref().map(Vec::as_slice)).unwrap();
        assert_eq!(tail.heading, b"## 1.0.0\n");
        let head = |text: &str| tail.fits(&Side::parse(text.as_bytes()));
        assert!(head("## Unreleased\n\n- x\n\n## 1.0.0\n"));
        assert!(
            !head("```\n## 1.0.0\n"),
            "in an open fence it is no heading"
        );
        assert!(!head("<!--\n## 1.0.0\n"));
        assert!(!head("## 0.9.0\n\n## 1.0.0\n"), "one section twice");
        assert!(!head("## 1.0.0\n- x\n"));
    }
}
