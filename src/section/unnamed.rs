//! Finds a changelog that a client has cleaned without naming it: dulwich passes `%f` literally.

use std::path::Path;

use crate::project::Project;
use crate::sys::files;

/// The text that the filter gets instead of a path.
pub const PLACEHOLDER: &str = "%f";

/// The path of the changelog with these bytes. If there are several changelogs, the one whose file has them now. `None` if that is
/// ambiguous.
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
    // Two files with the same bytes give the same result.
    names.into_iter().next()
}
