//! `relwatch init`: everything a repository needs, said as it is done. Safe to repeat; asks nothing.

use std::path::Path;
use std::rc::Rc;

use crate::commands::update;
use crate::config::{self, Config, Storage};
use crate::domain::changelog::document::Document;
use crate::domain::entry::category::Categories;
use crate::domain::entry::category::Security;
use crate::domain::failure::{Failure, Result};
use crate::domain::text::words;
use crate::domain::version::TagFormat;
use crate::history::range;
use crate::install::{attributes, filters, hooks};
use crate::project::{Project, write_lock};
use crate::section::write;
use crate::sys::files::{self, Durable};
use crate::sys::git::{Indexed, Repo};
use crate::sys::state;
use crate::ui::Report;

const NEW_CHANGELOG: &str = "# Changelog

All notable changes to this project are documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
";

/// Runs the command; `storage` switches to it, from whatever it was.
pub fn run(start: &Path, storage: Option<Storage>) -> Result<Report> {
    let repo = Rc::new(Repo::open(start)?);
    let mut text = String::new();
    let mut written = Vec::new();

    let path = repo.root().join(config::FILE);
    let existing = files::read(&path)?;
    // A sparse checkout leaves them out; what is written now would take the place of what git has.
    let away = |name: &str, is_here: bool| {
        match repo.indexed(name)? {
        Indexed::Untracked => Ok(()),
        _ if is_here => Ok(()),
        _ => Err(
            Failure::failed(format!("{name} is in git, but not in this working tree")).with_remedy(
                format!(
                    "`git checkout -- {name}` brings it back, in a sparse checkout `git sparse-checkout add {name}`"
                ),
            ),
        ),
    }
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
    let local = attributes::local_attributes(&project);
    for (pattern, line) in attributes::attribute_lines(&project) {
        if attributes::set_attributes(&shared, &pattern, Some(&line))? {
            text.push_str(&format!("wrote: .gitattributes: {line}\n"));
            has_new_line = true;
        }
        // Commits from before today have no such line in .gitattributes; this one holds for them too.
        attributes::set_attributes(&local, &pattern, Some(&line))?;
    }
    let is_view = project.config.storage == Storage::View;
    for pattern in attributes::patterns_anywhere(&project) {
        let line = is_view.then(|| format!("{pattern} filter=relwatch"));
        attributes::set_attributes(&local, &pattern, line.as_deref())?;
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

    text.push_str(&filters::configure(&project)?);
    if let Some(left) = hand_written {
        put_back(&project, left)?;
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
            words::shell_words(&written)
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
    let held = write_lock::hold(project)?;
    let mut left = Vec::new();
    for part in project.components() {
        let path = files::at(project.repo.root(), &part.config.changelog);
        if files::read(&path)?.is_some() {
            let history = range::read(&part)?;
            let (_, section) = write::write(&part, &held, &history)?;
            left.extend(section.map(|section| (part, section.doc)));
        }
    }
    Ok(left)
}

/// Writes the hand-written part of each changelog, and forgets what was written in another way.
fn put_back(project: &Project, left: Vec<(Project, Vec<u8>)>) -> Result<()> {
    let _held = write_lock::hold(project)?;
    for (part, doc) in left {
        let path = files::at(project.repo.root(), &part.config.changelog);
        files::replace(&path, &doc, Durable::Yes)?;
        state::forget(&part.state_dir())?;
    }
    Ok(())
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
            let names = preset.titles(Security::InOrder);
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
