//! A watcher that runs beside the test, and the events that it prints.

use std::cell::Cell;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::Value;

use super::{PATIENCE, Repo, Sandbox, eventually, project, state_of};

/// The clock: a repository whose changes show how far the watcher is. Its path sorts after those of all others.
const CLOCK: &str = "zz-clock";

/// A watcher that ends with the test.
pub struct Watching<'s> {
    sandbox: &'s Sandbox,
    child: Child,
    events: Receiver<Value>,
    ticks: Cell<usize>,
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A repository that is watched, without hooks: the watcher alone keeps it right.
pub fn watched<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = project(sandbox, name);
    repo.sh("rm .git/hooks/*").ok();
    repo.relwatch(&["watch", "add"]).ok();
    repo
}

impl<'s> Watching<'s> {
    /// Starts a watcher in a directory that is not a repository; returns when it watches.
    pub fn start(sandbox: &'s Sandbox) -> Watching<'s> {
        let mut child = sandbox
            .command(env!("CARGO_BIN_EXE_relwatch"))
            .args(["watch", "--json"])
            .current_dir(sandbox.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, events) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let watching = Watching {
            sandbox,
            child,
            events,
            ticks: Cell::new(0),
        };
        watching.event("watching");
        watching
    }

    /// The next event of a kind, but for those of the clock.
    #[track_caller]
    pub fn event(&self, kind: &str) -> Value {
        loop {
            let event = self.next();
            if event["event"] == kind && !is_of_clock(&event) {
                return event;
            }
        }
    }

    /// The events since the last call, without those of the clock.
    ///
    /// The watcher looks at changes in their order. This makes a change in the clock and waits until the watcher reports it. Then it has
    /// looked at everything that changed before.
    #[track_caller]
    pub fn rest(&self) -> Vec<Value> {
        let tick = self.ticks.get() + 1;
        self.ticks.set(tick);
        let clock = match tick {
            1 => watched(self.sandbox, CLOCK),
            _ => self.sandbox.at(CLOCK),
        };
        let line = format!("Tick {tick} (#{tick})");
        let message = format!("feat: tick {tick} (#{tick})");
        clock
            .insistent_git(&["commit", "-q", "--allow-empty", "-m", &message])
            .ok();
        let mut said = Vec::new();
        loop {
            let event = self.next();
            if !is_of_clock(&event) {
                said.push(event);
            } else if event["added"].to_string().contains(&line) {
                return said;
            }
        }
    }

    /// Makes changes while the watcher is stopped, so that it sees all of them at once.
    #[track_caller]
    pub fn asleep(&self, act: impl FnOnce()) {
        let pid = self.child.id().to_string();
        let signal = |name: &str| self.sandbox.at("").sh(&format!("kill -{name} {pid}")).ok();
        signal("STOP");
        eventually(|| match state_of(&pid) {
            Some('T') => Ok(()),
            state => Err(format!("the watcher does not stop: {state:?}")),
        });
        act();
        signal("CONT");
    }

    #[track_caller]
    fn next(&self) -> Value {
        let next = self.events.recv_timeout(PATIENCE);
        next.unwrap_or_else(|_| panic!("the watcher prints no more events"))
    }
}

fn is_of_clock(event: &Value) -> bool {
    let repository = event["repository"].as_str();
    repository.is_some_and(|path| Path::new(path).ends_with(CLOCK))
}
