//! Titles of the commits that relwatch makes beside those of releases, which are `texts`: written and recognised here, nowhere else.

use std::fmt;

/// What every one of them begins with; so does a release commit, unless a project has a text of its own for it.
const PREFIX: &str = "chore(release): ";

/// A commit that relwatch makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnCommit<'a> {
    /// Marks the release of a tag as withdrawn.
    Withdrawal(&'a str),
    /// Lists the release of a tag as what these words say.
    Kind(&'a str, &'a str),
    /// Archives the specs of a tag.
    Archive(&'a str),
    /// Gives the version files another version.
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

/// Whether relwatch made the commit of this title.
pub fn is_own(title: &str) -> bool {
    title.starts_with(PREFIX)
}

/// The tags whose sections a commit of this title has brought; none if it is another commit.
pub fn ported(title: &str) -> impl Iterator<Item = &str> {
    let names = title.strip_prefix(PREFIX);
    let names = names.and_then(|names| names.strip_prefix("port "));
    names.into_iter().flat_map(|names| names.split(" and "))
}

/// The tag whose withdrawal a commit of this title has noted; `None` if it is another commit.
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
