//! `relwatch filter clean PATH`: what git calls for every changelog that it stores.

use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use crate::domain::failure::{Exit, Failure};
use crate::project::git_waits;
use crate::section::{filter, passed_on, unnamed};
use crate::sys::deadline::Watchdog;
use crate::sys::git::{Repo, ownership};
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
            ui::raw(&cleaned(&dir, path, bytes)?)
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

/// The bytes that git is to store. The settings of a repository that git does not trust are not read: the record alone answers there.
fn cleaned(start: &Path, path: &str, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let Ok(repo) = Repo::open(start).map(Rc::new) else {
        return Ok(match ownership::git_dir(start) {
            Some(git_dir) => filter::by_record(&git_dir, path, bytes),
            None => bytes,
        });
    };
    let cleaned = in_time(&repo, path, bytes);
    passed_on::passed_on(&repo, path, cleaned)
}

/// Past its time the filter answers by what was recorded alone.
fn in_time(repo: &Rc<Repo>, path: &str, bytes: Vec<u8>) -> Vec<u8> {
    let limit = git_waits::limit(repo);
    let deadline = git_waits::from_now(limit);
    let (git_dir, name, given) = (repo.git_dir().to_owned(), path.to_owned(), bytes.clone());
    let watchdog = Watchdog::start(limit, move || {
        let written = ui::raw(&filter::by_record(&git_dir, &name, given));
        process::leave(written.map_or(Exit::Failed as u8, |()| 0))
    });
    let cleaned = filter::clean(Rc::clone(repo), deadline, path, bytes);
    watchdog.dismiss();
    cleaned
}
