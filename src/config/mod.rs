//! `relwatch.yml`: one struct, whose doc comments are the reference.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::entry::{Rules, TypeRule, Unconventional};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::kind::Preset;
use crate::domain::version::TagFormat;
use crate::domain::yaml;

/// Name of the configuration file at the repository's root.
pub const FILE: &str = "relwatch.yml";

/// What `relwatch init` writes: every key, commented out, with its default.
pub const ANNOTATED: &str = include_str!("default.yml");

/// The repository's configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The changelog, from the repository's root.
    pub changelog: String,
    /// Where generated lines live between releases.
    pub storage: Storage,
    /// Which category names the changelog uses.
    pub categories: Preset,
    /// What commit types mean, beyond or against the usual meaning.
    pub types: BTreeMap<String, TypeRule>,
    /// What to do with commits without a conventional type.
    pub unconventional: Unconventional,
    /// The tag of a release; `{version}` stands for the version.
    pub tag: String,
    /// Branches to release from; a trailing `*` stands for anything.
    pub branches: Vec<String>,
    /// Where specs are.
    pub specs: Specs,
}

/// Where generated lines live between releases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// In the working tree only: a clean filter keeps them out of commits.
    #[default]
    View,
    /// In commits: each carries the lines of all commits before it.
    Tracked,
}

impl std::str::FromStr for Storage {
    type Err = String;

    fn from_str(word: &str) -> std::result::Result<Storage, String> {
        [Storage::View, Storage::Tracked]
            .into_iter()
            .find(|storage| storage.word() == word)
            .ok_or_else(|| "storage is view or tracked".to_owned())
    }
}

impl Storage {
    /// As it is written in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Storage::View => "view",
            Storage::Tracked => "tracked",
        }
    }
}

/// Where specs are and where they go when they are released.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Specs {
    /// The folder of the specs, from the repository's root.
    pub folder: String,
    /// The archive; a spec goes to `ARCHIVE/YYYY-MM-DD/ID.md` by the date of its ID.
    pub archive: String,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            changelog: "CHANGELOG.md".into(),
            storage: Storage::default(),
            categories: Preset::default(),
            types: BTreeMap::new(),
            unconventional: Unconventional::default(),
            tag: "v{version}".into(),
            branches: ["main", "master", "release/*", "hotfix/*"]
                .map(String::from)
                .to_vec(),
            specs: Specs::default(),
        }
    }
}

impl Default for Specs {
    fn default() -> Self {
        Specs {
            folder: ".chant/specs".into(),
            archive: ".chant/archive".into(),
        }
    }
}

impl Config {
    /// Reads the configuration's text.
    ///
    /// # Errors
    /// Names the line and the key, and the nearest known key for an unknown one.
    pub fn read(text: &str) -> Result<Config> {
        let config: Config = yaml::read(text).map_err(|error| {
            let hint = nearest_key(&error.message)
                .map(|key| format!("; did you mean `{key}`?"))
                .unwrap_or_default();
            invalid(format!("{FILE}:{}: {}{hint}", error.line, error.message))
        })?;
        if TagFormat::new(&config.tag).is_none() {
            return Err(invalid(format!(
                "{FILE}: tag `{}` must hold {{version}} once, as in `v{{version}}`",
                config.tag
            )));
        }
        for path in [
            &config.changelog,
            &config.specs.folder,
            &config.specs.archive,
        ] {
            let inside = !path.is_empty()
                && !path.starts_with('/')
                && !path.contains(['\\', '\n', '\0'])
                && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
            if !inside {
                return Err(invalid(format!(
                    "{FILE}: path `{path}` must stay inside the repository, as in `docs/CHANGELOG.md`"
                )));
            }
        }
        Ok(config)
    }

    /// The text of a configuration with another `storage`; everything else stays.
    pub fn with_storage(text: &str, storage: Storage) -> String {
        let line = format!("storage: {}", storage.word());
        let is_key = |l: &str| {
            let bare = l.strip_prefix('#').map_or(l, str::trim_start);
            bare.starts_with("storage:")
        };
        let Some(old) = text.lines().find(|l| is_key(l)) else {
            let gap = if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                "\n"
            };
            return format!("{text}{gap}{line}\n");
        };
        text.replacen(old, &line, 1)
    }

    /// How changes are classified.
    pub fn rules(&self) -> Rules {
        Rules {
            preset: self.categories,
            types: self.types.clone(),
            unconventional: self.unconventional,
        }
    }

    /// The tag format; [`Config::read`] has checked it.
    pub fn tag_format(&self) -> Result<TagFormat> {
        TagFormat::new(&self.tag)
            .ok_or_else(|| invalid(format!("tag `{}` must hold {{version}} once", self.tag)))
    }

    /// Whether releases may be cut on `branch`.
    pub fn allows_branch(&self, branch: &str) -> bool {
        self.branches.iter().any(|p| match p.strip_suffix('*') {
            Some(prefix) => branch.starts_with(prefix),
            None => p == branch,
        })
    }
}

fn invalid(message: String) -> Failure {
    Failure::new(Exit::Usage, message)
}

/// The known key nearest to the unknown one, from serde's message
/// (``unknown field `a`, expected one of `b`, `c` ``).
fn nearest_key(message: &str) -> Option<String> {
    let mut quoted = message
        .contains("unknown field")
        .then(|| message.split('`').skip(1).step_by(2))?;
    let unknown = quoted.next()?;
    quoted
        .map(|key| (strsim::damerau_levenshtein(unknown, key), key))
        .filter(|(distance, key)| *distance <= key.len().div_ceil(2))
        .min()
        .map(|(_, key)| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annotated_file_is_the_default() {
        assert_eq!(Config::read(ANNOTATED).unwrap(), Config::default());
        // A line that is a key without its `# ` counts; prose does not look like one.
        let keys: String = ANNOTATED
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| {
                let key = line.trim_start().split(':').next().unwrap_or("");
                line.contains(':')
                    && !key.contains(' ')
                    && key != "relwatch"
                    && key.chars().all(|c| c.is_ascii_lowercase())
            })
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(Config::read(&keys).unwrap(), Config::default());
        assert_eq!(keys.lines().count(), 10, "{keys}");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let error = Config::read("tag: v{version}\nbranchs: [main]\n").unwrap_err();
        assert!(error.message.contains("relwatch.yml:2"), "{error}");
        assert!(
            error.message.contains("did you mean `branches`?"),
            "{error}"
        );
        assert!(Config::read("tag: v1").is_err());
        assert!(Config::read("changelog: ../x").is_err());
        assert!(Config::read("specs: {folder: /etc}").is_err());
        assert!(Config::read("categories: odd").is_err());
        assert!(Config::read("").is_ok());
        let odd = Config::read("types: {deps: odd}").unwrap_err();
        assert!(
            odd.message
                .contains("unknown variant `odd`, expected one of `added`"),
            "{odd}"
        );
        assert!(Config::read("types: {deps: fixed, wip: hide}").is_ok());
    }

    #[test]
    fn the_storage_is_changed_in_its_place() {
        for (before, after) in [
            ("", "storage: tracked\n"),
            ("tag: v{version}", "tag: v{version}\nstorage: tracked\n"),
            ("# storage: view\n# x\n", "storage: tracked\n# x\n"),
            ("storage: view # why\n", "storage: tracked\n"),
        ] {
            assert_eq!(Config::with_storage(before, Storage::Tracked), after);
        }
        let yaml = Config::with_storage(ANNOTATED, Storage::Tracked);
        assert_eq!(Config::read(&yaml).unwrap().storage, Storage::Tracked);
    }

    #[test]
    fn branches_match_by_prefix() {
        let config = Config::default();
        assert!(config.allows_branch("main") && config.allows_branch("release/v1"));
        assert!(!config.allows_branch("feature"));
    }
}
