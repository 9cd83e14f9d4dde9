//! Runs the steps of a plan in order. Nothing outside the list is done, and a step that comes before one that it needs is refused.
//!
//! Until [`Action::Commit`] no branch, tag or file of the user has changed. That step moves branch, tags and files at once, under the lock,
//! if everything that the plan is based on is unchanged.

use serde_json::json;

use crate::config::release::Gate;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::place::GatePlace;
use crate::domain::release::plan::Plan;
use crate::domain::release::step::{Action, Step};
use crate::domain::release::title::OwnCommit;
use crate::project::{Project, write_lock};
use crate::release::onward::Onward;
use crate::release::{archiving, commit_hooks, edit, gates, offer, still_true};
use crate::section::write;
use crate::sys::git::{Head, RefChange, ReleaseTree, RemoteRefs, Signatures};
use crate::sys::lock::ReleaseLock;
use crate::transition::{self, Pending, Transition};
use crate::ui::Report;

/// A plan being run, and the values that its steps pass on.
pub struct Execution<'a> {
    project: &'a Project,
    release: &'a ReleaseLock,
    plan: &'a Plan,
    who: Signatures,
    /// Whether the notes come from the editor; if so, no text of an earlier edit remains.
    is_edited: bool,
    /// References of the remote, until a command runs that may take long.
    refs: Option<&'a RemoteRefs>,
    /// Release commit, which no reference names yet.
    built: Option<CommitId>,
    /// Checkout of the release commit, kept while gates run there.
    tree: Option<ReleaseTree>,
    /// Tags that were built, and the branch that gets the section.
    others: Vec<RefChange>,
    /// Message about that branch.
    ported: String,
    said: String,
    warnings: Vec<String>,
    /// Steps after the commit, if the release is pushed.
    onward: Option<Onward<'a>>,
    /// Branch on which the release was offered for review.
    offered: Option<&'a str>,
}

impl<'a> Execution<'a> {
    pub fn new(
        project: &'a Project,
        release: &'a ReleaseLock,
        plan: &'a Plan,
        is_edited: bool,
    ) -> Execution<'a> {
        Execution {
            project,
            release,
            plan,
            who: Signatures {
                author: plan.author.clone(),
                committer: plan.committer.clone(),
            },
            is_edited,
            refs: None,
            built: None,
            tree: None,
            others: Vec::new(),
            ported: String::new(),
            said: String::new(),
            warnings: Vec::new(),
            onward: None,
            offered: None,
        }
    }

    /// Adds the remote's references, so that the push need not ask for them.
    pub fn knowing(self, refs: Option<&'a RemoteRefs>) -> Execution<'a> {
        Execution { refs, ..self }
    }

    /// Runs all steps. Returns what was done, after `report`, with `warnings`.
    ///
    /// # Errors
    /// The error of the step that failed; the steps after it did not run.
    pub fn run(mut self, report: Report, warnings: Vec<String>) -> Result<Report> {
        self.warnings = warnings;
        let mut left = self.plan.steps.as_slice();
        while let Some((step, after)) = left.split_first() {
            left = match self.step(step, after) {
                Ok(left) => left,
                Err(error) => {
                    if self.onward.is_some() {
                        // The version is released, so its warnings apply; the report continues with what follows.
                        let warned = Report::default().with_warnings(self.warnings);
                        let _ = warned.print();
                    }
                    return Err(error);
                }
            };
        }
        self.told(report)
    }

    /// Runs a step; a gate runs together with the gates next to it. Returns the remaining steps.
    fn step(&mut self, step: &'a Step, after: &'a [Step]) -> Result<&'a [Step]> {
        match &step.action {
            Action::Gate { place, group } => {
                self.refs = None;
                let together = |other: &&Step| group.is_some() && other.action == step.action;
                let near = after.iter().take_while(together).count();
                let (near, after) = after.split_at(near);
                self.gates(*place, [step].into_iter().chain(near))?;
                return Ok(after);
            }
            Action::Build => self.built = Some(self.build(&self.plan.commit_message)?),
            Action::Hooks => self.ask_hooks()?,
            Action::Tag => self.build_tags()?,
            Action::Port { .. } => self.build_port()?,
            Action::Commit => self.commit(after)?,
            Action::Offer { branch } => {
                let (release, built) = (self.release, self.built()?);
                self.said = offer::offer(self.project, release, self.plan, built, &step.name)?;
                self.offered = Some(branch);
            }
            Action::Push | Action::Publish { .. } | Action::Archive { .. } => {
                let onward = self.onward.as_mut().ok_or_else(|| too_early(step))?;
                onward.run(step, after)?;
            }
        }
        Ok(after)
    }

    fn gates<'p>(&mut self, place: GatePlace, steps: impl Iterator<Item = &'p Step>) -> Result<()> {
        let known = &self.project.config.gates;
        let gate = |step: &'p Step| {
            let gate = known.iter().find(|gate| gate.name == step.name);
            gate.ok_or_else(|| {
                let why = format!("there is no gate {} in relwatch.yml", step.name);
                Failure::new(Exit::Usage, why)
            })
        };
        let gates: Vec<&Gate> = steps.map(gate).collect::<Result<_>>()?;
        match place {
            GatePlace::Here => {
                let values = gates::variables(self.plan, self.plan.base);
                gates::run(&gates, &values, self.project.repo.root())
            }
            GatePlace::ReleaseTree => {
                let built = self.built()?;
                let tree = match self.tree.take() {
                    Some(tree) => tree,
                    None => self.project.repo.release_tree(built)?,
                };
                let path = self.tree.insert(tree).path();
                gates::run(&gates, &gates::variables(self.plan, built), &path)
            }
        }
    }

    /// The release commit.
    fn built(&self) -> Result<CommitId> {
        let too_early = || Failure::new(Exit::Usage, "the plan uses a commit before it builds it");
        self.built.ok_or_else(too_early)
    }

    fn build(&self, message: &str) -> Result<CommitId> {
        let Plan { base, files, .. } = self.plan;
        transition::build(self.project, *base, files, &self.who, message)
    }

    /// The commit contains the message as the commit-msg hook left it.
    fn ask_hooks(&mut self) -> Result<()> {
        self.refs = None;
        let Plan {
            base,
            commit_message,
            ..
        } = self.plan;
        let message = commit_hooks::run(self.project, *base, self.built()?, commit_message)?;
        if message != *commit_message {
            self.built = Some(self.build(&message)?);
        }
        Ok(())
    }

    fn build_tags(&mut self) -> Result<()> {
        let built = self.built()?;
        for one in &self.plan.releases {
            let repo = &self.project.repo;
            let object = repo.build_tag(&one.tag, built, &self.who, &one.tag_message)?;
            self.others.push(RefChange::creates_tag(&one.tag, &object));
        }
        Ok(())
    }

    /// Builds the commit for another branch.
    fn build_port(&mut self) -> Result<()> {
        let Some(port) = &self.plan.port else {
            return Ok(());
        };
        let (base, tags) = (port.base, self.plan.tags());
        let message = format!("{}\n", OwnCommit::Port(&tags));
        let commit = transition::build(self.project, base, &port.files, &self.who, &message)?;
        let name = RefName::branch(&port.branch);
        self.others.push(RefChange::moves(name, base, commit));
        let (branch, short) = (&port.branch, commit.short());
        self.ported = format!(
            "ported {tags} into {branch}: commit {short}",
            tags = tags.join(", ")
        );
        Ok(())
    }

    /// Moves branch, tags and files. If a push is to follow, that is recorded before anything moves.
    fn commit(&mut self, after: &[Step]) -> Result<()> {
        self.tree = None;
        let (project, plan) = (self.project, self.plan);
        let repo = &project.repo;
        let built = self.built()?;
        let tags = plan.tags().join(", ");
        let push = after.iter().find(|step| step.action == Action::Push);
        let onward = {
            let held = write_lock::hold(project)?;
            let head = still_true::still_true(project, plan)?;
            let mut refs = branch_change(project, plan, &head, built)?;
            refs.append(&mut self.others);
            let release_of = Transition {
                what: format!("release {tags}"),
                branch: head.branch.unwrap_or_default(),
                from: plan.base,
                to: built,
                refs,
                paths: plan.paths(),
                carried: None,
            };
            let onward = push.map(|push| Pending {
                released: release_of.clone(),
                branch: repo.upstream(&plan.branch, &push.name),
                tags: plan.tags(),
                remote: push.name.clone(),
            });
            release_of.carry_out(project, &held, onward.as_ref())?;
            // The version is released: an error from here on is only a warning.
            for tag in plan.tags().iter().filter(|_| !self.is_edited) {
                let aside = edit::put_aside(project, tag);
                let aside = aside.unwrap_or_else(|error| Some(error.to_string()));
                self.warnings.extend(aside);
            }
            let shown = write::show(project, &held).err();
            let kept = archiving::keep_folders(project, &plan.paths()).err();
            let failed = shown.into_iter().chain(kept);
            self.warnings.extend(failed.map(|error| error.to_string()));
            onward
        };
        let said = format!(
            "released {}: commit and tag {tags} on {}\n{}",
            plan.title(),
            plan.branch,
            self.line_of_port(push.map(|push| push.name.as_str()))
        );
        match onward {
            Some(onward) => {
                self.onward = Some(Onward::new(project, self.release, onward, self.refs, said));
            }
            None => self.said = format!("{said}{}", self.next()),
        }
        Ok(())
    }

    /// The line about the branch that got the section. A push sends only the release.
    fn line_of_port(&self, remote: Option<&str>) -> String {
        match (&self.plan.port, remote) {
            (None, _) => String::new(),
            (Some(_), None) => format!("{}\n", self.ported),
            (Some(port), Some(remote)) => {
                let (said, branch) = (&self.ported, &port.branch);
                let branch = self.project.repo.short_name(&RefName::branch(branch));
                format!("{said}; `git push {remote} {branch}` shares it\n")
            }
        }
    }

    /// What to run next for a release that is not pushed.
    fn next(&self) -> String {
        let (plan, repo) = (self.plan, &self.project.repo);
        match self.project.remote(&plan.branch) {
            Some(remote) => {
                let port = plan.port.iter().map(|port| &port.branch);
                let branches = [&plan.branch].into_iter().chain(port);
                let branches = branches.map(|branch| repo.short_name(&RefName::branch(branch)));
                let branches: Vec<String> = branches.collect();
                let (branches, tags) = (branches.join(" "), repo.short_tags(&plan.tags()));
                format!(
                    "next: git push --atomic {remote} {branches} {tags}\nto undo: relwatch undo\n"
                )
            }
            None => "to undo: relwatch undo\n".to_owned(),
        }
    }

    fn told(self, mut report: Report) -> Result<Report> {
        let (releases, commit) = (&self.plan.releases, self.built()?);
        let json = match self.offered {
            Some(branch) => {
                json!({"schema": 1, "offered": branch, "commit": commit, "releases": releases})
            }
            None => {
                let is_pushed = self.onward.is_some();
                json!({"schema": 1, "released": releases, "commit": commit, "pushed": is_pushed})
            }
        };
        report.push(&self.onward.map_or(self.said, |onward| onward.said));
        Ok(report.with_json(json).with_warnings(self.warnings))
    }
}

fn too_early(step: &Step) -> Failure {
    let why = format!(
        "the plan has the step {} before its commit",
        step.action.word()
    );
    Failure::new(Exit::Usage, why)
}

/// The changes of a plan to the branch and to a detached HEAD.
fn branch_change(
    project: &Project,
    plan: &Plan,
    head: &Head,
    commit: CommitId,
) -> Result<Vec<RefChange>> {
    let name = RefName::branch(&plan.branch);
    if head.branch.is_some() {
        return Ok(vec![RefChange::moves(name, plan.base, commit)]);
    }
    let branch = RefChange {
        from: project.repo.reference(&name)?,
        to: Some(commit.to_string()),
        name,
    };
    Ok(vec![
        branch,
        RefChange::moves(RefName::head(), plan.base, commit),
    ])
}
