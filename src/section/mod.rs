//! The content of Unreleased, and how it gets into files and out of them.

mod coming;
pub mod compute;
pub mod contents;
mod extend;
pub mod filter;
pub mod follow;
pub mod gather;
mod judge;
pub mod labelled;
pub mod listed;
pub mod merge_driver;
pub mod passed_on;
pub mod placed;
pub mod refresh;
pub mod retire;
pub mod stored;
pub mod subject;
pub mod tracked;
pub mod unnamed;
pub mod working_file;
pub mod write;
