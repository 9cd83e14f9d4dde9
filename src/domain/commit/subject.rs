//! Parts of a subject beyond the convention: tickets, releases, reverts, and the requests that forges merge.

use crate::domain::commit::header;

/// Whether a title only announces a version: `Release v1.2.0`, `bump version to 1.2.0`.
pub fn cuts_release(title: &str) -> bool {
    let lower = title.to_lowercase();
    ["release", "bump version to", "bump version", "version"]
        .iter()
        .filter_map(|word| lower.strip_prefix(word))
        .map(str::trim_start)
        .map(|rest| rest.strip_prefix('v').unwrap_or(rest))
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The description of a `revert:`, with the word: `revert: feat(api): export` is `revert export`.
pub(super) fn reverting(description: &str) -> String {
    let unquoted = dequoted(description);
    let inner = git_conventional::Commit::parse(unquoted);
    let what = inner
        .as_ref()
        .map_or(unquoted, |commit| commit.description());
    format!("revert {}", what.trim())
}

/// A text without the quotes around it.
fn dequoted(text: &str) -> &str {
    let pairs = [('"', '"'), ('\'', '\''), ('“', '”'), ('`', '`')];
    let inside = |(open, close): &(char, char)| text.strip_prefix(*open)?.strip_suffix(*close);
    pairs.iter().find_map(inside).unwrap_or(text)
}

/// The subject that a title reverts: of `Revert "x" (#2)` and `revert: x`, it is `x`. Of `Reapply "x"`, which is git's revert of a revert
/// since 2.43, it is `Revert "x"`.
pub(super) fn reverted_subject(title: &str) -> Option<String> {
    let word = title.get(..7)?;
    if word == "Reapply" {
        return quoted(&title[7..]).map(|inside| format!("Revert \"{inside}\""));
    }
    if !title.get(..6)?.eq_ignore_ascii_case("revert") {
        return None; // nearly every title
    }
    let rest = &title[6..];
    if let Some(typed) = rest.strip_prefix(": ") {
        let bare = bare(typed.trim());
        let whole = dequoted(bare);
        // The number after an unquoted text may be that of the reverted commit, see `bare`.
        return Some(if whole == bare { typed.trim() } else { whole }.to_owned());
    }
    let quoted = quoted(rest).map(str::to_owned);
    let typed = || {
        let text = rest.strip_prefix(' ')?;
        header::typed(text).map(|_| text.to_owned())
    };
    quoted.or_else(typed)
}

/// The text between the first and the last quote.
fn quoted(text: &str) -> Option<&str> {
    let text = text.strip_prefix(' ')?;
    let inside = |open: char, close: char| {
        let (inside, _) = text.strip_prefix(open)?.rsplit_once(close)?;
        Some(inside)
    };
    inside('"', '"')
        .or_else(|| inside('“', '”'))
        .or_else(|| inside('\'', '\''))
}

/// A title without the number of a request at its end, `(#12)`.
pub fn without_request(title: &str) -> &str {
    let number = title.rsplit_once(" (").filter(|(_, last)| {
        let inside = last.strip_suffix(')').unwrap_or("");
        let digits = inside.strip_prefix(['#', '!']).unwrap_or("");
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    number.map_or(title, |(start, _)| start)
}

/// A subject without the number at its end and without the request that a forge puts before it, as a revert may quote it.
pub fn bare(subject: &str) -> &str {
    let text = without_request(subject).trim_end();
    let forge = ["Merged PR ", "Pull request #"];
    let behind = forge.iter().find_map(|start| {
        let (number, rest) = text.strip_prefix(start)?.split_once(": ")?;
        number
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(rest)
    });
    behind.unwrap_or(text)
}

/// The title below a forge's own subject, and the text below that title: `Merge pull request #12 from BRANCH`, `Merged in BRANCH (pull
/// request #12)`, `Merge branch 'x' into 'y'` with GitLab's `See merge request`. Gerrit quotes the title in `Merge "title" into BRANCH`.
pub(super) fn title_in_body<'t>(subject: &'t str, below: &'t str) -> Option<(&'t str, &'t str)> {
    if !subject.starts_with("Merge") {
        return None; // nearly every subject
    }
    if let Some(rest) = subject.strip_prefix("Merge \"") {
        let (title, _) = rest.rsplit_once('"')?;
        return Some((title, below));
    }
    // Gitea: `Merge pull request 'title' (#12) from BRANCH into main`.
    if let Some(rest) = subject.strip_prefix("Merge pull request '") {
        let (title, _) = rest.rsplit_once("' (#")?;
        return Some((title, below));
    }
    let is_forges = subject.starts_with("Merge pull request #")
        || subject.starts_with("Merged in ") && subject.contains("(pull request #")
        || subject.starts_with("Merge branch ") && below.contains("See merge request ");
    let body = below.trim_start();
    let end = body.find('\n').unwrap_or(body.len());
    let title = body[..end].trim();
    let is_heading =
        title.starts_with('#') && !title[1..].starts_with(|c: char| c.is_ascii_digit());
    // A trailer, if there is no title.
    let token = title
        .split_once(": ")
        .map(|(token, _)| token.to_lowercase());
    let is_other = title.is_empty()
        || title.starts_with(['*', '-', '('])
        || is_heading
        || token.is_some_and(|token| token.ends_with("-by"))
        || title.starts_with("See merge request ");
    (is_forges && !is_other).then(|| (title, &body[end..]))
}

/// The branch that a merge brought, as git and the forges name it in the subject.
pub fn merged_branch(subject: &str) -> Option<&str> {
    let rest = subject.strip_prefix("Merge")?;
    let quoted = || {
        let rest = rest.strip_prefix(" remote-tracking").unwrap_or(rest);
        let (branch, _) = rest.strip_prefix(" branch '")?.split_once('\'')?;
        Some(branch)
    };
    // GitHub: `Merge pull request #12 from OWNER/BRANCH`; Gitea: `Merge pull request 'title' (#12) from BRANCH into main`.
    let requested = || {
        let (_, behind) = rest.strip_prefix(" pull request ")?.rsplit_once(" from ")?;
        behind.split_whitespace().next()
    };
    // Bitbucket: `Merged in BRANCH (pull request #12)`.
    let merged = || rest.strip_prefix("d in ")?.split_whitespace().next();
    quoted().or_else(requested).or_else(merged)
}

/// The words of a subject that may be names, and whether they are marked as such: by brackets or quotes, or at the beginning by a
/// separator, as in `BACK-12 - title`.
pub fn words(subject: &str) -> impl Iterator<Item = (&str, bool)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + subject[at..].find(is_part)?;
        let rest = &subject[start..];
        at = start + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let word = subject[start..at].trim_end_matches(['.', '-', '_']);
        let behind = &subject[start + word.len()..];
        let separators = [":", " - ", " – ", " — "];
        let leads = start == 0 && separators.iter().any(|mark| behind.starts_with(mark));
        let before = &subject[..start];
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let is_marked = before.ends_with(['(', '['])
            || !is_number && before.ends_with(['{', '"', '\'', '`', '“'])
            || ["spec ", "Spec "].iter().any(|word| before.ends_with(word));
        Some((word, leads || is_marked))
    })
}

/// The number of the request that a forge merged, according to its message.
pub(super) fn merged_request(subject: &str, body: &str) -> Option<String> {
    let number = |text: &str, mark: char| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        (1..=9)
            .contains(&digits)
            .then(|| format!("{mark}{}", &text[..digits]))
    };
    // GitHub and Gitea; Azure DevOps; Bitbucket.
    let forges = ["Merge pull request #", "Merge pull request '", "Merged PR "];
    let by_subject = forges.iter().find_map(|start| {
        let rest = subject.strip_prefix(start)?;
        let rest = rest.split_once("(#").map_or(rest, |(_, rest)| rest);
        number(rest, '#')
    });
    let bitbucket = || {
        let (_, rest) = subject.rsplit_once("(pull request #")?;
        number(rest, '#').filter(|_| subject.starts_with("Merged in "))
    };
    // GitLab's own merge commit template: `See merge request %{reference}`.
    let gitlab = || {
        let mut lines = body.lines().map(str::trim);
        lines.find_map(|line| {
            let rest = line.strip_prefix("See merge request ")?;
            number(&rest[rest.find('!')? + 1..], '!')
        })
    };
    by_subject.or_else(bitbucket).or_else(gitlab)
}
