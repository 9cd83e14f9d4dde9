//! The title of a message: git's, which extends to the first blank line, and those that forges cut. A list, a footer or a heading right
//! below the first line is not part of it.

use std::borrow::Cow;

use crate::domain::commit::footer;

/// The title of a message that does not begin with white space, and the text below it. A line that begins with one of `closers` and a
/// number is not part of the title.
pub fn split<'t>(text: &'t str, closers: &[String]) -> (Cow<'t, str>, &'t str) {
    let end = text.find('\n').unwrap_or(text.len());
    let (first, mut below) = (text[..end].trim(), &text[end..]);
    let mut title = Cow::Borrowed(first);
    while let Some((line, rest)) =
        next_line(below).filter(|(line, _)| goes_on(first, line, closers))
    {
        title = Cow::Owned(format!("{title} {line}"));
        below = rest;
    }
    match cut_title(&title, below) {
        Some((whole, rest)) => (Cow::Owned(whole), rest),
        None => (title, below),
    }
}

/// The line after a line break, and the text after that line.
fn next_line(below: &str) -> Option<(&str, &str)> {
    let text = below.strip_prefix('\n')?;
    let end = text.find('\n').unwrap_or(text.len());
    Some((text[..end].trim(), &text[end..]))
}

/// Whether a line right below the first one belongs to the title (git-commit(1), "Discussion").
fn goes_on(first: &str, line: &str, closers: &[String]) -> bool {
    let opens = [
        "* ",
        "- ",
        "+ ",
        "#",
        "```",
        "~~~",
        ">",
        "|",
        "<",
        "(cherry picked from",
        "This reverts commit",
        "BREAKING CHANGE",
        "BREAKING-CHANGE",
        "---",
    ];
    let closes = |line: &str| {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        rest.starts_with(['#', '!'])
            && closers
                .iter()
                .map(String::as_str)
                .chain(["see"])
                .any(|one| one.eq_ignore_ascii_case(word))
    };
    !(line.is_empty()
        || first.starts_with("Merge ")
        || opens.iter().any(|start| line.starts_with(start))
        || line.contains(": ") && footer::is_footer(line)
        || closes(line))
}

/// The message, or the text that release-please's marks in its body put in place of all of it (its README, "How can I fix release notes?"),
/// with the number at the end of the title.
pub fn overridden(text: &str) -> Cow<'_, str> {
    let marked = || {
        let (above, rest) = text.split_once("\nBEGIN_COMMIT_OVERRIDE\n")?;
        let (inner, _) = rest.split_once("\nEND_COMMIT_OVERRIDE")?;
        let first = above.lines().next()?.trim_end();
        let number = first
            .rfind(" (#")
            .map(|at| &first[at..])
            .filter(|n| n.ends_with(')'));
        let inner = inner.trim();
        let end = inner.find('\n').unwrap_or(inner.len());
        let number = number.filter(|_| !inner[..end].trim_end().ends_with(')'));
        let (title, below) = inner.split_at(end);
        (!inner.is_empty()).then(|| format!("{title}{}{below}", number.unwrap_or("")))
    };
    marked().map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Joins a title that GitHub cut: it cuts a title of more than 72 characters at `…` and continues with `…` in the body. The number stays
/// with the title.
fn cut_title<'t>(title: &str, below: &'t str) -> Option<(String, &'t str)> {
    const MARKS: [&str; 2] = ["…", "..."];
    let (start, number) = match title.rsplit_once(" (") {
        Some((start, last)) if last.starts_with(['#', '!']) && last.ends_with(')') => {
            (start, &title[start.len()..])
        }
        _ => (title, ""),
    };
    let start = MARKS.iter().find_map(|mark| start.strip_suffix(mark))?;
    let body = below.trim_start_matches('\n');
    let rest = MARKS.iter().find_map(|mark| body.strip_prefix(mark))?;
    let end = rest.find('\n').unwrap_or(rest.len());
    let goes_on = rest[..end].trim_end();
    let number = if goes_on.ends_with(number) {
        ""
    } else {
        number
    };
    Some((format!("{start}{goes_on}{number}"), &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_as_git_and_forges_have_them() {
        for (text, title, below) in [
            ("fix: x", "fix: x", ""),
            ("fix: x\n\nbody", "fix: x", "\n\nbody"),
            (
                "fix: keep\nthe order (#3)\n\nbody",
                "fix: keep the order (#3)",
                "\n\nbody",
            ),
            ("fix: a\n  b\nc", "fix: a b c", ""),
            ("fix: x\n* feat: y", "fix: x", "\n* feat: y"),
            ("fix: x\nCloses #3", "fix: x", "\nCloses #3"),
            (
                "fix: x\nBREAKING CHANGE: y",
                "fix: x",
                "\nBREAKING CHANGE: y",
            ),
            ("fix: x\nSigned-off-by: Z", "fix: x", "\nSigned-off-by: Z"),
            ("Merge branch 'a'\nfoo", "Merge branch 'a'", "\nfoo"),
            (
                "feat: cut in the mid… (#12)\n\n…dle of it\n\nbody",
                "feat: cut in the middle of it (#12)",
                "\n\nbody",
            ),
            ("feat: cut…\n\n… here (#7)", "feat: cut here (#7)", ""),
            ("feat: cut...\n\n...here", "feat: cuthere", ""),
            ("feat: cut… (#7)\n\n… here (#7)", "feat: cut here (#7)", ""),
            ("feat: wait…\n\nbody", "feat: wait…", "\n\nbody"),
            ("", "", ""),
        ] {
            assert_eq!(
                split(text, &["closes".to_owned()]),
                (title.into(), below),
                "{text}"
            );
        }
    }
}
