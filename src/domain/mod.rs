//! Pure functions: values in, values out. No file, clock, environment or process access, and no output.

pub mod changelog;
pub mod commit;
pub mod entry;
pub mod failure;
pub mod forge;
pub mod forge_facts;
pub mod install;
mod json;
pub mod order;
pub mod path_parts;
pub mod pattern;
pub mod ref_name;
pub mod release;
pub mod report;
pub mod spec;
pub mod text;
pub mod time_limit;
pub mod version;
pub mod yaml;
