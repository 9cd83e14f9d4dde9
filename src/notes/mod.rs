//! Texts of releases: bodies of release pages, announcements, the whole history.

pub mod announce;
pub mod command;
mod draft;
mod page;
pub mod polish;
pub mod project_template;
mod release_body;
pub mod request;
pub mod section_template;
mod source;
pub mod template_values;
mod whole_history;
