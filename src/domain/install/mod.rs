//! What is written into a repository: hook scripts, snippets for hook managers, service units.

pub mod git_commands;
pub mod hook_manager;
pub mod hook_script;
pub mod unit;
