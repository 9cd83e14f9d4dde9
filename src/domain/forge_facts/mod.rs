//! Pull requests and accounts as a forge reports them, and their effect on entries. Only commands that a user starts query the forge, so
//! the view never depends on it.

pub mod facts;
pub mod labelled;
pub mod labels;
pub mod provider;
