//! Commits: their names, messages and history.

pub mod bookkeeping;
pub mod check;
mod footer;
pub mod gitmoji;
pub mod graph;
mod header;
pub mod id;
mod inner;
pub mod message;
mod prefix;
mod quoted;
mod reading;
pub mod squash;
pub mod subject;
pub mod title;
pub mod touched;
