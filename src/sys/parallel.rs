//! Processes many values with as many threads as there are processors.

use std::num::NonZero;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle, Scope, ScopedJoinHandle};

/// Number of values that justify a thread, or a message to one.
const WORTH: usize = 128;

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Applies `of` to each value. The results are in the same order.
pub fn map<T: Sync, R: Send>(values: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let work = |values: &[T]| -> Vec<R> { values.iter().map(&of).collect() };
    if values.len() < 2 * WORTH {
        return work(values);
    }
    let share = values.len().div_ceil(processors()).max(WORTH);
    let (own, others) = values.split_at(share);
    thread::scope(|scope| {
        let others: Vec<_> = others
            .chunks(share)
            .map(|values| started_in(scope, || work(values)).map_err(|_| values))
            .collect();
        let mut all = work(own);
        for other in others {
            all.extend(match other {
                Ok(thread) => result_of(thread.join()),
                Err(values) => work(values),
            });
        }
        all
    })
}

/// Both results. The second one is computed in another thread if this number of values justifies it.
pub fn both<A, B: Send>(
    values: usize,
    here: impl FnOnce() -> A,
    there: impl FnOnce() -> B + Send,
) -> (A, B) {
    if values < WORTH {
        return (here(), there());
    }
    // If a thread does not start, its closure is not returned.
    let work = Mutex::new(Some(there));
    let take = || {
        let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
        work.take()
    };
    thread::scope(|scope| {
        let there = started_in(scope, || take().map(|there| there()));
        let here = here();
        let there = there.map_or_else(|_| None, |thread| result_of(thread.join()));
        match there {
            Some(there) => (here, there),
            None => (here, of_no_thread(take())),
        }
    })
}

fn of_no_thread<B>(work: Option<impl FnOnce() -> B>) -> B {
    match work {
        Some(work) => work(),
        None => unreachable!("a thread that has taken the work has done it, or has panicked"),
    }
}

/// Starts a thread. If a system limit prevents it, the caller does the work itself.
fn started_in<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> std::io::Result<ScopedJoinHandle<'scope, T>> {
    thread::Builder::new().spawn_scoped(scope, work)
}

/// A value that another thread computes meanwhile.
pub struct Task<T>(JoinHandle<T>);

impl<T: Send + 'static> Task<T> {
    /// Starts the computation. `None` if the system cannot start a thread.
    pub fn start(make: impl FnOnce() -> T + Send + 'static) -> Option<Task<T>> {
        thread::Builder::new().spawn(make).ok().map(Task)
    }

    /// Waits for the result.
    pub fn result(self) -> T {
        result_of(self.0.join())
    }
}

/// The result of a thread. If the thread panicked, the panic continues in ours.
fn result_of<T>(joined: thread::Result<T>) -> T {
    joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

type Batches<T> = Arc<Mutex<Receiver<Vec<T>>>>;

/// Creates a thread's worker function, with data that cannot be shared.
type Work<T, R> = Arc<dyn Fn() -> Box<dyn FnMut(T) -> R> + Send + Sync>;

/// The channels of batches, and the threads that process them.
struct Started<T, R> {
    sender: Sender<Vec<T>>,
    batches: Batches<T>,
    threads: Vec<JoinHandle<Vec<R>>>,
}

/// Threads that process values while more values are being found. No thread is started for a few values.
pub struct Workers<T, R> {
    work: Work<T, R>,
    batch: Vec<T>,
    started: Option<Started<T, R>>,
}

impl<T: Send + 'static, R: Send + 'static> Workers<T, R> {
    pub fn new<W: FnMut(T) -> R + 'static>(
        work: impl Fn() -> W + Send + Sync + 'static,
    ) -> Workers<T, R> {
        Workers {
            work: Arc::new(move || Box::new(work())),
            batch: Vec::new(),
            started: None,
        }
    }

    /// Adds a value.
    pub fn give(&mut self, value: T) {
        self.batch.push(value);
        if self.batch.len() < WORTH {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let started = self.started.get_or_insert_with(|| start(&self.work));
        if let Err(refused) = started.sender.send(batch) {
            self.batch = refused.0; // every thread has panicked; `finish` tells
        }
    }

    /// The results of all values, in no order.
    pub fn finish(self) -> Vec<R> {
        let mut work = (self.work)();
        let mut all: Vec<R> = self.batch.into_iter().map(&mut work).collect();
        let Some(started) = self.started else {
            return all;
        };
        drop(started.sender); // the last batch is the last
        drain(&started.batches, work, &mut all);
        for thread in started.threads {
            all.extend(result_of(thread.join()));
        }
        all
    }
}

/// Processes batches until there are no more and all senders are gone.
fn drain<T, R>(batches: &Batches<T>, mut work: impl FnMut(T) -> R, done: &mut Vec<R>) {
    loop {
        let next = batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        match next {
            Ok(batch) => done.extend(batch.into_iter().map(&mut work)),
            Err(_) => return,
        }
    }
}

fn start<T: Send + 'static, R: Send + 'static>(work: &Work<T, R>) -> Started<T, R> {
    let (sender, receiver) = mpsc::channel();
    let batches: Batches<T> = Arc::new(Mutex::new(receiver));
    // One processor is reserved for the thread that finds the values.
    let threads = 1..processors().max(2);
    // If no thread starts, `finish` does all the work.
    let threads = threads.filter_map(|_| {
        let (batches, work) = (Arc::clone(&batches), Arc::clone(work));
        let thread = thread::Builder::new().spawn(move || {
            let mut done = Vec::new();
            drain(&batches, work(), &mut done);
            done
        });
        thread.ok()
    });
    Started {
        sender,
        threads: threads.collect(),
        batches,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_stays() {
        for count in [0, 1, 255, 256, 257, 1000] {
            let values: Vec<usize> = (0..count).collect();
            assert!(
                map(&values, |v| v * 2)
                    .into_iter()
                    .eq(values.iter().map(|v| v * 2))
            );
        }
    }

    #[test]
    fn workers_lose_nothing() {
        for count in [0, 1, 127, 128, 129, 5000] {
            let mut workers = Workers::new(|| |value: usize| value * 2);
            (0..count).for_each(|value| workers.give(value));
            let mut all = workers.finish();
            all.sort_unstable();
            assert!(all.into_iter().eq((0..count).map(|value| value * 2)));
        }
    }
}
