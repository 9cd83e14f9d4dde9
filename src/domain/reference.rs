//! References: how a line names the change that it tells about.

use std::collections::HashSet;

/// `#12` in running text; not `owner/repo#12`, not the `#` of an anchor or an entity.
pub fn issue_numbers(text: &str) -> impl Iterator<Item = u64> + '_ {
    text.match_indices('#').filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let digits = text[at + 1..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let free = before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '/' | '&' | '_'));
        (free && (1..=9).contains(&digits))
            .then(|| text[at + 1..at + 1 + digits].parse().ok())
            .flatten()
    })
}

/// What a line names, each in one spelling: `#12`, abbreviated commits, IDs with a date such as `2026-01-28-00b-sjc`.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = issue_numbers(text).map(|n| format!("#{n}")).collect();
    for word in words(text) {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let dated = digits >= 8 && word.matches('-').count() >= 3;
        if dated || (is_abbreviation(word) && digits > 0) {
            tokens.push(word.to_lowercase());
        }
    }
    tokens
}

fn is_abbreviation(word: &str) -> bool {
    (7..=40).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let breaks = |c: char| c.is_whitespace() || "()[]{}<>,;:\"'`*_".contains(c);
    let words = text.split(breaks).map(|w| w.trim_matches(['.', '!', '?']));
    words.filter(|word| !word.is_empty())
}

/// Everything that hand-written lines and skip comments name.
#[derive(Debug, Default, Clone)]
pub struct Named {
    issues: HashSet<u64>,
    /// Words that could be an abbreviated commit: 7 to 40 hexadecimal digits.
    commits: Vec<String>,
    words: HashSet<String>,
}

impl Named {
    /// Adds all that `text` names.
    pub fn add(&mut self, text: &str) {
        self.issues.extend(issue_numbers(text));
        for word in words(text) {
            if is_abbreviation(word) {
                self.commits.push(word.to_lowercase());
            }
            self.words.insert(word.to_owned());
            // A link to a commit or an issue names it by the end of its path.
            if let Some((_, last)) = word.rsplit_once('/') {
                self.words.insert(last.to_owned());
                if is_abbreviation(last) {
                    self.commits.push(last.to_lowercase());
                }
            }
        }
    }

    /// What could be an abbreviated commit.
    pub fn commits(&self) -> &[String] {
        &self.commits
    }

    /// Whether an issue or pull request of this number is named.
    pub fn issue(&self, number: u64) -> bool {
        self.issues.contains(&number)
    }

    /// Whether a commit is named, by any abbreviation of seven digits or more.
    pub fn commit(&self, id: &str) -> bool {
        self.commits
            .iter()
            .any(|named| id.starts_with(named.as_str()))
    }

    /// Whether a word stands by itself, for example a spec ID.
    pub fn word(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_commits_and_specs_are_found_in_prose() {
        let mut named = Named::default();
        named.add("- **api:** Set it ([#12](https://example.org/o/r/pull/12), 1a2b3c4d) see o/r#9");
        named.add("- x (2026-01-28-00b-sjc.1) https://example.org/commit/abcdef1234");
        assert!(named.issue(12) && !named.issue(9) && !named.issue(1));
        assert!(named.commit("1a2b3c4d5e6f") && named.commit("abcdef1234567"));
        assert!(!named.commit("1a2b3c4e"));
        assert!(named.word("2026-01-28-00b-sjc.1"));
    }
}
