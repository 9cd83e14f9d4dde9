//! Problems of a commit message that should follow Conventional Commits 1.0, worded for its author.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::domain::commit::footer::{self, has_space_after_colon};
use crate::domain::commit::header;
use crate::domain::commit::message::{Commit, Message, Reading};
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::text::terminal::printable;

/// Types to choose from when a type is not known.
const USUAL: &[&str] = &[
    "feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert",
];

/// Words that are often written for one of the usual types. Tools that read types by name do not know them.
const NEARLY: &[(&str, &str)] = &[
    ("feature", "feat"),
    ("features", "feat"),
    ("fixes", "fix"),
    ("fixed", "fix"),
    ("bug", "fix"),
    ("bugs", "fix"),
    ("bugfix", "fix"),
    ("doc", "docs"),
    ("documentation", "docs"),
    ("tests", "test"),
    ("performance", "perf"),
];

/// A problem of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageTrouble {
    pub what: String,
    /// The corrected subject, if it is known.
    pub instead: Option<String>,
}

impl MessageTrouble {
    fn new(what: impl Into<String>) -> MessageTrouble {
        MessageTrouble {
            what: what.into(),
            instead: None,
        }
    }

    /// A problem with a corrected subject, which the text contains.
    fn write(what: &str, instead: String) -> MessageTrouble {
        MessageTrouble {
            what: format!("{what}; write `{}`", printable(&instead)),
            instead: Some(instead),
        }
    }
}

impl fmt::Display for MessageTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// An example of a conventional message.
pub const EXAMPLE: &str = "example: feat(api): set a timeout for locks";

/// The message that git will make of the text that it passes to a commit-msg hook. `editor` is the `GIT_EDITOR` of the hook: without an
/// editor, git keeps comments, and sets `:` for hooks. `comment` is the prefix of a comment (git-config(1), `core.commentString`).
pub fn text_for_git(bytes: &[u8], editor: Option<&str>, comment: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    match editor {
        Some(":") => text.trim().to_owned(),
        _ => without_comments(text, comment),
    }
}

/// The message without the text that git removes: comments, and all lines below the scissors (git-commit, `--cleanup`).
fn without_comments(text: &str, comment: &str) -> String {
    let kept = text.lines().take_while(|line| !line.contains(">8 ----"));
    let kept = kept.filter(|line| !line.starts_with(comment));
    kept.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The problem of a message; `None` if there is none, or if git or a spec tool wrote the message.
pub fn trouble(
    text: &str,
    types: &BTreeMap<String, Meaning>,
    reading: &Reading,
) -> Option<MessageTrouble> {
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
        let what = format!("`{}` is no header of the convention", printable(subject));
        return Some(MessageTrouble::write(&what, usual));
    }
    let mut lines = text.lines().skip(1);
    if let Some(line) = lines.find(|line| footer::is_misspelled(line)) {
        let said = printable(line.split(':').next().unwrap_or(""));
        let what = format!("`{said}:` is no footer; write `BREAKING CHANGE:`");
        return Some(MessageTrouble::new(what));
    }
    let types = Types(types);
    let Some(kind) = message.kind.as_deref() else {
        return Some(without_type(subject, &types));
    };
    if let Some(trouble) = of_type(subject, kind, &types) {
        return Some(trouble);
    }
    let second = text.lines().nth(1).unwrap_or("");
    if !second.trim().is_empty() {
        let what = "the body begins right below the subject; leave a blank line between them";
        return Some(MessageTrouble::new(what));
    }
    None
}

/// The problem of an existing commit. git and release tools write some messages whose title does not show it, and a fixup should be gone by
/// now.
pub fn trouble_of_commit(
    commit: &Commit,
    text: &str,
    types: &BTreeMap<String, Meaning>,
    reading: &Reading,
) -> Option<MessageTrouble> {
    let message = &commit.message;
    if commit.is_merge() || message.is_release() {
        return None;
    }
    if message.is_fixup() {
        return Some(MessageTrouble::new(
            "it is to be squashed into another commit; run `git rebase -i --autosquash`",
        ));
    }
    if text.trim().is_empty() {
        return Some(MessageTrouble::new("it has no message"));
    }
    trouble(text.trim(), types, reading)
}

/// The types of a project besides the usual ones.
struct Types<'a>(&'a BTreeMap<String, Meaning>);

impl Types<'_> {
    fn knows(&self, word: &str) -> bool {
        USUAL.contains(&word) || self.0.contains_key(word) || Kind::of_word(word).is_some()
    }

    /// All types to choose from, the usual ones first.
    fn all(&self) -> impl Iterator<Item = &str> {
        let own = self.0.keys().map(String::as_str);
        let own = own.filter(|word| !USUAL.contains(word));
        USUAL.iter().copied().chain(own)
    }

    fn choices(&self) -> String {
        self.all().collect::<Vec<_>>().join(", ")
    }
}

fn without_type(subject: &str, types: &Types<'_>) -> MessageTrouble {
    let said = printable(subject);
    let (before, after) = subject.split_once(':').unwrap_or(("", ""));
    let word = before.split(['(', '!']).next().unwrap_or_default();
    let is_type = types.knows(&word.to_lowercase());
    match () {
        () if is_type && after.trim().is_empty() => {
            MessageTrouble::new(format!("`{said}` says nothing behind its type"))
        }
        () if is_type && !has_space_after_colon(subject) => MessageTrouble::write(
            &format!("`{said}` needs a space behind the colon"),
            format!("{before}: {}", after.trim_start()),
        ),
        () => MessageTrouble::new(format!(
            "`{said}` begins with no type; one of {}",
            types.choices()
        )),
    }
}

/// The problem with the type of a subject. `kind` is in lower case.
fn of_type(subject: &str, kind: &str, types: &Types<'_>) -> Option<MessageTrouble> {
    let is_own = types.0.contains_key(kind);
    let meant = NEARLY.iter().find(|(word, _)| *word == kind && !is_own);
    if let Some((_, usual)) = meant {
        let what = format!("`{kind}` is no type here");
        return Some(match typed_as(subject, kind, usual) {
            Some(instead) => MessageTrouble::write(&what, instead),
            None => MessageTrouble::new(format!("{what}; write `{usual}`")),
        });
    }
    if !types.knows(kind) {
        return Some(unknown_type(subject, kind, types));
    }
    let instead = typed_as(subject, kind, kind)?;
    (instead != subject).then(|| {
        let what = format!("the type of `{}` is not in lower case", printable(subject));
        MessageTrouble::write(&what, instead)
    })
}

/// The subject with another type, if it begins with its own type.
fn typed_as(subject: &str, kind: &str, other: &str) -> Option<String> {
    let written = subject.get(..kind.len())?;
    let is_there = written.eq_ignore_ascii_case(kind);
    is_there.then(|| format!("{other}{}", &subject[kind.len()..]))
}

fn unknown_type(subject: &str, kind: &str, types: &Types<'_>) -> MessageTrouble {
    let distance = |word: &&str| strsim::damerau_levenshtein(kind, word);
    let near = types.all().min_by_key(distance);
    let near = near.filter(|word| distance(word) <= 2);
    let hint = match near {
        Some(word) => format!(", did you mean `{word}`?"),
        None => String::new(),
    };
    let choices = types.choices();
    MessageTrouble {
        what: format!(
            "`{}` is no type here{hint}; one of {choices}",
            printable(kind)
        ),
        instead: near.and_then(|word| typed_as(subject, kind, word)),
    }
}

/// Whether a commit is a feature or a breaking change, which a frozen branch refuses.
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
        let said = |text: &str| trouble(&without_comments(text, "#"), &types, &chant_reading());
        for fine in [
            "feat(api)!: add a lock\n\nbody\n# comment\n",
            "deps: libgit2 1.9",
            "Merge branch 'a'",
            "Revert \"feat: x\"",
            "fixup! feat: x",
            "chant(2026-01-01-001-abc): anything",
            "chant: Add spec 2026-01-01-001-abc",
            "# only a comment\n",
            "security: x",
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
            ("feature(api)!: x", "write `feat(api)!: x`"),
            ("Fix: x", "not in lower case; write `fix: x`"),
            ("Bugfix: x", "write `fix: x`"),
            ("feat(api):x", "write `feat(api): x`"),
            ("fix: x\n\nBreaking Change: y", "write `BREAKING CHANGE:`"),
        ] {
            let found = said(wrong).unwrap().what;
            assert!(found.contains(words), "{wrong}: {found}");
        }
        let feature = |text: &str| is_feature(&Message::read(text, &[], &chant_reading()), &types);
        assert!(feature("feat: x") && feature("fix!: x") && !feature("fix: x") && !feature("x"));
    }
}
