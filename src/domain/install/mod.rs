//! Files and entries that relwatch writes into a repository: hook scripts, entries for hook managers, service units.

pub mod conventions;
pub mod git_commands;
pub mod hook_manager;
pub mod hook_script;
mod lefthook;
mod simple_git_hooks;
pub mod unit;
