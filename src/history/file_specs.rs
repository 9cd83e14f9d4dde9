//! The specs of one file, as read from the file and as stored in the cache.

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

/// Maximum size in bytes of a file that is one spec.
const BYTES: u64 = 1024 * 1024;

/// Maximum size in bytes of a file with many specs.
const RECORDS_BYTES: u64 = 64 * 1024 * 1024;

/// The specs of one file.
#[derive(Debug, Default)]
pub struct FileSpecs {
    pub specs: Vec<Spec>,
    /// Parts that could not be read: file, line and reason.
    pub left_out: Vec<String>,
}

/// A file that was read, or the reason why it was not.
pub type ReadFile = Result<FileSpecs, Unread>;

impl FileSpecs {
    /// Reads a text. `boxes` is the text of the file that contains its checklist items.
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

    /// Reads a file of the working tree. Also returns the name of its blob, if no other file matters.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
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

    /// Reads a cache line.
    pub fn of_line(line: &str) -> Option<FileSpecs> {
        let specs = serde_json::from_str(line).ok()?;
        Some(FileSpecs {
            specs,
            left_out: Vec::new(),
        })
    }

    /// The line for the cache. Empty if a part could not be read, so that the warning is repeated next time.
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

/// The path of the file of a spec. A fragment may be a symlink to another one.
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

/// The ID of a spec, unique among the known ones. If a spec of another tool has the same ID, the name of its own tool is added. `None` if a
/// spec of the same tool or of the same file has it.
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

/// Whether the ID of a spec includes the name of its tool. `there` is the spec as its file has it.
pub fn is_renamed(spec: &Spec, there: &Spec) -> bool {
    spec.id == of_tool(spec, &there.id)
}

fn of_tool(spec: &Spec, id: &str) -> String {
    format!("{}-{id}", spec.source)
}
