//! `relwatch hooks install|uninstall|status`: our part of the repository's git hooks.
//!
//! By rungs: git's own configured hooks where git has them (2.54 and later); the configuration of a hook manager that owns the place;
//! our own file in an empty place; a marked block in a shell script. Anything else is refused with what to do instead.

mod place;
mod script;
mod state;

use std::path::Path;

use self::place::{ALL, HooksFolder, fitting, has_legacy, read_file, read_slot, section_of};
use self::script::{body, command};
use crate::config::Storage;
use crate::domain::failure::Result;
use crate::domain::install::hook_manager::HookManager;
use crate::domain::install::hook_script::{SHEBANG, Slot, with_block, without_block};
use crate::install::filters;
use crate::project::{Project, wiring, write_lock};
use crate::section::retire;
use crate::sys::git::Repo;
use crate::sys::{env, files};
use crate::ui::Report;

pub use self::place::{By, needed};
pub use self::state::{moved_aside, running, status};

/// How the hooks are to be installed.
#[derive(Debug, Clone, Copy, Default)]
pub struct HookOptions {
    /// Instead of what fits this git.
    pub by: Option<By>,
    /// Write into the files of hook managers instead of showing what to write.
    pub apply: bool,
}

/// Installs every hook. Says what it did; refuses nothing silently.
///
/// # Errors
/// If the hooks folder is outside of the repository: other repositories would run what is put there.
pub fn install(project: &Project, options: HookOptions) -> Result<Report> {
    let _lock = write_lock::hold(project)?;
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
    let binary = env::own_path()?;
    let mut out = Report::default();
    let mut managed: Vec<(HookManager, &str)> = Vec::new();
    for name in ALL {
        if remove_from_config(&project.repo, name)? {
            out.push(&format!("removed: hook {name} from the configuration\n"));
        }
        if !needed(&project.config).contains(&name) {
            if remove(&place.folder.join(name))? {
                out.push(&format!("removed: hook {name}\n"));
            }
            continue;
        }
        let body = body(name, &binary)?;
        match install_file(&place, name, &body, options)? {
            FileInstall::Done(did) => out.push(&format!("{did}: hook {name}\n")),
            FileInstall::Refused(why) => out = out.with_warnings(vec![why]),
            FileInstall::Managed(by) => managed.push((by, name)),
        }
    }
    for manager in [HookManager::Lefthook, HookManager::PreCommit] {
        let of = |(owner, name): &(HookManager, &'static str)| (*owner == manager).then_some(*name);
        let names: Vec<&str> = managed.iter().filter_map(of).collect();
        if !names.is_empty() {
            out = hand_to(project, manager, &names, options.apply, out)?;
        }
    }
    Ok(out)
}

/// What came of installing a hook as a file.
enum FileInstall {
    Done(&'static str),
    /// What stands in its place stays, and what the user can do.
    Refused(String),
    /// A hook manager would overwrite it.
    Managed(HookManager),
}

fn install_file(
    place: &HooksFolder,
    name: &str,
    body: &str,
    options: HookOptions,
) -> Result<FileInstall> {
    let path = place.folder.join(name);
    let (slot, bytes) = read_slot(&path, place)?;
    let own = || format!("{SHEBANG}{body}exit 0\n").into_bytes();
    let updated = |is_same: bool| {
        if is_same {
            FileInstall::Done("already installed")
        } else {
            FileInstall::Done("updated")
        }
    };
    let shown = path.display();
    Ok(match slot {
        Slot::Empty | Slot::Shell if place.is_husky && !options.apply => {
            FileInstall::Refused(format!(
                "husky runs .husky/{name}; add the line `relwatch hook {name} \"$@\" || [ $? -ne 1 ]` to it, or run `relwatch hooks install --apply`"
            ))
        }
        Slot::Empty => {
            files::replace_script(&path, &own())?;
            FileInstall::Done("installed")
        }
        Slot::Ours => {
            files::replace_script(&path, &own())?;
            updated(bytes == own())
        }
        Slot::Shell if !place.is_husky && !files::is_executable(&path) => {
            FileInstall::Refused(format!(
                "{shown} is not executable, so git does not run it; `chmod +x` or remove it, then run `relwatch hooks install`"
            ))
        }
        Slot::Shell => {
            files::replace(&path, &with_block(&bytes, body), files::Durable::Yes)?;
            FileInstall::Done("installed beside the script that is there")
        }
        Slot::Shared => {
            let new = with_block(&without_block(&bytes), body);
            files::replace(&path, &new, files::Durable::Yes)?;
            updated(new == bytes)
        }
        Slot::Lefthook => FileInstall::Managed(HookManager::Lefthook),
        Slot::PreCommit if has_legacy(place, name) => FileInstall::Done("already installed"),
        Slot::PreCommit => FileInstall::Managed(HookManager::PreCommit),
        Slot::Dos => FileInstall::Refused(format!(
            "{shown} has the line ends of DOS, so no shell runs it; convert it with `sed -i 's/\\r$//'`, then run `relwatch hooks install`"
        )),
        Slot::Foreign => FileInstall::Refused(format!(
            "{shown} is not a shell script that relwatch can share; call `relwatch hook {name} \"$@\"` from it"
        )),
    })
}

/// Gives hooks to a manager: writes its configuration, or shows what to write.
fn hand_to(
    project: &Project,
    manager: HookManager,
    names: &[&str],
    apply: bool,
    mut out: Report,
) -> Result<Report> {
    let root = project.repo.root();
    let mut known = manager.files().iter().map(|name| (*name, root.join(name)));
    let found = known.find(|(_, path)| files::exists(path));
    let Some((file, path)) = found else {
        let file = manager.files()[0];
        return Ok(out.with_warnings(vec![format!(
            "{} are the hook manager's, whose {file} is not there; add to its configuration:\n{}",
            names.join(", "),
            manager.snippet(names, "")
        )]));
    };
    let text = String::from_utf8_lossy(&files::read(&path)?.unwrap_or_default()).into_owned();
    let bare = String::from_utf8_lossy(&without_block(text.as_bytes())).into_owned();
    let has_all = names
        .iter()
        .all(|name| text.contains(&format!("relwatch hook {name}")));
    if has_all {
        out.push(&format!("already there: {} in {file}\n", names.join(", ")));
        return Ok(out);
    }
    match manager.applied(&bare, names) {
        Some(new) if apply => {
            files::replace(&path, new.as_bytes(), files::Durable::Yes)?;
            out.push(&format!("wrote: {file}: {}\n", names.join(", ")));
            if manager == HookManager::PreCommit {
                let types: Vec<String> = names.iter().map(|name| format!("-t {name}")).collect();
                out.push(&format!("next: pre-commit install {}\n", types.join(" ")));
            }
            Ok(out)
        }
        applicable => {
            let how = match applicable {
                Some(_) => ", or run `relwatch hooks install --apply`",
                None => "",
            };
            Ok(out.with_warnings(vec![format!(
                "{file} says what runs as {}; add to it{how}:\n{}",
                names.join(", "),
                manager.snippet(names, "")
            )]))
        }
    }
}

/// Writes configured hooks: the command before its event, because an event without a command is fatal to git.
fn install_in_config(project: &Project) -> Result<Report> {
    let repo = &project.repo;
    let binary = env::own_path()?;
    let mut text = String::new();
    for name in ALL {
        // A hook that is in both places would run twice.
        if let Ok(place) = HooksFolder::find(project)
            && remove(&place.folder.join(name))?
        {
            text.push_str(&format!("removed: hook {name} from the hooks folder\n"));
        }
        if !needed(&project.config).contains(&name) {
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

/// Takes our part out of every hook (the bytes and modes of others come back), the generated lines out of the
/// changelog, and the filter out of the repository's configuration.
pub fn uninstall(project: &Project) -> Result<Report> {
    let held = write_lock::hold(project)?;
    let mut text = String::new();
    // Also where they were before core.hooksPath was set.
    let mut folders = vec![project.repo.common_dir().join("hooks")];
    folders.extend(HooksFolder::find(project).map(|place| place.folder));
    for name in ALL {
        let mut in_folder = false;
        for folder in &folders {
            in_folder |= remove(&folder.join(name))?;
        }
        if remove_from_config(&project.repo, name)? || in_folder {
            text.push_str(&format!("removed: hook {name}\n"));
        }
    }
    for manager in [HookManager::Lefthook, HookManager::PreCommit] {
        for file in manager.files() {
            let path = project.repo.root().join(file);
            let bytes = files::read(&path)?.unwrap_or_default();
            let without = without_block(&bytes);
            if without != bytes {
                files::replace(&path, &without, files::Durable::Yes)?;
                text.push_str(&format!("removed: the hooks in {file}\n"));
            }
        }
    }
    if text.is_empty() {
        text.push_str("no hook of relwatch is installed\n");
    }
    for name in retire::remove_view(project, &held)? {
        text.push_str(&format!("removed: the generated lines of {name}\n"));
    }
    // The filter goes for all worktrees.
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

/// Takes our part out of a hook. Says whether there was one.
fn remove(path: &Path) -> Result<bool> {
    match read_file(path)? {
        (Slot::Ours, _) => files::remove(path)?,
        (Slot::Shared, bytes) => {
            files::replace(path, &without_block(&bytes), files::Durable::Yes)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
