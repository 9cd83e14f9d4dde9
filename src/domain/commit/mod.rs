//! Commits: their names, messages and history.

pub mod check;
mod footer;
pub mod id;
pub mod message;
pub mod range;
pub mod squash;
pub mod subject;
pub mod touched;
