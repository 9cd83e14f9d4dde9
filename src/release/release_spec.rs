//! The release spec, completed by its release. Refuses one that is not in git, or whose front matter cannot be edited.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::FileChange;
use crate::domain::release::release_spec;
use crate::domain::spec::source::Source;
use crate::domain::spec::{Spec, Status};
use crate::project::Project;
use crate::sys::clock;

/// What a release does with its release spec.
pub struct Completion {
    /// Its open boxes: line and text.
    pub boxes: Vec<(usize, String)>,
    pub files: Vec<FileChange>,
}

/// Completes a release spec as it stands at `commit`, and files it where its source archives it.
///
/// # Errors
/// Exit 3 if it is not in git or cannot be edited.
pub fn completion(
    project: &Project,
    commit: CommitId,
    spec: &Spec,
    today: &str,
) -> Result<Completion> {
    let path = &spec.path;
    let refused = |why: String| Failure::new(Exit::Precondition, why);
    let Some(before) = project.repo.file_at(commit, path)? else {
        return Err(refused(format!("{path} is not in git"))
            .with_remedy(format!("run `git add -f {path}` and commit it")));
    };
    let odd = |why: String| refused(format!("{path}: {why}"));
    let text = std::str::from_utf8(&before).map_err(|error| odd(error.to_string()))?;
    let boxes = release_spec::open_boxes(text);
    let mut files = Vec::new();
    // One that is completed is filed with the others.
    if spec.status == Status::Open {
        let source = project.source_of(spec);
        let after = completed(source, text).map_err(odd)?.into_bytes();
        match source.and_then(|source| spec.archive_path(source, today)) {
            Some(to) => {
                files.push(FileChange::delete(path.clone()));
                files.push(FileChange::write(to, after));
            }
            None => files.push(FileChange::write(path.clone(), after)),
        }
    }
    Ok(Completion { boxes, files })
}

/// The text of a release spec with the keys that say that it is done.
fn completed(source: Option<&Source>, text: &str) -> std::result::Result<String, String> {
    let mut text = text.to_owned();
    let Some(source) = source else {
        return Ok(text);
    };
    for (key, words) in &source.done {
        let word = words.first().unwrap_or_default();
        text = release_spec::with_key(&text, key, word)?;
    }
    release_spec::with_key(&text, &source.completed, &clock::instant())
}
