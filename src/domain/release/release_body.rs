//! Body of a release's page: the text of the changelog, in the order in which users ask for it. A heading without text is not shown. The
//! caller supplies the texts.

use serde::Serialize;

use crate::domain::changelog::title::{announces_breaking, category_key};
use crate::domain::entry::category::Categories;
use crate::domain::entry::kind::Kind;
use crate::domain::release::manifest::Withdrawal;
use crate::domain::release::pieces::{self, Piece, joined};
use crate::domain::spec::notes::{self, alone, is_marked_breaking, without_tick};
use crate::domain::text::{inert, terminal};

/// A heading of the body, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Breaking,
    Security,
    Upgrade,
    Features,
    Changes,
    Removed,
    Fixes,
    Documentation,
    /// Any other category, by its own title.
    Own(String),
    KnownIssues,
    Deprecations,
}

impl Group {
    /// Text of the heading.
    pub fn title(&self) -> &str {
        match self {
            Group::Breaking => "Breaking changes",
            Group::Security => "Security",
            Group::Upgrade => "Upgrade",
            Group::Features => "Features",
            Group::Changes => "Changes",
            Group::Removed => "Removed",
            Group::Fixes => "Fixes",
            Group::Documentation => "Documentation",
            Group::Own(title) => title,
            Group::KnownIssues => "Known issues",
            Group::Deprecations => "Deprecations",
        }
    }

    /// Nouns for one and several of its changes in a summary.
    fn nouns(&self) -> Option<[&'static str; 2]> {
        Some(match self {
            Group::Breaking => ["breaking change", "breaking changes"],
            Group::Security => ["security fix", "security fixes"],
            Group::Features => ["feature", "features"],
            Group::Changes => ["change", "changes"],
            Group::Removed => ["removal", "removals"],
            Group::Fixes => ["fix", "fixes"],
            Group::Deprecations => ["deprecation", "deprecations"],
            _ => return None,
        })
    }

    fn of_kind(kind: Kind, title: &str) -> Group {
        match kind {
            Kind::Added => Group::Features,
            Kind::Changed => Group::Changes,
            Kind::Deprecated => Group::Deprecations,
            Kind::Removed => Group::Removed,
            Kind::Fixed => Group::Fixes,
            Kind::Security => Group::Security,
            Kind::Documentation => Group::Documentation,
            Kind::Internal => Group::Own(title.to_owned()),
        }
    }
}

/// A contributor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contributor {
    /// Name; empty if only the account is known.
    pub name: String,
    /// Account on the forge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Whether this is the first release with a contribution of theirs.
    pub is_first: bool,
}

impl Contributor {
    /// Name and account, with a mark for a first contribution.
    pub fn markdown(&self) -> String {
        let first = if self.is_first {
            " (first contribution)"
        } else {
            ""
        };
        let name = Some(inert::inline(&self.name)).filter(|name| !name.is_empty());
        let account = self.account.as_ref().map(|account| format!("@{account}"));
        let who: Vec<String> = name.into_iter().chain(account).collect();
        format!("{}{first}", who.join(" "))
    }
}

/// Everything that a release's page may show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseBody {
    pub withdrawn: Option<Withdrawal>,
    /// Paragraphs above the changes.
    pub summary: Vec<String>,
    pub groups: Vec<(Group, Vec<Piece>)>,
    pub contributors: Vec<Contributor>,
    /// Tag of the previous release.
    pub previous: Option<String>,
    /// Page that compares the release with the previous one.
    pub compare: Option<String>,
}

impl ReleaseBody {
    /// Adds the text of a section of the changelog; `definitions` are its link definitions.
    pub fn read(&mut self, section: &str, definitions: &str, categories: &Categories) {
        self.read_unchanged(&alone(&format!("{section}\n\n{definitions}")), categories);
    }

    /// Adds a text that is shown where its link definitions are.
    pub fn read_unchanged(&mut self, section: &str, categories: &Categories) {
        for category in pieces::categories(section) {
            let own = Own::from_title(&category.title, categories);
            for piece in category.pieces {
                match piece {
                    Piece::Change(text) => self.change(&own, without_tick(&text)),
                    Piece::Text(text) => self.text(&own, &text),
                }
            }
        }
    }

    fn change(&mut self, own: &Own, text: &str) {
        match own.group_of(text) {
            Some(Group::Breaking) => {
                let bare = without_mark(text).to_owned();
                self.add(Group::Breaking, Piece::Change(bare));
            }
            Some(group) => self.add(group, Piece::Change(text.to_owned())),
            None => self.summary.push(Piece::Change(text.to_owned()).markdown()),
        }
    }

    fn text(&mut self, own: &Own, text: &str) {
        match own.group_of("") {
            Some(group) => self.add(group, Piece::Text(text.to_owned())),
            None => self.summary.push(text.to_owned()),
        }
    }

    /// Appends something below a heading.
    pub fn add(&mut self, group: Group, piece: Piece) {
        match self.groups.binary_search_by(|(known, _)| known.cmp(&group)) {
            Ok(at) if self.groups[at].1.contains(&piece) => {}
            Ok(at) => self.groups[at].1.push(piece),
            Err(at) => self.groups.insert(at, (group, vec![piece])),
        }
    }

    /// Text below a heading, as Markdown; empty if there is none.
    pub fn markdown_of(&self, group: &Group) -> String {
        let found = self.groups.iter().find(|(known, _)| known == group);
        found.map_or(String::new(), |(_, pieces)| joined(pieces))
    }

    /// First lines of the changes below a heading, at most `most`, as a list.
    pub fn heads(&self, group: &Group, most: usize) -> String {
        let found = self.groups.iter().find(|(known, _)| known == group);
        let pieces = found.map_or(&[][..], |(_, pieces)| pieces.as_slice());
        let changes = pieces.iter().filter_map(|piece| match piece {
            Piece::Change(text) => text.lines().next(),
            Piece::Text(_) => None,
        });
        // The text that a line ending in a colon introduces is not shown.
        let heads = changes.map(|line| format!("- {}", line.trim_end().trim_end_matches(':')));
        let mut lines: Vec<String> = heads.collect();
        if lines.len() > most {
            let rest = lines.len() - most;
            lines.truncate(most);
            lines.push(format!("- and {rest} more"));
        }
        lines.join("\n")
    }

    /// Number of changes of each kind, in a sentence; `None` if there are none.
    pub fn counts(&self) -> Option<String> {
        let count = |pieces: &[Piece]| -> usize {
            let changes = pieces.iter().map(|piece| match piece {
                Piece::Change(_) => 1,
                // Each heading is a change, with its text below.
                Piece::Text(text) if text.starts_with('#') => notes::read(text).len(),
                Piece::Text(_) => 0,
            });
            changes.sum()
        };
        let counted = self.groups.iter().filter_map(|(group, pieces)| {
            let [one, many] = group.nouns()?;
            match count(pieces) {
                0 => None,
                1 => Some(format!("1 {one}")),
                n => Some(format!("{n} {many}")),
            }
        });
        let since = self.previous.as_ref().map(|tag| format!(" since {tag}"));
        let words = enumeration(&counted.collect::<Vec<_>>())?;
        Some(format!("{words}{}.", since.unwrap_or_default()))
    }

    /// Contributors, one per line.
    pub fn people(&self) -> String {
        let people = self.contributors.iter();
        let lines = people.map(|one| format!("- {}", one.markdown()));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The whole body as Markdown.
    pub fn markdown(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some(withdrawal) = &self.withdrawn {
            parts.push(notice(withdrawal));
        }
        parts.extend(self.summary.iter().cloned());
        parts.extend(self.counts());
        for (group, pieces) in &self.groups {
            parts.push(format!("## {}\n\n{}", group.title(), joined(pieces)));
        }
        if !self.contributors.is_empty() {
            parts.push(format!("## Contributors\n\n{}", self.people()));
        }
        parts.extend(
            self.compare
                .as_ref()
                .map(|url| format!("**Full changelog:** <{url}>")),
        );
        parts.join("\n\n")
    }
}

/// Content of a category of the changelog.
enum Own {
    Summary,
    One(Group),
    /// Several kinds share the category: the first verb of a change decides, else it is the first kind.
    Kinds(String, Vec<Kind>),
}

impl Own {
    fn from_title(name: &str, categories: &Categories) -> Own {
        let key = category_key(name);
        match key.as_str() {
            "" | "summary" | "highlights" | "overview" => return Own::Summary,
            "knownissues" | "knownproblems" => return Own::One(Group::KnownIssues),
            "upgrade"
            | "upgrading"
            | "upgradeinstructions"
            | "upgradenotes"
            | "upgradeguide"
            | "migration"
            | "migrationguide"
            | "migrationnotes" => return Own::One(Group::Upgrade),
            _ if announces_breaking(name) => return Own::One(Group::Breaking),
            _ => {}
        }
        let title = terminal::printable(name);
        if let Some(words) = categories.words_of(name) {
            if words.iter().any(|word| word == "breaking") {
                return Own::One(Group::Breaking);
            }
            let kinds: Vec<Kind> = words
                .iter()
                .filter_map(|word| Kind::of_word(word))
                .collect();
            if !kinds.is_empty() {
                return Own::Kinds(title, kinds);
            }
        }
        match Kind::of_category(name) {
            Some(kind) => Own::One(Group::of_kind(kind, &title)),
            None => Own::One(Group::Own(title)),
        }
    }

    /// Heading that a change goes to; `None` is the summary.
    fn group_of(&self, change: &str) -> Option<Group> {
        if is_marked_breaking(change) {
            return Some(Group::Breaking);
        }
        match self {
            Own::Summary => None,
            Own::One(group) => Some(group.clone()),
            Own::Kinds(title, kinds) => {
                let verb = Kind::of_title(without_scope(change));
                let told = verb.filter(|kind| kinds.contains(kind));
                let kind = told.or(kinds.first().copied())?;
                Some(Group::of_kind(kind, title))
            }
        }
    }
}

/// `**Breaking:** a` as `a`: the heading already says it.
pub fn without_mark(text: &str) -> &str {
    let Some((mark, rest)) = text.strip_prefix("**").and_then(|t| t.split_once("**")) else {
        return text;
    };
    let is_mark = mark.trim_end_matches(':').eq_ignore_ascii_case("breaking");
    if is_mark {
        rest.trim_start_matches(':').trim_start()
    } else {
        text
    }
}

/// `**api:** a` as `a`.
fn without_scope(text: &str) -> &str {
    scope_and_rest(text).map_or(text, |(_, rest)| rest)
}

/// `**api:** a` as `api` and `a`.
pub fn scope_and_rest(text: &str) -> Option<(&str, &str)> {
    let (scope, rest) = text.strip_prefix("**")?.split_once(":**")?;
    Some((scope, rest.trim_start()))
}

/// `a, b and c`.
fn enumeration(words: &[String]) -> Option<String> {
    let (last, others) = words.split_last()?;
    Some(match others {
        [] => last.clone(),
        others => format!("{} and {last}", others.join(", ")),
    })
}

fn notice(withdrawal: &Withdrawal) -> String {
    let mut lines = vec![format!(
        "> **Withdrawn on {}:** {}",
        withdrawal.date, withdrawal.reason
    )];
    for (label, words) in [
        ("Who is affected", &withdrawal.impact),
        (
            "What is done so that it does not happen again",
            &withdrawal.actions,
        ),
        ("What comes next", &withdrawal.plan),
    ] {
        lines.extend(
            words
                .as_ref()
                .map(|words| format!(">\n> **{label}:** {words}")),
        );
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(section: &str, preset: &str) -> ReleaseBody {
        let mut body = ReleaseBody::default();
        body.read(section, "", &Categories::preset(preset).unwrap());
        body
    }

    #[test]
    fn changes_stand_in_the_order_of_users_questions() {
        let section = "Faster.\n\n### Added\n\n- a (#1)\n- **Breaking:** b\n\n  **Migration:** c\n\n### Deprecated\n\n- d: gone in 2.0\n\n### Fixed\n\nAll of them:\n\n* e\n\n### Known Issues\n\n- f\n\n### Dependencies\n\n- g\n";
        assert_eq!(
            body(section, "keep-a-changelog").markdown(),
            "Faster.\n\n1 breaking change, 1 feature, 1 fix and 1 deprecation.\n\n## Breaking changes\n\n- b\n\n  **Migration:** c\n\n## Features\n\n- a (#1)\n\n## Fixes\n\nAll of them:\n\n- e\n\n## Dependencies\n\n- g\n\n## Known issues\n\n- f\n\n## Deprecations\n\n- d: gone in 2.0"
        );
        assert_eq!(body("", "keep-a-changelog").markdown(), "");
    }

    #[test]
    fn a_category_of_several_kinds_is_told_apart_by_verbs() {
        let section =
            "### Features\n\n- **api:** deprecate v1\n- Locks time out\n\n### Internal\n\n- h\n";
        assert_eq!(
            body(section, "release-notes").markdown(),
            "1 feature and 1 deprecation.\n\n## Features\n\n- Locks time out\n\n## Internal\n\n- h\n\n## Deprecations\n\n- **api:** deprecate v1"
        );
    }

    #[test]
    fn what_stands_below_deeper_headings_stays_whole() {
        let section = "### Breaking Changes\n\n#### `write()` waits\n\n**Migration:**\n\n1. Do this.\n\n2. Or that:\n   ```rust\n   x\n   ```\n\n**Rollback:** pin 0.6.x.\n";
        let (_, rest) = section.split_once("Changes\n\n").unwrap();
        assert_eq!(
            body(section, "release-notes").markdown(),
            format!(
                "1 breaking change.\n\n## Breaking changes\n\n{}",
                rest.trim()
            )
        );
    }
}
