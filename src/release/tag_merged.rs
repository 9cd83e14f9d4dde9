//! A release offered for review: tagged once it is merged, by a merge, a squash or a rebase. Refused if the merged content differs from the
//! offer.

use semver::Version;

use crate::domain::changelog::cut;
use crate::domain::changelog::document::Document;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::domain::release::kind;
use crate::domain::release::manifest::ReleaseRecord;
use crate::domain::release::plan::Cutting;
use crate::domain::release::texts::{self, TextValues};
use crate::domain::version;
use crate::project::{Project, write_lock};
use crate::release::released_in::{self, ReleasedVersion, released_in};
use crate::release::{onward, publish};
use crate::section::write;
use crate::sys::git::{MergeOutcome, RELEASE_BASE, RefChange, Repo};
use crate::sys::lock::ReleaseLock;
use crate::transition::{Pending, Transition};
use crate::ui::Report;

/// A release on a review branch, local or of a remote.
struct Offer {
    commit: CommitId,
    tags: Vec<OfferedTag>,
}

/// A version in an offer.
struct OfferedTag {
    part: Project,
    version: Version,
    tag: String,
    shown_by: ShownBy,
}

/// Evidence that a commit contains an offered version.
enum ShownBy {
    /// Its line in the release manifest.
    Listed,
    /// Its section in the changelog, if there is no manifest. If the section was written by hand before the offer, these files must match
    /// the offer as well.
    Section(Vec<String>),
}

impl Offer {
    /// Whether a commit contains all versions of the offer.
    fn is_in(&self, commit: CommitId) -> Result<bool> {
        for one in &self.tags {
            let is_in = match &one.shown_by {
                ShownBy::Listed => listed(&one.part, commit, &one.tag)?.is_some(),
                ShownBy::Section(files) => {
                    has_section(&one.part, commit, &one.version)?
                        && self.has_same(&one.part.repo, commit, files)?
                }
            };
            if !is_in {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether these files of a commit match those of the offer, byte for byte.
    fn has_same(&self, repo: &Repo, commit: CommitId, files: &[String]) -> Result<bool> {
        for path in files {
            if repo.file_at(self.commit, path)? != repo.file_at(commit, path)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn names(&self) -> Vec<String> {
        self.tags.iter().map(|one| one.tag.clone()).collect()
    }
}

impl ShownBy {
    /// The evidence that the offer itself contains.
    fn in_offer(part: &Project, offer: CommitId, version: &Version, tag: &str) -> Result<ShownBy> {
        if listed(part, offer, tag)?.is_some() {
            return Ok(ShownBy::Listed);
        }
        let parents = part.repo.commit(offer)?.parents;
        match parents.first() {
            Some(&base) if has_section(part, base, version)? => {
                let mut files = part.repo.changed_paths(base, offer)?;
                files.retain(|path| *path != part.config.changelog);
                Ok(ShownBy::Section(files))
            }
            _ => Ok(ShownBy::Section(Vec::new())),
        }
    }
}

/// Whether the changelog of a commit has the section of a version.
fn has_section(part: &Project, commit: CommitId, version: &Version) -> Result<bool> {
    let doc = part.repo.file_at(commit, &part.config.changelog)?;
    let doc = doc.unwrap_or_default();
    Ok(Document::parse(&doc)
        .version(&version.to_string())
        .is_some())
}

/// A tag's line in the release manifest of a commit.
fn listed(project: &Project, commit: CommitId, tag: &str) -> Result<Option<ReleaseRecord>> {
    let mut records = project.releases_at(commit)?.into_iter();
    Ok(records.find(|record| record.tag == tag))
}

fn offers(project: &Project) -> Result<Vec<Offer>> {
    let mut found: Vec<Offer> = Vec::new();
    for (name, commit) in project.repo.branches()? {
        if !name.contains("/release/") || found.iter().any(|known| known.commit == commit) {
            continue;
        }
        // A review branch whose release is tagged by now is done.
        let own = name.split_once("/release/").map(|(_, tag)| tag);
        let is_new = |tag: &str| -> Result<bool> {
            Ok(project.repo.reference(&RefName::tag(tag))?.is_none())
        };
        if !own.map_or(Ok(false), is_new)? {
            continue;
        }
        let mut tags = Vec::new();
        for released in released_in(project, commit, own)? {
            if is_new(&released.tag)? {
                let ReleasedVersion { version, tag } = released;
                let part = project.of_tag(&tag)?;
                let shown_by = ShownBy::in_offer(&part, commit, &version, &tag)?;
                tags.push(OfferedTag {
                    part,
                    version,
                    tag,
                    shown_by,
                });
            }
        }
        if !tags.is_empty() {
            found.push(Offer { commit, tags });
        }
    }
    Ok(found)
}

/// Tags the commit that brought an offered release into this branch, however it was merged.
pub fn tag_merged(
    project: &Project,
    release: &ReleaseLock,
    head: CommitId,
    branch: &str,
    remote: Option<&str>,
) -> Result<Report> {
    let mut waiting = Vec::new();
    for offer in offers(project)? {
        if project.repo.contains(head, offer.commit)? || offer.is_in(head)? {
            return tag_offer(project, release, &offer, head, branch, remote);
        }
        waiting.extend(offer.names());
    }
    Err(match waiting.first() {
        Some(tag) => {
            let what = format!("release/{tag} is not merged into {branch} yet");
            Failure::precondition(what).with_remedy("merge it, run `git pull`, then try again")
        }
        None => match unmerged(project, head)? {
            Some((tag, from)) => {
                Failure::precondition(format!("{tag} is not merged into {branch} yet")).with_remedy(
                    format!("run `git switch {from}`, then `relwatch release --finish`"),
                )
            }
            None => Failure::precondition("no release waits on a branch `release/…`").with_remedy(
                "`relwatch release --push` with `push: {mode: pull-request}` offers one",
            ),
        },
    })
}

/// A release of a local branch that a commit does not contain, and that branch.
fn unmerged(project: &Project, head: CommitId) -> Result<Option<(String, String)>> {
    for (name, _) in project.repo.branches()? {
        let Some(branch) = ref_name::branch_of(&name) else {
            continue;
        };
        let Some(tag) = version::of_branch(branch) else {
            continue;
        };
        if let Some(commit) = project.repo.resolved(&RefName::tag(tag))
            && !project.repo.contains(head, commit)?
        {
            return Ok(Some((tag.to_owned(), branch.to_owned())));
        }
    }
    Ok(None)
}

/// Tags the merged release, and pushes it if the user wants that.
fn tag_offer(
    project: &Project,
    release: &ReleaseLock,
    offer: &Offer,
    head: CommitId,
    branch: &str,
    remote: Option<&str>,
) -> Result<Report> {
    let at = merged_as(project, offer, head)?;
    same_release(project, offer, at)?;
    let names = offer.names().join(", ");
    let done = Transition {
        what: format!("release {names}"),
        branch: branch.to_owned(),
        from: head,
        to: head,
        refs: built_tags(project, offer, at, branch)?,
        paths: Vec::new(),
        carried: None,
    };
    let onward = remote.map(|remote| Pending {
        released: done.clone(),
        branch: project.repo.upstream(branch, remote),
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
        Some(onward) => text = onward::go_on(project, release, &onward, text)?,
        None => {
            let names = project.repo.short_tags(&offer.names());
            let to = project
                .remote(branch)
                .map(|remote| format!("next: git push {remote} {names}\n"));
            text.push_str(&to.unwrap_or_default());
        }
    }
    Ok(Report::text(text))
}

/// The annotated tags of the commit `at`. They name the branch of the offer if it differs from the branch that it was merged into.
fn built_tags(
    project: &Project,
    offer: &Offer,
    at: CommitId,
    branch: &str,
) -> Result<Vec<RefChange>> {
    let repo = &project.repo;
    let base = repo.commit(offer.commit)?.parents.first().copied();
    let before = repo.commit(at)?.parents.first().copied();
    let offered_on = base.filter(|base| Some(*base) != before);
    let who = repo.signatures()?;
    let mut refs = Vec::new();
    for offered in &offer.tags {
        let OfferedTag {
            part, version, tag, ..
        } = offered;
        let bytes = repo.file_at(at, &part.config.changelog)?;
        let notes = bytes.and_then(|bytes| cut::notes(&bytes, &version.to_string()));
        let mut trailers = Vec::new();
        if let Some(record) = listed(part, at, tag)? {
            trailers = kind::trailers(&record);
            trailers.extend(record.skipped);
        }
        trailers.extend(
            offered_on
                .iter()
                .map(|base| format!("{RELEASE_BASE}{base}")),
        );
        let cutting = Cutting {
            notes: notes.unwrap_or_default(),
            ..publish::cutting(part, tag, at)?
        };
        let kind = released_in::kind_of(part, at, tag)?;
        let values = TextValues::new([&cutting], branch, kind);
        let text = part.config.messages.tag.filled(&values);
        let message = texts::with_trailers(&text, &trailers);
        let object = repo.build_tag(tag, at, &who, &message)?;
        refs.push(RefChange::creates_tag(tag, &object));
    }
    Ok(refs)
}

/// The commit that brought an offer: the offer's own if it was merged, else the squashed or rebased one, searched along the first parents.
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

/// Checks that the merged content matches the offer: the sections of the changelogs, and every other file byte for byte.
fn same_release(project: &Project, offer: &Offer, merged: CommitId) -> Result<()> {
    let repo = &project.repo;
    let commit = offer.commit;
    let parents = repo.commit(commit)?.parents;
    let Some(&base) = parents.first() else {
        let what = format!("{} has no parent", commit.short());
        return Err(Failure::precondition(what));
    };
    let before = repo.commit(merged)?.parents.first().copied();
    if let Some(before) = before.filter(|_| merged != commit) {
        // The tree that a merge of the offer would give is accepted, whatever else changed meanwhile.
        if let MergeOutcome::Tree(tree) = repo.merged_tree(before, commit)?
            && tree == repo.tree_of(merged)?
        {
            return Ok(());
        }
    }
    for path in repo.changed_paths(base, commit)? {
        let (offered, there) = (repo.file_at(commit, &path)?, repo.file_at(merged, &path)?);
        let mut parts = offer.tags.iter();
        let same = match parts.find(|one| one.part.config.changelog == path) {
            Some(one) => {
                let version = one.version.to_string();
                let notes = |bytes: &Option<Vec<u8>>| cut::notes(bytes.as_deref()?, &version);
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
