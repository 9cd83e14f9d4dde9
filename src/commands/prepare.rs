//! `relwatch prepare [VERSION]`: writes the release spec, or brings it up to date.

use std::collections::HashSet;

use clap_complete::ArgValueCandidates;

use crate::commands::{Context, OneComponent, values};
use crate::domain::entry::model::Entries;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge::ForgeKind;
use crate::domain::order;
use crate::domain::release::release_spec::{self, Checklists, Contents, Included, LeftToPeople};
use crate::domain::release::selection::Wait;
use crate::domain::spec::Spec;
use crate::domain::spec::source::{Source, is_inside};
use crate::domain::spec::sources::ReleasePlace;
use crate::history::queue;
use crate::history::range::{self, History};
use crate::project::{Project, write_lock};
use crate::release::next_version;
use crate::section::{gather, write};
use crate::sys::clock;
use crate::sys::files::{self, Durable, glob};
use crate::ui::{self, Report};

/// The settings of tools that make a site of documentation.
const DOCUMENTATION: [&str; 8] = [
    ".readthedocs.yaml",
    "book.toml",
    "docs/book.toml",
    "docs/conf.py",
    "docs/mkdocs.yml",
    "docusaurus.config.js",
    "mkdocs.yml",
    "website/docusaurus.config.js",
];

/// Write the release spec of the next version, or update it.
#[derive(Debug, clap::Args)]
pub struct PrepareArguments {
    #[command(flatten)]
    of: OneComponent,
    /// A version such as 1.2.3, or patch, minor, major; computed if not given.
    #[arg(value_name = "VERSION|LEVEL", add = ArgValueCandidates::new(values::levels))]
    version: Option<String>,
}

/// Runs the command.
pub fn run(arguments: PrepareArguments, context: &Context) -> Result<Report> {
    let project = &arguments.of.open(context)?;
    let held = write_lock::hold(project)?;
    let all = range::read(project)?;
    let mut history = all.own(project, &gather::of_history(project, &all));
    let version = next_version::version_for(project, &history, arguments.version.as_deref())?;
    let tag = history.tags.names.tag(&version);
    history.selection = range::selection(project, &history, Some(&version));
    let waiting = gather::of_file(project, &history)?;
    let version = version.to_string();
    let included = included(&history, &waiting);
    let previous = history.last.as_ref().map(|last| last.tag.name.as_str());
    let lists = checklists(project, &history, &included);
    let known = queue::release_spec(&history, &tag, &version);
    let NewReleaseSpec { path, front } = match known {
        Some(spec) => NewReleaseSpec {
            path: spec.path.clone(),
            front: Vec::new(),
        },
        None => new_spec(project, &version, &tag)?,
    };
    let contents = Contents {
        version: &version,
        tag: &tag,
        previous,
        changelog: &project.config.changelog,
        front: &front,
        specs: &included,
        lists: &lists,
    };
    if let Some(link) = files::link_above(project.repo.root(), &path) {
        return Err(Failure::failed(format!(
            "{path} would be written through {link}, a symbolic link"
        ))
        .with_remedy("make that a directory, or see `release_spec` in relwatch.yml"));
    }
    let (did, text) = written(project, &path, &contents)?;
    write::write_all(project, &held)?;
    let ticked = release_spec::ticked_by_release(&text, project.config.done_by_release());
    let open = release_spec::open_boxes(&ticked).len();
    let mut out = format!(
        "{did}: {path}\n{} for {tag}, {} to tick\n",
        ui::counted(included.len(), "completed spec", "completed specs"),
        ui::counted(open, "box", "boxes"),
    );
    let which = project
        .name()
        .map_or(String::new(), |name| format!("-c {name} "));
    out.push_str(&format!(
        "next: tick them, commit the file, then run `relwatch release {which}{version}`\n"
    ));
    let trouble = queue::trouble(project, &history)?;
    Ok(Report::text(out).with_warnings([history.warnings, trouble].concat()))
}

/// Writes the release spec, or what is new into the one that is there. Says what it did, and what the file contains now.
fn written(
    project: &Project,
    path: &str,
    contents: &Contents<'_>,
) -> Result<(&'static str, String)> {
    let file = files::at(project.repo.root(), path);
    let present = files::read(&file)?.map(String::from_utf8);
    let before = present.transpose().map_err(|_| {
        Failure::failed(format!("{path} is not UTF-8"))
            .with_remedy("save it as UTF-8, or remove it")
    })?;
    let text = match &before {
        Some(text) => contents
            .extended(text)
            .map_err(|why| Failure::failed(format!("{path}: {why}")))?,
        None => contents.text(),
    };
    let is_new = files::replace(&file, text.as_bytes(), Durable::Yes)?;
    let did = match (before.is_some(), is_new) {
        (false, _) => "wrote",
        (true, true) => "updated",
        (true, false) => "unchanged",
    };
    Ok((did, text))
}

/// The boxes that the configuration lists, else those that are left to people.
fn checklists(project: &Project, history: &History, included: &[Included]) -> Checklists {
    let config = &project.config;
    let named: HashSet<&str> = included.iter().map(|one| one.id.as_str()).collect();
    let named = history
        .specs
        .iter()
        .filter(|spec| named.contains(spec.id.as_str()));
    let named: Vec<&Spec> = named.collect();
    let address = project.repo.remote_url(history.head.branch.as_deref());
    let forge = config.forge(address.as_deref());
    let is_there = |path: &&str| files::exists(&files::at(project.repo.root(), path));
    let usual = Checklists::of_people(LeftToPeople {
        wording: named.iter().any(|spec| spec.notes.is_empty()),
        migration: named.iter().any(|spec| spec.is_breaking()),
        tests: config.gates.is_empty() && config.ci.is_none(),
        documentation: config.publish.is_empty() && DOCUMENTATION.iter().any(is_there),
        github: config.publish.is_empty()
            && forge.is_some_and(|forge| forge.kind == ForgeKind::Github),
    });
    let own = &config.release_spec;
    Checklists {
        acceptance: own.acceptance.clone().unwrap_or(usual.acceptance),
        pre_release: own.checklist.clone().unwrap_or(usual.pre_release),
    }
}

/// Completed specs that no release contains yet, without those that a label or a comment keeps for later.
fn included(history: &History, gathered: &Entries) -> Vec<Included> {
    let kept = gathered.waiting();
    let kept = kept.filter(|(_, wait)| !matches!(wait, Wait::NotNamed(_)));
    let kept: HashSet<&str> = kept.map(|(id, _)| id).collect();
    let mut specs: Vec<&Spec> = history.specs.iter().collect();
    specs.retain(|spec| queue::is_waiting(history, spec) && !kept.contains(spec.id.as_str()));
    order::by(&mut specs, |a, b| a.id.cmp(&b.id));
    let one = |spec: &Spec| Included {
        path: spec.path.clone(),
        id: spec.id.clone(),
        kind: queue::kind_word(spec).to_owned(),
        title: spec.title.clone(),
    };
    specs.into_iter().map(one).collect()
}

/// A release spec that is not there yet: its path, and the first lines of its front matter.
struct NewReleaseSpec {
    path: String,
    front: Vec<String>,
}

/// The place of a new release spec: the next free number of the day, or of all, also in the archive.
fn new_spec(project: &Project, version: &str, tag: &str) -> Result<NewReleaseSpec> {
    let sources = &project.config.specs.0;
    let own = sources.iter().find_map(|one| one.release_spec.as_ref());
    let own = own.map(|form| form.path.as_str());
    let template = project.config.release_spec.path.as_deref().or(own);
    let template = template.unwrap_or_default(); // the plain source has one
    let taken = taken(project, template)?;
    let today = clock::today();
    let mut place = ReleasePlace {
        sequence: base36(next_of_day(&taken, &today)),
        number: next_number(&taken, template).to_string(),
        date: today,
        version: version.replace('.', "-"),
        tag: tag.replace('/', "-"),
    };
    let reads = |path: &str| sources.iter().find(|source| source.holds(path));
    let source = reads(&place.fill(template));
    let front = match source {
        None => Vec::new(),
        Some(source) => match &source.release_spec {
            Some(form) => form.front.iter().map(|line| place.fill(line)).collect(),
            None => source
                .done
                .keys()
                .map(|key| format!("{key}: open"))
                .collect(),
        },
    };
    if source.is_some_and(|source| source.driver.is_some() && source.id_key.is_none()) {
        // A dot before a digit would make it a member of another spec.
        place.tag = place.tag.replace('.', "-");
    }
    let path = place.fill(template);
    if !reads(&path).is_some_and(Source::can_be_open) {
        let why = format!("a spec at {path} could not say that it is open");
        let remedy = "name a path of another source in `release_spec` of relwatch.yml, or leave `path` out there";
        return Err(Failure::new(Exit::Usage, why).with_remedy(remedy));
    }
    if files::exists(&files::at(project.repo.root(), &path)) || !is_inside(&path) {
        return Err(
            Failure::new(Exit::Usage, format!("{path} cannot be the release spec")).with_remedy(
                "it exists already or leads elsewhere: see `release_spec` in relwatch.yml",
            ),
        );
    }
    Ok(NewReleaseSpec { path, front })
}

/// The names of all files that may have a number: the specs, those in archives, and what else is in the folder of the tool.
fn taken(project: &Project, template: &str) -> Result<Vec<String>> {
    let root = project.repo.root();
    let mut paths: Vec<String> = Vec::new();
    for source in &project.config.specs.0 {
        paths.extend(glob::matching(root, source.files.as_str())?);
        if let Some(archive) = source.archive_root() {
            paths.extend(glob::matching(root, &format!("{archive}/**/*.md"))?);
        }
    }
    if let Some((tool, _)) = template.split_once('/') {
        paths.extend(glob::matching(root, &format!("{tool}/**/*.md"))?);
    }
    let name = |path: String| path.rsplit('/').next().map(str::to_owned);
    Ok(paths.into_iter().filter_map(name).collect())
}

/// The next of the numbers that chant gives the specs of a day.
fn next_of_day(taken: &[String], today: &str) -> u32 {
    let numbers = taken.iter().filter_map(|name| {
        let rest = name.strip_prefix(today)?.strip_prefix('-')?;
        u32::from_str_radix(rest.get(..3)?, 36).ok()
    });
    numbers.max().map_or(1, |highest| highest + 1)
}

/// The next number for the place of `{number}` in the template.
fn next_number(taken: &[String], template: &str) -> u64 {
    let name = template.rsplit('/').next().unwrap_or_default();
    let before = name.split('{').next().unwrap_or_default();
    let numbers = taken.iter().filter_map(|name| {
        let is_such = name.get(..before.len())?.eq_ignore_ascii_case(before);
        let rest = &name[before.len()..];
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse::<u64>().ok().filter(|_| is_such)
    });
    numbers.max().map_or(1, |highest| highest.saturating_add(1))
}

/// Three digits to the base of 36, as chant numbers the specs of a day.
fn base36(mut number: u32) -> String {
    let mut digits = [b'0'; 3];
    for digit in digits.iter_mut().rev() {
        let value = (number % 36) as u8;
        *digit = if value < 10 {
            b'0' + value
        } else {
            b'a' + value - 10
        };
        number /= 36;
    }
    digits.iter().map(|digit| *digit as char).collect()
}
