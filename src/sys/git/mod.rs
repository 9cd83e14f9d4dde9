//! The repository, through libgit2. Operations that libgit2 lacks (reference transactions, checkout with filters) use the `git` command.

mod answer;
pub mod attributes;
mod build;
mod commits;
mod index;
mod index_entries;
mod object_name;
pub mod ownership;
pub mod people;
mod promised;
mod ref_store;
mod references;
mod release_tree;
mod remote;
mod repo;
mod settings;
mod trees;
mod work_tree;

pub use git2::ObjectFormat;

pub use build::{MergeOutcome, Signatures, TreeEdit};
pub use commits::CommitObject;
pub use index::{IndexEntry, Indexed, Stat};
pub use index_entries::Staging;
pub use object_name::Blob;
pub use ref_store::REF_TABLES;
pub use references::{
    RELEASE_BASE, RefChange, ReleaseTag, ReleaseTags, SPEC_HELD, TagNames, Tagging, Which,
};
pub use release_tree::ReleaseTree;
pub use remote::{Pushed, RemoteRefs};
pub use repo::{Head, Repo};
