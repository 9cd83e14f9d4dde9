//! Detects changes in directories, by the kernel's notifications.
//!
//! Each directory is watched by itself, without its subdirectories: a repository has tens of thousands of directories, and only a handful
//! matters.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::domain::failure::{Failure, Result};

/// Silence after the last event that ends a burst: an editor writes, renames and removes in quick succession.
const QUIET: Duration = Duration::from_millis(150);

/// Maximum duration of a burst that does not end.
const LONGEST: Duration = Duration::from_secs(2);

/// The events of a burst.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Burst {
    /// The changed paths.
    pub paths: BTreeSet<PathBuf>,
    /// Whether events were lost: anything may have changed.
    pub overflowed: bool,
}

/// The watched directories.
pub struct Watcher {
    inner: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    watched: BTreeSet<PathBuf>,
}

impl Watcher {
    /// A watcher without directories.
    ///
    /// # Errors
    /// Fails if the kernel has no more notification handles.
    pub fn new() -> Result<Watcher> {
        let (sender, events) = channel();
        let inner = notify::recommended_watcher(move |event| {
            // The receiver is gone: the process is ending.
            let _ = sender.send(event);
        })
        .map_err(|error| Failure::failed(format!("files cannot be watched here: {error}")))?;
        Ok(Watcher {
            inner,
            events,
            watched: BTreeSet::new(),
        })
    }

    /// Watches exactly these directories from now on. Returns those that cannot be watched, each with the reason.
    pub fn set(&mut self, folders: &BTreeSet<PathBuf>) -> Vec<(PathBuf, String)> {
        let gone: Vec<PathBuf> = self.watched.difference(folders).cloned().collect();
        for folder in gone {
            self.forget(&folder);
        }
        let mut refused = Vec::new();
        for folder in folders {
            if self.watched.contains(folder) {
                continue;
            }
            match self.inner.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.watched.insert(folder.clone())),
                Err(error) => refused.push((folder.clone(), error.to_string())),
            }
        }
        refused
    }

    /// Number of watched directories.
    pub fn count(&self) -> usize {
        self.watched.len()
    }

    fn forget(&mut self, folder: &Path) {
        // The kernel stops watching a removed directory by itself.
        let _ = self.inner.unwatch(folder);
        self.watched.remove(folder);
    }

    /// Waits for a burst of events to end. `None` if nothing happened for `at_most`. Without a limit it sleeps until something happens.
    pub fn wait(&mut self, at_most: Option<Duration>) -> Option<Burst> {
        let mut burst = Burst::default();
        // When the burst is over: soon after its last event, or at its maximum duration.
        let mut ends: Option<(Instant, Instant)> = None;
        loop {
            if ends.is_some_and(|(quiet, longest)| quiet.min(longest) <= now()) {
                return Some(burst);
            }
            let next = match (ends, at_most) {
                (None, None) => self
                    .events
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
                (None, Some(limit)) => self.events.recv_timeout(limit),
                (Some((quiet, longest)), _) => {
                    let left = quiet.min(longest).saturating_duration_since(now());
                    self.events.recv_timeout(left)
                }
            };
            match next {
                Ok(event) => {
                    if self.take(event, &mut burst) {
                        let longest = ends.map_or_else(|| now() + LONGEST, |(_, longest)| longest);
                        ends = Some((now() + QUIET, longest));
                    }
                }
                Err(_) if ends.is_some() => return Some(burst),
                Err(_) => return None,
            }
        }
    }

    /// Records an event. Returns whether it is relevant.
    fn take(&mut self, event: notify::Result<Event>, burst: &mut Burst) -> bool {
        let Ok(event) = event else {
            burst.overflowed = true;
            return true;
        };
        if event.need_rescan() {
            burst.overflowed = true;
            return true;
        }
        if matches!(event.kind, EventKind::Access(_)) {
            return false; // reading changes nothing
        }
        for path in event.paths {
            let is_gone = matches!(
                event.kind,
                EventKind::Remove(_) | EventKind::Modify(notify::event::ModifyKind::Name(_))
            );
            if is_gone && self.watched.contains(&path) {
                self.forget(&path);
            }
            burst.paths.insert(path);
        }
        true
    }
}

#[expect(clippy::disallowed_methods, reason = "a monotonic clock for bursts")]
fn now() -> Instant {
    Instant::now()
}
