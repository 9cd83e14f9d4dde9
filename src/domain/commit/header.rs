//! The header of a change: `type(scope)!: description` (Conventional Commits 1.0, items 1 to 5 and 13), and common variants of it. Headers
//! without a space after the colon, and tickets, are refused.

use std::borrow::Cow;

use crate::domain::commit::footer::has_space_after_colon;

/// The parsed header of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'t> {
    /// Type in lower case; `breaking` for a title such as `BREAKING CHANGE: drop x`.
    pub kind: String,
    pub scope: Option<String>,
    /// The text before the colon, as it is written.
    pub written: &'t str,
    pub description: Cow<'t, str>,
    pub breaking: bool,
}

/// The type of a title that only says that its change breaks something.
pub const BREAKING: &str = "breaking";

/// Reads the header of a title.
pub fn read(title: &str) -> Option<Header<'_>> {
    if let Some((scope, rest)) = breaking_title(title) {
        let inner = read(rest).filter(|inner| inner.kind != BREAKING);
        return Some(Header {
            breaking: true,
            ..inner.unwrap_or(Header {
                kind: BREAKING.to_owned(),
                scope: scope.map(str::to_owned),
                written: BREAKING,
                description: Cow::Borrowed(rest),
                breaking: true,
            })
        });
    }
    typed(title)
}

/// Reads the header of a title that has a type.
pub fn typed(title: &str) -> Option<Header<'_>> {
    if !has_space_after_colon(title) {
        return None; // many titles
    }
    let usual = usual(title);
    let header = git_conventional::Commit::parse(&usual).ok()?;
    let kind = header.type_().as_str();
    let plain = |c: char| c.is_alphanumeric() || "-_.+/".contains(c);
    let is_word = kind.starts_with(char::is_alphabetic) && kind.chars().all(plain);
    (is_word && !is_ticket(kind)).then(|| {
        let description = header.description().trim();
        Header {
            kind: kind.to_lowercase(),
            scope: header.scope().map(|scope| scope.as_str().to_owned()),
            written: title[..title.len() - description.len()]
                .trim_end()
                .trim_end_matches([':', '!']),
            breaking: header.breaking(),
            description: Cow::Owned(description.to_owned()),
        }
    })
}

/// A title with its scope and its mark in the conventional places: `feat[api]: x`, `feat(api!): x` and `feat!(api): x` mean `feat(api): x`
/// and `feat(api)!: x`.
pub fn usual(title: &str) -> Cow<'_, str> {
    let word = title
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .unwrap_or(0);
    let (kind, rest) = title.split_at(word);
    let (early, rest) = match rest.strip_prefix('!') {
        Some(rest) => ("!", rest),
        None => ("", rest),
    };
    let (open, close) = match rest.as_bytes().first() {
        Some(b'(') => ('(', ')'),
        Some(b'[') => ('[', ']'),
        _ => return Cow::Borrowed(title),
    };
    let Some((scope, after)) = rest[1..].split_once(close).filter(|_| !kind.is_empty()) else {
        return Cow::Borrowed(title);
    };
    let inner = scope.strip_suffix('!');
    let is_usual = open == '(' && early.is_empty() && inner.is_none();
    let ends = after.starts_with(": ") || after.starts_with("!: ");
    if is_usual || !ends || scope.is_empty() {
        return Cow::Borrowed(title);
    }
    let is_marked = !early.is_empty() || inner.is_some();
    let mark = if is_marked && !after.starts_with('!') {
        "!"
    } else {
        ""
    };
    Cow::Owned(format!("{kind}({}){mark}{after}", inner.unwrap_or(scope)))
}

/// The scope and the rest of a title that announces a breaking change: `BREAKING CHANGE: x`, `breaking: x`, `[BREAKING] x`,
/// `**BREAKING**: x`.
fn breaking_title(title: &str) -> Option<(Option<&str>, &str)> {
    let bare = title.trim_start_matches(['[', '*', '(']);
    let start = bare.get(..BREAKING.len())?;
    if !start.eq_ignore_ascii_case(BREAKING) {
        return None; // nearly every title
    }
    let opened = &title[..title.len() - bare.len()];
    let mut rest = &bare[BREAKING.len()..];
    for word in [" CHANGES", "-CHANGES", " CHANGE", "-CHANGE"] {
        let next = rest
            .get(..word.len())
            .filter(|next| next.eq_ignore_ascii_case(word));
        if next.is_some() {
            rest = &rest[word.len()..];
            break;
        }
    }
    let scope = rest
        .strip_prefix('(')
        .and_then(|inside| inside.split_once(')'));
    let (scope, rest) = match scope.filter(|_| !opened.starts_with('(')) {
        Some((scope, rest)) => (Some(scope), rest),
        None => (None, rest),
    };
    let rest = rest.strip_prefix('!').unwrap_or(rest);
    let closed = rest.trim_start_matches([']', '*', ')']);
    let is_closed = closed.len() < rest.len();
    let after = match closed.strip_prefix(':') {
        Some(after) => after.trim_start_matches('*'),
        None if is_closed && !opened.is_empty() => closed,
        None => return None,
    };
    let text = after.trim();
    (after.starts_with(' ') && !text.is_empty()).then_some((scope, text))
}

/// Whether a word is the number of a ticket, not a type, as in `ABC-12: text`.
fn is_ticket(kind: &str) -> bool {
    let parts = kind.rsplit_once('-');
    parts.is_some_and(|(project, number)| {
        project
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(title: &str) -> String {
        read(title).map_or(String::new(), |h| {
            let scope = h.scope.unwrap_or_default();
            format!("{}|{scope}|{}|{}", h.kind, h.breaking, h.description)
        })
    }

    #[test]
    fn headers_in_every_spelling() {
        for (title, expected) in [
            ("feat: x", "feat||false|x"),
            ("FEAT(Api)!: x", "feat|Api|true|x"),
            ("feat[api]: x", "feat|api|false|x"),
            ("fix[core]!: x", "fix|core|true|x"),
            ("feat(api!): x", "feat|api|true|x"),
            ("feat!(api): x", "feat|api|true|x"),
            ("feat![api]: x: y", "feat|api|true|x: y"),
            ("BREAKING CHANGE: drop x", "breaking||true|drop x"),
            ("BREAKING CHANGES: drop x", "breaking||true|drop x"),
            ("BREAKING-CHANGE(api): drop x", "breaking|api|true|drop x"),
            ("BREAKING: drop x", "breaking||true|drop x"),
            ("breaking!: drop x", "breaking||true|drop x"),
            ("Breaking change: drop x", "breaking||true|drop x"),
            ("[BREAKING] drop x", "breaking||true|drop x"),
            ("[Breaking Change]: drop x", "breaking||true|drop x"),
            ("**BREAKING CHANGE**: drop x", "breaking||true|drop x"),
            ("**BREAKING:** drop x", "breaking||true|drop x"),
            ("[BREAKING] feat(ui): drop x", "feat|ui|true|drop x"),
        ] {
            assert_eq!(told(title), expected, "{title}");
        }
        for title in [
            "feat:x",
            "Breaking changes in the api",
            "Breaking the ice: part one",
            "BREAKING:",
            "feat[]: x",
            "#123: fix x",
            "ABC-12: fix x",
            "[api] x",
        ] {
            assert_eq!(told(title), "", "{title}");
        }
    }
}
