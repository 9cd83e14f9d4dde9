//! `relwatch prepare [VERSION]`: writes the release spec, or brings it up to date.

use crate::app::section::{self, History};
use crate::app::{Project, next_version, specs, update};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::order;
use crate::domain::plan::FileChange;
use crate::domain::release_spec::{self, Checklists, Contents, Included};
use crate::domain::spec::source::is_inside;
use crate::domain::spec::{Spec, Status};
use crate::sys::clock;
use crate::sys::files::{self, Durable};
use crate::ui::{self, Report};

/// Runs the command.
pub fn run(project: &Project, version: Option<&str>) -> Result<Report> {
    let _lock = project.hold()?;
    let all = section::history(project)?;
    let history = all.own(project, &section::gather(project, &all, b""));
    let version = next_version::version_for(project, &history, version)?;
    let tag = project.config.tag_format()?.tag(&version);
    let version = version.to_string();
    let included = included(&history);
    let previous = history.last.as_ref().map(|(_, tag)| tag.name.as_str());
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
    let known = of_tag(&history, &tag, &version);
    let path = match known {
        Some(spec) => spec.path.clone(),
        None => free_path(project, &version)?,
    };
    if let Some(link) = files::link_above(project.repo.root(), &path) {
        return Err(Failure::failed(format!(
            "{path} would be written through {link}, a symbolic link; make that a folder, or see `release_spec` in relwatch.yml"
        )));
    }
    let file = files::at(project.repo.root(), &path);
    let present = files::read(&file)?.map(String::from_utf8);
    let before = present.transpose().map_err(|_| {
        Failure::failed(format!(
            "{path} is not UTF-8; save it as UTF-8, or remove it"
        ))
    })?;
    let text = match &before {
        Some(text) => contents
            .extended(text)
            .map_err(|why| Failure::failed(format!("{path}: {why}")))?,
        None => contents.text(),
    };
    let written = files::replace(&file, text.as_bytes(), Durable::Yes)?;
    project.each(|part| update::write(part, &section::history(part)?).map(drop))?;
    let open = release_spec::open_boxes(&text).len();
    let did = match (before.is_some(), written) {
        (false, _) => "wrote",
        (true, true) => "updated",
        (true, false) => "unchanged",
    };
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
    let trouble = specs::trouble(project, &history)?;
    Ok(Report::text(out).with_warnings([history.warnings, trouble].concat()))
}

/// Completed specs that no release holds yet.
fn included(history: &History) -> Vec<Included> {
    let mut specs: Vec<&Spec> = history.specs.iter().collect();
    specs.retain(|spec| specs::is_waiting(history, spec));
    order::by(&mut specs, |a, b| a.id.cmp(&b.id));
    let one = |spec: &Spec| Included {
        path: spec.path.clone(),
        id: spec.id.clone(),
        kind: specs::kind_word(spec).to_owned(),
        title: spec.title.clone(),
    };
    specs.into_iter().map(one).collect()
}

/// The release spec of a version.
pub fn of_tag<'h>(history: &'h History, tag: &str, version: &str) -> Option<&'h Spec> {
    let mut specs = history.specs.iter();
    specs.find(|spec| spec.is_labelled("release") && is_of(spec, tag, version))
}

/// Whether a release spec is about releases of this project or component: a label is a tag of it, or the spec says itself that it
/// belongs to it.
pub fn is_own(project: &Project, spec: &Spec) -> bool {
    let Some(component) = &project.config.component else {
        return true;
    };
    let format = project.config.tag_format();
    let is_tag = |label: &String| format.as_ref().is_ok_and(|f| f.version(label).is_some());
    component.is_told_by(spec) || spec.labels.iter().any(is_tag)
}

/// Whether a release spec is that of a version: labelled with the tag or the version.
pub fn is_of(spec: &Spec, tag: &str, version: &str) -> bool {
    spec.is_labelled(tag) || spec.is_labelled(version)
}

/// What a release does with its release spec.
pub struct Completion {
    /// Its open boxes: line and text.
    pub boxes: Vec<(usize, String)>,
    pub files: Vec<FileChange>,
}

/// Completes a release spec as it stands at `commit`, and files it where its source archives it.
///
/// # Errors
/// Exit 3 if it is not in git or cannot be edited.
pub fn completion(project: &Project, commit: &str, spec: &Spec, today: &str) -> Result<Completion> {
    let path = &spec.path;
    let refused = |why: String| Failure::new(Exit::Precondition, why);
    let Some(before) = project.repo.file_at(commit, path)? else {
        let why = format!("{path} is not in git; run `git add -f {path}` and commit it");
        return Err(refused(why));
    };
    let odd = |why: String| refused(format!("{path}: {why}"));
    let text = std::str::from_utf8(&before).map_err(|error| odd(error.to_string()))?;
    let boxes = release_spec::open_boxes(text);
    let mut files = Vec::new();
    // One that is completed is filed with the others.
    if spec.status == Status::Open {
        let done = release_spec::with_key(text, "status", "completed");
        let done = done.and_then(|t| release_spec::with_key(&t, "completed_at", &clock::instant()));
        let after = done.map_err(odd)?.into_bytes();
        let source = project.source_of(spec);
        match source.and_then(|source| spec.archive_path(source, today)) {
            Some(to) => {
                files.push(FileChange::delete(path.clone()));
                files.push(FileChange::write(to, after));
            }
            None => files.push(FileChange::write(path.clone(), after)),
        }
    }
    Ok(Completion { boxes, files })
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
        taken.extend(files::matching(root, source.files.as_str())?);
        if let Some(archive) = source.archive_root() {
            taken.extend(files::matching(root, &format!("{archive}/**/*.md"))?);
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
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "no source of `specs` reads {path}; change `release_spec: {{path: …}}` in relwatch.yml, or add a source such as chant"
            ),
        ));
    }
    if exists || !is_inside(&path) {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "{path} cannot be the release spec; it exists already or leads elsewhere: see `release_spec` in relwatch.yml"
            ),
        ));
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
