//! What is wrong with a commit message that is to follow Conventional Commits 1.0, in words for the one who wrote it.

use std::collections::BTreeMap;

use crate::domain::commit::footer::has_space_after_colon;
use crate::domain::commit::message::{Message, Reading};
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::text::terminal::printable;

/// Types to choose from when a type is not known.
const USUAL: &[&str] = &[
    "feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert",
];

/// The message without what git takes out of it: lines that begin with `#`, and all below the scissors (git-commit,
/// `--cleanup`).
pub fn without_comments(text: &str) -> String {
    let kept = text.lines().take_while(|line| !line.contains(">8 ----"));
    let kept = kept.filter(|line| !line.starts_with('#'));
    kept.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What is wrong; `None` if nothing is, or if git or a spec tool words the message.
pub fn trouble(text: &str, types: &BTreeMap<String, Meaning>, reading: &Reading) -> Option<String> {
    let subject = text.lines().next().unwrap_or("");
    let message = Message::read(text, &[], reading);
    let by_git = ["Merge ", "Revert \"", "Reapply \""];
    let is_exempt = by_git.iter().any(|start| subject.starts_with(start))
        || message.is_fixup()
        || message.noise
        || !message.specs.is_empty()
        || text.is_empty();
    if is_exempt {
        return None;
    }
    let said = printable(subject);
    let known = |word: &str| {
        USUAL.contains(&word) || types.contains_key(word) || Kind::of_word(word).is_some()
    };
    let choices = || {
        let own = types
            .keys()
            .map(String::as_str)
            .filter(|word| !USUAL.contains(word));
        USUAL
            .iter()
            .copied()
            .chain(own)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let Some(kind) = message.kind.as_deref() else {
        let (before, after) = subject.split_once(':').unwrap_or(("", ""));
        let is_type = known(&before.to_lowercase());
        return Some(match () {
            () if is_type && after.trim().is_empty() => {
                format!("`{said}` says nothing behind its type")
            }
            () if is_type && !has_space_after_colon(subject) => {
                format!("`{said}` needs a space behind the colon")
            }
            () => format!("`{said}` begins with no type; one of {}", choices()),
        });
    };
    if !known(kind) {
        let near = USUAL
            .iter()
            .copied()
            .chain(types.keys().map(String::as_str));
        let near = near.min_by_key(|word| strsim::damerau_levenshtein(kind, word));
        let near = near.filter(|word| strsim::damerau_levenshtein(kind, word) <= 2);
        let hint = near
            .map(|word| format!(", did you mean `{word}`?"))
            .unwrap_or_default();
        return Some(format!(
            "`{}` is no type here{hint}; one of {}",
            printable(kind),
            choices()
        ));
    }
    let second = text.lines().nth(1).unwrap_or("");
    if !second.trim().is_empty() {
        return Some(
            "the body begins right below the subject; leave a blank line between them".to_owned(),
        );
    }
    None
}

/// Whether a frozen branch takes the commit: no feature, nothing that breaks.
pub fn is_feature(text: &str, types: &BTreeMap<String, Meaning>, reading: &Reading) -> bool {
    let message = Message::read(text, &[], reading);
    let kind = message.kind.as_deref().unwrap_or("");
    let own = types.get(kind).copied();
    let meaning = own.or_else(|| Kind::of_word(kind).map(Meaning::from));
    message.breaking || matches!(meaning, Some(Meaning::Added | Meaning::Breaking))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::source::chant_reading;

    #[test]
    fn each_mistake_has_its_words() {
        let types = BTreeMap::from([("deps".to_owned(), Meaning::Changed)]);
        let said = |text: &str| trouble(&without_comments(text), &types, &chant_reading());
        for fine in [
            "feat(api)!: add a lock\n\nbody\n# comment\n",
            "deps: libgit2 1.9",
            "Merge branch 'a'",
            "Revert \"feat: x\"",
            "fixup! feat: x",
            "chant(2026-01-01-001-abc): anything",
            "chant: Add spec 2026-01-01-001-abc",
            "# only a comment\n",
            "fix: x\n# ------------------------ >8 ------------------------\ndiff --git a/x b/x\n",
        ] {
            assert_eq!(said(fine), None, "{fine}");
        }
        for (wrong, words) in [
            ("Add a lock", "begins with no type; one of feat, fix"),
            ("feat:add a lock", "needs a space behind the colon"),
            ("feat: ", "says nothing behind its type"),
            (
                "feet: add a lock",
                "`feet` is no type here, did you mean `feat`?",
            ),
            ("wibble: x", "`wibble` is no type here; one of"),
            ("fix: x\nbody", "leave a blank line"),
        ] {
            let found = said(wrong).unwrap();
            assert!(found.contains(words), "{wrong}: {found}");
        }
        let feature = |text: &str| is_feature(text, &types, &chant_reading());
        assert!(feature("feat: x") && feature("fix!: x") && !feature("fix: x") && !feature("x"));
    }
}
