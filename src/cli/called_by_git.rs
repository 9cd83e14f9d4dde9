//! What git calls on every commit, checkout and status: no argument parser, no report.

use std::ffi::OsString;

use crate::commands::{filter, hook, merge_driver};

/// Answers git with an exit code; `None` if the user asks.
pub fn main(arguments: &[OsString]) -> Option<u8> {
    let word = |at: usize| arguments.get(at).and_then(|word| word.to_str());
    match (word(1), word(2), word(3)) {
        (Some("hook"), Some(name), _) => Some(hook::run(name, &arguments[3..])),
        (Some("filter"), Some("clean"), Some(path)) => Some(filter::run(path)),
        (Some("merge-driver"), ..) => Some(merge_driver::run(&arguments[2..])),
        _ => None,
    }
}
