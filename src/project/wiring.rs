//! The git settings of `init`: the clean filter and the merge driver, in configuration and attributes.

use std::path::Path;

use crate::domain::failure::{Failure, Result};
use crate::domain::install::git_commands;
use crate::project::Project;
use crate::sys::{env, files};

pub const FILTER: &str = "filter.relwatch";

pub const DRIVER: &str = "merge.relwatch";

/// The binary that filter or merge driver name, if it no longer exists and no other one is found.
pub fn missing_binary(project: &Project) -> Option<String> {
    let keys = [format!("{FILTER}.clean"), format!("{DRIVER}.driver")];
    keys.iter().find_map(|key| missing_in(project, key))
}

/// The same as [`missing_binary`], for the filter alone.
pub fn missing_filter_binary(project: &Project) -> Option<String> {
    missing_in(project, &format!("{FILTER}.clean"))
}

/// Checks one command. Commands of older versions name a binary and do not search PATH.
fn missing_in(project: &Project, key: &str) -> Option<String> {
    let command = project.repo.config(key)?;
    if git_commands::looks_in_path(&command) && env::is_on_path("relwatch") {
        return None;
    }
    let path = git_commands::unquoted(git_commands::binary_in(&command)?)?;
    (!files::exists(Path::new(&path))).then_some(path)
}

/// Whether git would run our filter for the changelog.
pub fn filter_is_set(project: &Project) -> bool {
    project.repo.config(&format!("{FILTER}.clean")).is_some()
}

/// Whether an attribute assigns our filter to the changelog.
pub fn has_filter_attribute(project: &Project) -> Result<bool> {
    let asked = project.repo.filter_attribute(&project.config.changelog)?;
    Ok(asked.is_own())
}

/// Whether git would run our merge driver for the changelog.
pub fn driver_is_set(project: &Project) -> bool {
    project.repo.config(&format!("{DRIVER}.driver")).is_some()
}

/// A path as a single shell word.
pub fn shell_word(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .filter(|text| !text.contains(['\n', '\r']))
        .ok_or_else(|| {
            let path = path.display();
            Failure::failed(format!(
                "the path of relwatch, {path}, cannot be written into a script"
            ))
        })?;
    let text = files::slashed(text);
    Ok(format!("'{}'", text.replace('\'', "'\\''")))
}
