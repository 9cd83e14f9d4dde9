//! Files that hold the version: what they say, and the same with another version and no other byte changed.
//!
//! Parsers tell where a value stands; the text around it is never printed anew.

pub mod cargo;
mod code;
pub mod edit;
pub mod gem_lock;
pub mod known;
pub mod manifest;
pub mod npm;
pub mod npm_range;
mod past;
pub mod paths;
pub mod pattern;
pub mod pom;
pub mod python;
mod requirement;

use crate::domain::version::file::known::KnownFile;

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
    /// Of Cargo, npm, Bun, pnpm, Bundler or uv: what it says follows from other files.
    Lock,
    /// One of the table.
    Known(&'static KnownFile),
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
            | "pnpm-lock.yaml"
            | "Gemfile.lock" => FileFormat::Lock,
            name if python::MODULES.contains(&name) => FileFormat::Module,
            _ => FileFormat::Known(KnownFile::of_path(path)?),
        })
    }
}
