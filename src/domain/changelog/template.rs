//! The initial content of an Unreleased section: headings of categories without entries, `- Nothing yet.`

use std::ops::Range;

use super::document::{CategoryBlock, Document, Section};
use super::lines::rest_is_blank;
use crate::domain::text::words::{is_comment, is_nothing};

/// Whether a file, without generated lines, has an Unreleased heading between releases; a file without versions will have one.
pub(super) fn keeps_unreleased(stored: &Document<'_>) -> bool {
    stored.unreleased().is_some() || stored.newest().is_none()
}

/// The template of a file without generated lines, from the blank line below the heading on; empty if every category has entries.
pub(super) fn kept(stored: &Document<'_>) -> String {
    let Some(section) = stored.unreleased() else {
        return String::new();
    };
    let categories = section.categories.iter();
    if !categories.clone().any(|category| is_idle(stored, category)) {
        return String::new();
    }
    let eol = stored.eol;
    let parts = categories.filter_map(|category| {
        let span = if is_idle(stored, category) {
            category.heading.start..category.body.end
        } else {
            category.heading.clone()
        };
        let text = stored.text(&span).trim().to_owned();
        (!text.is_empty()).then(|| format!("{eol}{text}{eol}"))
    });
    parts.collect()
}

/// The parts of an Unreleased section that do not belong in a version.
pub(super) fn idle(doc: &Document<'_>, section: &Section) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for category in &section.categories {
        if is_idle(doc, category) {
            // The blank line right below the section's heading stays.
            let text = doc.text(&category.body);
            let blank = text.len() - text.trim_start().len();
            let start = if category.name.is_empty() {
                category.body.start + blank
            } else {
                category.heading.start
            };
            spans.push(start..category.body.end);
            continue;
        }
        let items = category.items.iter();
        spans.extend(items.filter(|item| is_placeholder(doc, item)).cloned());
    }
    spans
}

/// Whether a section has only its template.
pub fn is_idle_whole(doc: &Document<'_>, section: &Section) -> bool {
    let mut categories = section.categories.iter();
    categories.all(|category| {
        let text = doc.text(&category.body);
        let says_nothing = text.trim().is_empty() || is_comment(text.trim());
        is_idle(doc, category) || category.name.is_empty() && says_nothing
    })
}

/// Whether a category has only a placeholder or a comment, or nothing below its heading.
fn is_idle(doc: &Document<'_>, category: &CategoryBlock) -> bool {
    if !category.items.is_empty() {
        let is_bare = rest_is_blank(doc.bytes, &category.body, category.items.iter());
        return is_bare && category.items.iter().all(|item| is_placeholder(doc, item));
    }
    let text = doc.text(&category.body).trim().to_owned();
    let is_comment = is_comment(&text);
    let is_named = !category.name.is_empty();
    is_nothing(&text) || is_named && (text.is_empty() || is_comment && !text.contains("relwatch:"))
}

fn is_placeholder(doc: &Document<'_>, item: &Range<usize>) -> bool {
    let text = doc.text(item);
    let bare = text.trim().trim_start_matches(['-', '*', '+']).trim();
    bare.is_empty() || is_nothing(bare)
}
