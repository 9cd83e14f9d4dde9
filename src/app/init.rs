//! `relwatch init`: everything a repository needs, said as it is done. Safe to repeat; asks nothing.

use std::path::Path;

use crate::app::{Project, hooks, update};
use crate::config;
use crate::domain::changelog::document::Document;
use crate::domain::failure::Result;
use crate::domain::kind::Preset;
use crate::domain::version::TagFormat;
use crate::sys::env;
use crate::sys::files::{self, Durable};
use crate::sys::git::{Indexed, Repo};
use crate::ui::Report;

const NEW_CHANGELOG: &str = "# Changelog

All notable changes to this project are documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
";

const FILTER: &str = "filter.relwatch";

/// Runs the command.
pub fn run(start: &Path) -> Result<Report> {
    let repo = Repo::open(start)?;
    let mut text = String::new();
    let mut written = Vec::new();

    let path = repo.root().join(config::FILE);
    if files::exists(&path) {
        text.push_str(&format!("kept: {}\n", config::FILE));
    } else {
        let (yaml, why) = fitting_config(&repo)?;
        files::replace(&path, yaml.as_bytes(), Durable::Yes)?;
        text.push_str(&format!("wrote: {}{why}\n", config::FILE));
        written.push(config::FILE.to_owned());
    }
    let project = Project::open(start)?;
    let name = project.config.changelog.clone();

    let path = files::at(project.repo.root(), &name);
    if files::read(&path)?.is_some() {
        text.push_str(&format!("kept: {name}, with every line that is there\n"));
    } else {
        files::replace(&path, NEW_CHANGELOG.as_bytes(), Durable::Yes)?;
        text.push_str(&format!("wrote: {name}\n"));
    }
    if project.repo.indexed(&name)? == Indexed::Untracked {
        written.push(name.clone());
    }

    let line = attribute(&name);
    if add_line(&project.repo.root().join(".gitattributes"), &line)? {
        text.push_str(&format!("wrote: .gitattributes: {line}\n"));
        written.push(".gitattributes".into());
    } else {
        text.push_str("kept: .gitattributes\n");
    }
    // Commits from before today have no such line in .gitattributes; this one holds for them too.
    add_line(
        &project.repo.common_dir().join("info").join("attributes"),
        &line,
    )?;

    // With the binary gone git keeps the user's bytes, and nobody is told so on every `git status`.
    let binary = hooks::quoted(&env::own_path()?)?;
    let command = format!("if test -x {binary}; then exec {binary} filter clean %f; else cat; fi");
    let key = format!("{FILTER}.clean");
    if project.repo.config(&key).as_deref() == Some(&command) {
        text.push_str("kept: the clean filter in this repository's configuration\n");
    } else {
        project.repo.set_config(&key, &command)?;
        text.push_str("set: the clean filter, so that generated lines stay out of commits\n");
    }

    let installed = hooks::install(&project)?;
    let updated = update::run(&project, update::Mode::Write)?;
    let mut report = Report::text(text);
    report.absorb(installed);
    report.absorb(updated);
    if !written.is_empty() {
        report.push(&format!(
            "next: git add {} && git commit -m \"chore: keep the changelog with relwatch\"\n",
            written.join(" ")
        ));
    }
    Ok(report)
}

/// Takes back what init did outside of tracked files. Says whether there was anything.
pub fn remove_filter(project: &Project) -> Result<bool> {
    let there = project.repo.config(&format!("{FILTER}.clean")).is_some();
    if there {
        project.repo.remove_config_section(FILTER)?;
    }
    let path = project.repo.common_dir().join("info").join("attributes");
    let line = attribute(&project.config.changelog);
    if let Some(bytes) = files::read(&path)? {
        let text = String::from_utf8_lossy(&bytes);
        let rest: String = text
            .split_inclusive('\n')
            .filter(|l| l.trim_end() != line)
            .collect();
        if rest.is_empty() {
            files::remove(&path)?;
        } else {
            files::replace(&path, rest.as_bytes(), Durable::Yes)?;
        }
    }
    Ok(there)
}

/// Whether git would run our filter for the changelog.
pub fn filter_is_set(project: &Project) -> bool {
    project.repo.config(&format!("{FILTER}.clean")).is_some()
}

/// The line of .gitattributes; anchored, so that changelogs of subfolders are left alone (gitattributes(5)).
fn attribute(name: &str) -> String {
    if name.contains([' ', '\t', '"', '\\']) {
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"/{escaped}\" filter=relwatch")
    } else {
        format!("/{name} filter=relwatch")
    }
}

/// Appends a line unless it is there. Says whether it wrote.
fn add_line(path: &Path, line: &str) -> Result<bool> {
    let bytes = files::read(path)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    if text.lines().any(|l| l.trim() == line) {
        return Ok(false);
    }
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new = bytes.clone();
    if !new.is_empty() && !new.ends_with(b"\n") {
        new.extend_from_slice(eol.as_bytes());
    }
    new.extend_from_slice(format!("{line}{eol}").as_bytes());
    files::replace(path, &new, Durable::Yes)
}

/// The annotated configuration, with what this repository already does filled in.
fn fitting_config(repo: &Repo) -> Result<(String, String)> {
    let mut yaml = config::ANNOTATED.to_owned();
    let mut why = Vec::new();
    let with_v = TagFormat::new("v{version}")
        .map(|f| repo.release_tags(&f))
        .transpose()?;
    let plain = TagFormat::new("{version}")
        .map(|f| repo.release_tags(&f))
        .transpose()?;
    let count = |tags: Option<std::collections::HashMap<_, _>>| tags.map_or(0, |t| t.len());
    let (with_v, plain) = (count(with_v), count(plain));
    if plain > with_v {
        yaml = yaml.replace("# tag: v{version}", "tag: \"{version}\"");
        why.push("tags without `v`, as you have them");
    }
    let defaults = config::Config::default();
    if let Some(bytes) = files::read(&files::at(repo.root(), &defaults.changelog))? {
        let doc = Document::parse(&bytes);
        let fits = |preset: Preset| {
            let names = preset.categories();
            let used = doc.sections.iter().flat_map(|s| &s.categories);
            used.filter(|c| names.contains(&c.name)).count()
        };
        if fits(Preset::ReleaseNotes) > fits(Preset::KeepAChangelog) {
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
