//! Versions in any text: by a pattern, or as a separate word.

use std::ops::Range;

use regex_lite::Regex;
use semver::Version;

use crate::domain::order;
use crate::domain::version::file::edit::{Replacement, applied};
use crate::domain::version::file::past::Past;

/// Words that make `1.2.0-WORD` a different version than 1.2.0; `1.2.0-linux` is a file name.
const PRE_RELEASES: [&str; 13] = [
    "alpha",
    "beta",
    "rc",
    "pre",
    "preview",
    "dev",
    "next",
    "canary",
    "nightly",
    "snapshot",
    "post",
    "milestone",
    "insiders",
];

/// Literal text of a line with `{version}` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePattern {
    before: String,
    after: String,
}

impl LinePattern {
    /// # Errors
    /// Fails unless the text contains `{version}` exactly once.
    pub fn new(text: &str) -> Result<LinePattern, String> {
        match text.split_once("{version}") {
            Some((before, after)) if !after.contains("{version}") => Ok(LinePattern {
                before: before.to_owned(),
                after: after.to_owned(),
            }),
            _ => Err(format!(
                "pattern `{text}` must contain {{version}} once, as in `release = \"{{version}}\"`"
            )),
        }
    }

    /// Versions in a text, with their ranges.
    pub fn find(&self, text: &str) -> Vec<(Range<usize>, Version)> {
        let mut found: Vec<(Range<usize>, Version)> = Vec::new();
        for (start, _) in text.match_indices(self.before.as_str()) {
            let from = start + self.before.len();
            // A match inside of another version, such as 1.0.0 in 2.0.0-rc.1.0.0, is skipped.
            let is_within = found.last().is_some_and(|(known, _)| from < known.end);
            if is_within || !begins_word(&text[..start], &self.before) {
                continue;
            }
            if let Some((end, version)) = self.version_at(text, from) {
                found.push((from..end, version));
            }
        }
        found
    }

    /// Longest version at `from` that is followed by the pattern's end.
    fn version_at(&self, text: &str, from: usize) -> Option<(usize, Version)> {
        if self.before.is_empty() && !is_free_before(&text[..from]) {
            return None;
        }
        let rest = &text[from..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || ".+-".contains(c);
        let run = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        (1..=run).rev().find_map(|length| {
            let version = Version::parse(&rest[..length]).ok()?;
            let behind = rest[length..].strip_prefix(self.after.as_str())?;
            let is_whole = match self.after.chars().next_back() {
                None => is_free_after(behind),
                Some(last) => !(is_word(last) && behind.starts_with(is_word)),
            };
            is_whole.then_some((from + length, version))
        })
    }

    /// Text with each of `from` replaced by `to`. Other versions in these places, such as those of dependencies, are kept.
    pub fn bumped(&self, text: &str, from: &[Version], to: &Version) -> String {
        let found = self.find(text).into_iter();
        let edits = found
            .filter(|(_, version)| from.contains(version))
            .map(|(at, _)| Replacement {
                at,
                text: to.to_string(),
            });
        applied(text, edits.collect())
    }
}

/// Text with each of `old` replaced by `new` wherever it is a separate word: alone or after a `v`, but not within 10.1.0, 0.1.0-rc.1 or
/// 0.1.0.post1. Mentions of the past, such as `since 0.1.0` and `>= 0.1.0`, are kept.
pub fn replaced(text: &str, old: &[Version], new: &Version) -> String {
    let edits = naming(text, old).into_iter().map(|at| Replacement {
        at,
        text: new.to_string(),
    });
    applied(text, edits.collect())
}

/// Ranges where one of these versions is a separate word and not a mention of the past. If several match, the longest is used.
fn naming(text: &str, old: &[Version]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for version in old {
        let version = version.to_string();
        let places = text.match_indices(&version);
        let places = places.map(|(start, _)| start..start + version.len());
        found.extend(
            places.filter(|at| is_free_before(&text[..at.start]) && is_free_after(&text[at.end..])),
        );
    }
    order::by_key(&mut found, |at| (at.start, std::cmp::Reverse(at.end)));
    let mut end = 0;
    found.retain(|at| {
        let is_free = at.start >= end;
        end = if is_free { at.end } else { end };
        is_free
    });
    if !found.is_empty() {
        let past = Past::new();
        found.retain(|at| !past.has(text, at));
    }
    found
}

/// Lines, from 1, that contain one of these versions, or the minor version `line` in a form such as `v0.34`, `^0.34`, `"0.34"`, `0.34.x`.
pub fn lines_naming(text: &str, old: &[Version], line: Option<(u64, u64)>) -> Vec<usize> {
    let places = naming(text, old).into_iter();
    let mut places: Vec<usize> = places.map(|at| at.start).collect();
    if let Some((major, minor)) = line {
        let short = format!("{major}.{minor}");
        let is_meant = |at: &Range<usize>| {
            let marked = text[..at.start].ends_with(['v', '^', '~', '=', '>', '"', '\'', '`', '@']);
            text[at.clone()] == short && (marked || text[at.end..].starts_with(".x"))
        };
        let short = words(text, 2).into_iter().filter(is_meant);
        places.extend(short.map(|at| at.start));
    }
    let mut lines: Vec<usize> = places
        .into_iter()
        .map(|at| text[..at].matches('\n').count() + 1)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Ranges where this many numbers, separated by dots, are a separate word.
fn words(text: &str, numbers: usize) -> Vec<Range<usize>> {
    let Ok(pattern) = Regex::new(r"\d+(?:\.\d+)+") else {
        return Vec::new();
    };
    let found = pattern.find_iter(text).map(|found| found.range());
    found
        .filter(|at| text[at.clone()].split('.').count() == numbers)
        .filter(|at| is_free_before(&text[..at.start]) && is_free_after(&text[at.end..]))
        .collect()
}

fn is_free_before(before: &str) -> bool {
    let bare = before.strip_suffix(['v', 'V']).unwrap_or(before);
    let mut last = bare.chars().rev();
    match last.next() {
        Some('.') => !last.next().is_some_and(|c| c.is_ascii_digit()),
        Some('+') => !last.next().is_some_and(char::is_alphanumeric),
        Some(c) => !c.is_alphanumeric(),
        None => true,
    }
}

fn is_free_after(after: &str) -> bool {
    let mut rest = after.chars();
    let first = rest.next();
    let rest = rest.as_str();
    let end = rest.find(|c: char| !c.is_alphabetic());
    let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
    let word = word.to_lowercase();
    let is_numbered = behind.starts_with(|c: char| c.is_ascii_digit());
    let has_number = rest.starts_with(|c: char| c.is_ascii_digit());
    match first {
        Some('.') => !has_number && !matches!(word.as_str(), "post" | "dev"),
        Some('-') => {
            let short = matches!(word.as_str(), "a" | "b" | "c" | "m") && is_numbered;
            !has_number && !short && !PRE_RELEASES.contains(&word.as_str())
        }
        Some('+') => !rest.starts_with(char::is_alphanumeric),
        Some(c) => !c.is_alphanumeric(),
        None => true,
    }
}

/// Whether a match of a pattern that begins with a word begins at a word boundary.
fn begins_word(before: &str, pattern: &str) -> bool {
    !(pattern.starts_with(is_word) && before.ends_with(is_word))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn a_version_is_replaced_where_it_is_a_word() {
        let new = v("0.2.0");
        for (text, count) in [
            ("0.1.0", 1),
            ("v0.1.0, V0.1.0.", 2),
            ("pip install djp==0.1.0\n`0.1.0`", 2),
            ("a/0.1.0/b?v=0.1.0", 2),
            ("v0.0.9...v0.1.0", 1),
            ("djp_workflow-0.1.0-py3-none-any.whl", 1),
            ("djp-0.1.0.tar.gz and djp_0.1.0_amd64.deb", 2),
            ("lloom-client-v0.1.0-linux-amd64.tar.gz", 1),
            ("image:0.1.0@sha256:1", 1),
            ("äöü 0.1.0–ß", 1),
            ("10.1.0 0.1.01 0.1.0.1 1.0.1.0 0.1.00", 0),
            ("0.1.0-rc.1 0.1.0-alpha 0.1.0-b2 0.1.0-1", 0),
            ("0.1.0.post1 0.1.0.dev2 0.1.0rc1 0.1.0+build", 0),
            ("rev0.1.0 py0.1.0 1.0.0+0.1.0 x0.1.0 äv0.1.0", 0),
        ] {
            let after = replaced(text, &[v("0.1.0")], &new);
            assert_eq!(after.matches("0.2.0").count(), count, "{text} -> {after}");
            assert_eq!(after.replace("0.2.0", "0.1.0"), text);
        }
    }

    #[test]
    fn a_pattern_finds_any_version_within_its_text() {
        let bump = |pattern: &str, text: &str| {
            let from = [v("0.1.0"), v("0.0.7-rc.1"), v("0.1.0-rc.1")];
            let pattern = LinePattern::new(pattern).unwrap();
            pattern.bumped(text, &from, &v("0.2.0"))
        };
        for (pattern, before, after) in [
            (
                "lloom = \"{version}\"",
                "lloom = \"0.0.7-rc.1\"",
                "lloom = \"0.2.0\"",
            ),
            (
                "lloom = \"{version}\"",
                "my-lloom = \"0.1.0\"",
                "my-lloom = \"0.1.0\"",
            ),
            (
                "lloom = \"{version}\"",
                "lloom = \"0.1\"",
                "lloom = \"0.1\"",
            ),
            (
                "x-{version}.tar.gz",
                "x-0.1.0-rc.1.tar.gz\n",
                "x-0.2.0.tar.gz\n",
            ),
            ("{version}", "v0.1.0\n", "v0.2.0\n"),
            ("{version}", "10.1.0.2\n", "10.1.0.2\n"),
            (
                "version: {version}",
                "version: 0.1.0.\r\n",
                "version: 0.2.0.\r\n",
            ),
            (
                "a:{version}",
                "a:0.1.0.post1 a:0.1.0rc1",
                "a:0.1.0.post1 a:0.1.0rc1",
            ),
            (
                "tag {version} is",
                "tag 0.1.0 is\ntag 0.1.0 isn",
                "tag 0.2.0 is\ntag 0.1.0 isn",
            ),
            ("v=é{version}", "v=é0.1.0é", "v=é0.1.0é"),
            (
                "version: {version}",
                "version: 0.1.0\n- version: 17.3.14\n",
                "version: 0.2.0\n- version: 17.3.14\n",
            ),
        ] {
            assert_eq!(bump(pattern, before), after, "{pattern}");
        }
        assert!(
            LinePattern::new("none").is_err() && LinePattern::new("{version}{version}").is_err()
        );
    }

    #[test]
    fn pre_releases_are_versions_too() {
        let old = [v("0.1.0"), v("0.2.0-rc.1"), v("0.2.0-odd.1")];
        for (text, after) in [
            ("0.2.0-rc.1, v0.2.0-rc.1.", "0.2.0, v0.2.0."),
            ("x-0.2.0-rc.1.tar.gz 0.1.0", "x-0.2.0.tar.gz 0.2.0"),
            ("0.2.0-odd.1", "0.2.0"),
        ] {
            assert_eq!(replaced(text, &old, &v("0.2.0")), after);
            assert_eq!(lines_naming(text, &old, None), [1], "{text}");
        }
        for kept in ["0.2.0-rc.10 10.2.0-rc.1 0.2.0-rc.1.1 0.2.0-rc.1-1", "0.2.0"] {
            assert_eq!(replaced(kept, &old[1..2], &v("0.3.0")), kept);
        }
    }

    #[test]
    fn older_versions_are_found_by_line() {
        let text = "0.33.0\nDJP 0.34 and `0.34`\nv0.34.x\n0.34.1\n10.34\n^0.34 0.33.0";
        let old = [v("0.33.0"), v("0.34.0")];
        assert_eq!(lines_naming(text, &old, Some((0, 34))), [1, 2, 3, 6]);
        assert_eq!(lines_naming(text, &old, None), [1, 6]);
    }
}
