//! The clean filter and the merge driver in git's configuration.

use crate::config::Storage;
use crate::domain::failure::Result;
use crate::install::attributes;
use crate::project::Project;
use crate::project::wiring::{self, DRIVER, FILTER};
use crate::sys::env;

/// Filter and merge driver in the configuration that all worktrees share.
pub fn configure(project: &Project) -> Result<String> {
    let binary = wiring::shell_word(&env::own_path()?)?;
    let mut text = String::new();
    let set = |key: &str, value: &str| -> Result<bool> {
        let known = project.repo.config(key).as_deref() == Some(value);
        if !known {
            project.repo.set_config(key, value)?;
        }
        Ok(!known)
    };
    // With the binary gone git does what it does without relwatch, and nobody is told so on every `git status`.
    // Found as the hooks find it: in PATH, else where it was.
    let found = |run: &str, otherwise: &str| {
        format!(
            "if command -v relwatch >/dev/null 2>&1; then exec relwatch {run}; elif test -x {binary}; then exec {binary} {run}; else {otherwise}; fi"
        )
    };
    let driver = found(
        "merge-driver %O %A %B %L %P",
        "exec git merge-file --marker-size=%L %A %O %B",
    );
    let filter = found("filter clean %f", "cat");
    let named = set(
        &format!("{DRIVER}.name"),
        "changelogs by meaning (relwatch)",
    )?;
    let driven = set(&format!("{DRIVER}.driver"), &driver)?;
    text.push_str(if named || driven {
        "set: the merge driver, so that notes at one place are no conflict\n"
    } else {
        "kept: the merge driver in this repository's configuration\n"
    });
    let key = format!("{FILTER}.clean");
    match project.config.storage {
        Storage::View => text.push_str(if set(&key, &filter)? {
            "set: the clean filter, so that generated lines stay out of commits\n"
        } else {
            "kept: the clean filter in this repository's configuration\n"
        }),
        Storage::Tracked if project.repo.config(&key).is_some() => {
            project.repo.remove_config_section(FILTER)?;
            text.push_str("removed: the clean filter; generated lines go into commits\n");
        }
        Storage::Tracked => {}
    }
    Ok(text)
}

/// Takes back what init did outside of tracked files. Says whether there was anything.
pub fn deconfigure(project: &Project) -> Result<bool> {
    let mut there = false;
    for (section, key) in [(FILTER, "clean"), (DRIVER, "driver")] {
        if project.repo.config(&format!("{section}.{key}")).is_some() {
            project.repo.remove_config_section(section)?;
            there = true;
        }
    }
    let none = |(pattern, _)| (pattern, None);
    let lines: Vec<_> = attributes::local_lines(project)?
        .into_iter()
        .map(none)
        .collect();
    attributes::set_attributes(&project.repo.local_attributes(), &lines)?;
    Ok(there)
}
