//! relwatch's lines in `.gitattributes` and `info/attributes`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::Storage;
use crate::domain::failure::Result;
use crate::project::{Project, view};
use crate::sys::files::{self, Durable, staging};

/// A pattern of .gitattributes; anchored, so that changelogs in subdirectories are not matched (gitattributes(5)).
fn pattern(name: &str) -> String {
    quoted(&format!("/{name}"))
}

/// A path as a pattern that matches only itself: `[slug]` is a name, not a character class.
fn quoted(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for c in path.chars() {
        if matches!(c, '[' | ']' | '*' | '?' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    if pattern.contains([' ', '\t', '"']) {
        let escaped = pattern.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    } else {
        pattern
    }
}

/// Patterns for the changelogs of components in any directory. When a component moves, git adds its changelog at the new path before `init`
/// runs again. The filter does not change any other file.
fn patterns_anywhere(parts: &[Project]) -> BTreeSet<String> {
    let parts = parts.iter().filter(|part| part.name().is_some());
    let file = |part: &Project| {
        let path = &part.config.changelog;
        quoted(path.rsplit('/').next().unwrap_or(path))
    };
    parts.map(file).collect()
}

/// A pattern and its line; without a line, relwatch's attributes for it are removed.
type PatternLine = (String, Option<String>);

/// Lines of `.gitattributes`: the changelogs get filter and merge driver. The release manifest gets git's union merge, because two branches
/// may each add a line.
pub fn shared_lines(project: &Project) -> Vec<PatternLine> {
    let parts = project.components();
    let is_view = project.config.storage == Storage::View;
    let mut lines: Vec<PatternLine> = Vec::new();
    let mut add = |pattern: String, words: &[&str]| {
        let line = (!words.is_empty()).then(|| format!("{pattern} {}", words.join(" ")));
        lines.push((pattern, line));
    };
    for part in &parts {
        let words: &[&str] = if is_view {
            &["filter=relwatch", "merge=relwatch"]
        } else {
            &["merge=relwatch"]
        };
        add(pattern(&part.config.changelog), words);
    }
    for anywhere in patterns_anywhere(&parts) {
        add(anywhere, if is_view { &["filter=relwatch"] } else { &[] });
    }
    let list = &project.config.manifest;
    if !list.is_empty() {
        add(pattern(list), &["merge=union"]);
    }
    lines
}

/// Lines of `info/attributes`, which takes precedence over all other files: the merge driver, which only this clone has. The filter must
/// not be there, because it would replace the filter of another tool.
///
/// # Errors
/// Fails if attributes cannot be read.
pub fn local_lines(project: &Project) -> Result<Vec<PatternLine>> {
    let parts = project.components();
    let mut lines: Vec<PatternLine> = Vec::new();
    for part in &parts {
        let name = &part.config.changelog;
        // Only files that are text in their blobs are merged by meaning.
        let is_ours = view::other_filter(&project.repo, name)?.is_none();
        let line = is_ours.then(|| format!("{} merge=relwatch", pattern(name)));
        lines.push((pattern(name), line));
    }
    // Older versions wrote more lines there.
    let anywhere = patterns_anywhere(&parts);
    let list = (!project.config.manifest.is_empty()).then(|| pattern(&project.config.manifest));
    lines.extend(
        anywhere
            .into_iter()
            .chain(list)
            .map(|pattern| (pattern, None)),
    );
    Ok(lines)
}

/// The lines that a text of attributes lacks.
pub fn missing_lines(text: &[u8], lines: Vec<PatternLine>) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let known: BTreeSet<&str> = text.lines().map(str::trim).collect();
    let wanted = lines.into_iter().filter_map(|(_, line)| line);
    wanted
        .filter(|line| !known.contains(line.as_str()))
        .collect()
}

/// Puts relwatch's lines at the top of an attributes file, replacing its earlier ones for these patterns; a pattern without a line loses
/// them. At the top, every other line of the file takes precedence (gitattributes(5)), so another tool's filter does too, whenever it is
/// added. Lines of others keep every byte. Returns the new lines; `None` if nothing was written.
///
/// # Errors
/// Fails if the file is not a regular file, or cannot be written.
pub fn set_attributes(path: &Path, lines: &[PatternLine]) -> Result<Option<Vec<String>>> {
    let bytes = files::read(path)?;
    let old = bytes.as_deref().unwrap_or_default();
    let (mark, old) = old.split_at(if old.starts_with(BOM) { BOM.len() } else { 0 });
    let eol = if old.windows(2).any(|two| two == b"\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let (ours, others): (Vec<&[u8]>, Vec<&[u8]>) = old
        .split_inclusive(|byte| *byte == b'\n')
        .partition(|line| {
            let line = String::from_utf8_lossy(line);
            lines.iter().any(|(pattern, _)| is_ours(&line, pattern))
        });
    let is_known = |line: &String| {
        let mut ours = ours.iter();
        ours.any(|known| String::from_utf8_lossy(known).trim() == line)
    };
    let wanted: Vec<&String> = lines.iter().filter_map(|(_, line)| line.as_ref()).collect();
    let mut new = mark.to_vec();
    for line in &wanted {
        new.extend([line.as_bytes(), eol.as_bytes()].concat());
    }
    new.extend(others.concat());
    if new == bytes.as_deref().unwrap_or_default() {
        return Ok(None);
    }
    if new.is_empty() {
        files::remove(path)?;
    } else {
        files::replace(path, &new, Durable::Yes)?;
    }
    let new_lines = wanted.into_iter().filter(|line| !is_known(line));
    Ok(Some(new_lines.cloned().collect()))
}

/// Removes relwatch's lines for its temporary files from `info/exclude`. Returns whether there were any.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn remove_exclusions(project: &Project) -> Result<bool> {
    let path = project.repo.common_dir().join("info").join("exclude");
    let bytes = files::read(&path)?.unwrap_or_default();
    let is_ours = |line: &&[u8]| String::from_utf8_lossy(line).contains(staging::TEMPORARY);
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let kept: Vec<u8> = lines
        .filter(|line| !is_ours(line))
        .flatten()
        .copied()
        .collect();
    if kept.is_empty() && !bytes.is_empty() {
        files::remove(&path)?;
        return Ok(true);
    }
    Ok(kept != bytes && files::replace(&path, &kept, Durable::Yes)?)
}

/// Byte order mark at the start of some UTF-8 texts.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Whether a line gives a pattern only attributes that relwatch sets.
fn is_ours(line: &str, pattern: &str) -> bool {
    let rest = line.trim().strip_prefix(pattern).unwrap_or_default();
    let mut words = rest.split_whitespace().peekable();
    rest.starts_with(char::is_whitespace)
        && words.peek().is_some()
        && words.all(|w| matches!(w, "filter=relwatch" | "merge=relwatch" | "merge=union"))
}
