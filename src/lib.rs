//! relwatch keeps the `## [Unreleased]` section of a changelog right and cuts releases from it.
//!
//! The map, from the pure to the worldly:
//!
//! * [`domain`] - values in, values out. Commits, specs, entries, versions, the changelog document.
//! * [`config`] - `relwatch.yml`.
//! * [`sys`] - the only floor that touches the world.
//! * [`app`] - one file a command; orders `domain` and `sys`.
//! * [`ui`] - what people and scripts see.
//! * [`cli`] - arguments and dispatch.
//!
//! Direction: cli → app → {domain, sys, config, ui}; config, ui and sys → domain. `tests/house.rs` holds it.

#![forbid(unsafe_code)]

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod sys;
pub mod ui;
