//! The changelog that a client has cleaned without naming it: dulwich passes `%f` on as it is.

use std::path::Path;

use crate::project::Project;
use crate::sys::files;

/// What the filter is given in place of a path.
pub const PLACEHOLDER: &str = "%f";

/// The path of the changelog whose bytes these are; of several changelogs the one whose file has them now. `None` if no one
/// can tell.
pub fn changelog_of(start: &Path, present: &[u8]) -> Option<String> {
    let project = Project::open(start).ok()?;
    let parts = project.components().into_iter();
    let mut names: Vec<String> = parts.map(|part| part.config.changelog).collect();
    if names.len() > 1 {
        let has_them = |name: &String| {
            let read = files::read(&files::at(project.repo.root(), name));
            read.ok().flatten().as_deref() == Some(present)
        };
        names.retain(has_them);
    }
    // Two files with the same bytes are the same to the filter, too.
    names.into_iter().next()
}
