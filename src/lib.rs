//! relwatch.
pub mod domain;
