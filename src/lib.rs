//! relwatch keeps the `## [Unreleased]` section of a changelog up to date, and cuts releases from it.
//!
//! The map, from the highest room to the lowest. Each room uses only the rooms below it; `tests/house.rs` holds that.
//!
//! * [`cli`]: dispatch, help, completions.
//! * [`commands`]: one file a command.
//! * [`watch`]: the watcher, and the service that starts it.
//! * [`install`]: attributes, filter, merge driver and hooks in a repository.
//! * [`release`]: the plan of a release, and everything that carries it out, undoes it or publishes it.
//! * [`notes`]: bodies of release pages, announcements, the whole history.
//! * [`section`]: what Unreleased contains, and how it gets into files and out of them.
//! * [`history`]: commits, specs, tags, and the range since the previous release.
//! * [`transition`]: moving references and files as one.
//! * [`project`]: an opened repository and its configuration.
//! * [`ui`]: what people and scripts see; the one place that prints.
//! * [`config`] is `relwatch.yml`.
//! * [`sys`]: the only floor that touches the world.
//! * [`domain`]: pure; values in, values out.

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
