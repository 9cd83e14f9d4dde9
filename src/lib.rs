//! relwatch.
pub mod config;
pub mod domain;
pub mod sys;
