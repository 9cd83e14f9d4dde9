//! Headings, marks and links in the form that a changelog already uses. A heading is read as version, date, link, label and the rest. Parts
//! that follow from the version, the date or the previous release are written for the new version; other parts are dropped.

use std::ops::Range;

use super::date::{self, WrittenDate};
use super::document::{Document, Section};
use super::heading;
use super::title::{Title, without_v};
use super::version_cut::Cut;
use crate::domain::order;

/// A part of a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
enum HeadingPiece<'t> {
    Text(&'t str),
    Version,
    /// The previous version.
    Previous,
    Date(WrittenDate),
    /// The two ends of a comparison in a link, with the text between them.
    Compared(&'static str),
}

/// Text between the ends of a comparison: GitHub and GitLab, GitHub without a merge base, Bitbucket.
const BETWEEN: [&str; 3] = ["...", "..", NEW_FIRST];

/// Bitbucket's addresses have the new end first.
const NEW_FIRST: &str = "%0D";

/// A comparison in an address, identified by its new end.
pub(super) struct ComparedEnds<'t> {
    between: &'static str,
    pub new: &'t str,
}

impl<'t> ComparedEnds<'t> {
    /// Reads `v1.0.0...v1.1.0`.
    pub fn read(range: &'t str) -> Option<ComparedEnds<'t>> {
        let between = BETWEEN
            .into_iter()
            .find(|between| range.contains(between))?;
        let (first, last) = range.split_once(between)?;
        let new = if between == NEW_FIRST { first } else { last };
        Some(ComparedEnds { between, new })
    }

    /// A comparison of other ends in the same form.
    pub fn write(&self, old: &str, new: &str) -> String {
        compared(old, self.between, new)
    }
}

fn compared(old: &str, between: &str, new: &str) -> String {
    if between == NEW_FIRST {
        format!("{new}{between}{old}")
    } else {
        format!("{old}{between}{new}")
    }
}

/// The section that is the model for a new one.
pub(super) struct Model<'d> {
    doc: &'d Document<'d>,
    section: &'d Section,
    version: &'d str,
    previous: Option<&'d str>,
    /// The heading of the version below as a pattern.
    second: Option<String>,
    /// The headings of older versions, without their marks: they show how to read dates.
    others: Vec<String>,
}

impl<'d> Model<'d> {
    /// The newest version that is not yanked.
    pub fn find(doc: &'d Document<'d>) -> Option<Model<'d>> {
        const OTHERS: usize = 40;
        let versions = doc.released().filter_map(|section| match &section.title {
            Title::Version(version) => Some((section, version.as_str())),
            _ => None,
        });
        let versions: Vec<(&Section, &str)> = versions.take(OTHERS).collect();
        let heading = |at: usize| heading::without_marks(&doc.text(&versions[at].0.heading));
        let is_withdrawn = |at: &usize| heading(*at).to_lowercase().contains("yanked");
        let mut usable = (0..versions.len()).filter(|at| !is_withdrawn(at));
        let newest = usable.next().or((!versions.is_empty()).then_some(0))?;
        let previous = |at: usize| versions.get(at + 1).map(|(_, version)| *version);
        let second = usable
            .next()
            .map(|at| shape_of(&heading(at), versions[at].1, previous(at)));
        let (section, version) = versions[newest];
        Some(Model {
            doc,
            section,
            version,
            previous: previous(newest),
            second,
            others: (newest + 1..versions.len()).map(heading).collect(),
        })
    }

    /// The heading of a new version, and the line with its date below if the file has such lines. Without a line ending.
    pub fn heading(&self, level: usize, cut: &Cut<'_>) -> String {
        let raw = self.doc.text(&self.section.heading).into_owned();
        let text = heading::without_marks(&raw);
        let title = self.filled(&text, cut);
        let mut lines = raw.trim_start_matches('\u{feff}').trim_start().lines();
        let has_marks = lines.next().unwrap_or("").starts_with('#');
        let heading = match lines.next().map(str::trim) {
            Some(line) if !has_marks && self.section.level == level => {
                let mark = line.chars().next().unwrap_or('-').to_string();
                let (old, new) = (text.chars().count(), title.chars().count());
                let width = if line.len() == old {
                    new
                } else {
                    new.max(line.len())
                };
                format!("{title}{}{}", self.doc.eol, mark.repeat(width))
            }
            // A line of text that is read as a heading.
            None if !has_marks => title,
            _ => format!("{} {title}", "#".repeat(level)),
        };
        match self.date_below(&text, cut) {
            Some(below) => format!("{heading}{below}"),
            None => heading,
        }
    }

    /// The anchors above the heading, for a new version, each with its line ending.
    pub fn mark(&self, cut: &Cut<'_>) -> String {
        let above = self
            .doc
            .text(&(self.section.start..self.section.heading.start));
        let lines = above.lines().filter(|line| {
            line.trim_start().starts_with("<a ") && contains_word(line, self.version)
        });
        let lines = lines.map(|line| fill(&self.pieces(line), cut) + self.doc.eol);
        lines.collect()
    }

    /// An address for a new version; `None` if it does not follow from the version.
    pub fn address(&self, address: &str, cut: &Cut<'_>) -> Option<String> {
        let pieces = self.pieces(address);
        let follows = pieces
            .iter()
            .any(|piece| matches!(piece, HeadingPiece::Version | HeadingPiece::Compared(_)));
        let is_compared = |piece: &HeadingPiece<'_>| {
            matches!(piece, HeadingPiece::Compared(_) | HeadingPiece::Previous)
        };
        if pieces.iter().any(is_compared) && cut.previous_tag.is_none() {
            return None;
        }
        follows.then(|| fill(&pieces, cut))
    }

    /// Whether a label is that of the model's version.
    pub fn is_named(&self, label: &str) -> bool {
        without_v(label) == self.version
    }

    /// Whether the model's heading is a link that is defined elsewhere, `## [1.2.0]`.
    pub fn is_reference(&self) -> bool {
        let heading = heading::without_marks(&self.doc.text(&self.section.heading));
        heading.contains('[') && !heading.contains("](")
    }

    /// Whether the file has no older version.
    pub fn is_first(&self) -> bool {
        self.previous.is_none()
    }

    /// The text below the heading up to the line with its date, if the heading has none.
    fn date_below(&self, title: &str, cut: &Cut<'_>) -> Option<String> {
        if date::find(&without(title, self.version)).is_some() {
            return None;
        }
        let body = self.doc.text(&self.section.body).into_owned();
        let line = body.lines().map(str::trim).find(|line| !line.is_empty())?;
        let found = date::find(line)?;
        let rest = [&line[..found.at.start], &line[found.at.end..]]
            .concat()
            .to_lowercase();
        // Another number is not part of a date, and a fence begins code.
        if rest.contains(|c: char| c.is_ascii_digit() || "`~".contains(c)) {
            return None;
        }
        let mut words = rest
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty());
        if !words.all(|word| STRUCTURAL.contains(&word)) {
            return None;
        }
        let at = body.find(line)?;
        let pieces = [
            HeadingPiece::Text(&body[..at + found.at.start]),
            HeadingPiece::Date(found.clone()),
            HeadingPiece::Text(&line[found.at.end..]),
        ];
        let above = if body.starts_with(['\r', '\n']) {
            self.doc.eol
        } else {
            ""
        };
        let filled = fill(&pieces, cut);
        Some(format!("{}{above}{}", self.doc.eol, filled.trim_start()))
    }

    /// The text of a heading, filled in for a new version.
    fn filled(&self, text: &str, cut: &Cut<'_>) -> String {
        let pieces = self.pieces(text);
        let all = if self.second.as_ref() == Some(&shape(&pieces)) {
            fill(&pieces, cut)
        } else {
            self.kept(text, cut)
        };
        tidy(&all)
    }

    /// The parts of a heading that follow from the new version, that the heading below has as well, or that are [`STRUCTURAL`].
    fn kept(&self, text: &str, cut: &Cut<'_>) -> String {
        let second = self.second.as_deref();
        let is_known = |words: &str| second.is_some_and(|second| second.contains(words));
        let mut out = String::new();
        let mut is_behind = false;
        let date = date::find(&without(text, self.version));
        for element in elements(text, date.map(|date| date.at)) {
            let pieces = self.pieces(element);
            let follows = pieces
                .iter()
                .any(|piece| !matches!(piece, HeadingPiece::Text(_)));
            let has_words = element.contains(char::is_alphanumeric);
            let is_structural = || {
                let word = element
                    .trim_matches(|c: char| !c.is_alphanumeric())
                    .to_lowercase();
                STRUCTURAL.contains(&word.as_str())
            };
            if follows {
                out.push_str(&self.followed(element, cut));
                is_behind |= pieces.contains(&HeadingPiece::Version);
            } else if !has_words
                || is_known(element)
                || is_structural()
                || !is_behind && second.is_none()
            {
                out.push_str(element);
            }
        }
        out
    }

    /// An element with a part that follows from the new version. A link loses its address if that does not follow, parentheses lose the
    /// words that do not.
    fn followed(&self, element: &str, cut: &Cut<'_>) -> String {
        if let Some((label, address)) = element
            .strip_prefix('[')
            .and_then(|inner| inner.split_once("]("))
        {
            let label = self.kept(label, cut);
            let address = address.trim_end_matches(')');
            return match self
                .address(address, cut)
                .or_else(|| self.anchor(address, cut))
            {
                Some(address) => format!("[{label}]({address})"),
                None => label,
            };
        }
        for (open, close) in [("(", ")"), ("[", "]")] {
            let inner = element
                .strip_prefix(open)
                .and_then(|inner| inner.strip_suffix(close));
            if let Some(inner) = inner {
                return format!("{open}{}{close}", tidy(&self.kept(inner, cut)));
            }
        }
        fill(&self.pieces(element), cut)
    }

    /// The anchor of a heading: `#120` for 1.2.0.
    fn anchor(&self, address: &str, cut: &Cut<'_>) -> Option<String> {
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let name = address.strip_prefix('#')?;
        let is_slug = name.trim_start_matches('v') == digits(self.version);
        is_slug.then(|| {
            format!(
                "#{}{}",
                &name[..name.len() - digits(self.version).len()],
                digits(cut.version)
            )
        })
    }

    fn pieces<'t>(&self, text: &'t str) -> Vec<HeadingPiece<'t>> {
        let others = self.others.iter().map(String::as_str);
        pieces(text, self.version, self.previous, others)
    }
}

/// Words of headings without a meaning of their own.
const STRUCTURAL: &[&str] = &[
    "",
    "date",
    "on",
    "published",
    "release",
    "released",
    "v",
    "ver",
    "version",
];

/// A heading as a pattern: headings of the same form for different versions have the same pattern.
fn shape_of(text: &str, version: &str, previous: Option<&str>) -> String {
    shape(&pieces(text, version, previous, std::iter::empty()))
}

fn shape(pieces: &[HeadingPiece<'_>]) -> String {
    let parts = pieces.iter().map(|piece| match piece {
        HeadingPiece::Text(text) => (*text).to_owned(),
        HeadingPiece::Version => "\u{1}".to_owned(),
        HeadingPiece::Previous => "\u{2}".to_owned(),
        HeadingPiece::Date(_) => "\u{3}".to_owned(),
        HeadingPiece::Compared(between) => format!("\u{4}{between}"),
    });
    parts.collect()
}

fn pieces<'t, 'o>(
    text: &'t str,
    version: &str,
    previous: Option<&str>,
    others: impl Iterator<Item = &'o str> + Clone,
) -> Vec<HeadingPiece<'t>> {
    let mut marks: Vec<(Range<usize>, HeadingPiece<'t>)> = comparisons(text, version);
    let is_free = |marks: &[(Range<usize>, HeadingPiece<'_>)], at: &Range<usize>| {
        marks
            .iter()
            .all(|(known, _)| at.end <= known.start || known.end <= at.start)
    };
    let mut add = |places: Vec<Range<usize>>, piece: HeadingPiece<'t>| {
        for place in places {
            if is_free(&marks, &place) {
                marks.push((place, piece.clone()));
            }
        }
    };
    add(places(text, version), HeadingPiece::Version);
    if let Some(previous) = previous.filter(|previous| previous.contains('.')) {
        add(places(text, previous), HeadingPiece::Previous);
    }
    let plain = without(text, version);
    if let Some(date) = date::find_among(&plain, others) {
        let words = plain[date.at.clone()].to_owned();
        add(places(&plain, &words), HeadingPiece::Date(date));
    }
    order::by_key(&mut marks, |(place, _)| place.start);
    let mut pieces = Vec::new();
    let mut at = 0;
    for (place, piece) in marks {
        if place.start > at {
            pieces.push(HeadingPiece::Text(&text[at..place.start]));
        }
        at = place.end;
        pieces.push(piece);
    }
    if at < text.len() {
        pieces.push(HeadingPiece::Text(&text[at..]));
    }
    pieces
}

/// The comparisons in links that have a version at one end.
fn comparisons<'t>(text: &'t str, version: &str) -> Vec<(Range<usize>, HeadingPiece<'t>)> {
    let mut found = Vec::new();
    for (at, word) in text.match_indices("/compare/") {
        let start = at + word.len();
        let rest = &text[start..];
        let end = rest
            .find(|c: char| c.is_whitespace() || ")>\"#?".contains(c))
            .unwrap_or(rest.len());
        let Some(ends) = ComparedEnds::read(&rest[..end]) else {
            continue;
        };
        if contains_word(ends.new, version) {
            found.push((start..start + end, HeadingPiece::Compared(ends.between)));
        }
    }
    found
}

fn fill(pieces: &[HeadingPiece<'_>], cut: &Cut<'_>) -> String {
    let previous = cut.previous_tag.unwrap_or(cut.tag);
    let parts = pieces.iter().map(|piece| match piece {
        HeadingPiece::Text(text) => (*text).to_owned(),
        HeadingPiece::Version => cut.version.to_owned(),
        HeadingPiece::Previous => previous
            .trim_start_matches(|c: char| !c.is_ascii_digit())
            .to_owned(),
        HeadingPiece::Date(date) => date.write(cut.date),
        HeadingPiece::Compared(between) => compared(previous, between, cut.tag),
    });
    parts.collect()
}

/// Places of a version or a date that are not part of a longer number.
fn places(text: &str, word: &str) -> Vec<Range<usize>> {
    let is_part = |at: usize, end: usize| {
        let before = text[..at].chars().next_back();
        let mut after = text[end..].chars();
        let (first, second) = (after.next(), after.next());
        before.is_some_and(|c| {
            c.is_ascii_digit() || c == '.' && at > 1 && text.as_bytes()[at - 2].is_ascii_digit()
        }) || first.is_some_and(|c| c.is_ascii_digit())
            || first == Some('.') && second.is_some_and(|c| c.is_ascii_digit())
    };
    let all = text.match_indices(word).map(|(at, _)| at..at + word.len());
    all.filter(|place| !is_part(place.start, place.end))
        .collect()
}

fn contains_word(text: &str, word: &str) -> bool {
    !places(text, word).is_empty()
}

/// A text with a version blanked out by as many bytes. The filler is no white space, because a date cannot continue after it.
fn without(text: &str, version: &str) -> String {
    let mut out = text.to_owned();
    for place in places(text, version) {
        let blank = "\u{1}".repeat(place.len());
        out.replace_range(place, &blank);
    }
    out
}

/// The elements of a heading: its date, links, tags, groups in parentheses, quoted words, other words, and the white space between them.
fn elements(text: &str, date: Option<Range<usize>>) -> Vec<&str> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = match &date {
            Some(date) if date.start == at => date.end,
            _ => at + element_end(&text[at..]),
        };
        // A date is one element, unless it is in a larger one.
        let end = match &date {
            Some(date) if (at + 1..end).contains(&date.start) && end < date.end => date.start,
            _ => end,
        };
        all.push(&text[at..end]);
        at = end;
    }
    all
}

/// The end of the element at the beginning of a text.
fn element_end(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    let behind = |end: usize| match text[end..].chars().next() {
        Some('(') => closing(&text[end..], '(', ')').map_or(end, |more| end + more),
        Some('[') => closing(&text[end..], '[', ']').map_or(end, |more| end + more),
        _ => end,
    };
    let tag = |from: usize| text[from..].find('>').map(|at| from + at + 1);
    let end = match first {
        // `<a name="1.2.0"></a>`
        '<' => tag(0).map(|end| {
            if text[end..].starts_with("</") {
                tag(end).unwrap_or(end)
            } else {
                end
            }
        }),
        '[' => closing(text, '[', ']').map(behind),
        '(' => closing(text, '(', ')'),
        '"' => text[1..].find('"').map(|at| at + 2),
        '“' => text.find('”').map(|at| at + '”'.len_utf8()),
        c if c.is_whitespace() => text.find(|c: char| !c.is_whitespace()),
        _ => None,
    };
    end.unwrap_or_else(|| {
        let ends = |c: char| !first.is_whitespace() && (c.is_whitespace() || "<[(\"“".contains(c));
        let mut inside = text.char_indices().skip(1);
        inside
            .find(|(_, c)| ends(*c))
            .map_or(text.len(), |(at, _)| at)
    })
}

/// The position where the bracket at the beginning of a text is closed.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, c)| {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
        }
        (depth == 0).then(|| at + c.len_utf8())
    })
}

/// The text without the remains of dropped words: empty brackets, separators twice or at an end, wide gaps.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_separator =
        |word: &str| !word.is_empty() && word.chars().all(|c| "-–—:,/|•·".contains(c));
    let mut words = text
        .split(' ')
        .filter(|word| !word.is_empty() && !matches!(*word, "()" | "[]" | "****"))
        .peekable();
    let mut last: Option<&str> = None;
    while let Some(word) = words.next() {
        let is_idle =
            is_separator(word) && (last.is_none_or(is_separator) || words.peek().is_none());
        if is_idle {
            continue;
        }
        if last.is_some() {
            out.push(' ');
        }
        out.push_str(word);
        last = Some(word);
    }
    out.trim_end_matches([' ', ':', ',', ';', '–', '—'])
        .to_owned()
}
