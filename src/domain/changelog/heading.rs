//! What headings announce: Unreleased, a version, or something else among the versions.
//!
//! A heading is classified by its words and by its place: `## next` is Unreleased above the newest version and an ordinary heading anywhere
//! else.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use semver::Version;

use super::date;
use super::names::{AHEAD, DEVELOPMENT, OPEN, PARTS, is_pending, is_unreleased};
use super::title::{Title, category_key};
use crate::domain::version::{self, form};

/// The role of a heading in the structure of a changelog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeadingRole {
    /// The heading begins a section.
    Section(Title),
    /// The heading has the level of a section but belongs to the section above it: standard-version writes `### Bug Fixes` below
    /// `### [1.2.1]`.
    Within,
    /// Any other heading.
    Plain,
}

/// The kind of a heading, judged by its words alone.
#[derive(Debug, Clone, PartialEq, Eq)]
enum HeadingWords {
    Unreleased,
    /// A version, and how certain that is.
    Version(String, Sure),
    /// The version of a section that is still being written: `1.3.0-dev`, `1.3.0 - TBD`.
    Open(String),
    /// A day.
    Day,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// A version followed by a date, a mark or nothing.
    Yes,
    /// A version after words that may be a name.
    Named,
    /// A version after words that are not a name: `Changes in 1.2.0`.
    Prose,
    /// A version followed by words.
    Titled,
}

/// Roles of the headings of a file, which are given by level and text.
pub(super) fn roles(headings: &[(usize, &str)]) -> Vec<HeadingRole> {
    let words: Vec<HeadingWords> = headings.iter().map(|(_, text)| words(text)).collect();
    let titles = titles(headings, &words);
    let between = between(headings, &titles);
    let known = parts_between(headings, &titles, &between);
    let mut open: Option<(usize, bool)> = None;
    let mut roles = Vec::with_capacity(headings.len());
    for (at, (level, text)) in headings.iter().enumerate() {
        if let Some(title) = &titles[at] {
            open = Some((*level, *title == Title::Unreleased));
            roles.push(HeadingRole::Section(title.clone()));
            continue;
        }
        let (below, is_unreleased) = open.unwrap_or((0, false));
        // Between two versions, every heading at their level belongs to the upper one.
        let is_between = !is_unreleased && between[at];
        // A heading of a higher level right above the next version names that version's release line.
        let is_of_line = || titles.get(at + 1).is_some_and(Option::is_some) && !is_about_one(text);
        let is_known = || known.contains(&(*level, category_key(text)));
        let is_within = match level.cmp(&below) {
            Ordering::Less => is_between && !is_of_line(),
            Ordering::Equal => is_between || is_part(text) || is_known(),
            Ordering::Greater => false,
        };
        if *level <= below && !is_within {
            open = None;
        }
        roles.push(if is_within {
            HeadingRole::Within
        } else {
            HeadingRole::Plain
        });
    }
    roles
}

/// Headings at the level of a section between two versions, with their level. Unreleased and the oldest version have such parts, too.
fn parts_between(
    headings: &[(usize, &str)],
    titles: &[Option<Title>],
    between: &[bool],
) -> HashSet<(usize, String)> {
    let mut below = 0;
    let mut known = HashSet::new();
    for (at, (level, text)) in headings.iter().enumerate() {
        match &titles[at] {
            Some(Title::Version(_)) => below = *level,
            Some(_) => below = 0,
            None if between[at] && *level == below => {
                known.insert((*level, category_key(text)));
            }
            None => {}
        }
    }
    known
}

/// Whether a heading is about a single version, wherever it is: `New Contributors`, `Migrating from 4.0.2 to 4.0.3`.
fn is_about_one(text: &str) -> bool {
    let is_full =
        |word| leading_version(word).is_some_and(|(word, _)| word.matches('.').count() >= 2);
    is_part(text) || text.split_whitespace().any(is_full)
}

/// Whether the next title below each heading comes before any heading of a higher level that is not about one version.
fn between(headings: &[(usize, &str)], titles: &[Option<Title>]) -> Vec<bool> {
    let mut between = vec![false; headings.len()];
    // The highest level above the next title, if there is one.
    let mut highest: Option<usize> = None;
    for (at, (level, text)) in headings.iter().enumerate().rev() {
        between[at] = highest.is_some_and(|highest| highest >= *level);
        highest = match &titles[at] {
            Some(_) => Some(usize::MAX),
            None if is_about_one(text) => highest,
            None => highest.map(|highest| highest.min(*level)),
        };
    }
    between
}

/// Whether a heading is a part of a version's section.
pub(super) fn is_part(text: &str) -> bool {
    PARTS.contains(&category_key(text).as_str())
}

/// The title that each heading announces; none if no version may be at its place.
fn titles(headings: &[(usize, &str)], words: &[HeadingWords]) -> Vec<Option<Title>> {
    let level_of = |at: usize| headings[at].0;
    let is_closed = closed(headings, words);
    let closed: Vec<usize> = (0..words.len()).filter(|at| is_closed[*at]).collect();
    let newest = closed.first().copied().unwrap_or(words.len());
    let version_level = closed.first().map(|at| level_of(*at));
    let is_ascending = ascends(closed.iter().filter_map(|at| version_in(&words[*at])));
    let counts = |at: usize| at < newest || is_ascending;
    let is_high = |at: usize| version_level.is_none_or(|level| level_of(at) <= level);
    let is_open = |at: &&usize| matches!(words[**at], HeadingWords::Open(_));
    let is_next = |at: &&usize| version_level.is_some() && is_ahead(headings[**at].1);
    // If several headings name Unreleased, the clearest one counts.
    let unreleased = (0..words.len()).any(|at| words[at] == HeadingWords::Unreleased && counts(at));
    let above: Vec<usize> = (0..newest)
        .filter(|at| !unreleased && is_high(*at))
        .collect();
    let chosen = above
        .iter()
        .find(is_open)
        .or_else(|| above.iter().find(is_next))
        .copied();
    // A second Unreleased heading below is left for the user to resolve: its lines would be in no release.
    let first =
        (0..newest).find(|at| chosen == Some(*at) || words[*at] == HeadingWords::Unreleased);
    let is_twice = |at: usize| {
        let is_below = first.is_some_and(|first| first < at) && at < newest;
        is_below
            && words[at] == HeadingWords::Other
            && Some(level_of(at)) == version_level
            && is_ahead(headings[at].1)
    };
    let other = |at: usize| Some(Title::Other(headings[at].1.trim().to_owned()));
    let title = |at: usize| match &words[at] {
        _ if chosen == Some(at) || is_twice(at) => Some(Title::Unreleased),
        HeadingWords::Unreleased if counts(at) => Some(Title::Unreleased),
        HeadingWords::Unreleased => other(at),
        HeadingWords::Version(version, _) if is_closed[at] => Some(Title::Version(version.clone())),
        HeadingWords::Open(version) if !is_group(headings, words, at) => {
            Some(Title::Version(version.clone()))
        }
        HeadingWords::Day if is_high(at) => other(at),
        _ => None,
    };
    (0..words.len()).map(title).collect()
}

/// For each heading, whether it names a version whose section is closed.
fn closed(headings: &[(usize, &str)], words: &[HeadingWords]) -> Vec<bool> {
    let level_of = |at: usize| headings[at].0;
    let all = || 0..words.len();
    let is_sure = |at: &usize| {
        matches!(words[*at], HeadingWords::Version(_, Sure::Yes)) && !is_group(headings, words, *at)
    };
    let is_full = |version: &str| version.matches('.').count() >= 2;
    let is =
        |at: usize, sure: Sure| matches!(&words[at], HeadingWords::Version(_, own) if *own == sure);
    let has_sure = all().any(|at| is_sure(&at));
    // Deeper headings are prose, such as `### What is new in 2.0.0`, unless there is nothing else.
    let deepest = if has_sure { 2 } else { 3 };
    let named_full = |at: usize| {
        matches!(&words[at], HeadingWords::Version(version, Sure::Named) if is_full(version))
            && level_of(at) <= deepest
    };
    let named = all()
        .filter(|at| is(*at, Sure::Named) && level_of(*at) <= deepest)
        .count();
    let are_named = all().any(named_full) || !has_sure && named > 1;
    // Words that several headings share for different versions are part of their form.
    let start = |at: usize| {
        let text = headings[at].1.to_lowercase();
        let word = version_in(&words[at]).unwrap_or_default().to_lowercase();
        let start = text.split(&word).next().unwrap_or_default();
        let start = start
            .trim_end_matches(['v', ' '])
            .trim_end_matches("version");
        (level_of(at), start.trim().to_owned())
    };
    let mut forms: HashMap<(usize, String), usize> = HashMap::new();
    for at in all().filter(|at| !has_sure && is(*at, Sure::Prose)) {
        *forms.entry(start(at)).or_default() += 1;
    }
    let is_form =
        |at: usize| level_of(at) <= 2 && forms.get(&start(at)).is_some_and(|count| *count > 1);
    let sure_levels: HashSet<usize> = all().filter(is_sure).map(level_of).collect();
    let closed = |at: usize| match &words[at] {
        HeadingWords::Version(_, Sure::Yes) => is_sure(&at),
        HeadingWords::Version(_, Sure::Named) => {
            are_named && level_of(at) <= deepest && !is_group(headings, words, at)
        }
        HeadingWords::Version(_, Sure::Prose) => is_form(at),
        HeadingWords::Version(version, Sure::Titled) => {
            is_full(version) && (level_of(at) <= 2 || sure_levels.contains(&level_of(at)))
        }
        _ => false,
    };
    all().map(closed).collect()
}

/// Whether a heading names the release line of the versions below it: `# v1.20` above `## v1.20.0`.
fn is_group(headings: &[(usize, &str)], words: &[HeadingWords], at: usize) -> bool {
    let (Some(line), Some(next)) = (
        version_in(&words[at]),
        words.get(at + 1).and_then(version_in),
    ) else {
        return false;
    };
    let below = next.strip_prefix(line.trim_end_matches(".0"));
    headings[at + 1].0 > headings[at].0
        && line.matches('.').count() < 2
        && below.is_some_and(|rest| rest.starts_with('.'))
}

/// Whether a text names the version to come: `next`, `main (unreleased)`, and R's `pkg (development version)`.
fn is_ahead(text: &str) -> bool {
    let inside = text
        .trim_end()
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('));
    let is_open =
        |inside: &str| !inside.is_empty() && OPEN.contains(&category_key(inside).as_str());
    let lower = text.trim().to_lowercase();
    let name = lower.strip_prefix("changes in ").unwrap_or(&lower);
    AHEAD.contains(&category_key(name).as_str())
        || inside.is_some_and(|(_, inside)| is_open(inside))
}

fn version_in(words: &HeadingWords) -> Option<&str> {
    match words {
        HeadingWords::Version(version, _) | HeadingWords::Open(version) => Some(version),
        _ => None,
    }
}

/// Whether the oldest version comes first.
fn ascends<'v>(versions: impl Iterator<Item = &'v str> + Clone) -> bool {
    let read = versions.filter_map(form::read);
    let (mut first, last) = (read.clone().take(2), read.last());
    match (first.next(), first.next(), last) {
        (Some(first), Some(second), Some(last)) => first < second && first < last,
        _ => false,
    }
}

/// Whether a heading with this text would begin Unreleased or a version.
pub fn is_section(text: &str) -> bool {
    matches!(
        words(text),
        HeadingWords::Unreleased | HeadingWords::Open(_) | HeadingWords::Version(_, Sure::Yes)
    )
}

/// The reason why a title cannot be that of Unreleased.
pub fn odd_unreleased(title: &str) -> Option<&'static str> {
    if title.contains(['\n', '\r']) || title.trim_start().starts_with('#') {
        return Some("a title is one line, without #");
    }
    if category_key(title).is_empty() {
        return Some("a title has letters");
    }
    if has_version(title) {
        return Some("that reads as a version");
    }
    is_part(title).then_some("that is a part of a section")
}

/// The version that a heading names with certainty, wherever the heading is.
pub(super) fn sure_version(text: &str) -> Option<String> {
    match words(text) {
        HeadingWords::Version(version, Sure::Yes) | HeadingWords::Open(version) => Some(version),
        _ => None,
    }
}

/// The text of a heading without marks, `v1.2.0 - June 12` or `**1.2.0**`: a version with its date or nothing, or Unreleased.
pub(super) fn plain(line: &str) -> Option<&str> {
    let text = line.trim().trim_matches(['*', '_']).trim_end_matches(':');
    // A carriage return alone does not end a line. Its author sees several lines, other tools see one.
    if line.starts_with(['<', '|', '`', '>']) || text.len() > 60 || text.contains('\r') {
        return None;
    }
    match words(text) {
        HeadingWords::Unreleased | HeadingWords::Open(_) => Some(text),
        HeadingWords::Version(version, Sure::Yes | Sure::Named) => {
            let rest = text.replacen(&version, "", 1);
            let date = date::find(&rest).map_or(0..0, |date| date.at);
            let rest = [&rest[..date.start], &rest[date.end..]]
                .concat()
                .to_lowercase();
            let mut left = rest
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty());
            left.all(|word| ["v", "version", "release", "released", "on"].contains(&word))
                .then_some(text)
        }
        _ => None,
    }
}

/// Whether a line begins with a version, in any markup.
pub(super) fn names_version(line: &str) -> bool {
    let text = line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '<');
    let text = text
        .split('>')
        .map(str::trim_start)
        .find(|part| !part.is_empty() && !part.starts_with('<'))
        .unwrap_or("");
    sure_version(text).is_some_and(|version| version.matches('.').count() >= 2)
}

/// Whether a heading names a version in any way.
pub(super) fn has_version(text: &str) -> bool {
    version_in(&words(text)).is_some()
}

/// Whether the headings around a heading decide how it is read.
pub(super) fn is_unsure(text: &str) -> bool {
    matches!(
        words(text),
        HeadingWords::Version(_, Sure::Named | Sure::Prose | Sure::Titled)
    )
}

/// The version that a heading announces, if the version is still being written.
pub(super) fn open_version(text: &str) -> Option<String> {
    match words(text) {
        HeadingWords::Open(version) => Some(version),
        _ => None,
    }
}

/// Whether a heading names a version and nothing follows it.
pub(super) fn is_bare(text: &str) -> bool {
    let HeadingWords::Version(version, Sure::Yes | Sure::Named) = words(text) else {
        return false;
    };
    let behind = text.split_once(&version).map_or("", |(_, behind)| behind);
    !without_address(behind).contains(char::is_alphanumeric)
}

/// The text after a version, without the link address if the version is a link.
fn without_address(behind: &str) -> &str {
    let inside = behind.strip_prefix("](");
    let behind_it = inside.and_then(|inside| inside.split_once(')'));
    behind_it.map_or(behind, |(_, rest)| rest)
}

/// A heading's text without its marks and its underline.
pub(super) fn without_marks(heading: &str) -> String {
    let line = heading
        .trim_start_matches('\u{feff}')
        .trim_start()
        .lines()
        .next()
        .unwrap_or("")
        .trim();
    let text = line.trim_start_matches('#').trim();
    let closed = text.trim_end_matches('#');
    // Closing marks have a space before them (CommonMark 0.31, 4.2).
    let is_closed = closed.len() < text.len() && closed.ends_with(' ') && line.starts_with('#');
    let text = if is_closed { closed.trim_end() } else { text };
    // A carriage return alone does not end a line.
    text.replace('\r', " ")
}

fn words(text: &str) -> HeadingWords {
    let text = text.trim();
    let bare = text.trim_start_matches(['[', '(', '*', '_', '`']);
    let first = bare
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or("");
    if first.eq_ignore_ascii_case("unreleased") || is_unreleased(text) {
        return HeadingWords::Unreleased;
    }
    if let Some((version, rest)) = leading_version(bare) {
        return told(version, rest);
    }
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return HeadingWords::Other;
    }
    let begins = bare.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase());
    let day = begins.then(|| date::leading(bare)).flatten();
    if let Some(day) = day {
        let rest = bare[day.at.end..].trim_start_matches(|c: char| !c.is_alphanumeric());
        return match (
            rest.is_empty(),
            leading_version(rest).map(|(version, _)| version),
        ) {
            (true, _) => HeadingWords::Day,
            (false, Some(version)) => HeadingWords::Version(version.to_owned(), Sure::Yes),
            (false, None) => named_version(rest),
        };
    }
    named_version(text)
}

/// The version at the beginning of a text, without its `v`, and the text after it.
fn leading_version(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(['[', '(', '*', '_', '`']);
    let end = text.find(|c: char| c.is_whitespace() || "](),:;\"*`{<|/–—".contains(c));
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    let word = word.trim_end_matches(['.', '-', '_']);
    let version = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let version = version.strip_prefix('.').unwrap_or(version);
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let core = version.split(['-', '+']).next().unwrap_or(version);
    let mut numbers = core.split('.');
    let is_numeric = numbers.all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let is_version = is_numeric && (1..=3).contains(&core.matches('.').count());
    let is_other_form = || version.contains('.') && form::read(version).is_some();
    (is_version || is_other_form()).then_some((version, rest))
}

/// The version in which notes with this label are released: 1.3.0 for `1.3.0-dev`.
pub fn released_as(version: &str) -> Option<Version> {
    let number = form::read(version)?;
    Some(if is_development(version) {
        version::core(&number)
    } else {
        number
    })
}

/// Whether notes with this label belong to a version. The label `1.3.0-dev` is a forecast, so the version may be a higher one.
pub fn are_notes_of(known: &str, number: &Version) -> bool {
    let is_foreseen = is_development(known) && number.pre.is_empty();
    released_as(known).is_some_and(|own| own == *number || is_foreseen && own < *number)
}

/// Whether a version's label is for development only and never released: `1.3.0-dev`, `1.3.0-SNAPSHOT`.
pub fn is_development(version: &str) -> bool {
    let label = version
        .find(|c: char| c.is_ascii_alphabetic())
        .map(|at| &version[at..]);
    let label = label.map(|label| {
        label
            .trim_end_matches(|c: char| !c.is_ascii_alphabetic())
            .to_lowercase()
    });
    label.is_some_and(|label| DEVELOPMENT.contains(&label.as_str()))
}

/// Whether the text after a version has no date yet: `TBD`, `2026-XX-XX`, `2026-11-30 - TBD`, `Unreleased (planned 2026-12-24)`.
fn is_still_open(rest: &str) -> bool {
    let rest = without_address(rest);
    let date = date::find(rest);
    let (start, end) = date
        .as_ref()
        .map_or((0, 0), |date| (date.at.start, date.at.end));
    let around = format!("{} {}", &rest[..start], &rest[end..]);
    let is_blank = |c: char| !c.is_alphanumeric() && c != '?';
    if around.trim_matches(is_blank).is_empty() {
        return false;
    }
    date::placeholder(&around).is_some() || is_pending(&around, date.is_some())
}

/// The meaning of a version and the words after it.
fn told(version: &str, rest: &str) -> HeadingWords {
    let own = version.to_owned();
    // R counts its development versions from 9000 on (R Packages, "Version number").
    let fourth = version
        .split('.')
        .nth(3)
        .and_then(|number| number.parse::<u64>().ok());
    let behind = category_key(rest);
    let is_empty = rest
        .trim_matches(|c: char| !c.is_alphanumeric() && c != '?')
        .is_empty();
    let is_open = !is_empty && is_still_open(rest);
    if is_open
        || is_empty && (is_development(version) || fourth.is_some_and(|number| number >= 9000))
    {
        return HeadingWords::Open(own);
    }
    // `### 2.0 migration` is prose: only a date, a mark or nothing may follow a version.
    let rest = rest
        .trim_start_matches([']', ')', '*', '_', '`'])
        .trim_start();
    let first = rest.chars().next();
    let is_mark = first.is_none_or(|c| c.is_ascii_digit() || !c.is_alphanumeric());
    let is_mark = is_mark
        || [
            "releasenotes",
            "release",
            "notes",
            "changelog",
            "final",
            "stable",
        ]
        .contains(&behind.as_str());
    // `1.0.0 to 1.1.0 migration guide` is about the upgrade from one to the other.
    let way = rest.strip_prefix("to ").and_then(leading_version);
    if way.is_some() {
        HeadingWords::Other
    } else if is_mark || date::find(rest).is_some() {
        HeadingWords::Version(own, Sure::Yes)
    } else {
        HeadingWords::Version(own, Sure::Titled)
    }
}

/// A version after one to four words: a name, as in `Version 1.2.3` and `mdBook 0.5.4`, or other words.
fn named_version(text: &str) -> HeadingWords {
    const PROSE: &[&str] = &[
        "to", "from", "for", "in", "since", "with", "of", "and", "before", "after", "until", "on",
        "at",
    ];
    let bare = |word: &str| {
        word.trim()
            .trim_matches(['*', '_', '`', '[', '('])
            .to_lowercase()
    };
    let mut is_prose = false;
    let mut is_ahead = false;
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace).take(4) {
        let start = at;
        at += word.len();
        if let Some((version, rest)) = leading_version(&text[start..]) {
            // `TBD - 1.2.0`
            return match told(version, rest) {
                HeadingWords::Version(version, Sure::Yes) if is_ahead => {
                    HeadingWords::Open(version)
                }
                _ if start == 0 => HeadingWords::Other,
                HeadingWords::Version(version, Sure::Yes) if is_prose => {
                    HeadingWords::Version(version, Sure::Prose)
                }
                HeadingWords::Version(version, Sure::Yes) => {
                    HeadingWords::Version(version, Sure::Named)
                }
                HeadingWords::Open(version) if !is_prose => HeadingWords::Open(version),
                _ => HeadingWords::Other,
            };
        }
        let word = bare(word);
        is_prose |= PROSE.contains(&word.as_str())
            || start > 0 && word.starts_with(|c: char| c.is_ascii_digit());
        let key = category_key(&word);
        is_ahead |= start == 0 && !key.is_empty() && OPEN.contains(&key.as_str());
    }
    HeadingWords::Other
}
