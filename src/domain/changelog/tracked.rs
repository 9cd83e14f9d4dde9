//! Entries in the stored file (`storage: tracked`): found by their text, removed one by one.
//!
//! Nothing marks a generated line, and there is no record that all clones share. So a line is generated if it is exactly what relwatch
//! would write for some commit or spec. The caller provides that text.

use std::ops::Range;

use crate::domain::changelog::blocks::line_end;
use crate::domain::changelog::document::Document;
use crate::domain::changelog::lines::rest_is_blank;
use crate::domain::changelog::marker::Marker;
use crate::domain::changelog::record::Line;
use crate::domain::changelog::title::same_category;

/// An entry of Unreleased in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedEntry {
    /// The heading's text.
    pub category: String,
    /// Without bullet and indentation, as in [`Line::text`].
    pub text: String,
    /// Whole lines.
    pub span: Range<usize>,
}

impl TrackedEntry {
    /// Whether relwatch would write this entry for `line`.
    pub fn says(&self, line: &Line) -> bool {
        self.text == line.text && same_category(&self.category, &line.category)
    }
}

/// Every top-level list item of Unreleased, in file order.
pub fn listed(bytes: &[u8]) -> Vec<TrackedEntry> {
    let doc = Document::parse(bytes);
    let categories = doc.unreleased().map(|s| s.categories.as_slice());
    let mut all = Vec::new();
    for category in categories.unwrap_or_default() {
        for span in &category.items {
            all.push(TrackedEntry {
                category: category.name.clone(),
                text: plain(&doc.text(span)),
                span: span.clone(),
            });
        }
    }
    all
}

/// The file without these entries. A category without other entries is removed with them, unless `needed` names it.
pub fn without(bytes: &[u8], spans: &[Range<usize>], needed: &[&str]) -> Vec<u8> {
    let doc = Document::parse(bytes);
    let categories = doc.unreleased().map(|s| s.categories.as_slice());
    let mut cuts: Vec<Range<usize>> = Vec::new();
    for category in categories.unwrap_or_default() {
        let gone: Vec<&Range<usize>> = category
            .items
            .iter()
            .filter(|i| spans.contains(i))
            .collect();
        if gone.is_empty() {
            continue;
        }
        let is_needed = needed
            .iter()
            .any(|name| same_category(name, &category.name));
        if rest_is_blank(bytes, &category.body, gone.iter().copied())
            && !category.name.is_empty()
            && !is_needed
        {
            cuts.push(category.heading.start..category.body.end);
        } else if rest_is_blank(bytes, &category.body, gone.iter().copied())
            && !category.name.is_empty()
        {
            // The replacement has its own blank lines.
            let first = gone.iter().map(|item| item.start).min();
            cuts.push(first.unwrap_or(category.body.end)..category.body.end);
        } else {
            cuts.extend(gone.into_iter().cloned());
        }
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    for cut in cuts {
        out.extend_from_slice(&bytes[copied..cut.start]);
        copied = cut.end;
    }
    out.extend_from_slice(&bytes[copied..]);
    if copied == bytes.len() {
        // The section was the end of the file: no blank line may be left there.
        let end = line_end(&out, out.trim_ascii_end().len());
        out.truncate(end);
    }
    out
}

/// An item's text without its marker, continuation lines moved left by the marker's width.
fn plain(item: &str) -> String {
    let Some(marker) = Marker::parse(item) else {
        return item.trim().to_owned();
    };
    let (first, pad) = marker.lead();
    let mut lines = item.lines();
    let mut text = lines
        .next()
        .and_then(|l| l.get(first.len()..))
        .unwrap_or("")
        .trim()
        .to_owned();
    for line in lines {
        let spaces = line.bytes().take_while(|b| *b == b' ').count();
        text.push('\n');
        text.push_str(&line[spaces.min(pad.len())..]);
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOC: &str = "# Log\n\n## [Unreleased]\n\n### Added\n\n- a (#1)\n\n  more\n- b\n\n### ✨ Fixed\n\n* c\n\n## 1.0.0\n\n- a (#1)\n";

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn entries_are_known_by_what_they_say() {
        let all = listed(DOC.as_bytes());
        let line = Line {
            category: "Added".into(),
            text: "a (#1)\n\nmore".into(),
            refs: vec![],
        };
        assert_eq!(all.iter().filter(|l| l.says(&line)).count(), 1);
        assert_eq!(all[2].category, "✨ Fixed");
        assert_eq!(all[2].text, "c");
        assert_eq!(plain("  12) x\n      y\n"), "x\ny");
    }

    #[test]
    fn entries_go_with_the_category_that_they_empty() {
        let all = listed(DOC.as_bytes());
        let spans: Vec<_> = all.iter().map(|l| l.span.clone()).collect();
        assert_eq!(
            text(without(DOC.as_bytes(), &spans, &[])),
            "# Log\n\n## [Unreleased]\n\n## 1.0.0\n\n- a (#1)\n"
        );
        assert_eq!(
            text(without(DOC.as_bytes(), &spans[2..], &[])),
            "# Log\n\n## [Unreleased]\n\n### Added\n\n- a (#1)\n\n  more\n- b\n\n## 1.0.0\n\n- a (#1)\n"
        );
        assert_eq!(
            text(without(DOC.as_bytes(), &spans[..1], &[])),
            DOC.replacen("- a (#1)\n\n  more\n", "", 1)
        );
        assert!(text(without(DOC.as_bytes(), &spans, &["Fixed"])).contains("### ✨ Fixed\n\n"));
    }
}
