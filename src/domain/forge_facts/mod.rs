//! What a forge knows of pull requests and accounts, and what that changes of entries. Only commands that a person starts ask for it, so
//! the view never depends on it.

pub mod facts;
pub mod labelled;
pub mod labels;
pub mod provider;
