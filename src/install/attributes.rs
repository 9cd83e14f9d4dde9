//! Our lines in `.gitattributes` and `info/attributes`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::{Config, Storage};
use crate::domain::failure::Result;
use crate::project::Project;
use crate::sys::files::{self, Durable};

pub fn local_attributes(project: &Project) -> PathBuf {
    project.repo.common_dir().join("info").join("attributes")
}

/// The pattern of .gitattributes; anchored, so that changelogs of subfolders are left alone (gitattributes(5)).
fn pattern(name: &str) -> String {
    quoted(&format!("/{name}"))
}

fn quoted(pattern: &str) -> String {
    if pattern.contains([' ', '\t', '"', '\\']) {
        let escaped = pattern.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    } else {
        pattern.to_owned()
    }
}

/// The patterns that hold for the changelogs of components in whichever folder: when a component moves, git adds its changelog
/// at the new place before anybody has run `init` again. The filter leaves every other file as it is.
pub fn patterns_anywhere(project: &Project) -> BTreeSet<String> {
    let parts = project.components().into_iter();
    let parts = parts.filter(|part| part.name().is_some());
    let file = |part: Project| {
        let path = &part.config.changelog;
        quoted(path.rsplit('/').next().unwrap_or(path))
    };
    parts.map(file).collect()
}

/// The patterns that have attributes of ours, each with its line: the changelogs, and the list of releases, to which two branches may
/// add a line each.
pub fn attribute_lines(project: &Project) -> Vec<(String, String)> {
    let parts = project.components().into_iter();
    let mut lines: Vec<(String, String)> = parts
        .map(|part| (pattern(&part.config.changelog), attributes(&part.config)))
        .collect();
    let list = &project.config.manifest;
    if !list.is_empty() {
        lines.push((pattern(list), format!("{} merge=union", pattern(list))));
    }
    lines
}

fn attributes(config: &Config) -> String {
    let filter = match config.storage {
        Storage::View => " filter=relwatch",
        Storage::Tracked => "",
    };
    format!("{}{filter} merge=relwatch", pattern(&config.changelog))
}

/// Puts our line into an attributes file in place of an older one of ours, or takes it out. Says whether it wrote.
pub fn set_attributes(path: &Path, pattern: &str, line: Option<&str>) -> Result<bool> {
    let bytes = files::read(path)?;
    let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let is_ours = |l: &str| {
        let rest = l.trim().strip_prefix(pattern);
        let mut words = rest.unwrap_or("").split_whitespace().peekable();
        words.peek().is_some()
            && words.all(|w| matches!(w, "filter=relwatch" | "merge=relwatch" | "merge=union"))
    };
    let mut line = line;
    let mut new = String::with_capacity(text.len() + 80);
    for old in text.split_inclusive('\n') {
        if !is_ours(old) {
            new.push_str(old);
        } else if let Some(line) = line.take() {
            new.push_str(&format!("{line}{eol}"));
        }
    }
    if let Some(line) = line {
        if !new.is_empty() && !new.ends_with('\n') {
            new.push_str(eol);
        }
        new.push_str(&format!("{line}{eol}"));
    }
    if new == text {
        return Ok(false);
    }
    if new.is_empty() {
        files::remove(path)?;
        return Ok(true);
    }
    files::replace(path, new.as_bytes(), Durable::Yes)
}
