//! Files that hold the version: what they say, and the same with another version and no other byte changed.
//!
//! Parsers tell where a value stands; the text around it is never printed anew.

pub mod cargo;
mod edit;
pub mod manifest;
pub mod npm;
pub mod npm_range;
mod past;
pub mod pattern;
pub mod python;
mod requirement;

/// Folders of vendored code, and of projects that only show or test this one.
const FOREIGN: &[&str] = &[
    "node_modules",
    "vendor",
    "_vendor",
    "vendored",
    "_vendored",
    "third_party",
    "third-party",
    "thirdparty",
    "extern",
    "external",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "test",
    "tests",
    "testdata",
    "fixture",
    "fixtures",
];

/// A file that names its version in a place that its format defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Cargo.toml.
    Cargo,
    /// package.json.
    Npm,
    /// pyproject.toml.
    Pyproject,
    /// A Python module with `__version__ = "…"`.
    Module,
    /// Of Cargo, npm, Bun, pnpm or uv: what it says follows from other files.
    Lock,
}

impl FileFormat {
    /// By the name of the file; `None` for one that needs a pattern.
    pub fn of_path(path: &str) -> Option<FileFormat> {
        let name = path.rsplit('/').next().unwrap_or(path);
        Some(match name {
            "Cargo.toml" => FileFormat::Cargo,
            "package.json" => FileFormat::Npm,
            "pyproject.toml" => FileFormat::Pyproject,
            "Cargo.lock"
            | "uv.lock"
            | "package-lock.json"
            | "npm-shrinkwrap.json"
            | "bun.lock"
            | "pnpm-lock.yaml" => FileFormat::Lock,
            name if python::MODULES.contains(&name) => FileFormat::Module,
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

/// Whether a path goes through a folder of other people's files, or of examples and tests: nothing there is found by itself.
pub fn is_foreign(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    folders.any(|folder| FOREIGN.contains(&folder))
}

/// A folder as a path from another one, with `..` for one above.
pub fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    up.chain(to[shared..].iter().cloned())
        .collect::<Vec<_>>()
        .join("/")
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
