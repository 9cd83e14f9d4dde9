//! `relwatch skip REF` excludes a change from the release, by the comment that deleting its line would write; `relwatch hold SPEC` keeps a
//! spec for a later one.

use clap_complete::ArgValueCandidates;

use crate::commands::explain;
use crate::commands::{Context, values};
use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::entry::reason::Reason;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::{inert, terminal, words};
use crate::history::queue;
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

/// Exclude a change from the changelog.
#[derive(Debug, clap::Args)]
pub struct SkipArguments {
    /// `#12`, a commit or a spec ID.
    #[arg(add = ArgValueCandidates::new(values::specs))]
    reference: String,
    /// Why, for the comment in the changelog.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Remove the comment.
    #[arg(long, conflicts_with = "reason")]
    undo: bool,
}

/// Keep a completed spec for a later release.
#[derive(Debug, clap::Args)]
pub struct HoldArguments {
    /// Its ID, or the end of it.
    #[arg(value_name = "SPEC", add = ArgValueCandidates::new(values::completed_specs))]
    reference: String,
    /// Why, for the comment in the changelog.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Remove the comment: the next release lists it again.
    #[arg(long, conflicts_with = "reason")]
    undo: bool,
}

/// What is to be excluded, or no longer.
struct Exclude {
    exclusion: Exclusion,
    reference: String,
    reason: Option<String>,
    undo: bool,
}

impl Exclude {
    /// What a change is then.
    fn done(&self) -> &'static str {
        match self.exclusion {
            Exclusion::Skip => "skipped",
            Exclusion::Hold => "held",
        }
    }

    /// What the words name: of what is to be held, a spec that no release has.
    fn subject<'h>(&self, project: &Project, history: &'h History) -> Option<Subject<'h>> {
        match self.exclusion {
            Exclusion::Skip => Subject::find(project, history, &self.reference),
            Exclusion::Hold => {
                let specs = history.specs.iter();
                let fresh = specs.filter(|spec| !history.released_specs.contains(&spec.id));
                queue::named(fresh, &self.reference).map(Subject::Spec)
            }
        }
    }

    fn demand_words(&self) -> Result<()> {
        let known = match self.exclusion {
            _ if !self.reference.trim().is_empty() => return Ok(()),
            Exclusion::Skip => "`#12`, a commit or a spec ID",
            Exclusion::Hold => "a spec ID",
        };
        let word = self.exclusion.word();
        let what = format!("{word} what? give {known}");
        Err(Failure::new(Exit::Usage, what))
    }
}

/// Runs `relwatch skip`, in every component that the change belongs to; `--undo` removes the comment.
pub fn run(arguments: SkipArguments, context: &Context) -> Result<Report> {
    let SkipArguments {
        reference,
        reason,
        undo,
    } = arguments;
    let exclusion = Exclusion::Skip;
    exclude(
        &Exclude {
            exclusion,
            reference,
            reason,
            undo,
        },
        context,
    )
}

/// Runs `relwatch hold`, in every component that the spec belongs to; `--undo` removes the comment.
pub fn hold(arguments: HoldArguments, context: &Context) -> Result<Report> {
    let HoldArguments {
        reference,
        reason,
        undo,
    } = arguments;
    let exclusion = Exclusion::Hold;
    exclude(
        &Exclude {
            exclusion,
            reference,
            reason,
            undo,
        },
        context,
    )
}

fn exclude(asked: &Exclude, context: &Context) -> Result<Report> {
    let project = &context.open()?;
    let (words, undo) = (&asked.reference, asked.undo);
    let done = asked.done();
    let held = write_lock::hold(project)?;
    asked.demand_words()?;
    let head = project.repo.head()?;
    let parts = project.components();
    let mut found = Vec::new();
    let mut refusal = None;
    for part in &parts {
        match plan(part, head.clone(), asked)? {
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
                if undo {
                    format!("no longer {done}")
                } else {
                    done.to_owned()
                }
            }
            None => format!("already {done}"),
        };
        text.push_str(&format!("{did}: {}{place}\n", planned.reference));
        if !planned.is_committed {
            uncommitted.push(part.config.changelog.clone());
        }
        warnings.extend(planned.file.history.warnings);
    }
    text.push_str(&next(asked, &uncommitted));
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
fn next(asked: &Exclude, uncommitted: &[String]) -> String {
    if uncommitted.is_empty() {
        return String::new();
    }
    let not = if asked.undo { "do not " } else { "" };
    let (word, reference) = (asked.exclusion.word(), asked.reference.trim());
    let message = words::shell_word(&format!("docs: {not}{word} {reference}"));
    let files = words::shell_words(uncommitted);
    format!("next: git commit -m {message} {files}\n")
}

/// What is to be done with one changelog.
struct PlannedSkip<'p> {
    file: WorkingFile<'p>,
    reference: String,
    /// `None` if the change is excluded already.
    after: Option<Vec<u8>>,
    /// The file at HEAD says the same: other clones get it.
    is_committed: bool,
}

/// Decides about one changelog; an inner error if the change is none of its own.
fn plan<'p>(
    project: &'p Project,
    head: Head,
    asked: &Exclude,
) -> Result<std::result::Result<PlannedSkip<'p>, Failure>> {
    let (words, exclusion) = (asked.reference.as_str(), asked.exclusion);
    let name = &project.config.changelog;
    let file = WorkingFile::read_at(project, head)?;
    let (history, present) = (&file.history, file.required()?);
    if file.indexed == Indexed::Conflicted {
        return Err(
            Failure::failed(format!("{name} has a merge conflict")).with_remedy("resolve it first")
        );
    }
    let subject = asked.subject(project, history);
    let reference = match &subject {
        Some(subject) => subject.reference(),
        None => words.to_owned(),
    };
    // One change may be skipped by its commit and by its issue.
    let means_it = |skipped: &str| {
        let also = |subject: &Subject<'_>| subject.is_meant_by(project, history, skipped);
        skipped == reference || subject.as_ref().is_some_and(also)
    };
    let mut named = exclusion.named(&Document::parse(present)).into_iter();
    let is_skipped = named.any(|one| means_it(&one));
    let after = if asked.undo {
        if !is_skipped {
            let word = words::shell_word(&reference);
            return Ok(Err(Failure::failed(format!(
                "{reference} is not {} in {name}",
                asked.done()
            ))
            .with_remedy(format!("`relwatch explain {word}` says what it is"))));
        }
        Some(exclusion.remove(present, means_it))
    } else {
        let section = file.section()?;
        if let Err(failure) = is_of(history, &section, subject.as_ref(), asked) {
            return Ok(Err(failure));
        }
        let comment = comment(&reference, asked.reason.as_deref());
        (!is_skipped).then(|| exclusion.add(present, &[comment]))
    };
    let committed = stored::at_head(project, history)?;
    let mut committed = exclusion.named(&Document::parse(&committed)).into_iter();
    let is_committed = committed.any(|one| means_it(&one)) != asked.undo;
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
    asked: &Exclude,
) -> Result<()> {
    let words = &asked.reference;
    let gathered = &section.gathered;
    let mut entries = gathered.entries.iter();
    let is_note = entries.any(|e| e.line.refs.iter().any(|r| r == words));
    let is_skip = asked.exclusion == Exclusion::Skip;
    let is_written = |subject: &Subject<'_>| {
        let mut covered = gathered.covered.iter();
        covered.any(|one| one.reason == Reason::HandWritten && one.reference == subject.reference())
    };
    if !is_skip && subject.is_some_and(is_written) {
        let what = format!("a hand-written line mentions `{words}`");
        return Err(Failure::failed(what)
            .with_remedy("remove that line from the changelog, then hold the spec"));
    }
    if is_note && is_skip || subject.is_some_and(|subject| subject.is_of(history, gathered)) {
        return Ok(());
    }
    let why = match subject {
        Some(_) => "belongs to no component",
        None if is_skip => "matches no unreleased commit, spec or issue",
        None => {
            return Err(Failure::failed(format!("`{words}` is no spec that waits for a release"))
                .with_remedy("`relwatch specs` lists them; `relwatch skip` leaves any change out for good"));
        }
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
