//! Hook managers with a configuration of their own: relwatch's entries in it.

use super::place::{ALL, HooksFolder, needed, read_file};
use crate::domain::failure::Result;
use crate::domain::install::hook_manager::HookManager;
use crate::domain::install::hook_script::Slot;
use crate::project::Project;
use crate::sys::files::{self, Durable};
use crate::ui::Report;

/// A manager's configuration, and the hooks that it controls but that do not run relwatch.
pub(super) struct ManagerGap {
    pub(super) manager: HookManager,
    /// Path from the top of the working tree; `None` if the manager has no configuration that relwatch reads.
    pub(super) file: Option<&'static str>,
    text: String,
    pub(super) hooks: Vec<&'static str>,
}

impl ManagerGap {
    /// Missing entries in the configuration of each manager.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub(super) fn all(project: &Project) -> Result<Vec<ManagerGap>> {
        let mut gaps = Vec::new();
        for manager in [HookManager::Lefthook, HookManager::SimpleGitHooks] {
            let configured = configuration(project, manager)?;
            let (file, text) =
                configured.map_or((None, String::new()), |(file, text)| (Some(file), text));
            let decides = |name: &&'static str| match manager {
                HookManager::SimpleGitHooks => file.is_some(),
                _ => is_lefthooks(project, name),
            };
            let lacks = |name: &&'static str| match file {
                Some(file) => !manager.runs(file, &text, name),
                None => true,
            };
            let hooks: Vec<_> = needed(project)
                .into_iter()
                .filter(decides)
                .filter(lacks)
                .collect();
            if !hooks.is_empty() {
                gaps.push(ManagerGap {
                    manager,
                    file,
                    text,
                    hooks,
                });
            }
        }
        Ok(gaps)
    }

    /// The configuration with relwatch's entries added, if it can be extended.
    pub(super) fn filled(&self) -> Option<String> {
        self.manager.applied(self.file?, &self.text, &self.hooks)
    }
}

fn is_lefthooks(project: &Project, name: &str) -> bool {
    let place = HooksFolder::find(project).ok();
    let slot = place.map(|place| read_file(&place.folder.join(name)));
    matches!(slot, Some(Ok((Slot::Lefthook, _))))
}

/// The file that configures a manager, and its text.
fn configuration(
    project: &Project,
    manager: HookManager,
) -> Result<Option<(&'static str, String)>> {
    for file in manager.files() {
        let path = files::at(project.repo.root(), file);
        if let Some(bytes) = files::read(&path).unwrap_or_default() {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if manager.is_configured_by(file, &text) {
                return Ok(Some((file, text)));
            }
        }
    }
    Ok(None)
}

/// Whether the configuration of a manager runs relwatch as a hook.
pub(super) fn runs(project: &Project, manager: HookManager, name: &str) -> bool {
    let found = configuration(project, manager).unwrap_or_default();
    found.is_some_and(|(file, text)| manager.runs(file, &text, name))
}

/// Extends the configurations, or shows what to add if that is not possible.
///
/// # Errors
/// Fails if a file cannot be written.
pub(super) fn extend(project: &Project, apply: bool, mut out: Report) -> Result<Report> {
    for gap in ManagerGap::all(project)? {
        let names = gap.hooks.join(", ");
        match (gap.filled(), gap.file) {
            (Some(new), Some(file)) if apply => {
                let path = files::at(project.repo.root(), file);
                files::replace(&path, new.as_bytes(), Durable::Yes)?;
                out.push(&format!("wrote: {file}: {names}\n"));
            }
            (Some(_), _) => {}
            (None, file) => {
                let file = file.unwrap_or(gap.manager.files()[0]);
                let text = gap.manager.snippet(&gap.hooks);
                out.push(&format!(
                    "{file} decides what runs as {names}; add to it:\n{text}"
                ));
            }
        }
    }
    Ok(out)
}

/// Removes relwatch's entries from every configuration. Returns what it did.
///
/// # Errors
/// Fails if a file cannot be written.
pub(super) fn remove(project: &Project) -> Result<String> {
    let mut said = String::new();
    for manager in HookManager::ALL {
        for file in manager.files() {
            let path = files::at(project.repo.root(), file);
            let Some(bytes) = files::read(&path).unwrap_or_default() else {
                continue;
            };
            let Ok(text) = String::from_utf8(bytes) else {
                continue; // not what relwatch wrote
            };
            let without = manager.removed(&text, &ALL);
            if without != text {
                files::replace(&path, without.as_bytes(), Durable::Yes)?;
                said.push_str(&format!("removed: the hooks in {file}\n"));
            }
        }
    }
    Ok(said)
}
