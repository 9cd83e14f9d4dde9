//! Releases by way of a branch: offered for review, tagged once they are merged, merged back into the other branches.

use semver::Version;

use crate::domain::changelog::cut;
use crate::domain::changelog::document::Document;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::domain::release::manifest::Record;
use crate::domain::release::title;
use crate::domain::text::words;
use crate::domain::version;
use crate::project::{Project, write_lock};
use crate::release::remote::Reach;
use crate::release::{go_on, lock, preconditions, remote};
use crate::section::write;
use crate::sys::git::{Merged, Pushed, RELEASE_BASE, RefChange};
use crate::sys::lock::ReleaseLock;
use crate::transition::{Pending, Transition};
use crate::ui::Report;

/// What the user asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub push: bool,
    /// Do not ask the remote.
    pub offline: bool,
}

/// `relwatch release --finish`: tags what was merged, or merges back what was released on a branch of its own.
pub fn run(project: &Project, options: Options) -> Result<Report> {
    let release = lock::begin(project)?;
    let repo = &project.repo;
    let head = repo.head()?;
    let (Some(commit), Some(branch)) = (head.commit, head.branch) else {
        return Err(
            Failure::precondition("HEAD is not on a branch with commits")
                .with_remedy("`git switch` to it"),
        );
    };
    let remote = remote::ask_remote(project, &branch, Reach::unless(options.offline));
    let mut checks = remote.checks.clone();
    preconditions::of_pending(project, &mut checks);
    checks.demand("cannot finish yet")?;
    let dirty = repo.dirty()?;
    if let Some(path) = dirty.first() {
        return Err(
            Failure::precondition(format!("uncommitted changes in {path}"))
                .with_remedy("commit or stash them first"),
        );
    }
    let target = remote.name.filter(|_| options.push);
    match version::of_branch(&branch) {
        Some(tag) => merge_back(project, &release, &branch, tag, target.as_deref()),
        None => tag_merged(project, &release, commit, &branch, target.as_deref()),
    }
}

/// A release that waits on a branch, local or of a remote.
struct Offer {
    commit: CommitId,
    /// Each version that it cuts, with its tag.
    tags: Vec<(Project, Version, String)>,
}

impl Offer {
    /// Whether a commit holds all that it cuts: by the list of releases, else by the changelogs.
    fn is_in(&self, commit: CommitId) -> Result<bool> {
        for (part, version, tag) in &self.tags {
            if listed(part, commit, tag)?.is_some() {
                continue;
            }
            let bytes = part.repo.file_at(commit, &part.config.changelog)?;
            let doc = bytes.unwrap_or_default();
            if Document::parse(&doc)
                .version(&version.to_string())
                .is_none()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn names(&self) -> Vec<String> {
        self.tags.iter().map(|(.., tag)| tag.clone()).collect()
    }
}

/// What the list of releases of a commit says of a tag.
fn listed(project: &Project, commit: CommitId, tag: &str) -> Result<Option<Record>> {
    let mut records = project.releases_at(commit)?.into_iter();
    Ok(records.find(|record| record.tag == tag))
}

fn offers(project: &Project) -> Result<Vec<Offer>> {
    let mut found: Vec<Offer> = Vec::new();
    for (name, commit) in project.repo.branches()? {
        if !name.contains("/release/") || found.iter().any(|known| known.commit == commit) {
            continue;
        }
        let message = project.repo.commit(commit)?.message;
        let title = message.lines().next().unwrap_or_default();
        let mut tags = Vec::new();
        for tag in title::tags(title) {
            let Ok(part) = project.of_tag(tag) else {
                continue; // a commit of another kind
            };
            let is_new = project.repo.reference(&RefName::tag(tag))?.is_none();
            if let Some(version) = part.config.tag_format()?.version(tag).filter(|_| is_new) {
                tags.push((part, version, tag.to_owned()));
            }
        }
        if !tags.is_empty() {
            found.push(Offer { commit, tags });
        }
    }
    Ok(found)
}

/// Tags the commit that brought an offered release into this branch, however it was merged.
fn tag_merged(
    project: &Project,
    release: &ReleaseLock,
    head: CommitId,
    branch: &str,
    remote: Option<&str>,
) -> Result<Report> {
    let repo = &project.repo;
    let mut waiting = Vec::new();
    for offer in offers(project)? {
        if !repo.contains(head, offer.commit)? && !offer.is_in(head)? {
            waiting.extend(offer.names());
            continue;
        }
        let at = merged_as(project, &offer, head)?;
        same_release(project, &offer, at)?;
        let base = repo.commit(offer.commit)?.parents.first().copied();
        let before = repo.commit(at)?.parents.first().copied();
        let who = repo.signatures()?;
        let mut refs = Vec::new();
        for (part, version, tag) in &offer.tags {
            let bytes = repo.file_at(at, &part.config.changelog)?;
            let notes = bytes.and_then(|bytes| cut::notes(&bytes, &version.to_string()));
            let mut trailers = listed(part, at, tag)?.map_or(Vec::new(), |record| record.skipped);
            trailers.extend(
                base.iter()
                    .filter(|_| base != before)
                    .map(|base| format!("{RELEASE_BASE}{base}")),
            );
            let trailers = match trailers.is_empty() {
                true => String::new(),
                false => format!("\n{}\n", trailers.join("\n")),
            };
            let (title, notes) = (title::of_tag(tag), notes.unwrap_or_default());
            let message = format!("{title}\n\n{notes}\n{trailers}");
            let object = repo.build_tag(tag, at, &who, &message)?;
            refs.push(RefChange::creates_tag(tag, &object));
        }
        let names = offer.names().join(", ");
        let done = Transition {
            what: format!("release {names}"),
            branch: branch.to_owned(),
            from: head,
            to: head,
            refs,
            paths: Vec::new(),
        };
        let onward = remote.map(|remote| Pending {
            released: done.clone(),
            branch: repo.upstream(branch, remote),
            tags: offer.names(),
            remote: remote.to_owned(),
        });
        {
            let held = write_lock::hold(project)?;
            done.carry_out(project, &held, onward.as_ref())?;
            write::show(project, &held)?;
        }
        let mut text = format!("released {names}: tagged {} on {branch}\n", at.short());
        match onward {
            Some(onward) => text = go_on::go_on(project, release, &onward, text)?,
            None => {
                let names = offer.names().join(" ");
                let to = project
                    .remote(branch)
                    .map(|remote| format!("next: git push {remote} {names}\n"));
                text.push_str(&to.unwrap_or_default());
            }
        }
        return Ok(Report::text(text));
    }
    Err(match waiting.first() {
        Some(tag) => {
            let what = format!("release/{tag} is not merged into {branch} yet");
            Failure::precondition(what).with_remedy("merge it, run `git pull`, then try again")
        }
        None => Failure::precondition("no release waits on a branch `release/…`")
            .with_remedy("`relwatch release --push` with `push: {mode: pull-request}` offers one"),
    })
}

/// The commit that brought an offer: itself if it was merged, else the one that was made of it, down the first parents.
fn merged_as(project: &Project, offer: &Offer, head: CommitId) -> Result<CommitId> {
    let repo = &project.repo;
    if repo.contains(head, offer.commit)? {
        return Ok(offer.commit);
    }
    let mut at = head;
    while let Some(parent) = repo.commit(at)?.parents.first().copied() {
        if !offer.is_in(parent)? {
            break;
        }
        at = parent;
    }
    Ok(at)
}

/// What was merged must be what was offered: the sections of the changelogs, and every other file to the byte.
fn same_release(project: &Project, offer: &Offer, merged: CommitId) -> Result<()> {
    let repo = &project.repo;
    let commit = offer.commit;
    let parents = repo.commit(commit)?.parents;
    let Some(&base) = parents.first() else {
        return Err(Failure::precondition(format!(
            "{} has no parent",
            commit.short()
        )));
    };
    let before = repo.commit(merged)?.parents.first().copied();
    if let Some(before) = before.filter(|_| merged != commit) {
        // What a merge of the offer would have given is right, whatever else has changed meanwhile.
        if let Merged::Tree(tree) = repo.merged_tree(before, commit)?
            && tree == repo.tree_of(merged)?
        {
            return Ok(());
        }
    }
    for path in repo.changed_paths(base, commit)? {
        let (offered, there) = (repo.file_at(commit, &path)?, repo.file_at(merged, &path)?);
        let mut parts = offer.tags.iter();
        let same = match parts.find(|(part, ..)| part.config.changelog == path) {
            Some((_, version, _)) => {
                let notes =
                    |bytes: &Option<Vec<u8>>| cut::notes(bytes.as_deref()?, &version.to_string());
                notes(&offered) == notes(&there)
            }
            None => offered == there || path == project.config.manifest,
        };
        if !same {
            return Err(Failure::precondition(format!(
                "{path} at {} is not what release/… offered ({})",
                merged.short(),
                commit.short()
            ))
            .with_remedy("tag it by hand if that is right"));
        }
    }
    Ok(())
}

/// Merges a released branch into the main branch and into the open release branches, all or none.
fn merge_back(
    project: &Project,
    release: &ReleaseLock,
    branch: &str,
    tag: &str,
    remote: Option<&str>,
) -> Result<Report> {
    let repo = &project.repo;
    let format = project.of_tag(tag)?.config.tag_format()?;
    let Some(commit) = repo.resolved(&RefName::tag(tag)) else {
        let message = match repo.head()?.commit {
            Some(head) => repo.commit(head)?.message,
            None => String::new(),
        };
        let mut named = title::tags(message.lines().next().unwrap_or_default());
        // A commit-msg hook may have put something behind them.
        let is_offer = named.any(|named| named.split(' ').next() == Some(tag));
        return Err(match is_offer {
            true => Failure::precondition(format!("{branch} is an offer")).with_remedy(
                "merge it, switch to the branch that it is merged into, then try again",
            ),
            false => Failure::precondition(format!("{tag} is not released yet"))
                .with_remedy(format!("run `relwatch release` on {branch} first")),
        });
    };
    let branches = repo.branches()?;
    let local = |name: &str| {
        let full = RefName::branch(name);
        branches
            .iter()
            .find(|(known, _)| **known == *full)
            .map(|(_, at)| *at)
    };
    let mut targets: Vec<(String, CommitId)> = Vec::new();
    let mains = project
        .config
        .branches
        .iter()
        .filter(|name| !name.ends_with('*'));
    targets.extend(
        mains
            .filter_map(|name| Some((name.clone(), local(name)?)))
            .take(1),
    );
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
    let mut refs = Vec::new();
    let mut said = Vec::new();
    for (name, at) in &targets {
        if repo.contains(*at, commit)? {
            said.push(format!("{name} has {tag} already\n"));
            continue;
        }
        if let Some(place) = repo.checked_out(name)? {
            return Err(Failure::precondition(format!(
                "{name} is checked out in {}",
                place.display()
            ))
            .with_remedy(format!("run `git merge --no-ff {tag}` there")));
        }
        let merged = merged(project, name, *at, commit, tag)?;
        refs.push(RefChange::moves(RefName::branch(name), *at, merged));
        said.push(format!("merged: {tag} into {name}\n"));
    }
    let move_all = |reason: String, refs: &[RefChange]| -> Result<()> {
        let held = write_lock::hold(project)?;
        match refs.is_empty() {
            true => Ok(()),
            false => repo.transaction(&held, &reason, refs),
        }
    };
    move_all(format!("relwatch: merge {tag}"), &refs)?;
    let mut text: String = said.concat();
    let names: Vec<&str> = targets.iter().map(|(name, _)| name.as_str()).collect();
    match remote {
        None => {
            let to = project
                .remote(branch)
                .map(|remote| format!("next: git push {remote} {}\n", names.join(" ")));
            text.push_str(&to.unwrap_or_default());
        }
        Some(remote) => {
            let places = names
                .iter()
                .map(|name| (*name, repo.upstream(name, remote)));
            let places: Vec<(&str, String)> = places.collect();
            let mut refspecs: Vec<String> = places
                .iter()
                .map(|(name, there)| {
                    format!("{}:{}", RefName::branch(name), RefName::branch(there))
                })
                .collect();
            refspecs.push(RefName::tag(tag).to_string());
            if let Pushed::No(words) = repo.push(release, remote, &refspecs)? {
                let refs_there = repo.remote_refs(remote).map_err(|error| {
                    let what = format!(
                        "whether {remote} has the merges of {tag} cannot be said, it does not answer ({error})"
                    );
                    Failure::new(Exit::Pending, what)
                        .with_remedy("`relwatch release --finish --push` tries again")
                })?;
                let mut arrived = true;
                for (name, there) in &places {
                    let here = repo.reference(&RefName::branch(name))?;
                    arrived &= refs_there.get(&RefName::branch(there)) == here.as_deref();
                }
                if !arrived {
                    let back: Vec<RefChange> = refs.iter().map(RefChange::inverse).collect();
                    move_all(format!("relwatch: take back the merge of {tag}"), &back)?;
                    let back = match back.is_empty() {
                        true => "",
                        false => "the merges were taken back, ",
                    };
                    return Err(Failure::new(
                        Exit::Stale,
                        format!("{remote} refuses {}: {words}", names.join(", ")),
                    )
                    .with_remedy(format!(
                        "{back}run `git fetch` and bring the branches up to date"
                    )));
                }
            }
            text.push_str(&format!("pushed to {remote}: {}\n", names.join(", ")));
        }
    }
    text.push_str(&format!("then: git branch -d {branch}\n"));
    Ok(Report::text(text))
}

/// A merge of a release into a branch, made in the object database: the user's files stay as they are.
fn merged(
    project: &Project,
    name: &str,
    at: CommitId,
    commit: CommitId,
    tag: &str,
) -> Result<CommitId> {
    let repo = &project.repo;
    let by_hand =
        format!("nothing was changed: run `git switch {name}` and `git merge --no-ff {tag}`");
    match repo.merged_tree(at, commit)? {
        Merged::Tree(tree) => {
            let message = format!("Merge {tag} into {name}\n");
            repo.commit_tree(&tree, &[at, commit], &repo.signatures()?, &message)
        }
        Merged::Conflicts(paths) => Err(Failure::precondition(format!(
            "cannot merge {tag} into {name}: conflicts in {}",
            words::shortlist(&paths)
        ))
        .with_remedy(by_hand)),
        Merged::Unknown(words) => Err(Failure::precondition(format!(
            "cannot merge {tag} into {name}: {words}"
        ))
        .with_remedy(by_hand)),
    }
}
