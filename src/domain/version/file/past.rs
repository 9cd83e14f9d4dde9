//! Mentions of a version that stay true after the next release: since when something exists, which versions are required or affected, and
//! headings of release notes. Nothing is refused; a mention without such words counts as one of the current version.

use std::ops::Range;

use regex_lite::Regex;

/// Text before such a version, in its line: Sphinx's directives, tags of doc comments, keys of YAML and attributes, prose, bounds.
///
/// `^0.1.0`, `~> 0.1` and `==0.1.0` are not bounds: they are used in installation instructions, and follow the release. `<` and `>` count
/// only with spaces around them, since `<version>0.1.0</version>` is markup.
const BEFORE: &[&str] = &[
    r"version[-_]?(?:added|changed|removed|deprecated)\W*v?$",
    r"deprecated(?:-removed)?::\s*$",
    r"\b(?:added|introduced|changed|deprecated|removed|available|since|min|minimum|minimal|required)[_-]?(?:in|from|at|by|version)?\b[\x22'`*]*\s*[:=]\s*[\x22'`*\[]*v?$",
    r"\b(?:since|as of|from|until|till|before|prior to|up to|older than|newer than|earlier than|later than|lower than|higher than|greater than|less than|at least|minimum|starting with|starting in|beginning with|requires?|needs?)(?: the)?(?: [\w./@-]+)??(?: version| release| tag)?[ \t]*[\x22'`*_(\[]*v?$",
    r"\b(?:added|new|introduced|removed|dropped|deleted|deprecated|changed|fixed|available|supported|broken|broke|renamed|replaced|released|shipped|appeared|landed|moved|reported|first)(?: \w+)?? (?:in|with|by|on|as of)(?: the)?(?: [\w./@-]+)??(?: version| release| tag)?[ \t]*[\x22'`*_(\[]*v?$",
    r"(?:>=|<=|!=|≥|≤|&gt;=|&lt;=)\s*[\x22'`]?v?$",
    r"[^\s>]\s+(?:<|>|&lt;|&gt;)\s+v?$",
    r"\b(?:in|with|against|after)(?: the)?(?: version| release| tag)?[ \t]*[\x22'`*_(\[]*v?$",
    // Statements about that version alone, up to the end of the sentence: `tested with foo 0.1.0 and bar==0.1.0`.
    r"\b(?:tested|verified|benchmarked|compatible|incompatible) (?:with|on|against|under|using)\b(?:[^.]|\.\S)*$",
    // A date in the line: the date of that version.
    r"\b\d{4}-\d{2}-\d{2}\b",
    // A heading that is a version: a heading of its release notes.
    r"^\s*(?:#{1,6}|=+)\s+(?:version|release)?\s*[\[(*_`]*v?$",
];

/// Text after such a version: `0.1.0+`, `0.1.0 or later`, `0.1.0 onwards`; `0.1.0 introduced locks`; a date.
const BEHIND: &[&str] = &[
    r"\b\d{4}-\d{2}-\d{2}\b",
    r"^[\x22'`*_)\]]*\s+(?:we |it |they |has |have |had |was |were )?(?:introduced|added|removed|dropped|deprecated|changed|fixed|renamed|replaced|released|shipped|brought|broke|broken|moved)\b",
    r"^[\x22'`*_)\]]*(?:\+(?:\W|$)|,?\s+(?:(?:and|or)\s+)?(?:later|newer|above|higher|greater|up|onwards?|earlier|older|below|lower)\b)",
];

/// Finder of past mentions.
pub struct Past {
    before: Vec<Regex>,
    behind: Vec<Regex>,
}

impl Past {
    /// Compiles the word tables.
    pub fn new() -> Past {
        let regex = |text: &str| Regex::new(&format!("(?i){text}")).ok();
        Past {
            before: BEFORE.iter().filter_map(|text| regex(text)).collect(),
            behind: BEHIND.iter().filter_map(|text| regex(text)).collect(),
        }
    }

    /// Whether the version at this position is a past mention.
    pub fn has(&self, text: &str, at: &Range<usize>) -> bool {
        let start = text[..at.start].rfind('\n').map_or(0, |line| line + 1);
        let end = text[at.end..]
            .find('\n')
            .map_or(text.len(), |line| at.end + line);
        let (before, behind) = (&text[start..at.start], &text[at.end..end]);
        self.before.iter().any(|words| words.is_match(before))
            || self.behind.iter().any(|words| words.is_match(behind))
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
        assert_eq!(past.behind.len(), BEHIND.len());
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
            "| 0.1.0 | 2025-01-01 |",
            "2025-01-01: lamp 0.1.0",
            "With 0.1.0 we introduced locks.",
            "A bug in 0.1.0 (#3)",
            "A bug in version `0.1.0`",
            "lamp 0.1.0 introduced locks",
            "v0.1.0 has dropped them",
            "Tested with foo 0.1.0.",
            "tested with bar 1.0.5, foo==0.1.0",
            "compatible with foo 0.1.0",
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
            "| newest | 0.1.0 |",
            "Tested with foo. Install lamp 0.1.0",
            "Install it with `cargo install lamp@0.1.0`",
            "download lamp-0.1.0.tar.gz in a folder",
        ];
        let taken: Vec<&str> = current.into_iter().filter(|line| is_past(line)).collect();
        assert_eq!(taken, [""; 0]);
    }
}
