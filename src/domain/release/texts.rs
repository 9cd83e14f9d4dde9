//! Texts that a release writes into git: the messages of its commit, of its tag, and of the merge of its branch. The templates come from
//! `messages` in relwatch.yml. They are filled and recognised here, so that a release is found whatever words a project uses.
//!
//! An unknown placeholder is refused, and so is a commit message whose first line does not name its release.

use serde::{Deserialize, Deserializer, de};

use crate::domain::commit::subject::without_request;
use crate::domain::release::manifest::ReleaseKind;
use crate::domain::release::plan::Cutting;

/// Placeholders in the messages of commits and tags.
const OF_RELEASE: &[&str] = &[
    "version", "tag", "branch", "previous", "kind", "summary", "notes",
];

/// Placeholders in the message of a merge.
const OF_MERGE: &[&str] = &["version", "tag", "branch", "kind"];

/// The templates of a project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseTexts {
    /// Of the release commit; its first line has `{tag}` or `{version}`.
    #[serde(deserialize_with = "of_commit")]
    pub commit: TextTemplate,
    /// Of the annotated tag.
    #[serde(deserialize_with = "of_tag")]
    pub tag: TextTemplate,
    /// Of the merge by `relwatch release --finish`; `{branch}` is the branch that it is merged into.
    #[serde(deserialize_with = "of_merge")]
    pub merge: TextTemplate,
}

impl Default for ReleaseTexts {
    fn default() -> Self {
        ReleaseTexts {
            commit: TextTemplate("chore(release): {tag}".to_owned()),
            tag: TextTemplate("Release {tag}\n\n{notes}".to_owned()),
            merge: TextTemplate("Merge {tag} into {branch}".to_owned()),
        }
    }
}

/// Text with placeholders such as `{tag}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTemplate(String);

/// Values of placeholders. If one commit has several versions, each value is a list.
#[derive(Debug, Clone, Default)]
pub struct TextValues<'a> {
    pub versions: Vec<&'a str>,
    pub tags: Vec<&'a str>,
    pub branch: &'a str,
    pub previous: Vec<&'a str>,
    pub kind: ReleaseKind,
    /// Release notes in Markdown, one text per version.
    pub notes: Vec<&'a str>,
}

impl<'a> TextValues<'a> {
    /// Values for the versions that are released on a branch.
    pub fn new(
        cuttings: impl IntoIterator<Item = &'a Cutting>,
        branch: &'a str,
        kind: ReleaseKind,
    ) -> TextValues<'a> {
        let mut values = TextValues {
            branch,
            kind,
            ..TextValues::default()
        };
        for one in cuttings {
            values.versions.push(&one.version);
            values.tags.push(&one.tag);
            values.previous.extend(one.previous.as_deref());
            values.notes.push(&one.notes);
        }
        values
    }

    fn value(&self, name: &str) -> String {
        match name {
            "version" => self.versions.join(", "),
            "tag" => self.tags.join(", "),
            "branch" => self.branch.to_owned(),
            "previous" => self.previous.join(", "),
            "kind" => self.kind.title().to_owned(),
            "summary" => self.summary(),
            _ => self.all_notes(),
        }
    }

    /// First entry of the notes.
    fn summary(&self) -> String {
        let lines = self.notes.iter().flat_map(|notes| notes.lines());
        let mut items =
            lines.filter_map(|line| line.strip_prefix(['-', '*', '+'])?.strip_prefix(' '));
        items.next().unwrap_or_default().trim().to_owned()
    }

    fn all_notes(&self) -> String {
        match (self.notes.as_slice(), self.tags.as_slice()) {
            ([only], _) => only.trim().to_owned(),
            (all, tags) => {
                let each = tags.iter().zip(all);
                let each = each.map(|(tag, notes)| format!("{tag}\n\n{}", notes.trim()));
                each.collect::<Vec<_>>().join("\n\n")
            }
        }
    }
}

impl TextTemplate {
    fn new(key: &str, text: &str, known: &[&str]) -> Result<TextTemplate, String> {
        for piece in pieces(text) {
            if let TextPiece::Value(name) = piece
                && !known.contains(&name)
            {
                let known = known.join("}, {");
                return Err(format!("{key}: `{{{name}}}` is none of {{{known}}}"));
            }
        }
        if first_line(text).trim().is_empty() {
            return Err(format!("{key}: its first line is empty"));
        }
        Ok(TextTemplate(text.to_owned()))
    }

    /// The text with values filled in, and a line break at its end. Braces around other words are unchanged.
    pub fn filled(&self, values: &TextValues<'_>) -> String {
        let pieces = pieces(&self.0).into_iter();
        let text: String = pieces
            .map(|piece| match piece {
                TextPiece::Literal(text) => text.to_owned(),
                TextPiece::Value(name) => values.value(name),
            })
            .collect();
        format!("{}\n", text.trim())
    }

    /// Whether this template may have made the title of a release, alone or with others. A hook may have added words before or after it.
    pub fn fits(&self, title: &str, tag: &str, version: &str) -> bool {
        let pieces = pieces(first_line(&self.0));
        read(&pieces, title, TextStart::Anywhere).is_some_and(|(values, _)| {
            values.iter().all(|(name, value)| match *name {
                "tag" => lists(value, tag),
                "version" => lists(value, version),
                _ => true,
            })
        })
    }

    /// Whether the template made this title and the title names a release, even one that is unknown here. Forges append a number.
    pub fn is_title(&self, title: &str) -> bool {
        let pieces = pieces(first_line(&self.0));
        let title = without_request(title.trim());
        read(&pieces, title, TextStart::Begin).is_some_and(|(values, rest)| {
            let mut named = values
                .iter()
                .filter(|(name, _)| matches!(*name, "tag" | "version"));
            rest.trim().is_empty() && named.all(|(_, names)| names.split(", ").all(is_name))
        })
    }
}

/// A text with trailers such as `Gate-Skipped` at its end.
pub fn with_trailers(text: &str, trailers: &[String]) -> String {
    if trailers.is_empty() {
        text.to_owned()
    } else {
        format!("{text}\n{}\n", trailers.join("\n"))
    }
}

/// Whether a list contains a name; a forge appends a number to the last one.
fn lists(list: &str, name: &str) -> bool {
    list.split(", ").any(|one| {
        let rest = one.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// Whether a word can be a version or a tag: `1.2.0`, `api/v1.2`.
fn is_name(word: &str) -> bool {
    let mut dots = word.match_indices('.').map(|(at, _)| word.split_at(at));
    let is_number = |(before, after): (&str, &str)| {
        before.ends_with(|c: char| c.is_ascii_digit())
            && after[1..].starts_with(|c: char| c.is_ascii_digit())
    };
    !word.contains(char::is_whitespace) && dots.any(is_number)
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextPiece<'t> {
    Literal(&'t str),
    Value(&'t str),
}

fn pieces(template: &str) -> Vec<TextPiece<'_>> {
    let mut found = Vec::new();
    let mut rest = template;
    let mut from = 0;
    while let Some(open) = rest[from..].find('{').map(|at| from + at) {
        let name = rest[open + 1..].split('}').next().unwrap_or_default();
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        let end = open + name.len() + 2;
        if !is_name || end > rest.len() {
            from = open + 1;
            continue;
        }
        found.extend([TextPiece::Literal(&rest[..open]), TextPiece::Value(name)]);
        (rest, from) = (&rest[end..], 0);
    }
    found.push(TextPiece::Literal(rest));
    found
}

fn first_line(text: &str) -> &str {
    text.trim_start().lines().next().unwrap_or_default()
}

/// Where in a line the text of a template begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextStart {
    Begin,
    Anywhere,
}

/// Values in a line that a template may have made, and the rest of the line. Each value ends at the next occurrence of the literal text
/// after it.
fn read<'t>(
    pieces: &[TextPiece<'t>],
    line: &'t str,
    start: TextStart,
) -> Option<(Vec<(&'t str, &'t str)>, &'t str)> {
    let mut values = Vec::new();
    let mut rest = line;
    let mut open = None;
    for (at, piece) in pieces.iter().enumerate() {
        let TextPiece::Literal(text) = piece else {
            if let TextPiece::Value(name) = piece {
                open = Some(*name);
            }
            continue;
        };
        let is_last = at + 1 == pieces.len();
        let (before, after) = match (text.is_empty(), is_last) {
            (true, true) if open.is_some() => (rest, ""),
            (true, _) => ("", rest),
            (false, _) => rest.split_once(text)?,
        };
        match open.take() {
            Some(name) => values.push((name, before)),
            None if at == 0 && start == TextStart::Anywhere => {}
            None if !before.is_empty() => return None,
            None => {}
        }
        rest = after;
    }
    Some((values, rest))
}

fn of_commit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TextTemplate, D::Error> {
    let text = String::deserialize(deserializer)?;
    let title = first_line(&text);
    if !title.contains("{tag}") && !title.contains("{version}") {
        let why = "commit: its first line must have {tag} or {version}";
        return Err(de::Error::custom(why));
    }
    TextTemplate::new("commit", &text, OF_RELEASE).map_err(de::Error::custom)
}

fn of_tag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TextTemplate, D::Error> {
    let text = String::deserialize(deserializer)?;
    TextTemplate::new("tag", &text, OF_RELEASE).map_err(de::Error::custom)
}

fn of_merge<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TextTemplate, D::Error> {
    let text = String::deserialize(deserializer)?;
    TextTemplate::new("merge", &text, OF_MERGE).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> TextTemplate {
        TextTemplate::new("commit", text, OF_RELEASE).unwrap()
    }

    #[test]
    fn values_are_filled_in_and_other_braces_stay() {
        let values = TextValues {
            versions: vec!["1.2.0"],
            tags: vec!["v1.2.0"],
            branch: "main",
            kind: ReleaseKind::Hotfix,
            notes: vec!["### Fixed\n\n- Close the socket (#7)\n- {tag}\n"],
            ..TextValues::default()
        };
        for (text, filled) in [
            ("{kind}: {summary}", "Hotfix: Close the socket (#7)\n"),
            (
                "Ship {tag} {{ {Tag} {} {\n\n{notes}\n",
                "Ship v1.2.0 {{ {Tag} {} {\n\n### Fixed\n\n- Close the socket (#7)\n- {tag}\n",
            ),
            ("{version} after {previous}", "1.2.0 after\n"),
        ] {
            assert_eq!(template(text).filled(&values), filled);
        }
    }

    #[test]
    fn titles_are_recognised() {
        for (text, title, fits, is_title) in [
            (
                "chore: bump version to {version}",
                "chore: bump version to 1.2.0",
                true,
                true,
            ),
            (
                "chore: bump version to {version}",
                "chore: bump version to 1.2.0 (#12)",
                true,
                true,
            ),
            (
                "chore: bump version to {version}",
                "chore: bump version to 1.3.0",
                false,
                true,
            ),
            ("Ship {tag}", "[ABC-1] Ship v1.2.0", true, false),
            ("Ship {tag}", "Ship bot/v0.3.1, v1.2.0", true, true),
            ("Ship {tag}", "Ship 2.0 things", false, false),
            ("Ship {tag}", "Ship the lock", false, false),
            ("{tag} is out", "v1.2.0 is out", true, true),
            (
                "{kind} {version} of {branch}",
                "Hotfix 1.2.0 of main",
                true,
                true,
            ),
            ("{kind} {version} of {branch}", "Hotfix 1.2.0", false, false),
        ] {
            let template = template(text);
            assert_eq!(
                template.fits(title, "v1.2.0", "1.2.0"),
                fits,
                "{text} {title}"
            );
            assert_eq!(template.is_title(title), is_title, "{text} {title}");
        }
    }

    #[test]
    fn what_is_unknown_is_refused_by_name() {
        let why = TextTemplate::new("merge", "Merge {vresion}", OF_MERGE).unwrap_err();
        assert_eq!(
            why,
            "merge: `{vresion}` is none of {version}, {tag}, {branch}, {kind}"
        );
        assert!(TextTemplate::new("tag", "\n", OF_RELEASE).is_err());
    }
}
