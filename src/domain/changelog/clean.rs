//! A file without its generated lines.

use std::ops::Range;

use memchr::memmem;

use crate::domain::changelog::blocks::{blank_after, blank_before, line_end, line_start};
use crate::domain::changelog::document::{CategoryBlock, Document};
use crate::domain::changelog::lines::{rest_is_blank, strip_eol, terminated, with_crlf, with_lf};
use crate::domain::changelog::record::{self, InsertedRun};
use crate::domain::changelog::stored::{StoredLines, heading_key};
use crate::domain::changelog::title::category_key;
use crate::domain::changelog::verdict::{self, Known, Verdict};
use crate::domain::order;

/// A file without its generated lines, and the verdict on the lines that it lacks.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Cleaned {
    pub doc: Vec<u8>,
    pub verdict: Verdict,
}

/// Removes every generated line from `viewed`; [`verdict`](super::verdict) decides which lines those are.
pub fn clean(viewed: &[u8], known: &Known<'_>) -> Cleaned {
    let record = known.record;
    // A file that git wrote has only hand-written lines.
    let is_gits = known.blob == Some(viewed);
    if is_gits || record.is_empty() && known.earlier.is_empty() {
        return Cleaned {
            doc: viewed.to_vec(),
            verdict: Verdict {
                newer: record.references(),
                ..Verdict::default()
            },
        };
    }
    if let Some(same) = record.with_its_line_ends(viewed) {
        let mut cleaned = clean(&same, known);
        cleaned.doc = match record.eol.as_str() {
            "\n" => with_crlf(&cleaned.doc),
            _ => with_lf(&cleaned.doc),
        };
        return cleaned;
    }
    let (text, stripped) = terminated(viewed, &record.eol);
    let exact = record::clean_exact(&text, record).map(|doc| (doc, Verdict::default()));
    let exact = exact.or_else(|| beside_another(&text, known));
    let (mut doc, verdict) = match exact.or_else(|| below_versions(&text, known)) {
        Some(clean) => clean,
        None => {
            let doc = Document::parse(&text);
            let (mut clean, verdict) = judged(&doc, known, known.blob);
            // Once git stores the result, it is git's own version. Cleaning must not change it again, or the working tree would never be
            // clean.
            let is_gits = known.blob == Some(clean.as_slice());
            for _ in 0..if is_gits { 0 } else { MOST_PASSES } {
                let next = judged(&doc, known, Some(&clean)).0;
                if next == clean {
                    break;
                }
                clean = next;
            }
            (clean, verdict)
        }
    };
    if stripped {
        strip_eol(&mut doc, &record.eol);
    }
    Cleaned { doc, verdict }
}

/// A file with an unchanged generated section next to another Unreleased section, which the user wrote or renamed since. The generated one
/// is removed; its lines will be inserted into the other one.
fn beside_another(text: &[u8], known: &Known<'_>) -> Option<(Vec<u8>, Verdict)> {
    let record = known.record;
    let runs = &record.blocks;
    if !runs.iter().any(InsertedRun::is_section) {
        return None;
    }
    let made: String = runs.iter().map(|run| run.render(&record.eol)).collect();
    let is_gits = || known.blob.is_some_and(|blob| holds(blob, &made).is_some());
    let at = holds(text, &made)?;
    if Document::parse(text).several_unreleased().is_none() || is_gits() {
        return None;
    }
    let verdict = Verdict {
        newer: record.references(),
        ..Verdict::default()
    };
    Some(([&text[..at], &text[at + made.len()..]].concat(), verdict))
}

/// A file whose generated lines are below an Unreleased heading that no longer counts, because someone put a version above it. The text
/// above that heading stays, the rest is cleaned as usual.
fn below_versions(text: &[u8], known: &Known<'_>) -> Option<(Vec<u8>, Verdict)> {
    let doc = Document::parse(text);
    if doc.unreleased().is_some() {
        return None;
    }
    let (first, stale) = (doc.sections.first()?.start, doc.stale().next()?.start);
    let (top, versions) = text[..stale].split_at(first);
    let rest = [top, &text[stale..]].concat();
    // A generated section counts only if it is unchanged; any other one is hand-written, whatever its text.
    let runs = &known.record.blocks;
    let made: String = runs
        .iter()
        .map(|run| run.render(&known.record.eol))
        .collect();
    if runs.iter().any(InsertedRun::is_section) && holds(&rest, &made).is_none() {
        return None;
    }
    let cleaned = clean(&rest, known);
    let below = cleaned.doc.strip_prefix(top)?;
    (cleaned.doc != rest).then(|| ([top, versions, below].concat(), cleaned.verdict.clone()))
}

/// The position of some lines in a file.
fn holds(bytes: &[u8], lines: &str) -> Option<usize> {
    let mut found = memmem::find_iter(bytes, lines);
    found.find(|at| *at == 0 || bytes[at - 1] == b'\n')
}

/// Most passes. Each pass keeps more than the one before, if anything changes at all.
const MOST_PASSES: usize = 4;

/// An edited file without its generated lines, judged against one version from git.
fn judged(doc: &Document<'_>, known: &Known<'_>, blob: Option<&[u8]>) -> (Vec<u8>, Verdict) {
    // git's version is irrelevant for a file without the section.
    let blob = blob.filter(|_| doc.unreleased().is_some());
    let stored = StoredLines::read(blob);
    let verdict = verdict::verdict(known, &stored, doc);
    (without(doc, known, &stored, &verdict), verdict)
}

/// An edited file without its generated lines and without the generated headings that are left empty.
pub(super) fn without(
    doc: &Document<'_>,
    known: &Known<'_>,
    stored: &StoredLines,
    verdict: &Verdict,
) -> Vec<u8> {
    let bytes = doc.bytes;
    let Some(section) = doc.unreleased() else {
        return bytes.to_vec();
    };
    let mut new_headings = stored.new_headings(section);
    let mut cuts: Vec<Range<usize>> = Vec::new();
    // Generated headings below which the user wrote: the text that separates them from a heading above may be cut.
    let mut kept: Vec<usize> = Vec::new();
    for (number, category) in section.categories.iter().enumerate() {
        let own = verdict.ours.iter().filter(|(of, _)| *of == number);
        let own: Vec<&Range<usize>> = own.map(|(_, span)| span).collect();
        let run = known.record.blocks.iter().find(|b| b.is_in(&category.name));
        let new = new_headings.entry(heading_key(category)).or_default();
        let is_typed = verdict.is_typed && own.is_empty();
        let is_ours = *new > 0 && !is_typed && is_our_heading(doc, known, run, category);
        if is_ours && rest_is_blank(bytes, &category.body, own.iter().copied()) {
            *new -= 1;
            cuts.push(with_heading(bytes, category, run, &own));
            continue;
        }
        if run.is_some_and(|run| run.heading.is_some()) {
            kept.push(category.heading.start);
        }
        cuts.extend(spans(bytes, run, &own));
    }
    let own_section = known.record.blocks.iter().find(|b| b.is_section());
    if let Some(block) = own_section.filter(|_| doc.several_unreleased().is_none()) {
        let body_is_ours = rest_is_blank(bytes, &section.body, cuts.iter());
        let heading = doc.text(&section.heading);
        let heading = Some(heading.trim_end());
        let is_ours = heading == block.heading.as_deref() && heading != stored.heading.as_deref();
        if body_is_ours && is_ours {
            let start = blanks_before(bytes, section.heading.start, block.lead);
            cuts.clear();
            cuts.push(start..section.body.end);
        }
    }
    cut_out(bytes, &mut cuts, &kept, &known.record.eol)
}

/// The range to cut if a category was generated together with its heading.
fn with_heading(
    bytes: &[u8],
    category: &CategoryBlock,
    run: Option<&InsertedRun>,
    own: &[&Range<usize>],
) -> Range<usize> {
    // A heading of an earlier view was separated by one blank line.
    let (lead, trail) = run.map_or((0, 1), |run| (run.lead, run.trail));
    let last = own.last().map_or(category.heading.end, |span| span.end);
    // Generated blank lines: the one below the heading if no entry is left there, and those before the next heading.
    let blanks = usize::from(own.is_empty()) + trail;
    let end = blanks_after(bytes, last, blanks).min(category.body.end);
    blanks_before(bytes, category.heading.start, lead)..end
}

/// The ranges to cut in a category with hand-written text: generated lines, and the blank lines inserted with them.
fn spans(bytes: &[u8], run: Option<&InsertedRun>, own: &[&Range<usize>]) -> Vec<Range<usize>> {
    let bare = run.filter(|run| run.heading.is_none());
    // Below a generated heading that the user wrote below: the blank line between the two texts was generated as well.
    let in_one = own.windows(2).all(|pair| pair[0].end == pair[1].start);
    let last = own.last().map_or(0, |last| last.end);
    let is_extra = bare.is_none() && in_one && blank_after(bytes, last);
    let spans = own.iter().enumerate().map(|(index, span)| {
        let start = match bare {
            Some(run) if index == 0 => blanks_before(bytes, span.start, run.lead),
            None if index == 0 && is_extra => blanks_before(bytes, span.start, 1),
            _ => span.start,
        };
        let is_last = index + 1 == own.len() && bare.is_some_and(|run| run.trail > 0);
        let end = if is_last && blank_after(bytes, span.end) {
            line_end(bytes, (span.end + 1).min(bytes.len()))
        } else {
            span.end
        };
        start..end
    });
    spans.collect()
}

/// Whether a category's heading was generated, in the last view or in an earlier one.
fn is_our_heading(
    doc: &Document<'_>,
    known: &Known<'_>,
    block: Option<&InsertedRun>,
    category: &CategoryBlock,
) -> bool {
    let heading = doc.text(&category.heading);
    match block {
        Some(block) => block.heading.as_deref() == Some(heading.trim_end()),
        None => {
            let name = category_key(&category.name);
            let mut earlier = known.earlier.iter();
            !name.is_empty() && earlier.any(|line| line.headed && line.category == name)
        }
    }
}

/// The bytes without some spans. A heading that loses its separation from the text above gets a blank line.
fn cut_out(bytes: &[u8], cuts: &mut [Range<usize>], kept: &[usize], eol: &str) -> Vec<u8> {
    order::by_key(cuts, |cut| cut.start);
    let mut out = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    for cut in cuts.iter() {
        out.extend_from_slice(&bytes[copied..cut.start.max(copied)]);
        copied = cut.end.max(copied);
        let blank = format!("{eol}{eol}");
        if kept.contains(&copied) && !out.ends_with(blank.as_bytes()) {
            out.extend_from_slice(eol.as_bytes());
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out
}

/// The start of up to `count` blank lines right before `offset`.
fn blanks_before(bytes: &[u8], offset: usize, count: usize) -> usize {
    let mut start = offset;
    for _ in 0..count {
        if start == 0 || !blank_before(bytes, start) {
            break;
        }
        start = line_start(bytes, start - 1);
    }
    start
}

/// The end of up to `count` blank lines right after `offset`.
fn blanks_after(bytes: &[u8], offset: usize, count: usize) -> usize {
    let mut end = offset;
    for _ in 0..count {
        if end >= bytes.len() || !blank_after(bytes, end) {
            break;
        }
        end = line_end(bytes, end + 1);
    }
    end
}
