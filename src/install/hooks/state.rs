//! Which hooks run, and how git finds each.

use serde_json::json;

use super::place::{
    ALL, By, HooksFolder, fitting, folder, has_legacy, needed, read_file, read_slot, section_of,
};
use crate::domain::failure::Result;
use crate::domain::install::hook_manager::HookManager;
use crate::domain::install::hook_script::Slot;
use crate::project::Project;
use crate::sys::files;
use crate::ui::Report;

/// How a hook is run.
struct HookState {
    name: &'static str,
    /// The rung: `config`, `lefthook`, `pre-commit`, `husky`, `file`, `block`; empty if none.
    rung: &'static str,
    runs: bool,
    what: &'static str,
}

/// Every needed hook, as git would find it.
fn states(project: &Project) -> Result<Vec<HookState>> {
    let place = HooksFolder::find(project).ok();
    let names = needed(&project.config).into_iter();
    names
        .map(|name| HookState::read(project, place.as_ref(), name))
        .collect()
}

impl HookState {
    /// `place` is `None` if the hooks folder is outside of the repository.
    fn read(
        project: &Project,
        place: Option<&HooksFolder>,
        name: &'static str,
    ) -> Result<HookState> {
        let state = |rung, runs, what| HookState {
            name,
            rung,
            runs,
            what,
        };
        let command = format!("{}.command", section_of(name));
        if project.repo.config(&command).is_some() {
            let known = fitting(project) == By::Config;
            let what = if known {
                "in the configuration"
            } else {
                "in the configuration, which this git does not read"
            };
            return Ok(state("config", known, what));
        }
        let Some(place) = place else {
            return Ok(state(
                "",
                false,
                "core.hooksPath is outside of the repository",
            ));
        };
        let (rung, runs, what) = as_file(project, place, name)?;
        Ok(state(rung, runs, what))
    }
}

/// The rung of a hook that is a file, whether it runs, and the words for it.
fn as_file(
    project: &Project,
    place: &HooksFolder,
    name: &str,
) -> Result<(&'static str, bool, &'static str)> {
    let path = place.folder.join(name);
    let (slot, _) = read_slot(&path, place)?;
    let is_run = if place.is_husky {
        files::exists(&place.folder.join("_").join(name))
    } else {
        files::is_executable(&path)
    };
    let by_manager = |manager: HookManager, rung| {
        if has_snippet(project, manager, name) {
            (rung, true, "in the hook manager's configuration")
        } else {
            (
                "",
                false,
                "the hook manager's; see `relwatch hooks install`",
            )
        }
    };
    Ok(match slot {
        Slot::Empty => ("", false, "not installed"),
        Slot::Shell => ("", false, "a script without relwatch"),
        Slot::Lefthook => by_manager(HookManager::Lefthook, "lefthook"),
        Slot::PreCommit if has_legacy(place, name) => (
            "pre-commit",
            true,
            "run by pre-commit, which found it in its place",
        ),
        Slot::PreCommit => by_manager(HookManager::PreCommit, "pre-commit"),
        Slot::Dos => (
            "",
            false,
            "a script with the line ends of DOS, which no shell runs",
        ),
        Slot::Foreign => ("", false, "not a shell script; relwatch cannot share it"),
        Slot::Ours | Slot::Shared if !is_run && place.is_husky => (
            "husky",
            false,
            "installed, but husky's shims are not there: run `npx husky`",
        ),
        Slot::Ours | Slot::Shared if !is_run => (
            "file",
            false,
            "installed, but not executable: git does not run it",
        ),
        Slot::Ours | Slot::Shared if place.is_husky => ("husky", true, "installed in .husky"),
        Slot::Ours => ("file", true, "installed"),
        Slot::Shared => ("block", true, "installed beside another script"),
    })
}

fn has_snippet(project: &Project, manager: HookManager, name: &str) -> bool {
    manager.files().iter().any(|file| {
        let bytes = files::read(&project.repo.root().join(file)).ok().flatten();
        let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
        text.contains(&format!("relwatch hook {name}"))
    })
}

/// Says where git looks for hooks and what stands there.
pub fn status(project: &Project) -> Result<Report> {
    let folder = folder(&project.repo)?;
    let mut text = format!("hooks folder: {}\n", folder.display());
    let mut rows = Vec::new();
    for HookState {
        name,
        rung,
        runs,
        what,
    } in states(project)?
    {
        text.push_str(&format!("{name:<16} {what}\n"));
        rows.push(json!({"hook": name, "rung": rung, "runs": runs, "state": what}));
    }
    let json = json!({"schema": 1, "folder": folder, "hooks": rows});
    Ok(Report::text(text).with_json(json))
}

/// Our own hooks that another tool moved aside and does not run, from the repository's root.
pub fn moved_aside(project: &Project) -> Vec<String> {
    let Ok(place) = HooksFolder::find(project) else {
        return Vec::new();
    };
    let names = ALL.iter().flat_map(|name| {
        let is_chained = has_legacy(&place, name);
        let endings: &[&str] = if is_chained {
            &["old"]
        } else {
            &["old", "legacy"]
        };
        endings.iter().map(move |ending| format!("{name}.{ending}"))
    });
    let ours = names
        .map(|name| place.folder.join(name))
        .filter(|path| matches!(read_file(path), Ok((Slot::Ours, _))));
    let root = project.repo.root();
    ours.map(|path| {
        path.strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string()
    })
    .collect()
}

/// How many of our hooks git would run.
pub fn running(project: &Project) -> Result<usize> {
    Ok(states(project)?.iter().filter(|state| state.runs).count())
}
