//! What is wrong with a commit message that is to follow Conventional Commits 1.0, in words for the one who wrote it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::domain::commit::footer::{self, has_space_after_colon};
use crate::domain::commit::header;
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
    if let Cow::Owned(usual) = header::usual(subject) {
        let (said, usual) = (printable(subject), printable(&usual));
        return Some(format!(
            "`{said}` is no header of the convention; write `{usual}`"
        ));
    }
    let mut lines = text.lines().skip(1);
    if let Some(line) = lines.find(|line| footer::is_misspelled(line)) {
        let said = printable(line.split(':').next().unwrap_or(""));
        return Some(format!("`{said}:` is no footer; write `BREAKING CHANGE:`"));
    }
    let types = Types(types);
    let Some(kind) = message.kind.as_deref() else {
        return Some(without_type(subject, &types));
    };
    if !types.knows(kind) {
        return Some(unknown_type(kind, &types));
    }
    let second = text.lines().nth(1).unwrap_or("");
    if !second.trim().is_empty() {
        return Some(
            "the body begins right below the subject; leave a blank line between them".to_owned(),
        );
    }
    None
}

/// The types that a project has beside the usual ones.
struct Types<'a>(&'a BTreeMap<String, Meaning>);

impl Types<'_> {
    fn knows(&self, word: &str) -> bool {
        USUAL.contains(&word) || self.0.contains_key(word) || Kind::of_word(word).is_some()
    }

    /// Those to choose from, the usual ones first.
    fn all(&self) -> impl Iterator<Item = &str> {
        let own = self.0.keys().map(String::as_str);
        let own = own.filter(|word| !USUAL.contains(word));
        USUAL.iter().copied().chain(own)
    }

    fn choices(&self) -> String {
        self.all().collect::<Vec<_>>().join(", ")
    }
}

fn without_type(subject: &str, types: &Types<'_>) -> String {
    let said = printable(subject);
    let (before, after) = subject.split_once(':').unwrap_or(("", ""));
    let is_type = types.knows(&before.to_lowercase());
    match () {
        () if is_type && after.trim().is_empty() => {
            format!("`{said}` says nothing behind its type")
        }
        () if is_type && !has_space_after_colon(subject) => {
            format!("`{said}` needs a space behind the colon")
        }
        () => format!("`{said}` begins with no type; one of {}", types.choices()),
    }
}

fn unknown_type(kind: &str, types: &Types<'_>) -> String {
    let distance = |word: &&str| strsim::damerau_levenshtein(kind, word);
    let near = types.all().min_by_key(distance);
    let hint = match near.filter(|word| distance(word) <= 2) {
        Some(word) => format!(", did you mean `{word}`?"),
        None => String::new(),
    };
    let (kind, choices) = (printable(kind), types.choices());
    format!("`{kind}` is no type here{hint}; one of {choices}")
}

/// Whether a frozen branch takes the commit: no feature, nothing that breaks.
pub fn is_feature(message: &Message, types: &BTreeMap<String, Meaning>) -> bool {
    let kind = message.kind.as_deref().unwrap_or("");
    let own = types.get(kind).copied();
    let meaning = own.or_else(|| Kind::of_word(kind).map(Meaning::from));
    message.breaking || matches!(meaning, Some(Meaning::Added | Meaning::Breaking))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::sources::chant_reading;

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
            ("feat(api!): x", "write `feat(api)!: x`"),
            ("feat[api]: x", "write `feat(api): x`"),
            ("fix: x\n\nBreaking Change: y", "write `BREAKING CHANGE:`"),
        ] {
            let found = said(wrong).unwrap();
            assert!(found.contains(words), "{wrong}: {found}");
        }
        let feature = |text: &str| is_feature(&Message::read(text, &[], &chant_reading()), &types);
        assert!(feature("feat: x") && feature("fix!: x") && !feature("fix: x") && !feature("x"));
    }
}
