//! The reasons why changes are not entries of their own.
//!
//! A reason is never compared as text: `Display` is for users and for JSON, [`Reason::summary`] for counts.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::domain::commit::bookkeeping::Bookkeeping;
use crate::domain::commit::id::CommitId;
use crate::domain::release::selection::Wait;
use crate::domain::spec::ownership::OwnedBy;

/// The reason why a change is not an entry of its own. Specs are named by their IDs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A hand-written entry names it.
    HandWritten,
    /// A `relwatch:skip` comment names it.
    SkippedByHand,

    /// The entries of a spec replace it; the rule by which it belongs to the spec, if neither names the other.
    CommitOfSpec(String, Option<OwnedBy>),
    /// It belongs to a spec that prepares a release.
    CommitOfReleaseSpec,
    /// The entry of an older commit of the same spec replaces it.
    SameSpec(CommitId),
    /// The fragment that came with its commits replaces it.
    Fragment(String),
    /// The notes of the spec that drives it replace it.
    Driver(String),
    /// The entry of a merge replaces that of a commit which it brought.
    Merge(CommitId),
    /// The commits that a merge brought replace its own title.
    BroughtCommits,
    /// The list in a commit's body replaces its title.
    ListInBody,
    /// The trailer of a commit replaces what its body lists.
    TrailerOfCommit,
    /// The title of a squash merge replaces what its body lists.
    TitleOfSquash,
    /// Another commit is the same change.
    SameChange(CommitId, Twin),
    /// The previous release has the change as another commit; with its tag.
    InRelease(CommitId, Option<String>),
    /// The previous release has the commit itself; with its tag.
    Released(Option<String>),

    /// A commit undid it before it was released.
    RevertedBy(CommitId),
    /// It undoes a commit that was not released.
    RevertsUnreleased,

    /// The spec itself is cancelled.
    Cancelled,
    /// The spec of the commit is cancelled.
    SpecCancelled(String),
    /// The spec is completed, the one that drives it is not.
    MemberOfOpen(String),
    /// The spec was completed in an earlier release.
    SpecReleased,
    /// The spec prepares a release.
    PreparesRelease,
    /// The spec is kept for a later release.
    Waits(Wait),
    /// The spec itself excludes its change from the changelog.
    NothingToTell,
    /// The members of the spec are listed.
    MembersListed,

    /// The commit has no message.
    NoMessage,
    /// The message has no text left.
    SaysNothing,
    /// The commit is a fixup.
    Fixup,
    /// The commit's `Changelog:` trailer is `skip`.
    ChangelogSkip,
    /// A label of its pull request excludes it.
    LabelHides,
    /// A merge that brought the commit has the trailer `Changelog: skip`.
    MergeChangelogSkip(CommitId),
    /// The commit's `Release-Note:` trailer is `none`.
    ReleaseNoteNone,
    /// The title names no change: the commit cuts a release, writes the changelog, or is noise such as `wip`.
    Bookkeeping(Bookkeeping),
    /// The commit reverts one that cut a release.
    RevertsRelease,
    /// A spec tool made the commit for itself.
    SpecBookkeeping,
    /// The commit writes the changelog and nothing else.
    ChangelogOnly,
    /// The commit changes specs and nothing else.
    SpecsOnly,
    /// The project lists its changes in fragments, and the commit has none.
    NoFragment,
    /// The message follows no convention, and the configuration excludes such messages.
    Unconventional,

    /// No category lists this commit type.
    TypeNotListed(String),
    /// No category lists this kind of change.
    KindNotListed(&'static str),
    /// The configuration hides this commit type.
    TypeHidden(String),
    /// The configuration hides the kind of a spec.
    KindHidden,

    /// `only` does not list its scope.
    OtherScope(String),
    /// `only` does not list its author.
    OtherAuthor,
    /// `only` lists none of its paths.
    OtherPaths,
    /// `ignore` lists its scope.
    IgnoredScope(String),
    /// `ignore` lists its author.
    IgnoredAuthor,
    /// `ignore` lists all of its paths.
    IgnoredPaths,

    /// It does not belong to this component.
    NotOf(String),
    /// It belongs to no component at all.
    NoComponent,
}

/// The way in which two commits are the same change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// This one was picked from the other.
    CherryPicked,
    /// Both have the same author, author date and subject.
    OnAnotherBranch,
}

impl Reason {
    /// Whether the reason is a hand-written line or comment.
    pub fn is_by_hand(&self) -> bool {
        matches!(self, Reason::HandWritten | Reason::SkippedByHand)
    }

    /// The heading under which `status` counts changes with this reason. It names no single commit or spec.
    pub fn summary(&self) -> String {
        let heading = match self {
            Reason::Cancelled | Reason::SpecCancelled(_) => "cancelled specs and their commits",
            Reason::CommitOfSpec(_, None) => "commits of a completed spec",
            Reason::CommitOfSpec(_, Some(rule)) => {
                return format!("commits of a completed spec, {rule}");
            }
            Reason::CommitOfReleaseSpec => "commits of a release spec",
            Reason::SameSpec(_) => "further commits of one spec",
            Reason::Fragment(_) => "specs with a fragment of their own",
            Reason::Driver(_) => "members of a spec that is listed",
            Reason::Merge(_) => "commits of a merge that is listed",
            Reason::MergeChangelogSkip(_) => "commits of a merge that says `Changelog: skip`",
            Reason::BroughtCommits => "merges of commits that are listed",
            Reason::RevertedBy(_) => "reverted before they were released",
            Reason::SameChange(..) => "cherry-picks of another entry",
            Reason::InRelease(_, tag) => return in_release(tag.as_deref()),
            other => return other.to_string(),
        };
        heading.to_owned()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Reason::HandWritten => "a hand-written line",
            Reason::SkippedByHand => "skipped by hand",
            Reason::CommitOfSpec(id, None) => return write!(f, "spec {id}"),
            Reason::CommitOfSpec(id, Some(rule)) => return write!(f, "spec {id}, {rule}"),
            Reason::CommitOfReleaseSpec => "a release spec",
            Reason::SameSpec(first) => return write!(f, "{}, the same spec", first.short()),
            Reason::Fragment(id) => return write!(f, "fragment {id}, of the same commits"),
            Reason::Driver(id) => return write!(f, "its driver {id}"),
            Reason::Merge(merge) => return write!(f, "merge {}", merge.short()),
            Reason::BroughtCommits => "the commits that it brought",
            Reason::ListInBody => "the list in its body",
            Reason::TrailerOfCommit => "the trailer of its commit",
            Reason::TitleOfSquash => "the title of its squash merge",
            Reason::SameChange(other, how) => return f.write_str(&same_change(*other, *how)),
            Reason::InRelease(other, tag) => return f.write_str(&also_in(tag.as_deref(), *other)),
            Reason::Released(tag) => return f.write_str(&released_in(tag.as_deref())),
            Reason::RevertedBy(revert) => return write!(f, "reverted by {}", revert.short()),
            Reason::RevertsUnreleased => "reverts a change that is not released",
            Reason::Cancelled => "cancelled",
            Reason::SpecCancelled(id) => return write!(f, "spec {id} is cancelled"),
            Reason::MemberOfOpen(id) => return f.write_str(&member_of_open(id)),
            Reason::SpecReleased => "completed in an earlier release",
            Reason::PreparesRelease => "prepares a release",
            Reason::Waits(wait) => return wait.fmt(f),
            Reason::NothingToTell => "declares that it needs no entry",
            Reason::MembersListed => "its members have entries of their own",
            Reason::NoMessage => "has no message",
            Reason::SaysNothing => "its message says nothing",
            Reason::Fixup => "a fixup that a rebase will fold",
            Reason::ChangelogSkip => "says `Changelog: skip`",
            Reason::LabelHides => "a label of its pull request hides it",
            Reason::MergeChangelogSkip(merge) => return f.write_str(&skipped_by(*merge)),
            Reason::ReleaseNoteNone => "says `Release-Note: none`",
            Reason::Bookkeeping(what) => return what.fmt(f),
            Reason::RevertsRelease => "takes a release back",
            Reason::SpecBookkeeping => "bookkeeping of a spec tool",
            Reason::ChangelogOnly => "changes the changelog alone",
            Reason::SpecsOnly => "changes specs alone",
            Reason::NoFragment => "has no fragment",
            Reason::Unconventional => "not a conventional message",
            Reason::TypeNotListed(word) => return write!(f, "`{word}` is not listed"),
            Reason::KindNotListed(word) => return write!(f, "{word} changes are not listed"),
            Reason::TypeHidden(word) => return f.write_str(&hidden(word)),
            Reason::KindHidden => "its kind is hidden by the configuration",
            Reason::OtherScope(scope) => {
                return write!(f, "its scope `{scope}` is not among those that count");
            }
            Reason::OtherAuthor => "its author is not among those that count",
            Reason::OtherPaths => "it touches no path that counts",
            Reason::IgnoredScope(scope) => return write!(f, "scope `{scope}` is ignored"),
            Reason::IgnoredAuthor => "its author is ignored",
            Reason::IgnoredPaths => "it touches nothing but ignored paths",
            Reason::NotOf(component) => return write!(f, "not of {component}"),
            Reason::NoComponent => "belongs to no component",
        };
        f.write_str(words)
    }
}

fn hidden(word: &str) -> String {
    format!("`{word}` is hidden by the configuration")
}

fn in_release(tag: Option<&str>) -> String {
    format!("also in {}", release(tag))
}

fn released_in(tag: Option<&str>) -> String {
    format!("released in {}", release(tag))
}

fn release(tag: Option<&str>) -> &str {
    tag.unwrap_or("an earlier release")
}

fn member_of_open(driver: &str) -> String {
    format!("a member of {driver}, which is not completed")
}

fn skipped_by(merge: CommitId) -> String {
    format!("merge {} says `Changelog: skip`", merge.short())
}

fn same_change(other: CommitId, how: Twin) -> String {
    format!("the same change as {}, {how}", other.short())
}

fn also_in(tag: Option<&str>, other: CommitId) -> String {
    format!("{}, as {}", in_release(tag), other.short())
}

impl fmt::Display for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Twin::CherryPicked => "cherry-picked",
            Twin::OnAnotherBranch => "on another branch",
        })
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
