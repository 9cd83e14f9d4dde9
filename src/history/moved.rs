//! Specs that were moved into an archive but are not committed yet, as `openspec archive` leaves them. They stay listed.

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::spec::source::Source;
use crate::project::Project;
use crate::sys::files::glob;

/// The archived files of the working tree that a commit has in the directories of their sources. `listed` are the paths that still exist.
/// Patterns with more than one wildcard are skipped: they do not determine where a file was.
pub fn moved_away<'p>(
    project: &'p Project,
    listed: &HashSet<&str>,
    commit: CommitId,
) -> Result<Vec<(&'p Source, String)>> {
    let mut moved = Vec::new();
    for source in &project.config.specs.0 {
        let (Some(archive), Some(tail)) = (source.archive_root(), tail(source)) else {
            continue;
        };
        let folder = source.files.folder();
        let names = project.repo.files_in(commit, folder)?.into_keys();
        let gone = names.filter_map(|name| {
            let below = if tail.starts_with('/') { tail } else { "" };
            let path = format!("{folder}/{name}{below}");
            let is_gone = !listed.contains(path.as_str()) && source.holds(&path);
            is_gone.then(|| source.read_path(&path)).flatten()
        });
        let gone: HashSet<String> = gone.map(|(id, ..)| id).collect();
        if gone.is_empty() {
            continue; // nearly always
        }
        let found = glob::matching(
            project.repo.root(),
            &format!("{archive}/**/*{}", name_end(tail)),
        )?;
        let is_it = |path: &String| {
            source
                .read_path(path)
                .is_some_and(|(id, ..)| gone.contains(&id))
        };
        moved.extend(found.into_iter().filter(is_it).map(|path| (source, path)));
    }
    Ok(moved)
}

/// The part of a pattern after its only wildcard.
fn tail(source: &Source) -> Option<&str> {
    let tail = source
        .files
        .as_str()
        .strip_prefix(source.files.folder())?
        .strip_prefix("/*")?;
    (!tail.contains(['*', '?', '['])).then_some(tail)
}

/// The ending of the file names. `/proposal.md` means a whole name.
fn name_end(tail: &str) -> &str {
    tail.rsplit('/').next().unwrap_or(tail)
}
