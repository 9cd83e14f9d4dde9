//! One file a command: what it asks of the rooms below, and the report that it makes of their answers.

pub mod archive;
pub mod branch;
pub mod check;
pub mod doctor;
pub mod explain;
pub mod hook;
pub mod init;
pub mod metrics;
pub mod prepare;
pub mod publish;
pub mod releases;
pub mod skip;
pub mod specs;
pub mod status;
pub mod support;
pub mod update;
pub mod version;
