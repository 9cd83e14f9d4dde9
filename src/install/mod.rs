//! What `init` puts into a repository, and takes out again.

pub mod attributes;
pub mod condition;
pub mod configuration;
mod conventions;
pub mod filters;
pub mod hooks;
