//! relwatch keeps the `## [Unreleased]` section of a changelog up to date, and cuts releases from it.
//!
//! The layers, from top to bottom. Each layer uses only those below it; `tests/house.rs` enforces that.
//!
//! * [`cli`]: dispatch, help, completions.
//! * [`commands`]: one file per command.
//! * [`watch`]: the watcher, and the service that starts it.
//! * [`install`]: attributes, filter, merge driver and hooks in a repository.
//! * [`release`]: plans, carries out, undoes and publishes releases.
//! * [`notes`]: release page bodies, announcements, the whole history.
//! * [`section`]: the content of Unreleased, and how it gets into files and out of them.
//! * [`history`]: commits, specs, tags, and the range since the previous release.
//! * [`transition`]: atomic updates of references and files.
//! * [`project`]: an opened repository and its configuration.
//! * [`ui`]: output for users and scripts. Only this module prints.
//! * [`config`] is `relwatch.yml`.
//! * [`sys`]: the only layer with side effects.
//! * [`domain`]: pure functions and values.

#![deny(unsafe_code)]

pub mod cli;
mod commands;
pub mod config;
pub mod domain;
pub mod history;
mod install;
mod notes;
pub mod project;
mod release;
pub mod section;
pub mod sys;
mod transition;
pub mod ui;
mod watch;
