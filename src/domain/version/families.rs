//! Tag families: which tags of a repository are versions, and what they are versions of.
//!
//! Tags that differ only in the version are a family: `v{version}`, `release-{version}`, `@scope/cli@{version}`. A tag that is not a
//! version in any [`Form`] belongs to none.

use std::collections::BTreeMap;

use semver::Version;

use crate::domain::order;
use crate::domain::version::form::Form;

/// Tags that differ only in their version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFamily {
    /// Template such as `v{version}`.
    pub template: String,
    /// Highest final release, or the highest pre-release if there is no final one.
    pub newest: TaggedVersion,
    /// Time of the first tag, in seconds since 1970.
    pub since: i64,
    pub count: usize,
}

/// A version and its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedVersion {
    pub tag: String,
    pub version: Version,
    /// Time of the tag, in seconds since 1970.
    pub time: i64,
}

/// Words that may follow a version and belong to the template (Maven, Hibernate, Spring).
const SUFFIXES: &[&str] = &[
    ".Final", "-final", "_final", ".RELEASE", "-RELEASE", ".GA", "-release", "-stable", "-lts",
    "-LTS",
];

/// Words in front of a version that name no package: `v1.2.3`, `release-1.2.3`, `ver/1.2.3`.
const PLAIN: &[&str] = &["v", "ver", "version", "r", "rel", "release", "tag", "tags"];

/// Minimum number of tags that is not a coincidence.
const MANY: usize = 3;

const PLACE: &str = "{version}";

impl TagFamily {
    /// Package of these tags, with the name that its manifest may use: `tokio` of `tokio-{version}`, `@scope/cli` of
    /// `@scope/cli@{version}`. `None` for tags of the whole repository.
    pub fn package(&self) -> Option<&str> {
        let prefix = self.template.split(PLACE).next()?;
        let bare = prefix.trim_end_matches(['v', 'V']);
        let name = if bare.ends_with(['-', '/', '@', '_', '.']) {
            bare
        } else {
            prefix
        };
        let name = name.trim_end_matches(['-', '/', '@', '_', '.', ':', '=']);
        let is_plain = PLAIN.iter().any(|word| word.eq_ignore_ascii_case(name));
        (!name.is_empty() && !is_plain).then_some(name)
    }
}

/// Families of tags, each tag with its time. The family with the newest release comes first.
pub fn families<'t>(tags: impl IntoIterator<Item = (&'t str, i64)>) -> Vec<TagFamily> {
    let mut found: BTreeMap<(String, &str), TagFamily> = BTreeMap::new();
    for (tag, time) in tags {
        let Some((prefix, version, suffix)) = apart(tag) else {
            continue;
        };
        let tag = tag.to_owned();
        let newest = TaggedVersion { tag, version, time };
        let template = format!("{prefix}{{version}}{suffix}");
        let family = found.entry((prefix.to_owned(), suffix));
        let family = family.or_insert_with(|| TagFamily {
            template,
            newest: newest.clone(),
            since: newest.time,
            count: 0,
        });
        family.count += 1;
        family.since = family.since.min(newest.time);
        // A maintenance line may have the newest tag; the current version of a family is its highest final one.
        let rank =
            |one: &TaggedVersion| (one.version.pre.is_empty(), one.version.clone(), one.time);
        if rank(&newest) > rank(&family.newest) {
            family.newest = newest;
        }
    }
    let mut all: Vec<TagFamily> = found.into_values().collect();
    // `go1.21` is a version of Go only if there are several such tags.
    all.retain(|family| {
        let prefix = family.template.split(PLACE).next().unwrap_or_default();
        family.count >= MANY || is_sign(prefix)
    });
    order::by(&mut all, |a, b| {
        (b.newest.time, &b.newest.version, b.count).cmp(&(
            a.newest.time,
            &a.newest.version,
            a.count,
        ))
    });
    all
}

/// Text before the version in a tag, the version, and the text after it.
fn apart(tag: &str) -> Option<(&str, Version, &'static str)> {
    let suffix = SUFFIXES
        .iter()
        .copied()
        .find(|suffix| tag.ends_with(suffix))
        .unwrap_or("");
    let inner = &tag[..tag.len() - suffix.len()];
    // The first position from which the whole rest is a version.
    let starts = inner.char_indices().filter(|(at, c)| {
        let before = inner[..*at].chars().next_back();
        c.is_ascii_digit()
            && before.is_none_or(|before| {
                let is_behind_word = inner[..*at]
                    .trim_end_matches('.')
                    .ends_with(|c: char| c.is_ascii_alphabetic());
                is_behind_word || !before.is_alphanumeric() && before != '.'
            })
    });
    starts
        .map(|(at, _)| at)
        .find_map(|at| Some((&inner[..at], Form::read(&inner[at..])?.0, suffix)))
}

/// Whether a text ends in a word that only announces a version, such as `v` or `release`, or in no word.
fn is_sign(before: &str) -> bool {
    let letters = before.chars().rev().take_while(char::is_ascii_alphabetic);
    let word = &before[before.len() - letters.count()..];
    word.is_empty() || PLAIN.iter().any(|plain| plain.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn templates(tags: &[&str]) -> Vec<(String, Option<String>)> {
        let found = families(tags.iter().zip(1..).map(|(tag, time)| (*tag, time)));
        found
            .iter()
            .map(|f| (f.template.clone(), f.package().map(str::to_owned)))
            .collect()
    }

    #[test]
    fn tags_of_any_project_have_a_template() {
        for (tag, template, package) in [
            ("v1.0.0", "v{version}", None),
            ("1.0.0", "{version}", None),
            ("v/1.0.0", "v/{version}", None),
            ("v1.0", "v{version}", None),
            ("24.01.0", "{version}", None),
            ("release-1.0.0", "release-{version}", None),
            ("release/1.0.0", "release/{version}", None),
            ("r1.2.3", "r{version}", None),
            ("Version-1.2.3", "Version-{version}", None),
            ("tokio-1.0.0", "tokio-{version}", Some("tokio")),
            ("pkg@1.0.0", "pkg@{version}", Some("pkg")),
            (
                "@scope/cli@2.0.0",
                "@scope/cli@{version}",
                Some("@scope/cli"),
            ),
            ("web-app-v1.0.0", "web-app-v{version}", Some("web-app")),
            (
                "libs/store/v1.0.0",
                "libs/store/v{version}",
                Some("libs/store"),
            ),
            (
                "rustls-post-quantum-v/0.2.0",
                "rustls-post-quantum-v/{version}",
                Some("rustls-post-quantum-v"),
            ),
            ("h2-0.3.1", "h2-{version}", Some("h2")),
            ("log4j-2.17.1", "log4j-{version}", Some("log4j")),
            ("5.0.0.Final", "{version}.Final", None),
            ("v1.0.0-rc.1", "v{version}", None),
            ("3.0.0b1", "{version}", None),
            ("curl-7_81_0", "curl-{version}", Some("curl")),
            ("REL_15_3", "REL_{version}", None),
            ("v.1.1.0", "v.{version}", None),
            ("lamp.1.3.0", "lamp.{version}", Some("lamp")),
            ("22.04-lts", "{version}-lts", None),
        ] {
            let expected = [(template.to_owned(), package.map(str::to_owned))];
            assert_eq!(templates(&[tag]), expected, "{tag}");
        }
        assert_eq!(
            templates(&["go1.20", "go1.21", "go1.21.1"]),
            [("go{version}".to_owned(), Some("go".to_owned()))]
        );
        assert_eq!(
            templates(&[
                "latest",
                "v1",
                "2024-01-05",
                "nightly-20240105",
                "temporary-tag",
                "abc1.2"
            ]),
            []
        );
    }

    #[test]
    fn the_family_of_the_newest_release_is_the_first() {
        let found = templates(&["v0.1.0", "v0.2.0", "v0.3.0", "1.0.0", "1.1.0"]);
        assert_eq!(found[0].0, "{version}");
        // A patch of an old line, tagged later, is not the newest release.
        let found = families([("v2.0.0", 5), ("v1.0.1", 9), ("v2.1.0-rc.1", 8)]);
        assert_eq!(
            (found[0].newest.tag.as_str(), found[0].count),
            ("v2.0.0", 3)
        );
    }
}
