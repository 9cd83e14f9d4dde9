//! The filter of another tool behind ours. git runs one filter for a path: where it runs ours although another tool wants to have the
//! path, for example by the user's own attributes, that tool's command makes the blob.

use std::io::{Error, Result as IoResult};

use crate::domain::text::words;
use crate::project::view;
use crate::sys::git::Repo;
use crate::sys::shell;

/// What git is to store for bytes that our filter has cleaned.
///
/// # Errors
/// If the command of the other filter fails, or if there is none that makes a single blob: git then says so.
pub fn passed_on(repo: &Repo, path: &str, cleaned: Vec<u8>) -> IoResult<Vec<u8>> {
    let Some(name) = view::other_filter(repo, path).unwrap_or_default() else {
        return Ok(cleaned);
    };
    if !repo.has_filter(&name) {
        return Ok(cleaned); // as git does
    }
    let Some(command) = repo.config(&format!("filter.{name}.clean")) else {
        return Err(Error::other(format!(
            "git runs relwatch here, and not the filter `{name}`; run `relwatch init --storage tracked`"
        )));
    };
    // gitattributes(5): the path, quoted for the shell.
    let command = command.replace("%f", &words::shell_word(path));
    shell::filtered(repo.root(), &command, &cleaned)
        .map_err(|failure| Error::other(failure.to_string()))
}
