//! The categories of a section: the changes in each, and their order.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};

use crate::domain::changelog::heading::is_section;
use crate::domain::changelog::title::same_category;
use crate::domain::entry::kind::Kind;
use crate::domain::order;

/// One category of a section.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// The heading's text.
    pub title: String,
    /// What it lists: `breaking`, kinds such as `added`, commit types such as `deps`.
    pub of: Vec<String>,
}

/// The categories of a section, in order. A preset's name or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Categories(Vec<Category>);

/// The place of the category that lists only security changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// The place that the list of categories gives it.
    InOrder,
    /// Right after breaking changes, because an entry names an advisory.
    First,
}

/// Keep a Changelog 1.1, "Guiding Principles".
const KEEP_A_CHANGELOG: &[(&str, &[&str])] = &[
    ("Added", &["added"]),
    ("Changed", &["changed"]),
    ("Deprecated", &["deprecated"]),
    ("Removed", &["removed"]),
    ("Fixed", &["fixed"]),
    ("Security", &["security"]),
];

const RELEASE_NOTES: &[(&str, &[&str])] = &[
    ("Breaking Changes", &["breaking", "removed"]),
    ("Features", &["added", "changed", "deprecated"]),
    ("Bug Fixes", &["fixed", "security"]),
    ("Documentation", &["documentation"]),
    ("Internal", &["internal"]),
];

/// A single list, as in changelogs without categories.
const FLAT: &[(&str, &[&str])] = &[(
    "",
    &[
        "added",
        "changed",
        "deprecated",
        "removed",
        "fixed",
        "security",
    ],
)];

/// Names of the presets.
pub const PRESETS: &[&str] = &["keep-a-changelog", "release-notes", "flat"];

impl Categories {
    /// The categories of a preset.
    pub fn preset(name: &str) -> Option<Categories> {
        let table = match name {
            "keep-a-changelog" => KEEP_A_CHANGELOG,
            "release-notes" => RELEASE_NOTES,
            "flat" => FLAT,
            _ => return None,
        };
        let category = |(title, of): &(&str, &[&str])| Category {
            title: (*title).to_owned(),
            of: of.iter().map(|word| (*word).to_owned()).collect(),
        };
        Some(Categories(table.iter().map(category).collect()))
    }

    /// The categories, in order.
    pub fn all(&self) -> &[Category] {
        &self.0
    }

    /// The category that lists a change; `None` if none lists its kind. The commit's own type takes precedence over the kind that it means.
    /// A breaking change is always listed.
    pub fn for_change(&self, kind: Kind, breaking: bool, word: Option<&str>) -> Option<&str> {
        let listing = |word: &str| self.0.iter().find(|c| c.of.iter().any(|of| of == word));
        let own = || {
            let word = word.filter(|word| *word != "breaking")?;
            listing(word).or_else(|| listing(kind.word()))
        };
        let found = if breaking {
            let first = || listing("changed").or(self.0.first());
            listing("breaking")
                .or_else(own)
                .or_else(|| listing(kind.word()))
                .or_else(first)
        } else {
            own().or_else(|| listing(kind.word()))
        };
        found.map(|category| category.title.as_str())
    }

    /// Every word in the lists of the categories.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|c| c.of.iter().map(String::as_str))
    }

    /// Words of the category with a title; `None` if there is no such category.
    pub fn words_of(&self, title: &str) -> Option<&[String]> {
        let found = self.0.iter().find(|c| same_category(&c.title, title));
        found.map(|category| category.of.as_slice())
    }

    /// Whether a category lists this very word.
    pub fn lists(&self, word: &str) -> bool {
        self.0.iter().any(|c| c.of.iter().any(|of| of == word))
    }

    /// Whether there is a category of breaking changes that also lists changes of a kind.
    pub fn is_breaking(&self, kind: Kind) -> bool {
        let own = self.for_change(kind, false, None);
        self.lists("breaking") && own.is_some() && own == self.for_change(kind, true, None)
    }

    /// Whether breaking changes are listed among others and need a mark.
    pub fn mark_breaking(&self) -> bool {
        !self.lists("breaking")
    }

    /// Every title, in order.
    pub fn titles(&self, security: Security) -> Vec<String> {
        let mut order: Vec<&Category> = self.0.iter().collect();
        let has = |category: &Category, word: &str| category.of.iter().any(|of| of == word);
        if security == Security::First {
            order::by_key(&mut order, |category| match category.of.as_slice() {
                _ if has(category, "breaking") => 0,
                [one] if one == "security" => 1,
                _ => 2,
            });
        }
        order
            .into_iter()
            .map(|category| category.title.clone())
            .collect()
    }
}

impl Default for Categories {
    fn default() -> Self {
        Categories::preset(PRESETS[0]).unwrap_or(Categories(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Categories {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Categories, D::Error> {
        struct CategoriesVisitor;
        impl<'de> de::Visitor<'de> for CategoriesVisitor {
            type Value = Categories;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(
                    f,
                    "{} or a list of categories, each `title` and `of`",
                    PRESETS.join(", ")
                )
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Categories, E> {
                Categories::preset(name)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(name), &self))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Categories, A::Error> {
                let mut all: Vec<Category> = Vec::new();
                while let Some(category) = seq.next_element::<Category>()? {
                    let title = category.title.trim();
                    if title.is_empty()
                        || title.contains('\n')
                        || title.starts_with('#')
                        || is_section(title)
                    {
                        return Err(de::Error::custom(format!(
                            "`{title}` is no title of a category"
                        )));
                    }
                    if all.iter().any(|known| known.title == title) {
                        return Err(de::Error::custom(format!(
                            "the category `{title}` is there twice"
                        )));
                    }
                    let listed = |word: &String| all.iter().any(|c| c.of.contains(word));
                    if let Some(word) = category.of.iter().find(|word| listed(word)) {
                        return Err(de::Error::custom(format!("`{word}` is listed twice")));
                    }
                    let odd =
                        |word: &&String| word.is_empty() || word.contains(char::is_whitespace);
                    if let Some(word) = category.of.iter().find(odd) {
                        return Err(de::Error::custom(format!(
                            "`{word}` is neither a kind of change nor a commit type"
                        )));
                    }
                    all.push(category);
                }
                if all.is_empty() {
                    return Err(de::Error::custom("there must be a category"));
                }
                Ok(Categories(all))
            }
        }
        deserializer.deserialize_any(CategoriesVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::yaml;

    #[test]
    fn own_categories_list_kinds_and_types() {
        let own: Categories = yaml::read(
            "- {title: ⚠ Breaking, of: [breaking]}\n- {title: New, of: [added]}\n- {title: Dependencies, of: [deps]}\n- {title: Security, of: [security]}\n",
        )
        .unwrap();
        assert_eq!(
            own.for_change(Kind::Internal, false, Some("deps")),
            Some("Dependencies")
        );
        assert_eq!(own.for_change(Kind::Internal, false, Some("ci")), None);
        assert_eq!(
            own.for_change(Kind::Internal, true, Some("deps")),
            Some("⚠ Breaking")
        );
        assert_eq!(
            own.for_change(Kind::Added, false, Some("feat")),
            Some("New")
        );
        assert!(!own.mark_breaking());
        assert_eq!(
            own.titles(Security::First),
            ["⚠ Breaking", "Security", "New", "Dependencies"]
        );
        assert_eq!(own.titles(Security::InOrder)[1], "New");
    }

    #[test]
    fn a_breaking_change_is_always_listed() {
        let keep = Categories::default();
        assert_eq!(keep.for_change(Kind::Internal, true, None), Some("Changed"));
        assert_eq!(keep.for_change(Kind::Internal, false, None), None);
        assert_eq!(keep.for_change(Kind::Added, true, None), Some("Added"));
        assert_eq!(keep.titles(Security::First)[0], "Security");
    }

    #[test]
    fn what_is_refused() {
        let read = |text: &str| yaml::read::<Categories>(text).unwrap_err().message;
        assert!(read("keep").contains("keep-a-changelog, release-notes, flat or a list"));
        assert!(read("[]").contains("there must be a category"));
        assert!(read("[{title: A, of: []}, {title: A, of: []}]").contains("twice"));
    }
}
