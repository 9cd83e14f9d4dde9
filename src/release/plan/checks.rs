//! The one list of checks, for a release that is decided now and for a saved plan: [`Subject::first`], each tag, [`Subject::last`].
//!
//! A check asks. What it finds goes into the list; it changes nothing and refuses nothing.

use crate::domain::failure::Result;
use crate::domain::release::check::Checks;
use crate::domain::release::plan::{Cutting, FileChange};
use crate::project::Project;
use crate::release::remote::Remote;
use crate::release::{preconditions, publish_steps};

/// What the checks are about.
pub struct Subject<'a> {
    pub project: &'a Project,
    pub remote: &'a Remote,
    /// The commit to be released on.
    pub base: &'a str,
    pub branch: &'a str,
    /// The branch that the user names.
    pub asked: Option<&'a str>,
    /// Run no command of the configuration.
    pub only_look: bool,
}

impl Subject<'_> {
    /// What must be true whatever is released: of the repository, of the remote, of `ci`.
    pub fn first(&self) -> Result<Checks> {
        let Subject {
            project,
            remote,
            base,
            branch,
            asked,
            only_look,
        } = *self;
        let mut checks = preconditions::look(project, remote, base, branch, asked)?;
        if !only_look {
            preconditions::of_ci(project, base, branch, &mut checks);
        }
        Ok(checks)
    }

    /// What must be true of what is released: of its files, its publish steps and its push.
    pub fn last<'c>(
        &self,
        releases: impl IntoIterator<Item = &'c Cutting>,
        files: &[FileChange],
        pushes: bool,
        checks: &mut Checks,
    ) -> Result<()> {
        let Subject {
            project,
            remote,
            base,
            branch,
            ..
        } = *self;
        preconditions::writable(project, base, files, checks)?;
        for one in releases.into_iter().filter(|_| !self.only_look) {
            let values = publish_steps::variables(one, base, branch);
            publish_steps::try_checks(&project.of_tag(&one.tag)?, &values, checks);
        }
        if pushes {
            preconditions::pushable(project, remote, base, branch, checks)?;
        }
        Ok(())
    }
}

/// Whether a tag is free, here and on the remote.
pub fn of_tag(project: &Project, remote: &Remote, tag: &str, checks: &mut Checks) -> Result<()> {
    let name = format!("refs/tags/{tag}");
    if let Some(at) = project.repo.reference(&name)? {
        let detail = format!("tag {tag} already exists at {}", &at[..7]);
        let mend = "choose another version, or run `relwatch undo` if it is yours and unpushed";
        checks.fail("tag", detail, mend);
    } else {
        checks.ok("tag", format!("{tag} is free"));
    }
    if let (Some(there), Some(refs)) = (&remote.name, &remote.refs) {
        match refs.get(&name) {
            None => checks.ok("remote-tag", format!("{tag} is free on {there}")),
            Some(at) => {
                let detail = format!("tag {tag} is on {there} already, at {}", &at[..7]);
                let mend = format!(
                    "run `git fetch {there} tag {tag}` and choose another version: a public tag is never moved"
                );
                checks.fail("remote-tag", detail, mend);
            }
        }
    }
    Ok(())
}
