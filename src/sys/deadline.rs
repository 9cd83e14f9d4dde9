//! The time that a hook or filter may take at most. Long work checks in between whether time is left, and stops in an orderly way: finished
//! parts are kept for the next run. Work that cannot check, such as code in a library, is ended by a [`Watchdog`].

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::time_limit::TimeLimit;

/// The time limit of hooks and filter if git's configuration (`relwatch.deadline`) does not set one.
pub const USUAL: TimeLimit = TimeLimit::milliseconds(2000);

/// The fraction of the time after which no new work is started. The rest is for finishing.
const ORDERLY: (u32, u32) = (3, 4);

/// Returns how much time has passed.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The time at which work must end. Copies refer to the same moment.
#[derive(Clone, Default)]
pub struct Deadline(Option<Limit>);

#[derive(Clone)]
struct Limit {
    total: TimeLimit,
    clock: Clock,
}

impl Deadline {
    /// A deadline that never ends, for commands that the user waits for.
    pub fn never() -> Deadline {
        Deadline::default()
    }

    /// A deadline of `total` after `clock` shows zero.
    pub fn new(total: TimeLimit, clock: Clock) -> Deadline {
        Deadline(Some(Limit { total, clock }))
    }

    /// The same deadline or an earlier one: the limit can only be lowered. Work without a deadline still has none.
    #[must_use]
    pub fn lowered(self, to: Option<TimeLimit>) -> Deadline {
        Deadline(self.0.map(|limit| Limit {
            total: to.map_or(limit.total, |to| to.min(limit.total)),
            ..limit
        }))
    }

    /// # Errors
    /// Fails if no time is left to start anything.
    pub fn check(&self) -> Result<()> {
        match &self.0 {
            Some(limit) if (limit.clock)() >= limit.orderly() => Err(late(limit.total)),
            _ => Ok(()),
        }
    }

    /// The error for exceeding the deadline. `None` without a deadline.
    pub fn over(&self) -> Option<Failure> {
        self.0.as_ref().map(|limit| late(limit.total))
    }

    /// The time in which new work may be started. `None` without a deadline.
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

/// The error for work that was not completed.
pub fn late(total: TimeLimit) -> Failure {
    let what = format!("the Unreleased section is not up to date: a hook has {total}");
    Failure::new(Exit::Pending, what).with_remedy("run `relwatch update`")
}

/// The error for a check that was not completed.
pub fn unchecked(hook: &str, total: TimeLimit) -> Failure {
    let what = format!("{hook} did not finish its checks: a hook has {total}");
    Failure::new(Exit::Pending, what).with_remedy("run `relwatch check`")
}

/// Gives an answer for the process when the time is over, and ends the process.
pub struct Watchdog(Arc<AtomicBool>);

impl Watchdog {
    /// Calls `answer`, which ends the process, after `total`, unless [`Watchdog::dismiss`] is called first. If the system has no thread for
    /// it, nothing is watched.
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

    /// Must be called before the real answer: no other answer is given from then on. If one is being given, the process ends here.
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
