//! The walks of docs/contributing/end-to-end-examples.md, each run as it stands there: files, set-up, and every session with what it prints.
//!
//! `DOCS=write cargo test --test cli walks::` writes what differs into the document; `CHAPTER=title` runs one of them.

#![cfg(unix)]

use crate::support::sessions;

#[test]
fn every_walk_goes_as_documented() {
    sessions::check("docs/contributing/end-to-end-examples.md");
}
