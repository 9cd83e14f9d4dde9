//! How long git waits for us at most. What takes long asks in between whether there is time left, and stops in good order: what is done
//! is kept for the next time. What cannot ask, inside of a library for example, is ended by a [`Watchdog`].

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::time_limit::TimeLimit;

/// The time of hooks and filter where git's configuration (`relwatch.deadline`) says nothing.
pub const USUAL: TimeLimit = TimeLimit::milliseconds(2000);

/// The part of the time after which nothing new is begun: the rest is for ending.
const ORDERLY: (u32, u32) = (3, 4);

/// Says how much time has passed.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// When work must end. Copies of it are about the same moment.
#[derive(Clone, Default)]
pub struct Deadline(Option<Limit>);

#[derive(Clone)]
struct Limit {
    total: TimeLimit,
    clock: Clock,
}

impl Deadline {
    /// For what people wait for themselves.
    pub fn never() -> Deadline {
        Deadline::default()
    }

    /// So long after `clock` says zero.
    pub fn new(total: TimeLimit, clock: Clock) -> Deadline {
        Deadline(Some(Limit { total, clock }))
    }

    /// The same, or an earlier one: who may only lower it. Work without a deadline has none after this either.
    #[must_use]
    pub fn lowered(self, to: Option<TimeLimit>) -> Deadline {
        Deadline(self.0.map(|limit| Limit {
            total: to.map_or(limit.total, |to| to.min(limit.total)),
            ..limit
        }))
    }

    /// # Errors
    /// That there is no time left to begin anything.
    pub fn check(&self) -> Result<()> {
        match &self.0 {
            Some(limit) if (limit.clock)() >= limit.orderly() => Err(late(limit.total)),
            _ => Ok(()),
        }
    }

    /// What is said when the time is over; `None` without a deadline.
    pub fn over(&self) -> Option<Failure> {
        self.0.as_ref().map(|limit| late(limit.total))
    }

    /// The time in which something may still be begun; `None` without a deadline.
    pub fn left(&self) -> Option<Duration> {
        let limit = self.0.as_ref()?;
        Some(limit.orderly().saturating_sub((limit.clock)()))
    }
}

impl Limit {
    fn orderly(&self) -> Duration {
        as_duration(self.total) * ORDERLY.0 / ORDERLY.1
    }
}

fn as_duration(limit: TimeLimit) -> Duration {
    Duration::from_millis(limit.as_milliseconds())
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.as_ref().map(|limit| limit.total);
        f.debug_tuple("Deadline").field(&total).finish()
    }
}

/// What is said of work that did not come to its end.
pub fn late(total: TimeLimit) -> Failure {
    let what = format!("the Unreleased section is not up to date: a hook has {total}");
    Failure::new(Exit::Pending, what).with_remedy("run `relwatch update`")
}

/// What is said of a check that did not come to its end.
pub fn unchecked(hook: &str, total: TimeLimit) -> Failure {
    let what = format!("{hook} did not finish its checks: a hook has {total}");
    Failure::new(Exit::Pending, what).with_remedy("run `relwatch check`")
}

/// Answers in our place when the time is over, and ends the process.
pub struct Watchdog(Arc<AtomicBool>);

impl Watchdog {
    /// Has `answer` given after `total`, unless [`Watchdog::dismiss`] comes first; `answer` ends the process. Where the system has no
    /// thread for it, nothing is watched.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that waits for the time to be over"
    )]
    pub fn start(total: TimeLimit, answer: impl FnOnce() + Send + 'static) -> Watchdog {
        let answered = Arc::new(AtomicBool::new(false));
        let taken = Arc::clone(&answered);
        let wait = move || {
            thread::sleep(as_duration(total));
            if !taken.swap(true, Ordering::SeqCst) {
                answer();
            }
        };
        if let Err(error) = thread::Builder::new().spawn(wait) {
            tracing::warn!("nothing watches the time: {error}");
        }
        Watchdog(answered)
    }

    /// Before the real answer: from now on nobody else gives one. If it is being given, the process ends here.
    pub fn dismiss(&self) {
        if self.0.swap(true, Ordering::SeqCst) {
            loop {
                thread::park();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn nothing_is_begun_in_the_last_quarter() {
        let now = Arc::new(AtomicU64::new(0));
        let hand = Arc::clone(&now);
        let clock: Clock = Arc::new(move || Duration::from_millis(hand.load(Ordering::SeqCst)));
        let deadline = Deadline::new(USUAL, clock);
        let lower = deadline.clone().lowered(Some(TimeLimit::milliseconds(400)));
        let higher = deadline
            .clone()
            .lowered(Some(TimeLimit::milliseconds(9000)));
        for (at, ended) in [
            (0, [false; 3]),
            (299, [false; 3]),
            (300, [false, true, false]),
            (1499, [false, true, false]),
            (1500, [true; 3]),
        ] {
            now.store(at, Ordering::SeqCst);
            let all = [&deadline, &lower, &higher].map(|one| one.check().is_err());
            assert_eq!(all, ended, "{at}");
        }
        assert_eq!(deadline.left(), Some(Duration::ZERO));
        assert!(Deadline::never().lowered(Some(USUAL)).check().is_ok());
        assert_eq!(
            deadline.check().unwrap_err().to_string(),
            "the Unreleased section is not up to date: a hook has 2 s; run `relwatch update`"
        );
    }
}
