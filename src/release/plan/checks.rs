//! The list of checks, both for a new release and for a saved plan: [`CheckedRelease::first`], each tag, [`CheckedRelease::answers`] of the
//! publish steps, [`CheckedRelease::last`].
//!
//! A check adds its findings to the list; it changes nothing and does not stop the release itself.

use crate::config::FILE;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::ref_name::RefName;
use crate::domain::release::check::{Check, CheckId, Checks};
use crate::domain::release::plan::{self, Cutting, FileChange};
use crate::domain::text::terminal;
use crate::history::unread_tags::{self, UnreadTag};
use crate::project::Project;
use crate::release::preconditions::{self, RepositoryChecks};
use crate::release::remote::Remote;
use crate::release::{publish_steps, request};
use crate::sys::git::Head;

/// The release to check.
pub struct CheckedRelease<'a> {
    pub project: &'a Project,
    pub remote: &'a Remote,
    /// Commit to release on.
    pub base: CommitId,
    pub branch: &'a str,
    /// Branch that the user names.
    pub asked: Option<&'a str>,
    /// Run no configured command.
    pub only_look: bool,
}

impl CheckedRelease<'_> {
    /// Checks that do not depend on the content: of the repository, the remote and `ci`. Includes the committer.
    pub fn first(&self, head: &Head) -> Result<RepositoryChecks> {
        let CheckedRelease {
            project,
            remote,
            base,
            branch,
            asked,
            only_look,
        } = *self;
        let mut looked = preconditions::look(project, head, remote, base, branch, asked)?;
        if !only_look {
            preconditions::of_ci(project, base, branch, &mut looked.checks);
        }
        Ok(looked)
    }

    /// Results of the `check` of each publish step.
    pub fn answers<'c>(&self, versions: impl IntoIterator<Item = &'c Cutting>) -> Result<Checks> {
        let mut answers = Checks::default();
        for one in versions.into_iter().filter(|_| !self.only_look) {
            let values = publish_steps::variables(one, Some(self.base), self.branch);
            let of = self.project.of_tag(&one.tag)?;
            publish_steps::try_checks(&of, &values, &mut answers);
        }
        Ok(answers)
    }

    /// Checks of the release's content: of its files, its publish steps (whose results are known) and its push.
    pub fn last(
        &self,
        releases: &[Cutting],
        files: &[FileChange],
        answers: Checks,
        pushes: bool,
        checks: &mut Checks,
    ) -> Result<()> {
        let CheckedRelease {
            project,
            remote,
            base,
            branch,
            ..
        } = *self;
        preconditions::writable(project, base, files, checks)?;
        checks.extend(answers);
        let is_reviewed = request::is_reviewed(project, branch) && !releases.is_empty();
        let review = is_reviewed.then(|| RefName::branch(&plan::review_branch(releases)));
        if pushes {
            preconditions::pushable(project, remote, base, branch, review.as_ref(), checks)?;
        } else if let Some(review) = &review {
            let mut later = Checks::default();
            preconditions::of_review(project, remote, review, &mut later)?;
            let found = later.failed().into_iter().map(Check::words);
            found.for_each(|words| checks.warn(CheckId::Push, words));
        }
        Ok(())
    }
}

/// Checks that a tag is free, here and on the remote.
pub fn of_tag(project: &Project, remote: &Remote, tag: &str, checks: &mut Checks) -> Result<()> {
    let name = RefName::tag(tag);
    if !preconditions::has_room(project, remote, &name, CheckId::Tag, checks)? {
        return Ok(());
    }
    if let Some(at) = project.repo.reference(&name)? {
        let detail = format!("tag {tag} already exists at {}", &at[..7]);
        let remedy = "choose another version, or run `relwatch undo` if it is yours and unpushed";
        checks.fail(CheckId::Tag, detail, remedy);
    } else if let Some(other) = tagged_otherwise(project, tag)? {
        let name = terminal::printable(&other.name);
        let detail = format!("the version of {tag} is tagged already, as {name}");
        let remedy = format!(
            "choose another version, or write `tag: {}` into {FILE} if such tags are releases",
            other.setting
        );
        checks.fail(CheckId::Tag, detail, remedy);
    } else {
        checks.ok(CheckId::Tag, format!("{tag} is free"));
    }
    if let (Some(there), Some(refs)) = (&remote.name, &remote.refs) {
        match refs.get(&name) {
            None => checks.ok(CheckId::RemoteTag, format!("{tag} is free on {there}")),
            Some(at) => {
                let detail = format!("tag {tag} is on {there} already, at {}", &at[..7]);
                let remedy = format!(
                    "run `git fetch {there} tag {tag}` and choose another version: a public tag is never moved"
                );
                checks.fail(CheckId::RemoteTag, detail, remedy);
            }
        }
    }
    Ok(())
}

/// A tag of the same version in a form that the `tag` setting does not match.
fn tagged_otherwise(project: &Project, tag: &str) -> Result<Option<UnreadTag>> {
    match project.config.tag.version(tag) {
        Some(version) => unread_tags::of_version(project, &version),
        None => Ok(None),
    }
}
