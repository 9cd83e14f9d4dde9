//! Which specs leave their folder with a release. Refuses to archive over a file that is there, and a spec that is not in git.

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::plan::{FileAction, FileChange, PlannedArchive};
use crate::domain::spec::source::{Archive, Source};
use crate::domain::spec::{Spec, Status};
use crate::history::range::{self, History};
use crate::history::{queue, spec_files};
use crate::project::Project;
use crate::section::gather;
use crate::sys::files;
use crate::ui;

/// What leaves the folders of its sources.
#[derive(Debug, Default)]
pub struct Leaving {
    pub files: Vec<FileChange>,
    /// What the commands of tools move.
    pub by_command: Vec<PlannedArchive>,
}

/// Every completed spec leaves its folder: for the archive, or for good; a driver only when none of its members is open. Those of
/// `released`, which an earlier release has, are left to people where a command archives.
pub fn leaving(
    project: &Project,
    base: CommitId,
    history: &History,
    released: &HashSet<String>,
    today: &str,
    checks: &mut Checks,
) -> Result<Leaving> {
    let open: Vec<&str> = history
        .specs
        .iter()
        .filter(|s| s.status == Status::Open)
        .filter_map(|s| s.driver.as_deref())
        .collect();
    let done = |spec: &&Spec| spec.status == Status::Completed && !open.contains(&spec.id.as_str());
    let mut leaving = Leaving::default();
    for spec in history.specs.iter().filter(done) {
        let source = project.source_of(spec);
        let Some(source) = source.filter(|s| s.holds(&spec.path) && s.archive != Archive::Keep)
        else {
            continue;
        };
        let by_command = source.archive == Archive::Command;
        if by_command && released.contains(&spec.id) {
            continue;
        }
        if project.repo.file_at(base, &spec.path)?.is_none() {
            let detail = format!("{} is completed but not in git", spec.path);
            checks.fail(
                CheckId::Specs,
                detail,
                format!("run `git add -f {}` and commit it", spec.path),
            );
        } else if by_command {
            leaving.by_command.extend(commanded(source, spec, checks));
        } else {
            leaving
                .files
                .extend(moved(project, base, source, spec, today, checks)?);
        }
    }
    order::by(&mut leaving.by_command, |a, b| a.id.cmp(&b.id));
    for one in &leaving.by_command {
        checks.ok(CheckId::Specs, format!("`{}` will be run", one.run));
    }
    let count = leaving.files.len();
    checks.ok_unless_said(
        CheckId::Specs,
        ui::counted(count, "file to archive", "files to archive"),
    );
    Ok(leaving)
}

/// How the files of a spec change places. One whose place is taken fails a check.
fn moved(
    project: &Project,
    base: CommitId,
    source: &Source,
    spec: &Spec,
    today: &str,
    checks: &mut Checks,
) -> Result<Vec<FileChange>> {
    let mut changes = Vec::new();
    let below = |folder: &str| project.repo.files_below(base, folder);
    for (path, to) in spec_files::moves(source, spec, today, below)? {
        let change = match to {
            None => FileAction::Delete,
            Some(to) => {
                let taken = project.repo.file_at(base, &to)?.is_some()
                    || files::exists(&files::at(project.repo.root(), &to));
                if taken {
                    let detail = format!("{to} exists already, so {path} cannot go there");
                    checks.fail(CheckId::Specs, detail, "remove one of them");
                }
                FileAction::Move { to }
            }
        };
        changes.push(FileChange { path, change });
    }
    Ok(changes)
}

/// The command that archives a spec. An ID that it would read as an option fails a check.
fn commanded(source: &Source, spec: &Spec, checks: &mut Checks) -> Option<PlannedArchive> {
    let (id, path) = (spec.id.clone(), spec.path.clone());
    let run = source.archive_line(&id)?;
    if id.starts_with('-') {
        let detail = format!("{path}: `{run}` would take the ID for an option");
        checks.fail(CheckId::Specs, detail, "give it another name");
        return None;
    }
    Some(PlannedArchive { id, path, run })
}

/// What to run for the specs of a release that their own tools archive, a line each.
pub fn left_to_tools(project: &Project, history: &History) -> Vec<String> {
    let fresh = history.specs.iter().filter(|spec| {
        spec.status == Status::Completed && !history.released_specs.contains(&spec.id)
    });
    let lines = fresh.filter_map(|spec| {
        let source = project
            .source_of(spec)
            .filter(|source| source.holds(&spec.path) && source.archive == Archive::Keep)?;
        let command = source.archive_line(&spec.id)?;
        Some(format!(
            "{} stays where it is; `{command}` archives it",
            spec.path
        ))
    });
    lines.collect()
}

/// The specs that a release holds, but for those that another component has yet to release. `project` is the whole one, or the
/// component that alone is asked about.
pub fn released(project: &Project) -> Result<HashSet<String>> {
    let mut released = HashSet::new();
    let mut waiting = HashSet::new();
    for part in project.components() {
        let history = range::read(&part)?;
        let own = history.own(&part, &gather::of_history(&part, &history));
        let awaited = own.specs.iter().filter(|s| queue::is_waiting(&own, s));
        waiting.extend(awaited.map(|spec| spec.id.clone()));
        released.extend(history.released_specs);
    }
    released.retain(|id| !waiting.contains(id));
    Ok(released)
}
