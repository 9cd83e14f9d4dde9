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
    /// Cargo.lock, npm's or uv's: what it says follows from other files.
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
            "Cargo.lock" | "package-lock.json" | "npm-shrinkwrap.json" | "uv.lock" => {
                FileFormat::Lock
            }
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
