//! Text before a change in its title: the request of a forge, the number of an issue, a tracker's ticket, a package, an emoji. No word is
//! dropped: unless it is a number that is shown anyway, it stays in the title or becomes the scope.

use crate::domain::commit::gitmoji::Gitmoji;
use crate::domain::commit::header;

/// The parsed text before the change in a title.
#[derive(Debug, Default)]
pub struct Lead<'t> {
    /// The title after it.
    pub title: &'t str,
    /// Text that stays in front of the change, such as `ABC-12: `.
    pub kept: &'t str,
    /// The request that the forge merged.
    pub pull: Option<String>,
    /// The text that contained the removed issue numbers.
    pub numbers: &'t str,
    pub scope: Option<&'t str>,
    pub emoji: Option<&'static Gitmoji>,
    /// A type in brackets: `[fix] x`.
    pub kind: Option<String>,
    /// Whether `💥` or `!` is before the colon of an emoji.
    pub breaking: bool,
    pub is_security: bool,
}

/// Types that are often written in brackets.
const BRACKET_TYPES: &[&str] = &[
    "feat", "feature", "fix", "bugfix", "hotfix", "docs", "doc", "chore", "ci", "test", "tests",
    "build", "refactor", "perf", "style", "deps",
];

/// Reads the text before a change. With `numbers`, a number at the beginning of the title may be removed, because none is at its end.
pub fn read(title: &str, numbers: bool) -> Lead<'_> {
    let mut lead = Lead {
        title,
        ..Lead::default()
    };
    lead.forge();
    let mut start = lead.title;
    for _ in 0..4 {
        let before = lead.title.len();
        lead.emoji();
        lead.decoration();
        if lead.title.len() != before && lead.kept.is_empty() {
            start = lead.title; // emojis are not kept
        }
        lead.tracker(numbers && lead.kept.is_empty());
        if lead.kept.is_empty() && lead.numbers.is_empty() {
            lead.bracket();
        }
        if lead.title.len() == before {
            break;
        }
        if !lead.kept.is_empty() {
            lead.kept = &start[..start.len() - lead.title.len()];
        } else {
            start = lead.title;
        }
    }
    lead
}

impl<'t> Lead<'t> {
    fn cut(&mut self, rest: &'t str) -> bool {
        let rest = rest.trim_start();
        if !rest.is_empty() {
            self.title = rest;
        }
        !rest.is_empty()
    }

    /// Reads `Merged PR 12: x`, `Pull request #12: x`, `[PR #5] x`, `PR-5: x`.
    fn forge(&mut self) {
        let starts = [
            "Merged PR ",
            "Merge PR ",
            "Merge pull request ",
            "Pull request ",
            "Merge request ",
            "[PR ",
            "PR ",
            "PR-",
            "[MR ",
            "MR ",
            "(PR ",
        ];
        let Some(rest) = starts
            .iter()
            .find_map(|start| self.title.strip_prefix(start))
        else {
            return;
        };
        let mark = if rest.starts_with('!') { '!' } else { '#' };
        let rest = rest.strip_prefix(['#', '!']).unwrap_or(rest);
        let digits = digits(rest);
        let closed = rest[digits..].trim_start_matches([']', ')']);
        let after = closed
            .strip_prefix(':')
            .or((closed.len() < rest.len() - digits).then_some(closed));
        if let Some(after) =
            after.filter(|after| (1..=9).contains(&digits) && after.starts_with(' '))
        {
            let pull = format!("{mark}{}", &rest[..digits]);
            if self.cut(after) {
                self.pull = Some(pull);
            }
        }
    }

    /// Reads `✨ x`, `:bug: x`, `✨(api)!: x`.
    fn emoji(&mut self) {
        let Some((emoji, rest)) = Gitmoji::leading(self.title) else {
            return;
        };
        let mut rest = rest.trim_start();
        let mut scope = None;
        if let Some((inside, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        {
            let ends = after.starts_with([':', '!', ' ']) && !inside.starts_with(['#', '!']);
            if ends && !inside.contains(' ') {
                (scope, rest) = (Some(inside), after);
            }
        }
        let mark = rest.strip_prefix("!:").or_else(|| rest.strip_prefix("! "));
        let rest = mark.unwrap_or(rest);
        let rest = rest.strip_prefix(": ").unwrap_or(rest);
        if self.cut(rest) {
            self.breaking |= mark.is_some() || emoji.is_breaking();
            self.emoji = self.emoji.or(Some(emoji));
            self.scope = self.scope.or(scope);
        }
    }

    /// Reads `☂️ feat: x`: a sign before a header that gitmoji.dev does not know. A skin tone after one that it knows is such a sign, too.
    fn decoration(&mut self) {
        let Some((sign, rest)) = self.title.split_once(' ') else {
            return;
        };
        let is_keycap = sign.ends_with('\u{20e3}');
        let is_sign = !sign.is_ascii() && !sign.chars().any(char::is_alphanumeric);
        if (is_keycap || is_sign) && header::typed(rest.trim_start()).is_some() {
            self.cut(rest);
        }
    }

    /// Reads `#12: x`, `(#12) x`, `Fixed #12 -- x`, `ABC-12: x`, `[ABC-12] x`. The numbers of this project are removed if that is allowed.
    fn tracker(&mut self, cuts: bool) {
        let Some((rest, is_number)) = tracker(self.title) else {
            return;
        };
        let start = self.title;
        if self.cut(rest) {
            let before = &start[..start.len() - self.title.len()];
            if is_number && cuts {
                self.numbers = before;
            } else {
                self.kept = before;
            }
        }
    }

    /// Reads `[ui] x`: a scope or a type; `[ui][api] x` and `[two words] x` stay.
    fn bracket(&mut self) {
        let Some((word, rest)) = self
            .title
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        else {
            return;
        };
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let plain = |c: char| c.is_alphanumeric() || "_-./@+".contains(c);
        let is_word = !word.is_empty() && word.len() <= 40 && word.chars().all(plain);
        let is_state = ["wip", "draft", "rfc", "skip", "breaking"]
            .iter()
            .any(|state| state.eq_ignore_ascii_case(word));
        if !is_word
            || is_state
            || !rest.starts_with(' ')
            || word.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        {
            return;
        }
        if !self.cut(rest) {
            return;
        }
        let lower = word.to_lowercase();
        if lower == "security" {
            self.is_security = true;
        } else if BRACKET_TYPES.contains(&lower.as_str()) {
            self.kind = Some(lower);
        } else {
            self.scope = self.scope.or(Some(word));
        }
    }
}

/// The title after the tickets at its beginning, and whether all of them are numbers of this project.
fn tracker(title: &str) -> Option<(&str, bool)> {
    let first = title.as_bytes().first()?;
    if !(first.is_ascii_alphabetic() || b"#!([".contains(first)) {
        return None;
    }
    if let Some((open, close)) = [('[', ']'), ('(', ')')]
        .into_iter()
        .find(|(open, _)| title.starts_with(*open))
    {
        let (inside, rest) = title.strip_prefix(open)?.split_once(close)?;
        let (left, is_number) = tickets(inside)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let ends = rest.starts_with(' ') && left.trim().is_empty();
        return ends.then_some((rest, is_number));
    }
    let (rest, is_number) = tickets(title)?;
    let is_alone = !is_closer(title.split(' ').next().unwrap_or(""));
    let separators = [": ", " - ", " -- ", " – ", " — ", ":\u{a0}"];
    let separated = separators.iter().find_map(|mark| rest.strip_prefix(mark));
    // `#12 fix it` and `ABC-12 fix it` without a mark; `Fix #12 in the parser` is a sentence.
    let bare = || rest.strip_prefix(' ').filter(|_| is_alone);
    let bare = || bare().filter(|rest| rest.starts_with(char::is_alphabetic));
    Some((
        separated.or_else(bare)?,
        is_number && (separated.is_some() || title.starts_with('#')),
    ))
}

/// The text after the tickets at its beginning, each with the word that closes it: `Fixed #1, Refs #2`.
fn tickets(text: &str) -> Option<(&str, bool)> {
    let mut rest = text;
    let (mut any, mut only_numbers) = (false, true);
    loop {
        let word = rest.split([' ', ':']).next().unwrap_or("");
        let closer = is_closer(word);
        let behind = if closer {
            rest[word.len()..].trim_start_matches(':').trim_start()
        } else {
            rest
        };
        let Some((after, is_number)) = ticket(behind, closer) else {
            return any.then_some((rest, only_numbers));
        };
        any = true;
        only_numbers &= is_number;
        let more = [", ", " and ", " & ", "/"]
            .iter()
            .find_map(|mark| after.strip_prefix(mark));
        match more.filter(|more| tickets_follow(more)) {
            Some(more) => rest = more,
            None => return Some((after, only_numbers)),
        }
    }
}

fn tickets_follow(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or("");
    let behind = if is_closer(word) {
        text[word.len()..].trim_start()
    } else {
        text
    };
    ticket(behind, false).is_some()
}

/// The text after a ticket: `#12`, `!12`, `ABC-12`, `gh-12`; after a word such as `Bug`, a number alone.
fn ticket(text: &str, closer: bool) -> Option<(&str, bool)> {
    if let Some(rest) = text.strip_prefix(['#', '!']) {
        let length = digits(rest);
        let ends = !rest[length..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        return ((1..=9).contains(&length) && ends).then(|| (&rest[length..], true));
    }
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let (project, rest) = text.split_at(end);
    if closer && project.len() >= 3 && project.bytes().all(|b| b.is_ascii_digit()) {
        return Some((rest, false));
    }
    let number = rest.strip_prefix('-')?;
    let length = digits(number);
    let is_project = project.len() >= 2
        && project.starts_with(|c: char| c.is_ascii_alphabetic())
        && (project.bytes().all(|b| !b.is_ascii_lowercase())
            || ["gh", "bpo", "lp", "Gh"].contains(&project));
    let ends = !number[length..].starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c));
    (is_project && (1..=9).contains(&length) && ends).then(|| (&number[length..], false))
}

/// Whether a word may be before the number of an issue in a title.
fn is_closer(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "fix",
        "fixes",
        "fixed",
        "fixing",
        "close",
        "closes",
        "closed",
        "closing",
        "resolve",
        "resolves",
        "resolved",
        "ref",
        "refs",
        "references",
        "issue",
        "issues",
        "bug",
        "ticket",
        "story",
        "task",
        "see",
        "re",
    ];
    WORDS.iter().any(|one| one.eq_ignore_ascii_case(word))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The packages at the beginning of a title, and the rest: `net/http: fix x`, `cmd/go, runtime: fix x`, `foo.c: fix x`. A single word is
/// read as a type, see [`super::header`].
pub fn packages(title: &str) -> Option<(&str, &str)> {
    let (names, rest) = title.split_once(": ")?;
    let plain = |c: char| c.is_alphanumeric() || "_-./:@*+{}$".contains(c);
    let is_name = |name: &str| {
        !name.is_empty()
            && name.chars().all(plain)
            && name.chars().any(char::is_alphabetic)
            && !name.contains("//")
    };
    let mut parts = names.split(',').enumerate().map(|(at, name)| {
        let spaced = if at == 0 {
            name
        } else {
            name.strip_prefix(' ').unwrap_or(name)
        };
        is_name(spaced)
    });
    let is_list = names.contains(['/', '.', ',', '@', ':', '*', '{']);
    let is_version = names
        .trim_start_matches('v')
        .starts_with(|c: char| c.is_ascii_digit());
    let fits = names.len() <= 80 && is_list && !is_version && parts.all(|fits| fits);
    (fits && !rest.trim().is_empty()).then(|| (names, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_change_is_found() {
        for (title, kept, numbers, rest) in [
            ("#123: fix it", "", "#123: ", "fix it"),
            ("#123 - fix it", "", "#123 - ", "fix it"),
            ("#123 fix it", "", "#123 ", "fix it"),
            ("(#12) fix it", "", "(#12) ", "fix it"),
            ("[#12] fix it", "", "[#12] ", "fix it"),
            ("Fixes #12: stop", "", "Fixes #12: ", "stop"),
            (
                "Fixed #12345 -- Added x.",
                "",
                "Fixed #12345 -- ",
                "Added x.",
            ),
            (
                "Fixed #1, Refs #2 -- Added x.",
                "",
                "Fixed #1, Refs #2 -- ",
                "Added x.",
            ),
            ("ABC-12: Fix it", "ABC-12: ", "", "Fix it"),
            ("ABC-12 Fix it", "ABC-12 ", "", "Fix it"),
            ("[ABC-12] feat: x", "[ABC-12] ", "", "feat: x"),
            ("[ABC-12, ABC-13] Fix it", "[ABC-12, ABC-13] ", "", "Fix it"),
            ("gh-12: Fix it", "gh-12: ", "", "Fix it"),
            ("Bug 123456 - Fix it", "Bug 123456 - ", "", "Fix it"),
            ("Merged PR 12: ABC-1: Fix it", "ABC-1: ", "", "Fix it"),
            ("Fix #12 in the parser", "", "", "Fix #12 in the parser"),
            ("Fixes #12", "", "", "Fixes #12"),
            ("Fix: it", "", "", "Fix: it"),
            ("UTF8: x", "", "", "UTF8: x"),
            ("CVE-2024-1234: stop", "", "", "CVE-2024-1234: stop"),
            ("#12", "", "", "#12"),
            ("", "", "", ""),
        ] {
            let lead = read(title, true);
            assert_eq!(
                (lead.kept, lead.numbers, lead.title),
                (kept, numbers, rest),
                "{title}"
            );
        }
        assert_eq!(read("#12: fix it (#13)", false).kept, "#12: ");
        for (title, pull, rest) in [
            ("Merged PR 12: feat: x", Some("#12"), "feat: x"),
            ("Pull request #7: x", Some("#7"), "x"),
            ("[PR #5] x", Some("#5"), "x"),
            ("PR 5: x", Some("#5"), "x"),
            ("PR the change: x", None, "PR the change: x"),
        ] {
            let lead = read(title, true);
            assert_eq!((lead.pull.as_deref(), lead.title), (pull, rest), "{title}");
        }
    }

    #[test]
    fn packages_scopes_and_emojis() {
        for (title, expected) in [
            ("net/http: fix a leak", Some(("net/http", "fix a leak"))),
            ("cmd/go, runtime: fix", Some(("cmd/go, runtime", "fix"))),
            ("drm/i915/gt: Fix x", Some(("drm/i915/gt", "Fix x"))),
            ("foo.c: fix: x", Some(("foo.c", "fix: x"))),
            ("Add options: verbose, quiet", None),
            ("word: x", None),
            ("v1.2.0: x", None),
            ("see https://x: y", None),
        ] {
            assert_eq!(packages(title), expected, "{title}");
        }
        for (title, scope, code, breaking, rest) in [
            ("[ui] Fix it", Some("ui"), None, false, "Fix it"),
            ("[ui][api] Fix it", None, None, false, "[ui][api] Fix it"),
            ("[WIP] Fix it", None, None, false, "[WIP] Fix it"),
            ("✨(api)!: x", Some("api"), Some("sparkles"), true, "x"),
            ("✨ (api) x", Some("api"), Some("sparkles"), false, "x"),
            (":boom: x", None, Some("boom"), true, "x"),
            ("🐛 [ui] x", Some("ui"), Some("bug"), false, "x"),
            ("⚠️ feat(util): x", None, None, false, "feat(util): x"),
            ("1️⃣ fix: x", None, None, false, "fix: x"),
            (
                "👷🏽 ci: x",
                None,
                Some("construction_worker"),
                false,
                "ci: x",
            ),
            ("🇩🇪 docs: x", None, None, false, "docs: x"),
            ("☂️ Keep dry: x", None, None, false, "☂️ Keep dry: x"),
            ("… and x: y", None, None, false, "… and x: y"),
        ] {
            let lead = read(title, true);
            let told = (
                lead.scope,
                lead.emoji.map(|one| one.code),
                lead.breaking,
                lead.title,
            );
            assert_eq!(told, (scope, code, breaking, rest), "{title}");
        }
        assert_eq!(read("[fix] x", true).kind.as_deref(), Some("fix"));
        assert!(read("[SECURITY] x", true).is_security);
    }
}
