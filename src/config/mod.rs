//! `relwatch.yml`.

mod checks;
mod component_settings;
mod components;
mod file;
mod odd;
pub mod release;
mod settings;
mod version_files;

pub use checks::{CheckLevel, HookChecks};
pub use components::{Align, ComponentSettings};
pub use file::FILE;
pub use settings::{ANNOTATED, Config, Issues, ReleaseSpec, Storage, Web};
pub use version_files::{Docs, VersionFile, VersionFiles};
