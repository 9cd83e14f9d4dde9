//! `relwatch filter clean PATH`: what git calls for every changelog that it stores.

use std::io::{self, Read};
use std::path::Path;

use crate::domain::failure::{Exit, Failure};
use crate::project::git_waits;
use crate::section::{filter, passed_on, unnamed};
use crate::sys::deadline::Watchdog;
use crate::sys::{env, process};
use crate::ui;

/// Cleans what git says on standard input; returns the exit code.
pub fn run(path: &str) -> u8 {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    let done = read.and_then(|_| match env::current_dir() {
        Ok(dir) => {
            let named = (path == unnamed::PLACEHOLDER)
                .then(|| unnamed::changelog_of(&dir, &bytes))
                .flatten();
            let path = named.as_deref().unwrap_or(path);
            let cleaned = in_time(&dir, path, bytes);
            ui::raw(&passed_on::passed_on(&dir, path, cleaned)?)
        }
        Err(Failure { .. }) => ui::raw(&bytes),
    });
    // On failure git keeps the bytes it has (the filter is not `required`).
    match done {
        Ok(()) => 0,
        Err(error) => {
            ui::fail(&Failure::failed(format!("filter clean {path}: {error}")));
            Exit::Failed as u8
        }
    }
}

/// Past its time the filter answers by what was recorded alone.
fn in_time(start: &Path, path: &str, bytes: Vec<u8>) -> Vec<u8> {
    let mut watchdog = None;
    let (folder, name, given) = (start.to_owned(), path.to_owned(), bytes.clone());
    let cleaned = filter::clean(start, path, bytes, |repo| {
        let limit = git_waits::limit(repo);
        watchdog = Some(Watchdog::start(limit, move || {
            let written = ui::raw(&filter::by_record(&folder, &name, given));
            process::leave(written.map_or(Exit::Failed as u8, |()| 0))
        }));
        git_waits::from_now(limit)
    });
    if let Some(watchdog) = watchdog {
        watchdog.dismiss();
    }
    cleaned
}
