//! Regular expressions from configuration, checked when the configuration is read.

use regex_lite::{Captures, Regex};
use serde::{Deserialize, Deserializer, de};

/// A regular expression; two are equal if their texts are.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// Regular expression that matches exactly this text.
pub fn escaped(text: &str) -> String {
    regex_lite::escape(text)
}

/// Whether a text is the word `known`. Case does not matter, and a `*` at either end of `known` matches anything.
pub fn word_fits(known: &str, text: &str) -> bool {
    if !known.contains('*') {
        return known.eq_ignore_ascii_case(text); // nearly every word
    }
    let (known, text) = (known.to_lowercase(), text.to_lowercase());
    match (known.strip_prefix('*'), known.strip_suffix('*')) {
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        (Some(rest), Some(_)) => text.contains(rest.trim_end_matches('*')),
        (None, None) => known == text,
    }
}

impl Pattern {
    /// Refuses an invalid regular expression.
    pub fn new(text: &str) -> Result<Pattern, String> {
        Regex::new(text)
            .map(Pattern)
            .map_err(|error| format!("`{text}` is no regular expression: {error}"))
    }

    /// Text of the expression as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the expression matches anywhere in the text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// First match with its groups.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.0.captures(text)
    }

    /// First group in the text, or the whole match if there are no groups.
    pub fn first<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = self.0.captures(text)?;
        found.get(1).or(found.get(0)).map(|part| part.as_str())
    }

    /// All matches.
    pub fn all<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.0.find_iter(text).map(|found| found.as_str())
    }

    /// Text without the first match.
    pub fn stripped(&self, text: &str) -> String {
        self.0.replace(text, "").into_owned()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pattern, D::Error> {
        let text = String::deserialize(deserializer)?;
        Pattern::new(&text).map_err(de::Error::custom)
    }
}
