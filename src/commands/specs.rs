//! `relwatch specs`: the specs of the repository, for people who gather a release.

use std::collections::{BTreeMap, HashSet};

use clap::ValueEnum;
use serde_json::json;

use clap_complete::ArgValueCandidates;

use crate::commands::{AnyComponent, Context, values};
use crate::domain::entry::model::Entries;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::order;
use crate::domain::release::selection::Wait;
use crate::domain::spec::spoken::date_of;
use crate::domain::spec::{Spec, Status};
use crate::domain::text::{inert, terminal};
use crate::history::range::{self, History};
use crate::history::{queue, spec_files};
use crate::project::Project;
use crate::section::gather;
use crate::sys::clock;
use crate::sys::git::Head;
use crate::ui::{self, Report, csv};

/// List the specs, and what each still needs before a release.
#[derive(Debug, clap::Args)]
pub struct SpecsArguments {
    /// completed, cancelled, open, or a status as the specs write it.
    #[arg(long)]
    status: Option<String>,
    /// Completed since a tag, a day such as 2026-01-30, or `2 weeks ago`.
    #[arg(long, value_name = "TAG|DAY", add = ArgValueCandidates::new(values::tags))]
    since: Option<String>,
    /// With this label; may be given several times.
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// With any of the labels, not all of them.
    #[arg(long, requires = "labels")]
    any: bool,
    #[command(flatten)]
    of: AnyComponent,
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    format: SpecsFormat,
}

/// How the list is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum SpecsFormat {
    #[default]
    Table,
    /// A table with labels, days and texts.
    Markdown,
    /// The same as comma-separated values.
    Csv,
    Json,
}

/// Runs the command.
pub fn run(arguments: SpecsArguments, context: &Context) -> Result<Report> {
    let project = &arguments.of.open(context)?;
    let head = project.repo.head()?;
    let mut found = KnownSpecs::default();
    for part in project.components() {
        found.add(project, &part, &head, arguments.since.is_some())?;
    }
    let mut specs = std::mem::take(&mut found.specs);
    if let Some(since) = &arguments.since {
        specs = since_then(project, specs, since)?;
    }
    specs.retain(|spec| {
        let fits = |wanted: &String| {
            state(spec).eq_ignore_ascii_case(wanted)
                || spec.status_word.eq_ignore_ascii_case(wanted)
        };
        let mut labels = arguments.labels.iter();
        let is_on = |label: &String| spec.labels.contains(label);
        let is_labelled = if arguments.any {
            labels.any(is_on)
        } else {
            labels.all(is_on)
        };
        arguments.status.as_ref().is_none_or(fits) && is_labelled
    });
    order::by(&mut specs, |a, b| a.id.cmp(&b.id));
    let text = match arguments.format {
        SpecsFormat::Table | SpecsFormat::Json => table(&specs),
        SpecsFormat::Markdown => markdown(&specs),
        SpecsFormat::Csv => csv(&specs),
    };
    let mut report = Report::answer(text).with_json(found.json(&specs));
    if arguments.format == SpecsFormat::Table && !found.ends.is_empty() {
        report.push(&format!("\n{}\n", found.ends.join("\n")));
    }
    let report = report.as_json(arguments.format == SpecsFormat::Json);
    Ok(report.with_warnings(found.warnings))
}

/// The specs of all components, and what is known of them.
#[derive(Default)]
struct KnownSpecs {
    /// Each once.
    specs: Vec<Spec>,
    known: HashSet<String>,
    /// IDs of those that a release of some component contains.
    released: HashSet<String>,
    /// IDs of those that some component has not released yet.
    waiting: HashSet<String>,
    /// Why completed ones wait for a later release, by ID.
    waits: BTreeMap<String, Wait>,
    /// See [`loose_ends`].
    ends: Vec<String>,
    warnings: Vec<String>,
}

impl KnownSpecs {
    /// Adds those of a component, with archived ones if asked for.
    fn add(
        &mut self,
        project: &Project,
        part: &Project,
        head: &Head,
        with_archive: bool,
    ) -> Result<()> {
        let all = range::read_at(part, head.clone())?;
        let gathered = gather::of_file(part, &all)?;
        let history = all.own(part, &gathered);
        let waits = gathered.waiting();
        self.waits
            .extend(waits.map(|(id, wait)| (id.to_owned(), wait.clone())));
        self.warnings.extend(history.warnings.clone());
        self.warnings.extend(queue::trouble(part, &history)?);
        // What belongs to no component is there all the same.
        let is_there = |spec: &&Spec| {
            let source = part.source_of(spec);
            project.name().is_none() && source.is_some_and(|source| source.holds(&spec.path))
        };
        let others = all.specs.iter().filter(is_there);
        let mut found: Vec<&Spec> = history.specs.iter().chain(others).collect();
        let archive = if with_archive {
            // Specs of an earlier release are in the archive.
            spec_files::archive(part, history.head.commit)?
        } else {
            Vec::new()
        };
        found.extend(&archive);
        for spec in found {
            if self.known.insert(spec.id.clone()) {
                self.specs.push(spec.clone());
            }
        }
        let (old, new): (Vec<&Spec>, Vec<&Spec>) = history
            .specs
            .iter()
            .partition(|spec| history.released_specs.contains(&spec.id));
        self.released.extend(old.iter().map(|spec| spec.id.clone()));
        self.waiting.extend(new.iter().map(|spec| spec.id.clone()));
        for end in loose_ends(&history, &gathered) {
            if !self.ends.contains(&end) {
                self.ends.push(end);
            }
        }
        Ok(())
    }

    fn json(&self, specs: &[Spec]) -> serde_json::Value {
        let one = |spec: &Spec| {
            json!({
                "id": spec.id,
                "path": spec.path,
                "source": spec.source,
                "status": state(spec),
                "kind": queue::kind_word(spec),
                "title": spec.title,
                "labels": spec.labels,
                "commits": spec.commits,
                "completed_on": spec.completed_on,
                "released": self.released.contains(&spec.id) && !self.waiting.contains(&spec.id),
                "waits": self.waits.get(&spec.id).map(Wait::to_string),
                "for_users": !spec.notes.is_empty(),
            })
        };
        json!({"schema": 1, "specs": specs.iter().map(one).collect::<Vec<_>>()})
    }
}

/// Specs that were completed since a tag or a day.
fn since_then(project: &Project, mut specs: Vec<Spec>, since: &str) -> Result<Vec<Spec>> {
    if let Some(day) = clock::day(since) {
        specs.retain(|spec| {
            let on = spec.completed_on.as_deref().or(date_of(&spec.id));
            spec.status != Status::Completed || on.is_none_or(|on| on >= day.as_str())
        });
        return Ok(specs);
    }
    let Some(commit) = project.repo.resolved(since) else {
        return Err(Failure::new(
            Exit::Usage,
            format!("`{}` is no tag and no day", terminal::printable(since)),
        )
        .with_remedy("give v1.2.0, 2026-01-30 or `2 weeks ago`"));
    };
    let told = spec_files::SpecReader::new(project).released(&specs, Some(commit))?;
    let mut kept = Vec::new();
    for spec in specs {
        let was_archived = project.repo.object_at(commit, &spec.path)?.is_some()
            && project
                .source_of(&spec)
                .is_some_and(|s| !s.holds(&spec.path));
        if !told.contains(&spec.id) && !was_archived {
            kept.push(spec);
        }
    }
    Ok(kept)
}

/// What a maintainer should know before a release: members of something unfinished, and completed specs that wait.
fn loose_ends(history: &History, gathered: &Entries) -> Vec<String> {
    let mut ends = Vec::new();
    let by_id = |id: &str| history.specs.iter().find(|spec| spec.id == id);
    for spec in &history.specs {
        let driver = spec.driver.as_deref().and_then(by_id);
        if let Some(driver) = driver.filter(|driver| driver.status == Status::Open)
            && spec.status == Status::Completed
        {
            ends.push(format!(
                "{} is completed, its driver {} is not",
                spec.id, driver.id
            ));
        }
    }
    let waiting = gathered.waiting();
    ends.extend(waiting.map(|(id, wait)| format!("{id} {wait}")));
    ends
}

fn state(spec: &Spec) -> &'static str {
    match spec.status {
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
        Status::Open => "open",
    }
}

fn table(specs: &[Spec]) -> String {
    let shown = |spec: &Spec| match spec.status {
        Status::Open if !spec.status_word.is_empty() => inert::inline(&spec.status_word),
        _ => state(spec).to_owned(),
    };
    let rows = specs.iter().map(|spec| {
        let title = inert::title(&spec.title, 80);
        [
            spec.id.clone(),
            shown(spec),
            queue::kind_word(spec).to_owned(),
            title,
        ]
    });
    let rows: Vec<[String; 4]> = rows.collect();
    if rows.is_empty() {
        return "no spec fits\n".to_owned();
    }
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let (first, second, third) = (width(0), width(1), width(2));
    let mut out = String::new();
    for [id, status, kind, title] in &rows {
        out.push_str(&format!(
            "{id:first$}  {status:second$}  {kind:third$}  {title}\n"
        ));
    }
    out.push_str(&format!("\n{}\n", ui::counted(rows.len(), "spec", "specs")));
    out
}

/// The columns of an export: those of `chant export`, and the spec's notes for users.
const COLUMNS: [&str; 7] = [
    "id",
    "type",
    "status",
    "title",
    "labels",
    "completed_at",
    "text",
];

/// A spec as one row.
fn row(spec: &Spec) -> [String; 7] {
    let status = match spec.status_word.as_str() {
        "" => state(spec),
        word => word,
    };
    let notes: Vec<&str> = spec.notes.iter().map(|note| note.text.as_str()).collect();
    [
        spec.id.clone(),
        queue::kind_word(spec).to_owned(),
        status.to_owned(),
        spec.title.clone(),
        spec.labels.join(", "),
        spec.completed_on.clone().unwrap_or_default(),
        notes.join("\n"),
    ]
}

/// A table for review, a spec a line.
fn markdown(specs: &[Spec]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(COLUMNS.map(str::to_owned).to_vec());
    out.push_str(&line(COLUMNS.map(|_| "---".to_owned()).to_vec()));
    for spec in specs {
        let cells = row(spec).map(|cell| match inert::inline(&cell) {
            cell if cell.is_empty() => "-".to_owned(),
            cell => inert::cell(&cell),
        });
        out.push_str(&line(cells.to_vec()));
    }
    out
}

fn csv(specs: &[Spec]) -> String {
    let rows = specs.iter().map(|spec| csv::line(row(spec)));
    csv::line(COLUMNS) + &rows.collect::<String>()
}
