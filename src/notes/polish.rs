//! The user's own command that rewords the notes of a release. Its changes are always shown; hooks and the watcher do not run it.

use crate::domain::changelog::notes;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::diff;
use crate::history::range::History;
use crate::notes::draft;
use crate::project::Project;
use crate::section::contents::SectionContents;
use crate::sys::shell;

/// Most bytes of its answer.
const MAX_BYTES: usize = 1024 * 1024;

/// The command's version of the notes, with a diff; `None` without a command or if nothing changed.
///
/// # Errors
/// Exit 4 if the command fails or prints nothing.
pub fn run(
    project: &Project,
    history: &History,
    section: &SectionContents,
    version: Option<&str>,
    generated: &str,
) -> Result<Option<(String, String)>> {
    let Some(command) = &project.config.polish else {
        return Ok(None);
    };
    let draft = draft::draft(history, section, version, generated);
    let refused = |why: &str| {
        Failure::new(Exit::Gate, why)
            .with_remedy("fix `polish` in relwatch.yml, or run with --no-polish")
    };
    let answer = shell::shell(project.repo.root(), command, &draft.to_string())
        .map_err(|failure| refused(&format!("polish: {failure}")))?;
    let text = notes::typed(&answer);
    if text.is_empty() || answer.len() > MAX_BYTES {
        let size = answer.len();
        return Err(refused(&format!(
            "polish: `{command}` answered {size} bytes"
        )));
    }
    if text == generated {
        return Ok(None);
    }
    let diff = diff::unified("notes", &format!("{generated}\n"), &format!("{text}\n"));
    let shown = format!("polish: `{command}` rewrites the notes:\n{diff}\n");
    Ok(Some((text, shown)))
}
