//! `relwatch releases`: the release manifest, how it is rebuilt from tags, and the kind of a release.

use serde_json::json;

use clap_complete::ArgValueCompleter;

use crate::commands::{AnyComponent, Context, values};
use crate::config::Config;
use crate::domain::failure::{Failure, Result};
use crate::domain::release::manifest::{self, ReleaseKind, ReleaseRecord};
use crate::project::Project;
use crate::release::kinds::{self, NewKind};
use crate::release::{lock, records};
use crate::sys::files::{self, Durable};
use crate::ui::{self, Report};

/// List all releases, or change the kind of one.
#[derive(Debug, clap::Args)]
pub struct ReleasesArguments {
    #[command(flatten)]
    of: AnyComponent,
    /// The version whose kind changes, in one commit.
    #[arg(value_name = "VERSION", requires = "kind", add = ArgValueCompleter::new(values::versions))]
    version: Option<String>,
    /// Kind of the release.
    #[arg(long, value_name = "KIND", value_parser = ["regular", "hotfix", "lts"], requires = "version")]
    kind: Option<String>,
    /// Until when it is supported: a day, or a time from its release such as `1 year`.
    #[arg(long, value_name = "DAY", requires = "kind")]
    until: Option<String>,
    /// Rebuild the release manifest from the tags.
    #[arg(long, conflicts_with = "version")]
    rebuild: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "rebuild")]
    json: bool,
}

/// Shows the release manifest; with `--rebuild` rebuilds it from tags, their commits and what the old list knew beside them; with `--kind` changes
/// the kind of one release.
pub fn run(arguments: ReleasesArguments, context: &Context) -> Result<Report> {
    let project = arguments.of.open(context)?;
    let path = &project.config.manifest;
    let kind = arguments.kind.as_deref().and_then(ReleaseKind::of_word);
    if let (Some(version), Some(kind)) = (&arguments.version, kind) {
        let until = arguments.until.as_deref();
        return Ok(
            kinds::set(&project, version, NewKind::Kind(kind), until)?.as_json(arguments.json)
        );
    }
    if path.is_empty() {
        return Err(kinds::no_list());
    }
    let bytes = files::read(&files::at(project.repo.root(), path))?;
    let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    if arguments.rebuild {
        return rebuild(&project, &text);
    }
    let mut records = manifest::read(&text).map_err(|why| {
        Failure::failed(format!("{path}: {why}"))
            .with_remedy("`relwatch releases --rebuild` rebuilds it")
    })?;
    if let Some(name) = project.name() {
        records.retain(|record| record.component.as_deref() == Some(name));
    }
    let mut out: String = records.iter().rev().map(line).collect();
    if records.is_empty() {
        out.push_str(
            "no release is listed; `relwatch releases --rebuild` lists those that are tagged\n",
        );
    }
    let json = json!({"schema": 1, "releases": records});
    Ok(Report::answer(out).with_json(json).as_json(arguments.json))
}

/// A release, and what is special about it.
fn line(record: &ReleaseRecord) -> String {
    let mut notes = Vec::new();
    if record.kind != ReleaseKind::Regular {
        notes.push(record.kind.word().to_owned());
    }
    let supported = record.support_until.as_ref();
    notes.extend(supported.map(|day| format!("supported until {day}")));
    let withdrawn = record.withdrawn.as_ref();
    notes.extend(withdrawn.map(|w| format!("withdrawn {}: {}", w.date, w.reason)));
    let specs = ui::counted(record.specs.len(), "spec", "specs");
    notes.extend((!record.specs.is_empty()).then_some(specs));
    let line = format!("{}  {:<16} {}", record.date, record.tag, notes.join(", "));
    format!("{}\n", line.trim_end())
}

/// Replaces the release manifest by a rebuilt one.
fn rebuild(project: &Project, old: &str) -> Result<Report> {
    let path = &project.config.manifest;
    let _release = lock::begin(project)?;
    // Lines of an unreadable manifest that can be read are kept by their tags.
    let known: Vec<ReleaseRecord> = manifest::read(old).unwrap_or_else(|_| {
        old.lines()
            .flat_map(|line| manifest::read(line).unwrap_or_default())
            .collect()
    });
    let holds_other = || {
        old.lines()
            .any(|l| !(l.trim().is_empty() || l.starts_with('#')))
    };
    // A configuration may name any file; the usual one is nobody else's.
    let is_usual = *path == Config::default().manifest;
    if known.is_empty() && !is_usual && holds_other() {
        return Err(Failure::failed(format!("{path} is no release manifest"))
            .with_remedy("`manifest` in relwatch.yml names the file for it"));
    }
    let records = records::rebuilt(project, &known)?;
    let comments = old.lines().filter(|line| line.starts_with('#'));
    let comments: String = comments.map(|line| format!("{line}\n")).collect();
    let start = Some(comments.as_str()).filter(|comments| !comments.is_empty());
    let list = manifest::with(start, &records);
    let file = files::at(project.repo.root(), path);
    let written = files::replace(&file, list.as_bytes(), Durable::Yes)?;
    let did = if written { "wrote" } else { "unchanged" };
    let count = ui::counted(records.len(), "release", "releases");
    let next = if written {
        format!("next: git add -f {path} && git commit -m \"chore: list all releases\"\n")
    } else {
        String::new()
    };
    Ok(Report::text(format!("{did}: {path}, {count}\n{next}")))
}
