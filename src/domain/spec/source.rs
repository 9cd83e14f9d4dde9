//! Spec sources: where specs are, and how those of a tool are read. A source is data, so other tools need only a few lines of YAML.

use std::collections::BTreeMap;
use std::fmt;

use glob::Pattern as Glob;
use serde::de::{self, Deserialize, Deserializer};

use crate::domain::entry::kind::Meaning;
use crate::domain::path_parts::{self, LeadingDots, PathParts};
use crate::domain::pattern::{Pattern, word_fits};
use crate::domain::release::step::Variables;
use crate::domain::spec::format::SpecFormat;
use crate::domain::spec::ownership::{OwnedBy, Ownership};
use crate::domain::spec::package_rules::PackageRules;
use crate::domain::time_limit::TimeLimit;

/// One kind of spec file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Source {
    /// The preset that it begins from.
    #[serde(deserialize_with = "not_first")]
    pub preset: Option<String>,
    /// For messages.
    pub name: String,
    /// Glob of the files, from the repository's root; one file a spec. A `*` does not cross folders.
    pub files: PathGlob,
    /// Globs of files that are none.
    pub exclude: Vec<PathGlob>,
    /// What its files are written in.
    pub format: SpecFormat,
    /// Where the records of a JSON file are, each of them a spec: keys that lead to lists of them. A `*` is any key, and stands before the
    /// ID of what is found below it; of a record that two of them lead to, the first one counts.
    pub records: Vec<String>,
    /// Key of the records below a record: its members, `ID.1`.
    pub members: Option<String>,
    /// The spec is the whole folder that the file is in.
    pub whole_folder: bool,
    /// Reads the ID off the path: its first group, or the group `id`; groups `kind` and `issue` are read as well. Files whose path
    /// does not match are no specs. Without it the ID is the file's name less its last extension.
    pub id: Option<Pattern>,
    /// Front matter key of the ID, if it is not the path's; or a text with keys in braces, `task-{id}`.
    pub id_key: Option<String>,
    /// Whether fields that the front matter lacks are read from the body: lines such as `Date: 2026-01-30` before its first section, and
    /// the first line of sections such as `## Status`.
    pub body_fields: bool,
    /// Reads the ID of the driver off that of its member.
    pub driver: Option<Pattern>,
    /// Front matter key of the driver's ID, before `driver`.
    pub driver_key: Option<String>,
    /// Front matter keys and the values that say it is done; all must fit, case does not matter.
    pub done: BTreeMap<String, Words>,
    /// A file beside it whose boxes must all be ticked. Neither `done` nor `boxes`: it is done because it is there.
    pub boxes: Option<String>,
    /// Front matter keys and the values that say it will not be done.
    pub cancelled: BTreeMap<String, Words>,
    /// Where the title is: a front matter key, or `#` for the first heading; else it is made of the ID.
    pub title: Vec<String>,
    /// What is taken off the title.
    pub strip: Option<Pattern>,
    /// Where the text for users is, the first that is there: a front matter key, `## Heading`, `#` for the heading with the body,
    /// `*` for the body (of YAML and JSON, for every text of every key, each key being the kind of its texts), or a text with keys in braces,
    /// `{title}: {details}`. Without any the title has to do.
    pub text: Vec<String>,
    /// Headings below which breaking changes are marked, as in `- **BREAKING** …`: with one of them the spec is breaking, and its text ends
    /// with them.
    pub breaking: Vec<String>,
    /// The most characters of a text that are listed.
    pub limit: Option<usize>,
    /// Headings that end the part of the file that is read.
    pub stop: Vec<String>,
    /// Where the kind of change is, the first that tells: a front matter key, `*` for the values of all keys, `#` for the title's
    /// first verb, `id` for the ID's.
    pub kind: Vec<String>,
    /// What words mean, before their usual meaning.
    pub kinds: BTreeMap<String, Meaning>,
    /// Front matter key of the specs that it depends on: what an open one depends on is not archived.
    pub depends_on: Option<String>,
    /// Front matter key of the files that it changes: what calls itself documentation and changes none is judged by its title.
    pub touches: Option<String>,
    /// What it is if nothing tells.
    pub otherwise: Meaning,
    /// Front matter keys that list its commits; `boxes` for those that lines of the file of its boxes end with, `[4c315ce]`.
    pub commits: Vec<String>,
    /// Front matter keys that list its issues.
    pub issues: Vec<String>,
    /// Front matter key of the day it was completed.
    pub completed: String,
    /// Commit subjects that name a spec: groups `id` and `title`.
    pub subject: Option<Pattern>,
    /// Commit subjects that the tool makes for itself.
    pub noise: Vec<Pattern>,
    /// The rules by which further commits belong to it, beside those that it lists and those that name it.
    #[serde(alias = "speaks_for")]
    pub owns: Ownership,
    /// Where it goes when it is released.
    pub archive: Archive,
    /// The folder in which the tool files what is done; without it that of `archive`.
    pub archived: Option<String>,
    /// The command by which the tool archives one, `{id}`: run by a release with [`Archive::Command`], else named by it.
    pub archives: Option<String>,
    /// Globs of the files of the tool: a commit that changes nothing else changes nothing for users, and its command may change no other.
    /// Without any the command may change all that are below [`Source::roots`].
    pub within: Vec<PathGlob>,
    /// How long the command may take.
    pub time_limit: TimeLimit,
    /// A release spec in the tool's own form; without it `relwatch prepare` writes none into its folder.
    pub release_spec: Option<ReleaseForm>,
    /// What the tool's own settings say about the packages that its files name.
    #[serde(skip)]
    pub packages: PackageRules,
}

/// How a tool wants the spec that prepares a release. Placeholders are those of `release_spec: {path: …}`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleaseForm {
    /// Where it is.
    pub path: String,
    /// The first lines of its front matter, with the keys that say it is open.
    #[serde(default)]
    pub front: Vec<String>,
}

impl Default for Source {
    fn default() -> Self {
        Source {
            preset: None,
            name: "specs".into(),
            files: PathGlob::default(),
            exclude: Vec::new(),
            format: SpecFormat::default(),
            records: Vec::new(),
            members: None,
            whole_folder: false,
            id: None,
            id_key: None,
            body_fields: false,
            driver: None,
            driver_key: None,
            done: BTreeMap::new(),
            boxes: None,
            cancelled: BTreeMap::new(),
            title: vec!["#".into()],
            strip: None,
            text: Vec::new(),
            breaking: Vec::new(),
            limit: None,
            stop: Vec::new(),
            kind: Vec::new(),
            kinds: BTreeMap::new(),
            depends_on: None,
            touches: None,
            otherwise: Meaning::Changed,
            commits: Vec::new(),
            issues: Vec::new(),
            completed: "completed_at".into(),
            subject: None,
            noise: Vec::new(),
            owns: Ownership::default(),
            archive: Archive::default(),
            archived: None,
            archives: None,
            within: Vec::new(),
            time_limit: TimeLimit::milliseconds(5 * 60 * 1000),
            release_spec: None,
            packages: PackageRules::default(),
        }
    }
}

impl Source {
    /// Whether its files are fragments: each is a completed change as soon as it exists, and replaces the entries of the pull request that
    /// adds it.
    pub fn is_of_fragments(&self) -> bool {
        self.owns.has(OwnedBy::PullRequest) && self.done.is_empty() && self.boxes.is_none()
    }

    /// Whether a path is one of its files.
    pub fn holds(&self, path: &str) -> bool {
        self.files.matches(path) && !self.excludes(path)
    }

    /// Whether a path that matches `files` is excluded.
    pub fn excludes(&self, path: &str) -> bool {
        self.exclude.iter().any(|glob| glob.matches(path))
    }

    /// Path as parsed by `id`: ID, kind, issue. `None` if the path is not a spec.
    pub fn read_path(&self, path: &str) -> Option<(String, Option<String>, Option<String>)> {
        let Some(pattern) = &self.id else {
            let name = path.rsplit('/').next()?;
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            return Some((stem.to_owned(), None, None));
        };
        let found = pattern.captures(path)?;
        let group = |name: &str| found.name(name).map(|part| part.as_str().to_owned());
        let id = group("id").or_else(|| Some(found.get(1)?.as_str().to_owned()))?;
        Some((id, group("kind"), group("issue")))
    }

    /// Number at the beginning of an ID, if `id` parses one: people refer to the spec by it.
    pub fn number(&self, path: &str) -> Option<String> {
        let found = self.id.as_ref()?.captures(path)?;
        Some(found.name("number")?.as_str().to_owned())
    }

    /// Whether a file contains many specs.
    pub fn has_records(&self) -> bool {
        self.format == SpecFormat::JsonLines || !self.records.is_empty()
    }

    /// Directory that contains archived specs; `None` if they are not archived.
    pub fn archive_root(&self) -> Option<&str> {
        if let Some(folder) = &self.archived {
            return Some(folder);
        }
        let Archive::To(template) = &self.archive else {
            return None;
        };
        let fixed = template
            .find('{')
            .map_or(template.as_str(), |at| &template[..at]);
        fixed.rsplit_once('/').map(|(folder, _)| folder)
    }

    /// Whether a path is in the archive.
    pub fn is_archived(&self, path: &str) -> bool {
        self.archive_root().is_some_and(|root| is_below(root, path))
    }

    /// Directories that contain its files, both active and archived.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        [self.files.folder()].into_iter().chain(self.archive_root())
    }

    /// Directory of a spec, if it is one, else its file.
    pub fn place<'p>(&self, path: &'p str) -> &'p str {
        match path.rsplit_once('/') {
            Some((folder, _)) if self.whole_folder => folder,
            _ => path,
        }
    }

    /// Path of a spec's file before it was archived.
    pub fn place_before(&self, id: &str, path: &str) -> String {
        let pattern = self.files.as_str();
        if self.whole_folder {
            return pattern.replacen('*', id, 1);
        }
        let folder = pattern.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = path.rsplit('/').next().unwrap_or("");
        format!("{folder}/{name}")
    }

    /// Shell command line with which its tool archives a spec; `None` if it has no such command. Any ID is passed as one word.
    pub fn archive_line(&self, id: &str) -> Option<String> {
        let values = Variables(vec![("id", id.to_owned())]);
        self.archives.as_ref().map(|line| values.fill(line))
    }

    /// Whether its tool may change the file at a path while it archives a spec.
    pub fn may_change(&self, path: &str) -> bool {
        if self.within.is_empty() {
            self.roots().any(|root| is_below(root, path))
        } else {
            self.within.iter().any(|glob| glob.matches(path))
        }
    }

    /// Whether one of its files can say that it is not completed. A spec that is completed as soon as it exists, or by the checklist items
    /// of another file, cannot.
    pub fn can_be_open(&self) -> bool {
        !self.done.is_empty() && self.boxes.is_none() && !self.whole_folder
    }

    /// Path of a spec's `boxes` file.
    pub fn boxes_path(&self, path: &str) -> Option<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.boxes.as_ref().map(|file| format!("{folder}/{file}"))
    }
}

/// Whether a path is in a directory, at any depth.
fn is_below(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Refuses `preset` after another key: a preset is read before the keys that replace its own.
fn not_first<'de, D: Deserializer<'de>>(_: D) -> Result<Option<String>, D::Error> {
    let why = "`preset` must be the first key of its source";
    Err(de::Error::custom(why))
}

/// Place to which a spec moves when it is released.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Archive {
    /// It is not moved.
    #[default]
    Keep,
    Delete,
    /// Where the tool's own command puts it, see [`Source::archives`].
    Command,
    /// Path template: `{id}`, `{file}`, `{date}` (from the ID, else of completion, else today), `{today}`.
    To(String),
}

impl<'de> Deserialize<'de> for Archive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Archive, D::Error> {
        let text = String::deserialize(deserializer)?;
        let names = ["{id}", "{file}"];
        match text.as_str() {
            "keep" => Ok(Archive::Keep),
            "delete" => Ok(Archive::Delete),
            "command" => Ok(Archive::Command),
            _ if !names.iter().any(|name| text.contains(name)) => Err(de::Error::custom(format!(
                "archive `{text}` must be keep, delete, command or a path with {{id}} or {{file}}"
            ))),
            _ if !is_inside(&text) => Err(de::Error::custom(outside(&text))),
            _ => Ok(Archive::To(text)),
        }
    }
}

/// Whether a path relative to the repository's root stays inside the repository.
pub fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', '\n', '\0'])
        && path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && !is_git_folder(part))
}

/// Whether a name is that of git's own directory on some file system, as in git's `verify_path`: in any case; with characters that NTFS
/// ignores (dots and spaces at the end, a stream after a colon) or as its NTFS short name; with characters that HFS+ ignores.
pub fn is_git_folder(name: &str) -> bool {
    let may_be = |first: &u8| matches!(first, b'.' | b'g' | b'G') || !first.is_ascii();
    if !name.as_bytes().first().is_some_and(may_be) {
        return false; // nearly every name
    }
    let is_unseen = |c: char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let name: String = name.chars().filter(|c| !is_unseen(*c)).collect();
    let name = name.split(':').next().unwrap_or_default();
    let name = name.trim_end_matches(['.', ' ']);
    [".git", "git~1"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

/// Error text for a path that leads out of the repository.
pub fn outside(path: &str) -> String {
    format!("path `{path}` must stay inside the repository, as in `docs/CHANGELOG.md`")
}

/// A glob over paths from the repository's root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathGlob {
    text: String,
    parts: PathParts,
}

impl PathGlob {
    /// Refuses an invalid glob, and one that leads out of the repository.
    pub fn new(text: &str) -> Result<PathGlob, String> {
        if !is_inside(text) {
            return Err(outside(text));
        }
        let is_known = |part: &str| part == "**" || path_parts::is_plain(part);
        if !text.split('/').all(is_known) {
            Glob::new(text).map_err(|error| format!("`{text}` is no glob: {error}"))?;
        }
        Ok(PathGlob {
            text: text.to_owned(),
            parts: PathParts::compile(text),
        })
    }

    /// Text of the glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Directory that contains all matches; empty for the root.
    pub fn folder(&self) -> &str {
        let text = self.as_str();
        let fixed = text.find(['*', '?', '[']).unwrap_or(text.len());
        text[..fixed]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder)
    }

    /// Whether a path matches; `*` stays within a directory, `**` does not.
    pub fn matches(&self, path: &str) -> bool {
        !self.text.is_empty() && self.parts.matches(path, LeadingDots::Any)
    }
}

impl<'de> Deserialize<'de> for PathGlob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PathGlob, D::Error> {
        PathGlob::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// One word or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// First word.
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// A single word.
    pub fn one(word: &str) -> Words {
        Words(vec![word.to_owned()])
    }

    /// Whether the word is one of them. Case does not matter, and a `*` at either end matches anything.
    pub fn hold(&self, word: &str) -> bool {
        self.0.iter().any(|known| word_fits(known, word))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        struct WordsVisitor;
        impl<'de> de::Visitor<'de> for WordsVisitor {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }
            fn visit_str<E>(self, word: &str) -> Result<Words, E> {
                Ok(Words(vec![word.to_owned()]))
            }
            fn visit_bool<E>(self, word: bool) -> Result<Words, E> {
                Ok(Words(vec![word.to_string()]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }
        deserializer.deserialize_any(WordsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_into_git_on_any_file_system() {
        for name in [
            ".git",
            ".GIT",
            ".Git",
            ".git.",
            ".git ..",
            "git~1",
            "GIT~1",
            ".git::$INDEX_ALLOCATION",
            ".g\u{200c}it",
        ] {
            assert!(!is_inside(&format!("{name}/x")), "{name}");
            assert!(!is_inside(&format!("a/{name}")), "{name}");
        }
        for name in [
            ".github",
            ".gitattributes",
            "git",
            "git~2",
            "a.git",
            ".git-x",
        ] {
            assert!(is_inside(&format!("{name}/x")), "{name}");
        }
    }
}
