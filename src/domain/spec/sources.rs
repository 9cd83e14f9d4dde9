//! Sources of a configuration: the presets, and how the configuration names them.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess};
use serde_json::{Map, Value};

use crate::domain::commit::message::Reading;
use crate::domain::spec::ownership::{OwnedBy, Ownership};
use crate::domain::spec::presets::PRESETS;
use crate::domain::spec::source::{Archive, PathGlob, Source, is_inside, outside};

/// Release specs without a tool of their own: plain files that say `status: completed` once they are released, and that never list
/// anything.
const PLAIN_RELEASES: &str = include_str!("presets/releases.json");

/// Sources of a configuration: a preset's name, a source, or a list of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources(pub Vec<Source>);

impl Sources {
    /// Sources of a preset.
    pub fn preset(name: &str) -> Result<Vec<Source>, String> {
        Sources::over_preset(name, &Map::new())
    }

    /// Names of all presets.
    pub fn preset_names() -> Vec<&'static str> {
        PRESETS.iter().map(|(name, _)| *name).collect()
    }

    /// Sources of a preset, with the given keys in place of its own.
    fn over_preset(name: &str, given: &Map<String, Value>) -> Result<Vec<Source>, String> {
        let Some((_, text)) = PRESETS.iter().find(|(preset, _)| *preset == name) else {
            let known = Sources::preset_names().join(", ");
            return Err(format!("`{name}` is none of {known}"));
        };
        let read = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
        let all = match read {
            Value::Array(all) => all,
            one => vec![one],
        };
        let source = |mut keys: Value| {
            if let Value::Object(keys) = &mut keys {
                keys.extend(given.clone());
            }
            let read = serde_json::from_value(keys).map_err(|error| error.to_string())?;
            let preset = Some(name.to_owned());
            checked(Source { preset, ..read })
        };
        all.into_iter().map(source).collect()
    }

    /// Adds a source of plain release specs, unless one of these sources reads them: the one that matches the path, if the user gives one,
    /// or one with its own form of release specs.
    ///
    /// # Errors
    /// Fails if the path is not in the repository.
    pub fn with_release_specs(&mut self, path: Option<&str>) -> Result<(), String> {
        let example = path.map(|path| ReleasePlace::example().fill(path));
        let takes = |source: &Source| match &example {
            Some(path) => source.holds(path),
            None => source.release_spec.is_some(),
        };
        if self.0.iter().any(takes) {
            return Ok(());
        }
        let mut source: Source =
            serde_json::from_str(PLAIN_RELEASES).map_err(|error| error.to_string())?;
        if let Some(path) = path {
            source.files = PathGlob::new(&ReleasePlace::any().fill(path))?;
        }
        self.0.push(source);
        Ok(())
    }

    /// Adds what these sources define to the parsing of commit messages.
    pub fn extend(&self, reading: &mut Reading) {
        for source in &self.0 {
            reading.specs.extend(source.subject.clone());
            reading.noise.extend(source.noise.iter().cloned());
        }
        reading.paths |= self.own_by_paths();
    }

    /// Whether commits belong to specs because of the files that they change.
    fn own_by_paths(&self) -> bool {
        let by_path = |source: &Source| {
            let rules = [OwnedBy::Directory, OwnedBy::Tasks, OwnedBy::PullRequest];
            rules.iter().any(|rule| source.owns.has(*rule))
        };
        self.0.iter().any(by_path)
    }

    /// Whether a source consists of fragments, each of which replaces the entries of the pull request that adds it.
    pub fn have_fragments(&self) -> bool {
        self.0.iter().any(Source::is_of_fragments)
    }

    /// Whether specs name packages, with a level for each.
    pub fn name_packages(&self) -> bool {
        let by_package = |source: &Source| source.kind.iter().any(|place| place == "*");
        self.0.iter().any(by_package)
    }

    /// Whether commits can belong to specs that they do not name.
    pub fn infer(&self) -> bool {
        self.0
            .iter()
            .any(|source| source.owns != Ownership::default())
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
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Source>, A::Error> {
                let first: Option<String> = map.next_key()?;
                if first.as_deref() == Some("preset") {
                    let name: String = map.next_value()?;
                    let given = Map::deserialize(MapAccessDeserializer::new(map))?;
                    return Sources::over_preset(&name, &given).map_err(de::Error::custom);
                }
                let all = MapAccessDeserializer::new(FromFirst { first, map });
                let source = checked(Source::deserialize(all)?);
                Ok(vec![source.map_err(de::Error::custom)?])
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

/// Values of the placeholders in a release spec's path.
#[derive(Debug, Clone)]
pub struct ReleasePlace {
    pub date: String,
    pub sequence: String,
    pub number: String,
    pub version: String,
    pub tag: String,
}

impl ReleasePlace {
    /// Example values.
    fn example() -> ReleasePlace {
        ReleasePlace {
            date: "2026-01-30".to_owned(),
            sequence: "001".to_owned(),
            number: "1".to_owned(),
            version: "1-0-0".to_owned(),
            tag: "v1-0-0".to_owned(),
        }
    }

    /// Wildcards for all values, for use in a glob.
    fn any() -> ReleasePlace {
        let star = || "*".to_owned();
        ReleasePlace {
            date: star(),
            sequence: star(),
            number: star(),
            version: star(),
            tag: star(),
        }
    }

    /// Replaces placeholders in a template by the values.
    pub fn fill(&self, template: &str) -> String {
        let values = [
            ("{date}", &self.date),
            ("{sequence}", &self.sequence),
            ("{number}", &self.number),
            ("{version}", &self.version),
            ("{tag}", &self.tag),
        ];
        values
            .iter()
            .fold(template.to_owned(), |text, (name, value)| {
                text.replace(name, value)
            })
    }
}

/// Checks keys that require others, which parsing key by key does not find.
fn checked(source: Source) -> Result<Source, String> {
    let form = source.release_spec.as_ref();
    if let Some(form) = form.filter(|form| !is_inside(&form.path)) {
        return Err(outside(&form.path));
    }
    let why = if source.files.as_str().is_empty() {
        "a source needs `files`, as in `files: docs/specs/*.md`"
    } else if source.archive != Archive::Command {
        return Ok(source);
    } else if !source
        .archives
        .as_ref()
        .is_some_and(|line| line.contains("{id}"))
    {
        "`archive: command` needs the tool's command, as in `archives: tool archive {id}`"
    } else if source.within.is_empty() && source.roots().any(str::is_empty) {
        "`archive: command` needs the files that the command may change, as in `within: [specs/**]`"
    } else {
        return Ok(source);
    };
    Err(why.to_owned())
}

/// A mapping whose first key has been read.
struct FromFirst<A> {
    first: Option<String>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for FromFirst<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Parsing of messages with chant's specs only, for tests.
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

    #[test]
    fn a_source_may_begin_from_a_preset() {
        let read = |text: &str| yaml::read::<Sources>(text).map_err(|error| error.message);
        let all = read("{preset: openspec, archive: command}").unwrap().0;
        let plain = Sources::preset("openspec").unwrap();
        assert_eq!(plain[0].archive, Archive::Keep);
        let command = Source {
            archive: Archive::Command,
            ..plain[0].clone()
        };
        assert_eq!(all, [command]);
        let kiro =
            read("- preset: kiro\n  strip: '^X'\n  archive: .kiro/done/{id}\n- chant").unwrap();
        let archives = kiro.0.iter().map(|one| one.archive_root());
        let expected = [
            Some(".kiro/done"),
            Some(".kiro/done"),
            Some(".chant/archive"),
        ];
        assert_eq!(archives.collect::<Vec<_>>(), expected);
        for (text, why) in [
            (
                "{preset: opnspec}",
                "`opnspec` is none of chant, changesets",
            ),
            ("{preset: [openspec]}", "invalid type: sequence"),
            (
                "{preset: openspec, archiv: command}",
                "unknown field `archiv`",
            ),
            ("{preset: openspec, files: ../x}", "inside the repository"),
            ("{preset: openspec, preset: kiro}", "must be the first key"),
            (
                "{archive: command, preset: openspec}",
                "must be the first key",
            ),
            (
                "{preset: chant, archive: command}",
                "needs the tool's command",
            ),
            (
                "{files: x/*.md, archive: command, archives: x}",
                "needs the tool's command",
            ),
            (
                "{files: '*.md', archive: command, archives: 'x {id}'}",
                "may change",
            ),
            ("{}", "needs `files`"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn a_command_stays_in_its_folders_and_its_ids_are_words() {
        let source = &Sources::preset("openspec").unwrap()[0];
        assert_eq!(
            source.archive_line("a$(rm -rf .)'b").unwrap(),
            "openspec archive 'a$(rm -rf .)'\\''b' --yes"
        );
        assert!(source.may_change("openspec/specs/a/spec.md"));
        assert!(!source.may_change("openspecs/x") && !source.may_change("x/openspec/y"));
        let own = yaml::read::<Sources>("{files: d/*.md, archive: 'done/{id}'}").unwrap();
        assert!(own.0[0].may_change("d/a/b") && own.0[0].may_change("done/x"));
        assert!(!own.0[0].may_change("e/d/x"));
    }
}
