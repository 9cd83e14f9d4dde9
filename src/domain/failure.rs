//! What goes wrong, in words for people, with the exit code that scripts see.

use std::fmt;

use crate::domain::text::words;

/// The exit codes of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Failed, and put back as it was.
    Failed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// A precondition of a release is not met.
    Precondition = 3,
    /// A command of the user's that a release depends on failed.
    Gate = 4,
    /// The plan went stale: something moved in between.
    Stale = 5,
    /// Nothing to release.
    Nothing = 6,
    /// An unfinished release is pending.
    Pending = 7,
    /// Pushed, but not published as it should be.
    Unpublished = 8,
    /// Declined or interrupted.
    Declined = 130,
}

/// An error: what it is about, why, and the next move. Lower case, no full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
}

impl Failure {
    /// An error with its exit code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            message: message.into(),
        }
    }

    /// Everything that is not met, one a line below `what`.
    pub fn unmet(what: &str, list: &[String]) -> Failure {
        let list: Vec<String> = list.iter().map(|one| format!("  - {one}")).collect();
        Failure::new(Exit::Precondition, format!("{what}:\n{}", list.join("\n")))
    }

    /// An error of the ordinary kind, exit code 1.
    pub fn failed(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Failed, message)
    }
}

/// Characters of a line that stands between those of git.
const BRIEF: usize = 100;

impl Failure {
    /// In one short line: what it is about and the next move. `whole` says all of it, if that is more.
    pub fn brief(&self, whole: &str) -> String {
        let message = self.message.trim_end();
        if message.chars().count() <= BRIEF && !message.contains('\n') {
            return message.to_owned();
        }
        let line = message.lines().next().unwrap_or_default();
        let end = line.find([',', ';']).unwrap_or(line.len());
        let what = words::shortened(&line[..end], BRIEF);
        let mend = line[end..].rsplit_once("; ").map(|(_, mend)| mend);
        let mend = mend.filter(|mend| mend.chars().count() <= BRIEF);
        let mend = mend.map(|mend| format!("; {mend}")).unwrap_or_default();
        format!("{what}{mend} ({whole} says all)")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Failure>;
