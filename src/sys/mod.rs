//! The only layer with side effects: git, files, locks, processes, the clock, the environment, the log. It makes no decisions.

mod binding;
pub mod cache;
pub mod clock;
pub mod deadline;
pub mod env;
pub mod files;
pub mod git;
pub mod git_command;
pub mod layout;
pub mod lock;
pub mod log;
pub mod mounts;
pub mod parallel;
pub mod process;
mod process_group;
pub mod registry;
pub mod rewrites;
pub mod shell;
pub mod signals;
pub mod state;
pub mod watcher;
