//! `relwatch hooks install|uninstall|status`: our part of the repository's git hooks.
//!
//! An empty slot gets our own file; a shell script gets a marked block right after its first line, because
//! what is appended never runs after an `exit`. Anything else is refused with what to do instead.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::app::{Project, init, update};
use crate::config::Storage;
use crate::domain::failure::{Failure, Result};
use crate::sys::git::Repo;
use crate::sys::{env, files, lock};
use crate::ui::Report;

/// Every hook that relwatch may stand in (githooks(5)).
const ALL: [&str; 6] = [
    "pre-commit",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "post-applypatch",
    "post-checkout",
];

/// The hooks that a way of storing needs.
pub fn needed(storage: Storage) -> &'static [&'static str] {
    match storage {
        Storage::View => &ALL[1..],
        Storage::Tracked => &["pre-commit", "post-rewrite"],
    }
}

const SCRIPT: &str = include_str!("../../hooks/run.sh");
const SCRIPT_WITH_INPUT: &str = include_str!("../../hooks/run-with-input.sh");
const SHEBANG: &str = "#!/bin/sh\n";
const BEGIN: &str = "# >>> relwatch >>>\n";
const END: &str = "# <<< relwatch <<<";

/// What stands in a hook's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Empty,
    /// Our own file.
    Ours,
    /// A shell script with our block.
    Shared,
    /// A shell script without it.
    Shell,
    /// Something that we do not edit.
    Foreign,
}

/// Installs every hook. Says what it did; refuses nothing silently.
pub fn install(project: &Project) -> Result<Report> {
    let _lock = lock::take(&project.lock_path(), update::PATIENCE)?;
    let folder = folder(&project.repo)?;
    let binary = env::own_path()?;
    let mut text = String::new();
    let mut refused = Vec::new();
    for name in ALL {
        let path = folder.join(name);
        if !needed(project.config.storage).contains(&name) {
            if remove(&path)? {
                text.push_str(&format!("removed: hook {name}\n"));
            }
            continue;
        }
        let body = body(name, &binary)?;
        let did = match read_slot(&path)? {
            (Slot::Empty, _) => {
                files::replace_script(&path, format!("{SHEBANG}{body}exit 0\n").as_bytes())?;
                "installed"
            }
            (Slot::Ours, bytes) => {
                let new = format!("{SHEBANG}{body}exit 0\n");
                let same = bytes == new.as_bytes();
                files::replace_script(&path, new.as_bytes())?;
                if same { "already installed" } else { "updated" }
            }
            (Slot::Shell, _) if !files::is_executable(&path) => {
                refused.push(format!(
                    "{} is not executable, so git does not run it; `chmod +x` or remove it, then run `relwatch hooks install`",
                    path.display()
                ));
                continue;
            }
            (Slot::Shell, bytes) => {
                files::replace(&path, &with_block(&bytes, &body), files::Durable::Yes)?;
                "installed beside the script that is there"
            }
            (Slot::Shared, bytes) => {
                let new = with_block(&without_block(&bytes), &body);
                let same = new == bytes;
                files::replace(&path, &new, files::Durable::Yes)?;
                if same { "already installed" } else { "updated" }
            }
            (Slot::Foreign, _) => {
                refused.push(format!(
                    "{} is not a shell script that relwatch can share; call `relwatch hook {name} \"$@\"` from it",
                    path.display()
                ));
                continue;
            }
        };
        text.push_str(&format!("{did}: hook {name}\n"));
    }
    Ok(Report::text(text).with_warnings(refused))
}

/// Takes our part out of every hook (the bytes and modes of others come back), the generated lines out of the
/// changelog, and the filter out of the repository's configuration.
pub fn uninstall(project: &Project) -> Result<Report> {
    let _lock = lock::take(&project.lock_path(), update::PATIENCE)?;
    let folder = folder(&project.repo)?;
    let mut text = String::new();
    for name in ALL {
        if remove(&folder.join(name))? {
            text.push_str(&format!("removed: hook {name}\n"));
        }
    }
    if text.is_empty() {
        text.push_str("no hook of relwatch is installed\n");
    }
    let name = &project.config.changelog;
    if update::remove_view(project)? {
        text.push_str(&format!("removed: the generated lines of {name}\n"));
    }
    if init::deconfigure(project)? {
        text.push_str("removed: filter and merge driver from this repository's configuration\n");
    }
    Ok(Report::text(text))
}

/// Takes our part out of a hook. Says whether there was one.
fn remove(path: &Path) -> Result<bool> {
    match read_slot(path)? {
        (Slot::Ours, _) => files::remove(path)?,
        (Slot::Shared, bytes) => {
            files::replace(path, &without_block(&bytes), files::Durable::Yes)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Says where git looks for hooks and what stands there.
pub fn status(project: &Project) -> Result<Report> {
    let folder = folder(&project.repo)?;
    let mut text = format!("hooks folder: {}\n", folder.display());
    let mut rows = Vec::new();
    for name in needed(project.config.storage) {
        let path = folder.join(name);
        let (slot, _) = read_slot(&path)?;
        let runs = matches!(slot, Slot::Ours | Slot::Shared) && files::is_executable(&path);
        let what = match slot {
            Slot::Empty => "not installed",
            Slot::Shell => "a script without relwatch",
            Slot::Foreign => "not a shell script; relwatch cannot share it",
            Slot::Ours | Slot::Shared if !runs => {
                "installed, but not executable: git does not run it"
            }
            Slot::Ours => "installed",
            Slot::Shared => "installed beside another script",
        };
        text.push_str(&format!("{name:<16} {what}\n"));
        rows.push(json!({"hook": name, "runs": runs, "state": what}));
    }
    let json = json!({"schema": 1, "folder": folder, "hooks": rows});
    Ok(Report::text(text).with_json(json))
}

/// How many of our hooks git would run.
pub fn running(project: &Project) -> Result<usize> {
    let folder = folder(&project.repo)?;
    let mut count = 0;
    for name in needed(project.config.storage) {
        let path = folder.join(name);
        let (slot, _) = read_slot(&path)?;
        let ours = matches!(slot, Slot::Ours | Slot::Shared);
        count += usize::from(ours && files::is_executable(&path));
    }
    Ok(count)
}

fn folder(repo: &Repo) -> Result<PathBuf> {
    let folder = repo.hooks_dir().map_err(|error| {
        Failure::failed(format!(
            "git has no hooks folder ({}); look at `git config core.hooksPath`",
            error.message
        ))
    })?;
    Ok(folder)
}

fn body(name: &str, binary: &Path) -> Result<String> {
    let binary = quoted(binary)?;
    let script = match name {
        "post-rewrite" => SCRIPT_WITH_INPUT,
        _ => SCRIPT,
    };
    Ok(script.replace("@NAME@", name).replace("@BINARY@", &binary))
}

/// A path as one word of sh.
pub fn quoted(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .filter(|text| !text.contains(['\n', '\r']))
        .ok_or_else(|| {
            let path = path.display();
            Failure::failed(format!(
                "the path of relwatch, {path}, cannot be written into a script"
            ))
        })?;
    Ok(format!("'{}'", text.replace('\'', "'\\''")))
}

fn read_slot(path: &Path) -> Result<(Slot, Vec<u8>)> {
    if !files::exists(path) {
        return Ok((Slot::Empty, Vec::new()));
    }
    // A link, a folder or a device: somebody else's arrangement.
    let Ok(Some(bytes)) = files::read(path) else {
        return Ok((Slot::Foreign, Vec::new()));
    };
    let text = String::from_utf8_lossy(&bytes);
    let slot = if text.contains(BEGIN) && text.contains(END) {
        Slot::Shared
    } else if text.starts_with(&format!("{SHEBANG}# relwatch keeps")) {
        Slot::Ours
    } else if is_shell(text.lines().next().unwrap_or("")) && !bytes.contains(&b'\r') {
        Slot::Shell
    } else {
        Slot::Foreign
    };
    Ok((slot, bytes))
}

fn is_shell(shebang: &str) -> bool {
    let Some(command) = shebang.strip_prefix("#!") else {
        return false;
    };
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or("");
    let name = program.rsplit('/').next().unwrap_or("");
    let name = if name == "env" {
        words.find(|word| !word.starts_with('-')).unwrap_or("")
    } else {
        name
    };
    matches!(name, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh")
}

fn with_block(bytes: &[u8], body: &str) -> Vec<u8> {
    let block = format!("{BEGIN}{body}{END}");
    match bytes.iter().position(|b| *b == b'\n') {
        Some(at) => [&bytes[..=at], block.as_bytes(), b"\n", &bytes[at + 1..]].concat(),
        // A script of one line without an end: no line end is added after the block either.
        None => [bytes, b"\n", block.as_bytes()].concat(),
    }
}

fn without_block(bytes: &[u8]) -> Vec<u8> {
    let find = |mark: &str| {
        bytes
            .windows(mark.len())
            .position(|window| window == mark.as_bytes())
    };
    match (find(BEGIN), find(END)) {
        (Some(begin), Some(end)) if begin < end => {
            let after = end + END.len();
            match bytes.get(after) {
                Some(_) => [&bytes[..begin], &bytes[after + 1..]].concat(),
                None => bytes[..begin.saturating_sub(1)].to_vec(),
            }
        }
        _ => bytes.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_goes_in_after_the_first_line_and_out_again() {
        let script = b"#!/usr/bin/env bash\nset -e\nexit 0\n";
        let shared = with_block(script, "run\n");
        assert_eq!(
            String::from_utf8_lossy(&shared),
            "#!/usr/bin/env bash\n# >>> relwatch >>>\nrun\n# <<< relwatch <<<\nset -e\nexit 0\n"
        );
        for script in [
            &b"#!/bin/sh"[..],
            b"#!/bin/sh\n",
            b"#!/bin/sh\nexit 1",
            script,
        ] {
            assert_eq!(without_block(&with_block(script, "run\n")), script);
        }
    }

    #[test]
    fn shells_are_known_by_their_first_line() {
        assert!(is_shell("#!/bin/sh") && is_shell("#! /usr/bin/env -S bash -e"));
        assert!(!is_shell("#!/usr/bin/env python3") && !is_shell("echo"));
    }
}
