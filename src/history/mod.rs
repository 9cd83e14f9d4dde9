//! Commits, specs, tags, and the range since the previous release.

pub mod between;
pub mod commits;
mod file_specs;
pub mod forge_facts;
mod fragments;
mod moved;
pub mod previous;
pub mod queue;
pub mod range;
pub mod revisions;
mod selected_specs;
pub mod snapshot;
pub mod spec_files;
pub mod tagged;
pub mod unread_tags;
