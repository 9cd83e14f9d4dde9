//! What Unreleased contains, and how it gets into files and out of them.

pub mod compute;
pub mod contents;
pub mod filter;
pub mod follow;
pub mod gather;
pub mod merge_driver;
pub mod refresh;
pub mod retire;
pub mod tracked;
pub mod write;
