//! Kind of a release, if only git shows it: by the message of its tag, and by the branches that were merged for it. Nothing is inferred
//! from dates or changes; the metrics do that.

use semver::Version;

use crate::domain::release::manifest::{ReleaseKind, ReleaseRecord};
use crate::domain::release::texts::{ReleaseTexts, TextTemplate};
use crate::domain::version::{self, form};

/// Tag trailer that names the kind.
const KIND: &str = "Release-Kind: ";

/// Tag trailer that names the last day of support.
const UNTIL: &str = "Support-Until: ";

/// Release fields in a tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaidKind {
    /// `None` if the tag does not name it.
    pub kind: Option<ReleaseKind>,
    /// Last day of support.
    pub support_until: Option<String>,
}

/// Trailers that repeat the fields of the release manifest in the tag. A regular release needs none: forges show the tag's body as release
/// notes.
pub fn trailers(record: &ReleaseRecord) -> Vec<String> {
    let is_said = matches!(record.kind, ReleaseKind::Hotfix | ReleaseKind::Lts);
    let kind = is_said.then(|| format!("{KIND}{}", record.kind.word()));
    let until = record.support_until.iter();
    let until = until.map(|day| format!("{UNTIL}{day}"));
    kind.into_iter().chain(until).collect()
}

/// A release, as branches and messages may name it.
#[derive(Debug, Clone, Copy)]
pub struct NamedRelease<'a> {
    pub version: &'a Version,
    pub tag: &'a str,
    /// Whether it is one of several components in the repository.
    pub is_component: bool,
}

/// Release fields in a tag: from its trailers; a relwatch tag without trailers is a regular release. For other tags, a message that begins
/// with `Hotfix` makes it a hotfix, or the title of its commit, if that merges a hotfix.
pub fn of_tag(
    release: NamedRelease<'_>,
    message: &str,
    commit: &str,
    texts: &ReleaseTexts,
) -> SaidKind {
    if !release.version.pre.is_empty() {
        return SaidKind {
            kind: Some(ReleaseKind::Prerelease),
            support_until: None,
        };
    }
    let message = message.trim_end();
    let last = message.rsplit("\n\n").next().unwrap_or(message);
    let value = |key: &str| last.lines().find_map(|line| line.strip_prefix(key));
    let kind = value(KIND).and_then(|word| ReleaseKind::of_word(word.trim()));
    let is_hotfix = || {
        let first = message.lines().next().unwrap_or_default();
        after_hotfix(first).is_some() || merges_hotfix(commit, release)
    };
    let is_ours = || {
        let (first, version) = (message.lines().next().unwrap_or_default(), release.version);
        let fits = |template: &TextTemplate, title: &str| {
            template.fits(title, release.tag, &version.to_string())
        };
        fits(&texts.tag, first) && fits(&texts.commit, commit)
    };
    let by_words = || match () {
        () if is_ours() => Some(ReleaseKind::Regular),
        () => is_hotfix().then_some(ReleaseKind::Hotfix),
    };
    SaidKind {
        kind: kind.or_else(by_words),
        support_until: value(UNTIL).map(|day| day.trim().to_owned()),
    }
}

/// Whether a commit title says that a hotfix was merged and this is its release: `Merge branch 'hotfix/v1.1.1'` in the words of git and of
/// forges, or `Hotfix v1.1.1`. A branch that names no version counts for a patch, but not for components: it may be about another one.
pub fn merges_hotfix(title: &str, release: NamedRelease<'_>) -> bool {
    let NamedRelease { version, tag, .. } = release;
    let is_of = |name: &str| {
        let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
        let named = named_version(last)?;
        let is_own = folder.is_empty() || !release.is_component;
        Some(is_own && version::core(&named) == *version)
    };
    let is_of = |name: &str| if name == tag { Some(true) } else { is_of(name) };
    if let Some(rest) = after_hotfix(title) {
        let mut words = rest.split_whitespace();
        return words.next().and_then(is_of) == Some(true);
    }
    if !title.starts_with("Merge") {
        return false;
    }
    let is_end = |c: char| c.is_whitespace() || "'\"`,()".contains(c);
    let mut names = title.split(is_end).filter_map(hotfix_branch);
    names.any(|name| is_of(name).unwrap_or(version.patch > 0 && !release.is_component))
}

/// Text after the word `hotfix` at the beginning of a text.
fn after_hotfix(text: &str) -> Option<&str> {
    let word = text.get(.."hotfix".len())?;
    let rest = &text[word.len()..];
    let is_whole = !rest.starts_with(|c: char| c.is_alphanumeric() || "/-_(!".contains(c));
    (word.eq_ignore_ascii_case("hotfix") && is_whole).then(|| rest.trim_start_matches([':', ' ']))
}

/// Name of a hotfix branch after its prefix. The name of a fork or a remote may come first.
fn hotfix_branch(word: &str) -> Option<&str> {
    let (before, name) = word.split_once("hotfix/")?;
    (before.is_empty() || before.ends_with('/')).then_some(name)
}

/// Version at the beginning of a name, such as `v1.1.1` or `1.1.1-login`; a number alone is an issue number.
fn named_version(name: &str) -> Option<Version> {
    let name = name.strip_prefix('v').unwrap_or(name);
    let end = name.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let numbers = name[..end.unwrap_or(name.len())].trim_end_matches('.');
    form::read(numbers).filter(|_| numbers.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn named<'a>(version: &'a Version, tag: &'a str) -> NamedRelease<'a> {
        NamedRelease {
            version,
            tag,
            is_component: !tag.starts_with('v'),
        }
    }

    #[test]
    fn merges_of_hotfixes_are_known_by_their_words() {
        for (title, version, is_one) in [
            ("Merge branch 'hotfix/v1.1.1'", "1.1.1", true),
            ("Merge branch 'hotfix/v1.1.1' into main", "1.1.1", true),
            ("Merge branch 'hotfix/1.1.1-login'", "1.1.1", true),
            (
                "Merge remote-tracking branch 'origin/hotfix/login'",
                "1.1.1",
                true,
            ),
            (
                "Merge pull request #12 from ann/hotfix/v1.1.1",
                "1.1.1",
                true,
            ),
            ("Merged in hotfix/login (pull request #3)", "1.1.1", true),
            ("Hotfix v1.1.1", "1.1.1", true),
            ("hotfix: 1.1.1 (#12)", "1.1.1", true),
            ("Merge branch 'hotfix/123'", "1.1.1", true),
            // A hotfix of another version, released on its own branch.
            ("Merge branch 'hotfix/v1.1.1'", "1.1.2", false),
            ("Hotfix v1.1.1", "1.2.0", false),
            ("Merge branch 'hotfix/login'", "1.2.0", false),
            ("Hotfix the login", "1.1.1", false),
            ("Merge branch 'nohotfix/login'", "1.1.1", false),
            ("fix: merge hotfix/login", "1.1.1", false),
            ("hotfix(api): v1.1.1 again", "1.1.1", false),
        ] {
            assert_eq!(
                merges_hotfix(title, named(&number(version), &format!("v{version}"))),
                is_one,
                "{title} {version}"
            );
        }
    }

    #[test]
    fn a_hotfix_of_one_component_is_none_of_another() {
        let version = number("1.3.1");
        for (title, tag, is_one) in [
            (
                "Merge branch 'hotfix/backend/v1.3.1'",
                "backend/v1.3.1",
                true,
            ),
            ("Merge branch 'hotfix/backend/v1.3.1'", "web/v1.3.1", false),
            ("Merge branch 'hotfix/api-v1.3.1'", "api-v1.3.1", true),
            ("Merge branch 'hotfix/login'", "api-v1.3.1", false),
            ("Hotfix backend/v1.3.1", "backend/v1.3.1", true),
            ("Hotfix backend/v1.3.1", "web/v1.3.1", false),
        ] {
            assert_eq!(
                merges_hotfix(title, named(&version, tag)),
                is_one,
                "{title} {tag}"
            );
        }
    }

    #[test]
    fn a_tag_says_what_was_written_or_merged() {
        let said = |version: &str, message: &str, title: &str| {
            let number = number(version);
            let texts = ReleaseTexts::default();
            let said = of_tag(
                named(&number, &format!("v{version}")),
                message,
                title,
                &texts,
            );
            (said.kind, said.support_until)
        };
        let (hotfix, regular) = (Some(ReleaseKind::Hotfix), Some(ReleaseKind::Regular));
        assert_eq!(
            said("1.1.1", "Hotfix v1.1.1: Fix the login\n", "fix: x").0,
            hotfix
        );
        assert_eq!(said("1.1.1", "Hotfix: fix the login", "").0, hotfix);
        assert_eq!(said("1.1.1", "v1.1.1", "Hotfix v1.1.1").0, hotfix);
        assert_eq!(said("1.1.1", "", "Merge branch 'hotfix/login'").0, hotfix);
        assert_eq!(said("1.1.1", "Hotfixes", "fix: x").0, None);
        assert_eq!(
            said(
                "1.1.1",
                "Release v1.1.1\n\n- Release-Kind: lts\n\nRelease-Kind: regular\n",
                "Hotfix v1.1.1"
            )
            .0,
            regular
        );
        assert_eq!(
            said("1.1.0-rc.1", "Hotfix", "").0,
            Some(ReleaseKind::Prerelease)
        );
        let mut record = ReleaseRecord {
            kind: ReleaseKind::Lts,
            support_until: Some("2027-01-30".into()),
            ..ReleaseRecord::default()
        };
        let message = format!("x\n\n{}\n", trailers(&record).join("\n"));
        assert_eq!(
            said("1.1.0", &message, ""),
            (Some(ReleaseKind::Lts), record.support_until.take())
        );
        record.kind = ReleaseKind::Regular;
        assert!(trailers(&record).is_empty());
        for (commit, kind) in [
            ("chore(release): v1.1.1", regular),
            ("chore(release): v1.1.1 (#12)", regular),
            ("chore(release): v1.1.10", None),
            ("Hotfix v1.1.1", hotfix),
        ] {
            assert_eq!(
                said("1.1.1", "Release v1.1.1\n\n- x\n", commit).0,
                kind,
                "{commit}"
            );
        }
    }
}
