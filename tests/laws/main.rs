//! Properties: what must hold for any changelog, any merge, any input and any history.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a broken law panics, and the histories print their figures"
)]

#[path = "../properties/mod.rs"]
mod properties;
#[path = "../support/mod.rs"]
mod support;

mod changelogs;
mod fuzz;
mod histories;
mod merge;
mod replay;
mod view;
