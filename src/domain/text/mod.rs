//! Text: made inert for Markdown, safe for a terminal, cut into words.

pub mod advisory;
pub mod comment;
pub mod diff;
pub mod emphasis;
pub mod html;
pub mod inert;
pub mod jinja;
pub mod links;
pub mod markdown;
pub mod terminal;
pub mod words;
