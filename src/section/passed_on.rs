//! Runs the filter of another tool after ours. git runs only one filter per path. If it runs ours although another tool also claims the
//! path, for example in the user's own attributes, that tool's command creates the blob.

use std::io::{Error, Result as IoResult};

use crate::domain::text::words;
use crate::project::view;
use crate::sys::git::Repo;
use crate::sys::shell;

/// The bytes that git should store for bytes that our filter has cleaned.
///
/// # Errors
/// Fails if the command of the other filter fails, or if it has no command that handles a single blob: git then reports it.
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
