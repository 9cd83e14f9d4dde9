//! `BREAKING CHANGE:` footers, which describe what users have to do (Conventional Commits 1.0, items 8 to 13 and 16).
//!
//! They are not read by the library, because it ends a footer's text within a code block and does not read a list of squashed commits.

use crate::domain::commit::quoted::{BodyLine, is_separator};

/// The texts of all `BREAKING CHANGE:` footers in `lines`, as paragraphs. With `goes_on`, a text continues over blank lines up to the next
/// footer, and includes the prose after it, as in the convention.
pub fn breaking<'t>(lines: impl Iterator<Item = BodyLine<'t>>, goes_on: bool) -> Option<String> {
    let mut texts: Vec<Vec<&str>> = Vec::new();
    let mut is_open = false;
    let mut fence: Option<&str> = None;
    for of_body in lines {
        let line = of_body.said.trim_end();
        let is_text = fence.is_none() && !of_body.is_code();
        if let Some(first) = value(line).filter(|_| is_text) {
            texts.push(vec![first]);
            is_open = true;
            continue;
        }
        let Some(text) = texts.last_mut().filter(|_| is_open) else {
            continue;
        };
        // A footer without text on its own line has it below.
        let is_begun = text.iter().any(|line| !line.is_empty());
        let ends = (line.is_empty() && !goes_on && is_begun)
            || is_footer(line)
            || is_separator(line)
            || is_mark(line);
        if is_text && ends {
            is_open = false;
            continue;
        }
        let bare = line.trim_start();
        let mark = &bare[..bare.len() - bare.trim_start_matches(['`', '~']).len()];
        match fence {
            Some(open) if mark.starts_with(open) && bare == mark => fence = None,
            None if mark.len() >= 3 => fence = Some(mark),
            _ => {}
        }
        text.push(line);
    }
    let texts = texts.iter().map(|lines| lines.join("\n").trim().to_owned());
    let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// The text after `BREAKING CHANGE: ` or ` #`; the words are in capitals (item 15). `BREAKING CHANGES:`, `BREAKING:` and
/// `**BREAKING CHANGE**:` are accepted, too.
fn value(line: &str) -> Option<&str> {
    let line = line
        .strip_prefix("* ")
        .or_else(|| line.strip_prefix("- "))
        .unwrap_or(line);
    let bold = line.strip_prefix("**");
    let rest = bold.unwrap_or(line).strip_prefix("BREAKING")?;
    let rest = ["-CHANGES", " CHANGES", "-CHANGE", " CHANGE"]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest);
    let rest = match bold {
        Some(_) => rest
            .strip_prefix("**:")
            .or_else(|| rest.strip_prefix(":**"))?,
        None => rest.strip_prefix(':').or_else(|| rest.strip_prefix(" #"))?,
    };
    Some(rest.trim())
}

/// Whether a line begins or ends a commit within a message, in release-please's form (its README, "What if my PR contains multiple fixes or
/// features?").
pub fn is_mark(line: &str) -> bool {
    matches!(line.trim(), "BEGIN_NESTED_COMMIT" | "END_NESTED_COMMIT")
}

/// Whether a line looks like the footer of a breaking change but is not, because its words are not in capitals.
pub fn is_misspelled(line: &str) -> bool {
    let bare = line.trim_start_matches('*');
    let starts = [
        "breaking change:",
        "breaking changes:",
        "breaking-change:",
        "breaking change**:",
    ];
    let begins = |start: &&str| {
        let own = bare.get(..start.len());
        own.is_some_and(|own| own.eq_ignore_ascii_case(start))
    };
    starts.iter().any(begins) && value(line).is_none()
}

/// Whether a line is a footer: `Token: value` or `Token #value` (item 8).
pub fn is_footer(line: &str) -> bool {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let (token, rest) = line.split_at(end.unwrap_or(line.len()));
    let begins = token.starts_with(|c: char| c.is_ascii_alphabetic());
    begins && (rest.starts_with(": ") || rest.starts_with(" #"))
}

/// "A REQUIRED terminal colon and space" (Conventional Commits 1.0, item 1).
pub fn has_space_after_colon(subject: &str) -> bool {
    // A scope may contain a colon.
    let after_scope = subject.find("):").or_else(|| subject.find(")!:"));
    let at = after_scope.unwrap_or(0);
    let colon = subject[at..].find(':').map(|colon| at + colon + 1);
    colon.is_some_and(|colon| subject[colon..].starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> impl Iterator<Item = BodyLine<'_>> {
        let line = |line| BodyLine {
            said: line,
            plain: line,
        };
        text.lines().map(line)
    }

    fn read(text: &str) -> Option<String> {
        breaking(lines(text), true)
    }

    #[test]
    fn footers_end_where_the_next_one_begins() {
        for (text, expected) in [
            (
                "BREAKING CHANGE: one\nmore\n\nparagraph\nReviewed-by: Z",
                "one\nmore\n\nparagraph",
            ),
            ("BREAKING-CHANGE #one\nRefs #2\nx", "one"),
            ("BREAKING CHANGE: one\n\nBREAKING CHANGE: two", "one\n\ntwo"),
            ("BREAKING CHANGE: one\n---------\nCo-authored-by: B", "one"),
            ("BREAKING CHANGES: one", "one"),
            ("BREAKING: one", "one"),
            ("* BREAKING CHANGE:\n\none\ntwo", "one\ntwo"),
            ("BREAKING CHANGE: one\nEND_NESTED_COMMIT\nmore", "one"),
            ("**BREAKING CHANGE**: one", "one"),
            ("**BREAKING CHANGES:** one", "one"),
            (
                "BREAKING CHANGE: set\n\n```yaml\ntimeout: 30\n\nBREAKING CHANGE: x\n```\nend",
                "set\n\n```yaml\ntimeout: 30\n\nBREAKING CHANGE: x\n```\nend",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(read("breaking change: prose"), None);
        assert_eq!(read("BREAKING CHANGE:"), None);
        assert_eq!(read("BREAKING the ice: prose"), None);
        assert!(
            is_misspelled("Breaking Change: x")
                && is_misspelled(
                    "**breaking changes**: x"
                        .replace("changes", "change")
                        .as_str()
                )
        );
        assert!(!is_misspelled("BREAKING CHANGE: x") && !is_misspelled("breaking the ice"));
        let short = breaking(lines("BREAKING CHANGE: one\nmore\n\nprose"), false);
        assert_eq!(short.as_deref(), Some("one\nmore"));
    }
}
