//! Titles of commits that release tools make for themselves, and titles that describe no change. A part of a title never matches: `Release
//! the lock on drop` is a change.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::domain::commit::id::CommitId;
use crate::domain::commit::subject::without_request;

use Bookkeeping::{Changelog, Noise, Release};

/// The kind of a title that describes no change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bookkeeping {
    /// The commit cuts a release, or continues after one.
    Release,
    /// The commit writes the changelog.
    Changelog,
    /// The title has no meaning.
    Noise,
}

impl fmt::Display for Bookkeeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Release => "cuts a release",
            Changelog => "its title is about the changelog alone",
            Noise => "its title names no change",
        })
    }
}

/// Titles in lower case, without emoji, quotes, marks at the end, `[skip ci]` and `(#12)`. `{v}` is a version, `{n}` a version or a number,
/// `{x}` a word such as the name of a package, `{id}` the whole name of a commit, `a|b` one of several words, `{*}` anything. A word with
/// `?` is optional.
const TABLE: &[(&str, Bookkeeping)] = &[
    // npm version, np, python-semantic-release: the version alone. <https://docs.npmjs.com/cli/commands/npm-version>
    ("{v}", Release),
    // lerna, nx, release-it, semantic-release. <https://github.com/lerna/lerna/tree/main/libs/commands/version>
    ("publish release?", Release),
    ("publish {v}", Release),
    // changesets, and its `changeset version`. <https://github.com/changesets/action>
    ("version packages", Release),
    ("version packages {x}", Release),
    ("releasing {n} package(s)|packages", Release),
    // Rush, beachball, auto. <https://rushjs.io>, <https://microsoft.github.io/beachball>, <https://intuit.github.io/auto>
    ("applying package updates", Release),
    ("bump versions", Release),
    ("update versions", Release),
    // release-please, release-plz, standard-version, cargo-release, knope, goreleaser. <https://github.com/googleapis/release-please>,
    // <https://release-plz.dev>, <https://github.com/crate-ci/cargo-release>, <https://knope.tech>
    ("release {n}", Release),
    ("release version|candidate {n}", Release),
    ("release {x} version? {v}", Release),
    ("release main|master|develop|trunk|next|beta|alpha", Release),
    ("release", Release),
    ("new|make|cut|tag|create|do release", Release),
    ("cut|tag|make|create|do release {n}", Release),
    ("cut|tag|finalize|finalise|ship {v}", Release),
    ("cut|make|create {v} release", Release),
    ("finalize|finalise release {n}", Release),
    ("{v} release", Release),
    ("releasing|released version? {n}", Release),
    ("prepare|preparing release|releases", Release),
    ("(cargo-release) {*}", Release),
    // maven-release-plugin. <https://maven.apache.org/maven-release/maven-release-plugin/prepare-mojo.html>
    ("[maven-release-plugin] {*}", Release),
    ("[maven-scm] {*}", Release),
    // gradle-release. <https://github.com/researchgate/gradle-release>
    ("[gradle release plugin] {*}", Release),
    // Hibernate. <https://github.com/hibernate/hibernate-release-scripts>
    ("[jenkins release job] {*}", Release),
    // sbt-release. <https://github.com/sbt/sbt-release>
    ("setting version to {n}", Release),
    // bumpversion, bump-my-version, commitizen, poetry, hatch, cocogitter. <https://callowayproject.github.io/bump-my-version>,
    // <https://commitizen-tools.github.io/commitizen>, <https://docs.cocogitter.io>
    ("bump|bumped|bumping version {n} to {n}", Release),
    ("bump|bumped|bumping version from {n} to {n}", Release),
    ("bump|bumped|bumping the? version|versions number?", Release),
    ("bump|bumped|bumping version number? to {n}", Release),
    ("bump|bumped|bumping version {n}", Release),
    ("bump|bumped|bumping version for? {n} release?", Release),
    ("bump|bumped|bumping to {v}", Release),
    ("bump|bumped|bumping from? {v} to {v}", Release),
    ("bump|bumped|bumping {v}", Release),
    (
        "bump|bumped|bumping snapshot|development|dev version",
        Release,
    ),
    ("bump|bumped|bumping for release", Release),
    (
        "bump|bumped|bumping for next development cycle|iteration",
        Release,
    ),
    ("version bump", Release),
    ("version bump to|for {n}", Release),
    ("version {n} to {n}", Release),
    ("version {n}", Release),
    // zest.releaser. <https://zestreleaser.readthedocs.io>
    ("preparing|prepare release {n}", Release),
    ("back to development|dev|snapshot|snapshots", Release),
    ("back to development|dev {n}", Release),
    // JReleaser, jgitver and hand-made scripts of the Java world. <https://jreleaser.org>
    ("preparing|prepare for? {v} release?", Release),
    ("preparing|prepare for release {n}", Release),
    ("preparing|prepare for? the? next? release", Release),
    ("preparing|prepare for? the? next? {v}", Release),
    (
        "preparing|prepare for? the? next development? iteration|cycle|version|snapshot",
        Release,
    ),
    (
        "preparing|prepare for? the? next development|snapshot iteration|cycle|version",
        Release,
    ),
    ("begin|start|open|begins|starts next? version {v}", Release),
    ("begin|start|open|begins|starts {v} development?", Release),
    ("begin|start|open {v} for development", Release),
    ("begin|start|continue development of|on|for {v}", Release),
    (
        "begin|start|continue next? development iteration|cycle|version",
        Release,
    ),
    (
        "begin|start next development|release? iteration|cycle",
        Release,
    ),
    (
        "next|new development|snapshot|dev? version|iteration|cycle",
        Release,
    ),
    (
        "next|new development|snapshot|dev? version|iteration {v}",
        Release,
    ),
    ("development version {v}", Release),
    ("new version {v}", Release),
    (
        "set|update|change|increment|increase|upgrade|raise|incremented|updated the? version number? to {v}",
        Release,
    ),
    (
        "set|update|change|increment|increase|upgrade|raise|updated version {v}",
        Release,
    ),
    (
        "set|update|change|increment|increase|raise|updated the? version number?",
        Release,
    ),
    (
        "set|update|increment next|dev|development|snapshot version",
        Release,
    ),
    ("post release|release-bump version? bump?", Release),
    ("post-release version? bump?", Release),
    ("post-release|post release? {v}", Release),
    ("release prep|preparation|preparations", Release),
    ("prep release? for? {v}", Release),
    ("prep for? release", Release),
    ("ready|get ready? for {v}", Release),
    // git-flow. <https://github.com/petervanderdoes/gitflow-avh>
    ("merge branch 'release/{*}", Release),
    ("merge branch 'hotfix/{*}", Release),
    ("merge tag '{*}", Release),
    // towncrier, Debian's gbp-dch, Python's NEWS, auto. <https://towncrier.readthedocs.io>
    (
        "update|updated|updating the? changelog|changelogs|changelog.md|changes|changes.md|news|news.md|history|history.md file?",
        Changelog,
    ),
    (
        "update|updated|updating the? changelog|changelogs|changelog.md|changes|changes.md|news|history|release for {v} release?",
        Changelog,
    ),
    ("update|updated the? release notes", Changelog),
    ("update|updated|add the? release notes for {v}", Changelog),
    (
        "changelog|changes|news|changelogs|release-notes for? {v} release?",
        Changelog,
    ),
    (
        "add a? missing? changelog|changelogs|news|newsfragment entry|entries|fragment|item",
        Changelog,
    ),
    ("add a? missing? changelog|newsfragment|news", Changelog),
    ("changelog|changelogs entry|update|updates?", Changelog),
    ("changelog|news|release notes?", Changelog),
    ("generate|regenerate|fix changelog|changelogs", Changelog),
    // Notes to oneself.
    (
        "wip|tmp|temp|debug|checkpoint|save|stuff|misc|oops|asdf|nit|nits|minor|more|foo|test|testing|...",
        Noise,
    ),
    ("work in progress", Noise),
    ("fix|fixed a|some? minor? typo|typos", Noise),
    ("typo|typos fix|fixes|fixed?", Noise),
    (
        "fix|fixes|fixed|fixup|update|updates|updated|change|changes|changed|cleanup|edit|edits|commit|fixups",
        Noise,
    ),
    ("clean|fix up", Noise),
    (
        "minor|small|more|some|several fix|fixes|change|changes|update|updates|tweaks|cleanup|edits|cleanups",
        Noise,
    ),
    (
        "lint|linting|fmt|format|formatting|rustfmt|gofmt|black|isort|prettier|clippy|style|whitespace|reformat|flake8|ruff",
        Noise,
    ),
    (
        "cargo|go|run|fix|apply fmt|lint|linter|linting|formatting|format|prettier|black|rustfmt|gofmt|clippy|formatter|isort",
        Noise,
    ),
    ("apply|applied suggestions|suggestion", Noise),
    ("apply|applied suggestions|suggestion from {x}", Noise),
    (
        "apply|applied code? review suggestions|suggestion|comments|feedback",
        Noise,
    ),
    (
        "apply|applied suggestions|suggestion from code|pr? review",
        Noise,
    ),
    (
        "address|addressed|addressing|resolve|fix pr|code|review|reviewer's|reviewers? review? comment|comments|feedback|remarks|nits",
        Noise,
    ),
    (
        "address|addressed|addressing comments|feedback|review|nits",
        Noise,
    ),
    (
        "code|pr|review review|feedback|comments|changes|fixes",
        Noise,
    ),
    ("code review feedback|comments|changes|fixes", Noise),
    // pre-commit.ci. <https://pre-commit.ci>
    ("[pre-commit.ci] {*}", Noise),
    ("pre-commit autoupdate", Noise),
    // git's own titles, on commits with one parent.
    ("merge remote-tracking branch {*}", Noise),
    ("merge remote-tracking branches {*}", Noise),
    ("merge branch {*}", Noise),
    ("merge branches {*}", Noise),
    // GitHub's merge of a pull request for a job, at which the clone ends.
    // <https://docs.github.com/actions/reference/events-that-trigger-workflows>
    ("merge {id} into {id}", Noise),
    ("merge conflict|conflicts", Noise),
    ("merge", Noise),
    ("resolve|fix|resolved merge? conflicts", Noise),
];

/// The kind of a title that describes no change; `None` for a change.
pub fn of_title(title: &str) -> Option<Bookkeeping> {
    if title.len() > 200 {
        return None;
    }
    let lower = title.to_lowercase();
    let bare = bare(&lower);
    if bare.is_empty() {
        let has_words = title.chars().any(char::is_alphanumeric);
        return (!title.is_empty() && !has_words).then_some(Noise);
    }
    let words: Vec<&str> = bare.split_whitespace().map(arrow).collect();
    let first = words
        .first()
        .map_or("", |word| word.strip_suffix(':').unwrap_or(word));
    let rows = ROWS.get(first).into_iter().chain(ROWS.get(ANY)).flatten();
    let found = rows.copied().find(|(row, _)| fits(row, &words));
    found.map(|(_, what)| what)
}

/// The first word of rows that begin with a version.
const ANY: &str = "{";

/// The rows by their first words: few titles begin with one of them.
static ROWS: LazyLock<HashMap<&str, Vec<(&str, Bookkeeping)>>> = LazyLock::new(|| {
    let mut rows: HashMap<&str, Vec<(&str, Bookkeeping)>> = HashMap::new();
    for row in TABLE {
        let first = row.0.split(' ').next().unwrap_or("");
        for word in first.split('|') {
            let word = if word.starts_with(ANY) { ANY } else { word };
            rows.entry(word).or_default().push(*row);
        }
    }
    rows
});

/// The file of a title such as `Update README.md`, if nothing else is in it: a forge's own title for an edit in the browser.
pub fn edited_file(title: &str) -> Option<&str> {
    let (verb, file) = title.trim().trim_end_matches('.').split_once(' ')?;
    let verbs = [
        "update", "edit", "create", "fix", "change", "modify", "delete", "updated", "tweak",
    ];
    let is_verb = verbs.iter().any(|one| one.eq_ignore_ascii_case(verb));
    let file = file.strip_prefix("the ").unwrap_or(file);
    let is_file = !file.is_empty() && !file.contains(' ');
    (is_verb && is_file).then_some(file)
}

/// Both arrows of bumpversion's titles as one word.
fn arrow(word: &str) -> &str {
    if matches!(word, "→" | "->" | "=>" | "-->") {
        "to"
    } else {
        word
    }
}

/// A title without its decoration.
fn bare(lower: &str) -> &str {
    let mut text = lower.trim();
    loop {
        let before = text;
        for mark in [
            "[skip ci]",
            "[ci skip]",
            "[no ci]",
            "[skip actions]",
            "***no_ci***",
            "[skip-ci]",
        ] {
            text = text.trim_end_matches(mark).trim_start_matches(mark).trim();
        }
        text = without_request(text);
        text = text.trim_end_matches(['.', '!', ',', ';', ':', ' ']);
        if let Some(rest) = text.strip_prefix(':')
            && let Some((code, rest)) = rest.split_once(": ")
            && !code.contains(' ')
        {
            text = rest;
        }
        text = text.trim_start_matches(|c: char| !(c.is_alphanumeric() || "[(".contains(c)));
        if text == before {
            return text;
        }
    }
}

/// Whether words match a row.
fn fits(row: &str, words: &[&str]) -> bool {
    let mut rest = words;
    let mut has_version = false;
    for token in row.split(' ') {
        if token == "{*}" {
            return !rest.is_empty();
        }
        // The end of a row may be the beginning of a name: `merge branch 'release/{*}`.
        if let Some(start) = token.strip_suffix("{*}") {
            return rest.first().is_some_and(|word| word.starts_with(start));
        }
        let first = rest.first().copied();
        let optional = token.strip_suffix('?');
        if first.is_some_and(|word| is_token(optional.unwrap_or(token), word)) {
            let is_version = || matches!(token, "{v}" | "{n}");
            has_version |= first.is_some_and(|word| is_version() && !is_like_task(word));
            rest = &rest[1..];
        } else if optional.is_none() {
            return false;
        }
    }
    // `Release 1.2.0: the big one`, `v1.2.0 - codename`, `Release v1.2.0 (2026-01-01)`
    let opens_tail = |word: &str| {
        ["-", "–", "—", "(", "|"]
            .iter()
            .any(|mark| word.starts_with(mark))
    };
    let ends_with_colon = words[..words.len() - rest.len()]
        .last()
        .is_some_and(|word| word.ends_with(':'));
    rest.is_empty() || has_version && (ends_with_colon || opens_tail(rest[0]))
}

/// Whether a word with a version may also be the ID of a task, `task-12.1`: then the text after it is the task's title.
fn is_like_task(word: &str) -> bool {
    let (name, number) = word.split_once('-').unwrap_or((word, ""));
    number.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(char::is_alphabetic)
}

fn is_token(token: &str, word: &str) -> bool {
    match token {
        "{v}" => is_version(word, false),
        "{n}" => is_version(word, true),
        "{x}" => true,
        "{id}" => CommitId::parse(word).is_some(),
        token => {
            let word = word.strip_suffix(':').unwrap_or(word);
            token.split('|').any(|one| one == word)
        }
    }
}

/// Whether a word is a version: `1.2.0`, `v1.2`, `'1.2.0-rc.1'`, `widget@1.2.0`, `widget-v1.2.0`; with `whole` also `v3` and `3`.
fn is_version(word: &str, whole: bool) -> bool {
    let word = word.trim_matches(['\'', '"', '`', '“', '”', '(', ')', ':', ',']);
    let after_name = word.rsplit_once('@').map_or(word, |(_, version)| version);
    let named = after_name.rfind("-v").map(|at| &after_name[at + 2..]);
    let dashed = || {
        let at = after_name
            .match_indices('-')
            .find(|(at, _)| after_name[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
        let (name, version) = at.map(|(at, _)| (&after_name[..at], &after_name[at + 1..]))?;
        name.starts_with(|c: char| c.is_alphabetic())
            .then_some(version)
    };
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let stripped = after_name.strip_prefix('v').unwrap_or(after_name);
    let version = match () {
        () if digit(stripped) => stripped,
        () => named
            .filter(|text| digit(text))
            .or_else(dashed)
            .unwrap_or(""),
    };
    let number = version.bytes().take_while(u8::is_ascii_digit).count();
    let is_plain = digit(version)
        && version
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-+_".contains(&b));
    let rest = &version[number..];
    let has_parts = rest
        .strip_prefix('.')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == 'x'));
    let is_whole = rest.is_empty() && (whole || word.starts_with('v'));
    is_plain && (has_parts || is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_and_people_write_for_themselves() {
        for (title, expected) in [
            (
                "[maven-release-plugin] prepare for next development iteration",
                Some(Release),
            ),
            (
                "[maven-release-plugin] prepare release foo-1.2",
                Some(Release),
            ),
            (
                "[Gradle Release Plugin] - new version commit: '1.1-SNAPSHOT'.",
                Some(Release),
            ),
            (
                "[Jenkins release job] Preparing next development iteration",
                Some(Release),
            ),
            ("Setting version to 1.2.0", Some(Release)),
            ("Publish", Some(Release)),
            ("Version Packages (#34)", Some(Release)),
            ("Version Packages (next)", Some(Release)),
            ("release main", Some(Release)),
            ("Release foo v1.2.0", Some(Release)),
            ("Release foo version 1.2.0", Some(Release)),
            (
                "(cargo-release) start next development iteration 1.2.1-alpha.0",
                Some(Release),
            ),
            ("Bump version: 1.2.3 → 1.2.4", Some(Release)),
            ("bump: version 1 -> 2", Some(Release)),
            ("version 1.2.0 → 1.3.0", Some(Release)),
            ("Bump version from 1.2 to 1.3.", Some(Release)),
            ("Bump to 1.2.4-SNAPSHOT", Some(Release)),
            ("Preparing release 1.2.3", Some(Release)),
            ("Preparing 1.2.3", Some(Release)),
            ("Back to development: 1.2.4", Some(Release)),
            ("⬆️ Bump version to 1.2.3 [skip ci]", Some(Release)),
            (":bookmark: v1.2.0", Some(Release)),
            ("🏁 Releasing version 1.0.0", Some(Release)),
            ("v1.2.0", Some(Release)),
            ("1.2.0", Some(Release)),
            ("widget@1.2.0", Some(Release)),
            ("Release 1.2.0: the big one", Some(Release)),
            ("Release v1.2.0 (2026-01-01)", Some(Release)),
            ("Merge branch 'release/1.2.0'", Some(Release)),
            ("Start version 3.2.0", Some(Release)),
            ("Release", Some(Release)),
            ("Prepare next development iteration", Some(Release)),
            ("prepare for next development version", Some(Release)),
            ("post-release version bump", Some(Release)),
            ("Set version to '1.2.0'", Some(Release)),
            ("Begin 3.3 development", Some(Release)),
            ("Next development version 2.0.0-SNAPSHOT", Some(Release)),
            ("Add news fragment", Some(Changelog)),
            ("Update CHANGELOG.md", Some(Changelog)),
            ("Update NEWS", Some(Changelog)),
            ("Changelog for 1.2.3", Some(Changelog)),
            ("Update changelog for 1.2.3", Some(Changelog)),
            ("Wip", Some(Noise)),
            ("WIP.", Some(Noise)),
            ("typo", Some(Noise)),
            (".", Some(Noise)),
            ("-", Some(Noise)),
            ("fixup", Some(Noise)),
            ("Fix typos", Some(Noise)),
            ("Apply suggestions from code review", Some(Noise)),
            ("Apply suggestions from @foo", Some(Noise)),
            ("address review comments (#12)", Some(Noise)),
            ("Address PR feedback", Some(Noise)),
            ("cargo fmt", Some(Noise)),
            ("[pre-commit.ci] pre-commit autoupdate", Some(Noise)),
            ("Merge remote-tracking branch 'origin/main'", Some(Noise)),
            (
                "Merge 276109fa4ab94eb1e2ecb9a2a2fde2a3d2b6a1c0 into 8eb6f2c54d0f6c1a9c3b1d5f7e8a9b0c1d2e3f40",
                Some(Noise),
            ),
        ] {
            assert_eq!(of_title(title), expected, "{title}");
        }
    }

    #[test]
    fn changes_stay() {
        for title in [
            "Fix typo in error message",
            "Release the lock on drop",
            "Bump the buffer size",
            "Bump lodash to 4.17.21",
            "Bump lodash from 4.1 to 4.2",
            "Prepare statement cache",
            "Add release notes page to the UI",
            "Version the API",
            "Version 2 of the API is the default",
            "Release 2 connections at once",
            "Update the changelog parser",
            "Update version check to handle 1.2.0",
            "Set version header",
            "Start version negotiation",
            "Test",
            "Publish events to Kafka",
            "Format dates in UTC",
            "Lint YAML files",
            "Begin transactions lazily",
            "Merge sort for large lists",
            "Merge 2761 into 8eb6",
            "Fix merging of 1.2 configs",
            "Support v1.2",
            "Drop 1.2 support",
            "Update dependencies",
            "Prepare for Python 3.13",
            "BACK-12.1 - Tell of it",
            "task-12.1: tell of it",
            "日本語",
            "",
        ] {
            let expected = (title == "Test").then_some(Noise);
            assert_eq!(of_title(title), expected, "{title}");
        }
        assert_eq!(edited_file("Update README.md"), Some("README.md"));
        assert_eq!(edited_file("Update the parser"), Some("parser"));
        assert_eq!(edited_file("Update README.md for x"), None);
    }
}
