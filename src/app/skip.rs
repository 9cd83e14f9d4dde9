//! `relwatch skip REF`: leaves a change out of the release, by the comment that deleting its line would write.

use crate::app::explain::Subject;
use crate::app::{Project, section, update};
use crate::domain::changelog::cut;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text;
use crate::sys::files::{self, Durable};
use crate::sys::git::Indexed;
use crate::sys::lock;
use crate::ui::Report;

/// Runs the command; `undo` takes the comment out again.
pub fn run(project: &Project, words: &str, reason: Option<&str>, undo: bool) -> Result<Report> {
    let name = &project.config.changelog;
    let path = files::at(project.repo.root(), name);
    let _lock = lock::take(&project.lock_path(), update::PATIENCE)?;
    let history = section::history(project)?;
    let present = files::read(&path)?
        .ok_or_else(|| Failure::failed(format!("there is no {name}; run `relwatch init`")))?;
    if words.trim().is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            "skip what? give `#12`, a commit or a spec ID",
        ));
    }
    if project.repo.indexed(name)? == Indexed::Conflicted {
        return Err(Failure::failed(format!(
            "{name} has a merge conflict; resolve it first"
        )));
    }
    let subject = Subject::of(project, &history, words);
    let reference = match &subject {
        Some(subject) => subject.reference(),
        None => words.to_owned(),
    };
    // One change may be skipped by its commit and by its issue.
    let means_it = |skipped: &str| {
        let also = |subject: &Subject<'_>| subject.is_meant_by(project, &history, skipped);
        skipped == reference || subject.as_ref().is_some_and(also)
    };
    let is_skipped = cut::skips(&present).iter().any(|s| means_it(s));
    let (after, did) = if undo {
        if !is_skipped {
            return Err(Failure::failed(format!(
                "{reference} is not skipped in {name}; `relwatch explain {reference}` says what it is"
            )));
        }
        let after = cut::without_skips(&present, means_it);
        (after, "no longer skipped")
    } else {
        let indexed = project.repo.indexed(name)?;
        let section = section::of_working_file(project, &history, &present, &indexed)?;
        let entries = &section.gathered.entries;
        let is_note = entries
            .iter()
            .any(|e| e.line.refs.iter().any(|r| r == words));
        if subject.is_none() && !is_note {
            return Err(Failure::failed(format!(
                "`{words}` is no unreleased commit, spec or issue; `relwatch status --all` lists what there is"
            )));
        }
        if is_skipped {
            return Ok(Report::text(format!("already skipped: {reference}\n")));
        }
        // Inside a comment two hyphens would end it early (CommonMark 0.31, 6.6).
        let reason = reason.map(text::inline).map(|r| r.replace("--", "-"));
        let comment = match reason.as_deref().map(|r| r.trim_end_matches(['-', '>'])) {
            Some(reason) if !reason.is_empty() => format!("{reference} {reason}"),
            _ => reference.clone(),
        };
        (cut::with_skips(&present, &[comment]), "skipped")
    };
    files::replace(&path, &after, Durable::Yes)?;
    update::write(project, &history)?;
    Ok(Report::text(format!("{did}: {reference}\n")))
}
