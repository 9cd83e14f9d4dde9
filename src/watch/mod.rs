//! `relwatch watch`: one process that keeps the sections of many repositories up to date when no hook runs. For example: a spec is saved, a
//! client commits without hooks, `reset`, `update-ref`, a tag is fetched.
//!
//! An event only means "check again": the recorded inputs of the section are compared with the current ones, and nothing is done if they
//! are the same. No command from a configuration runs here.

pub mod instance;
pub mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::config::Storage;
use crate::domain::failure::{Failure, Result};
use crate::history::snapshot::Snapshot;
use crate::project::view::ViewObstacle;
use crate::project::{Project, wiring, write_lock};
use crate::release::{next_version, proposal};
use crate::section::refresh::{self, Way};
use crate::section::retire;
use crate::section::working_file::WorkingFile;
use crate::sys::files::{self, glob};
use crate::sys::layout;
use crate::sys::watcher::{Burst, Watcher};
use crate::sys::{clock, env, lock, log, mounts, process, registry, shell, state};
use crate::transition;
use crate::ui::{self, Report};

/// Interval for checking directories that cannot be watched.
const POLL: Duration = Duration::from_secs(2);

/// Maximum number of lines shown per update.
const SHOWN: usize = 8;

/// How long to wait for a git command that has locked the index, before checking again.
const BUSY: Duration = Duration::from_millis(200);

/// How long to wait for the lock: a command that asks whether a watcher is running has it briefly.
const ASKED: Duration = Duration::from_millis(100);

/// Watches the registered repositories, and the one that `start` is in. Returns when its output is no longer read.
///
/// # Errors
/// Fails if another watcher of this user is running.
pub fn run(start: &Path, as_json: bool) -> Result<()> {
    let _one = lock::take(&registry::lock_path()?, ASKED).map_err(|_| {
        Failure::failed("a watcher is running already").with_remedy(
            "`relwatch watch status` says which, `relwatch watch add` gives it this repository",
        )
    })?;
    if let Some(path) = layout::user_log() {
        log::start(log::Target::File(path));
    }
    let note = format!("{}\n", process::id());
    files::replace(&instance::pid_path()?, note.as_bytes(), files::Durable::No)?;
    let here = Project::open(start)
        .ok()
        .map(|project| project.repo.root().to_owned());
    let mut watch = Watch {
        watcher: Watcher::new()?,
        here,
        known: BTreeMap::new(),
        as_json,
    };
    watch.load()?;
    watch.say(
        &format!(
            "watching {} in {}; Ctrl-C ends it",
            ui::counted(watch.known.len(), "repository", "repositories"),
            ui::counted(watch.watcher.count(), "folder", "folders")
        ),
        json!({"event": "watching", "repositories": watch.known.keys().collect::<Vec<_>>()}),
    );
    let mut touched: BTreeSet<PathBuf> = watch.known.keys().cloned().collect();
    loop {
        for root in &touched {
            if !watch.look(root) {
                return Ok(());
            }
        }
        let limit = watch.limit();
        match watch.watcher.wait(limit) {
            Some(burst) => touched = watch.touched(&burst)?,
            None => touched = watch.due(),
        }
    }
}

/// Starts the watcher in the background.
pub fn daemon() -> Result<Report> {
    if let Some(pid) = instance::running()? {
        return Ok(Report::text(format!("running already, process {pid}\n")));
    }
    let pid = shell::detach(&env::own_path()?, &["-C", "/", "watch"])?;
    Ok(Report::text(format!("started, process {pid}\n")))
}

/// Stops the running watcher.
///
/// # Errors
/// Fails if the watcher runs as a service: a service manager may start it again.
pub fn stop() -> Result<Report> {
    let Some(pid) = instance::running()? else {
        let json = json!({"schema": 1, "stopped": null});
        return Ok(Report::text("not running\n").with_json(json));
    };
    if service::manager().is_ok_and(|manager| manager.runs(&pid)) {
        let what = format!("the service runs the watcher, process {pid}");
        return Err(Failure::failed(what).with_remedy(
            "`relwatch service stop` stops it, `relwatch service uninstall` for good",
        ));
    }
    instance::stop(&pid)?;
    let json = json!({"schema": 1, "stopped": pid});
    Ok(Report::text(format!("stopped, process {pid}\n")).with_json(json))
}

/// Registers a repository.
pub fn add(start: &Path) -> Result<Report> {
    let project = Project::open(start)?;
    let root = project.repo.root();
    if !project.repo.is_found() {
        let what = format!(
            "nothing in {} leads to its repository, so a watcher cannot find that",
            root.display()
        );
        return Err(Failure::failed(what)
            .with_remedy("the hooks of `relwatch init` keep the section right"));
    }
    let did = if registry::add(root)? {
        "added"
    } else {
        "already there"
    };
    let mut report = Report::text(format!("{did}: {}\n", root.display()));
    if instance::running()?.is_none() {
        report.push("next: relwatch service install, or relwatch watch --daemon\n");
    }
    if project.config.storage == Storage::View && !wiring::filter_is_set(&project) {
        report.push("next: relwatch init, here; until then nothing is written\n");
    }
    Ok(report)
}

/// Removes a repository from the list. Its directory need not exist.
pub fn remove(start: &Path) -> Result<Report> {
    let root = Project::open(start).map_or_else(
        |_| start.to_owned(),
        |project| project.repo.root().to_owned(),
    );
    if registry::remove(&root)? {
        Ok(Report::text(format!("removed: {}\n", root.display())))
    } else {
        Err(
            Failure::failed(format!("{} is not watched", root.display()))
                .with_remedy("`relwatch watch list`"),
        )
    }
}

/// The registered repositories.
pub fn list() -> Result<Report> {
    let all = registry::load()?;
    let mut text = String::new();
    for root in &all {
        let state = if files::exists(root) {
            ""
        } else {
            "  (not there; `relwatch watch remove` takes it off the list)"
        };
        text.push_str(&format!("{}{state}\n", root.display()));
    }
    if all.is_empty() {
        text.push_str("no repository; `relwatch watch add` adds the one you are in\n");
    }
    Ok(Report::answer(text).with_json(json!({"schema": 1, "repositories": all})))
}

/// Whether a watcher is running, and for how many repositories.
pub fn status() -> Result<Report> {
    let pid = instance::running()?;
    let count = ui::counted(registry::load()?.len(), "repository", "repositories");
    let text = match &pid {
        Some(pid) => format!("running, process {pid}, {count} registered\n"),
        None => format!("not running, {count} registered; `relwatch watch --daemon` starts it\n"),
    };
    Ok(Report::answer(text).with_json(json!({"schema": 1, "running": pid.is_some(), "pid": pid})))
}

struct Watch {
    watcher: Watcher,
    /// The repository in which the watcher was started.
    here: Option<PathBuf>,
    known: BTreeMap<PathBuf, WatchedRepository>,
    as_json: bool,
}

/// A watched repository.
#[derive(Default)]
struct WatchedRepository {
    folders: BTreeSet<PathBuf>,
    /// The reason why it is polled.
    polled: Option<String>,
    /// Whether a git command had locked the index at the last check.
    is_busy: bool,
    /// Whether its directory is missing.
    is_gone: bool,
    /// Changelogs, by name, that are left alone because the user restored the file. Each with the basis that was seen.
    left_alone: BTreeMap<String, state::Basis>,
}

/// The result of a check.
enum LookOutcome {
    Same,
    Busy,
    /// The file is git's version, restored by the user.
    LeftAlone(state::Basis),
    /// The entries that were added and removed, and the next version.
    Updated {
        added: Vec<String>,
        removed: Vec<String>,
        next: String,
    },
}

impl Watch {
    /// Loads the list of repositories, and the directories of each.
    fn load(&mut self) -> Result<()> {
        let mut roots: BTreeSet<PathBuf> = registry::load()?.into_iter().collect();
        roots.extend(self.here.clone());
        self.known.retain(|root, _| roots.contains(root));
        for root in roots {
            self.known.entry(root).or_default();
        }
        let roots: Vec<PathBuf> = self.known.keys().cloned().collect();
        for root in &roots {
            // Errors are reported when it is checked.
            let _ = self.find_folders(root);
        }
        self.set_folders();
        Ok(())
    }

    /// Reads the repository. While it cannot be read, its directories are unchanged.
    fn find_folders(&mut self, root: &Path) -> Result<Project> {
        let project = Project::open(root)?;
        if let (Ok(folders), Some(known)) = (folders(&project), self.known.get_mut(root)) {
            known.folders = folders;
        }
        Ok(project)
    }

    /// Watches the directories of all repositories, and polls those that cannot be watched.
    fn set_folders(&mut self) {
        let mut all: BTreeSet<PathBuf> = self
            .known
            .values()
            .flat_map(|k| k.folders.clone())
            .collect();
        let list = registry::path()
            .ok()
            .and_then(|path| path.parent().map(Path::to_owned));
        all.extend(list.filter(|folder| files::exists(folder)));
        let refused = self.watcher.set(&all);
        let mounts = mounts::read();
        let mut said = Vec::new();
        for (root, known) in &mut self.known {
            let by_kernel = refused
                .iter()
                .find(|(folder, _)| known.folders.contains(folder));
            let by_mount = || mounts.network(root).map(|kind| format!("it is on {kind}"));
            let why = by_kernel.map(|(_, why)| why.clone()).or_else(by_mount);
            if known.polled.is_none()
                && let Some(why) = &why
            {
                said.push((root.clone(), why.clone()));
            }
            known.polled = why;
        }
        for (root, why) in said {
            tracing::warn!("{} is looked at every 2 s: {why}", root.display());
            self.say(
                &format!(
                    "{}: looked at every 2 s, because it cannot be watched: {why}",
                    name(&root)
                ),
                json!({"event": "polling", "repository": root, "reason": why}),
            );
        }
    }

    /// How long to sleep: forever, unless something has to be checked without an event.
    fn limit(&self) -> Option<Duration> {
        if self.known.values().any(|known| known.is_busy) {
            return Some(BUSY);
        }
        self.known
            .values()
            .any(|known| known.polled.is_some())
            .then_some(POLL)
    }

    /// Repositories that must be checked although there was no event.
    fn due(&self) -> BTreeSet<PathBuf> {
        let due = self
            .known
            .iter()
            .filter(|(_, k)| k.is_busy || k.polled.is_some());
        due.map(|(root, _)| root.clone()).collect()
    }

    /// The repositories affected by a burst.
    fn touched(&mut self, burst: &Burst) -> Result<BTreeSet<PathBuf>> {
        let list = registry::path()?;
        let mut roots: BTreeSet<PathBuf> = self.due();
        if burst.overflowed || burst.paths.contains(&list) {
            self.load()?;
            roots.extend(self.known.keys().cloned());
            return Ok(roots);
        }
        for (root, known) in &self.known {
            let is_its = |path: &PathBuf| {
                known.folders.contains(path)
                    || path.parent().is_some_and(|p| known.folders.contains(p))
            };
            if burst.paths.iter().any(is_its) {
                roots.insert(root.clone());
            }
        }
        Ok(roots)
    }

    /// Checks a repository. Returns false if the output is no longer read.
    fn look(&mut self, root: &Path) -> bool {
        if !files::exists(&root.join(".git")) {
            return self.drop_it(root);
        }
        // A directory that was created with the event is watched before its content is read.
        let project = self.find_folders(root);
        self.set_folders();
        let Some(known) = self.known.get_mut(root) else {
            return true;
        };
        known.is_gone = false;
        known.is_busy = false;
        match project.and_then(|project| retire(&project).map(|()| project)) {
            Ok(project) => {
                let mut parts = project.components().into_iter();
                parts.all(|part| self.look_at(root, &part))
            }
            Err(failure) => self.say_failure(root, &failure),
        }
    }

    /// Checks one changelog. Returns false if the output is no longer read.
    fn look_at(&mut self, root: &Path, part: &Project) -> bool {
        let Some(known) = self.known.get_mut(root) else {
            return true;
        };
        let changelog = &part.config.changelog;
        let looked = look(part, known.left_alone.get(changelog));
        known.is_busy |= matches!(looked, Ok(LookOutcome::Busy));
        match looked {
            Ok(LookOutcome::Same | LookOutcome::Busy) => true,
            Ok(LookOutcome::LeftAlone(basis)) => {
                known.left_alone.insert(changelog.clone(), basis);
                true
            }
            Ok(LookOutcome::Updated {
                added,
                removed,
                next,
            }) => {
                known.left_alone.remove(changelog);
                self.say_update(root, part.name(), &added, &removed, &next)
            }
            Err(failure) => self.say_failure(root, &failure),
        }
    }

    fn say_failure(&self, root: &Path, failure: &Failure) -> bool {
        tracing::warn!("{}: {failure}", root.display());
        self.say(
            &format!("{}: {failure}", name(root)),
            json!({"event": "failed", "repository": root, "message": failure.to_string()}),
        )
    }

    /// Handles a missing repository: only its return is awaited.
    fn drop_it(&mut self, root: &Path) -> bool {
        let above = root
            .ancestors()
            .skip(1)
            .find(|folder| files::exists(folder));
        let Some(known) = self.known.get_mut(root) else {
            return true;
        };
        let is_news = !std::mem::replace(&mut known.is_gone, true);
        known.folders = above.map(Path::to_owned).into_iter().collect();
        self.set_folders();
        if !is_news {
            return true;
        }
        tracing::info!("{} is gone and not watched any more", root.display());
        self.say(
            &format!("{}: gone, not watched any more", name(root)),
            json!({"event": "dropped", "repository": root}),
        )
    }

    fn say_update(
        &self,
        root: &Path,
        component: Option<&str>,
        added: &[String],
        removed: &[String],
        next: &str,
    ) -> bool {
        let name = match component {
            // A commit to one component is not reported for the others.
            Some(_) if added.is_empty() && removed.is_empty() => return true,
            Some(component) => format!("{}, {component}", name(root)),
            None => name(root),
        };
        let mut text = format!("{name}: next version {next}");
        if self.as_json {
            let mut event = json!({"event": "updated", "repository": root, "added": added, "removed": removed, "next": next});
            if let Some(component) = component {
                event["component"] = json!(component);
            }
            return self.say(&text, event);
        }
        let gone = removed.iter().map(|line| format!("- {line}"));
        let lines: Vec<String> = gone
            .chain(added.iter().map(|line| format!("+ {line}")))
            .collect();
        for line in lines.iter().take(SHOWN) {
            if !self.say(&format!("{name}: {line}"), json!(null)) {
                return false;
            }
        }
        if lines.len() > SHOWN {
            let rest = ui::counted(lines.len() - SHOWN, "more line", "more lines");
            self.say(&format!("{name}: … {rest}"), json!(null));
        }
        if added.is_empty() && removed.is_empty() {
            text = format!("{name}: brought up to date");
        }
        self.say(&text, json!(null))
    }

    fn say(&self, text: &str, event: serde_json::Value) -> bool {
        let at = clock::stamp();
        if self.as_json {
            let mut event = event;
            event["schema"] = json!(1);
            event["at"] = json!(at);
            return ui::line(&event.to_string());
        }
        ui::event(&format!("{}  {text}", at.get(11..).unwrap_or(&at)))
    }
}

fn name(root: &Path) -> String {
    let last = root.file_name().unwrap_or(root.as_os_str());
    last.to_string_lossy().into_owned()
}

/// Removes lines from changelogs that the configuration no longer names.
fn retire(project: &Project) -> Result<()> {
    if !writes(project) || !retire::is_due(project)? {
        return Ok(());
    }
    let held = write_lock::hold(project)?;
    retire::retire(project, &held, Vec::new()).map(drop)
}

/// Whether writing is allowed now.
fn writes(project: &Project) -> bool {
    let repo = &project.repo;
    project.config.storage == Storage::View
        && wiring::filter_is_set(project)
        && !repo.is_rebasing()
        && !repo.between_patches()
        && transition::interrupted(project).is_none()
}

/// Compares the recorded inputs of the section with the current ones, and updates it if they differ.
fn look(project: &Project, left_alone: Option<&state::Basis>) -> Result<LookOutcome> {
    let repo = &project.repo;
    if !writes(project) || ViewObstacle::find(project)?.is_some() {
        return Ok(LookOutcome::Same);
    }
    if files::exists(&repo.git_dir().join("index.lock")) {
        return Ok(LookOutcome::Busy);
    }
    let now = Snapshot::take(project, repo.head()?)?.basis;
    let before = state::load(&project.state_dir());
    if left_alone == Some(&now) {
        return Ok(LookOutcome::Same);
    }
    if let Some(found) = before.as_ref().filter(|found| found.is_settled()) {
        if found.state().basis == now {
            return Ok(LookOutcome::Same);
        }
        let was = &found.state().basis;
        let file_alone = state::Basis {
            file: was.file.clone(),
            blob: was.blob.clone(),
            ..now.clone()
        } == *was;
        if file_alone && is_gits(project)? {
            return Ok(LookOutcome::LeftAlone(now));
        }
    }
    let lines = |found: Option<state::FoundState>| -> BTreeSet<String> {
        let inserted = found.as_ref().and_then(|found| found.inserted());
        let lines = inserted.into_iter().flat_map(|one| one.record.lines());
        lines
            .map(|(category, line)| format!("{category}: {line}"))
            .collect()
    };
    let old = lines(before);
    // Between the writes of file and index entry, a concurrent `git status` would list the file as modified by its size alone. Hooks do not
    // have this problem: git waits for them.
    if let Err(error) = repo.forget_stat(&project.config.changelog) {
        tracing::debug!("the index is busy: {error}");
    }
    refresh::refresh(project, Way::Extend)?;
    let new = lines(state::load(&project.state_dir()));
    Ok(LookOutcome::Updated {
        added: new.difference(&old).cloned().collect(),
        removed: old.difference(&new).cloned().collect(),
        next: next_version(project)?,
    })
}

/// Whether the changelog is the version in git's index: stashed, restored or checked out.
fn is_gits(project: &Project) -> Result<bool> {
    let name = &project.config.changelog;
    let present = files::read(&files::at(project.repo.root(), name))?;
    Ok(present.is_some() && present == project.repo.indexed_bytes(name)?)
}

fn next_version(project: &Project) -> Result<String> {
    let file = WorkingFile::read(project)?;
    let (history, section) = (&file.history, file.section()?);
    let next = next_version::on_its_own(project, history, &section);
    let next =
        next.unwrap_or_else(|_| proposal::next(project, history, &section, &history.tags.versions));
    Ok(next.version.to_string())
}

/// The directories whose files determine the section.
fn folders(project: &Project) -> Result<BTreeSet<PathBuf>> {
    let repo = &project.repo;
    let (git_dir, common) = (repo.git_dir(), repo.common_dir());
    let root = repo.root();
    let mut all = vec![
        root.to_owned(),
        git_dir.to_owned(),
        common.to_owned(),
        git_dir.join("logs"),
    ];
    let refs = common.join("refs");
    let below = |folder: &str| files::at(&refs, folder);
    all.extend([below("heads"), below("tags")]);
    all.extend([git_dir, common].map(|folder| folder.join("reftable")));
    if let Some((folder, _)) = repo
        .head()?
        .branch
        .as_deref()
        .and_then(|branch| branch.rsplit_once('/'))
    {
        all.push(below(&format!("heads/{folder}")));
    }
    for part in project.components() {
        let folders = part.config.tag.folders();
        all.extend(
            folders
                .iter()
                .map(|folder| below(&format!("tags/{folder}"))),
        );
        let changelog = files::at(root, &part.config.changelog);
        all.extend(changelog.parent().map(Path::to_owned));
    }
    for source in &project.config.specs.0 {
        let found = glob::folders(root, source.files.as_str())?;
        all.extend(found.iter().map(|folder| files::at(root, folder)));
    }
    Ok(all
        .into_iter()
        .filter(|folder| files::exists(folder))
        .collect())
}
