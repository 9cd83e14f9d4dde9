//! `components`: parts of the repository that are released on their own. Each is a project with a configuration of its own: the
//! repository's with another changelog, another tag and a rule for what belongs.

use serde::Deserialize;

use crate::config::release::{PublishStep, ReleaseTemplates};
use crate::config::version_files::{Docs, VersionFiles};
use crate::domain::entry::component::Other;
use crate::domain::spec::source::PathGlob;
use crate::domain::version::alignment::Depth;
use crate::domain::version::tag_format::TagFormat;

/// A part of the repository that is released on its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ComponentSettings {
    /// Globs of its files; a commit that touches one belongs to it, as does one whose scope is its name.
    pub paths: Vec<PathGlob>,
    /// The tag of a release; without one `NAME-v{version}`.
    pub tag: Option<TagFormat>,
    /// Its changelog; without one `CHANGELOG.md` in the directory of its first path.
    pub changelog: Option<String>,
    /// The files that contain its version; without them the manifests in the directory of its first path and beside its changelog.
    pub version_files: VersionFiles,
    /// Documents in which a release of it replaces its previous version by the new one.
    pub docs: Docs,
    /// What publishing it takes; without it what the repository says.
    pub publish: Option<Vec<PublishStep>>,
    /// Templates of what a release of it writes; without it those of the repository.
    pub templates: Option<ReleaseTemplates>,
    /// The component whose version it keeps up with.
    pub align: Option<Align>,
}

/// Two components whose versions are to stay together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Align {
    /// The other one.
    pub with: String,
    /// What of it they share.
    pub on: Depth,
}

impl ComponentSettings {
    /// `None` if its name is none that git takes for a tag.
    pub(super) fn tag(&self, name: &str) -> Option<TagFormat> {
        let default = || TagFormat::new(&format!("{name}-v{{version}}"));
        self.tag.clone().or_else(default)
    }

    pub(super) fn changelog(&self, name: &str) -> String {
        let folder = || match self.paths.first() {
            Some(path) => folder(path.as_str()),
            None => name.to_owned(),
        };
        let default = || match folder().as_str() {
            "" => "CHANGELOG.md".to_owned(),
            folder => format!("{folder}/CHANGELOG.md"),
        };
        self.changelog.clone().unwrap_or_else(default)
    }

    /// Where its manifests may be.
    pub(super) fn folders(&self, name: &str) -> Vec<String> {
        let changelog = self.changelog(name);
        let beside = changelog.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut folders: Vec<String> = self
            .paths
            .first()
            .map(|path| folder(path.as_str()))
            .into_iter()
            .collect();
        if !folders.iter().any(|folder| folder == beside) {
            folders.push(beside.to_owned());
        }
        folders
    }

    /// What the others have to know of it.
    pub(super) fn other(&self, name: &str) -> Other {
        Other {
            name: name.to_owned(),
            paths: self.paths.clone(),
            folders: self.folders(name),
            listed: self.version_files.manifests(),
        }
    }
}

/// The folder that a glob begins in; a glob without wildcards is a folder if its last part has no ending.
pub(super) fn folder(glob: &str) -> String {
    let parts: Vec<&str> = glob.split('/').collect();
    // A whole name in brackets is a folder's, `app/[slug]`, rather than one letter.
    let is_name = |part: &str| part.starts_with('[') && part.ends_with(']');
    let is_wild = |part: &&str| part.contains(['*', '?']) || part.contains('[') && !is_name(part);
    let fixed = parts.iter().position(is_wild);
    let fixed = fixed.unwrap_or(match parts.last() {
        Some(last) if last.contains('.') => parts.len() - 1,
        _ => parts.len(),
    });
    parts[..fixed].join("/")
}
