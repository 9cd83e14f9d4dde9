//! Marks above a heading: anchors, comments, thematic breaks, `<details>`. They belong to the section below them.

use std::ops::Range;

/// The blocks of a file that may be marks.
pub(super) struct SectionMarks<'a> {
    pub bytes: &'a [u8],
    pub rules: &'a [Range<usize>],
    /// Paragraphs, comments, HTML.
    pub others: &'a [Range<usize>],
}

impl SectionMarks<'_> {
    /// The start of a heading's section, not before `floor`. Above the first section (`version` is its title), a break or a comment belongs
    /// to the file: release tools put new sections below it (cocogitto's `- - -`, python-semantic-release's `<!-- version list -->`).
    pub fn start(&self, heading: usize, floor: usize, first: Option<&str>) -> usize {
        let mut start = heading;
        while let Some((mark, is_rule)) = self.right_above(start, floor) {
            let text = String::from_utf8_lossy(&self.bytes[mark.clone()]);
            let text = text.trim();
            let is_own = match first {
                Some(version) => {
                    !is_rule
                        && (is_anchor(text)
                            || opens_details(text)
                            || is_comment(text) && text.contains(version))
                }
                None => {
                    is_rule
                        || is_anchor(text)
                        || opens_details(text)
                        || is_comment(text) && mark.end == start
                }
            };
            if !is_own {
                break;
            }
            start = mark.start;
        }
        start
    }

    /// The end of a section's body: before a break at its end, and before the end of `<details>` that began above its heading.
    pub fn body_end(&self, body: Range<usize>) -> usize {
        let mut end = body.end;
        while let Some((last, is_rule)) = self.right_above(end, body.start) {
            let closes = || {
                let text = &self.bytes[last.clone()];
                let opens = || {
                    self.bytes[body.start..last.start]
                        .windows(8)
                        .any(|w| w == b"<details")
                };
                text.trim_ascii() == b"</details>" && !opens()
            };
            if !(is_rule || closes()) {
                break;
            }
            end = last.start;
        }
        end
    }

    /// The block right above a place, and whether it is a break.
    fn right_above(&self, at: usize, floor: usize) -> Option<(Range<usize>, bool)> {
        let last = |all: &[Range<usize>]| {
            let above = &all[..all.partition_point(|one| one.end <= at)];
            above.last().cloned()
        };
        let rule = last(self.rules).map(|rule| (rule, true));
        let found = rule
            .into_iter()
            .chain(last(self.others).map(|other| (other, false)));
        let (found, is_rule) = found.max_by_key(|(one, _)| one.end)?;
        let is_near = found.start >= floor && self.bytes[found.end..at].trim_ascii().is_empty();
        is_near.then_some((found, is_rule))
    }
}

/// Whether a text is `<a name="1.2.0"></a>`, once or several times.
fn is_anchor(text: &str) -> bool {
    let mut rest = text;
    while let Some(inside) = rest.trim_start().strip_prefix("<a ") {
        let Some(end) = inside.find('>') else {
            return false;
        };
        let behind = &inside[end + 1..];
        rest = if inside[..end].ends_with('/') {
            behind
        } else {
            behind.trim_start().strip_prefix("</a>").unwrap_or("text")
        };
    }
    rest.trim().is_empty() && !text.is_empty()
}

fn opens_details(text: &str) -> bool {
    text.starts_with("<details") && !text.contains("</details")
}

fn is_comment(text: &str) -> bool {
    text.starts_with("<!--") && text.ends_with("-->") && !text.contains("relwatch:")
}
