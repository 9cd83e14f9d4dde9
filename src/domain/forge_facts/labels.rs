//! Meaning of pull request labels: `forge: labels` of the configuration. Words that are neither a kind of change nor a category are
//! refused.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer};

use crate::domain::entry::category::Categories;
use crate::domain::entry::kind::{Kind, Meaning};

/// Labels with their meaning, in the order of the configuration. If a pull request has several of them, the first in this order counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(Vec<(String, String)>);

/// Effect of a label on the entries of its pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelMeaning {
    /// The entries are breaking changes, in whatever category.
    Breaking,
    /// The entries are not listed, unless they are breaking.
    Hide,
    /// The entries are listed as changes of this kind, or of this commit type.
    Listed(String),
}

/// Combined meaning of the labels of one pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labelled {
    pub breaking: bool,
    pub hide: bool,
    /// Kind or commit type.
    pub word: Option<String>,
}

/// Words that have a meaning in every configuration.
const WORDS: &[&str] = &[
    "breaking",
    "added",
    "changed",
    "deprecated",
    "removed",
    "fixed",
    "security",
    "documentation",
    "internal",
    "hide",
];

impl Labels {
    /// Whether no label has a meaning.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Error in the labels: the word that has no meaning, and the nearest one that has.
    pub fn odd(
        &self,
        categories: &Categories,
        types: &BTreeMap<String, Meaning>,
    ) -> Option<(&str, Option<String>)> {
        let mut words = self.0.iter().map(|(_, word)| word.as_str());
        let odd = words.find(|word| meaning(word, categories, types).is_none())?;
        let titles = categories.all().iter().map(|one| one.title.as_str());
        let known = WORDS
            .iter()
            .copied()
            .chain(categories.words())
            .chain(titles);
        let lower = odd.to_lowercase();
        let distance = |word: &str| strsim::damerau_levenshtein(&lower, &word.to_lowercase());
        let known = known.map(|word| (distance(word), word));
        let nearest = known.min_by_key(|(distance, _)| *distance);
        let nearest = nearest.filter(|(distance, word)| *distance <= word.len().div_ceil(2));
        Some((odd, nearest.map(|(_, word)| word.to_owned())))
    }

    /// Meaning of the labels of a pull request. Case does not matter.
    pub fn read(
        &self,
        labels: &[String],
        categories: &Categories,
        types: &BTreeMap<String, Meaning>,
    ) -> Labelled {
        let mut read = Labelled::default();
        let has = |name: &str| {
            labels
                .iter()
                .any(|l| l.to_lowercase() == name.to_lowercase())
        };
        for (_, word) in self.0.iter().filter(|(name, _)| has(name)) {
            let is_chosen = read.hide || read.word.is_some();
            match meaning(word, categories, types) {
                Some(LabelMeaning::Breaking) => read.breaking = true,
                Some(LabelMeaning::Hide) if !is_chosen => read.hide = true,
                Some(LabelMeaning::Listed(word)) if !is_chosen => read.word = Some(word),
                _ => {}
            }
        }
        read
    }
}

/// Meaning of a word of the configuration: a kind, a commit type, or the title of a category.
fn meaning(
    word: &str,
    categories: &Categories,
    types: &BTreeMap<String, Meaning>,
) -> Option<LabelMeaning> {
    let lower = word.to_lowercase();
    let is_known =
        types.contains_key(&lower) || categories.lists(&lower) || Kind::of_word(&lower).is_some();
    match lower.as_str() {
        "breaking" => Some(LabelMeaning::Breaking),
        "hide" => Some(LabelMeaning::Hide),
        _ if types.get(&lower) == Some(&Meaning::Breaking) => Some(LabelMeaning::Breaking),
        _ if types.get(&lower) == Some(&Meaning::Hide) => Some(LabelMeaning::Hide),
        _ if is_known => Some(LabelMeaning::Listed(lower)),
        _ => match categories.words_of(word)?.first()?.as_str() {
            "breaking" => Some(LabelMeaning::Breaking),
            first => Some(LabelMeaning::Listed(first.to_owned())),
        },
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Labels, D::Error> {
        struct LabelsVisitor;
        impl<'de> de::Visitor<'de> for LabelsVisitor {
            type Value = Labels;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels with what they mean, such as {bug: fixed}")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
                let mut all: Vec<(String, String)> = Vec::new();
                while let Some((label, word)) = map.next_entry::<String, String>()? {
                    if all.iter().any(|(known, _)| *known == label) {
                        return Err(de::Error::custom(format!(
                            "the label `{label}` is there twice"
                        )));
                    }
                    all.push((label, word));
                }
                Ok(Labels(all))
            }
        }
        deserializer.deserialize_map(LabelsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::yaml;

    fn read(labels: &str, categories: &str, of: &[&str]) -> Labelled {
        let labels: Labels = yaml::read(labels).unwrap();
        let of: Vec<String> = of.iter().map(|label| (*label).to_owned()).collect();
        let categories = Categories::preset(categories).unwrap();
        labels.read(&of, &categories, &BTreeMap::new())
    }

    #[test]
    fn the_first_label_of_the_configuration_counts() {
        let labels =
            "{Security: security, bug: fixed, semver-major: Breaking Changes, noise: hide}";
        for (of, breaking, hide, word) in [
            (&["bug", "security"][..], false, false, Some("security")),
            (&["BUG", "semver-major"], true, false, Some("fixed")),
            (&["noise", "other"], false, true, None),
            (&["noise", "bug"], false, false, Some("fixed")),
            (&["other"], false, false, None),
        ] {
            let word = word.map(str::to_owned);
            let expected = Labelled {
                breaking,
                hide,
                word,
            };
            assert_eq!(read(labels, "release-notes", of), expected, "{of:?}");
        }
    }

    #[test]
    fn what_means_nothing_is_named_with_the_nearest_word() {
        let labels: Labels = yaml::read("{a: fixed, b: securty, c: zzzzzzzzz}").unwrap();
        let (keep, none) = (Categories::default(), BTreeMap::new());
        assert_eq!(
            labels.odd(&keep, &none),
            Some(("securty", Some("security".to_owned())))
        );
        let labels: Labels = yaml::read("{c: zzzzzzzzz}").unwrap();
        assert_eq!(labels.odd(&keep, &none), Some(("zzzzzzzzz", None)));
        assert!(yaml::read::<Labels>("[a]").is_err());
    }
}
