//! Errors: what goes wrong, in words for users, with the exit code that scripts see.

use std::fmt;

use crate::domain::text::words;

/// Exit codes of every command, beside 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The command failed; everything it changed is restored.
    Failed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// A precondition of a release is not met.
    Precondition = 3,
    /// A user's command that a release depends on failed.
    Gate = 4,
    /// The plan is stale: something moved in the meantime.
    Stale = 5,
    /// Nothing to release.
    Nothing = 6,
    /// An unfinished release is pending.
    Pending = 7,
    /// The release is pushed, but not published as it should be.
    Unpublished = 8,
    /// Declined or interrupted.
    Declined = 130,
}

/// Meaning of exit code 0.
pub const SUCCESS: &str = "done";

impl Exit {
    /// All exit codes, in order: the one list that help, README.md and docs/reference/exit-codes.md show.
    pub const ALL: [Exit; 9] = [
        Exit::Failed,
        Exit::Usage,
        Exit::Precondition,
        Exit::Gate,
        Exit::Stale,
        Exit::Nothing,
        Exit::Pending,
        Exit::Unpublished,
        Exit::Declined,
    ];

    /// Meaning of the code, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Failed => "failed and rolled back, or a check found something",
            Exit::Usage => "wrong usage or configuration",
            Exit::Precondition => "a condition of a release is not met",
            Exit::Gate => "a gate, a hook or `polish` failed",
            Exit::Stale => "something changed in between",
            Exit::Nothing => "nothing to release",
            Exit::Pending => "an unfinished release is pending, or another one is running",
            Exit::Unpublished => "pushed, but not fully published",
            Exit::Declined => "declined or interrupted",
        }
    }
}

/// An error. Lower case, no full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub exit: Exit,
    /// What is wrong, and where.
    pub what: String,
    /// What to run or to do about it.
    pub remedy: Option<String>,
}

impl Failure {
    /// An error with its exit code.
    pub fn new(exit: Exit, what: impl Into<String>) -> Failure {
        Failure {
            exit,
            what: what.into(),
            remedy: None,
        }
    }

    /// An ordinary error, exit code 1.
    pub fn failed(what: impl Into<String>) -> Failure {
        Failure::new(Exit::Failed, what)
    }

    /// A precondition that is not met, exit code 3.
    pub fn precondition(what: impl Into<String>) -> Failure {
        Failure::new(Exit::Precondition, what)
    }

    /// The same error with what to run or to do about it.
    #[must_use]
    pub fn with_remedy(self, remedy: impl Into<String>) -> Failure {
        Failure {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// The same error with another exit code.
    #[must_use]
    pub fn with_exit(self, exit: Exit) -> Failure {
        Failure { exit, ..self }
    }

    /// The same error with words before what is wrong.
    #[must_use]
    pub fn within(self, before: &str) -> Failure {
        Failure {
            what: format!("{before}{}", self.what),
            ..self
        }
    }

    /// An error that lists everything that is not met, one per line below `what`.
    pub fn unmet(what: &str, list: &[String]) -> Failure {
        let list: Vec<String> = list.iter().map(|one| format!("  - {one}")).collect();
        Failure::new(Exit::Precondition, format!("{what}:\n{}", list.join("\n")))
    }

    /// The error in one short line: what is wrong and the remedy. `whole` is the command that prints all of it, if there is more.
    pub fn brief(&self, whole: &str) -> String {
        let all = self.to_string();
        let all = all.trim_end();
        if all.chars().count() <= BRIEF && !all.contains('\n') {
            return all.to_owned();
        }
        let line = self.what.lines().next().unwrap_or_default();
        let end = line.find([',', ';']).unwrap_or(line.len());
        let what = words::shortened(&line[..end], BRIEF);
        let remedy = self.remedy.as_deref().unwrap_or_default();
        let remedy = remedy.lines().next().unwrap_or_default();
        let is_short = !remedy.is_empty() && remedy.chars().count() <= BRIEF;
        let remedy = if is_short {
            format!("; {remedy}")
        } else {
            String::new()
        };
        format!("{what}{remedy} ({whole} says all)")
    }
}

/// Maximum characters of a line that is printed between lines of git.
const BRIEF: usize = 100;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// Result of everything that can fail.
pub type Result<T> = std::result::Result<T, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_prints_what_is_wrong_and_the_remedy() {
        let failure = Failure::new(
            Exit::Usage,
            "relwatch.yml:2: unknown field `a`, expected `b`",
        );
        assert_eq!(failure.to_string(), failure.what);
        let failure = failure.with_remedy("did you mean `b`?");
        assert_eq!(
            failure.to_string(),
            "relwatch.yml:2: unknown field `a`, expected `b`; did you mean `b`?"
        );
        let within = failure.clone().within("nothing was changed: ");
        assert!(within.what.starts_with("nothing was changed: relwatch.yml"));
        assert_eq!(
            (within.exit, within.remedy),
            (failure.exit, failure.remedy.clone())
        );
        assert_eq!(failure.brief("`x`"), failure.to_string());
        let long = Failure::new(Exit::Usage, format!("a, {}", "b".repeat(100)));
        assert_eq!(long.brief("`x`"), "a (`x` says all)");
        assert_eq!(long.with_remedy("c").brief("`x`"), "a; c (`x` says all)");
    }
}
