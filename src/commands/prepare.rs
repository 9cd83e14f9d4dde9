//! `relwatch prepare [VERSION]`: writes the release spec, or brings it up to date.

use crate::commands::{Context, OneComponent};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::order;
use crate::domain::release::release_spec::{self, Checklists, Contents, Included};
use crate::domain::spec::Spec;
use crate::domain::spec::source::is_inside;
use crate::history::queue;
use crate::history::range::{self, History};
use crate::project::{Project, write_lock};
use crate::release::next_version;
use crate::section::{gather, write};
use crate::sys::clock;
use crate::sys::files::{self, Durable, glob};
use crate::ui::{self, Report};

/// Write the release spec of the next version, or add to it what is new.
#[derive(Debug, clap::Args)]
pub struct PrepareArguments {
    #[command(flatten)]
    of: OneComponent,
    /// A version such as 1.2.3, or patch, minor, major; computed if not given.
    #[arg(value_name = "VERSION|LEVEL")]
    version: Option<String>,
}

/// Runs the command.
pub fn run(arguments: PrepareArguments, context: &Context) -> Result<Report> {
    let project = &arguments.of.open(context)?;
    let held = write_lock::hold(project)?;
    let all = range::read(project)?;
    let history = all.own(project, &gather::of_history(project, &all));
    let version = next_version::version_for(project, &history, arguments.version.as_deref())?;
    let tag = history.tags.names.tag(&version);
    let version = version.to_string();
    let included = included(&history);
    let previous = history.last.as_ref().map(|last| last.tag.name.as_str());
    let lists = Checklists {
        acceptance: project.config.release_spec.acceptance.clone(),
        pre_release: project.config.release_spec.checklist.clone(),
    };
    let contents = Contents {
        version: &version,
        tag: &tag,
        previous,
        changelog: &project.config.changelog,
        specs: &included,
        lists: &lists,
    };
    let known = queue::release_spec(&history, &tag, &version);
    let path = match known {
        Some(spec) => spec.path.clone(),
        None => free_path(project, &version)?,
    };
    if let Some(link) = files::link_above(project.repo.root(), &path) {
        return Err(Failure::failed(format!(
            "{path} would be written through {link}, a symbolic link"
        ))
        .with_remedy("make that a folder, or see `release_spec` in relwatch.yml"));
    }
    let (did, text) = written(project, &path, &contents)?;
    write::write_all(project, &held)?;
    let open = release_spec::open_boxes(&text).len();
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

/// Completed specs that no release holds yet.
fn included(history: &History) -> Vec<Included> {
    let mut specs: Vec<&Spec> = history.specs.iter().collect();
    specs.retain(|spec| queue::is_waiting(history, spec));
    order::by(&mut specs, |a, b| a.id.cmp(&b.id));
    let one = |spec: &Spec| Included {
        path: spec.path.clone(),
        id: spec.id.clone(),
        kind: queue::kind_word(spec).to_owned(),
        title: spec.title.clone(),
    };
    specs.into_iter().map(one).collect()
}

/// The place of a new release spec: the next free number of the day, also in the archive.
fn free_path(project: &Project, version: &str) -> Result<String> {
    let today = clock::today();
    // A dot before a digit would make it a member of another spec.
    let version = version.replace('.', "-");
    let template = project
        .config
        .release_spec
        .path
        .replace("{version}", &version);
    let root = project.repo.root();
    let mut taken: Vec<String> = Vec::new();
    for source in &project.config.specs.0 {
        taken.extend(glob::matching(root, source.files.as_str())?);
        if let Some(archive) = source.archive_root() {
            taken.extend(glob::matching(root, &format!("{archive}/**/*.md"))?);
        }
    }
    let numbers = taken.iter().filter_map(|path| {
        let name = path.rsplit('/').next()?;
        let rest = name.strip_prefix(today.as_str())?.strip_prefix('-')?;
        u32::from_str_radix(rest.get(..3)?, 36).ok()
    });
    let next = numbers.max().map_or(1, |highest| highest + 1);
    let path = template
        .replace("{date}", &today)
        .replace("{sequence}", &base36(next));
    let exists = files::exists(&files::at(root, &path));
    if !project
        .config
        .specs
        .0
        .iter()
        .any(|source| source.holds(&path))
    {
        return Err(
            Failure::new(Exit::Usage, format!("no source of `specs` reads {path}")).with_remedy(
                "change `release_spec: {path: …}` in relwatch.yml, or add a source such as chant",
            ),
        );
    }
    if exists || !is_inside(&path) {
        return Err(
            Failure::new(Exit::Usage, format!("{path} cannot be the release spec")).with_remedy(
                "it exists already or leads elsewhere: see `release_spec` in relwatch.yml",
            ),
        );
    }
    Ok(path)
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
