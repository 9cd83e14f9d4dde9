//! Where the configuration is written: relwatch.yml, or a table of one of the project's manifests. It is in one place only.
//!
//! If there is a relwatch.yml, nobody asks a manifest: a hook costs the same as in a project without manifests. A manifest that does
//! not contain the word relwatch is not parsed. The table of a manifest is handed on as YAML, so that both are read in one way.

use std::fmt;

use crate::config::file::FILE;
use crate::config::manifest::{self, ManifestTable};
use crate::config::storage::Storage;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::words;
use crate::domain::yaml;

/// The text of a configuration, and where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenConfig {
    /// As relwatch.yml has it, or would have it.
    pub yaml: String,
    pub place: ConfigPlace,
}

/// Where the configuration is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ConfigPlace {
    /// Nowhere: every key has its default.
    #[default]
    Nowhere,
    /// In relwatch.yml.
    File,
    /// In a table of a manifest.
    Table(ManifestTable),
}

impl fmt::Display for ConfigPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigPlace::Nowhere | ConfigPlace::File => f.write_str(FILE),
            ConfigPlace::Table(table) => write!(f, "{} ({})", table.file, table.key),
        }
    }
}

/// Reads a file at the repository's root, in the working tree or in a commit; `None` if there is none.
pub type ReadAtRoot<'f> = &'f dyn Fn(&str) -> Result<Option<Vec<u8>>>;

impl WrittenConfig {
    /// The text of relwatch.yml.
    pub fn file(yaml: impl Into<String>) -> WrittenConfig {
        WrittenConfig {
            yaml: yaml.into(),
            place: ConfigPlace::File,
        }
    }

    /// The configuration of a repository.
    ///
    /// # Errors
    /// Exit 2 if a file cannot be read, or if two manifests contain a configuration.
    pub fn find(read: ReadAtRoot<'_>) -> Result<WrittenConfig> {
        if let Some(bytes) = read(FILE)? {
            return Ok(WrittenConfig::file(text(FILE, bytes)?));
        }
        let mut found = WrittenConfig::in_manifests(read)?;
        if let [first, second, ..] = found.as_slice() {
            let what = format!("two configurations: {} and {}", first.place, second.place);
            let remedy = format!("keep one of them, or move both into {FILE}");
            return Err(Failure::new(Exit::Usage, what).with_remedy(remedy));
        }
        Ok(found.pop().unwrap_or_default())
    }

    /// What is in manifests although relwatch.yml is there, where nobody reads it. A manifest that cannot be read has none.
    pub fn ignored(read: ReadAtRoot<'_>) -> Vec<ConfigPlace> {
        let found = WrittenConfig::in_manifests(read).unwrap_or_default();
        found.into_iter().map(|one| one.place).collect()
    }

    fn in_manifests(read: ReadAtRoot<'_>) -> Result<Vec<WrittenConfig>> {
        let mut found = Vec::new();
        for file in manifest::FILES {
            let bytes = read(file)?;
            let names_it = |bytes: &Vec<u8>| memchr::memmem::find(bytes, b"relwatch").is_some();
            if let Some(bytes) = bytes.filter(names_it) {
                let tables = manifest::tables(file, &text(file, bytes)?)?;
                found.extend(tables.into_iter().map(|(table, yaml)| WrittenConfig {
                    yaml,
                    place: ConfigPlace::Table(table),
                }));
            }
        }
        Ok(found)
    }

    /// Whether a key is written down, so that its value is no default.
    pub fn has(&self, key: &str) -> bool {
        yaml::mapping(&self.yaml).is_ok_and(|keys| keys.get(key).is_some())
    }

    /// As a person wrote it; of a manifest, from where the configuration begins.
    pub(super) fn shown(&self) -> &str {
        match &self.place {
            ConfigPlace::Table(table) => &table.text,
            _ => &self.yaml,
        }
    }

    /// What an error in a line of [`WrittenConfig::shown`] begins with.
    pub(super) fn at(&self, line: usize) -> String {
        match &self.place {
            ConfigPlace::Table(table) => {
                let line = table.line + line - 1;
                format!("{}:{line}: {}: ", table.file, table.key)
            }
            _ => format!("{FILE}:{line}: "),
        }
    }

    /// The file that the configuration is in, with another `storage`: its name and its new text.
    ///
    /// # Errors
    /// The manifest cannot be edited.
    pub fn with_storage(&self, file: &str, storage: Storage) -> Result<String> {
        match &self.place {
            ConfigPlace::Table(table) => manifest::with_storage(table, file, storage),
            _ => Ok(storage.written_into(file)),
        }
    }
}

fn text(file: &str, bytes: Vec<u8>) -> Result<String> {
    words::decoded(bytes)
        .map_err(|line| Failure::new(Exit::Usage, format!("{file}:{line}: not UTF-8")))
}
