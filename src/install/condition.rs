//! The parts that `init` sets up, and which are missing: in the repository, which every clone gets, and in this clone.

use crate::config::{self, Config, ConfigPlace, Storage, WrittenConfig};
use crate::domain::failure::Result;
use crate::domain::release::manifest;
use crate::install::{attributes, hooks};
use crate::project::{Project, wiring};
use crate::sys::files;

/// A part that was checked, with its problem; `None` if there is none.
pub type Condition = (&'static str, Option<String>);

/// Name of the condition of the hooks.
pub const HOOKS: &str = "hooks";

/// The parts that `init` would change here: files of the working tree, and settings of this clone.
///
/// # Errors
/// Fails if a file cannot be read.
pub fn of_set_up(project: &Project) -> Result<Vec<Condition>> {
    let root = project.repo.root();
    let read = |name: &str| files::read(&files::at(root, name));
    let mut all = of_files(project, &WrittenConfig::find(&read), read, "here")?;
    let known = files::read(&project.repo.local_attributes())?.unwrap_or_default();
    let lines = attributes::local_lines(project)?;
    let missing = attributes::missing_lines(&known, lines);
    all.push(("local attributes", lacking("info/attributes", &missing)));
    all.extend(of_clone(project)?);
    Ok(all)
}

/// Problems of the newest commit, which every clone has.
///
/// # Errors
/// Fails if git cannot read the commit.
pub fn of_repository(project: &Project) -> Result<Vec<Condition>> {
    let head = project.repo.head()?.commit;
    let read = |name: &str| match head {
        Some(head) => project.repo.file_at(head, name),
        None => Ok(None),
    };
    let written = WrittenConfig::find(&read);
    let mut all = of_files(project, &written, read, "in the newest commit")?;
    let invalid = written.and_then(|written| Config::of_written(&written));
    let invalid = invalid.err();
    let invalid = invalid.map(|failure| failure.to_string());
    all.push(("settings", invalid));
    let changelog = of_any(&project.components(), |part| {
        let name = &part.config.changelog;
        let present = read(name)?;
        Ok(present
            .is_none()
            .then(|| format!("there is no {name} in the newest commit")))
    })?;
    all.push(("committed changelog", changelog));
    let path = &project.config.manifest;
    if !path.is_empty() {
        let list = read(path)?.unwrap_or_default();
        let broken = manifest::read(&String::from_utf8_lossy(&list)).err();
        let broken = broken.map(|why| format!("{path}: {why}; run `relwatch releases --rebuild`"));
        all.push(("release manifest", broken));
    }
    Ok(all)
}

/// Problems of configuration and attributes, as read by `read`.
fn of_files(
    project: &Project,
    written: &Result<WrittenConfig>,
    read: impl Fn(&str) -> Result<Option<Vec<u8>>>,
    place: &str,
) -> Result<Vec<Condition>> {
    const ATTRIBUTES: &str = ".gitattributes";
    let remedy = "run `relwatch init` and commit what it writes";
    // An invalid configuration is reported as such.
    let is_nowhere = |written: &WrittenConfig| written.place == ConfigPlace::Nowhere;
    let is_missing = written.as_ref().is_ok_and(is_nowhere);
    let configuration =
        is_missing.then(|| format!("there is no {} {place}; {remedy}", config::FILE));
    let known = read(ATTRIBUTES)?.unwrap_or_default();
    let missing = attributes::missing_lines(&known, attributes::shared_lines(project));
    let missing =
        lacking(ATTRIBUTES, &missing).map(|missing| format!("{missing} {place}; {remedy}"));
    Ok(vec![
        ("configuration", configuration),
        ("attributes", missing),
    ])
}

fn lacking(file: &str, lines: &[String]) -> Option<String> {
    let lines = lines.join("`, `");
    (!lines.is_empty()).then(|| format!("{file} lacks `{lines}`"))
}

/// Whether `init` ran in this clone: at least one setting that only a clone has exists.
///
/// # Errors
/// Fails if a hook cannot be read.
pub fn is_begun(project: &Project) -> Result<bool> {
    let is_wired = wiring::filter_is_set(project) || wiring::driver_is_set(project);
    Ok(is_wired || hooks::running(project)? > 0)
}

/// Problems of this clone that keep its changelogs from being up to date.
///
/// # Errors
/// Fails if attributes or a hook cannot be read.
pub fn of_clone(project: &Project) -> Result<Vec<Condition>> {
    let parts = project.components();
    let mut all = vec![("changelog", of_any(&parts, missing)?)];
    let gone = wiring::missing_binary(project)
        .map(|path| format!("{path} is not there any more; the filter does nothing without it"));
    all.push(("binary", gone));
    if project.config.storage == Storage::View {
        let trouble = if wiring::filter_is_set(project) {
            of_any(&parts, unfiltered)?
        } else {
            Some("git does not know the filter: generated lines would get into commits".to_owned())
        };
        all.push(("filter", trouble));
    }
    let driver =
        (!wiring::driver_is_set(project)).then(|| "git does not know the merge driver".to_owned());
    all.push(("merge driver", driver));
    let needed = hooks::needed(project).len();
    let running = hooks::running(project)?;
    let aside = hooks::moved_aside(project);
    let hooks = (running < needed).then(|| {
        let moved = match aside.as_slice() {
            [] => String::new(),
            paths => format!(" (moved aside: {})", paths.join(", ")),
        };
        format!("git runs {running} of {needed}{moved}; `relwatch hooks status` says which")
    });
    all.push((HOOKS, hooks));
    Ok(all)
}

/// The problem of any of the changelogs.
///
/// # Errors
/// The first error of `look`.
pub fn of_any(
    parts: &[Project],
    look: impl Fn(&Project) -> Result<Option<String>>,
) -> Result<Option<String>> {
    let found: Vec<Option<String>> = parts.iter().map(look).collect::<Result<_>>()?;
    let found: Vec<String> = found.into_iter().flatten().collect();
    Ok((!found.is_empty()).then(|| found.join("; ")))
}

fn unfiltered(project: &Project) -> Result<Option<String>> {
    let name = &project.config.changelog;
    Ok((!wiring::has_filter_attribute(project)?).then(|| {
        format!("no attribute gives {name} the filter: generated lines would get into commits")
    }))
}

fn missing(project: &Project) -> Result<Option<String>> {
    let name = &project.config.changelog;
    let present = files::read(&files::at(project.repo.root(), name))?;
    Ok(present.is_none().then(|| format!("there is no {name}")))
}
