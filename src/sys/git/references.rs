//! References: release tags, and atomic updates of several references.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::PathBuf;

use git2::{ObjectType, Oid};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::domain::text::words::byte_lines;
use crate::domain::version::tag_format::TagFormat;
use crate::sys::git::answer::found;
use crate::sys::git::commits::{header, parts, seconds, zone};
use crate::sys::git::object_name::{commit_id, object_id, oid};
use crate::sys::git::ref_store::{NamedObject, REF_TABLES};
use crate::sys::git::repo::Repo;
use crate::sys::lock::WriteLock;
use crate::sys::{clock, files, git_command};

/// The trailer that names the base commit of a release.
pub const RELEASE_BASE: &str = "Release-Base: ";
/// The trailer of a tag that names a completed spec which its release does not contain.
pub const SPEC_HELD: &str = "Spec-Held: ";

/// A release tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTag {
    pub name: String,
    pub version: Version,
}

/// The message of a tag without the signature that git appends to it (gitformat-signature).
fn unsigned(message: &str) -> &str {
    let is_signature = |line: &str| {
        let kind = line.strip_prefix("-----BEGIN ");
        let kind = kind.and_then(|kind| kind.trim_end().strip_suffix("-----"));
        let kinds = [
            "PGP SIGNATURE",
            "PGP MESSAGE",
            "SSH SIGNATURE",
            "SIGNED MESSAGE",
        ];
        kind.is_some_and(|kind| kinds.contains(&kind))
    };
    let mut at = 0;
    for line in message.split_inclusive('\n') {
        if is_signature(line) {
            return &message[..at];
        }
        at += line.len();
    }
    message
}

/// Time, message and commit title of a release tag.
#[derive(Debug, Clone)]
pub struct Tagging {
    /// Seconds since 1970: the tagger's time, or for a lightweight tag that of its commit (git's `creatordate`).
    pub time: i64,
    /// The day as `YYYY-MM-DD`, in the recorded time zone (git's `creatordate:short`).
    pub day: String,
    /// The message of an annotated tag. Empty for a lightweight one.
    pub message: String,
    /// The title of the commit.
    pub title: String,
}

/// The release tags of a format.
#[derive(Debug, Clone, Default)]
pub struct ReleaseTags {
    /// The requested tags, each with the commit that it names.
    pub named: Vec<(CommitId, ReleaseTag)>,
    /// Every version that a tag names, including pre-releases and versions of other branches.
    pub versions: Vec<Version>,
    /// The names of the tags.
    pub names: TagNames,
    /// Number of tags in the format.
    pub matching: usize,
    /// Number of all other tags.
    pub others: usize,
}

impl ReleaseTags {
    /// The tags by the commit that they name. If a commit has several, the newest version.
    pub fn by_commit(&self) -> HashMap<CommitId, ReleaseTag> {
        let mut tags: HashMap<CommitId, ReleaseTag> = HashMap::new();
        for (commit, tag) in &self.named {
            let slot = tags.entry(*commit).or_insert_with(|| tag.clone());
            if slot.version < tag.version {
                *slot = tag.clone();
            }
        }
        tags
    }
}

/// The tag names of a format: the best tag of each version.
#[derive(Debug, Clone, Default)]
pub struct TagNames {
    format: TagFormat,
    best: HashMap<Version, String>,
}

impl TagNames {
    fn new(format: &TagFormat) -> TagNames {
        TagNames {
            format: format.clone(),
            ..TagNames::default()
        }
    }

    /// Adds a tag. If several tags name one version, the best one is used: `v1.2`, which moves with every patch release, is not 1.2.0 if
    /// `v1.2.0` exists.
    fn add(&mut self, name: &str, version: Version) {
        let known = self.best.entry(version).or_insert_with(|| name.to_owned());
        if self.format.rank(known) < self.format.rank(name) {
            name.clone_into(known);
        }
    }

    /// The tag of a version: the existing one, else one in the style of the newest tag of its kind. Only tags of versions such as 26.0.0
    /// show whether `26.0` or `26.0.0` is the style.
    pub fn tag(&self, version: &Version) -> String {
        if let Some(known) = self.best.get(version) {
            return known.clone();
        }
        let kind = |version: &Version| (version.pre.is_empty(), version.patch == 0);
        let own = kind(version);
        let forms = self.best.iter().filter_map(|(other, name)| {
            let its = kind(other);
            let likeness = (own.0 == its.0, own.1 == its.1, other);
            Some((likeness, self.format.form_of(name)?))
        });
        let likest = forms.max_by(|a, b| a.0.cmp(&b.0));
        let form = likest.map(|(_, form)| form).unwrap_or_default();
        self.format.tag_written(&form, version)
    }

    /// A version as written in tags and in the changelog: `25.2` for 25.2.0.
    pub fn version(&self, version: &Version) -> String {
        let tag = self.tag(version);
        let text = self.format.text_of(&tag);
        text.unwrap_or_else(|| version.to_string())
    }
}

/// The release tags to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Tags of final versions.
    Final,
    /// Tags of pre-releases as well.
    All,
}

/// The update of one reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefChange {
    /// A branch, a tag, or a detached `HEAD`.
    pub name: RefName,
    /// The current value. `None` if the reference is created.
    pub from: Option<String>,
    /// The new value. `None` if the reference is deleted.
    pub to: Option<String>,
}

impl RefChange {
    /// The update of an existing reference.
    pub fn moves(name: RefName, from: CommitId, to: CommitId) -> RefChange {
        RefChange {
            name,
            from: Some(from.to_string()),
            to: Some(to.to_string()),
        }
    }

    /// The creation of a tag.
    pub fn creates_tag(tag: &str, object: &str) -> RefChange {
        RefChange {
            name: RefName::tag(tag),
            from: None,
            to: Some(object.to_owned()),
        }
    }

    /// The reverse update.
    pub fn inverse(&self) -> RefChange {
        RefChange {
            name: self.name.clone(),
            from: self.to.clone(),
            to: self.from.clone(),
        }
    }

    /// The line for `git update-ref --stdin`. The old value makes it fail if the reference has changed.
    fn line(&self) -> String {
        let name = &self.name;
        let line = match (&self.from, &self.to) {
            (None, Some(to)) => format!("create {name} {to}"),
            (Some(from), Some(to)) => format!("update {name} {to} {from}"),
            (Some(from), None) => format!("delete {name} {from}"),
            (None, None) => format!("verify {name}"),
        };
        if *name == RefName::head() {
            format!("option no-deref\n{line}")
        } else {
            line
        }
    }
}

impl Repo {
    /// The release tags, one per version. Tags of pre-releases get a commit only if all are requested.
    pub fn release_tags(&self, format: &TagFormat, which: Which) -> Result<ReleaseTags> {
        let mut tags = ReleaseTags {
            names: TagNames::new(format),
            ..ReleaseTags::default()
        };
        self.each_tag(|name, commit| {
            let Some(version) = format.version(name) else {
                tags.others += 1;
                return Ok(());
            };
            tags.matching += 1;
            tags.versions.push(version.clone());
            if which == Which::All || version.pre.is_empty() {
                // packed-refs has the peeled value of annotated tags. Only loose ones are read.
                let Some(commit) = commit()? else {
                    return Ok(());
                };
                let tag = ReleaseTag {
                    name: name.to_owned(),
                    version: version.clone(),
                };
                tags.named.push((commit, tag));
            }
            tags.names.add(name, version);
            Ok(())
        })?;
        let best = &tags.names.best;
        tags.named
            .retain(|(_, tag)| best.get(&tag.version) == Some(&tag.name));
        Ok(tags)
    }

    /// Every release tag with the commit that it names. Tags of pre-releases are included only if all are requested.
    pub fn all_release_tags(
        &self,
        format: &TagFormat,
        which: Which,
    ) -> Result<Vec<(CommitId, ReleaseTag)>> {
        Ok(self.release_tags(format, which)?.named)
    }

    /// The time of a release tag, in seconds since 1970. `None` if the tag names no commit.
    pub fn tag_time(&self, tag: &str) -> Result<Option<i64>> {
        Ok(self.tagging(tag)?.map(|tagging| tagging.time))
    }

    /// The time and message of a release tag. `None` if the tag names no commit.
    pub fn tagging(&self, tag: &str) -> Result<Option<Tagging>> {
        let reference = self.named_by(&RefName::tag(tag))?;
        let Some(commit) = self.peeled(&reference)? else {
            return Ok(None);
        };
        // packed-refs may name any object.
        let odb = self.git.odb()?;
        let kind = found(odb.read_header(oid(commit)))?.map(|(_, kind)| kind);
        if kind != Some(ObjectType::Commit) {
            return Ok(None);
        }
        let commit = self.commit_object(commit)?;
        let object = self.annotation(&reference)?.unwrap_or_default();
        let (headers, message) = parts(&object);
        let tagger = header(headers, b"tagger ");
        let tagger = tagger.and_then(|value| Some((seconds(value)?, zone(value))));
        let (time, zone) = tagger.unwrap_or((commit.link.time, commit.zone()));
        Ok(Some(Tagging {
            time,
            day: clock::day_in(time, zone),
            message: unsigned(&String::from_utf8_lossy(message)).to_owned(),
            title: commit.title(),
        }))
    }

    /// The object of an annotated tag as stored (gitformat-object: headers, a blank line, the message). `None` for a lightweight tag.
    fn annotation(&self, reference: &NamedObject) -> Result<Option<Vec<u8>>> {
        let Some(id) = reference.target else {
            return Ok(None);
        };
        let odb = self.git.odb()?;
        let object = found(odb.read(id))?;
        let tag = object.filter(|object| object.kind() == ObjectType::Tag);
        Ok(tag.map(|tag| tag.data().to_vec()))
    }

    /// The commit that a tag names, also through other tags. Only the first line of those is read: git accepts a tag regardless of its
    /// other headers, libgit2 does not.
    pub(super) fn peeled(&self, reference: &NamedObject) -> Result<Option<CommitId>> {
        if let Some(known) = reference.peeled {
            return commit_id(known).map(Some);
        }
        let mut next = reference.target;
        let odb = self.git.odb()?;
        while let Some(id) = next {
            let Some(object) = found(odb.read(id))? else {
                return Ok(None);
            };
            next = match object.kind() {
                ObjectType::Commit => return commit_id(id).map(Some),
                ObjectType::Tag => target(object.data()),
                _ => None,
            };
        }
        Ok(None)
    }

    /// The tag names of a format.
    pub fn tag_names(&self, format: &TagFormat) -> Result<TagNames> {
        let mut names = TagNames::new(format);
        self.each_tag(|name, _| {
            if let Some(version) = format.version(name) {
                names.add(name, version);
            }
            Ok(())
        })?;
        Ok(names)
    }

    /// Every version that a tag names, including pre-releases and versions of other branches.
    pub fn tagged_versions(&self, format: &TagFormat) -> Result<Vec<Version>> {
        let mut versions = Vec::new();
        self.each_tag(|name, _| {
            versions.extend(format.version(name));
            Ok(())
        })?;
        Ok(versions)
    }

    fn each_tag(
        &self,
        mut look: impl FnMut(&str, &dyn Fn() -> Result<Option<CommitId>>) -> Result<()>,
    ) -> Result<()> {
        let tags = RefName::tag("");
        self.refs.each(&self.git, &tags, |name, reference| {
            let name = name.strip_prefix(&*tags).unwrap_or(name);
            look(name, &|| self.peeled(reference))
        })
    }

    /// A fingerprint that changes whenever a tag of this format may have been created, deleted or moved: size and time of packed-refs, and
    /// time of the directory of loose tags, in which every write of git renames a lock file. If references are not files, the tags
    /// themselves.
    pub fn tags_fingerprint(&self, format: &TagFormat) -> Result<String> {
        let mut all = if self.refs.are_files() {
            files::fingerprint(&self.common_dir.join("packed-refs"))
        } else {
            let mut tags = String::new();
            for beginning in [&*RefName::tag(""), "refs/replace/"] {
                self.refs.each(&self.git, beginning, |name, reference| {
                    let _ = writeln!(tags, "{name} {:?}", reference.target);
                    Ok(())
                })?;
            }
            files::digest(tags.as_bytes())
        };
        // Other files that determine which commits a history has (git-replace, gitrepository-layout: shallow).
        for place in ["shallow", "refs/replace"] {
            let fingerprint = files::fingerprint(&files::at(&self.common_dir, place));
            if !fingerprint.is_empty() {
                all.push_str(&format!(" {place} {fingerprint}"));
            }
        }
        for folder in format.folders() {
            let folder = files::at(&self.common_dir, &RefName::tag(folder));
            all.push(' ');
            all.push_str(&files::fingerprint(&folder));
        }
        Ok(all)
    }

    /// Every branch with its commit: local ones (`refs/heads/main`) and those of remotes as last fetched (`refs/remotes/origin/main`).
    pub fn branches(&self) -> Result<Vec<(String, CommitId)>> {
        let mut branches = Vec::new();
        for beginning in [&*RefName::branch(""), "refs/remotes/"] {
            self.refs.each(&self.git, beginning, |name, reference| {
                let commit = self.peeled(reference)?;
                branches.extend(commit.map(|commit| (name.to_owned(), commit)));
                Ok(())
            })?;
        }
        Ok(branches)
    }

    /// The message of an annotated tag, without a signature. Empty for a lightweight tag.
    pub fn tag_message(&self, tag: &str) -> Result<String> {
        let name = RefName::tag(tag);
        let args = ["for-each-ref", "--format=%(contents:body)", &name];
        git_command::git(&self.root, &args, "")
    }

    /// Every tag with the commit that it names.
    pub fn tags(&self) -> Result<Vec<(String, CommitId)>> {
        let mut tags = Vec::new();
        self.each_tag(|name, commit| {
            tags.extend(commit()?.map(|id| (name.to_owned(), id)));
            Ok(())
        })?;
        Ok(tags)
    }

    /// The names of all tags.
    pub fn tag_list(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        self.each_tag(|name, _| {
            names.push(name.to_owned());
            Ok(())
        })?;
        Ok(names)
    }

    /// The tags that have any of these commits in their history.
    pub fn tags_containing(&self, commits: &[CommitId]) -> Result<Vec<String>> {
        /// Number of arguments that fit into a command line on every system.
        const FEW: usize = 400;
        let mut found = Vec::new();
        for some in commits.chunks(FEW) {
            let contains = some.iter().map(|id| format!("--contains={id}"));
            let contains: Vec<String> = contains.collect();
            let mut args = vec!["for-each-ref", "--format=%(refname)"];
            args.extend(contains.iter().map(String::as_str));
            args.push("refs/tags");
            let list = git_command::git(&self.root, &args, "")?;
            let tags = list.lines().filter_map(ref_name::tag_of);
            found.extend(tags.map(str::to_owned));
        }
        Ok(found)
    }

    /// The base commit of a release that was merged as another commit: the trailer `Release-Base` of its tag.
    pub fn release_base(&self, tag: &str) -> Result<Option<CommitId>> {
        let Some(base) = self.trailers(tag, RELEASE_BASE)?.pop() else {
            return Ok(None);
        };
        let at = self.resolved(&RefName::tag(tag));
        // A base that is not in the tag's history is ignored: it does not determine what the release contains.
        match (self.resolved(&base), at) {
            (Some(base), Some(at)) if self.contains(at, base)? => Ok(Some(base)),
            _ => Ok(None),
        }
    }

    /// The values of the trailers of an annotated tag that begin with `key`. A lightweight tag has none.
    pub fn trailers(&self, tag: &str, key: &str) -> Result<Vec<String>> {
        let reference = self.named_by(&RefName::tag(tag))?;
        let Some(object) = self.annotation(&reference)? else {
            return Ok(Vec::new());
        };
        let message = String::from_utf8_lossy(parts(&object).1).into_owned();
        let said = message.lines().filter_map(|line| line.strip_prefix(key));
        Ok(said.map(|words| words.trim().to_owned()).collect())
    }

    /// The first line of the message of an annotated tag.
    pub fn tag_subject(&self, tag: &str) -> Result<String> {
        let name = RefName::tag(tag);
        git_command::git(
            &self.root,
            &["for-each-ref", "--format=%(contents:subject)", &name],
            "",
        )
    }

    /// The working tree in which a branch is checked out.
    pub fn checked_out(&self, branch: &str) -> Result<Option<PathBuf>> {
        let name = RefName::branch(branch);
        let mut listed = self.listed_worktrees()?.into_iter();
        Ok(listed
            .find(|(_, its)| **its == *name)
            .map(|(place, _)| place))
    }

    /// The object that a reference names, not peeled.
    pub fn reference(&self, name: &RefName) -> Result<Option<String>> {
        let found = self.refs.find(&self.git, name)?;
        Ok(found.and_then(|it| it.target).map(|id| id.to_string()))
    }

    fn named_by(&self, name: &RefName) -> Result<NamedObject> {
        let found = self.refs.find(&self.git, name)?;
        found.ok_or_else(|| Failure::failed(format!("git: there is no reference {name}")))
    }

    /// A reference that prevents the creation of this one: `refs/heads/release` and `refs/heads/release/v1` cannot both exist.
    pub fn obstacle(&self, name: &RefName) -> Result<Option<RefName>> {
        let ancestors = name.match_indices('/').map(|(at, _)| &name[..at]);
        for above in ancestors.filter(|above| above.matches('/').count() > 1) {
            let above = RefName::full(above);
            if self.reference(&above)?.is_some() {
                return Ok(Some(above));
            }
        }
        let mut below = None;
        self.refs.each(&self.git, &format!("{name}/"), |name, _| {
            below.get_or_insert_with(|| RefName::full(name));
            Ok(())
        })?;
        Ok(below)
    }

    /// The short name of a reference for commands: without `refs/tags/` or `refs/heads/`, unless another reference or a file also has that
    /// name (gitrevisions(7)).
    pub fn short_name(&self, name: &RefName) -> String {
        let short = name.as_tag().or(ref_name::branch_of(name));
        let Some(short) = short else {
            return name.to_string();
        };
        let places = [
            short.to_owned(),
            format!("refs/{short}"),
            RefName::tag(short).to_string(),
            RefName::branch(short).to_string(),
            format!("refs/remotes/{short}"),
            format!("refs/remotes/{short}/HEAD"),
        ];
        let is_other = |place: &String| {
            **place != **name && matches!(self.refs.find(&self.git, place), Ok(Some(_)))
        };
        if places.iter().any(is_other) || files::exists(&files::at(&self.root, short)) {
            return name.to_string();
        }
        short.to_owned()
    }

    /// [`Repo::short_name`] of each tag, separated by spaces.
    pub fn short_tags(&self, tags: &[String]) -> String {
        let names = tags.iter().map(|tag| self.short_name(&RefName::tag(tag)));
        names.collect::<Vec<_>>().join(" ")
    }

    /// Updates references in one transaction: all of them or none. A git that outlives us keeps the lock until it is done.
    pub fn transaction(&self, held: &WriteLock, reason: &str, changes: &[RefChange]) -> Result<()> {
        let lines: Vec<String> = changes.iter().map(RefChange::line).collect();
        let input = format!("start\n{}\nprepare\ncommit\n", lines.join("\n"));
        let args = ["update-ref", "-m", reason, "--stdin"];
        git_command::git_holding(&self.root, &args, Some(&input), held.lock())
            .map(drop)
            .map_err(|error| self.with_lock(error).with_exit(Exit::Stale))
    }

    /// Adds the lock of the tables to an error: git names the lock of a file that it cannot take, but not that of tables.
    fn with_lock(&self, error: Failure) -> Failure {
        let lock = self.common_dir.join(format!("{REF_TABLES}.lock"));
        if !files::exists(&lock) {
            return error;
        }
        let lock = lock.display();
        error.with_remedy(format!(
            "wait for the git process that has {lock}; if there is none, remove that file"
        ))
    }
}

/// The object that an annotated tag names, by its first line.
fn target(tag: &[u8]) -> Option<Oid> {
    let hex = byte_lines(tag).next()?.strip_prefix(b"object ")?;
    object_id(std::str::from_utf8(hex).ok()?).ok()
}
