//! Files that contain the version: reading it, and changing it without changing any other byte.
//!
//! Parsers find the position of a value; the text around it is never rewritten.

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

/// A file that contains its version in a place that its format defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Cargo.toml.
    Cargo,
    /// package.json.
    Npm,
    /// pyproject.toml.
    Pyproject,
    /// Python module with `__version__ = "…"`.
    Module,
    /// Lock file of Cargo, npm, Bun, pnpm, Bundler or uv: its contents follow from other files.
    Lock,
    /// File in the table of known files.
    Known(&'static KnownFile),
}

impl FileFormat {
    /// Format for a file name; `None` for a file that needs a pattern.
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
