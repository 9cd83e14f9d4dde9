//! What takes long: every git operation, failing disks, kills, races, many processes at once, and what commands cost.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and the figures are printed"
)]

#[path = "../../benches/history/mod.rs"]
mod history;
#[path = "../support/mod.rs"]
mod support;

mod concurrency;
mod costs;
mod editor;
mod faults;
mod kills;
mod matrix;
mod progress;
mod races;
mod soak;
