//! Which hooks run, and how git finds them.

use serde_json::json;

use super::managers::{self, ManagerGap};
use super::place::{
    ALL, By, HooksFolder, OUTSIDE, fitting, folder, has_legacy, needed, read_file, read_slot,
    section_of,
};
use crate::domain::failure::Result;
use crate::domain::install::hook_manager::HookManager;
use crate::domain::install::hook_script::{Slot, is_own_file};
use crate::domain::text::words;
use crate::project::Project;
use crate::sys::files;
use crate::ui::Report;

/// State of a hook.
struct HookState {
    name: &'static str,
    /// How it is installed: `config`, `lefthook`, `pre-commit`, `husky`, `file`, `block`; empty if it is not.
    rung: &'static str,
    runs: bool,
    what: &'static str,
}

/// Every needed hook, as git would find it.
fn states(project: &Project) -> Result<Vec<HookState>> {
    let place = HooksFolder::find(project).ok();
    let names = needed(project).into_iter();
    names
        .map(|name| HookState::read(project, place.as_ref(), name))
        .collect()
}

impl HookState {
    /// `place` is `None` if the hooks directory is outside of the repository.
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

/// How a hook is installed as a file, whether it runs, and the message about it.
fn as_file(
    project: &Project,
    place: &HooksFolder,
    name: &str,
) -> Result<(&'static str, bool, &'static str)> {
    let path = place.folder.join(name);
    let (slot, bytes) = read_slot(&path, place, name)?;
    let is_run = if place.is_husky {
        files::exists(&place.folder.join("_").join(name))
    } else {
        files::is_executable(&path)
    };
    let is_kept = managers::runs(project, HookManager::SimpleGitHooks, name);
    let is_installed = matches!(
        slot,
        Slot::Ours | Slot::Unmarked | Slot::Shared | Slot::Calls
    );
    if is_installed && !is_run {
        return Ok(if place.is_husky {
            ("husky", false, NO_SHIMS)
        } else {
            ("file", false, NOT_EXECUTABLE)
        });
    }
    if is_installed && is_configured(project) && !is_kept {
        return Ok(("file", false, DELETED));
    }
    let is_own = is_own_file(&bytes);
    Ok(match slot {
        Slot::Empty => ("", false, "not installed"),
        Slot::Shell => ("", false, "a script without relwatch"),
        Slot::Lefthook if managers::runs(project, HookManager::Lefthook, name) => {
            ("lefthook", true, MANAGED)
        }
        Slot::PreCommit if has_legacy(place, name) => (
            "pre-commit",
            true,
            "run by pre-commit, which found it in its place",
        ),
        Slot::PreCommit if managers::runs(project, HookManager::PreCommit, name) => {
            ("pre-commit", true, MANAGED)
        }
        Slot::Lefthook => ("", false, NOT_MANAGED),
        Slot::PreCommit => ("", false, "pre-commit's; run `relwatch hooks install`"),
        Slot::Dos => (
            "",
            false,
            "a script with the line ends of DOS, which no shell runs",
        ),
        Slot::Linked => ("", false, "a symbolic link to a script without relwatch"),
        Slot::Foreign => ("", false, "not a shell script; relwatch cannot share it"),
        Slot::Calls => ("call", true, "called by the script that is there"),
        Slot::Ours | Slot::Unmarked | Slot::Shared if place.is_husky => {
            ("husky", true, "installed in .husky")
        }
        Slot::Shared if !is_own => ("block", true, "installed beside another script"),
        Slot::Ours | Slot::Unmarked | Slot::Shared => ("file", true, "installed"),
    })
}

const NO_SHIMS: &str = "installed, but husky's shims are not there: run `npx husky`";

const NOT_EXECUTABLE: &str = "installed, but not executable: git does not run it";

const DELETED: &str = "installed, but simple-git-hooks deletes it when it runs";

const MANAGED: &str = "in the hook manager's configuration";

const NOT_MANAGED: &str = "the hook manager's; see `relwatch hooks install`";

/// Whether simple-git-hooks is configured here.
fn is_configured(project: &Project) -> bool {
    let mut files = HookManager::SimpleGitHooks.files().iter();
    files.any(|file| {
        let bytes = files::read(&files::at(project.repo.root(), file)).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
        HookManager::SimpleGitHooks.is_configured_by(file, &text)
    })
}

/// Shared files, from the top of the working tree, that `init` writes hooks into after asking.
///
/// # Errors
/// Fails if a hook cannot be read.
pub fn shared_files(project: &Project) -> Result<Vec<String>> {
    if fitting(project) == By::Config || needed(project).is_empty() {
        return Ok(Vec::new());
    }
    let place = HooksFolder::find(project)?;
    let mut found = Vec::new();
    for name in needed(project).iter().filter(|_| place.is_husky) {
        let (slot, _) = read_slot(&place.folder.join(name), &place, name)?;
        if matches!(slot, Slot::Empty | Slot::Shell) {
            found.push(format!(".husky/{name}"));
        }
    }
    for gap in ManagerGap::all(project)? {
        if gap.filled().is_some() {
            found.extend(gap.file.map(str::to_owned));
        }
    }
    Ok(found)
}

/// One line with the number of hooks that git runs and how to make it run all; `None` if it does.
///
/// # Errors
/// Fails if a hook cannot be read.
pub fn remedy(project: &Project) -> Result<Option<String>> {
    let states = states(project)?;
    let (running, needed) = (
        states.iter().filter(|state| state.runs).count(),
        needed(project).len(),
    );
    let todo = todo_about(project, &states)?;
    Ok(todo.map(|todo| format!("git runs {running} of {needed} hooks; {todo}")))
}

/// The checks that `hooks` in relwatch.yml requires but this clone does not enforce, with what to do. Nothing for a clone without any
/// relwatch hook, such as that of a CI job.
///
/// # Errors
/// Fails if a hook cannot be read.
pub fn unenforced(project: &Project) -> Result<Option<String>> {
    let states = states(project)?;
    let checks = states.iter().filter(|state| !state.runs);
    let checks = checks.filter(|state| matches!(state.name, "commit-msg" | "pre-push"));
    let names: Vec<&str> = checks.map(|state| state.name).collect();
    if names.is_empty() || !states.iter().any(|state| state.runs) {
        return Ok(None);
    }
    let todo = todo_about(project, &states)?.unwrap_or_default();
    let names = names.join(" and ");
    Ok(Some(format!(
        "git does not run {names} here, so that commits are not checked as `hooks` in relwatch.yml says; {todo}"
    )))
}

/// What to do so that git runs every hook; `None` if it does.
///
/// # Errors
/// Fails if a hook cannot be read.
pub fn todo(project: &Project) -> Result<Option<String>> {
    todo_about(project, &states(project)?)
}

fn todo_about(project: &Project, states: &[HookState]) -> Result<Option<String>> {
    let idle: Vec<&HookState> = states.iter().filter(|state| !state.runs).collect();
    if idle.is_empty() {
        return Ok(None);
    }
    let Ok(place) = HooksFolder::find(project) else {
        return Ok(Some(OUTSIDE.to_owned()));
    };
    let shared = shared_files(project)?;
    if !shared.is_empty() {
        let files = words::shortlist(&shared);
        return Ok(Some(format!(
            "run `relwatch init --yes`, which writes into {files}"
        )));
    }
    let mut todo = Vec::new();
    for state in idle {
        let path = place.folder.join(state.name);
        let path = path.strip_prefix(project.repo.root()).unwrap_or(&path);
        todo.push(
            match read_slot(&place.folder.join(state.name), &place, state.name)?.0 {
                Slot::Foreign | Slot::Linked => format!(
                    "call `relwatch hook {} \"$@\"` from {}",
                    state.name,
                    path.display()
                ),
                Slot::Dos => format!("convert {} with `sed -i 's/\\r$//'`", path.display()),
                Slot::Shell => format!("run `chmod +x {}`", path.display()),
                Slot::Lefthook => {
                    "add to lefthook's configuration what `relwatch hooks install` prints"
                        .to_owned()
                }
                _ if place.is_husky => "run `npx husky`".to_owned(),
                _ => "run `relwatch init`".to_owned(),
            },
        );
    }
    todo.dedup();
    Ok(Some(todo.join("; ")))
}

/// Shows where git looks for hooks and which ones are there.
pub fn status(project: &Project) -> Result<Report> {
    let folder = folder(&project.repo)?;
    let mut text = format!("hooks directory: {}\n", folder.display());
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
    Ok(Report::answer(text).with_json(json))
}

/// relwatch's hooks that another tool moved aside and does not run, from the repository's root.
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
        .filter(|path| matches!(read_file(path), Ok((Slot::Ours | Slot::Unmarked, _))));
    let root = project.repo.root();
    ours.map(|path| {
        path.strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string()
    })
    .collect()
}

/// Number of relwatch's hooks that git would run.
pub fn running(project: &Project) -> Result<usize> {
    Ok(states(project)?.iter().filter(|state| state.runs).count())
}
