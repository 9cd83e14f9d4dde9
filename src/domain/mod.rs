//! Pure: values in, values out. No file, no clock, no environment, no process, nothing printed.

pub mod cargo;
pub mod category;
pub mod changelog;
pub mod commit_check;
pub mod component;
pub mod entry;
pub mod failure;
pub mod footer;
pub mod forge;
pub mod hook_manager;
pub mod hook_script;
pub mod kind;
pub mod message;
pub mod pattern;
pub mod plan;
pub mod range;
pub mod reference;
pub mod release_spec;
pub mod spec;
pub mod squash;
pub mod text;
pub mod unit;
pub mod version;
pub mod yaml;
