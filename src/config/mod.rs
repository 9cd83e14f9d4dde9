//! `relwatch.yml`, or the table of a manifest in its place.

pub mod checks;
mod component_settings;
mod components;
mod file;
mod forge_facts;
mod manifest;
mod odd;
mod plain_words;
mod reading;
pub mod release;
#[cfg(test)]
mod schema;
mod settings;
mod storage;
mod version_files;
mod web;
mod written;

pub use checks::{CheckLevel, HookChecks};
pub use components::{Align, ComponentSettings};
pub use file::FILE;
pub use forge_facts::ForgeSettings;
pub use odd::foreign_markup;
pub use settings::{ANNOTATED, Config, Issues, ReleaseSpec};
pub use storage::Storage;
pub use version_files::{Docs, VersionFile, VersionFiles};
pub use web::Web;
pub use written::{ConfigPlace, WrittenConfig};
