//! `relwatch notes`: the notes of a version as Markdown, for the page of a release.

use std::path::PathBuf;

use serde_json::json;

use crate::app::{Project, polish, section, whole_history};
use crate::domain::changelog::document::Document;
use crate::domain::changelog::{cut, notes};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text;
use crate::sys::files::{self, Durable};
use crate::ui::Report;

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `None`: what is not released yet.
    pub version: Option<String>,
    /// The newest version of the changelog.
    pub latest: bool,
    /// The whole history, whatever the changelog holds.
    pub all: bool,
    pub output: Option<PathBuf>,
    pub no_polish: bool,
}

/// Runs the command.
pub fn run(project: &Project, options: &Options) -> Result<Report> {
    project.alone()?;
    let own = files::at(project.repo.root(), &project.config.changelog);
    if options
        .output
        .as_ref()
        .is_some_and(|path| files::same(path, &own))
    {
        let name = &project.config.changelog;
        let why = format!("--output {name} would replace the changelog; give another file");
        return Err(Failure::new(Exit::Usage, why));
    }
    let notes = match options.all {
        true => Notes {
            text: whole_history::changelog(project)?,
            ..Notes::default()
        },
        false => of_changelog(project, options)?,
    };
    let text = format!("{}\n", notes.text.trim_end());
    let mut json = json!({"schema": 1, "version": notes.version, "notes": text});
    if let Some(component) = project.name() {
        json["component"] = json!(component);
    }
    let to_file = options
        .output
        .as_ref()
        .filter(|path| path.as_os_str() != "-");
    let report = match to_file {
        Some(path) => {
            let written = files::replace(path, text.as_bytes(), Durable::Yes)?;
            let did = if written { "wrote" } else { "unchanged" };
            Report::text(format!("{did}: {}\n", path.display()))
        }
        None => Report::text(text),
    };
    Ok(report.with_json(json).with_warnings(notes.warnings))
}

#[derive(Default)]
struct Notes {
    version: Option<String>,
    text: String,
    warnings: Vec<String>,
}

/// Of one version of the changelog, or of what is not released yet.
fn of_changelog(project: &Project, options: &Options) -> Result<Notes> {
    let name = &project.config.changelog;
    let history = section::history(project)?;
    let present = files::read(&files::at(project.repo.root(), name))?
        .ok_or_else(|| Failure::failed(format!("there is no {name}; run `relwatch init`")))?;
    let indexed = project.repo.indexed(name)?;
    let section = section::of_working_file(project, &history, &present, &indexed)?;
    let doc = Document::parse(&section.viewed);
    let is_unreleased = |version: &&String| !version.eq_ignore_ascii_case("unreleased");
    let wanted = match (
        options.version.as_ref().filter(is_unreleased),
        options.latest,
    ) {
        (Some(version), _) => Some(version.strip_prefix('v').unwrap_or(version).to_owned()),
        (None, true) => Some(doc.versions().next().map(str::to_owned).ok_or_else(|| {
            Failure::failed(format!("{name} holds no version yet; leave --latest out"))
        })?),
        (None, false) => None,
    };
    let mut shown = String::new();
    let text = match &wanted {
        Some(version) => cut::notes(&section.viewed, version).ok_or_else(|| {
            let versions: Vec<&str> = doc.versions().take(3).collect();
            Failure::failed(format!(
                "{name} has no version {}; it has {}",
                text::printable(version),
                versions.join(", ")
            ))
        })?,
        None => {
            let bare = cut::without_skips(&section.viewed, |_| true);
            let bare = Document::parse(&bare);
            let body = bare.unreleased().map(|s| bare.text(&s.body));
            let generated = notes::typed(&body.unwrap_or_default());
            let polished = match options.no_polish {
                true => None,
                false => polish::run(project, &section, None, &generated)?,
            };
            match polished {
                Some((text, diff)) => {
                    shown = diff;
                    text
                }
                None => generated,
            }
        }
    };
    let mut warnings = history.warnings;
    warnings.extend(Some(shown).filter(|shown| !shown.is_empty()));
    Ok(Notes {
        version: wanted,
        text,
        warnings,
    })
}
