//! Making a release: decide (request, remote, next version, version files, preconditions, plan), carry out (ask, then run each step of the
//! plan), and revert (undo, withdraw). The dry run prints the list of steps that a release runs.

mod archive_command;
pub mod archiving;
pub mod carry_out;
mod commit_hooks;
mod edit;
pub mod elsewhere;
mod execute;
mod gates;
pub mod kinds;
pub mod lock;
pub mod lost_release;
pub mod merge_back;
mod merge_release;
pub mod next_version;
mod offer;
mod onward;
pub mod pending;
pub mod plan;
mod plan_text;
pub mod port;
pub mod preconditions;
pub mod proposal;
pub mod publish;
mod publish_steps;
mod push;
pub mod records;
mod released_in;
pub mod remote;
pub mod request;
mod saved_plan;
mod still_true;
pub mod support_block;
mod tag_merged;
pub mod undo;
pub mod version_files;
pub mod withdraw;
