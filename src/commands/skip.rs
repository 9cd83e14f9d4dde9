//! `relwatch skip REF`: leaves a change out of the release, by the comment that deleting its line would write.

use crate::commands::Context;
use crate::commands::explain;
use crate::domain::changelog::cut;
use crate::domain::changelog::document::Document;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::{inert, terminal, words};
use crate::history::range::History;
use crate::project::{Project, write_lock};
use crate::section::contents::SectionContents;
use crate::section::stored;
use crate::section::subject::Subject;
use crate::section::working_file::WorkingFile;
use crate::section::write::UpdateOutcome;
use crate::sys::files::{self, Durable};
use crate::sys::git::{Head, Indexed};
use crate::sys::lock::WriteLock;
use crate::ui::Report;

/// Leave a change out of the release, as deleting its line does.
#[derive(Debug, clap::Args)]
pub struct SkipArguments {
    /// `#12`, a commit or a spec ID.
    reference: String,
    /// Why, for the comment in the changelog.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Take the comment out again.
    #[arg(long, conflicts_with = "reason")]
    undo: bool,
}

/// Runs the command, in every component that the change belongs to; `--undo` takes the comment out again.
pub fn run(arguments: SkipArguments, context: &Context) -> Result<Report> {
    let project = &context.open()?;
    let (words, undo) = (&arguments.reference, arguments.undo);
    let held = write_lock::hold(project)?;
    if words.trim().is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            "skip what? give `#12`, a commit or a spec ID",
        ));
    }
    let head = project.repo.head()?;
    let parts = project.components();
    let mut found = Vec::new();
    let mut refusal = None;
    for part in &parts {
        match plan(part, head.clone(), &arguments)? {
            Ok(planned) => found.push((part, planned)),
            Err(failure) => refusal = Some(failure),
        }
    }
    if let (true, Some(failure)) = (found.is_empty(), refusal) {
        for part in parts.iter().filter(|_| !undo) {
            if let Some(tag) = explain::released_in(part, head.clone(), words)? {
                return Err(Failure::failed(format!(
                    "`{words}` is released in {tag}; what is released stays in its notes"
                )));
            }
        }
        return Err(failure);
    }
    let mut text = String::new();
    let mut warnings = Vec::new();
    let mut uncommitted = Vec::new();
    for (part, mut planned) in found {
        let place = part
            .name()
            .map_or(String::new(), |name| format!(" ({name})"));
        let did = match &planned.after {
            Some(after) => {
                warnings.extend(write(part, &held, &mut planned.file, after)?);
                if undo { "no longer skipped" } else { "skipped" }
            }
            None => "already skipped",
        };
        text.push_str(&format!("{did}: {}{place}\n", planned.reference));
        if !planned.is_committed {
            uncommitted.push(part.config.changelog.clone());
        }
        warnings.extend(planned.file.history.warnings);
    }
    text.push_str(&next(words, undo, &uncommitted));
    Ok(Report::text(text).with_warnings(warnings))
}

/// Writes one changelog. What to warn of.
///
/// # Errors
/// If somebody saved the file in between.
fn write(
    part: &Project,
    held: &WriteLock,
    file: &mut WorkingFile<'_>,
    after: &[u8],
) -> Result<Option<String>> {
    let name = &part.config.changelog;
    let path = files::at(part.repo.root(), name);
    let (outcome, _) = file.write_over(held, after)?;
    let Some(why) = outcome.deferral() else {
        return Ok(None);
    };
    if outcome == UpdateOutcome::Saved || files::read(&path)? != file.present {
        return Err(Failure::failed(format!("{name} was saved in between"))
            .with_remedy("run the command again"));
    }
    files::replace(&path, after, Durable::Yes)?;
    Ok(Some(format!(
        "{name} has the comment, and its lines follow later: {why}"
    )))
}

/// The command that commits what was changed: other clones do not have it before that.
fn next(words: &str, undo: bool, uncommitted: &[String]) -> String {
    if uncommitted.is_empty() {
        return String::new();
    }
    let does = if undo { "do not skip" } else { "skip" };
    let message = words::shell_word(&format!("docs: {does} {}", words.trim()));
    let files = words::shell_words(uncommitted);
    format!("next: git commit -m {message} {files}\n")
}

/// What is to be done with one changelog.
struct PlannedSkip<'p> {
    file: WorkingFile<'p>,
    reference: String,
    /// `None` if the change is skipped already.
    after: Option<Vec<u8>>,
    /// The file at HEAD says the same: other clones get it.
    is_committed: bool,
}

/// Decides about one changelog; an inner error if the change is none of its own.
fn plan<'p>(
    project: &'p Project,
    head: Head,
    arguments: &SkipArguments,
) -> Result<std::result::Result<PlannedSkip<'p>, Failure>> {
    let words = arguments.reference.as_str();
    let name = &project.config.changelog;
    let file = WorkingFile::read_at(project, head)?;
    let (history, present) = (&file.history, file.required()?);
    if file.indexed == Indexed::Conflicted {
        return Err(
            Failure::failed(format!("{name} has a merge conflict")).with_remedy("resolve it first")
        );
    }
    let subject = Subject::find(project, history, words);
    let reference = match &subject {
        Some(subject) => subject.reference(),
        None => words.to_owned(),
    };
    // One change may be skipped by its commit and by its issue.
    let means_it = |skipped: &str| {
        let also = |subject: &Subject<'_>| subject.is_meant_by(project, history, skipped);
        skipped == reference || subject.as_ref().is_some_and(also)
    };
    let is_skipped = cut::skips(&Document::parse(present))
        .iter()
        .any(|s| means_it(s));
    let after = if arguments.undo {
        if !is_skipped {
            let word = words::shell_word(&reference);
            return Ok(Err(Failure::failed(format!(
                "{reference} is not skipped in {name}"
            ))
            .with_remedy(format!("`relwatch explain {word}` says what it is"))));
        }
        Some(cut::without_skips(present, means_it))
    } else {
        let section = file.section()?;
        if let Err(failure) = is_of(history, &section, subject.as_ref(), words) {
            return Ok(Err(failure));
        }
        let comment = comment(&reference, arguments.reason.as_deref());
        (!is_skipped).then(|| cut::with_skips(present, &[comment]))
    };
    let committed = stored::at_head(project, history)?;
    let mut committed = cut::skips(&Document::parse(&committed)).into_iter();
    let is_committed = committed.any(|skip| means_it(&skip)) != arguments.undo;
    Ok(Ok(PlannedSkip {
        reference,
        after,
        is_committed,
        file,
    }))
}

/// # Errors
/// If the words name nothing that the changelog could list.
fn is_of(
    history: &History,
    section: &SectionContents,
    subject: Option<&Subject<'_>>,
    words: &str,
) -> Result<()> {
    let gathered = &section.gathered;
    let mut entries = gathered.entries.iter();
    let is_note = entries.any(|e| e.line.refs.iter().any(|r| r == words));
    if is_note || subject.is_some_and(|subject| subject.is_of(history, gathered)) {
        return Ok(());
    }
    let why = match subject {
        Some(_) => "belongs to no component",
        None => "is no unreleased commit, spec or issue",
    };
    Err(Failure::failed(format!("`{words}` {why}"))
        .with_remedy("`relwatch status --all` lists what there is"))
}

/// What the comment in the changelog says.
fn comment(reference: &str, reason: Option<&str>) -> String {
    // Inside a comment two hyphens would end it early (CommonMark 0.31, 6.6).
    let mut reason = terminal::printable(reason.unwrap_or_default());
    while reason.contains("--") {
        reason = reason.replace("--", "-");
    }
    match inert::inline(&reason).trim_end_matches(['-', '>']) {
        "" => reference.to_owned(),
        reason => format!("{reference} {reason}"),
    }
}
