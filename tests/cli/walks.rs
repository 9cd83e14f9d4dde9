//! The examples of docs/contributing/end-to-end-examples.md, each run as printed: files, set-up, and every session with its output.
//!
//! `DOCS=write cargo test --test cli walks::` updates the document; `CHAPTER=title` runs one of them.

#![cfg(unix)]

use crate::support::sessions;

#[test]
fn every_walk_goes_as_documented() {
    sessions::check("docs/contributing/end-to-end-examples.md");
}
