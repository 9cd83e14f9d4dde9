//! Commits: their names, messages and history.

pub mod check;
mod footer;
pub mod graph;
pub mod id;
pub mod message;
pub mod squash;
pub mod subject;
pub mod touched;
