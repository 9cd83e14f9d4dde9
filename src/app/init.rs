//! `relwatch init`: everything a repository needs, said as it is done. Safe to repeat; asks nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::app::{Project, hooks, section, update};
use crate::config::{self, Config, Storage};
use crate::domain::category::Categories;
use crate::domain::changelog::document::Document;
use crate::domain::failure::{Failure, Result};
use crate::domain::text;
use crate::domain::version::TagFormat;
use crate::sys::files::{self, Durable};
use crate::sys::git::{Indexed, Repo};
use crate::sys::{env, state};
use crate::ui::Report;

const NEW_CHANGELOG: &str = "# Changelog

All notable changes to this project are documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
";

const FILTER: &str = "filter.relwatch";

const DRIVER: &str = "merge.relwatch";

/// Runs the command; `storage` switches to it, from whatever it was.
pub fn run(start: &Path, storage: Option<Storage>) -> Result<Report> {
    let repo = Rc::new(Repo::open(start)?);
    let mut text = String::new();
    let mut written = Vec::new();

    let path = repo.root().join(config::FILE);
    let existing = files::read(&path)?;
    // A sparse checkout leaves them out; what is written now would take the place of what git has.
    let away = |name: &str, is_here: bool| match repo.indexed(name)? {
        Indexed::Untracked => Ok(()),
        _ if is_here => Ok(()),
        _ => Err(Failure::failed(format!(
            "{name} is in git, but not in this working tree; `git checkout -- {name}` brings it back, in a sparse checkout `git sparse-checkout add {name}`"
        ))),
    };
    away(config::FILE, existing.is_some())?;
    let before = match &existing {
        Some(_) => Project::open(start)?,
        None => Project {
            repo: Rc::clone(&repo),
            config: Config::default(),
        },
    };
    let switch = storage.filter(|s| *s != before.config.storage);
    let (yaml, why) = match &existing {
        Some(bytes) => (String::from_utf8_lossy(bytes).into_owned(), String::new()),
        None => fitting_config(&repo)?,
    };
    let yaml = switch.map_or(yaml.clone(), |s| Config::with_storage(&yaml, s));
    let hand_written = switch.map(|_| leave(&before)).transpose()?;
    if files::replace(&path, yaml.as_bytes(), Durable::Yes)? {
        let storage = switch.map_or(String::new(), |s| format!(" (storage: {})", s.word()));
        text.push_str(&format!("wrote: {}{why}{storage}\n", config::FILE));
        written.push(config::FILE.to_owned());
    } else {
        text.push_str(&format!("kept: {}\n", config::FILE));
        if repo.indexed(config::FILE)? == Indexed::Untracked {
            written.push(config::FILE.to_owned());
        }
    }
    let project = Project::open(start)?;
    let parts = project.components();
    let names: Vec<String> = parts.iter().map(|p| p.config.changelog.clone()).collect();
    for name in &names {
        let path = files::at(project.repo.root(), name);
        if files::read(&path)?.is_some() {
            text.push_str(&format!("kept: {name}, with every line that is there\n"));
        } else {
            away(name, false)?;
            files::make_parent(&path)?;
            files::replace(&path, NEW_CHANGELOG.as_bytes(), Durable::Yes)?;
            text.push_str(&format!("wrote: {name}\n"));
        }
        if project.repo.indexed(name)? == Indexed::Untracked {
            written.push(name.clone());
        }
    }

    let shared = project.repo.root().join(".gitattributes");
    let mut has_new_line = false;
    let local = local_attributes(&project);
    for (pattern, line) in attribute_lines(&project) {
        if set_attributes(&shared, &pattern, Some(&line))? {
            text.push_str(&format!("wrote: .gitattributes: {line}\n"));
            has_new_line = true;
        }
        // Commits from before today have no such line in .gitattributes; this one holds for them too.
        set_attributes(&local, &pattern, Some(&line))?;
    }
    let is_view = project.config.storage == Storage::View;
    for pattern in patterns_anywhere(&project) {
        let line = is_view.then(|| format!("{pattern} filter=relwatch"));
        set_attributes(&local, &pattern, line.as_deref())?;
    }
    match has_new_line {
        true => written.push(".gitattributes".into()),
        false => {
            text.push_str("kept: .gitattributes\n");
            if project.repo.indexed(".gitattributes")? == Indexed::Untracked {
                written.push(".gitattributes".into());
            }
        }
    }

    text.push_str(&configure(&project)?);
    for (part, doc) in hand_written.unwrap_or_default() {
        let path = files::at(project.repo.root(), &part.config.changelog);
        files::replace(&path, &doc, Durable::Yes)?;
        state::forget(&part.state_dir())?;
    }
    let installed = hooks::install(&project, hooks::Options::default())?;
    // Stored lines that lack only what a commit cannot know of itself are left alone: a fresh clone stays clean.
    let check = update::run(&project, update::Mode::Check);
    let updated = match (project.config.storage, check) {
        (Storage::Tracked, Ok(current)) => current,
        _ => update::run(&project, update::Mode::Write)?,
    };
    let stored = project.config.storage == Storage::Tracked;
    for name in names {
        if switch.is_some() {
            project.repo.forget_stat(&name)?;
        }
        if (stored || switch.is_some()) && !written.contains(&name) {
            written.push(name);
        }
    }
    let mut report = Report::text(text);
    report.absorb(installed);
    report.absorb(updated);
    if !written.is_empty() {
        report.push(&format!(
            "next: git add {} && git commit -m \"chore: keep the changelog with relwatch\"\n",
            text::shell_words(&written)
        ));
    }
    if existing.is_none() {
        report
            .push("optional: relwatch watch add keeps the section right also when no hook runs\n");
    }
    Ok(report)
}

/// The hand-written part of each changelog, brought up to date first: what another way of storing starts from.
fn leave(project: &Project) -> Result<Vec<(Project, Vec<u8>)>> {
    let mut left = Vec::new();
    for part in project.components() {
        let path = files::at(project.repo.root(), &part.config.changelog);
        if files::read(&path)?.is_some() {
            let history = section::history(&part)?;
            let (_, section) = update::write(&part, &history)?;
            left.extend(section.map(|section| (part, section.doc)));
        }
    }
    Ok(left)
}

/// Filter and merge driver in the configuration that all worktrees share.
fn configure(project: &Project) -> Result<String> {
    let binary = hooks::quoted(&env::own_path()?)?;
    let mut text = String::new();
    let set = |key: &str, value: &str| -> Result<bool> {
        let known = project.repo.config(key).as_deref() == Some(value);
        if !known {
            project.repo.set_config(key, value)?;
        }
        Ok(!known)
    };
    // With the binary gone git does what it does without relwatch, and nobody is told so on every `git status`.
    let driver = format!(
        "if test -x {binary}; then exec {binary} merge-driver %O %A %B %L %P; else exec git merge-file --marker-size=%L %A %O %B; fi"
    );
    let filter = format!("if test -x {binary}; then exec {binary} filter clean %f; else cat; fi");
    let named = set(
        &format!("{DRIVER}.name"),
        "changelogs by meaning (relwatch)",
    )?;
    let driven = set(&format!("{DRIVER}.driver"), &driver)?;
    text.push_str(if named || driven {
        "set: the merge driver, so that notes at one place are no conflict\n"
    } else {
        "kept: the merge driver in this repository's configuration\n"
    });
    let key = format!("{FILTER}.clean");
    match project.config.storage {
        Storage::View => text.push_str(if set(&key, &filter)? {
            "set: the clean filter, so that generated lines stay out of commits\n"
        } else {
            "kept: the clean filter in this repository's configuration\n"
        }),
        Storage::Tracked if project.repo.config(&key).is_some() => {
            project.repo.remove_config_section(FILTER)?;
            text.push_str("removed: the clean filter; generated lines go into commits\n");
        }
        Storage::Tracked => {}
    }
    Ok(text)
}

/// Takes back what init did outside of tracked files. Says whether there was anything.
pub fn deconfigure(project: &Project) -> Result<bool> {
    let mut there = false;
    for (section, key) in [(FILTER, "clean"), (DRIVER, "driver")] {
        if project.repo.config(&format!("{section}.{key}")).is_some() {
            project.repo.remove_config_section(section)?;
            there = true;
        }
    }
    let lines = attribute_lines(project).into_iter();
    let patterns = lines.map(|(pattern, _)| pattern);
    for pattern in patterns.chain(patterns_anywhere(project)) {
        set_attributes(&local_attributes(project), &pattern, None)?;
    }
    Ok(there)
}

/// The binary that filter or merge driver name, if it is not there any more.
pub fn missing_binary(project: &Project) -> Option<String> {
    let keys = [format!("{FILTER}.clean"), format!("{DRIVER}.driver")];
    let commands = keys.iter().filter_map(|key| project.repo.config(key));
    let mut paths = commands.filter_map(|command| {
        let (_, rest) = command.split_once("test -x '")?;
        Some(rest.split_once("';")?.0.replace("'\\''", "'"))
    });
    paths.find(|path| !files::exists(Path::new(path)))
}

/// Whether git would run our filter for the changelog.
pub fn filter_is_set(project: &Project) -> bool {
    project.repo.config(&format!("{FILTER}.clean")).is_some()
}

/// Whether an attribute gives the changelog our filter.
pub fn has_filter_attribute(project: &Project) -> Result<bool> {
    let asked = project
        .repo
        .attribute(&project.config.changelog, "filter")?;
    Ok(asked.as_deref() == Some("relwatch"))
}

/// Whether git would run our merge driver for the changelog.
pub fn driver_is_set(project: &Project) -> bool {
    project.repo.config(&format!("{DRIVER}.driver")).is_some()
}

fn local_attributes(project: &Project) -> PathBuf {
    project.repo.common_dir().join("info").join("attributes")
}

/// The pattern of .gitattributes; anchored, so that changelogs of subfolders are left alone (gitattributes(5)).
fn pattern(name: &str) -> String {
    quoted(&format!("/{name}"))
}

fn quoted(pattern: &str) -> String {
    if pattern.contains([' ', '\t', '"', '\\']) {
        let escaped = pattern.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    } else {
        pattern.to_owned()
    }
}

/// The patterns that hold for the changelogs of components in whichever folder: when a component moves, git adds its changelog
/// at the new place before anybody has run `init` again. The filter leaves every other file as it is.
fn patterns_anywhere(project: &Project) -> BTreeSet<String> {
    let parts = project.components().into_iter();
    let parts = parts.filter(|part| part.name().is_some());
    let file = |part: Project| {
        let path = &part.config.changelog;
        quoted(path.rsplit('/').next().unwrap_or(path))
    };
    parts.map(file).collect()
}

/// The patterns that have attributes of ours, each with its line: the changelogs, and the list of releases, to which two branches may
/// add a line each.
fn attribute_lines(project: &Project) -> Vec<(String, String)> {
    let parts = project.components().into_iter();
    let mut lines: Vec<(String, String)> = parts
        .map(|part| (pattern(&part.config.changelog), attributes(&part.config)))
        .collect();
    let list = &project.config.manifest;
    if !list.is_empty() {
        lines.push((pattern(list), format!("{} merge=union", pattern(list))));
    }
    lines
}

fn attributes(config: &Config) -> String {
    let filter = match config.storage {
        Storage::View => " filter=relwatch",
        Storage::Tracked => "",
    };
    format!("{}{filter} merge=relwatch", pattern(&config.changelog))
}

/// Puts our line into an attributes file in place of an older one of ours, or takes it out. Says whether it wrote.
fn set_attributes(path: &Path, pattern: &str, line: Option<&str>) -> Result<bool> {
    let bytes = files::read(path)?;
    let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let is_ours = |l: &str| {
        let rest = l.trim().strip_prefix(pattern);
        let mut words = rest.unwrap_or("").split_whitespace().peekable();
        words.peek().is_some()
            && words.all(|w| matches!(w, "filter=relwatch" | "merge=relwatch" | "merge=union"))
    };
    let mut line = line;
    let mut new = String::with_capacity(text.len() + 80);
    for old in text.split_inclusive('\n') {
        if !is_ours(old) {
            new.push_str(old);
        } else if let Some(line) = line.take() {
            new.push_str(&format!("{line}{eol}"));
        }
    }
    if let Some(line) = line {
        if !new.is_empty() && !new.ends_with('\n') {
            new.push_str(eol);
        }
        new.push_str(&format!("{line}{eol}"));
    }
    if new == text {
        return Ok(false);
    }
    if new.is_empty() {
        files::remove(path)?;
        return Ok(true);
    }
    files::replace(path, new.as_bytes(), Durable::Yes)
}

/// The annotated configuration, with what this repository already does filled in.
fn fitting_config(repo: &Repo) -> Result<(String, String)> {
    let mut yaml = config::ANNOTATED.to_owned();
    let mut why = Vec::new();
    let count = |template: &str| -> Result<usize> {
        let format = TagFormat::new(template);
        let versions = format.map(|format| repo.tagged_versions(&format));
        Ok(versions.transpose()?.map_or(0, |versions| versions.len()))
    };
    if count("{version}")? > count("v{version}")? {
        yaml = yaml.replace("# tag: v{version}", "tag: \"{version}\"");
        why.push("tags without `v`, as you have them");
    }
    let defaults = Config::default();
    if let Some(bytes) = files::read(&files::at(repo.root(), &defaults.changelog))? {
        let doc = Document::parse(&bytes);
        let fits = |preset: &str| {
            let preset = Categories::preset(preset).unwrap_or_default();
            let names = preset.titles(false);
            let used = doc.sections.iter().flat_map(|s| &s.categories);
            used.filter(|c| names.contains(&c.name)).count()
        };
        if fits("release-notes") > fits("keep-a-changelog") {
            yaml = yaml.replace(
                "# categories: keep-a-changelog",
                "categories: release-notes",
            );
            why.push("category names as in your changelog");
        }
    }
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(" ({})", why.join(", "))
    };
    Ok((yaml, why))
}
