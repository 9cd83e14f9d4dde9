//! Values that a shell completes: versions, tags, components, specs, steps and gates of the repository that relwatch was started in.
//! They are read from the names of tags, relwatch.yml and the files of specs. No history is read, and nothing is fetched or written.
//! What goes wrong has no values: a prompt is no place for errors.

use std::ffi::OsStr;

use clap_complete::CompletionCandidate;

use crate::domain::failure::Result;
use crate::domain::ref_name;
use crate::domain::spec::Status;
use crate::history::spec_files::{self, SpecReader};
use crate::project::Project;
use crate::sys::env;

/// What a list of values is: each with words about it.
type Completable = Vec<(String, String)>;

/// The values that a look at the repository finds, in its order.
fn values(look: impl FnOnce(&Project) -> Result<Completable>) -> Vec<CompletionCandidate> {
    let found = env::current_dir().and_then(|start| look(&Project::open(&start)?));
    let found = found.unwrap_or_default().into_iter().enumerate();
    let candidate = |(place, (value, about)): (usize, (String, String))| {
        let about = Some(about).filter(|about| !about.is_empty());
        CompletionCandidate::new(value)
            .help(about.map(Into::into))
            .display_order(Some(place))
    };
    found.map(candidate).collect()
}

/// Every tagged version and its tag, newest first; of each component.
fn releases(project: &Project) -> Result<Completable> {
    let mut all = Vec::new();
    for part in project.components() {
        let mut versions = part.repo.tagged_versions(&part.config.tag)?;
        versions.sort();
        versions.dedup();
        let names = part.tag_names()?;
        let newest = versions.iter().rev();
        all.extend(newest.map(|version| (names.version(version), names.tag(version))));
    }
    Ok(all)
}

/// Tags of releases.
pub fn tags() -> Vec<CompletionCandidate> {
    values(|project| {
        let all = releases(project)?.into_iter();
        Ok(all.map(|(_, tag)| (tag, String::new())).collect())
    })
}

/// Released versions, and their tags once what is typed begins one.
pub fn versions(typed: &OsStr) -> Vec<CompletionCandidate> {
    beginning(&typed.to_string_lossy())
}

/// The same and branches, and behind `A..` as well.
pub fn ranges(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let all = |typed: &str| beginning(typed).into_iter().chain(branches(typed));
    match typed.rsplit_once("..") {
        Some((from, to)) => {
            let prefixed = all(to).map(|one| one.add_prefix(format!("{from}..")));
            prefixed.collect()
        }
        None => all(&typed).collect(),
    }
}

/// Branches, once a letter of them is typed: where nothing is, versions are meant.
fn branches(typed: &str) -> Vec<CompletionCandidate> {
    values(|project| {
        let all = project.repo.branches()?.into_iter();
        let names = all.filter_map(|(full, _)| {
            let name = ref_name::branch_of(&full).or(full.strip_prefix("refs/remotes/"));
            Some(name?.to_owned())
        });
        let begins = |name: &String| !typed.is_empty() && name.starts_with(typed);
        Ok(names
            .filter(begins)
            .map(|name| (name, String::new()))
            .collect())
    })
}

fn beginning(typed: &str) -> Vec<CompletionCandidate> {
    values(|project| {
        let all = releases(project)?;
        let begins = |(value, _): &(String, String)| value.starts_with(typed);
        let mut found: Completable = all.iter().filter(|one| begins(one)).cloned().collect();
        if found.is_empty() {
            let tags = all.into_iter().map(|(_, tag)| (tag, String::new()));
            found = tags.filter(begins).collect();
        }
        Ok(found)
    })
}

/// Levels that can be given in place of a version.
pub fn levels() -> Vec<CompletionCandidate> {
    ["patch", "minor", "major"]
        .map(CompletionCandidate::new)
        .into()
}

/// Components of relwatch.yml.
pub fn components() -> Vec<CompletionCandidate> {
    values(|project| {
        let names = project.config.components.keys();
        Ok(names.map(|name| (name.clone(), String::new())).collect())
    })
}

/// IDs of the specs in the working tree.
pub fn specs() -> Vec<CompletionCandidate> {
    values(|project| specs_that(project, |_| true))
}

/// IDs of those that are completed.
pub fn completed_specs() -> Vec<CompletionCandidate> {
    values(|project| specs_that(project, |status| status == Status::Completed))
}

fn specs_that(project: &Project, fits: impl Fn(Status) -> bool) -> Result<Completable> {
    let listed = spec_files::list(project)?;
    // A spec that cannot be read is a matter of `status`.
    let specs = SpecReader::new(project).read(&listed, None, None, &mut Vec::new())?;
    let specs = specs.into_iter().filter(|spec| fits(spec.status));
    Ok(specs.map(|spec| (spec.id, spec.title)).collect())
}

/// Names of the steps in `publish`.
pub fn steps() -> Vec<CompletionCandidate> {
    values(|project| {
        let parts = project.components();
        let steps = parts.iter().flat_map(|part| &part.config.publish);
        let mut names: Vec<String> = steps.map(|step| step.name.clone()).collect();
        names.dedup();
        Ok(names
            .into_iter()
            .map(|name| (name, String::new()))
            .collect())
    })
}

/// Names of the gates.
pub fn gates() -> Vec<CompletionCandidate> {
    values(|project| {
        let gates = project.config.gates.iter();
        Ok(gates
            .map(|gate| (gate.name.clone(), gate.run.clone()))
            .collect())
    })
}
