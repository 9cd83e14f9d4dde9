//! A release as data: its plan, steps, checks, notes and manifest.

pub mod check;
pub mod difference;
pub mod kept_words;
pub mod kind;
pub mod manifest;
pub mod page_body;
mod page_events;
pub mod page_links;
pub mod pieces;
pub mod place;
pub mod plan;
pub mod previous;
pub mod release_body;
pub mod release_spec;
pub mod selection;
pub mod step;
pub mod texts;
pub mod title;
