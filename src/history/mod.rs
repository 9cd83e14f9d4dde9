//! Commits, specs, tags, and the range since the previous release.

pub mod basis;
pub mod commits;
pub mod queue;
pub mod range;
pub mod spec_files;
pub mod tagged;
