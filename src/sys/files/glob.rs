//! Files and folders that patterns match.

use std::fs;
use std::path::Path;

use crate::domain::failure::Result;
use crate::domain::spec::source::is_git_folder;
use crate::sys::files;

/// Paths from `root` of the regular files that a glob matches, sorted. A `*` stays within a folder and matches no leading dot;
/// `**` is any number of folders. Symbolic links are not followed: they could lead out of the repository.
pub fn matching(root: &Path, pattern: &str) -> Result<Vec<String>> {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let mut found = Vec::new();
    walk(root, "", &parts, &mut found)?;
    found.sort();
    found.dedup();
    Ok(found)
}

fn walk(root: &Path, folder: &str, parts: &[&str], found: &mut Vec<String>) -> Result<()> {
    let Some((part, rest)) = parts.split_first() else {
        return Ok(());
    };
    let below = |name: &str| match folder {
        "" => name.to_owned(),
        _ => format!("{folder}/{name}"),
    };
    let mut take = |path: String, is_folder: bool, rest: &[&str]| match (is_folder, rest) {
        (false, []) => {
            found.push(path);
            Ok(())
        }
        (true, [_, ..]) => walk(root, &path, rest, found),
        _ => Ok(()),
    };
    if !part.contains(['*', '?', '[']) {
        let path = below(part);
        return match fs::symlink_metadata(files::at(root, &path)) {
            Ok(meta) if meta.is_dir() || meta.is_file() => take(path, meta.is_dir(), rest),
            _ => Ok(()),
        };
    }
    let pattern = NamePattern::parse(part);
    for (name, is_folder) in listed(&files::at(root, folder))? {
        match *part {
            "**" if is_folder && !name.starts_with('.') => take(below(&name), true, parts)?,
            "**" => {}
            _ if pattern.matches(&name) => take(below(&name), is_folder, rest)?,
            _ => {}
        }
    }
    match *part {
        "**" => walk(root, folder, rest, found),
        _ => Ok(()),
    }
}

/// The folders from `root` in which files that a glob matches may be, with those above them; `root` itself is left out.
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
    NamePattern::parse(part).matches(name)
}

/// The names that one part of a glob matches. What stands before its first special character and behind its last is compared first: to
/// match a name character by character takes ten times as long.
struct NamePattern<'p> {
    start: &'p str,
    end: &'p str,
    /// `None` for a `*` alone between the two, and for what is no glob.
    pattern: Option<glob::Pattern>,
    is_star: bool,
}

impl NamePattern<'_> {
    fn parse(part: &str) -> NamePattern<'_> {
        let special = ['*', '?', '[', ']'];
        let start = part.find(special).unwrap_or(part.len());
        let end = part.rfind(special).map_or(start, |last| last + 1);
        let is_star = &part[start..end] == "*";
        NamePattern {
            start: &part[..start],
            end: &part[end..],
            pattern: if is_star {
                None
            } else {
                glob::Pattern::new(part).ok()
            },
            is_star,
        }
    }

    fn matches(&self, name: &str) -> bool {
        let options = glob::MatchOptions {
            require_literal_leading_dot: true,
            ..glob::MatchOptions::default()
        };
        let rest = name.strip_prefix(self.start);
        let between = rest.and_then(|rest| rest.strip_suffix(self.end));
        between.is_some_and(|between| match &self.pattern {
            Some(pattern) => pattern.matches_with(name, options),
            None => self.is_star && !(self.start.is_empty() && between.starts_with('.')),
        })
    }
}

/// Names in a folder, with whether each is a folder; links, what is neither, and git's own folder are left out.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_are_those_that_the_library_matches(part in r"[ab.*?\[\]!-]{0,6}", name in r"[ab.]{0,6}") {
            let options = ::glob::MatchOptions {
                require_literal_leading_dot: true,
                ..::glob::MatchOptions::default()
            };
            let pattern = ::glob::Pattern::new(&part);
            let expected = pattern.is_ok_and(|pattern| pattern.matches_with(&name, options));
            prop_assert_eq!(name_matches(&name, &part), expected);
        }
    }
}
