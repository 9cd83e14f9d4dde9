//! `relwatch.yml`.

mod component_settings;
mod components;
mod file;
mod odd;
pub mod release;
mod settings;
mod version_files;

pub use components::{Align, Component};
pub use file::FILE;
pub use settings::{ANNOTATED, Check, Checks, Config, Issues, ReleaseSpec, Storage, Web};
pub use version_files::{Docs, VersionFile, VersionFiles};
