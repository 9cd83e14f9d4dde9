//! The keys `version_files` and `docs`.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::config::odd::Odd;
use crate::domain::spec::source::{PathGlob, is_inside, outside};
use crate::domain::version::file::FileFormat;
use crate::domain::version::file::pattern::LinePattern;

/// The files that contain the version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum VersionFiles {
    /// Those that are found, as far as they have the same version.
    #[default]
    Auto,
    /// These; each gets the new version.
    Listed(Vec<VersionFile>),
}

/// A file that holds the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionFile {
    pub path: String,
    /// The literal text around the version; `None` where the file's format tells its place.
    pub pattern: Option<LinePattern>,
}

/// Documents that name the version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Docs {
    /// Globs of those in which a release replaces the previous version by the new one.
    pub files: Vec<PathGlob>,
    /// Globs of those that it leaves alone.
    pub exclude: Vec<PathGlob>,
}

impl Docs {
    /// Whether a path is one of them.
    pub fn hold(&self, path: &str) -> bool {
        let any = |globs: &[PathGlob]| globs.iter().any(|glob| glob.matches(path));
        any(&self.files) && !any(&self.exclude)
    }
}

impl VersionFiles {
    /// The listed files whose format determines the place of the version.
    pub(super) fn manifests(&self) -> Vec<String> {
        let VersionFiles::Listed(list) = self else {
            return Vec::new();
        };
        let whole = list.iter().filter(|file| file.pattern.is_none());
        let manifests =
            whole.filter(|file| FileFormat::of_path(&file.path) != Some(FileFormat::Lock));
        manifests.map(|file| file.path.clone()).collect()
    }

    /// # Errors
    /// The first file that cannot be one.
    pub(super) fn check(&self, changelog: &str, manifest: &str) -> Result<(), Odd> {
        let VersionFiles::Listed(list) = self else {
            return Ok(());
        };
        for VersionFile { path, pattern } in list {
            let odd = |what: String| Odd::new(path, what);
            return Err(if !is_inside(path) {
                odd(outside(path))
            } else if [changelog, manifest, super::file::FILE].contains(&path.as_str()) {
                let what = match path {
                    path if path == changelog => "the changelog",
                    path if path == manifest => "the release manifest",
                    _ => "the configuration",
                };
                odd(format!("version_files: {path} is {what}"))
            } else if pattern.is_none() && FileFormat::of_path(path).is_none() {
                let what = "is in no format that names a version in one place";
                odd(format!("version_files: {path} {what}")).with_remedy(format!(
                    "write {{path: {path}, pattern: '{{version}}'}} with the text around the version"
                ))
            } else {
                continue;
            });
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for VersionFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<VersionFiles, D::Error> {
        struct VersionFilesVisitor;
        impl<'de> de::Visitor<'de> for VersionFilesVisitor {
            type Value = VersionFiles;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`auto` or a list of paths, each alone or as `path` and `pattern`")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<VersionFiles, E> {
                match word {
                    "auto" => Ok(VersionFiles::Auto),
                    _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
                }
            }
            fn visit_seq<A: de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<VersionFiles, A::Error> {
                let mut list = Vec::new();
                while let Some(file) = seq.next_element()? {
                    list.push(file);
                }
                Ok(VersionFiles::Listed(list))
            }
        }
        deserializer.deserialize_any(VersionFilesVisitor)
    }
}

impl<'de> Deserialize<'de> for VersionFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<VersionFile, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Both {
            path: String,
            pattern: String,
        }
        struct VersionFileVisitor;
        impl<'de> de::Visitor<'de> for VersionFileVisitor {
            type Value = VersionFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, or `path` and `pattern`")
            }
            fn visit_str<E: de::Error>(self, path: &str) -> Result<VersionFile, E> {
                Ok(VersionFile {
                    path: path.to_owned(),
                    pattern: None,
                })
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<VersionFile, A::Error> {
                let both = Both::deserialize(de::value::MapAccessDeserializer::new(map))?;
                let pattern = LinePattern::new(&both.pattern).map_err(de::Error::custom)?;
                Ok(VersionFile {
                    path: both.path,
                    pattern: Some(pattern),
                })
            }
        }
        deserializer.deserialize_any(VersionFileVisitor)
    }
}
