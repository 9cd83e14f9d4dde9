//! `relwatch release --edit`: the notes in the user's editor, kept until they are released.

use std::path::{Path, PathBuf};

use crate::app::Project;
use crate::domain::changelog::notes;
use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::files::{self, Durable};
use crate::sys::process;

/// Opens the notes in the editor that git would open, with what was typed earlier if a release failed after that. What was
/// typed, not empty.
///
/// # Errors
/// Exit 130 if nothing is left of the text; exit 1 if the editor fails.
pub fn ask(project: &Project, tag: &str, generated: &str) -> Result<String> {
    let (path, base_path) = paths(project);
    let read = |path: &Path| -> Result<Option<String>> {
        let bytes = files::read(path)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    };
    let kept = read(&path)?.map(|text| notes::typed(&text));
    let base = read(&base_path)?;
    let (text, hints): (String, &[&str]) = match (kept, base) {
        (Some(kept), Some(base)) if !kept.is_empty() => {
            match notes::caught_up(&base, generated, &kept) {
                Some(text) => (
                    text,
                    &["this is what you typed last time, with what is new since"],
                ),
                None => (
                    kept,
                    &[
                        "this is what you typed last time; what it tells has changed since, see `relwatch status`",
                    ],
                ),
            }
        }
        _ => (generated.to_owned(), &[]),
    };
    let offered = notes::offered(tag, &text, hints);
    files::replace(&base_path, generated.as_bytes(), Durable::Yes)?;
    files::replace(&path, offered.as_bytes(), Durable::Yes)?;

    let editor = process::git(project.repo.root(), &["var", "GIT_EDITOR"], "")?;
    if !process::edit(project.repo.root(), &editor, &path)? {
        let failed = format!("the editor `{editor}` failed; nothing was released");
        return Err(kept_in(project, Failure::failed(failed)));
    }
    let typed = read(&path)?
        .map(|text| notes::typed(&text))
        .unwrap_or_default();
    if typed.is_empty() {
        forget(project)?;
        return Err(Failure::new(
            Exit::Declined,
            "not released: the notes are empty",
        ));
    }
    Ok(typed)
}

/// Says where the text is that was typed for a release that failed.
pub fn kept_in(project: &Project, failure: Failure) -> Failure {
    let (path, _) = paths(project);
    Failure::new(
        failure.exit,
        format!(
            "{}\nwhat you typed is kept in {}; `relwatch release --edit` opens it again",
            failure.message,
            path.display()
        ),
    )
}

/// The notes are released, or given up.
pub fn forget(project: &Project) -> Result<()> {
    let (path, base_path) = paths(project);
    files::remove(&path)?;
    files::remove(&base_path)
}

fn paths(project: &Project) -> (PathBuf, PathBuf) {
    let folder = project.repo.git_dir().join("relwatch");
    (
        folder.join("RELEASE_NOTES.md"),
        folder.join("RELEASE_NOTES.base.md"),
    )
}
