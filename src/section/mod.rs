//! What Unreleased contains, and how it gets into files and out of them.

pub mod compute;
pub mod contents;
pub mod extend;
pub mod filter;
pub mod follow;
pub mod gather;
pub mod merge_driver;
pub mod passed_on;
pub mod refresh;
pub mod retire;
pub mod subject;
pub mod tracked;
pub mod working_file;
pub mod write;
