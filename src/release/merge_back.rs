//! `relwatch release --finish`: merges a release made on a branch of its own back into the other branches, all or none. Conflicts are
//! refused and left to the user.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::domain::text::words;
use crate::domain::version;
use crate::domain::version::tag_format::TagFormat;
use crate::project::reach::Reach;
use crate::project::{Project, write_lock};
use crate::release::released_in::{merge_text, released_in};
use crate::release::remote;
use crate::release::tag_merged::tag_merged;
use crate::release::{lock, merge_release, preconditions};
use crate::sys::git::{MergeOutcome, Pushed, RefChange};
use crate::sys::lock::ReleaseLock;
use crate::ui::Report;

/// Options of the command.
#[derive(Debug, Clone, Copy, Default)]
pub struct MergeBackOptions {
    pub push: bool,
    /// Whether to ask the remote.
    pub reach: Reach,
}

/// `relwatch release --finish`: tags a merged release, or merges back a release made on a branch of its own.
pub fn run(project: &Project, options: MergeBackOptions) -> Result<Report> {
    let release = lock::begin(project)?;
    let repo = &project.repo;
    let (commit, branch) = preconditions::on_branch(repo.head()?)?;
    let remote = remote::ask_remote(project, &branch, options.reach);
    let mut checks = remote.checks.clone();
    preconditions::of_pending(project, &mut checks);
    checks.demand("cannot finish yet")?;
    preconditions::demand_clean(project)?;
    let target = remote.name.filter(|_| options.push);
    match tag_of(project, &branch, commit)? {
        Some(tag) => merge_back(project, &release, &branch, &tag, target.as_deref()),
        None => tag_merged(project, &release, commit, &branch, target.as_deref()),
    }
}

/// The release of a branch, by the branch's name. On any other branch except the main one, such as a long-supported release line, the
/// release made there.
fn tag_of(project: &Project, branch: &str, commit: CommitId) -> Result<Option<String>> {
    if let Some(tag) = version::of_branch(branch) {
        return Ok(Some(tag.to_owned()));
    }
    if main_branch(project, &project.repo.branches()?).is_none_or(|(main, _)| main == branch) {
        return Ok(None);
    }
    for part in project.components() {
        if let Some(tag) = part.release_tags()?.by_commit().remove(&commit) {
            return Ok(Some(tag.name));
        }
    }
    Ok(None)
}

/// A release, and the branches to merge it into.
struct Back<'a> {
    project: &'a Project,
    tag: &'a str,
    /// The commit that the tag names.
    commit: CommitId,
    /// Branches that the release is merged into, each with its commit.
    targets: Vec<(String, CommitId)>,
}

/// Merges a released branch into the main branch and into the open release branches, all or none.
fn merge_back(
    project: &Project,
    release: &ReleaseLock,
    branch: &str,
    tag: &str,
    remote: Option<&str>,
) -> Result<Report> {
    let format = project.of_tag(tag)?.config.tag;
    let Some(commit) = project.repo.resolved(&RefName::tag(tag)) else {
        return Err(not_released(project, branch, tag)?);
    };
    let back = Back {
        targets: targets(project, &format, branch, tag)?,
        project,
        tag,
        commit,
    };
    let (refs, mut text) = back.merges()?;
    back.move_all(&format!("relwatch: merge {tag}"), &refs)?;
    let names = back.targets.iter();
    let names = names.map(|(name, _)| project.repo.short_name(&RefName::branch(name)));
    let names = names.collect::<Vec<_>>().join(" ");
    match remote {
        None => {
            let to = project
                .remote(branch)
                .map(|remote| format!("next: git push {remote} {names}\n"));
            text.push_str(&to.unwrap_or_default());
        }
        Some(remote) => {
            back.push(release, remote, &refs)?;
            text.push_str(&format!(
                "pushed to {remote}: {}\n",
                back.names().join(", ")
            ));
        }
    }
    // A release line stays open.
    if version::of_branch(branch).is_some() {
        text.push_str(&format!("then: git branch -d {branch}\n"));
    }
    Ok(Report::text(text))
}

/// The reason why there is nothing to merge back.
fn not_released(project: &Project, branch: &str, tag: &str) -> Result<Failure> {
    let repo = &project.repo;
    let is_offer = match repo.head()?.commit {
        Some(head) => {
            let mut named = released_in(project, head, Some(tag))?.into_iter();
            named.any(|named| named.tag == tag)
        }
        None => false,
    };
    Ok(if is_offer {
        Failure::precondition(format!("{branch} is an offer"))
            .with_remedy("merge it, switch to the branch that it is merged into, then try again")
    } else {
        Failure::precondition(format!("{tag} is not released yet"))
            .with_remedy(format!("run `relwatch release` on {branch} first"))
    })
}

/// The main branch, and the open branches of later releases.
fn targets(
    project: &Project,
    format: &TagFormat,
    branch: &str,
    tag: &str,
) -> Result<Vec<(String, CommitId)>> {
    let repo = &project.repo;
    let branches = repo.branches()?;
    let mut targets: Vec<(String, CommitId)> = Vec::new();
    targets.extend(main_branch(project, &branches));
    for (name, at) in &branches {
        let Some(name) = ref_name::branch_of(name) else {
            continue;
        };
        let open = name.strip_prefix("release/").filter(|_| name != branch);
        let Some(version) = open.and_then(|tag| format.version(tag)) else {
            continue;
        };
        let is_open = repo
            .reference(&RefName::tag(&format.tag(&version)))?
            .is_none();
        if is_open
            && format
                .version(tag)
                .is_some_and(|released| version > released)
        {
            targets.push((name.to_owned(), *at));
        }
    }
    if targets.is_empty() {
        return Err(Failure::precondition("there is no branch to merge into")
            .with_remedy("see `branches` in relwatch.yml"));
    }
    Ok(targets)
}

/// The first existing branch of `branches`, and its commit.
fn main_branch(project: &Project, local: &[(String, CommitId)]) -> Option<(String, CommitId)> {
    let names = project.config.branches.iter();
    let at = |name: &String| {
        let full = RefName::branch(name);
        let found = local.iter().find(|(known, _)| **known == *full)?;
        Some((name.clone(), found.1))
    };
    names.filter(|name| !name.ends_with('*')).find_map(at)
}

impl Back<'_> {
    /// The tag as a command's argument.
    fn named(&self) -> String {
        self.project.repo.short_name(&RefName::tag(self.tag))
    }

    fn names(&self) -> Vec<&str> {
        self.targets.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// A merge for each branch that lacks the release, and the message about it.
    fn merges(&self) -> Result<(Vec<RefChange>, String)> {
        let (repo, tag) = (&self.project.repo, self.tag);
        let mut refs = Vec::new();
        let mut said = String::new();
        for (name, at) in &self.targets {
            if repo.contains(*at, self.commit)? {
                said.push_str(&format!("{name} has {tag} already\n"));
                continue;
            }
            if let Some(place) = repo.checked_out(name)? {
                let what = format!("{name} is checked out in {}", place.display());
                return Err(Failure::precondition(what)
                    .with_remedy(format!("run `git merge --no-ff {}` there", self.named())));
            }
            let merged = merged(self.project, name, *at, self.commit, tag)?;
            refs.push(RefChange::moves(RefName::branch(name), *at, merged));
            said.push_str(&format!("merged: {tag} into {name}\n"));
        }
        Ok((refs, said))
    }

    fn move_all(&self, reason: &str, refs: &[RefChange]) -> Result<()> {
        let held = write_lock::hold(self.project)?;
        if refs.is_empty() {
            Ok(())
        } else {
            self.project.repo.transaction(&held, reason, refs)
        }
    }

    /// Pushes the branches and the tag. If the remote refuses, the merges are undone.
    fn push(&self, release: &ReleaseLock, remote: &str, refs: &[RefChange]) -> Result<()> {
        let (repo, tag) = (&self.project.repo, self.tag);
        let names = self.names();
        let places = names
            .iter()
            .map(|name| (*name, repo.upstream(name, remote)));
        let places: Vec<(&str, String)> = places.collect();
        let mut refspecs: Vec<String> = places
            .iter()
            .map(|(name, there)| format!("{}:{}", RefName::branch(name), RefName::branch(there)))
            .collect();
        refspecs.push(RefName::tag(tag).to_string());
        let Pushed::No(words) = repo.push(release, remote, &refspecs)? else {
            return Ok(());
        };
        if self.has_arrived(remote, &places)? {
            return Ok(());
        }
        let back: Vec<RefChange> = refs.iter().map(RefChange::inverse).collect();
        self.move_all(&format!("relwatch: undo the merge of {tag}"), &back)?;
        let back = if back.is_empty() {
            ""
        } else {
            "the merges were rolled back, "
        };
        Err(Failure::new(
            Exit::Stale,
            format!("{remote} refuses {}: {words}", names.join(", ")),
        )
        .with_remedy(format!(
            "{back}run `git fetch` and bring the branches up to date"
        )))
    }

    /// Whether the remote has the branches, although git reported a failure.
    fn has_arrived(&self, remote: &str, places: &[(&str, String)]) -> Result<bool> {
        let (repo, tag) = (&self.project.repo, self.tag);
        let refs_there = repo.remote_refs(remote).map_err(|error| {
            let what = format!(
                "whether {remote} has the merges of {tag} cannot be said, it does not answer ({error})"
            );
            Failure::new(Exit::Pending, what)
                .with_remedy("`relwatch release --finish --push` tries again")
        })?;
        let mut arrived = true;
        for (name, there) in places {
            let here = repo.reference(&RefName::branch(name))?;
            arrived &= refs_there.get(&RefName::branch(there)) == here.as_deref();
        }
        Ok(arrived)
    }
}

/// A merge of a release into a branch, made in the object database: the user's files are not touched.
fn merged(
    project: &Project,
    name: &str,
    at: CommitId,
    commit: CommitId,
    tag: &str,
) -> Result<CommitId> {
    let repo = &project.repo;
    let named = repo.short_name(&RefName::tag(tag));
    let by_hand =
        format!("nothing was changed: run `git switch {name}` and `git merge --no-ff {named}`");
    match merge_release::merge(project, at, commit)? {
        MergeOutcome::Tree(tree) => {
            let message = merge_text(project, commit, tag, name)?;
            repo.commit_tree(&tree, &[at, commit], &repo.signatures()?, &message)
        }
        MergeOutcome::Conflicts(paths) => Err(Failure::precondition(format!(
            "cannot merge {tag} into {name}: conflicts in {}",
            words::shortlist(&paths)
        ))
        .with_remedy(by_hand)),
        MergeOutcome::Unknown(words) => Err(Failure::precondition(format!(
            "cannot merge {tag} into {name}: {words}"
        ))
        .with_remedy(by_hand)),
    }
}
