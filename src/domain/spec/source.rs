//! Where specs are, and how those of a tool are read: all of it data, so that other tools are a few lines of YAML.

use std::collections::BTreeMap;
use std::fmt;

use glob::Pattern as Glob;
use serde::de::{self, Deserialize, Deserializer};

use crate::domain::commit::message::Reading;
use crate::domain::entry::kind::Meaning;
use crate::domain::path_parts::{self, LeadingDots, PathParts};
use crate::domain::pattern::{Pattern, word_fits};
use crate::domain::spec::format::SpecFormat;
use crate::domain::spec::presets::PRESETS;

/// One kind of spec file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Source {
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
    /// Headings that end the part of the file that is read.
    pub stop: Vec<String>,
    /// Where the kind of change is, the first that tells: a front matter key, `*` for the values of all keys, `#` for the title's
    /// first verb, `id` for the ID's.
    pub kind: Vec<String>,
    /// What words mean, before their usual meaning.
    pub kinds: BTreeMap<String, Meaning>,
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
    /// Which commits it speaks for beside those that name it or that it lists.
    pub speaks_for: SpeaksFor,
    /// Where it goes when it is released.
    pub archive: Archive,
    /// The folder in which the tool files what is done; without it that of `archive`.
    pub archived: Option<String>,
    /// The command by which the tool archives one, `{id}`, for messages.
    pub archives: Option<String>,
}

impl Default for Source {
    fn default() -> Self {
        Source {
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
            stop: Vec::new(),
            kind: Vec::new(),
            kinds: BTreeMap::new(),
            touches: None,
            otherwise: Meaning::Changed,
            commits: Vec::new(),
            issues: Vec::new(),
            completed: "completed_at".into(),
            subject: None,
            noise: Vec::new(),
            speaks_for: SpeaksFor::default(),
            archive: Archive::default(),
            archived: None,
            archives: None,
        }
    }
}

impl Source {
    /// Whether a path is that of one of its files.
    pub fn holds(&self, path: &str) -> bool {
        self.files.matches(path) && !self.excludes(path)
    }

    /// Whether a path that matches `files` is none of its files all the same.
    pub fn excludes(&self, path: &str) -> bool {
        self.exclude.iter().any(|glob| glob.matches(path))
    }

    /// The path as `id` reads it: ID, kind, issue. `None` if it is no spec's.
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

    /// Whether a file has many specs.
    pub fn has_records(&self) -> bool {
        self.format == SpecFormat::JsonLines || !self.records.is_empty()
    }

    /// The folder below which archived specs lie; `None` if they are not archived.
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

    /// Whether a path lies in the archive.
    pub fn is_archived(&self, path: &str) -> bool {
        let below = |root: &str| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        self.archive_root().is_some_and(below)
    }

    /// The folders below which its files lie, at work and in the archive.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        [self.files.folder()].into_iter().chain(self.archive_root())
    }

    /// The path of the file `boxes` of a spec.
    pub fn boxes_path(&self, path: &str) -> Option<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.boxes.as_ref().map(|file| format!("{folder}/{file}"))
    }
}

/// The sources of a configuration: a preset's name, a source, or a list of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources(pub Vec<Source>);

impl Sources {
    /// Those of a preset.
    pub fn preset(name: &str) -> Result<Vec<Source>, String> {
        let known: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
        let Some((_, text)) = PRESETS.iter().find(|(preset, _)| *preset == name) else {
            return Err(format!("`{name}` is none of {}", known.join(", ")));
        };
        let read = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"));
        read.map(|Sources(all)| all)
    }

    /// What these sources add to the reading of commit messages.
    pub fn extend(&self, reading: &mut Reading) {
        for source in &self.0 {
            reading.specs.extend(source.subject.clone());
            reading.noise.extend(source.noise.iter().cloned());
        }
        reading.paths |= self.speak_for_paths();
    }

    /// Whether a source speaks for commits by the files that they touch.
    pub fn speak_for_paths(&self) -> bool {
        let by_path = |source: &Source| source.speaks_for == SpeaksFor::PullRequest;
        self.0.iter().any(by_path)
    }
}

impl Default for Sources {
    fn default() -> Self {
        Sources(Sources::preset("chant").unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Sources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sources, D::Error> {
        struct SourcesVisitor;
        impl<'de> de::Visitor<'de> for SourcesVisitor {
            type Value = Vec<Source>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a spec tool such as chant, a source with `files`, or a list of them")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Vec<Source>, E> {
                Sources::preset(name).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Vec<Source>, A::Error> {
                let source = Source::deserialize(de::value::MapAccessDeserializer::new(map))?;
                if source.files.as_str().is_empty() {
                    return Err(de::Error::custom(
                        "a source needs `files`, as in `files: docs/specs/*.md`",
                    ));
                }
                Ok(vec![source])
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Source>, A::Error> {
                let mut all = Vec::new();
                while let Some(Sources(some)) = seq.next_element()? {
                    all.extend(some);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_any(SourcesVisitor).map(Sources)
    }
}

/// Which commits a spec speaks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpeaksFor {
    /// Those that it lists and those that name it.
    #[default]
    Named,
    /// Also the commit that brought or changed its file, with the other commits of the same pull request, and those that name
    /// one of its issues.
    PullRequest,
}

/// Where a spec goes when it is released.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Archive {
    /// Nowhere.
    #[default]
    Keep,
    Delete,
    /// A template: `{id}`, `{file}`, `{date}` (of the ID, else of completion, else today), `{today}`.
    To(String),
}

impl<'de> Deserialize<'de> for Archive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Archive, D::Error> {
        let text = String::deserialize(deserializer)?;
        let names = ["{id}", "{file}"];
        match text.as_str() {
            "keep" => Ok(Archive::Keep),
            "delete" => Ok(Archive::Delete),
            _ if !names.iter().any(|name| text.contains(name)) => Err(de::Error::custom(format!(
                "archive `{text}` must be keep, delete or a path with {{id}} or {{file}}"
            ))),
            _ if !is_inside(&text) => Err(de::Error::custom(outside(&text))),
            _ => Ok(Archive::To(text)),
        }
    }
}

/// Whether a path from the repository's root stays inside of it.
pub fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', '\n', '\0'])
        && path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && !is_git_folder(part))
}

/// Whether a name is that of git's own folder on some file system, as git's `verify_path` sees it: in any case; with what NTFS does
/// not look at (dots and spaces at the end, a stream behind a colon) or under its short name; with what HFS+ does not see.
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

/// Says that a path does not.
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
    /// Refuses what is no glob or leads out of the repository.
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

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The folder below which all matches lie; empty for the root.
    pub fn folder(&self) -> &str {
        let text = self.as_str();
        let fixed = text.find(['*', '?', '[']).unwrap_or(text.len());
        text[..fixed]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder)
    }

    /// Whether a path matches; `*` stays within a folder, `**` does not.
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
    /// Whether the word is one of them; case does not matter, and a `*` at an end is anything.
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

/// How messages are read with nothing but chant's specs, for tests.
#[cfg(test)]
pub fn chant_reading() -> Reading {
    let mut reading = Reading {
        closers: ["fixes", "closes", "refs"].map(String::from).to_vec(),
        ..Reading::default()
    };
    Sources::default().extend(&mut reading);
    reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::yaml;

    #[test]
    fn every_preset_is_read() {
        for (name, _) in PRESETS {
            let sources = Sources::preset(name).unwrap();
            assert!(!sources.is_empty(), "{name}");
        }
        assert!(
            Sources::preset("chants")
                .unwrap_err()
                .contains("chant, changesets")
        );
    }

    #[test]
    fn paths_give_ids_kinds_and_issues() {
        let read = |preset: &str, path: &str| {
            let sources = Sources::preset(preset).unwrap();
            let source = sources.iter().find(|s| s.holds(path))?;
            source.read_path(path)
        };
        let of = |id: &str, kind: Option<&str>, issue: Option<&str>| {
            Some((
                id.to_owned(),
                kind.map(str::to_owned),
                issue.map(str::to_owned),
            ))
        };
        assert_eq!(
            read("chant", ".chant/specs/2026-01-02-00a-x.1.md"),
            of("2026-01-02-00a-x.1", None, None)
        );
        assert_eq!(read("chant", ".chant/specs/deep/x.md"), None);
        assert_eq!(
            read("towncrier", "newsfragments/12.feature.md"),
            of("12.feature", Some("feature"), Some("12"))
        );
        assert_eq!(
            read("towncrier", "newsfragments/12.feature.1.rst"),
            of("12.feature.1", Some("feature"), Some("12"))
        );
        assert_eq!(
            read("towncrier", "newsfragments/+x.bugfix"),
            of("+x.bugfix", Some("bugfix"), None)
        );
        assert_eq!(read("towncrier", "newsfragments/README.md"), None);
        assert_eq!(
            read("openspec", "openspec/changes/add-x/proposal.md"),
            of("add-x", None, None)
        );
        assert_eq!(
            read(
                "openspec",
                "openspec/changes/archive/2026-01-01-add-x/proposal.md"
            ),
            None
        );
        assert_eq!(read("changesets", ".changeset/README.md"), None);
    }

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

    #[test]
    fn sources_of_a_configuration() {
        let read = |text: &str| yaml::read::<Sources>(text).map_err(|error| error.message);
        assert_eq!(read("chant").unwrap(), Sources::default());
        let two = read("- towncrier\n- {files: docs/specs/*.md, done: {state: [done, shipped]}, archive: delete}").unwrap();
        assert_eq!(two.0.len(), 2);
        assert!(two.0[1].done["state"].hold("Shipped"));
        assert!(read("chnt").unwrap_err().contains("is none of chant"));
        assert!(
            read("- {done: {a: b}}")
                .unwrap_err()
                .contains("needs `files`")
        );
        assert!(
            read("- {files: ../x/*.md}")
                .unwrap_err()
                .contains("inside the repository")
        );
        assert!(read("- {files: x/*.md, archive: y/{date}}").is_err());
        assert!(
            read("- {files: 'x/***.md'}")
                .unwrap_err()
                .contains("no glob")
        );
        assert!(
            read("- {files: x/*.md, id: '('}")
                .unwrap_err()
                .contains("no regular expression")
        );
        assert!(
            read("- {files: x/*.md, fils: 1}")
                .unwrap_err()
                .contains("unknown field `fils`")
        );
    }
}
