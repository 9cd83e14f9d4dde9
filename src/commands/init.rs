//! `relwatch init`: everything a repository needs, said as it is done. Safe to repeat; asks nothing.

use std::path::Path;
use std::rc::Rc;

use crate::commands::{Context, update};
use crate::config::{self, Config, Storage};
use crate::domain::changelog::document::Document;
use crate::domain::entry::category::{Categories, Security};
use crate::domain::failure::{Failure, Result};
use crate::domain::text::words;
use crate::domain::version::TagFormat;
use crate::history::range;
use crate::install::{attributes, filters, hooks};
use crate::project::{Project, write_lock};
use crate::section::write::Writer;
use crate::sys::deadline::Deadline;
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

/// Set this repository up: configuration, changelog, filter, merge driver, hooks; safe to repeat.
#[derive(Debug, clap::Args)]
pub struct InitArguments {
    /// Keep generated lines in the working tree only (view) or in commits (tracked).
    #[arg(long, value_name = "view|tracked")]
    storage: Option<Storage>,
}

/// Runs the command.
pub fn run(arguments: InitArguments, context: &Context) -> Result<Report> {
    set_up(&context.start, arguments.storage)
}

/// Sets the repository up; `storage` switches to it, from whatever it was.
pub fn set_up(start: &Path, storage: Option<Storage>) -> Result<Report> {
    let mut done = Done::default();
    let begun = write_configuration(&mut done, start, storage)?;
    let project = Project::open(start)?;
    let parts = project.components();
    let names: Vec<String> = parts.iter().map(|p| p.config.changelog.clone()).collect();
    for name in &names {
        write_changelog(&mut done, &project, name)?;
    }
    write_attributes(&mut done, &project)?;
    done.text.push_str(&filters::configure(&project)?);
    put_back(&project, begun.hand_written)?;
    let installed = hooks::install(&project, hooks::HookOptions::default())?;
    // Stored lines that lack only what a commit cannot know of itself are left alone: a fresh clone stays clean.
    let check = update::bring_up_to_date(&project, update::UpdateMode::Check);
    let stored = project.config.storage == Storage::Tracked;
    let updated = match check {
        Ok(current) if stored => current,
        _ => update::bring_up_to_date(&project, update::UpdateMode::Write)?,
    };
    for name in names {
        if begun.switches {
            project.repo.forget_stat(&name)?;
        }
        if (stored || begun.switches) && !done.written.contains(&name) {
            done.written.push(name);
        }
    }
    let mut report = Report::text(done.text);
    report.absorb(installed);
    report.absorb(updated);
    if !done.written.is_empty() {
        report.push(&format!(
            "next: git add {} && git commit -m \"chore: keep the changelog with relwatch\"\n",
            words::shell_words(&done.written)
        ));
    }
    if begun.is_new {
        report
            .push("optional: relwatch watch add keeps the section right also when no hook runs\n");
    }
    Ok(report)
}

/// What was done so far.
#[derive(Default)]
struct Done {
    text: String,
    /// Files that the user has to commit.
    written: Vec<String>,
}

impl Done {
    fn say(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A file that git does not have yet is to be committed, even if nothing was written to it.
    fn note_new(&mut self, repo: &Repo, name: &str) -> Result<()> {
        if repo.indexed(name)? == Indexed::Untracked {
            self.written.push(name.to_owned());
        }
        Ok(())
    }
}

/// What the configuration was before, and what it becomes.
struct Begun {
    is_new: bool,
    /// Whether the way of storing generated lines changes.
    switches: bool,
    /// If it does: the hand-written part of each changelog.
    hand_written: Vec<(Project, Vec<u8>)>,
}

/// Writes the configuration, or the way of storing into the one that is there.
fn write_configuration(done: &mut Done, start: &Path, storage: Option<Storage>) -> Result<Begun> {
    let repo = Rc::new(Repo::open(start)?);
    let path = repo.root().join(config::FILE);
    let existing = files::read(&path)?;
    let before = match &existing {
        Some(_) => Project::open(start)?,
        None => {
            is_not_away(&repo, config::FILE)?;
            Project {
                repo: Rc::clone(&repo),
                config: Config::default(),
                deadline: Deadline::never(),
            }
        }
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
        done.say(&format!("wrote: {}{why}{storage}", config::FILE));
        done.written.push(config::FILE.to_owned());
    } else {
        done.say(&format!("kept: {}", config::FILE));
        done.note_new(&repo, config::FILE)?;
    }
    Ok(Begun {
        is_new: existing.is_none(),
        switches: switch.is_some(),
        hand_written: hand_written.unwrap_or_default(),
    })
}

/// # Errors
/// If git has a file that is not in the working tree: a sparse checkout leaves it out, and what is written now would take its place.
fn is_not_away(repo: &Repo, name: &str) -> Result<()> {
    match repo.indexed(name)? {
        Indexed::Untracked => Ok(()),
        _ => Err(
            Failure::failed(format!("{name} is in git, but not in this working tree")).with_remedy(
                format!(
                    "`git checkout -- {name}` brings it back, in a sparse checkout `git sparse-checkout add {name}`"
                ),
            ),
        ),
    }
}

/// Writes a changelog where none is there.
fn write_changelog(done: &mut Done, project: &Project, name: &str) -> Result<()> {
    let path = files::at(project.repo.root(), name);
    if files::read(&path)?.is_some() {
        done.say(&format!("kept: {name}, with every line that is there"));
    } else {
        is_not_away(&project.repo, name)?;
        files::make_parent(&path)?;
        files::replace(&path, NEW_CHANGELOG.as_bytes(), Durable::Yes)?;
        done.say(&format!("wrote: {name}"));
    }
    done.note_new(&project.repo, name)
}

/// Gives the changelogs their filter and merge driver, in this clone and in others.
fn write_attributes(done: &mut Done, project: &Project) -> Result<()> {
    let shared = project.repo.root().join(".gitattributes");
    let local = attributes::local_attributes(project);
    let mut has_new_line = false;
    for (pattern, line) in attributes::attribute_lines(project) {
        if attributes::set_attributes(&shared, &pattern, Some(&line))? {
            done.say(&format!("wrote: .gitattributes: {line}"));
            has_new_line = true;
        }
        // Commits from before today have no such line in .gitattributes; this one holds for them too.
        attributes::set_attributes(&local, &pattern, Some(&line))?;
    }
    let is_view = project.config.storage == Storage::View;
    for pattern in attributes::patterns_anywhere(project) {
        let line = is_view.then(|| format!("{pattern} filter=relwatch"));
        attributes::set_attributes(&local, &pattern, line.as_deref())?;
    }
    if has_new_line {
        done.written.push(".gitattributes".to_owned());
        return Ok(());
    }
    done.say("kept: .gitattributes");
    done.note_new(&project.repo, ".gitattributes")
}

/// The hand-written part of each changelog, brought up to date first: what another way of storing starts from.
fn leave(project: &Project) -> Result<Vec<(Project, Vec<u8>)>> {
    let held = write_lock::hold(project)?;
    let mut left = Vec::new();
    for part in project.components() {
        let path = files::at(project.repo.root(), &part.config.changelog);
        if files::read(&path)?.is_some() {
            let history = range::read(&part)?;
            let (_, section) = Writer::new(&part, &held).write(&history)?;
            left.extend(section.map(|section| (part, section.doc)));
        }
    }
    Ok(left)
}

/// Writes the hand-written part of each changelog, and forgets what was written in another way.
fn put_back(project: &Project, left: Vec<(Project, Vec<u8>)>) -> Result<()> {
    if left.is_empty() {
        return Ok(());
    }
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
