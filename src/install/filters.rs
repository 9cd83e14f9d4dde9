//! The clean filter and the merge driver in git's configuration.

use crate::config::Storage;
use crate::domain::failure::Result;
use crate::domain::install::git_commands;
use crate::install::attributes;
use crate::project::Project;
use crate::project::wiring::{self, DRIVER, FILTER};
use crate::sys::env;

/// Configures filter and merge driver in the configuration that all worktrees share.
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
    let driver = git_commands::merge_driver(&binary);
    let filter = git_commands::clean_filter(&binary);
    let named = set(
        &format!("{DRIVER}.name"),
        "changelogs by meaning (relwatch)",
    )?;
    let driven = set(&format!("{DRIVER}.driver"), &driver)?;
    text.push_str(if named || driven {
        "configured: merge driver (avoids changelog conflicts)\n"
    } else {
        "kept: merge driver\n"
    });
    let key = format!("{FILTER}.clean");
    match project.config.storage {
        Storage::View => text.push_str(if set(&key, &filter)? {
            "configured: clean filter (keeps generated lines out of commits)\n"
        } else {
            "kept: clean filter\n"
        }),
        Storage::Tracked if project.repo.config(&key).is_some() => {
            project.repo.remove_config_section(FILTER)?;
            text.push_str("removed: the clean filter; generated lines go into commits\n");
        }
        Storage::Tracked => {}
    }
    Ok(text)
}

/// Updates filter and merge driver that an older relwatch configured; the path of the binary stays.
pub fn renew(project: &Project) -> Result<()> {
    renew_one(
        project,
        &format!("{FILTER}.clean"),
        git_commands::clean_filter,
    )?;
    renew_one(
        project,
        &format!("{DRIVER}.driver"),
        git_commands::merge_driver,
    )
}

fn renew_one(project: &Project, key: &str, form: fn(&str) -> String) -> Result<()> {
    let Some(known) = project.repo.config(key) else {
        return Ok(());
    };
    let current = git_commands::binary_in(&known).map(form);
    if let Some(current) = current.filter(|current| *current != known) {
        project.repo.set_config(key, &current)?;
    }
    Ok(())
}

/// Removes what `init` set up outside of tracked files. Returns whether there was anything.
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
