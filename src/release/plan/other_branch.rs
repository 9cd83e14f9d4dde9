//! `release --port BRANCH`: adds the sections of a release to the changelog of another branch, as a commit on that branch. No working tree
//! changes. Refuses a checked-out branch, whose index and files would have to follow.

use crate::domain::changelog::port;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::plan::{FileAction, FileChange, PlannedPort};
use crate::project::Project;
use crate::release::plan::frame::Frame;
use crate::release::plan::part::ReleasePart;
use crate::release::request;

/// The commit on the requested branch; `None` if none was requested, or a check failed. `files` are those of the release.
pub fn port(
    project: &Project,
    frame: &Frame<'_>,
    parts: &[ReleasePart],
    files: &[FileChange],
    checks: &mut Checks,
) -> Result<Option<PlannedPort>> {
    let Some(branch) = frame.wanted.port.as_deref().filter(|_| !parts.is_empty()) else {
        return Ok(None);
    };
    let found = match base(project, frame, branch)? {
        Ok(base) => ported(project, branch, base, parts, files)?,
        Err(refused) => Err(refused),
    };
    match found {
        Ok(port) => {
            checks.ok(CheckId::Port, format!("its section goes to {branch}"));
            Ok(Some(port))
        }
        Err(refused) => {
            checks.fail_as(CheckId::Port, refused);
            Ok(None)
        }
    }
}

/// A result, or a failure that the user can fix.
type Refusable<T> = std::result::Result<T, Failure>;

/// The commit of the branch.
fn base(project: &Project, frame: &Frame<'_>, branch: &str) -> Result<Refusable<CommitId>> {
    let repo = &project.repo;
    let refuse =
        |what: String, remedy: String| Ok(Err(Failure::precondition(what).with_remedy(remedy)));
    let without = "leave --port out";
    if branch == frame.branch {
        let what = format!("{branch} is the branch that is released");
        return refuse(what, without.to_owned());
    }
    if frame.wanted.push && request::is_reviewed(project, frame.branch) {
        let what = "the release is not made here, it is offered for review".to_owned();
        let remedy = format!("{without}, and run `relwatch port` on {branch} once it is merged");
        return refuse(what, remedy);
    }
    let Some(at) = repo.reference(&RefName::branch(branch))? else {
        let what = format!("there is no branch {branch} here");
        return refuse(what, format!("run `git branch {branch} origin/{branch}`"));
    };
    if let Some(place) = repo.checked_out(branch)? {
        let what = format!("{branch} is checked out in {}", place.display());
        let remedy = format!("{without}, and run `relwatch port` there after the release");
        return refuse(what, remedy);
    }
    CommitId::expect(&at).map(Ok)
}

fn ported(
    project: &Project,
    branch: &str,
    base: CommitId,
    parts: &[ReleasePart],
    files: &[FileChange],
) -> Result<Refusable<PlannedPort>> {
    let mut port = PlannedPort {
        branch: branch.to_owned(),
        base,
        files: Vec::new(),
    };
    for part in parts {
        let (cutting, repo) = (&part.cutting, &project.repo);
        let name = match &cutting.component {
            Some(component) => project.component(component)?.config.changelog,
            None => project.config.changelog.clone(),
        };
        let is_its = |file: &&FileChange| file.path == name;
        let before = match port.files.iter().find(is_its).map(|file| &file.change) {
            Some(FileAction::Write { after }) => Some(after.clone()),
            _ => repo.file_at(base, &name)?,
        };
        let released = match files.iter().find(is_its).map(|file| &file.change) {
            Some(FileAction::Write { after }) => port::released(after, &cutting.version),
            _ => None,
        };
        let version = &cutting.version;
        let why = match (before, released) {
            (_, None) => format!("{version} has no section in {name}"),
            (None, _) => format!("there is no {name} on {branch}"),
            (Some(_), _) if repo.is_link(base, &name)? => {
                format!("{name} is a symbolic link on {branch}")
            }
            (Some(before), _) if port::has(&before, version) => {
                format!("{name} on {branch} has a section of {version} already")
            }
            (Some(before), Some(section)) => match section.put_into(&before) {
                Some(after) => {
                    port.files.retain(|file| file.path != name);
                    port.files.push(FileChange::write(name, after));
                    continue;
                }
                None => {
                    format!("{name} on {branch} would not show the section of {version} as one")
                }
            },
        };
        return Ok(Err(
            Failure::precondition(why).with_remedy("leave --port out")
        ));
    }
    Ok(Ok(port))
}
