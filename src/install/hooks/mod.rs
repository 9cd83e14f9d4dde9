//! `relwatch hooks install|uninstall|status`: relwatch's part of the repository's git hooks.
//!
//! Ways to install, in order of preference: git's configured hooks, if git has them (2.54 and later); the configuration of a hook manager
//! that owns the path; a file of relwatch's own; a marked block in an existing shell script. Anything else is refused, with what to do
//! instead.

mod managers;
mod place;
mod script;
mod state;

use std::path::Path;

use self::place::{ALL, HooksFolder, NO_HOOKS, fitting, legacy, read_file, read_slot, section_of};
use self::script::{body, command, unbound};
use crate::config::Storage;
use crate::domain::failure::Result;
use crate::domain::install::hook_manager::HookManager;
use crate::domain::install::hook_script::{
    SHEBANG, Slot, own_file, with_block, without_block, without_unmarked,
};
use crate::install::filters;
use crate::project::{Project, wiring, write_lock};
use crate::section::retire;
use crate::sys::git::Repo;
use crate::sys::{env, files};
use crate::ui::Report;

pub use self::place::{By, needed};
pub use self::state::{moved_aside, remedy, running, shared_files, status, todo, unenforced};

/// Options for installing the hooks.
#[derive(Debug, Clone, Copy, Default)]
pub struct HookOptions {
    /// Way to install, instead of the preferred one for this git.
    pub by: Option<By>,
    /// Write into files of hook managers, which others get as well.
    pub apply: bool,
}

/// Refuses everything that [`install`] would refuse, before anything is written.
///
/// # Errors
/// Fails if the hooks directory is outside of the repository: other repositories would run the hooks too.
pub fn preflight(project: &Project) -> Result<()> {
    if fitting(project) == By::Files && !needed(project).is_empty() {
        HooksFolder::find(project)?;
        wiring::shell_word(&env::own_path()?)?;
    }
    Ok(())
}

/// Turns hooks for this clone on or off; if they are off, the watcher updates it.
///
/// # Errors
/// Fails if git's configuration cannot be written.
pub fn set_wanted(project: &Project, wanted: bool) -> Result<()> {
    let repo = &project.repo;
    if wanted {
        repo.unset_config(NO_HOOKS)
    } else {
        repo.set_config(NO_HOOKS, "true")
    }
}

/// Installs every hook. Returns what it did, including every refusal.
///
/// # Errors
/// Fails if the hooks directory is outside of the repository: other repositories would run the hooks too.
pub fn install(project: &Project, options: HookOptions) -> Result<Report> {
    let _lock = write_lock::hold(project)?;
    if needed(project).is_empty() {
        let text = "no hooks in this clone; `relwatch hooks install` brings them back\n";
        return Ok(Report::text(text));
    }
    let by = options.by.unwrap_or_else(|| fitting(project));
    let report = match by {
        By::Config => install_in_config(project)?,
        By::Files => install_as_files(project, options)?,
    };
    let lacks_filter = project.config.storage == Storage::View && !wiring::filter_is_set(project);
    let word = "the clean filter is not set, so the hooks write nothing; run `relwatch init`";
    Ok(report.with_warnings(lacks_filter.then(|| word.to_owned()).into_iter().collect()))
}

fn install_as_files(project: &Project, options: HookOptions) -> Result<Report> {
    let place = HooksFolder::find(project)?;
    let own = env::own_path()?;
    let binary = (!place.is_shared).then_some(own.as_path());
    let mut out = Report::default();
    for name in ALL {
        if remove_from_config(&project.repo, name)? {
            out.push(&format!("removed: hook {name} from the configuration\n"));
        }
        if !needed(project).contains(&name) {
            if remove(&place.folder.join(name), name)? {
                out.push(&format!("removed: hook {name}\n"));
            }
            continue;
        }
        let manages = |manager| managers::runs(project, manager, name);
        let body = body(name, binary)?;
        match install_file(&place, name, &body, options, manages)? {
            FileInstall::Done(did) => out.push(&format!("{did}: hook {name}\n")),
            FileInstall::Refused(why) => out = out.with_warnings(vec![why]),
            FileInstall::Managed => {}
        }
    }
    managers::extend(project, options.apply, out)
}

/// Result of installing a hook as a file.
enum FileInstall {
    Done(&'static str),
    /// The existing file stays; the text says what the user can do.
    Refused(String),
    /// The path belongs to a hook manager, whose configuration decides.
    Managed,
}

fn install_file(
    place: &HooksFolder,
    name: &str,
    body: &str,
    options: HookOptions,
    manages: impl Fn(HookManager) -> bool,
) -> Result<FileInstall> {
    let mut path = place.folder.join(name);
    let (mut slot, mut bytes) = read_slot(&path, place, name)?;
    if slot == Slot::PreCommit {
        if manages(HookManager::PreCommit) {
            return Ok(FileInstall::Done("already installed"));
        }
        // pre-commit runs it from there, before it stashes anything.
        path = legacy(place, name);
        (slot, bytes) = read_slot(&path, place, name)?;
    }
    let write = |new: &[u8], is_own: bool| {
        if is_own && !place.is_husky {
            files::replace_script(&path, new)
        } else {
            files::replace(&path, new, files::Durable::Yes).map(drop)
        }
    };
    if let Some(why) = refusal(&path, name, slot, place.is_husky) {
        return Ok(FileInstall::Refused(why));
    }
    Ok(match slot {
        Slot::Empty | Slot::Shell if place.is_husky && !options.apply => FileInstall::Managed,
        Slot::Empty => {
            write(&own_file(body), true)?;
            FileInstall::Done("installed")
        }
        Slot::Ours => {
            let is_same =
                bytes == own_file(body) && (place.is_husky || files::is_executable(&path));
            write(&own_file(body), true)?;
            updated(is_same)
        }
        Slot::Unmarked => {
            let others = without_unmarked(&bytes, &unbound(name));
            let guests = &others[SHEBANG.len().min(others.len())..];
            write(&[&own_file(body)[..], guests].concat(), true)?;
            updated(false)
        }
        Slot::Shell => {
            write(&with_block(&bytes, body), false)?;
            FileInstall::Done("installed beside the script that is there")
        }
        Slot::Shared => {
            let new = with_block(&bytes, body);
            write(&new, false)?;
            updated(new == bytes)
        }
        Slot::Calls => FileInstall::Done("already called by the script that is there"),
        // All other cases are refused above.
        _ => FileInstall::Managed,
    })
}

fn updated(is_same: bool) -> FileInstall {
    FileInstall::Done(if is_same {
        "already installed"
    } else {
        "updated"
    })
}

/// The reason why a hook file cannot be shared, with what to do; `None` if it can.
fn refusal(path: &Path, name: &str, slot: Slot, is_husky: bool) -> Option<String> {
    let shown = path.display();
    match slot {
        Slot::Shell if !is_husky && !files::is_executable(path) => Some(format!(
            "{shown} is not executable, so git does not run it; `chmod +x` or remove it, then run `relwatch hooks install`"
        )),
        Slot::Dos => Some(format!(
            "{shown} has the line ends of DOS, so no shell runs it; convert it with `sed -i 's/\\r$//'`, then run `relwatch hooks install`"
        )),
        Slot::Linked => Some(format!(
            "{shown} is a symbolic link{}, which relwatch does not write to; call `relwatch hook {name} \"$@\"` from there, or replace the link by a script of this repository",
            files::resolved(path).map_or(String::new(), |to| format!(" to {}", to.display()))
        )),
        Slot::Foreign => Some(format!(
            "{shown} is not a shell script that relwatch can share; call `relwatch hook {name} \"$@\"` from it"
        )),
        _ => None,
    }
}

/// Writes configured hooks: the command before its event, because an event without a command is a fatal error in git.
fn install_in_config(project: &Project) -> Result<Report> {
    let repo = &project.repo;
    let binary = env::own_path()?;
    let mut text = String::new();
    for name in ALL {
        // A hook installed in both ways would run twice.
        if let Ok(place) = HooksFolder::find(project)
            && remove(&place.folder.join(name), name)?
        {
            text.push_str(&format!("removed: hook {name} from the hooks directory\n"));
        }
        if !needed(project).contains(&name) {
            if remove_from_config(repo, name)? {
                text.push_str(&format!("removed: hook {name}\n"));
            }
            continue;
        }
        let section = section_of(name);
        let command = command(name, &binary)?;
        let known = repo.config(&format!("{section}.command")).as_deref() == Some(&command)
            && repo.config(&format!("{section}.event")).as_deref() == Some(name);
        if !known {
            repo.set_config(&format!("{section}.command"), &command)?;
            repo.set_config(&format!("{section}.event"), name)?;
        }
        let did = if known {
            "already installed"
        } else {
            "installed in the configuration"
        };
        text.push_str(&format!("{did}: hook {name}\n"));
    }
    Ok(Report::text(text))
}

fn remove_from_config(repo: &Repo, name: &str) -> Result<bool> {
    let section = section_of(name);
    let is_there = repo.config(&format!("{section}.command")).is_some();
    if is_there {
        repo.remove_config_section(&section)?;
    }
    Ok(is_there)
}

/// Removes relwatch's part from every hook (restoring bytes and modes of others' hooks), the generated lines from the changelog, and the
/// filter from the repository's configuration.
///
/// # Errors
/// Fails if a file cannot be written.
pub fn uninstall(project: &Project) -> Result<Report> {
    let held = write_lock::hold(project)?;
    let mut text = String::new();
    // Includes the directory used before core.hooksPath was set.
    let mut folders = vec![project.repo.common_dir().join("hooks")];
    folders.extend(HooksFolder::find(project).map(|place| place.folder));
    for name in ALL {
        let mut is_removed = false;
        for folder in &folders {
            // lefthook and pre-commit move existing hooks aside; pre-commit still runs them.
            for file in [name, &format!("{name}.legacy"), &format!("{name}.old")] {
                is_removed |= remove(&folder.join(file), name)?;
            }
        }
        if remove_from_config(&project.repo, name)? || is_removed {
            text.push_str(&format!("removed: hook {name}\n"));
        }
    }
    text.push_str(&managers::remove(project)?);
    project.repo.unset_config(NO_HOOKS)?;
    if text.is_empty() {
        text.push_str("no hook of relwatch is installed\n");
    }
    for name in retire::remove_view(project, &held)? {
        text.push_str(&format!("removed: the generated lines of {name}\n"));
    }
    // The filter is removed for all worktrees.
    for root in project
        .repo
        .worktrees()?
        .iter()
        .filter(|root| **root != project.repo.root())
    {
        let Ok(other) = Project::open(root) else {
            continue; // its folder is gone
        };
        for name in retire::remove_view(&other, &held)? {
            text.push_str(&format!(
                "removed: the generated lines of {}\n",
                root.join(name).display()
            ));
        }
    }
    if filters::deconfigure(project)? {
        text.push_str("removed: filter and merge driver from this repository's configuration\n");
    }
    Ok(Report::text(text))
}

/// Removes relwatch's part from a hook. Returns whether there was one.
fn remove(path: &Path, name: &str) -> Result<bool> {
    let (slot, bytes) = read_file(path)?;
    let others = match slot {
        Slot::Ours => SHEBANG.into(),
        Slot::Unmarked => without_unmarked(&bytes, &unbound(name)),
        Slot::Shared => {
            files::replace(path, &without_block(&bytes), files::Durable::Yes)?;
            return Ok(true);
        }
        _ => return Ok(false),
    };
    if others == SHEBANG.as_bytes() {
        files::remove(path)?;
    } else {
        files::replace(path, &others, files::Durable::Yes)?;
    }
    Ok(true)
}
