//! The specs of a repository: those that lie in their folders, and those that were archived since the last release.

use std::collections::HashSet;
use std::path::Path;

use crate::app::Project;
use crate::app::section::History;
use crate::domain::reference;
use crate::domain::spec::source::Source;
use crate::domain::spec::{Spec, Status};
use crate::domain::text;
use crate::sys::files;

use crate::domain::failure::Result;

/// The most that is read of one spec file.
const BYTES: u64 = 1024 * 1024;

/// Reads all specs in their folders, and those that `head` has in an archive and `last` has not.
pub fn read(
    project: &Project,
    head: Option<&str>,
    last: Option<&str>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Spec>> {
    let mut specs: Vec<Spec> = Vec::new();
    let mut ids: HashSet<String> = HashSet::new();
    for source in &project.config.specs.0 {
        for path in paths(project, source)? {
            match in_folder(project, source, &path) {
                Ok(Some(spec)) if ids.insert(spec.id.clone()) => specs.push(spec),
                Ok(Some(spec)) => warnings.push(format!(
                    "{path}: its ID {} is that of another spec; it is left out",
                    spec.id
                )),
                Ok(None) => {}
                Err(warning) => warnings.push(warning),
            }
        }
    }
    if let Some(head) = head {
        for spec in archived_since(project, head, last)? {
            if ids.insert(spec.id.clone()) {
                specs.push(spec);
            }
        }
    }
    Ok(specs)
}

/// Paths of a source's files in the working tree.
fn paths(project: &Project, source: &Source) -> Result<Vec<String>> {
    let mut paths = files::matching(project.repo.root(), source.files.as_str())?;
    paths.retain(|path| source.holds(path));
    Ok(paths)
}

fn in_folder(
    project: &Project,
    source: &Source,
    path: &str,
) -> std::result::Result<Option<Spec>, String> {
    let root = project.repo.root();
    let Some(text) = text_of(&files::at(root, path), path)? else {
        return Ok(None); // removed since the folder was listed
    };
    let boxes = match source.boxes_path(path) {
        Some(beside) => text_of(&files::at(root, &beside), &beside)?,
        None => None,
    };
    Spec::read(source, path, &text, boxes.as_deref()).map_err(|error| {
        format!(
            "{path}:{}: {}; the spec is left out",
            error.line, error.message
        )
    })
}

fn text_of(file: &Path, path: &str) -> std::result::Result<Option<String>, String> {
    let bytes = match files::read_at_most(file, BYTES) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(None),
        Err(error) => return Err(format!("{}; the spec is left out", error.message)),
    };
    let decoded = text::decoded(bytes).map(Some);
    decoded.map_err(|line| format!("{path}:{line}: not UTF-8; the spec is left out"))
}

/// Everything that HEAD has in an archive.
pub fn archive(project: &Project, history: &History) -> Result<Vec<Spec>> {
    match &history.head.commit {
        Some(head) => archived_since(project, head, None),
        None => Ok(Vec::new()),
    }
}

/// Completed and cancelled specs that came into an archive: a tool may file them before they are released.
fn archived_since(project: &Project, head: &str, last: Option<&str>) -> Result<Vec<Spec>> {
    let mut specs = Vec::new();
    for source in &project.config.specs.0 {
        let Some(root) = source.archive_root() else {
            continue;
        };
        for path in project.repo.added_below(last, head, root)? {
            let spec = at_commit(project, source, head, &path)?;
            specs.extend(spec.filter(|spec| spec.status != Status::Open));
        }
    }
    Ok(specs)
}

/// A spec as a commit has it; `None` if it is none there.
fn at_commit(project: &Project, source: &Source, commit: &str, path: &str) -> Result<Option<Spec>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let pattern = source.files.as_str().rsplit('/').next().unwrap_or("");
    if !files::name_matches(name, pattern) {
        return Ok(None);
    }
    let text = |path: &str| -> Result<Option<String>> {
        let bytes = project.repo.file_at(commit, path)?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    };
    let Some(found) = text(path)? else {
        return Ok(None);
    };
    let boxes = match source.boxes_path(path) {
        Some(beside) => text(&beside)?,
        None => None,
    };
    let spec = Spec::read(source, path, &found, boxes.as_deref());
    Ok(spec.ok().flatten())
}

/// IDs of those specs that were completed at the last release already, or that its changelog names: it told them.
pub fn released(project: &Project, specs: &[Spec], last: Option<&str>) -> Result<HashSet<String>> {
    let mut released = HashSet::new();
    let Some(commit) = last else {
        return Ok(released);
    };
    // Read when the first spec needs it.
    let mut changelog: Option<String> = None;
    for spec in specs.iter().filter(|s| s.status == Status::Completed) {
        let Some(source) = project.source_of(spec) else {
            continue;
        };
        let path = match source.holds(&spec.path) {
            true => spec.path.clone(),
            false => place_before(source, spec),
        };
        let then = at_commit(project, source, commit, &path)?;
        if then.is_some_and(|then| then.status == Status::Completed) {
            released.insert(spec.id.clone());
            continue;
        }
        // A commit may have told it before its file said so.
        let told = match changelog.take() {
            Some(told) => told,
            None => {
                let bytes = project.repo.file_at(commit, &project.config.changelog)?;
                String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
            }
        };
        if told.contains(&spec.id) && reference::says(&told, &spec.id) {
            released.insert(spec.id.clone());
        }
        changelog = Some(told);
    }
    Ok(released)
}

/// Where an archived spec lay before.
fn place_before(source: &Source, spec: &Spec) -> String {
    let pattern = source.files.as_str();
    if source.whole_folder {
        return pattern.replacen('*', &spec.id, 1);
    }
    let folder = pattern.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = spec.path.rsplit('/').next().unwrap_or("");
    format!("{folder}/{name}")
}

/// Changes whenever a spec may have changed.
pub fn fingerprint(project: &Project, head: Option<&str>) -> Result<String> {
    let root = project.repo.root();
    let mut print = String::new();
    for source in &project.config.specs.0 {
        for path in files::matching(root, source.files.as_str())? {
            let own = files::fingerprint(&files::at(root, &path));
            print.push_str(&format!("{path} {own}\n"));
            if let Some(beside) = source.boxes_path(&path) {
                print.push_str(&files::fingerprint(&files::at(root, &beside)));
            }
        }
        if let (Some(archive), Some(head)) = (source.archive_root(), head)
            && let Some(tree) = project.repo.object_at(head, archive)?
        {
            print.push_str(&format!("{archive} {tree}\n"));
        }
    }
    Ok(print)
}

/// The files of a spec, each with the place where its source puts it; `None` deletes it. `below` lists the files of a folder.
pub fn moves(
    source: &Source,
    spec: &Spec,
    today: &str,
    below: impl FnOnce(&str) -> Result<Vec<String>>,
) -> Result<Vec<(String, Option<String>)>> {
    let target = spec.archive_path(source, today);
    if !source.whole_folder {
        return Ok(vec![(spec.path.clone(), target)]);
    }
    let folder = spec.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let moved = below(folder)?.into_iter().map(|path| {
        let to = target
            .as_ref()
            .map(|to| format!("{to}{}", &path[folder.len()..]));
        (path, to)
    });
    Ok(moved.collect())
}
