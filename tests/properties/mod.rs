//! What must hold whatever the bytes are: a property takes bytes and panics where its law is broken.
//!
//! Fuzzing (`fuzz/`, see `docs/contributing/fuzzing.md`) and `tests/laws/fuzz.rs` run the very same functions, so that they cannot drift.

#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a law that is broken panics; each binary uses some of the laws"
)]

mod files;
pub mod markdown;
mod messages;
mod releases;
pub mod sections;

/// A law over bytes.
pub type Property = fn(&[u8]);

/// Every property by the name of its fuzz target and of its directory of cases.
pub const ALL: &[(&str, Property)] = &[
    ("changelog", sections::changelog),
    ("headings", sections::headings),
    ("merge", sections::merge),
    ("text", messages::text),
    ("message", messages::message),
    ("spec", releases::spec),
    ("config", releases::config),
    ("manifest", releases::manifest),
    ("versions", releases::versions),
    ("remote", releases::remote),
    ("index", files::index),
    ("store", files::store),
];

/// The byte that parts the fields of an input: ASCII's own for that, so that all others may stand in a field.
pub const BETWEEN: u8 = 0x1e;

/// Runs a property by its name.
pub fn check(name: &str, bytes: &[u8]) {
    let (_, property) = ALL.iter().find(|(known, _)| *known == name).unwrap();
    property(bytes);
}

/// The fields of an input; those that are not there are empty.
fn fields<const N: usize>(bytes: &[u8]) -> [&[u8]; N] {
    let mut parts = bytes.splitn(N, |byte| *byte == BETWEEN);
    [(); N].map(|()| parts.next().unwrap_or_default())
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
