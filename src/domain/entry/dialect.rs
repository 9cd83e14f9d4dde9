//! The categories that a changelog has used. `init` writes them into the configuration, so that new entries come under familiar headings.

use crate::domain::changelog::document::{Document, Section};
use crate::domain::changelog::title::{Title, announces_breaking, category_key, same_category};
use crate::domain::entry::category::{Categories, Category, Security};
use crate::domain::entry::kind::{Kind, Meaning};

/// The way in which a changelog sorts its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialect {
    /// By categories of its own.
    Own(Vec<Category>),
    /// In a single list.
    Flat,
}

/// Number of the newest versions that show whether there are categories, and which rare ones are still used.
const RECENT: usize = 8;

/// Number of the newest versions without categories after which a new one has none either.
const NEWEST: usize = 5;

/// Substitute categories for a kind that the file has no category for, nearest first. Breaking, removed and security changes have no
/// substitute.
const NEAREST: &[(&str, &[&str])] = &[
    ("added", &["changed", "fixed", "internal"]),
    ("changed", &["added", "fixed", "internal"]),
    ("fixed", &["changed", "added", "internal"]),
    ("deprecated", &["changed", "added", "fixed", "internal"]),
];

/// The dialect of a changelog; `None` if it is that of Keep a Changelog, or cannot be seen.
pub fn read(doc: &Document<'_>) -> Option<Dialect> {
    let is_its = |section: &&Section| !matches!(section.title, Title::Other(_));
    let is_used = |section: &&Section| {
        section
            .categories
            .iter()
            .any(|category| !category.items.is_empty() || !category.name.is_empty())
    };
    let versions: Vec<&Section> = doc.sections.iter().filter(is_its).filter(is_used).collect();
    let recent = &versions[..versions.len().min(RECENT)];
    let newest = &recent[..recent.len().min(NEWEST)];
    let known = |section: &&&Section| {
        section
            .categories
            .iter()
            .any(|category| word_of(&category.name).is_some())
    };
    let named = |section: &&&Section| {
        section
            .categories
            .iter()
            .any(|category| !category.name.is_empty())
    };
    if newest.iter().filter(known).count() == 0 {
        let is_sorted = 2 * newest.iter().filter(named).count() > newest.len();
        return (!is_sorted && is_flat(doc, newest)).then_some(Dialect::Flat);
    }
    let mut titles = titles(&versions);
    // A category in few versions is no habit.
    let habit = |word: &str| {
        recent
            .iter()
            .filter(|section| {
                section
                    .categories
                    .iter()
                    .any(|c| word_of(&c.name) == Some(word))
            })
            .count()
    };
    titles.retain(|(_, word)| *word != "internal" || 2 * habit(word) >= recent.len());
    let keep = Categories::default();
    let is_keep = |(title, word): &(String, &str)| {
        keep.words_of(title).is_some_and(|of| of == [*word])
            && keep.titles(Security::InOrder).contains(title)
    };
    if titles.is_empty() || titles.iter().all(is_keep) {
        return None;
    }
    Some(Dialect::Own(categories(titles)))
}

/// The titles that sections have used, newest first, each with the word that it lists.
fn titles(versions: &[&Section]) -> Vec<(String, &'static str)> {
    let mut titles: Vec<(String, &'static str)> = Vec::new();
    // A category that only an old version has was meant for that version.
    let uses = |name: &str| {
        let all = versions.iter().flat_map(|section| &section.categories);
        all.filter(|category| category.name.trim() == name)
            .take(2)
            .count()
    };
    for (age, section) in versions.iter().enumerate() {
        let names = section
            .categories
            .iter()
            .map(|category| category.name.trim());
        let names: Vec<&str> = names
            .filter(|name| age < NEWEST || uses(name) > 1)
            .collect();
        for (at, name) in names.iter().enumerate() {
            let Some(word) = word_of(name).filter(|word| age < RECENT || !is_rare(word)) else {
                continue;
            };
            if titles
                .iter()
                .any(|(title, known)| known == &word || title == name)
            {
                continue;
            }
            // In the order of the sections.
            let below = names[at + 1..]
                .iter()
                .find_map(|name| titles.iter().position(|(title, _)| title == name));
            titles.insert(below.unwrap_or(titles.len()), ((*name).to_owned(), word));
        }
    }
    titles
}

/// Whether sections without any category show that the file has none. A first release has nothing to sort.
fn is_flat(doc: &Document<'_>, newest: &[&Section]) -> bool {
    let items: usize = newest
        .iter()
        .flat_map(|section| &section.categories)
        .map(|category| category.items.len())
        .sum();
    // Only paragraphs.
    let has_text = |section: &&Section| !doc.bytes[section.body.clone()].trim_ascii().is_empty();
    newest.len() > 1
        || items > 1
        || newest.is_empty() && doc.sections.iter().filter(has_text).count() > 1
}

/// The categories of a tool that has a title for each of its words: one for each word, and the first of a kind also for other changes of
/// that kind.
pub fn of_words<'w>(all: impl Iterator<Item = (&'w str, &'w str, Meaning)>) -> Vec<Category> {
    let mut titles: Vec<(String, &'static str)> = Vec::new();
    let mut words: Vec<(&str, &str)> = Vec::new();
    for (word, title, meaning) in all {
        let kind = match meaning {
            Meaning::Breaking => "breaking",
            // Commits of these are not listed.
            Meaning::Internal | Meaning::Documentation => "",
            meaning => meaning.kind().map_or("", Kind::word),
        };
        if !kind.is_empty() && titles.iter().all(|(_, known)| *known != kind) {
            titles.push((title.to_owned(), kind));
        }
        words.push((title, word));
    }
    let mut categories = categories(titles);
    for (title, word) in words {
        match categories.iter_mut().find(|one| one.title == title) {
            Some(own) if own.of.iter().any(|known| known == word) => {}
            Some(own) => own.of.push(word.to_owned()),
            None => categories.push(Category {
                title: title.to_owned(),
                of: vec![word.to_owned()],
            }),
        }
    }
    categories
}

/// Titles in changesets, one for each level: a file with one of them uses all.
const LEVELS: [(&str, &str); 3] = [
    ("Major Changes", "breaking"),
    ("Minor Changes", "added"),
    ("Patch Changes", "fixed"),
];

/// The categories of these titles, and those that a changelog cannot do without.
fn categories(mut titles: Vec<(String, &'static str)>) -> Vec<Category> {
    let is_level =
        |(title, _): &(String, &str)| LEVELS.iter().any(|(level, _)| same_category(level, title));
    // Other changelogs have major changes, too.
    if titles
        .iter()
        .any(|title| is_level(title) && title.1 != "breaking")
    {
        let levels = LEVELS.map(|(level, word)| {
            let own = titles.iter().find(|(title, _)| same_category(level, title));
            own.cloned().unwrap_or((level.to_owned(), word))
        });
        titles.retain(|(_, word)| LEVELS.iter().all(|(_, level)| level != word));
        titles.splice(0..0, levels);
    }
    let has = |word: &str| titles.iter().any(|(_, own)| *own == word);
    let mut substitutes: Vec<(&str, &str)> = Vec::new();
    for (word, nearest) in NEAREST.iter().filter(|(word, _)| !has(word)) {
        // changesets has no other place for a change that is neither breaking nor a feature.
        let is_patch = |near: &&&str| {
            *word == "changed"
                && **near == "fixed"
                && titles
                    .iter()
                    .any(|(title, _)| category_key(title) == "patchchanges")
        };
        let found = nearest
            .iter()
            .find(is_patch)
            .or_else(|| nearest.iter().find(|word| has(word)));
        substitutes.extend(found.map(|found| (*found, *word)));
    }
    let missing = ["removed", "security"]
        .into_iter()
        .filter(|word| !has(word));
    let missing: Vec<(String, &str)> = missing.map(|word| (like(&titles, word), word)).collect();
    let all = titles.iter().cloned().chain(missing);
    let all = all.map(|(title, word)| {
        let more = substitutes
            .iter()
            .filter(|(found, _)| *found == word)
            .map(|(_, word)| *word);
        Category {
            of: std::iter::once(word)
                .chain(more)
                .map(str::to_owned)
                .collect(),
            title,
        }
    });
    all.collect()
}

/// A title in the style of others: in capitals, in lower case, with a colon.
fn like(titles: &[(String, &str)], word: &str) -> String {
    let all = |is: fn(&str) -> bool| titles.iter().all(|(title, _)| is(title));
    let plain = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
    let title = if all(|title| title == title.to_uppercase() && title != title.to_lowercase()) {
        plain.to_uppercase()
    } else if all(|title| title == title.to_lowercase() && title != title.to_uppercase()) {
        plain.to_lowercase()
    } else {
        plain
    };
    if all(|title| title.ends_with(':')) {
        format!("{title}:")
    } else {
        title
    }
}

/// Whether a category is rare: documents and internals are listed only if the changelog does so now.
fn is_rare(word: &str) -> bool {
    matches!(word, "documentation" | "internal")
}

/// The word that a category of a changelog lists, judged by its title; `None` if it is about something else, such as contributors.
fn word_of(title: &str) -> Option<&'static str> {
    const PARTS: &[(&str, Kind)] = &[
        ("secur", Kind::Security),
        ("vulnerab", Kind::Security),
        ("deprecat", Kind::Deprecated),
        ("remov", Kind::Removed),
        ("feature", Kind::Added),
        ("additions", Kind::Added),
        ("whatsnew", Kind::Added),
        ("newin", Kind::Added),
        ("bug", Kind::Fixed),
        ("fix", Kind::Fixed),
        ("improve", Kind::Changed),
        ("enhance", Kind::Changed),
        ("perform", Kind::Changed),
        ("optimi", Kind::Changed),
        ("docs", Kind::Documentation),
        ("documentation", Kind::Documentation),
        ("dependenc", Kind::Internal),
        ("chore", Kind::Internal),
        ("internal", Kind::Internal),
        ("maintenance", Kind::Internal),
        ("housekeeping", Kind::Internal),
        ("refactor", Kind::Internal),
        ("underthehood", Kind::Internal),
        ("change", Kind::Changed),
        ("update", Kind::Changed),
        ("misc", Kind::Changed),
        ("other", Kind::Changed),
        ("general", Kind::Changed),
    ];
    const WORDS: usize = 5;
    let key = category_key(title);
    let is_sentence =
        title.split_whitespace().count() > WORDS || title.contains(|c: char| c.is_ascii_digit());
    if is_sentence
        || key.is_empty()
        || ["changelog", "contribut", "upgrad", "migrat", "note"]
            .iter()
            .any(|part| key.contains(part))
    {
        return None;
    }
    if announces_breaking(title) {
        return Some("breaking");
    }
    let by_part = || {
        PARTS
            .iter()
            .find(|(part, _)| key.contains(part))
            .map(|(_, kind)| *kind)
    };
    Kind::of_category(title).or_else(by_part).map(Kind::word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match read(&Document::parse(text.as_bytes())) {
            None => "keep".to_owned(),
            Some(Dialect::Flat) => "flat".to_owned(),
            Some(Dialect::Own(all)) => {
                let all = all
                    .iter()
                    .map(|c| format!("{}: {}", c.title, c.of.join(" ")));
                all.collect::<Vec<_>>().join("; ")
            }
        }
    }

    #[test]
    fn categories_are_those_that_the_file_has_used() {
        let file = |sections: &[&str]| {
            let sections = (1..)
                .zip(sections)
                .map(|(at, text)| format!("## 1.{}.0\n\n{text}\n\n", 9 - at));
            told(&format!("# Log\n\n{}", sections.collect::<String>()))
        };
        for (sections, expected) in [
            (&["### Added\n\n- a", "### Fixed\n\n- b"][..], "keep"),
            (&["- a", "- b"], "flat"),
            (
                &["- a", "### 🚀 Features\n\n- b\n\n### 🐛 Bug Fixes\n\n- c"],
                "🚀 Features: added changed deprecated; 🐛 Bug Fixes: fixed; Removed: removed; Security: security",
            ),
            (
                &[
                    "### Bug Fixes\n\n- a",
                    "### Features\n\n- b\n\n### Bug Fixes\n\n- c\n\n### ⚠ BREAKING CHANGES\n\n- d",
                ],
                "Features: added changed deprecated; Bug Fixes: fixed; ⚠ BREAKING CHANGES: breaking; Removed: removed; Security: security",
            ),
            (
                &["### Minor Changes\n\n- a\n\n### Patch Changes\n\n- b"],
                "Major Changes: breaking; Minor Changes: added deprecated; Patch Changes: fixed changed; Removed: removed; Security: security",
            ),
            (
                &["### What's Changed\n\n- a\n\n### New Contributors\n\n- b"],
                "What's Changed: changed added fixed deprecated; Removed: removed; Security: security",
            ),
            (
                &["### FEATURES:\n\n- a\n\n### BUG FIXES:\n\n- a"],
                "FEATURES:: added changed deprecated; BUG FIXES:: fixed; REMOVED:: removed; SECURITY:: security",
            ),
            (
                &["### Hinzugefügt\n\n- a", "### Behoben\n\n- b"],
                "Hinzugefügt: added changed deprecated; Behoben: fixed; Removed: removed; Security: security",
            ),
            (
                &["### 新增\n\n- a\n\n### 修复\n\n- b\n\n### 变更\n\n- c"],
                "新增: added; 修复: fixed; 变更: changed deprecated; Removed: removed; Security: security",
            ),
            (&["Text.", "More text."], "flat"),
            (&["- The first release."], "keep"),
            (&[], "keep"),
        ] {
            assert_eq!(file(sections), expected, "{sections:?}");
        }
    }
}
