//! Everything that `init` adds to a repository, and its removal.

pub mod attributes;
pub mod condition;
pub mod configuration;
mod conventions;
pub mod filters;
pub mod hooks;
