//! Deprecations that a changelog announces, and the versions that removed them.

use semver::Version;
use serde::Serialize;

use crate::domain::changelog::document::{Document, Section};
use crate::domain::changelog::title::{Title, category_key};
use crate::domain::entry::kind::Kind;
use crate::domain::text::terminal;

/// Something that users should stop using.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deprecation {
    /// Text of the entry in one line.
    pub text: String,
    /// Version that announced it; `None` if that is not released yet.
    pub announced: Option<String>,
    /// Version in which the entry plans its removal.
    pub planned: Option<String>,
    /// Version that removed it; `Unreleased` if the next one does.
    pub removed: Option<String>,
}

impl Deprecation {
    /// Whether the version planned for its removal is released and it is still there.
    pub fn is_overdue(&self, newest: &Version) -> bool {
        let planned = self.planned.as_deref().and_then(padded);
        self.removed.is_none() && planned.is_some_and(|planned| planned <= *newest)
    }
}

/// Every deprecation, the newest first. An entry about a removal belongs to a deprecation if both name the same piece of code or issue.
pub fn deprecations(doc: &Document<'_>) -> Vec<Deprecation> {
    let mut found = Vec::new();
    // Removals in the sections above, that is, in later releases.
    let mut removals: Vec<(String, Vec<String>)> = Vec::new();
    for section in &doc.sections {
        let version = match &section.title {
            Title::Version(version) => Some(version.clone()),
            _ => None,
        };
        for entry in entries(doc, section, Kind::Deprecated) {
            let names = names(&entry);
            let is_its = |(_, others): &&(String, Vec<String>)| {
                others.iter().any(|name| names.contains(name))
            };
            // The last one is the oldest: if it was added again later, it had been removed once already.
            let removed = removals.iter().rev().find(is_its);
            found.push(Deprecation {
                announced: version.clone(),
                planned: planned(&entry),
                removed: removed.map(|(version, _)| version.clone()),
                text: entry,
            });
        }
        let version = version.unwrap_or_else(|| "Unreleased".to_owned());
        let removed = entries(doc, section, Kind::Removed).into_iter();
        removals.extend(removed.map(|entry| (version.clone(), names(&entry))));
    }
    found
}

fn entries(doc: &Document<'_>, section: &Section, kind: Kind) -> Vec<String> {
    let categories = section.categories.iter();
    let categories = categories.filter(|own| Kind::of_word(&category_key(&own.name)) == Some(kind));
    let items = categories.flat_map(|category| &category.items);
    let entry = |span| {
        let item: String = doc.text(span).into_owned();
        let bare = item.trim_start().trim_start_matches(['-', '*', '+']);
        bare.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    items
        .map(entry)
        .map(|entry| terminal::printable(&entry))
        .collect()
}

/// Pieces of code and issues that an entry names.
fn names(entry: &str) -> Vec<String> {
    let code = entry.split('`').skip(1).step_by(2).map(str::trim);
    let words = entry.split(|c: char| !(c.is_alphanumeric() || c == '#'));
    let issues = words.filter(|word| {
        let number = word.strip_prefix('#').unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let names = code.chain(issues).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// Version in `will be removed in 2.0`.
fn planned(entry: &str) -> Option<String> {
    let lower = entry.to_lowercase();
    let (_, rest) = lower.split_once("remov")?;
    let mut words = rest.split_whitespace().map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        bare.strip_prefix('v').unwrap_or(bare)
    });
    // `removed in`, `removal in version`, `removed with`: a version further on is about something else.
    let found = words.by_ref().take(5).find(|word| padded(word).is_some());
    found.map(str::to_owned)
}

/// `2` and `2.0` as versions.
fn padded(word: &str) -> Option<Version> {
    let missing = 3usize.checked_sub(word.split('.').count())?;
    Version::parse(&format!("{word}{}", ".0".repeat(missing))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog

## [Unreleased]

### Removed

- The flag `--now` (#9)

## [1.0.0] - 2026-01-03

### Removed

- **api:** `old()` is gone

### Deprecated

- `--slow`: will be removed in v1.0

## [0.2.0] - 2026-01-02

### Deprecated

- `old()`; call
  `new()`
- The way to wait (#9), to be removed with version 2
- The third way
";

    #[test]
    fn removals_are_found_by_what_they_name() {
        let found = deprecations(&Document::parse(CHANGELOG.as_bytes()));
        let told: Vec<_> = found
            .iter()
            .map(|one| {
                let [announced, planned, removed] = [&one.announced, &one.planned, &one.removed]
                    .map(|word| word.as_deref().unwrap_or("-"));
                format!("{}|{announced}|{planned}|{removed}", one.text)
            })
            .collect();
        assert_eq!(
            told,
            [
                "`--slow`: will be removed in v1.0|1.0.0|1.0|-",
                "`old()`; call `new()`|0.2.0|-|1.0.0",
                "The way to wait (#9), to be removed with version 2|0.2.0|2|Unreleased",
                "The third way|0.2.0|-|-",
            ]
        );
        let newest = Version::new(1, 0, 0);
        let overdue: Vec<bool> = found.iter().map(|one| one.is_overdue(&newest)).collect();
        assert_eq!(overdue, [true, false, false, false]);
    }
}
