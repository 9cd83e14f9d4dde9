//! Mentions of a version that stay true after the next release: since when something exists, which versions are required or affected,
//! and headings of release notes. Refuses nothing; what is in doubt counts as a mention of the current version only without such words.

use std::ops::Range;

use regex_lite::Regex;

/// What stands before such a version, in its line: Sphinx's directives, tags of doc comments, keys of YAML and attributes, prose, bounds.
///
/// `^0.1.0`, `~> 0.1` and `==0.1.0` are no bounds: installation instructions have them, and follow the release. `<` and `>` count only
/// with spaces around them, since `<version>0.1.0</version>` is markup.
const BEFORE: &[&str] = &[
    r"version[-_]?(?:added|changed|removed|deprecated)\W*v?$",
    r"deprecated(?:-removed)?::\s*$",
    r"\b(?:added|introduced|changed|deprecated|removed|available|since|min|minimum|minimal|required)[_-]?(?:in|from|at|by|version)?\b[\x22'`*]*\s*[:=]\s*[\x22'`*\[]*v?$",
    r"\b(?:since|as of|from|until|till|before|prior to|up to|older than|newer than|earlier than|later than|lower than|higher than|greater than|less than|at least|minimum|starting with|starting in|beginning with|requires?|needs?)(?: the)?(?: [\w./@-]+)??(?: version| release| tag)?[ \t]*[\x22'`*_(\[]*v?$",
    r"\b(?:added|new|introduced|removed|dropped|deleted|deprecated|changed|fixed|available|supported|broken|broke|renamed|replaced|released|shipped|appeared|landed|moved|reported|first)(?: \w+)?? (?:in|with|by|on|as of)(?: the)?(?: [\w./@-]+)??(?: version| release| tag)?[ \t]*[\x22'`*_(\[]*v?$",
    r"(?:>=|<=|!=|≥|≤|&gt;=|&lt;=)\s*[\x22'`]?v?$",
    r"[^\s>]\s+(?:<|>|&lt;|&gt;)\s+v?$",
    // A heading that is a version: of its release notes.
    r"^\s*(?:#{1,6}|=+)\s+(?:version|release)?\s*[\[(*_`]*v?$",
];

/// What stands behind it: `0.1.0+`, `0.1.0 or later`, `0.1.0 onwards`.
const BEHIND: &str = r"^[\x22'`*_)\]]*(?:\+(?:\W|$)|,?\s+(?:(?:and|or)\s+)?(?:later|newer|above|higher|greater|up|onwards?|earlier|older|below|lower)\b)";

/// Finds mentions of the past.
pub struct Past {
    before: Vec<Regex>,
    behind: Option<Regex>,
}

impl Past {
    /// Reads the tables of words.
    pub fn new() -> Past {
        let regex = |text: &str| Regex::new(&format!("(?i){text}")).ok();
        Past {
            before: BEFORE.iter().filter_map(|text| regex(text)).collect(),
            behind: regex(BEHIND),
        }
    }

    /// Whether the version at this place is such a mention.
    pub fn has(&self, text: &str, at: &Range<usize>) -> bool {
        let start = text[..at.start].rfind('\n').map_or(0, |line| line + 1);
        let end = text[at.end..]
            .find('\n')
            .map_or(text.len(), |line| at.end + line);
        let (before, behind) = (&text[start..at.start], &text[at.end..end]);
        self.before.iter().any(|words| words.is_match(before))
            || self
                .behind
                .as_ref()
                .is_some_and(|words| words.is_match(behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_past(line: &str) -> bool {
        let at = line.find("0.1.0").unwrap();
        Past::new().has(&format!("x\n{line}\ny"), &(at + 2..at + 7))
    }

    #[test]
    fn every_table_entry_is_a_regular_expression() {
        let past = Past::new();
        assert_eq!(past.before.len(), BEFORE.len());
        assert!(past.behind.is_some());
    }

    #[test]
    fn history_is_recognized() {
        let past = [
            ".. versionadded:: 0.1.0",
            ".. versionchanged:: 0.1.0",
            "   .. deprecated:: 0.1.0",
            ".. deprecated-removed:: 0.1.0 0.3.0",
            "!!! version-added \"0.1.0\"",
            "version_added: \"0.1.0\"",
            "versionAdded: 0.1.0",
            "Since v0.1.0",
            "since lamp 0.1.0",
            "(since 0.1.0)",
            " * @since 0.1.0",
            "#[deprecated(since = \"0.1.0\")]",
            "*Since: **0.1.0***",
            "added: v0.1.0",
            "Added in v0.1.0.",
            "Added support in 0.1.0.",
            "New in version 0.1.0:",
            "introduced with lamp 0.1.0",
            "Deprecated as of 0.1.0",
            "fixed in `0.1.0`",
            "Upgrading from 0.1.0",
            "before 0.1.0 it was",
            "foo >= 0.1.0",
            "foo>=0.1.0,<0.2",
            "\"lamp\": \">=0.1.0\"",
            "foo <= v0.1.0",
            "lamp > 0.1.0",
            "requires lamp 0.1.0",
            "requires 0.1.0",
            "min_version: 0.1.0",
            "minimum version 0.1.0",
            "at least 0.1.0",
            "0.1.0+ is needed",
            "lamp 0.1.0 or later",
            "0.1.0 and newer",
            "from v0.1.0 onwards",
            "## 0.1.0",
            "## [0.1.0] - 2026-01-01",
            "### Version 0.1.0",
            "== v0.1.0",
        ];
        let missed: Vec<&str> = past.into_iter().filter(|line| !is_past(line)).collect();
        assert_eq!(missed, [""; 0]);
        let current = [
            "install lamp 0.1.0",
            "lamp==0.1.0",
            "lamp = \"0.1.0\"",
            "lamp = \"^0.1.0\"",
            "gem \"lamp\", \"~> 0.1.0\"",
            "<version>0.1.0</version>",
            "> 0.1.0 is the newest",
            "version: 0.1.0",
            "rev: v0.1.0",
            "the current version is 0.1.0",
            "uses: acme/lamp@v0.1.0",
            "FROM ghcr.io/acme/lamp:0.1.0",
            "https://example.org/v0.1.0/lamp.tar.gz",
            "## Installing lamp 0.1.0",
            "image:0.1.0@sha256:1",
            "lamp 0.1.0 is new",
        ];
        let taken: Vec<&str> = current.into_iter().filter(|line| is_past(line)).collect();
        assert_eq!(taken, [""; 0]);
    }
}
