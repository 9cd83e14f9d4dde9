//! Which specs a release removes from their directory. Archiving over an existing file, or a spec that is not in git, is refused.

use std::collections::{HashMap, HashSet};

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

/// Specs that leave the directories of their sources.
#[derive(Debug, Default)]
pub struct Leaving {
    pub files: Vec<FileChange>,
    /// Specs that the tools' own commands move.
    pub by_command: Vec<PlannedArchive>,
}

/// Archives or deletes every completed spec. A driver stays while one of its members is open, and a spec stays while an open one depends on
/// it: its tool would report that one as blocked. Specs in releases made before relwatch was introduced (`released`) are left to the user.
pub fn leaving(
    project: &Project,
    base: CommitId,
    history: &History,
    released: &HashSet<String>,
    today: &str,
    checks: &mut Checks,
) -> Result<Leaving> {
    let stays = Staying::new(project, base, history, released)?;
    let completed = history.specs.iter();
    let completed = completed.filter(|spec| spec.status == Status::Completed);
    let mut leaving = Leaving::default();
    let mut old = 0;
    for spec in completed {
        let source = project.source_of(spec);
        let Some(source) = source.filter(|s| s.holds(&spec.path) && s.archive != Archive::Keep)
        else {
            continue;
        };
        if stays.is_driver(spec) {
            continue;
        }
        // If `archive: command` was set later, earlier specs were archived by hand or left on purpose.
        let by_command = source.archive == Archive::Command;
        if stays.is_old(spec) || by_command && released.contains(&spec.id) {
            old += 1;
            continue;
        }
        if let Some(other) = stays.needed_by(spec) {
            let detail = format!("{} stays: {other} depends on it", spec.path);
            checks.warn(CheckId::Specs, detail);
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
    leaving.tell(old, checks);
    Ok(leaving)
}

impl Leaving {
    /// Reports how many specs leave, and how many specs of earlier releases stay.
    fn tell(&self, old: usize, checks: &mut Checks) {
        for one in &self.by_command {
            checks.ok(CheckId::Specs, format!("`{}` will be run", one.run));
        }
        let count = ui::counted(self.files.len(), "file to archive", "files to archive");
        let old = match old {
            0 => String::new(),
            old => format!(
                "; {} of earlier releases not archived, `relwatch archive` moves them",
                ui::counted(old, "spec", "specs")
            ),
        };
        checks.ok_unless_said(CheckId::Specs, format!("{count}{old}"));
    }
}

/// Completed specs that stay in their directories.
struct Staying<'h> {
    /// Drivers that have open members.
    drivers: HashSet<&'h str>,
    /// Specs that open specs depend on, each with one of those.
    needed: HashMap<&'h str, &'h str>,
    /// Specs of releases that relwatch did not make.
    old: HashSet<&'h str>,
}

impl<'h> Staying<'h> {
    fn new(
        project: &Project,
        base: CommitId,
        history: &'h History,
        released: &'h HashSet<String>,
    ) -> Result<Staying<'h>> {
        let open = || history.specs.iter().filter(|s| s.status == Status::Open);
        let needs = open().flat_map(|spec| {
            let needed = spec.depends_on.iter();
            needed.map(|id| (id.as_str(), spec.id.as_str()))
        });
        let told: HashSet<String> = if released.is_empty() {
            HashSet::new()
        } else {
            let records = project.releases_at(base)?.into_iter();
            records.flat_map(|record| record.specs).collect()
        };
        // A driver leaves with the last of its members.
        let fresh = history.specs.iter().filter(|s| !released.contains(&s.id));
        let fresh: HashSet<&str> = fresh.filter_map(|s| s.driver.as_deref()).collect();
        let old = released.iter().map(String::as_str);
        Ok(Staying {
            drivers: open().filter_map(|s| s.driver.as_deref()).collect(),
            needed: needs.collect(),
            old: old
                .filter(|id| !told.contains(*id) && !fresh.contains(id))
                .collect(),
        })
    }

    fn is_driver(&self, spec: &Spec) -> bool {
        self.drivers.contains(spec.id.as_str())
    }

    fn is_old(&self, spec: &Spec) -> bool {
        self.old.contains(spec.id.as_str())
    }

    fn needed_by(&self, spec: &Spec) -> Option<&str> {
        self.needed.get(spec.id.as_str()).copied()
    }
}

/// Keeps the directories of sources that lost one of these paths, or whose specs are archived in this clone: git stores no empty directory
/// and removes one with its last file (git-rm(1)), but tools expect theirs to exist. Never creates a directory through a symlink.
pub fn keep_folders<'p>(
    project: &Project,
    paths: impl IntoIterator<Item = &'p String>,
) -> Result<()> {
    let root = project.repo.root();
    let paths: Vec<&String> = paths.into_iter().collect();
    for source in &project.config.specs.0 {
        let folder = source.files.folder();
        let inside = format!("{folder}/x");
        if folder.is_empty() || files::link_above(root, &inside).is_some() {
            continue;
        }
        let archive = source.archive_root();
        let is_archived = archive.is_some_and(|archive| files::exists(&files::at(root, archive)));
        let is_lost = |path: &&String| path.starts_with(folder) && source.holds(path);
        if is_archived || paths.iter().any(is_lost) {
            files::make_parent(&files::at(root, &inside))?;
        }
    }
    Ok(())
}

/// The moves of a spec's files. A check fails if a target path exists.
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

/// The command that archives a spec. A check fails if the command would read the ID as an option.
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

/// The commands to run for the specs of a release that their own tools archive, one per line.
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

/// The specs in a release, without those that another component has yet to release. `project` is the whole project, or the one component
/// that was asked for.
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
