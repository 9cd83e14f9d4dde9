//! Cutting a release: decide (request, remote, next version, version files, preconditions, plan), carry out (ask, then execute each step
//! of the plan), and the ways back (undo, withdraw). The list of steps that dry run prints is the list that runs.

pub mod archiving;
pub mod carry_out;
pub mod commit_hooks;
pub mod edit;
pub mod execute;
pub mod gates;
pub mod lock;
pub mod lost_release;
pub mod merge_back;
pub mod next_version;
pub mod offer;
pub mod onward;
pub mod pending;
pub mod plan;
pub mod plan_text;
pub mod preconditions;
pub mod proposal;
pub mod publish;
pub mod publish_steps;
pub mod push;
pub mod release_spec;
pub mod remote;
pub mod request;
pub mod saved_plan;
pub mod still_true;
pub mod support_block;
pub mod tag_merged;
pub mod undo;
pub mod version_files;
pub mod withdraw;
