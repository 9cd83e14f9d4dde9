//! A repository's release conventions, read from its tags, manifests and changelog.

use crate::config;
use crate::domain::changelog::document::Document;
use crate::domain::failure::Result;
use crate::domain::install::conventions::{self, Conventions, FoundPackage};
use crate::domain::version::file::manifest::package;
use crate::sys::git::Repo;

/// Directories whose manifests are not the project's own.
const FOREIGN: &[&str] = &[
    "__fixtures__",
    "examples",
    "fixtures",
    "node_modules",
    "target",
    "testdata",
    "third_party",
    "vendor",
];

/// Deepest level at which a directory without a manifest may be a package.
const DEPTH: usize = 2;

/// Names of changelogs without extension, in lower case, the usual ones first.
const CHANGELOGS: &[&str] = &[
    "changelog",
    "change_log",
    "changes",
    "history",
    "news",
    "releases",
    "release_notes",
    "release-notes",
    "releasenotes",
];

/// Changelog of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundChangelog {
    /// Path; `None` if there is none in Markdown.
    pub path: Option<String>,
    /// Changelog in another markup, with that markup's name.
    pub foreign: Option<(String, &'static str)>,
}

/// The changelog of a directory, or the documents in it. If there are several, the first with a version, then the first by name.
pub fn changelog(repo: &Repo, folder: &str) -> Result<FoundChangelog> {
    let Some(head) = repo.head()?.commit else {
        return Ok(FoundChangelog::default());
    };
    let mut found: Vec<(usize, String)> = Vec::new();
    for (depth, below) in ["", "docs", "doc"].iter().enumerate() {
        let folder = [folder, below]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("/");
        for name in repo.files_in(head, &folder)?.into_keys() {
            let lower = name.to_lowercase();
            let stem = lower
                .rsplit_once('.')
                .map_or(lower.as_str(), |(stem, _)| stem);
            let rank = CHANGELOGS.iter().position(|known| *known == stem);
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            found.extend(rank.map(|rank| (CHANGELOGS.len() * depth + rank, path)));
        }
    }
    found.sort();
    let mut all = FoundChangelog::default();
    let mut versions = None;
    for (_, path) in found {
        if let Some(markup) = config::foreign_markup(&path) {
            all.foreign.get_or_insert((path, markup));
            continue;
        }
        let Some(bytes) = repo.file_at(head, &path)? else {
            continue;
        };
        if Document::parse(&bytes).newest().is_some() {
            versions.get_or_insert(path);
        } else if path.ends_with(".md") && path.to_lowercase().contains("changelog") {
            all.path.get_or_insert(path);
        }
    }
    all.path = versions.or(all.path);
    Ok(all)
}

/// Finds a repository's release conventions.
pub fn find(repo: &Repo) -> Result<Conventions> {
    let mut tags = Vec::new();
    for (tag, _) in repo.tags()? {
        if let Some(time) = repo.tag_time(&tag)? {
            tags.push((tag, time));
        }
    }
    let tags = tags.iter().map(|(tag, time)| (tag.as_str(), *time));
    conventions::find(tags, || packages(repo))
}

/// Packages of HEAD.
fn packages(repo: &Repo) -> Result<Vec<FoundPackage>> {
    let Some(head) = repo.head()?.commit else {
        return Ok(Vec::new());
    };
    let mut packages: Vec<FoundPackage> = Vec::new();
    let mut folders: Vec<String> = Vec::new();
    for path in repo.files_below(head, "")? {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if folder.split('/').any(|part| FOREIGN.contains(&part)) {
            continue;
        }
        let parts: Vec<&str> = folder.split('/').take(DEPTH).collect();
        let short = parts.join("/");
        if folders.last() != Some(&short) {
            folders.push(short);
        }
        if name == "go.mod" && !folder.is_empty() {
            // A module's tags are named after its directory (https://go.dev/ref/mod#vcs-version).
            packages.push(FoundPackage {
                name: folder.to_owned(),
                folder: folder.to_owned(),
                has_manifest: true,
            });
        }
        if !matches!(name, "Cargo.toml" | "package.json" | "pyproject.toml") {
            continue;
        }
        let bytes = repo.file_at(head, &path)?.unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        packages.extend(package(name, &text).map(|package| FoundPackage {
            name: package.name,
            folder: folder.to_owned(),
            has_manifest: true,
        }));
    }
    let is_new = |folder: &String| packages.iter().all(|known| known.folder != *folder);
    folders.retain(|folder| !folder.is_empty() && is_new(folder));
    packages.extend(folders.into_iter().map(|folder| FoundPackage {
        name: folder.rsplit('/').next().unwrap_or(&folder).to_owned(),
        folder,
        has_manifest: false,
    }));
    Ok(packages)
}
