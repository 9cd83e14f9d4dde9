//! `relwatch hooks install|uninstall|status`: our part of the repository's git hooks.
//!
//! By rungs: git's own configured hooks where git has them (2.54 and later); the configuration of a hook manager that owns the place;
//! our own file in an empty place; a marked block in a shell script. Anything else is refused with what to do instead.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::json;

use crate::config::{Check, Config, Storage};
use crate::domain::failure::{Failure, Result};
use crate::domain::install::hook_manager::Manager;
use crate::domain::install::hook_script::{SHEBANG, Slot, with_block, without_block};
use crate::install::filters;
use crate::project::{Project, wiring, write_lock};
use crate::section::retire;
use crate::sys::git::Repo;
use crate::sys::{env, files};
use crate::ui::Report;

/// Every hook that relwatch may stand in (githooks(5)).
const ALL: [&str; 8] = [
    "pre-commit",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "post-applypatch",
    "post-checkout",
    "commit-msg",
    "pre-push",
];

/// The hooks that a configuration needs: those of its way of storing, and those of checks that are on.
pub fn needed(config: &Config) -> Vec<&'static str> {
    let mut names = match config.storage {
        Storage::View => ALL[1..6].to_vec(),
        Storage::Tracked => vec!["pre-commit", "post-rewrite"],
    };
    if config.hooks.commit_msg != Check::Off || config.hooks.freeze != Check::Off {
        names.push("commit-msg");
    }
    if config.hooks.release_tags != Check::Off {
        names.push("pre-push");
    }
    names
}

const SCRIPT: &str = include_str!("../../hooks/run.sh");
const SCRIPT_WITH_INPUT: &str = include_str!("../../hooks/run-with-input.sh");
const GUARD: &str = include_str!("../../hooks/guard.sh");

/// The first git with hooks in its configuration (githooks(5) of 2.54).
const CONFIGURED_SINCE: (u32, u32) = (2, 54);

/// How the hooks are to be installed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Instead of what fits this git.
    pub by: Option<By>,
    /// Write into the files of hook managers instead of showing what to write.
    pub apply: bool,
}

/// The two ways in which git finds hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// `hook.NAME.command` in the repository's configuration.
    Config,
    /// Files in the hooks folder.
    Files,
}

/// The way that fits: configured hooks run beside every manager, where git knows them.
fn fitting(project: &Project) -> By {
    match project.repo.git_version() {
        Some(version) if version >= CONFIGURED_SINCE => By::Config,
        _ => By::Files,
    }
}

/// Installs every hook. Says what it did; refuses nothing silently.
///
/// # Errors
/// If the hooks folder is outside of the repository: other repositories would run what is put there.
pub fn install(project: &Project, options: Options) -> Result<Report> {
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

fn install_as_files(project: &Project, options: Options) -> Result<Report> {
    let place = Place::of(project)?;
    let binary = env::own_path()?;
    let mut out = Report::default();
    let mut managed: Vec<(Manager, &str)> = Vec::new();
    for name in ALL {
        if remove_from_config(&project.repo, name)? {
            out.push(&format!("removed: hook {name} from the configuration\n"));
        }
        let path = place.folder.join(name);
        if !needed(&project.config).contains(&name) {
            if remove(&path)? {
                out.push(&format!("removed: hook {name}\n"));
            }
            continue;
        }
        let body = body(name, &binary)?;
        let (slot, bytes) = read_slot(&path, &place)?;
        let did = match slot {
            Slot::Empty | Slot::Shell if place.is_husky && !options.apply => {
                out = out.with_warnings(vec![format!(
                    "husky runs .husky/{name}; add the line `relwatch hook {name} \"$@\" || [ $? -ne 1 ]` to it, or run `relwatch hooks install --apply`"
                )]);
                continue;
            }
            Slot::Empty => {
                files::replace_script(&path, format!("{SHEBANG}{body}exit 0\n").as_bytes())?;
                "installed"
            }
            Slot::Ours => {
                let new = format!("{SHEBANG}{body}exit 0\n");
                let same = bytes == new.as_bytes();
                files::replace_script(&path, new.as_bytes())?;
                if same { "already installed" } else { "updated" }
            }
            Slot::Shell if !place.is_husky && !files::is_executable(&path) => {
                let path = path.display();
                out = out.with_warnings(vec![format!(
                    "{path} is not executable, so git does not run it; `chmod +x` or remove it, then run `relwatch hooks install`"
                )]);
                continue;
            }
            Slot::Shell => {
                files::replace(&path, &with_block(&bytes, &body), files::Durable::Yes)?;
                "installed beside the script that is there"
            }
            Slot::Shared => {
                let new = with_block(&without_block(&bytes), &body);
                let same = new == bytes;
                files::replace(&path, &new, files::Durable::Yes)?;
                if same { "already installed" } else { "updated" }
            }
            Slot::Lefthook => {
                managed.push((Manager::Lefthook, name));
                continue;
            }
            Slot::PreCommit if has_legacy(&place, name) => "already installed",
            Slot::PreCommit => {
                managed.push((Manager::PreCommit, name));
                continue;
            }
            Slot::Dos => {
                let path = path.display();
                out = out.with_warnings(vec![format!(
                    "{path} has the line ends of DOS, so no shell runs it; convert it with `sed -i 's/\\r$//'`, then run `relwatch hooks install`"
                )]);
                continue;
            }
            Slot::Foreign => {
                let path = path.display();
                out = out.with_warnings(vec![format!(
                    "{path} is not a shell script that relwatch can share; call `relwatch hook {name} \"$@\"` from it"
                )]);
                continue;
            }
        };
        out.push(&format!("{did}: hook {name}\n"));
    }
    for manager in [Manager::Lefthook, Manager::PreCommit] {
        let of = |(owner, name): &(Manager, &'static str)| (*owner == manager).then_some(*name);
        let names: Vec<&str> = managed.iter().filter_map(of).collect();
        if !names.is_empty() {
            out = hand_to(project, manager, &names, options.apply, out)?;
        }
    }
    Ok(out)
}

/// Where hooks of the repository are files.
struct Place {
    folder: PathBuf,
    /// husky runs the scripts in `.husky` from shims of its own.
    is_husky: bool,
}

impl Place {
    fn of(project: &Project) -> Result<Place> {
        let folder = folder(&project.repo)?;
        let root = project.repo.root();
        if folder == root.join(".husky/_") {
            let folder = root.join(".husky");
            return Ok(Place {
                folder,
                is_husky: true,
            });
        }
        let inside = [root, project.repo.common_dir(), project.repo.git_dir()];
        if !inside.iter().any(|owner| folder.starts_with(owner)) {
            let what = format!(
                "core.hooksPath is {}, outside of this repository: others would run what is put there",
                folder.display()
            );
            return Err(Failure::failed(what)
                .with_remedy("`git config core.hooksPath .git/hooks` gives this one its own"));
        }
        Ok(Place {
            folder,
            is_husky: false,
        })
    }
}

/// Gives hooks to a manager: writes its configuration, or shows what to write.
fn hand_to(
    project: &Project,
    manager: Manager,
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
            if manager == Manager::PreCommit {
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
        if let Ok(place) = Place::of(project)
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

fn section_of(name: &str) -> String {
    format!("hook.relwatch-{name}")
}

fn remove_from_config(repo: &Repo, name: &str) -> Result<bool> {
    let section = section_of(name);
    let is_there = repo.config(&format!("{section}.command")).is_some();
    if is_there {
        repo.remove_config_section(&section)?;
    }
    Ok(is_there)
}

/// git appends the hook's arguments to a configured command, so it has to end in one that takes them.
fn command(name: &str, binary: &Path) -> Result<String> {
    let binary = wiring::shell_word(binary)?;
    let reads = matches!(name, "post-rewrite" | "pre-push");
    let input = if reads { "" } else { " </dev/null" };
    // Only a check that is set to reject ends with 1.
    let fails = match name {
        "commit-msg" | "pre-push" => "[ $? -ne 1 ]",
        _ => ":",
    };
    Ok(format!(
        "relwatch_hook() {{ if command -v relwatch >/dev/null 2>&1; then relwatch hook {name} \"$@\"{input} || {fails}; elif [ -x {binary} ]; then {binary} hook {name} \"$@\"{input} || {fails}; fi; }}; relwatch_hook"
    ))
}

/// Takes our part out of every hook (the bytes and modes of others come back), the generated lines out of the
/// changelog, and the filter out of the repository's configuration.
pub fn uninstall(project: &Project) -> Result<Report> {
    let held = write_lock::hold(project)?;
    let mut text = String::new();
    // Also where they were before core.hooksPath was set.
    let mut folders = vec![project.repo.common_dir().join("hooks")];
    folders.extend(Place::of(project).map(|place| place.folder));
    for name in ALL {
        let mut in_folder = false;
        for folder in &folders {
            in_folder |= remove(&folder.join(name))?;
        }
        if remove_from_config(&project.repo, name)? || in_folder {
            text.push_str(&format!("removed: hook {name}\n"));
        }
    }
    for manager in [Manager::Lefthook, Manager::PreCommit] {
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

/// How a hook is run.
struct State {
    name: &'static str,
    /// The rung: `config`, `lefthook`, `pre-commit`, `husky`, `file`, `block`; empty if none.
    rung: &'static str,
    runs: bool,
    what: &'static str,
}

/// Every needed hook, as git would find it.
fn states(project: &Project) -> Result<Vec<State>> {
    let place = Place::of(project);
    let mut states = Vec::new();
    for name in needed(&project.config) {
        let state = |rung, runs, what| State {
            name,
            rung,
            runs,
            what,
        };
        if project
            .repo
            .config(&format!("{}.command", section_of(name)))
            .is_some()
        {
            let known = fitting(project) == By::Config;
            let what = match known {
                true => "in the configuration",
                false => "in the configuration, which this git does not read",
            };
            states.push(state("config", known, what));
            continue;
        }
        let Ok(place) = &place else {
            states.push(state(
                "",
                false,
                "core.hooksPath is outside of the repository",
            ));
            continue;
        };
        let path = place.folder.join(name);
        let (slot, _) = read_slot(&path, place)?;
        let shim = || files::exists(&place.folder.join("_").join(name));
        let is_run = if place.is_husky {
            shim()
        } else {
            files::is_executable(&path)
        };
        let by_manager = |manager: Manager, rung| match has_snippet(project, manager, name) {
            true => state(rung, true, "in the hook manager's configuration"),
            false => state(
                "",
                false,
                "the hook manager's; see `relwatch hooks install`",
            ),
        };
        states.push(match slot {
            Slot::Empty => state("", false, "not installed"),
            Slot::Shell => state("", false, "a script without relwatch"),
            Slot::Lefthook => by_manager(Manager::Lefthook, "lefthook"),
            Slot::PreCommit if has_legacy(place, name) => state(
                "pre-commit",
                true,
                "run by pre-commit, which found it in its place",
            ),
            Slot::PreCommit => by_manager(Manager::PreCommit, "pre-commit"),
            Slot::Dos => state(
                "",
                false,
                "a script with the line ends of DOS, which no shell runs",
            ),
            Slot::Foreign => state("", false, "not a shell script; relwatch cannot share it"),
            Slot::Ours | Slot::Shared if !is_run && place.is_husky => state(
                "husky",
                false,
                "installed, but husky's shims are not there: run `npx husky`",
            ),
            Slot::Ours | Slot::Shared if !is_run => state(
                "file",
                false,
                "installed, but not executable: git does not run it",
            ),
            _ if place.is_husky => state("husky", true, "installed in .husky"),
            Slot::Ours => state("file", true, "installed"),
            Slot::Shared => state("block", true, "installed beside another script"),
        });
    }
    Ok(states)
}

fn has_snippet(project: &Project, manager: Manager, name: &str) -> bool {
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
    for State {
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
    let Ok(place) = Place::of(project) else {
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

/// Whether pre-commit runs our hook, which it found in its place.
fn has_legacy(place: &Place, name: &str) -> bool {
    let shim = read_file(&place.folder.join(name));
    let legacy = read_file(&place.folder.join(format!("{name}.legacy")));
    matches!(shim, Ok((Slot::PreCommit, _))) && matches!(legacy, Ok((Slot::Ours | Slot::Shared, _)))
}

/// How many of our hooks git would run.
pub fn running(project: &Project) -> Result<usize> {
    Ok(states(project)?.iter().filter(|state| state.runs).count())
}

fn folder(repo: &Repo) -> Result<PathBuf> {
    let folder = repo.hooks_dir().map_err(|error| {
        Failure::failed(format!("git has no hooks folder ({error})"))
            .with_remedy("look at `git config core.hooksPath`")
    })?;
    Ok(folder)
}

fn body(name: &str, binary: &Path) -> Result<String> {
    let binary = wiring::shell_word(binary)?;
    let script = match name {
        "post-rewrite" | "pre-push" => SCRIPT_WITH_INPUT,
        "commit-msg" => GUARD,
        _ => SCRIPT,
    };
    let (promise, otherwise) = match name {
        "pre-push" => (
            "Only a check that relwatch.yml sets to `reject` stops git here.",
            "[ $? -ne 1 ] || exit 1",
        ),
        _ => (
            "It never fails git; `relwatch hooks uninstall` removes it.",
            ":",
        ),
    };
    let script = script
        .replace("@PROMISE@", promise)
        .replace("@OTHERWISE@", otherwise);
    Ok(script.replace("@NAME@", name).replace("@BINARY@", &binary))
}

/// What stands in a hook's place. husky's scripts need no `#!` line.
fn read_slot(path: &Path, place: &Place) -> Result<(Slot, Vec<u8>)> {
    let (slot, bytes) = read_file(path)?;
    let slot = match slot {
        Slot::Foreign if place.is_husky && !bytes.is_empty() && !bytes.starts_with(b"#!") => {
            Slot::Shell
        }
        slot => slot,
    };
    Ok((slot, bytes))
}

fn read_file(path: &Path) -> Result<(Slot, Vec<u8>)> {
    if !files::exists(path) {
        return Ok((Slot::Empty, Vec::new()));
    }
    // A link, a folder or a device: somebody else's arrangement.
    let Ok(Some(bytes)) = files::read(path) else {
        return Ok((Slot::Foreign, Vec::new()));
    };
    Ok((Slot::of(&bytes), bytes))
}
