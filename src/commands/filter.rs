//! `relwatch filter clean PATH`: what git calls for every changelog that it stores.

use std::io::{self, Read};

use crate::domain::failure::{Exit, Failure};
use crate::section::{filter, passed_on};
use crate::sys::env;
use crate::ui;

/// Cleans what git says on standard input; returns the exit code.
pub fn run(path: &str) -> u8 {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    let done = read.and_then(|_| match env::current_dir() {
        Ok(dir) => {
            let cleaned = filter::clean(&dir, path, bytes);
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
