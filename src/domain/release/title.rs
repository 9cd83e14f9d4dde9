//! Titles of commits that relwatch makes, except release commits (see `texts`). They are written and recognised only here.

use std::fmt;

/// Prefix of all these titles; also of a release commit, unless a project configures its own text.
const PREFIX: &str = "chore(release): ";

/// A commit that relwatch makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnCommit<'a> {
    /// Marks the release of a tag as withdrawn.
    Withdrawal(&'a str),
    /// Changes the kind of a tag's release to these words.
    Kind(&'a str, &'a str),
    /// Archives the specs of a tag.
    Archive(&'a str),
    /// Changes the version in the version files.
    Bump(&'a str),
    /// Adds the released sections of these tags to the changelog.
    Port(&'a [String]),
}

impl fmt::Display for OwnCommit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        match self {
            OwnCommit::Withdrawal(tag) => write!(f, "withdraw {tag}"),
            OwnCommit::Kind(tag, kind) => write!(f, "list {tag} as {kind}"),
            OwnCommit::Archive(tag) => write!(f, "archive the specs of {tag}"),
            OwnCommit::Bump(version) => write!(f, "bump version to {version}"),
            OwnCommit::Port(tags) => write!(f, "port {}", tags.join(" and ")),
        }
    }
}

/// Whether relwatch made the commit with this title.
pub fn is_own(title: &str) -> bool {
    title.starts_with(PREFIX)
}

/// Tags whose sections a commit with this title added; empty for any other commit.
pub fn ported(title: &str) -> impl Iterator<Item = &str> {
    let names = title.strip_prefix(PREFIX);
    let names = names.and_then(|names| names.strip_prefix("port "));
    names.into_iter().flat_map(|names| names.split(" and "))
}

/// Tag whose withdrawal a commit with this title recorded; `None` for any other commit.
pub fn withdrawn(title: &str) -> Option<&str> {
    title.strip_prefix(PREFIX)?.strip_prefix("withdraw ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_was_written_is_recognised() {
        let names = ["v1.2.0".to_owned(), "bot/v0.3.1".to_owned()];
        assert!(!is_own("chore(releases): v1.2.0"));
        let title = OwnCommit::Withdrawal("v1.2.0").to_string();
        assert!(is_own(&title) && withdrawn(&title) == Some("v1.2.0"));
        assert_eq!(withdrawn("chore(release): v1.2.0"), None);
        let title = OwnCommit::Port(&names).to_string();
        assert!(ported(&title).eq(&names) && ported("chore(release): v1").next().is_none());
    }
}
