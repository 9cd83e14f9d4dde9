//! What a subject says beyond the convention: tickets, releases, reverts, and the requests that forges merge.

/// `Release v1.2.0`, `bump version to 1.2.0`: a title that announces a version and nothing else.
pub fn cuts_release(title: &str) -> bool {
    let lower = title.to_lowercase();
    ["release", "bump version to", "bump version", "version"]
        .iter()
        .filter_map(|word| lower.strip_prefix(word))
        .map(str::trim_start)
        .map(|rest| rest.strip_prefix('v').unwrap_or(rest))
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `ABC-12: text` begins with the number of a ticket, not with a type.
pub(super) fn is_ticket(kind: &str) -> bool {
    let parts = kind.rsplit_once('-');
    parts.is_some_and(|(project, number)| {
        project
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// What a `revert:` says, with the word: `revert: feat(api): export` is `revert export`.
pub(super) fn reverting(description: &str) -> String {
    let inner = git_conventional::Commit::parse(description);
    let what = inner
        .as_ref()
        .map_or(description, |commit| commit.description());
    format!("revert {}", what.trim())
}

/// The number of the request that a forge says it has merged here.
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
