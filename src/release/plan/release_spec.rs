//! The release spec, completed by its release. Refused if it is not in git, if its front matter cannot be edited, if it has open checklist
//! items, or if it lists specs that are not completed.

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::plan::FileChange;
use crate::domain::release::release_spec;
use crate::domain::spec::source::Source;
use crate::domain::spec::{Spec, Status};
use crate::domain::text::{inert, terminal, words};
use crate::history::queue;
use crate::history::range::History;
use crate::project::Project;
use crate::release::plan::frame::Frame;
use crate::sys::clock;
use crate::ui;

/// Changes that a release makes to its release spec.
#[derive(Debug, Default)]
pub struct Completion {
    pub files: Vec<FileChange>,
    /// Skipped checks, for the tag and the manifest.
    pub skipped: Option<String>,
}

/// Completes the release spec of a version as it is in the base, and archives it if its source does. The check `release-spec` fails while
/// work for the version is left, even if it has no release spec. Specs name the version by its tag or its number.
pub fn completion(
    project: &Project,
    frame: &Frame<'_>,
    history: &History,
    [tag, version]: [&str; 2],
    checks: &mut Checks,
) -> Result<Completion> {
    let spec = queue::release_spec(history, tag, version);
    let completed = spec.map(|spec| of_spec(project, frame, spec)).transpose();
    let (files, boxes) = match completed {
        Err(failure) => {
            checks.fail(CheckId::ReleaseSpec, failure.to_string(), "");
            return Ok(Completion::default());
        }
        Ok(completed) => completed.unwrap_or_default(),
    };
    let left = LeftToDo {
        boxes,
        unfinished: queue::unfinished(project, history, spec, [tag, version])?,
    };
    let wanted = frame.wanted;
    let mut skipped = None;
    match (&wanted.reason, spec) {
        (_, None) if left.is_nothing() => {}
        (_, Some(spec)) if left.is_nothing() => {
            checks.ok(CheckId::ReleaseSpec, format!("{} is complete", spec.path));
        }
        (Some(reason), _) if wanted.skip_checklist => {
            let (count, reason) = (left.count(), inert::inline(reason));
            skipped = Some(format!("Checklist-Skipped: {count}: {reason}"));
            checks.skip(CheckId::ReleaseSpec, format!("{count}: {reason}"));
        }
        _ => left.fail(spec, version, checks),
    }
    Ok(Completion { files, skipped })
}

/// Work that blocks the release of a version.
struct LeftToDo {
    boxes: Vec<OpenBox>,
    /// Its specs that are not completed, each with its status.
    unfinished: Vec<(String, String)>,
}

impl LeftToDo {
    fn is_nothing(&self) -> bool {
        self.boxes.is_empty() && self.unfinished.is_empty()
    }

    fn open_items(&self) -> String {
        let count = self.boxes.len();
        ui::counted(count, "open checklist item", "open checklist items")
    }

    fn count(&self) -> String {
        let specs = || ui::counted(self.unfinished.len(), "unfinished spec", "unfinished specs");
        match (self.boxes.is_empty(), self.unfinished.is_empty()) {
            (_, true) => self.open_items(),
            (true, false) => specs(),
            (false, false) => format!("{}, {}", self.open_items(), specs()),
        }
    }

    fn fail(&self, spec: Option<&Spec>, version: &str, checks: &mut Checks) {
        let skip = "give --skip-checklist --reason TEXT";
        if !self.unfinished.is_empty() {
            let names = self.unfinished.iter();
            let names = names.map(|(id, status)| {
                format!(
                    "{} ({})",
                    terminal::printable(id),
                    terminal::printable(status)
                )
            });
            let names = words::shortlist(&names.collect::<Vec<_>>());
            let detail = match self.unfinished.len() {
                1 => format!("{names} is for {version} and not completed"),
                _ => format!("{names} are for {version} and not completed"),
            };
            let remedy = format!(
                "complete what is done, take the others out of `informed_by` and their label away, or {skip}"
            );
            checks.fail(CheckId::ReleaseSpec, detail, remedy);
        }
        if let (Some(spec), false) = (spec, self.boxes.is_empty()) {
            let list = self.boxes.iter();
            let list = list.map(|(line, text)| format!("\n      line {line}: {text}"));
            let list: String = list.collect();
            let detail = format!("{} has {}", spec.path, self.open_items());
            checks.fail(
                CheckId::ReleaseSpec,
                detail,
                format!("tick and commit, or {skip}:{list}"),
            );
        }
    }
}

/// Line and text of an open checklist item.
type OpenBox = (usize, String);

/// The files of a completed release spec, and its open checklist items.
fn of_spec(
    project: &Project,
    frame: &Frame<'_>,
    spec: &Spec,
) -> Result<(Vec<FileChange>, Vec<OpenBox>)> {
    let path = &spec.path;
    let refused = |why: String| Failure::new(Exit::Precondition, why);
    let Some(before) = project.repo.file_at(frame.base, path)? else {
        return Err(refused(format!("{path} is not in git"))
            .with_remedy(format!("run `git add -f {path}` and commit it")));
    };
    let odd = |why: String| refused(format!("{path}: {why}"));
    let text = std::str::from_utf8(&before).map_err(|error| odd(error.to_string()))?;
    let text = &release_spec::ticked_by_release(text, project.config.done_by_release());
    let boxes = release_spec::open_boxes(text);
    let mut files = Vec::new();
    // A completed release spec is archived with the other specs.
    if spec.status == Status::Open {
        let source = project.source_of(spec);
        let after = completed(source, text).map_err(odd)?.into_bytes();
        match source.and_then(|source| spec.archive_path(source, frame.date)) {
            Some(to) => {
                files.push(FileChange::delete(path.clone()));
                files.push(FileChange::write(to, after));
            }
            None => files.push(FileChange::write(path.clone(), after)),
        }
    }
    Ok((files, boxes))
}

/// The text of a release spec, with the keys that mark it as completed.
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
