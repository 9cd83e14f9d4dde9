//! Which specs leave their folder with a release. Refuses to archive over a file that is there, and a spec that is not in git.

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::plan::{FileAction, FileChange};
use crate::domain::spec::source::Archive;
use crate::domain::spec::{Spec, Status};
use crate::history::range::{self, History};
use crate::history::{queue, spec_files};
use crate::project::Project;
use crate::section::gather;
use crate::sys::files;
use crate::ui;

/// Every completed spec leaves its folder: for the archive, or for good; a driver only when none of its members is open.
pub fn archive_moves(
    project: &Project,
    base: CommitId,
    history: &History,
    today: &str,
    checks: &mut Checks,
) -> Result<Vec<FileChange>> {
    let open: Vec<&str> = history
        .specs
        .iter()
        .filter(|s| s.status == Status::Open)
        .filter_map(|s| s.driver.as_deref())
        .collect();
    let done = |spec: &&Spec| spec.status == Status::Completed && !open.contains(&spec.id.as_str());
    let mut changes = Vec::new();
    for spec in history.specs.iter().filter(done) {
        let source = project.source_of(spec);
        let Some(source) = source.filter(|s| s.holds(&spec.path) && s.archive != Archive::Keep)
        else {
            continue;
        };
        if project.repo.file_at(base, &spec.path)?.is_none() {
            let detail = format!("{} is completed but not in git", spec.path);
            checks.fail(
                CheckId::Specs,
                detail,
                format!("run `git add -f {}` and commit it", spec.path),
            );
            continue;
        }
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
    }
    checks.ok_unless_said(
        CheckId::Specs,
        ui::counted(changes.len(), "file to archive", "files to archive"),
    );
    Ok(changes)
}

/// What to run for the specs of a release that their own tools archive, a line each.
pub fn left_to_tools(project: &Project, history: &History) -> Vec<String> {
    let fresh = history.specs.iter().filter(|spec| {
        spec.status == Status::Completed && !history.released_specs.contains(&spec.id)
    });
    let lines = fresh.filter_map(|spec| {
        let source = project
            .source_of(spec)
            .filter(|source| source.holds(&spec.path))?;
        let command = source.archives.as_ref()?.replace("{id}", &spec.id);
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
