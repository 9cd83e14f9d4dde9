//! Files that hold the version: what they say, and the same with another version and no other byte changed.
//!
//! Parsers tell where a value stands; the text around it is never printed anew.

pub mod cargo;
pub mod npm;
pub mod pattern;
pub mod python;
pub mod requirement;

use std::ops::Range;

use crate::domain::order;

/// A file that names its version in a place that its format defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Cargo.toml.
    Cargo,
    /// package.json.
    Npm,
    /// pyproject.toml.
    Pyproject,
    /// A Python module with `__version__ = "…"`.
    Module,
    /// Cargo.lock, npm's or uv's: what it says follows from other files.
    Lock,
}

impl Format {
    /// By the name of the file; `None` for one that needs a pattern.
    pub fn of_path(path: &str) -> Option<Format> {
        let name = path.rsplit('/').next().unwrap_or(path);
        Some(match name {
            "Cargo.toml" => Format::Cargo,
            "package.json" => Format::Npm,
            "pyproject.toml" => Format::Pyproject,
            "Cargo.lock" | "package-lock.json" | "npm-shrinkwrap.json" | "uv.lock" => Format::Lock,
            name if python::MODULES.contains(&name) => Format::Module,
            _ => return None,
        })
    }
}

/// A text with another version in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bumped {
    pub text: String,
    /// Requirements that do not admit the new version and are nobody's to guess: name and requirement.
    pub odd: Vec<(String, String)>,
}

/// Other words for a range of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    at: Range<usize>,
    text: String,
}

impl Edit {
    /// For what stands between the quotes of a literal.
    fn quoted(literal: Range<usize>, text: String) -> Edit {
        Edit {
            at: literal.start + 1..literal.end - 1,
            text,
        }
    }
}

/// The text with all edits; they do not overlap.
fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    order::by_key(&mut edits, |edit| edit.at.start);
    let mut out = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for edit in edits {
        out.push_str(&text[done..edit.at.start]);
        out.push_str(&edit.text);
        done = edit.at.end;
    }
    out.push_str(&text[done..]);
    out
}

/// A path from the folder of a file, as one from the root; `None` if it leads out of the repository.
pub fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
