//! `relwatch releases`: the list of all releases, and how it is made anew from tags.

use semver::Version;
use serde_json::json;

use crate::commands::Context;
use crate::config::Config;
use crate::domain::changelog::document::Document;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::release::manifest::{self, ReleaseKind, ReleaseRecord};
use crate::domain::release::title;
use crate::domain::version::form;
use crate::history::spec_files;
use crate::project::Project;
use crate::release::lock;
use crate::sys::clock;
use crate::sys::files::{self, Durable};
use crate::ui::{self, Report};

/// List all releases.
#[derive(Debug, clap::Args)]
pub struct ReleasesArguments {
    /// Write the list anew, from the tags.
    #[arg(long)]
    rebuild: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "rebuild")]
    json: bool,
}

/// Shows the list; with `--rebuild` writes it anew, from tags, their commits and what the old list knew beside them.
pub fn run(arguments: ReleasesArguments, context: &Context) -> Result<Report> {
    let project = context.open()?;
    let path = &project.config.manifest;
    if path.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            "`manifest` in relwatch.yml is empty: there is no list",
        )
        .with_remedy("name a file"));
    }
    let bytes = files::read(&files::at(project.repo.root(), path))?;
    let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    if arguments.rebuild {
        return rebuild(&project, &text);
    }
    let records = manifest::read(&text).map_err(|why| {
        Failure::failed(format!("{path}: {why}"))
            .with_remedy("`relwatch releases --rebuild` makes it anew")
    })?;
    let mut out: String = records.iter().rev().map(line).collect();
    if records.is_empty() {
        out.push_str(
            "no release is listed; `relwatch releases --rebuild` lists those that are tagged\n",
        );
    }
    let json = json!({"schema": 1, "releases": records});
    Ok(Report::text(out).with_json(json).as_json(arguments.json))
}

/// A release, and what is special about it.
fn line(record: &ReleaseRecord) -> String {
    let mut notes = Vec::new();
    if record.kind != ReleaseKind::Regular {
        notes.push(format!("{:?}", record.kind).to_lowercase());
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

/// Writes the list anew over the old one.
fn rebuild(project: &Project, old: &str) -> Result<Report> {
    let path = &project.config.manifest;
    let _release = lock::begin(project)?;
    // A list that cannot be read tells nothing; the lines that can are kept by their tags.
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
        return Err(Failure::failed(format!("{path} is no list of releases"))
            .with_remedy("`manifest` in relwatch.yml names the file for it"));
    }
    let records = rebuilt(project, &known)?;
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

/// Every tagged release: as the old list has it, else by its tag, its commit and the changelog.
fn rebuilt(project: &Project, known: &[ReleaseRecord]) -> Result<Vec<ReleaseRecord>> {
    let repo = &project.repo;
    let mut records = Vec::new();
    for record in known {
        if repo.reference(&RefName::tag(&record.tag))?.is_some() {
            records.push(record.clone());
        }
    }
    for part in project.components() {
        let format = &part.config.tag;
        for version in repo.tagged_versions(format)? {
            let tag = part.tag_of(&version)?;
            if !records.iter().any(|record| record.tag == tag) {
                records.extend(of_tag(&part, &version, tag)?);
            }
        }
    }
    let number = |record: &ReleaseRecord| form::read(&record.version);
    order::by(&mut records, |a, b| {
        a.date.cmp(&b.date).then_with(|| number(a).cmp(&number(b)))
    });
    Ok(records)
}

fn of_tag(project: &Project, version: &Version, tag: String) -> Result<Option<ReleaseRecord>> {
    let repo = &project.repo;
    let Some(commit) = repo.resolved(&RefName::tag(&tag)) else {
        return Ok(None);
    };
    let raw = repo.commit(commit)?;
    let changelog = repo.file_at(commit, &project.config.changelog)?;
    let dated = Document::parse(&changelog.unwrap_or_default()).date_of(&version.to_string());
    let title = raw.message.lines().next().unwrap_or_default();
    let own = &project.config.messages.commit;
    let is_ours = title::is_own(title) || own.fits(title, &tag, &version.to_string());
    let base = raw.parents.first().copied().filter(|_| is_ours);
    let specs = match base {
        None => Vec::new(),
        Some(base) => archived(project, base, commit)?,
    };
    Ok(Some(ReleaseRecord {
        kind: if version.pre.is_empty() {
            ReleaseKind::Regular
        } else {
            ReleaseKind::Prerelease
        },
        component: project.name().map(str::to_owned),
        date: dated.unwrap_or_else(|| clock::day_of(raw.time)),
        version: version.to_string(),
        tag,
        base: base.map_or(String::new(), |base| base.to_string()),
        specs,
        ..ReleaseRecord::default()
    }))
}

/// The specs that a release commit put into an archive.
fn archived(project: &Project, base: CommitId, commit: CommitId) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for source in &project.config.specs.0 {
        let Some(root) = source.archive_root() else {
            continue;
        };
        let files = spec_files::archived_files(&project.repo, source, root, Some(base), commit)?;
        let read = files.iter().filter_map(|path| source.read_path(path));
        ids.extend(read.map(|(id, ..)| id));
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}
