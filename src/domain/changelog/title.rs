//! The meaning of headings: the title of a section, the name of a category.

/// The title that a section heading announces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Title {
    /// `## [Unreleased]`, in any case, with or without brackets, or another name that changelogs use for it.
    Unreleased,
    /// A version, without a leading `v`; `## [1.2.3] - 2026-01-30` gives `1.2.3`.
    Version(String),
    /// A section that is neither: one named by its day, or an Unreleased heading below the newest version, which does not count.
    Other(String),
}

/// Whether two category names are equal by their letters and digits: `✨ Features:` and `:sparkles: Features` are `features`.
pub fn same_category(a: &str, b: &str) -> bool {
    category_key(a) == category_key(b)
}

/// Whether a category is about breaking changes, in any words: `⚠ BREAKING CHANGES`, `Breaking`, `API breaks`,
/// `Backwards incompatible changes`.
pub fn announces_breaking(name: &str) -> bool {
    let key = category_key(name);
    let is_other = ["non", "not", "no"]
        .iter()
        .any(|word| key.starts_with(word));
    let says = ["breaking", "apibreak", "incompatib"]
        .iter()
        .any(|word| key.contains(word));
    (says || key == "majorchanges") && !is_other
}

/// The words of a heading without decoration; empty if it is nothing but decoration.
pub fn category_key(name: &str) -> String {
    let is_code = |word: &str| {
        let inner = word.strip_prefix(':').and_then(|w| w.strip_suffix(':'));
        inner.is_some_and(|w| {
            !w.is_empty()
                && w.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
        })
    };
    name.split_whitespace()
        .filter(|word| !is_code(word))
        .flat_map(str::chars)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The label of a version without its `v`: `v1.0.0` and `1.0.0` name one version.
pub(super) fn without_v(label: &str) -> &str {
    label.trim_start_matches(['v', 'V'])
}
