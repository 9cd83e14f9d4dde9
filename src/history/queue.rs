//! The specs that wait for the next release, and the release specs that name them.

use std::collections::HashSet;

use crate::domain::entry::kind::Meaning;
use crate::domain::failure::Result;
use crate::domain::release::release_spec;
use crate::domain::spec::{Spec, Status};
use crate::domain::text::terminal;
use crate::history::range::History;
use crate::history::spec_files;
use crate::project::Project;
use crate::sys::files;

/// Problems with `informed_by` in specs that are not completed, each with file and line.
pub fn trouble(project: &Project, history: &History) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let said = |spec: &Spec, entry: &str, what: String| -> Result<String> {
        let bytes = files::read(&files::at(project.repo.root(), &spec.path))?;
        let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
        let line = text.lines().position(|line| line.contains(entry));
        let line = line.map_or(1, |at| at + 1);
        Ok(format!("{}:{line}: `informed_by` {what}", spec.path))
    };
    for (spec, entry, way) in cycles(history) {
        let way = format!("leads back to itself: {}", way.join(", "));
        found.push(said(spec, entry, way)?);
    }
    for spec in in_preparation(history) {
        for entry in missing(project, history, spec)? {
            let entry_shown = terminal::printable(entry);
            let what = format!("names {entry_shown}, which does not exist");
            found.push(said(spec, entry, what)?);
        }
    }
    Ok(found)
}

/// The IDs in the `informed_by` of a spec that exist neither in the working tree nor in an archive.
fn missing<'s>(project: &Project, history: &History, spec: &'s Spec) -> Result<Vec<&'s String>> {
    let mut missing = Vec::new();
    for entry in &spec.informed_by {
        let named = std::slice::from_ref(entry);
        let is = |s: &Spec| release_spec::names(named, &s.path, &s.id);
        let mut waiting = history.selection.waiting.keys();
        let is_there = files::exists(&files::at(project.repo.root(), entry))
            || history.specs.iter().any(is)
            || waiting.any(|id| release_spec::names(named, id, id));
        if is_there {
            continue;
        }
        let archive = spec_files::archive(project, history.head.commit)?;
        if !archive.iter().any(is) {
            missing.push(entry);
        }
    }
    Ok(missing)
}

/// The cycles of `informed_by`, each once: a spec, its entry that starts the cycle, and the IDs along it.
fn cycles(history: &History) -> Vec<(&Spec, &str, Vec<String>)> {
    let specs: Vec<&Spec> = history
        .specs
        .iter()
        .filter(|s| !s.informed_by.is_empty())
        .collect();
    let named = |entry: &String| {
        let mut all = specs.iter().copied();
        all.find(|s| release_spec::names(std::slice::from_ref(entry), &s.path, &s.id))
    };
    let mut found = Vec::new();
    let mut settled: HashSet<&str> = HashSet::new();
    for start in &specs {
        // Depth first. `way` contains each spec with the number of its next entry.
        let mut way: Vec<(&Spec, usize)> = vec![(start, 0)];
        while let Some((spec, at)) = way.last_mut() {
            let spec = *spec;
            let Some(entry) = spec.informed_by.get(*at) else {
                settled.insert(&spec.id);
                way.pop();
                continue;
            };
            *at += 1;
            let Some(next) = named(entry).filter(|next| !settled.contains(next.id.as_str())) else {
                continue;
            };
            match way.iter().position(|(s, _)| s.id == next.id) {
                None => way.push((next, 0)),
                Some(begin) => {
                    let along = way[begin..].iter().map(|(s, _)| s.id.clone());
                    let along = along.chain([next.id.clone()]).collect();
                    let first = &way[begin];
                    found.push((first.0, first.0.informed_by[first.1 - 1].as_str(), along));
                }
            }
        }
    }
    found
}

/// The spec that words name: by its ID, or by an ending that only one ID has.
pub fn named<'s>(specs: impl Iterator<Item = &'s Spec> + Clone, words: &str) -> Option<&'s Spec> {
    let exact = specs.clone().find(|spec| spec.id == words);
    let mut ending = specs.filter(|spec| spec.id.ends_with(words));
    exact.or_else(|| ending.next().filter(|_| ending.next().is_none()))
}

/// Release specs that are not completed.
pub fn in_preparation(history: &History) -> impl Iterator<Item = &Spec> {
    let specs = history.specs.iter();
    specs.filter(|s| s.is_release_spec() && s.status == Status::Open)
}

/// The specs that are not completed although a version should contain them: its release spec or a label names them. Each with its status.
pub fn unfinished(
    project: &Project,
    history: &History,
    release: Option<&Spec>,
    [tag, version]: [&str; 2],
) -> Result<Vec<(String, String)>> {
    let named = release.map_or(&[][..], |release| &release.informed_by);
    let open = history.specs.iter().filter(|spec| {
        let is_wanted =
            is_of(spec, tag, version) || release_spec::names(named, &spec.path, &spec.id);
        spec.status == Status::Open && !spec.is_release() && is_wanted
    });
    let open = open.map(|spec| (spec.id.clone(), spec.status_word.clone()));
    let mut unfinished: Vec<(String, String)> = open.collect();
    if let Some(release) = release {
        let missing = missing(project, history, release)?.into_iter();
        unfinished.extend(missing.map(|entry| (entry.clone(), "does not exist".to_owned())));
    }
    Ok(unfinished)
}

/// Whether a spec is a completed change that the next release will contain.
pub fn is_waiting(history: &History, spec: &Spec) -> bool {
    spec.status == Status::Completed
        && !spec.is_release()
        && !history.released_specs.contains(&spec.id)
}

/// The kind in one word, as in the table of a release spec.
pub fn kind_word(spec: &Spec) -> &'static str {
    match spec.meaning {
        _ if spec.is_breaking() => "breaking",
        Meaning::Added => "feature",
        Meaning::Fixed => "fix",
        Meaning::Documentation => "docs",
        meaning => meaning.kind().map_or("hidden", |kind| kind.word()),
    }
}

/// The release spec of a version.
pub fn release_spec<'h>(history: &'h History, tag: &str, version: &str) -> Option<&'h Spec> {
    let mut specs = history.specs.iter();
    specs.find(|spec| spec.is_release_spec() && is_of(spec, tag, version))
}

/// Whether a release spec belongs to a version: it is labelled with the tag or the version.
pub fn is_of(spec: &Spec, tag: &str, version: &str) -> bool {
    spec.is_labelled(tag) || spec.is_labelled(version)
}
