//! Our lines in `.gitattributes` and `info/attributes`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::Storage;
use crate::domain::failure::Result;
use crate::project::{Project, view};
use crate::sys::files::{self, Durable, staging};

/// The pattern of .gitattributes; anchored, so that changelogs of subfolders are left alone (gitattributes(5)).
fn pattern(name: &str) -> String {
    quoted(&format!("/{name}"))
}

/// A path as a pattern for itself: `[slug]` is a name, not a class of characters.
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

/// The patterns that hold for the changelogs of components in whichever folder: when a component moves, git adds its changelog
/// at the new place before anybody has run `init` again. The filter leaves every other file as it is.
fn patterns_anywhere(parts: &[Project]) -> BTreeSet<String> {
    let parts = parts.iter().filter(|part| part.name().is_some());
    let file = |part: &Project| {
        let path = &part.config.changelog;
        quoted(path.rsplit('/').next().unwrap_or(path))
    };
    parts.map(file).collect()
}

/// A pattern, and the line that it gets; without one it loses what it has of ours.
type PatternLine = (String, Option<String>);

/// What goes into `.gitattributes`: the changelogs get filter and merge driver, the release manifest, to which two branches may add a
/// line each, git's union merge.
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

/// What goes into `info/attributes`, which wins over all others: the merge driver, which this clone alone has. The filter must not be
/// there: it would win over the filter of another tool.
///
/// # Errors
/// If attributes cannot be read.
pub fn local_lines(project: &Project) -> Result<Vec<PatternLine>> {
    let parts = project.components();
    let mut lines: Vec<PatternLine> = Vec::new();
    for part in &parts {
        let name = &part.config.changelog;
        // Merged by meaning is only what is text in blobs.
        let is_ours = view::other_filter(&project.repo, name)?.is_none();
        let line = is_ours.then(|| format!("{} merge=relwatch", pattern(name)));
        lines.push((pattern(name), line));
    }
    // Older versions had more there.
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

/// Which of our lines a text of attributes lacks.
pub fn missing_lines(text: &[u8], lines: Vec<PatternLine>) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let known: BTreeSet<&str> = text.lines().map(str::trim).collect();
    let wanted = lines.into_iter().filter_map(|(_, line)| line);
    wanted
        .filter(|line| !known.contains(line.as_str()))
        .collect()
}

/// Puts our lines at the top of an attributes file, in place of what it has of ours for these patterns; a pattern without a line loses
/// it. At the top every other line of the file wins over them (gitattributes(5)), so that the filter of another tool does, whenever it
/// comes. What others wrote stays to the byte. Says which lines are new; `None` if nothing was written.
///
/// # Errors
/// If the file is no plain file, or cannot be written.
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

/// Takes our lines out of `info/exclude`: those that name temporary files of ours. Says whether there were any.
///
/// # Errors
/// If the file cannot be written.
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

/// What may stand at the beginning of a text in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Whether a line gives a pattern nothing but what relwatch gives.
fn is_ours(line: &str, pattern: &str) -> bool {
    let rest = line.trim().strip_prefix(pattern).unwrap_or_default();
    let mut words = rest.split_whitespace().peekable();
    rest.starts_with(char::is_whitespace)
        && words.peek().is_some()
        && words.all(|w| matches!(w, "filter=relwatch" | "merge=relwatch" | "merge=union"))
}
