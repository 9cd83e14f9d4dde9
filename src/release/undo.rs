//! `relwatch undo`: undoes an unpushed release: references, files and specs. Refuses a release that others may have, and one with commits
//! on top.

use crate::domain::changelog::port;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::domain::release::title;
use crate::history::previous::PreviousRelease;
use crate::history::range;
use crate::project::reach::Reach;
use crate::project::{Project, write_lock};
use crate::release::{lock, preconditions, publish, released_in};
use crate::section::write;
use crate::sys::env;
use crate::sys::git::{RefChange, ReleaseTag};
use crate::transition::{self, Transition};
use crate::ui::{self, Report};

/// Options of the command.
#[derive(Debug, Clone, Copy, Default)]
pub struct UndoOptions {
    pub yes: bool,
    /// Whether to ask the remote for the tags.
    pub reach: Reach,
}

/// Runs the command. Refuses a release that others may have: one that is pushed, or that has commits on top.
pub fn run(project: &Project, options: UndoOptions) -> Result<Report> {
    let _release = lock::begin(project)?;
    let repo = &project.repo;
    let (commit, branch) = preconditions::on_branch(repo.head()?)?;
    let tags = tags_of(project, commit)?;
    let raw = repo.commit(commit)?;
    let (false, &[base]) = (tags.is_empty(), raw.parents.as_slice()) else {
        return Err(not_newest(project, commit, &branch)?);
    };
    preconditions::demand_clean(project)?;
    is_private(project, commit, &branch, &tags, options.reach)?;
    let names = tags.join(", ");
    let ported = PortedSections::find(project, &branch, commit, &tags)?;
    let also = ported
        .branches()
        .map(|name| format!(", and its section on {name}"));
    let also: String = also.collect();
    let question = format!("undo {names} ({} on {branch}){also}?", commit.short());
    let agreed = options.yes || env::is_interactive() && ui::ask(&question);
    if !agreed {
        return Err(Failure::new(Exit::Declined, format!("{names} stays"))
            .with_remedy("`relwatch undo --yes` goes ahead without asking"));
    }
    let mut refs = vec![RefChange::moves(RefName::branch(&branch), commit, base)];
    for tag in &tags {
        let name = RefName::tag(tag);
        refs.push(RefChange {
            from: repo.reference(&name)?,
            to: None,
            name,
        });
    }
    refs.extend(ported.refs.iter().cloned());
    let held = write_lock::hold(project)?;
    Transition {
        what: format!("undo of {names}"),
        branch: branch.clone(),
        from: commit,
        to: base,
        refs,
        paths: repo.changed_paths(base, commit)?,
        carried: None,
    }
    .carry_out(project, &held, None)?;
    transition::settle(project)?;
    write::show(project, &held)?;
    Ok(Report::text(format!(
        "undid {names}: {branch} is at {} again; files and specs restored\n{}",
        base.short(),
        ported.said()
    ))
    .with_warnings(ported.left))
}

/// Sections of a release on other branches, added by `relwatch release --port` or `relwatch port`.
#[derive(Default)]
struct PortedSections {
    /// Branches that are reset to the commit before.
    refs: Vec<RefChange>,
    /// Branches that stay, and how to undo their sections.
    left: Vec<String>,
}

impl PortedSections {
    /// Finds the branches to reset: the newest commit is that of the port, nobody else has it, and no checked-out files depend on it.
    fn find(
        project: &Project,
        branch: &str,
        commit: CommitId,
        tags: &[String],
    ) -> Result<PortedSections> {
        let repo = &project.repo;
        let mut found = PortedSections::default();
        for (full, at) in repo.branches()? {
            let name = ref_name::branch_of(&full).filter(|name| *name != branch);
            let Some(name) = name else { continue };
            let raw = repo.commit(at)?;
            let subject = raw.message.lines().next().unwrap_or_default();
            let mut ported: Vec<&str> = title::ported(subject).collect();
            ported.sort_unstable();
            if let (true, [before]) = (ported == *tags, raw.parents.as_slice())
                && repo.checked_out(name)?.is_none()
                && repo.published_in(at)?.is_empty()
            {
                let change = RefChange::moves(RefName::branch(name), at, *before);
                found.refs.push(change);
            } else if !repo.contains(at, commit)? && has_section(project, at, tags)? {
                let names = tags.join(", ");
                found.left.push(format!(
                    "{name} still has the section of {names}; `git revert` the commit that added it there"
                ));
            }
        }
        Ok(found)
    }

    fn branches(&self) -> impl Iterator<Item = &str> {
        let names = self.refs.iter().map(|change| &*change.name);
        names.filter_map(ref_name::branch_of)
    }

    fn said(&self) -> String {
        let line = |name: &str| format!("removed its section from {name}\n");
        self.branches().map(line).collect()
    }
}

/// Whether the changelog at a commit has the section of one of these tags.
fn has_section(project: &Project, commit: CommitId, tags: &[String]) -> Result<bool> {
    for tag in tags {
        let part = project.of_tag(tag)?;
        let version = part.config.tag.version(tag);
        let bytes = project.repo.file_at(commit, &part.config.changelog)?;
        if let (Some(version), Some(bytes)) = (version, bytes)
            && port::has(&bytes, &version.to_string())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// # Errors
/// Exit 3 if others may have the release: it is pushed, as far as this clone or the remote knows, or a step has published it.
fn is_private(
    project: &Project,
    commit: CommitId,
    branch: &str,
    tags: &[String],
    reach: Reach,
) -> Result<()> {
    let repo = &project.repo;
    let names = tags.join(", ");
    if let Some(place) = repo.published_in(commit)?.first() {
        let spaced = tags.join(" ");
        let what = format!("{names} is pushed already ({place})");
        return Err(Failure::precondition(what).with_remedy(format!(
            "relwatch never moves a published release: `relwatch withdraw` marks it, a new release fixes it; if the tag is not pushed, `git tag -d {spaced}` removes it alone"
        )));
    }
    if let Some(remote) = project.remote(branch).filter(|_| reach == Reach::Online) {
        let there = repo.remote_refs(&remote).map_err(|error| {
            let what = format!("whether {remote} has {names} cannot be asked ({error})");
            Failure::precondition(what)
                .with_remedy("`relwatch undo --offline` if you know that it is not pushed")
        })?;
        for tag in tags {
            if there.tags_commit(tag, commit) {
                let what = format!("tag {tag} is on {remote} already");
                return Err(Failure::precondition(what).with_remedy(
                    "relwatch never moves a published tag: `relwatch withdraw` marks it, a new release fixes it",
                ));
            }
        }
    }
    for tag in tags {
        if let Some(step) = publish::done(project, tag)?.first() {
            return Err(
                Failure::precondition(format!("{tag} is published ({step} is done)"))
                    .with_remedy("`relwatch withdraw` marks it, a new release fixes it"),
            );
        }
    }
    Ok(())
}

/// The tags of a release commit made by relwatch; none for any other commit.
fn tags_of(project: &Project, commit: CommitId) -> Result<Vec<String>> {
    let repo = &project.repo;
    let mut tags = Vec::new();
    for (tag, at) in repo.tags()? {
        if at == commit && is_ours(project, commit, &tag)? {
            tags.push(tag);
        }
    }
    tags.sort();
    Ok(tags)
}

/// Whether relwatch made a tag and its commit: the commit adds the tag to the release manifest, or both have the texts from `messages`. A
/// commit-msg hook may have changed the commit's text, so its tag or version is enough there.
fn is_ours(project: &Project, commit: CommitId, tag: &str) -> Result<bool> {
    let Ok(part) = project.of_tag(tag) else {
        return Ok(false);
    };
    let version = part.config.tag.text_of(tag).unwrap_or_default();
    let repo = &project.repo;
    let subject = repo.tag_subject(tag)?;
    if part.config.messages.tag.fits(&subject, tag, &version) {
        let message = repo.commit(commit)?.message;
        return Ok(message.contains(tag) || message.contains(&version));
    }
    let mut listed = released_in::listed_in(&part, commit)?.into_iter();
    Ok(listed.any(|listed| listed == tag))
}

/// The failure for a release that is not the newest commit, with what to run.
fn not_newest(project: &Project, commit: CommitId, branch: &str) -> Result<Failure> {
    let short = commit.short();
    let only = "undo works on the newest commit only; for older ones use `git revert`";
    let plain = Failure::precondition(format!(
        "the newest commit on {branch}, {short}, is not a release by relwatch"
    ))
    .with_remedy(only);
    let mut last = Vec::new();
    for part in project.components() {
        last.extend(range::read(&part)?.last);
    }
    // The release with the fewest commits on top.
    let mut near: Option<(usize, CommitId, ReleaseTag)> = None;
    for PreviousRelease {
        commit: at, tag, ..
    } in last
    {
        let count = project.repo.count(at, commit)?;
        if near.as_ref().is_none_or(|(known, ..)| count < *known) {
            near = Some((count, at, tag));
        }
    }
    let Some((count, released, tag)) = near else {
        return Ok(plain);
    };
    let tags = tags_of(project, released)?.join(" ");
    if tags.is_empty() {
        return Ok(plain);
    }
    let name = project.repo.short_name(&RefName::tag(&tag.name));
    let commits = ui::counted(count, "commit is", "commits are");
    Ok(plain.with_remedy(format!(
        "{only}; {commits} on {name}: if it is not pushed, `git rebase --onto {name}~1 {name} {branch}` moves them off it, then `git tag -d {tags}`"
    )))
}
