//! What is wrong with a configuration that could be read.

use crate::domain::failure::{Exit, Failure};

/// A value that is none, and the words in whose line it is.
#[derive(Debug)]
pub struct Odd {
    /// A key or a value.
    pub at: String,
    pub why: Failure,
}

impl Odd {
    /// What is wrong.
    pub fn new(at: &str, what: impl Into<String>) -> Odd {
        Odd {
            at: at.to_owned(),
            why: Failure::new(Exit::Usage, what),
        }
    }

    /// The same, with what to write instead.
    pub fn with_remedy(self, remedy: impl Into<String>) -> Odd {
        Odd {
            why: self.why.with_remedy(remedy),
            ..self
        }
    }

    /// The same, with the key that the value belongs to.
    pub fn within(self, before: &str) -> Odd {
        Odd {
            why: self.why.within(before),
            ..self
        }
    }
}
