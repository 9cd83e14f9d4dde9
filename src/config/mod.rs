//! `relwatch.yml`.

pub mod checks;
mod component_settings;
mod components;
mod file;
mod forge_facts;
mod odd;
pub mod release;
mod settings;
mod storage;
mod version_files;
mod web;

pub use checks::{CheckLevel, HookChecks};
pub use components::{Align, ComponentSettings};
pub use file::FILE;
pub use forge_facts::ForgeSettings;
pub use odd::foreign_markup;
pub use settings::{ANNOTATED, Config, Issues, ReleaseSpec};
pub use storage::Storage;
pub use version_files::{Docs, VersionFile, VersionFiles};
pub use web::Web;
