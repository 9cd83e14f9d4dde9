//! `relwatch merge-driver %O %A %B %L %P`: git's merge driver for the changelog (gitattributes(5)).

use std::path::Path;

use crate::domain::changelog::merge::{self, Style};
use crate::domain::entry::category::Categories;
use crate::domain::entry::category::Security;
use crate::domain::failure::Result;
use crate::project::Project;
use crate::sys::files::{self, Durable};
use crate::sys::git_command;

/// The temporary files that git hands over, from the top of the working tree.
#[derive(Debug)]
pub struct DriverFiles<'a> {
    pub base: &'a str,
    /// Also where the result goes.
    pub ours: &'a str,
    pub theirs: &'a str,
}

/// Merges into the file of ours. Says whether there are conflicts. What is not a changelog that relwatch understands is
/// merged as git itself would.
pub fn run(folder: &Path, names: &DriverFiles<'_>, marker_size: usize) -> Result<bool> {
    let read = |name: &str| files::read(&folder.join(name));
    let (base, ours, theirs) = (read(names.base)?, read(names.ours)?, read(names.theirs)?);
    let (Some(base), Some(ours), Some(theirs)) = (base, ours, theirs) else {
        return as_git_does(folder, names, marker_size);
    };
    // git calls that binary: what another filter has encrypted, for example.
    if [&base, &ours, &theirs].iter().any(|file| file.contains(&0)) {
        return as_git_does(folder, names, marker_size);
    }
    // A broken configuration shall not break a merge.
    let project = Project::open(folder).ok();
    let order = project
        .as_ref()
        .map_or(Categories::default(), |p| p.config.categories.clone())
        .titles(Security::InOrder);
    let conflict_style = project.and_then(|p| p.repo.config("merge.conflictStyle"));
    let style = Style {
        marker_size,
        with_base: conflict_style.is_some_and(|style| style.ends_with("diff3")),
        order: &order,
    };
    match merge::merge(&base, &ours, &theirs, &style) {
        Some(merged) => {
            files::replace(&folder.join(names.ours), &merged.bytes, Durable::No)?;
            Ok(merged.conflicts > 0)
        }
        None => as_git_does(folder, names, marker_size),
    }
}

/// git-merge-file fails with the number of conflicts.
fn as_git_does(folder: &Path, names: &DriverFiles<'_>, marker_size: usize) -> Result<bool> {
    let size = format!("--marker-size={marker_size}");
    let mut args = vec!["merge-file", "--quiet", &size];
    for label in ["ours", "base", "theirs"] {
        args.extend(["-L", label]);
    }
    args.extend([names.ours, names.base, names.theirs]);
    git_command::try_git(folder, &args, "").map(|output| !output.ok)
}
