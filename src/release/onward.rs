//! The steps after a release's commit: push, publish, archive. Runs the steps that a plan lists after its commit, or the remaining steps of
//! a pending release.
//!
//! Once the tags are public, nothing is undone: an error says how to continue. A version with no steps left is no longer pending.

use std::collections::VecDeque;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::step::{Action, Step};
use crate::project::Project;
use crate::release::plan::steps;
use crate::release::publish::Publishing;
use crate::release::push;
use crate::sys::git::RemoteRefs;
use crate::sys::lock::ReleaseLock;
use crate::transition::{self, Pending};
use crate::ui;

/// A release whose remaining steps are running.
pub struct Onward<'a> {
    project: &'a Project,
    release: &'a ReleaseLock,
    pending: Pending,
    /// References of the remote, if they were read since the last user command.
    refs: Option<&'a RemoteRefs>,
    publishing: Publishing<'a>,
    /// Tags that have steps left.
    waiting: VecDeque<String>,
    is_public: bool,
    /// Messages about the steps done.
    pub said: String,
}

impl<'a> Onward<'a> {
    /// `said` are the messages about earlier steps.
    pub fn new(
        project: &'a Project,
        release: &'a ReleaseLock,
        pending: Pending,
        refs: Option<&'a RemoteRefs>,
        said: String,
    ) -> Onward<'a> {
        Onward {
            publishing: Publishing::new(project, release, &pending.branch),
            waiting: pending.tags.iter().cloned().collect(),
            is_public: false,
            project,
            release,
            pending,
            refs,
            said,
        }
    }

    /// Runs a step; `after` are the remaining ones. If it fails, prints what was done so far at once, because the error alone does not say
    /// how far the release got.
    ///
    /// # Errors
    /// Those of [`push::run`] before the tags are public, exit 8 after that.
    pub fn run(&mut self, step: &Step, after: &[Step]) -> Result<()> {
        let done = self.step(step).and_then(|()| self.forget_done(after));
        let done = done.map_err(|error| if self.is_public { public(error) } else { error });
        if done
            .as_ref()
            .is_err_and(|error| error.exit == Exit::Unpublished)
        {
            self.said.lines().for_each(ui::tell);
        }
        done
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        if step.action != Action::Push {
            self.said.push_str(&self.publishing.run(step)?);
            return Ok(());
        }
        push::run(self.project, self.release, &self.pending, self.refs.take())?;
        self.is_public = true;
        let Pending {
            branch,
            tags,
            remote,
            ..
        } = &self.pending;
        let tags = tags.join(", ");
        self.said
            .push_str(&format!("pushed to {remote}: {branch} and {tags}\n"));
        Ok(())
    }

    /// Removes each pending tag that has no steps left, in order.
    fn forget_done(&mut self, after: &[Step]) -> Result<()> {
        while let Some(tag) = self.waiting.front() {
            if after.iter().any(|step| step.action.tag() == Some(tag)) {
                break;
            }
            tracing::info!(
                "{tag} is published from {}",
                self.project.repo.root().display()
            );
            transition::forget_tag(self.project, tag)?;
            self.waiting.pop_front();
        }
        Ok(())
    }
}

/// The error of a step after the push: nothing is undone.
fn public(error: Failure) -> Failure {
    match error.exit {
        Exit::Unpublished => error,
        _ => Failure::new(Exit::Unpublished, error.to_string())
            .with_remedy("it is public, `relwatch release --resume` goes on"),
    }
}

/// Runs all remaining steps of a pending release. Returns the messages, after `said`.
///
/// # Errors
/// As [`Onward::run`].
pub fn go_on(
    project: &Project,
    release: &ReleaseLock,
    pending: &Pending,
    said: String,
) -> Result<String> {
    let steps = steps::of_pending(project, pending)?;
    let mut onward = Onward::new(project, release, pending.clone(), None, said);
    let mut left = steps.as_slice();
    while let Some((step, after)) = left.split_first() {
        onward.run(step, after)?;
        left = after;
    }
    Ok(onward.said)
}
