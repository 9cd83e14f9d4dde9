//! What is written into a repository: hook scripts, snippets for hook managers, service units.

pub mod hook_manager;
pub mod hook_script;
pub mod unit;
