//! What git calls on every commit, checkout and status: no argument parser, no report.

use std::ffi::OsString;
use std::io::Read;

use crate::commands::hook::Objection;
use crate::domain::failure::{Exit, Failure};
use crate::section::filter;
use crate::section::merge_driver;
use crate::sys::env;
use crate::{commands, ui};

const SUCCESS: u8 = 0;

/// Answers git; `None` if a person asks.
pub fn main(arguments: &[OsString]) -> Option<u8> {
    let word = |at: usize| arguments.get(at).and_then(|word| word.to_str());
    match (word(1), word(2), word(3)) {
        (Some("hook"), Some(name), _) => {
            let rest = arguments[3..]
                .iter()
                .map(|w| w.to_string_lossy().into_owned());
            let rest: Vec<String> = rest.collect();
            let mut input = String::new();
            if matches!(name, "post-rewrite" | "pre-push") {
                // Bytes that are not text are not git's; the hook does without.
                let _ = std::io::stdin().lock().read_to_string(&mut input);
            }
            if matches!(name, "commit-msg" | "pre-push") {
                return Some(guard(name, &rest, &input));
            }
            let said = env::current_dir().map(|dir| commands::hook::run(&dir, name, &rest, &input));
            match said {
                Ok(None) => {}
                Ok(Some(words)) => ui::fail(&Failure::failed(words)),
                Err(failure) => ui::fail(&failure),
            }
            Some(SUCCESS)
        }
        (Some("filter"), Some("clean"), Some(path)) => Some(filter(path)),
        (Some("merge-driver"), ..) => Some(merge_driver(&arguments[2..])),
        _ => None,
    }
}

/// 1 only if a check that is set to reject finds something.
fn guard(name: &str, arguments: &[String], input: &str) -> u8 {
    let said = env::current_dir().map(|dir| commands::hook::guard(&dir, name, arguments, input));
    match said {
        Ok(None) => SUCCESS,
        Ok(Some(Objection::Warning(words))) => {
            ui::fail(&Failure::failed(words));
            SUCCESS
        }
        Ok(Some(Objection::Rejection(words))) => {
            ui::fail(&Failure::failed(words));
            Exit::Failed as u8
        }
        Err(failure) => {
            ui::fail(&failure);
            SUCCESS
        }
    }
}

/// `merge-driver %O %A %B %L %P` (gitattributes(5)): 0 is merged, 1 is merged with conflicts.
fn merge_driver(arguments: &[OsString]) -> u8 {
    let words: Vec<&str> = arguments.iter().filter_map(|w| w.to_str()).collect();
    let [base, ours, theirs, size, _] = words.as_slice() else {
        ui::fail(&Failure::new(
            Exit::Usage,
            "git calls this as `relwatch merge-driver %O %A %B %L %P`",
        ));
        return Exit::Usage as u8;
    };
    let files = merge_driver::Files { base, ours, theirs };
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

fn filter(path: &str) -> u8 {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    let done = read.and_then(|_| match env::current_dir() {
        Ok(dir) => ui::raw(&filter::clean(&dir, path, bytes)),
        Err(Failure { .. }) => ui::raw(&bytes),
    });
    // On failure git keeps the bytes it has (the filter is not `required`).
    match done {
        Ok(()) => SUCCESS,
        Err(error) => {
            ui::fail(&Failure::failed(format!("filter clean {path}: {error}")));
            Exit::Failed as u8
        }
    }
}
