//! Similarity of a hand-written entry and a generated one, which may be the same change. A guess for the user, which excludes nothing.

use std::collections::HashSet;

/// Whether most words of a title, and at least three, are in a text.
pub fn are_alike(title: &str, text: &str) -> bool {
    let (own, other) = (stems(title), stems(text));
    let shared = own.intersection(&other).count();
    shared >= 3 && shared * 10 >= own.len() * 6
}

/// The words of a text in lower case without the endings of English verbs and plurals; short words are ignored.
fn stems(text: &str) -> HashSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 2);
    words
        .filter(|word| !COMMON.contains(&word.as_str()))
        .map(stem)
        .collect()
}

const COMMON: &[&str] = &[
    "add", "and", "can", "fix", "for", "from", "its", "not", "now", "the", "with",
];

fn stem(word: String) -> String {
    let ends = ["ing", "ed", "es", "s", "e"];
    let shorter = ends.iter().filter_map(|end| word.strip_suffix(end));
    let mut shorter = shorter.filter(|rest| rest.len() > 2);
    shorter.next().map(str::to_owned).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Specs of chant 0.17.0 and the entries for them in its changelog.
    #[test]
    fn people_tell_a_spec_in_other_words() {
        for (title, text, expected) in [
            (
                "Remove stale \"branch: false\" from init config generation",
                "**Stale `branch: false` removed from init**: New projects no longer get a dead `branch: false` config key",
                true,
            ),
            (
                "Set provider in config when --agent implies a provider",
                "**Provider inference from `--agent`**: `chant init --agent kiro` now automatically sets `provider: kiro` in config",
                true,
            ),
            (
                "Automate acceptance criteria checking instead of relying on agents",
                "**Auto-check acceptance criteria**: Agent work now programmatically checks AC checkboxes instead of failing when agents forget",
                true,
            ),
            (
                "Fix Kiro rules.md template - remove chant-dev justfile references",
                "**Kiro template rewritten**: `templates/agent-kiro.md` no longer contains chant-dev-specific justfile references",
                true,
            ),
            (
                "Add a timeout for locks",
                "Readers no longer wait for locks",
                false,
            ),
            ("Export to CSV", "Export to JSON", false),
            ("Fix the build", "The build", false),
        ] {
            assert_eq!(are_alike(title, text), expected, "{title}");
        }
    }
}
