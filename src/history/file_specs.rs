//! The specs of one file, as they are read and as the cache keeps them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::domain::failure::Failure;
use crate::domain::spec::format::SpecFormat;
use crate::domain::spec::source::Source;
use crate::domain::spec::{Spec, records};
use crate::domain::text::words;
use crate::domain::yaml::YamlError;
use crate::sys::cache::Cache;
use crate::sys::files::{self, Unread};
use crate::sys::git::{Blob, ObjectFormat};
use crate::sys::parallel;

/// The most that is read of a file that is one spec.
const BYTES: u64 = 1024 * 1024;

/// The most that is read of a file with many of them.
const RECORDS_BYTES: u64 = 64 * 1024 * 1024;

/// What a file has.
#[derive(Debug, Default)]
pub struct FileSpecs {
    pub specs: Vec<Spec>,
    /// Parts that could not be read: file, line and reason.
    pub left_out: Vec<String>,
}

/// A file that was read, or why it was not.
pub type ReadFile = Result<FileSpecs, Unread>;

impl FileSpecs {
    /// Reads a text; `boxes` is that of the file of its boxes.
    pub fn read(source: &Source, path: &str, text: &str, boxes: Option<&str>) -> FileSpecs {
        let found = match source.format {
            _ if !source.has_records() => {
                Spec::read(source, path, text, boxes).map(|spec| spec.map(Ok).into_iter().collect())
            }
            SpecFormat::JsonLines => {
                let lines: Vec<(usize, &str)> = (1..).zip(text.lines()).collect();
                let found = parallel::map(&lines, |(number, line)| {
                    records::of_line(source, path, *number, line)
                });
                Ok(found.into_iter().filter_map(Result::transpose).collect())
            }
            _ => records::read(source, path, text),
        };
        let mut specs = FileSpecs::default();
        let said = |error: YamlError| format!("{path}:{}: {}", error.line, error.message);
        match found {
            Ok(found) => {
                let found: Vec<Result<Spec, YamlError>> = found;
                for one in found {
                    match one {
                        Ok(spec) => specs.specs.push(spec),
                        Err(error) => specs.left_out.push(said(error)),
                    }
                }
            }
            Err(error) => specs.left_out.push(said(error)),
        }
        specs
    }

    /// Reads a file of the working tree, and says what it is called as a blob, if nothing beside it counts.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn of_file(
        (root, format): (&Path, ObjectFormat),
        source: &Source,
        path: &str,
        blob: &mut Option<String>,
    ) -> ReadFile {
        let bound = if source.has_records() {
            RECORDS_BYTES
        } else {
            BYTES
        };
        let Some(text) = text_of(&place(root, source, path), path, bound)? else {
            return Ok(FileSpecs::default()); // removed since the folder was listed
        };
        *blob = source
            .boxes
            .is_none()
            .then(|| Blob::from_bytes(format, text.as_bytes()).to_string());
        let boxes = match source.boxes_path(path) {
            Some(beside) => text_of(&files::at(root, &beside), &beside, BYTES)?,
            None => None,
        };
        Ok(FileSpecs::read(source, path, &text, boxes.as_deref()))
    }

    /// Reads a line of the cache.
    pub fn of_line(line: &str) -> Option<FileSpecs> {
        let specs = serde_json::from_str(line).ok()?;
        Some(FileSpecs {
            specs,
            left_out: Vec::new(),
        })
    }

    /// Its line in the cache; empty if a part could not be read, so that the warning is repeated the next time.
    pub fn line(&self, key: &str) -> String {
        if self.specs.is_empty() || !self.left_out.is_empty() {
            return String::new();
        }
        Cache::line(
            key,
            &[&serde_json::to_string(&self.specs).unwrap_or_default()],
        )
    }
}

/// Where the file of a spec is: a fragment may be a link to another one.
pub fn place(root: &Path, source: &Source, path: &str) -> PathBuf {
    let at = files::at(root, path);
    if !source.is_of_fragments() {
        return at; // nearly every file
    }
    files::behind_link(&at).unwrap_or(at)
}

fn text_of(file: &Path, path: &str, bound: u64) -> Result<Option<String>, Unread> {
    let Some(bytes) = files::read_at_most(file, bound)? else {
        return Ok(None);
    };
    let decoded = words::decoded(bytes).map(Some);
    decoded.map_err(|line| Unread::Refused(Failure::failed(format!("{path}:{line}: not UTF-8"))))
}

/// The ID of a spec, among those that are known; with the name of its tool where a spec of another one has it. `None` for one of the same tool, or
/// of the same file.
pub fn own_id(ids: &mut HashSet<String>, spec: &Spec, known: &[Spec]) -> Option<String> {
    if ids.insert(spec.id.clone()) {
        return Some(spec.id.clone());
    }
    let is_others = |other: &Spec| other.id == spec.id && other.source != spec.source;
    let is_beside = |other: &Spec| other.path == spec.path;
    if known.iter().any(is_beside) || !known.iter().any(is_others) {
        return None;
    }
    let own = of_tool(spec, &spec.id);
    ids.insert(own.clone()).then_some(own)
}

/// Whether a spec goes by an ID with the name of its tool; `there` is what its file says.
pub fn is_renamed(spec: &Spec, there: &Spec) -> bool {
    spec.id == of_tool(spec, &there.id)
}

fn of_tool(spec: &Spec, id: &str) -> String {
    format!("{}-{id}", spec.source)
}
