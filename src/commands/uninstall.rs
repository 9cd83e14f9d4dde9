//! `relwatch uninstall`: takes out everything that `init` put into this repository, and says what it leaves.

use crate::commands::{Context, init};
use crate::config;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::words;
use crate::install::{attributes, hooks};
use crate::project::{Project, write_lock};
use crate::sys::git::Indexed;
use crate::sys::{files, layout, registry};
use crate::transition;
use crate::ui::Report;

/// Remove everything that `init` added; your own files stay.
#[derive(Debug, clap::Args)]
pub struct UninstallArguments {}

/// Runs the command.
///
/// # Errors
/// Exit 7 while a release is not finished: what is needed to finish or undo it would go.
pub fn run(_arguments: UninstallArguments, context: &Context) -> Result<Report> {
    let project = context.open()?;
    if let Some(pending) = transition::pending(&project) {
        let what = format!("{} is not finished", pending.released.what);
        return Err(Failure::new(Exit::Pending, what)
            .with_remedy("run `relwatch release --resume` or `relwatch undo` first"));
    }
    let mut report = hooks::uninstall(&project)?;
    let root = project.repo.root();
    let none = |(pattern, _)| (pattern, None);
    let shared = attributes::shared_lines(&project).into_iter().map(none);
    let shared: Vec<_> = shared.collect();
    if attributes::set_attributes(&root.join(".gitattributes"), &shared)?.is_some() {
        report.push("removed: relwatch's lines in .gitattributes\n");
    }
    if attributes::remove_exclusions(&project)? {
        report.push("removed: relwatch's lines in info/exclude\n");
    }
    for name in init::untouched(&project)? {
        files::remove(&files::at(root, &name))?;
        report.push(&format!(
            "removed: {name}, as `relwatch init` had written it\n"
        ));
    }
    forget(&project)?;
    report.push("removed: relwatch's own files in the git directory\n");
    let left = left(&project)?;
    if !left.is_empty() {
        let (names, files) = (left.join(", "), words::shell_words(&left));
        let them = if left.len() == 1 { "it" } else { "them" };
        report.push(&format!(
            "left: {names}; `git rm {files}` removes {them}, if nobody else uses relwatch here\n"
        ));
    }
    let watched = registry::load().unwrap_or_default();
    if watched.iter().any(|known| known == root) {
        report.push("left: the watcher's entry; `relwatch watch remove` removes it\n");
    }
    let dirty = project.repo.dirty()?;
    if !dirty.is_empty() {
        let files = words::shell_words(&dirty);
        report.push(&format!(
            "next: git commit -m \"chore: remove relwatch\" {files}\n"
        ));
    }
    Ok(report)
}

/// Removes the state of every worktree.
fn forget(project: &Project) -> Result<()> {
    let held = write_lock::hold(project)?;
    let mut all = vec![project.repo.git_dir().to_owned()];
    for root in project.repo.worktrees()? {
        all.extend(Project::open(&root).map(|other| other.repo.git_dir().to_owned()));
    }
    for git_dir in all {
        files::remove_folder(&layout::folder(&git_dir))?;
    }
    drop(held);
    files::remove_folder(&layout::folder(project.repo.common_dir()))
}

/// The files that git has of it: they are the project's.
fn left(project: &Project) -> Result<Vec<String>> {
    let manifest = &project.config.manifest;
    let names = [config::FILE, manifest.as_str()];
    let mut left = Vec::new();
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        if project.repo.indexed(name)? != Indexed::Untracked {
            left.push(name.to_owned());
        }
    }
    Ok(left)
}
