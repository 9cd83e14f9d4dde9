//! `relwatch merge-driver %O %A %B %L %P %S %X %Y`: what git calls where both sides changed a changelog (gitattributes(5)).

use std::ffi::OsString;

use crate::domain::failure::{Exit, Failure};
use crate::section::merge_driver::{self, DriverCall};
use crate::sys::env;
use crate::ui;

/// Merges into the file of ours; returns the exit code: 0 is merged, 1 is merged with conflicts.
pub fn run(arguments: &[OsString]) -> u8 {
    // A branch may have any bytes as its name, and what it is called is for people alone.
    let words = arguments.iter().map(|word| word.to_string_lossy());
    let words: Vec<_> = words.collect();
    let words: Vec<&str> = words.iter().map(|word| &**word).collect();
    // A repository that an older relwatch set up passes no labels.
    let (Some([base, ours, theirs, size, path]), rest @ ([] | [_, _, _])) =
        (words.first_chunk(), words.get(5..).unwrap_or_default())
    else {
        ui::fail(&Failure::new(
            Exit::Usage,
            "git calls this as `relwatch merge-driver %O %A %B %L %P %S %X %Y`",
        ));
        return Exit::Usage as u8;
    };
    let labels = rest.first_chunk().copied();
    let call = DriverCall {
        base,
        ours,
        theirs,
        marker_size: size.parse().unwrap_or(7),
        path,
        // An older git leaves what it does not know.
        labels: labels.filter(|labels| *labels != ["%S", "%X", "%Y"]),
    };
    match env::current_dir().and_then(|dir| merge_driver::run(&dir, &call)) {
        Ok(conflicts) => u8::from(conflicts),
        Err(failure) => {
            ui::fail(&failure);
            Exit::Failed as u8 // git leaves our side in place and calls it a conflict
        }
    }
}
