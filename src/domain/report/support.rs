//! Support periods of versions, and the block of a document that lists them. The code reads no clock: today is a parameter.

use std::collections::BTreeMap;
use std::ops::Range;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::domain::spec::source::is_inside;

/// Which versions are one line: what users stay on without a change that is more than a patch, or than a feature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LineRule {
    /// `1.2.x`.
    #[default]
    Minor,
    /// `1.x`; before 1.0 still `0.2.x`, since there a minor version may break (SemVer, clause 4).
    Major,
}

/// Key of a line: its numbers in order.
type LineKey = (u64, Option<u64>);

impl LineRule {
    fn key(self, version: &Version) -> LineKey {
        match self {
            LineRule::Major if version.major > 0 => (version.major, None),
            _ => (version.major, Some(version.minor)),
        }
    }
}

/// A final release.
#[derive(Debug, Clone)]
pub struct SupportedRelease {
    pub version: Version,
    /// `YYYY-MM-DD`.
    pub date: String,
    pub lts: bool,
    /// Last day of support, if the release was made with one.
    pub until: Option<String>,
    pub withdrawn: bool,
}

/// Support status of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineStatus {
    /// The newest line.
    Current,
    /// A release of the line was made with `--lts`.
    Lts,
    /// A newer line is released, but support has not ended.
    Maintained,
    /// The support period has ended, or every release of the line is withdrawn.
    EndOfLife,
}

/// A line of versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseLine {
    /// `0.2.x`.
    pub line: String,
    /// `None` for an older line if no policy says how long it is supported: then nothing is claimed.
    pub status: Option<LineStatus>,
    /// Whether the line has long-term support, also while it is current.
    pub lts: bool,
    /// Day of its first release.
    pub since: String,
    /// Newest release that is not withdrawn; `None` if all are.
    pub latest: Option<String>,
    /// Last day of support; `None` for the current line unless it is an LTS line, and if no policy defines one.
    pub until: Option<String>,
}

/// All lines, the newest first. `maintained` returns the last day of maintenance of a line, given the day on which the next line was
/// released; `None` if no policy defines it.
pub fn matrix(
    releases: &[SupportedRelease],
    lines: LineRule,
    today: &str,
    maintained: impl Fn(&str) -> Option<String>,
) -> Vec<ReleaseLine> {
    let mut by_line: BTreeMap<LineKey, Vec<&SupportedRelease>> = BTreeMap::new();
    for release in releases {
        by_line
            .entry(lines.key(&release.version))
            .or_default()
            .push(release);
    }
    let mut all = Vec::new();
    // Day on which the first of the newer lines was released.
    let mut superseded: Option<&str> = None;
    for (key, own) in by_line.iter().rev() {
        let days = own.iter().map(|release| release.date.as_str());
        let since = days.min().unwrap_or_default();
        let standing = || own.iter().filter(|release| !release.withdrawn);
        let latest = standing().map(|release| &release.version).max();
        let lts = standing().filter(|release| release.lts);
        let lts = lts.filter_map(|release| release.until.clone()).max();
        let is_lts = lts.as_deref().is_some_and(|until| today <= until);
        let kept = superseded.and_then(&maintained);
        // Support of 0 days ends with the release that ends the line.
        let is_kept = kept
            .as_deref()
            .is_some_and(|until| today <= until && superseded < Some(until));
        let end = lts.clone().max(kept);
        let (status, until) = match superseded {
            _ if latest.is_none() => {
                let last = own.iter().map(|release| release.date.clone()).max();
                (Some(LineStatus::EndOfLife), last)
            }
            None => (Some(LineStatus::Current), end.filter(|_| is_lts)),
            Some(_) if is_lts => (Some(LineStatus::Lts), end),
            Some(_) if is_kept => (Some(LineStatus::Maintained), end),
            Some(_) => (end.is_some().then_some(LineStatus::EndOfLife), end),
        };
        all.push(ReleaseLine {
            line: match key {
                (major, Some(minor)) => format!("{major}.{minor}.x"),
                (major, None) => format!("{major}.x"),
            },
            status,
            lts: lts.is_some(),
            since: since.to_owned(),
            latest: latest.map(Version::to_string),
            until,
        });
        if latest.is_some() {
            superseded = Some(superseded.map_or(since, |day| day.min(since)));
        }
    }
    all
}

/// Marker line before the matrix in a document; that of a component contains its name.
pub fn marker(component: Option<&str>) -> String {
    let name = component.map_or(String::new(), |name| format!(" {name}"));
    format!("<!-- relwatch:support{name} -->")
}

/// Marker line after the matrix.
pub const END: &str = "<!-- /relwatch:support -->";

/// A block of a document that begins with a marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedBlock<'d> {
    pub marker: &'d str,
    /// Line number of the marker.
    pub line: usize,
    /// Text before the marker: a block in a list item is indented.
    indent: &'d str,
    /// From the marker's line to the end marker's line; `None` without an end marker.
    pub span: Option<Range<usize>>,
}

/// Blocks of a document, and markers without their counterpart. Fenced code is ignored.
pub fn blocks(document: &str) -> Vec<MarkedBlock<'_>> {
    let mut found: Vec<MarkedBlock<'_>> = Vec::new();
    // Index of the last block that has no end yet.
    let mut open: Option<usize> = None;
    let mut fence: Option<&str> = None;
    let mut at = 0;
    for (number, line) in (1..).zip(document.split_inclusive('\n')) {
        let start = at;
        at += line.len();
        let bare = line.trim();
        let is_end = bare == END;
        match (fence, open) {
            (Some(mark), _) => fence = Some(mark).filter(|mark| !bare.starts_with(mark)),
            _ if bare.starts_with("```") || bare.starts_with("~~~") => fence = bare.get(..3),
            (None, Some(from)) if is_end => {
                open = None;
                if let Some(block) = found.last_mut() {
                    block.span = Some(from..at);
                }
            }
            _ if is_end || bare.starts_with("<!-- relwatch:support") => {
                open = Some(start).filter(|_| !is_end);
                found.push(MarkedBlock {
                    marker: bare,
                    line: number,
                    indent: &line[..line.len() - line.trim_start().len()],
                    span: None,
                });
            }
            _ => {}
        }
    }
    found
}

/// Target of a link, from the repository's root, for a document at `path`; `None` if it is outside of the repository.
pub fn target(path: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/")).filter(|path| is_inside(path))
}

/// Document with the blocks replaced for which `text` returns a text; every other byte is unchanged.
pub fn refreshed(document: &str, text: impl Fn(&str) -> Option<String>) -> String {
    let eol = if document.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut out = document.to_owned();
    for block in blocks(document).into_iter().rev() {
        let (Some(text), Some(span)) = (text(block.marker), block.span) else {
            continue;
        };
        let is_last = !document[span.clone()].ends_with('\n');
        let lines: Vec<String> = text
            .lines()
            .map(|line| format!("{}{line}", block.indent))
            .collect();
        let end = if is_last { "" } else { eol };
        out.replace_range(span, &format!("{}{end}", lines.join(eol)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str, date: &str) -> SupportedRelease {
        SupportedRelease {
            version: Version::parse(version).unwrap(),
            date: date.into(),
            lts: false,
            until: None,
            withdrawn: false,
        }
    }

    fn lts(version: &str, date: &str, until: &str) -> SupportedRelease {
        SupportedRelease {
            lts: true,
            until: Some(until.into()),
            ..release(version, date)
        }
    }

    fn told(
        releases: &[SupportedRelease],
        lines: LineRule,
        today: &str,
        maintained: &str,
    ) -> String {
        let kept = |_: &str| Some(maintained.to_owned()).filter(|day| !day.is_empty());
        let all = matrix(releases, lines, today, kept).into_iter();
        let all = all.map(|line| {
            let until = line.until.as_deref().unwrap_or("-");
            let status = line.status.map_or("-".to_owned(), |one| format!("{one:?}"));
            format!("{} {status} {until}\n", line.line)
        });
        all.collect()
    }

    #[test]
    fn lines_are_current_long_kept_and_over() {
        let releases = [
            release("0.1.0", "2025-01-01"),
            lts("0.2.0", "2025-03-01", "2026-03-01"),
            release("0.2.1", "2025-06-01"),
            release("0.3.0", "2025-05-01"),
            release("1.0.0", "2025-08-01"),
        ];
        assert_eq!(
            told(&releases, LineRule::Minor, "2026-03-01", ""),
            "1.0.x Current -\n0.3.x - -\n0.2.x Lts 2026-03-01\n0.1.x - -\n"
        );
        assert_eq!(
            told(&releases[..4], LineRule::Minor, "2026-03-02", "2026-04-01"),
            "0.3.x Current -\n0.2.x Maintained 2026-04-01\n0.1.x Maintained 2026-04-01\n"
        );
        // A promised period that is over is shown; nothing is shown where nothing was promised.
        assert_eq!(
            told(&releases, LineRule::Minor, "2026-03-02", ""),
            "1.0.x Current -\n0.3.x - -\n0.2.x EndOfLife 2026-03-01\n0.1.x - -\n"
        );
        assert_eq!(
            told(&releases[..4], LineRule::Minor, "2026-03-02", "2025-06-01"),
            "0.3.x Current -\n0.2.x EndOfLife 2026-03-01\n0.1.x EndOfLife 2025-06-01\n"
        );
        // The end of a current line with long-term support is known.
        assert_eq!(
            told(&releases[..3], LineRule::Minor, "2025-06-01", ""),
            "0.2.x Current 2026-03-01\n0.1.x - -\n"
        );
    }

    #[test]
    fn major_lines_begin_with_the_first_stable_version() {
        let releases = [
            release("0.1.0", "2025-01-01"),
            release("0.2.0", "2025-02-01"),
            release("1.0.0", "2025-03-01"),
            release("1.4.0", "2025-04-01"),
        ];
        assert_eq!(
            told(&releases, LineRule::Major, "2025-05-01", ""),
            "1.x Current -\n0.2.x - -\n0.1.x - -\n"
        );
    }

    #[test]
    fn what_is_withdrawn_supersedes_nothing() {
        let mut releases = vec![
            release("0.1.0", "2025-01-01"),
            release("0.2.0", "2025-02-01"),
        ];
        releases[1].withdrawn = true;
        assert_eq!(
            told(&releases, LineRule::Minor, "2025-05-01", ""),
            "0.2.x EndOfLife 2025-02-01\n0.1.x Current -\n"
        );
        releases.push(release("0.2.1", "2025-02-03"));
        assert_eq!(
            told(&releases, LineRule::Minor, "2025-05-01", ""),
            "0.2.x Current -\n0.1.x - -\n"
        );
    }

    #[test]
    fn only_whole_blocks_are_replaced() {
        let block = "<!-- relwatch:support -->\nold\n<!-- /relwatch:support -->";
        let new = |name: &str| (name == marker(None)).then(|| "new\nlines\n".to_owned());
        for (before, after) in [
            (format!("a\n{block}\nb"), "a\nnew\nlines\nb".to_owned()),
            (block.to_owned(), "new\nlines".to_owned()),
            (
                format!("a\n{block}\n").replace('\n', "\r\n"),
                "a\r\nnew\r\nlines\r\n".to_owned(),
            ),
        ] {
            assert_eq!(refreshed(&before, new), after);
        }
        let indented = format!("- a\n  {}\n", block.replace('\n', "\n  "));
        assert_eq!(refreshed(&indented, new), "- a\n  new\n  lines\n");
        for kept in [
            "<!-- relwatch:support -->\nno end\n".to_owned(),
            format!("```\n{block}\n```\n"),
            block.replace("support -->\nold", "support api -->\nold"),
        ] {
            assert_eq!(refreshed(&kept, new), kept);
        }
    }

    #[test]
    fn a_marker_without_its_other_one_is_no_block() {
        let text = format!("{END}\n{0}\n{0}\n{END}\n {0}", marker(None));
        let found = blocks(&text);
        let told: Vec<_> = found
            .iter()
            .map(|block| (block.line, block.marker == END, block.span.is_some()))
            .collect();
        assert_eq!(
            told,
            [
                (1, true, false),
                (2, false, false),
                (3, false, true),
                (5, false, false)
            ]
        );
    }

    #[test]
    fn a_link_leads_to_a_path_of_the_repository() {
        let to = |path: &str, link: &str| target(path, link);
        assert_eq!(to("README.md", "docs/a.md").as_deref(), Some("docs/a.md"));
        assert_eq!(to("docs/a.md", "./../b.md").as_deref(), Some("b.md"));
        for outside in ["../a", "/etc/passwd", "docs/../../a"] {
            assert_eq!(to("README.md", outside), None);
        }
    }
}
