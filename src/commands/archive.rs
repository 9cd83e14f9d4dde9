//! `relwatch archive`: moves completed specs where their source archives them, as `git mv` does.

use std::collections::BTreeMap;

use crate::commands::Context;
use crate::domain::failure::{Failure, Result};
use crate::domain::release::release_spec;
use crate::domain::spec::source::{Archive, Source};
use crate::domain::spec::{Spec, Status};
use crate::domain::text::terminal;
use crate::domain::version;
use crate::history::range::{self, History};
use crate::history::{queue, spec_files};
use crate::project::{Project, write_lock};
use crate::release::archiving;
use crate::section::write;
use crate::sys::clock;
use crate::sys::files::{self, glob};
use crate::ui::{self, Report};

/// Move completed specs to their archive; without a choice those that a release holds.
#[derive(Debug, clap::Args)]
pub struct ArchiveArguments {
    /// IDs, or the ends of them.
    #[arg(value_name = "SPEC")]
    specs: Vec<String>,
    /// All with this label.
    #[arg(long)]
    label: Option<String>,
    /// All that the release spec of this version names, and itself.
    #[arg(long, value_name = "VERSION")]
    release: Option<String>,
    /// Change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl ArchiveArguments {
    /// Whether they say which specs.
    fn is_choice(&self) -> bool {
        !self.specs.is_empty() || self.label.is_some() || self.release.is_some()
    }
}

/// Runs the command: all of it, or nothing.
pub fn run(arguments: ArchiveArguments, context: &Context) -> Result<Report> {
    let project = &context.open()?;
    let held = write_lock::hold(project)?;
    let mut history = range::read(project)?;
    history.released_specs = archiving::released(project)?;
    let chosen = with_members(&history, chosen(project, &history, &arguments)?);
    let mut warnings = history.warnings.clone();
    if !arguments.is_choice() {
        warnings.extend(left_to_tools(project, &history));
    }
    let moves = planned(project, &history, &chosen)?;
    let mut out = String::new();
    for (from, to) in &moves {
        out.push_str(&format!("  move   {from} -> {to}\n"));
    }
    let count = ui::counted(chosen.len(), "spec", "specs");
    if moves.is_empty() {
        return Ok(Report::text("nothing to archive\n").with_warnings(warnings));
    }
    if arguments.dry_run {
        out.push_str(&format!(
            "\n{count} would be archived; nothing was changed\n"
        ));
        return Ok(Report::text(out).with_warnings(warnings));
    }
    carry_out(project, &moves)?;
    archiving::keep_folders(project, moves.iter().map(|(from, _)| from))?;
    write::write_all(project, &held)?;
    out.push_str(&format!(
        "\narchived: {count}\nnext: git commit -m \"chore: archive specs\"\n"
    ));
    Ok(Report::text(out).with_warnings(warnings))
}

fn chosen<'h>(
    project: &Project,
    history: &'h History,
    asked: &ArchiveArguments,
) -> Result<Vec<&'h Spec>> {
    let here: Vec<&Spec> = history
        .specs
        .iter()
        .filter(|spec| project.source_of(spec).is_some_and(|s| s.holds(&spec.path)))
        .collect();
    let mut chosen: Vec<&Spec> = Vec::new();
    for words in &asked.specs {
        let found = queue::named(here.iter().copied(), words);
        chosen.push(found.ok_or_else(|| {
            let words = terminal::printable(words);
            Failure::failed(format!("`{words}` is no spec, or several"))
                .with_remedy("`relwatch specs` lists them")
        })?);
    }
    if let Some(label) = &asked.label {
        chosen.extend(here.iter().filter(|spec| spec.is_labelled(label)));
    }
    if let Some(version) = &asked.release {
        let version = version::typed(version)?;
        let tag = history.tags.names.tag(&version);
        let release =
            queue::release_spec(history, &tag, &version.to_string()).ok_or_else(|| {
                Failure::failed(format!("there is no release spec of {tag}"))
                    .with_remedy("give IDs or --label")
            })?;
        let named = |spec: &&&Spec| release_spec::names(&release.informed_by, &spec.path, &spec.id);
        chosen.extend(here.iter().filter(named));
        chosen.extend(here.iter().filter(|spec| spec.id == release.id));
    }
    if !asked.is_choice() {
        let released = |spec: &&&Spec| history.released_specs.contains(&spec.id);
        let moves = |spec: &&&Spec| project.source_of(spec).is_some_and(has_place);
        chosen.extend(here.iter().filter(released).filter(moves));
    }
    Ok(chosen)
}

/// Whether relwatch itself moves the specs of a source.
fn has_place(source: &Source) -> bool {
    matches!(source.archive, Archive::To(_))
}

/// The commands for the specs that a release holds and that their own tools archive.
fn left_to_tools(project: &Project, history: &History) -> Vec<String> {
    let specs = history.specs.iter();
    let released = specs.filter(|spec| history.released_specs.contains(&spec.id));
    let lines = released.filter_map(|spec| {
        let source = project.source_of(spec)?;
        let line = source.archive_line(&spec.id)?;
        let is_left = source.holds(&spec.path) && !has_place(source);
        is_left.then(|| by_its_tool(&spec.id, &line))
    });
    lines.collect()
}

fn by_its_tool(id: &str, line: &str) -> String {
    format!("{id} is archived by its own tool: run `{line}`")
}

/// A driver takes its members along.
fn with_members<'h>(history: &'h History, chosen: Vec<&'h Spec>) -> Vec<&'h Spec> {
    let mut all: BTreeMap<&str, &Spec> = BTreeMap::new();
    for spec in chosen {
        let members = history
            .specs
            .iter()
            .filter(|s| s.driver.as_ref() == Some(&spec.id));
        all.extend(members.map(|member| (member.id.as_str(), member)));
        all.insert(&spec.id, spec);
    }
    all.into_values().collect()
}

/// Every move, once all of them are known to be possible.
fn planned(
    project: &Project,
    history: &History,
    chosen: &[&Spec],
) -> Result<Vec<(String, String)>> {
    let root = project.repo.root();
    let today = clock::today();
    let mut moves: Vec<(String, String)> = Vec::new();
    let mut refused = Vec::new();
    for spec in chosen {
        let Some(source) = project.source_of(spec).filter(|s| s.holds(&spec.path)) else {
            continue; // a member that is archived already
        };
        let is_carried = |driver: &String| chosen.iter().any(|other| other.id == *driver);
        let goes_along =
            spec.status == Status::Cancelled && spec.driver.as_ref().is_some_and(is_carried);
        if spec.status != Status::Completed && !goes_along {
            refused.push(format!("{} is not completed ({})", spec.id, spec.path));
            continue;
        }
        if !has_place(source) {
            let id = &spec.id;
            refused.push(match source.archive_line(id) {
                Some(line) => by_its_tool(id, &line),
                None => format!("{id} has no archive: see `archive` of its source"),
            });
            continue;
        }
        let open = history.specs.iter().find(|member| {
            member.driver.as_ref() == Some(&spec.id) && member.status == Status::Open
        });
        if let Some(member) = open {
            refused.push(format!(
                "{} has a member that is not completed: {}",
                spec.id, member.id
            ));
            continue;
        }
        let below = |folder: &str| glob::matching(root, &format!("{folder}/**/*"));
        for (from, to) in spec_files::moves(source, spec, &today, below)? {
            let Some(to) = to else { continue };
            for path in [&from, &to] {
                if let Some(link) = files::link_above(root, path) {
                    refused.push(format!("{path} lies behind {link}, a symbolic link"));
                }
            }
            if files::exists(&files::at(root, &to)) || moves.iter().any(|(_, other)| *other == to) {
                refused.push(format!("{to} exists already"));
            }
            moves.push((from, to));
        }
    }
    if refused.is_empty() {
        return Ok(moves);
    }
    Err(Failure::unmet("nothing was archived", &refused))
}

/// Moves one after the other; if one fails, those before it go back.
fn carry_out(project: &Project, moves: &[(String, String)]) -> Result<()> {
    for (done, (from, to)) in moves.iter().enumerate() {
        if let Err(failure) = project.repo.rename(from, to) {
            for (from, to) in moves[..done].iter().rev() {
                project.repo.rename(to, from)?;
            }
            return Err(failure.within("nothing was archived: "));
        }
    }
    Ok(())
}
