//! Files and directories that patterns match.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::domain::failure::Result;
use crate::domain::path_parts::{self, LeadingDots, PathParts, Reached};
use crate::domain::spec::source::is_git_folder;
use crate::sys::files;

/// Paths, relative to `root`, of the regular files that a glob matches, sorted. A `*` stays within a directory and matches no leading dot.
/// `**` matches any number of directories. Symbolic links are not followed: they could lead out of the repository.
pub fn matching(root: &Path, pattern: &str) -> Result<Vec<String>> {
    matching_while(root, pattern, &|| Ok(()))
}

/// The same as [`matching`], but calls `may_go_on` before each directory.
///
/// # Errors
/// Fails if `may_go_on` does.
pub fn matching_while(
    root: &Path,
    pattern: &str,
    may_go_on: &dyn Fn() -> Result<()>,
) -> Result<Vec<String>> {
    let parts = PathParts::compile(pattern);
    let mut walk = FolderWalk {
        root,
        parts: &parts,
        may_go_on,
        found: Vec::new(),
    };
    walk.visit("", &parts.start())?;
    walk.found.sort();
    Ok(walk.found)
}

/// Visits each directory once: the parts of the glob that can follow there are a set.
struct FolderWalk<'w> {
    root: &'w Path,
    parts: &'w PathParts,
    may_go_on: &'w dyn Fn() -> Result<()>,
    found: Vec<String>,
}

impl FolderWalk<'_> {
    fn visit(&mut self, folder: &str, at: &Reached) -> Result<()> {
        (self.may_go_on)()?;
        let below = |name: &str| match folder {
            "" => name.to_owned(),
            _ => format!("{folder}/{name}"),
        };
        // Literal parts are looked up: a directory of thousands of files need not be listed for them.
        let mut names: BTreeMap<String, bool> = BTreeMap::new();
        for name in self.parts.literals(at) {
            match fs::symlink_metadata(files::at(self.root, &below(name))) {
                Ok(meta) if meta.is_dir() || meta.is_file() => {
                    names.insert(name.to_owned(), meta.is_dir());
                }
                _ => {}
            }
        }
        if self.parts.searches(at) {
            names.extend(listed(&files::at(self.root, folder))?);
        }
        for (name, is_folder) in names {
            let next = self.parts.step(at, &name, LeadingDots::Literal);
            match is_folder {
                true if self.parts.goes_on(&next) => self.visit(&below(&name), &next)?,
                false if self.parts.is_match(&next) => self.found.push(below(&name)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The directories, relative to `root`, that may contain files that a glob matches, and their parents. `root` itself is excluded.
pub fn folders(root: &Path, pattern: &str) -> Result<Vec<String>> {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let mut found = Vec::new();
    let mut level = vec![String::new()];
    for part in &parts[..parts.len().saturating_sub(1)] {
        let mut next = Vec::new();
        for folder in level {
            let below = |name: &str| match folder.as_str() {
                "" => name.to_owned(),
                _ => format!("{folder}/{name}"),
            };
            if !part.contains(['*', '?', '[']) {
                let path = below(part);
                let is_folder =
                    fs::symlink_metadata(files::at(root, &path)).is_ok_and(|meta| meta.is_dir());
                next.extend(is_folder.then_some(path));
                continue;
            }
            for (name, is_folder) in listed(&files::at(root, &folder))? {
                if is_folder && name_matches(&name, part) {
                    next.push(below(&name));
                }
            }
        }
        found.extend(next.iter().cloned());
        level = next;
    }
    Ok(found)
}

/// Whether a file name matches one part of a glob.
pub fn name_matches(name: &str, part: &str) -> bool {
    path_parts::name_matches(name, part, LeadingDots::Literal)
}

/// Names of symbolic links in a directory that lead to a file in the same directory.
pub fn sibling_links(root: &Path, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(files::at(root, folder)) else {
        return Vec::new();
    };
    let links = entries.filter_map(|entry| entry.ok());
    let links = links.filter(|entry| files::behind_link(&entry.path()).is_some());
    links
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// Names in a directory, each with whether it is a directory. Excludes symlinks, special files and git's own directory.
fn listed(folder: &Path) -> Result<Vec<(String, bool)>> {
    match fs::symlink_metadata(folder) {
        Ok(meta) if meta.is_dir() => {}
        _ => return Ok(Vec::new()),
    }
    let entries = fs::read_dir(folder).map_err(|error| files::cannot("read", folder, &error))?;
    let kinds = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let kind = entry.file_type().ok()?;
        let name = entry.file_name().into_string().ok()?;
        let is_ours = (kind.is_dir() || kind.is_file()) && !is_git_folder(&name);
        is_ours.then_some((name, kind.is_dir()))
    });
    Ok(kinds.collect())
}
