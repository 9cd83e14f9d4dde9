//! `relwatch archive`: moves completed specs where their source archives them, as `git mv` does.

use std::collections::BTreeMap;

use clap_complete::ArgValueCandidates;

use crate::commands::{Context, values};
use crate::domain::failure::{Exit, Failure, Result};
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

/// Move completed specs to their archive; by default, those that a release contains.
#[derive(Debug, clap::Args)]
pub struct ArchiveArguments {
    /// IDs, or the ends of them.
    #[arg(value_name = "SPEC", add = ArgValueCandidates::new(values::completed_specs))]
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

/// Runs the command: archives what can be archived, and says of every other spec why it stays.
///
/// # Errors
/// Exit 3 if nothing could be archived. The same exit code, after the others are archived, if a spec that was named or could have been
/// archived stays; a label and a release choose what is completed, so what is open or cancelled is only named.
pub fn run(arguments: ArchiveArguments, context: &Context) -> Result<Report> {
    let project = &context.open()?;
    let held = write_lock::hold(project)?;
    let mut history = range::read(project)?;
    history.released_specs = archiving::released(project)?;
    let chosen = chosen(project, &history, &arguments)?;
    let mut warnings = history.warnings.clone();
    if !arguments.is_choice() {
        warnings.extend(left_to_tools(project, &history));
    }
    let ArchivePlan { moves, count, left } = planned(project, &history, &chosen)?;
    let reasons: Vec<String> = left.iter().map(|stays| stays.why.clone()).collect();
    if moves.is_empty() && !left.is_empty() {
        return Err(Failure::unmet("nothing was archived", &reasons));
    }
    if moves.is_empty() {
        let report = Report::text("nothing to archive\n").as_answer(arguments.dry_run);
        return Ok(report.with_warnings(warnings));
    }
    let is_named = !arguments.specs.is_empty();
    let has_failed = left.iter().any(|stays| is_named || !stays.is_unfinished);
    warnings.extend(reasons.iter().map(|why| format!("not archived: {why}")));
    let mut out = String::new();
    for (from, to) in &moves {
        out.push_str(&format!("  move   {from} -> {to}\n"));
    }
    let count = ui::counted(count, "spec", "specs");
    if arguments.dry_run {
        out.push_str(&format!(
            "\n{count} would be archived; nothing was changed\n"
        ));
    } else {
        carry_out(project, &moves)?;
        archiving::keep_folders(project, moves.iter().map(|(from, _)| from))?;
        write::write_all(project, &held)?;
        out.push_str(&format!(
            "\narchived: {count}\nnext: git commit -m \"chore: archive specs\"\n"
        ));
    }
    let report = Report::text(out).as_answer(arguments.dry_run);
    let report = report.with_warnings(warnings);
    Ok(if has_failed {
        report.with_exit(Exit::Precondition)
    } else {
        report
    })
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

/// The commands for the specs that a release contains and that their own tools archive.
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

/// What moves, and what stays.
#[derive(Default)]
struct ArchivePlan {
    moves: Vec<(String, String)>,
    /// How many specs move.
    count: usize,
    left: Vec<StayingSpec>,
}

/// Why a spec that was chosen stays where it is.
struct StayingSpec {
    why: String,
    /// Whether it, or a member of it, is open or cancelled: it is not done, and nothing is wrong with it.
    is_unfinished: bool,
}

impl StayingSpec {
    fn unfinished(why: String) -> StayingSpec {
        StayingSpec {
            why,
            is_unfinished: true,
        }
    }

    fn blocked(why: String) -> StayingSpec {
        StayingSpec {
            why,
            is_unfinished: false,
        }
    }
}

/// Decides about every chosen spec. A driver takes its members along: they move together or not at all.
fn planned(project: &Project, history: &History, chosen: &[&Spec]) -> Result<ArchivePlan> {
    let chosen: BTreeMap<&str, &Spec> = chosen.iter().map(|one| (one.id.as_str(), *one)).collect();
    let mut plan = ArchivePlan::default();
    for spec in chosen.values() {
        let driver = spec.driver.as_deref();
        if driver.is_some_and(|driver| chosen.contains_key(driver)) {
            continue; // goes with its driver
        }
        let members = history.specs.iter();
        let members = members.filter(|member| member.driver.as_ref() == Some(&spec.id));
        let members: Vec<&Spec> = members.collect();
        let (mut moves, mut count) = (Vec::new(), 0);
        let mut left: Vec<StayingSpec> = unfinished(spec, &members).into_iter().collect();
        for one in [*spec].into_iter().chain(members) {
            let Some(source) = project.source_of(one).filter(|s| s.holds(&one.path)) else {
                continue; // a member that is archived already
            };
            count += 1;
            match own_moves(project, source, one)? {
                OwnMoves::Possible(own) => moves.extend(own),
                OwnMoves::Blocked(why) => left.push(StayingSpec::blocked(why)),
            }
        }
        let taken = |to: &String| plan.moves.iter().any(|(_, other)| other == to);
        let taken = moves.iter().map(|(_, to)| to).filter(|to| taken(to));
        left.extend(taken.map(|to| StayingSpec::blocked(in_the_way(to))));
        // One reason is enough: what is open need not have a place yet.
        left.truncate(1);
        if left.is_empty() {
            plan.moves.extend(moves);
            plan.count += count;
        }
        plan.left.extend(left);
    }
    Ok(plan)
}

/// Why a spec with these members is not done, if it is not.
fn unfinished(spec: &Spec, members: &[&Spec]) -> Option<StayingSpec> {
    let Spec { id, path, .. } = spec;
    let why = match spec.status {
        Status::Completed => {
            let open = members.iter().find(|one| one.status == Status::Open)?;
            format!("{id} has a member that is not completed: {}", open.id)
        }
        Status::Cancelled => format!("{id} is cancelled ({path})"),
        Status::Open => format!("{id} is not completed ({path})"),
    };
    Some(StayingSpec::unfinished(why))
}

/// The files of a spec with their places in the archive, or why they stay.
enum OwnMoves {
    Possible(Vec<(String, String)>),
    Blocked(String),
}

fn own_moves(project: &Project, source: &Source, spec: &Spec) -> Result<OwnMoves> {
    let root = project.repo.root();
    if !has_place(source) {
        let id = &spec.id;
        return Ok(OwnMoves::Blocked(match source.archive_line(id) {
            Some(line) => by_its_tool(id, &line),
            None => format!("{id} has no archive: see `archive` of its source"),
        }));
    }
    let below = |folder: &str| glob::matching(root, &format!("{folder}/**/*"));
    let mut moves = Vec::new();
    for (from, to) in spec_files::moves(source, spec, &clock::today(), below)? {
        let Some(to) = to else { continue };
        for path in [&from, &to] {
            if let Some(link) = files::link_above(root, path) {
                let why = format!("{path} is behind {link}, a symbolic link");
                return Ok(OwnMoves::Blocked(why));
            }
        }
        if files::exists(&files::at(root, &to)) {
            return Ok(OwnMoves::Blocked(in_the_way(&to)));
        }
        moves.push((from, to));
    }
    Ok(OwnMoves::Possible(moves))
}

fn in_the_way(to: &str) -> String {
    format!("{to} exists already")
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
