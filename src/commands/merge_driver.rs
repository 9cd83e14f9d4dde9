//! `relwatch merge-driver %O %A %B %L %P`: what git calls where both sides changed a changelog (gitattributes(5)).

use std::ffi::OsString;

use crate::domain::failure::{Exit, Failure};
use crate::section::merge_driver::{self, DriverFiles};
use crate::sys::env;
use crate::ui;

/// Merges into the file of ours; returns the exit code: 0 is merged, 1 is merged with conflicts.
pub fn run(arguments: &[OsString]) -> u8 {
    let words: Vec<&str> = arguments.iter().filter_map(|w| w.to_str()).collect();
    let [base, ours, theirs, size, _] = words.as_slice() else {
        ui::fail(&Failure::new(
            Exit::Usage,
            "git calls this as `relwatch merge-driver %O %A %B %L %P`",
        ));
        return Exit::Usage as u8;
    };
    let files = DriverFiles { base, ours, theirs };
    let merged = env::current_dir()
        .and_then(|dir| merge_driver::run(&dir, &files, size.parse().unwrap_or(7)));
    match merged {
        Ok(conflicts) => u8::from(conflicts),
        Err(failure) => {
            ui::fail(&failure);
            Exit::Failed as u8 // git leaves our side in place and calls it a conflict
        }
    }
}
