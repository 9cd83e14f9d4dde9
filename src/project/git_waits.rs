//! The time limit of hooks and filter: `relwatch.deadline` in git's configuration, 2 s by default.

use std::sync::Arc;

use crate::domain::time_limit::TimeLimit;
use crate::sys::clock;
use crate::sys::deadline::{self, Deadline};
use crate::sys::git::Repo;

const KEY: &str = "relwatch.deadline";

/// The time limit, as configured by the user.
pub fn limit(repo: &Repo) -> TimeLimit {
    let Some(words) = repo.config(KEY) else {
        return deadline::USUAL;
    };
    TimeLimit::read(&words).unwrap_or_else(|| {
        tracing::warn!("{KEY} is `{words}`, which is no time such as 2, 0.5 or 500ms");
        deadline::USUAL
    })
}

/// The deadline for work that starts now.
pub fn from_now(limit: TimeLimit) -> Deadline {
    let stopwatch = clock::stopwatch();
    Deadline::new(limit, Arc::new(move || stopwatch.passed()))
}
