//! Texts of releases: bodies of release pages, announcements, the whole history.

pub mod announce;
pub mod command;
mod draft;
pub mod polish;
mod release_body;
pub mod request;
mod source;
mod whole_history;
