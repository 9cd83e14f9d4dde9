//! `relwatch support`: which versions are supported until when, by the tags and the list of releases, and what the changelog
//! announces as deprecated. A release keeps the matrix in documents that have its markers.

use semver::Version;
use serde::Serialize;
use serde_json::json;

use crate::app::{Project, releases};
use crate::domain::changelog::document::Document;
use crate::domain::deprecation::{Deprecation, deprecations};
use crate::domain::failure::Result;
use crate::domain::manifest::{Kind, Record};
use crate::domain::plan::{Change, FileChange};
use crate::domain::support::{self, Line, Release, Status};
use crate::sys::{clock, files};
use crate::ui::{self, Report};

/// So long before its end it is said that support ends.
const SOON: &str = "30 days";

/// What is said of the project or of one component.
#[derive(Serialize)]
struct Supported {
    component: Option<String>,
    lines: Vec<Line>,
    deprecations: Vec<Deprecation>,
}

/// Runs the command; `markdown` is for the block of a document.
pub fn run(project: &Project, markdown: bool) -> Result<Report> {
    let today = clock::today();
    let soon = clock::later(&today, SOON).unwrap_or_default();
    let mut all = Vec::new();
    let mut warnings = Vec::new();
    for part in project.components() {
        let lines = lines(&part, &[], &today)?;
        let path = files::at(part.repo.root(), &part.config.changelog);
        let changelog = files::read(&path)?.unwrap_or_default();
        let deprecations = deprecations(&Document::parse(&changelog));
        let named = part.name().map_or(String::new(), |name| format!("{name} "));
        for line in lines.iter().filter(|line| line.status != Status::EndOfLife) {
            if let Some(until) = line.until.as_ref().filter(|until| **until <= soon) {
                warnings.push(format!("support of {named}{} ends on {until}", line.line));
            }
        }
        let current = lines.iter().find(|line| line.status == Status::Current);
        let newest = current.and_then(|line| Version::parse(line.latest.as_deref()?).ok());
        let is_overdue =
            |one: &&Deprecation| newest.as_ref().is_some_and(|newest| one.is_overdue(newest));
        for one in deprecations.iter().filter(is_overdue) {
            let planned = one.planned.as_deref().unwrap_or_default();
            warnings.push(format!(
                "{named}{planned} is out and no `Removed` entry names this: {}",
                one.text
            ));
        }
        all.push(Supported {
            component: part.name().map(str::to_owned),
            lines,
            deprecations,
        });
    }
    let parts = all.iter().map(|one| match markdown {
        true => ui::support::markdown(one.component.as_deref(), &one.lines),
        false => ui::support::table(one.component.as_deref(), &one.lines, &one.deprecations),
    });
    let parts: Vec<String> = parts.collect();
    let report = Report::text(parts.join("\n")).with_warnings(warnings);
    Ok(report.with_json(json!({"schema": 1, "support": all})))
}

/// The lines of a project or component, with releases that are about to be.
fn lines(project: &Project, coming: &[Record], today: &str) -> Result<Vec<Line>> {
    let of_record = |version: Version, date: String, record: Option<&Record>| Release {
        version,
        date,
        lts: record.is_some_and(|record| record.kind == Kind::Lts),
        until: record
            .and_then(|record| record.support_until.clone())
            .filter(|day| clock::is_day(day)),
        withdrawn: record.is_some_and(|record| record.withdrawn.is_some()),
    };
    let tagged = releases::tagged(project)?
        .into_iter()
        .filter(|one| one.is_final());
    let tagged = tagged.map(|one| of_record(one.tag.version, one.date, one.record.as_ref()));
    let own = coming
        .iter()
        .filter(|record| record.component.as_deref() == project.name());
    let coming = own.filter_map(|record| {
        let version = Version::parse(&record.version).ok()?;
        let is_final = version.pre.is_empty();
        is_final.then(|| of_record(version, record.date.clone(), Some(record)))
    });
    let releases: Vec<Release> = tagged.chain(coming).collect();
    let config = &project.config.support;
    let maintained = |day: &str| clock::later(day, config.maintained.as_deref()?);
    Ok(support::matrix(&releases, config.lines, today, maintained))
}

/// The documents whose matrix changes with these releases, on top of what else changes. Pre-releases change none.
pub fn refreshed(
    project: &Project,
    base: &str,
    today: &str,
    coming: &[Record],
    others: &[FileChange],
) -> Result<Vec<FileChange>> {
    if coming.iter().all(|record| record.kind == Kind::Prerelease) {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    for path in &project.config.support.files {
        let bytes = match others.iter().find(|other| other.path == *path) {
            None => project.repo.file_at(base, path)?,
            Some(FileChange {
                change: Change::Write { after },
                ..
            }) => Some(after.clone()),
            Some(_) => None,
        };
        let Some(document) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            continue;
        };
        let mut blocks = Vec::new();
        if !support::blocks(&document).is_empty() {
            for part in project.components() {
                let lines = lines(&part, coming, today)?;
                let block = ui::support::markdown(part.name(), &lines);
                blocks.push((support::marker(part.name()), block));
            }
        }
        let after = support::refreshed(&document, |marker| {
            let block = blocks.iter().find(|(own, _)| own == marker);
            block.map(|(_, text)| text.clone())
        });
        if after != document {
            changes.push(FileChange::write(path.clone(), after.into_bytes()));
        }
    }
    Ok(changes)
}
