//! Tests of commands: what a user types, and what the user sees then. A module for each command or topic.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says what it could not try"
)]
#![cfg_attr(
    unix,
    expect(clippy::print_stderr, reason = "a test says what it could not try")
)]

#[path = "../support/mod.rs"]
mod support;

mod archive_command;
mod archiving;
mod bad_input;
mod book;
mod changed;
mod checks;
mod ci;
mod clients;
mod commits;
mod completing;
mod component_releases;
mod component_views;
mod components;
mod conversions;
mod curation;
mod deadline;
mod dialects;
mod doctor;
mod edit;
mod edits;
mod explain;
#[cfg(unix)]
mod forge_facts;
mod formats;
mod formatters;
mod freeze;
mod getting;
mod headings;
mod help;
mod hooks;
mod hostile;
mod hostile_repositories;
mod identity;
mod index;
mod judges;
mod kinds;
mod lines;
mod lint;
mod looks;
mod main_job;
mod managers;
mod manifests;
mod merge;
mod merge_back;
mod merge_conflicts;
mod messages;
mod metrics;
mod mishaps;
mod next_version;
mod notes;
mod notes_page;
mod options;
mod other_copies;
mod others;
mod own_commits;
mod own_words;
mod packages;
mod partial_clones;
mod plan;
mod port;
mod prepared;
mod preview;
mod publish;
mod recipes;
mod record_files;
mod release;
mod release_specs;
mod releasing;
mod same_names;
mod schema;
mod screens;
mod selection;
mod service;
mod set_ups;
mod sources;
mod stale;
mod status;
mod supply_chain;
mod support_matrix;
mod teams;
mod templates;
mod test_files;
mod texts;
mod threads;
mod tracked;
mod unseen;
mod upgrade;
mod version_files;
mod version_fixtures;
mod version_formats;
mod version_places;
mod version_relatives;
mod vim;
mod walks;
mod watched_tools;
mod watcher;
mod whole_history;
mod written_notes;
